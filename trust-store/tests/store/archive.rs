//! Segments moved away and back, and what the policy does not keep.

use std::fs;
use std::path::PathBuf;

use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::{
    Admission, Apply, ArchiveView, BackupError, BackupIdentity, Command, CommandError, FailureKind,
    FileJournal, Journal, JournalOptions, Replay, Reply, Restore, RestoreUntil, RetentionView,
    SegmentView, SubjectView,
};

use crate::world::{NOW, World, files, operator};

const YEAR_MILLIS: i64 = 366 * 86_400_000;

impl World {
    fn archive_folder(&self) -> PathBuf {
        self.folder.path().join("archive")
    }

    fn segment_file(&self, segment: &SegmentView) -> PathBuf {
        self.home().join("journal").join(&segment.name)
    }

    /// Closes the journal's open segment; the province is opened again.
    fn close_segment(&mut self) {
        self.province = None;
        self.with_journal(|journal| drop(journal.seal().unwrap()));
        self.reopen();
    }

    fn with_journal(&self, work: impl FnOnce(&FileJournal)) {
        let options = JournalOptions::default();
        let folder = self.home().join("journal");
        work(&FileJournal::open(&folder, self.clock.clone(), &options).unwrap().0);
    }

    async fn sign_in_as(&self, number: u32) {
        let issued = self.issue(Profile::A, &Company::numbered(number));
        self.admitted(&issued).await;
    }

    async fn archive(
        &self,
        before: Option<u64>,
        apply: Apply,
    ) -> Result<ArchiveView, CommandError> {
        let to = self.archive_folder();
        match self.command(Command::Archive { to, before, keep: None, apply }).await? {
            Reply::Archived(view) => Ok(view),
            other => panic!("{other:?}"),
        }
    }

    async fn segments(&self, command: Command) -> Vec<SegmentView> {
        match self.command(command).await.unwrap() {
            Reply::Segments(segments) => segments,
            other => panic!("{other:?}"),
        }
    }

    async fn retention(&self, apply: Apply) -> RetentionView {
        let archive = Some(self.archive_folder());
        match self.command(Command::Retention { archive, apply }).await.unwrap() {
            Reply::Retention(view) => view,
            other => panic!("{other:?}"),
        }
    }

