//! The status of certificates from generated lists.

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Code, Crl, Finality, Level, Moment, OtherKeys, Report,
    RevocationLists, RevocationOptions, RevocationOutcome, RevocationReason, RevocationSources,
    RevocationStatus, SignatureFault, Timestamp, ValidatedPath, VerifiedCrl, check_revocation,
    codes, validate_path,
};
use tongxing_testdata::{
    CrlSpec, Extension, Hierarchy, Issued, RevocationReason as Reason, RevokedEntry, Value,
};

use crate::party::{DAY, HOUR, NOW, certify, hierarchy, issued, options, parse};

/// A root that issues leaves, and one leaf.
pub(crate) struct Scene {
    pub(crate) parties: Hierarchy,
    pub(crate) issued: Issued,
    path: ValidatedPath,
    anchors: Anchors,
    pool: CertificatePool,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let mut parties = hierarchy();
        let root = certify(&mut parties, "root", "root");
        Self::with(parties, "root", vec![root], Vec::new())
    }

    fn with(
        mut parties: Hierarchy,
        issuer: &str,
        anchors: Vec<Certificate>,
        others: Vec<Certificate>,
    ) -> Self {
        let held = issued(&mut parties, issuer);
        Self::of(parties, held, anchors, others)
    }

    /// A scene about one certificate.
    pub(crate) fn of(
        parties: Hierarchy,
        held: Issued,
        anchors: Vec<Certificate>,
        others: Vec<Certificate>,
    ) -> Self {
        let anchors: Anchors = anchors.into_iter().collect();
        let pool: CertificatePool = others.into_iter().collect();
        let leaf = parse(&held.certificate_der);
        let outcome = validate_path(&leaf, &anchors, &[&pool], &options());
        Self { parties, issued: held, path: outcome.path.expect("a path"), anchors, pool }
    }

    pub(crate) fn list(&mut self, issuer: &str, spec: &CrlSpec) -> Crl {
        Crl::parse(&self.parties.crl(issuer, spec).expect("a list")).expect("a generated list")
    }

    pub(crate) fn entry(&self, revoked_at: i64, reason: Reason) -> RevokedEntry {
        RevokedEntry::new(self.issued.serial.clone(), revoked_at, reason)
    }

    fn check(&self, lists: Vec<Crl>, at: i64) -> RevocationOutcome {
        self.check_in(Moment::Past, lists, at)
    }

    fn check_in(&self, moment: Moment, lists: Vec<Crl>, at: i64) -> RevocationOutcome {
        let mut options = RevocationOptions::new(Timestamp::from_unix(at));
        options.moment = moment;
        self.check_with(&options, lists)
    }

    pub(crate) fn check_with(
        &self,
        options: &RevocationOptions,
        lists: Vec<Crl>,
    ) -> RevocationOutcome {
        let lists: RevocationLists = lists.into_iter().collect();
        let sources = RevocationSources {
            lists: &[&lists],
            responses: &[],
            anchors: &self.anchors,
            pools: &[&self.pool],
        };
        check_revocation(&self.path, &sources, options)
    }

    pub(crate) fn status_now(&self, lists: Vec<Crl>) -> RevocationStatus {
        self.check_in(Moment::Present, lists, NOW).statuses.remove(0)
    }

    fn status(&self, lists: Vec<Crl>, at: i64) -> RevocationStatus {
        self.check(lists, at).statuses.remove(0)
    }
}

pub(crate) fn current(number: u64) -> CrlSpec {
    CrlSpec::empty(number, NOW - HOUR, NOW + DAY)
}

pub(crate) fn is_good(status: &RevocationStatus, expected: Finality) -> bool {
    matches!(status, RevocationStatus::Good { finality, .. } if *finality == expected)
}

pub(crate) fn is_unknown(status: &RevocationStatus, expected: &Code) -> bool {
    matches!(status, RevocationStatus::Unknown { why } if *why == expected)
}

fn undecided(report: &Report) -> Vec<&'static str> {
    crate::party::at_level(report, Level::Indeterminate)
}

