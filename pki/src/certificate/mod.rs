//! Certificates.
//!
//! 1. [`parse`] checks a certificate's size, walks the whole of it as strict
//!    DER, has x509-parser take it apart, and reads every extension of RFC
//!    5280 into its own type, once.
//! 2. [`profile`] collects where it departs from the profile of RFC 5280
//!    section 4 without being malformed. Real authorities do, so validation
//!    decides what that means.

pub(crate) mod extensions;
mod parse;
mod profile;
mod serial;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::bounded::bounded;
use crate::fault::Fault;
use crate::keys::{
    self, PublicKey, SignatureAlgorithm, SignatureFault, SignatureForm, SignatureRules,
};
use crate::name::Name;
use crate::oid::Oid;
use crate::time::Timestamp;

pub use extensions::Extension;
pub use extensions::access::AccessDescription;
pub use extensions::constraints::{BasicConstraints, GeneralSubtree, NameConstraints};
pub use extensions::general_name::GeneralName;
pub use extensions::key_identifier::AuthorityKeyIdentifier;
pub use extensions::point::{DistributionPoint, DistributionPointName, IssuingDistributionPoint};
pub use extensions::policy::{PolicyConstraints, PolicyInformation, PolicyQualifier};
pub use extensions::usage::{KeyUsage, ReasonFlags};
pub use profile::ProfileBreach;
pub use serial::SerialNumber;

pub(crate) use parse::sha256;

use extensions::Standard;

/// The largest certificate that is read, in octets. The largest in the test
/// suites (a chain-building attack with 1,024 names) has 78 KB, real ones 1 to
/// 8 KB; OpenSSL stops at 100 KB for a whole chain by default.
pub const MAX_CERTIFICATE_OCTETS: usize = 128 * 1024;

/// An X.509 certificate: well-formed DER, parsed once, owned. It says nothing
/// about validity.
///
/// Cloning is cheap. Two are equal when their encodings are.
#[derive(Clone)]
pub struct Certificate(Arc<Parts>);

struct Parts {
    der: Box<[u8]>,
    sha256: [u8; 32],
    tbs: Range<usize>,
    version: Version,
    serial: SerialNumber,
    issuer: Name,
    subject: Name,
    not_before: Timestamp,
    not_after: Timestamp,
    public_key: PublicKey,
    extensions: Vec<Extension>,
    standard: Standard,
    signature_algorithm: SignatureAlgorithm,
    signature: Range<usize>,
    signature_unused_bits: u8,
    breaches: Vec<ProfileBreach>,
    /// SHA-256 of the SubjectPublicKeyInfo that verified the signature, and how it
    /// was made.
    verified_by: OnceLock<([u8; 32], SignatureForm)>,
    label: OnceLock<String>,
}

/// The version of a certificate's form (RFC 5280 4.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Without extensions and unique identifiers.
    V1,
    /// With unique identifiers.
    V2,
    /// With extensions.
    V3,
}

impl Certificate {
    /// Parses one certificate.
    ///
    /// # Errors
    /// A [`Fault`] naming the field when the octets are more than
    /// [`MAX_CERTIFICATE_OCTETS`], are not exactly one certificate in strict
    /// DER, repeat an extension (RFC 5280 4.2), state two different signature
    /// algorithms (4.1.1.2), or have a malformed extension of RFC 5280.
    pub fn parse(der: &[u8]) -> Result<Self, Fault> {
        parse::parse(der).map(|parts| Self(Arc::new(parts)))
    }

