//! Raw signatures, each thing that may be wrong with one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_pki::Timestamp;
use tongxing_testdata::{Issued, LeafSpec, Validity, self_signed};

use super::{CONTENT, CRYPTO, DAY, Desk, HOUR, PASSED, flipped, outcome, tenths};

/// What is asked about a signature value by the holder of a certificate.
fn raw(own: &Issued, signature: &[u8], content: &[u8]) -> Value {
    json!({
        "signature": STANDARD.encode(signature),
        "certificate": STANDARD.encode(&own.certificate_der),
        "content": STANDARD.encode(content),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_thing_that_may_be_wrong_has_its_code() {
    let desk = Desk::new().await;
    let own = desk.leaf("one");
    desk.openssl("dgst -sha256 -sign one.key -out signature content");
    let signature = desk.read("signature");
    let judge = async |own: &Issued, signature: &[u8], content: &[u8]| {
        outcome(&desk.ask(&raw(own, signature, content)).await)
    };
    assert_eq!(judge(&own, &signature, CONTENT).await, PASSED);
    assert_eq!(judge(&own, &signature, &flipped(CONTENT, 20)).await, CRYPTO);
    let changed = flipped(&signature, signature.len() - 1);
    assert_eq!(judge(&own, &changed, CONTENT).await, CRYPTO);
    assert_eq!(judge(&desk.leaf("other"), &signature, CONTENT).await, CRYPTO);
    let same_key = |leaf: LeafSpec| leaf.with_key(own.key.clone());
    let wrong = desk.leaf_with("wrong", |leaf| same_key(leaf).encryption_only());
    let expected = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] certificate.encryption_only";
    assert_eq!(judge(&wrong, &signature, CONTENT).await, expected);
    let strange = self_signed(&same_key(desk.bidders.leaf())).unwrap();
    let expected = "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor";
    assert_eq!(judge(&strange, &signature, CONTENT).await, expected);
    for cut in tenths(&signature) {
        assert_eq!(judge(&own, cut, CONTENT).await, CRYPTO, "{}", cut.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_moment_asked_decides_about_expiry_and_revocation() {
    let desk = Desk::new().await;
    let now = desk.world.now();
    let short = Validity { not_before: now - DAY, not_after: now + HOUR };
    let expiring = desk.leaf_with("one", |leaf| leaf.valid(short));
    let revoked = desk.leaf("two");
    let signatures = ["one", "two"].map(|name| {
        desk.openssl(&format!("dgst -sha256 -sign {name}.key -out signature content"));
        desk.read("signature")
    });
    desk.advance(2 * DAY);
    desk.list(2, Some((&revoked, now + HOUR))).await;
    let judge = async |own: &Issued, signature: &[u8], at: Option<i64>| {
        let mut body = raw(own, signature, CONTENT);
        if let Some(at) = at {
            body["options"] = json!({ "at": Timestamp::from_unix(at).to_string() });
        }
        outcome(&desk.ask(&body).await)
    };
    let expired = "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired";
    assert_eq!(judge(&expiring, &signatures[0], None).await, expired);
    assert_eq!(judge(&expiring, &signatures[0], Some(now + 60)).await, PASSED);
    let told = "failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked";
    assert_eq!(judge(&revoked, &signatures[1], None).await, told);
    assert_eq!(judge(&revoked, &signatures[1], Some(now + 60)).await, PASSED);
    assert_eq!(judge(&revoked, &signatures[1], Some(now + 2 * HOUR)).await, told);
}
