//! Copying a journal up to a record while it is being written, and cutting such
//! a copy after an earlier one.
//!
//! A copy is made segment by segment. Every frame is checked while it is copied,
//! so that a copy holds nothing but what was whole; what is appended meanwhile
//! lies behind the last byte that is copied and is never looked at. Segments that
//! are archived are not in it; the manifest and the leaves, copied as they are,
//! still speak of them.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::acknowledged::Acknowledged;
use super::error::{Damage, DamageKind};
use super::reader::{End, JournalReader, segments};
use super::sealed::{leaves, manifest};
use super::{JournalError, Position, segment};
use crate::files::{Disk, FileLayer};

/// As much of one segment as a copy takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentPart {
    /// The segment's file name.
    pub(crate) name: String,
    /// How many bytes of it.
    pub(crate) bytes: u64,
    first: u64,
}

/// The segments that hold the durable records up to `sequence`, the last one cut
/// behind it.
pub(crate) fn parts_upto(folder: &Path, sequence: u64) -> Result<Vec<SegmentPart>, JournalError> {
    let files: Arc<dyn FileLayer> = Arc::new(Disk);
    let mut firsts = segments(&*files, folder)?;
    firsts.retain(|first| *first <= sequence);
    let newest = firsts.last().copied();
    let part = |first: u64| {
        let name = segment::name(first);
        let bytes = if Some(first) == newest {
            end_of(&files, folder, first, sequence)?
        } else {
            let path = folder.join(&name);
            let file = files.open_read(&path).map_err(JournalError::io("opening", &path))?;
            file.len().map_err(JournalError::io("measuring", &path))?
        };
        Ok(SegmentPart { name, bytes, first })
    };
    firsts.into_iter().map(part).collect()
}

/// Where in its segment, which begins with `first`, the record `sequence` ends.
fn end_of(
    files: &Arc<dyn FileLayer>,
    folder: &Path,
    first: u64,
    sequence: u64,
) -> Result<u64, JournalError> {
    let mut reader = JournalReader::starting(files.clone(), folder, first, End::Disk)?;
    while reader.position().sequence < sequence {
        if reader.next_record()?.is_none() {
            let last = reader.position().sequence;
            return Err(JournalError::Unavailable { asked: sequence, first, last });
        }
    }
    Ok(reader.place().1)
}

/// Reads one part, checking every frame on the way. A fault ends the reading
/// with an error whose cause [`Self::end`] tells.
#[derive(Debug)]
pub(crate) struct SegmentCopy {
    part: SegmentPart,
    reader: JournalReader,
    ahead: Vec<u8>,
    used: usize,
    /// How many bytes were read into `ahead`, all in all.
    taken: u64,
    fault: Option<JournalError>,
}

impl SegmentCopy {
    /// Begins a part; `before` is where the part copied before it ended.
    pub(crate) fn open(
        folder: &Path,
        part: &SegmentPart,
        before: Option<Position>,
    ) -> Result<Self, JournalError> {
        let files: Arc<dyn FileLayer> = Arc::new(Disk);
        let reader = JournalReader::starting(files, folder, part.first, End::Disk)?;
        let position = reader.position();
        // Between two parts there may be archived segments.
        let follows = |before: &Position| before.sequence == position.sequence;
        if before.filter(follows).is_some_and(|before| before != position) {
            let kind = DamageKind::Header { problem: "does not go on where the last one ended" };
            return Err(damage(part, 0, kind));
        }
        let ahead = segment::encode_header(&position).to_vec();
        let taken = ahead.len() as u64;
        Ok(Self { part: part.clone(), reader, ahead, used: 0, taken, fault: None })
    }

    /// The last record of the part, once all of it was read.
    pub(crate) fn end(self) -> Result<Position, JournalError> {
        match self.fault {
            Some(fault) => Err(fault),
            None if self.taken == self.part.bytes => Ok(self.reader.position()),
            None => Err(damage(&self.part, self.taken, DamageKind::Incomplete)),
        }
    }

    fn next_frame(&mut self) -> Result<(), JournalError> {
        self.ahead.clear();
        self.used = 0;
        if self.taken < self.part.bytes
            && let Some(record) = self.reader.next_record()?
        {
            self.ahead.extend_from_slice(record.frame());
            self.taken += self.ahead.len() as u64;
        }
        Ok(())
    }
}

impl Read for SegmentCopy {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.ahead.len()
            && let Err(fault) = self.next_frame()
        {
            let told = io::Error::other(fault.to_string());
            self.fault = Some(fault);
            return Err(told);
        }
        let given = buffer.len().min(self.ahead.len() - self.used);
        buffer[..given].copy_from_slice(&self.ahead[self.used..self.used + given]);
        self.used += given;
        Ok(given)
    }
}

fn damage(part: &SegmentPart, offset: u64, kind: DamageKind) -> JournalError {
    Damage { segment: part.name.clone(), offset, sequence: part.first, kind }.into()
}

/// Reads a journal that nobody has open, from behind its last archived segment.
pub(crate) fn read_unarchived(folder: &Path) -> Result<JournalReader, JournalError> {
    let files: Arc<dyn FileLayer> = Arc::new(Disk);
    let from = manifest::last_archived(&*files, folder)? + 1;
    JournalReader::starting(files, folder, from, End::Disk)
}

/// Cuts a journal that nobody has open after the record `sequence`. What was
/// derived from the segments that it loses, or that are open again, goes too.
pub(crate) fn cut_after(folder: &Path, sequence: u64) -> Result<(), JournalError> {
    let archived = manifest::last_archived(&Disk, folder)?;
    let parts = parts_upto(folder, sequence)?;
    let Some(open) = parts.last().filter(|_| sequence > archived) else {
        let mut reader = read_unarchived(folder)?;
        while reader.next_record()?.is_some() {}
        let last = reader.position().sequence;
        return Err(JournalError::Unavailable { asked: sequence, first: archived + 1, last });
    };
    // What is cut off was acknowledged, and shall not be missed.
    Acknowledged::start(&Disk, folder, sequence)?;
    manifest::cut(&Disk, folder, open.first)?;
    for first in segments(&Disk, folder)? {
        if first >= open.first {
            remove(&folder.join(leaves::name(first)))?;
        }
        if first > sequence {
            remove(&folder.join(segment::name(first)))?;
        }
    }
    let path = folder.join(&open.name);
    let mut file = Disk.open(&path).map_err(JournalError::io("opening", &path))?;
    file.truncate(open.bytes).map_err(JournalError::io("cutting", &path))?;
    file.sync().map_err(JournalError::io("syncing", &path))?;
    Disk.sync_folder(folder).map_err(JournalError::io("syncing", folder))
}

fn remove(path: &Path) -> Result<(), JournalError> {
    match Disk.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(JournalError::io("removing", path)(error))
        }
        _ => Ok(()),
    }
}
