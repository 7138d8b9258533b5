//! Judgement over bytes: certificates, names, signatures, paths, revocation.
//!
//! Everything here is pure. The moment judged comes in as an argument; there is
//! no clock, no file, no network and no storage.
//!
//! 1. [`Certificate::parse`], [`Crl::parse`] and [`OcspReply::parse`] turn octets
//!    into owned types, once, or name the [`Fault`]. Strict DER throughout.
//! 2. [`verify_raw_signature`] and the types' own `verify_signature` check
//!    signatures; all of them take the same way to the same primitives.
//! 3. Paths, policies, name constraints and revocation are judged on those
//!    types, and every check that ran becomes a [`Finding`] of a [`Report`],
//!    whose [`Code`]s, with their texts for bidders, stand in one [`catalogue()`].
//! 4. [`parse_signed_document`] reads signed documents; their signers are examined, and
//!    [`judge_document`] judges each by whoever judges its certificates.

mod ber;
mod bounded;
mod catalogue;
mod certificate;
mod code;
pub mod codes;
mod crl;
mod der;
mod explained;
mod fault;
mod finding;
mod keys;
mod name;
mod ocsp;
mod oid;
#[cfg(feature = "openapi")]
mod openapi;
mod path;
mod pdf;
mod pem;
mod revocation;
mod signed;
pub mod steps;
#[cfg(test)]
mod test_vectors;
mod time;
mod verification;
mod well_known;

pub use catalogue::catalogue;
pub use certificate::{
    AccessDescription, AuthorityKeyIdentifier, BasicConstraints, Certificate, DistributionPoint,
    DistributionPointName, Extension, GeneralName, GeneralSubtree, IssuingDistributionPoint,
    KeyUsage, MAX_CERTIFICATE_OCTETS, NameConstraints, PolicyConstraints, PolicyInformation,
    PolicyQualifier, ProfileBreach, ReasonFlags, SerialNumber, Version,
};
pub use code::{Code, Language, Party, Text};
pub use crl::{Crl, CrlEntry, MAX_CRL_ENTRIES, MAX_CRL_OCTETS, RevocationReason};
pub use explained::ExplainedFinding;
pub use fault::{Fault, Problem};
pub use finding::{Finding, Level, Report, Verdict};
pub use keys::{
    Digest, Hash, Hasher, KeyAlgorithm, MAX_SM2_USER_ID_OCTETS, PublicKey, SignatureAlgorithm,
    SignatureFault, SignatureForm, SignatureRules, SignatureScheme, Sm2Encoding, Sm2Encodings,
    Sm2Fault, Sm2PointFault, Sm2UserId, Sm2UserIdTooLong, Sm2UserIds, WeakAlgorithms, sm2_hasher,
    verify_prehashed_signature, verify_raw_signature, verify_raw_signature_with, verify_sm2_digest,
};
pub use name::{Attribute, Name, NameKey};
pub use ocsp::{
    MAX_OCSP_CERTIFICATES, MAX_OCSP_OCTETS, OcspCertificateId, OcspCertificateStatus, OcspRefusal,
    OcspReply, OcspRequest, OcspResponder, OcspResponse, OcspSingleResponse,
};
pub use oid::{Oid, OidError};
pub use path::{
    Anchors, AnyPolicy, Budget, CertificatePool, ExplicitPolicy, PathOptions, PathOutcome,
    PolicyMapping, PolicyOptions, Purpose, ReferenceName, ReferenceNameError, SecurityLevel,
    Strictness, ValidatedPath, validate_path,
};
pub use pdf::{PdfFault, PdfProblem};
pub use pem::{PemLabel, decode_document, decode_pem_or_der};
pub use revocation::{
    AwaitedStatus, Evidence, Finality, LaterWord, ListReference, Moment, NonceRule, OtherKeys,
    ResponderStatus, ResponseReference, Revocation, RevocationList, RevocationLists,
    RevocationMethods, RevocationOptions, RevocationOutcome, RevocationResponse,
    RevocationResponses, RevocationSources, RevocationStatus, VerifiedCrl, check_revocation,
};
pub use signed::{
    CertificateDigest, CertificateJudge, CertificateQuestion, Content, ContentDigester,
    ContentDigests, DigestAlgorithm, DigestNeed, DocumentBudget, DocumentFormat, DocumentJudgement,
    DocumentTimestamp, Examination, Examined, Indication, JudgedCertificate, Meaning, Moments,
    RawSignature, SignatureFormat, SignatureJudgement, SignedAttributes, SignedContent,
    SignedDocument, Signer, SignerIdentifier, SigningTime, SubIndication, TimeBasis,
    TimestampExamination, TimestampInfo, TimestampJudgement, TimestampToken, formats,
    judge_document, meaning_of, parse_signed_document,
};
pub use time::{Timestamp, TimestampError};
pub use verification::{
    DocumentVerification, DocumentVerificationRequest, ExplainedDocumentVerification,
    ExplainedVerification, PathMember, Verification, VerificationRequest, read_document,
    unreadable_document, verify_certificate, verify_signature,
};