    async fn only_subject(&self) -> SubjectView {
        let query = Company::numbered(1).uscc.clone();
        match self.command(Command::SubjectFind { query }).await.unwrap() {
            Reply::Subjects(mut subjects) if subjects.len() == 1 => {
                let id = subjects.remove(0).id;
                match self.command(Command::SubjectShow { id, reveal: None }).await.unwrap() {
                    Reply::Subject(subject) => *subject,
                    other => panic!("{other:?}"),
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A closed segment with a sign-in, and one behind it.
async fn with_a_closed_segment() -> World {
    let mut world = World::with(&[Profile::A]).await;
    world.sign_in_as(1).await;
    world.close_segment();
    world.sign_in_as(2).await;
    world
}

#[tokio::test]
async fn what_an_image_stands_for_is_moved_and_brought_back() {
    let mut world = with_a_closed_segment().await;
    let refused = world.archive(Some(u64::MAX), Apply::Yes).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert!(refused.message.contains("tongxing image take"), "{refused}");
    assert_eq!(world.archive(None, Apply::Yes).await.unwrap().segments, []);

    world.command(Command::ImageTake).await.unwrap();
    let planned = world.archive(None, Apply::No).await.unwrap();
    assert_eq!((planned.segments.len(), planned.sequence), (1, None));
    let file = world.segment_file(&planned.segments[0]);
    let bytes = fs::read(&file).unwrap();
    assert!(!world.archive_folder().exists(), "a plan changes nothing");

    let done = world.archive(None, Apply::Yes).await.unwrap();
    assert!(done.sequence.is_some() && done.segments[0].archived);
    assert!(!file.exists());
    let moved = world.archive_folder().join(&done.segments[0].name);
    assert_eq!(fs::read(&moved).unwrap(), bytes);
    assert_eq!(world.segments(Command::SegmentList).await, done.segments);
    assert_eq!(world.archive(None, Apply::Yes).await.unwrap().segments, []);
    let error = world.command(Command::AuditList { from: 1, limit: 1 }).await.unwrap_err();
    assert!(error.message.contains("tongxing retrieve"), "{error}");

    // The state does not need it.
    world.province = None;
    fs::remove_dir_all(world.home().join("state")).unwrap();
    world.reopen();
    assert!(world.province().opened().image.is_some());
    world.sign_in_as(3).await;

    let from = world.archive_folder();
    fs::write(&moved, &bytes[1..]).unwrap();
    let retrieve = Command::Retrieve { from: from.clone(), segments: vec![1] };
    let error = world.command(retrieve.clone()).await.unwrap_err();
    assert!(error.message.contains("not the segment"), "{error}");
    fs::write(&moved, &bytes).unwrap();
    assert_eq!(world.segments(retrieve).await.len(), 1);
    assert_eq!(fs::read(&file).unwrap(), bytes);
    let replay = Command::AuditVerify { replay: Replay::Yes };
    world.command(replay).await.unwrap();
}

#[tokio::test]
async fn a_segment_that_is_not_what_the_manifest_lists_stays_where_it_is() {
    let world = with_a_closed_segment().await;
    world.command(Command::ImageTake).await.unwrap();
    let planned = world.archive(None, Apply::No).await.unwrap();
    let file = world.segment_file(&planned.segments[0]);
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, &bytes).unwrap();
    let error = world.archive(None, Apply::Yes).await.unwrap_err();
    assert!(error.message.contains(&planned.segments[0].name), "{error}");
    assert!(file.exists());
    assert!(!world.segments(Command::SegmentList).await[0].archived);

    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, &bytes).unwrap();
    fs::create_dir_all(world.archive_folder()).unwrap();
    fs::write(world.archive_folder().join(&planned.segments[0].name), b"another").unwrap();
    let error = world.archive(None, Apply::Yes).await.unwrap_err();
    assert!(error.message.contains("not the segment"), "{error}");
    assert!(file.exists());
}

#[tokio::test]
async fn nothing_is_moved_into_the_provinces_own_folder() {
    let world = with_a_closed_segment().await;
    world.command(Command::ImageTake).await.unwrap();
    let file = world.segment_file(&world.archive(None, Apply::No).await.unwrap().segments[0]);
    let link = world.folder.path().join("link");
    std::os::unix::fs::symlink(world.home(), &link).unwrap();
    for to in [world.home().join("journal"), link.join("journal"), world.home().join("a/b")] {
        let (before, keep, apply) = (None, None, Apply::Yes);
        let command = Command::Archive { to, before, keep, apply };
        let error = world.command(command).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::BadInput, "{error}");
        assert!(file.exists());
    }
}

#[tokio::test]
async fn a_backup_reaches_back_to_the_oldest_image_and_says_so() {
    let mut world = with_a_closed_segment().await;
    let between = last_of(&world).await;
    world.command(Command::ImageTake).await.unwrap();
    let named = last_of(&world).await;
    world.archive(None, Apply::Yes).await.unwrap();
    world.sign_in_as(3).await;
    let identity = BackupIdentity::generate();
    let file = world.folder.path().join("backup.age");
    let recipients = vec![identity.recipient().to_string()];
    world.command(Command::Backup { file: file.clone(), recipients }).await.unwrap();
    let to = world.folder.path().join("restored");
    let restore = async |sequence| {
        let (file, identities) = (file.clone(), vec![identity.clone()]);
        let (until, reason) = (RestoreUntil::Sequence(sequence), "a drill".to_owned());
        let restore = Restore { file, identities, until, by: operator(), reason };
        restore.carry_out(&to, world.clock.clone()).await
    };
    let refused = restore(between).await.unwrap_err();
    assert!(matches!(refused, BackupError::BehindArchive { .. }), "{refused}");
    assert!(!to.exists());
    assert_eq!(restore(named).await.unwrap().sequence, named);
    match world.command(Command::AuditVerify { replay: Replay::No }).await.unwrap() {
        Reply::Verified(view) => assert!(view.archived > 0 && view.archived < view.records),
        other => panic!("{other:?}"),
    }
    world.province = None;
}

async fn last_of(world: &World) -> u64 {
    match world.command(Command::Health).await.unwrap() {
        Reply::Health(view) => view.sequence,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn retention_removes_responses_that_sign_ins_rested_on() {
    let world = World::with(&[Profile::B]).await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    world.allow_ocsp("order = [\"ocsp\"]").await;
    let response = world.response_about(&issued, Some(NOW + 60));
    let der = response.der().to_vec();
    let recognition = world.recognise_on(&issued, response);
    let admission = world.sign_in_as_judged(recognition).await;
    assert!(matches!(admission, Admission::Admitted(_)), "{admission:?}");
    let blobs = files(&world.home().join("blobs"));
    let blob = blobs.iter().find(|file| fs::read(file).unwrap() == der).unwrap();
    let sha256 = blob.file_name().unwrap().to_str().unwrap().to_owned();
    world.clock.advance_millis(7 * YEAR_MILLIS);
    assert!(world.retention(Apply::Yes).await.responses.is_empty());

    world.clock.advance_millis(2 * YEAR_MILLIS);
    let planned = world.retention(Apply::No).await;
    assert_eq!((&planned.responses[..], planned.sequence), (&[sha256][..], None));
    assert!(blob.exists() && planned.bytes >= der.len() as u64);
    let done = world.retention(Apply::Yes).await;
    assert_eq!(done.responses, planned.responses);
    assert!(!blob.exists());
    assert!(world.retention(Apply::Yes).await.is_empty());
    // What retention removed is no damage.
    world.command(Command::AuditVerify { replay: Replay::Yes }).await.unwrap();
}

#[tokio::test]
async fn retention_erases_persons_as_an_operator_would() {
    let mut world = World::with(&[Profile::C]).await;
    let keys = world.home().join("keys/persons.keys");
    let none = fs::metadata(&keys).unwrap().len();
    world.admitted(&world.issue(Profile::C, &Company::numbered(1))).await;
    let holder = world.only_subject().await.bindings[0].holder.clone().unwrap();
    let planned = world.retention(Apply::No).await;
    assert_eq!(planned.persons, []);
    assert!(fs::metadata(&keys).unwrap().len() > none);

    world.clock.advance_millis(18 * YEAR_MILLIS);
    fs::create_dir(world.archive_folder()).unwrap();
    let planned = world.retention(Apply::No).await;
    assert_eq!((planned.persons.as_slice(), planned.sequence), ([holder.clone()].as_slice(), None));
    assert!(fs::metadata(&keys).unwrap().len() > none, "a plan changes nothing");
    let done = world.retention(Apply::Yes).await;
    assert_eq!(done.persons, planned.persons);
    assert_eq!(fs::metadata(&keys).unwrap().len(), none, "a key is left");
    let show = Command::SubjectShow { id: holder, reveal: None };
    assert!(world.command(show).await.is_err());
    for blob in &planned.evidence {
        assert!(!world.home().join("blobs").join(&blob[..2]).join(blob).exists());
    }
    world.reopen();
    let replay = Command::AuditVerify { replay: Replay::Yes };
    world.command(replay).await.unwrap();
}

#[tokio::test]
async fn retention_says_first_and_then_removes_what_is_older_and_nothing_else() {
    let world = with_a_closed_segment().await;
    // A second list replaces the first.
    world.clock.advance_millis(60_000);
    world.import_lists(world.authority(Profile::A), 2, &[]).await;
    world.command(Command::ImageTake).await.unwrap();
    world.archive(None, Apply::Yes).await.unwrap();
    let young = world.retention(Apply::Yes).await;
    assert_eq!((young.segments, young.evidence, young.lists), (vec![], vec![], vec![]));

    world.clock.advance_millis(9 * YEAR_MILLIS);
    let replaced = world.retention(Apply::No).await;
    assert!(!replaced.lists.is_empty());
    assert_eq!((replaced.evidence.len(), replaced.segments.len()), (0, 0));
    world.clock.advance_millis(9 * YEAR_MILLIS);
    let planned = world.retention(Apply::No).await;
    assert_eq!((planned.evidence.len(), planned.segments.len()), (2, 1));
    assert_eq!((&planned.lists, planned.sequence), (&replaced.lists, None));
    let before = world.only_subject().await;
    assert_eq!(before.bindings[0].removed, None);
    let blob = |sha256: &str| world.home().join("blobs").join(&sha256[..2]).join(sha256);
    let gone: Vec<_> = planned.evidence.iter().chain(&planned.lists).map(|b| blob(b)).collect();
    assert!(gone.iter().all(|file| file.exists()));

    let done = world.retention(Apply::Yes).await;
    assert_eq!((&done.evidence, &done.lists), (&planned.evidence, &planned.lists));
    assert!(done.sequence.is_some() && done.bytes == planned.bytes);
    assert!(gone.iter().all(|file| !file.exists()));
    assert!(!world.archive_folder().join(&planned.segments[0].name).exists());
    let after = world.only_subject().await;
    assert!(after.bindings[0].removed.is_some());
    assert_eq!(after.bindings.len(), before.bindings.len());
    let nothing = world.retention(Apply::Yes).await;
    assert!(nothing.is_empty() && nothing.sequence.is_none());

    // Proofs over what is gone still work.
    let mut world = world;
    world.province = None;
    world.with_journal(|journal| {
        journal.check_sealed().unwrap();
        let size = journal.position().sequence;
        let leaf = journal.leaf_hashes(0..1).unwrap()[0];
        let proof = journal.prove_inclusion(0, size).unwrap();
        let root = journal.root_at(size).unwrap();
        assert!(tongxing_trust_store::verify_inclusion(
            journal.profile(),
            &root,
            size,
            0,
            leaf,
            &proof
        ));
    });
}