#[test]
fn a_current_list_without_an_entry_is_good() {
    let mut scene = Scene::new();
    let list = scene.list("root", &current(7));
    let outcome = scene.check(vec![list], NOW);
    assert!(is_good(&outcome.statuses[0], Finality::Provisional));
    assert!(outcome.report.contains(&codes::NOT_REVOKED, Level::Passed));
    assert!(outcome.report.contains(&codes::PROVISIONAL, Level::Info));
}

#[test]
fn revoked_comes_with_the_proof() {
    let mut scene = Scene::new();
    let entry = scene.entry(NOW - 2 * HOUR, Reason::KeyCompromise);
    let list = scene.list("root", &current(7).revoking(entry));
    let outcome = scene.check(vec![list.clone()], NOW);
    let RevocationStatus::Revoked(revocation) = &outcome.statuses[0] else {
        panic!("{:?}", outcome.statuses);
    };
    assert_eq!(revocation.date.unix(), NOW - 2 * HOUR);
    assert_eq!(revocation.reason, Some(RevocationReason::KeyCompromise));
    assert_eq!(revocation.evidence.sha256(), list.sha256());
    let finding = outcome.report.findings().last().expect("a finding");
    let seen = finding.observation().expect("the proof");
    assert!(seen.contains("list number 07"), "{seen}");
}

#[test]
fn a_hold_is_told_apart_and_lifted_by_a_newer_list() {
    let mut scene = Scene::new();
    let entry = scene.entry(NOW - 2 * HOUR, Reason::CertificateHold);
    let held = scene.list("root", &current(7).revoking(entry));
    let outcome = scene.check(vec![held.clone()], NOW);
    assert!(outcome.report.contains(&codes::ON_HOLD, Level::Failed));
    let newer = CrlSpec::empty(8, NOW - HOUR / 2, NOW + DAY);
    let lifted = scene.list("root", &newer);
    let status = scene.status(vec![held, lifted], NOW);
    assert!(is_good(&status, Finality::Provisional));
}

#[test]
fn a_stale_list_proves_only_what_it_names() {
    let mut scene = Scene::new();
    let old = CrlSpec::empty(7, NOW - 2 * DAY, NOW - DAY);
    let silent = scene.list("root", &old);
    assert!(is_unknown(&scene.status(vec![silent], NOW), &codes::LIST_STALE));
    let entry = scene.entry(NOW - 3 * DAY, Reason::CertificateHold);
    let held = scene.list("root", &old.clone().revoking(entry));
    assert!(is_unknown(&scene.status(vec![held], NOW), &codes::LIST_STALE));
    let entry = scene.entry(NOW - 3 * DAY, Reason::Superseded);
    let revoked = scene.list("root", &old.revoking(entry));
    let status = scene.status(vec![revoked], NOW);
    assert!(matches!(status, RevocationStatus::Revoked(_)));
}

#[test]
fn an_overdue_list_serves_within_its_grace_and_says_so() {
    let mut scene = Scene::new();
    let list = scene.list("root", &CrlSpec::empty(7, NOW - 2 * DAY, NOW - HOUR));
    let lists: RevocationLists = [list].into_iter().collect();
    let sources = RevocationSources {
        lists: &[&lists],
        responses: &[],
        anchors: &scene.anchors,
        pools: &[&scene.pool],
    };
    let mut options = RevocationOptions::new(Timestamp::from_unix(NOW));
    options.grace_seconds = 2 * HOUR;
    let outcome = check_revocation(&scene.path, &sources, &options);
    assert!(is_good(&outcome.statuses[0], Finality::Provisional));
    assert!(outcome.report.contains(&codes::LIST_IN_GRACE, Level::Warning));
    options.grace_seconds = HOUR / 2;
    let outcome = check_revocation(&scene.path, &sources, &options);
    assert!(is_unknown(&outcome.statuses[0], &codes::LIST_STALE));
}

#[test]
fn without_a_list_nothing_is_known() {
    let scene = Scene::new();
    let outcome = scene.check(Vec::new(), NOW);
    assert!(is_unknown(&outcome.statuses[0], &codes::NO_LIST));
    assert_eq!(undecided(&outcome.report), ["revocation.no_list"]);
}

