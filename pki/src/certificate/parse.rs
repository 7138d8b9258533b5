//! From octets to a certificate.
//!
//! 1. The budget.
//! 2. The walk: strict DER, whole, to the last octet.
//! 3. x509-parser takes the fields apart; what it accepts beyond DER has been
//!    refused by the walk already. Extension values are left to step 4, since
//!    it drops parts of some (the order of key purposes, minimum and maximum
//!    of subtrees).
//! 4. The extensions of RFC 5280: walked, read; none twice.
//! 5. The two signature algorithms agree.
//! 6. The profile.

use std::ops::Range;
use std::sync::OnceLock;

use ring::digest;
use x509_parser::certificate::{X509Certificate, X509CertificateParser};
use x509_parser::nom::Parser;

use crate::der::primitive::read_bit_string;
use crate::der::reader::{Element, read_single};
use crate::der::schema::Notes;
use crate::der::{grammar, schema};
use crate::fault::{Fault, Path, Problem};
use crate::keys::{PublicKey, SignatureAlgorithm};
use crate::name::Name;
use crate::oid::Oid;
use crate::time::Timestamp;

use super::extensions::{self, Extension, Standard};
use super::{MAX_CERTIFICATE_OCTETS, Parts, SerialNumber, Version, profile};

pub(super) fn parse(der: &[u8]) -> Result<Parts, Fault> {
    if der.len() > MAX_CERTIFICATE_OCTETS {
        let problem = Problem::TooLarge { size: der.len(), limit: MAX_CERTIFICATE_OCTETS };
        return Err(Fault::new("certificate", problem));
    }
    let mut notes = Notes::new();
    schema::walk(der, &grammar::CERTIFICATE, &Path::implied_root("certificate"), &mut notes)?;
    let (_, taken_apart) = X509CertificateParser::new()
        .with_deep_parse_extensions(false)
        .parse(der)
        .map_err(|_| Fault::new("certificate", Problem::Refused))?;
    let extensions = read_extensions(&taken_apart, &mut notes)?;
    let mut parts = assemble(der, &taken_apart, extensions)?;
    parts.breaches = profile::breaches(&parts, &taken_apart, &notes);
    Ok(parts)
}

fn read_extensions(
    certificate: &X509Certificate<'_>,
    notes: &mut Notes,
) -> Result<Vec<Extension>, Fault> {
    let root = Path::root("tbsCertificate");
    let path = root.child("extensions");
    let found = certificate.extensions().iter().map(|found| {
        let oid = Oid::from_checked_octets(found.oid.as_bytes());
        Extension::new(oid, found.critical, found.value)
    });
    extensions::walk_values(found.collect(), &path, notes)
}

fn assemble(
    der: &[u8],
    certificate: &X509Certificate<'_>,
    extensions: Vec<Extension>,
) -> Result<Parts, Fault> {
    let tbs = &certificate.tbs_certificate;
    let frame = Frame::of(der)?;
    let standard = Standard::read(&extensions).map_err(|name| {
        Path::root("tbsCertificate.extensions").child(name).fault(Problem::Refused)
    })?;
    let (signature, signature_unused_bits) = read_bit_string(frame.signature.content)
        .map_err(|problem| Fault::new("signatureValue", problem))?;
    Ok(Parts {
        der: der.into(),
        sha256: sha256(der),
        tbs: range_of(der, frame.tbs.raw),
        version: version(tbs.version.0)?,
        serial: SerialNumber::from_bytes(tbs.raw_serial())
            .ok_or_else(|| Fault::new("tbsCertificate.serialNumber", Problem::NotMinimal))?,
        issuer: name("tbsCertificate.issuer", tbs.issuer.as_raw())?,
        subject: name("tbsCertificate.subject", tbs.subject.as_raw())?,
        not_before: Timestamp::from_unix(tbs.validity.not_before.timestamp()),
        not_after: Timestamp::from_unix(tbs.validity.not_after.timestamp()),
        public_key: public_key(tbs.subject_pki.raw)?,
        extensions,
        standard,
        signature_algorithm: frame.signature_algorithm()?,
        signature: range_of(der, signature),
        signature_unused_bits,
        breaches: Vec::new(),
        verified_by: OnceLock::new(),
        label: OnceLock::new(),
    })
}

/// The outer elements, for what must be compared or covered as encoded.
struct Frame<'a> {
    tbs: Element<'a>,
    algorithm: Element<'a>,
    signature: Element<'a>,
}

impl<'a> Frame<'a> {
    fn of(der: &'a [u8]) -> Result<Self, Fault> {
        let missing = || Fault::new("certificate", Problem::Missing);
        let mut fields = read_single(der).map_err(|_| missing())?.children();
        Ok(Self {
            tbs: fields.next().ok_or_else(missing)?,
            algorithm: fields.next().ok_or_else(missing)?,
            signature: fields.next().ok_or_else(missing)?,
        })
    }

    /// RFC 5280 4.1.1.2: the algorithm stands inside and outside what is
    /// signed, and must be the same, or the outer one could be exchanged.
    fn signature_algorithm(&self) -> Result<SignatureAlgorithm, Fault> {
        let mut fields = self.tbs.children();
        fields.take_context(0);
        let inner = fields.nth(1);
        if inner.is_none_or(|inner| inner.raw != self.algorithm.raw) {
            let other = "tbsCertificate.signature";
            return Err(Fault::new("signatureAlgorithm", Problem::Disagrees { other }));
        }
        Ok(SignatureAlgorithm::from_walked(self.algorithm))
    }
}

fn version(number: u32) -> Result<Version, Fault> {
    match number {
        0 => Ok(Version::V1),
        1 => Ok(Version::V2),
        2 => Ok(Version::V3),
        other => {
            let found = i64::from(other);
            let problem = Problem::UnknownVersion { found };
            Err(Fault::new("tbsCertificate.version", problem))
        }
    }
}

fn name(field: &'static str, raw: &[u8]) -> Result<Name, Fault> {
    read_single(raw).map(Name::from_walked).map_err(|problem| Fault::new(field, problem))
}

fn public_key(raw: &[u8]) -> Result<PublicKey, Fault> {
    read_single(raw)
        .map(PublicKey::from_walked)
        .map_err(|problem| Fault::new("tbsCertificate.subjectPublicKeyInfo", problem))
}

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, octets).as_ref());
    hash
}

/// Where `part`, a slice of `whole`, lies in it.
fn range_of(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
