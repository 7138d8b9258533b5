//! RFC 3161: what a timestamp service is asked, and whether its answer is one.
//!
//! The answer is kept as it came. What is looked at is its status, and that it is
//! about this very checkpoint; its signature is verified when somebody relies on
//! it. A plain connection to the service is no weakness: whoever alters the answer
//! breaks that signature, and the question is only a hash.

use der::asn1::{AnyRef, Null, ObjectIdentifier, OctetString, OctetStringRef};
use der::{Decode, Encode, Sequence, Tagged};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use super::error::EvidenceError;

/// The media type of a question (RFC 3161 3.4).
pub const TIMESTAMP_QUERY: &str = "application/timestamp-query";

/// The longest answer taken: a token with a chain of certificates is some 6 KiB.
pub const TIMESTAMP_MAX_BYTES: usize = 256 << 10;

/// id-sha256 (RFC 5754).
const SHA256_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// id-signedData (RFC 5652 section 5.1).
const SIGNED_DATA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// id-ct-TSTInfo (RFC 3161 section 2.4.2).
const TST_INFO_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// `TimeStampReq` (RFC 3161 2.4.1), without a policy and without extensions.
#[derive(Sequence)]
struct TimeStampReq {
    version: u8,
    message_imprint: MessageImprint,
    nonce: u64,
    cert_req: bool,
}

#[derive(Sequence)]
struct MessageImprint {
    hash_algorithm: AlgorithmIdentifier,
    hashed_message: OctetString,
}

#[derive(Sequence)]
struct AlgorithmIdentifier {
    algorithm: ObjectIdentifier,
    parameters: Null,
}

/// A question to a timestamp service about a checkpoint's note.
#[derive(Debug, Clone)]
pub struct TimestampQuery {
    note: String,
    nonce: u64,
    der: Vec<u8>,
}

impl TimestampQuery {
    /// A question about the whole note, its signatures included, so that they are
    /// known to have been there when it was answered. It carries a fresh nonce.
    ///
    /// # Errors
    /// [`EvidenceError::Timestamp`] when the system gives no randomness.
    pub fn about(note: &str) -> Result<Self, EvidenceError> {
        let mut nonce = [0; 8];
        let random = SystemRandom::new().fill(&mut nonce);
        random.map_err(|_| fault("the system gives no randomness"))?;
        let nonce = u64::from_be_bytes(nonce);
        let hash = digest(&SHA256, note.as_bytes());
        let hashed_message = OctetString::new(hash.as_ref()).map_err(encoding)?;
        let request = TimeStampReq {
            version: 1,
            message_imprint: MessageImprint {
                hash_algorithm: AlgorithmIdentifier { algorithm: SHA256_OID, parameters: Null },
                hashed_message,
            },
            nonce,
            // The service's certificates shall be in the answer: it outlives them.
            cert_req: true,
        };
        Ok(Self { note: note.to_owned(), nonce, der: request.to_der().map_err(encoding)? })
    }

    /// The question as it is sent.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The note asked about.
    pub(crate) fn note(&self) -> &str {
        &self.note
    }

    /// Whether `answer` grants a token for this question.
    ///
    /// # Errors
    /// [`EvidenceError::Timestamp`]: what is wrong with it, or why it was refused.
    pub fn check(&self, answer: &[u8]) -> Result<(), EvidenceError> {
        let token = read(answer)?;
        let hash = digest(&SHA256, self.note.as_bytes());
        if token.imprint != hash.as_ref() {
            return Err(fault("it is about something else"));
        }
        if token.nonce != Some(self.nonce) {
            return Err(fault("it answers another question"));
        }
        Ok(())
    }
}

/// What is looked at of a token (`TSTInfo`, RFC 3161 2.4.2).
struct Token {
    imprint: Vec<u8>,
    nonce: Option<u64>,
}

/// `TimeStampResp`, `ContentInfo`, `SignedData`, `EncapsulatedContentInfo`,
/// `TSTInfo`: the way down to what was signed.
fn read(answer: &[u8]) -> Result<Token, EvidenceError> {
    let response = fields(AnyRef::from_der(answer).map_err(decoding)?)?;
    granted(at(&response, 0)?)?;
    let content_info = fields(at(&response, 1)?)?;
    expect(at(&content_info, 0)?, SIGNED_DATA_OID, "it is not signed")?;
    let signed_data = fields(inside(at(&content_info, 1)?)?)?;
    let encapsulated = fields(at(&signed_data, 2)?)?;
    expect(at(&encapsulated, 0)?, TST_INFO_OID, "what is signed is no timestamp")?;
    let content = inside(at(&encapsulated, 1)?)?;
    let content: &OctetStringRef = content.decode_as().map_err(decoding)?;
    let info = fields(AnyRef::from_der(content.as_bytes()).map_err(decoding)?)?;
    let imprint = fields(at(&info, 2)?)?;
    let algorithm = fields(at(&imprint, 0)?)?;
    expect(at(&algorithm, 0)?, SHA256_OID, "it is about another kind of hash")?;
    // Behind serial number and time, the nonce is the only bare integer.
    let nonce = info.iter().skip(5).find(|field| field.tag() == der::Tag::Integer);
    Ok(Token {
        imprint: at(&imprint, 1)?.value().to_vec(),
        nonce: nonce.map(|nonce| nonce.decode_as()).transpose().map_err(decoding)?,
    })
}

