//! The index brought to where the journal is, or made anew.
//!
//! 1. An index that is whole and follows this journal gets the journal's tail,
//!    unless that is so long that making it anew takes less.
//! 2. Otherwise the newest image is tried: whole, and named by the journal. Its rows
//!    go into an empty index and a short tail is applied there. A long tail is
//!    applied to its rows in memory first, and the outcome written in one go. An
//!    image that cannot be used is named in the log and the next older one tried.
//! 3. Without an image all records are applied, from the first, in memory.
//!
//! A power cut while it is made anew leaves an index that does not agree with
//! itself or lags: the next opening begins again or goes on.

use std::path::Path;

use super::applier::{catch_up, decode};
use super::progress::Progress;
use super::replay::ReplayedState;
use crate::clock::Clock;
use crate::error::StoreError;
use crate::image::{ImageReader, Images, vouch};
use crate::index::{Index, IndexOptions, MemoryRows, Opened, Rows};
use crate::journal::{Journal, JournalError};
use crate::state::{Lookups, View};

/// A tail of so many records is applied to the index; a longer one in memory.
const SHORT_TAIL: u64 = 20_000;

/// A record applied to the index costs about as much as so many applied in memory
/// and written with all others (measured).
const IN_PLACE_COST: u64 = 6;

/// How many rows are loaded between two words to whoever watches.
const TOLD_EVERY: u64 = 10_000;

/// The province and its evidence key.
const RECORDS_OF_CREATION: u64 = 2;

/// What the index can be made from, and who watches.
pub(super) struct Sources<'a> {
    pub(super) journal: &'a dyn Journal,
    pub(super) images: &'a Images,
    pub(super) clock: &'a dyn Clock,
    pub(super) progress: &'a dyn Progress,
}

/// An index that is where the journal is.
pub(super) struct Ready {
    pub(super) index: Index,
    /// Why it was made anew, if it was.
    pub(super) rebuilt: Option<String>,
    /// The last record of the image that it was made from, if from one.
    pub(super) image: Option<u64>,
    /// How many records were applied.
    pub(super) applied: u64,
}

/// Opens the index in `folder`. What cannot be applied to a suspicious index is
/// applied to a fresh one before it is called an error.
pub(super) fn open_index(folder: &Path, from: &Sources<'_>) -> Result<Ready, StoreError> {
    let why = match Index::open(folder, &IndexOptions::sized_to_folder(folder))? {
        Opened::Clean(index) => match disagreement(&index, from.journal)? {
            None => match catch_up(from.journal, &index, from.progress) {
                Ok(applied) => return Ok(Ready { index, rebuilt: None, image: None, applied }),
                Err(StoreError::State(why)) => why,
                Err(StoreError::Journal(gone @ JournalError::Unavailable { .. })) => {
                    gone.to_string()
                }
                Err(other) => return Err(other),
            },
            Some(why) => why,
        },
        Opened::Damaged { why } => why,
    };
    tracing::warn!(%why, "the index is rebuilt from the journal");
    let began = from.clock.now_millis();
    let ready = rebuild(folder, why, from)?;
    let seconds = (from.clock.now_millis() - began).max(0) / 1000;
    tracing::warn!(records = ready.applied, image = ready.image, seconds, "the index was rebuilt");
    Ok(ready)
}

fn rebuild(folder: &Path, why: String, from: &Sources<'_>) -> Result<Ready, StoreError> {
    for sequence in from.images.sequences()? {
        match from_image(folder, sequence, from) {
            Ok((index, applied)) => {
                return Ok(Ready { index, rebuilt: Some(why), image: Some(sequence), applied });
            }
            Err(StoreError::Image(refused)) => {
                tracing::warn!(%refused, "an image of the state is not used");
            }
            Err(other) => return Err(other),
        }
    }
    if let Err(JournalError::Unavailable { first, .. }) = from.journal.read_from(1) {
        return Err(StoreError::Archived { why, first });
    }
    let (index, applied) = in_memory(folder, 0, MemoryRows::default(), from)?;
    Ok(Ready { index, rebuilt: Some(why), image: None, applied })
}

/// An index made from an image and the tail, and how long the tail was.
fn from_image(
    folder: &Path,
    sequence: u64,
    from: &Sources<'_>,
) -> Result<(Index, u64), StoreError> {
    let mut image = from.images.open(sequence)?;
    vouch(&image, from.journal)?;
    let header = image.header();
    if from.journal.position().sequence - sequence > SHORT_TAIL {
        let mut rows = MemoryRows::default();
        read_image(&mut image, from.progress, |key, value| Ok(rows.put_row((key, value))?))?;
        if rows.fingerprint() != (header.rows, header.state) {
            return Err(image.disagrees().into());
        }
        return in_memory(folder, sequence, rows, from);
    }
    let index = empty(folder, image.length())?;
    let mut loader = index.loader();
    read_image(&mut image, from.progress, |key, value| Ok(loader.put(&key, &value)?))?;
    loader.finish(sequence)?;
    if index.stands_at() != (sequence, (header.rows, header.state)) {
        return Err(image.disagrees().into());
    }
    let applied = catch_up(from.journal, &index, from.progress)?;
    Ok((index, applied))
}

