//! A receipt is given with a verification, and comes out the same without the province.

use super::*;

#[tokio::test]
async fn a_receipt_says_what_was_said_and_comes_out_the_same() {
    for (record, profile) in [
        (RecordProfile::Standard, Profile::A),
        (RecordProfile::Standard, Profile::B),
        (RecordProfile::Standard, Profile::C),
        (RecordProfile::Gm, Profile::D),
    ] {
        let scene = Scene::of(record, profile).await;
        let (told, draft) = scene.draft(Content::Octets(CONTENT), None);
        let receipt = scene.give(draft, ReceiptForm::Bundle).await;
        let verification = passes(&receipt, &scene.keys());
        assert_eq!(verification.stated.report, told);
        // Those of ca-c are of agents, who may not sign here.
        let expected = if profile == Profile::C { Verdict::Failed } else { Verdict::Passed };
        assert_eq!(verification.stated.verdict, expected, "{told:#}");
        assert_eq!(verification.stated.record, receipt.record());
        let codes: Vec<_> =
            verification.findings.findings().iter().map(|one| one.code().id).collect();
        assert_eq!(
            codes,
            ["receipt.signed", "receipt.recorded", "receipt.evidence", "receipt.derived"]
        );
        let header = part(&receipt, 0);
        let expected = if record == RecordProfile::Gm { "SM2SM3" } else { "EdDSA" };
        assert_eq!(
            (&header["alg"], &header["typ"]),
            (&json!(expected), &json!("tongxing-receipt+jws"))
        );
    }
}

#[tokio::test]
async fn what_did_not_pass_has_a_receipt_of_its_own() {
    let scene = Scene::new().await;
    let (told, draft) = scene.draft(Content::Octets(b"another content"), None);
    assert_eq!(told["verdict"], "failed");
    let receipt = scene.give(draft, ReceiptForm::Bundle).await;
    let verification = passes(&receipt, &scene.keys());
    assert_eq!(verification.stated.verdict, Verdict::Failed, "the receipt holds all the same");
    // Of a stranger's certificate, too: that nobody was trusted is what it states.
    let mut stranger = scene;
    let spec = tongxing_testdata::AuthoritySpec {
        ..Profile::C.authority(tongxing_testdata::Validity::decade_around(NOW))
    };
    let other = tongxing_testdata::TestAuthority::generate(&spec).unwrap();
    let leaf = Profile::C.leaf(
        &Company::numbered(1),
        &tongxing_testdata::Person::numbered(1),
        tongxing_testdata::Validity::year_from(NOW - 3600),
    );
    stranger.issued = other.issue(&leaf).unwrap();
    stranger.signature = stranger.issued.key.sign(CONTENT).unwrap();
    let (told, draft) = stranger.draft(Content::Octets(CONTENT), None);
    assert_ne!(told["verdict"], "passed");
    passes(&stranger.give(draft, ReceiptForm::Bundle).await, &stranger.keys());
}

#[tokio::test]
async fn the_signed_form_is_completed_from_what_the_gateway_keeps() {
    let scene = Scene::new().await;
    let (_, draft) = scene.draft(Content::Octets(CONTENT), None);
    let mut receipt = scene.give(draft, ReceiptForm::Signed).await;
    let keys = scene.keys();
    assert_eq!(check(&receipt, &keys).verdict, Verdict::Indeterminate);
    let missing = ReceiptCheck::new(receipt.clone()).unwrap().missing();
    let province = scene.world.province();
    let mut own = 0;
    for sha256 in missing {
        match province.evidence(&sha256).unwrap() {
            Some(octets) => receipt.add_evidence(octets),
            None => own += 1,
        }
    }
    assert_eq!(own, 3, "signature, content and certificate are the platform's own");
    receipt.add_evidence(scene.issued.certificate_der.clone());
    let mut check = ReceiptCheck::new(receipt).unwrap();
    check.give("content", CONTENT).unwrap();
    check.give("signature", scene.signature.as_slice()).unwrap();
    let verification = check.run(&keys);
    assert_eq!(verification.verdict, Verdict::Passed, "{:#?}", verification.findings);
}

#[tokio::test]
async fn what_responders_said_is_evidence_too() {
    let scene = Scene::new().await;
    scene.world.allow_ocsp("order = [\"ocsp\"]").await;
    let response = scene.world.response_about(&scene.issued, Some(NOW + 60));
    let responses = RevocationResponses::from_iter([response]);
    let (told, draft) = scene.draft_on(Content::Octets(CONTENT), None, &responses);
    assert_eq!(told["verdict"], "passed", "{told:#}");
    let receipt = scene.give(draft, ReceiptForm::Bundle).await;
    let keys = scene.keys();
    passes(&receipt, &keys);
    let sha256 = evidence_of(&receipt, "ocsp");
    assert!(scene.world.province().evidence(&sha256).unwrap().is_some(), "it is kept");
    let gone = altered(&receipt, |value| {
        value["evidence"].as_object_mut().unwrap().remove(&sha256);
    });
    assert!(faults(&check(&gone, &keys)).contains(&"receipt.evidence_missing"));
    // Years later, when it is long overdue, and under another policy.
    scene.now(NOW + 3 * 366 * DAY);
    scene.world.allow_ocsp("order = [\"crl\"]").await;
    passes(&receipt, &keys);
}

