//! What can go wrong with a province: one variant per cause.

use std::path::PathBuf;
use std::sync::Arc;

use crate::blobs::BlobError;
use crate::evidence::EvidenceError;
use crate::files;
use crate::image::ImageError;
use crate::journal::JournalError;
use crate::profile::RecordProfile;
use crate::reserve::Size;
use crate::seal::SealError;
use crate::state::StateError;

/// Why the store could not do what was asked. Nothing was acknowledged.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The folder holds no province; only `init` makes one.
    #[error("{folder} holds no province: `tongxing init --data {folder}` makes one")]
    NotFound {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// `init` on a folder that holds something.
    #[error("{folder} is not empty: a province is made in a new or empty folder")]
    NotEmpty {
        /// The folder asked for.
        folder: PathBuf,
    },
    /// The journal: in use, damaged, full disk, closed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Too little of the disk is free for sign-ins.
    #[error(
        "{} of the disk are free and {} are kept back: sign-ins wait. Make room; or set \
         `disk_reserve` in tongxing.toml lower", Size(*free), Size(*reserve)
    )]
    DiskReserve {
        /// Bytes that are free.
        free: u64,
        /// Bytes that are kept back.
        reserve: u64,
    },
    /// A repair was interrupted; until it is finished nobody else opens the province.
    #[error(
        "{}: a repair was interrupted. The same `tongxing repair accept-lost-end` goes on \
         with it", folder.display()
    )]
    RepairUnfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// The index knows more than the journal: durable records are gone.
    #[error(
        "record {applied} was applied and the journal ends with {last}: records were lost. \
         Restore the journal, or accept the loss (`tongxing repair accept-lost-end`)"
    )]
    RecordsLost {
        /// The last record that the index has seen.
        applied: u64,
        /// The last record of the journal.
        last: u64,
    },
    /// The index or one of its rows; a restart rebuilds it from the journal.
    #[error("the state cannot be read: {0}; restart to rebuild it from the journal")]
    State(String),
    /// An image of the state.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The state must be made anew, and what it is made from is not here.
    #[error(
        "the state must be made anew ({why}); records before {first} are archived and no image \
         of the state can be used: `tongxing retrieve` brings the segments back"
    )]
    Archived {
        /// Why it must be made anew.
        why: String,
        /// The first record that is here.
        first: u64,
    },
    /// A blob.
    #[error(transparent)]
    Blob(#[from] Arc<BlobError>),
    /// A list that a moment in the past is judged by.
    #[error(
        "the archived revocation list {blob} is missing or damaged: bring it back with \
         `tongxing restore`, or from another copy of the folder `blobs`"
    )]
    ArchivedList {
        /// Hex SHA-256 of the list.
        blob: String,
    },
    /// What a receipt is to rest on.
    #[error(
        "{blob}, which the judgement rested on, is missing or damaged: bring it back with \
         `tongxing restore`, or from another copy of the folder `blobs`"
    )]
    EvidenceGone {
        /// Hex SHA-256 of it.
        blob: String,
    },
    /// A key file, or sealing.
    #[error(transparent)]
    Seal(#[from] Arc<SealError>),
    /// Checkpoints, their keys, or what they say against the journal.
    #[error(transparent)]
    Evidence(#[from] Arc<EvidenceError>),
    /// A file of the province.
    #[error("{doing} {path}: {source}")]
    Io {
        /// What was being done, as in "creating".
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<std::io::Error>,
    },
    /// A record this version cannot read: a newer version wrote it.
    #[error("record {sequence} was written by a newer version: {source}")]
    UnknownRecord {
        /// Its number.
        sequence: u64,
        /// What was unexpected.
        source: Arc<serde_json::Error>,
    },
    /// The thread that applies records ended.
    #[error("the state stopped following the journal: {why}")]
    ApplierStopped {
        /// What ended it.
        why: String,
    },
    /// The record is durable, and its outcome was asked for too late.
    #[error("record {sequence} is durable; its outcome is in the journal")]
    OutcomeGone {
        /// Its number.
        sequence: u64,
    },
    /// An outcome of another kind than its change can have.
    #[error("record {sequence} came out as no change of its kind can")]
    UnexpectedOutcome {
        /// Its number.
        sequence: u64,
    },
    /// The province's own policy does not compile.
    #[error("the province's policy: {0}")]
    ProvincePolicy(String),
    /// The system's generator gave nothing.
    #[error("the system gives no randomness")]
    NoRandomness,
    /// A value that does not serialise; a fault of the program.
    #[error("encoding a change: {0}")]
    Encoding(Arc<serde_json::Error>),
    /// A change was asked of the gateway that only follows.
    #[error(
        "this gateway is a standby, which takes no changes: ask the primary, or let this one \
         take its place with `tongxing standby promote`"
    )]
    Standby,
    /// A promotion was asked of a gateway that follows none.
    #[error("this gateway is no standby: there is nothing to promote")]
    NotAStandby,
    /// A folder was to be taken back that is not fenced by the term that was confirmed.
    #[error(
        "not what fenced this folder: {}, and {confirmed} was confirmed. Read again what did \
         (`tongxing standby take-back`)",
        fenced.map_or("nothing did".to_owned(), |term| format!("term {term} did"))
    )]
    NotFencedBy {
        /// The term that fenced it.
        fenced: Option<u64>,
        /// What the operator typed.
        confirmed: u64,
    },
    /// A change would have to wait for a standby, and none is there.
    #[error(
        "no standby is connected, and `acknowledge = \"standby\"` waits for one: \
         see `tongxing standby status`"
    )]
    NoStandby,
    /// The record is durable here, and the standby did not confirm it in time.
    #[error(
        "record {sequence} is durable here and holds, but the standby did not confirm it in \
         time: see `tongxing standby status`"
    )]
    NotConfirmed {
        /// Its number.
        sequence: u64,
    },
    /// No gateway runs that could ask the standby.
    #[error(
        "this province acknowledges by its standby (`acknowledge = \"standby\"`), and no gateway \
         runs that could ask it, so nothing was recorded: start `tongxing serve`, and try again. \
         If the standby is lost for good, set `acknowledge = \"local\"` in tongxing.toml"
    )]
    NoGateway,
    /// This gateway gave way to another, and its folder does not say so.
    #[error("it records nothing any more, but could not write down that it must not: {why}")]
    FenceNotKept {
        /// What went wrong.
        why: Box<StoreError>,
    },
    /// A promotion or a fence for a term that is not the newest.
    #[error("term {asked} is not newer than this province's term {own}")]
    TermNotNewer {
        /// The term asked for.
        asked: u64,
        /// Ours.
        own: u64,
    },
    /// The peer's records do not go on where ours end.
    #[error(
        "record {sequence} of the primary does not follow ours ({why}): the two have diverged, \
         and nothing more is copied. Keep this folder, and let an empty one join: `tongxing \
         standby join`"
    )]
    Diverged {
        /// The record that does not fit.
        sequence: u64,
        /// What about it.
        why: String,
    },
    /// The peer sent something else than was asked for.
    #[error("the peer sent something else than was asked for: {what}")]
    PeerFault {
        /// What it was.
        what: String,
    },
    /// A key file from the peer with a name that no key file has.
    #[error("\"{name}\" is no name of a key file")]
    KeyFileName {
        /// The name.
        name: String,
    },
    /// The record that made the province names another profile than its journal has.
    #[error("the province was made with the profile {said}, and its journal is of {journal}")]
    OtherProfile {
        /// As the record says.
        said: RecordProfile,
        /// As the journal's segments say.
        journal: RecordProfile,
    },
    /// Work on a blocking thread ended without an answer.
    #[error("a task was cut off: {0}")]
    Task(String),
    /// A thread could not be started.
    #[error("starting a thread: {0}")]
    Thread(Arc<std::io::Error>),
}

