//! Checkpoints that an operator has accepted as lost.
//!
//! When records are gone for good, the checkpoints signed over them go on saying
//! so, here, in the second place and wherever else they were taken. An operator
//! who goes on without the records accepts those checkpoints one by one: they are
//! listed in a file beside the others, and opening passes over them. None is ever
//! removed.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checkpoint::SignedCheckpoint;
use super::error::EvidenceError;
use super::log::{CheckpointLog, entry, read_month};
use super::note::EvidenceKey;
use crate::files::{self, FileLayer};

const FILE: &str = "accepted-losses";

/// The checkpoints accepted as lost, of those in the folder of `checkpoints`.
pub(super) fn read(
    files: &dyn FileLayer,
    checkpoints: &Path,
) -> Result<Vec<SignedCheckpoint>, EvidenceError> {
    match read_month(files, &checkpoints.join(FILE)) {
        Err(EvidenceError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(Vec::new())
        }
        accepted => Ok(accepted?.notes),
    }
}

/// Accepts every checkpoint in the folder of `checkpoints` and in `others` (second
/// places) that was signed over more than `size` records; how many those are.
/// Whoever calls it journals who accepted the loss, and why.
pub(crate) fn accept_beyond(
    files: &Arc<dyn FileLayer>,
    checkpoints: &Path,
    others: &[PathBuf],
    size: u64,
) -> Result<usize, EvidenceError> {
    let mut accepted = read(&**files, checkpoints)?;
    let before = accepted.len();
    for place in std::iter::once(checkpoints).chain(others.iter().map(PathBuf::as_path)) {
        let log = CheckpointLog::reading(files.clone(), place);
        for month in log.months()? {
            let beyond = month?.notes.into_iter().filter(|note| note.checkpoint().size > size);
            accepted.extend(beyond);
        }
    }
    let mut seen = HashSet::new();
    accepted.retain(|note| seen.insert(note.note().to_owned()));
    if accepted.len() == before {
        return Ok(0);
    }
    let content: String = accepted.iter().map(|note| entry(note.note())).collect();
    files::replace(&**files, checkpoints, FILE, content.as_bytes())
        .map_err(EvidenceError::io("writing", &checkpoints.join(FILE)))?;
    Ok(accepted.len() - before)
}

/// The newest checkpoint of `keys` in the folder of `checkpoints` and in `others`
/// that is not accepted as lost: its file, and over how many records it was signed.
pub(crate) fn newest_signed(
    files: &Arc<dyn FileLayer>,
    keys: &[EvidenceKey],
    checkpoints: &Path,
    others: &[PathBuf],
) -> Result<Option<(PathBuf, u64)>, EvidenceError> {
    let accepted = read(&**files, checkpoints)?;
    let mut newest: Option<(PathBuf, u64)> = None;
    for place in std::iter::once(checkpoints).chain(others.iter().map(PathBuf::as_path)) {
        let found = CheckpointLog::reading(files.clone(), place).newest(keys, &accepted)?;
        let found = found.map(|(place, note)| (place, note.checkpoint().size));
        newest = [newest, found].into_iter().flatten().max_by_key(|(_, size)| *size);
    }
    Ok(newest)
}
