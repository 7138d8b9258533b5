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

use std::io;
use std::path::{Path, PathBuf};

use super::JournalError;
use crate::files::{self, FileLayer, LayerFile};

pub(super) const FILE: &str = "acknowledged";
const SLOT: usize = 512;
const USED: usize = 12;

/// The hint, open for writing.
#[derive(Debug)]
pub(super) struct Acknowledged {
    path: PathBuf,
    file: Box<dyn LayerFile>,
    second_slot_next: bool,
    unsynced: bool,
}

impl Acknowledged {
    /// What the hint in `folder` says; `None` when it is missing or unreadable.
    pub(super) fn read(files: &dyn FileLayer, folder: &Path) -> Result<Option<u64>, JournalError> {
        let path = folder.join(FILE);
        let file = match files.open_read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(JournalError::io("opening", &path)(error)),
        };
        let mut bytes = [0; 2 * SLOT];
        file.read_at(0, &mut bytes).map_err(JournalError::io("reading", &path))?;
        Ok(bytes.chunks_exact(SLOT).filter_map(decode).max())
    }

    /// Starts the hint anew with `sequence`, durably.
    pub(super) fn start(
        files: &dyn FileLayer,
        folder: &Path,
        sequence: u64,
    ) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let mut bytes = [0; 2 * SLOT];
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
