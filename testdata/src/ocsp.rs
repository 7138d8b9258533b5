//! OCSP responses (RFC 6960), declared and written.

use der::asn1::AnyRef;
use der::{Decode, Tag};
use ring::digest;
use sm3::{Digest as _, Sm3};

use crate::body::{BodyElement, CertificateBody};
use crate::crl::RevocationReason;
use crate::error::TestdataError;
use crate::key::{Key, KeyAlgorithm};
use crate::moment::date_time;
use crate::name::Extension;
use crate::oid;
use crate::sm2;
use crate::value::{Value, context, tagged};

/// How a response says who signed it (RFC 6960, 4.2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponderForm {
    /// By the responder's name.
    Name,
    /// By the SHA-1 of the responder's key.
    Key,
}

/// The hash of a certificate's id (RFC 6960, 4.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspHash {
    /// SHA-1, as nearly everywhere.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SM3.
    Sm3,
}

/// What is said of a certificate (RFC 6960, 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OcspStatus {
    /// good.
    Good,
    /// revoked.
    Revoked {
        /// When, Unix seconds.
        at: i64,
        /// Why; unspecified is written by leaving the reason out.
        reason: RevocationReason,
    },
    /// unknown.
    Unknown,
}

/// What a response says about one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspAnswer {
    /// The certificate's serial, big-endian.
    pub serial: Vec<u8>,
    /// What is said of it.
    pub status: OcspStatus,
    /// When that was known, Unix seconds.
    pub this_update: i64,
    /// By when there is something newer, Unix seconds; none leaves it out.
    pub next_update: Option<i64>,
    /// The hash of the id.
    pub hash: OcspHash,
    /// Extensions; none leaves the field out.
    pub extensions: Vec<Extension>,
}

impl OcspAnswer {
    /// An answer with SHA-1 ids and without extensions.
    pub fn new(serial: impl Into<Vec<u8>>, status: OcspStatus, from: i64, until: i64) -> Self {
        Self {
            serial: serial.into(),
            status,
            this_update: from,
            next_update: Some(until),
            hash: OcspHash::Sha1,
            extensions: Vec::new(),
        }
    }
}

/// A response, declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspSpec {
    /// How it says who signed it.
    pub responder: ResponderForm,
    /// When it was signed, Unix seconds.
    pub produced_at: i64,
    /// The answers, in order.
    pub answers: Vec<OcspAnswer>,
    /// Extensions of the response; none leaves the field out.
    pub extensions: Vec<Extension>,
    /// Certificates sent along, DER; none leaves the field out.
    pub certificates: Vec<Vec<u8>>,
}

impl OcspSpec {
    /// A response by key with one answer.
    pub fn of(answer: OcspAnswer) -> Self {
        Self {
            responder: ResponderForm::Key,
            produced_at: answer.this_update,
            answers: vec![answer],
            extensions: Vec::new(),
            certificates: Vec::new(),
        }
    }

    /// The same response with one more answer.
    pub fn and(mut self, answer: OcspAnswer) -> Self {
        self.answers.push(answer);
        self
    }

    /// The same response with this certificate sent along.
    pub fn with_certificate(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.certificates.push(der.into());
        self
    }
}

/// A response that gives no answer but this status (RFC 6960, 4.2.1).
///
/// # Errors
/// When DER cannot be written.
pub fn ocsp_refusal(status: u8) -> Result<Vec<u8>, TestdataError> {
    tagged(Tag::Sequence, &tagged(Tag::Enumerated, &[status])?)
}

/// The subject of a certificate: a Name, DER.
pub(crate) fn subject_of(certificate: &[u8]) -> Result<Vec<u8>, TestdataError> {
    Ok(CertificateBody::open(certificate)?.element(BodyElement::Subject)?.to_vec())
}

/// Writes the response about certificates of `issuer`, signed by `responder`.
pub(crate) fn signed(
    spec: &OcspSpec,
    issuer: (&[u8], &Key),
    responder: (&[u8], &Key),
) -> Result<Vec<u8>, TestdataError> {
    let (name, key) = responder;
    let body = body(spec, issuer, (name, key))?;
    let mut signature = vec![0]; // no unused bits
    signature.extend(key.sign(&body)?);
    let mut basic = body;
    basic.extend(algorithm(key.algorithm())?);
    basic.extend(tagged(Tag::BitString, &signature)?);
    if !spec.certificates.is_empty() {
        let all = tagged(Tag::Sequence, &spec.certificates.concat())?;
        basic.extend(tagged(context(0, true), &all)?);
    }
    let basic = tagged(Tag::OctetString, &tagged(Tag::Sequence, &basic)?)?;
    let kind = Value::ObjectIdentifier("1.3.6.1.5.5.7.48.1.1".to_owned()).to_der()?;
    let bytes = tagged(Tag::Sequence, &[kind, basic].concat())?;
    let status = tagged(Tag::Enumerated, &[0])?;
    tagged(Tag::Sequence, &[status, tagged(context(0, true), &bytes)?].concat())
}

