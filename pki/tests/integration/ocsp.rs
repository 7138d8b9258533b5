//! The status of certificates from generated OCSP responses.

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Code, Crl, Finality, Hash, Level, Moment, NonceRule,
    OcspReply, OcspRequest, OcspResponse, ResponderStatus, RevocationLists, RevocationMethods,
    RevocationOptions, RevocationOutcome, RevocationResponse, RevocationResponses,
    RevocationSources, RevocationStatus, Timestamp, ValidatedPath, check_revocation, codes,
    validate_path,
};
use tongxing_testdata::{
    CrlSpec, Extension, Hierarchy, Issued, LeafSpec, OcspAnswer, OcspHash, OcspSpec, OcspStatus,
    ResponderForm, RevocationReason as Reason, RevokedEntry, Validity, Value, ocsp_refusal, oid,
};

use crate::party::{DAY, HOUR, NOW, certify, hierarchy, issued, options, parse, validity};

/// A root that issues leaves, and one leaf.
struct Scene {
    parties: Hierarchy,
    held: Issued,
    path: ValidatedPath,
    anchors: Anchors,
    pool: CertificatePool,
    lists: RevocationLists,
    options: RevocationOptions,
}

impl Scene {
    fn new() -> Self {
        let mut parties = hierarchy();
        let root = certify(&mut parties, "root", "root");
        Self::with(parties, vec![root])
    }

    fn with(mut parties: Hierarchy, anchors: Vec<Certificate>) -> Self {
        let held = issued(&mut parties, "root");
        let anchors: Anchors = anchors.into_iter().collect();
        let leaf = parse(&held.certificate_der);
        let outcome = validate_path(&leaf, &anchors, &[], &options());
        Self {
            parties,
            held,
            path: outcome.path.expect("a path"),
            anchors,
            pool: CertificatePool::new(),
            lists: RevocationLists::new(),
            options: RevocationOptions::new(Timestamp::from_unix(NOW)),
        }
    }

    fn answer(&self, status: OcspStatus) -> OcspAnswer {
        OcspAnswer::new(self.held.serial.clone(), status, NOW - HOUR, NOW + DAY)
    }

    fn good(&self) -> OcspSpec {
        OcspSpec::of(self.answer(OcspStatus::Good))
    }

    fn by_root(&mut self, spec: &OcspSpec) -> OcspResponse {
        answered(&self.parties.ocsp("root", "root", spec).expect("a response"))
    }

    /// Signed by a responder that the root certified as `declare` says.
    fn by_delegate(
        &mut self,
        spec: &OcspSpec,
        declare: impl FnOnce(LeafSpec) -> LeafSpec,
    ) -> OcspResponse {
        let delegate = self.delegate("root", declare);
        let spec = spec.clone().with_certificate(delegate.certificate_der.clone());
        answered(&self.parties.ocsp_by("root", &delegate, &spec).expect("a response"))
    }

    fn delegate(&mut self, issuer: &str, declare: impl FnOnce(LeafSpec) -> LeafSpec) -> Issued {
        let subject = vec![tongxing_testdata::Attribute::utf8(oid::COMMON_NAME, "responder")];
        let spec = declare(LeafSpec::signing(subject, validity()));
        self.parties.leaf_as(issuer, &spec).expect("a responder")
    }

    fn check(&self, responses: impl IntoIterator<Item = OcspResponse>) -> RevocationOutcome {
        self.check_all(&responses.into_iter().collect())
    }

    fn check_all(&self, responses: &RevocationResponses) -> RevocationOutcome {
        let sources = RevocationSources {
            lists: &[&self.lists],
            responses: &[responses],
            anchors: &self.anchors,
            pools: &[&self.pool],
        };
        check_revocation(&self.path, &sources, &self.options)
    }

    fn status(&self, responses: impl IntoIterator<Item = OcspResponse>) -> RevocationStatus {
        self.check(responses).statuses.remove(0)
    }

    fn list(&mut self, spec: &CrlSpec) {
        let list = self.parties.crl("root", spec).expect("a list");
        self.lists.insert(Crl::parse(&list).expect("a generated list"));
    }
}

fn answered(der: &[u8]) -> OcspResponse {
    match OcspReply::parse(der).expect("a generated response") {
        OcspReply::Answered(response) => response,
        OcspReply::Refused(refusal) => panic!("{refusal}"),
    }
}

