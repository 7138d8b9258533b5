//! The second place: a folder, best on another machine, that gets every checkpoint.
//!
//! A thread of its own does it, since such a folder may be missing, full, or hang;
//! nobody who signs in ever waits for it.
//!
//! 1. Whenever the folder is opened, at the start and after it was away, the newest
//!    checkpoint there is compared with the journal: a journal that was cut off, or
//!    exchanged together with its own checkpoints, shows here. Nothing is written to a
//!    folder that says something else.
//! 2. What the folder lacks is written there, month by month.
//! 3. Each new checkpoint is written behind the last one.
//!
//! After a failure the folder is opened anew with the next checkpoint, and step 2
//! makes good what was missed.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::checkpoint::SignedCheckpoint;
use super::error::EvidenceError;
use super::keeper::agree;
use super::log::CheckpointLog;
use super::note::EvidenceKey;
use super::troubles::Troubles;
use crate::files::FileLayer;
use crate::journal::Journal;

/// How long opening and closing wait for a folder that does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A thread that copies checkpoints; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Copier(Sender<Job>);

#[derive(Debug)]
enum Job {
    Copy,
    /// Copy, then say so.
    Settle(Sender<()>),
}

impl Copier {
    /// Starts it, after step 1.
    pub(super) fn start(
        files: Arc<dyn FileLayer>,
        own: CheckpointLog,
        (place, origin): (&Path, &str),
        trusted: Vec<EvidenceKey>,
        journal: &Arc<dyn Journal>,
        troubles: &Arc<Troubles>,
    ) -> Result<Self, EvidenceError> {
        let (jobs, todo) = mpsc::channel();
        let (checked, answer) = mpsc::channel();
        let mut worker = Worker {
            files,
            own,
            place: place.to_owned(),
            folder: place.join(origin),
            trusted,
            journal: Arc::downgrade(journal),
            copy: None,
            since: String::new(),
            troubles: Arc::clone(troubles),
        };
        let checking = move || {
            // Whoever asked may have lost patience.
            let _ = checked.send(worker.open());
            worker.run(&todo);
        };
        thread::Builder::new()
            .name("checkpoint-copier".to_owned())
            .spawn(checking)
            .map_err(EvidenceError::io("starting a thread for", place))?;
        match answer.recv_timeout(PATIENCE) {
            Ok(Err(error)) if error.is_contradiction() => return Err(error),
            Ok(Err(error)) => {
                troubles.copying.set(Some(format!("no copy of checkpoints: {error}")));
            }
            Ok(Ok(())) => {}
            Err(_) => {
                let slow = EvidenceError::Slow { path: place.to_owned() };
                troubles.copying.set(Some(format!("no copy of checkpoints: {slow}")));
            }
        }
        let copier = Self(jobs);
        copier.wake();
        Ok(copier)
    }

    /// There is something to copy.
    pub(super) fn wake(&self) {
        // A thread that is gone has said why.
        let _ = self.0.send(Job::Copy);
    }

    /// Waits until everything is copied, or the folder does not answer.
    pub(super) fn settle(&self) {
        let (done, settled) = mpsc::channel();
        if self.0.send(Job::Settle(done)).is_ok() && settled.recv_timeout(PATIENCE).is_err() {
            tracing::warn!("the second place of the checkpoints does not answer");
        }
    }
}

struct Worker {
    files: Arc<dyn FileLayer>,
    own: CheckpointLog,
    /// What the operator named; never made here.
    place: PathBuf,
    /// This province's folder in it.
    folder: PathBuf,
    trusted: Vec<EvidenceKey>,
    /// Whoever closes the journal does not wait for a folder that hangs.
    journal: Weak<dyn Journal>,
    copy: Option<CheckpointLog>,
    /// Months before this one are copied.
    since: String,
    troubles: Arc<Troubles>,
}

impl Worker {
    /// Step 1.
    fn open(&mut self) -> Result<(), EvidenceError> {
        // Never made: an unmounted disk shall be noticed.
        self.files.list(&self.place).map_err(EvidenceError::io("listing", &self.place))?;
        if let Some((path, newest)) = self.newest_there()?
            && let Some(journal) = self.journal.upgrade()
        {
            agree(&*journal, &path, newest.checkpoint())?;
        }
        self.copy = Some(CheckpointLog::open(self.files.clone(), &self.folder)?);
        Ok(())
    }

