//! Checking a receipt without the province that gave it.
//!
//! 1. The statement's signature is verified with the keys that are trusted.
//! 2. The proof leads from a record that names the statement to a checkpoint signed by
//!    such a key; the timestamp, where there is one, to a time before which that was: by
//!    anchors that are given, else by those that the province had enrolled.
//! 3. The documents that are given are compared with those that were verified.
//! 4. Every piece of evidence has the hash that the statement names, and says what the
//!    statement says of it.
//! 5. The question is judged anew from the evidence (`replay`), and what comes out is
//!    compared with the answer that was given. What decides must be the same; a later
//!    version may make more checks than the one that judged.
//!
//! Every check that can run does: step 5 only where step 4 found nothing wrong. Nothing here
//! needs a province, or asks today's.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use tongxing_pki::{Anchors, Certificate, Code, Finding, Hash, Report, Timestamp, Verdict};

use super::codes;
use super::compare::compare;
use super::file::{ReceiptFault, ReceiptFile};
use super::jws::{self, Jws, JwsFault};
use super::replay::{Pieces, Replay, Trusted};
use super::stated::{self, StatedPart, StatedRequirements};
use super::statement::{ContentModel, EvidenceKind, QuestionModel, Statement};
use crate::change::{Change, Entry};
use crate::evidence::{EvidenceKey, NoteError, ProofError, RecordProof, verify_kept};
use crate::hex;

/// Documents up to this many octets are held, so that they can be judged again; longer
/// ones are compared by their digests. Origin: ours; a signed document of the longest
/// default has 16 MiB.
const HELD: usize = 64 << 20;

/// Seconds between a statement and its record: one follows the other at once, by the same
/// clock. Origin: ours; a gateway that is busy may take a while.
const APART: i64 = 600;

const PIECE: usize = 256 << 10;

/// The plain hashes that digests of a content are compared by.
const HASHES: [(Hash, &str); 4] = [
    (Hash::Sha256, "sha-256"),
    (Hash::Sha384, "sha-384"),
    (Hash::Sha512, "sha-512"),
    (Hash::Sm3, "sm3"),
];

/// A receipt that is to be checked, with everything that is given for it.
#[derive(Debug)]
pub struct ReceiptCheck {
    file: ReceiptFile,
    jws: Jws,
    statement: Statement,
    given: Vec<Given>,
    timestamp_anchors: Anchors,
}

/// A document that was given.
#[derive(Debug)]
struct Given {
    name: String,
    digests: BTreeMap<&'static str, Vec<u8>>,
    /// Where it is not too long.
    octets: Option<Vec<u8>>,
}

/// What a receipt states, for whoever reads it.
#[derive(Debug, Clone, Serialize)]
pub struct StatedReceipt {
    /// The gateway.
    pub issuer: String,
    /// The platform.
    pub relying_party: String,
    /// The number of its record.
    pub record: u64,
    /// When it was given.
    pub time: Timestamp,
    /// `document` or `certificate`.
    pub kind: &'static str,
    /// The verdict that was given.
    pub verdict: Verdict,
    /// Whether a later list could still overturn it.
    pub provisional: bool,
    /// What was verified, by its digests.
    pub verified: Vec<StatedPart>,
    /// What was required, of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<StatedRequirements>,
    /// Hex SHA-256 of all that was trusted.
    pub trust_sha256: String,
    /// The answer that was given.
    pub report: Value,
}

/// What checking a receipt came to.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptVerification {
    /// Whether the receipt holds; what it states is in `stated`.
    pub verdict: Verdict,
    /// Every check that ran.
    pub findings: Report,
    /// What it states; to be believed if `verdict` is passed.
    pub stated: StatedReceipt,
    /// The key that signed it, where that is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
    /// The answer as it came out anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub derived: Option<Value>,
}

impl ReceiptCheck {
    /// Reads a receipt, believing nothing.
    ///
    /// # Errors
    /// [`ReceiptFault`] when it does not read.
    pub fn new(file: ReceiptFile) -> Result<Self, ReceiptFault> {
        let form = |fault: JwsFault| ReceiptFault::Form(fault.to_string());
        let jws = Jws::parse(file.receipt(), jws::RECEIPT).map_err(form)?;
        let unknown = || ReceiptFault::Form("its statement does not read".to_owned());
        let statement = Statement::read(&jws.payload).ok_or_else(unknown)?;
        let (given, timestamp_anchors) = (Vec::new(), Anchors::new());
        Ok(Self { file, jws, statement, given, timestamp_anchors })
    }

