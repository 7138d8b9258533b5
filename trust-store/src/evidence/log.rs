//! Where checkpoints are kept: text files, one a month, notes one after the other.
//!
//! Each note is followed by an empty line, so that the file reads as the notes do.
//! Keeping one, and what survives a power cut in each step:
//! 1. A month's first note: the file is made, and its name made durable. An empty
//!    file at most.
//! 2. The note is written behind the last one. Any part of it may survive; what is
//!    not a whole note at the end of the newest file is cut off on opening, since
//!    nobody was shown it.
//! 3. The file is synced. The note is there for good, and only now shown.
//!
//! After a failed write or sync nothing is known about the file's end: the next
//! note is written with a whole new copy of the month, beside the old one, synced
//! and renamed over it. The month never goes back with the clock.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::accepted;
use super::checkpoint::SignedCheckpoint;
use super::error::EvidenceError;
use super::note::EvidenceKey;
use crate::files::{self, FileLayer, LayerFile, read_all};

/// A month of one checkpoint a second is 600 MB; more is no file of ours.
const FILE_MAX: u64 = 1 << 30;

const SUFFIX: &str = ".txt";

/// The checkpoints in one folder.
#[derive(Debug)]
pub(crate) struct CheckpointLog {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    /// The newest month's file, unless it is to be opened anew.
    open: Option<Month>,
}

#[derive(Debug)]
struct Month {
    name: String,
    file: Box<dyn LayerFile>,
    len: u64,
    /// After a failure its content is written anew.
    doubtful: bool,
}

/// A month's notes as they lie in its file.
#[derive(Debug, Default)]
pub(crate) struct MonthNotes {
    /// The file.
    pub(crate) path: PathBuf,
    /// Those that read, in order.
    pub(crate) notes: Vec<SignedCheckpoint>,
    /// Byte offsets of what does not read as a note.
    pub(crate) unreadable: Vec<u64>,
    /// The file's bytes without an unfinished end.
    pub(super) content: Vec<u8>,
    len: u64,
}

impl CheckpointLog {
    /// The checkpoints in `folder`, which is made if it is missing; an unfinished
    /// note at the end is cut off.
    pub(crate) fn open(files: Arc<dyn FileLayer>, folder: &Path) -> Result<Self, EvidenceError> {
        files::make_folder(&*files, folder).map_err(EvidenceError::io("making", folder))?;
        let mut log = Self { files, folder: folder.to_owned(), open: None };
        log.open_newest()?;
        Ok(log)
    }

    /// The checkpoints in `folder` to read only: nothing is made or cut.
    pub(crate) fn reading(files: Arc<dyn FileLayer>, folder: &Path) -> Self {
        Self { files, folder: folder.to_owned(), open: None }
    }

    /// Keeps a note, durably, in the file of `month` (as in `2026-11`) or, when
    /// that is past, in the newest.
    pub(crate) fn append(&mut self, note: &str, month: &str) -> Result<(), EvidenceError> {
        let month = format!("{month}{SUFFIX}");
        let newer = self.open.as_ref().is_none_or(|open| open.name < month);
        if newer {
            self.start(month)?;
        }
        let Some(open) = &mut self.open else { return Ok(()) };
        let path = self.folder.join(&open.name);
        if open.doubtful {
            let (name, before) = (open.name.clone(), read_month(&*self.files, &path)?);
            let content = [&before.content, entry(note).as_bytes()].concat();
            files::replace(&*self.files, &self.folder, &name, &content)
                .map_err(EvidenceError::io("rewriting", &path))?;
            return self.open_file(name);
        }
        let entry = entry(note);
        open.doubtful = true;
        open.file
            .write_at(open.len, entry.as_bytes())
            .and_then(|()| open.file.sync())
            .map_err(EvidenceError::io("writing", &path))?;
        open.doubtful = false;
        open.len += entry.len() as u64;
        Ok(())
    }

    /// The newest checkpoint that one of `keys` signed, and the file it is in.
    /// What is not signed by them proves nothing and is passed over, and so is what
    /// `accepted` holds.
    pub(crate) fn newest(
        &self,
        keys: &[EvidenceKey],
        accepted: &[SignedCheckpoint],
    ) -> Result<Option<(PathBuf, SignedCheckpoint)>, EvidenceError> {
        for name in self.names()?.iter().rev() {
            let mut month = read_month(&*self.files, &self.folder.join(name))?;
            month.notes.sort_by_key(|note| note.checkpoint().size);
            let counts =
                |note: &SignedCheckpoint| !accepted.contains(note) && note.verify(keys).is_ok();
            if let Some(at) = month.notes.iter().rposition(counts) {
                return Ok(Some((month.path, month.notes.swap_remove(at))));
            }
        }
        Ok(None)
    }

    /// The checkpoints beside these that an operator accepted as lost.
    pub(crate) fn accepted(&self) -> Result<Vec<SignedCheckpoint>, EvidenceError> {
        accepted::read(&*self.files, &self.folder)
    }

    /// All months, oldest first, one at a time.
    pub(crate) fn months(
        &self,
    ) -> Result<impl Iterator<Item = Result<MonthNotes, EvidenceError>>, EvidenceError> {
        let names = self.names()?;
        let read = |name: String| read_month(&*self.files, &self.folder.join(name));
        Ok(names.into_iter().map(read))
    }

