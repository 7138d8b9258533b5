//! The doctor's visit to a province that nobody has open, or that does not open.

use std::path::Path;
use std::sync::Arc;

use super::{Check, Depth, open, state};
use crate::blobs::{BlobError, Blobs};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::evidence::EvidenceError;
use crate::files::{Disk, FileLayer};
use crate::index::{Index, IndexOptions, MemoryRows, Opened};
use crate::journal::{Examined, FileJournal, JournalError, JournalReader, Reading, Rest, examine};
use crate::province::{decode, folder as names, newest_checkpoint_of, place};
use crate::repair;
use crate::seal::key_names;
use crate::state::{self as rules, View};

/// Looks at what the record in `folder` says. Nothing is mended, and no record is
/// made. Blocks; reads everything if asked to.
pub fn examine_record(folder: &Path, clock: &dyn Clock, depth: Depth) -> Vec<Check> {
    let journal = folder.join(names::JOURNAL);
    let _lock = match FileJournal::lock_alone(&journal) {
        Ok(lock) => lock,
        Err(error @ JournalError::InUse { .. }) => {
            let help = "a process that answers no command has it open: wait for it, or end it";
            return vec![Check::unknown("journal", error, help)];
        }
        Err(error) => return vec![refused("journal", &error.into())],
    };
    let mut checks: Vec<Check> = unfinished(folder).into_iter().collect();
    let examined = journal_files(&journal, depth, &mut checks);
    if let Some(Examined { position, .. }) = &examined {
        checks.push(checkpoints(folder, position.sequence));
        checks.push(open::clock(clock.now_millis(), position.log_time_millis));
    }
    let Some(index) = index(folder, examined.as_ref(), &mut checks) else {
        let why = StoreError::State("the index cannot be used".to_owned());
        checks.extend(state::untold(&why));
        return checks;
    };
    if depth == Depth::Full {
        checks.push(replayed(&journal, &index));
    }
    checks.extend(named(folder, &View(&index), depth));
    checks
}

/// A repair that was interrupted keeps the province from being opened.
fn unfinished(folder: &Path) -> Option<Check> {
    let is_there = folder.join(repair::UNFINISHED).exists();
    let error = StoreError::RepairUnfinished { folder: folder.to_owned() };
    is_there
        .then(|| Check::fail("repair", error, "the same `tongxing repair accept-lost-end` again"))
}

/// The newest checkpoint is of a record that is there. Its root is compared by
/// whoever opens the province.
fn checkpoints(folder: &Path, last: u64) -> Check {
    match newest_checkpoint_of(folder, None) {
        Ok(Some((place, signed))) if signed > last => {
            let error = EvidenceError::JournalShorter { place, signed, size: last };
            Check::fail(open::CHECKPOINTS, error, super::RESTORE)
        }
        Ok(newest) => open::checkpoint(newest.map(|(_, size)| size)),
        Err(error) => Check::fail(open::CHECKPOINTS, error, super::RESTORE),
    }
}

fn journal_files(journal: &Path, depth: Depth, checks: &mut Vec<Check>) -> Option<Examined> {
    const ABOUT: &str = "journal";
    let files: Arc<dyn FileLayer> = Arc::new(Disk);
    let reading = match depth {
        Depth::Quick => Reading::LastSegment,
        Depth::Full => Reading::Everything,
    };
    match examine(&files, journal, reading) {
        Err(error) => {
            checks.push(refused(ABOUT, &error.into()));
            None
        }
        Ok(examined) => {
            checks.push(journal_seen(&examined));
            Some(examined)
        }
    }
}

fn journal_seen(examined: &Examined) -> Check {
    const ABOUT: &str = "journal";
    let Examined { position, segments, archived, to_make, rest } = examined;
    let last = position.sequence;
    let profile = position.profile;
    let seen = format!(
        "{last} records (profile {profile}), {segments} segments here, {archived} archived"
    );
    if rest.bytes > 0 {
        let Rest { segment, offset, bytes } = rest;
        let seen = format!(
            "{seen}; {bytes} bytes behind byte {offset} of {segment} are a record that nobody was \
             told of"
        );
        return Check::warn(ABOUT, seen, "the next opening cuts them off");
    }
    if *to_make > 0 {
        let seen = format!("{seen}; of {to_make} the manifest's entry or the leaves are missing");
        return Check::warn(ABOUT, seen, "the next opening makes them from the segments");
    }
    Check::ok(ABOUT, seen)
}