fn is_good(status: &RevocationStatus) -> bool {
    matches!(status, RevocationStatus::Good { .. })
}

fn is_final(status: &RevocationStatus) -> bool {
    matches!(status, RevocationStatus::Good { finality: Finality::Final, .. })
}

fn is_revoked(status: &RevocationStatus) -> bool {
    matches!(status, RevocationStatus::Revoked(_))
}

#[track_caller]
fn unknown(status: &RevocationStatus, expected: &Code) {
    assert!(
        matches!(status, RevocationStatus::Unknown { why } if *why == expected),
        "{status:?} instead of {expected}"
    );
}

fn revoked(at: i64, reason: Reason) -> OcspStatus {
    OcspStatus::Revoked { at, reason }
}

#[test]
fn the_authority_answers_itself_by_name_and_by_key() {
    let mut scene = Scene::new();
    for responder in [ResponderForm::Name, ResponderForm::Key] {
        let response = scene.by_root(&OcspSpec { responder, ..scene.good() });
        let outcome = scene.check([response]);
        let RevocationStatus::Good { evidence, .. } = &outcome.statuses[0] else {
            panic!("{outcome:?}");
        };
        assert_eq!(evidence.method(), "ocsp");
        assert!(outcome.report.contains(&codes::NOT_REVOKED, Level::Passed));
    }
}

#[test]
fn a_delegate_answers_by_name_and_by_key() {
    let mut scene = Scene::new();
    for responder in [ResponderForm::Name, ResponderForm::Key] {
        let spec = OcspSpec { responder, ..scene.good() };
        let response = scene.by_delegate(&spec, LeafSpec::ocsp_responder);
        assert!(is_good(&scene.status([response])));
    }
}

#[test]
fn a_delegate_known_already_need_not_be_sent_along() {
    let mut scene = Scene::new();
    let delegate = scene.delegate("root", LeafSpec::ocsp_responder);
    for responder in [ResponderForm::Name, ResponderForm::Key] {
        let spec = OcspSpec { responder, ..scene.good() };
        let der = scene.parties.ocsp_by("root", &delegate, &spec).expect("a response");
        scene.pool = CertificatePool::new();
        unknown(&scene.status([answered(&der)]), &codes::OCSP_RESPONDER_UNKNOWN);
        scene.pool.insert(parse(&delegate.certificate_der));
        assert!(is_good(&scene.status([answered(&der)])));
    }
}

#[test]
fn the_id_may_be_hashed_with_sha_256() {
    let mut scene = Scene::new();
    let answer = OcspAnswer { hash: OcspHash::Sha256, ..scene.answer(OcspStatus::Good) };
    let response = scene.by_root(&OcspSpec::of(answer));
    assert!(is_good(&scene.status([response])));
}

#[test]
fn revoked_comes_with_the_response_that_proves_it() {
    let mut scene = Scene::new();
    let answer = scene.answer(revoked(NOW - 2 * HOUR, Reason::KeyCompromise));
    let response = scene.by_root(&OcspSpec::of(answer));
    let outcome = scene.check([response.clone()]);
    let RevocationStatus::Revoked(revocation) = &outcome.statuses[0] else {
        panic!("{outcome:?}");
    };
    assert_eq!(revocation.date.unix(), NOW - 2 * HOUR);
    assert_eq!(revocation.reason, Some(tongxing_pki::RevocationReason::KeyCompromise));
    assert_eq!(revocation.evidence.sha256(), response.sha256());
    let finding = outcome.report.findings().last().expect("a finding");
    let seen = finding.observation().expect("the proof");
    assert!(seen.contains("keyCompromise, by OCSP response of 2026"), "{seen}");
}

#[test]
fn unknown_is_neither_good_nor_revoked_and_takes_no_revocation_back() {
    let mut scene = Scene::new();
    let newest = scene.by_root(&OcspSpec::of(scene.answer(OcspStatus::Unknown)));
    unknown(&scene.status([newest.clone()]), &codes::OCSP_UNKNOWN);
    let earlier = |scene: &mut Scene, status| {
        let answer = OcspAnswer::new(scene.held.serial.clone(), status, NOW - DAY, NOW + DAY);
        scene.by_root(&OcspSpec::of(answer))
    };
    let good = earlier(&mut scene, OcspStatus::Good);
    unknown(&scene.status([newest.clone(), good]), &codes::OCSP_UNKNOWN);
    let gone = earlier(&mut scene, revoked(NOW - 2 * DAY, Reason::Superseded));
    assert!(is_revoked(&scene.status([newest.clone(), gone])));
    let held = earlier(&mut scene, revoked(NOW - 2 * DAY, Reason::CertificateHold));
    unknown(&scene.status([newest, held]), &codes::OCSP_UNKNOWN);
}

