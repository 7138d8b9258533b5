//! What a primary gives its standby, how it is fenced, and how a standby is
//! promoted.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::copy::Replica;
use super::{FIRST_TERM, KeyFiles, ReplicaHello, ReplicaRole, StandbyView, Station, key_files};
use crate::blobs::BlobId;
use crate::change::{Actor, Change, Entry, Forced, Promoted};
use crate::error::StoreError;
use crate::journal::{JournalError, MAX_CLOCK_LAG_MILLIS, Position, RecordHash, Records};
use crate::province::Province;
use crate::seal::Base64Bytes;
use crate::state::Lookups;

/// For so long a promotion waits for a second place that does not answer.
const SECOND_PLACE_TIMEOUT: Duration = Duration::from_secs(10);

/// The key of one person, on its way to the standby.
#[derive(Clone, Serialize, Deserialize)]
pub struct PersonKey {
    /// Under which name it is kept.
    pub person: String,
    /// The key.
    pub key: Base64Bytes,
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonKey").field("person", &self.person).finish_non_exhaustive()
    }
}

impl Province {
    /// What this province is.
    pub fn role(&self) -> ReplicaRole {
        match &**self.station().load() {
            Station::Primary => ReplicaRole::Primary,
            Station::Standby | Station::Promoting { .. } => ReplicaRole::Standby,
            Station::Fenced { .. } => ReplicaRole::Fenced,
        }
    }

    /// Its term: that of its last promotion, or of the one that fenced it.
    ///
    /// # Errors
    /// [`StoreError`] when the state cannot be read.
    pub fn term(&self) -> Result<u64, StoreError> {
        match &**self.station().load() {
            Station::Fenced { term } => Ok(*term),
            _ => Ok(self.read(|view| view.term())?.unwrap_or(FIRST_TERM)),
        }
    }

    /// How it introduces itself.
    ///
    /// # Errors
    /// [`StoreError`] when state or journal cannot be read.
    pub fn hello(&self) -> Result<ReplicaHello, StoreError> {
        let Position { sequence, hash, .. } = self.journal().position();
        let province = self.identity()?;
        Ok(ReplicaHello { province, term: self.term()?, role: self.role(), sequence, hash })
    }

    /// How it stands, as far as the folder alone can tell.
    ///
    /// # Errors
    /// As [`Self::hello`].
    pub fn standby_view(&self) -> Result<StandbyView, StoreError> {
        let ReplicaHello { term, role, sequence, hash, .. } = self.hello()?;
        Ok(StandbyView { role, term, sequence, hash, acknowledge: None, peer: None })
    }

    /// The last durable record.
    pub fn position(&self) -> Position {
        self.journal().position()
    }

    /// The hash of a record; the genesis hash before the first one.
    ///
    /// # Errors
    /// [`StoreError`] when the record is not here.
    pub fn record_hash(&self, sequence: u64) -> Result<RecordHash, StoreError> {
        if sequence == 0 {
            return Ok(RecordHash::GENESIS);
        }
        let last = self.journal().position();
        if sequence == last.sequence {
            return Ok(last.hash);
        }
        let record = self.records_from(sequence)?.next().transpose()?;
        let gone = || JournalError::Unavailable { asked: sequence, first: 1, last: last.sequence };
        Ok(record.ok_or_else(gone)?.hash())
    }

    /// The durable records from `sequence` on, as of now.
    ///
    /// # Errors
    /// [`StoreError`] when they are archived, or beyond the end.
    pub fn records_from(&self, sequence: u64) -> Result<Records, StoreError> {
        Ok(self.journal().read_from(sequence)?)
    }

    /// Records that a standby is given the keys and the record; durable here when this
    /// returns. Another standby, which may be why this one comes, is not waited for.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made durable: then nothing is to be given.
    pub async fn note_standby(&self, key: String, from: String) -> Result<(), StoreError> {
        let change = Change::StandbyJoined { key, from };
        self.append_and_apply(&Entry { by: Actor::Gateway, change }).await.map(drop)
    }

    /// A blob by its address, for the standby; `None` if it is not here.
    ///
    /// # Errors
    /// [`StoreError`] when it is damaged or cannot be read.
    pub fn replica_blob(&self, address: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let id: BlobId = address.parse()?;
        Ok(self.vault().blobs.get(&id)?)
    }

    /// Those of these persons' keys that are here.
    pub fn replica_persons(&self, persons: &[String]) -> Vec<PersonKey> {
        let key = |person: &String| {
            let key = self.vault().persons.export(person)?;
            Some(PersonKey { person: person.clone(), key: key.to_vec().into() })
        };
        persons.iter().filter_map(key).collect()
    }

    /// The key files that a standby needs beside the record.
    ///
    /// # Errors
    /// [`StoreError`] when one cannot be read.
    pub fn replica_key_files(&self) -> Result<KeyFiles, StoreError> {
        KeyFiles::read(self.folder())
    }

    /// A value that changes whenever one of those files does.
    ///
    /// # Errors
    /// [`StoreError`] when the folder cannot be read.
    pub fn replica_key_fingerprint(&self) -> Result<[u8; 32], StoreError> {
        key_files::fingerprint(self.folder())
    }

