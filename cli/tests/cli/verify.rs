//! `verify certificate`, against synthetic authorities.

use serde_json::Value as Json;
use tongxing_testdata::{
    AlternativeName, AuthoritySpec, Company, CrlSpec, Extension, Issued, KeyAlgorithm, LeafSpec,
    LevelSpec, OcspAnswer, OcspSpec, OcspStatus, Person, Profile, RevocationReason, RevokedEntry,
    TestAuthority, Validity, Value, crl_pem, ocsp_refusal,
};

use crate::run::{Folder, Run, tongxing};

/// 2026-11-18T11:06:40Z.
const NOW: i64 = 1_795_000_000;
const AT: &str = "2026-11-18T11:06:40Z";

struct World {
    folder: Folder,
    authority: TestAuthority,
    bidder: Issued,
    root: String,
    issuing: String,
    leaf: String,
}

fn spec() -> LeafSpec {
    Profile::C.leaf(&Company::numbered(0), &Person::numbered(0), Validity::year_from(NOW))
}

fn world() -> World {
    let spec_of_ca = Profile::C.authority(Validity::decade_around(NOW));
    let authority = TestAuthority::generate(&spec_of_ca).unwrap();
    let bidder = authority.issue(&spec()).unwrap();
    let folder = Folder::new();
    World {
        root: folder.file("root.pem", authority.root().pem().unwrap()),
        issuing: folder.file("issuing.der", authority.issuing().der()),
        leaf: folder.file("leaf.pem", bidder.certificate_pem().unwrap()),
        folder,
        authority,
        bidder,
    }
}

impl World {
    fn verify(&self, arguments: &[&str]) -> Run {
        let fixed = ["verify", "certificate", "--json", "--anchor", &self.root, "--at", AT];
        tongxing(fixed.iter().chain(arguments))
    }

    /// The lists of both levels; the leaves' revokes `revoked`.
    fn lists(&self, revoked: Option<&Issued>) -> [String; 2] {
        let empty = CrlSpec::empty(1, NOW - 3_600, NOW + 86_400);
        let leaves = revoked.into_iter().fold(empty.clone(), |list, issued| {
            let reason = RevocationReason::KeyCompromise;
            list.revoking(RevokedEntry::new(issued.serial.clone(), NOW - 3_600, reason))
        });
        let leaves = crl_pem(&self.authority.crl(&leaves).unwrap()).unwrap();
        let root = self.authority.root_crl(&empty).unwrap();
        [self.folder.file("leaves.crl", leaves), self.folder.file("root.crl", root)]
    }
}

fn has(document: &Json, code: &str, level: &str) -> bool {
    let findings = document["findings"].as_array().unwrap();
    findings.iter().any(|finding| finding["code"] == code && finding["level"] == level)
}

#[test]
fn a_good_certificate_passes_with_its_path() {
    let world = world();
    let run = world.verify(&["--intermediate", &world.issuing, &world.leaf]).ended(0);
    let document = run.json();
    assert_eq!(document["verdict"], "passed");
    assert_eq!(document["path"].as_array().unwrap().len(), 3);
    assert!(has(&document, "revocation.not_asked", "info"));
}

#[test]
fn der_and_pem_are_the_same() {
    let world = world();
    let der = world.folder.file("leaf.der", &world.bidder.certificate_der);
    let with = |leaf: &str| world.verify(&["--intermediate", &world.issuing, leaf]).ended(0);
    assert_eq!(with(&der).json(), with(&world.leaf).json());
}

#[test]
fn without_its_intermediate_it_fails() {
    let world = world();
    let document = world.verify(&[&world.leaf]).ended(1).json();
    assert_eq!(document["verdict"], "failed");
    assert!(has(&document, "path.no_anchor", "failed"));
}

#[test]
fn revocation_is_asked_of_every_certificate_below_the_anchor() {
    let world = world();
    let [leaves, root] = world.lists(None);
    let with = ["--intermediate", &world.issuing, "--crl", &leaves, "--crl", &root, &world.leaf];
    world.verify(&with).ended(0);
    let one = ["--intermediate", &world.issuing, "--crl", &leaves, &world.leaf];
    assert_eq!(world.verify(&one).ended(1).json()["verdict"], "indeterminate");
}