#[test]
fn a_hold_is_told_apart_and_lifted_by_a_newer_answer() {
    let mut scene = Scene::new();
    let held = scene.by_root(&OcspSpec::of(OcspAnswer {
        this_update: NOW - 2 * HOUR,
        ..scene.answer(revoked(NOW - DAY, Reason::CertificateHold))
    }));
    let outcome = scene.check([held.clone()]);
    assert!(outcome.report.contains(&codes::ON_HOLD, Level::Failed));
    let lifted = scene.by_root(&scene.good());
    assert!(is_good(&scene.status([held, lifted])));
}

#[test]
fn what_was_never_issued_is_said_so() {
    let mut scene = Scene::new();
    let answer = scene.answer(revoked(0, Reason::CertificateHold));
    let tells = Extension::new(oid::OCSP_EXTENDED_REVOKE, Value::Raw(vec![5, 0]));
    let spec = OcspSpec { extensions: vec![tells], ..OcspSpec::of(answer) };
    let response = scene.by_root(&spec);
    assert!(scene.check([response]).report.contains(&codes::NEVER_ISSUED, Level::Failed));
}

#[test]
fn a_response_about_another_certificate_says_nothing() {
    let mut scene = Scene::new();
    let other = OcspAnswer { serial: vec![1, 2, 3], ..scene.answer(OcspStatus::Good) };
    let of_other = scene.by_root(&OcspSpec::of(other));
    unknown(&scene.status([of_other]), &codes::NO_RESPONSE);
    // The same serial number, another authority: its name, then its key.
    let spec = scene.good();
    let der = scene.parties.ocsp("other", "root", &spec).expect("a response");
    unknown(&scene.status([answered(&der)]), &codes::NO_RESPONSE);
    scene.parties.alias("namesake", "root");
    let der = scene.parties.ocsp("namesake", "root", &spec).expect("a response");
    unknown(&scene.status([answered(&der)]), &codes::NO_RESPONSE);
}

#[test]
fn strangers_may_not_answer() {
    let mut scene = Scene::new();
    let spec = scene.good();
    // The root's name, another key.
    scene.parties.alias("namesake", "root");
    let by_name = OcspSpec { responder: ResponderForm::Name, ..spec.clone() };
    let der = scene.parties.ocsp("root", "namesake", &by_name).expect("a response");
    unknown(&scene.status([answered(&der)]), &codes::OCSP_SIGNATURE);
    // A delegate of somebody else.
    let stranger = scene.delegate("other", LeafSpec::ocsp_responder);
    let sent = spec.clone().with_certificate(stranger.certificate_der.clone());
    let der = scene.parties.ocsp_by("root", &stranger, &sent).expect("a response");
    unknown(&scene.status([answered(&der)]), &codes::OCSP_NOT_AUTHORISED);
    // A delegate of somebody with the root's name.
    let stranger = scene.delegate("namesake", LeafSpec::ocsp_responder);
    let sent = spec.clone().with_certificate(stranger.certificate_der.clone());
    let der = scene.parties.ocsp_by("root", &stranger, &sent).expect("a response");
    unknown(&scene.status([answered(&der)]), &codes::OCSP_RESPONDER_INVALID);
    // Certificates of the root's own, but not for this.
    let bidder = scene.by_delegate(&spec, |leaf| leaf);
    unknown(&scene.status([bidder]), &codes::OCSP_NOT_AUTHORISED);
    let any = |leaf: LeafSpec| LeafSpec {
        extended_key_usages: vec!["2.5.29.37.0".to_owned()],
        ..leaf.ocsp_responder()
    };
    let anything = scene.by_delegate(&spec, any);
    unknown(&scene.status([anything]), &codes::OCSP_NOT_AUTHORISED);
    let encrypts = |leaf: LeafSpec| LeafSpec {
        key_usages: vec![tongxing_testdata::KeyUsage::KeyEncipherment],
        ..leaf.ocsp_responder()
    };
    let encrypts = scene.by_delegate(&spec, encrypts);
    unknown(&scene.status([encrypts]), &codes::OCSP_NOT_AUTHORISED);
}

