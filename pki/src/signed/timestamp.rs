//! RFC 3161 timestamps: the token as a CMS message, and what it says.
//!
//! 1. A token is CMS SignedData over a TSTInfo, with exactly one signer (RFC 3161 2.4.2).
//!    The whole answer of a service (TimeStampResp) is read too, if it granted one.
//! 2. Its cryptography is a CMS message's, with its content inside; that the signer names
//!    its certificate is a must here (RFC 3161 2.4.1, RFC 5816).
//! 3. What it is about is compared by whoever holds that: a signature, a content.
//! 4. Whether its certificate may make timestamps is a path's business
//!    ([`crate::Purpose::TimeStamping`]), at the time that it states.

use std::fmt;
use std::sync::Arc;

use crate::der::primitive::{read_time, read_unsigned};
use crate::der::reader::{Element, read_single, tag};
use crate::der::{grammar, schema};
use crate::fault::{Fault, Path, Problem};
use crate::{GeneralName, Oid, SerialNumber, Timestamp};

use super::cms;
use super::content::DigestNeed;
use super::document::{DigestAlgorithm, DocumentTimestamp, SignedContent, SignedDocument};
use super::format::{DocumentBudget, DocumentFormat, SignatureFormat};

const ROOT: &str = "timeStampToken";

/// A timestamp token, read once. Cloning is cheap.
#[derive(Clone)]
pub struct TimestampToken(Arc<Parts>);

struct Parts {
    octets: Box<[u8]>,
    message: SignedDocument,
    info: TimestampInfo,
}

/// What a timestamp says (TSTInfo, RFC 3161 2.4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimestampInfo {
    /// The policy of the authority under which it was made.
    pub policy: Oid,
    /// The hash function of what it is about.
    pub algorithm: DigestAlgorithm,
    /// The hash of what it is about.
    pub imprint: Box<[u8]>,
    /// Its number under the authority.
    pub serial: SerialNumber,
    /// When it was made, to the second; a fraction is dropped.
    pub time: Timestamp,
    /// How far the time may be off, in microseconds; `None` where it does not say.
    pub accuracy_micros: Option<u64>,
    /// The number of the question that it answers, as DER INTEGER content.
    pub nonce: Option<Box<[u8]>>,
    /// The authority's name, where it states one.
    pub authority: Option<GeneralName>,
}

/// Signers and counter-signers that a token is read with, to say that there is one too many.
const MAX_SIGNERS: usize = 4;

impl TimestampToken {
    /// Reads a token, or the answer of a service that granted one.
    ///
    /// # Errors
    /// A [`Fault`]: it is malformed, signed by more or less than one, about something
    /// that is no TSTInfo, a refusal, or beyond the budget.
    pub fn parse(octets: &[u8], budget: &DocumentBudget) -> Result<Self, Fault> {
        // What is about the token itself proves nothing here, and is not read.
        let own = DocumentBudget { signers: MAX_SIGNERS, timestamps: 0, ..*budget };
        let message = match cms::granted_token(octets, budget)? {
            Some(token) => cms::parse(&token, &own)?,
            None => cms::parse(octets, &own)?,
        };
        let [signer] = &message.signers[..] else {
            let problem = match message.signers.len() {
                0 => Problem::Missing,
                _ => Problem::MoreThanOne,
            };
            return Err(Fault::new("timeStampToken.signerInfos", problem));
        };
        if signer.content_type != Some(Oid::CT_TST_INFO) {
            let found = signer.content_type.as_ref().map_or_else(String::new, Oid::to_string);
            return Err(Fault::new(ROOT, Problem::UnknownContentType { oid: found }));
        }
        let [SignedContent::Embedded(content)] = &message.contents[..] else {
            return Err(Fault::new("timeStampToken.eContent", Problem::Missing));
        };
        let info = TimestampInfo::parse(content)?;
        Ok(Self(Arc::new(Parts { octets: octets.into(), message, info })))
    }

    /// As it was read.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0.octets
    }

    /// What it says.
    #[must_use]
    pub fn info(&self) -> &TimestampInfo {
        &self.0.info
    }

    /// The CMS message that it is: its one signer is the authority.
    #[must_use]
    pub fn message(&self) -> &SignedDocument {
        &self.0.message
    }

    /// The digest of what it is about, if it can be computed.
    pub(super) fn need(&self) -> Option<DigestNeed> {
        self.info().algorithm.hash().map(DigestNeed::Plain)
    }
}

