//! Help, wrong usage, and policy files.

use tongxing_testdata::{
    AuthoritySpec, Encoding, Expected, KeyAlgorithm, LevelSpec, TestAuthority, Validity, encodings,
};
use tongxing_trust_store::{Clock, SystemClock};

use crate::run::{Folder, Run, binary, finished, tongxing};

#[test]
fn without_arguments_it_shows_its_help_and_answers_nothing() {
    let run = tongxing::<&str>([]).ended(2);
    assert!(run.stderr.contains("Usage: tongxing"), "{run:#?}");
}

#[test]
fn help_ends_well_and_has_examples() {
    for command in [vec!["--help"], vec!["ca", "add", "--help"], vec!["demo", "-h"]] {
        let run = tongxing(&command).ended(0);
        assert!(run.stdout.contains("EXAMPLES") || run.stdout.contains("Exit codes"), "{run:#?}");
    }
}

#[test]
fn wrong_usage_is_2() {
    tongxing(["frobnicate"]).ended(2);
    tongxing(["ca", "add", "UPPER"]).ended(2);
    tongxing(["verify", "certificate", "leaf.pem"]).ended(2);
    let late =
        tongxing(["verify", "certificate", "--anchor", "a", "--at", "yesterday", "l"]).ended(2);
    assert!(late.stderr.contains("2026-11-23T08:00:00Z"), "{late:#?}");
}

#[test]
fn a_missing_province_is_named_and_never_made() {
    let folder = Folder::new();
    let data = folder.path("nowhere");
    let run = tongxing(["ca", "list", "--data", data.to_str().unwrap()]).ended(2);
    assert!(run.stderr.contains("holds no province"), "{run:#?}");
    let run = tongxing(["serve", "--data", data.to_str().unwrap()]).ended(2);
    assert!(run.stderr.contains("tongxing init"), "{run:#?}");
    assert!(!data.exists());
}

#[test]
fn the_province_may_come_from_the_environment() {
    let folder = Folder::new();
    let data = folder.path("elsewhere");
    let run = finished(binary().args(["ca", "list"]).env("TONGXING_DATA", &data)).ended(2);
    assert!(run.stderr.contains("elsewhere"), "{run:#?}");
}

#[test]
fn a_good_policy_is_told_its_version() {
    let folder = Folder::new();
    let file = folder.file("province.toml", include_str!("../../../policies/province.toml"));
    let run = tongxing(["policy", "check", &file, "--json"]).ended(0);
    assert_eq!(run.json()[0]["policy_of"], "province");
    assert_eq!(run.json()[0]["version"].as_str().map(str::len), Some(32));
}

#[test]
fn every_mistake_of_a_policy_is_shown_with_its_place() {
    let folder = Folder::new();
    let good = include_str!("../../../policies/province.toml");
    let bad =
        folder.file("bad.toml", good.replace("check-digit", "chek-digit") + "\nnonsense = 1\n");
    let fine = folder.file("fine.toml", good);
    let run = tongxing(["policy", "check", &fine, &bad, "--json"]).ended(1);
    let errors = run.json()[1]["errors"].as_array().unwrap().clone();
    assert!(errors.len() >= 3, "{errors:#?}");
    assert!(errors.iter().all(|error| error["line"].as_u64() > Some(0)));
    let text = tongxing(["policy", "check", &fine, &bad]).ended(1).stdout;
    assert!(text.contains("bad.toml:") && text.contains("chek-digit"), "{text}");
    tongxing(["policy", "check", "/nonexistent/policy.toml"]).ended(2);
}