fn read_image(
    image: &mut ImageReader,
    progress: &dyn Progress,
    mut put: impl FnMut(Vec<u8>, Vec<u8>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    progress.began("loading an image of the state", image.header().rows);
    let mut done = 0;
    let mut read = || {
        while let Some((key, value)) = image.next_row()? {
            put(key, value)?;
            done += 1;
            if done % TOLD_EVERY == 0 {
                progress.came_to(done);
            }
        }
        Ok(())
    };
    let outcome = read();
    progress.ended();
    outcome
}

/// Applies what the journal has behind `sequence` to `rows` and makes an index of
/// them: sled takes sorted rows many times faster than changes.
fn in_memory(
    folder: &Path,
    sequence: u64,
    rows: MemoryRows,
    from: &Sources<'_>,
) -> Result<(Index, u64), StoreError> {
    let last = from.journal.position().sequence;
    let mut state = ReplayedState::over(rows);
    from.progress.began("applying the journal to the state", last - sequence);
    let records = from.journal.read_from(sequence + 1)?;
    let applied = state.apply_all(records, |at| from.progress.came_to(at - sequence));
    from.progress.ended();
    applied?;
    let rows = state.into_rows();
    let index = empty(folder, rows.bytes())?;
    from.progress.began("writing the index", rows.len());
    let written = write(&index, rows, last, from.progress);
    from.progress.ended();
    written?;
    Ok((index, last - sequence))
}

/// Writes all rows, giving back their memory on the way.
fn write(
    index: &Index,
    rows: MemoryRows,
    applied: u64,
    progress: &dyn Progress,
) -> Result<(), StoreError> {
    let mut loader = index.loader();
    for (done, (key, value)) in (1..).zip(rows.into_rows()) {
        loader.put(&key, &value)?;
        if done % TOLD_EVERY == 0 {
            progress.came_to(done);
        }
    }
    Ok(loader.finish(applied)?)
}

/// An empty index with a cache for rows of `bytes`.
fn empty(folder: &Path, bytes: u64) -> Result<Index, StoreError> {
    Ok(Index::reset(folder, &IndexOptions::sized_to(bytes))?)
}

/// Whether making it anew takes less than applying what it lacks. Where the first
/// records are archived an index is not given up for speed.
fn is_far_behind(applied: u64, journal: &dyn Journal) -> bool {
    let last = journal.position().sequence;
    let behind = last.saturating_sub(applied);
    behind > SHORT_TAIL
        && behind.saturating_mul(IN_PLACE_COST) > last
        && journal.read_from(1).is_ok()
}

/// Whether the index follows this journal, and closely enough to be of use.
fn disagreement(index: &Index, journal: &dyn Journal) -> Result<Option<String>, StoreError> {
    let applied = index.applied();
    let last = journal.position().sequence;
    if applied == 0 {
        // Making a province writes its first records and no index.
        return Ok((last > RECORDS_OF_CREATION).then(|| "the index is empty".to_owned()));
    }
    if is_far_behind(applied, journal) {
        let behind = last - applied;
        return Ok(Some(format!("the index is {behind} records behind the journal")));
    }
    if applied > last {
        // Only durable records are applied: some of them are gone.
        return Err(StoreError::RecordsLost { applied, last });
    }
    let head = match View(index).clock() {
        Ok(clock) => clock.head,
        Err(error) => return Ok(Some(error.to_string())),
    };
    let same = match journal.read_from(applied) {
        Ok(mut records) => match records.next().transpose()? {
            Some(record) => {
                decode(&record)?;
                record.hash().to_string() == head
            }
            None => false,
        },
        // Archived: the next record names it, or it is the last.
        Err(JournalError::Unavailable { .. }) if applied == last => {
            journal.position().hash.to_string() == head
        }
        Err(JournalError::Unavailable { .. }) => {
            let next = journal.read_from(applied + 1)?.next().transpose()?;
            next.is_some_and(|record| record.previous().to_string() == head)
        }
        Err(other) => return Err(other.into()),
    };
    let other = || format!("it follows another journal: record {applied} is not the same");
    Ok((!same).then(other))
}
