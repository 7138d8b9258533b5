use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

use super::*;
use crate::codes;
use crate::der::reader::{push_length, read_single, tag};
use crate::oid::Oid;

const MESSAGE: &[u8] = b"message";
const NULL: &[u8] = &[5, 0];

pub(super) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut octets = vec![tag];
    push_length(&mut octets, content.len());
    octets.extend_from_slice(content);
    octets
}

fn identifier(oid: &Oid, parameters: &[u8]) -> Vec<u8> {
    let oid = tlv(tag::OID, oid.as_bytes());
    tlv(tag::SEQUENCE, &[oid, parameters.to_vec()].concat())
}

pub(super) fn algorithm(oid: &Oid, parameters: &[u8]) -> SignatureAlgorithm {
    let der = identifier(oid, parameters);
    SignatureAlgorithm::from_walked(read_single(&der).expect("DER"))
}

/// NULL says nothing behind what a signer states; in a certificate it is no good.
#[test]
fn signers_may_write_null_behind_what_has_no_parameters() {
    for (oid, expected) in [
        (Oid::ECDSA_SHA256, SignatureAlgorithm::Ecdsa(Hash::Sha256)),
        (Oid::ED25519, SignatureAlgorithm::Ed25519),
    ] {
        let of_signer = |parameters: &[u8]| {
            let der = identifier(&oid, parameters);
            SignatureAlgorithm::of_signer(read_single(&der).expect("DER"))
        };
        assert_eq!(of_signer(&[]), (expected.clone(), false));
        assert_eq!(of_signer(NULL), (expected, true));
        let bad = SignatureAlgorithm::BadParameters { algorithm: oid.clone() };
        assert_eq!(of_signer(&[4, 0]), (bad.clone(), false));
        assert_eq!(algorithm(&oid, NULL), bad);
    }
    // PSS says with its parameters which hash function it has.
    let der = identifier(&Oid::RSASSA_PSS, NULL);
    let (told, null) = SignatureAlgorithm::of_signer(read_single(&der).expect("DER"));
    let bad = SignatureAlgorithm::BadParameters { algorithm: Oid::RSASSA_PSS };
    assert_eq!((told, null), (bad, false));
}

pub(super) fn key(oid: &Oid, parameters: &[u8], octets: &[u8]) -> PublicKey {
    let bits = tlv(tag::BIT_STRING, &[&[0], octets].concat());
    let spki = tlv(tag::SEQUENCE, &[identifier(oid, parameters), bits].concat());
    PublicKey::from_spki_der(&spki).expect("well formed")
}

fn rsa_key(bits: usize, parameters: &[u8]) -> PublicKey {
    let mut modulus = vec![0xFF; bits / 8];
    modulus.insert(0, 0);
    let numbers = [tlv(tag::INTEGER, &modulus), vec![2, 3, 1, 0, 1]];
    let octets = tlv(tag::SEQUENCE, &numbers.concat());
    key(&Oid::RSA_ENCRYPTION, parameters, &octets)
}

pub(super) fn curve(oid: &Oid) -> Vec<u8> {
    tlv(tag::OID, oid.as_bytes())
}

fn p256() -> (EcdsaKeyPair, PublicKey) {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("generates");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("valid");
    let public = key(&Oid::EC_PUBLIC_KEY, &curve(&Oid::CURVE_P256), pair.public_key().as_ref());
    (pair, public)
}

fn pss_parameters(hash: &Oid, mask_hash: &Oid, salt: u8) -> Vec<u8> {
    let parts = [
        tlv(0xA0, &identifier(hash, NULL)),
        tlv(0xA1, &identifier(&Oid::MGF1, &identifier(mask_hash, NULL))),
        tlv(0xA2, &if salt < 0x80 { vec![2, 1, salt] } else { vec![2, 2, 0, salt] }),
    ];
    tlv(tag::SEQUENCE, &parts.concat())
}

