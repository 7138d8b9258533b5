//! What was altered, exchanged or left out is named.

use super::*;

#[tokio::test]
async fn each_part_that_is_altered_is_named() {
    let scene = Scene::new().await;
    let (receipt, keys) = (scene.receipt().await, scene.keys());
    let other = Scene::new().await.receipt().await;
    let flip = |text: &Value| {
        let text = text.as_str().unwrap();
        let middle = text.len() / 2;
        let other = if &text[middle..=middle] == "A" { "B" } else { "A" };
        json!(format!("{}{other}{}", &text[..middle], &text[middle + 1..]))
    };
    let alter = |file: &ReceiptFile, pointer: &str| {
        altered(file, |value| {
            let part = value.pointer_mut(pointer).unwrap();
            *part = flip(part);
        })
    };
    // The proof: the record in it, and the signature below.
    assert_eq!(faults(&check(&alter(&receipt, "/proof"), &keys)), ["receipt.not_recorded"]);
    // Another province's, whole in itself: its key is none that is trusted.
    let stranger = check(&other, &keys);
    assert_eq!(faults(&stranger), ["receipt.key_unknown", "receipt.not_recorded"]);
    assert_eq!(stranger.verdict, Verdict::Indeterminate);
    // A statement beside the proof of another one.
    let second = scene.receipt().await;
    let mixed = altered(&receipt, |value| {
        value["proof"] = json!(second.proof());
        value["record"] = json!(second.record());
    });
    assert_eq!(faults(&check(&mixed, &keys)), ["receipt.not_recorded"]);
    for kind in
        ["signature", "content", "certificate", "trust", "authority", "policy", "enrolled", "crl"]
    {
        let sha256 = evidence_of(&receipt, kind);
        let bad = alter(&receipt, &format!("/evidence/{sha256}"));
        let found = faults(&check(&bad, &keys));
        assert!(found.contains(&"receipt.evidence_altered"), "{kind}: {found:?}");
        let gone = altered(&receipt, |value| {
            value["evidence"].as_object_mut().unwrap().remove(&sha256);
        });
        let verification = check(&gone, &keys);
        let found = faults(&verification);
        assert!(found.contains(&"receipt.evidence_missing"), "{kind}: {found:?}");
        assert_ne!(verification.verdict, Verdict::Passed, "{kind}");
        assert_ne!(verification.verdict, Verdict::Failed, "{kind}: missing is not false");
    }
    // The key that signed it under another name: that record is another province's.
    let renamed: Vec<_> = keys.iter().map(|key| renamed(key, "elsewhere")).collect();
    let both = [renamed, keys.clone()].concat();
    assert_eq!(faults(&check(&receipt, &both)), ["receipt.not_recorded"]);
    // No key at all: nothing is false, and nothing is believed.
    let verification = check(&receipt, &[]);
    assert_eq!(faults(&verification), ["receipt.key_unknown", "receipt.not_recorded"]);
    assert_eq!(verification.verdict, Verdict::Indeterminate);
}

fn renamed(key: &EvidenceKey, name: &str) -> EvidenceKey {
    let text = key.to_string();
    let octets = STANDARD.decode(text.splitn(3, '+').nth(2).unwrap()).unwrap();
    // Behind the octet that says of what kind it is.
    EvidenceKey::new(name, octets[1..].try_into().unwrap()).unwrap()
}

/// The receipt with another statement, under the old signature.
fn restated(receipt: &ReceiptFile, change: impl FnOnce(&mut Value)) -> ReceiptFile {
    let mut stated = statement(receipt);
    change(&mut stated);
    let mut parts: Vec<_> = receipt.receipt().split('.').map(str::to_owned).collect();
    parts[1] = URL_SAFE_NO_PAD.encode(stated.to_string());
    altered(receipt, |value| value["receipt"] = json!(parts.join(".")))
}

/// Whoever signed it: what comes out of the evidence is compared with what is stated.
#[tokio::test]
async fn what_does_not_come_out_of_the_evidence_is_said() {
    let scene = Scene::new().await;
    let (receipt, keys) = (scene.receipt().await, scene.keys());
    let of = |change: fn(&mut Value)| check(&restated(&receipt, change), &keys);
    let false_verdict = of(|stated| {
        stated["verdict"] = json!("failed");
        stated["report"]["verdict"] = json!("failed");
    });
    let found = faults(&false_verdict);
    assert!(found.contains(&"receipt.derived_differs"), "{found:?}");
    assert_eq!(false_verdict.derived.unwrap()["verdict"], "passed");
    // The verdict beside the report, and the report itself.
    let beside = of(|stated| stated["verdict"] = json!("failed"));
    assert!(faults(&beside).contains(&"receipt.derived_differs"));
    let provisional = of(|stated| stated["provisional"] = json!(true));
    let said =
        provisional.findings.findings().iter().find(|one| one.subject() == Some("/provisional"));
    assert!(said.is_some(), "{:#?}", provisional.findings);
    // A document of trust that says something else than the statement.
    let other = of(|stated| {
        let authority = &mut stated["trust"]["authorities"][0];
        authority["policies"] = json!([]);
    });
    let found = faults(&other);
    assert!(found.contains(&"receipt.evidence_other"), "{found:?}");
    assert_eq!(other.derived, None);
}

#[tokio::test]
async fn a_document_is_the_one_that_was_verified_or_not() {
    let scene = Scene::new().await;
    let keys = scene.keys();
    let given = |file: &ReceiptFile, document: &[u8]| {
        let mut check = ReceiptCheck::new(file.clone()).unwrap();
        check.give("bid.zip", document).unwrap();
        check.run(&keys)
    };
    let receipt = scene.receipt().await;
    assert_eq!(given(&receipt, CONTENT).verdict, Verdict::Passed);
    assert_eq!(given(&receipt, &scene.signature).verdict, Verdict::Passed);
    assert_eq!(faults(&given(&receipt, b"another")), ["receipt.document_other"]);
    // Evidence it is, and no document.
    let policy = evidence_of(&receipt, "policy");
    let policy = scene.world.province().evidence(&policy).unwrap().unwrap();
    assert_eq!(faults(&given(&receipt, &policy)), ["receipt.document_other"]);
    // Of content that flowed by, digests alone are stated.
    let certificate = Certificate::parse(&scene.issued.certificate_der).unwrap();
    let document = RawSignature::usual(certificate).unwrap().document(&scene.signature);
    let long = [CONTENT, &vec![7; 20_000]].concat();
    let snapshot = scene.world.province().snapshot();
    let rules = snapshot.digest_rules(&document, Timestamp::from_unix(NOW));
    let mut digester = document.digester(0, &[], &rules);
    digester.also(Hash::Sha256);
    digester.update(&long);
    let digests = digester.finish();
    let (_, draft) = scene.draft(Content::Digests(&digests), None);
    let receipt = scene.give(draft, ReceiptForm::Bundle).await;
    let without = passes(&receipt, &keys);
    assert!(
        without.findings.findings().iter().any(|one| one.code().id == "receipt.document_not_given")
    );
    assert_eq!(given(&receipt, &long).verdict, Verdict::Passed);
    assert_eq!(faults(&given(&receipt, &long[1..])), ["receipt.document_other"]);
}
