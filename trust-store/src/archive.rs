//! A folder elsewhere that closed segments are moved to, and brought back from.
//!
//! How a segment is moved, and what a power cut leaves of each step:
//! 1. It is copied beside its place in the archive and synced. A leftover, which
//!    the next attempt removes.
//! 2. The copy is renamed, its folder synced, and read again: it must have the
//!    length and hash that the manifest lists. Segment and copy are there.
//! 3. Its entry is written beside the copy, so that an archive says by itself what
//!    it holds.
//! 4. The change `segments_archived.v1` says where it went. Both are there.
//! 5. [`Journal::release`](crate::Journal::release) removes the original. From here
//!    on only the copy is there, and the manifest says so.
//!
//! So at every moment the segment is here, or there and compared.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::{self, FileLayer};
use crate::journal::{DamageKind, JournalError, SealedSegment};

/// Steps 1 to 3: copies a segment of the journal in `journal` to the folder `to`.
pub(crate) fn store(
    files: &dyn FileLayer,
    journal: &Path,
    entry: &SealedSegment,
    to: &Path,
) -> Result<(), JournalError> {
    let name = entry.file_name();
    let (from, place, beside) =
        (journal.join(&name), to.join(&name), to.join(format!("{name}.new")));
    files::make_folder(files, to).map_err(JournalError::io("making", to))?;
    if !holds(files, to, entry)? {
        let copied =
            files::copy(files, &from, &beside).map_err(JournalError::io("copying to", &place))?;
        if (copied.bytes, copied.sha256) != (entry.bytes, entry.sha256) {
            return Err(entry.damage(DamageKind::Manifest { what: "hash" }));
        }
        files.rename(&beside, &place).map_err(JournalError::io("renaming to", &place))?;
        files.sync_folder(to).map_err(JournalError::io("syncing", to))?;
        if !holds(files, to, entry)? {
            return Err(JournalError::OtherSegment { path: place });
        }
    }
    let about = description(entry.first);
    serde_json::to_vec_pretty(entry)
        .map_err(io::Error::other)
        .and_then(|json| files::replace(files, to, &about, &json))
        .map_err(JournalError::io("writing", &to.join(&about)))
}

/// Whether `folder` holds the segment, read whole and compared; one that differs is
/// an error.
pub(crate) fn holds(
    files: &dyn FileLayer,
    folder: &Path,
    entry: &SealedSegment,
) -> Result<bool, JournalError> {
    let path = folder.join(entry.file_name());
    let found = match files::digest(files, &path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found.map_err(JournalError::io("reading", &path))?,
    };
    if (found.bytes, found.sha256) == (entry.bytes, entry.sha256) {
        Ok(true)
    } else {
        Err(JournalError::OtherSegment { path })
    }
}

/// The file of a segment in the archive, if it is there at all.
pub(crate) fn find(
    files: &dyn FileLayer,
    folder: &Path,
    entry: &SealedSegment,
) -> Result<Option<PathBuf>, JournalError> {
    let names = files.list(folder).map_err(JournalError::io("listing", folder))?;
    Ok(names.contains(&entry.file_name()).then(|| folder.join(entry.file_name())))
}

/// Removes a segment from the archive, for good; a file that is not the segment is
/// left alone.
pub(crate) fn discard(
    files: &dyn FileLayer,
    folder: &Path,
    entry: &SealedSegment,
) -> Result<(), JournalError> {
    if !holds(files, folder, entry)? {
        return Ok(());
    }
    for name in [entry.file_name(), description(entry.first)] {
        let path = folder.join(name);
        match files.remove(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(JournalError::io("removing", &path)(error));
            }
            _ => {}
        }
    }
    files.sync_folder(folder).map_err(JournalError::io("syncing", folder))
}

/// The name of the file that says what a segment is.
fn description(first: u64) -> String {
    format!("{first:020}.json")
}