/// What a policy file makes of a certificate in an encoding, its chain behind it.
fn explained(encoding: &Encoding, policy: &str, more: &[&str], ends: i32) -> Run {
    let now = SystemClock.now().unix();
    let root =
        LevelSpec::new("通行测试", "Root", KeyAlgorithm::EcdsaP256, Validity::decade_around(now));
    let authority = TestAuthority::generate(&AuthoritySpec::one_level("ca", root)).unwrap();
    let leaf =
        encoding.leaf(Validity::year_from(now), None).with_algorithm(KeyAlgorithm::EcdsaP256);
    let folder = Folder::new();
    let chain = authority.issue(&leaf).unwrap().full_chain_pem().unwrap();
    let chain = folder.file("chain.pem", chain + &authority.root().pem().unwrap());
    let command = ["policy", "explain", "--policy", policy, &chain];
    tongxing(command.iter().chain(more)).ended(ends)
}

#[test]
fn a_policy_file_is_tried_before_it_is_set() {
    let encodings = encodings().unwrap();
    let called = |name| encodings.iter().find(|one| one.name == name).unwrap();
    let sheca = concat!(env!("CARGO_MANIFEST_DIR"), "/../policies/sheca.toml");
    let company = called("current, a company's key with its holder");
    let Expected::Read(expected) = &company.expected else { panic!("{company:?}") };
    let holder = expected.holder.as_deref().unwrap();

    let shown = explained(company, sheca, &["--json"], 0).json();
    assert_eq!(shown["policy"]["unverified"], true);
    assert_eq!(shown["identity"]["entity"]["value"], expected.value);
    let read =
        shown["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == "USCC").unwrap();
    assert_eq!(read["readings"][0]["octets"], "0c 12 (18 octets)");
    assert!(!shown.to_string().contains(holder), "{shown}");
    let clear = explained(company, sheca, &["--json", "--clear"], 0).json();
    assert_eq!(clear["identity"]["holder"]["value"], holder);
    assert_eq!(clear["acceptance"][0]["role"], "sign-in");

    let text = explained(company, sheca, &[], 0).stdout;
    for told in ["✓ identified", &expected.value, "octets: 0c 12 (18 octets)", "policy.unverified"]
    {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
    assert!(!text.contains(holder), "{text}");
    let nobody =
        explained(called("a person's id of 18 characters is no code"), sheca, &[], 1).stdout;
    assert!(nobody.contains("✗ nobody is identified"), "{nobody}");
    assert!(nobody.contains("identity.personal_id_as_entity"), "{nobody}");

    tongxing(["policy", "explain", "--policy", sheca, sheca]).ended(2);
    tongxing(["policy", "explain", "--policy", sheca, "--reveal", "a reason", sheca]).ended(2);
    tongxing(["policy", "explain", "--clear", "--ca", "sheca", sheca]).ended(2);
    tongxing(["policy", "explain", sheca]).ended(2);
}

#[test]
fn the_schemas_are_printed_as_they_are_published() {
    for (of, published) in [
        ("authority", include_str!("../../../policies/schema/authority.schema.json")),
        ("province", include_str!("../../../policies/schema/province.schema.json")),
    ] {
        assert_eq!(tongxing(["policy", "schema", of]).ended(0).stdout, published);
        assert_eq!(tongxing(["policy", "schema", of, "--json"]).ended(0).stdout, published);
    }
}

#[test]
fn the_documentation_has_every_code_and_no_other() {
    let page = tongxing(["codes", "--markdown"]).ended(0).stdout;
    let documented = include_str!("../../../docs/codes.md");
    assert!(page == documented, "make it anew: tongxing codes --markdown > docs/codes.md");
}

#[test]
fn a_code_is_explained_in_both_languages() {
    let revoked = tongxing(["codes", "revocation.revoked"]).ended(0).stdout;
    assert!(revoked.contains("证书已被签发机构吊销。"), "{revoked}");
    assert!(revoked.contains("Ask the authority that issued it for a new certificate."));
    let json = tongxing(["codes", "revocation.revoked", "--json"]).ended(0).json();
    assert_eq!(json[0]["responsible"], "bidder");
    tongxing(["codes", "revocation.nonsense"]).ended(1);
}
