//! Revocation lists, declared and written.

use rcgen::{
    CertificateParams, CertificateRevocationListParams, Issuer, KeyIdMethod, RevokedCertParams,
    SerialNumber,
};

use crate::body::{Signed, Unsigned};
use crate::error::TestdataError;
use crate::key::Key;
use crate::moment::date_time;
use crate::name::Extension;
use crate::oid;
use crate::value::Value;

/// The issuer's place in a list's body, after version and algorithm (RFC 5280, 5.1).
const ISSUER: usize = 2;
/// The algorithm's place in it.
const SIGNATURE: usize = 1;
/// The entries' place in it, where there are any.
const ENTRIES: usize = 5;

/// Why a certificate was revoked (RFC 5280, 5.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationReason {
    /// unspecified (0): written by leaving the reason out.
    Unspecified,
    /// keyCompromise (1).
    KeyCompromise,
    /// cACompromise (2).
    AuthorityCompromise,
    /// affiliationChanged (3).
    AffiliationChanged,
    /// superseded (4).
    Superseded,
    /// cessationOfOperation (5).
    CessationOfOperation,
    /// certificateHold (6).
    CertificateHold,
    /// removeFromCRL (8), in delta lists only.
    RemoveFromCrl,
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn,
}

impl RevocationReason {
    /// Its number (RFC 5280, 5.3.1).
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::AuthorityCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::RemoveFromCrl => 8,
            Self::PrivilegeWithdrawn => 9,
        }
    }
}

/// An entry of a revocation list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedEntry {
    /// The revoked certificate's serial, big-endian.
    pub serial: Vec<u8>,
    /// When it was revoked, Unix seconds.
    pub revoked_at: i64,
    /// Why.
    pub reason: RevocationReason,
    /// From when the certificate was not to be trusted, Unix seconds; may lie before
    /// `revoked_at`.
    pub invalid_since: Option<i64>,
    /// Any further extensions of the entry.
    pub extensions: Vec<Extension>,
}

impl RevokedEntry {
    /// An entry without an invalidity date.
    pub fn new(serial: impl Into<Vec<u8>>, revoked_at: i64, reason: RevocationReason) -> Self {
        let extensions = Vec::new();
        Self { serial: serial.into(), revoked_at, reason, invalid_since: None, extensions }
    }

    /// The same entry of an indirect list for a certificate of another issuer (RFC 5280,
    /// 5.3.3); `name` is its Name, DER.
    pub fn issued_by(mut self, name: impl Into<Vec<u8>>) -> Self {
        let names = Value::Sequence(vec![Value::Raw(name.into()).explicit(4)]);
        self.extensions.push(Extension::new(oid::CERTIFICATE_ISSUER, names).critical());
        self
    }
}

/// A revocation list, declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrlSpec {
    /// The list's number.
    pub number: u64,
    /// When it was issued, Unix seconds.
    pub this_update: i64,
    /// By when the next one comes, Unix seconds; must be later than `this_update`.
    pub next_update: i64,
    /// The entries.
    pub revoked: Vec<RevokedEntry>,
    /// Extensions after the two that every list carries (key identifier and number).
    pub extensions: Vec<Extension>,
}

impl CrlSpec {
    /// A list that revokes nothing.
    pub fn empty(number: u64, this_update: i64, next_update: i64) -> Self {
        Self { number, this_update, next_update, revoked: Vec::new(), extensions: Vec::new() }
    }

    /// The same list with one more entry.
    pub fn revoking(mut self, entry: RevokedEntry) -> Self {
        self.revoked.push(entry);
        self
    }
}

/// Writes and signs the list in the name of `issuer`.
pub(crate) fn signed(spec: &CrlSpec, issuer: (&[u8], &Key)) -> Result<Vec<u8>, TestdataError> {
    let (name, key) = issuer;
    let signer = Issuer::new(CertificateParams::default(), Unsigned(key));
    let draft = params(spec)?.signed_by(&signer)?;
    let mut list = Signed::open(draft.der())?;
    // rcgen has just written these elements: the list has an issuer.
    list.elements[ISSUER] = name.to_vec();
    list.name_algorithm(SIGNATURE, key)?;
    let of_entries = spec.revoked.iter().map(|entry| entry.extensions.as_slice());
    list.append_entry_extensions(ENTRIES, of_entries)?;
    list.append_list_extensions(&spec.extensions)?;
    list.seal(key)
}

fn params(spec: &CrlSpec) -> Result<CertificateRevocationListParams, TestdataError> {
    Ok(CertificateRevocationListParams {
        this_update: date_time(spec.this_update)?,
        next_update: date_time(spec.next_update)?,
        crl_number: SerialNumber::from(spec.number),
        issuing_distribution_point: None,
        revoked_certs: spec.revoked.iter().map(entry).collect::<Result<_, _>>()?,
        key_identifier_method: KeyIdMethod::Sha256,
    })
}

fn entry(entry: &RevokedEntry) -> Result<RevokedCertParams, TestdataError> {
    Ok(RevokedCertParams {
        serial_number: SerialNumber::from(entry.serial.clone()),
        revocation_time: date_time(entry.revoked_at)?,
        reason_code: reason(entry.reason),
        invalidity_date: entry.invalid_since.map(date_time).transpose()?,
    })
}

fn reason(reason: RevocationReason) -> Option<rcgen::RevocationReason> {
    use rcgen::RevocationReason as Code;
    match reason {
        RevocationReason::Unspecified => None,
        RevocationReason::KeyCompromise => Some(Code::KeyCompromise),
        RevocationReason::AuthorityCompromise => Some(Code::CaCompromise),
        RevocationReason::AffiliationChanged => Some(Code::AffiliationChanged),
        RevocationReason::Superseded => Some(Code::Superseded),
        RevocationReason::CessationOfOperation => Some(Code::CessationOfOperation),
        RevocationReason::CertificateHold => Some(Code::CertificateHold),
        RevocationReason::RemoveFromCrl => Some(Code::RemoveFromCrl),
        RevocationReason::PrivilegeWithdrawn => Some(Code::PrivilegeWithdrawn),
    }
}
