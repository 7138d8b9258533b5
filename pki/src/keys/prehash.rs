//! Verification of a digest: for content that flowed by, or stays elsewhere.
//!
//! ring verifies whole messages only, and PSS only with salts of the hash's length, so
//! that RustCrypto's `PrehashVerifier`s do this (SM2's is [`super::sm2`]'s). Public keys and signatures are no secrets: what is said
//! against the `rsa` crate's private operations (RUSTSEC-2023-0071) is not met here. The
//! rules are those of whole messages: the same kinds, the same sizes of keys.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, pkcs1v15, pss};
use sha2::{Sha256, Sha384, Sha512};

use crate::der::reader::read_single;

use super::algorithm::SignatureAlgorithm;
use super::hash::{Digest, Hash};
use super::primitive;
use super::public_key::PublicKey;
use super::scheme::{
    Resolved, SignatureFault, SignatureForm, SignatureRules, SignatureScheme, check_key, mismatch,
    resolve,
};
use super::sm2::{self, Sm2UserId};

/// Verifies a signature over a digest that was made elsewhere. For SM2 it is the digest of
/// Z and the message ([`super::sm2_hasher`]). Ed25519 signs messages, never digests.
///
/// # Errors
/// The [`SignatureFault`] that says why not; [`SignatureFault::WholeMessage`] for Ed25519.
pub fn verify_prehashed_signature(
    key: &PublicKey,
    scheme: SignatureScheme,
    rules: &SignatureRules,
    digest: &Digest,
    signature: &[u8],
) -> Result<SignatureForm, SignatureFault> {
    check_key(key)?;
    if !scheme.fits(key.algorithm()) {
        return Err(mismatch(&format!("{scheme:?}"), key));
    }
    verify(scheme.into(), key, rules, digest, signature, None)
}

/// The same by the algorithm that a signed document names; `user_id` is the one inside
/// SM2's Z.
pub(crate) fn verify_digest(
    key: &PublicKey,
    algorithm: &SignatureAlgorithm,
    rules: &SignatureRules,
    digest: &Digest,
    signature: &[u8],
    user_id: Option<&Sm2UserId>,
) -> Result<SignatureForm, SignatureFault> {
    verify(resolve(algorithm, key, rules.weak)?, key, rules, digest, signature, user_id)
}

/// Verifies a document's signature over a whole message. Unlike those of certificates, an
/// SM2 signature may be encoded in every way that the rules allow.
pub(crate) fn verify_message(
    key: &PublicKey,
    algorithm: &SignatureAlgorithm,
    rules: &SignatureRules,
    message: &[u8],
    signature: &[u8],
) -> Result<SignatureForm, SignatureFault> {
    primitive::verify(resolve(algorithm, key, rules.weak)?, key, rules, message, signature)
}

fn verify(
    scheme: Resolved,
    key: &PublicKey,
    rules: &SignatureRules,
    digest: &Digest,
    signature: &[u8],
    user_id: Option<&Sm2UserId>,
) -> Result<SignatureForm, SignatureFault> {
    use SignatureScheme as S;
    let scheme = match scheme {
        Resolved::Scheme(scheme) => scheme,
        Resolved::DangerRsaPkcs1Sha1 => {
            return rsa_pkcs1(key, Hash::Sha1, digest, signature)
                .map(|()| SignatureForm::default());
        }
        Resolved::RsaPssSalted { hash, salt } => {
            return rsa_pss_salted(key, (hash, salt), digest, signature)
                .map(|()| SignatureForm::default());
        }
    };
    let outcome = match scheme {
        S::RsaPkcs1Sha256 => rsa_pkcs1(key, Hash::Sha256, digest, signature),
        S::RsaPkcs1Sha384 => rsa_pkcs1(key, Hash::Sha384, digest, signature),
        S::RsaPkcs1Sha512 => rsa_pkcs1(key, Hash::Sha512, digest, signature),
        S::RsaPssSha256 => rsa_pss(key, Hash::Sha256, digest, signature),
        S::RsaPssSha384 => rsa_pss(key, Hash::Sha384, digest, signature),
        S::RsaPssSha512 => rsa_pss(key, Hash::Sha512, digest, signature),
        S::EcdsaP256Sha256 => on_p256(key, Hash::Sha256, digest, signature),
        S::EcdsaP256Sha384 => on_p256(key, Hash::Sha384, digest, signature),
        S::EcdsaP384Sha256 => on_p384(key, Hash::Sha256, digest, signature),
        S::EcdsaP384Sha384 => on_p384(key, Hash::Sha384, digest, signature),
        S::Ed25519 => Err(SignatureFault::WholeMessage { algorithm: "Ed25519".to_owned() }),
        S::Sm2Sm3 => {
            let encoding = sm2::verify_sm2_digest(key, rules.sm2_encodings, digest, signature)?;
            let user_id = user_id.cloned().unwrap_or_else(Sm2UserId::standard);
            return Ok(SignatureForm::sm2(encoding, user_id));
        }
    };
    outcome.map(|()| SignatureForm::default())
}