/// As after retention let go of it between the judgement and its record.
#[tokio::test]
async fn evidence_that_went_meanwhile_is_kept_again() {
    let scene = Scene::new().await;
    let first = scene.receipt().await;
    let policy = evidence_of(&first, "policy");
    let blob = scene.world.home().join("blobs").join(&policy[..2]).join(&policy);
    std::fs::remove_file(&blob).unwrap();
    let second = scene.receipt().await;
    assert_eq!(evidence_of(&second, "policy"), policy);
    assert!(blob.exists());
}

/// What only the province had nobody can give again: there is no receipt that names it.
#[tokio::test]
async fn a_list_that_went_meanwhile_is_named_and_nothing_is_recorded() {
    let scene = Scene::new().await;
    let (_, draft) = scene.draft(Content::Octets(CONTENT), None);
    let list = evidence_of(&scene.receipt().await, "crl");
    std::fs::remove_file(scene.world.home().join("blobs").join(&list[..2]).join(&list)).unwrap();
    let before = scene.world.province().health().sequence;
    let request = ReceiptRequest {
        issuer: "https://gateway.example".to_owned(),
        relying_party: platform(),
        form: ReceiptForm::Signed,
    };
    let refused = scene.world.province().give_receipt(draft, &request).await.unwrap_err();
    assert!(refused.to_string().contains(&list), "{refused}");
    assert_eq!(scene.world.province().health().sequence, before);
}

#[tokio::test]
async fn only_evidence_is_handed_out() {
    let scene = Scene::new().await;
    let receipt = scene.receipt().await;
    let province = scene.world.province();
    for kind in ["trust", "authority", "policy", "enrolled", "crl"] {
        assert!(province.evidence(&evidence_of(&receipt, kind)).unwrap().is_some(), "{kind}");
    }
    for kind in ["signature", "content", "certificate"] {
        assert!(province.evidence(&evidence_of(&receipt, kind)).unwrap().is_none(), "{kind}");
    }
    // Whoever signs in has their certificate kept: as a blob that is evidence of no receipt.
    scene.world.admitted(&scene.issued).await;
    let kept: Vec<_> = crate::world::files(&scene.world.home().join("blobs"));
    let handed: Vec<_> = kept
        .iter()
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            province.evidence(name).unwrap().is_some()
        })
        .collect();
    assert!(handed.len() < kept.len());
    for bad in ["", "..", "x", &"0".repeat(64), &"A".repeat(64)] {
        assert!(province.evidence(bad).unwrap().is_none(), "{bad}");
    }
}

#[tokio::test]
async fn a_certificates_recognition_has_receipts_too() {
    let scene = Scene::new().await;
    scene.now(NOW + HOUR);
    let province = scene.world.province();
    let chain = [Certificate::parse(&scene.issued.certificate_der).unwrap()];
    for (at, moment, detail) in [
        (NOW + HOUR, Moment::Present, Detail::Full),
        (NOW + 60, Moment::Past, Detail::Full),
        (NOW + HOUR, Moment::Present, Detail::Summary),
    ] {
        let (snapshot, at) = (province.snapshot(), Timestamp::from_unix(at));
        let (purpose, demands) = (Purpose::SignIn, Demands::default());
        let supplied = SuppliedEvidence::default();
        let recognition = match moment {
            Moment::Present => {
                snapshot.recognise_demanding(&chain, purpose, at, &supplied, &demands)
            }
            Moment::Past => snapshot.recognise_past(&chain, purpose, at, &supplied, &demands),
        };
        let report =
            CertificateReport::new(&snapshot, &recognition, (purpose, at), (READER, detail));
        let source = CertificateSource {
            chain: &chain,
            purpose,
            at,
            moment,
            supplied: &supplied,
            demands: &demands,
            detail,
        };
        let judged = (&recognition, &report);
        let draft = ReceiptDraft::of_certificate(&snapshot, &source, judged, READER).unwrap();
        let receipt = scene.give(draft, ReceiptForm::Bundle).await;
        let verification = passes(&receipt, &scene.keys());
        assert_eq!(verification.stated.kind, "certificate");
        assert_eq!(verification.stated.verdict, Verdict::Passed);
    }
}
