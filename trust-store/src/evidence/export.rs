//! An exported part of the record, and its check with a public key alone.
//!
//! An export is text, one JSON document a line: a header with a checkpoint, the
//! records as they stand in the journal, an end. What is checked of it:
//! 1. The checkpoint in the header is signed by a key that the reader trusts.
//! 2. The records are whole, follow one another by number and by hash, and are as
//!    many as the header and the end say.
//! 3. They are the leaves at their place in the tree that was signed: from them
//!    and the hashes in the header the signed root comes out.
//!
//! Every line has one spelling only, so that no byte of a file can be changed
//! without being noticed. Nothing here needs a province, or trusts one.

use std::io::{self, BufRead};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::checkpoint::SignedCheckpoint;
use super::note::{EvidenceKey, NoteError};
use super::range::Run;
use crate::journal::{DamageKind, Position, Record, RecordHash, TreeHash, leaf_hash};
use crate::profile::RecordProfile;
use crate::seal::Base64Bytes;

/// The formats that this version writes and reads: what the records are hashed with is
/// said first, and must be what the key signs for.
fn format_of(profile: RecordProfile) -> &'static str {
    match profile {
        RecordProfile::Standard => "tongxing-export.v1",
        RecordProfile::Gm => "tongxing-export-gm.v1",
    }
}

/// The first line of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportHeader {
    /// What this is.
    format: String,
    /// The signed checkpoint that the records are checked against.
    checkpoint: String,
    /// The first record's number.
    pub first: u64,
    /// The last record's number.
    pub last: u64,
    /// The hashes of the tree around the records, left to right.
    proof: Vec<Base64Bytes>,
}

/// A record's line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportRecord {
    sequence: u64,
    frame: Base64Bytes,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportEnd {
    end: ExportSummary,
}

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportSummary {
    /// How many records.
    pub records: u64,
    /// Hex hash of the last one.
    pub head: String,
}

/// An export that was checked from its first byte to its last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifiedExport {
    /// The first record's number.
    pub first: u64,
    /// The last record's number.
    pub last: u64,
    /// Hex hash of the last record.
    pub head: String,
    /// Whose record it is of.
    pub origin: String,
    /// The size of the whole record that was signed.
    pub size: u64,
    /// The key that signed it.
    pub signed_by: String,
}

/// Why an export was not accepted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ExportError {
    /// A line is not what stands there in an export.
    #[error("line {line}: {problem}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A record is damaged, or does not follow the one before.
    #[error("line {line}: {source}")]
    Record {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        source: DamageKind,
    },
    /// The checkpoint does not read, or no trusted key signed it.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] NoteError),
    /// The file ends before the export does.
    #[error("the file ends before the export does")]
    Incomplete,
    /// The records are not those that were signed.
    #[error("records {first} to {last} as they stand here are not those that were signed")]
    OtherRecords {
        /// The first one's number.
        first: u64,
        /// The last one's number.
        last: u64,
    },
}

impl ExportHeader {
    pub(crate) fn new(
        profile: RecordProfile,
        checkpoint: &SignedCheckpoint,
        (first, last): (u64, u64),
        proof: &[TreeHash],
    ) -> Self {
        let proof = proof.iter().map(|hash| hash.to_vec().into()).collect();
        let (format, checkpoint) = (format_of(profile).to_owned(), checkpoint.note().to_owned());
        Self { format, checkpoint, first, last, proof }
    }
}

/// Writes an export line by line, and checks on the way what a reader will.
#[derive(Debug)]
pub struct ExportWriter(ExportCheck);

impl ExportWriter {
    /// Begins an export; its first line.
    pub fn begin(header: &ExportHeader) -> Result<(Self, Vec<u8>), ExportError> {
        let line = spell(header);
        Ok((Self(ExportCheck::begin(&line)?), line))
    }

    /// The line of the next record.
    pub fn record(&mut self, sequence: u64, frame: Vec<u8>) -> Result<Vec<u8>, ExportError> {
        let record = ExportRecord { sequence, frame: frame.into() };
        self.0.line += 1;
        self.0.follow(&record)?;
        Ok(spell(&record))
    }

    /// The last line, once all records are written and found to be those that the
    /// checkpoint was signed over.
    pub fn end(self) -> Result<(ExportSummary, Vec<u8>), ExportError> {
        self.0.check_root()?;
        let end = self.0.summary();
        Ok((end.clone(), spell(&ExportEnd { end })))
    }
}

/// Checks an export from `lines`. The outer error is that they cannot be read, the
/// inner one what is wrong with them.
pub fn verify_export(
    mut lines: impl BufRead,
    keys: &[EvidenceKey],
) -> io::Result<Result<VerifiedExport, ExportError>> {
    let mut check: Option<ExportCheck> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line is a record of a mebibyte in base64 at most.
        if io::Read::take(&mut lines, LINE_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(check.ok_or(ExportError::Incomplete).and_then(|check| check.finish(keys)));
        }
        let taken = match &mut check {
            Some(check) => check.take(&line),
            None => ExportCheck::begin(&line).map(|begun| check = Some(begun)),
        };
        if let Err(error) = taken {
            return Ok(Err(error));
        }
    }
}