fn body(
    spec: &OcspSpec,
    issuer: (&[u8], &Key),
    (name, key): (&[u8], &Key),
) -> Result<Vec<u8>, TestdataError> {
    let responder = match spec.responder {
        ResponderForm::Name => tagged(context(1, true), name)?,
        ResponderForm::Key => {
            let hash = hash(OcspHash::Sha1, key.public_octets());
            tagged(context(2, true), &tagged(Tag::OctetString, &hash)?)?
        }
    };
    let mut answers = Vec::new();
    for answer in &spec.answers {
        answers.extend(single(answer, issuer)?);
    }
    let fields = [
        responder,
        time(spec.produced_at)?,
        tagged(Tag::Sequence, &answers)?,
        extensions(&spec.extensions)?,
    ];
    tagged(Tag::Sequence, &fields.concat())
}

fn single(answer: &OcspAnswer, issuer: (&[u8], &Key)) -> Result<Vec<u8>, TestdataError> {
    let next_update = match answer.next_update {
        Some(moment) => tagged(context(0, true), &time(moment)?)?,
        None => Vec::new(),
    };
    let fields = [
        id(answer, issuer)?,
        status(answer.status)?,
        time(answer.this_update)?,
        next_update,
        extensions(&answer.extensions)?,
    ];
    tagged(Tag::Sequence, &fields.concat())
}

fn id(answer: &OcspAnswer, (name, key): (&[u8], &Key)) -> Result<Vec<u8>, TestdataError> {
    let oid = match answer.hash {
        OcspHash::Sha1 => "1.3.14.3.2.26",
        OcspHash::Sha256 => "2.16.840.1.101.3.4.2.1",
        OcspHash::Sm3 => oid::SM3,
    };
    let oid = Value::ObjectIdentifier(oid.to_owned()).to_der()?;
    let mut serial = answer.serial.clone();
    if serial.first().is_some_and(|first| first & 0x80 != 0) {
        serial.insert(0, 0);
    }
    let fields = [
        tagged(Tag::Sequence, &[oid, tagged(Tag::Null, &[])?].concat())?,
        tagged(Tag::OctetString, &hash(answer.hash, name))?,
        tagged(Tag::OctetString, &hash(answer.hash, key.public_octets()))?,
        tagged(Tag::Integer, &serial)?,
    ];
    tagged(Tag::Sequence, &fields.concat())
}

fn status(status: OcspStatus) -> Result<Vec<u8>, TestdataError> {
    let OcspStatus::Revoked { at, reason } = status else {
        let number = if status == OcspStatus::Good { 0 } else { 2 };
        return tagged(context(number, false), &[]);
    };
    let mut fields = time(at)?;
    if reason != RevocationReason::Unspecified {
        let code = tagged(Tag::Enumerated, &[reason.code()])?;
        fields.extend(tagged(context(0, true), &code)?);
    }
    tagged(context(1, true), &fields)
}

/// `[1] EXPLICIT` Extensions, or nothing.
fn extensions(extensions: &[Extension]) -> Result<Vec<u8>, TestdataError> {
    if extensions.is_empty() {
        return Ok(Vec::new());
    }
    let all: Result<Vec<_>, _> = extensions.iter().map(Extension::to_value).collect();
    tagged(context(1, true), &Value::Sequence(all?).to_der()?)
}

fn algorithm(algorithm: KeyAlgorithm) -> Result<Vec<u8>, TestdataError> {
    let (oid, parameters) = match algorithm {
        KeyAlgorithm::Rsa2048 => ("1.2.840.113549.1.1.11", vec![5, 0]),
        KeyAlgorithm::EcdsaP256 => ("1.2.840.10045.4.3.2", vec![]),
        KeyAlgorithm::EcdsaP384 => ("1.2.840.10045.4.3.3", vec![]),
        KeyAlgorithm::Ed25519 => ("1.3.101.112", vec![]),
        KeyAlgorithm::Sm2 | KeyAlgorithm::Sm2EmptyUserId => return sm2::signature_algorithm(),
    };
    let fields = vec![Value::ObjectIdentifier(oid.to_owned()), Value::Raw(parameters)];
    Value::Sequence(fields).to_der()
}

fn hash(hash: OcspHash, octets: &[u8]) -> Vec<u8> {
    let algorithm = match hash {
        OcspHash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        OcspHash::Sha256 => &digest::SHA256,
        OcspHash::Sm3 => return Sm3::digest(octets).to_vec(),
    };
    digest::digest(algorithm, octets).as_ref().to_vec()
}

fn time(unix: i64) -> Result<Vec<u8>, TestdataError> {
    let at = date_time(unix)?;
    let (year, month, day) = at.to_calendar_date();
    let (hour, minute, second) = at.to_hms();
    let text = format!("{year:04}{:02}{day:02}{hour:02}{minute:02}{second:02}Z", u8::from(month));
    let element = tagged(Tag::GeneralizedTime, text.as_bytes())?;
    debug_assert!(AnyRef::from_der(&element).is_ok());
    Ok(element)
}
