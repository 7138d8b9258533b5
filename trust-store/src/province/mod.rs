//! A province's data folder, open: the one writer of its journal.
//!
//! How a change happens:
//! 1. [`Province::submit`] appends it and waits until the journal has it for good.
//! 2. The applier, a thread of its own, follows the journal from wherever a
//!    record came, applies it to the index and leaves the outcome under its
//!    sequence number.
//! 3. After a change of trust it compiles a new snapshot and publishes it before
//!    the outcome: who sees the outcome sees the snapshot.
//! 4. The submitter reads the outcome of its own sequence number.
//!
//! A power cut after 1 loses nothing: the record is applied on the next opening.

mod acknowledgement;
mod applier;
mod closing;
mod evidence;
mod imaging;
mod lookups;
mod open;
mod outcomes;
mod progress;
mod rebuild;
mod replay;
mod shared_index;
#[cfg(test)]
mod tests;
mod vault;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;

use arc_swap::ArcSwap;
use tokio::sync::watch;

pub use acknowledgement::{Acknowledgement, Confirmed};
pub(crate) use applier::{decode, place};
pub use evidence::accept_lost_checkpoints;
pub(crate) use evidence::newest_checkpoint_of;
pub use open::OpenReport;
pub(crate) use open::{Inspected, inspect, new_folder};
pub use progress::{NoProgress, Progress};
pub use replay::{DecodedRecord, IndexedState, ReplayedState};
pub(crate) use vault::{Sealing, Vault};

use crate::authority::{Standing, Status};
use crate::change::{Actor, Change, Entry, SignInRefused};
use crate::clock::Clock;
use crate::command::{CommandError, HealthView, ImportedList};
use crate::documents::Numbers;
use crate::error::StoreError;
use crate::evidence::Keeper;
use crate::holds::Holds;
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::image::Images;
use crate::index::Index;
use crate::journal::{Journal, JournalError, RecordHash};
use crate::memory::Judgements;
use crate::past::KeptLists;
use crate::points::Points;
use crate::profile::RecordProfile;
use crate::replica::{ReplicaRole, Station};
use crate::reserve::{DiskView, Reserve};
use crate::snapshot::Snapshot;
use crate::state::{Lookups, Outcome, StateError, View};
use closing::Closing;
use outcomes::Outcomes;
use shared_index::SharedIndex;

/// Names of what is in a province's folder.
pub(crate) mod folder {
    pub(crate) const JOURNAL: &str = "journal";
    pub(crate) const STATE: &str = "state";
    pub(crate) const IMAGES: &str = "images";
    pub(crate) const BLOBS: &str = "blobs";
    pub(crate) const KEYS: &str = "keys";
    pub(crate) const PERSON_KEYS: &str = "persons.keys";
    pub(crate) const LOOKUP_KEYS: &str = "lookup.keys";
    pub(crate) const EVIDENCE_KEYS: &str = "evidence.keys";
    pub(crate) const CHECKPOINTS: &str = "checkpoints";
}

/// An open province.
#[derive(Debug)]
pub struct Province {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    journal: Arc<dyn Journal>,
    shared: Arc<Shared>,
    vault: Arc<Vault>,
    images: Images,
    /// Held while an image is taken: one at a time.
    imaging: tokio::sync::Mutex<()>,
    reserve: Reserve,
    keeper: Arc<Keeper>,
    /// Where its checkpoints would be copied to, were it the primary.
    second_place: OnceLock<PathBuf>,
    applier: Mutex<Option<JoinHandle<()>>>,
    opened: OpenReport,
    /// Held while a backup is made: one at a time.
    backing_up: tokio::sync::Mutex<()>,
    /// One going over to another look-up key at a time.
    rotating: tokio::sync::Mutex<()>,
    station: ArcSwap<Station>,
    /// Held while a fence is written.
    fencing: Mutex<()>,
    /// The hash of the first record, once it was asked for.
    identity: OnceLock<RecordHash>,
    acknowledgement: OnceLock<Arc<dyn Acknowledgement>>,
    points: Points,
    kept_lists: KeptLists,
    holds: Holds,
    /// Boxed: a province is moved through futures.
    judgements: Box<Judgements>,
    numbers: Numbers,
}

/// The state that follows from the record, for whoever copies records into it.
#[derive(Debug, Clone)]
pub(crate) struct Applied(Arc<Shared>);

