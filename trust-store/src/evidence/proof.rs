//! Proofs as texts: of a record (C2SP tlog-proof), and of growth (the body that a
//! C2SP tlog-witness takes).

use std::fmt::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tongxing_pki::Timestamp;

use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::note::{EvidenceKey, NoteError};
use crate::journal::{self, DamageKind, Record, TreeHash, sequence_of};
use crate::profile::RecordProfile;

/// The first line of a proof.
pub const PROOF_HEADER: &str = "c2sp.org/tlog-proof@v1";

/// No tree of fewer than 2^63 leaves needs a longer proof (tlog-witness).
const MAX_HASHES: usize = 63;

/// Why a proof was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not the form of a proof.
    #[error("not a proof: {problem}")]
    Form {
        /// What about it.
        problem: &'static str,
    },
    /// What is in it is no record.
    #[error("the record: {0}")]
    Record(#[source] DamageKind),
    /// Its checkpoint does not read, or was not signed by a key that is known.
    #[error("its checkpoint: {0}")]
    Checkpoint(#[from] NoteError),
    /// The record is not in the tree that the checkpoint is of.
    #[error("record {sequence} as it stands here is not in the record that was signed")]
    NotIncluded {
        /// The record's number.
        sequence: u64,
    },
}

/// That a record is in the tree of a checkpoint: everything needed to check it is
/// here, but the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordProof {
    /// From 1; its index in the tree is one less.
    sequence: u64,
    /// The record as it stands in the journal: the leaf.
    frame: Vec<u8>,
    /// From the leaf's sibling up.
    hashes: Vec<TreeHash>,
    checkpoint: SignedCheckpoint,
}

impl RecordProof {
    /// The hashes lead from the record to the checkpoint's root.
    pub(crate) fn new(
        record: &Record,
        hashes: Vec<TreeHash>,
        checkpoint: SignedCheckpoint,
    ) -> Self {
        let (sequence, frame) = (record.sequence(), record.frame().to_vec());
        Self { sequence, frame, hashes, checkpoint }
    }

    /// The record's number.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// What the record says; to be believed after [`Self::verify`] only.
    ///
    /// # Errors
    /// [`ProofError::Record`] when what is in the proof is no record.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, ProofError> {
        Ok(self.record()?.payload().to_vec())
    }

    /// When its writer's clock says that it was made; to be believed likewise.
    ///
    /// # Errors
    /// As [`Self::payload`].
    pub(crate) fn made(&self) -> Result<Timestamp, ProofError> {
        Ok(Timestamp::from_unix(self.record()?.time_millis().div_euclid(1000)))
    }

    fn record(&self) -> Result<Record, ProofError> {
        let (frame, profile) = (self.frame.clone(), RecordProfile::Standard);
        Record::of_frame(frame, profile, None).map_err(ProofError::Record)
    }

    /// Of a tree that holds the record.
    pub fn checkpoint(&self) -> &Checkpoint {
        self.checkpoint.checkpoint()
    }

    /// The text form. The frame travels as the extra data, which proves nothing
    /// by itself: its hash must lead to the root.
    pub fn render(&self) -> String {
        let (extra, index) = (STANDARD.encode(&self.frame), self.sequence - 1);
        let mut text = format!("{PROOF_HEADER}\nextra {extra}\nindex {index}\n");
        push_hashes(&mut text, &self.hashes);
        text.push('\n');
        text.push_str(self.checkpoint.note());
        text
    }

    /// Reads the text form, believing nothing.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let fault = |problem| ProofError::Form { problem };
        let (head, note) = text.split_once("\n\n").ok_or(fault("it holds no checkpoint"))?;
        let mut lines = head.split('\n');
        if lines.next() != Some(PROOF_HEADER) {
            return Err(fault("it does not begin with c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.next().and_then(|line| line.strip_prefix("extra "));
        let extra = extra.ok_or(fault("the record is not in it"))?;
        let frame = STANDARD.decode(extra).map_err(|_| fault("the record is no base64"))?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(decimal).ok_or(fault("it names no index"))?;
        let sequence = sequence_of(&frame).map_err(ProofError::Record)?;
        if index.checked_add(1) != Some(sequence) {
            return Err(fault("its index is not that of the record"));
        }
        let hashes = lines.map(hash).collect::<Option<Vec<_>>>();
        let hashes = hashes.filter(|hashes| hashes.len() <= MAX_HASHES);
        let hashes = hashes.ok_or(fault("its hashes do not read"))?;
        let checkpoint = SignedCheckpoint::parse(note)?;
        Ok(Self { sequence, frame, hashes, checkpoint })
    }

    /// Whether the record is in the tree that one of `keys` signed.
    pub fn verify<'a>(&self, keys: &'a [EvidenceKey]) -> Result<&'a EvidenceKey, ProofError> {
        let by = self.checkpoint.verify(keys)?;
        let signed = self.checkpoint.checkpoint();
        let profile = by.profile();
        let leaf = journal::leaf_hash(profile, &self.frame);
        let (index, sequence) = (self.sequence - 1, self.sequence);
        if journal::verify_inclusion(profile, &signed.root, signed.size, index, leaf, &self.hashes)
        {
            Ok(by)
        } else {
            Err(ProofError::NotIncluded { sequence })
        }
    }
}

