//! A province with its authorities.

use std::sync::Arc;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongxing_pki::{Certificate, Crl, RevocationLists, Timestamp};
use tongxing_testdata::{
    AuthoritySpec, CrlSpec, KeyAlgorithm, LevelSpec, Profile, TestAuthority, Validity,
};
use tongxing_trust_store::{
    Actor, Command, Demands, ManualClock, PolicyFile, Province, Purpose, Recognition, Role, Status,
    SuppliedEvidence,
};

/// The moment at which everything happens.
pub(crate) const NOW: i64 = 1_780_000_000;

const PROVINCE_POLICY: &str = include_str!("../../../policies/province.toml");

pub(crate) fn validity() -> Validity {
    Validity::decade_around(NOW)
}

/// An authority with a root and, below it, one that issues, both with keys as the
/// profile's have them.
pub(crate) fn two_levels(profile: Profile, id: &str) -> AuthoritySpec {
    let algorithm = algorithm(profile);
    let level = |name| LevelSpec::new(profile.name_zh(), name, algorithm, validity());
    AuthoritySpec::one_level(id, level("Tongxing Test Root"))
        .below(level("Tongxing Test Issuing").with_path_length(0))
}

pub(crate) fn algorithm(profile: Profile) -> KeyAlgorithm {
    profile.authority(validity()).levels[0].algorithm
}

/// A fresh list of each authority that signs certificates, in which nothing is revoked.
pub(crate) fn lists(authority: &TestAuthority) -> Vec<Vec<u8>> {
    let spec = CrlSpec::empty(1, NOW - 60, NOW + 86_400);
    let mut lists = vec![authority.crl(&spec).expect("a list")];
    if !authority.intermediates().is_empty() {
        lists.push(authority.root_crl(&spec).expect("a list"));
    }
    lists
}

/// Which intermediates the province knows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intermediates {
    /// All of the authority.
    Enrolled,
    /// None: whoever signs in has to send them.
    Sent,
}

/// A province in a temporary folder.
pub(crate) struct World {
    runtime: Runtime,
    // Closed before its folder goes.
    pub(crate) province: Province,
    _folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the bench");
        let home = folder.path().join("province");
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(NOW)));
        let policy = PolicyFile { name: "province.toml".into(), source: PROVINCE_POLICY.into() };
        Province::create(&home, "测试省", None, policy, &operator(), clock.clone())
            .expect("a province");
        let province = Province::open(&home, clock).expect("that province");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        Self { runtime, province, _folder: folder }
    }

    /// A two-level authority of profile B with names and keys of its own.
    pub(crate) fn enrol_numbered(&self, number: usize) -> TestAuthority {
        let id = format!("crowd-{number}");
        let mut spec = two_levels(Profile::B, &id);
        for level in &mut spec.levels {
            let named = format!("Tongxing Test Crowd {number}");
            let plain = LevelSpec::new(named, "", level.algorithm, level.validity);
            level.subject[1] = plain.subject[1].clone();
        }
        self.enrol(Profile::B, &id, &spec)
    }

    /// An active authority with fresh lists.
    pub(crate) fn enrol(&self, profile: Profile, id: &str, spec: &AuthoritySpec) -> TestAuthority {
        self.enrol_with(profile, id, spec, Intermediates::Enrolled)
    }

    pub(crate) fn enrol_with(
        &self,
        profile: Profile,
        id: &str,
        spec: &AuthoritySpec,
        known: Intermediates,
    ) -> TestAuthority {
        let authority = TestAuthority::generate(spec).expect("an authority");
        let der = |certificate: &[u8]| certificate.to_vec().into();
        let intermediates = authority.intermediates().iter();
        let known = intermediates.filter(|_| known == Intermediates::Enrolled);
        let policy = profile.policy_toml().replace(profile.id(), id);
        self.execute(Command::AuthorityAdd {
            id: id.parse().expect("an id"),
            name_zh: profile.name_zh().into(),
            name_en: Some(profile.name_en().into()),
            hotline: None,
            licence_expires: None,
            roles: vec![Role::SignIn],
            anchors: vec![der(authority.root().der())],
            intermediates: known.map(|known| der(known.der())).collect(),
            policy: PolicyFile { name: format!("{id}.toml"), source: policy },
        });
        self.execute(Command::StatusSet {
            authority: id.parse().expect("an id"),
            anchor: None,
            status: Status::Active,
            effective: None,
            reason: "for the bench".into(),
        });
        for list in lists(&authority).into_iter().filter(|list| self.may_hold(list)) {
            self.execute(Command::ListImport { list: list.into() });
        }
        authority
    }

    /// Whether the key that signed a list is enrolled.
    fn may_hold(&self, list: &[u8]) -> bool {
        let list = Crl::parse(list).expect("a list");
        let snapshot = self.province.snapshot();
        let mut hints = snapshot.hints().iter();
        hints.any(|name| name == list.issuer().der())
    }

    /// The lists of an authority that the province cannot hold.
    pub(crate) fn supplied(&self, authority: &TestAuthority) -> SuppliedEvidence {
        let others = lists(authority).into_iter().filter(|list| !self.may_hold(list));
        let others = others.map(|list| Crl::parse(&list).expect("a list"));
        let lists = others.collect::<RevocationLists>();
        SuppliedEvidence { lists, ..SuppliedEvidence::default() }
    }

    fn execute(&self, command: Command) {
        let done = self.runtime.block_on(self.province.execute(&operator(), command));
        done.expect("a command that is in order");
    }

    /// Recognises with the province's memory.
    pub(crate) fn recognise(&self, chain: &[Certificate]) {
        let (none, demands) = (SuppliedEvidence::default(), Demands::default());
        let (snapshot, at) = (self.province.snapshot(), Timestamp::from_unix(NOW));
        let recognition =
            self.province.recognise(&snapshot, chain, Purpose::SignIn, at, &none, &demands);
        assert!(matches!(recognition, Recognition::Recognised(_)), "{recognition:?}");
    }
}

fn operator() -> Actor {
    Actor::Operator { uid: 0, name: None }
}
