//! What can go wrong with the journal.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::{MAX_CLOCK_LAG_MILLIS, MAX_PAYLOAD};
use crate::files::is_full;

/// Why the journal could not do what was asked.
///
/// It can be cloned, because all appends of one batch fail together.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// There is no journal in the folder; only creating a province makes one.
    #[error("no journal in {folder}")]
    Missing {
        /// The journal's folder.
        folder: PathBuf,
    },
    /// There is a journal already where one was to be created.
    #[error("{folder} already holds a journal")]
    AlreadyThere {
        /// The journal's folder.
        folder: PathBuf,
    },
    /// Another process has the journal open.
    #[error("the journal in {folder} is in use by {}", holder.map_or("another process".to_owned(), |pid| format!("process {pid}")))]
    InUse {
        /// The journal's folder.
        folder: PathBuf,
        /// The other process, if it could be told.
        holder: Option<u32>,
    },
    /// A record is damaged, or acknowledged records are gone. Nothing was
    /// repaired.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The system refused to read or write; see also [`Self::Poisoned`].
    #[error("{doing} {path}: {source}")]
    Io {
        /// What was being done, as in "writing".
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// An earlier write or sync failed, so that nothing is known about what the
    /// disk holds; the journal must be opened anew.
    #[error("the journal stopped: {0}")]
    Poisoned(Arc<JournalError>),
    /// The payload is empty or over its limit.
    #[error("a payload of {len} bytes: 1 to {MAX_PAYLOAD} are allowed")]
    PayloadSize {
        /// Its length in bytes.
        len: usize,
    },
    /// The writer's clock is too far behind log time; `tongxing clock reset`
    /// accepts the clock as it is.
    #[error(
        "the clock is {behind_millis} ms behind the journal's last record; {MAX_CLOCK_LAG_MILLIS} ms are allowed"
    )]
    ClockBehind {
        /// How far, in milliseconds.
        behind_millis: i64,
    },
    /// More is queued than the disk takes.
    #[error("too many appends are waiting for the disk")]
    Overloaded,
    /// The disk has no room; nothing was written, and appending goes on when there
    /// is. What is essential may still fit (`append_reserved`).
    #[error(
        "the disk is full: nothing was recorded. Make room (`tongxing archive` moves old \
         segments away); recording goes on by itself"
    )]
    DiskFull,
    /// Another process was made the writer; this one may not append any more.
    #[error("fenced: the writer of term {term} has taken over, and nothing is recorded here")]
    Fenced {
        /// The term of the other one.
        term: u64,
    },
    /// Frames of another journal do not go on where this one ends. Nothing was
    /// written.
    #[error("frames that do not follow record {after}: {problem}")]
    Frames {
        /// The last record here.
        after: u64,
        /// What is wrong with the first that does not.
        problem: DamageKind,
    },
    /// The writer thread panicked: a defect of this program.
    #[error("the journal's writer panicked")]
    WriterPanicked,
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
    /// Records from this sequence on cannot be read here.
    #[error("record {asked} is not here: the journal holds {first} to {last}{}", archived_hint(*asked, *first))]
    Unavailable {
        /// The sequence asked for.
        asked: u64,
        /// The first that is here.
        first: u64,
        /// The last that is here.
        last: u64,
    },
    /// There is no sealed segment of this name.
    #[error("{name} is no sealed segment of this journal (`tongxing archive list` shows them)")]
    NotSealed {
        /// The file name asked for.
        name: String,
    },
    /// A file that was to be taken back in is not what the manifest lists.
    #[error("{path} is not the segment that the manifest lists: its length or hash is another")]
    OtherSegment {
        /// The file.
        path: PathBuf,
    },
    /// A proof over more records than there are, or over none.
    #[error("no proof about record {asked}: the tree asked for has {size} records")]
    OutsideTree {
        /// The record, or the size of the other tree.
        asked: u64,
        /// How many records the tree has.
        size: u64,
    },
}

fn archived_hint(asked: u64, first: u64) -> &'static str {
    if 0 < asked && asked < first {
        "; `tongxing retrieve` brings archived segments back, unless retention removed them"
    } else {
        ""
    }
}

