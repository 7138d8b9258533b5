//! What a province shows for its record: checkpoints, their keys, and timestamps.
//!
//! How a checkpoint comes about, and what survives a power cut in each step:
//! 1. A key that the journal does not name yet is named by a change: who reads the
//!    journal knows every key that ever signed.
//! 2. The head of the tree over all durable records is signed, once whoever else must
//!    confirm records has confirmed these: what a standby that takes over does not have
//!    would contradict it. Nothing survives.
//! 3. The note is kept in the province's folder, synced. Only then is it shown:
//!    over HTTP, to the operator, in the second place, to a timestamp service. A
//!    note that was signed and not kept was seen by nobody; the next one is signed
//!    over the same records and more.
//!
//! Going over to another key:
//! 1. The key is made, durably. It signs nothing yet; should the power go here,
//!    opening finds it, and the next checkpoint goes on with 2.
//! 2. A change names it.
//! 3. One checkpoint, which covers that change, bears both signatures. Should the
//!    power go before it is kept, the next one does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Province, folder};
use crate::change::{Actor, Change, Entry};
use crate::error::StoreError;
use crate::evidence::{
    EvidenceError, EvidenceKey, EvidenceKeys, RecordProof, SignedCheckpoint, TimestampQuery,
    accept_beyond, copies, newest_signed, verify_kept,
};
use crate::files::{Disk, FileLayer};
use crate::journal::profile_of;
use crate::state::Lookups;

impl Province {
    /// Signs the record as it stands and keeps the checkpoint; the newest one if
    /// nothing was recorded since.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be signed or kept, or is not confirmed; then
    /// nobody saw it. Only the primary signs: a standby has its keys, and is not to speak
    /// for it.
    pub async fn checkpoint(&self) -> Result<Arc<SignedCheckpoint>, StoreError> {
        self.refuse_unless_primary()?;
        self.publish_keys(&Actor::Gateway).await?;
        let (position, tree) = self.journal.tree();
        if let Some(confirming) = self.acknowledgement.get() {
            confirming.ready()?;
            confirming.confirmed(position.sequence).await?;
        }
        let (keeper, now) = (Arc::clone(&self.keeper), self.clock.now());
        blocking(move || Ok(keeper.checkpoint(&tree, now)?)).await
    }

    /// A checkpoint that covers a record: the newest, or a new one, which those who wait
    /// for one at the same time share.
    pub(crate) async fn checkpoint_covering(
        &self,
        sequence: u64,
    ) -> Result<Arc<SignedCheckpoint>, StoreError> {
        let covering = || {
            let newest = self.newest_checkpoint();
            newest.filter(|newest| newest.checkpoint().size >= sequence)
        };
        if let Some(newest) = covering() {
            return Ok(newest);
        }
        let _turn = self.keeper.turn().lock().await;
        match covering() {
            Some(newest) => Ok(newest),
            None => self.checkpoint().await,
        }
    }

    /// Proves that a record is in a checkpoint.
    ///
    /// # Errors
    /// [`StoreError`] when there is no such record, or no checkpoint can be signed.
    pub(crate) async fn prove_record(&self, sequence: u64) -> Result<RecordProof, StoreError> {
        let checkpoint = self.checkpoint_covering(sequence).await?;
        let journal = Arc::clone(&self.journal);
        blocking(move || {
            let record = journal.read_from(sequence)?.next().transpose()?;
            let record = record.ok_or(StoreError::RecordsLost {
                applied: sequence,
                last: journal.position().sequence,
            })?;
            let hashes = journal.prove_inclusion(sequence - 1, checkpoint.checkpoint().size)?;
            Ok(RecordProof::new(&record, hashes, (*checkpoint).clone()))
        })
        .await
    }

    /// The newest checkpoint; `None` before the first.
    pub fn newest_checkpoint(&self) -> Option<Arc<SignedCheckpoint>> {
        self.keeper.newest()
    }

