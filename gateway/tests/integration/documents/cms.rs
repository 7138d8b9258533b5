//! CMS messages: each thing that may be wrong with one, and the code of it.

use tongxing_testdata::{LeafSpec, Profile, Validity};
use tongxing_trust_store::Status;

use super::weave::{with_signers, with_timestamp};
use super::{
    CONTENT, CRYPTO, DAY, Desk, HASH, HOUR, PASSED, body, flipped, outcome, position, swap, tenths,
};

#[tokio::test(flavor = "multi_thread")]
async fn openssls_messages_pass_however_they_are_made() {
    let desk = Desk::new().await;
    desk.leaf("one");
    desk.openssl(
        "smime -sign -binary -md sha256 -in content -signer one.pem -inkey one.key -outform DER \
         -out message",
    );
    let smime = desk.read("message");
    desk.openssl(
        "smime -sign -binary -md sha256 -nodetach -in content -signer one.pem -inkey one.key \
         -outform DER -out message",
    );
    let opaque = desk.read("message");
    for (message, content) in [
        (desk.sign("one", ""), Some(CONTENT)),
        (desk.sign("one", "-nodetach"), None),
        (desk.sign("one", "-nodetach -stream -indef"), None),
        (desk.sign("one", "-cades"), Some(CONTENT)),
        (desk.sign("one", "-keyid"), Some(CONTENT)),
        (smime, Some(CONTENT)),
        (opaque, None),
    ] {
        assert_eq!(desk.judge(&message, content).await, PASSED);
    }
    // As a file has it.
    desk.openssl("cms -cmsout -inform DER -in message -outform PEM -out armoured");
    let armoured = desk.read("armoured");
    assert!(armoured.starts_with(b"-----BEGIN"));
    assert_eq!(desk.judge(&armoured, Some(CONTENT)).await, PASSED);
    let padded = [desk.sign("one", ""), vec![0; 300]].concat();
    assert_eq!(desk.judge(&padded, Some(CONTENT)).await, PASSED);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bit_of_content_or_signature_fails() {
    let desk = Desk::new().await;
    desk.leaf("one");
    let (detached, attached) = (desk.sign("one", ""), desk.sign("one", "-nodetach"));
    let changed = flipped(CONTENT, 20);
    assert_eq!(desk.judge(&detached, Some(&changed)).await, HASH);
    let inner = flipped(&attached, position(&attached, CONTENT) + 20);
    assert_eq!(desk.judge(&inner, None).await, HASH);
    let beside = "failed [TOTAL-FAILED HASH_FAILURE] content.differs";
    assert_eq!(desk.judge(&attached, Some(&changed)).await, beside);
    let signature = flipped(&detached, detached.len() - 1);
    assert_eq!(desk.judge(&signature, Some(CONTENT)).await, CRYPTO);
    let missing = "indeterminate [INDETERMINATE SIGNED_DATA_NOT_FOUND] content.missing";
    assert_eq!(desk.judge(&detached, None).await, missing);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_fails() {
    let desk = Desk::new().await;
    let own = desk.leaf_with("one", |leaf| leaf.with_serial([7, 7]));
    let (plain, cades) = (desk.sign("one", ""), desk.sign("one", "-cades"));
    let other = desk.leaf_with("other", |leaf| leaf.with_serial([7, 7]));
    assert_eq!(desk.judge(&swap(&plain, &other.certificate_der), Some(CONTENT)).await, CRYPTO);
    // The same key, another certificate for it: only CAdES' attribute tells.
    let renewed =
        desk.leaf_with("renewed", |leaf| leaf.with_serial([7, 7]).with_key(own.key.clone()));
    let renewed = &renewed.certificate_der;
    assert_eq!(desk.judge(&swap(&plain, renewed), Some(CONTENT)).await, PASSED);
    let expected = "failed [INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND] signer.certificate_differs";
    assert_eq!(desk.judge(&swap(&cades, renewed), Some(CONTENT)).await, expected);
    let without = desk.sign("one", "-nocerts");
    let expected =
        "indeterminate [INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND] signer.certificate_missing";
    assert_eq!(desk.judge(&without, Some(CONTENT)).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_and_authority_are_asked() {
    let desk = Desk::new().await;
    desk.leaf_with("wrong", LeafSpec::encryption_only);
    let expected = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] certificate.encryption_only";
    assert_eq!(desk.judge(&desk.sign("wrong", ""), Some(CONTENT)).await, expected);
    desk.openssl(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -out \
         self.pem -subj /CN=self -days 30",
    );
    desk.advance(60);
    let expected = "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor";
    assert_eq!(desk.judge(&desk.sign("self", ""), Some(CONTENT)).await, expected);
    desk.leaf("one");
    let message = desk.sign("one", "");
    desk.world.set_status(Profile::B, Status::Suspended).await;
    let expected = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] authority.suspended";
    assert_eq!(desk.judge(&message, Some(CONTENT)).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_signers_each_has_a_verdict() {
    let desk = Desk::new().await;
    desk.leaf("one");
    desk.leaf("two");
    let message = desk.sign("one", "-signer two.pem -inkey two.key");
    let both = format!("{PASSED} [TOTAL-PASSED]");
    assert_eq!(desk.judge(&message, Some(CONTENT)).await, both);
    let signed = std::cell::Cell::new(0);
    let bad = with_signers(&message, |mut fields| {
        signed.set(signed.get() + 1);
        if signed.get() == 2 {
            let signature = fields.last_mut().unwrap();
            *signature = flipped(signature, signature.len() - 1);
        }
        fields
    });
    let expected = "failed [TOTAL-PASSED] [TOTAL-FAILED SIG_CRYPTO_FAILURE] \
                    signer.signature_invalid";
    assert_eq!(desk.judge(&bad, Some(CONTENT)).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_outlives_the_certificate() {
    let desk = Desk::new().await;
    desk.stamper();
    let now = desk.world.now();
    let short = Validity { not_before: now - DAY, not_after: now + HOUR };
    desk.leaf_with("one", |leaf| leaf.valid(short));
    let (bare, stamped) = stamped(&desk);
    desk.advance(60);
    assert_eq!(desk.judge(&stamped, Some(CONTENT)).await, PASSED);
    desk.advance(2 * DAY);
    desk.list(2, None).await;
    let expected = "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired";
    assert_eq!(desk.judge(&bare, Some(CONTENT)).await, expected);
    let report = desk.ask(&body(&stamped, Some(CONTENT))).await;
    assert_eq!(outcome(&report), PASSED, "{report:#}");
    let signature = &report["signatures"][0];
    assert_eq!(signature["time"]["basis"], "timestamp");
    assert_eq!(signature["timestamps"][0]["indication"], "TOTAL-PASSED");
    assert_eq!(signature["timestamps"][0]["authority"]["id"], "ca-a");
    assert_eq!(signature["valid_at_signing"], "passed");
    assert_eq!(signature["valid_now"], "failed");
}

/// A message of `one`, bare and with a timestamp about its signature.
fn stamped(desk: &Desk) -> (Vec<u8>, Vec<u8>) {
    let bare = desk.sign("one", "");
    let document = tongxing_pki::read_document(&bare, None).unwrap();
    let token = desk.timestamp(document.signers()[0].signature());
    let stamped = with_timestamp(&bare, &token);
    (bare, stamped)
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_before_and_after_the_signature_differ() {
    let desk = Desk::new().await;
    desk.stamper();
    let own = desk.leaf("one");
    let (bare, stamped) = stamped(&desk);
    let now = desk.world.now();
    desk.advance(2 * DAY);
    let revoked = "failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked";
    desk.list(2, Some((&own, now + HOUR))).await;
    assert_eq!(desk.judge(&bare, Some(CONTENT)).await, revoked);
    assert_eq!(desk.judge(&stamped, Some(CONTENT)).await, PASSED);
    // The same list, the revocation dated back.
    desk.advance(60);
    desk.list(3, Some((&own, now - HOUR))).await;
    assert_eq!(desk.judge(&bare, Some(CONTENT)).await, revoked);
    assert_eq!(desk.judge(&stamped, Some(CONTENT)).await, revoked);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_short_is_malformed() {
    let desk = Desk::new().await;
    desk.leaf("one");
    for message in [desk.sign("one", ""), desk.sign("one", "-nodetach -stream -indef")] {
        for cut in tenths(&message) {
            let told = desk.judge(cut, Some(CONTENT)).await;
            let expected = ["failed document.malformed", "failed document.format_unknown"];
            assert!(expected.contains(&told.as_str()), "{}: {told}", cut.len());
        }
    }
}
