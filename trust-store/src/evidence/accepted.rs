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

/// Checkpoints that were accepted just now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// How many.
    pub(crate) count: usize,
    /// Over how many records the newest of them was signed.
    pub(crate) signed: u64,
}

/// Accepts every checkpoint in the folder of `checkpoints` and in `others` (second
/// places) that was signed over more than `size` records.
/// Whoever calls it journals who accepted the loss, and why.
pub(crate) fn accept_beyond(
    files: &Arc<dyn FileLayer>,
    checkpoints: &Path,
    others: &[PathBuf],
    size: u64,
) -> Result<Accepted, EvidenceError> {
    let mut beyond = Vec::new();
    for place in std::iter::once(checkpoints).chain(others.iter().map(PathBuf::as_path)) {
        for month in CheckpointLog::reading(files.clone(), place).months()? {
            let notes = month?.notes.into_iter();
            beyond.extend(notes.filter(|note| note.checkpoint().size > size));
        }
    }
    accept(&**files, checkpoints, beyond)
}

/// Accepts these, of which some may be accepted already.
pub(crate) fn accept(
    files: &dyn FileLayer,
    checkpoints: &Path,
    lost: Vec<SignedCheckpoint>,
) -> Result<Accepted, EvidenceError> {
    let mut all = read(files, checkpoints)?;
    let before = all.len();
    all.extend(lost);
    let mut seen = HashSet::new();
    all.retain(|note| seen.insert(note.note().to_owned()));
    let new = &all[before.min(all.len())..];
    if new.is_empty() {
        return Ok(Accepted::default());
    }
    let signed = new.iter().map(|note| note.checkpoint().size).max().unwrap_or_default();
    let accepted = Accepted { count: new.len(), signed };
    let content: String = all.iter().map(|note| entry(note.note())).collect();
    files::replace(files, checkpoints, FILE, content.as_bytes())
        .map_err(EvidenceError::io("writing", &checkpoints.join(FILE)))?;
    Ok(accepted)
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

/// The folder of the province called `origin` in its second place `copy`, if it has one
/// there. A place that is not there at all is an error: what it holds is not known.
pub(crate) fn copies(
    files: &dyn FileLayer,
    copy: Option<&Path>,
    origin: Option<&str>,
) -> Result<Vec<PathBuf>, EvidenceError> {
    let Some((copy, origin)) = copy.zip(origin) else { return Ok(Vec::new()) };
    files.list(copy).map_err(EvidenceError::io("listing", copy))?;
    let folder = copy.join(origin);
    match files.list(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => {
            listed.map(|_| vec![folder.clone()]).map_err(EvidenceError::io("listing", &folder))
        }
    }
}