impl Applied {
    /// Waits until a durable record is applied.
    pub(crate) async fn reached(&self, sequence: u64) -> Result<(), StoreError> {
        match self.0.outcomes.wait(sequence).await {
            // Applied so long ago that its outcome is kept no more.
            Ok(_) | Err(StoreError::OutcomeGone { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The person keys that the record says are to be destroyed.
    pub(crate) fn given_up_keys(&self) -> Result<Vec<SubjectId>, StoreError> {
        self.0.read(|view| view.given_up_keys())
    }

    /// The blobs that records name.
    pub(crate) fn named_blobs(&self) -> Result<Vec<String>, StoreError> {
        self.0.read(|view| view.named_blobs())
    }
}

/// What the applier and everybody else look at together.
#[derive(Debug)]
struct Shared {
    index: SharedIndex,
    snapshot: ArcSwap<Snapshot>,
    revisions: watch::Sender<u64>,
    outcomes: Outcomes,
    closing: Closing,
}

impl Shared {
    fn read<T>(
        &self,
        read: impl FnOnce(&View<'_>) -> Result<T, StateError>,
    ) -> Result<T, StoreError> {
        let read = self.index.with(|index| read(&View(index))).map_err(StateError::from)?;
        Ok(read?)
    }
}

/// A refused sign-in, to be recorded.
#[derive(Debug, Clone)]
pub struct RefusedSignIn {
    /// Whose certificate it was, where a path led to an enrolled key.
    pub authority: Option<AuthorityId>,
    /// For whom the token would have been.
    pub relying_party: Option<RelyingPartyId>,
    /// SHA-256 of the leaf.
    pub certificate_sha256: [u8; 32],
    /// How possession was proven.
    pub method: crate::change::Method,
    /// Failed or indeterminate.
    pub verdict: tongxing_pki::Verdict,
    /// The codes of the findings that decided.
    pub codes: Vec<String>,
    /// The revision of the snapshot that judged.
    pub judged_at: u64,
}

impl Province {
    /// The folder it lives in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What its record rests on.
    pub fn profile(&self) -> RecordProfile {
        self.journal.profile()
    }

    /// The clock it was opened with.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// What opening found and mended.
    pub fn opened(&self) -> &OpenReport {
        &self.opened
    }

    /// The view that decisions are taken against. Hold it for one decision only:
    /// the next one shall see what has changed since.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.load_full()
    }

    /// Changes whenever a new snapshot is published.
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.shared.revisions.subscribe()
    }

    /// Keeps so many bytes of the disk free of sign-ins from now on.
    pub fn keep_free(&self, bytes: u64) {
        self.reserve.keep(bytes);
    }

    /// Sets the ballast aside that is given back when the disk is full, if there is
    /// none and there is room. Blocks; what a gateway does at start and later.
    pub fn tend_reserve(&self) {
        self.reserve.tend();
    }

    /// How the disk is; looks at most once a second.
    pub fn disk(&self) -> DiskView {
        self.reserve.look()
    }

    /// Whether sign-ins are taken at all now.
    ///
    /// # Errors
    /// [`StoreError::Standby`] or [`JournalError::Fenced`] where another gateway takes
    /// them, [`StoreError::DiskReserve`] while too little of the disk is free,
    /// [`StoreError::NoStandby`] while nobody could confirm them,
    /// [`StoreError::ApplierStopped`] while records do not become state,
    /// [`StoreError::Seal`] once a write of persons' keys failed: no sync of this disk
    /// is believed before the province is opened again.
    pub fn takes_sign_ins(&self) -> Result<(), StoreError> {
        self.refuse_unless_primary()?;
        self.has_what_sign_ins_need()
    }

    fn has_what_sign_ins_need(&self) -> Result<(), StoreError> {
        self.vault.persons.failure().map_or(Ok(()), Err)?;
        self.reserve.admits()?;
        self.shared.outcomes.are_told()?;
        self.acknowledgement.get().map_or(Ok(()), |confirming| confirming.ready())
    }

    /// Records a refused sign-in; durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable.
    pub async fn refuse(&self, refused: RefusedSignIn) -> Result<(), StoreError> {
        let change = Change::SignInRefused(SignInRefused {
            authority: refused.authority,
            relying_party: refused.relying_party,
            certificate: crate::hex::encode(&refused.certificate_sha256),
            method: refused.method,
            verdict: refused.verdict.to_string(),
            codes: refused.codes,
            judged_at: refused.judged_at,
        });
        self.submit(&Entry { by: Actor::Gateway, change }).await.map(drop)
    }

    /// Records how many refusals there were that are not recorded one by one.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable.
    pub async fn summarise_refusals(
        &self,
        since_millis: i64,
        counts: std::collections::BTreeMap<String, u64>,
    ) -> Result<(), StoreError> {
        let change = Change::RefusalsSummarised { since: since_millis, counts };
        self.submit(&Entry { by: Actor::Gateway, change }).await.map(drop)
    }

    /// Deletes blobs that no record names and that are older than a day: what an
    /// interrupted change left behind. Blocks; returns how many.
    ///
    /// # Errors
    /// [`StoreError`] when the folder or the state cannot be read.
    pub fn sweep_blobs(&self) -> Result<u64, StoreError> {
        if self.role() == ReplicaRole::Standby {
            // Here blobs come before the record that names them.
            return Ok(0);
        }
        let named = self.read(|view| view.named_blobs())?;
        let live = named.iter().filter_map(|blob| blob.parse().ok()).collect();
        Ok(self.vault.blobs.sweep(&live, self.clock.now_millis())?.removed)
    }

    /// The places where lists are told.
    pub fn points(&self) -> &Points {
        &self.points
    }

    /// Where to look for certificates by their serial numbers.
    pub(crate) fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// What was judged lately.
    pub(crate) fn judgements(&self) -> &Judgements {
        &self.judgements
    }

    /// Archived lists that were read.
    pub(crate) fn kept_lists(&self) -> &KeptLists {
        &self.kept_lists
    }

    /// Whom archived lists name as held.
    pub(crate) fn holds(&self) -> &Holds {
        &self.holds
    }

    /// Writes down what is known of the places where lists are told. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be written; nothing but time is lost.
    pub fn save_points(&self) -> Result<(), StoreError> {
        self.points.save(&self.folder)
    }

    /// Brings a list in: verified, kept, recorded. One that is not newer than what is
    /// held changes nothing. `only_of` says whose it must be.
    ///
    /// # Errors
    /// [`CommandError`] as for [`Command::ListImport`](crate::Command::ListImport).
    pub async fn import_list(
        &self,
        by: &Actor,
        only_of: Option<&AuthorityId>,
        file: Cow<'_, [u8]>,
    ) -> Result<ImportedList, CommandError> {
        crate::command::bring_in(self, by, only_of, file).await
    }

    /// Destroys the keys that sealed what was not admitted since the last time. One
    /// rewriting of the key file, however many: not for each sign-in. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when the state cannot be read or the key file not be written;
    /// the next time tries again.
    pub fn destroy_given_up_keys(&self) -> Result<(), StoreError> {
        if !self.vault.untidy.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let destroyed = self.destroy_keys_now();
        if destroyed.is_err() {
            self.vault.give_up();
        }
        destroyed
    }

    fn destroy_keys_now(&self) -> Result<(), StoreError> {
        let mut keys = self.read(|view| view.given_up_keys())?;
        let orphans = self.vault.orphans.lock().unwrap_or_else(PoisonError::into_inner).clone();
        keys.extend_from_slice(&orphans);
        self.vault.destroy(&keys)?;
        let mut left = self.vault.orphans.lock().unwrap_or_else(PoisonError::into_inner);
        left.retain(|key| !orphans.contains(key));
        Ok(())
    }

    /// Reads every blob that a record names; how many, and what is wrong with some.
    pub(crate) fn check_blobs(&self) -> Result<(u64, Vec<String>), StoreError> {
        let (mut read, mut faults) = (0, Vec::new());
        for name in self.read(|view| view.named_blobs())? {
            let found = name.parse().and_then(|id| self.vault.blobs.get(&id));
            match found {
                Ok(Some(_)) => read += 1,
                Ok(None) => {
                    faults.push(format!("blob {name} is missing: restore it from a backup"));
                }
                Err(error) => faults.push(error.to_string()),
            }
        }
        Ok((read, faults))
    }

    /// How the province is.
    pub fn health(&self) -> HealthView {
        let snapshot = self.snapshot();
        let now = self.clock.now();
        let mut degraded: Vec<String> = Vec::new();
        let mut judgeable = 0;
        for authority in snapshot.authorities() {
            let faults = authority.degraded(now);
            let active = authority.status().at(now) == Standing::Is(Status::Active);
            if active && authority.is_judgeable(now) {
                judgeable += 1;
            }
            degraded.extend(faults.into_iter().map(|fault| format!("{}: {fault}", authority.id())));
        }
        let failure = self.journal.failure().map(|failure| failure.to_string());
        let stopped = self.shared.outcomes.stopped();
        let journal_writable = failure.is_none() && stopped.is_none();
        degraded.extend(failure.into_iter().chain(stopped));
        degraded.extend(match self.role() {
            ReplicaRole::Primary => self.has_what_sign_ins_need().err().map(|e| e.to_string()),
            ReplicaRole::Standby | ReplicaRole::Fenced => {
                self.vault.persons.failure().map(|e| e.to_string())
            }
        });
        degraded.extend(self.keeper.degraded());
        degraded.extend(self.points.troubles());
        HealthView {
            sequence: self.journal.position().sequence,
            journal_writable,
            signed: self.signed_records(),
            judgeable_authorities: judgeable,
            disk: Some(self.disk()),
            degraded,
        }
    }

    /// Makes durable what is queued, applies it, and ends.
    pub fn close(&self) {
        self.keeper.settle();
        self.shared.closing.begin();
        self.journal.close();
        let handle = self.applier.lock().ok().and_then(|mut applier| applier.take());
        if let Some(handle) = handle {
            // The applier never panics on purpose; if it did, the journal has all
            // that was acknowledged and the next opening applies it.
            let _ = handle.join();
        }
    }

    /// From now on sign-ins and operators' changes are acknowledged only after
    /// `acknowledgement` confirms them too. Only the first one given counts.
    pub fn acknowledge_with(&self, acknowledgement: Arc<dyn Acknowledgement>) {
        // A second one would mean two servers over one province: the first stays.
        let _ = self.acknowledgement.set(acknowledgement);
    }

    fn refuse_unless_primary(&self) -> Result<(), StoreError> {
        match &**self.station.load() {
            Station::Primary => Ok(()),
            Station::Standby | Station::Promoting { .. } => Err(StoreError::Standby),
            Station::Fenced { term } => Err(JournalError::Fenced { term: *term }.into()),
        }
    }

    /// Appends an entry, waits for its outcome and for whoever else must confirm.
    pub(crate) async fn submit(&self, entry: &Entry) -> Result<(u64, Outcome), StoreError> {
        self.refuse_unless_primary()?;
        let confirming = self.acknowledgement.get().filter(|_| entry.change.is_acknowledged());
        // Asked again here: what was sealed meanwhile may have taken its time. What an
        // operator does about a lost standby must not need the standby.
        if let Some(confirming) = confirming {
            confirming.exists()?;
            if matches!(entry.change, Change::SignIn(_)) {
                confirming.ready()?;
            }
        }
        let (sequence, outcome) = self.append_and_apply(entry).await?;
        if let Some(confirming) = confirming {
            confirming.confirmed(sequence).await?;
        }
        Ok((sequence, outcome))
    }

    /// Appends an entry and waits for its outcome.
    pub(crate) async fn append_and_apply(
        &self,
        entry: &Entry,
    ) -> Result<(u64, Outcome), StoreError> {
        // A record whose outcome nobody would be told is not made; nor, while the index is
        // opened again, one that can wait.
        if entry.change.is_essential() {
            self.shared.outcomes.are_not_over()?;
        } else {
            self.shared.outcomes.are_told()?;
        }
        let payload = serde_json::to_vec(entry).map_err(StoreError::encoding)?;
        let append = match &entry.change {
            Change::ClockReset { .. } => self.journal.append_clock_reset(payload),
            change if change.is_essential() => self.journal.append_reserved(payload),
            _ => {
                self.reserve.admits()?;
                self.journal.append(payload)
            }
        };
        let appended = append.await?;
        let outcome = self.shared.outcomes.wait(appended.sequence).await?;
        Ok((appended.sequence, outcome))
    }

    /// Reads the state.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&View<'_>) -> Result<T, StateError>,
    ) -> Result<T, StoreError> {
        self.shared.read(read)
    }

    /// How far the index has come, with its count and hash of rows.
    pub(crate) fn index_stands_at(&self) -> Result<(u64, (u64, [u8; 32])), StoreError> {
        Ok(self.shared.index.with(Index::stands_at).map_err(StateError::from)?)
    }

    /// Whether it was closed, or stopped following its journal.
    pub(crate) fn is_closed(&self) -> bool {
        self.shared.outcomes.stopped().is_some()
    }

    pub(crate) fn backing_up(&self) -> &tokio::sync::Mutex<()> {
        &self.backing_up
    }

    pub(crate) fn journal(&self) -> &Arc<dyn Journal> {
        &self.journal
    }

    pub(crate) fn keeper(&self) -> &Arc<Keeper> {
        &self.keeper
    }

    pub(crate) fn station(&self) -> &ArcSwap<Station> {
        &self.station
    }

    pub(crate) fn fencing(&self) -> MutexGuard<'_, ()> {
        // It guards nothing in memory that a panic could leave half-changed.
        self.fencing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn known_identity(&self) -> &OnceLock<RecordHash> {
        &self.identity
    }

    pub(crate) fn applied(&self) -> Applied {
        Applied(Arc::clone(&self.shared))
    }

    pub(crate) fn vault(&self) -> &Arc<Vault> {
        &self.vault
    }
}

impl Drop for Province {
    fn drop(&mut self) {
        self.close();
    }
}
