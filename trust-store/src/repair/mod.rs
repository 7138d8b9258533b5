//! `tongxing repair accept-lost-end`: going on without acknowledged records.
//!
//! For a province whose journal lost its end (a medium that damaged it, a copy that
//! was cut short) and with nothing to restore from. It acts on a folder that no
//! gateway has open, in these steps; what a power cut leaves of each:
//!
//! 1. Behind the journal's lock it is told what is lost ([`lost_end`]). What the
//!    operator confirmed must be the first record that is gone.
//! 2. The bytes that will be cut off are copied into `lost/`, for whoever can make
//!    more of them. A cut leaves a copy; nothing was changed.
//! 3. What is accepted is written to `repair.json`. From here on the province does
//!    not open otherwise than by this command, which goes on with step 4.
//! 4. The journal is opened with its loss accepted: the end is cut, the hint of what
//!    was acknowledged lowered. What is derived from the records that are gone is
//!    removed (the index, later images), and the checkpoints that were signed over
//!    them are listed as accepted.
//! 5. The province is opened, and what was accepted becomes a record of it. Its
//!    challenges are void: they may have been used up in what is gone.
//! 6. `repair.json` goes. A cut before that finds the record made, and only this
//!    step left.

mod checkpoints;
mod error;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

pub use checkpoints::{AcceptCheckpoints, Contradiction, contradiction};
pub use error::RepairError;

use crate::backup;
use crate::change::{Actor, Change, Entry, LostEndAccepted};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::evidence::EvidenceError;
use crate::files::{self, Disk, FileLayer};
use crate::hex;
use crate::index::{Index, IndexOptions, Opened};
use crate::journal::{
    FileJournal, Journal, JournalEnd, JournalOptions, Rest, bytes_of, journal_end,
};
use crate::province::{
    Province, accept_lost_checkpoints, decode, folder as names, newest_checkpoint_of,
};
use crate::replica::Station;

/// What an interrupted repair was about to accept.
pub(crate) const UNFINISHED: &str = "repair.json";

/// Where ends that were cut off are kept.
const LOST: &str = "lost";

/// The end that a province's journal lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LostEnd {
    /// The last record that is left.
    pub kept: u64,
    /// When it was written, Unix milliseconds.
    pub kept_time: i64,
    /// The first record that is gone.
    pub first: u64,
    /// The last record known to have been there; there may have been more.
    pub last: u64,
    /// The journal's last segment.
    pub segment: String,
    /// Where in it the last record ends.
    pub offset: u64,
    /// How many bytes follow it, and are cut off.
    pub bytes: u64,
    /// What opening says of it.
    pub refusal: String,
}

/// Accepts that the end of a journal is lost.
#[derive(Debug, Clone)]
pub struct AcceptLostEnd {
    /// The first record that is gone, as the operator read it.
    pub first: u64,
    /// Why, for the journal.
    pub reason: String,
    /// Who accepts it.
    pub by: Actor,
    /// The second place for checkpoints, if the settings name one.
    pub checkpoint_copy: Option<PathBuf>,
}

/// What was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptedLoss {
    /// The first record that is gone.
    pub first: u64,
    /// The last one known to have been there.
    pub last: u64,
    /// Where the bytes are that were cut off, if there were any.
    pub cut_off: Option<PathBuf>,
    /// The record that says so. It has the number of one that is gone.
    pub recorded: u64,
}

/// What the journal of the province in `folder` lost at its end; `None` if nothing.
/// Nothing is changed. `checkpoint_copy` is the second place for checkpoints, if the
/// settings name one.
///
/// # Errors
/// [`RepairError::NotAtTheEnd`] for damage elsewhere, and what kept it from being
/// looked at.
pub fn lost_end(
    folder: &Path,
    checkpoint_copy: Option<&Path>,
) -> Result<Option<LostEnd>, RepairError> {
    let _lock = lock(folder)?;
    Ok(Loss::find(folder, checkpoint_copy)?.ok().map(|loss| loss.told))
}