    /// The end of this province that follows another.
    ///
    /// # Errors
    /// [`StoreError::NotAStandby`] if it follows none.
    pub fn replica(&self) -> Result<Replica, StoreError> {
        match self.role() {
            ReplicaRole::Standby => Ok(Replica::of(self)),
            ReplicaRole::Primary | ReplicaRole::Fenced => Err(StoreError::NotAStandby),
        }
    }

    /// Gives way to `term`: nothing is appended here any more. Blocks until what
    /// was being written is durable; returns the final record. Doing it again
    /// returns the same.
    ///
    /// # Errors
    /// [`StoreError::TermNotNewer`] unless the term is newer than ours;
    /// [`StoreError::FenceNotKept`] where nothing is appended any more, but the folder
    /// could not be made to say so: opened again it would be a primary's.
    pub fn fence(&self, term: u64) -> Result<Position, StoreError> {
        // One at a time: two promotions may not both be told that they are the one.
        let _one = self.fencing();
        let own = self.term()?;
        let fenced = self.role() == ReplicaRole::Fenced;
        if self.role() == ReplicaRole::Standby || term < own || (term == own && !fenced) {
            return Err(StoreError::TermNotNewer { asked: term, own });
        }
        let station = Station::Fenced { term };
        let kept = station.write(self.folder());
        // Whatever the disk says: who gives way, stops.
        self.station().store(Arc::new(station));
        self.journal().fence(term);
        kept.map_err(|why| StoreError::FenceNotKept { why: Box::new(why) })?;
        Ok(self.journal().position())
    }

    /// Whether a promotion could append its record now: asked before the primary
    /// is fenced for nothing.
    ///
    /// # Errors
    /// [`StoreError::NotAStandby`], or the clock is behind the journal.
    pub fn check_promotable(&self) -> Result<(), StoreError> {
        if self.role() != ReplicaRole::Standby {
            return Err(StoreError::NotAStandby);
        }
        let last = self.journal().position().log_time_millis;
        let behind_millis = last.saturating_sub(self.clock().now_millis());
        if behind_millis > MAX_CLOCK_LAG_MILLIS {
            return Err(JournalError::ClockBehind { behind_millis }.into());
        }
        Ok(())
    }

    /// Steps 4 to 6 of a promotion; returns the sequence of its record.
    ///
    /// # Errors
    /// [`StoreError`]; after one that is no refusal, the next opening goes on.
    pub async fn promote(&self, term: u64, by: &Actor) -> Result<u64, StoreError> {
        self.take_over(Promoted { term, forced: None }, by).await
    }

    /// The same on an operator's word that the primary is off: what it did not hand over
    /// is lost, and checkpoints signed over it, here and in the second place `copy`, are
    /// accepted as lost. A place that cannot be read is no reason to stay away; `tongxing
    /// repair accept-checkpoints` makes up for it.
    ///
    /// # Errors
    /// As [`Self::promote`].
    pub async fn danger_promote_by_force(
        &self,
        term: u64,
        copy: Option<&Path>,
        by: &Actor,
    ) -> Result<u64, StoreError> {
        self.check_promotable()?;
        let signed = self.accept_beyond_own(copy).await;
        let forced = Some(Forced { signed, reason: None });
        self.take_over(Promoted { term, forced }, by).await
    }

    async fn take_over(&self, promoted: Promoted, by: &Actor) -> Result<u64, StoreError> {
        self.check_promotable()?;
        let term = promoted.term;
        let own = self.term()?;
        if term <= own {
            return Err(StoreError::TermNotNewer { asked: term, own });
        }
        let station = Station::Promoting { promoted: promoted.clone(), by: by.clone() };
        station.write(self.folder())?;
        self.station().store(Arc::new(station));
        let entry = Entry { by: by.clone(), change: Change::Promoted(promoted) };
        let (sequence, _) = self.append_and_apply(&entry).await?;
        Station::Primary.write(self.folder())?;
        self.station().store(Arc::new(Station::Primary));
        Ok(sequence)
    }

    /// Over how many records the newest checkpoint was signed, of those over more than are
    /// here; all of them are accepted as lost.
    async fn accept_beyond_own(&self, copy: Option<&Path>) -> Option<u64> {
        let (keeper, size) = (Arc::clone(self.keeper()), self.journal().position().sequence);
        let copy = copy.map(Path::to_owned);
        let accepting =
            tokio::task::spawn_blocking(move || keeper.accept_beyond(copy.as_deref(), size));
        let accepted = match tokio::time::timeout(SECOND_PLACE_TIMEOUT, accepting).await {
            Ok(Ok(Ok(accepted))) => return accepted,
            Ok(Ok(Err(error))) => error.to_string(),
            Ok(Err(cut)) => cut.to_string(),
            Err(_) => "the second place does not answer".to_owned(),
        };
        tracing::error!(
            error = accepted,
            "checkpoints of lost records could not be looked for: if the next start is refused, \
             `tongxing repair accept-checkpoints`"
        );
        None
    }

    /// The hash of the first record, which names the province.
    fn identity(&self) -> Result<RecordHash, StoreError> {
        if let Some(known) = self.known_identity().get() {
            return Ok(*known);
        }
        let hash = self.record_hash(1)?;
        Ok(*self.known_identity().get_or_init(|| hash))
    }
}
