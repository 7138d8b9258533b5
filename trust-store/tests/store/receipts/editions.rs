//! Every edition of a policy comes along, with when it is in force.

use super::*;

const HIGH: &str = "default-assurance = \"high\"";
const LOW: &str = "default-assurance = \"low\"";

impl Scene {
    async fn set_policy(&self, to: &str, effective: Option<i64>) {
        let source = Profile::B.policy_toml();
        assert!(source.contains(HIGH));
        let source = source.replace(HIGH, to);
        let policy = tongxing_trust_store::PolicyFile { name: "ca-b.toml".into(), source };
        let authority = Some(Profile::B.id().parse().unwrap());
        let effective = effective.map(Timestamp::from_unix);
        self.world.command(Command::PolicySet { authority, policy, effective }).await.unwrap();
    }

    /// What it stated of the policy of the authority: from when, and the text's hash.
    fn editions(receipt: &ReceiptFile) -> Vec<(String, String)> {
        let statement = statement(receipt);
        let authority = &statement["trust"]["authorities"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let editions = authority["policies"].as_array().unwrap().iter();
        editions.map(|one| (one["effective"].to_string(), text(&one["sha256"]))).collect()
    }
}

#[tokio::test]
async fn a_moment_is_judged_again_by_the_policy_of_its_time() {
    let mut scene = Scene::new().await;
    scene.now(NOW + 2 * HOUR);
    scene.set_policy(LOW, None).await;
    scene.list_at(NOW + 3 * HOUR, Vec::new()).await;
    scene.now(NOW + 4 * HOUR);
    // By the first, by the second, and by the second at present.
    let (first, second) =
        (scene.receipt_at(NOW + HOUR).await, scene.receipt_at(NOW + 3 * HOUR).await);
    let present = scene.receipt().await;
    // One that corrects the second from before on, and one that is planned.
    scene.set_policy("default-assurance = \"substantial\"", Some(NOW + 2 * HOUR)).await;
    scene.set_policy(LOW, Some(NOW + 9 * HOUR)).await;
    let corrected = scene.receipt_at(NOW + 3 * HOUR).await;
    let keys = scene.keys();
    let verdicts = [&first, &second, &present, &corrected]
        .map(|receipt| passes(receipt, &keys).stated.verdict);
    let (passed, failed) = (Verdict::Passed, Verdict::Failed);
    assert_eq!(verdicts, [passed, failed, failed, passed]);
    assert_eq!(Scene::editions(&first).len(), 2);
    // What was corrected was never in force: the first, the correction and the plan.
    let editions = Scene::editions(&corrected);
    assert_eq!(editions.len(), 3);
    assert_eq!(editions[0], Scene::editions(&first)[0]);
    assert_eq!(editions[2].1, Scene::editions(&first)[1].1, "the same text again");
    assert_ne!(editions[1], Scene::editions(&first)[1]);
}

#[tokio::test]
async fn each_edition_is_named_when_its_text_is_another() {
    let scene = Scene::new().await;
    scene.now(NOW + 2 * HOUR);
    scene.set_policy(LOW, None).await;
    scene.now(NOW + 4 * HOUR);
    let (receipt, keys) = (scene.receipt_at(NOW + HOUR).await, scene.keys());
    for (_, sha256) in Scene::editions(&receipt) {
        let bad = altered(&receipt, |value| {
            // A laxer one.
            let laxer = format!("{}\n# nothing is asked\n", Profile::B.policy_toml());
            value["evidence"][&sha256] = json!(base64_of(laxer.as_bytes()));
        });
        let verification = check(&bad, &keys);
        let findings = verification.findings.findings().iter();
        let about: Vec<_> = findings
            .filter(|one| one.code().id == "receipt.evidence_altered")
            .map(|one| one.subject().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(about, ["policy"]);
        assert!(verification.derived.is_none(), "nothing is made of it");
    }
}

fn base64_of(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

#[tokio::test]
async fn what_another_ones_name_is_written_into_brings_nothing_of_theirs() {
    let scene = Scene::new().await;
    let province = scene.world.province();
    let leaf = Certificate::parse(&scene.issued.certificate_der).unwrap();
    // Of nobody who is enrolled, under the name of one who is.
    let spec = Profile::B.authority(tongxing_testdata::Validity::decade_around(NOW));
    let stranger = tongxing_testdata::TestAuthority::generate(&spec).unwrap();
    let stranger = stranger
        .issue(&Profile::B.leaf(
            &Company::numbered(1),
            &tongxing_testdata::Person::numbered(1),
            tongxing_testdata::Validity::year_from(NOW - HOUR),
        ))
        .unwrap();
    let stranger = Certificate::parse(&stranger.certificate_der).unwrap();
    let (purpose, at) = (Purpose::SignIn, Timestamp::from_unix(NOW));
    let (supplied, demands) = (SuppliedEvidence::default(), Demands::default());
    for (chain, lists) in [([leaf.clone(), stranger.clone()], 1), ([stranger, leaf], 0)] {
        let snapshot = province.snapshot();
        let recognition = snapshot.recognise_with(&chain, purpose, at, &supplied);
        let report =
            CertificateReport::new(&snapshot, &recognition, (purpose, at), (READER, Detail::Full));
        let (moment, chain) = (Moment::Present, &chain[..]);
        let (supplied, demands, detail) = (&supplied, &demands, Detail::Full);
        let source = CertificateSource { chain, purpose, at, moment, supplied, demands, detail };
        let judged = (&recognition, &report);
        let draft = ReceiptDraft::of_certificate(&snapshot, &source, judged, READER).unwrap();
        let receipt = scene.give(draft, ReceiptForm::Bundle).await;
        assert_eq!(statement(&receipt)["lists"].as_array().unwrap().len(), lists);
        passes(&receipt, &scene.keys());
    }
}
