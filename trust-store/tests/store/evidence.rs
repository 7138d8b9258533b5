//! What a province shows for its record holds, and what was done to the record
//! shows.

use std::fs;
use std::path::{Path, PathBuf};

use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::{
    CheckpointView, Command, CommandError, EvidenceError, EvidenceKey, ExportHeader, ExportWriter,
    FailureKind, FileJournal, Journal, JournalOptions, Province, RecordProof, Replay, Reply,
    SignedCheckpoint, StoreError, accept_lost_checkpoints, verify_export,
};

use crate::world::{World, operator};

async fn lived_in() -> World {
    let world = World::with(&[Profile::A]).await;
    sign_in(&world, 0).await;
    world
}

async fn sign_in(world: &World, number: u32) {
    world.admitted(&world.issue(Profile::A, &Company::numbered(number))).await;
}

fn records(world: &World) -> u64 {
    world.province().health().sequence
}

async fn checkpoint(world: &World) -> CheckpointView {
    match world.command(Command::AuditCheckpoint).await.unwrap() {
        Reply::Checkpoint(view) => view,
        other => panic!("{other:?}"),
    }
}

fn keys(world: &World) -> Vec<EvidenceKey> {
    world.province().evidence_keys().unwrap()
}

async fn export(world: &World, first: Option<u64>, last: Option<u64>) -> Vec<u8> {
    let header = match world.command(Command::AuditExport { first, last }).await.unwrap() {
        Reply::ExportHeader(header) => *header,
        other => panic!("{other:?}"),
    };
    let (mut writer, mut text) = ExportWriter::begin(&header).unwrap();
    let ExportHeader { first, last, .. } = header;
    let frames = match world.command(Command::AuditFrames { first, last }).await.unwrap() {
        Reply::Frames(frames) => frames,
        other => panic!("{other:?}"),
    };
    assert_eq!(frames.len() as u64, last - first + 1);
    for (sequence, frame) in (first..).zip(frames) {
        text.extend(writer.record(sequence, frame.into_vec()).unwrap());
    }
    text.extend(writer.end().unwrap().1);
    text
}

fn holds(export: &[u8], keys: &[EvidenceKey]) -> bool {
    verify_export(export, keys).unwrap().is_ok()
}

/// The journal as somebody leaves it who knows it well: without its last record,
/// and without anything that remembers one.
fn cut_journal(home: &Path) {
    let segment = home.join("journal/00000000000000000001.seg");
    let bytes = fs::read(&segment).unwrap();
    let (mut at, mut last) = (64, 64);
    while let Some(length) = bytes.get(at..at + 4).filter(|length| **length != [0; 4]) {
        last = at;
        at += 68 + u32::from_be_bytes(length.try_into().unwrap()) as usize;
    }
    fs::write(&segment, &bytes[..last]).unwrap();
    for forgotten in ["journal/acknowledged", "journal/manifest"] {
        let _ = fs::remove_file(home.join(forgotten));
    }
    fs::remove_dir_all(home.join("state")).unwrap();
}

fn open(world: &World) -> Result<Province, StoreError> {
    Province::open(&world.home(), world.clock.clone())
}

