//! Going over from one key to the next, whenever the power goes.

use tempfile::TempDir;

use super::*;
use crate::clock::ManualClock;
use crate::files::Disk;
use crate::journal::{FileJournal, JournalOptions};

const PROFILE: RecordProfile = RecordProfile::Gm;

/// A folder with a journal, and what the journal has named so far.
struct Scene {
    folder: TempDir,
    journal: FileJournal,
    named: Vec<EvidenceKey>,
}

impl Scene {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at_millis(1));
        let options = JournalOptions::default().profile(PROFILE);
        let journal = FileJournal::create(&folder.path().join("j"), clock, &options).unwrap();
        Self { folder, journal, named: Vec::new() }
    }

    fn keeper(&self) -> Keeper {
        let places = Places {
            files: Arc::new(Disk),
            profile: PROFILE,
            keys: self.folder.path().join("evidence.keys"),
            checkpoints: self.folder.path().join("checkpoints"),
        };
        Keeper::open(places, &self.named).unwrap()
    }

    /// What the province does at each checkpoint, after something was recorded.
    fn checkpoint(&mut self, keeper: &Keeper) -> Arc<SignedCheckpoint> {
        self.journal.append(b"{}".to_vec()).wait().unwrap();
        self.named.extend(keeper.unpublished(&self.named).unwrap());
        keeper.checkpoint(&self.journal.tree().1, Timestamp::from_unix(0)).unwrap()
    }

    fn next_signers(&mut self, keeper: &Keeper) -> Vec<bool> {
        let signed = self.checkpoint(keeper);
        self.signers(&signed)
    }

    /// Which of the keys named so far signed it.
    fn signers(&self, signed: &SignedCheckpoint) -> Vec<bool> {
        let by = |key| signed.verify(std::slice::from_ref(key)).is_ok();
        self.named.iter().map(by).collect()
    }
}

#[test]
fn one_checkpoint_bears_both_signatures_and_the_next_the_new_one() {
    let mut scene = Scene::set();
    let keeper = scene.keeper();
    let first = scene.checkpoint(&keeper);
    assert_eq!(scene.signers(&first), [true]);
    let next = keeper.generate(&scene.named).unwrap();
    assert_eq!(scene.next_signers(&keeper), [true], "the journal does not name it yet");
    scene.named.push(next.key().clone());
    keeper.promote(next);
    assert_eq!(scene.next_signers(&keeper), [true, true]);
    assert_eq!(scene.next_signers(&keeper), [false, true]);
}

#[test]
fn a_key_made_before_the_power_went_is_named_and_signs_beside_the_old_one() {
    let mut scene = Scene::set();
    let keeper = scene.keeper();
    scene.checkpoint(&keeper);
    keeper.generate(&scene.named).unwrap();
    let keeper = scene.keeper();
    let both = scene.checkpoint(&keeper);
    assert_eq!(scene.signers(&both), [true, true]);
    let keeper = scene.keeper();
    let alone = scene.checkpoint(&keeper);
    assert_eq!(scene.signers(&alone), [false, true]);
}

#[test]
fn a_checkpoint_with_one_signature_is_signed_again_when_a_key_is_new() {
    let mut scene = Scene::set();
    let keeper = scene.keeper();
    let first = scene.checkpoint(&keeper);
    let next = keeper.generate(&scene.named).unwrap();
    scene.named.push(next.key().clone());
    keeper.promote(next);
    let again = keeper.checkpoint(&scene.journal.tree().1, Timestamp::from_unix(0)).unwrap();
    assert_eq!(again.checkpoint(), first.checkpoint());
    assert_eq!(scene.signers(&again), [true, true]);
    let reopened = scene.keeper();
    assert_eq!(reopened.newest().unwrap().note(), again.note());
}

#[test]
fn a_key_file_that_was_exchanged_is_read_again() {
    let mut scene = Scene::set();
    let (primary, standby) = (scene.keeper(), scene.folder.path().join("standby.keys"));
    let places = Places {
        files: Arc::new(Disk),
        profile: PROFILE,
        keys: standby.clone(),
        checkpoints: scene.folder.path().join("copied"),
    };
    let following = Keeper::open(places, &[]).unwrap();
    scene.checkpoint(&primary);
    for _ in 0..2 {
        std::fs::copy(scene.folder.path().join("evidence.keys"), &standby).unwrap();
        assert!(following.unpublished(&scene.named).unwrap().is_empty());
        let signed =
            following.checkpoint(&scene.journal.tree().1, Timestamp::from_unix(0)).unwrap();
        let newest = scene.named.last().unwrap();
        assert_eq!(signed.verify(std::slice::from_ref(newest)).unwrap(), newest);
        let next = primary.generate(&scene.named).unwrap();
        scene.named.push(next.key().clone());
    }
}

#[test]
fn what_is_signed_never_goes_back() {
    let mut scene = Scene::set();
    let keeper = scene.keeper();
    scene.checkpoint(&keeper);
    // One waited for its confirmation while another was signed.
    let waiting = scene.journal.tree().1;
    let later = scene.checkpoint(&keeper);
    let signed = keeper.checkpoint(&waiting, Timestamp::from_unix(0)).unwrap();
    assert_eq!(signed.note(), later.note());
}
