//! Views of the record: what it holds, and how it is.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use crate::command::FileBytes;
use crate::evidence::SignedCheckpoint;
use crate::ids::SubjectId;
use crate::reserve::DiskView;

/// An invitation, to be taken to the standby's machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandbyInvitation {
    /// The text that `tongxing standby join` takes.
    pub invitation: String,
    /// Until when it is good.
    pub until: Timestamp,
}

/// A backup that was made and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupView {
    /// Where it lies.
    pub file: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// Hex SHA-256 of the file, as the journal records it.
    pub sha256: String,
    /// The last record in it.
    pub sequence: u64,
    /// Hex hash of that record.
    pub head: String,
    /// Hash of the state that the records make.
    pub state: String,
    /// How many files are in it, blobs not counted.
    pub files: u64,
    /// How many blobs are in it.
    pub blobs: u64,
    /// The record that says it was made.
    pub recorded: u64,
}

/// What checking everything came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedView {
    /// How many records there are.
    pub records: u64,
    /// How many of them are in archived segments: their hashes were checked, not they.
    #[serde(default)]
    pub archived: u64,
    /// Hex SHA-256 of the last one.
    pub head: String,
    /// Hex root of the tree over all records.
    pub root: String,
    /// How many sealed segments were found to be what the manifest lists.
    pub segments: u64,
    /// How many checkpoints were found to agree.
    pub checkpoints: u64,
    /// How many checkpoints an operator accepted as lost with their records.
    #[serde(default)]
    pub accepted_losses: u64,
    /// How many timestamps prove when a checkpoint was there, by an authority that was
    /// enrolled for timestamps then.
    #[serde(default)]
    pub timestamps: u64,
    /// How many are whole, but of nobody enrolled for timestamps.
    #[serde(default)]
    pub unproven_timestamps: u64,
    /// How many blobs that records name were read.
    pub blobs: u64,
    /// Hash of the state, where it was made anew and compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointView {
    /// Whose record.
    pub origin: String,
    /// How many records were signed.
    pub size: u64,
    /// Hex root of the tree over them.
    pub root: String,
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
}

/// An evidence key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceKeyView {
    /// Its text form: `NAME+ID+BASE64`.
    pub key: String,
    /// The record that names it.
    pub sequence: u64,
}

/// A journal record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordView {
    /// Its place.
    pub sequence: u64,
    /// The writer's time, Unix milliseconds.
    pub time: i64,
    /// Hex SHA-256 of `frame`.
    pub hash: String,
    /// The record as it stands in the journal, with the hash of the one before.
    pub frame: FileBytes,
    /// Who caused it, and what: as stored.
    pub entry: serde_json::Value,
}

/// A sealed segment of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentView {
    /// Its file name.
    pub name: String,
    /// Its first record.
    pub first: u64,
    /// Its last record.
    pub last: u64,
    /// How long the file is.
    pub bytes: u64,
    /// Hex SHA-256 of the file.
    pub sha256: String,
    /// Hex root of the tree over all records up to its last one.
    pub root: String,
    /// Log time after its last record.
    pub until: Timestamp,
    /// Whether it was moved away.
    pub archived: bool,
}

/// Segments that were archived, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveView {
    /// Where to.
    pub to: PathBuf,
    /// Up to which record an image stands for the segments.
    pub covered: u64,
    /// Which ones.
    pub segments: Vec<SegmentView>,
    /// The record that says so; without it nothing was done.
    pub sequence: Option<u64>,
}

/// What the province's policy does not keep any longer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionView {
    /// How long archived segments are kept, in seconds; for ever without a number.
    pub audit_seconds: Option<i64>,
    /// How long certificates of expired bindings are kept.
    pub evidence_seconds: Option<i64>,
    /// How long replaced revocation lists are kept.
    pub lists_seconds: Option<i64>,
    /// How long OCSP responses are kept.
    pub responses_seconds: Option<i64>,
    /// How long persons are known after their last certificate expired.
    pub persons_seconds: Option<i64>,
    /// Archived segments that are older.
    pub segments: Vec<SegmentView>,
    /// Hex SHA-256 of certificates' blobs that are older.
    pub evidence: Vec<String>,
    /// Hex SHA-256 of lists that are older.
    pub lists: Vec<String>,
    /// Hex SHA-256 of OCSP responses that are older.
    pub responses: Vec<String>,
    /// Persons all of whose certificates expired longer ago, who are erased.
    pub persons: Vec<SubjectId>,
    /// How many bytes of files that is.
    pub bytes: u64,
    /// The last record that says so; without it nothing was done.
    pub sequence: Option<u64>,
}

impl RetentionView {
    /// Whether nothing is too old.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
            && self.evidence.is_empty()
            && self.lists.is_empty()
            && self.responses.is_empty()
            && self.persons.is_empty()
    }
}

/// An image of the state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// The last record that is in it.
    pub sequence: u64,
    /// How many rows it has.
    pub rows: u64,
    /// How long its file is.
    pub bytes: u64,
    /// Hex SHA-256 of the file without the hash at its end, as the journal has it.
    pub sha256: String,
    /// Hash of the state: what `audit verify --replay` prints at that record.
    pub state: String,
    /// Why it cannot be used, if so; the other fields but the first are empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// How the province is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthView {
    /// The last applied sequence number.
    pub sequence: u64,
    /// Whether the journal takes appends.
    pub journal_writable: bool,
    /// How many records the newest checkpoint was signed over.
    #[serde(default)]
    pub signed: u64,
    /// How many active authorities can be judged.
    pub judgeable_authorities: usize,
    /// How the disk is.
    #[serde(default)]
    pub disk: Option<DiskView>,
    /// What is not as it should be.
    pub degraded: Vec<String>,
}

impl From<&SignedCheckpoint> for CheckpointView {
    fn from(signed: &SignedCheckpoint) -> Self {
        let checkpoint = signed.checkpoint();
        Self {
            origin: checkpoint.origin.clone(),
            size: checkpoint.size,
            root: crate::hex::encode(&checkpoint.root),
            note: signed.note().to_owned(),
        }
    }
}
