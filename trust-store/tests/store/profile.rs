//! A province of the profile `gm`: everything that reads its record reads it.

use std::fs;
use std::sync::Arc;

use tongxing_testdata::{Company, Issued, Person, Profile, Validity};
use tongxing_trust_store::{
    Apply, BackupIdentity, CheckLevel, Clock, Command, Depth, EvidenceKey, ExportHeader,
    ExportWriter, FileJournal, Journal, JournalOptions, Province, RecordProfile, RecordProof,
    Replay, Replica, Reply, Restore, RestoreUntil, StoreError, SubjectId, verify_export,
};

use crate::world::{NOW, World, operator};

async fn world() -> (World, SubjectId) {
    let world = World::of(RecordProfile::Gm, &[Profile::C]).await;
    let admitted = world.admitted(&issue(&world, 1)).await;
    let holder = admitted.holder().unwrap().clone();
    (world, holder)
}

fn issue(world: &World, number: u32) -> Issued {
    let (company, holder) = (Company::numbered(number), Person::numbered(number));
    let leaf = Profile::C.leaf(&company, &holder, Validity::year_from(NOW - 3600));
    world.authority(Profile::C).issue(&leaf).unwrap()
}

async fn ask(province: &Province, command: Command) -> Reply {
    province.execute(&operator(), command).await.unwrap()
}

/// Number and hash of the last record, and the state made from all of them.
async fn verified(province: &Province) -> (u64, String, Option<String>) {
    match ask(province, Command::AuditVerify { replay: Replay::Yes }).await {
        Reply::Verified(view) => (view.records, view.head, view.state),
        other => panic!("{other:?}"),
    }
}

async fn name_of(province: &Province, person: &SubjectId) -> Option<String> {
    let reveal = Some("a test of profiles".to_owned());
    match ask(province, Command::SubjectShow { id: person.clone(), reveal }).await {
        Reply::Subject(view) => view.name,
        other => panic!("{other:?}"),
    }
}

async fn assert_healthy(province: &Province) {
    let Reply::Examined(checks) = ask(province, Command::Doctor { depth: Depth::Full }).await
    else {
        panic!("the doctor says what it saw");
    };
    // Files are written by the machine's clock, which is not the test's.
    for check in checks.iter().filter(|check| check.about != "clock and files") {
        assert_ne!(check.level, CheckLevel::Error, "{check:?}");
    }
    let journal = checks.iter().find(|check| check.about == "journal").unwrap();
    assert!(journal.seen.contains("profile gm"), "{journal:?}");
}

#[tokio::test]
async fn its_record_is_read_again_and_found_healthy() {
    let (mut world, holder) = world().await;
    let name = name_of(world.province(), &holder).await;
    assert!(name.is_some());
    world.command(Command::ImageTake).await.unwrap();
    world.province().checkpoint().await.unwrap();
    let before = verified(world.province()).await;
    assert_healthy(world.province()).await;
    world.province = None;
    fs::remove_dir_all(world.home().join("state")).unwrap();
    world.reopen();
    assert_eq!(world.province().profile(), RecordProfile::Gm);
    assert!(world.province().opened().image.is_some(), "made anew from the image");
    assert_eq!(verified(world.province()).await, before);
    assert_eq!(name_of(world.province(), &holder).await, name);
    // Known again by the keyed hash of who they are, with another certificate.
    let again = world.admitted(&issue(&world, 1)).await;
    assert_eq!(again.holder(), Some(&holder));
    let text = fs::read(world.home().join("journal/00000000000000000001.seg")).unwrap();
    assert_eq!(text[8..12], [0, 0, 0, 2], "the first bytes say so");
}

#[tokio::test]
async fn its_evidence_is_checked_with_its_key_and_no_other() {
    let (world, _) = world().await;
    let province = world.province();
    province.checkpoint().await.unwrap();
    let keys = province.evidence_keys().unwrap();
    assert_eq!(keys[0].profile(), RecordProfile::Gm);
    let Reply::Proof { proof, .. } = ask(province, Command::AuditProve { sequence: 2 }).await
    else {
        panic!("a proof was asked for");
    };
    let proof = RecordProof::parse(&proof).unwrap();
    assert_eq!(proof.verify(&keys).unwrap(), &keys[0]);
    let stranger = [EvidenceKey::new(keys[0].name(), [7; 32]).unwrap()];
    assert!(proof.verify(&stranger).is_err());

    let Reply::ExportHeader(header) =
        ask(province, Command::AuditExport { first: None, last: None }).await
    else {
        panic!("an export was asked for");
    };
    let export = exported(province, &header).await;
    let checked = verify_export(&export[..], &keys).unwrap().unwrap();
    assert_eq!((checked.first, checked.last), (1, header.last));
    assert!(verify_export(&export[..], &stranger).unwrap().is_err());
    // Told to hash it otherwise, nobody comes to what was signed.
    let text = String::from_utf8(export).unwrap();
    let other = text.replacen("tongxing-export-gm.v1", "tongxing-export.v1", 1);
    assert!(verify_export(other.as_bytes(), &keys).unwrap().is_err());
}

