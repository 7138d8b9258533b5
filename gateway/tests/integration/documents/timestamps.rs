//! RFC 3161 timestamps that stand alone, and which authorities they are believed of.

use serde_json::json;
use tongxing_testdata::{CrlSpec, Profile, RevocationReason, RevokedEntry};
use tongxing_trust_store::{Command, Role};

use super::weave::with_timestamp;
use super::{CONTENT, CRYPTO, DAY, Desk, HOUR, PASSED, against, body, flipped, outcome, tenths};

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_stands_alone_is_judged_at_its_own_time() {
    let desk = Desk::new().await;
    desk.stamper();
    let token = desk.timestamp(CONTENT);
    let answer = desk.read("answer");
    desk.advance(60);
    for document in [&token, &answer] {
        let report = desk.ask(&body(document, Some(CONTENT))).await;
        assert_eq!(outcome(&report), PASSED, "{report:#}");
        assert_eq!(report["format"], "timestamp");
        assert_eq!(report["signatures"], serde_json::json!([]));
        assert_eq!(report["timestamps"][0]["authority"]["id"], "ca-a");
        assert_eq!(report["timestamps"][0].get("identity"), None, "it speaks for nobody");
    }
    let changed = flipped(CONTENT, 20);
    let expected = "failed [TOTAL-FAILED HASH_FAILURE] timestamp.imprint_differs";
    assert_eq!(desk.judge(&token, Some(&changed)).await, expected);
    let signature = flipped(&token, token.len() - 1);
    assert_eq!(desk.judge(&signature, Some(CONTENT)).await, CRYPTO);
    for cut in tenths(&answer) {
        let told = desk.judge(cut, Some(CONTENT)).await;
        let expected = ["failed document.malformed", "failed document.format_unknown"];
        assert!(expected.contains(&told.as_str()), "{}: {told}", cut.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_is_enrolled_for_timestamps_makes_them() {
    let desk = Desk::new().await;
    desk.stamper();
    desk.leaf("one");
    let token = desk.timestamp(CONTENT);
    let message = desk.sign("one", "");
    let document = tongxing_pki::read_document(&message, None).unwrap();
    let stamped = with_timestamp(&message, &desk.timestamp(document.signers()[0].signature()));
    desk.advance(60);
    let authority = Profile::A.id().parse().unwrap();
    let roles = vec![Role::SignIn, Role::DocumentSigning];
    desk.world.execute(Command::RolesSet { authority, roles }).await;
    let expected = "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] authority.role_missing";
    assert_eq!(desk.judge(&token, Some(CONTENT)).await, expected);
    // A timestamp that proves nothing only does not help.
    let report = desk.ask(&body(&stamped, Some(CONTENT))).await;
    assert_eq!(outcome(&report), PASSED, "{report:#}");
    let signature = &report["signatures"][0];
    assert_eq!(signature["time"]["basis"], "present");
    assert_eq!(against(&signature["timestamps"][0]), ["authority.role_missing"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_authoritys_certificate_may_be_revoked() {
    let desk = Desk::new().await;
    let own = desk.stamper();
    let token = desk.timestamp(CONTENT);
    let made = desk.world.now();
    desk.advance(2 * DAY);
    let revoke = async |number, at| {
        let now = desk.world.now();
        let entry = RevokedEntry::new(own.serial.clone(), at, RevocationReason::KeyCompromise);
        let list = CrlSpec::empty(number, now - 1, now + 30 * DAY).revoking(entry);
        desk.world.import(&desk.stampers, list).await;
    };
    revoke(2, made + HOUR).await;
    assert_eq!(desk.judge(&token, Some(CONTENT)).await, PASSED, "it was made before that");
    desk.advance(60);
    revoke(3, made - HOUR).await;
    let expected = "failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked";
    assert_eq!(desk.judge(&token, Some(CONTENT)).await, expected);
}

/// What rests on a timestamp may be overturned by the lists of whoever made it.
#[tokio::test(flavor = "multi_thread")]
async fn what_rests_on_a_timestamp_waits_for_the_lists_of_its_authority() {
    let desk = Desk::new().await;
    let own = desk.stamper();
    desk.leaf("one");
    let token = desk.timestamp(CONTENT);
    let message = desk.sign("one", "");
    let document = tongxing_pki::read_document(&message, None).unwrap();
    let stamped = with_timestamp(&message, &desk.timestamp(document.signers()[0].signature()));
    let made = desk.world.now();
    desk.advance(2 * DAY);
    // The bidders' authority has said what it has to say; the other one not yet.
    desk.list(2, None).await;
    let mut receipts = Vec::new();
    for document in [&token, &stamped] {
        let mut asked = body(document, Some(CONTENT));
        asked["options"] = json!({ "receipt": "signed" });
        let report = desk.ask(&asked).await;
        assert_eq!(outcome(&report), PASSED);
        assert_eq!(report["provisional"], true, "{report:#}");
        let signatures = report["signatures"].as_array().unwrap();
        assert!(signatures.iter().all(|signature| signature["provisional"] == true));
        receipts.push(report["receipt"]["record"].clone());
    }
    let now = desk.world.now();
    let reason = RevocationReason::KeyCompromise;
    let entry = RevokedEntry::new(own.serial.clone(), made - HOUR, reason);
    let list = CrlSpec::empty(2, now - 1, now + 30 * DAY).revoking(entry);
    desk.world.import(&desk.stampers, list).await;
    let headers = [("authorization", desk.authorization.as_str())];
    let mut public = desk.world.public().await;
    let decisions = loop {
        let told = public.send("GET", "/v1/receipts", &headers, "").await.unwrap().json();
        let decisions = told["decisions"].as_array().unwrap().clone();
        if decisions.len() == receipts.len() {
            break decisions;
        }
        tokio::task::yield_now().await;
    };
    let told: Vec<_> =
        decisions.iter().map(|one| (one["receipt"].clone(), &one["outcome"])).collect();
    let overturned = json!("overturned");
    assert_eq!(told, receipts.iter().map(|one| (one.clone(), &overturned)).collect::<Vec<_>>());
    // As it is judged now: without the timestamp there is the present alone.
    let report = desk.ask(&body(&stamped, Some(CONTENT))).await;
    assert_eq!((&report["verdict"], &report["provisional"]), (&json!("passed"), &json!(false)));
    assert_eq!(report["signatures"][0]["time"]["basis"], "present");
}