#[test]
fn a_delegate_must_be_valid_at_the_moment() {
    let mut scene = Scene::new();
    let spec = scene.good();
    for validity in [Validity::expired_at(NOW), Validity::not_yet_at(NOW)] {
        let response = scene.by_delegate(&spec, |leaf| leaf.ocsp_responder().valid(validity));
        unknown(&scene.status([response]), &codes::OCSP_RESPONDER_INVALID);
    }
    let private = Extension::new("1.3.6.1.4.1.55738.666.1", Value::Raw(vec![5, 0])).critical();
    let response = scene.by_delegate(&spec, |leaf| leaf.ocsp_responder().with_extension(private));
    unknown(&scene.status([response]), &codes::OCSP_RESPONDER_INVALID);
}

#[test]
fn without_nocheck_the_delegates_own_status_is_asked() {
    let mut scene = Scene::new();
    let delegate = scene.delegate("root", LeafSpec::delegate);
    let spec = scene.good().with_certificate(delegate.certificate_der.clone());
    let der = scene.parties.ocsp_by("root", &delegate, &spec).expect("a response");
    let response = answered(&der);
    scene.options.methods = RevocationMethods::Either;
    unknown(&scene.status([response.clone()]), &codes::OCSP_RESPONDER_STATUS);
    scene.options.responder_status = ResponderStatus::WhereStated;
    assert!(is_good(&scene.status([response.clone()])));
    // The certificate names no method, but what is at hand counts.
    let current = CrlSpec::empty(1, NOW - HOUR, NOW + DAY);
    let entry = RevokedEntry::new(delegate.serial.clone(), NOW - DAY, Reason::KeyCompromise);
    scene.list(&current.clone().revoking(entry));
    scene.options.methods = RevocationMethods::Both;
    unknown(&scene.status([response.clone()]), &codes::OCSP_RESPONDER_STATUS);
    scene.lists = RevocationLists::new();
    scene.list(&current);
    scene.options.methods = RevocationMethods::Either;
    scene.options.responder_status = ResponderStatus::Required;
    assert!(is_good(&scene.status([response.clone()])));
    // One that says where its status is told must be asked about there.
    let mut scene = Scene::new();
    let spec = scene.good();
    let points = |leaf: LeafSpec| LeafSpec {
        crl_urls: vec!["http://a.example/a.crl".to_owned()],
        ..leaf.delegate()
    };
    let response = scene.by_delegate(&spec, points);
    scene.options.responder_status = ResponderStatus::WhereStated;
    unknown(&scene.status([response]), &codes::OCSP_RESPONDER_STATUS);
}

#[test]
fn a_delegate_does_not_clear_itself() {
    let mut scene = Scene::new();
    let delegate = scene.delegate("root", LeafSpec::delegate);
    let own = OcspAnswer { serial: delegate.serial.clone(), ..scene.answer(OcspStatus::Good) };
    let spec = scene.good().and(own).with_certificate(delegate.certificate_der.clone());
    let der = scene.parties.ocsp_by("root", &delegate, &spec).expect("a response");
    unknown(&scene.status([answered(&der)]), &codes::OCSP_RESPONDER_STATUS);
}

#[test]
fn after_a_change_of_keys_the_new_key_answers_and_its_delegates_do_not() {
    let mut parties = hierarchy();
    parties.alias("new", "root");
    let old = certify(&mut parties, "root", "root");
    let by_old = certify(&mut parties, "root", "new");
    let mut scene = Scene::with(parties, vec![old]);
    let spec = scene.good();
    let der = scene.parties.ocsp("root", "new", &spec).expect("a response");
    unknown(&scene.status([answered(&der)]), &codes::OCSP_RESPONDER_UNKNOWN);
    scene.pool.insert(by_old);
    // The new key's own status must be known.
    unknown(&scene.status([answered(&der)]), &codes::OCSP_RESPONDER_STATUS);
    scene.list(&CrlSpec::empty(1, NOW - HOUR, NOW + DAY));
    scene.options.methods = RevocationMethods::Either;
    assert!(is_good(&scene.status([answered(&der)])));
    // RFC 6960 4.2.2.2: a delegate is certified by the key that signed the certificate.
    scene.lists = RevocationLists::new();
    let delegate = scene.delegate("new", LeafSpec::ocsp_responder);
    let sent = spec.with_certificate(delegate.certificate_der.clone());
    let der = scene.parties.ocsp_by("root", &delegate, &sent).expect("a response");
    unknown(&scene.status([answered(&der)]), &codes::OCSP_RESPONDER_INVALID);
}