    /// Whether something was recorded since the newest checkpoint.
    pub fn has_unsigned_records(&self) -> bool {
        self.journal.position().sequence > self.signed_records()
    }

    /// Over how many records the newest checkpoint was signed.
    pub(super) fn signed_records(&self) -> u64 {
        self.newest_checkpoint().map_or(0, |newest| newest.checkpoint().size)
    }

    /// The public keys of all times that sign checkpoints, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the state cannot be read.
    pub fn evidence_keys(&self) -> Result<Vec<EvidenceKey>, StoreError> {
        let named = self.read(|view| view.evidence_keys())?;
        parse_keys(named)
    }

    /// Makes another key the one that signs. The old ones stay published.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be made, recorded or used.
    pub async fn rotate_evidence_key(
        &self,
        by: &Actor,
    ) -> Result<(EvidenceKey, Arc<SignedCheckpoint>), StoreError> {
        self.refuse_unless_primary()?;
        let (keeper, known) = (Arc::clone(&self.keeper), self.evidence_keys()?);
        let next = blocking(move || Ok(keeper.generate(&known)?)).await?;
        let key = next.key().clone();
        self.name_key(by, &key).await?;
        let keeper = Arc::clone(&self.keeper);
        blocking(move || {
            keeper.promote(next);
            Ok(())
        })
        .await?;
        Ok((key, self.checkpoint().await?))
    }

    /// Has every checkpoint copied to a folder, best on another machine; a thread
    /// of its own does it, and no sign-in waits for it. Blocks for ten seconds at
    /// most.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] when a checkpoint there disagrees with the journal.
    /// A folder that is missing or hangs is no error: it shows in
    /// [`Province::health`].
    pub fn copy_checkpoints_to(&self, place: &Path) -> Result<(), StoreError> {
        let known = self.evidence_keys()?;
        Ok(self.keeper.copy_to(place, &self.journal, &known)?)
    }

    /// Says where the second place is, of a province that is not to copy to it yet: a
    /// standby's, which may well be behind what the primary signed.
    pub fn know_second_place(&self, place: &Path) {
        // One that is told twice stays the first.
        let _ = self.second_place.set(place.to_owned());
    }

    pub(crate) fn second_place(&self) -> Option<&Path> {
        self.second_place.get().map(PathBuf::as_path)
    }

    /// What to ask a timestamp service (RFC 3161): about the newest checkpoint;
    /// `None` if there is none, or it has been answered.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] when the question cannot be made.
    pub fn timestamp_query(&self) -> Result<Option<TimestampQuery>, StoreError> {
        Ok(self.keeper.timestamp_query()?)
    }

    /// Verifies every timestamp that is kept: how many prove their time by an authority
    /// that was enrolled for timestamps then, how many by none, and what is wrong with any.
    pub(crate) fn check_timestamps(&self) -> Result<(u64, u64, Vec<String>), StoreError> {
        let snapshot = self.snapshot();
        let enrolled = |at| snapshot.timestamp_anchors(at);
        let (mut proven, mut unproven, mut faults) = (0, 0, Vec::new());
        self.keeper.each_timestamp(|checkpoint, answer| {
            match verify_kept(checkpoint.note(), answer, enrolled) {
                Ok(Some(_)) => proven += 1,
                Ok(None) => unproven += 1,
                Err(error) => {
                    let size = checkpoint.checkpoint().size;
                    faults.push(format!("checkpoint of {size} records: {error}"));
                }
            }
        })?;
        Ok((proven, unproven, faults))
    }

    /// Keeps a timestamp service's answer beside the checkpoints, as it came. What
    /// failed shows in [`Province::health`] until the next success.
    ///
    /// # Errors
    /// [`StoreError::Evidence`] when there is none, or it is not one to this
    /// question.
    pub async fn keep_timestamp(
        &self,
        query: TimestampQuery,
        answer: Result<Vec<u8>, String>,
    ) -> Result<(), StoreError> {
        let keeper = Arc::clone(&self.keeper);
        blocking(move || {
            let kept = answer
                .map_err(EvidenceError::Timestamp)
                .and_then(|answer| keeper.keep_timestamp(&query, &answer));
            keeper.note_timestamping(kept.as_ref().err().map(ToString::to_string));
            Ok(kept.map(drop)?)
        })
        .await
    }