impl AcceptLostEnd {
    /// Goes on without it.
    ///
    /// # Errors
    /// [`RepairError::NothingLost`], [`RepairError::OtherEnd`], and what kept it from
    /// being done; before step 4 nothing was changed.
    pub async fn carry_out(
        &self,
        folder: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<AcceptedLoss, RepairError> {
        let entry = match unfinished(folder)? {
            Some(entry) if still_ends(folder, &entry)? => entry,
            // Nothing was begun, or more is gone by now than was accepted.
            _ => self.prepare(folder)?,
        };
        let Change::LostEndAccepted(accepted) = &entry.change else {
            let problem = "it is about something else".to_owned();
            return Err(RepairError::Unfinished { path: folder.join(UNFINISHED), problem });
        };
        self.confirms(accepted.first)?;
        self.cut(folder, accepted.first - 1, &clock)?;
        let recorded = record(folder, &entry, accepted.first, clock).await?;
        let place = folder.join(UNFINISHED);
        Disk.remove(&place).map_err(RepairError::io("removing", &place))?;
        Disk.sync_folder(folder).map_err(RepairError::io("syncing", folder))?;
        Ok(AcceptedLoss {
            first: accepted.first,
            last: accepted.last,
            cut_off: accepted.cut_off.as_ref().map(|name| folder.join(LOST).join(name)),
            recorded,
        })
    }

    fn confirms(&self, first: u64) -> Result<(), RepairError> {
        let confirmed = self.first;
        if first == confirmed { Ok(()) } else { Err(RepairError::OtherEnd { first, confirmed }) }
    }

    /// Steps 1 to 3.
    fn prepare(&self, folder: &Path) -> Result<Entry, RepairError> {
        let _lock = lock(folder)?;
        if Station::read(folder)? != Station::Primary {
            return Err(RepairError::NotPrimary { folder: folder.to_owned() });
        }
        let Loss { told, rest } = Loss::find(folder, self.checkpoint_copy.as_deref())?
            .map_err(|last| RepairError::NothingLost { last })?;
        self.confirms(told.first)?;
        let bytes = bytes_of(&Disk, &folder.join(names::JOURNAL), &rest)?;
        let cut_off = (!bytes.is_empty()).then(|| keep(folder, told.first, &bytes)).transpose()?;
        let change = Change::LostEndAccepted(LostEndAccepted {
            first: told.first,
            last: told.last,
            segment: told.segment,
            offset: told.offset,
            bytes: told.bytes,
            cut_off,
            reason: self.reason.clone(),
        });
        let entry = Entry { by: self.by.clone(), change };
        let text = serde_json::to_vec_pretty(&entry).map_err(StoreError::encoding)?;
        let place = folder.join(UNFINISHED);
        files::replace(&Disk, folder, UNFINISHED, &text)
            .map_err(RepairError::io("writing", &place))?;
        Ok(entry)
    }

    /// Step 4.
    fn cut(&self, folder: &Path, kept: u64, clock: &Arc<dyn Clock>) -> Result<(), RepairError> {
        let options = JournalOptions::default().danger_accept_lost_end();
        let journal = folder.join(names::JOURNAL);
        let (journal, _) = FileJournal::open(&journal, Arc::clone(clock), &options)
            .map_err(RepairError::Journal)?;
        let state = folder.join(names::STATE);
        match fs::remove_dir_all(&state) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(RepairError::io("removing", &state)(error));
            }
            _ => {}
        }
        backup::set_aside_beyond(folder, kept)
            .map_err(|error| RepairError::Beyond(Arc::new(error)))?;
        let copy = self.checkpoint_copy.as_deref();
        accept_lost_checkpoints(folder, copy, kept).map_err(StoreError::from)?;
        journal.close();
        Ok(())
    }
}

/// A lost end, and what stands there.
struct Loss {
    told: LostEnd,
    rest: Rest,
}

impl Loss {
    /// What the journal says; or else what only ever saw durable records: the index,
    /// and checkpoints. The last record, if nothing is lost.
    fn find(folder: &Path, copy: Option<&Path>) -> Result<Result<Self, u64>, RepairError> {
        let layer: Arc<dyn FileLayer> = Arc::new(Disk);
        let journal = folder.join(names::JOURNAL);
        let JournalEnd { position: kept, rest, loss } = journal_end(&layer, &journal)?;
        let beyond = Beyond::of(folder, copy, kept.sequence)?;
        let (known, refusal) = match (loss, beyond) {
            (None, None) => return Ok(Err(kept.sequence)),
            (Some(loss), beyond) => {
                let known = beyond.map_or(loss.known, |beyond| loss.known.max(beyond.last));
                (known, loss.refusal.to_string())
            }
            (None, Some(Beyond { last, refusal })) => (last, refusal),
        };
        let told = LostEnd {
            kept: kept.sequence,
            kept_time: kept.log_time_millis,
            first: kept.sequence + 1,
            last: known,
            segment: rest.segment.clone(),
            offset: rest.offset,
            bytes: rest.bytes,
            refusal,
        };
        Ok(Ok(Self { told, rest }))
    }
}

