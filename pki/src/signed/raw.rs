//! A bare signature value with the certificate beside it.

use crate::keys::{KeyAlgorithm, SignatureScheme};
use crate::{Certificate, CertificatePool, Report};

use super::document::{SignedContent, SignedDocument, Signer, SignerIdentifier};
use super::format::DocumentFormat;

/// Who made a bare signature, and how.
#[derive(Clone, Debug)]
pub struct RawSignature {
    certificate: Certificate,
    scheme: SignatureScheme,
}

impl RawSignature {
    /// By the key of this certificate, in this way.
    #[must_use]
    pub fn new(certificate: Certificate, scheme: SignatureScheme) -> Self {
        Self { certificate, scheme }
    }

    /// Whose key made it.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// In which way.
    #[must_use]
    pub fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// By the key of this certificate, in the way that is usual for its kind: PKCS#1 v1.5
    /// for RSA, the curve's own hash for ECDSA, SM3 for SM2. `None` for a kind of key that
    /// is not supported.
    #[must_use]
    pub fn usual(certificate: Certificate) -> Option<Self> {
        let scheme = match certificate.public_key().algorithm() {
            KeyAlgorithm::Rsa { .. } => SignatureScheme::RsaPkcs1Sha256,
            KeyAlgorithm::RsaPss { hash, .. } => SignatureScheme::pss(*hash)?,
            KeyAlgorithm::EcP256 => SignatureScheme::EcdsaP256Sha256,
            KeyAlgorithm::EcP384 => SignatureScheme::EcdsaP384Sha384,
            KeyAlgorithm::Ed25519 => SignatureScheme::Ed25519,
            KeyAlgorithm::Sm2 => SignatureScheme::Sm2Sm3,
            KeyAlgorithm::Sm2Encryption
            | KeyAlgorithm::Sm2Invalid { .. }
            | KeyAlgorithm::Unsupported { .. }
            | KeyAlgorithm::Malformed { .. } => return None,
        };
        Some(Self::new(certificate, scheme))
    }

    /// The signed document that a signature value makes: its content is elsewhere.
    #[must_use]
    pub fn document(self, signature: &[u8]) -> SignedDocument {
        let mut document = SignedDocument::new(DocumentFormat::Raw);
        document.contents.push(SignedContent::Detached);
        document.certificates = CertificatePool::from_iter([self.certificate.clone()]);
        document.signers.push(Signer {
            content: 0,
            content_type: None,
            identifier: SignerIdentifier::Certificate(self.certificate),
            digest_algorithm: None,
            signature_algorithm: self.scheme.into(),
            signature: signature.into(),
            attributes: None,
            timestamps: Vec::new(),
            counter_signers: Vec::new(),
            claimed_time: None,
            report: Report::new(),
        });
        document
    }
}