#[test]
fn ecdsa_verifies_raw_and_signed() {
    let (pair, public) = p256();
    let signature = pair.sign(&SystemRandom::new(), MESSAGE).expect("signs");
    let signature = signature.as_ref();
    let scheme = SignatureScheme::EcdsaP256Sha256;
    assert_eq!(*public.algorithm(), KeyAlgorithm::EcP256);
    assert_eq!(verify_raw_signature(&public, scheme, MESSAGE, signature), Ok(()));
    let wrong = verify_raw_signature(&public, scheme, b"other", signature);
    assert_eq!(wrong, Err(SignatureFault::Invalid));
    let stated = algorithm(&Oid::ECDSA_SHA256, &[]);
    let signed = |unused| {
        verify_signed(&public, &stated, &SignatureRules::default(), MESSAGE, (signature, unused))
    };
    assert_eq!(signed(0), Ok(SignatureForm::default()));
    assert_eq!(signed(4), Err(SignatureFault::UnusedBits));
}

#[test]
fn ed25519_verifies() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed");
    let public = key(&Oid::ED25519, &[], pair.public_key().as_ref());
    let signature = pair.sign(MESSAGE);
    let scheme = SignatureScheme::Ed25519;
    assert_eq!(verify_raw_signature(&public, scheme, MESSAGE, signature.as_ref()), Ok(()));
    let with_null = key(&Oid::ED25519, NULL, pair.public_key().as_ref());
    assert!(matches!(with_null.algorithm(), KeyAlgorithm::Malformed { .. }));
}

#[test]
fn a_scheme_for_another_key_is_named() {
    let (_, public) = p256();
    let refused = verify_raw_signature(&public, SignatureScheme::RsaPkcs1Sha256, MESSAGE, &[]);
    let fault = refused.expect_err("must be refused");
    assert_eq!(fault.code(), &codes::SIGNATURE_KEY_MISMATCH);
    let stated = algorithm(&Oid::SHA256_WITH_RSA, NULL);
    let rules = SignatureRules::default();
    let refused = verify_signed(&public, &stated, &rules, MESSAGE, (&[], 0));
    assert_eq!(refused.expect_err("refused").code(), &codes::SIGNATURE_KEY_MISMATCH);
}

#[test]
fn parameters_are_judged() {
    let rsa = SignatureAlgorithm::RsaPkcs1(Hash::Sha256);
    assert_eq!(algorithm(&Oid::SHA256_WITH_RSA, NULL), rsa);
    assert_eq!(algorithm(&Oid::SHA256_WITH_RSA, &[]), rsa);
    let bad = |found| matches!(found, SignatureAlgorithm::BadParameters { .. });
    assert!(bad(algorithm(&Oid::SHA256_WITH_RSA, &[4, 0])));
    assert!(bad(algorithm(&Oid::ECDSA_SHA256, NULL)));
    assert!(bad(algorithm(&Oid::ED25519, NULL)));
}

#[test]
fn pss_parameters_must_agree() {
    let pss = |parameters: &[u8]| algorithm(&Oid::RSASSA_PSS, parameters);
    let bad = |found| matches!(found, SignatureAlgorithm::BadParameters { .. });
    let good = pss_parameters(&Oid::SHA256, &Oid::SHA256, 32);
    assert_eq!(pss(&good), SignatureAlgorithm::RsaPss(Hash::Sha256));
    assert!(bad(pss(&pss_parameters(&Oid::SHA256, &Oid::SHA384, 32))));
    let salted = |hash, salt| SignatureAlgorithm::RsaPssSalted { hash, salt };
    assert_eq!(pss(&pss_parameters(&Oid::SHA256, &Oid::SHA256, 20)), salted(Hash::Sha256, 20));
    assert_eq!(pss(&[0x30, 0]), salted(Hash::Sha1, 20), "the defaults");
    assert!(bad(pss(&pss_parameters(&Oid::SM3, &Oid::SM3, 32))));
    assert!(bad(pss(&[])));
    let trailer = [&good[2..], &[0xA3, 3, 2, 1, 2]].concat();
    assert!(bad(pss(&tlv(tag::SEQUENCE, &trailer))));
}

#[test]
fn weak_and_unknown_algorithms_are_told_apart() {
    let code = |oid: &Oid, weak| {
        let stated = algorithm(oid, NULL);
        let key = rsa_key(2048, NULL);
        let rules = SignatureRules::default().with_weak(weak);
        let outcome = verify_signed(&key, &stated, &rules, MESSAGE, (&[0; 256], 0));
        outcome.expect_err("nothing is signed").code()
    };
    let (refused, allowed) = (WeakAlgorithms::Refused, WeakAlgorithms::DangerAllowSha1);
    assert_eq!(code(&Oid::SHA1_WITH_RSA, refused), &codes::SIGNATURE_WEAK);
    assert_eq!(code(&Oid::SHA1_WITH_RSA_OIW, refused), &codes::SIGNATURE_WEAK);
    assert_eq!(code(&Oid::SHA1_WITH_RSA, allowed), &codes::SIGNATURE_INVALID);
    let md5 = Oid::from_arcs(&[1, 2, 840, 113_549, 1, 1, 4]);
    assert_eq!(code(&md5, allowed), &codes::SIGNATURE_UNSUPPORTED);
}

