//! Lists of several scopes: by reasons, indirect ones, and what a grace covers of them.

use tongxing_pki::{
    Certificate, Crl, Finality, Level, RevocationOptions, RevocationOutcome, RevocationStatus,
    Timestamp, codes,
};
use tongxing_testdata::{
    Attribute, CrlSpec, Extension, Hierarchy, Issued, LeafSpec, RevocationReason as Reason,
    RevokedEntry, StringKind, Value, name_der, oid,
};

use crate::party::{DAY, HOUR, NOW, certify, hierarchy, parse, validity};
use crate::revocation::{Scene, current, is_good, is_unknown};

/// keyCompromise and cACompromise.
const KEYS: [u8; 3] = [0x03, 0x02, 0x05];
/// Everything else, aACompromise too.
const OTHERS: [u8; 3] = [0x03, 0x03, 0x07];

/// The BIT STRING of ReasonFlags that begins so.
fn flags(opening: [u8; 3], bits: &[u8]) -> Value {
    Value::Raw([&opening, bits].concat())
}

/// issuingDistributionPoint with onlySomeReasons.
fn only(reasons: Value) -> Extension {
    Extension::new("2.5.29.28", Value::Sequence(vec![reasons.implicit(3)])).critical()
}

fn of_keys(mut spec: CrlSpec) -> CrlSpec {
    spec.extensions.push(only(flags(KEYS, &[0x60])));
    spec
}

fn of_others(mut spec: CrlSpec) -> CrlSpec {
    spec.extensions.push(only(flags(OTHERS, &[0x1f, 0x80])));
    spec
}

fn delta(mut spec: CrlSpec, base: u8) -> CrlSpec {
    let indicator = Value::Raw(vec![0x02, 0x01, base]);
    spec.extensions.push(Extension::new("2.5.29.27", indicator).critical());
    spec
}

/// Overdue by an hour.
fn overdue(number: u64, made: i64) -> CrlSpec {
    CrlSpec::empty(number, made, NOW - HOUR)
}

fn with_grace(scene: &Scene, lists: Vec<Crl>) -> RevocationOutcome {
    let mut options = RevocationOptions::new(Timestamp::from_unix(NOW));
    options.grace_seconds = 2 * HOUR;
    scene.check_with(&options, lists)
}

/// Good, and by grace alone.
#[track_caller]
fn is_good_by_grace(outcome: &RevocationOutcome) {
    let status = &outcome.statuses[0];
    let RevocationStatus::Good { overdue: Some(overdue), .. } = status else {
        panic!("{status:?}");
    };
    assert_eq!(overdue.next_update().map(Timestamp::unix), Some(NOW - HOUR));
    assert!(outcome.report.contains(&codes::LIST_IN_GRACE, Level::Warning));
}

#[test]
fn lists_by_reason_clear_only_together() {
    let mut scene = Scene::new();
    let keys = scene.list("root", &of_keys(current(1)));
    let others = scene.list("root", &of_others(current(1)));
    for alone in [&keys, &others] {
        let status = scene.status_now(vec![alone.clone()]);
        assert!(is_unknown(&status, &codes::REASONS_MISSING), "{status:?}");
    }
    let status = scene.status_now(vec![keys.clone(), others.clone()]);
    assert!(is_good(&status, Finality::Provisional), "{status:?}");
    // Either revokes alone, and with the other.
    let entry = scene.entry(NOW - 2 * HOUR, Reason::Superseded);
    let revoking = scene.list("root", &of_others(current(2).revoking(entry)));
    for lists in [vec![revoking.clone()], vec![keys, others, revoking]] {
        assert!(matches!(scene.status_now(lists), RevocationStatus::Revoked(_)));
    }
    // A part that is overdue leaves its reasons open.
    let keys = scene.list("root", &of_keys(current(3)));
    let late = scene.list("root", &of_others(overdue(3, NOW - DAY)));
    let status = scene.status_now(vec![keys, late]);
    assert!(is_unknown(&status, &codes::LIST_STALE), "{status:?}");
}