#[test]
fn dates_count_with_the_stated_difference_of_clocks() {
    let mut scene = Scene::new();
    let between = |scene: &mut Scene, from: i64, until: Option<i64>| {
        let answer = scene.answer(OcspStatus::Good);
        let answer = OcspAnswer { this_update: from, next_update: until, ..answer };
        let response = scene.by_root(&OcspSpec::of(answer));
        scene.status([response])
    };
    assert!(is_good(&between(&mut scene, NOW - HOUR, Some(NOW))));
    assert!(is_good(&between(&mut scene, NOW - HOUR, Some(NOW - 300))));
    unknown(&between(&mut scene, NOW - HOUR, Some(NOW - 301)), &codes::OCSP_STALE);
    assert!(is_good(&between(&mut scene, NOW + 300, Some(NOW + DAY))));
    unknown(&between(&mut scene, NOW + 301, Some(NOW + DAY)), &codes::OCSP_NOT_YET);
    // Without a next update there is always something newer.
    assert!(is_good(&between(&mut scene, NOW - 300, None)));
    unknown(&between(&mut scene, NOW - 301, None), &codes::OCSP_WITHOUT_END);
    let late = OcspSpec { produced_at: NOW + 301, ..scene.good() };
    let late = scene.by_root(&late);
    unknown(&scene.status([late]), &codes::OCSP_NOT_YET);
    scene.options.grace_seconds = HOUR;
    assert!(is_good(&between(&mut scene, NOW - DAY, Some(NOW - HOUR))));
}

#[test]
fn a_stale_response_proves_a_revocation_and_no_hold() {
    let mut scene = Scene::new();
    let stale = |scene: &mut Scene, reason| {
        let status = revoked(NOW - 3 * DAY, reason);
        let serial = scene.held.serial.clone();
        let answer = OcspAnswer::new(serial, status, NOW - 2 * DAY, NOW - DAY);
        let response = scene.by_root(&OcspSpec::of(answer));
        scene.status([response])
    };
    assert!(is_revoked(&stale(&mut scene, Reason::Superseded)));
    unknown(&stale(&mut scene, Reason::CertificateHold), &codes::OCSP_STALE);
}

#[test]
fn answers_that_contradict_one_another_say_nothing() {
    let mut scene = Scene::new();
    let gone = scene.answer(revoked(NOW - DAY, Reason::Superseded));
    let both = scene.by_root(&scene.good().and(gone.clone()));
    unknown(&scene.status([both]), &codes::OCSP_CONTRADICTION);
    // Of two times the newer counts.
    let newer = OcspAnswer { this_update: NOW - HOUR / 2, ..gone };
    let both = scene.by_root(&scene.good().and(newer));
    assert!(is_revoked(&scene.status([both])));
}

#[test]
fn no_list_clears_what_is_said_to_be_revoked_and_not() {
    let mut scene = Scene::new();
    scene.list(&CrlSpec::empty(1, NOW - 2 * HOUR, NOW + DAY));
    for methods in [RevocationMethods::Either, RevocationMethods::Both] {
        scene.options.methods = methods;
        for reason in [Reason::Superseded, Reason::CertificateHold] {
            let gone = scene.answer(revoked(NOW - HOUR, reason));
            let both = scene.by_root(&scene.good().and(gone));
            unknown(&scene.status([both]), &codes::OCSP_CONTRADICTION);
        }
    }
    // One that does not know says nothing against it.
    scene.options.methods = RevocationMethods::Either;
    let lost = scene.answer(OcspStatus::Unknown);
    let both = scene.by_root(&scene.good().and(lost));
    assert!(is_good(&scene.status([both])));
    // A list that revokes settles it.
    let gone = scene.answer(revoked(NOW - HOUR, Reason::Superseded));
    let both = scene.by_root(&scene.good().and(gone));
    let entry = RevokedEntry::new(scene.held.serial.clone(), NOW - HOUR, Reason::Superseded);
    scene.list(&CrlSpec::empty(2, NOW - HOUR, NOW + DAY).revoking(entry));
    assert!(is_revoked(&scene.status([both])));
}

