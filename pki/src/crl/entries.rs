//! The entries of a list: strict DER, one pass, no copies but the table's.

use std::fmt;

use serde::Serialize;

use crate::bounded::MAX_ALIKE;
use crate::certificate::extensions::read_walked;
use crate::certificate::{Extension, GeneralName};
use crate::der::grammar;
use crate::der::primitive::{check_integer, read_time};
use crate::der::reader::{Element, read_element, read_single, tag};
use crate::der::schema::{self, Notes};
use crate::fault::{Fault, Path, Problem};
use crate::name::Name;
use crate::oid::Oid;
use crate::time::Timestamp;

use super::MAX_CRL_ENTRIES;
use super::parse::range_of;
use super::table::{Row, Table, TableBuilder};

/// Why a certificate was revoked (RFC 5280 5.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum RevocationReason {
    /// No reason is told; also for numbers without a meaning.
    Unspecified = 0,
    /// The subject's key is known or feared to be in others' hands.
    KeyCompromise = 1,
    /// The authority's key is known or feared to be in others' hands.
    CaCompromise = 2,
    /// The subject's name or other information changed.
    AffiliationChanged = 3,
    /// Another certificate took its place.
    Superseded = 4,
    /// It is no longer needed.
    CessationOfOperation = 5,
    /// On hold: may be lifted again.
    CertificateHold = 6,
    /// In a delta list: no longer listed.
    RemoveFromCrl = 8,
    /// A privilege in it was withdrawn.
    PrivilegeWithdrawn = 9,
    /// The attribute authority's key is feared to be in others' hands.
    AaCompromise = 10,
}

/// What a list's entries came to.
pub(super) struct Listed {
    pub(super) table: Table,
    pub(super) unknown_critical: Vec<Oid>,
}

/// Reads all entries of a list, whose whole encoding `der` is.
pub(super) fn read(
    der: &[u8],
    list: Option<Element<'_>>,
    notes: &mut Notes,
) -> Result<Listed, Fault> {
    let mut reader = Reader {
        der,
        last_date: (&[], Timestamp::from_unix(0)),
        builder: TableBuilder::default(),
        unknown_critical: Vec::new(),
        issuers: 0,
        notes,
    };
    let mut rest = list.map_or(&[][..], |list| list.content);
    let mut index = 0;
    while !rest.is_empty() {
        if index == MAX_CRL_ENTRIES {
            let limit = MAX_CRL_ENTRIES;
            return Err(Fault::new("tbsCertList.revokedCertificates", Problem::TooMany { limit }));
        }
        reader
            .read_entry(&mut rest)
            .map_err(|fault| fault.within(&format!("tbsCertList.revokedCertificates[{index}]")))?;
        index += 1;
    }
    Ok(Listed { table: reader.builder.finish(der), unknown_critical: reader.unknown_critical })
}

/// The critical ones among extensions that are not in `known`.
pub(crate) fn unknown_critical(extensions: &[Extension], known: &[Oid]) -> Vec<Oid> {
    extensions
        .iter()
        .filter(|extension| extension.critical() && !known.contains(extension.oid()))
        .map(|extension| extension.oid().clone())
        .collect()
}

struct Reader<'d, 'n> {
    der: &'d [u8],
    /// The encoding of the date before, and the date: what was revoked together stands
    /// together.
    last_date: (&'d [u8], Timestamp),
    builder: TableBuilder,
    unknown_critical: Vec<Oid>,
    /// How many certificateIssuer extensions have been seen: the last one
    /// holds for all entries that follow (RFC 5280 5.3.3).
    issuers: u32,
    notes: &'n mut Notes,
}

impl<'d> Reader<'d, '_> {
    fn read_entry(&mut self, input: &mut &'d [u8]) -> Result<(), Fault> {
        let entry = expect(input, tag::SEQUENCE, "", "SEQUENCE")?;
        let mut fields = entry.content;
        let serial = expect(&mut fields, tag::INTEGER, "userCertificate", "INTEGER")?;
        check_integer(serial.content).map_err(|problem| Fault::new("userCertificate", problem))?;
        let date = self.read_date(&mut fields)?;
        let serial = range_of(self.der, serial.content);
        let mut row = Row { serial, date, reason: None, invalidity_date: None, issuer: None };
        if !fields.is_empty() {
            self.read_extensions(fields, &mut row)?;
        }
        row.issuer = self.issuers.checked_sub(1);
        self.builder.push(&row);
        Ok(())
    }

