//! What of a province's folder goes into a backup, besides journal and blobs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::province::folder as names;

/// Left out at the top of the folder: what has its own way into a backup, what is
/// rebuilt, and what is about this machine alone.
const ELSEWHERE: [&str; 7] =
    [names::JOURNAL, names::BLOBS, names::STATE, "reserve", "fenced", "standby", "pairing"];

/// Left out of the journal's folder: copied frame by frame, or made on opening.
const IN_JOURNAL: [&str; 2] = ["lock", "acknowledged"];
const SEGMENT: &str = ".seg";

/// What is being written, anywhere.
const UNFINISHED: &str = ".new";

/// Every other file of the province by its path from the folder, in order.
///
/// # Errors
/// [`BackupError::Io`] when a folder cannot be read.
pub(super) fn files(province: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let mut found = Vec::new();
    walk(province, Path::new(""), &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(province: &Path, within: &Path, found: &mut Vec<PathBuf>) -> Result<(), BackupError> {
    let folder = province.join(within);
    let unreadable = |error: io::Error| BackupError::io("reading", &folder)(error);
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // A name that is not UTF-8 is not one of ours.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = within.join(&name);
        if is_left_out(within, &name) {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(province, &path, found)?;
            continue;
        }
        // Through a link to a file: a certificate is often one. A socket is no file.
        match fs::metadata(entry.path()) {
            Ok(data) if data.is_file() => found.push(path),
            Ok(_) => {}
            // Replaced or removed this moment.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BackupError::io("reading", &entry.path())(error)),
        }
    }
    // The journal's derived files go with its segments.
    if within.as_os_str().is_empty() {
        walk(province, Path::new(names::JOURNAL), found)?;
    }
    Ok(())
}

fn is_left_out(within: &Path, name: &str) -> bool {
    name.ends_with(UNFINISHED)
        || (within.as_os_str().is_empty() && ELSEWHERE.contains(&name))
        || (within == Path::new(names::JOURNAL)
            && (IN_JOURNAL.contains(&name) || name.ends_with(SEGMENT)))
}