#[test]
fn keys_have_kinds() {
    assert_eq!(*rsa_key(3072, NULL).algorithm(), KeyAlgorithm::Rsa { bits: 3072 });
    assert!(rsa_key(3072, NULL).parameters_as_prescribed());
    assert!(!rsa_key(3072, &[]).parameters_as_prescribed());
    let size =
        verify_raw_signature(&rsa_key(1024, NULL), SignatureScheme::RsaPkcs1Sha256, MESSAGE, &[]);
    assert_eq!(size, Err(SignatureFault::KeySize { bits: 1024 }));
    let p521 = Oid::from_arcs(&[1, 3, 132, 0, 35]);
    let other = key(&Oid::EC_PUBLIC_KEY, &curve(&p521), &[4; 133]);
    let expected = KeyAlgorithm::Unsupported { algorithm: Oid::EC_PUBLIC_KEY, curve: Some(p521) };
    assert_eq!(*other.algorithm(), expected);
    let short = key(&Oid::EC_PUBLIC_KEY, &curve(&Oid::CURVE_P256), &[4; 64]);
    assert!(matches!(short.algorithm(), KeyAlgorithm::Malformed { .. }));
    let broken = key(&Oid::RSA_ENCRYPTION, NULL, &[0x30, 0]);
    assert!(matches!(broken.algorithm(), KeyAlgorithm::Malformed { .. }));
}

#[test]
fn a_key_for_pss_alone_signs_no_other_way() {
    let numbers = [tlv(tag::INTEGER, &[&[0], &[0xFF; 256][..]].concat()), vec![2, 3, 1, 0, 1]];
    let octets = tlv(tag::SEQUENCE, &numbers.concat());
    let limited = key(&Oid::RSASSA_PSS, &pss_parameters(&Oid::SHA384, &Oid::SHA384, 48), &octets);
    let kind = limited.algorithm();
    assert!(SignatureScheme::RsaPssSha384.fits(kind));
    assert!(!SignatureScheme::RsaPssSha256.fits(kind));
    assert!(!SignatureScheme::RsaPkcs1Sha384.fits(kind));
    assert!(SignatureScheme::RsaPssSha256.fits(key(&Oid::RSASSA_PSS, &[], &octets).algorithm()));
    // RFC 4055 1.2: the salt is at least as long as the key says.
    let long = key(&Oid::RSASSA_PSS, &pss_parameters(&Oid::SHA384, &Oid::SHA384, 64), &octets);
    assert!(!SignatureScheme::RsaPssSha384.fits(long.algorithm()));
    let outcome = |salt| {
        let stated = algorithm(&Oid::RSASSA_PSS, &pss_parameters(&Oid::SHA384, &Oid::SHA384, salt));
        let rules = SignatureRules::default();
        let outcome = verify_signed(&long, &stated, &rules, MESSAGE, (&[0; 256], 0));
        outcome.expect_err("nothing is signed").code()
    };
    assert_eq!(outcome(63), &codes::SIGNATURE_KEY_MISMATCH);
    assert_eq!(outcome(80), &codes::SIGNATURE_INVALID);
    assert_eq!(outcome(250), &codes::SIGNATURE_INVALID, "no room for it");
}

#[test]
fn a_key_is_a_whole_number_of_octets() {
    // A point whose last bit is not used, so that the count hides nothing.
    let mut bits = [0; 66];
    (bits[0], bits[1]) = (1, 4);
    let parts =
        [identifier(&Oid::EC_PUBLIC_KEY, &curve(&Oid::CURVE_P256)), tlv(tag::BIT_STRING, &bits)];
    let spki = tlv(tag::SEQUENCE, &parts.concat());
    let key = PublicKey::from_spki_der(&spki).expect("well formed");
    assert!(matches!(key.algorithm(), KeyAlgorithm::Malformed { .. }));
}
