//! How long what receipts rest on is kept.

use tongxing_trust_store::{Apply, Command, Reply, RetentionView};

use super::*;

const YEAR: i64 = 366 * DAY;

impl Scene {
    async fn retention(&self, apply: Apply) -> RetentionView {
        match self.world.command(Command::Retention { archive: None, apply }).await.unwrap() {
            Reply::Retention(view) => view,
            other => panic!("{other:?}"),
        }
    }

    fn keeps(&self, sha256: &str) -> bool {
        let blob = self.world.home().join("blobs").join(&sha256[..2]).join(sha256);
        let handed_out = self.world.province().evidence(sha256).unwrap();
        assert_eq!(handed_out.is_some(), blob.exists());
        blob.exists()
    }
}

/// The policy keeps responses and lists for eight years, and the evidence of receipts for
/// sixteen.
#[tokio::test]
async fn what_only_a_receipt_rests_on_stays_as_long_as_receipts_do_and_goes_then() {
    let mut scene = Scene::new().await;
    let lists = scene.receipt().await;
    scene.world.allow_ocsp("order = [\"ocsp\"]").await;
    let response = scene.world.response_about(&scene.issued, Some(NOW + 60));
    let (_, draft) =
        scene.draft_on(Content::Octets(CONTENT), None, &RevocationResponses::from_iter([response]));
    let responses = scene.give(draft, ReceiptForm::Bundle).await;
    let keys = scene.keys();
    let (list, response) = (evidence_of(&lists, "crl"), evidence_of(&responses, "ocsp"));
    let document = evidence_of(&lists, "authority");
    // The list that the receipt rests on is replaced: nothing else needs it.
    scene.list_at(NOW + HOUR, Vec::new()).await;

    for years in [9, 15] {
        scene.now(NOW + years * YEAR);
        let view = scene.retention(Apply::Yes).await;
        assert!(!view.responses.contains(&response) && !view.lists.contains(&list), "{view:?}");
        assert!(!view.evidence.contains(&document), "{view:?}");
        assert!([&list, &response, &document].into_iter().all(|one| scene.keeps(one)), "{years}");
    }
    scene.now(NOW + 17 * YEAR);
    let planned = scene.retention(Apply::No).await;
    assert!(planned.responses.contains(&response) && planned.lists.contains(&list), "{planned:?}");
    assert!(planned.evidence.contains(&document), "{planned:?}");
    assert!(scene.keeps(&response), "a plan changes nothing");
    scene.retention(Apply::Yes).await;
    assert!(![&list, &response, &document].into_iter().any(|one| scene.keeps(one)));
    // Whoever kept a bundle needs none of it.
    passes(&lists, &keys);
    passes(&responses, &keys);
    scene.world.reopen();
    assert!(!scene.keeps(&response), "it stays away");
}
