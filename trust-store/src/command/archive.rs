//! Sealed segments, moved away and brought back. The steps are told in the module
//! `archive`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongxing_pki::Timestamp;

use super::reply::{ArchiveView, SegmentView};
use super::trust::record;
use super::{Apply, CommandError, Reply};
use crate::archive;
use crate::change::{Actor, Change, SegmentModel, SegmentsArchived};
use crate::error::StoreError;
use crate::files::Disk;
use crate::hex;
use crate::journal::{JournalError, SealedSegment};
use crate::province::{Province, folder};

/// Which segments an operator wants moved.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    /// All that an image stands for.
    Covered,
    /// Those that end before a record.
    Before(u64),
    /// All but so many of the newest.
    Keep(usize),
}

impl Wanted {
    pub(super) fn of(before: Option<u64>, keep: Option<usize>) -> Self {
        match (before, keep) {
            (Some(before), _) => Self::Before(before),
            (None, Some(keep)) => Self::Keep(keep),
            (None, None) => Self::Covered,
        }
    }
}

/// Moves segments to the folder `to`.
///
/// # Errors
/// Refused when a segment is wanted that no image of the state stands for: without
/// it the state could not be made anew.
pub(super) async fn archive(
    province: &Province,
    by: &Actor,
    to: PathBuf,
    wanted: Wanted,
    apply: Apply,
) -> Result<Reply, CommandError> {
    elsewhere(province, &to)?;
    let covered = covered(province)?;
    let chosen = choose(&province.journal().sealed_segments(), wanted, covered)?;
    let segments = chosen.iter().map(view).collect();
    let mut view = ArchiveView { to: to.clone(), covered, segments, sequence: None };
    if apply == Apply::No || chosen.is_empty() {
        return Ok(Reply::Archived(view));
    }
    let _no_backup = province.backing_up().lock().await;
    let from = province.folder().join(folder::JOURNAL);
    let (copied, target) = (chosen.clone(), to.clone());
    blocking(move || {
        copied.iter().try_for_each(|entry| archive::store(&Disk, &from, entry, &target))
    })
    .await?;
    let change = SegmentsArchived {
        to: to.display().to_string(),
        segments: chosen.iter().map(model).collect(),
    };
    view.sequence = Some(record(province, by, Change::SegmentsArchived(change)).await?);
    let journal = Arc::clone(province.journal());
    blocking(move || chosen.iter().try_for_each(|entry| journal.release(entry.first))).await?;
    for segment in &mut view.segments {
        segment.archived = true;
    }
    Ok(Reply::Archived(view))
}

/// All sealed segments.
pub(super) fn list(province: &Province) -> Reply {
    Reply::Segments(province.journal().sealed_segments().iter().map(view).collect())
}

/// Brings segments back; the journal compares each with its manifest.
pub(super) async fn retrieve(
    province: &Province,
    from: PathBuf,
    wanted: Vec<u64>,
) -> Result<Reply, CommandError> {
    elsewhere(province, &from)?;
    let journal = Arc::clone(province.journal());
    let sealed = journal.sealed_segments();
    if let Some(unknown) = wanted.iter().find(|first| sealed.iter().all(|e| e.first != **first)) {
        return Err(CommandError::refused(format!(
            "no sealed segment begins with record {unknown}: `tongxing archive list` shows them"
        )));
    }
    let back = blocking(move || {
        let mut back = Vec::new();
        for entry in sealed.iter().filter(|entry| entry.archived) {
            let path = archive::find(&Disk, &from, entry)?;
            match path {
                Some(path) if wanted.is_empty() || wanted.contains(&entry.first) => {
                    back.push(journal.adopt(&path)?);
                }
                None if wanted.contains(&entry.first) => {
                    return Err(JournalError::NotSealed { name: entry.file_name() });
                }
                _ => {}
            }
        }
        Ok(back)
    })
    .await?;
    Ok(Reply::Segments(back.iter().map(view).collect()))
}

/// Up to which record the state can be made without the journal: the older of the
/// images that are whole, so that one of two may be damaged later.
fn covered(province: &Province) -> Result<u64, CommandError> {
    let images = province.images()?;
    let whole = images.iter().filter(|image| image.fault.is_none());
    Ok(whole.map(|image| image.sequence).min().unwrap_or(0))
}

fn choose(
    sealed: &[SealedSegment],
    wanted: Wanted,
    covered: u64,
) -> Result<Vec<SealedSegment>, CommandError> {
    let upto = match wanted {
        Wanted::Covered => covered,
        Wanted::Before(before) => before.saturating_sub(1),
        Wanted::Keep(keep) => {
            let kept = sealed.len().saturating_sub(keep);
            sealed[..kept].last().map_or(0, |entry| entry.last)
        }
    };
    let chosen: Vec<_> = sealed.iter().filter(|e| !e.archived && e.last <= upto).cloned().collect();
    match chosen.iter().find(|entry| entry.last > covered) {
        None => Ok(chosen),
        Some(entry) => Err(CommandError::refused(format!(
            "{} ends with record {}, and images of the state stand for records up to {covered}: \
             `tongxing image take` makes one (the older of the two that are kept counts)",
            entry.file_name(),
            entry.last
        ))),
    }
}

/// A folder by its whole path, for a running gateway has a working folder of its
/// own; and not the province's: what was moved there would be removed as its original.
pub(super) fn elsewhere(province: &Province, folder: &Path) -> Result<(), CommandError> {
    let shown = folder.display();
    if !folder.is_absolute() {
        return Err(CommandError::bad_input(format!("{shown}: the folder's whole path is needed")));
    }
    let home = province.folder();
    let home = home.canonicalize().map_err(StoreError::io("finding", home))?;
    // A folder that is not there yet is made in one that is.
    let found = folder.ancestors().find_map(|folder| folder.canonicalize().ok());
    if found.is_some_and(|found| found.starts_with(home)) {
        return Err(CommandError::bad_input(format!(
            "{shown} lies in the province's own folder: choose another place"
        )));
    }
    Ok(())
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, JournalError> + Send + 'static,
) -> Result<T, CommandError> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| StoreError::task(&error))?;
    Ok(done.map_err(StoreError::from)?)
}

pub(super) fn model(entry: &SealedSegment) -> SegmentModel {
    SegmentModel { first: entry.first, last: entry.last, sha256: hex::encode(&entry.sha256) }
}

pub(super) fn view(entry: &SealedSegment) -> SegmentView {
    SegmentView {
        name: entry.file_name(),
        first: entry.first,
        last: entry.last,
        bytes: entry.bytes,
        sha256: hex::encode(&entry.sha256),
        root: hex::encode(&entry.root),
        until: until(entry),
        archived: entry.archived,
    }
}

/// Log time after the segment's last record.
pub(super) fn until(entry: &SealedSegment) -> Timestamp {
    Timestamp::from_unix(entry.position.log_time_millis.div_euclid(1000))
}