/// `PKIStatusInfo`: granted, or granted with modifications.
fn granted(info: AnyRef<'_>) -> Result<(), EvidenceError> {
    let info = fields(info)?;
    let status: u8 = at(&info, 0)?.decode_as().map_err(decoding)?;
    if status <= 1 {
        return Ok(());
    }
    let text = info.iter().skip(1).find_map(|field| {
        let lines = fields(*field).ok()?;
        Some(String::from_utf8_lossy(lines.first()?.value()).into_owned())
    });
    let text = text.unwrap_or_else(|| "no reason given".to_owned());
    Err(EvidenceError::Timestamp(format!("refused with status {status}: {text}")))
}

fn fields(sequence: AnyRef<'_>) -> Result<Vec<AnyRef<'_>>, EvidenceError> {
    sequence.decode_as().map_err(decoding)
}

/// What an explicit tag holds.
fn inside(tagged: AnyRef<'_>) -> Result<AnyRef<'_>, EvidenceError> {
    AnyRef::from_der(tagged.value()).map_err(decoding)
}

fn expect(
    field: AnyRef<'_>,
    expected: ObjectIdentifier,
    otherwise: &str,
) -> Result<(), EvidenceError> {
    let found: ObjectIdentifier = field.decode_as().map_err(decoding)?;
    if found == expected { Ok(()) } else { Err(fault(otherwise)) }
}

fn at<'a>(fields: &[AnyRef<'a>], place: usize) -> Result<AnyRef<'a>, EvidenceError> {
    fields.get(place).copied().ok_or_else(|| fault("the answer is incomplete"))
}

fn fault(problem: &str) -> EvidenceError {
    EvidenceError::Timestamp(problem.to_owned())
}

fn encoding(error: der::Error) -> EvidenceError {
    EvidenceError::Timestamp(format!("the question does not encode: {error}"))
}

fn decoding(error: der::Error) -> EvidenceError {
    EvidenceError::Timestamp(format!("the answer does not read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let short = u8::try_from(length).unwrap();
        let head = if short < 128 { vec![tag, short] } else { vec![tag, 0x81, short] };
        [head, content.to_vec()].concat()
    }

    /// An answer of this status with a token of this imprint and nonce, unsigned.
    fn answer(status: u8, imprint: &[u8], nonce: &[u8]) -> Vec<u8> {
        answer_of([SHA256_OID, TST_INFO_OID, SIGNED_DATA_OID], status, imprint, nonce)
    }

    fn answer_of(oids: [ObjectIdentifier; 3], status: u8, imprint: &[u8], nonce: &[u8]) -> Vec<u8> {
        let [hash, info_type, type_of_all] = oids.map(|oid| oid.to_der().unwrap());
        let algorithm = tlv(0x30, &[&hash[..], &[5, 0]].concat());
        let message_imprint = tlv(0x30, &[algorithm, tlv(4, imprint)].concat());
        let time = tlv(0x18, b"20261123080000Z");
        let info = [tlv(2, &[1]), hash, message_imprint, tlv(2, &[7]), time, nonce.to_vec()];
        let content = tlv(0xa0, &tlv(4, &tlv(0x30, &info.concat())));
        let encapsulated = tlv(0x30, &[info_type, content].concat());
        let signed_data = tlv(0x30, &[tlv(2, &[3]), tlv(0x31, &[]), encapsulated].concat());
        let token = tlv(0x30, &[type_of_all, tlv(0xa0, &signed_data)].concat());
        tlv(0x30, &[tlv(0x30, &tlv(2, &[status])), token].concat())
    }

    fn why(query: &TimestampQuery, answer: &[u8]) -> String {
        query.check(answer).unwrap_err().to_string()
    }

    #[test]
    fn only_an_answer_to_this_question_is_taken() {
        let query = TimestampQuery::about("note").unwrap();
        let hash = digest(&SHA256, b"note");
        let nonce = query.nonce.to_der().unwrap();
        for granted in [0, 1] {
            query.check(&answer(granted, hash.as_ref(), &nonce)).unwrap();
        }
        assert!(why(&query, &answer(2, hash.as_ref(), &nonce)).contains("status 2"));
        assert!(why(&query, &answer(0, &[0; 32], &nonce)).contains("something else"));
        assert!(why(&query, &answer(0, hash.as_ref(), &[])).contains("another question"));
        let other = TimestampQuery::about("note").unwrap();
        assert_ne!(other.der(), query.der(), "every question has its own nonce");
        assert!(why(&other, &answer(0, hash.as_ref(), &nonce)).contains("another question"));
        let whole = answer(0, hash.as_ref(), &nonce);
        for cut in 0..whole.len() {
            why(&query, &whole[..cut]);
        }
    }

    #[test]
    fn a_token_of_another_kind_is_refused_by_what_it_is() {
        let query = TimestampQuery::about("note").unwrap();
        let (hash, nonce) = (digest(&SHA256, b"note"), query.nonce.to_der().unwrap());
        let right = [SHA256_OID, TST_INFO_OID, SIGNED_DATA_OID];
        let told = ["another kind of hash", "no timestamp", "not signed"];
        for (at, told) in told.into_iter().enumerate() {
            let mut oids = right;
            oids[at] = ObjectIdentifier::new_unwrap("1.2.3");
            assert!(why(&query, &answer_of(oids, 0, hash.as_ref(), &nonce)).contains(told));
        }
    }

    #[test]
    fn a_refusal_is_told_in_the_services_words() {
        let query = TimestampQuery::about("note").unwrap();
        let text = tlv(0x30, &tlv(0x0c, b"bad request"));
        let status = tlv(0x30, &[tlv(2, &[2]), text].concat());
        assert!(why(&query, &tlv(0x30, &status)).contains("bad request"));
    }
}
