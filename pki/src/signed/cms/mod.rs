//! CMS SignedData (RFC 5652 5; GM/T 0010, which numbers the content types anew).
//!
//! 1. The budget, by [`crate::ber::guard`]; zero octets behind the message are padding.
//! 2. `rasn` decodes the frame of the message: [`types`]. `rasn-cms` is not used, as its
//!    types take certificates and attributes apart and give back other octets than those
//!    that were signed.
//! 3. [`read`] makes a [`SignedDocument`] of it: each part is brought into DER, if it is
//!    not, and read by the strict walk. A certificate, list or response that cannot be
//!    read is left out with a finding, as nothing signs them here; whatever is part of a
//!    signature and cannot be read is a fault.

mod algorithms;
mod read;
mod types;

use std::borrow::Cow;

use crate::ber::{self, Limits};
use crate::bounded::bounded;
use crate::fault::{Fault, Problem};
use crate::{Finding, Oid};

use super::codes;
use super::document::SignedDocument;
use super::format::{DocumentBudget, DocumentFormat, SignatureFormat};

const ROOT: &str = "contentInfo";

/// The format itself.
pub(super) struct Cms;

impl SignatureFormat for Cms {
    fn format(&self) -> DocumentFormat {
        DocumentFormat::Cms
    }

    fn recognises(&self, octets: &[u8]) -> bool {
        let known = [Oid::CT_SIGNED_DATA, Oid::SM2_SIGNED_DATA];
        content_type(octets).is_some_and(|found| known.contains(&found))
    }

    fn parse(&self, octets: &[u8], budget: &DocumentBudget) -> Result<SignedDocument, Fault> {
        parse(octets, budget)
    }
}

/// Reads a message.
pub(crate) fn parse(octets: &[u8], budget: &DocumentBudget) -> Result<SignedDocument, Fault> {
    let (message, padding) = guarded(octets, budget)?;
    let at_root = |problem| Fault::new(ROOT, problem);
    let info: types::ContentInfo = ber::decode(message).map_err(at_root)?;
    let kind = read::oid(&info.content_type).map_err(at_root)?;
    if kind != Oid::CT_SIGNED_DATA && kind != Oid::SM2_SIGNED_DATA {
        let problem = Problem::UnknownContentType { oid: kind.to_string() };
        return Err(Fault::new("contentInfo.contentType", problem));
    }
    let data: types::SignedData = ber::decode(info.content.as_bytes())
        .map_err(|problem| Fault::new("signedData", problem))?;
    drop(info);
    let mut document = read::document(data, budget)?;
    if padding > 0 {
        document.report.push(Finding::info(&codes::DOCUMENT_PADDED).seen(padding));
    }
    Ok(document)
}

/// The message without what follows it, and how many zero octets that was.
fn guarded<'a>(octets: &'a [u8], budget: &DocumentBudget) -> Result<(&'a [u8], usize), Fault> {
    if octets.len() > budget.octets {
        let problem = Problem::TooLarge { size: octets.len(), limit: budget.octets };
        return Err(Fault::new(ROOT, problem));
    }
    let limits = Limits { depth: budget.depth, elements: budget.elements };
    let end = ber::guard(octets, limits).map_err(|problem| Fault::new(ROOT, problem))?;
    let (message, padding) = octets.split_at(end);
    if padding.iter().any(|octet| *octet != 0) {
        return Err(Fault::new(ROOT, Problem::TrailingOctets));
    }
    Ok((message, padding.len()))
}

/// The token inside the answer of a timestamp service (TimeStampResp, RFC 3161 2.4.2);
/// `None` when the octets are not such an answer.
pub(super) fn granted_token<'a>(
    octets: &'a [u8],
    budget: &DocumentBudget,
) -> Result<Option<Cow<'a, [u8]>>, Fault> {
    if !is_answer(octets) {
        return Ok(None);
    }
    let (answer, _) = guarded(octets, budget)?;
    let answer: types::TimeStampResp =
        ber::decode(answer).map_err(|problem| Fault::new("timeStampResp", problem))?;
    // PKIStatus: granted, or granted with modifications (RFC 3161 2.4.2).
    let status = read::der(&answer.status.status, "timeStampResp.status")?;
    if !matches!(&status[..], [0x02, 1, 0 | 1]) {
        let number = status.last().copied().unwrap_or_default();
        let problem = Problem::NotGranted { status: number, reason: reason(&answer.status) };
        return Err(Fault::new("timeStampResp.status", problem));
    }
    match answer.token {
        Some(token) => Ok(Some(Cow::Owned(token.into_bytes()))),
        None => Err(Fault::new("timeStampResp.timeStampToken", Problem::Missing)),
    }
}

/// Why a service refused, in its own words.
fn reason(status: &types::PkiStatusInfo) -> String {
    let bits = status.fail_info.iter().flat_map(|bits| bits.iter_ones());
    let bits = bits.map(|bit| format!("failure bit {bit}"));
    let words: Vec<String> = status.status_string.iter().flatten().cloned().chain(bits).collect();
    if words.is_empty() { "no reason given".to_owned() } else { bounded(words.join("; ")) }
}

/// Whether octets seem to be a timestamp token, or a service's answer.
pub(super) fn seems_timestamp(octets: &[u8]) -> bool {
    /// How far into a token the type of its content stands: behind the outer type and the
    /// hash functions.
    const REACH: usize = 256;
    let wanted = Oid::CT_TST_INFO;
    let head = &octets[..octets.len().min(REACH)];
    let signed = content_type(octets) == Some(Oid::CT_SIGNED_DATA);
    is_answer(octets)
        || (signed && head.windows(wanted.as_bytes().len()).any(|part| part == wanted.as_bytes()))
}

/// SEQUENCE { SEQUENCE { INTEGER …: a PKIStatusInfo (RFC 3161 2.4.2), where a message has its
/// type. Certificates of version 1, and requests for one, begin alike; behind the status are
/// words, in a SEQUENCE of UTF8String, or the bits of a failure.
fn is_answer(octets: &[u8]) -> bool {
    let Some((0x30, [0x02, 0x01, status, rest @ ..])) = ber::first_inside(octets) else {
        return false;
    };
    let words = || ber::first_inside(rest).is_some_and(|(identifier, _)| identifier == 0x0C);
    *status < 8
        && match rest.first() {
            None | Some(0x00 | 0x03) => true,
            Some(0x30) => words(),
            Some(_) => false,
        }
}

fn content_type(octets: &[u8]) -> Option<Oid> {
    let (identifier, content) = ber::first_inside(octets)?;
    (identifier == 0x06 && Oid::octets_are_valid(content))
        .then(|| Oid::from_checked_octets(content))
}
