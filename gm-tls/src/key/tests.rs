use rustls::pki_types::{PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use sec1::der::Encode;
use sm2::elliptic_curve::pkcs8::EncodePrivateKey;

use super::*;
use crate::test_support::hex;

fn secret() -> SecretKey {
    SecretKey::from_slice(&[0x42; 32]).unwrap()
}

fn pkcs8(secret: &SecretKey) -> PrivateKeyDer<'static> {
    let der = secret.to_pkcs8_der().unwrap();
    PrivatePkcs8KeyDer::from(der.as_bytes().to_vec()).into()
}

fn sec1(
    private_key: &[u8],
    parameters: Option<EcParameters>,
    public_key: Option<&[u8]>,
) -> PrivateKeyDer<'static> {
    let key = EcPrivateKey { private_key, parameters, public_key };
    PrivateSec1KeyDer::from(key.to_der().unwrap()).into()
}

const SM2_CURVE: Option<EcParameters> = Some(EcParameters::NamedCurve(sm2::Sm2::OID));

fn fault(der: &PrivateKeyDer<'_>) -> Option<KeyError> {
    load_sm2_key(der).err()
}

#[test]
fn keys_load_in_both_forms_and_sign() {
    let public = point::encode(&secret().public_key());
    let forms = [
        pkcs8(&secret()),
        sec1(&secret().to_bytes(), SM2_CURVE, Some(&public)),
        sec1(&secret().to_bytes(), SM2_CURVE, None),
    ];
    for form in forms {
        let key = load_sm2_key(&form).unwrap();
        let spki = key.public_key().unwrap();
        assert!(spki.ends_with(&public));
        assert!(key.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]).is_none());
        let offered = [SignatureScheme::ECDSA_NISTP256_SHA256, SM2SIG_SM3];
        let signer = key.choose_scheme(&offered).unwrap();
        assert_eq!(signer.scheme(), SM2SIG_SM3);
        let (one, other) = (signer.sign(b"text").unwrap(), signer.sign(b"text").unwrap());
        assert_ne!(one, other, "each signature has a nonce of its own");
        let verifier = verify::HANDSHAKE_ALGORITHMS[0].1[0];
        for signature in [one, other] {
            verifier.verify_signature(&public, b"text", &signature).unwrap();
        }
    }
}

#[test]
fn the_curve_is_never_guessed() {
    let octets = secret().to_bytes();
    assert_eq!(fault(&sec1(&octets, None, None)), Some(KeyError::NotSm2));
    let p256 = EcParameters::NamedCurve("1.2.840.10045.3.1.7".parse().unwrap());
    assert_eq!(fault(&sec1(&octets, Some(p256), None)), Some(KeyError::NotSm2));
    let other = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let other = PrivatePkcs8KeyDer::from(other.serialize_der());
    assert_eq!(fault(&other.into()), Some(KeyError::NotSm2));
    assert_eq!(fault(&PrivatePkcs8KeyDer::from(&b"no key"[..]).into()), Some(KeyError::NotSm2));
}

#[test]
fn keys_out_of_range_are_refused() {
    let order = hex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123");
    let below = |n: u8| {
        let mut octets = order.clone();
        octets[31] -= n;
        octets
    };
    // GB/T 32918.2 section 6.1: from 1 to n - 2.
    for octets in [vec![0; 32], below(1), order.clone(), vec![0xff; 32]] {
        assert_eq!(fault(&sec1(&octets, SM2_CURVE, None)), Some(KeyError::Invalid));
    }
    let mut one = vec![0; 32];
    one[31] = 1;
    for octets in [one, below(2)] {
        assert_eq!(fault(&sec1(&octets, SM2_CURVE, None)), None);
    }
}

#[test]
fn a_public_key_beside_it_is_its_own() {
    let other = SecretKey::from_slice(&[0x43; 32]).unwrap();
    let public = point::encode(&other.public_key());
    let key = sec1(&secret().to_bytes(), SM2_CURVE, Some(&public));
    assert_eq!(fault(&key), Some(KeyError::Invalid));
}

#[test]
fn keys_do_not_show_themselves() {
    let key = load_sm2_key(&pkcs8(&secret())).unwrap();
    let signer = key.choose_scheme(&[SM2SIG_SM3]).unwrap();
    assert_eq!(format!("{key:?} {signer:?}"), "Sm2SigningKey { .. } Sm2Signer { .. }");
}
