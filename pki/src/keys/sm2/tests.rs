use ::sm2::dsa::SigningKey;
use ::sm2::dsa::signature::Signer as _;
use serde_json::Value;

use super::super::tests::{algorithm, curve, key, tlv};
use super::super::{
    SignatureAlgorithm, SignatureScheme, check_again, verify_raw_signature,
    verify_raw_signature_with, verify_signed,
};
use super::*;
use crate::code::Code;
use crate::codes;
use crate::der::reader::tag;
use crate::oid::Oid;
use crate::test_vectors;

const MESSAGE: &[u8] = b"message";
const SCHEME: SignatureScheme = SignatureScheme::Sm2Sm3;

/// n, the order of the curve (GB/T 32918.5, 2).
const ORDER: [u8; 32] = *b"\
\xFF\xFF\xFF\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\
\x72\x03\xDF\x6B\x21\xC6\x05\x2B\x53\xBB\xF4\x09\x39\xD5\x41\x23";

fn signer(user_id: &str) -> SigningKey {
    SigningKey::from_slice(user_id, &[7; 32]).expect("a scalar")
}

fn public() -> PublicKey {
    labelled(&signer("").verifying_key().to_sec1_bytes())
}

fn labelled(point: &[u8]) -> PublicKey {
    key(&Oid::EC_PUBLIC_KEY, &curve(&Oid::SM2), point)
}

/// Signs the message; r and s.
fn sign(user_id: &str) -> [u8; 64] {
    signer(user_id).sign(MESSAGE).to_bytes().into()
}

fn der(numbers: &[u8; 64]) -> Vec<u8> {
    sequence(&[integer(&numbers[..32]), integer(&numbers[32..])])
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(tag::SEQUENCE, &parts.concat())
}

/// A non-negative INTEGER in its one form.
fn integer(number: &[u8]) -> Vec<u8> {
    let skipped = number.iter().take_while(|octet| **octet == 0).count();
    let mut content = number[skipped.min(number.len() - 1)..].to_vec();
    if content[0] & 0x80 != 0 {
        content.insert(0, 0);
    }
    tlv(tag::INTEGER, &content)
}

fn lenient() -> SignatureRules {
    SignatureRules::default().with_sm2_encodings(Sm2Encodings::DerOrRaw)
}

fn fault(signature: &[u8]) -> &'static Code {
    let outcome = verify_raw_signature_with(&public(), SCHEME, &lenient(), MESSAGE, signature);
    outcome.expect_err("must be refused").code()
}

fn octets(value: &Value, names: &[&str]) -> Vec<u8> {
    let digits: String = names.iter().map(|name| value[*name].as_str().expect("digits")).collect();
    let pairs = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect()
}

#[test]
fn the_vector_of_the_standard_verifies() {
    let Some(folder) = test_vectors::folder() else { return };
    let vector = std::fs::read(folder.join("sm2/gmt0003_5.json")).expect("the vector");
    let vector: Value = serde_json::from_slice(&vector).expect("JSON");
    let point = [&[4], &octets(&vector, &["px", "py"])[..]].concat();
    let message = vector["message_utf8"].as_str().expect("text").as_bytes();
    let signature = octets(&vector, &["r", "s"]);
    let key = labelled(&point);
    let form = verify_raw_signature_with(&key, SCHEME, &lenient(), message, &signature);
    let form = form.expect("verifies");
    assert_eq!(form.sm2_encoding(), Some(Sm2Encoding::Raw));
    assert!(form.sm2_user_id().is_some_and(Sm2UserId::is_standard) && form.finding().is_none());
    let signature = der(&signature.try_into().expect("64 octets"));
    assert_eq!(verify_raw_signature(&key, SCHEME, message, &signature), Ok(()));
    // The same from a stream, which is where Z stands alone.
    let mut hasher = sm2_hasher(&key, &Sm2UserId::standard()).expect("a key");
    message.chunks(3).for_each(|piece| hasher.update(piece));
    let verified = verify_sm2_digest(&key, Sm2Encodings::Der, &hasher.finish(), &signature);
    assert_eq!(verified, Ok(Sm2Encoding::Der));
}

#[test]
fn a_digest_of_another_length_is_never_signed() {
    let user_id = Sm2UserId::standard();
    let mut hasher = sm2_hasher(&public(), &user_id).expect("a key");
    hasher.update(MESSAGE);
    let (digest, signature) = (hasher.finish(), sign("1234567812345678"));
    let verified = verify_sm2_digest(&public(), Sm2Encodings::DerOrRaw, &digest, &signature);
    assert_eq!(verified, Ok(Sm2Encoding::Raw));
    // The same number, written longer.
    let longer = Hash::Sha384.digest_from(&[&[0; 16], &digest[..]].concat()).expect("48 octets");
    let verified = verify_sm2_digest(&public(), Sm2Encodings::DerOrRaw, &longer, &signature);
    assert_eq!(verified, Err(SignatureFault::Invalid));
}

