//! Reading the journal, checking all of it on the way.
//!
//! For every record: its checksum, that its number is the next one, that it
//! names the hash of the record before; for every segment: its header, and that
//! it goes on where the one before it ended. The first fault ends the reading.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{Damage, DamageKind};
use super::frame::{self, Frame};
use super::queue::Tail;
use super::record::{Position, Record};
use super::sealed::manifest;
use super::{JournalError, segment};
use crate::files::{Disk, FileLayer, ReadAt};
use crate::profile::RecordProfile;

/// How much is read at a time.
const CHUNK: usize = 64 << 10;

/// Iterates over records, verifying them.
///
/// A folder may begin at a later record than 1 when older segments are archived;
/// the first header is then taken at its word for the hash before it.
#[derive(Debug)]
pub struct JournalReader {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    segment: SegmentReader,
    position: Position,
    end: End,
    over: bool,
}

/// How far to read.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// To the last byte of the last segment.
    Disk,
    /// To the last durable record, as the writer told it.
    Durable(Tail),
}

impl JournalReader {
    /// Opens the journal in `folder` at its first record, without locking it:
    /// for a copy, an export, or a journal that no process has open. (In one
    /// that is being written, the last record may be seen half written.)
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let files = Arc::new(Disk);
        let first = first_available(&*files, folder)?;
        Self::starting(files, folder, first, End::Disk)
    }

    /// A reader whose first record is `from`.
    pub(super) fn starting(
        files: Arc<dyn FileLayer>,
        folder: &Path,
        from: u64,
        end: End,
    ) -> Result<Self, JournalError> {
        let firsts = segments(&*files, folder)?;
        let Some(first) = firsts.iter().rev().find(|first| **first <= from) else {
            return Err(unavailable(&*files, folder, from, end.last()));
        };
        let (segment, position) = SegmentReader::open(&*files, folder, *first)?;
        if *first == 1 && position != Position::start(position.profile) {
            let kind = DamageKind::Header { problem: "does not begin the chain" };
            return Err(segment.damage_at(0, 1, kind));
        }
        let folder = folder.to_owned();
        let mut reader = Self { files, folder, segment, position, end, over: false };
        while reader.position.sequence + 1 < from {
            if reader.next_record()?.is_none() {
                let last = reader.position.sequence;
                return Err(JournalError::Unavailable { asked: from, first: *first, last });
            }
        }
        Ok(reader)
    }

    /// The last record read, and what holds after it.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The next record; `None` at the end. After an error, only `None`.
    pub fn next_record(&mut self) -> Result<Option<Record>, JournalError> {
        if self.over {
            return Ok(None);
        }
        let read = self.read_next();
        self.over = read.is_err();
        read
    }

    /// Reads on to a later end.
    pub(super) fn extend(&mut self, tail: Tail) {
        self.end = End::Durable(tail);
    }

    /// Where the next frame is to be, in which file: for recovery.
    pub(super) fn place(&self) -> (u64, u64) {
        (self.segment.first, self.segment.offset)
    }

    fn read_next(&mut self) -> Result<Option<Record>, JournalError> {
        loop {
            if self.end.is_reached(self.position.sequence) {
                return Ok(None);
            }
            let limit = self.end.limit_in(self.segment.first);
            if let Some(record) = self.segment.next(&self.position, limit)? {
                self.position = record.position();
                return Ok(Some(record));
            }
            if !self.open_next()? {
                return Ok(None);
            }
        }
    }

    /// Goes on to the segment that begins with the next record, if there is one.
    fn open_next(&mut self) -> Result<bool, JournalError> {
        let next = self.position.sequence + 1;
        let firsts = segments(&*self.files, &self.folder)?;
        if next == self.segment.first || !firsts.contains(&next) {
            let later = firsts.iter().any(|first| *first > next);
            if later && manifest::is_archived(&*self.files, &self.folder, next)? {
                return Err(unavailable(&*self.files, &self.folder, next, self.end.last()));
            }
            if later || matches!(self.end, End::Durable(_)) {
                let segment = segment::name(next);
                let kind = DamageKind::MissingSegment;
                return Err(Damage { segment, offset: 0, sequence: next, kind }.into());
            }
            return Ok(false);
        }
        let (segment, position) = SegmentReader::open(&*self.files, &self.folder, next)?;
        if position != self.position {
            let kind = DamageKind::Header { problem: "does not go on where the last one ended" };
            return Err(segment.damage_at(0, next, kind));
        }
        self.segment = segment;
        Ok(true)
    }
}

impl Iterator for JournalReader {
    type Item = Result<Record, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_record().transpose()
    }
}

impl End {
    fn is_reached(&self, sequence: u64) -> bool {
        matches!(self, Self::Durable(tail) if sequence >= tail.position.sequence)
    }

    /// Bytes behind the durable ones may be half written.
    fn limit_in(&self, segment: u64) -> u64 {
        match self {
            Self::Durable(tail) if tail.segment == segment => tail.offset,
            _ => u64::MAX,
        }
    }

    fn last(&self) -> u64 {
        match self {
            Self::Durable(tail) => tail.position.sequence,
            Self::Disk => 0,
        }
    }
}

/// The first record from which on `folder` holds all others (or will hold first).
pub(super) fn first_available(files: &dyn FileLayer, folder: &Path) -> Result<u64, JournalError> {
    let firsts = segments(files, folder)?;
    let archived = manifest::last_archived(files, folder)?;
    // What was brought back may stand before a gap.
    let first = firsts.into_iter().find(|first| *first > archived);
    Ok(first.unwrap_or(archived + 1))
}

