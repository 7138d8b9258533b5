//! SM2 hierarchies that the tests make: lists, responses, mixed chains, user ids.

use std::sync::Arc;

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Crl, KeyAlgorithm as Kind, Level, OcspReply,
    PathOptions, PathOutcome, Purpose, RevocationLists, RevocationOptions, RevocationOutcome,
    RevocationResponses, RevocationSources, RevocationStatus, SignatureRules, Sm2UserId,
    Sm2UserIds, ValidatedPath, VerifiedCrl, check_revocation, codes, validate_path,
};
use tongxing_testdata::{
    AuthorityCertificate, BodyElement, CrlSpec, Hierarchy, Key, KeyAlgorithm, LeafSpec, LevelSpec,
    OcspAnswer, OcspHash, OcspSpec, OcspStatus, Profile, RevocationReason, RevokedEntry,
    TestAuthority,
};

use crate::party::{
    HOUR, NOW, at_level, certify, issued, leaf, options, parse, validate, validity,
};

fn sm2() -> Hierarchy {
    Hierarchy::new(KeyAlgorithm::Sm2, validity())
}

fn with_empty_user_id() -> PathOptions {
    let empty = Sm2UserId::new(b"").expect("short");
    let mut options = options();
    options.signatures =
        SignatureRules::default().with_sm2_user_ids(Sm2UserIds::standard_and([empty]));
    options
}

fn list(der: &[u8]) -> Crl {
    Crl::parse(der).expect("a list")
}

fn response(der: &[u8]) -> tongxing_pki::OcspResponse {
    match OcspReply::parse(der).expect("a response") {
        OcspReply::Answered(response) => response,
        OcspReply::Refused(refusal) => panic!("{refusal}"),
    }
}

struct Evidence {
    lists: RevocationLists,
    responses: RevocationResponses,
}

impl Evidence {
    fn ask(&self, path: &ValidatedPath, options: &RevocationOptions) -> RevocationOutcome {
        let anchors = Anchors::from_iter([path.anchor().clone()]);
        let (lists, responses) = ([&self.lists], [&self.responses]);
        let sources = RevocationSources {
            lists: &lists,
            responses: &responses,
            anchors: &anchors,
            pools: &[],
        };
        check_revocation(path, &sources, options)
    }
}

fn of_lists(lists: impl IntoIterator<Item = Crl>) -> Evidence {
    let mut evidence =
        Evidence { lists: RevocationLists::new(), responses: RevocationResponses::new() };
    evidence.lists.extend(lists);
    evidence
}

fn path_of(outcome: PathOutcome) -> ValidatedPath {
    outcome.path.unwrap_or_else(|| panic!("{:?}", outcome.report))
}

#[test]
fn lists_and_responses_say_good_and_revoked() {
    let mut parties = sm2();
    let root = certify(&mut parties, "root", "root");
    let issuing = certify(&mut parties, "root", "issuing");
    let issued = issued(&mut parties, "issuing");
    let leaf = parse(&issued.certificate_der);
    assert_eq!(*leaf.public_key().algorithm(), Kind::Sm2);
    let path = path_of(validate(&leaf, &[&root], &[&issuing], &options()));
    assert_eq!(path.certificates().len(), 2);

    let spec = CrlSpec::empty(1, NOW - HOUR, NOW + HOUR);
    let of_root = list(&parties.crl("root", &spec).expect("a list"));
    let empty = list(&parties.crl("issuing", &spec).expect("a list"));
    let entry = RevokedEntry::new(issued.serial.clone(), NOW - 60, RevocationReason::KeyCompromise);
    let revoking = list(&parties.crl("issuing", &spec.revoking(entry)).expect("a list"));
    let asked = RevocationOptions::of(&options());
    let statuses = |lists: [&Crl; 2]| of_lists(lists.map(Clone::clone)).ask(&path, &asked).statuses;
    let all_good = |statuses: &[RevocationStatus]| {
        statuses.iter().all(|status| matches!(status, RevocationStatus::Good { .. }))
    };
    assert!(all_good(&statuses([&empty, &of_root])));
    assert!(matches!(statuses([&revoking, &of_root])[0], RevocationStatus::Revoked { .. }));

    for hash in [OcspHash::Sha1, OcspHash::Sm3] {
        let answer = |status| OcspAnswer {
            hash,
            ..OcspAnswer::new(issued.serial.clone(), status, NOW - HOUR, NOW + HOUR)
        };
        let reason = RevocationReason::Superseded;
        let gone = OcspStatus::Revoked { at: NOW - 60, reason };
        for (status, good) in [(OcspStatus::Good, true), (gone, false)] {
            let spec = OcspSpec::of(answer(status));
            let der = parties.ocsp("issuing", "issuing", &spec).expect("a response");
            let mut evidence = of_lists([of_root.clone()]);
            evidence.responses.insert(response(&der));
            assert_eq!(all_good(&evidence.ask(&path, &asked).statuses), good, "{hash:?}");
        }
    }
}