impl fmt::Debug for TimestampToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimestampToken({})", self.info().time)
    }
}

impl TimestampInfo {
    fn parse(der: &[u8]) -> Result<Self, Fault> {
        let path = Path::implied_root("tstInfo");
        schema::walk(der, &grammar::TST_INFO, &path, &mut Vec::new())?;
        let refused = || path.fault(Problem::Refused);
        let mut fields = read_single(der).map_err(|_| refused())?.children();
        let mut next = || fields.next().ok_or_else(refused);
        let (version, policy, imprint, serial, time) =
            (next()?, next()?, next()?, next()?, next()?);
        if version.content != [1] {
            let found = read_unsigned(version.content).map_or(-1, i64::from);
            return Err(path.child("version").fault(Problem::UnknownVersion { found }));
        }
        let accuracy = fields.take_tag(tag::SEQUENCE);
        let _ordering = fields.take_tag(tag::BOOLEAN);
        let nonce = fields.take_tag(tag::INTEGER);
        let authority = fields.take_context(0);
        let mut parts = imprint.children();
        let algorithm = parts.next().ok_or_else(refused)?;
        Ok(Self {
            policy: Oid::from_checked_octets(policy.content),
            algorithm: DigestAlgorithm::from_walked(algorithm),
            imprint: parts.next().ok_or_else(refused)?.content.into(),
            serial: SerialNumber::from_bytes(serial.content).ok_or_else(refused)?,
            time: gen_time(time.content).map_err(|problem| path.child("genTime").fault(problem))?,
            accuracy_micros: accuracy.map(micros),
            nonce: nonce.map(|nonce| nonce.content.into()),
            authority: authority
                .and_then(|name| read_single(name.content).ok())
                .and_then(GeneralName::read),
        })
    }
}

/// GeneralizedTime as RFC 3161 2.4.2 has it: seconds, perhaps a fraction, `Z`.
fn gen_time(content: &[u8]) -> Result<Timestamp, Problem> {
    let whole = content.strip_suffix(b"Z").ok_or(Problem::InvalidTime)?;
    let mut halves = whole.splitn(2, |octet| *octet == b'.');
    let seconds = halves.next().unwrap_or_default();
    if let Some(fraction) = halves.next()
        && !(fraction.iter().all(u8::is_ascii_digit)
            && fraction.last().is_some_and(|last| *last != b'0'))
    {
        return Err(Problem::InvalidTime);
    }
    read_time(tag::GENERALIZED_TIME, &[seconds, b"Z"].concat())
}

/// Accuracy (RFC 3161 2.4.2): seconds, milliseconds and microseconds add up.
fn micros(accuracy: Element<'_>) -> u64 {
    let factor = |field: &Element<'_>| match field.tag {
        tag::INTEGER => 1_000_000,
        _ if field.is_context(0) => 1_000,
        _ => 1,
    };
    let part = |field: Element<'_>| {
        let count = read_unsigned(field.content).unwrap_or(u32::MAX);
        u64::from(count).saturating_mul(factor(&field))
    };
    accuracy.children().map(part).fold(0, u64::saturating_add)
}

/// A timestamp that stands alone: what it is about is elsewhere.
pub(super) struct TimestampFormat;

impl SignatureFormat for TimestampFormat {
    fn format(&self) -> DocumentFormat {
        DocumentFormat::Timestamp
    }

    fn recognises(&self, octets: &[u8]) -> bool {
        cms::seems_timestamp(octets)
    }

    fn parse(&self, octets: &[u8], budget: &DocumentBudget) -> Result<SignedDocument, Fault> {
        let token = TimestampToken::parse(octets, budget)?;
        let mut document = SignedDocument::new(DocumentFormat::Timestamp);
        document.contents.push(SignedContent::Detached);
        document.timestamps.push(DocumentTimestamp { content: 0, token, covers: Vec::new() });
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_may_have_a_fraction() {
        let read = |text: &str| gen_time(text.as_bytes()).map(|time| time.to_string());
        assert_eq!(read("20261128080000Z").as_deref(), Ok("2026-11-28T08:00:00Z"));
        assert_eq!(read("20261128080000.25Z").as_deref(), Ok("2026-11-28T08:00:00Z"));
        for bad in ["20261128080000", "20261128080000.Z", "20261128080000.50Z", "2026112808.5Z"] {
            assert_eq!(read(bad), Err(Problem::InvalidTime), "{bad}");
        }
    }
}
