//! The thread that turns records into state and snapshots.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use super::{Progress, Shared, Vault};
use crate::change::{Change, Entry};
use crate::error::StoreError;
use crate::index::Index;
use crate::journal::{Journal, Record};
use crate::profile::RecordProfile;
use crate::snapshot::Compiler;
use crate::state::{self, Lookups, Outcome, Place, View};

/// How many records share one index batch while the index catches up: sled
/// takes 30,000 to 70,000 rows a second in batches against 19,000 one by one.
const CATCH_UP_BATCH: usize = 512;

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
    let caught_up = apply_all(journal, index, before, progress);
    progress.ended();
    caught_up
}

fn apply_all(
    journal: &dyn Journal,
    index: &Index,
    before: u64,
    progress: &dyn Progress,
) -> Result<u64, StoreError> {
    let mut applied = before;
    let mut records = journal.read_from(before + 1)?.peekable();
    while records.peek().is_some() {
        let mut rows = index.overlay();
        for record in records.by_ref().take(CATCH_UP_BATCH) {
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
    journal: &dyn Journal,
    shared: Arc<Shared>,
    vault: Arc<Vault>,
    compiler: Compiler,
) -> Result<JoinHandle<()>, StoreError> {
    let records = journal.follow(shared.index.applied() + 1)?;
    let applier = Applier { shared, vault, compiler };
    let builder = thread::Builder::new().name("applier".to_owned());
    builder.spawn(move || applier.run(records)).map_err(StoreError::thread)
}

struct Applier {
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
        if let Err(error) = self.shared.index.flush() {
            tracing::warn!(%error, "the index was not flushed; it is rebuilt from the journal");
        }
        self.shared.outcomes.stop("the province is closed".to_owned());
    }

    /// Steps 2 and 3 of how a change happens.
    fn step(&mut self, record: &Record) -> Result<(), StoreError> {
        let entry = decode(record)?;
        let mut rows = self.shared.index.overlay();
        let outcome = state::apply(place(record), &entry, &mut rows)?;
        rows.commit(record.sequence())?;
        if outcome == Outcome::Done && entry.change.concerns_trust() {
            let snapshot = self.compiler.compile(&self.shared.index, record.sequence())?;
            self.shared.snapshot.store(Arc::new(snapshot));
            self.shared.revisions.send_replace(record.sequence());
        }
        if let Change::LookupKeysRetired { .. } = &entry.change {
            self.vault.lookups.retire_before(View(&self.shared.index).lookup_keys()?.oldest);
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