    fn read_date(&mut self, input: &mut &'d [u8]) -> Result<Timestamp, Fault> {
        let field = "revocationDate";
        let expected = match input.first() {
            Some(&tag::GENERALIZED_TIME) => tag::GENERALIZED_TIME,
            _ => tag::UTC_TIME,
        };
        let found = expect(input, expected, field, "UTCTime or GeneralizedTime")?;
        if found.raw != self.last_date.0 {
            let date = read_time(found.tag, found.content);
            self.last_date = (found.raw, date.map_err(|problem| Fault::new(field, problem))?);
        }
        Ok(self.last_date.1)
    }

    fn read_extensions(&mut self, input: &[u8], row: &mut Row) -> Result<(), Fault> {
        if let Some(reason) = only_a_reason(input) {
            row.reason = Some(reason);
            return Ok(());
        }
        let path = Path::root("crlEntryExtensions");
        schema::walk(input, &grammar::EXTENSIONS, &path, self.notes)?;
        let list = read_single(input).map_err(|problem| path.fault(problem))?;
        let extensions = read_walked(list, &path, self.notes)?;
        for extension in &extensions {
            self.take(extension, row).ok_or_else(|| path.fault(Problem::Refused))?;
        }
        for oid in unknown_critical(&extensions, ENTRY_EXTENSIONS) {
            let told = &self.unknown_critical;
            if told.len() < MAX_ALIKE && !told.contains(&oid) {
                self.unknown_critical.push(oid);
            }
        }
        Ok(())
    }

    fn take(&mut self, extension: &Extension, row: &mut Row) -> Option<()> {
        let value = || read_single(extension.value()).ok();
        match extension.oid() {
            oid if *oid == Oid::CRL_REASON => {
                row.reason = Some(RevocationReason::from_octets(value()?.content));
            }
            oid if *oid == Oid::INVALIDITY_DATE => {
                let date = read_time(tag::GENERALIZED_TIME, value()?.content).ok()?;
                row.invalidity_date = Some(date);
            }
            oid if *oid == Oid::CERTIFICATE_ISSUER => {
                let names = directory_names(GeneralName::read_all(value()?)?);
                // Of nobody's certificates the entries that follow would
                // revoke none.
                if names.is_empty() {
                    return None;
                }
                self.builder.push_issuer(names);
                self.issuers += 1;
            }
            _ => {}
        }
        Some(())
    }
}

/// The extensions of entries that this crate acts on. holdInstructionCode is
/// withdrawn and changes nothing about the entry.
const ENTRY_EXTENSIONS: &[Oid] =
    &[Oid::CRL_REASON, Oid::INVALIDITY_DATE, Oid::CERTIFICATE_ISSUER, Oid::HOLD_INSTRUCTION];

/// The extensions of nearly every entry that has any: one reason code, not
/// critical. Compared as octets, this costs nothing.
fn only_a_reason(input: &[u8]) -> Option<RevocationReason> {
    const BEFORE: [u8; 13] =
        [0x30, 0x0C, 0x30, 0x0A, 0x06, 0x03, 0x55, 0x1D, 0x15, 0x04, 0x03, 0x0A, 0x01];
    match input.strip_prefix(&BEFORE)? {
        [code] => Some(RevocationReason::from_octets(&[*code])),
        _ => None,
    }
}

#[inline]
fn expect<'a>(
    input: &mut &'a [u8],
    tag: u8,
    field: &'static str,
    expected: &'static str,
) -> Result<Element<'a>, Fault> {
    if input.first() != Some(&tag) {
        return Err(unexpected(input, field, expected));
    }
    read_element(input).map_err(|problem| Fault::new(field, problem))
}

#[cold]
fn unexpected(input: &[u8], field: &'static str, expected: &'static str) -> Fault {
    let problem = match input.first() {
        None => Problem::Missing,
        Some(&found) => Problem::UnexpectedTag { expected, found },
    };
    Fault::new(field, problem)
}

/// Certificates name their issuers by distinguished names, so no other form
/// can match one.
fn directory_names(names: Vec<GeneralName>) -> Box<[Name]> {
    let directory = |name| match name {
        GeneralName::Directory(name) => Some(name),
        _ => None,
    };
    names.into_iter().filter_map(directory).collect()
}

impl RevocationReason {
    const ALL: [Self; 10] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromCrl,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// The number of RFC 5280.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// A number without a meaning still revokes.
    pub(crate) fn from_octets(content: &[u8]) -> Self {
        match content {
            [code] => Self::from_code(*code).unwrap_or(Self::Unspecified),
            _ => Self::Unspecified,
        }
    }
}

/// The name that RFC 5280 gives it.
impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        })
    }
}