/// What knows of records that the journal does not have.
struct Beyond {
    last: u64,
    refusal: String,
}

impl Beyond {
    fn of(folder: &Path, copy: Option<&Path>, last: u64) -> Result<Option<Self>, RepairError> {
        let applied = applied(folder)?.filter(|applied| *applied > last);
        let applied = applied.map(|applied| Self {
            last: applied,
            refusal: StoreError::RecordsLost { applied, last }.to_string(),
        });
        let signed = newest_checkpoint_of(folder, copy).map_err(StoreError::from)?;
        let signed = signed.filter(|(_, signed)| *signed > last).map(|(place, signed)| Self {
            last: signed,
            refusal: EvidenceError::JournalShorter { place, signed, size: last }.to_string(),
        });
        Ok(applied.into_iter().chain(signed).max_by_key(|beyond| beyond.last))
    }
}

/// The last record that the index knows, if there is an index that can be used.
fn applied(folder: &Path) -> Result<Option<u64>, RepairError> {
    let state = folder.join(names::STATE);
    if !state.is_dir() {
        return Ok(None);
    }
    Ok(match Index::open(&state, &IndexOptions::default())? {
        Opened::Clean(index) => Some(index.applied()),
        Opened::Damaged { .. } => None,
    })
}

fn lock(folder: &Path) -> Result<files::LockGuard, RepairError> {
    let journal = folder.join(names::JOURNAL);
    if !journal.is_dir() {
        return Err(RepairError::NotFound { folder: folder.to_owned() });
    }
    Ok(FileJournal::lock_alone(&journal)?)
}

/// Step 2. Returns the copy's name in `lost/`.
fn keep(folder: &Path, first: u64, bytes: &[u8]) -> Result<String, RepairError> {
    let lost = folder.join(LOST);
    files::make_folder(&Disk, &lost).map_err(RepairError::io("making", &lost))?;
    let sha256 = hex::encode(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    let name = format!("{first:020}-{}.bytes", &sha256[..16]);
    let place = lost.join(&name);
    files::replace(&Disk, &lost, &name, bytes).map_err(RepairError::io("writing", &place))?;
    Ok(name)
}

/// What an interrupted repair was about to accept.
fn unfinished(folder: &Path) -> Result<Option<Entry>, RepairError> {
    let path = folder.join(UNFINISHED);
    let text = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text.map_err(RepairError::io("reading", &path))?,
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| RepairError::Unfinished { path, problem: error.to_string() })
}

/// Whether the journal still has all that an interrupted repair was to keep.
fn still_ends(folder: &Path, entry: &Entry) -> Result<bool, RepairError> {
    let Change::LostEndAccepted(accepted) = &entry.change else { return Ok(true) };
    let _lock = lock(folder)?;
    let layer: Arc<dyn FileLayer> = Arc::new(Disk);
    let end = journal_end(&layer, &folder.join(names::JOURNAL))?;
    Ok(end.position.sequence + 1 >= accepted.first)
}

/// Step 5, unless it was done.
async fn record(
    folder: &Path,
    entry: &Entry,
    first: u64,
    clock: Arc<dyn Clock>,
) -> Result<u64, RepairError> {
    let province = Province::open_repairing(folder, clock)?;
    let recorded = match province.journal().read_from(first).map_err(RepairError::Journal)?.next() {
        Some(record) => {
            let there = decode(&record.map_err(RepairError::Journal)?)?;
            (there == *entry).then_some(first)
        }
        None => None,
    };
    let recorded = match recorded {
        Some(recorded) => Ok(recorded),
        None => province.submit(entry).await.map(|(sequence, _)| sequence),
    };
    province.close();
    Ok(recorded?)
}