#[test]
fn no_later_answer_clears_what_was_disputed_then() {
    let mut scene = Scene::new();
    scene.options.moment = Moment::Past;
    let held = scene.answer(revoked(NOW - 2 * HOUR, Reason::CertificateHold));
    let both = scene.by_root(&scene.good().and(held));
    let serial = scene.held.serial.clone();
    let later = OcspAnswer::new(serial, OcspStatus::Good, NOW + HOUR, NOW + DAY);
    let later = scene.by_root(&OcspSpec::of(later));
    unknown(&scene.status([both, later]), &codes::OCSP_CONTRADICTION);
}

#[test]
fn critical_extensions_that_are_not_known_are_refused() {
    let mut scene = Scene::new();
    let unknown_one = || Extension::new("1.3.6.1.4.1.55738.666.1", Value::Raw(vec![5, 0]));
    let of_response = OcspSpec { extensions: vec![unknown_one().critical()], ..scene.good() };
    let of_response = scene.by_root(&of_response);
    unknown(&scene.status([of_response]), &codes::OCSP_UNKNOWN_CRITICAL);
    let answer = scene.answer(OcspStatus::Good);
    let of_answer = OcspAnswer { extensions: vec![unknown_one().critical()], ..answer.clone() };
    let of_answer = scene.by_root(&OcspSpec::of(of_answer));
    unknown(&scene.status([of_answer]), &codes::OCSP_UNKNOWN_CRITICAL);
    let ignored = OcspAnswer { extensions: vec![unknown_one()], ..answer };
    let ignored = scene.by_root(&OcspSpec::of(ignored));
    assert!(is_good(&scene.status([ignored])));
}

#[test]
fn a_nonce_binds_a_response_to_its_request() {
    let mut scene = Scene::new();
    let (leaf, root) = (scene.path.leaf().clone(), scene.path.anchor().clone());
    let request = OcspRequest::new(&leaf, &root, Hash::Sha1, Some([7; 32]));
    let check = |scene: &Scene, response: OcspResponse| {
        let response = RevocationResponse::to(&request, response);
        scene.check_all(&RevocationResponses::from_iter([response]))
    };
    let nonce = |octets: [u8; 32]| Extension::new(oid::OCSP_NONCE, Value::Octets(octets.to_vec()));
    let right = OcspSpec { extensions: vec![nonce([7; 32])], ..scene.good() };
    let right = scene.by_root(&right);
    assert!(is_good(&check(&scene, right).statuses[0]));
    let wrong = OcspSpec { extensions: vec![nonce([8; 32])], ..scene.good() };
    let wrong = scene.by_root(&wrong);
    unknown(&check(&scene, wrong.clone()).statuses[0], &codes::OCSP_NONCE);
    assert!(is_good(&scene.status([wrong])), "nobody asked with a nonce");
    let without = scene.by_root(&scene.good());
    let outcome = check(&scene, without);
    assert!(is_good(&outcome.statuses[0]));
    assert!(outcome.report.contains(&codes::OCSP_NONCE_MISSING, Level::Info));
    // Where it is required, what does not repeat it is not used.
    let rule = NonceRule::Required;
    let required = |scene: &mut Scene, spec: OcspSpec| {
        let response = scene.by_root(&spec);
        let response = RevocationResponse::to_with(&request, response, rule);
        scene.check_all(&RevocationResponses::from_iter([response])).statuses.remove(0)
    };
    let without = scene.good();
    unknown(&required(&mut scene, without), &codes::OCSP_NONCE_REQUIRED);
    let right = OcspSpec { extensions: vec![nonce([7; 32])], ..scene.good() };
    assert!(is_good(&required(&mut scene, right)));
}

#[test]
fn where_a_nonce_is_required_nothing_counts_that_nobody_asked_for() {
    let mut scene = Scene::new();
    let good = scene.by_root(&scene.good());
    scene.options.nonce = NonceRule::Required;
    unknown(&scene.status([good.clone()]), &codes::OCSP_NONCE_REQUIRED);
    // It was asked for while the rule was another one.
    let (leaf, root) = (scene.path.leaf().clone(), scene.path.anchor().clone());
    let request = OcspRequest::new(&leaf, &root, Hash::Sha1, Some([7; 32]));
    let asked = RevocationResponse::to(&request, good.clone());
    let outcome = scene.check_all(&RevocationResponses::from_iter([asked]));
    unknown(&outcome.statuses[0], &codes::OCSP_NONCE_REQUIRED);
    // Of the past it tells what was said then.
    scene.options.moment = Moment::Past;
    assert!(is_good(&scene.status([good])));
}