impl World {
    /// The response of the issuing level about the bidder, and the root's about that level.
    fn responses(&self, status: OcspStatus) -> [String; 2] {
        let answer = |serial: &[u8], status| {
            let answer = OcspAnswer::new(serial, status, NOW - 3_600, NOW + 86_400);
            OcspSpec::of(answer)
        };
        let leaf = self.authority.issuing().ocsp(&answer(&self.bidder.serial, status)).unwrap();
        let above = answer(self.authority.issuing().serial(), OcspStatus::Good);
        let issuing = self.authority.root().ocsp(&above).unwrap();
        [self.folder.file("leaf.ocsp", leaf), self.folder.file("issuing.ocsp", issuing)]
    }
}

#[test]
fn ocsp_responses_clear_a_path_or_revoke_it() {
    let world = world();
    let verify = |responses: &[&str]| {
        let mut arguments = vec!["--intermediate", world.issuing.as_str()];
        arguments.extend(responses.iter().flat_map(|file| ["--ocsp", file]));
        arguments.push(&world.leaf);
        world.verify(&arguments)
    };
    let [leaf, issuing] = world.responses(OcspStatus::Good);
    let document = verify(&[&leaf, &issuing]).ended(0).json();
    assert!(has(&document, "revocation.good", "passed"));
    let document = verify(&[&leaf]).ended(1).json();
    assert_eq!(document["verdict"], "indeterminate");
    let reason = RevocationReason::KeyCompromise;
    let [leaf, issuing] = world.responses(OcspStatus::Revoked { at: NOW - 7_200, reason });
    let document = verify(&[&leaf, &issuing]).ended(1).json();
    assert!(has(&document, "revocation.revoked", "failed"));
    // Lists and responses together: what either lacks the other may tell.
    let [_, root_list] = world.lists(None);
    let [leaf, _] = world.responses(OcspStatus::Good);
    let mixed =
        ["--intermediate", &world.issuing, "--ocsp", &leaf, "--crl", &root_list, &world.leaf];
    world.verify(&mixed).ended(0);
}

#[test]
fn what_is_no_answer_is_told() {
    let world = world();
    let refusal = world.folder.file("refusal.ocsp", ocsp_refusal(3).unwrap());
    let garbage = world.folder.file("garbage.ocsp", "neither one nor the other");
    let arguments =
        ["--intermediate", &world.issuing, "--ocsp", &refusal, "--ocsp", &garbage, &world.leaf];
    let document = world.verify(&arguments).ended(1).json();
    assert_eq!(document["verdict"], "indeterminate");
    assert!(has(&document, "revocation.ocsp_not_successful", "warning"));
    assert!(has(&document, "input.response_malformed", "warning"));
    assert!(has(&document, "revocation.no_response", "indeterminate"));
}

#[test]
fn policies_are_asked_and_told() {
    let anchor =
        LevelSpec::new("通行测试", "Root", KeyAlgorithm::EcdsaP256, Validity::decade_around(NOW));
    let authority = TestAuthority::generate(&AuthoritySpec::one_level("ca", anchor)).unwrap();
    let (ours, others) = ("1.2.156.55738.1", "1.2.156.55738.2");
    let information = Value::Sequence(vec![Value::ObjectIdentifier(ours.to_owned())]);
    let policies = Extension::new("2.5.29.32", Value::Sequence(vec![information]));
    let folder = Folder::new();
    let root = folder.file("root.pem", authority.root().pem().unwrap());
    let issue = |spec: LeafSpec| authority.issue(&spec).unwrap().certificate_pem().unwrap();
    let with = folder.file("with.pem", issue(spec().with_extension(policies)));
    let without = folder.file("without.pem", issue(spec()));
    let verify = |options: &[&str], leaf: &str, code: i32| {
        let fixed = ["verify", "certificate", "--json", "--anchor", &root, "--at", AT];
        tongxing(fixed.iter().copied().chain(options.iter().copied()).chain([leaf]))
            .ended(code)
            .json()
    };
    assert_eq!(verify(&[], &with, 0)["policies"], serde_json::json!([ours]));
    let explicit = "--require-explicit-policy";
    assert_eq!(verify(&[explicit, "--policy", ours], &with, 0)["policies"][0], ours);
    verify(&[explicit, "--policy", others, "--policy", ours], &with, 0);
    let refused = verify(&[explicit, "--policy", others], &with, 1);
    assert!(has(&refused, "path.policies_not_accepted", "failed"), "{refused:#}");
    assert_eq!(refused["policies"], serde_json::json!([]));
    verify(&[explicit], &without, 1);
    verify(&["--policy", others], &with, 0);
    verify(&["--inhibit-policy-mapping", "--inhibit-any-policy", explicit], &with, 0);
    let run = tongxing(["verify", "certificate", "--anchor", &root, "--policy", "x", &with]);
    run.ended(2);
}

