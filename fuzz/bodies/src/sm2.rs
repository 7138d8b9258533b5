//! SM2 keys and signatures.

use tongxing_pki::{
    Digest, KeyAlgorithm, PublicKey, SignatureScheme, Sm2Encoding, Sm2Encodings, Sm2UserId,
    sm2_hasher, verify_raw_signature, verify_sm2_digest,
};

/// The key and the signature of GM/T 0003.5, appendix A: nobody who writes a corpus has
/// the key of another one.
const POINT: &str = "\
    09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020\
    CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
const SIGNATURE: &str = "\
    F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3\
    B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA";
const MESSAGE: &[u8] = b"message digest";

/// SubjectPublicKeyInfo of an SM2 key, up to the BIT STRING's content and from there
/// with the length of a point.
const LABEL: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A,
    0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D, 0x03, 0x42, 0x00,
];

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap_or_default());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

fn labelled(point: &[u8]) -> Option<PublicKey> {
    PublicKey::from_spki_der(&[&LABEL[..], point].concat()).ok()
}

/// A signature over a known message by a known key: only the one that there is verifies.
pub fn sm2_signature(bytes: &[u8]) {
    let key = labelled(&[&[4], &unhex(POINT)[..]].concat());
    let Some(key) = key else { panic!("the standard's key is well formed") };
    let digest = digest(&key);
    for encodings in [Sm2Encodings::Der, Sm2Encodings::DerOrRaw] {
        match verify_sm2_digest(&key, encodings, &digest, bytes) {
            Ok(Sm2Encoding::Raw) => {
                assert!(encodings == Sm2Encodings::DerOrRaw && bytes == unhex(SIGNATURE));
            }
            // r and s both have their first bit set, so that DER adds eight octets.
            Ok(Sm2Encoding::Der) => assert_eq!(bytes.len(), 72),
            Err(fault) => {
                assert!(!fault.to_string().is_empty() && fault.finding().code() == fault.code());
            }
        }
    }
}

fn digest(key: &PublicKey) -> Digest {
    match sm2_hasher(key, &Sm2UserId::standard()) {
        Ok(mut hasher) => {
            hasher.update(MESSAGE);
            hasher.finish()
        }
        Err(fault) => panic!("{fault}"),
    }
}

/// A subjectPublicKey under the label of SM2, and a whole SubjectPublicKeyInfo.
pub fn sm2_key(bytes: &[u8]) {
    let keys = [labelled(bytes), PublicKey::from_spki_der(bytes).ok()];
    for key in keys.into_iter().flatten() {
        let verified = verify_raw_signature(&key, SignatureScheme::Sm2Sm3, MESSAGE, &[0; 64]);
        assert!(verified.is_err(), "no key made that signature");
        if *key.algorithm() == KeyAlgorithm::Sm2 {
            assert_eq!((key.key_octets().len(), key.key_octets()[0]), (65, 4));
            assert_eq!(PublicKey::from_spki_der(key.spki_der()).as_ref(), Ok(&key));
            assert_ne!(digest(&key).len(), 0);
        }
    }
}