fn evidence(error: &StoreError) -> &EvidenceError {
    match error {
        StoreError::Evidence(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_checkpoint_covers_everything_and_is_made_once() {
    let world = lived_in().await;
    assert!(world.province().newest_checkpoint().is_none());
    assert!(world.province().has_unsigned_records());
    let first = checkpoint(&world).await;
    assert_eq!(first.size, records(&world));
    let signed = SignedCheckpoint::parse(&first.note).unwrap();
    assert_eq!(signed.verify(&keys(&world)).unwrap().name(), first.origin);
    assert!(!world.province().has_unsigned_records());
    assert_eq!(world.province().health().signed, first.size);
    assert_eq!(checkpoint(&world).await, first, "nothing was recorded since");
    sign_in(&world, 1).await;
    assert_eq!(checkpoint(&world).await.size, first.size + 1);
}

#[tokio::test]
async fn the_origin_is_the_provinces_own_and_stays() {
    let (mut world, other) = (lived_in().await, lived_in().await);
    let before = checkpoint(&world).await;
    world.reopen();
    assert_eq!(world.province().newest_checkpoint().unwrap().note(), before.note);
    sign_in(&world, 1).await;
    assert_eq!(checkpoint(&world).await.origin, before.origin);
    assert_ne!(checkpoint(&other).await.origin, before.origin);
}

#[tokio::test]
async fn an_old_checkpoint_is_shown_to_be_the_beginning() {
    let world = lived_in().await;
    let old = checkpoint(&world).await;
    sign_in(&world, 1).await;
    checkpoint(&world).await;
    let ask = |checkpoint: &str| Command::AuditConsistency { checkpoint: checkpoint.to_owned() };
    match world.command(ask(&old.note)).await.unwrap() {
        Reply::Consistent { old_size, checkpoint, proof } => {
            assert_eq!((old_size, checkpoint.size), (old.size, old.size + 1));
            assert!(proof.starts_with(&format!("old {old_size}\n")), "{proof}");
            assert!(proof.ends_with(&format!("\n\n{}", checkpoint.note)), "{proof}");
        }
        other => panic!("{other:?}"),
    }
    let kind = |error: CommandError| error.kind;
    let altered = old.note.replace(&format!("\n{}\n", old.size), "\n1\n");
    assert_eq!(kind(world.command(ask(&altered)).await.unwrap_err()), FailureKind::Refused);
    let other = checkpoint(&lived_in().await).await;
    assert_eq!(kind(world.command(ask(&other.note)).await.unwrap_err()), FailureKind::BadInput);
    assert_eq!(kind(world.command(ask("x")).await.unwrap_err()), FailureKind::BadInput);
}

#[tokio::test]
async fn every_record_is_proven_with_the_key_alone() {
    let world = lived_in().await;
    for sequence in 1..=records(&world) {
        let proof = match world.command(Command::AuditProve { sequence }).await.unwrap() {
            Reply::Proof { proof, .. } => RecordProof::parse(&proof).unwrap(),
            other => panic!("{other:?}"),
        };
        proof.verify(&keys(&world)).unwrap();
        assert_eq!(proof.sequence(), sequence);
    }
    for none in [0, records(&world) + 1] {
        let error = world.command(Command::AuditProve { sequence: none }).await.unwrap_err();
        assert_eq!(error.kind, FailureKind::Refused, "{error}");
    }
}

#[tokio::test]
async fn any_run_of_records_is_exported_and_checked_with_the_key_alone() {
    let world = lived_in().await;
    let (end, keys) = (records(&world), keys(&world));
    for first in 1..=end {
        for last in first..=end {
            let text = export(&world, Some(first), Some(last)).await;
            let verified = verify_export(&text[..], &keys).unwrap().unwrap();
            assert_eq!((verified.first, verified.last, verified.size), (first, last, end));
            assert_eq!(verified.signed_by, keys[0].to_string());
        }
    }
    let whole = export(&world, None, None).await;
    let stranger = EvidenceKey::new(keys[0].name(), [7; 32]).unwrap();
    assert!(!holds(&whole, &[stranger]) && !holds(&whole, &[]));
    for (first, last) in [(Some(0), None), (Some(3), Some(2)), (None, Some(end + 1))] {
        world.command(Command::AuditExport { first, last }).await.unwrap_err();
    }
}

#[tokio::test]
async fn whatever_is_done_to_an_export_shows() {
    let world = lived_in().await;
    let (keys, end) = (keys(&world), records(&world));
    let text = export(&world, Some(end - 2), Some(end - 1)).await;
    assert!(holds(&text, &keys));
    for at in 0..text.len() {
        for change in [0x01, 0x04, 0x20, 0x80] {
            let mut changed = text.clone();
            changed[at] ^= change;
            assert!(!holds(&changed, &keys), "byte {at} ^ {change:#x}");
        }
        assert!(!holds(&text[..at], &keys), "cut at {at}");
    }
    assert!(!holds(&[&text[..], b"\n"].concat(), &keys));
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    for at in 0..lines.len() {
        let mut missing = lines.clone();
        missing.remove(at);
        assert!(!holds(&missing.concat(), &keys), "without line {at}");
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        assert!(!holds(&twice.concat(), &keys), "line {at} twice");
    }
    let mut swapped = lines.clone();
    swapped.swap(1, 2);
    assert!(!holds(&swapped.concat(), &keys));
}

#[tokio::test]
async fn a_record_that_is_written_anew_does_not_fit_what_somebody_kept() {
    let mut world = lived_in().await;
    let kept = checkpoint(&world).await;
    // Somebody who has the whole folder, keys included, puts another record into
    // the place of the last one, with the time it had.
    world.province = None;
    cut_journal(&world.home());
    fs::remove_dir_all(world.home().join("checkpoints")).unwrap();
    world.reopen();
    sign_in(&world, 1).await;
    assert_eq!(checkpoint(&world).await.size, kept.size);
    let ask = Command::AuditConsistency { checkpoint: kept.note };
    let error = world.command(ask).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Refused);
    assert!(error.message.contains("records were changed"), "{error}");
}

#[tokio::test]
async fn the_keys_of_another_province_are_refused_by_name() {
    let (mut world, other) = (lived_in().await, lived_in().await);
    world.province = None;
    let keys = |world: &World| world.home().join("keys/evidence.keys");
    fs::copy(keys(&other), keys(&world)).unwrap();
    let error = open(&world).unwrap_err();
    assert!(matches!(evidence(&error), EvidenceError::OtherProvince { .. }), "{error}");
}

#[tokio::test]
async fn a_journal_that_was_cut_is_refused_by_its_own_checkpoint() {
    let mut world = lived_in().await;
    let signed = checkpoint(&world).await.size;
    world.province = None;
    cut_journal(&world.home());
    let error = open(&world).unwrap_err();
    match evidence(&error) {
        EvidenceError::JournalShorter { signed: said, size, place } => {
            assert_eq!((*said, *size), (signed, signed - 1));
            assert!(place.starts_with(world.home().join("checkpoints")));
        }
        other => panic!("{other}"),
    }
    let text = error.to_string();
    assert!(text.contains("tongxing restore") && text.contains("accept-lost-end"), "{text}");
}

#[tokio::test]
async fn a_loss_that_was_accepted_is_passed_over_and_not_forgotten() {
    let mut world = lived_in().await;
    let place = world.folder.path().join("second");
    fs::create_dir(&place).unwrap();
    world.province().copy_checkpoints_to(&place).unwrap();
    let lost = checkpoint(&world).await;
    world.province = None;
    cut_journal(&world.home());
    assert_eq!(accept_lost_checkpoints(&world.home(), Some(&place), lost.size - 1).unwrap(), 1);
    world.reopen();
    world.province().copy_checkpoints_to(&place).unwrap();
    match world.command(Command::AuditVerify { replay: Replay::No }).await.unwrap() {
        Reply::Verified(view) => assert_eq!(view.accepted_losses, 1, "{view:?}"),
        other => panic!("{other:?}"),
    }
    let listed = fs::read_to_string(world.home().join("checkpoints/accepted-losses")).unwrap();
    assert_eq!(listed, format!("{}\n", lost.note));
    // What goes on from here is signed as ever.
    assert_eq!(checkpoint(&world).await.size, lost.size - 1);
    world.reopen();
}

#[tokio::test]
async fn the_second_place_remembers_what_the_folder_was_made_to_forget() {
    let mut world = lived_in().await;
    let place = world.folder.path().join("second");
    fs::create_dir(&place).unwrap();
    world.province().copy_checkpoints_to(&place).unwrap();
    let signed = checkpoint(&world).await;
    world.province = None;
    let copied = place.join(&signed.origin);
    assert_eq!(notes_in(&copied), notes_in(&world.home().join("checkpoints")));
    cut_journal(&world.home());
    fs::remove_dir_all(world.home().join("checkpoints")).unwrap();
    let province = open(&world).unwrap();
    let error = province.copy_checkpoints_to(&place).unwrap_err();
    assert!(error.to_string().contains(copied.to_str().unwrap()), "{error}");
    assert!(matches!(evidence(&error), EvidenceError::JournalShorter { .. }));
}

fn notes_in(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|ext| ext == "txt")).collect();
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[tokio::test]
async fn a_second_place_that_is_missing_degrades_and_is_made_good_later() {
    let mut world = lived_in().await;
    let place = world.folder.path().join("unmounted");
    world.province().copy_checkpoints_to(&place).unwrap();
    let signed = checkpoint(&world).await;
    let degraded = world.province().health().degraded;
    assert!(degraded.iter().any(|fault| fault.contains("unmounted")), "{degraded:?}");
    assert!(!place.exists(), "it is the operator's to make");
    fs::create_dir(&place).unwrap();
    sign_in(&world, 1).await;
    checkpoint(&world).await;
    world.province = None;
    assert_eq!(notes_in(&place.join(&signed.origin)), notes_in(&world.home().join("checkpoints")));
}

#[tokio::test]
async fn a_new_key_takes_over_and_the_old_one_stays_published() {
    let mut world = lived_in().await;
    let before = checkpoint(&world).await;
    let (key, both) = match world.command(Command::EvidenceKeyRotate).await.unwrap() {
        Reply::EvidenceKeyRotated { key, checkpoint } => (key, checkpoint),
        other => panic!("{other:?}"),
    };
    let all = keys(&world);
    assert_eq!((all.len(), all[1].to_string()), (2, key));
    let both = SignedCheckpoint::parse(&both.note).unwrap();
    for trusted in &all {
        both.verify(std::slice::from_ref(trusted)).unwrap();
    }
    world.reopen();
    sign_in(&world, 1).await;
    let after = SignedCheckpoint::parse(&checkpoint(&world).await.note).unwrap();
    after.verify(&all[1..]).unwrap();
    after.verify(&all[..1]).unwrap_err();
    let consistent = Command::AuditConsistency { checkpoint: before.note };
    world.command(consistent).await.unwrap();
    world.command(Command::AuditVerify { replay: Replay::Yes }).await.unwrap();
}

#[tokio::test]
async fn a_lost_key_is_told_of_and_a_new_one_goes_on() {
    let mut world = lived_in().await;
    let first = checkpoint(&world).await;
    world.province = None;
    fs::remove_file(world.home().join("keys/evidence.keys")).unwrap();
    world.reopen();
    let degraded = world.province().health().degraded;
    assert!(degraded.iter().any(|fault| fault.contains("rotate-evidence-key")), "{degraded:?}");
    sign_in(&world, 1).await;
    world.command(Command::AuditCheckpoint).await.unwrap_err();
    world.province().rotate_evidence_key(&operator()).await.unwrap();
    let again = checkpoint(&world).await;
    assert_eq!(again.origin, first.origin);
    let all = keys(&world);
    SignedCheckpoint::parse(&again.note).unwrap().verify(&all[1..]).unwrap();
    SignedCheckpoint::parse(&first.note).unwrap().verify(&all[..1]).unwrap();
}

#[tokio::test]
async fn a_folder_from_before_there_were_keys_gets_one() {
    let mut world = lived_in().await;
    let created = match world.command(Command::AuditFrames { first: 1, last: 1 }).await.unwrap() {
        Reply::Frames(mut frames) => frames.remove(0).into_vec(),
        other => panic!("{other:?}"),
    };
    world.province = None;
    let home = world.home();
    for younger in ["journal", "state", "checkpoints"] {
        fs::remove_dir_all(home.join(younger)).unwrap();
    }
    fs::remove_file(home.join("keys/evidence.keys")).unwrap();
    let options = JournalOptions::default();
    let journal = FileJournal::create(&home.join("journal"), world.clock.clone(), &options);
    let journal = journal.unwrap();
    journal.append(created[68..].to_vec()).wait().unwrap();
    journal.close();
    drop(journal);

    world.reopen();
    assert!(keys(&world).is_empty() && world.province().health().degraded.is_empty());
    let first = checkpoint(&world).await;
    assert_eq!((first.size, keys(&world).len()), (2, 1));
    SignedCheckpoint::parse(&first.note).unwrap().verify(&keys(&world)).unwrap();
    world.reopen();
    assert_eq!(checkpoint(&world).await, first);
}

#[tokio::test]
async fn checking_everything_finds_a_false_checkpoint_and_a_damaged_blob() {
    let world = lived_in().await;
    checkpoint(&world).await;
    let verify = || world.command(Command::AuditVerify { replay: Replay::No });
    match verify().await.unwrap() {
        Reply::Verified(view) => {
            assert_eq!((view.records, view.checkpoints), (records(&world), 1));
            assert!(view.blobs > 1, "{view:?}");
        }
        other => panic!("{other:?}"),
    }
    let month = fs::read_dir(world.home().join("checkpoints")).unwrap();
    let month = month.map(|entry| entry.unwrap().path()).next().unwrap();
    let whole = fs::read_to_string(&month).unwrap();
    fs::write(&month, whole.replacen("\n\n", "\nmore\n\n", 1)).unwrap();
    let error = verify().await.unwrap_err();
    assert!(error.message.contains("does not verify"), "{error}");
    fs::write(&month, whole).unwrap();
    let blob = crate::world::files(&world.home().join("blobs")).pop().unwrap();
    let content = fs::read(&blob).unwrap();
    fs::write(&blob, "other").unwrap();
    assert!(verify().await.unwrap_err().message.contains("damaged"));
    fs::remove_file(&blob).unwrap();
    assert!(verify().await.unwrap_err().message.contains("missing"));
    fs::write(&blob, content).unwrap();
    verify().await.unwrap();
}

#[tokio::test]
async fn going_back_to_a_backup_goes_on_from_there() {
    use tongxing_trust_store::{BackupIdentity, Restore, RestoreUntil};
    let world = lived_in().await;
    let early = records(&world);
    sign_in(&world, 1).await;
    let late = checkpoint(&world).await;
    let identity = BackupIdentity::generate();
    let file = world.folder.path().join("backup.age");
    let backup =
        Command::Backup { file: file.clone(), recipients: vec![identity.recipient().to_string()] };
    world.command(backup).await.unwrap();
    let restore = Restore {
        file,
        identities: vec![identity],
        until: RestoreUntil::Sequence(early),
        reason: "test".into(),
        by: operator(),
    };
    let to = world.folder.path().join("restored");
    restore.carry_out(&to, world.clock.clone()).await.unwrap();
    let province = Province::open(&to, world.clock.clone()).unwrap();
    let listed = fs::read_to_string(to.join("checkpoints/accepted-losses")).unwrap();
    assert!(listed.contains(&late.note));
    let again = province.checkpoint().await.unwrap();
    assert_eq!(again.checkpoint().origin, late.origin);
    province.execute(&operator(), Command::AuditVerify { replay: Replay::Yes }).await.unwrap();
}