    /// Asks for a timestamp that leads to the key of this certificate, or of another that is
    /// given so. Where none is, those count that were enrolled by the receipt itself: who
    /// has the evidence key could have named their own.
    pub fn trust_timestamps(&mut self, anchor: Certificate) {
        self.timestamp_anchors.insert(anchor);
    }

    /// Takes a document in: the signed one, or its content.
    ///
    /// # Errors
    /// Whatever reading it fails of.
    pub fn give(&mut self, name: &str, mut document: impl Read) -> io::Result<()> {
        let mut hashers = HASHES.map(|(hash, name)| (name, hash.hasher()));
        let mut held = Some(Vec::new());
        let mut piece = vec![0; PIECE];
        loop {
            let read = document.read(&mut piece)?;
            if read == 0 {
                break;
            }
            for (_, hasher) in &mut hashers {
                hasher.update(&piece[..read]);
            }
            held = held.filter(|held| held.len() + read <= HELD);
            if let Some(held) = &mut held {
                held.extend_from_slice(&piece[..read]);
            }
        }
        let digests = hashers.map(|(name, hasher)| (name, hasher.finish().to_vec()));
        let (name, digests) = (name.to_owned(), BTreeMap::from(digests));
        self.given.push(Given { name, digests, octets: held });
        Ok(())
    }

    /// The hashes of the evidence that is named and not here: what is to be fetched, or
    /// given as a document.
    pub fn missing(&self) -> Vec<String> {
        let named = self.statement.evidence.iter().map(|piece| &piece.sha256);
        named.filter(|sha256| self.file.evidence(sha256).is_none()).cloned().collect()
    }

    /// Checks it, trusting these keys.
    pub fn run(self, keys: &[EvidenceKey]) -> ReceiptVerification {
        let mut report = Report::new();
        let signed_by = self.check_signature(keys, &mut report);
        self.check_proof(keys, signed_by, &mut report);
        if !self.timestamp_anchors.is_empty() {
            let given = |_| self.timestamp_anchors.clone();
            self.check_timestamp(given, TimestampTrust::Given, &mut report);
        }
        let (pieces, is_whole) = self.check_evidence(&mut report);
        let pieces = Arc::new(pieces);
        self.check_documents(&pieces, &mut report);
        let derived = if is_whole {
            self.check_derivation(&pieces, &mut report)
        } else {
            // What came out without it would say nothing of the receipt.
            let why = "some of the evidence is not as it was";
            report.push(Finding::indeterminate(&codes::NOT_DERIVED).seen(why));
            None
        };
        if self.statement.provisional {
            report.push(Finding::info(&codes::PROVISIONAL));
        }
        let stated = self.stated();
        ReceiptVerification {
            verdict: report.verdict(),
            findings: report,
            stated,
            signed_by: signed_by.map(ToString::to_string),
            derived,
        }
    }

    /// What it states, before anything of it was checked.
    pub fn stated(&self) -> StatedReceipt {
        let statement = &self.statement;
        StatedReceipt {
            issuer: statement.iss.clone(),
            relying_party: statement.relying_party.to_string(),
            record: self.file.record(),
            time: Timestamp::from_unix(statement.iat),
            kind: match statement.question {
                QuestionModel::Document(_) => "document",
                QuestionModel::Certificate(_) => "certificate",
            },
            verdict: statement.verdict,
            provisional: statement.provisional,
            verified: stated::parts(&statement.question),
            required: stated::requirements(&statement.question),
            trust_sha256: statement.trust.sha256.clone(),
            report: statement.report.clone(),
        }
    }

