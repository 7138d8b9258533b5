//! From octets to a response.
//!
//! 1. The budget, and the walk over the outer structure.
//! 2. A status other than successful ends it: there is nothing to read.
//! 3. The walk over the basic response inside.
//! 4. Extensions: walked, read; none twice.
//! 5. The certificates that came along. One that cannot be read is left out:
//!    nothing signs them, so that it must not spoil what is signed.

use std::ops::Range;
use std::sync::OnceLock;

use crate::certificate::extensions::read_walked;
use crate::certificate::{Certificate, Extension, ProfileBreach, sha256};
use crate::crl::{RevocationReason, unknown_critical};
use crate::der::primitive::{read_bit_string, read_time, read_unsigned};
use crate::der::reader::{Element, read_single, tag};
use crate::der::schema::Notes;
use crate::der::{grammar, schema};
use crate::fault::{Fault, Path, Problem};
use crate::keys::SignatureAlgorithm;
use crate::name::Name;
use crate::oid::Oid;
use crate::time::Timestamp;

use super::certificate_id::OcspCertificateId;
use super::responder::OcspResponder;
use super::single::{OcspCertificateStatus, OcspSingleResponse};
use super::{MAX_OCSP_CERTIFICATES, MAX_OCSP_OCTETS, OcspRefusal, OcspReply, OcspResponse, Parts};

const ROOT: &str = "ocspResponse";
const BASIC: &str = "basicOCSPResponse";

pub(super) fn parse(der: &[u8]) -> Result<OcspReply, Fault> {
    if der.len() > MAX_OCSP_OCTETS {
        let problem = Problem::TooLarge { size: der.len(), limit: MAX_OCSP_OCTETS };
        return Err(Fault::new(ROOT, problem));
    }
    let mut notes = Notes::new();
    schema::walk(der, &grammar::OCSP_RESPONSE, &Path::implied_root(ROOT), &mut notes)?;
    let refused = || Fault::new(ROOT, Problem::Refused);
    let mut fields = read_single(der).map_err(|_| refused())?.children();
    let status = fields.next().ok_or_else(refused)?;
    match (status.content, fields.next()) {
        ([0], Some(bytes)) => {
            let basic = basic(bytes)?;
            parse_basic(der, basic, notes).map(OcspReply::Answered)
        }
        ([0], None) => Err(Fault::new("responseBytes", Problem::Missing)),
        ([number], _) => Ok(OcspReply::Refused(OcspRefusal::from_number(*number))),
        _ => Err(Fault::new("responseStatus", Problem::OutOfRange)),
    }
}

/// The encoding inside ResponseBytes, which must be of the basic type.
fn basic(bytes: Element<'_>) -> Result<&[u8], Fault> {
    let refused = || Fault::new("responseBytes", Problem::Refused);
    let mut fields = read_single(bytes.content).map_err(|_| refused())?.children();
    let kind = fields.next().ok_or_else(refused)?;
    let kind = Oid::from_checked_octets(kind.content);
    if kind != Oid::OCSP_BASIC {
        let problem = Problem::UnknownResponseType { oid: kind.to_string() };
        return Err(Fault::new("responseBytes.responseType", problem));
    }
    Ok(fields.next().ok_or_else(refused)?.content)
}

fn parse_basic(der: &[u8], basic: &[u8], mut notes: Notes) -> Result<OcspResponse, Fault> {
    schema::walk(basic, &grammar::BASIC_OCSP_RESPONSE, &Path::implied_root(BASIC), &mut notes)?;
    let frame = Frame::read(basic).ok_or_else(|| Fault::new(BASIC, Problem::Refused))?;
    if let Some(version) = frame.version.filter(|version| *version != 0) {
        let problem = Problem::UnknownVersion { found: i64::from(version) };
        return Err(Fault::new("tbsResponseData.version", problem));
    }
    let extensions =
        extensions(frame.extensions, "tbsResponseData.responseExtensions", &mut notes)?;
    let singles = frame.responses.children().enumerate();
    let singles: Result<Vec<_>, Fault> =
        singles.map(|(index, single)| read_single_response(single, index, &mut notes)).collect();
    let (signature, signature_unused_bits) = read_bit_string(frame.signature.content)
        .map_err(|problem| Fault::new("signature", problem))?;
    Ok(OcspResponse(std::sync::Arc::new(Parts {
        sha256: sha256(der),
        tbs: range_of(der, frame.tbs.raw),
        responder: responder(frame.responder)?,
        produced_at: time("tbsResponseData.producedAt", frame.produced_at)?,
        singles: singles?,
        unknown_critical: unknown_critical(&extensions, RESPONSE_EXTENSIONS),
        extensions,
        certificates: frame.certificates(),
        signature_algorithm: SignatureAlgorithm::from_walked(frame.algorithm),
        signature: range_of(der, signature),
        signature_unused_bits,
        breaches: ProfileBreach::from_notes(&notes).collect(),
        label: OnceLock::new(),
        der: der.into(),
    })))
}

/// The extensions of responses that this crate acts on. That a responder says
/// *revoked* of what was never issued needs nothing done.
const RESPONSE_EXTENSIONS: &[Oid] = &[Oid::OCSP_NONCE, Oid::OCSP_EXTENDED_REVOKE];

/// The extensions of single responses that this crate acts on, or that only
/// tell where else to look. Those of a list's entries may stand here too (RFC
/// 6960 4.4.5); certificateIssuer may not, as the issuer is in the id.
const SINGLE_EXTENSIONS: &[Oid] = &[
    Oid::OCSP_ARCHIVE_CUTOFF,
    Oid::OCSP_CRL_REFERENCE,
    Oid::CRL_REASON,
    Oid::INVALIDITY_DATE,
    Oid::HOLD_INSTRUCTION,
];

