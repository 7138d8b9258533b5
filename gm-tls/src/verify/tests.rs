use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sm2::SecretKey;
use sm2::dsa::SigningKey;
use sm2::dsa::signature::Signer;

use super::*;
use crate::test_support::hex;

/// n of GB/T 32918.5: the order of the base point.
const ORDER: &str = "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123";

const MESSAGE: &[u8] = b"what was said in the handshake";

/// The folder named by `TONGXING_VECTORS`, or `../../shared/vectors`; `None`, with a
/// line that says so, when there is none and none is required (`TONGXING_TEST_VECTORS`).
fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("TONGXING_VECTORS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    let required =
        std::env::var_os("TONGXING_TEST_VECTORS").is_some_and(|value| value == "required");
    assert!(!required, "missing: test vectors at {}", folder.display());
    println!("not run for want of test vectors at {}", folder.display());
    None
}

fn secret() -> SecretKey {
    SecretKey::from_slice(&[0x42; 32]).unwrap()
}

fn public() -> Vec<u8> {
    point::encode(&secret().public_key())
}

fn sign(id: &str) -> Vec<u8> {
    let signature: Signature = SigningKey::new(id, &secret()).unwrap().sign(MESSAGE);
    signature.to_der().to_vec()
}

fn verifies(algorithm: &Sm2WithSm3, signature: &[u8]) -> bool {
    algorithm.verify_signature(&public(), MESSAGE, signature).is_ok()
}

/// INTEGERs as they stand, minimal or not.
fn sequence(integers: &[&[u8]]) -> Vec<u8> {
    let mut content = Vec::new();
    for integer in integers {
        content.extend([0x02, u8::try_from(integer.len()).unwrap()]);
        content.extend(*integer);
    }
    [&[0x30, u8::try_from(content.len()).unwrap()], &content[..]].concat()
}

/// GM/T 0003.5 appendix A.
#[test]
fn the_standards_signature_verifies() {
    let Some(folder) = vectors() else { return };
    let text = std::fs::read_to_string(folder.join("sm2/gmt0003_5.json")).unwrap();
    let vector: serde_json::Value = serde_json::from_str(&text).unwrap();
    let field = |name: &str| vector[name].as_str().unwrap().to_owned();
    assert_eq!(field("id"), CERTIFICATE_ID);
    let key = hex(&["04", &field("px"), &field("py")].concat());
    let (r, s) = (hex(&field("r")), hex(&field("s")));
    let signature = sequence(&[&[&[0], &r[..]].concat(), &[&[0], &s[..]].concat()]);
    let message = field("message_utf8");
    CERTIFICATE.verify_signature(&key, message.as_bytes(), &signature).unwrap();
    // The handshake's identifier is another one.
    assert!(HANDSHAKE.verify_signature(&key, message.as_bytes(), &signature).is_err());
}

#[test]
fn one_identifier_does_not_stand_in_for_another() {
    let (handshake, certificate) = (sign(HANDSHAKE_ID), sign(CERTIFICATE_ID));
    assert!(verifies(&HANDSHAKE, &handshake));
    assert!(verifies(&CERTIFICATE, &certificate));
    assert!(verifies(&CERTIFICATE_NULL, &certificate));
    assert!(!verifies(&HANDSHAKE, &certificate));
    assert!(!verifies(&CERTIFICATE, &handshake));
    for id in ["", "TLSv1.3+GM+Cipher+Suites", "tlsv1.3+gm+cipher+suite", "1234567812345679"] {
        assert!(!verifies(&HANDSHAKE, &sign(id)), "{id}");
        assert!(!verifies(&CERTIFICATE, &sign(id)), "{id}");
    }
}

#[test]
fn r_and_s_out_of_range_are_refused() {
    let signature = Signature::from_der(&sign(HANDSHAKE_ID)).unwrap();
    let positive = |octets: &[u8]| [&[0], octets].concat();
    let (r, s) = (positive(&signature.r_bytes()), positive(&signature.s_bytes()));
    let order = positive(&hex(ORDER));
    for bad in [&[0][..], &order, &positive(&[0xff; 32]), &[1, 0].repeat(17)] {
        assert!(!verifies(&HANDSHAKE, &sequence(&[bad, &s])));
        assert!(!verifies(&HANDSHAKE, &sequence(&[&r, bad])));
    }
    // r + s = n: t is zero (GB/T 32918.2 section 7.1, step B5).
    let one_less = {
        let mut octets = order.clone();
        octets[32] -= 1;
        octets
    };
    assert!(!verifies(&HANDSHAKE, &sequence(&[&[1], &one_less])));
    assert!(!verifies(&HANDSHAKE, &sequence(&[&one_less, &[1]])));
}

#[test]
fn other_encodings_are_refused() {
    let good = sign(HANDSHAKE_ID);
    let signature = Signature::from_der(&good).unwrap();
    let raw = signature.to_bytes();
    assert!(!verifies(&HANDSHAKE, &raw));
    assert!(!verifies(&HANDSHAKE, &[]));
    assert!(!verifies(&HANDSHAKE, &[&good[..], &[0]].concat()));
    assert!(!verifies(&HANDSHAKE, &good[..good.len() - 1]));
    // Leading zeros, negative numbers, a third number.
    let (r, s) = (signature.r_bytes(), signature.s_bytes());
    let (wide_r, wide_s) = ([&[0, 0], &r[..]].concat(), [&[0], &s[..]].concat());
    assert!(!verifies(&HANDSHAKE, &sequence(&[&wide_r, &wide_s])));
    let positive_r = [&[0], &r[..]].concat();
    assert!(!verifies(&HANDSHAKE, &sequence(&[&positive_r, &wide_s, &[1]])));
    assert!(!verifies(&HANDSHAKE, &sequence(&[&[0x80 | r[0]], &wide_s])));
}

#[test]
fn keys_that_are_no_points_are_refused() {
    let signature = sign(HANDSHAKE_ID);
    let verify = |key: &[u8]| HANDSHAKE.verify_signature(key, MESSAGE, &signature);
    assert!(verify(&public()).is_ok());
    assert!(verify(&[0]).is_err());
    assert!(verify(&public()[..64]).is_err());
    assert!(verify(&[&[4][..], &[0; 64]].concat()).is_err());
    let mut elsewhere = public();
    elsewhere[64] ^= 1;
    assert!(verify(&elsewhere).is_err());
}

proptest! {
    #[test]
    fn no_bit_of_a_signature_or_message_can_change(at in any::<usize>(), bit in 0..8u8) {
        let mut signature = sign(HANDSHAKE_ID);
        let octet = at % signature.len();
        signature[octet] ^= 1 << bit;
        prop_assert!(!verifies(&HANDSHAKE, &signature));
        let mut message = MESSAGE.to_vec();
        let octet = at % message.len();
        message[octet] ^= 1 << bit;
        let signature = sign(HANDSHAKE_ID);
        prop_assert!(HANDSHAKE.verify_signature(&public(), &message, &signature).is_err());
    }

    #[test]
    fn octets_that_nobody_signed_are_refused(
        signature in prop::collection::vec(any::<u8>(), 0..100),
        key in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        prop_assert!(!verifies(&HANDSHAKE, &signature));
        prop_assert!(HANDSHAKE.verify_signature(&key, MESSAGE, &sign(HANDSHAKE_ID)).is_err());
    }
}
