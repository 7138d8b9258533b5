//! The one segment that is written to, and the room that is kept for it.
//!
//! A full disk must show before a write, because a failed write ends the journal.
//! So space is allocated ahead of the last record, without changing the length that
//! the file shows (a reader finds its end as ever), in two parts: what ordinary
//! records use up, and behind it a reserve for what must be recorded on a full disk
//! too. A new segment begins only with its reserve; while the disk has none, the
//! old one stays open beyond its cap for reserved records. Where the file system
//! cannot allocate ahead, a full disk is found by a failing write.
//!
//! A power cut leaves at most space that was allocated and not used. The next
//! opening allocates it again, and the cut that closes a segment gives it back.

use std::io;
use std::path::{Path, PathBuf};

use super::growth::Growth;
use super::merkle::MerkleTree;
use super::queue::{Need, Tail};
use super::sealed::SealedSegment;
use super::{JournalError, Position, segment};
use crate::files::{Allocated, FileLayer, LayerFile, is_full};

/// How much is allocated at a time: a thousand sign-ins.
const AHEAD: u64 = 1 << 20;

/// An open segment; everything up to its tail is durable.
#[derive(Debug)]
pub(super) struct OpenSegment {
    path: PathBuf,
    file: Box<dyn LayerFile>,
    pub(super) tail: Tail,
    pub(super) growth: Growth,
    room: Room,
}

impl OpenSegment {
    /// Goes on in a file that is there.
    pub(super) fn at(
        folder: &Path,
        file: Box<dyn LayerFile>,
        tail: Tail,
        growth: Growth,
        reserve: u64,
    ) -> Self {
        let path = folder.join(segment::name(tail.segment));
        Self { path, file, tail, growth, room: Room { held: tail.offset, reserve } }
    }

    /// Makes the segment that goes on after `position`, durably and whole; `None`
    /// if the disk has no room for it.
    pub(super) fn begin(
        files: &dyn FileLayer,
        folder: &Path,
        position: Position,
        tree: MerkleTree,
        reserve: u64,
    ) -> Result<Option<Self>, JournalError> {
        let first = position.sequence + 1;
        let name = segment::name(first);
        let (path, beside) = (folder.join(&name), folder.join(format!("{name}.new")));
        let (mut file, room) = match stage(files, &beside, &position, reserve) {
            Err(error) if is_full(&error) => {
                // The next attempt begins by removing it too.
                let _ = files.remove(&beside);
                return Ok(None);
            }
            staged => staged.map_err(JournalError::io("creating", &path))?,
        };
        file.sync().map_err(JournalError::io("syncing", &path))?;
        files.rename(&beside, &path).map_err(JournalError::io("renaming to", &path))?;
        files.sync_folder(folder).map_err(JournalError::io("syncing", folder))?;
        let growth = Growth::after(&position, tree);
        let tail = Tail { position, segment: first, offset: segment::HEADER_LEN as u64 };
        Ok(Some(Self { path, file, tail, growth, room }))
    }

    /// Whether no record is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.tail.offset == segment::HEADER_LEN as u64
    }

    /// Whether it may grow up to byte `end`.
    pub(super) fn make_room(&mut self, end: u64, need: Need) -> Result<bool, JournalError> {
        let Self { path, file, room, .. } = self;
        room.make(&mut **file, end, need).map_err(JournalError::io("allocating", path))
    }

    /// Writes frames, of which the last leads to `position`: one write, one sync.
    pub(super) fn write(&mut self, frames: &[u8], position: Position) -> Result<(), JournalError> {
        let Self { path, file, tail, .. } = self;
        file.write_at(tail.offset, frames).map_err(JournalError::io("writing", path))?;
        file.sync().map_err(JournalError::io("syncing", path))?;
        tail.position = position;
        tail.offset += frames.len() as u64;
        Ok(())
    }

    /// What the manifest will say of it.
    pub(super) fn entry(&self) -> SealedSegment {
        self.growth.seal(&self.tail)
    }

    /// Gives back the room that was not used; the segment that follows is there.
    pub(super) fn close(mut self) -> Result<(), JournalError> {
        self.file.truncate(self.tail.offset).map_err(JournalError::io("cutting", &self.path))
    }
}

/// Writes the header beside, with room behind it.
fn stage(
    files: &dyn FileLayer,
    beside: &Path,
    position: &Position,
    reserve: u64,
) -> io::Result<(Box<dyn LayerFile>, Room)> {
    match files.remove(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = files.create(beside)?;
    file.write_at(0, &segment::encode_header(position))?;
    let end = segment::HEADER_LEN as u64;
    let mut room = Room { held: end, reserve };
    if !room.make(&mut *file, end, Need::Ordinary)? {
        return Err(io::ErrorKind::StorageFull.into());
    }
    Ok((file, room))
}

/// What is allocated to the file.
#[derive(Debug)]
struct Room {
    /// Up to this byte the file has its space; more than that may be unknown.
    held: u64,
    /// How much of it is not for ordinary records.
    reserve: u64,
}

impl Room {
    fn make(&mut self, file: &mut dyn LayerFile, end: u64, need: Need) -> io::Result<bool> {
        let wanted = end.saturating_add(self.reserve);
        let made = wanted <= self.held
            || self.extend(file, wanted.saturating_add(AHEAD))?
            || self.extend(file, wanted)?;
        if made || need == Need::Ordinary {
            return Ok(made);
        }
        // After an opening the reserve is the file's and not yet known to be.
        Ok(end <= self.held || self.extend(file, end)?)
    }

    fn extend(&mut self, file: &mut dyn LayerFile, to: u64) -> io::Result<bool> {
        match file.allocate(self.held, to.saturating_sub(self.held)) {
            Ok(Allocated::Done) => self.held = to,
            Ok(Allocated::Unsupported) => self.held = u64::MAX,
            Err(error) if is_full(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
        Ok(true)
    }
}
