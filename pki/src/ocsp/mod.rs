//! The online certificate status protocol (RFC 6960): what a responder says,
//! and how it is asked. Who may say it is judged in `revocation`.
//!
//! 1. [`parse`] checks a response's size and walks the whole of it as strict
//!    DER. A responder that did not answer says only why ([`OcspReply`]).
//! 2. [`single`] holds what is said about one certificate.
//! 3. [`certificate_id`] names a certificate by hashes of its issuer, the same
//!    way in requests and responses.
//! 4. [`request`] writes the question, for POST and for GET.

mod certificate_id;
mod parse;
mod request;
mod responder;
mod single;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::bounded::bounded;
use crate::certificate::{Certificate, Extension, ProfileBreach};
use crate::fault::Fault;
use crate::keys::{
    self, PublicKey, SignatureAlgorithm, SignatureFault, SignatureForm, SignatureRules,
};
use crate::oid::Oid;
use crate::time::Timestamp;

pub use certificate_id::OcspCertificateId;
pub use request::OcspRequest;
pub use responder::OcspResponder;
pub use single::{OcspCertificateStatus, OcspSingleResponse};

/// The largest response that is read, in octets: as OpenSSL's HTTP client
/// (`OSSL_HTTP_DEFAULT_MAX_RESP_LEN`). Usual ones have 500 to 2,500.
pub const MAX_OCSP_OCTETS: usize = 100 * 1024;

/// The most certificates that are read from one response. Origin: ours; a
/// responder's own is enough (RFC 6960 4.2.2.2), some send the whole chain.
pub const MAX_OCSP_CERTIFICATES: usize = 10;

/// What a responder sent (RFC 6960 4.2.1): well-formed DER, parsed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OcspReply {
    /// An answer.
    Answered(OcspResponse),
    /// No answer, but a status that says why not. Nobody signs it: it says
    /// nothing about any certificate.
    Refused(OcspRefusal),
}

/// Why a responder did not answer (RFC 6960 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OcspRefusal {
    /// malformedRequest.
    MalformedRequest,
    /// internalError.
    InternalError,
    /// tryLater.
    TryLater,
    /// sigRequired: it answers signed requests only.
    SignatureRequired,
    /// unauthorized: it does not answer us, or not about this certificate.
    Unauthorized,
    /// A number without a meaning.
    Other(u8),
}

/// A basic response (RFC 6960 4.2.1): well-formed DER, parsed once, owned. It
/// says nothing about its signature.
///
/// Cloning is cheap. Two are equal when their encodings are.
#[derive(Clone)]
pub struct OcspResponse(Arc<Parts>);

struct Parts {
    der: Box<[u8]>,
    sha256: [u8; 32],
    tbs: Range<usize>,
    responder: OcspResponder,
    produced_at: Timestamp,
    singles: Vec<OcspSingleResponse>,
    extensions: Vec<Extension>,
    unknown_critical: Vec<Oid>,
    certificates: Vec<Certificate>,
    signature_algorithm: SignatureAlgorithm,
    signature: Range<usize>,
    signature_unused_bits: u8,
    breaches: Vec<ProfileBreach>,
    label: OnceLock<String>,
}

impl OcspReply {
    /// Parses what a responder sent.
    ///
    /// # Errors
    /// A [`Fault`] naming the field when the octets are more than
    /// [`MAX_OCSP_OCTETS`], are not exactly one response in strict DER, are
    /// successful without an answer or of another type than the basic one,
    /// repeat an extension, or have a malformed one that this crate knows.
    pub fn parse(der: &[u8]) -> Result<Self, Fault> {
        parse::parse(der)
    }
}

impl OcspResponse {
    /// The whole encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of the whole encoding.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.0.sha256
    }

    /// Who signed it, as it says itself (RFC 6960 4.2.2.3).
    #[must_use]
    pub fn responder(&self) -> &OcspResponder {
        &self.0.responder
    }

    /// When it was signed (RFC 6960 2.4).
    #[must_use]
    pub fn produced_at(&self) -> Timestamp {
        self.0.produced_at
    }

    /// What it says, certificate by certificate.
    #[must_use]
    pub fn responses(&self) -> &[OcspSingleResponse] {
        &self.0.singles
    }

    /// The nonce that binds it to a request (RFC 6960 4.4.1).
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        let extension = self.extensions().iter().find(|one| *one.oid() == Oid::OCSP_NONCE)?;
        Some(parse::nonce(extension.value()))
    }

    /// All extensions of the response, in the order of the encoding.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.0.extensions
    }

    /// Its critical extensions that this crate does not know. A response that
    /// has one must not be used (RFC 6960 4.4).
    #[must_use]
    pub fn unknown_critical_extensions(&self) -> &[Oid] {
        &self.0.unknown_critical
    }

    /// The certificates that came with it and can be read. Nothing signs them:
    /// each must be vouched for on its own.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// The algorithm it says it is signed with.
    #[must_use]
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.0.signature_algorithm
    }

    /// Verifies the signature with a key, weak algorithms refused.
    ///
    /// # Errors
    /// The [`SignatureFault`] that says why not.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), SignatureFault> {
        self.verify_signature_with(key, &SignatureRules::default()).map(drop)
    }

    /// Verifies the signature with a key.
    ///
    /// # Errors
    /// The [`SignatureFault`] that says why not.
    pub fn verify_signature_with(
        &self,
        key: &PublicKey,
        rules: &SignatureRules,
    ) -> Result<SignatureForm, SignatureFault> {
        let parts = &*self.0;
        let signature = (&parts.der[parts.signature.clone()], parts.signature_unused_bits);
        let message = &parts.der[parts.tbs.clone()];
        keys::verify_signed(key, &parts.signature_algorithm, rules, message, signature)
    }

    /// Where its encoding departs from DER with only one reading left.
    #[must_use]
    pub fn profile_breaches(&self) -> &[ProfileBreach] {
        &self.0.breaches
    }

    /// What to call it in a report: the responder and when it signed.
    #[must_use]
    pub fn label(&self) -> &str {
        let Self(parts) = self;
        let responder = || bounded(&parts.responder);
        parts.label.get_or_init(|| format!("{} (OCSP, {})", responder(), parts.produced_at))
    }
}

impl PartialEq for OcspResponse {
    fn eq(&self, other: &Self) -> bool {
        self.0.sha256 == other.0.sha256
    }
}

impl Eq for OcspResponse {}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OcspResponse({}, {} answers)", self.label(), self.responses().len())
    }
}

impl OcspRefusal {
    /// The refusal of a response that is not successful, by the number of its status.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        match number {
            1 => Self::MalformedRequest,
            2 => Self::InternalError,
            3 => Self::TryLater,
            5 => Self::SignatureRequired,
            6 => Self::Unauthorized,
            other => Self::Other(other),
        }
    }

    /// The number of its status.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::SignatureRequired => 5,
            Self::Unauthorized => 6,
            Self::Other(number) => number,
        }
    }
}

/// The name that RFC 6960 gives it.
impl fmt::Display for OcspRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SignatureRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
            Self::Other(number) => return write!(f, "status {number}"),
        })
    }
}
