//! SM2 signatures over HTTP: OpenSSL's, and CMS messages of GM/T 0010 around them.

use std::path::Path;
use std::process::Command as Program;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tongxing_pki::{Certificate, DigestNeed, Hash, RawSignature, SignatureRules, Sm2UserId};
use tongxing_testdata::{Profile, Validity};

use super::{
    CONTENT, CRYPTO, DAY, Desk, HASH, HOUR, PASSED, flipped, outcome, python, swap, tenths,
};

const SIGN: &str = "pkeyutl -sign -rawin -digest sm3 -pkeyopt distid:1234567812345678 -inkey \
                    one.key -in content -out signature";

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_signature_stands_behind_z() {
    let desk = Desk::of(Profile::D).await;
    let own = desk.leaf("one");
    let der = &own.certificate_der;
    desk.openssl(SIGN);
    let signature = desk.read("signature");
    let bare = own.key.sign_sm2_raw("1234567812345678", CONTENT).unwrap();
    let judge = async |certificate: &[u8], signature: &[u8], content: &[u8]| {
        let body = json!({
            "signature": STANDARD.encode(signature),
            "certificate": STANDARD.encode(certificate),
            "content": STANDARD.encode(content),
        });
        outcome(&desk.ask(&body).await)
    };
    assert_eq!(judge(der, &signature, CONTENT).await, PASSED);
    assert_eq!(judge(der, &bare, CONTENT).await, PASSED, "r and s, 64 octets");
    assert_eq!(judge(der, &signature, &flipped(CONTENT, 20)).await, CRYPTO);
    assert_eq!(judge(der, &flipped(&bare, 63), CONTENT).await, CRYPTO);
    let other = desk.leaf("other");
    assert_eq!(judge(&other.certificate_der, &signature, CONTENT).await, CRYPTO);
    let other_id = own.key.sign_sm2_raw("other", CONTENT).unwrap();
    assert_eq!(judge(der, &other_id, CONTENT).await, CRYPTO);
    for cut in tenths(&bare) {
        let told = judge(der, cut, CONTENT).await;
        assert!(told.starts_with("failed [TOTAL-FAILED SIG_CRYPTO_FAILURE]"), "{told}");
    }
    let pair = desk.bidders.authority.issue_pair(&desk.bidders.leaf()).unwrap();
    let by_encryption_key = pair.encryption.key.sign_sm2_raw("1234567812345678", CONTENT).unwrap();
    let told = judge(&pair.encryption.certificate_der, &by_encryption_key, CONTENT).await;
    let expected = "failed [INDETERMINATE CHAIN_CONSTRAINTS_FAILURE] certificate.encryption_only";
    assert_eq!(told, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_stands_for_the_content_with_z() {
    let desk = Desk::of(Profile::D).await;
    let own = desk.leaf("one");
    let certificate = Certificate::parse(&own.certificate_der).unwrap();
    let need = DigestNeed::sm2(certificate.public_key(), Sm2UserId::standard());
    let document = RawSignature::usual(certificate).unwrap().document(&[]);
    let mut digester = document.digester(0, &[], &SignatureRules::default());
    digester.update(CONTENT);
    let digests = digester.finish();
    let with_z = super::hex(digests.get(&need).unwrap().as_ref());
    let plain = super::hex(Hash::Sm3.digest(CONTENT).as_ref());
    let body = |algorithm: &str, hash: &str| {
        json!({
            "signature": STANDARD.encode(own.key.sign(CONTENT).unwrap()),
            "certificate": STANDARD.encode(&own.certificate_der),
            "hash": hash,
            "hash_algorithm": algorithm,
        })
    };
    let post = async |algorithm: &str, hash: &str| {
        let headers = [("authorization", desk.authorization.as_str())];
        let body = body(algorithm, hash).to_string();
        let mut public = desk.world.public().await;
        let answer = public.send("POST", "/v1/signatures/verify-hash", &headers, &body);
        outcome(&answer.await.unwrap().json())
    };
    assert_eq!(post("sm3-with-z", &with_z).await, PASSED);
    assert_eq!(post("sm3-with-z", &plain).await, CRYPTO);
    let missing = "indeterminate [INDETERMINATE SIGNED_DATA_NOT_FOUND] content.digest_not_given";
    assert_eq!(post("sm3", &plain).await, missing);
}

/// A message of `one` as the script writes it.
fn message(desk: &Desk, python: &str, options: &[&str]) -> Vec<u8> {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/documents/sm2_cms.py");
    let mut program = Program::new(python);
    program.arg(script).arg(desk.folder.path()).args(["one", "message"]).args(options);
    let done = program.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    desk.read("message")
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_gmt_0010_and_of_rfc_5652_are_judged_alike() {
    let Some(python) = python("asn1crypto") else { return };
    let desk = Desk::of(Profile::D).await;
    desk.leaf_with("one", |leaf| leaf.with_serial([7, 7]));
    let other = desk.leaf_with("other", |leaf| leaf.with_serial([7, 7]));
    for form in [&[][..], &["rfc"]] {
        let detached = message(&desk, &python, form);
        let attached = message(&desk, &python, &[&["attached"], form].concat());
        assert_eq!(desk.judge(&detached, Some(CONTENT)).await, PASSED);
        assert_eq!(desk.judge(&attached, None).await, PASSED);
        assert_eq!(desk.judge(&detached, Some(&flipped(CONTENT, 20))).await, HASH);
        let signature = flipped(&detached, detached.len() - 1);
        assert_eq!(desk.judge(&signature, Some(CONTENT)).await, CRYPTO);
        let swapped = swap(&detached, &other.certificate_der);
        assert_eq!(desk.judge(&swapped, Some(CONTENT)).await, CRYPTO);
        for cut in tenths(&attached) {
            let told = desk.judge(cut, None).await;
            let expected = ["failed document.malformed", "failed document.format_unknown"];
            assert!(expected.contains(&told.as_str()), "{}: {told}", cut.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_and_revoked_keys_are_told() {
    let Some(python) = python("asn1crypto") else { return };
    let desk = Desk::of(Profile::D).await;
    let now = desk.world.now();
    let short = Validity { not_before: now - DAY, not_after: now + HOUR };
    desk.leaf_with("one", |leaf| leaf.valid(short));
    let expiring = message(&desk, &python, &["attached"]);
    let own = desk.leaf("one");
    let revoked = message(&desk, &python, &["attached"]);
    desk.advance(2 * DAY);
    desk.list(2, Some((&own, now + HOUR))).await;
    let told = "failed [INDETERMINATE OUT_OF_BOUNDS_NO_POE] certificate.expired";
    assert_eq!(desk.judge(&expiring, None).await, told);
    let told = "failed [INDETERMINATE REVOKED_NO_POE] revocation.revoked";
    assert_eq!(desk.judge(&revoked, None).await, told);
    desk.openssl("ecparam -name SM2 -genkey -noout -out one.key");
    desk.openssl(
        "req -x509 -new -key one.key -sm3 -sigopt distid:1234567812345678 -subj /CN=self -days 30 \
         -out one.pem",
    );
    let strange = message(&desk, &python, &["attached"]);
    let told = "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor";
    assert_eq!(desk.judge(&strange, None).await, told);
}