    /// Step 1.
    fn check_signature<'k>(
        &self,
        keys: &'k [EvidenceKey],
        report: &mut Report,
    ) -> Option<&'k EvidenceKey> {
        let finding = match self.jws.verify(keys) {
            Ok(key) => {
                report.push(Finding::passed(&codes::SIGNED).seen(key));
                return Some(key);
            }
            Err(fault @ JwsFault::UnknownKey { .. }) => {
                Finding::indeterminate(&codes::KEY_UNKNOWN).seen(fault)
            }
            Err(fault) => Finding::failed(&codes::ALTERED).seen(fault),
        };
        report.push(finding);
        None
    }

    /// Step 2. Keys of several provinces may be trusted: one province's record says nothing
    /// of what another one signed.
    fn check_proof(
        &self,
        keys: &[EvidenceKey],
        signed_by: Option<&EvidenceKey>,
        report: &mut Report,
    ) {
        let of_signer = |key: &&EvidenceKey| signed_by.is_none_or(|own| own.name() == key.name());
        let keys: Vec<EvidenceKey> = keys.iter().filter(of_signer).cloned().collect();
        let proof = RecordProof::parse(self.file.proof());
        let verified = proof.and_then(|proof| proof.verify(&keys).map(drop).map(|()| proof));
        let finding = match verified {
            // Nobody says that it is false; nobody who is trusted says that it is true.
            Err(unknown @ ProofError::Checkpoint(NoteError::Unsigned { .. })) => {
                Finding::indeterminate(&codes::NOT_RECORDED).seen(unknown)
            }
            Err(error) => Finding::failed(&codes::NOT_RECORDED).seen(error),
            Ok(proof) => match self.recorded(&proof) {
                Ok(size) => Finding::passed(&codes::RECORDED)
                    .seen(format_args!("record {} of {size}", self.file.record())),
                Err(why) => Finding::failed(&codes::NOT_RECORDED).seen(why),
            },
        };
        report.push(finding);
    }

    /// Whether the record that was proven is that of this statement.
    fn recorded(&self, proof: &RecordProof) -> Result<u64, String> {
        if proof.sequence() != self.file.record() {
            return Err(format!("it is of record {}", proof.sequence()));
        }
        let payload = proof.payload().map_err(|error| error.to_string())?;
        let entry = serde_json::from_slice::<Entry>(&payload).map_err(|error| error.to_string())?;
        let Change::VerificationRecorded(recorded) = entry.change else {
            return Err("its record is of something else than a verification".to_owned());
        };
        let stated = hex::sha256(&self.jws.payload);
        if recorded.statement != stated {
            return Err(format!("its record names the statement {}", recorded.statement));
        }
        let made = proof.made().map_err(|error| error.to_string())?;
        let stated = Timestamp::from_unix(self.statement.iat);
        if made.seconds_since(stated).abs() > APART {
            return Err(format!("its record was made at {made}, and it states {stated}"));
        }
        Ok(proof.checkpoint().size)
    }

    /// Step 4, but for what the pieces say.
    fn check_evidence(&self, report: &mut Report) -> (Pieces, bool) {
        let mut pieces = Pieces::default();
        for octets in self.given.iter().filter_map(|given| given.octets.as_ref()) {
            pieces.insert(octets.clone());
        }
        let (mut whole, mut count) = (true, 0);
        for model in &self.statement.evidence {
            let told =
                |finding: Finding| finding.about(model.kind.as_str()).expected(&model.sha256);
            count += 1;
            match self.file.evidence(&model.sha256) {
                Some(octets) if hex::sha256(octets) == model.sha256 => {
                    pieces.insert(octets.to_vec());
                }
                Some(octets) => {
                    whole = false;
                    let finding = Finding::failed(&codes::EVIDENCE_ALTERED);
                    report.push(told(finding).seen(hex::sha256(octets)));
                }
                None if pieces.get(&model.sha256).is_some() => {}
                None if model.kind == EvidenceKind::Content && self.content_is_given() => {}
                None => {
                    whole = false;
                    report.push(told(Finding::indeterminate(&codes::EVIDENCE_MISSING)));
                }
            }
        }
        if whole {
            report.push(Finding::passed(&codes::EVIDENCE).seen(format_args!("{count} pieces")));
        }
        (pieces, whole)
    }

    /// Step 3.
    fn check_documents(&self, pieces: &Pieces, report: &mut Report) {
        for given in &self.given {
            let is_content = self.is_content(given);
            let finding = match is_content {
                _ if self.is_document(given) => Finding::passed(&codes::DOCUMENT),
                Some(true) => Finding::passed(&codes::DOCUMENT),
                Some(false) => Finding::failed(&codes::DOCUMENT_OTHER),
                None => Finding::indeterminate(&codes::DOCUMENT_NOT_COMPARED),
            };
            report.push(finding.about(&given.name).seen(given.sha256()));
        }
        let QuestionModel::Document(model) = &self.statement.question else { return };
        let here = match &model.content {
            ContentModel::None => true,
            ContentModel::Octets { sha256, .. } => pieces.get(sha256).is_some(),
            ContentModel::Digests { short, .. } => {
                short.as_ref().is_some_and(|sha256| pieces.get(sha256).is_some())
                    || self.content_is_given()
            }
        };
        if !here {
            report.push(Finding::info(&codes::DOCUMENT_NOT_GIVEN));
        }
    }

    /// Whether it is the signed document, or the content that was brought beside it.
    fn is_document(&self, given: &Given) -> bool {
        let sha256 = given.sha256();
        let is_document = |kind| matches!(kind, EvidenceKind::Signature | EvidenceKind::Content);
        let evidence = self.statement.evidence.iter();
        evidence.filter(|piece| is_document(piece.kind)).any(|piece| piece.sha256 == sha256)
    }

    fn content_is_given(&self) -> bool {
        self.given.iter().any(|given| self.is_content(given) == Some(true))
    }

    /// Whether it has every digest of the content that can be compared; `None` where there
    /// are digests and none can be: SM3 behind Z is of a key, too.
    fn is_content(&self, given: &Given) -> Option<bool> {
        let QuestionModel::Document(model) = &self.statement.question else { return Some(false) };
        let ContentModel::Digests { digests, .. } = &model.content else { return Some(false) };
        let compared = digests.iter().filter_map(|stated| {
            let own = given.digests.get(stated.algorithm.as_str())?;
            Some(own.as_slice() == stated.value.as_slice())
        });
        let compared: Vec<bool> = compared.collect();
        (!compared.is_empty()).then(|| compared.into_iter().all(|same| same))
    }

    /// Steps 4 and 5.
    fn check_derivation(&self, pieces: &Arc<Pieces>, report: &mut Report) -> Option<Value> {
        let trusted = match Trusted::read(&self.statement, pieces) {
            Ok(trusted) => trusted,
            Err(faults) => {
                let other = |fault| Finding::failed(&codes::EVIDENCE_OTHER).seen(fault);
                report.extend(faults.into_iter().map(other));
                return None;
            }
        };
        let replay = Replay::new(&self.statement, trusted, Arc::clone(pieces));
        if let (Ok(replay), true) = (&replay, self.timestamp_anchors.is_empty()) {
            let enrolled = |at| replay.snapshot.timestamp_anchors(at);
            self.check_timestamp(enrolled, TimestampTrust::Enrolled, report);
        }
        match replay.and_then(|replay| replay.derive()) {
            Ok(derived) => {
                compare(&self.statement, &derived, report);
                Some(derived)
            }
            Err(why) => {
                report.push(Finding::indeterminate(&codes::NOT_DERIVED).seen(why));
                None
            }
        }
    }

    fn check_timestamp(
        &self,
        anchors: impl FnOnce(Timestamp) -> Anchors,
        trust: TimestampTrust,
        report: &mut Report,
    ) {
        let (Some(answer), Some(note)) = (self.file.timestamp(), self.file.checkpoint_note())
        else {
            report.extend(trust.lacking(&codes::TIMESTAMP_MISSING));
            return;
        };
        report.push(match verify_kept(note, answer, anchors) {
            Ok(Some(time)) => Finding::passed(trust.code()).seen(time),
            Ok(None) => trust
                .lacking(&codes::TIMESTAMP_UNTRUSTED)
                .unwrap_or_else(|| Finding::info(&codes::TIMESTAMP_UNPROVEN)),
            Err(error) => Finding::failed(&codes::TIMESTAMP_INVALID).seen(error),
        });
    }
}

/// By whose word a timestamp counts.
#[derive(Clone, Copy)]
enum TimestampTrust {
    /// Of whoever checks.
    Given,
    /// Of the province, as it trusted then.
    Enrolled,
}

impl TimestampTrust {
    fn code(self) -> &'static Code {
        match self {
            Self::Given => &codes::TIMESTAMP,
            Self::Enrolled => &codes::TIMESTAMP_ENROLLED,
        }
    }

    /// Whoever names authorities asks for the time to be proven.
    fn lacking(self, code: &'static Code) -> Option<Finding> {
        match self {
            Self::Given => Some(Finding::indeterminate(code)),
            Self::Enrolled => None,
        }
    }
}

impl Given {
    fn sha256(&self) -> String {
        self.digests.get("sha-256").map(|digest| hex::encode(digest)).unwrap_or_default()
    }
}
