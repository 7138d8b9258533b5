//! What policies read from certificates, wherever their authorities put it.

use std::sync::{Arc, LazyLock};

use tongxing_pki::Certificate;
use tongxing_pki::Timestamp;
use tongxing_testdata::{
    Attribute, Extension, Key, KeyAlgorithm, LeafSpec, Profile, TestAuthority, Validity, Value,
};
use tongxing_trust_store::{AuthorityPolicy, Disclosure, Identification};

use crate::policy::the_province;

const NOW: i64 = 1_780_000_000;

/// The shipped policies, each with what it is of.
const POLICIES: [(&str, &str); 10] = [
    ("bjca.toml", include_str!("../../../policies/bjca.toml")),
    ("cfca.toml", include_str!("../../../policies/cfca.toml")),
    ("fujian.toml", include_str!("../../../policies/fujian.toml")),
    ("gdca.toml", include_str!("../../../policies/gdca.toml")),
    ("gmt0015-generic.toml", include_str!("../../../policies/gmt0015-generic.toml")),
    ("hebei.toml", include_str!("../../../policies/hebei.toml")),
    ("netca.toml", include_str!("../../../policies/netca.toml")),
    ("sheca.toml", include_str!("../../../policies/sheca.toml")),
    ("zhejiang.toml", include_str!("../../../policies/zhejiang.toml")),
    ("ca-c.toml", include_str!("../../../testdata/policies/ca-c.toml")),
];

/// Shorter values are shown in other places too: years, counts.
const TELLING: usize = 8;

struct World {
    authority: TestAuthority,
    key: Arc<Key>,
    policies: Vec<(AuthorityPolicy, Vec<&'static str>)>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let spec = Profile::C.authority(Validity::decade_around(NOW));
    let policy = |(name, source): &(&str, &'static str)| {
        let policy = AuthorityPolicy::parse(name, source).expect("a shipped policy");
        (policy, extensions_of(source))
    };
    World {
        authority: TestAuthority::generate(&spec).expect("an authority"),
        key: Arc::new(Key::generate(KeyAlgorithm::EcdsaP256).expect("a key")),
        policies: POLICIES.iter().map(policy).collect(),
    }
});

/// The extensions that a policy reads.
fn extensions_of(source: &'static str) -> Vec<&'static str> {
    let named = source.split("extension = \"").skip(1);
    let mut oids: Vec<&str> = named.filter_map(|rest| rest.split('"').next()).collect();
    oids.sort_unstable();
    oids.dedup();
    oids
}

/// An octet that chooses a policy, one that chooses a place where that policy looks, and
/// what stands there: judged twice alike, and nothing personal in what could be logged.
pub fn identity(bytes: &[u8]) {
    let [policy, place, value @ ..] = bytes else { return };
    let world = &*WORLD;
    let (policy, places) = &world.policies[usize::from(*policy) % world.policies.len()];
    let Some(certificate) = certificate(world, places, usize::from(*place), value) else { return };
    let identify = || policy.identify(the_province(), &certificate);
    let (one, other) = (identify(), identify());
    assert_eq!(one.findings(), other.findings());
    assert_eq!(one.identity(), other.identity());
    assert!(!one.findings().is_empty());
    let now = Timestamp::from_unix(NOW);
    let explained = policy.explain(the_province(), &certificate, now, Disclosure::Veiled);
    assert_eq!(explained.is_identified(), one.identity().is_some());
    keeps_to_itself(&one);
}

/// A certificate with the value in one of the policy's extensions, or behind the last of
/// them in the subject.
fn certificate(world: &World, places: &[&str], place: usize, value: &[u8]) -> Option<Certificate> {
    let validity = Validity::year_from(NOW - 3_600);
    let name = "通行测试建筑有限公司";
    let of = |subject| LeafSpec::signing(subject, validity).with_key(Arc::clone(&world.key));
    let leaf = if let Some(oid) = places.get(place % (places.len() + 1)) {
        let subject = vec![Attribute::utf8("2.5.4.3", name)];
        of(subject).with_extension(Extension::new(*oid, Value::Raw(value.to_vec())))
    } else {
        let text = std::str::from_utf8(value).ok()?;
        of(vec![Attribute::utf8("2.5.4.3", text), Attribute::utf8("2.5.4.10", name)])
    };
    let issued = world.authority.issue(&leaf).ok()?;
    Certificate::parse(&issued.certificate_der).ok()
}

fn keeps_to_itself(read: &Identification) {
    let Some(identity) = read.identity() else { return };
    let Some(holder) = identity.holder.as_ref().and_then(|holder| holder.id.as_ref()) else {
        return;
    };
    let id = holder.value.reveal();
    let public = |text: &str| text.contains(id);
    let also_public = !identity.entity.is_natural_person()
        && (public(identity.entity.value.reveal())
            || identity.entity.name.as_ref().is_some_and(|name| public(name.reveal())));
    assert!(
        id.len() < TELLING || also_public || !format!("{read:?}").contains(id),
        "a log could have it"
    );
}
