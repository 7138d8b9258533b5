//! From octets to a list.
//!
//! 1. The budget.
//! 2. The walk: strict DER, all but the entries.
//! 3. The entries, straight into the table ([`super::entries`]).
//! 4. The extensions of RFC 5280: walked, read; none twice.
//! 5. The two signature algorithms agree.
//! 6. The profile.

use std::ops::Range;
use std::sync::OnceLock;

use crate::certificate::extensions::read_walked;
use crate::certificate::{
    AuthorityKeyIdentifier, Extension, IssuingDistributionPoint, SerialNumber, sha256,
};
use crate::der::primitive::{read_bit_string, read_time, read_unsigned};
use crate::der::reader::{Element, read_single, tag};
use crate::der::schema::Notes;
use crate::der::{grammar, schema};
use crate::fault::{Fault, Path, Problem};
use crate::keys::SignatureAlgorithm;
use crate::name::Name;
use crate::oid::Oid;
use crate::time::Timestamp;

use super::entries;
use super::{MAX_CRL_OCTETS, Parts, Standard, profile};

/// Where in the encoding the signature stands, and what it covers.
pub(super) struct Signature {
    pub(super) tbs: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) unused_bits: u8,
}

pub(super) fn parse(der: &[u8]) -> Result<(Parts, Signature), Fault> {
    if der.len() > MAX_CRL_OCTETS {
        let problem = Problem::TooLarge { size: der.len(), limit: MAX_CRL_OCTETS };
        return Err(Fault::new("certificateList", problem));
    }
    let mut notes = Notes::new();
    schema::walk(
        der,
        &grammar::CERTIFICATE_LIST,
        &Path::implied_root("certificateList"),
        &mut notes,
    )?;
    let frame = Frame::of(der)?;
    let extensions = frame.extensions(&mut notes)?;
    let standard = Standard::read(&extensions)
        .ok_or_else(|| Fault::new("tbsCertList.crlExtensions", Problem::Refused))?;
    let listed = entries::read(der, frame.entries, &mut notes)?;
    let mut unknown_critical = entries::unknown_critical(&extensions, LIST_EXTENSIONS);
    unknown_critical.extend(listed.unknown_critical);
    let (signature, unused_bits) = read_bit_string(frame.signature.content)
        .map_err(|problem| Fault::new("signatureValue", problem))?;
    let mut parts = Parts {
        sha256: sha256(der),
        issuer: Name::from_walked(frame.issuer),
        this_update: time("tbsCertList.thisUpdate", frame.this_update)?,
        next_update: match frame.next_update {
            None => None,
            Some(found) => Some(time("tbsCertList.nextUpdate", found)?),
        },
        standard,
        extensions,
        table: listed.table,
        unknown_critical,
        signature_algorithm: frame.signature_algorithm()?,
        breaches: Vec::new(),
        label: OnceLock::new(),
    };
    parts.breaches = profile::breaches(&parts, &frame, &notes);
    let (tbs, value) = (range_of(der, frame.tbs.raw), range_of(der, signature));
    Ok((parts, Signature { tbs, value, unused_bits }))
}

/// The extensions of lists that this crate acts on. freshestCRL and
/// authorityInfoAccess only say where to find more.
const LIST_EXTENSIONS: &[Oid] = &[
    Oid::CRL_NUMBER,
    Oid::DELTA_CRL_INDICATOR,
    Oid::AUTHORITY_KEY_IDENTIFIER,
    Oid::ISSUING_DISTRIBUTION_POINT,
    Oid::ISSUER_ALT_NAME,
    Oid::FRESHEST_CRL,
    Oid::AUTHORITY_INFO_ACCESS,
    Oid::EXPIRED_CERTS_ON_CRL,
];