#[test]
fn names_are_asked() {
    let mut world = world();
    let alternative_names = vec![AlternativeName::Dns("bid.example.cn".to_owned())];
    let named = world.authority.issue(&LeafSpec { alternative_names, ..spec() }).unwrap();
    world.leaf = world.folder.file("named.pem", named.certificate_pem().unwrap());
    let name = |names: &[&str], code: i32| {
        let mut arguments = vec!["--intermediate", world.issuing.as_str()];
        arguments.extend(names.iter().flat_map(|name| ["--name", name]));
        arguments.push(&world.leaf);
        world.verify(&arguments).ended(code)
    };
    name(&["dns:bid.example.cn"], 0);
    name(&["dns:bid.example.cn", "email:a@example.cn"], 1);
    let document = name(&["dns:other.example.cn"], 1).json();
    assert!(has(&document, "certificate.name_mismatch", "failed"), "{document:#}");
    for wrong in ["bid.example.cn", "ip:example", "phone:1"] {
        name(&[wrong], 2);
    }
}

#[test]
fn a_revoked_certificate_fails() {
    let world = world();
    let [leaves, root] = world.lists(Some(&world.bidder));
    let with = ["--intermediate", &world.issuing, "--crl", &leaves, "--crl", &root, &world.leaf];
    let document = world.verify(&with).ended(1).json();
    assert!(has(&document, "revocation.revoked", "failed"));
}

#[test]
fn purpose_depth_and_moment_are_heeded() {
    let world = world();
    let with = |options: &[&str], code: i32| {
        let fixed = ["--intermediate", world.issuing.as_str()];
        let arguments = fixed.iter().chain(options).copied().chain([world.leaf.as_str()]);
        world.verify(&arguments.collect::<Vec<_>>()).ended(code)
    };
    with(&["--purpose", "client"], 0);
    with(&["--purpose", "server"], 1);
    with(&["--max-depth", "1"], 0);
    with(&["--max-depth", "0"], 1);
    with(&["--strict"], 0);
    let anchor = ["verify", "certificate", "--json", "--anchor", &world.root];
    let late = ["--at", "2030-01-01", "--intermediate", &world.issuing, &world.leaf];
    let document = tongxing(anchor.iter().chain(&late)).ended(1).json();
    assert!(has(&document, "certificate.expired", "failed"));
}

#[test]
fn a_malformed_leaf_fails_and_other_malformed_files_are_findings() {
    let world = world();
    let garbage = world.folder.file("garbage", "neither one nor the other");
    let document = world.verify(&[&garbage]).ended(1).json();
    assert_eq!(document["verdict"], "failed");
    let with = ["--intermediate", &garbage, "--intermediate", &world.issuing, &world.leaf];
    let document = world.verify(&with).ended(0).json();
    let findings = document["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["level"] == "warning"), "{findings:#?}");
}

#[test]
fn an_unreadable_file_is_2() {
    let world = world();
    let run = world.verify(&["/nonexistent/leaf.pem"]).ended(2);
    assert!(run.stderr.contains("/nonexistent/leaf.pem"), "{run:#?}");
    world.verify(&["--crl", "/nonexistent/list.crl", &world.leaf]).ended(2);
}

#[test]
fn people_get_a_tree_without_colours() {
    let world = world();
    let arguments = ["verify", "certificate", "--anchor", &world.root, "--at", AT, &world.leaf];
    let run = tongxing(arguments).ended(1);
    assert!(run.stdout.starts_with("✗ failed"), "{run:#?}");
    assert!(run.stdout.contains("path.no_anchor") && !run.stdout.contains('\u{1b}'), "{run:#?}");
}

#[test]
fn with_a_language_it_says_what_bidders_read() {
    let world = world();
    let plain = world.verify(&[&world.leaf]).ended(1).json();
    assert!(plain["findings"].as_array().unwrap().iter().all(|found| found["text"].is_null()));
    let document = world.verify(&["--lang", "zh", &world.leaf]).ended(1).json();
    let findings = document["findings"].as_array().unwrap();
    let found = findings.iter().find(|found| found["code"] == "path.no_anchor").unwrap();
    assert_eq!(found["responsible"], "bidder");
    for sentence in ["text", "whose", "next"] {
        assert!(found[sentence].as_str().unwrap().ends_with('。'), "{found:#}");
    }
}
