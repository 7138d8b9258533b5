//! A hint of what has been acknowledged.
//!
//! The sequence last acknowledged is kept in a small file beside the segments,
//! written after each batch is durable and before it is acknowledged. It is not
//! synced each time, so after a power cut it may lag; but it never runs ahead:
//! what it names was durable. Opening uses it one way only: a record that it
//! covers and that cannot be read is damage, not a torn write. A process that was
//! killed leaves it exact, and so does a quiet second, after which it is synced.
//!
//! The file has two slots in sectors of their own, written in turn, so that a
//! torn write leaves the other one. A slot is a sequence (8 bytes, big-endian)
//! and its CRC-32C.
//!
//! A third slot serves a standby. It takes over frames that another journal wrote
//! in many writes, and writes them in one: they say of one another that they were
//! durable, and here that is not so until the write is synced. Before such a write
//! the slot names its first record, synced; after it, none (not synced).

use std::io;
use std::path::{Path, PathBuf};

use super::JournalError;
use crate::files::{self, FileLayer, LayerFile};

pub(super) const FILE: &str = "acknowledged";
const SLOT: usize = 512;
const USED: usize = 12;
/// Where the third slot is.
const COPIED_AT: usize = 2 * SLOT;
const LEN: usize = 3 * SLOT;

/// The hint, open for writing.
#[derive(Debug)]
pub(super) struct Acknowledged {
    path: PathBuf,
    file: Box<dyn LayerFile>,
    second_slot_next: bool,
    unsynced: bool,
}

/// What the hint says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hint {
    /// The last record known to have been acknowledged.
    pub(super) acknowledged: Option<u64>,
    /// From this record on, frames may have been taken over in one write.
    pub(super) copied_from: Option<u64>,
}

impl Acknowledged {
    /// What the hint in `folder` says: nothing when it is missing or unreadable.
    pub(super) fn read(files: &dyn FileLayer, folder: &Path) -> Result<Hint, JournalError> {
        let path = folder.join(FILE);
        let file = match files.open_read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Hint::default()),
            Err(error) => return Err(JournalError::io("opening", &path)(error)),
        };
        let mut bytes = [0; LEN];
        file.read_at(0, &mut bytes).map_err(JournalError::io("reading", &path))?;
        let (slots, copied_from) = bytes.split_at(COPIED_AT);
        Ok(Hint {
            acknowledged: slots.chunks_exact(SLOT).filter_map(decode).max(),
            copied_from: decode(copied_from).filter(|from| *from > 0),
        })
    }

    /// Starts the hint anew with `sequence`, durably.
    pub(super) fn start(
        files: &dyn FileLayer,
        folder: &Path,
        sequence: u64,
    ) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let mut bytes = [0; LEN];
        bytes[..USED].copy_from_slice(&slot(sequence));
        files::replace(files, folder, FILE, &bytes).map_err(JournalError::io("writing", &path))?;
        let file = files.open(&path).map_err(JournalError::io("opening", &path))?;
        Ok(Self { path, file, second_slot_next: true, unsynced: false })
    }

    /// Notes that everything up to `sequence` is durable.
    pub(super) fn note(&mut self, sequence: u64) -> Result<(), JournalError> {
        let offset = if self.second_slot_next { SLOT as u64 } else { 0 };
        self.file
            .write_at(offset, &slot(sequence))
            .map_err(JournalError::io("writing", &self.path))?;
        self.second_slot_next = !self.second_slot_next;
        self.unsynced = true;
        Ok(())
    }

    /// Notes, durably, that frames from `sequence` on are about to be taken over in
    /// one write.
    pub(super) fn copying_from(&mut self, sequence: u64) -> Result<(), JournalError> {
        self.write_copied(sequence)?;
        self.sync()
    }

    /// Notes that they are durable.
    pub(super) fn copied(&mut self) -> Result<(), JournalError> {
        self.write_copied(0)
    }

    fn write_copied(&mut self, sequence: u64) -> Result<(), JournalError> {
        self.unsynced = true;
        self.file
            .write_at(COPIED_AT as u64, &slot(sequence))
            .map_err(JournalError::io("writing", &self.path))
    }

    /// Whether [`Self::sync`] has something to do.
    pub(super) fn is_unsynced(&self) -> bool {
        self.unsynced
    }

    /// Makes the hint exact on the disk too.
    pub(super) fn sync(&mut self) -> Result<(), JournalError> {
        if self.unsynced {
            self.file.sync().map_err(JournalError::io("syncing", &self.path))?;
            self.unsynced = false;
        }
        Ok(())
    }
}

pub(super) fn slot(sequence: u64) -> [u8; USED] {
    let mut bytes = [0; USED];
    bytes[..8].copy_from_slice(&sequence.to_be_bytes());
    let crc = crc32c::crc32c(&bytes[..8]);
    bytes[8..].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn decode(slot: &[u8]) -> Option<u64> {
    let (sequence, rest) = slot.split_first_chunk::<8>()?;
    let (crc, _) = rest.split_first_chunk::<4>()?;
    (crc32c::crc32c(sequence) == u32::from_be_bytes(*crc)).then(|| u64::from_be_bytes(*sequence))
}