#[test]
fn a_verified_list_is_not_kept_whole() {
    let mut scene = Scene::new();
    let list = scene.list("root", &current(1));
    let key = scene.path.anchor().public_key().clone();
    let stranger = certify(&mut scene.parties, "stranger", "stranger");
    let refused = VerifiedCrl::verify(&list, stranger.public_key()).unwrap_err();
    assert_eq!(refused, SignatureFault::Invalid);
    let verified = VerifiedCrl::verify(&list, &key).expect("signed with this key");
    assert_eq!((verified.crl(), verified.key_sha256()), (&list, key.spki_sha256()));
    assert!(list.der().is_some() && verified.crl().der().is_none());
    assert_eq!(verified.crl().verify_signature(&key), Err(SignatureFault::Released));
    // It still says what it said.
    let lists: RevocationLists = [verified].into_iter().collect();
    let (lists, anchors) = ([&lists], &scene.anchors);
    let sources = RevocationSources { lists: &lists, responses: &[], anchors, pools: &[] };
    let options = RevocationOptions::new(Timestamp::from_unix(NOW));
    let status = check_revocation(&scene.path, &sources, &options).statuses.remove(0);
    assert!(is_good(&status, Finality::Provisional));
}

#[test]
fn another_authoritys_list_says_nothing() {
    let mut scene = Scene::new();
    // The same name, another key; enrolled too.
    scene.parties.alias("namesake", "root");
    let namesake = certify(&mut scene.parties, "namesake", "namesake");
    scene.anchors.insert(namesake);
    let entry = scene.entry(NOW - DAY, Reason::KeyCompromise);
    let list = scene.list("namesake", &current(1).revoking(entry.clone()));
    let status = scene.status(vec![list], NOW);
    assert!(is_unknown(&status, &codes::LIST_OTHER_ANCHOR));
    // Another name, the same serial number.
    let other = scene.list("other", &current(1).revoking(entry));
    assert!(is_unknown(&scene.status(vec![other], NOW), &codes::NO_LIST));
}

#[test]
fn a_later_list_reaches_back() {
    let mut scene = Scene::new();
    let signed_at = NOW;
    let listed_at = NOW + 2 * HOUR;
    let then = scene.list("root", &current(1));
    let entry = scene.entry(NOW - 600, Reason::KeyCompromise);
    let later = CrlSpec::empty(2, listed_at, listed_at + DAY);
    let later = scene.list("root", &later.revoking(entry));
    let status = scene.status(vec![then, later], signed_at);
    assert!(matches!(status, RevocationStatus::Revoked(_)));
}

#[test]
fn a_later_revocation_does_not_reach_back_unless_it_says_so() {
    let mut scene = Scene::new();
    let then = scene.list("root", &current(1));
    let later = CrlSpec::empty(2, NOW + 2 * HOUR, NOW + DAY);
    let entry = scene.entry(NOW + HOUR, Reason::KeyCompromise);
    let after = scene.list("root", &later.clone().revoking(entry.clone()));
    let status = scene.status(vec![then.clone(), after], NOW);
    assert!(is_good(&status, Finality::Final));
    let since = RevokedEntry { invalid_since: Some(NOW - HOUR), ..entry };
    let reaching = scene.list("root", &later.revoking(since));
    let status = scene.status(vec![then, reaching], NOW);
    assert!(matches!(status, RevocationStatus::Revoked(_)));
}

#[test]
fn a_list_from_after_the_expiry_does_not_clear() {
    let mut scene = Scene::new();
    let expiry = scene.path.leaf().not_after().unix();
    let later = CrlSpec::empty(2, expiry + DAY, expiry + 2 * DAY);
    let silent = scene.list("root", &later);
    let status = scene.status(vec![silent], NOW);
    assert!(is_unknown(&status, &codes::LIST_TOO_LATE));
}