async fn exported(province: &Province, header: &ExportHeader) -> Vec<u8> {
    let (mut writer, mut text) = ExportWriter::begin(header).unwrap();
    let frames = Command::AuditFrames { first: header.first, last: header.last };
    let Reply::Frames(frames) = ask(province, frames).await else { panic!("frames") };
    for (sequence, frame) in (header.first..).zip(frames) {
        text.extend(writer.record(sequence, frame.into_vec()).unwrap());
    }
    text.extend(writer.end().unwrap().1);
    text
}

#[tokio::test]
async fn it_is_backed_up_and_restored() {
    let (mut world, holder) = world().await;
    let name = name_of(world.province(), &holder).await;
    let at = verified(world.province()).await;
    let identity = BackupIdentity::generate();
    let file = world.folder.path().join("backup.age");
    let recipients = vec![identity.recipient().to_string()];
    ask(world.province(), Command::Backup { file: file.clone(), recipients }).await;
    world.province = None;
    let restore = Restore {
        file,
        identities: vec![identity],
        until: RestoreUntil::Sequence(at.0),
        reason: "a drill".into(),
        by: operator(),
    };
    let to = world.folder.path().join("restored");
    let clock: Arc<dyn Clock> = world.clock.clone();
    let report = restore.carry_out(&to, Arc::clone(&clock)).await.unwrap();
    assert_eq!((report.head, Some(report.state)), (at.1, at.2));
    let province = Province::open(&to, clock).unwrap();
    assert_eq!(province.profile(), RecordProfile::Gm);
    assert_eq!(name_of(&province, &holder).await, name);
    assert_healthy(&province).await;
}

#[tokio::test]
async fn a_standby_of_its_profile_follows_and_another_does_not() {
    let (world, holder) = world().await;
    let primary = world.province();
    let keys = primary.replica_key_files().unwrap();
    let place = |name: &str| world.folder.path().join(name);
    let other =
        Replica::create(&place("other"), world.clock.clone(), &keys, RecordProfile::Standard);
    let frames: Vec<u8> =
        primary.records_from(1).unwrap().flat_map(|r| r.unwrap().frame().to_vec()).collect();
    let refused = other.unwrap().needs(&frames).unwrap_err();
    assert!(matches!(refused, StoreError::Diverged { .. } | StoreError::OtherProfile { .. }));

    let replica =
        Replica::create(&place("standby"), world.clock.clone(), &keys, primary.profile()).unwrap();
    let needs = replica.needs(&frames).unwrap();
    for address in &needs.blobs {
        let content = primary.replica_blob(address).unwrap().unwrap();
        replica.keep_blob(address, &content).unwrap();
    }
    replica.keep_persons(&needs.persons, &primary.replica_persons(&needs.persons)).unwrap();
    replica.append(frames, &needs).await.unwrap();
    replica.close();
    let standby = Province::open(&place("standby"), world.clock.clone()).unwrap();
    assert_eq!(verified(&standby).await, verified(primary).await);
    standby.promote(2, &operator()).await.unwrap();
    assert!(name_of(&standby, &holder).await.is_some());
    let signed = standby.checkpoint().await.unwrap();
    signed.verify(&standby.evidence_keys().unwrap()).unwrap();
}

#[tokio::test]
async fn its_segments_are_archived_and_proofs_over_them_still_made() {
    let (mut world, _) = world().await;
    world.province = None;
    let (folder, options) = (world.home().join("journal"), JournalOptions::default());
    let (journal, _) = FileJournal::open(&folder, world.clock.clone(), &options).unwrap();
    journal.seal().unwrap();
    drop(journal);
    world.reopen();
    world.command(Command::ImageTake).await.unwrap();
    let to = world.folder.path().join("archive");
    let archive = Command::Archive { to, before: None, keep: None, apply: Apply::Yes };
    let Reply::Archived(done) = world.command(archive).await.unwrap() else {
        panic!("segments were to be archived");
    };
    assert_eq!(done.segments.len(), 1);
    world.reopen();
    world.province().checkpoint().await.unwrap();
    ask(world.province(), Command::AuditVerify { replay: Replay::No }).await;
}
