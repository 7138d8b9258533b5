//! The embedded journal: segment files in one folder, one writer thread.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::acknowledged::Acknowledged;
use super::frame::RESETS_CLOCK;
use super::merkle::{MerkleTree, TreeHash};
use super::open_segment::OpenSegment;
use super::proofs::Proofs;
use super::queue::{Need, Shared};
use super::reader::{End, JournalReader, first_available, segments};
use super::recovery::{OpenReport, Recovered, recover};
use super::sealed::{SealedSegment, SealedSegments};
use super::writer::Writer;
use super::{Append, Journal, JournalError, Position, Record, Records};
use crate::clock::Clock;
use crate::files::{self, Disk, FileLayer, Lock, LockGuard};
use crate::profile::RecordProfile;

const LOCK_FILE: &str = "lock";

/// How the embedded journal is opened.
#[derive(Debug, Clone)]
pub struct JournalOptions {
    pub(super) segment_bytes: u64,
    pub(super) queue_bytes: usize,
    pub(super) reserve_bytes: u64,
    pub(super) lost_end: LostEnd,
    pub(super) profile: RecordProfile,
}

/// What to do when acknowledged records are missing at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LostEnd {
    Refuse,
    Accept,
}

impl Default for JournalOptions {
    /// Segments of 64 MiB, 16 MiB of appends waiting at most, 4 MiB kept for what
    /// is essential, nothing lost.
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            queue_bytes: 16 << 20,
            reserve_bytes: 4 << 20,
            lost_end: LostEnd::Refuse,
            profile: RecordProfile::Standard,
        }
    }
}

impl JournalOptions {
    /// The length, in bytes, at which a segment is closed and the next begun.
    pub fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// What a journal that is made is hashed with; one that is there says so itself.
    pub fn profile(mut self, profile: RecordProfile) -> Self {
        self.profile = profile;
        self
    }

    /// How many bytes of payloads may wait for the disk.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = bytes;
        self
    }

    /// How many bytes of the disk are kept for reserved appends.
    pub fn reserve_bytes(mut self, bytes: u64) -> Self {
        self.reserve_bytes = bytes;
        self
    }

    /// Opens even if acknowledged records are missing at the end, going on with
    /// what is left; the report says what was lost. For an operator who has read
    /// the refusal and has nothing to restore from.
    pub fn danger_accept_lost_end(mut self) -> Self {
        self.lost_end = LostEnd::Accept;
        self
    }
}

/// The journal in one folder. Dropping it closes it.
#[derive(Debug)]
pub struct FileJournal {
    shared: Arc<Shared>,
    sealed: Arc<SealedSegments>,
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    writer: Mutex<Option<JoinHandle<()>>>,
    _lock: LockGuard,
}

impl FileJournal {
    /// Makes a journal in `folder` (which is made too) and opens it.
    ///
    /// # Errors
    /// [`JournalError::AlreadyThere`] if the folder holds one.
    pub fn create(
        folder: &Path,
        clock: Arc<dyn Clock>,
        options: &JournalOptions,
    ) -> Result<Self, JournalError> {
        Self::create_on(Arc::new(Disk), folder, clock, options)
    }

    /// Opens the journal in `folder`.
    ///
    /// # Errors
    /// [`JournalError::Missing`] if there is none, [`JournalError::InUse`] if
    /// another process has it, [`JournalError::Damaged`] if its end is damaged
    /// (the segments before the last are checked when they are read).
    pub fn open(
        folder: &Path,
        clock: Arc<dyn Clock>,
        options: &JournalOptions,
    ) -> Result<(Self, OpenReport), JournalError> {
        Self::open_on(Arc::new(Disk), folder, clock, options)
    }

    /// Keeps everybody else from the journal in `folder` without opening it.
    pub(crate) fn lock_alone(folder: &Path) -> Result<LockGuard, JournalError> {
        segments(&Disk, folder)?;
        lock(&Disk, folder)
    }

    pub(super) fn create_on(
        files: Arc<dyn FileLayer>,
        folder: &Path,
        clock: Arc<dyn Clock>,
        options: &JournalOptions,
    ) -> Result<Self, JournalError> {
        files::make_folder(&*files, folder).map_err(JournalError::io("making", folder))?;
        let lock = lock(&*files, folder)?;
        match segments(&*files, folder) {
            Err(JournalError::Missing { .. }) => {}
            Ok(_) => return Err(JournalError::AlreadyThere { folder: folder.to_owned() }),
            Err(other) => return Err(other),
        }
        // The hint first: a journal with a segment always has one.
        Acknowledged::start(&*files, folder, 0)?;
        let (profile, tree) = (options.profile, MerkleTree::new(options.profile));
        let start = Position::start(profile);
        OpenSegment::begin(&*files, folder, start, tree, options.reserve_bytes)?
            .ok_or(JournalError::DiskFull)?;
        let recovered = recover(&files, folder, options)?;
        Self::start(files, folder, clock, options, recovered, lock)
    }

    pub(super) fn open_on(
        files: Arc<dyn FileLayer>,
        folder: &Path,
        clock: Arc<dyn Clock>,
        options: &JournalOptions,
    ) -> Result<(Self, OpenReport), JournalError> {
        segments(&*files, folder)?;
        let lock = lock(&*files, folder)?;
        let recovered = recover(&files, folder, options)?;
        let report = recovered.report.clone();
        Ok((Self::start(files, folder, clock, options, recovered, lock)?, report))
    }