/// That the tree of `old_size` records is the beginning of the checkpoint's: the
/// body of tlog-witness's `add-checkpoint`, which witnesses take as it is.
pub(crate) fn render_growth(
    old_size: u64,
    hashes: &[TreeHash],
    checkpoint: &SignedCheckpoint,
) -> String {
    let mut text = format!("old {old_size}\n");
    push_hashes(&mut text, hashes);
    text.push('\n');
    text.push_str(checkpoint.note());
    text
}

fn push_hashes(text: &mut String, hashes: &[TreeHash]) {
    for hash in hashes {
        // Writing to a string does not fail.
        _ = writeln!(text, "{}", STANDARD.encode(hash));
    }
}

fn decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}

fn hash(line: &str) -> Option<TreeHash> {
    STANDARD.decode(line).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::ManualClock;
    use crate::evidence::note::EvidenceSigner;
    use crate::journal::{FileJournal, Journal, JournalOptions};

    const ORIGIN: &str = "tongxing.test";
    const PROFILE: RecordProfile = RecordProfile::Gm;

    fn signer() -> EvidenceSigner {
        EvidenceSigner::from_seed(PROFILE, ORIGIN, &[5; 32]).unwrap()
    }

    fn proof(sequence: u64, size: u64) -> RecordProof {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at_millis(1));
        let options = JournalOptions::default().profile(PROFILE);
        let journal = FileJournal::create(&folder.path().join("j"), clock, &options).unwrap();
        for number in 1..=size {
            journal.append(format!("record {number}").into()).wait().unwrap();
        }
        let record = journal.read_from(sequence).unwrap().next().unwrap().unwrap();
        let hashes = journal.prove_inclusion(sequence - 1, size).unwrap();
        let root = journal.root_at(size).unwrap();
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root };
        let checkpoint = SignedCheckpoint::sign(checkpoint, &[&signer()]).unwrap();
        RecordProof::new(&record, hashes, checkpoint)
    }

    #[test]
    fn a_proof_reads_as_it_was_written_and_holds() {
        for (sequence, size) in [(1, 1), (1, 2), (5, 7), (7, 7), (8, 21)] {
            let proof = proof(sequence, size);
            let read = RecordProof::parse(&proof.render()).unwrap();
            assert_eq!(read, proof);
            read.verify(&[signer().key().clone()]).unwrap();
        }
    }

    #[test]
    fn every_changed_byte_of_a_proof_is_seen() {
        let text = proof(5, 11).render();
        let keys = [signer().key().clone()];
        for at in 0..text.len() {
            for change in [1, 0x20, 0x80] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= change;
                let Ok(changed) = String::from_utf8(bytes) else { continue };
                let holds = RecordProof::parse(&changed).is_ok_and(|p| p.verify(&keys).is_ok());
                assert!(!holds, "byte {at}: {changed}");
            }
        }
    }
}