    /// The whole encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of the whole encoding: the fingerprint.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.0.sha256
    }

    /// The encoding of tbsCertificate, which the signature covers.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        &self.0.der[self.0.tbs.clone()]
    }

    /// The version (RFC 5280 4.1.2.1).
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The serial number (RFC 5280 4.1.2.2).
    #[must_use]
    pub fn serial(&self) -> &SerialNumber {
        &self.0.serial
    }

    /// Who issued it (RFC 5280 4.1.2.4).
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// Whom it is about (RFC 5280 4.1.2.6).
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// The first moment of its validity (RFC 5280 4.1.2.5).
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// The last moment of its validity, itself included (RFC 5280 4.1.2.5).
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// The subject's key (RFC 5280 4.1.2.7).
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// The encoding of subjectPublicKeyInfo.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        self.0.public_key.spki_der()
    }

    /// SHA-256 of subjectPublicKeyInfo: the identity of a trust anchor.
    #[must_use]
    pub fn spki_sha256(&self) -> &[u8; 32] {
        self.0.public_key.spki_sha256()
    }

    /// The algorithm it says it is signed with (RFC 5280 4.1.1.2).
    #[must_use]
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.0.signature_algorithm
    }

    /// The signature's octets (RFC 5280 4.1.1.3).
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.0.der[self.0.signature.clone()]
    }

    /// Verifies the signature with the issuer's key, by the default rules.
    ///
    /// # Errors
    /// The [`SignatureFault`] that says why not.
    pub fn verify_signature(&self, issuer: &PublicKey) -> Result<(), SignatureFault> {
        self.verify_signature_with(issuer, &SignatureRules::default()).map(drop)
    }

    /// Verifies the signature with the issuer's key, or remembers that it has
    /// been: that of an authority's certificate costs once and not with each
    /// certificate below it. Whether the rules allow it is asked anew.
    ///
    /// # Errors
    /// The [`SignatureFault`] that says why not.
    pub fn verify_signature_with(
        &self,
        issuer: &PublicKey,
        rules: &SignatureRules,
    ) -> Result<SignatureForm, SignatureFault> {
        if let Some(outcome) = self.recall_signature(issuer, rules) {
            return outcome;
        }
        let algorithm = &self.0.signature_algorithm;
        let signature = (self.signature(), self.0.signature_unused_bits);
        let form = keys::verify_signed(issuer, algorithm, rules, self.tbs_der(), signature)?;
        // Another thread may have been quicker, with the same key.
        let _ = self.0.verified_by.set((*issuer.spki_sha256(), form.clone()));
        Ok(form)
    }

    /// What [`Certificate::verify_signature_with`] comes to, where this very object, or
    /// one that it was cloned from, has been verified with this key: no arithmetic, only
    /// the rules. `None` otherwise, and for every other parse of the same octets.
    pub(crate) fn recall_signature(
        &self,
        issuer: &PublicKey,
        rules: &SignatureRules,
    ) -> Option<Result<SignatureForm, SignatureFault>> {
        let (key, form) = self.0.verified_by.get()?;
        let is_by_issuer = key == issuer.spki_sha256();
        let again = || keys::check_again(issuer, &self.0.signature_algorithm, rules, form);
        is_by_issuer.then(again)
    }

    /// SHA-256 of the SubjectPublicKeyInfo of the key that is known to have made the
    /// signature; `None` until one has been verified. Nothing but verifying sets it.
    #[must_use]
    pub fn verified_by(&self) -> Option<&[u8; 32]> {
        self.0.verified_by.get().map(|(key, _)| key)
    }

    /// Whether issuer and subject are the same name (RFC 5280 6.1).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.0.issuer.matches(&self.0.subject)
    }

    /// Where it departs from the profile of RFC 5280 section 4.
    #[must_use]
    pub fn profile_breaches(&self) -> &[ProfileBreach] {
        &self.0.breaches
    }

    /// What to call it in a report, cut where names are very long: an authority's
    /// certificate by its subject and serial number, any other by its issuer and
    /// serial number only, or by its hash where it names itself as its issuer. The
    /// subject of an end certificate may hold a person's name and id, and a report
    /// goes to logs and to others.
    #[must_use]
    pub fn label(&self) -> &str {
        self.0.label.get_or_init(|| {
            let Self(parts) = self;
            let is_authority =
                self.basic_constraints().is_some_and(|constraints| constraints.is_ca());
            if is_authority {
                format!("{} (serial {})", bounded(&parts.subject), bounded(&parts.serial))
            } else if self.is_self_issued() {
                // Eight bytes of its hash tell it from others.
                let start = parts.sha256.first_chunk().copied().unwrap_or_default();
                format!("self-issued certificate {:016x}", u64::from_be_bytes(start))
            } else {
                bounded(format_args!("certificate {} of {}", parts.serial, parts.issuer))
            }
        })
    }
}