    /// Keeps what `from` has and this has not, from the month `since` on; returns
    /// the newest month that `from` has.
    pub(crate) fn catch_up(&mut self, from: &Self, since: &str) -> Result<String, EvidenceError> {
        let mut newest = since.to_owned();
        for name in from.names()?.into_iter().filter(|name| name.as_str() >= since) {
            let month = read_month(&*from.files, &from.folder.join(&name))?;
            let have = self.month_if_any(&name)?;
            let missing = month.notes.iter().filter(|note| !have.notes.contains(note));
            let missing: Vec<_> = missing.collect();
            let is_newest = self.open.as_ref().is_none_or(|open| open.name <= name);
            if is_newest {
                let stem = name.trim_end_matches(SUFFIX);
                missing.iter().try_for_each(|note| self.append(note.note(), stem))?;
            } else if !missing.is_empty() {
                let missing: String = missing.iter().map(|note| entry(note.note())).collect();
                let content = [&have.content, missing.as_bytes()].concat();
                files::replace(&*self.files, &self.folder, &name, &content)
                    .map_err(EvidenceError::io("writing", &self.folder.join(&name)))?;
            }
            newest = name;
        }
        Ok(newest)
    }

    fn month_if_any(&self, name: &str) -> Result<MonthNotes, EvidenceError> {
        match read_month(&*self.files, &self.folder.join(name)) {
            Err(EvidenceError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(MonthNotes::default())
            }
            have => have,
        }
    }

    fn names(&self) -> Result<Vec<String>, EvidenceError> {
        let names = self.files.list(&self.folder);
        let mut names = names.map_err(EvidenceError::io("listing", &self.folder))?;
        names.retain(|name| is_month(name));
        Ok(names)
    }

    fn open_newest(&mut self) -> Result<(), EvidenceError> {
        match self.names()?.pop() {
            Some(newest) => self.open_file(newest),
            None => Ok(()),
        }
    }

    /// Opens a month's file and cuts off an unfinished note.
    fn open_file(&mut self, name: String) -> Result<(), EvidenceError> {
        let path = self.folder.join(&name);
        let month = read_month(&*self.files, &path)?;
        let mut file = self.files.open(&path).map_err(EvidenceError::io("opening", &path))?;
        let whole = month.content.len() as u64;
        if whole < month.len {
            let bytes = month.len - whole;
            tracing::warn!(file = %path.display(), bytes, "an unfinished checkpoint was cut off");
            file.truncate(whole).map_err(EvidenceError::io("cutting", &path))?;
        }
        let last = month.notes.last().map_or(0, |last| entry(last.note()).len() as u64);
        files::write_again(&mut *file, whole - last..whole)
            .map_err(EvidenceError::io("writing again", &path))?;
        // A process that was killed may have given it this name and no more.
        self.files.sync_folder(&self.folder).map_err(EvidenceError::io("syncing", &self.folder))?;
        self.open = Some(Month { name, file, len: whole, doubtful: false });
        Ok(())
    }

    /// Step 1.
    fn start(&mut self, name: String) -> Result<(), EvidenceError> {
        let path = self.folder.join(&name);
        let file = match self.files.create(&path) {
            // A start that failed half-way left it.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.files.open(&path),
            file => file,
        };
        let file = file.map_err(EvidenceError::io("creating", &path))?;
        self.files.sync_folder(&self.folder).map_err(EvidenceError::io("syncing", &self.folder))?;
        self.open = Some(Month { name, file, len: 0, doubtful: false });
        Ok(())
    }
}

/// `2026-11.txt`.
fn is_month(name: &str) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    name.strip_suffix(SUFFIX)
        .and_then(|stem| stem.split_once('-'))
        .is_some_and(|(year, month)| digits(year, 4) && digits(month, 2))
}

/// A note as it lies in the file.
pub(super) fn entry(note: &str) -> String {
    format!("{note}\n")
}

/// Reads a month. A note ends where an empty line follows its signature lines,
/// which alone begin with a dash.
pub(super) fn read_month(files: &dyn FileLayer, path: &Path) -> Result<MonthNotes, EvidenceError> {
    let file = files.open_read(path).map_err(EvidenceError::io("opening", path))?;
    let mut bytes = read_all(&*file, FILE_MAX).map_err(EvidenceError::io("reading", path))?;
    let mut month = MonthNotes { path: path.to_owned(), ..MonthNotes::default() };
    month.len = bytes.len() as u64;
    let (mut start, mut whole) = (0, 0);
    for end in ends(&bytes) {
        let note = std::str::from_utf8(&bytes[start..end - 1]).ok();
        match note.and_then(|note| SignedCheckpoint::parse(note).ok()) {
            Some(note) => {
                month.notes.push(note);
                whole = end;
            }
            None => month.unreadable.push(start as u64),
        }
        start = end;
    }
    // An unreadable end was never shown to anybody: it goes with the rest.
    month.unreadable.retain(|offset| *offset < whole as u64);
    bytes.truncate(whole);
    month.content = bytes;
    Ok(month)
}

/// Where entries end: behind the empty line that follows a signature line.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let (mut line, mut signed) = (0, false);
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        if at == line && signed {
            ends.push(at + 1);
            signed = false;
        } else {
            signed = bytes[line..at].starts_with("— ".as_bytes());
        }
        line = at + 1;
    }
    ends
}

#[cfg(test)]
mod tests;