impl StoreError {
    /// The commands that help, where the message does not name them itself.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Journal(error) => error.advice(),
            Self::RecordsLost { .. } => {
                let help = "`tongxing restore BACKUP --identity KEY --to DIR` makes the province \
                            again from a backup; with nothing to restore from, `tongxing repair \
                            accept-lost-end` shows what would be lost";
                Some(help.to_owned())
            }
            Self::Seal(error) => match **error {
                SealError::Missing { .. } | SealError::Damaged { .. } | SealError::NoKey { .. } => {
                    let help = "`tongxing restore BACKUP --identity KEY --to DIR`, then copy the \
                                folder `keys` from there; `tongxing doctor` looks for more";
                    Some(help.to_owned())
                }
                _ => None,
            },
            Self::Blob(_) | Self::State(_) | Self::Io { .. } => {
                Some("`tongxing doctor` looks for more".to_owned())
            }
            _ => None,
        }
    }

    /// Whether there is too little room on the disk: nothing is broken, and it goes
    /// on by itself when there is more.
    pub fn is_disk_full(&self) -> bool {
        match self {
            Self::DiskReserve { .. } | Self::Journal(JournalError::DiskFull) => true,
            Self::Seal(error) => matches!(**error, SealError::Full { .. }),
            Self::Blob(error) => error.is_disk_full(),
            Self::Io { source, .. } => files::is_full(source),
            _ => false,
        }
    }

    pub(crate) fn encoding(source: serde_json::Error) -> Self {
        Self::Encoding(Arc::new(source))
    }

    pub(crate) fn task(source: &tokio::task::JoinError) -> Self {
        Self::Task(source.to_string())
    }

    pub(crate) fn thread(source: std::io::Error) -> Self {
        Self::Thread(Arc::new(source))
    }

    pub(crate) fn io(
        doing: &'static str,
        path: &std::path::Path,
    ) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }
}

impl From<StateError> for StoreError {
    fn from(error: StateError) -> Self {
        Self::State(error.to_string())
    }
}

impl From<crate::index::IndexError> for StoreError {
    fn from(error: crate::index::IndexError) -> Self {
        Self::State(error.to_string())
    }
}

impl From<BlobError> for StoreError {
    fn from(error: BlobError) -> Self {
        Self::Blob(Arc::new(error))
    }
}

impl From<EvidenceError> for StoreError {
    fn from(error: EvidenceError) -> Self {
        Self::Evidence(Arc::new(error))
    }
}

impl From<SealError> for StoreError {
    fn from(error: SealError) -> Self {
        Self::Seal(Arc::new(error))
    }
}