#[test]
fn a_response_that_does_not_say_when_another_is_due_is_overdue() {
    use RevocationMethods::{Both, Either};
    let mut scene = Scene::new();
    scene.options.grace_seconds = 7 * DAY;
    scene.list(&CrlSpec::empty(1, NOW - 27 * DAY, NOW + 3 * DAY));
    let answer = scene.answer(OcspStatus::Good);
    let answer = OcspAnswer { this_update: NOW - 6 * DAY, next_update: None, ..answer };
    let response = scene.by_root(&OcspSpec::of(answer));
    scene.options.methods = Both;
    let RevocationStatus::Good { evidence, overdue: Some(overdue), .. } =
        scene.status([response.clone()])
    else {
        panic!("it is overdue, within the grace");
    };
    assert_eq!((evidence.method(), overdue.method()), ("crl", "ocsp"));
    // Where one is enough, it is the list that is not.
    scene.options.methods = Either;
    let status = scene.status([response]);
    let RevocationStatus::Good { evidence, overdue: None, .. } = status else {
        panic!("{status:?}");
    };
    assert_eq!(evidence.method(), "crl");
}

#[test]
fn a_later_response_reaches_back_or_confirms() {
    let mut scene = Scene::new();
    scene.options.moment = Moment::Past;
    let then = scene.by_root(&scene.good());
    let outcome = scene.check([then.clone()]);
    assert!(outcome.report.contains(&codes::PROVISIONAL, Level::Info));
    let later = |scene: &mut Scene, status| {
        let serial = scene.held.serial.clone();
        let answer = OcspAnswer::new(serial, status, NOW + 2 * HOUR, NOW + DAY);
        scene.by_root(&OcspSpec::of(answer))
    };
    // Revoked 10 minutes before, told two hours later.
    let before = later(&mut scene, revoked(NOW - 600, Reason::KeyCompromise));
    assert!(is_revoked(&scene.status([then.clone(), before])));
    let after = later(&mut scene, revoked(NOW + HOUR, Reason::KeyCompromise));
    assert!(is_final(&scene.status([then.clone(), after])));
    let good = later(&mut scene, OcspStatus::Good);
    assert!(is_final(&scene.status([then.clone(), good.clone()])));
    // In the present a later response is not in force yet.
    scene.options.moment = Moment::Present;
    unknown(&scene.status([good]), &codes::OCSP_NOT_YET);
}

#[test]
fn invalidity_dates_reach_back_too() {
    let mut scene = Scene::new();
    scene.options.moment = Moment::Past;
    let then = scene.by_root(&scene.good());
    let since = Value::Raw(b"\x18\x0f20261118100000Z".to_vec());
    let answer = OcspAnswer {
        this_update: NOW + 2 * HOUR,
        extensions: vec![Extension::new("2.5.29.24", since)],
        ..scene.answer(revoked(NOW + HOUR, Reason::KeyCompromise))
    };
    let later = scene.by_root(&OcspSpec::of(answer));
    assert!(is_revoked(&scene.status([then, later])));
}

#[test]
fn after_the_expiry_only_a_responder_with_an_archive_clears() {
    let mut scene = Scene::new();
    scene.options.moment = Moment::Past;
    let expiry = scene.path.leaf().not_after().unix();
    let serial = scene.held.serial.clone();
    let answer = OcspAnswer::new(serial, OcspStatus::Good, expiry + DAY, expiry + 2 * DAY);
    let silent = scene.by_root(&OcspSpec::of(answer.clone()));
    unknown(&scene.status([silent]), &codes::OCSP_TOO_LATE);
    let cutoff = |year: &str| {
        let text = [b"\x18\x0f".as_slice(), year.as_bytes(), b"0101000000Z"].concat();
        vec![Extension::new(oid::OCSP_ARCHIVE_CUTOFF, Value::Raw(text))]
    };
    let old = OcspAnswer { extensions: cutoff("2020"), ..answer.clone() };
    let old = scene.by_root(&OcspSpec::of(old));
    assert!(is_final(&scene.status([old])));
    let young = OcspAnswer { extensions: cutoff("2030"), ..answer };
    let young = scene.by_root(&OcspSpec::of(young));
    unknown(&scene.status([young]), &codes::OCSP_TOO_LATE);
}

