//! Receipts of earlier versions.

use super::*;

const RECEIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testdata/receipts");

/// What a receipt of an earlier version says, it says to every later one.
#[test]
fn every_golden_receipt_holds() {
    let mut seen = 0;
    for entry in std::fs::read_dir(RECEIPTS).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let keys = std::fs::read_to_string(path.with_extension("keys")).unwrap();
        let keys: Vec<EvidenceKey> = keys.lines().map(|line| line.parse().unwrap()).collect();
        let file = ReceiptFile::read(&std::fs::read(&path).unwrap()).unwrap();
        let mut check = ReceiptCheck::new(file).unwrap();
        check.give("content", CONTENT).unwrap();
        let verification = check.run(&keys);
        let shown = path.display();
        assert_eq!(verification.verdict, Verdict::Passed, "{shown}: {:#?}", verification.findings);
        assert_eq!(verification.stated.verdict, Verdict::Passed, "{shown}");
        seen += 1;
    }
    assert!(seen >= 2, "no golden receipts: see README.md there");
}

#[tokio::test]
#[ignore = "writes the golden receipts of this version: see testdata/receipts/README.md"]
async fn write_the_golden_receipts() {
    for (record, profile, suffix) in
        [(RecordProfile::Standard, Profile::B, ""), (RecordProfile::Gm, Profile::D, "-gm")]
    {
        let scene = Scene::of(record, profile).await;
        let receipt = serde_json::to_string_pretty(&scene.receipt().await).unwrap();
        let keys: Vec<String> = scene.keys().iter().map(ToString::to_string).collect();
        let version = env!("CARGO_PKG_VERSION");
        let place = |extension| format!("{RECEIPTS}/{version}{suffix}.{extension}");
        std::fs::write(place("json"), receipt + "\n").unwrap();
        std::fs::write(place("keys"), keys.join("\n") + "\n").unwrap();
    }
}