/// The extensions. Those of RFC 5280 by name; `None` (or nothing in a list)
/// when the certificate does not have the extension.
impl Certificate {
    /// All extensions in the order of the encoding.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.0.extensions
    }

    /// One extension by its identifier. None occurs twice.
    #[must_use]
    pub fn extension(&self, oid: &Oid) -> Option<&Extension> {
        self.0.extensions.iter().find(|found| found.oid() == oid)
    }

    /// What the key may be used for (RFC 5280 4.2.1.3).
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.standard.key_usage
    }

    /// The purposes the key is for (RFC 5280 4.2.1.12).
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<&[Oid]> {
        self.0.standard.extended_key_usage.as_deref()
    }

    /// Whether the subject is an authority (RFC 5280 4.2.1.9).
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.standard.basic_constraints
    }

    /// The identifier of the subject's key (RFC 5280 4.2.1.2).
    #[must_use]
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.0.standard.subject_key_identifier.as_deref()
    }

    /// The identifier of the issuer's key (RFC 5280 4.2.1.1).
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&AuthorityKeyIdentifier> {
        self.0.standard.authority_key_identifier.as_ref()
    }

    /// Other names of the subject (RFC 5280 4.2.1.6).
    #[must_use]
    pub fn subject_alternative_names(&self) -> &[GeneralName] {
        &self.0.standard.subject_alternative_names
    }

    /// Other names of the issuer (RFC 5280 4.2.1.7).
    #[must_use]
    pub fn issuer_alternative_names(&self) -> &[GeneralName] {
        &self.0.standard.issuer_alternative_names
    }

    /// Which names certificates below may have (RFC 5280 4.2.1.10).
    #[must_use]
    pub fn name_constraints(&self) -> Option<&NameConstraints> {
        self.0.standard.name_constraints.as_ref()
    }

    /// The policies it was issued under (RFC 5280 4.2.1.4), without their
    /// qualifiers.
    #[must_use]
    pub fn certificate_policies(&self) -> Option<&[Oid]> {
        self.0.standard.policies.as_deref()
    }

    /// The policies it was issued under, with their qualifiers.
    #[must_use]
    pub fn policy_information(&self) -> &[PolicyInformation] {
        &self.0.standard.policy_information
    }

    /// Pairs of a policy of the issuer's and the subject's that it is equal
    /// to (RFC 5280 4.2.1.5).
    #[must_use]
    pub fn policy_mappings(&self) -> &[(Oid, Oid)] {
        &self.0.standard.policy_mappings
    }

    /// Constraints on policies below (RFC 5280 4.2.1.11).
    #[must_use]
    pub fn policy_constraints(&self) -> Option<PolicyConstraints> {
        self.0.standard.policy_constraints
    }

    /// How many certificates below may still use anyPolicy (RFC 5280
    /// 4.2.1.14).
    #[must_use]
    pub fn inhibit_any_policy(&self) -> Option<u32> {
        self.0.standard.inhibit_any_policy
    }

    /// Where its revocation is told (RFC 5280 4.2.1.13).
    #[must_use]
    pub fn crl_distribution_points(&self) -> &[DistributionPoint] {
        &self.0.standard.crl_distribution_points
    }

    /// Where delta lists are found (RFC 5280 4.2.1.15).
    #[must_use]
    pub fn freshest_crl(&self) -> &[DistributionPoint] {
        &self.0.standard.freshest_crl
    }

    /// Where the issuer's certificates and services are (RFC 5280 4.2.2.1).
    #[must_use]
    pub fn authority_info_access(&self) -> &[AccessDescription] {
        &self.0.standard.authority_info_access
    }

    /// Where the subject's services are (RFC 5280 4.2.2.2).
    #[must_use]
    pub fn subject_info_access(&self) -> &[AccessDescription] {
        &self.0.standard.subject_info_access
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.label())
    }
}