#[test]
fn both_encodings_are_told_apart_where_both_are_allowed() {
    let raw = sign("1234567812345678");
    for (signature, encoding) in [(&raw[..], Sm2Encoding::Raw), (&der(&raw), Sm2Encoding::Der)] {
        let form = verify_raw_signature_with(&public(), SCHEME, &lenient(), MESSAGE, signature);
        assert_eq!(form.expect("verifies").sm2_encoding(), Some(encoding));
    }
    let der_only = verify_raw_signature(&public(), SCHEME, MESSAGE, &raw);
    assert_eq!(der_only.expect_err("refused").code(), &codes::SM2_SIGNATURE_RAW);
    let signed =
        verify_signed(&public(), &SignatureAlgorithm::Sm2Sm3, &lenient(), MESSAGE, (&raw, 0));
    assert_eq!(signed.expect_err("DER in certificates").code(), &codes::SM2_SIGNATURE_RAW);
}

#[test]
fn signatures_that_cannot_be_have_each_their_own_code() {
    let raw = sign("1234567812345678");
    let with = |r: &[u8; 32], s: &[u8; 32]| -> [u8; 64] {
        [&r[..], &s[..]].concat().try_into().expect("64 octets")
    };
    let one = {
        let mut one = [0; 32];
        one[31] = 1;
        one
    };
    let mut complement = ORDER;
    complement[31] -= 1;
    for (numbers, code) in [
        (with(&[0; 32], &one), &codes::SM2_SIGNATURE_ZERO),
        (with(&one, &[0; 32]), &codes::SM2_SIGNATURE_ZERO),
        (with(&ORDER, &one), &codes::SM2_SIGNATURE_RANGE),
        (with(&one, &ORDER), &codes::SM2_SIGNATURE_RANGE),
        (with(&[0xFF; 32], &one), &codes::SM2_SIGNATURE_RANGE),
        (with(&one, &complement), &codes::SM2_SIGNATURE_SUM),
        (with(&complement, &one), &codes::SM2_SIGNATURE_SUM),
        (with(&one, &one), &codes::SIGNATURE_INVALID),
    ] {
        assert_eq!(fault(&numbers), code, "{numbers:?}");
        assert_eq!(fault(&der(&numbers)), code, "DER of {numbers:?}");
    }
    let negative = sequence(&[vec![2, 1, 0xFF], integer(&one)]);
    assert_eq!(fault(&negative), &codes::SM2_SIGNATURE_RANGE);
    let long = sequence(&[integer(&[1; 33]), integer(&one)]);
    assert_eq!(fault(&long), &codes::SM2_SIGNATURE_RANGE);

    let der = der(&raw);
    assert_eq!(fault(&[&der[..], &[0]].concat()), &codes::SM2_SIGNATURE_TRAILING);
    assert_eq!(fault(&raw[..63]), &codes::SM2_SIGNATURE_LENGTH);
    assert_eq!(fault(&[&raw[..], &[0]].concat()), &codes::SM2_SIGNATURE_LENGTH);
    assert_eq!(fault(&[&[0x30], &raw[1..63]].concat()), &codes::SM2_SIGNATURE_LENGTH);
    assert_eq!(fault(&[]), &codes::SM2_SIGNATURE_LENGTH);
    assert_eq!(fault(&der[..der.len() - 1]), &codes::SM2_SIGNATURE_LENGTH);
    let padded = sequence(&[vec![2, 2, 0, 1], integer(&one)]);
    assert_eq!(fault(&padded), &codes::SM2_SIGNATURE_ENCODING);
    let three = sequence(&[integer(&one), integer(&one), integer(&one)]);
    assert_eq!(fault(&three), &codes::SM2_SIGNATURE_ENCODING);
}

#[test]
fn another_user_id_is_told_unless_it_is_allowed() {
    let (empty, standard) = (der(&sign("")), der(&sign("1234567812345678")));
    let verify = |rules: &SignatureRules, signature: &[u8]| {
        verify_raw_signature_with(&public(), SCHEME, rules, MESSAGE, signature)
    };
    let id = Sm2UserId::new(b"").expect("short");
    let not_allowed = |id: Sm2UserId| Err(SignatureFault::Sm2(Sm2Fault::UserId { user_id: id }));
    assert_eq!(verify(&lenient(), &empty), not_allowed(id.clone()));
    let tls = der(&sign("TLSv1.3+GM+Cipher+Suite"));
    assert_eq!(verify(&lenient(), &tls), not_allowed(Sm2UserId::tls()));
    let code = verify(&lenient(), &empty).expect_err("must be refused").code();
    assert_eq!(code, &codes::SM2_SIGNATURE_USER_ID);
    // Of all others nothing can be known.
    let unknown = der(&sign("ALICE123@YAHOO.COM"));
    assert_eq!(verify(&lenient(), &unknown), Err(SignatureFault::Invalid));
    let allowed = lenient().with_sm2_user_ids(Sm2UserIds::standard_and([id.clone()]));
    let form = verify(&allowed, &empty).expect("allowed");
    assert_eq!(form.sm2_user_id(), Some(&id));
    assert_eq!(form.finding().expect("said").code(), &codes::SM2_USER_ID);
    assert!(verify(&allowed, &standard).expect("always").finding().is_none());
    let only = lenient().with_sm2_user_ids(Sm2UserIds::only(id.clone()));
    assert_eq!(verify(&only, &standard), not_allowed(Sm2UserId::standard()));
    // What was verified before is judged by the rules of now.
    let again = |rules| check_again(&public(), &SignatureAlgorithm::Sm2Sm3, rules, &form);
    assert_eq!(again(&allowed), Ok(form.clone()));
    assert_eq!(again(&lenient()), not_allowed(id));
    assert!(Sm2UserId::new(&[0; MAX_SM2_USER_ID_OCTETS]).is_ok());
    assert!(Sm2UserId::new(&[0; MAX_SM2_USER_ID_OCTETS + 1]).is_err());
}