/// The error that tells what can be read.
fn unavailable(files: &dyn FileLayer, folder: &Path, asked: u64, last: u64) -> JournalError {
    match first_available(files, folder) {
        Ok(first) => JournalError::Unavailable { asked, first, last },
        Err(error) => error,
    }
}

/// The first sequences of all segments, in order; at least one.
pub(super) fn segments(files: &dyn FileLayer, folder: &Path) -> Result<Vec<u64>, JournalError> {
    let missing = || JournalError::Missing { folder: folder.to_owned() };
    let names = match files.list(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing()),
        names => names.map_err(JournalError::io("listing", folder))?,
    };
    let mut firsts: Vec<u64> = names.iter().filter_map(|name| segment::first_of(name)).collect();
    firsts.sort_unstable();
    if firsts.is_empty() { Err(missing()) } else { Ok(firsts) }
}

/// One segment, read forward through a buffer.
#[derive(Debug)]
pub(super) struct SegmentReader {
    first: u64,
    path: PathBuf,
    file: Box<dyn ReadAt>,
    /// Where in the file the next frame begins.
    offset: u64,
    /// Bytes of the file from `offset` on.
    ahead: Vec<u8>,
    used: usize,
}

impl SegmentReader {
    pub(super) fn open(
        files: &dyn FileLayer,
        folder: &Path,
        first: u64,
    ) -> Result<(Self, Position), JournalError> {
        let path = folder.join(segment::name(first));
        let file = files.open_read(&path).map_err(JournalError::io("opening", &path))?;
        Self::over(file, path, first)
    }

    fn over(
        file: Box<dyn ReadAt>,
        path: PathBuf,
        first: u64,
    ) -> Result<(Self, Position), JournalError> {
        let mut reader = Self { first, path, file, offset: 0, ahead: Vec::new(), used: 0 };
        reader.fill(segment::HEADER_LEN, u64::MAX)?;
        let position = segment::decode_header(&reader.ahead, first)
            .map_err(|kind| reader.damage_at(0, first, kind))?;
        reader.advance(segment::HEADER_LEN);
        Ok((reader, position))
    }

    /// The frame that follows `position`; `None` at the end of the file or limit.
    pub(super) fn next(
        &mut self,
        position: &Position,
        limit: u64,
    ) -> Result<Option<Record>, JournalError> {
        self.fill(frame::HEADER_LEN, limit)?;
        if self.ahead.len() == self.used {
            return Ok(None);
        }
        let fault = |kind, this: &Self| this.damage_at(this.offset, position.sequence + 1, kind);
        let wanted =
            frame::wanted_len(&self.ahead[self.used..]).map_err(|kind| fault(kind, self))?;
        self.fill(wanted, limit)?;
        let frame = Frame::decode(&self.ahead[self.used..]).map_err(|kind| fault(kind, self))?;
        frame.follows(position).map_err(|kind| fault(kind, self))?;
        let bytes = self.ahead[self.used..self.used + wanted].to_vec();
        let position = position.after(&frame, &bytes);
        let record = Record::new(bytes, frame.time_millis, position);
        self.advance(wanted);
        Ok(Some(record))
    }

    /// Where in the file the next frame begins.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads until `wanted` bytes are ahead, or all that there are before `limit`.
    fn fill(&mut self, wanted: usize, limit: u64) -> Result<(), JournalError> {
        let have = self.ahead.len() - self.used;
        if have >= wanted {
            return Ok(());
        }
        self.ahead.drain(..self.used);
        self.used = 0;
        let from = self.offset + have as u64;
        let room = usize::try_from(limit.saturating_sub(from)).unwrap_or(usize::MAX);
        self.ahead.resize(have + (wanted - have).max(CHUNK).min(room), 0);
        let read = self
            .file
            .read_at(from, &mut self.ahead[have..])
            .map_err(JournalError::io("reading", &self.path))?;
        self.ahead.truncate(have + read);
        Ok(())
    }

    fn advance(&mut self, by: usize) {
        self.used += by;
        self.offset += by as u64;
    }

    fn damage_at(&self, offset: u64, sequence: u64, kind: DamageKind) -> JournalError {
        Damage { segment: segment::name(self.first), offset, sequence, kind }.into()
    }
}

/// The profile of the journal in `folder`, by the header of the first segment that is
/// here.
///
/// # Errors
/// [`JournalError::Missing`] if there is no journal, or what is wrong with the header.
pub(crate) fn profile_of(folder: &Path) -> Result<RecordProfile, JournalError> {
    let first = first_available(&Disk, folder)?;
    Ok(SegmentReader::open(&Disk, folder, first)?.1.profile)
}

/// Checks a segment in memory that begins with record `first`, and counts its
/// records: for fuzzing, and for segments that lie elsewhere.
///
/// # Errors
/// The first damage.
pub fn check_segment(bytes: &[u8], first: u64) -> Result<u64, JournalError> {
    let file = Box::new(bytes.to_vec());
    let path = PathBuf::from(segment::name(first));
    let (mut segment, mut position) = SegmentReader::over(file, path, first)?;
    let mut records = 0;
    while let Some(record) = segment.next(&position, u64::MAX)? {
        position = record.position();
        records += 1;
    }
    Ok(records)
}

impl ReadAt for Vec<u8> {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).map_or(self.len(), |offset| offset.min(self.len()));
        let read = buffer.len().min(self.len() - from);
        buffer[..read].copy_from_slice(&self[from..from + read]);
        Ok(read)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(Vec::len(self) as u64)
    }
}