#[test]
fn methods_decide_what_is_enough() {
    use RevocationMethods::{Both, Crl as Lists, Either, Ocsp};
    let mut scene = Scene::new();
    let good = scene.by_root(&scene.good());
    let gone = scene.answer(revoked(NOW - DAY, Reason::Superseded));
    let gone = scene.by_root(&OcspSpec::of(gone));
    let status = |scene: &mut Scene, methods, response: &OcspResponse| {
        scene.options.methods = methods;
        scene.status([response.clone()])
    };
    unknown(&status(&mut scene, Lists, &gone), &codes::NO_LIST);
    unknown(&status(&mut scene, Both, &good), &codes::NO_LIST);
    assert!(is_good(&status(&mut scene, Ocsp, &good)));
    assert!(is_good(&status(&mut scene, Either, &good)));
    assert!(is_revoked(&status(&mut scene, Both, &gone)));
    scene.list(&CrlSpec::empty(1, NOW - HOUR, NOW + DAY));
    for methods in [Lists, Ocsp, Either, Both] {
        assert!(is_good(&status(&mut scene, methods, &good)), "{methods:?}");
        let expected = methods != Lists;
        assert_eq!(is_revoked(&status(&mut scene, methods, &gone)), expected, "{methods:?}");
    }
    scene.options.methods = Both;
    unknown(&scene.status([]), &codes::NO_RESPONSE);
    scene.options.methods = Either;
    assert!(is_good(&scene.status([])));
    // A list that revokes wins over a response that does not.
    let entry = RevokedEntry::new(scene.held.serial.clone(), NOW - DAY, Reason::Superseded);
    scene.lists = RevocationLists::new();
    scene.list(&CrlSpec::empty(2, NOW - HOUR, NOW + DAY).revoking(entry));
    assert!(is_revoked(&status(&mut scene, Either, &good)));
}

#[test]
fn a_responder_that_refuses_is_reported() {
    let scene = Scene::new();
    let mut responses = RevocationResponses::new();
    for number in [1, 2, 3, 5, 6, 7] {
        match OcspReply::parse(&ocsp_refusal(number).expect("a refusal")).expect("well formed") {
            OcspReply::Refused(refusal) => responses.refused(refusal),
            OcspReply::Answered(response) => panic!("{response:?}"),
        }
    }
    let outcome = scene.check_all(&responses);
    unknown(&outcome.statuses[0], &codes::NO_RESPONSE);
    let told = outcome.report.findings().iter();
    let told: Vec<_> = told.filter(|one| one.code() == &codes::OCSP_REFUSED).collect();
    assert_eq!(told.len(), 6);
    assert_eq!(told[2].observation(), Some("tryLater"));
}

#[test]
fn malformed_responses_are_named() {
    let mut scene = Scene::new();
    let spec = scene.good();
    let der = scene.parties.ocsp("root", "root", &spec).expect("a response");
    let fault = |der: &[u8]| OcspReply::parse(der).expect_err("must be refused").to_string();
    assert_eq!(fault(&[&der[..], &[0]].concat()), "ocspResponse: trailing octets");
    assert_eq!(fault(&ocsp_refusal(0).expect("a status")), "responseBytes: missing");
    assert_eq!(
        fault(&vec![0; 200_000]),
        "ocspResponse: 200000 octets, more than the 102400 allowed"
    );
    let kind = [0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1];
    let place = der.windows(kind.len()).position(|window| window == kind).expect("the type");
    let mut other = der.clone();
    other[place + 8] = 9;
    let expected = "responseBytes.responseType: unknown response type 1.3.6.1.5.5.7.48.1.9";
    assert_eq!(fault(&other), expected);
    for length in 0..der.len() {
        assert!(OcspReply::parse(&der[..length]).is_err(), "{length} octets");
    }
}

/// Outside of what is signed are only the outer frame, in which every change
/// is a fault or another status, and the certificates sent along.
#[test]
fn a_changed_octet_never_clears() {
    let mut scene = Scene::new();
    let spec = scene.good();
    let der = scene.parties.ocsp("root", "root", &spec).expect("a response");
    for place in 0..der.len() {
        for bits in (0..8).map(|bit| 1 << bit).chain([0xFF]) {
            let mut changed = der.clone();
            changed[place] ^= bits;
            if let Ok(OcspReply::Answered(response)) = OcspReply::parse(&changed) {
                let status = scene.status([response]);
                let text = format!("octet {place} ^ {bits:#04x}: {status:?}");
                assert!(matches!(status, RevocationStatus::Unknown { .. }), "{text}");
            }
        }
    }
}