    /// The newest checkpoint there that is ours, and not accepted as lost.
    fn newest_there(&self) -> Result<Option<(PathBuf, SignedCheckpoint)>, EvidenceError> {
        let accepted = self.own.accepted()?;
        let there = CheckpointLog::reading(self.files.clone(), &self.folder);
        match there.newest(&self.trusted, &accepted) {
            // A folder that is not there yet holds nothing.
            Err(EvidenceError::Io { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Ok(None)
            }
            newest => newest,
        }
    }

    fn run(mut self, todo: &Receiver<Job>) {
        while let Ok(job) = todo.recv() {
            let copied = self.copy();
            if copied.is_err() {
                self.copy = None;
                self.since.clear();
            }
            let trouble = copied.err().map(|error| format!("no copy of checkpoints: {error}"));
            self.troubles.copying.set(trouble);
            if let Job::Settle(done) = job {
                // Whoever waited may have lost patience.
                let _ = done.send(());
            }
        }
    }

    /// Steps 1 to 3.
    fn copy(&mut self) -> Result<(), EvidenceError> {
        if self.copy.is_none() {
            self.open()?;
        }
        if let Some(copy) = &mut self.copy {
            self.since = copy.catch_up(&self.own, &self.since)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::evidence::checkpoint::Checkpoint;
    use crate::evidence::note::EvidenceSigner;
    use crate::files::faulty::FaultyDisk;
    use crate::journal::{FileJournal, JournalOptions};
    use crate::profile::RecordProfile;

    const ORIGIN: &str = "tongxing.test";

    /// A log of checkpoints, and a copier of it that is idle.
    struct World {
        disk: Arc<FaultyDisk>,
        far: Arc<FaultyDisk>,
        log: CheckpointLog,
        signer: EvidenceSigner,
        troubles: Arc<Troubles>,
        copier: Copier,
        _journal: Arc<dyn Journal>,
        _folder: tempfile::TempDir,
    }

    const OWN: &str = "/own";
    const PLACE: &str = "/far";
    const MONTH: &str = "2026-11";

    impl World {
        fn new(is_there: bool) -> Self {
            let (disk, far) = (Arc::new(FaultyDisk::default()), Arc::new(FaultyDisk::default()));
            let folder = tempfile::tempdir().unwrap();
            let clock = Arc::new(ManualClock::at_millis(1));
            let options = JournalOptions::default();
            let journal = FileJournal::create(&folder.path().join("j"), clock, &options).unwrap();
            let journal: Arc<dyn Journal> = Arc::new(journal);
            let log = CheckpointLog::open(disk.clone(), Path::new(OWN)).unwrap();
            if is_there {
                far.create_folder(Path::new(PLACE)).unwrap();
            }
            let signer = EvidenceSigner::from_seed(RecordProfile::Standard, ORIGIN, &[1; 32]);
            let signer = signer.unwrap();
            let troubles = Arc::new(Troubles::default());
            let copier = Copier::start(
                far.clone(),
                CheckpointLog::reading(disk.clone(), Path::new(OWN)),
                (Path::new(PLACE), ORIGIN),
                vec![signer.key().clone()],
                &journal,
                &troubles,
            )
            .unwrap();
            // It looks once by itself.
            copier.settle();
            Self { disk, far, log, signer, troubles, copier, _journal: journal, _folder: folder }
        }

        fn note(&self, size: u64) -> String {
            let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: [7; 32] };
            SignedCheckpoint::sign(checkpoint, &[&self.signer]).unwrap().note().to_owned()
        }

        /// What is in the second place.
        fn copied(&self) -> Vec<u8> {
            self.far.bytes(&Path::new(PLACE).join(ORIGIN).join(format!("{MONTH}.txt")))
        }
    }

    #[test]
    fn a_place_that_hangs_keeps_nobody_waiting_and_gets_everything_later() {
        let mut world = World::new(true);
        let hanging = world.far.hold();
        for size in 1..=3 {
            let note = world.note(size);
            world.log.append(&note, MONTH).unwrap();
            world.copier.wake();
        }
        drop(hanging);
        world.copier.settle();
        let own = world.disk.bytes(&Path::new(OWN).join(format!("{MONTH}.txt")));
        assert_eq!(world.copied(), own);
    }

    /// A place that was not there at the start holds what was signed over more records.
    #[test]
    fn a_place_that_comes_later_is_compared_before_anything_is_written_to_it() {
        let mut world = World::new(false);
        let note = world.note(1);
        world.log.append(&note, MONTH).unwrap();
        // Another machine's disk is there now.
        let place = Path::new(PLACE);
        world.far.create_folder(place).unwrap();
        let mut there = CheckpointLog::open(world.far.clone(), &place.join(ORIGIN)).unwrap();
        there.append(&world.note(9), MONTH).unwrap();
        let before = world.copied();
        for _ in 0..2 {
            world.copier.wake();
            world.copier.settle();
            let told = world.troubles.all();
            assert!(told.iter().any(|line| line.contains("had 9 records")), "{told:?}");
        }
        assert_eq!(world.copied(), before);
    }
}