    fn start(
        files: Arc<dyn FileLayer>,
        folder: &Path,
        clock: Arc<dyn Clock>,
        options: &JournalOptions,
        mut recovered: Recovered,
        lock: LockGuard,
    ) -> Result<Self, JournalError> {
        let shared = Arc::new(Shared::starting(&mut recovered, options.queue_bytes));
        let entries = std::mem::take(&mut recovered.sealed);
        let sealed = Arc::new(SealedSegments::new(files.clone(), folder, entries));
        let (with, and, on) = (shared.clone(), sealed.clone(), (files.clone(), folder));
        let writer = Writer::new(with, and, on, clock, options, recovered);
        let writer = thread::Builder::new()
            .name("journal-writer".to_owned())
            .spawn(move || writer.run())
            .map_err(JournalError::io("starting the writer of", folder))?;
        let writer = Mutex::new(Some(writer));
        Ok(Self { shared, sealed, files, folder: folder.to_owned(), writer, _lock: lock })
    }

    fn proofs(&self) -> Proofs<'_> {
        Proofs::over(&self.shared, &self.sealed)
    }

    fn reader(&self, from: u64) -> Result<JournalReader, JournalError> {
        let tail = self.shared.tail();
        let last = tail.position.sequence;
        if from == 0 || from > last + 1 {
            let first = first_available(&*self.files, &self.folder)?;
            return Err(JournalError::Unavailable { asked: from, first, last });
        }
        JournalReader::starting(self.files.clone(), &self.folder, from, End::Durable(tail))
    }
}

fn lock(files: &dyn FileLayer, folder: &Path) -> Result<LockGuard, JournalError> {
    let path = folder.join(LOCK_FILE);
    match files.lock(&path).map_err(JournalError::io("locking", &path))? {
        Lock::Held(guard) => Ok(guard),
        Lock::Taken { holder } => Err(JournalError::InUse { folder: folder.to_owned(), holder }),
    }
}

impl Journal for FileJournal {
    fn append(&self, payload: Vec<u8>) -> Append {
        self.shared.append(payload, 0, Need::Ordinary)
    }

    fn append_reserved(&self, payload: Vec<u8>) -> Append {
        self.shared.append(payload, 0, Need::Reserved)
    }

    fn append_clock_reset(&self, payload: Vec<u8>) -> Append {
        self.shared.append(payload, RESETS_CLOCK, Need::Reserved)
    }

    fn append_frames(&self, frames: Vec<u8>) -> Append {
        self.shared.append_frames(frames)
    }

    fn read_from(&self, sequence: u64) -> Result<Records, JournalError> {
        Ok(Box::new(self.reader(sequence)?))
    }

    fn follow(&self, sequence: u64) -> Result<Records, JournalError> {
        let reader = self.reader(sequence)?;
        Ok(Box::new(Follower { reader, shared: self.shared.clone(), over: false }))
    }

    fn position(&self) -> Position {
        self.shared.tail().position
    }

    fn tree(&self) -> (Position, MerkleTree) {
        self.shared.tree()
    }

    fn seal(&self) -> Result<Option<SealedSegment>, JournalError> {
        self.shared.seal().wait()?;
        Ok(self.sealed.all().last().cloned())
    }

    fn sealed_segments(&self) -> Vec<SealedSegment> {
        self.sealed.all().to_vec()
    }

    fn release(&self, first: u64) -> Result<(), JournalError> {
        self.sealed.release(first)
    }

    fn adopt(&self, path: &Path) -> Result<SealedSegment, JournalError> {
        self.sealed.adopt(path)
    }

    fn check_sealed(&self) -> Result<u64, JournalError> {
        self.sealed.check()
    }

    fn leaf_hashes(&self, range: Range<u64>) -> Result<Vec<TreeHash>, JournalError> {
        self.proofs().leaves(range)
    }

    fn tree_at(&self, size: u64) -> Result<MerkleTree, JournalError> {
        self.proofs().tree_at(size)
    }

    fn prove_inclusion(&self, index: u64, size: u64) -> Result<Vec<TreeHash>, JournalError> {
        self.proofs().inclusion(index, size)
    }

    fn prove_consistency(&self, old: u64, size: u64) -> Result<Vec<TreeHash>, JournalError> {
        self.proofs().consistency(old, size)
    }

    fn prove_range(&self, range: Range<u64>, size: u64) -> Result<Vec<TreeHash>, JournalError> {
        self.proofs().range(&range, size)
    }

    fn fence(&self, term: u64) {
        self.shared.fence(term);
    }

    fn failure(&self) -> Option<JournalError> {
        self.shared.failure()
    }

    fn close(&self) {
        self.shared.close();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A panic of the writer has already been told to everybody.
            let _ = writer.join();
        }
    }
}

impl Drop for FileJournal {
    fn drop(&mut self) {
        self.close();
    }
}

/// Durable records as they come.
#[derive(Debug)]
struct Follower {
    reader: JournalReader,
    shared: Arc<Shared>,
    over: bool,
}

impl Iterator for Follower {
    type Item = Result<Record, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = match self.reader.next_record() {
            Ok(None) => self.wait(),
            read => read.transpose(),
        };
        self.over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl Follower {
    fn wait(&mut self) -> Option<Result<Record, JournalError>> {
        match self.shared.wait_beyond(self.reader.position().sequence) {
            Ok(Some(tail)) => {
                self.reader.extend(tail);
                self.reader.next_record().transpose()
            }
            Ok(None) => None,
            Err(error) => Some(Err(error)),
        }
    }
}