#[test]
fn a_delta_changes_its_base_and_alone_clears_nothing() {
    let mut scene = Scene::new();
    let indicator = Extension::new("2.5.29.27", Value::Raw(vec![0x02, 0x01, 0x05])).critical();
    let delta = |scene: &mut Scene, reason: Reason| {
        let entry = scene.entry(NOW - HOUR, reason);
        let mut spec = CrlSpec::empty(9, NOW - HOUR / 2, NOW + DAY).revoking(entry);
        spec.extensions.push(indicator.clone());
        scene.list("root", &spec)
    };
    let adds = delta(&mut scene, Reason::Superseded);
    let removes = delta(&mut scene, Reason::RemoveFromCrl);
    let status = scene.status(vec![removes.clone()], NOW);
    assert!(is_unknown(&status, &codes::LIST_DELTA_WITHOUT_BASE));
    let base = scene.list("root", &current(5));
    // Made for number 5, it lifts nothing from number 4, but proves what it adds.
    let entry = scene.entry(NOW - HOUR, Reason::CertificateHold);
    let held = scene.list("root", &current(5).revoking(entry.clone()));
    let older = scene.list("root", &current(4).revoking(entry));
    let clear = scene.list("root", &current(4));
    for revoking in [
        vec![base, adds.clone()],
        vec![older, removes.clone()],
        vec![clear, adds.clone()],
        vec![adds],
    ] {
        let status = scene.status(revoking, NOW);
        assert!(matches!(status, RevocationStatus::Revoked(_)));
    }
    let status = scene.status(vec![held, removes], NOW);
    assert!(is_good(&status, Finality::Provisional));
}

#[test]
fn an_older_delta_that_applies_hides_no_newer_one() {
    let mut scene = Scene::new();
    let delta = |scene: &mut Scene, (number, base): (u64, u8), made: i64, entry| {
        let indicator = Extension::new("2.5.29.27", Value::Raw(vec![0x02, 0x01, base])).critical();
        let mut spec = CrlSpec::empty(number, made, NOW + DAY);
        spec.revoked = Vec::from_iter(entry);
        spec.extensions.push(indicator);
        scene.list("root", &spec)
    };
    let base = scene.list("root", &current(5));
    let gone = scene.entry(NOW - HOUR / 2, Reason::Superseded);
    // Its base is not at hand.
    let newest = delta(&mut scene, (12, 10), NOW - HOUR / 4, Some(gone));
    let older = delta(&mut scene, (6, 5), NOW - HOUR / 2, None);
    for lists in [vec![base.clone(), newest.clone()], vec![base.clone(), older.clone(), newest]] {
        let count = lists.len();
        let status = scene.status_now(lists);
        assert!(matches!(status, RevocationStatus::Revoked(_)), "{count} lists: {status:?}");
    }
    // One that is newer still and applies tells all that it told, holds that were lifted too.
    let held = scene.entry(NOW - HOUR / 2, Reason::CertificateHold);
    let held = delta(&mut scene, (12, 10), NOW - HOUR / 4, Some(held));
    let status = scene.status_now(vec![base.clone(), older.clone(), held.clone()]);
    assert!(matches!(status, RevocationStatus::Revoked(_)), "{status:?}");
    let lifted = scene.entry(NOW - HOUR / 8, Reason::RemoveFromCrl);
    let lifted = delta(&mut scene, (13, 5), NOW - HOUR / 8, Some(lifted));
    let status = scene.status_now(vec![base, older, held, lifted]);
    assert!(is_good(&status, Finality::Provisional), "{status:?}");
}

#[test]
fn after_a_change_of_keys_the_list_of_ones_own_key_counts() {
    let mut parties = hierarchy();
    parties.alias("ca, new key", "ca");
    let root = certify(&mut parties, "root", "root");
    let old = certify(&mut parties, "root", "ca");
    let new = certify(&mut parties, "root", "ca, new key");
    let mut scene = Scene::with(parties, "ca", vec![root], vec![old, new]);
    let of_root = scene.list("root", &current(1));
    // One list for all, signed with the new key: it counts.
    let by_new = scene.list("ca, new key", &CrlSpec::empty(9, NOW - HOUR / 2, NOW + DAY));
    let status = scene.status(vec![of_root.clone(), by_new.clone()], NOW);
    assert!(is_good(&status, Finality::Provisional));
    // A list for each key: the other key's does not clear.
    let entry = scene.entry(NOW - 2 * HOUR, Reason::KeyCompromise);
    let by_old = scene.list("ca", &current(8).revoking(entry));
    let status = scene.status(vec![of_root.clone(), by_new.clone(), by_old], NOW);
    assert!(matches!(status, RevocationStatus::Revoked(_)));
    let stale = scene.list("ca", &CrlSpec::empty(8, NOW - 2 * DAY, NOW - DAY));
    let status = scene.status(vec![of_root.clone(), by_new.clone(), stale.clone()], NOW);
    assert!(is_unknown(&status, &codes::LIST_STALE));
    // Where it is known that the new key's list is about all of them, it clears too.
    let mut options = RevocationOptions::new(Timestamp::from_unix(NOW));
    options.other_keys = OtherKeys::Clear;
    let outcome = scene.check_with(&options, vec![of_root.clone(), by_new, stale.clone()]);
    assert!(is_good(&outcome.statuses[0], Finality::Provisional), "{outcome:?}");
    let late = scene.list("ca, new key", &CrlSpec::empty(9, NOW - 2 * DAY, NOW - DAY));
    let outcome = scene.check_with(&options, vec![of_root, late, stale]);
    assert!(is_unknown(&outcome.statuses[0], &codes::LIST_STALE));
}

