//! Provisional receipts, and the lists that decide them.

use super::*;

#[tokio::test]
async fn a_later_list_confirms_a_provisional_receipt() {
    let mut scene = Scene::new().await;
    scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.now(NOW + 11 * HOUR);
    let receipt = scene.receipt_at(NOW + 10 * HOUR).await;
    let before = passes(&receipt, &scene.keys());
    assert!(before.stated.provisional);
    assert_eq!(scene.status(&receipt), ReceiptStatus::Provisional { awaits: 1 });
    let province = scene.world.province();
    assert_eq!(province.settle_receipts().await.unwrap(), 0, "nothing has come");
    assert!(province.undelivered(&platform()).unwrap().is_none());

    scene.list_at(NOW + 12 * HOUR, vec![scene.revoked(NOW + 11 * HOUR)]).await;
    let province = scene.world.province();
    assert_eq!(province.settle_receipts().await.unwrap(), 1);
    assert_eq!(province.settle_receipts().await.unwrap(), 0, "once");
    let ReceiptStatus::Decided { decision } = scene.status(&receipt) else { panic!("undecided") };
    assert_eq!((decision.outcome, decision.receipt), ("confirmed", receipt.record()));
    assert!(province.evidence(&decision.lists[0]).unwrap().is_some());
    let notice = province.undelivered(&platform()).unwrap().unwrap();
    assert_eq!((&notice.decisions[..], notice.more), (&[decision][..], false));
    assert!(province.notice(&"another".parse().unwrap(), 0).unwrap().decisions.is_empty());
    province.record_delivery(&platform(), &notice).await.unwrap();
    assert!(province.undelivered(&platform()).unwrap().is_none());
    assert_eq!(province.notice(&platform(), 0).unwrap(), notice, "it can be asked for again");
    passes(&receipt, &scene.keys());
    // Asked again, it is final and needs nobody to tell.
    let again = scene.receipt_at(NOW + 10 * HOUR).await;
    assert!(!passes(&again, &scene.keys()).stated.provisional);
    assert_eq!(scene.status(&again), ReceiptStatus::Final);
}

/// Two lists came while nobody settled anything: a hold that reached back, and its lifting.
#[tokio::test]
async fn the_first_list_that_says_something_decides() {
    let mut scene = Scene::new().await;
    scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.now(NOW + 11 * HOUR);
    let receipt = scene.receipt_at(NOW + 10 * HOUR).await;
    assert_eq!(scene.status(&receipt), ReceiptStatus::Provisional { awaits: 1 });
    let hold =
        RevokedEntry { reason: RevocationReason::CertificateHold, ..scene.revoked(NOW + 9 * HOUR) };
    scene.list_at(NOW + 12 * HOUR, vec![hold]).await;
    scene.list_at(NOW + 13 * HOUR, Vec::new()).await;
    assert_eq!(scene.world.province().settle_receipts().await.unwrap(), 1);
    let ReceiptStatus::Decided { decision } = scene.status(&receipt) else { panic!("undecided") };
    assert_eq!(decision.outcome, "overturned");
    // As the engine itself has it.
    let (told, _) = scene.draft(Content::Octets(CONTENT), Some(NOW + 10 * HOUR));
    assert_eq!((&told["verdict"], &told["provisional"]), (&json!("failed"), &json!(false)));
}

#[tokio::test]
async fn a_later_list_overturns_a_provisional_receipt() {
    let mut scene = Scene::new().await;
    scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.now(NOW + 11 * HOUR);
    let (one, other) =
        (scene.receipt_at(NOW + 10 * HOUR).await, scene.receipt_at(NOW + 9 * HOUR).await);
    // Revoked between the two moments.
    scene.list_at(NOW + 12 * HOUR, vec![scene.revoked(NOW + 9 * HOUR + 1800)]).await;
    assert_eq!(scene.world.province().settle_receipts().await.unwrap(), 2);
    let ReceiptStatus::Decided { decision: overturned } = scene.status(&one) else {
        panic!("undecided")
    };
    assert_eq!(overturned.outcome, "overturned");
    assert_eq!(overturned.statement, Some(statement_sha256(&one)));
    let revocation = overturned.revocation.unwrap();
    assert_eq!(revocation.date, Timestamp::from_unix(NOW + 9 * HOUR + 1800));
    assert_eq!(revocation.reason.as_deref(), Some("keyCompromise"));
    let ReceiptStatus::Decided { decision: confirmed } = scene.status(&other) else {
        panic!("undecided")
    };
    assert_eq!(confirmed.outcome, "confirmed");
    // The engine itself says the same of both now.
    let (told, _) = scene.draft(Content::Octets(CONTENT), Some(NOW + 10 * HOUR));
    assert_eq!((&told["verdict"], &told["provisional"]), (&json!("failed"), &json!(false)));
    let (told, _) = scene.draft(Content::Octets(CONTENT), Some(NOW + 9 * HOUR));
    assert_eq!((&told["verdict"], &told["provisional"]), (&json!("passed"), &json!(false)));
}

#[tokio::test]
async fn archived_lists_come_with_the_receipt() {
    let mut scene = Scene::new().await;
    for hour in [8, 12, 16] {
        scene.list_at(NOW + hour * HOUR, Vec::new()).await;
    }
    let receipt = scene.receipt_at(NOW + 10 * HOUR).await;
    let lists = statement(&receipt)["lists"].as_array().unwrap().clone();
    let archived = lists.iter().filter(|list| list["newest"] == false).count();
    assert!(archived >= 2, "{lists:#?}");
    assert!(!passes(&receipt, &scene.keys()).stated.provisional);
}
