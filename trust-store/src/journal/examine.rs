//! Looking at a journal that nobody has open, and changing nothing of it.
//!
//! It goes the way of opening (`recovery`) up to where that would cut or write, so
//! that what is said here is what opening would say. The caller holds the lock
//! ([`FileJournal::lock_alone`](super::FileJournal::lock_alone)).

use std::path::Path;
use std::sync::Arc;

use super::error::DamageKind;
use super::file::LostEnd;
use super::queue::Tail;
use super::recovery::{Found, find};
use super::sealed::settle::{self, Mending};
use super::sealed::{SealedSegment, leaves};
use super::{JournalError, Position, segment};
use crate::files::FileLayer;

/// How much of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The last segment; of the others, that they are there and how long they are.
    LastSegment,
    /// Every record, compared with the manifest and the leaves.
    Everything,
}

/// A journal that opens.
#[derive(Debug)]
pub(crate) struct Examined {
    /// Its last record.
    pub(crate) position: Position,
    /// How many segments are here.
    pub(crate) segments: usize,
    /// How many are listed and moved away.
    pub(crate) archived: usize,
    /// How many segments' manifest entries or leaves opening makes again.
    pub(crate) to_make: usize,
    /// Where it ends. Of bytes that follow nobody was told, and opening cuts them off.
    pub(crate) rest: Rest,
}

/// What stands behind the last record that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rest {
    /// The segment's file name.
    pub(crate) segment: String,
    /// Where the last record ends.
    pub(crate) offset: u64,
    /// How many bytes follow.
    pub(crate) bytes: u64,
}

/// Looks at the journal in `folder`.
///
/// # Errors
/// What opening it would refuse with; in full, also what reading it would.
pub(crate) fn examine(
    files: &Arc<dyn FileLayer>,
    folder: &Path,
    reading: Reading,
) -> Result<Examined, JournalError> {
    let found = find(files, folder, LostEnd::Refuse, Mending::Count)?;
    agrees_at_end(&found)?;
    if reading == Reading::Everything {
        compare(&**files, folder, &found.settled.entries)?;
    }
    Ok(Examined {
        position: found.last.tail.position,
        segments: found.segments,
        archived: found.settled.entries.iter().filter(|entry| entry.archived).count(),
        to_make: found.settled.made,
        rest: rest(&**files, folder, &found.last.tail)?,
    })
}

/// How a journal ends.
#[derive(Debug)]
pub(crate) struct JournalEnd {
    /// The last record that is there.
    pub(crate) position: Position,
    /// What follows it.
    pub(crate) rest: Rest,
    /// What is gone.
    pub(crate) loss: Option<EndLoss>,
}

/// Acknowledged records that are gone from the end.
#[derive(Debug)]
pub(crate) struct EndLoss {
    /// The last record known to have been there.
    pub(crate) known: u64,
    /// What opening says of it.
    pub(crate) refusal: JournalError,
}

/// How the journal in `folder` ends, and what of its end is lost, if that can be
/// accepted.
///
/// # Errors
/// Damage elsewhere, whose acceptance would cut off records that are whole.
pub(crate) fn journal_end(
    files: &Arc<dyn FileLayer>,
    folder: &Path,
) -> Result<JournalEnd, JournalError> {
    let found = find(files, folder, LostEnd::Refuse, Mending::Count);
    let refusal = match found.and_then(|found| agrees_at_end(&found).map(|()| found)) {
        Ok(found) => return JournalEnd::of(&**files, folder, &found, None),
        Err(refusal @ JournalError::Damaged(_)) => refusal,
        Err(other) => return Err(other),
    };
    let found = find(files, folder, LostEnd::Accept, Mending::Count)?;
    let kept = found.last.tail.position.sequence;
    let listed = found.settled.last.as_ref().map_or(0, |entry| entry.last);
    let known = [found.given_up.unwrap_or(0), found.settled.beyond.unwrap_or(0), listed];
    let known = known.into_iter().fold(kept + 1, u64::max);
    JournalEnd::of(&**files, folder, &found, Some(EndLoss { known, refusal }))
}

impl JournalEnd {
    fn of(
        files: &dyn FileLayer,
        folder: &Path,
        found: &Found,
        loss: Option<EndLoss>,
    ) -> Result<Self, JournalError> {
        let tail = &found.last.tail;
        Ok(Self { position: tail.position, rest: rest(files, folder, tail)?, loss })
    }
}

/// The bytes that follow the last record, whatever they are.
pub(crate) fn bytes_of(
    files: &dyn FileLayer,
    folder: &Path,
    rest: &Rest,
) -> Result<Vec<u8>, JournalError> {
    if rest.bytes == 0 {
        return Ok(Vec::new());
    }
    let path = folder.join(&rest.segment);
    let io = JournalError::io("reading", &path);
    let read = files.open_read(&path).and_then(|file| {
        let len = usize::try_from(rest.bytes).map_err(std::io::Error::other)?;
        let mut bytes = vec![0; len];
        let read = file.read_at(rest.offset, &mut bytes)?;
        bytes.truncate(read);
        Ok(bytes)
    });
    read.map_err(io)
}

/// A last segment that was sealed must be what its entry says.
fn agrees_at_end(found: &Found) -> Result<(), JournalError> {
    let Some(entry) = &found.settled.last else { return Ok(()) };
    match entry.disagreement(&found.last.growth.seal(&found.last.tail)) {
        Some(what) => Err(entry.damage(DamageKind::Manifest { what })),
        None => Ok(()),
    }
}

/// Every sealed segment that is here against its entry and its leaves.
fn compare(
    files: &dyn FileLayer,
    folder: &Path,
    entries: &[SealedSegment],
) -> Result<(), JournalError> {
    let mut before: Option<&SealedSegment> = None;
    for entry in entries {
        if !entry.archived {
            let (made, hashes) = settle::read(
                files,
                folder,
                entry.first,
                settle::end_of(entry.position.profile, before),
            )?;
            if let Some(what) = entry.disagreement(&made) {
                return Err(entry.damage(DamageKind::Manifest { what }));
            }
            let kept = leaves::read(files, folder, entry)?;
            if kept.is_some_and(|kept| kept != hashes) {
                return Err(entry.damage(DamageKind::Manifest { what: "leaves" }));
            }
        }
        before = Some(entry);
    }
    Ok(())
}

fn rest(files: &dyn FileLayer, folder: &Path, tail: &Tail) -> Result<Rest, JournalError> {
    let name = segment::name(tail.segment);
    let path = folder.join(&name);
    let len = files.open_read(&path).and_then(|file| file.len());
    let len = len.map_err(JournalError::io("reading", &path))?;
    Ok(Rest { segment: name, offset: tail.offset, bytes: len.saturating_sub(tail.offset) })
}