impl JournalError {
    /// The commands that help, where the message does not name them itself.
    pub fn advice(&self) -> Option<String> {
        match self {
            Self::Damaged(damage) => Some(damage.advice()),
            Self::Missing { .. } => {
                let help = "`tongxing restore BACKUP --identity KEY --to DIR` makes it again";
                Some(help.to_owned())
            }
            Self::ClockBehind { .. } => {
                let help = "put the clock right (NTP); if it is right: `tongxing clock reset`";
                Some(help.to_owned())
            }
            Self::Io { .. } | Self::Poisoned(_) => {
                Some("`tongxing doctor` says how the disk and the files are".to_owned())
            }
            _ => None,
        }
    }

    /// Whether an append that ended so left no trace: it will not be found when the
    /// journal is opened again.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::ClockBehind { .. }
                | Self::PayloadSize { .. }
                | Self::Overloaded
                | Self::Closed
                | Self::DiskFull
                | Self::Fenced { .. }
                | Self::Frames { .. }
        )
    }

    /// Whether the disk is full, and nothing else is wrong.
    pub(crate) fn is_disk_full(&self) -> bool {
        match self {
            Self::DiskFull => true,
            Self::Io { source, .. } => is_full(source),
            _ => false,
        }
    }

    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }
}

/// Where the journal is damaged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// The segment's file name.
    pub segment: String,
    /// The byte in it where the damaged record (or header) begins.
    pub offset: u64,
    /// The sequence of the record that should be there.
    pub sequence: u64,
    /// What is wrong with it.
    pub kind: DamageKind,
}

impl Damage {
    /// The commands that help.
    pub fn advice(&self) -> String {
        let restore = "`tongxing doctor --full` looks for more; `tongxing restore BACKUP \
                       --identity KEY --to DIR` makes the province again from a backup";
        match self.kind {
            DamageKind::MissingSegment | DamageKind::Unlisted | DamageKind::LeavesLost => format!(
                "put the file back into the folder `journal` (`tongxing retrieve` brings back \
                 what was archived); {restore}"
            ),
            DamageKind::UnknownFlags { .. } => {
                "run the newer version that wrote it; this one cannot read it".to_owned()
            }
            _ => format!(
                "{restore}. With nothing to restore from, `tongxing repair accept-lost-end` \
                 shows what would be lost by going on without the journal's end"
            ),
        }
    }
}

impl std::error::Error for Damage {}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segment, offset, sequence, kind } = self;
        write!(f, "journal damaged: {segment} at byte {offset} (record {sequence}): {kind}")
    }
}

/// What is wrong with a record or a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum DamageKind {
    /// The file ends before the record does.
    #[error("the file ends before the record does")]
    Incomplete,
    /// The stated length is not one that was ever written.
    #[error("its length of {length} bytes is impossible")]
    Length {
        /// The stated length in bytes.
        length: u32,
    },
    /// The checksum does not agree with the bytes.
    #[error("its checksum does not agree")]
    Checksum,
    /// The number is not the next one.
    #[error("it says that it is record {found}")]
    Sequence {
        /// The stated number.
        found: u64,
    },
    /// It does not name the record before it.
    #[error("it does not follow the record before it: the chain of hashes is broken")]
    Chain,
    /// It uses flags of a later version.
    #[error("its flags {flags:#x} are not known to this version")]
    UnknownFlags {
        /// The stated flags.
        flags: u32,
    },
    /// The segment's header is unreadable, or is another segment's.
    #[error("the segment's header {problem}")]
    Header {
        /// What about it.
        problem: &'static str,
    },
    /// A segment between others is not there.
    #[error("the segment is missing")]
    MissingSegment,
    /// The manifest says otherwise about a segment that is here, or says what
    /// cannot be true.
    #[error("the manifest does not agree about its {what}")]
    Manifest {
        /// What they disagree about.
        what: &'static str,
    },
    /// A segment is neither here nor in the manifest.
    #[error(
        "the segment is neither here nor in the manifest: put the file back where it was \
         archived from, or restore"
    )]
    Unlisted,
    /// An archived segment's leaves are gone, and so are proofs over them.
    #[error(
        "the segment is archived and the hashes of its leaves are missing or torn: put the \
         archived file back, and they are made again"
    )]
    LeavesLost,
    /// Records that were acknowledged are no longer there.
    #[error("records up to {acknowledged} were acknowledged and are gone")]
    AcknowledgedLost {
        /// The last sequence known to have been acknowledged.
        acknowledged: u64,
    },
}
