//! The index brought to where the journal is, or made anew.
//!
//! 1. An index that is whole and follows this journal gets the journal's tail.
//! 2. Otherwise the newest image is tried: whole, named by the journal, its rows
//!    loaded into an empty index; then the tail is applied. An image that cannot
//!    be used is named in the log and the next older one is tried.
//! 3. Without an image all records are applied, from the first.
//!
//! A power cut while it is made anew leaves an index that does not agree with
//! itself or lags: the next opening begins again or goes on.

use std::path::Path;

use super::applier::{catch_up, decode};
use super::progress::Progress;
use crate::clock::Clock;
use crate::error::StoreError;
use crate::image::{ImageReader, Images, vouch};
use crate::index::{Index, IndexOptions, Opened};
use crate::journal::{Journal, JournalError};
use crate::state::{Lookups, View};

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
    let options = IndexOptions::default();
    let why = match Index::open(folder, &options)? {
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
    let ready = rebuild(folder, &options, why, from)?;
    let seconds = (from.clock.now_millis() - began).max(0) / 1000;
    tracing::warn!(records = ready.applied, image = ready.image, seconds, "the index was rebuilt");
    Ok(ready)
}

fn rebuild(
    folder: &Path,
    options: &IndexOptions,
    why: String,
    from: &Sources<'_>,
) -> Result<Ready, StoreError> {
    for sequence in from.images.sequences()? {
        match load(folder, options, sequence, from) {
            Ok(index) => {
                let applied = catch_up(from.journal, &index, from.progress)?;
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
    let index = Index::reset(folder, options)?;
    let applied = catch_up(from.journal, &index, from.progress)?;
    Ok(Ready { index, rebuilt: Some(why), image: None, applied })
}

/// An index with the rows of an image and no others.
fn load(
    folder: &Path,
    options: &IndexOptions,
    sequence: u64,
    from: &Sources<'_>,
) -> Result<Index, StoreError> {
    let mut image = from.images.open(sequence)?;
    vouch(&image, from.journal)?;
    let header = image.header();
    let index = Index::reset(folder, options)?;
    from.progress.began("loading an image of the state", header.rows);
    let loaded = fill(&index, &mut image, from.progress);
    from.progress.ended();
    loaded?;
    let stands_at = (sequence, (header.rows, header.state));
    if index.stands_at() == stands_at { Ok(index) } else { Err(image.disagrees().into()) }
}

fn fill(index: &Index, image: &mut ImageReader, progress: &dyn Progress) -> Result<(), StoreError> {
    let mut loader = index.loader();
    let mut done = 0;
    while let Some((key, value)) = image.next_row()? {
        loader.put(key, value)?;
        done += 1;
        if done % TOLD_EVERY == 0 {
            progress.came_to(done);
        }
    }
    Ok(loader.finish(image.header().sequence)?)
}

/// Whether the index follows this journal at all.
fn disagreement(index: &Index, journal: &dyn Journal) -> Result<Option<String>, StoreError> {
    let applied = index.applied();
    let last = journal.position().sequence;
    if applied == 0 {
        // Making a province writes its first records and no index.
        return Ok((last > RECORDS_OF_CREATION).then(|| "the index is empty".to_owned()));
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
