//! RFC 3161: what a timestamp service is asked, and whether its answer is one.
//!
//! The answer is kept as it came. What is looked at is its status, and that it is
//! about this very checkpoint; its signature is verified when somebody relies on
//! it, and by `audit verify`. A plain connection to the service is no weakness: whoever alters the answer
//! breaks that signature, and the question is only a hash.

use der::asn1::{Null, ObjectIdentifier, OctetString};
use der::{Encode, Sequence};
use ring::rand::{SecureRandom, SystemRandom};
use tongxing_pki::{
    Anchors, Content, DigestAlgorithm, DocumentBudget, DocumentFormat, Hash, Level, PathOptions,
    Purpose, SignatureRules, Timestamp, TimestampToken, read_document, validate_path,
};

use super::error::EvidenceError;

/// The media type of a question (RFC 3161 3.4).
pub const TIMESTAMP_QUERY: &str = "application/timestamp-query";

/// The longest answer taken: a token with a chain of certificates is some 6 KiB.
pub const TIMESTAMP_MAX_BYTES: usize = 256 << 10;

/// id-sha256 (RFC 5754).
const SHA256_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

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
        let hash = Hash::Sha256.digest(note.as_bytes());
        let hashed_message = OctetString::new(hash.to_vec()).map_err(encoding)?;
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
        let info = token.info();
        if info.algorithm != DigestAlgorithm::Known(Hash::Sha256) {
            return Err(fault("it is about another kind of hash"));
        }
        if *info.imprint != *Hash::Sha256.digest(self.note.as_bytes()) {
            return Err(fault("it is about something else"));
        }
        let asked = self.nonce.to_der().map_err(encoding)?;
        // Behind its tag and its length, which is short.
        if info.nonce.as_deref() != asked.get(2..) {
            return Err(fault("it answers another question"));
        }
        Ok(())
    }
}

/// Verifies an answer that was kept with a note: what it says of itself, and whether a path
/// leads from whoever signed it to one of the `anchors` of that time. `None` where none
/// does: nothing is wrong then, and nothing proven.
///
/// # Errors
/// [`EvidenceError::Timestamp`]: it does not read, is about another note, or its signature
/// does not verify.
pub(crate) fn verify_kept(
    note: &str,
    answer: &[u8],
    anchors: impl FnOnce(Timestamp) -> Anchors,
) -> Result<Option<Timestamp>, EvidenceError> {
    let unreadable = |error| EvidenceError::Timestamp(format!("the answer does not read: {error}"));
    let document = read_document(answer, Some(DocumentFormat::Timestamp)).map_err(unreadable)?;
    let examined =
        document.examine(Content::Octets(note.as_bytes()), &[], &SignatureRules::default());
    let Some(judged) = examined.timestamps.first() else {
        return Err(fault("it holds no token"));
    };
    let failed = judged.report.findings().iter().find(|one| one.level() == Level::Failed);
    if let Some(failed) = failed {
        return Err(fault(failed.code().title.en));
    }
    let Some(certificate) = &judged.certificate else { return Ok(None) };
    let time = judged.token.info().time;
    let options = PathOptions::new(time).for_purpose(Purpose::TimeStamping);
    let pools = [judged.token.message().certificates()];
    let path = validate_path(certificate, &anchors(time), &pools, &options).path;
    Ok(path.map(|_| time))
}

/// The token that an answer grants.
fn read(answer: &[u8]) -> Result<TimestampToken, EvidenceError> {
    let mut budget = DocumentBudget::default();
    budget.octets = TIMESTAMP_MAX_BYTES;
    TimestampToken::parse(answer, &budget)
        .map_err(|error| EvidenceError::Timestamp(format!("the answer does not read: {error}")))
}

fn fault(problem: &str) -> EvidenceError {
    EvidenceError::Timestamp(problem.to_owned())
}

fn encoding(error: der::Error) -> EvidenceError {
    EvidenceError::Timestamp(format!("the question does not encode: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED_DATA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
    const TST_INFO_OID: ObjectIdentifier =
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
        let head = match length {
            0..128 => vec![tag, low],
            128..256 => vec![tag, 0x81, low],
            _ => vec![tag, 0x82, high, low],
        };
        [head, content.to_vec()].concat()
    }

    /// Whoever signed it, with an empty signature: that is verified when somebody relies on
    /// it.
    fn signer(hash: &[u8]) -> Vec<u8> {
        let hash = tlv(0x30, hash);
        let id = tlv(0x30, &[tlv(0x30, &[]), tlv(2, &[1])].concat());
        tlv(0x30, &[tlv(2, &[1]), id, hash.clone(), hash, tlv(4, &[])].concat())
    }

    /// An answer of this status with a token of this imprint and nonce.
    fn answer(status: u8, imprint: &[u8], nonce: &[u8]) -> Vec<u8> {
        answer_of([SHA256_OID, TST_INFO_OID, SIGNED_DATA_OID], status, imprint, nonce)
    }

    fn answer_of(oids: [ObjectIdentifier; 3], status: u8, imprint: &[u8], nonce: &[u8]) -> Vec<u8> {
        let [hash, info_type, type_of_all] = oids.map(|oid| oid.to_der().unwrap());
        let algorithm = tlv(0x30, &[&hash[..], &[5, 0]].concat());
        let message_imprint = tlv(0x30, &[algorithm, tlv(4, imprint)].concat());
        let time = tlv(0x18, b"20261123080000Z");
        let policy = TST_INFO_OID.to_der().unwrap();
        let signer = signer(&hash);
        let info = [tlv(2, &[1]), policy, message_imprint, tlv(2, &[7]), time, nonce.to_vec()];
        let content = tlv(0xa0, &tlv(4, &tlv(0x30, &info.concat())));
        let encapsulated = tlv(0x30, &[info_type, content].concat());
        let signers = tlv(0x31, &signer);
        let signed_data =
            tlv(0x30, &[tlv(2, &[3]), tlv(0x31, &[]), encapsulated, signers].concat());
        let token = tlv(0x30, &[type_of_all, tlv(0xa0, &signed_data)].concat());
        tlv(0x30, &[tlv(0x30, &tlv(2, &[status])), token].concat())
    }

    fn why(query: &TimestampQuery, answer: &[u8]) -> String {
        query.check(answer).unwrap_err().to_string()
    }

    #[test]
    fn only_an_answer_to_this_question_is_taken() {
        let query = TimestampQuery::about("note").unwrap();
        let hash = Hash::Sha256.digest(b"note");
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
        let (hash, nonce) = (Hash::Sha256.digest(b"note"), query.nonce.to_der().unwrap());
        let right = [SHA256_OID, TST_INFO_OID, SIGNED_DATA_OID];
        let told = ["another kind of hash", "unknown content type 1.2.3", "unknown content type"];
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
