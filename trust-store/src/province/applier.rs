//! The thread that turns records into state and snapshots.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::{NoProgress, Progress, Shared, Vault};
use crate::change::{Change, Entry};
use crate::error::StoreError;
use crate::index::{Index, IndexError};
use crate::journal::{Journal, Record};
use crate::profile::RecordProfile;
use crate::snapshot::Compiler;
use crate::state::{self, Lookups, Outcome, Place, StateError};

/// How many records share one index batch while the index catches up: sled
/// takes 30,000 to 70,000 rows a second in batches against 19,000 one by one.
const CATCH_UP_BATCH: usize = 512;

/// Between two attempts to open the index again.
const PAUSE: Duration = Duration::from_secs(1);

/// Applies everything the journal has beyond the index, many records a batch.
/// Returns how many.
pub(super) fn catch_up(
    journal: &dyn Journal,
    index: &Index,
    progress: &dyn Progress,
) -> Result<u64, StoreError> {
    let before = index.applied();
    let total = journal.position().sequence.saturating_sub(before);
    progress.began("applying the journal to the state", total);
    let caught_up = apply_upto(journal, index, u64::MAX, progress);
    progress.ended();
    caught_up
}

/// Applies what there is up to the record `upto`.
fn apply_upto(
    journal: &dyn Journal,
    index: &Index,
    upto: u64,
    progress: &dyn Progress,
) -> Result<u64, StoreError> {
    let before = index.applied();
    let mut applied = before;
    let mut records = journal.read_from(before + 1)?.peekable();
    while applied < upto && records.peek().is_some() {
        let many = usize::try_from(upto - applied).unwrap_or(usize::MAX).min(CATCH_UP_BATCH);
        let mut rows = index.overlay();
        for record in records.by_ref().take(many) {
            let record = record?;
            applied = record.sequence();
            let entry = decode(&record)?;
            state::apply(place(&record), &entry, &mut rows)?;
        }
        rows.commit(applied)?;
        progress.came_to(applied - before);
    }
    Ok(applied - before)
}

/// Starts following the journal; ends when the journal is closed or fails.
pub(super) fn start(
    journal: &Arc<dyn Journal>,
    shared: Arc<Shared>,
    vault: Arc<Vault>,
    compiler: Compiler,
) -> Result<JoinHandle<()>, StoreError> {
    let stands_at = shared.index.with(Index::applied).map_err(StateError::from)?;
    let records = journal.follow(stands_at + 1)?;
    let applier = Applier { journal: Arc::clone(journal), shared, vault, compiler };
    let builder = thread::Builder::new().name("applier".to_owned());
    builder.spawn(move || applier.run(records)).map_err(StoreError::thread)
}

struct Applier {
    journal: Arc<dyn Journal>,
    shared: Arc<Shared>,
    vault: Arc<Vault>,
    compiler: Compiler,
}

impl Applier {
    fn run(mut self, records: crate::journal::Records) {
        for record in records {
            let step = record.map_err(StoreError::from).and_then(|record| self.step(&record));
            if let Err(error) = step {
                tracing::error!(%error, "the state stopped following the journal");
                self.shared.outcomes.stop(error.to_string());
                return;
            }
        }
        let flushed = self.shared.index.with(Index::flush).and_then(|flushed| flushed);
        if let Err(error) = flushed {
            tracing::warn!(%error, "the index was not flushed; it is rebuilt from the journal");
        }
        self.shared.outcomes.stop("the province is closed".to_owned());
    }

    /// Steps 2 and 3 of how a change happens.
    fn step(&mut self, record: &Record) -> Result<(), StoreError> {
        let entry = decode(record)?;
        let outcome = self.apply(record, &entry)?;
        if outcome == Outcome::Done && entry.change.concerns_trust() {
            let compiler = &mut self.compiler;
            let made = self.shared.index.with(|index| compiler.compile(index, record.sequence()));
            let snapshot = made.map_err(StateError::from)??;
            self.shared.snapshot.store(Arc::new(snapshot));
            self.shared.revisions.send_replace(record.sequence());
        }
        if let Change::LookupKeysRetired { .. } = &entry.change {
            self.vault.lookups.retire_before(self.shared.read(|view| view.lookup_keys())?.oldest);
        }
        if let Change::SignIn(sign_in) = &entry.change
            && !matches!(outcome, Outcome::Admitted(_))
            && sign_in.keys().next().is_some()
        {
            self.vault.give_up();
        }
        self.shared.outcomes.publish(outcome);
        Ok(())
    }

