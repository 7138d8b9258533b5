//! The keys and checkpoints of an open province.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwapOption;
use tongxing_pki::Timestamp;

use super::accepted;
use super::checkpoint::{Checkpoint, SignedCheckpoint, new_origin};
use super::copy::Copier;
use super::error::EvidenceError;
use super::keys::EvidenceKeys;
use super::log::CheckpointLog;
use super::note::{EvidenceKey, EvidenceSigner};
use super::timestamp::{TIMESTAMP_MAX_BYTES, TimestampQuery};
use super::troubles::Troubles;
use crate::files::{self, FileLayer};
use crate::journal::{Journal, MerkleTree};
use crate::profile::RecordProfile;

/// Where in a province's folder the answers of timestamp services are kept.
const TIMESTAMPS: &str = "timestamps";

/// What the keeper works on.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) files: Arc<dyn FileLayer>,
    /// That of the record.
    pub(crate) profile: RecordProfile,
    /// The key file.
    pub(crate) keys: PathBuf,
    /// The folder of the checkpoints.
    pub(crate) checkpoints: PathBuf,
}

/// Signs checkpoints and keeps them.
#[derive(Debug)]
pub(crate) struct Keeper {
    places: Places,
    inner: Mutex<Inner>,
    /// Apart, so that nobody who reads it waits for a disk.
    newest: ArcSwapOption<SignedCheckpoint>,
    troubles: Arc<Troubles>,
    copier: OnceLock<Copier>,
    /// Held while a checkpoint is signed that somebody waits for: those who wait
    /// meanwhile share the next one.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Inner {
    /// Whose record it is.
    origin: String,
    keys: Option<EvidenceKeys>,
    log: CheckpointLog,
}

impl Keeper {
    /// Opens keys and checkpoints; `known` are the public keys that the journal
    /// names, which count even if the key file is gone.
    pub(crate) fn open(places: Places, known: &[EvidenceKey]) -> Result<Self, EvidenceError> {
        let origin = match known.first() {
            Some(key) => key.name().to_owned(),
            // A folder without a key, or whose first one is not named yet.
            None => match EvidenceKeys::origin_in(places.files.clone(), &places.keys)? {
                Some(origin) => origin,
                None => new_origin()?,
            },
        };
        let keys = EvidenceKeys::open(places.files.clone(), &places.keys, places.profile, &origin)?;
        let log = CheckpointLog::open(places.files.clone(), &places.checkpoints)?;
        let trusted = together(keys.as_ref(), known);
        let accepted = accepted::read(&*places.files, &places.checkpoints)?;
        let newest = log.newest(&trusted, &accepted)?.map(|(_, newest)| Arc::new(newest));
        let troubles = Troubles::default();
        if keys.is_none() && !known.is_empty() {
            troubles.signing.set(Some(EvidenceError::NoKey.to_string()));
        }
        let inner = Mutex::new(Inner { origin, keys, log });
        let (newest, troubles) = (ArcSwapOption::new(newest), Arc::new(troubles));
        let (copier, turn) = (OnceLock::new(), tokio::sync::Mutex::new(()));
        Ok(Self { places, inner, newest, troubles, copier, turn })
    }

    /// Whether the newest checkpoint agrees with the journal.
    pub(crate) fn check(
        &self,
        journal: &dyn Journal,
        known: &[EvidenceKey],
    ) -> Result<(), EvidenceError> {
        let inner = self.inner();
        let trusted = together(inner.keys.as_ref(), known);
        match inner.log.newest(&trusted, &self.accepted()?)? {
            Some((place, newest)) => agree(journal, &place, newest.checkpoint()),
            None => Ok(()),
        }
    }

    /// Keeps a copy of every checkpoint in a folder of this province's own below
    /// `place`, from now on and outside of this thread.
    ///
    /// # Errors
    /// When the newest checkpoint there says something else than the journal. That
    /// the place is missing or slow is no error: it shows in the health view.
    pub(crate) fn copy_to(
        &self,
        place: &Path,
        journal: &Arc<dyn Journal>,
        known: &[EvidenceKey],
    ) -> Result<(), EvidenceError> {
        let (trusted, origin) = {
            let inner = self.inner();
            (together(inner.keys.as_ref(), known), inner.origin.clone())
        };
        let copier = Copier::start(
            self.places.files.clone(),
            self.log(),
            (place, &origin),
            trusted,
            journal,
            &self.troubles,
        )?;
        // A second place that is set twice stays the first.
        let _ = self.copier.set(copier);
        Ok(())
    }