#[test]
fn a_delta_does_not_hide_that_its_list_is_overdue() {
    let mut scene = Scene::new();
    let base = scene.list("root", &overdue(5, NOW - DAY));
    let delta = scene.list("root", &delta(current(6), 5));
    is_good_by_grace(&with_grace(&scene, vec![base.clone()]));
    is_good_by_grace(&with_grace(&scene, vec![base.clone(), delta.clone()]));
    // And without a grace it serves no more.
    let status = scene.status_now(vec![base, delta]);
    assert!(is_unknown(&status, &codes::LIST_STALE), "{status:?}");
}

#[test]
fn an_older_part_does_not_hide_that_another_is_overdue() {
    let mut scene = Scene::new();
    let late = scene.list("root", &of_keys(overdue(1, NOW - 2 * HOUR)));
    let older = scene.list("root", &of_others(CrlSpec::empty(1, NOW - DAY, NOW + DAY)));
    let outcome = with_grace(&scene, vec![late, older.clone()]);
    is_good_by_grace(&outcome);
    let RevocationStatus::Good { evidence, .. } = &outcome.statuses[0] else { unreachable!() };
    assert_eq!(evidence.sha256(), older.sha256(), "the oldest says it");
}

#[test]
fn a_signers_own_status_by_grace_is_a_grace() {
    let mut parties = hierarchy();
    let root = certify(&mut parties, "root", "root");
    // Another key under the root's name signs the lists, and its status is told by the
    // root's own.
    parties.alias("lister", "root");
    let lister = certify(&mut parties, "root", "lister");
    let held = crate::party::issued(&mut parties, "root");
    let mut scene = Scene::of(parties, held, vec![root], vec![lister]);
    let point = |spec: CrlSpec, kind: u8| {
        let only = Value::Raw(vec![0x01, 0x01, 0xff]).implicit(kind);
        let point = Extension::new("2.5.29.28", Value::Sequence(vec![only])).critical();
        CrlSpec { extensions: vec![point], ..spec }
    };
    let (of_users, of_authorities) = (1, 2);
    let users = scene.list("lister", &point(current(1), of_users));
    let fresh = scene.list("root", &point(current(1), of_authorities));
    let late = scene.list("root", &point(overdue(1, NOW - DAY), of_authorities));
    let outcome = with_grace(&scene, vec![users.clone(), fresh]);
    let status = &outcome.statuses[0];
    assert!(matches!(status, RevocationStatus::Good { overdue: None, .. }), "{status:?}");
    is_good_by_grace(&with_grace(&scene, vec![users, late]));
}

/// An authority that lets another, `lister`, list what it revoked.
struct Indirect {
    scene: Scene,
    root_name: Vec<u8>,
}

const LIST_URL: &str = "http://lists.example.cn/all.crl";

fn url() -> Value {
    let uri = Value::Text(StringKind::Ia5, LIST_URL.to_owned()).implicit(6);
    Value::Sequence(vec![uri]).implicit(0).explicit(0)
}

impl Indirect {
    fn new() -> Self {
        let mut parties = hierarchy();
        let root = certify(&mut parties, "root", "root");
        let lister = certify(&mut parties, "root", "lister");
        let held = Self::held(&mut parties, &lister);
        let root_name = root.subject().der().to_vec();
        Self { scene: Scene::of(parties, held, vec![root], vec![lister]), root_name }
    }

    /// A leaf of the root whose distribution point names the lister (RFC 5280 4.2.1.13).
    fn held(parties: &mut Hierarchy, lister: &Certificate) -> Issued {
        let name = Value::Raw(lister.subject().der().to_vec()).explicit(4);
        let issuer = Value::Sequence(vec![name]).implicit(2);
        let points = Value::Sequence(vec![Value::Sequence(vec![url(), issuer])]);
        let subject = vec![Attribute::utf8(oid::COMMON_NAME, "held")];
        let spec = LeafSpec::signing(subject, validity())
            .with_extension(Extension::new("2.5.29.31", points));
        parties.leaf_as("root", &spec).expect("a leaf")
    }

    /// issuingDistributionPoint with the address; indirect, or not.
    fn list(&mut self, spec: CrlSpec, indirect: bool) -> Crl {
        let mut point = vec![url()];
        if indirect {
            point.push(Value::Raw(vec![0x01, 0x01, 0xff]).implicit(4));
        }
        let point = Extension::new("2.5.29.28", Value::Sequence(point)).critical();
        self.scene.list("lister", &CrlSpec { extensions: vec![point], ..spec })
    }

    /// The lister's own status: the root tells it.
    fn of_root(&mut self) -> Crl {
        self.scene.list("root", &current(1))
    }