/// The fields of a basic response that has passed the walk.
struct Frame<'a> {
    tbs: Element<'a>,
    algorithm: Element<'a>,
    signature: Element<'a>,
    certs: Option<Element<'a>>,
    version: Option<u32>,
    responder: Element<'a>,
    produced_at: Element<'a>,
    responses: Element<'a>,
    extensions: Option<Element<'a>>,
}

impl<'a> Frame<'a> {
    fn read(basic: &'a [u8]) -> Option<Self> {
        let mut outer = read_single(basic).ok()?.children();
        let tbs = outer.next()?;
        let mut fields = tbs.children();
        Some(Self {
            tbs,
            algorithm: outer.next()?,
            signature: outer.next()?,
            certs: outer.next(),
            version: match fields.take_context(0) {
                None => None,
                Some(version) => Some(read_unsigned(inner(version)?.content).ok()?),
            },
            responder: fields.next()?,
            produced_at: fields.next()?,
            responses: fields.next()?,
            extensions: fields.next(),
        })
    }

    fn certificates(&self) -> Vec<Certificate> {
        let list = self.certs.and_then(inner);
        let all = list.into_iter().flat_map(Element::children);
        let read = all.take(MAX_OCSP_CERTIFICATES).map(|one| Certificate::parse(one.raw));
        read.filter_map(Result::ok).collect()
    }
}

fn responder(id: Element<'_>) -> Result<OcspResponder, Fault> {
    let refused = || Fault::new("tbsResponseData.responderID", Problem::Refused);
    let value = inner(id).ok_or_else(refused)?;
    if id.is_context(1) {
        return Ok(OcspResponder::Name(Name::from_walked(value)));
    }
    Ok(OcspResponder::KeyHash(value.content.into()))
}

fn read_single_response(
    single: Element<'_>,
    index: usize,
    notes: &mut Notes,
) -> Result<OcspSingleResponse, Fault> {
    let place = format!("tbsResponseData.responses[{index}]");
    let within = |fault: Fault| fault.within(&place);
    let refused = || within(Fault::new("certStatus", Problem::Refused));
    let mut fields = single.children();
    let id = fields.next().and_then(OcspCertificateId::from_walked).ok_or_else(refused)?;
    let status = fields.next().and_then(status).ok_or_else(refused)?;
    let this_update = fields.next().ok_or_else(refused)?;
    let next_update = fields.take_context(0).and_then(inner);
    let extensions = extensions(fields.next(), "singleExtensions", notes).map_err(within)?;
    let date = |oid: &Oid| {
        let value = extensions.iter().find(|extension| extension.oid() == oid)?.value();
        read_time(tag::GENERALIZED_TIME, read_single(value).ok()?.content).ok()
    };
    Ok(OcspSingleResponse {
        id,
        status: with_reason(status, &extensions),
        this_update: time("thisUpdate", this_update).map_err(within)?,
        next_update: match next_update {
            None => None,
            Some(due) => Some(time("nextUpdate", due).map_err(within)?),
        },
        unknown_critical: unknown_critical(&extensions, SINGLE_EXTENSIONS),
        archive_cutoff: date(&Oid::OCSP_ARCHIVE_CUTOFF),
        invalidity_date: date(&Oid::INVALIDITY_DATE),
        extensions,
    })
}

fn status(status: Element<'_>) -> Option<OcspCertificateStatus> {
    if status.is_context(0) {
        return Some(OcspCertificateStatus::Good);
    }
    if status.is_context(2) {
        return Some(OcspCertificateStatus::Unknown);
    }
    let mut fields = status.children();
    let date = read_time(tag::GENERALIZED_TIME, fields.next()?.content).ok()?;
    let reason = fields.next().and_then(inner);
    let reason = reason.map(|code| RevocationReason::from_octets(code.content));
    Some(OcspCertificateStatus::Revoked { date, reason })
}

/// A reason that stands only among the extensions (RFC 6960 4.4.5).
fn with_reason(status: OcspCertificateStatus, extensions: &[Extension]) -> OcspCertificateStatus {
    let OcspCertificateStatus::Revoked { date, reason: None } = status else {
        return status;
    };
    let told = extensions.iter().find(|extension| *extension.oid() == Oid::CRL_REASON);
    let reason = told
        .and_then(|extension| read_single(extension.value()).ok())
        .map(|code| RevocationReason::from_octets(code.content));
    OcspCertificateStatus::Revoked { date, reason }
}

fn extensions(
    field: Option<Element<'_>>,
    path: &'static str,
    notes: &mut Notes,
) -> Result<Vec<Extension>, Fault> {
    let Some(field) = field else {
        return Ok(Vec::new());
    };
    let path = Path::root(path);
    let list = read_single(field.content).map_err(|problem| path.fault(problem))?;
    read_walked(list, &path, notes)
}

/// The nonce's octets. RFC 8954 has them in an OCTET STRING; before, some
/// responders wrote them bare, and then the whole value is the nonce.
pub(super) fn nonce(value: &[u8]) -> &[u8] {
    match read_single(value) {
        Ok(wrapped) if wrapped.tag == tag::OCTET_STRING => wrapped.content,
        _ => value,
    }
}

/// What an explicit tag holds.
fn inner(tagged: Element<'_>) -> Option<Element<'_>> {
    read_single(tagged.content).ok()
}

fn time(field: &'static str, element: Element<'_>) -> Result<Timestamp, Fault> {
    read_time(element.tag, element.content).map_err(|problem| Fault::new(field, problem))
}

/// Where `part`, a slice of `whole`, lies in it.
fn range_of(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