    /// Accepts as lost what was signed over more than `size` records, here and in the
    /// second place `copy`; over how many the newest of it was, if there is any. Blocks,
    /// for as long as the second place does.
    pub(crate) fn accept_beyond(
        &self,
        copy: Option<&Path>,
        size: u64,
    ) -> Result<Option<u64>, EvidenceError> {
        let origin = self.inner().origin.clone();
        let others = accepted::copies(&*self.places.files, copy, Some(&origin))?;
        let Places { files, checkpoints, .. } = &self.places;
        let accepted = accepted::accept_beyond(files, checkpoints, &others, size)?;
        Ok((accepted.count > 0).then_some(accepted.signed))
    }

    /// The checkpoints in the second place `copy` that contradict the journal, from the
    /// newest down to one that does not. Blocks.
    pub(crate) fn contradictions(
        &self,
        copy: &Path,
        journal: &dyn Journal,
        known: &[EvidenceKey],
    ) -> Result<Vec<SignedCheckpoint>, EvidenceError> {
        let (trusted, origin) = {
            let inner = self.inner();
            (together(inner.keys.as_ref(), known), inner.origin.clone())
        };
        let accepted = self.accepted()?;
        let mut notes = Vec::new();
        for place in accepted::copies(&*self.places.files, Some(copy), Some(&origin))? {
            for month in CheckpointLog::reading(self.places.files.clone(), &place).months()? {
                let month = month?;
                let ours = |note: &SignedCheckpoint| {
                    !accepted.contains(note) && note.verify(&trusted).is_ok()
                };
                notes.extend(month.notes.into_iter().filter(ours));
            }
        }
        notes.sort_by_key(|note| std::cmp::Reverse(note.checkpoint().size));
        let mut found = Vec::new();
        for note in notes {
            match agree(journal, copy, note.checkpoint()) {
                Ok(()) => break,
                Err(error) if error.is_contradiction() => found.push(note),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Accepts these as lost. Blocks.
    pub(crate) fn accept(&self, lost: Vec<SignedCheckpoint>) -> Result<(), EvidenceError> {
        let Places { files, checkpoints, .. } = &self.places;
        accepted::accept(&**files, checkpoints, lost).map(drop)
    }

    /// The newest checkpoint that was kept.
    pub(crate) fn newest(&self) -> Option<Arc<SignedCheckpoint>> {
        self.newest.load_full()
    }

    /// The keys that `known` lacks, the first one made if there never was any: the
    /// journal must name a key before it signs.
    pub(crate) fn unpublished(
        &self,
        known: &[EvidenceKey],
    ) -> Result<Vec<EvidenceKey>, EvidenceError> {
        let mut inner = self.inner();
        if !inner.has_all(known) {
            inner.read_keys(&self.places, known)?;
        }
        if inner.keys.is_none() && known.is_empty() {
            inner.create_keys(&self.places)?;
        }
        let keys = inner.keys.as_ref().ok_or(EvidenceError::NoKey)?;
        Ok(keys.public().into_iter().filter(|key| !known.contains(key)).collect())
    }

    /// Signs the journal's tree and keeps the note; the one that is there if it says the
    /// same, or was signed over more meanwhile. Blocks for the disk.
    pub(crate) fn checkpoint(
        &self,
        tree: &MerkleTree,
        now: Timestamp,
    ) -> Result<Arc<SignedCheckpoint>, EvidenceError> {
        let mut inner = self.inner();
        let kept = inner
            .next_signers(self.newest().as_deref())
            .and_then(|signers| self.keep(&mut inner, tree, now, &signers));
        self.note_trouble(kept)
    }

    /// The key that signs now.
    pub(crate) fn signer(&self) -> Result<Arc<EvidenceSigner>, EvidenceError> {
        let inner = self.inner();
        let keys = inner.keys.as_ref().ok_or(EvidenceError::NoKey)?;
        keys.current().cloned()
    }

    /// Where those who wait for a checkpoint wait.
    pub(crate) fn turn(&self) -> &tokio::sync::Mutex<()> {
        &self.turn
    }

    /// Makes another key, which signs nothing yet.
    pub(crate) fn generate(
        &self,
        known: &[EvidenceKey],
    ) -> Result<Arc<EvidenceSigner>, EvidenceError> {
        let mut inner = self.inner();
        inner.read_keys(&self.places, known)?;
        if let Some(keys) = &mut inner.keys {
            return keys.generate();
        }
        inner.create_keys(&self.places)
    }

    /// Goes over to a key that the journal names by now: the next checkpoint bears
    /// the signatures of both.
    pub(crate) fn promote(&self, next: Arc<EvidenceSigner>) {
        if let Some(keys) = &mut self.inner().keys
            && keys.current().is_ok_and(|current| current.key() != next.key())
        {
            keys.promote(next);
        }
    }

    /// Under the lock: what is signed never goes back.
    fn keep(
        &self,
        inner: &mut Inner,
        tree: &MerkleTree,
        now: Timestamp,
        signers: &[Arc<EvidenceSigner>],
    ) -> Result<Arc<SignedCheckpoint>, EvidenceError> {
        let (origin, newest) = (inner.origin.clone(), self.newest());
        let checkpoint = match &newest {
            Some(newest) if newest.checkpoint().size > tree.size() => newest.checkpoint().clone(),
            _ => Checkpoint { origin, size: tree.size(), root: tree.root() },
        };
        if let Some(newest) = newest
            && *newest.checkpoint() == checkpoint
            && signers.iter().all(|signer| newest.names(signer.key()))
        {
            return Ok(newest);
        }
        let signers: Vec<&EvidenceSigner> = signers.iter().map(|signer| &**signer).collect();
        let signed = Arc::new(SignedCheckpoint::sign(checkpoint, &signers)?);
        inner.log.append(signed.note(), &month_of(now))?;
        self.newest.store(Some(Arc::clone(&signed)));
        Ok(signed)
    }

    fn note_trouble(
        &self,
        kept: Result<Arc<SignedCheckpoint>, EvidenceError>,
    ) -> Result<Arc<SignedCheckpoint>, EvidenceError> {
        let trouble = kept.as_ref().err().map(|error| format!("no checkpoint: {error}"));
        self.troubles.signing.set(trouble);
        if kept.is_ok()
            && let Some(copier) = self.copier.get()
        {
            copier.wake();
        }
        kept
    }

    /// A question to a timestamp service about the newest checkpoint, unless it
    /// has been answered.
    pub(crate) fn timestamp_query(&self) -> Result<Option<TimestampQuery>, EvidenceError> {
        let Some(newest) = self.newest() else { return Ok(None) };
        let query = TimestampQuery::about(newest.note())?;
        let (folder, name) = self.timestamp_place(&newest);
        match self.places.files.open_read(&folder.join(name)) {
            Ok(_) => Ok(None),
            Err(_) => Ok(Some(query)),
        }
    }

    /// Keeps the answer, if it is one to this question. Blocks for the disk.
    pub(crate) fn keep_timestamp(
        &self,
        query: &TimestampQuery,
        answer: &[u8],
    ) -> Result<PathBuf, EvidenceError> {
        query.check(answer)?;
        let (folder, name) = self.timestamp_place(&SignedCheckpoint::parse(query.note())?);
        let files = &*self.places.files;
        files::make_folder(files, &folder).map_err(EvidenceError::io("making", &folder))?;
        let path = folder.join(&name);
        files::replace(files, &folder, &name, answer)
            .map_err(EvidenceError::io("writing", &path))?;
        Ok(path)
    }

    /// The answer that is kept about a checkpoint, by its note.
    pub(crate) fn timestamp_of(&self, note: &str) -> Result<Option<Vec<u8>>, EvidenceError> {
        let (folder, name) = self.timestamp_place(&SignedCheckpoint::parse(note)?);
        let path = folder.join(name);
        let file = match self.places.files.open_read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EvidenceError::io("opening", &path)(error)),
        };
        let answer = files::read_all(&*file, TIMESTAMP_MAX_BYTES as u64);
        answer.map(Some).map_err(EvidenceError::io("reading", &path))
    }

    /// Shows each answer that is kept, with its checkpoint.
    pub(crate) fn each_timestamp(
        &self,
        mut show: impl FnMut(&SignedCheckpoint, &[u8]),
    ) -> Result<(), EvidenceError> {
        for month in self.log().months()? {
            for checkpoint in &month?.notes {
                let (folder, name) = self.timestamp_place(checkpoint);
                let path = folder.join(name);
                let Ok(file) = self.places.files.open_read(&path) else { continue };
                let answer = files::read_all(&*file, TIMESTAMP_MAX_BYTES as u64)
                    .map_err(EvidenceError::io("reading", &path))?;
                show(checkpoint, &answer);
            }
        }
        Ok(())
    }

    /// `timestamps/SIZE-HASH.tsr`: two notes of one size have different hashes.
    fn timestamp_place(&self, checkpoint: &SignedCheckpoint) -> (PathBuf, String) {
        let hash = crate::hex::sha256(checkpoint.note().as_bytes());
        let name = format!("{:020}-{}.tsr", checkpoint.checkpoint().size, &hash[..16]);
        (self.places.checkpoints.join(TIMESTAMPS), name)
    }

    /// Says whether the timestamp service works.
    pub(crate) fn note_timestamping(&self, trouble: Option<String>) {
        self.troubles.timestamping.set(trouble);
    }

    /// What does not work at the moment.
    pub(crate) fn degraded(&self) -> Vec<String> {
        self.troubles.all()
    }

    /// The kept checkpoints, to read.
    pub(crate) fn log(&self) -> CheckpointLog {
        CheckpointLog::reading(self.places.files.clone(), &self.places.checkpoints)
    }

    /// Waits until what was kept is copied, for some seconds at most.
    pub(crate) fn settle(&self) {
        if let Some(copier) = self.copier.get() {
            copier.settle();
        }
    }

    /// The checkpoints that an operator accepted as lost.
    pub(crate) fn accepted(&self) -> Result<Vec<SignedCheckpoint>, EvidenceError> {
        self.log().accepted()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Each step leaves it consistent, so a poisoned lock is usable.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn has_all(&self, known: &[EvidenceKey]) -> bool {
        let keys = self.keys.as_ref().map(EvidenceKeys::public);
        keys.is_some_and(|keys| known.iter().all(|key| keys.contains(key)))
    }

    /// Reads the key file as it is by now: that of a standby is exchanged while it
    /// follows. The origin is that of the first key that the journal names.
    fn read_keys(&mut self, places: &Places, known: &[EvidenceKey]) -> Result<(), EvidenceError> {
        if let Some(first) = known.first() {
            first.name().clone_into(&mut self.origin);
        }
        let Places { files, keys, profile, .. } = places;
        self.keys = EvidenceKeys::open(files.clone(), keys, *profile, &self.origin)?;
        Ok(())
    }

    fn create_keys(&mut self, places: &Places) -> Result<Arc<EvidenceSigner>, EvidenceError> {
        let Places { files, keys, profile, .. } = places;
        let created = EvidenceKeys::create(files.clone(), keys, *profile, &self.origin)?;
        let first = Arc::clone(created.current()?);
        self.keys = Some(created);
        Ok(first)
    }

    fn next_signers(
        &self,
        newest: Option<&SignedCheckpoint>,
    ) -> Result<Vec<Arc<EvidenceSigner>>, EvidenceError> {
        self.keys.as_ref().ok_or(EvidenceError::NoKey)?.next_signers(newest)
    }
}

/// Whether a checkpoint that is ours says what the journal says.
pub(crate) fn agree(
    journal: &dyn Journal,
    place: &Path,
    checkpoint: &Checkpoint,
) -> Result<(), EvidenceError> {
    let (size, place) = (journal.position().sequence, place.to_owned());
    if checkpoint.size > size {
        return Err(EvidenceError::JournalShorter { place, signed: checkpoint.size, size });
    }
    let found = journal.root_at(checkpoint.size)?;
    if found != checkpoint.root {
        let (signed, found) = (crate::hex::encode(&checkpoint.root), crate::hex::encode(&found));
        return Err(EvidenceError::OtherRecords { place, size: checkpoint.size, signed, found });
    }
    Ok(())
}

fn together(keys: Option<&EvidenceKeys>, known: &[EvidenceKey]) -> Vec<EvidenceKey> {
    let mut all = keys.map(EvidenceKeys::public).unwrap_or_default();
    all.extend(known.iter().filter(|key| !all.contains(key)).cloned().collect::<Vec<_>>());
    all
}

/// `2026-11`: the beginning of a moment's text.
fn month_of(now: Timestamp) -> String {
    let mut text = now.to_string();
    text.truncate(7);
    text
}

#[cfg(test)]
mod tests;
