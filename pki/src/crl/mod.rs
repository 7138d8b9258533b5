//! Certificate revocation lists.
//!
//! 1. [`parse`] checks a list's size and walks the whole of it as strict DER;
//!    the entries, of which there may be millions, go straight into a table.
//! 2. [`table`] keeps them sorted by serial number, in about the serial's
//!    octets and six more each, and finds one through a [`directory`].
//! 3. [`profile`] collects where the list departs from RFC 5280 section 5.

mod directory;
mod entries;
mod parse;
mod profile;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::bounded::bounded;
use crate::certificate::{
    AuthorityKeyIdentifier, Extension, IssuingDistributionPoint, ProfileBreach, SerialNumber,
    sha256,
};
use crate::fault::Fault;
use crate::keys::{
    self, PublicKey, SignatureAlgorithm, SignatureFault, SignatureForm, SignatureRules,
};
use crate::name::Name;
use crate::oid::Oid;
use crate::time::Timestamp;

pub use entries::RevocationReason;
pub(crate) use entries::unknown_critical;
pub use table::CrlEntry;

use table::Table;

/// The largest list that is read, in octets: ours, six times a list of a
/// million entries (39 MB), the largest an authority is known to publish.
pub const MAX_CRL_OCTETS: usize = 256 * 1024 * 1024;

/// The most entries that are read: as many as the smallest possible ones fill
/// a list of [`MAX_CRL_OCTETS`] to about two thirds.
pub const MAX_CRL_ENTRIES: usize = 8_000_000;

/// A revocation list: well-formed DER, parsed once, owned. It says nothing
/// about its signature.
///
/// Its entries are compiled into a table of their own. The encoding is needed
/// only to verify the signature and is let go of then ([`crate::VerifiedCrl`]):
/// from there on a list costs about as much memory as its serial numbers.
///
/// Cloning is cheap. Two are equal when their encodings are.
#[derive(Clone)]
pub struct Crl {
    parts: Arc<Parts>,
    signed: Option<Arc<Signed>>,
}

/// The encoding, and what of it is signed how.
struct Signed {
    der: Vec<u8>,
    tbs: Range<usize>,
    signature: Range<usize>,
    unused_bits: u8,
}

struct Parts {
    sha256: [u8; 32],
    issuer: Name,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    extensions: Vec<Extension>,
    standard: Standard,
    table: Table,
    unknown_critical: Vec<Oid>,
    signature_algorithm: SignatureAlgorithm,
    breaches: Vec<ProfileBreach>,
    label: OnceLock<String>,
}

/// The extensions of RFC 5280 section 5.2, each read once.
#[derive(Default)]
struct Standard {
    number: Option<SerialNumber>,
    base_number: Option<SerialNumber>,
    authority_key_identifier: Option<AuthorityKeyIdentifier>,
    issuing_distribution_point: Option<IssuingDistributionPoint>,
    expired_certificates_since: Option<Timestamp>,
}

impl Crl {
    /// Parses one list.
    ///
    /// # Errors
    /// A [`Fault`] naming the field when the octets are more than
    /// [`MAX_CRL_OCTETS`] or [`MAX_CRL_ENTRIES`], are not exactly one list in
    /// strict DER, repeat an extension, state two different signature
    /// algorithms (RFC 5280 5.1.1.2), or have a malformed extension of RFC
    /// 5280.
    pub fn parse(der: &[u8]) -> Result<Self, Fault> {
        Self::parse_owned(der.to_vec())
    }

    /// Parses one list without copying it.
    ///
    /// # Errors
    /// As [`Crl::parse`].
    pub fn parse_owned(der: Vec<u8>) -> Result<Self, Fault> {
        let (parts, parse::Signature { tbs, value, unused_bits }) = parse::parse(&der)?;
        let signed = Signed { der, tbs, signature: value, unused_bits };
        Ok(Self { parts: Arc::new(parts), signed: Some(Arc::new(signed)) })
    }

    /// The whole encoding, until the signature has been verified.
    #[must_use]
    pub fn der(&self) -> Option<&[u8]> {
        self.signed.as_ref().map(|signed| &signed.der[..])
    }

    /// The same list without its encoding, of which the hash stays: its
    /// signature was verified, or whoever asks keeps the whole beside it.
    pub(crate) fn without_der(&self) -> Self {
        Self { parts: Arc::clone(&self.parts), signed: None }
    }

    /// How much memory the entries take, in octets.
    #[must_use]
    pub fn table_octets(&self) -> usize {
        self.parts.table.octets()
    }