/// The fields of a list that has passed the walk.
pub(super) struct Frame<'a> {
    tbs: Element<'a>,
    algorithm: Element<'a>,
    signature: Element<'a>,
    pub(super) version: Option<u32>,
    inner_algorithm: Element<'a>,
    issuer: Element<'a>,
    pub(super) this_update: Element<'a>,
    pub(super) next_update: Option<Element<'a>>,
    pub(super) entries: Option<Element<'a>>,
    extensions: Option<Element<'a>>,
}

impl<'a> Frame<'a> {
    fn of(der: &'a [u8]) -> Result<Self, Fault> {
        let frame =
            Self::read(der).ok_or_else(|| Fault::new("certificateList", Problem::Missing))?;
        match frame.version {
            None | Some(1) => Ok(frame),
            Some(other) => {
                let found = i64::from(other);
                let problem = Problem::UnknownVersion { found };
                Err(Fault::new("tbsCertList.version", problem))
            }
        }
    }

    fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = read_single(der).ok()?.children();
        let tbs = outer.next()?;
        let mut fields = tbs.children();
        Some(Self {
            tbs,
            algorithm: outer.next()?,
            signature: outer.next()?,
            version: match fields.take_tag(tag::INTEGER) {
                None => None,
                Some(number) => Some(read_unsigned(number.content).ok()?),
            },
            inner_algorithm: fields.next()?,
            issuer: fields.next()?,
            this_update: fields.next()?,
            next_update: fields
                .take_tag(tag::UTC_TIME)
                .or_else(|| fields.take_tag(tag::GENERALIZED_TIME)),
            entries: fields.take_tag(tag::SEQUENCE),
            extensions: fields.take_context(0),
        })
    }

    fn extensions(&self, notes: &mut Notes) -> Result<Vec<Extension>, Fault> {
        let Some(field) = self.extensions else {
            return Ok(Vec::new());
        };
        let root = Path::root("tbsCertList");
        let path = root.child("crlExtensions");
        let list = read_single(field.content).map_err(|problem| path.fault(problem))?;
        read_walked(list, &path, notes)
    }

    /// RFC 5280 5.1.1.2, as for certificates.
    fn signature_algorithm(&self) -> Result<SignatureAlgorithm, Fault> {
        if self.inner_algorithm.raw != self.algorithm.raw {
            let other = "tbsCertList.signature";
            return Err(Fault::new("signatureAlgorithm", Problem::Disagrees { other }));
        }
        Ok(SignatureAlgorithm::from_walked(self.algorithm))
    }
}

impl Standard {
    fn read(extensions: &[Extension]) -> Option<Self> {
        let mut standard = Self::default();
        for extension in extensions {
            let number = |value: Element<'_>| SerialNumber::from_bytes(value.content);
            let value = || read_single(extension.value()).ok();
            match extension.oid() {
                oid if *oid == Oid::CRL_NUMBER => standard.number = Some(number(value()?)?),
                oid if *oid == Oid::DELTA_CRL_INDICATOR => {
                    standard.base_number = Some(number(value()?)?);
                }
                oid if *oid == Oid::AUTHORITY_KEY_IDENTIFIER => {
                    let identifier = AuthorityKeyIdentifier::read(value()?)?;
                    standard.authority_key_identifier = Some(identifier);
                }
                oid if *oid == Oid::ISSUING_DISTRIBUTION_POINT => {
                    let point = IssuingDistributionPoint::read(value()?)?;
                    standard.issuing_distribution_point = Some(point);
                }
                oid if *oid == Oid::EXPIRED_CERTS_ON_CRL => {
                    let since = read_time(tag::GENERALIZED_TIME, value()?.content).ok()?;
                    standard.expired_certificates_since = Some(since);
                }
                _ => {}
            }
        }
        Some(standard)
    }
}

fn time(field: &'static str, element: Element<'_>) -> Result<Timestamp, Fault> {
    read_time(element.tag, element.content).map_err(|problem| Fault::new(field, problem))
}

/// Where `part`, a slice of `whole`, lies in it.
pub(super) fn range_of(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
