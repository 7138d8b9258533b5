//! Signatures that prove possession of a certificate's key, made in a TLS
//! handshake or over a challenge.
//!
//! They are verified here over the certificate's SubjectPublicKeyInfo. The helpers
//! that come with rustls parse the certificate again with a stricter profile and
//! refuse legal certificates.

use tongxing_pki::{
    Certificate, KeyAlgorithm, SignatureFault, SignatureScheme, verify_raw_signature,
};

/// Why possession is not proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RawFault {
    /// No key of this kind makes signatures of this algorithm.
    #[error("the algorithm does not go with the certificate's key: {0}")]
    Algorithm(String),
    /// The signature does not verify.
    #[error("the signature does not verify with the certificate's key")]
    Invalid,
}

/// Verifies a signature with a certificate's key.
pub(crate) fn verify(
    certificate: &Certificate,
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), RawFault> {
    let verified = verify_raw_signature(certificate.public_key(), scheme, message, signature);
    verified.map_err(|fault| match fault {
        SignatureFault::Invalid => RawFault::Invalid,
        other => RawFault::Algorithm(other.to_string()),
    })
}

/// The ECDSA scheme of a certificate's curve with SHA-256, for those who name
/// only the hash; a key that is none fails later, by name.
pub(crate) fn ecdsa_sha256(certificate: &Certificate) -> SignatureScheme {
    match certificate.public_key().algorithm() {
        KeyAlgorithm::EcP384 => SignatureScheme::EcdsaP384Sha256,
        _ => SignatureScheme::EcdsaP256Sha256,
    }
}

/// The same with SHA-384.
pub(crate) fn ecdsa_sha384(certificate: &Certificate) -> SignatureScheme {
    match certificate.public_key().algorithm() {
        KeyAlgorithm::EcP384 => SignatureScheme::EcdsaP384Sha384,
        _ => SignatureScheme::EcdsaP256Sha384,
    }
}