/// What opening would refuse with.
fn refused(about: &str, error: &StoreError) -> Check {
    let help = error.advice().unwrap_or_else(|| "see that the folder can be read".to_owned());
    Check::fail(about, error, help)
}

/// The index, if it agrees with itself and is not ahead of the journal.
fn index(folder: &Path, journal: Option<&Examined>, checks: &mut Vec<Check>) -> Option<Index> {
    const ABOUT: &str = "index";
    let rebuilt = "the next opening makes it anew from the journal";
    let state = folder.join(names::STATE);
    if !state.is_dir() {
        checks.push(Check::warn(ABOUT, "missing", rebuilt));
        return None;
    }
    match Index::open(&state, &IndexOptions::default()) {
        Ok(Opened::Clean(index)) => {
            let (applied, (rows, _)) = index.stands_at();
            let last = journal.map(|journal| journal.position.sequence);
            if last.is_some_and(|last| applied > last) {
                let ahead = StoreError::RecordsLost { applied, last: last.unwrap_or_default() };
                checks.push(refused(ABOUT, &ahead));
            } else {
                let seen = format!("{rows} rows, at record {applied}; it agrees with itself");
                checks.push(Check::ok(ABOUT, seen));
            }
            Some(index)
        }
        Ok(Opened::Damaged { why }) => {
            checks.push(Check::warn(ABOUT, why, rebuilt));
            None
        }
        Err(error) => {
            checks.push(Check::fail(ABOUT, error, "see that the folder `state` can be read"));
            None
        }
    }
}

/// What the index names is compared with what is there.
fn named(folder: &Path, view: &View<'_>, depth: Depth) -> Vec<Check> {
    let place = folder.join(names::BLOBS);
    // Opening makes the folder where there is none; a doctor mends nothing.
    let opened = place.is_dir().then(|| Blobs::open(&place));
    let blobs = match opened.unwrap_or_else(|| Err(BlobError::NoFolder { path: place })) {
        Ok(blobs) => state::blobs(view, &blobs, depth),
        Err(error) => Check::fail("blobs", error, super::RESTORE),
    };
    let keys = folder.join(names::KEYS).join(names::PERSON_KEYS);
    let persons = match key_names(&Disk, &keys) {
        Ok(keys) => state::person_keys(view, |key| keys.contains(key)),
        Err(error) => Check::fail("persons", error, super::RESTORE),
    };
    vec![blobs, persons]
}

/// The state made anew from every record, and compared with the index.
fn replayed(journal: &Path, index: &Index) -> Check {
    const ABOUT: &str = "replay";
    let (applied, stated) = index.stands_at();
    match replay(journal, applied) {
        Err(error) => {
            let help = error.advice().unwrap_or_else(|| "see what is said above".to_owned());
            Check::unknown(ABOUT, error, help)
        }
        Ok(rows) if rows.fingerprint() == stated => {
            Check::ok(ABOUT, format!("records 1 to {applied} make the index as it is"))
        }
        Ok(_) => {
            let seen = format!("the index is not what records 1 to {applied} make");
            Check::fail(ABOUT, seen, "remove the folder `state`: it is made anew")
        }
    }
}

fn replay(journal: &Path, applied: u64) -> Result<MemoryRows, StoreError> {
    let mut reader = JournalReader::open(journal)?;
    let mut rows = MemoryRows::default();
    let first = reader.position().sequence + 1;
    if first > 1 {
        return Err(JournalError::Unavailable { asked: 1, first, last: applied }.into());
    }
    while let Some(record) = reader.next_record()? {
        if record.sequence() > applied {
            break;
        }
        rules::apply(place(&record), &decode(&record)?, &mut rows)?;
    }
    Ok(rows)
}
