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
//! what is there. (A full disk is not such a failure: it shows before a write, see
//! `open_segment`.) What opening does with a damaged end is told in `recovery`.
//!
//! A segment is closed when the next record would not fit; the next one is
//! written beside it, synced and renamed into place, so that a segment's header
//! is always whole. The layout of a frame is in `frame`, of a header in `segment`.
//! What becomes of a closed segment is told in `sealed`.
//!
//! The records are the leaves of an RFC 6962 tree, which the writer keeps: record
//! *n* is leaf *n* − 1. How proofs are made from it is told in `proofs`.

mod acknowledged;
mod append;
mod batch;
mod copy;
mod error;
mod examine;
mod file;
mod frame;
mod growth;
mod merkle;
mod open_segment;
mod proofs;
mod queue;
mod raw;
mod reader;
mod record;
mod recovery;
mod sealed;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::ops::Range;
use std::path::Path;

pub use append::{Append, Appended};
pub(crate) use copy::{SegmentCopy, cut_after, parts_upto, read_unarchived};
pub use error::{Damage, DamageKind, JournalError};
pub(crate) use examine::{Examined, JournalEnd, Reading, Rest, bytes_of, examine, journal_end};
pub use file::{FileJournal, JournalOptions};
pub(crate) use merkle::node_hash;
pub use merkle::{
    MerkleTree, TreeHash, leaf_hash, prove_consistency, prove_inclusion, prove_range,
    verify_consistency, verify_inclusion, verify_range,
};
pub(crate) use raw::read_frames;
pub(crate) use reader::profile_of;
pub use reader::{JournalReader, check_segment};
pub(crate) use record::sequence_of;
pub use record::{Position, Record, RecordHash};
pub use recovery::{OpenReport, TornTail};
pub use sealed::SealedSegment;

use crate::profile::RecordProfile;

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
    /// drop it is not to cancel the append. While the disk is full it is refused
    /// ([`JournalError::DiskFull`]) and nothing is written.
    fn append(&self, payload: Vec<u8>) -> Append;

    /// As [`Self::append`], for what must still be recorded on a full disk: trust
    /// changes, erasures, what operators do. It may use room that was kept back.
    fn append_reserved(&self, payload: Vec<u8>) -> Append;

    /// Appends records exactly as another journal has them: whole frames, which
    /// must go on where this journal ends and are written as they are. What a
    /// standby does; it resolves with the last of them. After
    /// [`JournalError::DiskFull`] a beginning of them may be here: see
    /// [`Self::position`].
    fn append_frames(&self, frames: Vec<u8>) -> Append;

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

    /// What its records are hashed with.
    fn profile(&self) -> RecordProfile {
        self.position().profile
    }

    /// The last durable record, and the tree whose last leaf it is.
    fn tree(&self) -> (Position, MerkleTree);

    /// Closes the open segment, so that it can be copied or archived, and waits for
    /// it. Returns the last sealed segment: this one, or an earlier one if the open
    /// segment was empty, or if the disk has no room to list it yet. Blocks.
    fn seal(&self) -> Result<Option<SealedSegment>, JournalError>;

    /// The sealed segments, in order; archived ones too.
    fn sealed_segments(&self) -> Vec<SealedSegment>;

    /// Removes the sealed segment that begins with record `first`, after it was
    /// copied elsewhere; its entry and leaves stay. Blocks.
    ///
    /// # Errors
    /// [`JournalError::NotSealed`] if there is none.
    fn release(&self, first: u64) -> Result<(), JournalError>;

    /// Copies an archived segment back in from `path`, a file with the segment's
    /// own name. Blocks.
    ///
    /// # Errors
    /// [`JournalError::NotSealed`], or [`JournalError::OtherSegment`] if the file is
    /// not what the manifest lists.
    fn adopt(&self, path: &Path) -> Result<SealedSegment, JournalError>;

    /// Reads the sealed segments and compares them, and the hashes of their leaves,
    /// with the manifest; of archived ones, the leaves alone. Returns how many
    /// there are. Blocks for as long as reading takes.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] with the first disagreement.
    fn check_sealed(&self) -> Result<u64, JournalError>;

    /// The hashes of leaves by their index (record *n* is leaf *n* − 1), archived
    /// ones included. Blocks while the disk is read, as all below.
    ///
    /// # Errors
    /// [`JournalError::OutsideTree`] beyond the last record; so all below.
    fn leaf_hashes(&self, range: Range<u64>) -> Result<Vec<TreeHash>, JournalError>;

    /// The tree as it was after record `size`.
    fn tree_at(&self, size: u64) -> Result<MerkleTree, JournalError>;

    /// The root of the tree over the first `size` records.
    fn root_at(&self, size: u64) -> Result<TreeHash, JournalError> {
        Ok(self.tree_at(size)?.root())
    }

    /// Proves that leaf `index` is in the tree over the first `size` records: for
    /// [`verify_inclusion`].
    fn prove_inclusion(&self, index: u64, size: u64) -> Result<Vec<TreeHash>, JournalError>;

    /// Proves that the first `old` records are the beginning of the first `size`:
    /// for [`verify_consistency`].
    fn prove_consistency(&self, old: u64, size: u64) -> Result<Vec<TreeHash>, JournalError>;

    /// Proves that the leaves in `range` are those of the tree over the first
    /// `size` records: for [`verify_range`].
    fn prove_range(&self, range: Range<u64>, size: u64) -> Result<Vec<TreeHash>, JournalError>;

    /// Refuses all appends from now on, those that wait included, because the
    /// writer of `term` has taken over. When it returns nothing more will be
    /// acknowledged; followers wait on, and reading works. Blocks while the batch
    /// that is being written ends.
    fn fence(&self, term: u64);

    /// Why ordinary appends are refused, if so: for readiness. A full disk and a
    /// fence are told here too; of these, only a full disk passes by itself.
    fn failure(&self) -> Option<JournalError>;

    /// Writes what is queued, makes it durable and ends; later appends are
    /// refused, and followers end after the last record.
    fn close(&self);
}
