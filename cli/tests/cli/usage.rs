//! Help, wrong usage, and policy files.

use crate::run::{Folder, binary, finished, tongxing};

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
