//! `receipt verify`, with the golden receipts.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::run::{Folder, Run, argument, tongxing};

const RECEIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/receipts");
const CONTENT: &str = "投标文件：示例项目，报价一百万元。";

fn file(name: &str) -> String {
    format!("{RECEIPTS}/{}{name}", env!("CARGO_PKG_VERSION"))
}

fn verify(receipt: &str, keys: Option<&str>, more: &[&str]) -> Run {
    let mut arguments = vec!["receipt", "verify", receipt, "--json"];
    if let Some(keys) = keys {
        arguments.extend(["--key", keys]);
    }
    arguments.extend(more);
    tongxing(arguments)
}

/// The SHA-256 of the document that a receipt states.
fn document_digest(receipt: &str) -> String {
    let document = verify(receipt, None, &[]).ended(1).json();
    let verified = document["stated"]["verified"].as_array().unwrap();
    let signed = verified.iter().find(|part| part["part"] == "signature").unwrap();
    signed["digest"].as_str().unwrap().to_owned()
}

/// The codes of what did not pass.
fn faults(document: &Value) -> Vec<&str> {
    let findings = document["findings"].as_array().unwrap().iter();
    let decided =
        findings.filter(|one| matches!(one["level"].as_str(), Some("failed" | "indeterminate")));
    decided.map(|one| one["code"].as_str().unwrap()).collect()
}

#[test]
fn a_receipt_is_checked_by_files_alone() {
    let folder = Folder::new();
    folder.file("bid.txt", CONTENT);
    folder.file("other.txt", "another");
    let [own, other] = ["bid.txt", "other.txt"].map(|name| argument(&folder.path(name)));
    for (receipt, keys) in [(".json", ".keys"), ("-gm.json", "-gm.keys")] {
        let (receipt, keys) = (file(receipt), file(keys));
        let document = verify(&receipt, Some(&keys), &["--document", &own]).ended(0).json();
        assert_eq!(document["verdict"], "passed");
        assert_eq!(document["stated"]["verdict"], "passed");
        // Not even a check that passed came out otherwise, in whichever version.
        let findings = document["findings"].as_array().unwrap();
        assert!(findings.iter().all(|one| one["level"] != "warning"), "{findings:#?}");
        let document = verify(&receipt, Some(&keys), &["--document", &other]).ended(1).json();
        assert_eq!(faults(&document), ["receipt.document_other"]);
        let document = verify(&receipt, None, &[]).ended(1).json();
        assert_eq!(faults(&document), ["receipt.key_unknown", "receipt.not_recorded"]);
        let told = tongxing(["receipt", "verify", &receipt]).ended(1).stdout;
        assert!(told.contains("it is not proven"), "{told}");
        assert!(told.contains("/v1/evidence-keys"), "what is to be done: {told}");
        for lang in [None, Some("zh"), Some("en")] {
            let mut arguments = vec!["receipt", "verify", &receipt, "--key", &keys];
            arguments.extend(lang.iter().flat_map(|lang| ["--lang", *lang]));
            let run = tongxing(arguments).ended(0);
            assert!(run.stdout.contains("receipt.derived"), "{}", run.stdout);
            // What a court asks: who, what, when, by which evidence.
            let zh = lang == Some("zh");
            let labels = if zh {
                ["代表主体", "签名文件", "判定时刻", "吊销状态", "签名密钥", "对回执的核对"]
            } else {
                [
                    "speaks for",
                    "signed document",
                    "judged at",
                    "revocation",
                    "signed by",
                    "checks of the",
                ]
            };
            for label in labels {
                assert!(run.stdout.contains(label), "{label}: {}", run.stdout);
            }
            let sha256 = document_digest(&receipt);
            assert!(run.stdout.contains(&sha256), "{sha256}: {}", run.stdout);
            assert!(!run.stdout.contains("not proven"), "{}", run.stdout);
        }
    }
    // The answer that it came with reads too.
    let text = fs::read_to_string(file(".json")).unwrap();
    folder.file("answer.json", format!("{{\"verdict\":\"passed\",\"receipt\":{text}}}"));
    let answer = argument(&folder.path("answer.json"));
    verify(&answer, Some(&file(".keys")), &[]).ended(0);
}

#[test]
fn evidence_may_lie_beside_it_and_what_is_no_receipt_is_no_answer() {
    let folder = Folder::new();
    let mut receipt: Value =
        serde_json::from_str(&fs::read_to_string(file(".json")).unwrap()).unwrap();
    let evidence = receipt["evidence"].as_object_mut().unwrap();
    let (sha256, octets) = evidence.iter().next().map(|(k, v)| (k.clone(), v.clone())).unwrap();
    evidence.remove(&sha256);
    folder.file("part.json", receipt.to_string());
    let part = argument(&folder.path("part.json"));
    let keys = file(".keys");
    let document = verify(&part, Some(&keys), &[]).ended(1).json();
    assert!(faults(&document).contains(&"receipt.evidence_missing"), "{document:#}");
    let octets = STANDARD.decode(octets.as_str().unwrap()).unwrap();
    fs::write(folder.path("piece"), octets).unwrap();
    let piece = argument(&folder.path("piece"));
    verify(&part, Some(&keys), &["--evidence", &piece]).ended(0);

    for (name, content) in
        [("empty", ""), ("list", "[]"), ("later", "{\"format\":\"tongxing-receipt-file.v9\"}")]
    {
        folder.file(name, content);
        let run = verify(&argument(&folder.path(name)), Some(&keys), &[]);
        run.ended(2);
    }
}
