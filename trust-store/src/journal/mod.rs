//! The journal: the only record of truth.
//!
//! An append-only sequence of records, numbered from 1, each carrying the hash
//! of the record before. Nothing above the [`Journal`] trait may assume that a
//! single process appends, or that the records are files here.
//!
//! How a record becomes durable in the embedded journal, and what survives a
//! power cut in each step:
//! 1. [`Journal::append`] queues the payload. Nothing survives.
//! 2. The one writer thread takes all that waits, numbers it, stamps it with the
//!    writer's time, chains it and writes it with a single write behind the last
//!    record. Any part of that batch may survive, in any order of its sectors; no
//!    byte of an earlier batch is touched.
//! 3. One `fdatasync` makes the whole batch durable. All of it survives from here.
//! 4. The hint of what is acknowledged is written (not synced: it may only lag).
//! 5. Followers are woken and the appends are acknowledged with their sequence.
//!
//! A failed write or sync ends the journal for this process: nothing is known
//! any more about what the disk holds, and a later success would say nothing
//! about it (the kernel may drop what it could not write). Opening it again reads
//! what is there. What opening does with a damaged end is told in `recovery`.
//!
//! A segment is closed when the next record would not fit; the next one is
//! written beside it, synced and renamed into place, so that a segment's header
//! is always whole. The layout of a frame is in `frame`, of a header in `segment`.

mod acknowledged;
mod append;
mod error;
mod file;
mod frame;
mod merkle;
mod queue;
mod reader;
mod record;
mod recovery;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;

pub use append::{Append, Appended};
pub use error::{Damage, DamageKind, JournalError};
pub use file::{FileJournal, JournalOptions};
pub use merkle::{
    MerkleTree, TreeHash, leaf_hash, prove_consistency, prove_inclusion, verify_consistency,
    verify_inclusion,
};
pub use reader::{JournalReader, check_segment};
pub use record::{Position, Record, RecordHash};
pub use recovery::{OpenReport, TornTail};

/// The longest payload of one record, in bytes. A change is a few kilobytes;
/// what is larger is a blob.
pub const MAX_PAYLOAD: usize = 1 << 20;

/// How far, in milliseconds, a writer's clock may be behind log time before its
/// appends are refused (architecture, "State").
pub const MAX_CLOCK_LAG_MILLIS: i64 = 5_000;

/// Records in order, until an error or the end.
pub type Records = Box<dyn Iterator<Item = Result<Record, JournalError>> + Send>;

/// A totally ordered, durable, append-only log.
pub trait Journal: fmt::Debug + Send + Sync {
    /// Appends a payload. The future resolves when the record is durable; to
    /// drop it is not to cancel the append.
    fn append(&self, payload: Vec<u8>) -> Append;

    /// Appends a payload whose record sets log time back (or forward) to the
    /// writer's clock: what `tongxing clock reset` records.
    fn append_clock_reset(&self, payload: Vec<u8>) -> Append;

    /// The durable records from `sequence` on, as of now.
    ///
    /// # Errors
    /// [`JournalError::Unavailable`] when `sequence` is archived away or lies
    /// beyond the next one.
    fn read_from(&self, sequence: u64) -> Result<Records, JournalError>;

    /// The durable records from `sequence` on, those to come included: the
    /// iterator blocks until there is one, and ends when the journal is closed.
    /// After a failed write it yields that error once, and ends.
    ///
    /// # Errors
    /// As [`Self::read_from`].
    fn follow(&self, sequence: u64) -> Result<Records, JournalError>;

    /// The last durable record.
    fn position(&self) -> Position;

    /// Why nothing can be appended any more, if so: for readiness.
    fn failure(&self) -> Option<JournalError>;

    /// Writes what is queued, makes it durable and ends; later appends are
    /// refused, and followers end after the last record.
    fn close(&self);
}
