//! Signatures that prove possession of a certificate's key, made in a TLS
//! handshake or over a challenge.
//!
//! They are verified here over the certificate's SubjectPublicKeyInfo. The helpers
//! that come with rustls parse the certificate again with a stricter profile and
//! refuse legal certificates.

use std::sync::LazyLock;

use tongxing_pki::{
    Certificate, KeyAlgorithm, SignatureFault, SignatureRules, SignatureScheme, Sm2Encodings,
    Sm2Fault, Sm2UserId, Sm2UserIds, verify_raw_signature_with,
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

impl From<SignatureFault> for RawFault {
    fn from(fault: SignatureFault) -> Self {
        match fault {
            SignatureFault::Invalid | SignatureFault::Sm2(Sm2Fault::UserId { .. }) => Self::Invalid,
            other => Self::Algorithm(other.to_string()),
        }
    }
}

/// Verifies a signature of a TLS handshake. SM2 keys sign those in DER, under a user id
/// of their own, so that no other signature can be passed off as one (RFC 8998 3.2.1).
pub(crate) fn verify(
    certificate: &Certificate,
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), RawFault> {
    static RULES: LazyLock<SignatureRules> = LazyLock::new(|| {
        SignatureRules::default()
            .with_sm2_user_ids(Sm2UserIds::only(Sm2UserId::tls()))
            .with_sm2_encodings(Sm2Encodings::Der)
    });
    let key = certificate.public_key();
    let verified = verify_raw_signature_with(key, scheme, &RULES, message, signature);
    verified.map(drop).map_err(RawFault::from)
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