    /// Step 1: usually there is nothing to do.
    async fn publish_keys(&self, by: &Actor) -> Result<(), StoreError> {
        let (keeper, known) = (Arc::clone(&self.keeper), self.evidence_keys()?);
        for key in blocking(move || Ok(keeper.unpublished(&known)?)).await? {
            self.name_key(by, &key).await?;
        }
        Ok(())
    }

    async fn name_key(&self, by: &Actor, key: &EvidenceKey) -> Result<(), StoreError> {
        let change = Change::EvidenceKeyMade { key: key.to_string() };
        self.submit(&Entry { by: by.clone(), change }).await.map(drop)
    }
}

/// Accepts, in a province that no process has open, that the records beyond the
/// first `size` are lost: the checkpoints signed over them, in its folder and in
/// its second place `copy`, refuse no opening any more. None is removed. Returns
/// how many those are; whoever calls this journals who accepted the loss.
///
/// # Errors
/// [`EvidenceError`] when a folder cannot be read or written.
pub fn accept_lost_checkpoints(
    home: &Path,
    copy: Option<&Path>,
    size: u64,
) -> Result<usize, EvidenceError> {
    let files: Arc<dyn FileLayer> = Arc::new(Disk);
    let Kept { own, copies, .. } = Kept::of(&files, home, copy)?;
    // A province from before there were any has none to accept.
    own.map_or(Ok(0), |own| Ok(accept_beyond(&files, &own, &copies, size)?.count))
}

/// The newest checkpoint of a province that no process has open, in its folder and in
/// its second place `copy`, that is not accepted as lost: its file, and over how many
/// records it was signed.
pub(crate) fn newest_checkpoint_of(
    home: &Path,
    copy: Option<&Path>,
) -> Result<Option<(PathBuf, u64)>, EvidenceError> {
    let files: Arc<dyn FileLayer> = Arc::new(Disk);
    let Kept { own, copies, keys } = Kept::of(&files, home, copy)?;
    own.map_or(Ok(None), |own| newest_signed(&files, &keys, &own, &copies))
}

/// Where a province's checkpoints are kept, and which keys signed them.
struct Kept {
    own: Option<PathBuf>,
    copies: Vec<PathBuf>,
    keys: Vec<EvidenceKey>,
}

impl Kept {
    fn of(
        files: &Arc<dyn FileLayer>,
        home: &Path,
        copy: Option<&Path>,
    ) -> Result<Self, EvidenceError> {
        let path = home.join(folder::KEYS).join(folder::EVIDENCE_KEYS);
        let origin = EvidenceKeys::origin_in(files.clone(), &path)?;
        let keys = match &origin {
            Some(origin) => {
                let profile = profile_of(&home.join(folder::JOURNAL))?;
                EvidenceKeys::open(files.clone(), &path, profile, origin)?
            }
            None => None,
        };
        let keys = keys.map(|keys| keys.public()).unwrap_or_default();
        let copies = copies(&**files, copy, origin.as_deref())?;
        let own = home.join(folder::CHECKPOINTS);
        Ok(Self { own: own.is_dir().then_some(own), copies, keys })
    }
}

/// The keys that the journal names.
pub(super) fn parse_keys(named: Vec<(u64, String)>) -> Result<Vec<EvidenceKey>, StoreError> {
    let parse = |(_, key): (u64, String)| key.parse::<EvidenceKey>();
    let keys = named.into_iter().map(parse).collect::<Result<_, _>>();
    Ok(keys.map_err(EvidenceError::from)?)
}

/// Runs what waits for the disk on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|cut| StoreError::task(&cut))?
}