#[test]
fn keys_that_cannot_be_have_each_their_own_code() {
    let point = signer("").verifying_key().to_sec1_bytes().into_vec();
    let code = |point: &[u8]| {
        let key = labelled(point);
        assert!(matches!(key.algorithm(), KeyAlgorithm::Sm2Invalid { .. }), "{key:?}");
        let refused = verify_raw_signature(&key, SCHEME, MESSAGE, &[]);
        refused.expect_err("must be refused").code()
    };
    let mut off = point.clone();
    off[64] ^= 1;
    assert_eq!(code(&off), &codes::KEY_NOT_ON_CURVE);
    assert_eq!(code(&[&[4], &[0xFF; 64][..]].concat()), &codes::KEY_NOT_ON_CURVE);
    assert_eq!(code(&[0]), &codes::KEY_INFINITY);
    assert_eq!(code(&[&[4], &[0; 64][..]].concat()), &codes::KEY_INFINITY);
    // The generator of P-256 (SEC 2 2.4.2), labelled SM2.
    let p256 = octets(
        &serde_json::json!({
            "x": "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296",
            "y": "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
        }),
        &["x", "y"],
    );
    assert_eq!(code(&[&[4], &p256[..]].concat()), &codes::KEY_OTHER_CURVE);
    assert_eq!(code(&point[..64]), &codes::KEY_MALFORMED);
    assert_eq!(code(&[&[2], &point[1..33]].concat()), &codes::KEY_MALFORMED);
    assert_eq!(code(&[&[6], &point[1..]].concat()), &codes::KEY_MALFORMED);
}

#[test]
fn keys_are_known_by_every_label() {
    let point = signer("").verifying_key().to_sec1_bytes();
    let kind = |oid: &Oid, parameters: &[u8]| key(oid, parameters, &point).algorithm().clone();
    let ec = Oid::EC_PUBLIC_KEY;
    for oid in [Oid::SM2, Oid::SM2_SIGNATURE] {
        assert_eq!(kind(&ec, &curve(&oid)), KeyAlgorithm::Sm2);
        assert_eq!(kind(&oid, &[]), KeyAlgorithm::Sm2);
        assert_eq!(kind(&oid, &[5, 0]), KeyAlgorithm::Sm2);
        assert_eq!(kind(&oid, &curve(&Oid::SM2)), KeyAlgorithm::Sm2);
    }
    assert_eq!(kind(&ec, &curve(&Oid::SM2_ENCRYPTION)), KeyAlgorithm::Sm2Encryption);
    assert_eq!(kind(&Oid::SM2_ENCRYPTION, &[]), KeyAlgorithm::Sm2Encryption);
    let other = kind(&Oid::SM2, &curve(&Oid::CURVE_P256));
    assert!(matches!(other, KeyAlgorithm::Unsupported { .. }), "{other:?}");
    let encrypts = key(&Oid::SM2_ENCRYPTION, &[], &point);
    let refused = verify_raw_signature(&encrypts, SCHEME, MESSAGE, &der(&sign("")));
    assert_eq!(refused.expect_err("refused").code(), &codes::KEY_FOR_ENCRYPTION);
    let mismatch = verify_raw_signature(&public(), SignatureScheme::EcdsaP256Sha256, MESSAGE, &[]);
    assert_eq!(mismatch.expect_err("refused").code(), &codes::SIGNATURE_KEY_MISMATCH);
    assert!(sm2_hasher(&encrypts, &Sm2UserId::standard()).is_err());
}

#[test]
fn parameters_are_null_or_absent() {
    let stated = |parameters: &[u8]| algorithm(&Oid::SM2_WITH_SM3, parameters);
    assert_eq!(stated(&[5, 0]), SignatureAlgorithm::Sm2Sm3);
    assert_eq!(stated(&[]), SignatureAlgorithm::Sm2Sm3);
    assert!(matches!(stated(&[4, 0]), SignatureAlgorithm::BadParameters { .. }));
}
