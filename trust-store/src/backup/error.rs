//! What can go wrong with a backup.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongxing_pki::Timestamp;

use crate::error::StoreError;
use crate::journal::JournalError;

/// Why a backup could not be made, read or restored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BackupError {
    /// Not an age X25519 recipient.
    #[error(
        "\"{text}\" is no recipient: expected age1…, as `tongxing backup identity` prints it ({why})"
    )]
    Recipient {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A backup that nobody could open, or everybody.
    #[error("a backup is encrypted to at least one recipient")]
    NoRecipient,
    /// Not a file with age X25519 identities.
    #[error("{path} holds no identity: expected a line AGE-SECRET-KEY-1…{why}")]
    Identity {
        /// The file.
        path: PathBuf,
        /// What is wrong with the line that looked like one.
        why: String,
    },
    /// The file to be written is there already.
    #[error("{path} exists: a backup replaces nothing")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file would become part of the next backup.
    #[error("{path} lies in the province's own folder: choose another place")]
    InsideProvince {
        /// The file.
        path: PathBuf,
    },
    /// A name that does not say where the file is to be.
    #[error("{path} does not name a file by its whole path")]
    NoPath {
        /// What was given.
        path: PathBuf,
    },
    /// One at a time, and not while what it reads is moved away.
    #[error("another backup of this province is being made, or segments are moved away")]
    UnderWay,
    /// The gateway ends; the backup is not finished.
    #[error("the province was closed before the backup was finished")]
    Closed,
    /// A record names a blob that is not there.
    #[error("blob {blob} is missing: a record names it")]
    BlobMissing {
        /// Its address.
        blob: String,
    },
    /// A file of the province became shorter while it was read.
    #[error("{path} changed while it was copied: try again")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// What the medium holds is not what was written to it.
    #[error("{path}: what was read back is not what was written; nothing was kept")]
    ReadBack {
        /// The file.
        path: PathBuf,
    },
    /// None of the identities was a recipient.
    #[error("{path} was not encrypted to this identity")]
    WrongIdentity {
        /// The backup.
        path: PathBuf,
    },
    /// Not an age file, changed or cut off.
    #[error("{path} is no backup, or damaged or cut off: {why}")]
    Damaged {
        /// The backup.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// Another layout of backups.
    #[error(
        "{path} has the format \"{format}\", which this version does not read; tongxing \
         {version} made it"
    )]
    Format {
        /// The backup.
        path: PathBuf,
        /// What it calls its format.
        format: String,
        /// The version of the program that made it.
        version: String,
    },
    /// A file in the backup is not what its manifest says.
    #[error("{path}: {entry} is not what the backup's manifest says")]
    Differs {
        /// The backup.
        path: PathBuf,
        /// What in it.
        entry: String,
    },
    /// The records make another state than when they were backed up.
    #[error(
        "{path}: records up to {sequence} make another state than when the backup was made; \
         restore it with tongxing {version}, which made it"
    )]
    StateDiffers {
        /// The backup.
        path: PathBuf,
        /// Its last record.
        sequence: u64,
        /// The version of the program that made it.
        version: String,
    },
    /// A record that the backup does not have.
    #[error("the backup has no record {sequence}: its last is {last}")]
    NotInBackup {
        /// The record asked for.
        sequence: u64,
        /// The last there is.
        last: u64,
    },
    /// A record whose state can be made neither from records nor from an image.
    #[error(
        "the state at record {sequence} cannot be made from this backup: records before {first} \
         were archived, and every image of the state in it is younger. Restore to a later record, \
         at the earliest to the one that names the oldest image (`tongxing image list`, `tongxing \
         audit list`); or, where the province still is, `tongxing retrieve` the segments and back \
         up again"
    )]
    BehindArchive {
        /// The record asked for.
        sequence: u64,
        /// The first record that is in it.
        first: u64,
    },
    /// A moment before the first record.
    #[error("the backup has no record as old as {moment}")]
    BeforeBackup {
        /// The moment asked for.
        moment: Timestamp,
    },
    /// A restore was interrupted, or is under way.
    #[error("{path} is there: another restore is under way, or was interrupted; then remove it")]
    Leftover {
        /// The folder.
        path: PathBuf,
    },
    /// The journal is damaged or could not be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The province could not be read, or the record not be made.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A model that does not serialise; a fault of the program.
    #[error("encoding the backup's manifest: {0}")]
    Encoding(Arc<serde_json::Error>),
    /// The age library refused.
    #[error("encrypting: {0}")]
    Encrypting(String),
    /// The backup's file could not be written, or what goes into it not be read.
    #[error("writing the backup: {0}")]
    Writing(Arc<io::Error>),
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

impl BackupError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }

    pub(super) fn damaged(path: &Path, why: &dyn std::error::Error) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.to_string() }
    }

    pub(super) fn encoding(source: serde_json::Error) -> Self {
        Self::Encoding(Arc::new(source))
    }
}