#[test]
fn chains_of_both_kinds_of_keys_verify() {
    let key = |algorithm| Arc::new(Key::generate(algorithm).expect("a key"));
    let level = |name: &str, algorithm| LevelSpec::new("通行测试", name, algorithm, validity());
    for (above, below) in [
        (KeyAlgorithm::Rsa2048, KeyAlgorithm::Sm2),
        (KeyAlgorithm::Sm2, KeyAlgorithm::EcdsaP256),
        (KeyAlgorithm::Sm2, KeyAlgorithm::Rsa2048),
    ] {
        let root = level("root", above);
        let root = AuthorityCertificate::root(&root, key(above)).expect("a root");
        let other = level("other", below);
        let other = AuthorityCertificate::root(&other, key(below)).expect("another root");
        let cross = root.cross_certify(&other, validity()).expect("a cross-certificate");
        let subject = other.spec().subject.clone();
        let spec = LeafSpec::signing(subject, validity()).with_algorithm(below);
        let leaf = parse(&other.issue(&spec).expect("a leaf").certificate_der);
        let certificates = [&root, &other, &cross].map(|one| parse(one.der()));
        let [root, other, cross] = &certificates;
        let by_cross = path_of(validate(&leaf, &[root], &[other, cross], &options()));
        assert_eq!(by_cross.certificates().len(), 2, "{above:?} over {below:?}");
        assert_eq!(
            path_of(validate(&leaf, &[other], &[cross], &options())).certificates().len(),
            1
        );
    }
}