    fn entry(&self, issuer: &[u8]) -> RevokedEntry {
        self.scene.entry(NOW - 2 * HOUR, Reason::KeyCompromise).issued_by(issuer)
    }

    fn status(&self, lists: Vec<Crl>) -> RevocationStatus {
        self.scene.status_now(lists)
    }
}

#[test]
fn an_indirect_list_tells_of_those_that_name_its_issuer() {
    let mut world = Indirect::new();
    let of_root = world.of_root();
    let empty = world.list(current(7), true);
    let status = world.status(vec![empty.clone(), of_root.clone()]);
    let RevocationStatus::Good { evidence, .. } = &status else { panic!("{status:?}") };
    assert_eq!(evidence.method(), "crl");
    // The entry names whose certificate it is about.
    let entry = world.entry(&world.root_name.clone());
    let revoking = world.list(current(7).revoking(entry), true);
    let status = world.status(vec![revoking.clone(), of_root.clone()]);
    let RevocationStatus::Revoked(revocation) = &status else { panic!("{status:?}") };
    assert_eq!(revocation.evidence.sha256(), revoking.sha256());
}

#[test]
fn an_entry_for_another_issuer_or_none_is_not_about_it() {
    let mut world = Indirect::new();
    let of_root = world.of_root();
    let stranger = name_der(&[Attribute::utf8(oid::COMMON_NAME, "a stranger")]).expect("a name");
    let of_stranger = world.entry(&stranger);
    // Without a name it is the list issuer's own (RFC 5280 5.3.3).
    let of_lister = world.scene.entry(NOW - 2 * HOUR, Reason::KeyCompromise);
    for entry in [of_stranger.clone(), of_lister.clone()] {
        let list = world.list(current(7).revoking(entry), true);
        let status = world.status(vec![list, of_root.clone()]);
        assert!(is_good(&status, Finality::Provisional), "{status:?}");
    }
    // The last name holds for the entries behind it, until another one stands there.
    let root_name = world.root_name.clone();
    let first = RevokedEntry { serial: vec![9], ..world.entry(&root_name) };
    let list = world.list(current(8).revoking(first.clone()).revoking(of_lister.clone()), true);
    let status = world.status(vec![list, of_root.clone()]);
    assert!(matches!(status, RevocationStatus::Revoked(_)), "{status:?}");
    let between = RevokedEntry { serial: vec![8], ..of_stranger };
    let spec = current(9).revoking(first).revoking(between).revoking(of_lister);
    let list = world.list(spec, true);
    let status = world.status(vec![list, of_root]);
    assert!(is_good(&status, Finality::Provisional), "{status:?}");
}

#[test]
fn a_list_that_does_not_say_that_it_is_indirect_is_not() {
    let mut world = Indirect::new();
    let of_root = world.of_root();
    let entry = world.entry(&world.root_name.clone());
    let direct = world.list(current(7).revoking(entry), false);
    // What the root itself lists counts beside; alone the other one says nothing.
    let status = world.status(vec![direct.clone()]);
    assert!(matches!(status, RevocationStatus::Unknown { .. }), "{status:?}");
    let status = world.status(vec![direct, of_root.clone()]);
    let RevocationStatus::Good { evidence, .. } = &status else { panic!("{status:?}") };
    assert_eq!(evidence.sha256(), of_root.sha256());
}

#[test]
fn nobody_else_lists_in_the_listers_name() {
    let mut world = Indirect::new();
    world.scene.parties.alias("impostor", "lister");
    let point = Value::Sequence(vec![url(), Value::Raw(vec![0x01, 0x01, 0xff]).implicit(4)]);
    let point = Extension::new("2.5.29.28", point).critical();
    let entry = world.entry(&world.root_name.clone());
    let spec = CrlSpec { extensions: vec![point], ..current(7).revoking(entry) };
    let list = world.scene.list("impostor", &spec);
    let status = world.status(vec![list]);
    assert!(is_unknown(&status, &codes::LIST_SIGNATURE), "{status:?}");
}

#[test]
fn a_generated_leaf_names_the_lister() {
    let world = Indirect::new();
    let leaf = parse(&world.scene.issued.certificate_der);
    assert_eq!(leaf.crl_distribution_points()[0].crl_issuer().len(), 1);
}
