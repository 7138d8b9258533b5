//! Segments that will never be written to again: the manifest and the leaves.
//!
//! A segment is sealed in these steps, and what a power cut leaves of each is:
//! 1. Its last record is durable. It is the open segment still.
//! 2. The segment that follows is made, durably and whole. From here on nothing is
//!    written to this one. Opening finds a segment without an entry, reads it and
//!    goes on with 3.
//! 3. The hashes of its leaves are written beside it, as `FIRST.leaves`: beside,
//!    synced, renamed, so that they are there or not. Opening makes them again.
//! 4. Its entry goes into the `manifest`, which is replaced in the same way: the
//!    old one or the new one is there. Opening reads the segment and writes the
//!    entry again.
//!
//! So both files are derived from the segments and made again from them when they
//! are missing or torn. An entry that disagrees with a segment that is here is
//! damage: one of the two was changed. For a segment that was archived, entry and
//! leaves stay, so that every proof over the whole tree can still be made.

pub(super) mod leaves;
pub(super) mod manifest;
pub(super) mod settle;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use super::error::{Damage, DamageKind};
use super::merkle::{MerkleTree, TreeHash};
use super::{JournalError, Position, segment};
use crate::files::{self, FileLayer};

/// A segment that is closed, as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedSegment {
    /// The sequence of its first record, which names the file.
    pub first: u64,
    /// The sequence of its last record.
    pub last: u64,
    /// How long the file is.
    pub bytes: u64,
    /// The SHA-256 of the file.
    #[serde(with = "crate::hex::bytes32")]
    pub sha256: [u8; 32],
    /// Where the journal stands after its last record.
    pub position: Position,
    /// The tree over all records up to its last one.
    pub tree: MerkleTree,
    /// That tree's root.
    #[serde(with = "crate::hex::bytes32")]
    pub root: TreeHash,
    /// Whether the file was moved away; entry and leaves stay.
    pub archived: bool,
}

impl SealedSegment {
    /// The segment's file name.
    pub fn file_name(&self) -> String {
        segment::name(self.first)
    }

    /// The leaves it holds, by their index in the tree.
    pub(super) fn leaves(&self) -> Range<u64> {
        self.first - 1..self.last
    }

    /// The first thing that this entry and what the segment makes disagree about.
    pub(super) fn disagreement(&self, made: &Self) -> Option<&'static str> {
        let checks = [
            ("first record", self.first == made.first),
            ("last record", self.last == made.last),
            ("length", self.bytes == made.bytes),
            ("last record's hash and time", self.position == made.position),
            ("hash", self.sha256 == made.sha256),
            ("tree", self.tree == made.tree && self.root == made.root),
        ];
        checks.into_iter().find(|(_, agrees)| !agrees).map(|(what, _)| what)
    }

    pub(crate) fn damage(&self, kind: DamageKind) -> JournalError {
        Damage { segment: self.file_name(), offset: 0, sequence: self.first, kind }.into()
    }
}

/// The sealed segments of an open journal, for the writer to add to and everybody
/// to ask.
#[derive(Debug)]
pub(super) struct SealedSegments {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    /// Held by who changes the manifest or the leaves, while the disk works.
    changing: Mutex<()>,
    /// What is durable, by their first sequence.
    listed: Mutex<Arc<Vec<SealedSegment>>>,
}

impl SealedSegments {
    pub(super) fn new(
        files: Arc<dyn FileLayer>,
        folder: &Path,
        entries: Vec<SealedSegment>,
    ) -> Self {
        let listed = Mutex::new(Arc::new(entries));
        Self { files, folder: folder.to_owned(), changing: Mutex::new(()), listed }
    }

    /// All of them, in order.
    pub(super) fn all(&self) -> Arc<Vec<SealedSegment>> {
        held(&self.listed).clone()
    }

    /// Steps 3 and 4.
    pub(super) fn add(
        &self,
        entry: SealedSegment,
        leaves: &[TreeHash],
    ) -> Result<(), JournalError> {
        let _changing = held(&self.changing);
        leaves::write(&*self.files, &self.folder, entry.first, leaves)?;
        let mut entries = self.all().to_vec();
        entries.push(entry);
        self.replace(entries)
    }

    /// The leaves of a sealed segment; made again if the file is missing or torn
    /// and the segment is here.
    pub(super) fn leaves(&self, entry: &SealedSegment) -> Result<Vec<TreeHash>, JournalError> {
        if let Some(leaves) = leaves::read(&*self.files, &self.folder, entry)? {
            return Ok(leaves);
        }
        let _changing = held(&self.changing);
        let leaves = self.checked_leaves(entry)?;
        leaves::write(&*self.files, &self.folder, entry.first, &leaves)?;
        Ok(leaves)
    }

