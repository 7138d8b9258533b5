//! What can go wrong with evidence.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::note::NoteError;
use crate::journal::JournalError;
use crate::seal::SealError;

/// Why evidence could not be made or kept, or what it says against the journal.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EvidenceError {
    /// The journal holds fewer records than were signed: its end was cut off, or
    /// it is an older copy.
    #[error(
        "the checkpoint in {place} was signed when the journal had {signed} records, and it has \
         {size}: its end was cut off, or it is an older copy. `tongxing restore` brings a backup \
         back; `tongxing repair accept-lost-end` goes on without the lost records"
    )]
    JournalShorter {
        /// The file with the checkpoint.
        place: PathBuf,
        /// The size signed.
        signed: u64,
        /// The journal's size.
        size: u64,
    },
    /// The records are not those that were signed.
    #[error(
        "the checkpoint in {place} was signed over the first {size} records with the root \
         {signed}, and those in the journal have {found}: records were changed, or the journal \
         is another one. `tongxing audit verify` reads everything; `tongxing restore` brings a \
         backup back. Where it is the second place that says so, and it was away while this \
         province was restored or promoted: `tongxing repair accept-checkpoints`"
    )]
    OtherRecords {
        /// The file with the checkpoint.
        place: PathBuf,
        /// The size signed.
        size: u64,
        /// The root signed, hex.
        signed: String,
        /// The root now, hex.
        found: String,
    },
    /// The key file belongs to another province.
    #[error(
        "key file {path} is of {of}, and this journal is {origin}: restore the key file that \
         belongs to it"
    )]
    OtherProvince {
        /// The key file.
        path: PathBuf,
        /// Whose keys they are.
        of: String,
        /// This province's origin.
        origin: String,
    },
    /// The key file is gone.
    #[error(
        "the evidence key is missing: restore keys/evidence.keys from a backup, or make a new \
         key with `tongxing audit rotate-evidence-key`"
    )]
    NoKey,
    /// A checkpoint that was asked about is of another province.
    #[error("that checkpoint is of {origin}, not of this province")]
    OtherOrigin {
        /// Its origin.
        origin: String,
    },
    /// A note, or a key, that does not read or verify.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The key file.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The timestamp service's answer is not one for this checkpoint.
    #[error("the timestamp: {0}")]
    Timestamp(String),
    /// A folder does not answer in time, as a network's may.
    #[error("{path} does not answer")]
    Slow {
        /// The folder.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{doing} {path}: {source}")]
    Io {
        /// What was being done, as in "writing".
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
}

impl EvidenceError {
    /// Whether a checkpoint that is ours says something else than the journal.
    pub(super) fn is_contradiction(&self) -> bool {
        matches!(self, Self::JournalShorter { .. } | Self::OtherRecords { .. })
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }
}
