//! Project Wycheproof: signatures made to be accepted wrongly.

use serde_json::Value;
use tongxing_pki::{
    Hash, PublicKey, SignatureRules, SignatureScheme, verify_prehashed_signature,
    verify_raw_signature,
};

use crate::Outcomes;
use crate::vectors::{folder, json, text};

const FILES: [(&str, SignatureScheme); 9] = [
    ("ecdsa_secp256r1_sha256_test", SignatureScheme::EcdsaP256Sha256),
    ("ecdsa_secp384r1_sha384_test", SignatureScheme::EcdsaP384Sha384),
    ("ed25519_test", SignatureScheme::Ed25519),
    ("rsa_pss_2048_sha256_mgf1_32_test", SignatureScheme::RsaPssSha256),
    ("rsa_pss_3072_sha256_mgf1_32_test", SignatureScheme::RsaPssSha256),
    ("rsa_pss_4096_sha512_mgf1_64_test", SignatureScheme::RsaPssSha512),
    ("rsa_signature_2048_sha256_test", SignatureScheme::RsaPkcs1Sha256),
    ("rsa_signature_3072_sha384_test", SignatureScheme::RsaPkcs1Sha384),
    ("rsa_signature_4096_sha512_test", SignatureScheme::RsaPkcs1Sha512),
];

#[test]
fn wycheproof() {
    let Some(folder) = folder("wycheproof") else {
        return;
    };
    let mut outcomes = Outcomes::default();
    let (mut whole, mut by_digests) = (0, 0);
    for (file, scheme) in FILES {
        let suite = json(&folder, &format!("{file}.json"));
        for group in suite["testGroups"].as_array().expect("groups") {
            let key = PublicKey::from_spki_der(&octets(group, "publicKeyDer")).expect("a key");
            for case in group["tests"].as_array().expect("cases") {
                let name = format!("{file}#{}", case["tcId"]);
                outcomes.note(&name, difference(&key, scheme, case));
                whole += 1;
                if let Some(hash) = hash_of(scheme) {
                    let name = format!("{name} by its digest");
                    outcomes.note(&name, by_digest(&key, scheme, hash, case));
                    by_digests += 1;
                }
            }
        }
    }
    // All of them whole, and all but Ed25519's by their digests too.
    assert_eq!(whole, 2_311, "vectors read");
    outcomes.settle("wycheproof", whole + by_digests);
}

fn difference(key: &PublicKey, scheme: SignatureScheme, case: &Value) -> Option<String> {
    let (message, signature) = (octets(case, "msg"), octets(case, "sig"));
    let outcome = verify_raw_signature(key, scheme, &message, &signature);
    // "acceptable" is a DigestInfo without NULL, which RFC 8017 leaves open
    // and we refuse.
    let valid = text(case, "result") == "valid";
    let comment = text(case, "comment");
    (outcome.is_ok() != valid).then(|| format!("valid: {valid}, got {outcome:?} ({comment})"))
}

/// The same by the digest of the message, which other primitives verify.
fn by_digest(key: &PublicKey, scheme: SignatureScheme, hash: Hash, case: &Value) -> Option<String> {
    let digest = hash.digest(&octets(case, "msg"));
    let rules = SignatureRules::default();
    let outcome = verify_prehashed_signature(key, scheme, &rules, &digest, &octets(case, "sig"));
    let valid = text(case, "result") == "valid";
    let comment = text(case, "comment");
    (outcome.is_ok() != valid).then(|| format!("valid: {valid}, got {outcome:?} ({comment})"))
}

/// The hash function of a scheme that signs digests.
fn hash_of(scheme: SignatureScheme) -> Option<Hash> {
    use SignatureScheme as S;
    match scheme {
        S::RsaPkcs1Sha256 | S::RsaPssSha256 | S::EcdsaP256Sha256 => Some(Hash::Sha256),
        S::RsaPkcs1Sha384 | S::EcdsaP384Sha384 => Some(Hash::Sha384),
        S::RsaPkcs1Sha512 | S::RsaPssSha512 => Some(Hash::Sha512),
        _ => None,
    }
}

fn octets(value: &Value, key: &str) -> Vec<u8> {
    let digits = text(value, key);
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}