#[test]
fn an_unknown_critical_extension_makes_a_list_unusable() {
    let mut scene = Scene::new();
    let mut spec = current(1);
    let unknown = Extension::new("1.3.6.1.4.1.55738.666.1", Value::Raw(vec![0x05, 0x00]));
    spec.extensions.push(unknown.critical());
    let list = scene.list("root", &spec);
    let status = scene.status(vec![list], NOW);
    assert!(is_unknown(&status, &codes::LIST_UNKNOWN_CRITICAL));
}

#[test]
fn a_later_list_that_dropped_an_expired_certificate_hides_no_revocation() {
    let mut scene = Scene::new();
    let expiry = scene.path.leaf().not_after().unix();
    let then = scene.list("root", &current(1));
    let entry = scene.entry(NOW - 600, Reason::KeyCompromise);
    let telling = CrlSpec::empty(2, NOW + 2 * HOUR, NOW + DAY).revoking(entry);
    let telling = scene.list("root", &telling);
    let silent = scene.list("root", &CrlSpec::empty(3, expiry + DAY, expiry + 2 * DAY));
    let status = scene.status(vec![then.clone(), telling, silent.clone()], NOW);
    assert!(matches!(status, RevocationStatus::Revoked(_)));
    // One that could still tell and does not confirms.
    let clearing = scene.list("root", &CrlSpec::empty(2, NOW + 2 * HOUR, NOW + DAY));
    let status = scene.status(vec![then, clearing, silent], NOW);
    assert!(is_good(&status, Finality::Final));
}

#[test]
fn a_list_from_the_future_does_not_clear_in_the_present() {
    let mut scene = Scene::new();
    let stale = scene.list("root", &CrlSpec::empty(7, NOW - 2 * DAY, NOW - DAY));
    let future = scene.list("root", &CrlSpec::empty(8, NOW + DAY, NOW + 2 * DAY));
    let status = scene.status_now(vec![stale, future.clone()]);
    assert!(is_unknown(&status, &codes::LIST_STALE));
    let status = scene.status_now(vec![future]);
    assert!(is_unknown(&status, &codes::LIST_NOT_YET));
}

#[test]
fn an_overdue_delta_proves_what_it_names() {
    let mut scene = Scene::new();
    let indicator = Extension::new("2.5.29.27", Value::Raw(vec![0x02, 0x01, 0x05])).critical();
    let base = scene.list("root", &current(5));
    let delta = |scene: &mut Scene, reason: Reason| {
        let entry = scene.entry(NOW - HOUR, reason);
        let mut spec = CrlSpec::empty(6, NOW - HOUR / 2, NOW - HOUR / 4).revoking(entry);
        spec.extensions.push(indicator.clone());
        scene.list("root", &spec)
    };
    let revoking = delta(&mut scene, Reason::KeyCompromise);
    let status = scene.status(vec![base.clone(), revoking], NOW);
    assert!(matches!(status, RevocationStatus::Revoked(_)));
    // A hold may have been lifted since.
    let holding = delta(&mut scene, Reason::CertificateHold);
    let status = scene.status(vec![base, holding], NOW);
    assert!(is_good(&status, Finality::Provisional));
}
