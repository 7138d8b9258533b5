//! Signed documents: who signed what, when, and whether it holds.
//!
//! 1. [`parse_signed_document`] finds the [`SignatureFormat`], or takes the one that
//!    the caller names, and reads the octets under a [`DocumentBudget`] into a
//!    [`SignedDocument`]: what is signed ([`SignedContent`]), one [`Signer`] for each
//!    signature, timestamps, and the certificates, lists and responses that came along.
//!    A raw signature is made a document of by [`RawSignature`].
//! 2. Content comes in as octets, or flows once through the [`ContentDigester`] that
//!    [`SignedDocument::digester`] makes: which hash functions are needed is known by
//!    then, so that a content of any length takes constant memory.
//! 3. [`SignedDocument::examine`] does the cryptography, signer by signer: the
//!    certificate, the digest, the signed attributes, the signature. It judges no path.
//! 4. [`judge_document`] asks a [`CertificateJudge`], which the caller brings, about each
//!    certificate: first those of timestamps at their own time, then the signer's at the
//!    best signature time that follows from them, and at present. `pki` has a judge over
//!    files; the trust store has another.
//! 5. Each signer comes out with a verdict, every finding, and the [`Indication`] of ETSI
//!    EN 319 102-1, which [`indication`] derives from our codes in one table.

mod attributes;
pub(crate) mod cms;
pub(crate) mod codes;
mod content;
mod document;
mod examine;
mod format;
pub(crate) mod indication;
mod judge;
mod raw;
mod source;
mod timestamp;

pub use attributes::SignedAttributes;
pub use content::{Content, ContentDigester, ContentDigests, DigestNeed};
pub use document::{
    CertificateDigest, DigestAlgorithm, DocumentTimestamp, SignedContent, SignedDocument, Signer,
    SignerIdentifier,
};
pub use examine::{Examination, Examined, TimestampExamination};
pub use format::{DocumentBudget, DocumentFormat, SignatureFormat, formats, parse_signed_document};
pub use indication::{Indication, Meaning, SubIndication, meaning_of};
pub use judge::{
    CertificateJudge, CertificateQuestion, DocumentJudgement, JudgedCertificate, Moments,
    SignatureJudgement, SigningTime, TimeBasis, TimestampJudgement, judge_document,
};
pub use raw::RawSignature;
pub use timestamp::{TimestampInfo, TimestampToken};