#[test]
fn an_empty_user_id_is_allowed_by_a_policy_and_then_said() {
    let mut parties = Hierarchy::new(KeyAlgorithm::Sm2EmptyUserId, validity());
    let root = certify(&mut parties, "root", "root");
    let leaf = leaf(&mut parties, "root");
    let refused = validate(&leaf, &[&root], &[], &options());
    assert_eq!(at_level(&refused.report, Level::Failed), [codes::SM2_SIGNATURE_USER_ID.id]);

    let allowed = validate(&leaf, &[&root], &[], &with_empty_user_id());
    assert_eq!(at_level(&allowed.report, Level::Info), [codes::SM2_USER_ID.id]);
    let path = path_of(allowed);
    // What was verified under one policy is not thereby good under another.
    let again = validate(&leaf, &[&root], &[], &options());
    assert_eq!(at_level(&again.report, Level::Failed), [codes::SM2_SIGNATURE_USER_ID.id]);

    let spec = CrlSpec::empty(1, NOW - HOUR, NOW + HOUR);
    let list = list(&parties.crl("root", &spec).expect("a list"));
    let fault = VerifiedCrl::verify(&list, root.public_key()).map(drop).expect_err("refused");
    assert_eq!(fault.code(), &codes::SM2_SIGNATURE_USER_ID);
    let rules = with_empty_user_id().signatures;
    let verified = VerifiedCrl::verify_with(&list, root.public_key(), &rules).expect("allowed");
    let mut evidence = of_lists([]);
    evidence.lists.insert(verified);
    let good = evidence.ask(&path, &RevocationOptions::of(&with_empty_user_id()));
    assert!(matches!(good.statuses[..], [RevocationStatus::Good { .. }]));
    assert!(good.report.contains(&codes::SM2_USER_ID, Level::Info));
    let unknown = evidence.ask(&path, &RevocationOptions::of(&options()));
    assert!(matches!(unknown.statuses[..], [RevocationStatus::Unknown { .. }]));

    let serial = leaf.serial().bytes().to_vec();
    let answer = OcspAnswer::new(serial, OcspStatus::Good, NOW - HOUR, NOW + HOUR);
    let der = parties.ocsp("root", "root", &OcspSpec::of(answer)).expect("a response");
    let mut evidence = of_lists([]);
    evidence.responses.insert(response(&der));
    let good = evidence.ask(&path, &RevocationOptions::of(&with_empty_user_id()));
    assert!(matches!(good.statuses[..], [RevocationStatus::Good { .. }]));
    assert!(good.report.contains(&codes::SM2_USER_ID, Level::Info));
    let unknown = evidence.ask(&path, &RevocationOptions::of(&options()));
    assert!(matches!(unknown.statuses[..], [RevocationStatus::Unknown { .. }]));
}

#[test]
fn a_key_labelled_for_encryption_has_the_reason_of_its_usage() {
    let authority = TestAuthority::generate(&Profile::D.authority(validity())).expect("D");
    let spec = LeafSpec::signing(Vec::new(), validity()).with_algorithm(KeyAlgorithm::Sm2);
    let labelled = authority.issue_changed(&spec, |body| {
        let spki = body.element(BodyElement::PublicKey)?.to_vec();
        // 1.2.156.10197.1.301 becomes 1.2.156.10197.1.301.3, three lengths with it.
        let end = spki.windows(2).position(|two| two == [0x82, 0x2D]).expect("the curve") + 2;
        let mut longer = [&spki[..end], &[0x03], &spki[end..]].concat();
        longer[1] += 1;
        longer[3] += 1;
        longer[end - 9] += 1;
        body.replace(BodyElement::PublicKey, longer)
    });
    let leaf = parse(&labelled.expect("a leaf").certificate_der);
    assert_eq!(*leaf.public_key().algorithm(), Kind::Sm2Encryption);
    let issuing = parse(authority.issuing().der());
    for (purpose, expected) in
        [(Purpose::ClientAuth, &["certificate.encryption_certificate"][..]), (Purpose::Any, &[])]
    {
        let outcome = validate(&leaf, &[&issuing], &[], &options().for_purpose(purpose));
        assert_eq!(at_level(&outcome.report, Level::Failed), expected);
    }
}

#[test]
fn dual_certificates_come_in_pairs() {
    let authority = TestAuthority::generate(&Profile::D.authority(validity())).expect("D");
    let spec = LeafSpec::signing(Vec::new(), validity()).with_algorithm(KeyAlgorithm::Sm2);
    let pair = authority.issue_pair(&spec).expect("a pair");
    let anchors = Anchors::from_iter([parse(authority.root().der())]);
    let pool = CertificatePool::from_iter([parse(authority.issuing().der())]);
    let failed = |der: &[u8]| {
        let options = options().for_purpose(Purpose::ClientAuth);
        let leaf = Certificate::parse(der).expect("a leaf");
        let outcome = validate_path(&leaf, &anchors, &[&pool], &options);
        at_level(&outcome.report, Level::Failed)
    };
    assert!(failed(&pair.signing.certificate_der).is_empty());
    let encryption = failed(&pair.encryption.certificate_der);
    assert!(encryption.contains(&"certificate.encryption_certificate"), "{encryption:?}");
}
