//! Why an end could not be accepted as lost.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::backup::BackupError;
use crate::error::StoreError;
use crate::index::IndexError;
use crate::journal::JournalError;

/// Why a repair was not carried out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RepairError {
    /// There is no province.
    #[error("{} holds no province", folder.display())]
    NotFound {
        /// The folder.
        folder: PathBuf,
    },
    /// Nothing is lost.
    #[error("nothing is lost: the journal ends with record {last}, as it should")]
    NothingLost {
        /// The last record.
        last: u64,
    },
    /// The folder is a standby, or another gateway took its place.
    #[error(
        "{} is not the one that records: another gateway has all of it. Make this folder again \
         as that one's standby", folder.display()
    )]
    NotPrimary {
        /// The folder.
        folder: PathBuf,
    },
    /// What was confirmed is not what would be lost.
    #[error(
        "not what would be lost: the first record that is gone is {first}, and {confirmed} was \
         confirmed. Read again what would be lost (`tongxing repair accept-lost-end`)"
    )]
    OtherEnd {
        /// The first record that is gone.
        first: u64,
        /// What the operator typed.
        confirmed: u64,
    },
    /// No checkpoint in the second place contradicts the journal.
    #[error("nothing is to be accepted: no checkpoint in the second place contradicts the journal")]
    NothingContradicts,
    /// What was confirmed is not what is there.
    #[error(
        "not what contradicts the journal: the newest such checkpoint was signed over {signed} \
         records, and {confirmed} was confirmed. Read again what is there (`tongxing repair \
         accept-checkpoints`)"
    )]
    OtherCheckpoints {
        /// Over how many records the newest was signed.
        signed: u64,
        /// What the operator typed.
        confirmed: u64,
    },
    /// The damage is not at the end; cutting there would drop whole records.
    #[error(
        "{0}. This is not the journal's end: to go on without it would drop records that are \
         whole. `tongxing restore BACKUP --identity KEY --to DIR` makes the province again"
    )]
    NotAtTheEnd(JournalError),
    /// The journal cannot be looked at, or not written.
    #[error(transparent)]
    Journal(JournalError),
    /// The index cannot be looked at.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The province does not open, or does not record.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What knows of later records could not be set aside.
    #[error(transparent)]
    Beyond(Arc<BackupError>),
    /// What an interrupted repair left says nothing.
    #[error(
        "{} cannot be read: {problem}. It says what an interrupted repair was about to accept; \
         `tongxing restore` makes the province again", path.display()
    )]
    Unfinished {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The system refused.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done, as in "writing".
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<std::io::Error>,
    },
}

impl RepairError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }
}

impl From<JournalError> for RepairError {
    fn from(error: JournalError) -> Self {
        match error {
            damaged @ JournalError::Damaged(_) => Self::NotAtTheEnd(damaged),
            other => Self::Journal(other),
        }
    }
}