    /// SHA-256 of the whole encoding.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        &self.parts.sha256
    }

    /// Who signed it (RFC 5280 5.1.2.3).
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.parts.issuer
    }

    /// When it was issued (RFC 5280 5.1.2.4).
    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        self.parts.this_update
    }

    /// By when there will be a newer one (RFC 5280 5.1.2.5).
    #[must_use]
    pub fn next_update(&self) -> Option<Timestamp> {
        self.parts.next_update
    }

    /// Its number, which grows from list to list (RFC 5280 5.2.3).
    #[must_use]
    pub fn number(&self) -> Option<&SerialNumber> {
        self.parts.standard.number.as_ref()
    }

    /// In a delta list, the number of the list it adds to (RFC 5280 5.2.4).
    #[must_use]
    pub fn base_number(&self) -> Option<&SerialNumber> {
        self.parts.standard.base_number.as_ref()
    }

    /// Whether it tells only what changed since its base (RFC 5280 5.2.4).
    #[must_use]
    pub fn is_delta(&self) -> bool {
        self.base_number().is_some()
    }

    /// Which of the issuer's keys signed (RFC 5280 5.2.1).
    #[must_use]
    pub fn authority_key_identifier(&self) -> Option<&AuthorityKeyIdentifier> {
        self.parts.standard.authority_key_identifier.as_ref()
    }

    /// What it covers (RFC 5280 5.2.5); `None`: every certificate of its
    /// issuer.
    #[must_use]
    pub fn issuing_distribution_point(&self) -> Option<&IssuingDistributionPoint> {
        self.parts.standard.issuing_distribution_point.as_ref()
    }

    /// What tells it from the other lists that its key signs, as SHA-256: its
    /// issuer's name as encoded, what it covers, and whether it is a delta. Of
    /// two lists with one signer and one scope the newer replaces the older.
    #[must_use]
    pub fn scope_sha256(&self) -> [u8; 32] {
        let covers = self
            .extensions()
            .iter()
            .find(|extension| *extension.oid() == Oid::ISSUING_DISTRIBUTION_POINT);
        let issuer = self.issuer().der();
        let mut hashed = Vec::with_capacity(issuer.len() + 64);
        hashed.extend_from_slice(&(issuer.len() as u64).to_be_bytes());
        hashed.extend_from_slice(issuer);
        hashed.push(u8::from(self.is_delta()));
        hashed.extend_from_slice(covers.map_or(&[], Extension::value));
        sha256(&hashed)
    }

    /// Since when expired certificates stay listed (X.509 9.5.2.8); `None`:
    /// they may be dropped once expired.
    #[must_use]
    pub fn expired_certificates_since(&self) -> Option<Timestamp> {
        self.parts.standard.expired_certificates_since
    }

    /// All extensions of the list, in the order of the encoding.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.parts.extensions
    }

    /// The critical extensions, of the list or of any entry, that this crate
    /// does not know; of the entries' only the first few. A list that has one
    /// must not be used (RFC 5280 5.2 and 5.3).
    #[must_use]
    pub fn unknown_critical_extensions(&self) -> &[Oid] {
        &self.parts.unknown_critical
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.table.len()
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry of one certificate, by its issuer and serial number: never by
    /// the number alone (RFC 5280 5.3.3). Should an authority list it twice,
    /// the entry with the earliest date.
    #[must_use]
    pub fn find(&self, issuer: &Name, serial: &SerialNumber) -> Option<CrlEntry<'_>> {
        self.parts
            .table
            .find(serial.bytes())
            .filter(|entry| self.is_of(entry, issuer))
            .min_by_key(CrlEntry::revocation_date)
    }

    /// All entries, in no meaningful order.
    pub fn entries(&self) -> impl Iterator<Item = CrlEntry<'_>> {
        self.parts.table.iter()
    }

    fn is_of(&self, entry: &CrlEntry<'_>, issuer: &Name) -> bool {
        match entry.certificate_issuer() {
            None => self.parts.issuer.matches(issuer),
            Some(names) => names.iter().any(|name| name.matches(issuer)),
        }
    }

    /// The algorithm it says it is signed with (RFC 5280 5.1.1.2).
    #[must_use]
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.parts.signature_algorithm
    }

    /// Verifies the signature with a key, weak algorithms refused. This hashes
    /// the whole list.
    ///
    /// # Errors
    /// The [`SignatureFault`] that says why not.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), SignatureFault> {
        self.verify_signature_with(key, &SignatureRules::default()).map(drop)
    }

    /// Verifies the signature with a key. This hashes the whole list.
    ///
    /// # Errors
    /// The [`SignatureFault`] that says why not.
    pub fn verify_signature_with(
        &self,
        key: &PublicKey,
        rules: &SignatureRules,
    ) -> Result<SignatureForm, SignatureFault> {
        let signed = self.signed.as_ref().ok_or(SignatureFault::Released)?;
        let signature = (&signed.der[signed.signature.clone()], signed.unused_bits);
        let message = &signed.der[signed.tbs.clone()];
        keys::verify_signed(key, self.signature_algorithm(), rules, message, signature)
    }

    /// Where it departs from the profile of RFC 5280 section 5.
    #[must_use]
    pub fn profile_breaches(&self) -> &[ProfileBreach] {
        &self.parts.breaches
    }

    /// What to call it in a report: its issuer and when it was issued.
    #[must_use]
    pub fn label(&self) -> &str {
        let parts = &self.parts;
        let issuer = || bounded(&parts.issuer);
        parts.label.get_or_init(|| format!("{} (list of {})", issuer(), parts.this_update))
    }
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        self.parts.sha256 == other.parts.sha256
    }
}

impl Eq for Crl {}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({}, {} entries)", self.label(), self.len())
    }
}