    /// Applies a record, with an index that is opened again for as long as it fails: a
    /// disk that was full has room again, sooner or later, and the record is there.
    fn apply(&self, record: &Record, entry: &Entry) -> Result<Outcome, StoreError> {
        let mut known = None;
        loop {
            let error = match self.apply_once(record, entry, known.as_ref()) {
                (Some(outcome), Ok(())) => {
                    self.shared.outcomes.come_in_time();
                    return Ok(outcome);
                }
                (outcome, Err(StateError::Index(error))) => {
                    known = outcome;
                    error
                }
                // It would come out no better a second time.
                (_, Err(error)) => return Err(error.into()),
                (None, Ok(())) => IndexError::Storage("no outcome".to_owned()),
            };
            let why = format!("the index takes no changes, and is opened again: {error}");
            if self.shared.outcomes.are_late(why) {
                tracing::error!(%error, record = record.sequence(), "the index is opened again");
            }
            if let Err(error) = self.reopen(record) {
                tracing::warn!(%error, "the index could not be opened again");
                self.shared.closing.wait(PAUSE);
            }
            if self.shared.closing.has_begun() {
                return Err(StateError::from(error).into());
            }
        }
    }

    /// The outcome is there even if the rows could not be written.
    fn apply_once(
        &self,
        record: &Record,
        entry: &Entry,
        known: Option<&Outcome>,
    ) -> (Option<Outcome>, Result<(), StateError>) {
        let applying = |index: &Index| {
            // What was told to have failed may have been written.
            if known.is_some() && index.applied() >= record.sequence() {
                return (known.cloned(), Ok(()));
            }
            let mut rows = index.overlay();
            match state::apply(place(record), entry, &mut rows) {
                Ok(outcome) => {
                    let committed = rows.commit(record.sequence());
                    (Some(outcome), committed.map_err(StateError::from))
                }
                Err(error) => (known.cloned(), Err(error)),
            }
        };
        let applied = self.shared.index.with(applying);
        applied.unwrap_or_else(|closed| (known.cloned(), Err(closed.into())))
    }

    /// Brings the index to where it was before `record`, or with it.
    fn reopen(&self, record: &Record) -> Result<(), StoreError> {
        let before = record.sequence() - 1;
        self.shared
            .index
            .reopen(|index| apply_upto(&*self.journal, index, before, &NoProgress).map(drop))
    }
}

impl Drop for Applier {
    /// Should the thread panic, sign-ins must fail rather than wait for ever.
    fn drop(&mut self) {
        self.shared.outcomes.stop("the applier ended".to_owned());
    }
}

/// Where a record stands.
pub(crate) fn place(record: &Record) -> Place {
    Place { sequence: record.sequence(), time: record.time_millis(), hash: record.hash() }
}

/// Decodes a record. The one that made the province must name the journal's profile. One
/// that this version cannot read was written by a newer
/// one: going on without it would be going on with the wrong state.
pub(crate) fn decode(record: &Record) -> Result<Entry, StoreError> {
    let sequence = record.sequence();
    let entry: Entry = serde_json::from_slice(record.payload())
        .map_err(|source| StoreError::UnknownRecord { sequence, source: Arc::new(source) })?;
    let said = match &entry.change {
        Change::ProvinceCreated { .. } => RecordProfile::Standard,
        Change::ProvinceCreatedWith { profile, .. } => *profile,
        _ => return Ok(entry),
    };
    let journal = record.position().profile;
    if said == journal { Ok(entry) } else { Err(StoreError::OtherProfile { said, journal }) }
}
