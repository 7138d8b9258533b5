//! The primitives, each behind one small trait.
//!
//! All arithmetic is ring's, and that of SM2 its library's; verification handles
//! no secrets.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::prehash;
use super::public_key::PublicKey;
use super::scheme::{Resolved, SignatureFault, SignatureForm, SignatureRules, SignatureScheme};
use super::sm2;

/// A way to verify one scheme with keys that fit it.
trait Primitive: Sync {
    fn verify(
        &'static self,
        key: &PublicKey,
        rules: &SignatureRules,
        message: &[u8],
        signature: &[u8],
    ) -> Result<SignatureForm, SignatureFault>;
}

/// ring's primitives take the key as subjectPublicKey has it.
impl<A: VerificationAlgorithm + 'static> Primitive for A {
    fn verify(
        &'static self,
        key: &PublicKey,
        _: &SignatureRules,
        message: &[u8],
        signature: &[u8],
    ) -> Result<SignatureForm, SignatureFault> {
        UnparsedPublicKey::new(self, key.key_octets())
            .verify(message, signature)
            .map(|()| SignatureForm::default())
            .map_err(|_| SignatureFault::Invalid)
    }
}

/// SM2 keys were read with their certificate.
struct Sm2Sm3;

impl Primitive for Sm2Sm3 {
    fn verify(
        &'static self,
        key: &PublicKey,
        rules: &SignatureRules,
        message: &[u8],
        signature: &[u8],
    ) -> Result<SignatureForm, SignatureFault> {
        sm2::verify(key, rules, message, signature)
    }
}

/// Verifies with the scheme's primitive. The key must fit the scheme.
pub(super) fn verify(
    scheme: Resolved,
    key: &PublicKey,
    rules: &SignatureRules,
    message: &[u8],
    signature: &[u8],
) -> Result<SignatureForm, SignatureFault> {
    let primitive: &'static dyn Primitive = match scheme {
        Resolved::Scheme(scheme) => primitive(scheme),
        Resolved::DangerRsaPkcs1Sha1 => &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        // ring's salts have the hash's length.
        Resolved::RsaPssSalted { hash, salt } => {
            return prehash::rsa_pss_salted(key, (hash, salt), &hash.digest(message), signature)
                .map(|()| SignatureForm::default());
        }
    };
    primitive.verify(key, rules, message, signature)
}

fn primitive(scheme: SignatureScheme) -> &'static dyn Primitive {
    use SignatureScheme as S;
    match scheme {
        S::RsaPkcs1Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        S::RsaPkcs1Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        S::RsaPkcs1Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        S::RsaPssSha256 => &signature::RSA_PSS_2048_8192_SHA256,
        S::RsaPssSha384 => &signature::RSA_PSS_2048_8192_SHA384,
        S::RsaPssSha512 => &signature::RSA_PSS_2048_8192_SHA512,
        S::EcdsaP256Sha256 => &signature::ECDSA_P256_SHA256_ASN1,
        S::EcdsaP256Sha384 => &signature::ECDSA_P256_SHA384_ASN1,
        S::EcdsaP384Sha256 => &signature::ECDSA_P384_SHA256_ASN1,
        S::EcdsaP384Sha384 => &signature::ECDSA_P384_SHA384_ASN1,
        S::Ed25519 => &signature::ED25519,
        S::Sm2Sm3 => &Sm2Sm3,
    }
}