    /// Lets go of a segment that was copied elsewhere. The manifest says so first: a
    /// power cut in between leaves a segment that is listed as archived and is here,
    /// and opening takes it for here.
    pub(super) fn release(&self, first: u64) -> Result<(), JournalError> {
        let _changing = held(&self.changing);
        let entry = self.entry(first)?;
        if !entry.archived {
            self.mark(first, true)?;
        }
        let path = self.folder.join(entry.file_name());
        match self.files.remove(&path) {
            // An earlier attempt did that much.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed.map_err(JournalError::io("removing", &path))?,
        }
        self.files.sync_folder(&self.folder).map_err(JournalError::io("syncing", &self.folder))
    }

    /// Takes a segment back in from the file at `path`, which has the segment's own
    /// name. It is copied beside, compared with its entry, and only then given its
    /// name; the manifest follows.
    pub(super) fn adopt(&self, path: &Path) -> Result<SealedSegment, JournalError> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(first) = segment::first_of(name) else {
            return Err(JournalError::NotSealed { name: name.to_owned() });
        };
        let _changing = held(&self.changing);
        let entry = self.entry(first)?;
        if self.is_here(&entry)? {
            return Ok(entry);
        }
        let (place, beside) = (self.folder.join(name), self.folder.join(format!("{name}.new")));
        let copied = files::copy(&*self.files, path, &beside)
            .map_err(JournalError::io("copying from", path))?;
        if (copied.bytes, copied.sha256) != (entry.bytes, entry.sha256) {
            self.files.remove(&beside).map_err(JournalError::io("removing", &beside))?;
            return Err(JournalError::OtherSegment { path: path.to_owned() });
        }
        self.files.rename(&beside, &place).map_err(JournalError::io("renaming to", &place))?;
        self.files.sync_folder(&self.folder).map_err(JournalError::io("syncing", &self.folder))?;
        self.mark(first, false)
    }

    fn entry(&self, first: u64) -> Result<SealedSegment, JournalError> {
        let entries = self.all();
        let entry = entries.iter().find(|entry| entry.first == first).cloned();
        entry.ok_or_else(|| JournalError::NotSealed { name: segment::name(first) })
    }

    fn mark(&self, first: u64, archived: bool) -> Result<SealedSegment, JournalError> {
        let mut entries = self.all().to_vec();
        entries.iter_mut().filter(|entry| entry.first == first).for_each(|e| e.archived = archived);
        self.replace(entries)?;
        self.entry(first)
    }

    /// Compares every entry with its segment, byte for byte, and with its leaves;
    /// of archived ones, the leaves alone. Returns how many entries there are.
    pub(super) fn check(&self) -> Result<u64, JournalError> {
        let entries = self.all();
        for entry in entries.iter() {
            let (_, mut tree) = self.before(entry);
            for leaf in self.leaves(entry)? {
                tree.push(leaf);
            }
            if tree != entry.tree {
                return Err(entry.damage(DamageKind::Manifest { what: "leaves" }));
            }
            if self.is_here(entry)? {
                self.checked_leaves(entry)?;
            }
        }
        Ok(entries.len() as u64)
    }

    /// Where the journal stands before `entry`'s records.
    fn before(&self, entry: &SealedSegment) -> (Position, MerkleTree) {
        let entries = self.all();
        settle::end_of(
            entry.position.profile,
            entries.iter().find(|before| before.last + 1 == entry.first),
        )
    }

    /// Reads the segment, which must be what the entry says; returns its leaves.
    fn checked_leaves(&self, entry: &SealedSegment) -> Result<Vec<TreeHash>, JournalError> {
        if !self.is_here(entry)? {
            return Err(entry.damage(DamageKind::LeavesLost));
        }
        let before = self.before(entry);
        let (made, leaves) = settle::read(&*self.files, &self.folder, entry.first, before)?;
        match entry.disagreement(&made) {
            None => Ok(leaves),
            Some(what) => Err(entry.damage(DamageKind::Manifest { what })),
        }
    }

    fn is_here(&self, entry: &SealedSegment) -> Result<bool, JournalError> {
        let path = self.folder.join(entry.file_name());
        match self.files.open_read(&path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(JournalError::io("opening", &path)(error)),
        }
    }

    fn replace(&self, entries: Vec<SealedSegment>) -> Result<(), JournalError> {
        manifest::save(&*self.files, &self.folder, &entries)?;
        *held(&self.listed) = Arc::new(entries);
        Ok(())
    }
}

/// Every critical section here leaves its data whole at each step, so a panic in
/// another thread while it held the lock does not matter.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