const LINE_MAX: u64 = 4 << 20;

/// As much of an export as was checked.
#[derive(Debug)]
struct ExportCheck {
    profile: RecordProfile,
    header: ExportHeader,
    checkpoint: SignedCheckpoint,
    run: Run,
    position: Option<Position>,
    line: u64,
    end: Option<ExportSummary>,
}

impl ExportCheck {
    fn begin(line: &[u8]) -> Result<Self, ExportError> {
        let header: ExportHeader = read(1, line)?;
        let known = |profile: &RecordProfile| format_of(*profile) == header.format;
        let Some(profile) = RecordProfile::ALL.into_iter().find(known) else {
            return Err(fault(1, format!("its format {:?} is not known", header.format)));
        };
        let checkpoint = SignedCheckpoint::parse(&header.checkpoint)?;
        let size = checkpoint.checkpoint().size;
        if header.first == 0 || header.first > header.last || header.last > size {
            return Err(fault(1, format!("records {} to {}", header.first, header.last)));
        }
        let run = Run::starting_at(profile, header.first - 1);
        Ok(Self { profile, header, checkpoint, run, position: None, line: 1, end: None })
    }

    fn take(&mut self, line: &[u8]) -> Result<(), ExportError> {
        self.line += 1;
        if self.end.is_some() {
            return Err(fault(self.line, "it stands behind the end".to_owned()));
        }
        if self.records() == self.header.last - self.header.first + 1 {
            let end: ExportEnd = read(self.line, line)?;
            self.end = Some(end.end);
            return Ok(());
        }
        let record: ExportRecord = read(self.line, line)?;
        self.follow(&record)
    }

    /// Step 2, for one record.
    fn follow(&mut self, record: &ExportRecord) -> Result<(), ExportError> {
        let line = self.line;
        let frame = record.frame.as_slice();
        let read = Record::of_frame(frame.to_vec(), self.profile, self.position.as_ref())
            .map_err(|source| ExportError::Record { line, source })?;
        let expected = self.header.first + self.records();
        if record.sequence != expected || read.sequence() != expected {
            let problem = format!("another record stands in the place of {expected}");
            return Err(fault(line, problem));
        }
        self.run.push(leaf_hash(self.profile, frame));
        self.position = Some(read.position());
        Ok(())
    }

    fn records(&self) -> u64 {
        self.position.map_or(0, |position| position.sequence + 1 - self.header.first)
    }

    fn summary(&self) -> ExportSummary {
        let head = self.position.map_or(RecordHash::GENESIS, |position| position.hash);
        ExportSummary { records: self.records(), head: head.to_string() }
    }

    /// Steps 1 and 3.
    fn finish(self, keys: &[EvidenceKey]) -> Result<VerifiedExport, ExportError> {
        let summary = self.summary();
        match &self.end {
            None => return Err(ExportError::Incomplete),
            Some(end) if *end == summary => {}
            Some(_) => {
                return Err(fault(self.line, "its end is not that of these records".to_owned()));
            }
        }
        let key = self.checkpoint.verify(keys)?;
        if key.profile() != self.profile {
            let problem = format!("its key signs for records of the profile {}", key.profile());
            return Err(fault(1, problem));
        }
        let signed_by = key.to_string();
        self.check_root()?;
        let signed = self.checkpoint.checkpoint();
        let (origin, size) = (signed.origin.clone(), signed.size);
        let ExportHeader { first, last, .. } = self.header;
        Ok(VerifiedExport { first, last, head: summary.head, origin, size, signed_by })
    }

    /// Step 3.
    fn check_root(&self) -> Result<(), ExportError> {
        let ExportHeader { first, last, proof, .. } = &self.header;
        let proof = proof.iter().map(|hash| hash.as_slice().try_into().ok()).collect();
        let proof: Option<Vec<TreeHash>> = proof;
        let signed = self.checkpoint.checkpoint();
        match proof.and_then(|proof| self.run.root(signed.size, &proof)) {
            Some(root) if root == signed.root => Ok(()),
            _ => Err(ExportError::OtherRecords { first: *first, last: *last }),
        }
    }
}

/// Reads a line that has one spelling only.
fn read<T: DeserializeOwned + Serialize>(number: u64, line: &[u8]) -> Result<T, ExportError> {
    let value: T =
        serde_json::from_slice(line).map_err(|error| fault(number, error.to_string()))?;
    if spell(&value) == line {
        Ok(value)
    } else {
        Err(fault(number, "it is not as written".to_owned()))
    }
}

fn fault(line: u64, problem: String) -> ExportError {
    ExportError::Line { line, problem }
}

fn spell(value: &impl Serialize) -> Vec<u8> {
    // Our own types serialise: they hold numbers and texts.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}