/// A digest of another length is another function's.
fn fits(hash: Hash, digest: &Digest) -> Result<(), SignatureFault> {
    let same = usize::try_from(hash.octets()).is_ok_and(|octets| octets == digest.len());
    if same { Ok(()) } else { Err(SignatureFault::Invalid) }
}

fn invalid<E>(_: E) -> SignatureFault {
    SignatureFault::Invalid
}

fn rsa_pkcs1(
    key: &PublicKey,
    hash: Hash,
    digest: &Digest,
    signature: &[u8],
) -> Result<(), SignatureFault> {
    fits(hash, digest)?;
    let key = rsa_key(key, signature)?;
    let value = pkcs1v15::Signature::try_from(signature).map_err(invalid)?;
    let outcome = match hash {
        Hash::Sha1 => pkcs1v15::VerifyingKey::<sha1::Sha1>::new(key).verify_prehash(digest, &value),
        Hash::Sha384 => pkcs1v15::VerifyingKey::<Sha384>::new(key).verify_prehash(digest, &value),
        Hash::Sha512 => pkcs1v15::VerifyingKey::<Sha512>::new(key).verify_prehash(digest, &value),
        _ => pkcs1v15::VerifyingKey::<Sha256>::new(key).verify_prehash(digest, &value),
    };
    outcome.map_err(invalid)
}

/// With a salt of the hash's length, as every scheme has it.
fn rsa_pss(
    key: &PublicKey,
    hash: Hash,
    digest: &Digest,
    signature: &[u8],
) -> Result<(), SignatureFault> {
    rsa_pss_salted(key, (hash, hash.octets()), digest, signature)
}

/// With a salt of this length (RFC 8017 9.1.2); where the key has no room for it, nothing
/// verifies.
pub(super) fn rsa_pss_salted(
    key: &PublicKey,
    (hash, salt): (Hash, u32),
    digest: &Digest,
    signature: &[u8],
) -> Result<(), SignatureFault> {
    fits(hash, digest)?;
    let key = rsa_key(key, signature)?;
    let value = pss::Signature::try_from(signature).map_err(invalid)?;
    let salt = usize::try_from(salt).map_err(invalid)?;
    let outcome = match hash {
        Hash::Sha1 => pss_key::<sha1::Sha1>(key, salt).verify_prehash(digest, &value),
        Hash::Sha384 => pss_key::<Sha384>(key, salt).verify_prehash(digest, &value),
        Hash::Sha512 => pss_key::<Sha512>(key, salt).verify_prehash(digest, &value),
        _ => pss_key::<Sha256>(key, salt).verify_prehash(digest, &value),
    };
    outcome.map_err(invalid)
}

fn pss_key<D: sha2::Digest>(key: rsa::PublicKey, salt: usize) -> pss::VerifyingKey<D> {
    pss::VerifyingKey::new_with_salt_len(key, salt)
}

/// The key, and that the signature has its length (RFC 8017 8.1.2, 8.2.2). Its size was
/// checked with its kind.
fn rsa_key(key: &PublicKey, signature: &[u8]) -> Result<rsa::PublicKey, SignatureFault> {
    let malformed = || SignatureFault::MalformedKey { key: key.algorithm().to_string() };
    let mut numbers = read_single(key.key_octets()).map_err(|_| malformed())?.children();
    let mut next = || {
        let octets = numbers.next()?.content;
        Some(octets.strip_prefix(&[0]).unwrap_or(octets))
    };
    let (Some(modulus), Some(exponent)) = (next(), next()) else {
        return Err(malformed());
    };
    if signature.len() != modulus.len() {
        return Err(SignatureFault::Invalid);
    }
    let number = |octets: &[u8]| {
        let bits = u32::try_from(octets.len() * 8).map_err(|_| malformed())?;
        BoxedUint::from_be_slice(octets, bits).map_err(|_| malformed())
    };
    rsa::PublicKey::new_with_size_limits(number(modulus)?, number(exponent)?, 2048..=8192)
        .map_err(|_| malformed())
}

fn on_p256(
    key: &PublicKey,
    hash: Hash,
    digest: &Digest,
    signature: &[u8],
) -> Result<(), SignatureFault> {
    use p256::ecdsa::{DerSignature, VerifyingKey};
    fits(hash, digest)?;
    let signature = DerSignature::try_from(signature).map_err(invalid)?;
    let key = VerifyingKey::from_sec1_bytes(key.key_octets()).map_err(invalid)?;
    key.verify_prehash(digest, &signature).map_err(invalid)
}

fn on_p384(
    key: &PublicKey,
    hash: Hash,
    digest: &Digest,
    signature: &[u8],
) -> Result<(), SignatureFault> {
    use p384::ecdsa::{DerSignature, VerifyingKey};
    fits(hash, digest)?;
    let signature = DerSignature::try_from(signature).map_err(invalid)?;
    let key = VerifyingKey::from_sec1_bytes(key.key_octets()).map_err(invalid)?;
    key.verify_prehash(digest, &signature).map_err(invalid)
}
