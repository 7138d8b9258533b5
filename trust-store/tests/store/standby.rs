//! A second copy of a province: it follows, it is not let astray, it takes over.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tongxing_testdata::{Company, Issued, Person, Profile, Validity};
use tongxing_trust_store::{
    AcceptCheckpoints, Acknowledgement, Admission, Apply, BackupIdentity, Clock, Command,
    Confirmed, JournalError, Province, Recognition, RecordProfile, RepairError, Replay, Replica,
    ReplicaRole, Reply, Restore, RestoreUntil, StoreError, SubjectId, TakeBack, contradiction,
    fenced_by,
};

use crate::world::{NOW, World, operator, request};

/// So small that copying takes many rounds.
const ROUND: usize = 600;

fn issue(world: &World, number: u32) -> Issued {
    let (company, holder) = (Company::numbered(number), Person::numbered(number));
    let leaf = Profile::C.leaf(&company, &holder, Validity::year_from(NOW - 3600));
    world.authority(Profile::C).issue(&leaf).unwrap()
}

fn clock(world: &World) -> Arc<dyn Clock> {
    world.clock.clone()
}

fn place(world: &World) -> PathBuf {
    world.folder.path().join("standby")
}

/// The frames after `sequence`, at least one record and about `limit` bytes.
fn frames_after(primary: &Province, sequence: u64, limit: usize) -> Vec<u8> {
    let mut frames = Vec::new();
    if primary.position().sequence > sequence {
        for record in primary.records_from(sequence + 1).unwrap() {
            frames.extend_from_slice(record.unwrap().frame());
            if frames.len() >= limit {
                break;
            }
        }
    }
    frames
}

/// One round of steps 2 to 5; whether there was anything.
async fn round(primary: &Province, replica: &Replica) -> Result<bool, StoreError> {
    let frames = frames_after(primary, replica.position().sequence, ROUND);
    if frames.is_empty() {
        return Ok(false);
    }
    let needs = replica.needs(&frames)?;
    for address in &needs.blobs {
        if let Some(content) = primary.replica_blob(address)? {
            replica.keep_blob(address, &content)?;
        }
    }
    replica.keep_persons(&needs.persons, &primary.replica_persons(&needs.persons))?;
    replica.append(frames, &needs).await?;
    Ok(true)
}

async fn catch_up(primary: &Province, replica: &Replica) {
    while round(primary, replica).await.unwrap() {}
}

/// A standby of the world's province that has everything.
async fn standby_of(world: &World) -> Province {
    let primary = world.province();
    let keys = primary.replica_key_files().unwrap();
    let replica = Replica::create(&place(world), clock(world), &keys, primary.profile()).unwrap();
    catch_up(primary, &replica).await;
    replica.close();
    Province::open(&place(world), clock(world)).unwrap()
}

/// Number and hash of the last record, and the state made from all of them.
async fn verified(province: &Province) -> (u64, String, String) {
    let verify = Command::AuditVerify { replay: Replay::Yes };
    match province.execute(&operator(), verify).await.unwrap() {
        Reply::Verified(report) => (report.records, report.head, report.state.unwrap()),
        other => panic!("{other:?}"),
    }
}

async fn sign_in(province: &Province, world: &World, issued: &Issued) -> Result<SubjectId, String> {
    let leaf = tongxing_pki::Certificate::parse(&issued.certificate_der).unwrap();
    let at = world.clock.now();
    let purpose = tongxing_trust_store::Purpose::SignIn;
    let Recognition::Recognised(recognised) = province.snapshot().recognise(&[leaf], purpose, at)
    else {
        panic!("not recognised");
    };
    match province.admit(*recognised, request(at)).await {
        Ok(Admission::Admitted(admitted)) => Ok(admitted.subject().clone()),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

async fn register(province: &Province, id: &str) -> Result<Reply, String> {
    let add = Command::RelyingPartyAdd { id: id.parse().unwrap(), name: id.to_owned() };
    province.execute(&operator(), add).await.map_err(|error| error.to_string())
}

/// The name of a person, as operators see it who may.
async fn name_of(province: &Province, person: &SubjectId) -> Option<String> {
    let show =
        Command::SubjectShow { id: person.clone(), reveal: Some("a test of standbys".to_owned()) };
    match province.execute(&operator(), show).await {
        Ok(Reply::Subject(view)) => view.name,
        Ok(other) => panic!("{other:?}"),
        // An erased person is registered no more.
        Err(_) => None,
    }
}

#[tokio::test]
async fn a_standby_from_an_empty_folder_knows_everything_and_changes_nothing() {
    let world = World::with(&[Profile::C, Profile::B]).await;
    let issued = issue(&world, 0);
    let company = world.admitted(&issued).await.subject().clone();
    let standby = standby_of(&world).await;

    assert_eq!(standby.role(), ReplicaRole::Standby);
    assert_eq!(standby.hello().unwrap().province, world.province().hello().unwrap().province);
    assert_eq!(verified(&standby).await, verified(world.province()).await);
    let refused = sign_in(&standby, &world, &issued).await.unwrap_err();
    assert!(refused.contains("tongxing standby promote"), "{refused}");
    assert!(register(&standby, "platform-x").await.unwrap_err().contains("standby"));
    assert_eq!(standby.position(), world.province().position());
    let show = Command::SubjectShow { id: company, reveal: None };
    assert!(matches!(standby.execute(&operator(), show).await, Ok(Reply::Subject(_))));
}

#[tokio::test]
async fn an_open_standby_follows_and_forgets_whom_the_primary_erased() {
    let world = World::with(&[Profile::C]).await;
    let standby = standby_of(&world).await;
    let replica = standby.replica().unwrap();
    let holder = world.admitted(&issue(&world, 1)).await.holder().unwrap().clone();
    let other = world.admitted(&issue(&world, 2)).await.holder().unwrap().clone();
    catch_up(world.province(), &replica).await;
    let keys = fs::read(place(&world).join("keys/persons.keys")).unwrap();
    let erase = Command::SubjectErase { subject: holder.clone(), reason: "asked for".into() };
    world.command(erase).await.unwrap();
    catch_up(world.province(), &replica).await;

    assert_eq!(verified(&standby).await, verified(world.province()).await);
    let left = fs::read(place(&world).join("keys/persons.keys")).unwrap();
    assert!(left.len() < keys.len(), "the key is still there");
    standby.promote(2, &operator()).await.unwrap();
    assert_eq!(name_of(&standby, &holder).await, None);
    assert!(name_of(&standby, &other).await.is_some());
}

#[tokio::test]
async fn what_the_primary_does_not_keep_the_standby_does_not_keep_either() {
    let world = World::with(&[Profile::C]).await;
    let holder = world.admitted(&issue(&world, 1)).await.holder().unwrap().clone();
    let standby = standby_of(&world).await;
    let replica = standby.replica().unwrap();
    world.clock.advance_millis(18 * 366 * 86_400_000);
    let retention = Command::Retention { archive: None, apply: Apply::Yes };
    let Reply::Retention(removed) = world.command(retention).await.unwrap() else {
        panic!("retention says what it removed");
    };
    assert!(removed.persons.contains(&holder) && !removed.evidence.is_empty());
    let file = |blob: &String| place(&world).join("blobs").join(&blob[..2]).join(blob);
    assert!(removed.evidence.iter().all(|blob| file(blob).exists()));
    catch_up(world.province(), &replica).await;
    assert!(removed.evidence.iter().all(|blob| !file(blob).exists()));
    assert_eq!(fs::metadata(place(&world).join("keys/persons.keys")).unwrap().len(), 0);
    assert_eq!(verified(&standby).await, verified(world.province()).await);
    // One that begins now copies a record that names what is gone.
    standby.close();
    drop((standby, replica));
    fs::remove_dir_all(place(&world)).unwrap();
    let late = standby_of(&world).await;
    assert_eq!(verified(&late).await, verified(world.province()).await);
}

#[tokio::test]
async fn a_promoted_standby_goes_on_under_the_same_subjects_and_the_old_one_never_does() {
    let mut world = World::with(&[Profile::C]).await;
    let issued = issue(&world, 3);
    let company = world.admitted(&issued).await.subject().clone();
    let standby = standby_of(&world).await;

    let end = world.province().fence(2).unwrap();
    assert_eq!(world.province().fence(2).unwrap(), end, "asking again is no harm");
    catch_up(world.province(), &standby.replica().unwrap()).await;
    assert_eq!(standby.position(), end);
    standby.promote(2, &operator()).await.unwrap();
    assert_eq!((standby.role(), standby.term().unwrap()), (ReplicaRole::Primary, 2));
    assert_eq!(sign_in(&standby, &world, &issued).await.unwrap(), company);
    register(&standby, "platform-x").await.unwrap();

    for _ in 0..2 {
        let old = world.province();
        assert_eq!((old.role(), old.term().unwrap()), (ReplicaRole::Fenced, 2));
        assert!(sign_in(old, &world, &issued).await.unwrap_err().contains("term 2"));
        assert!(register(old, "platform-y").await.unwrap_err().contains("term 2"));
        assert_eq!(old.position(), end);
        assert_eq!(verified(old).await.0, end.sequence, "it is still there to be read");
        world.reopen();
    }
}

/// Its disk is why it is replaced: it stops all the same.
#[tokio::test]
async fn a_primary_that_cannot_write_its_fence_stops_and_says_so() {
    let mut world = World::with(&[Profile::C]).await;
    let issued = issue(&world, 3);
    world.admitted(&issued).await;
    let mark = world.home().join("fenced");
    fs::create_dir(&mark).unwrap();
    let refused = world.province().fence(2).unwrap_err();
    assert!(matches!(refused, StoreError::FenceNotKept { .. }), "{refused}");
    let end = world.province().position();
    for _ in 0..2 {
        let old = world.province();
        assert_eq!(old.role(), ReplicaRole::Fenced);
        assert!(sign_in(old, &world, &issued).await.unwrap_err().contains("term 2"));
        assert!(register(old, "platform-y").await.unwrap_err().contains("term 2"));
        assert_eq!(old.position(), end);
        if mark.is_dir() {
            fs::remove_dir(&mark).unwrap();
            assert_eq!(old.fence(2).unwrap(), end, "and now for good");
            world.reopen();
        }
    }
}

/// The standby was lost in the middle of its promotion.
#[tokio::test]
async fn a_fenced_folder_is_taken_back_by_the_term_that_fenced_it() {
    let mut world = World::with(&[Profile::C]).await;
    let issued = issue(&world, 3);
    let company = world.admitted(&issued).await.subject().clone();
    let end = world.province().fence(2).unwrap();
    world.province = None;
    let home = world.home();
    assert_eq!(fenced_by(&home).unwrap(), Some(2));
    let take_back = |term| {
        let back = TakeBack { term, reason: "the other one burnt".into(), by: operator() };
        back.carry_out(&home, clock(&world))
    };
    let refused = take_back(3).unwrap_err();
    assert!(matches!(refused, StoreError::NotFencedBy { fenced: Some(2), confirmed: 3 }));
    assert_eq!(fenced_by(&home).unwrap(), Some(2));
    assert_eq!(take_back(2).unwrap(), end.sequence + 1);
    assert!(take_back(2).is_err(), "it is fenced no more");
    world.reopen();
    let province = world.province();
    assert_eq!((province.role(), province.term().unwrap()), (ReplicaRole::Primary, 3));
    assert_eq!(sign_in(province, &world, &issued).await.unwrap(), company);
    let record = province.records_from(end.sequence + 1).unwrap().next().unwrap().unwrap();
    assert!(String::from_utf8_lossy(record.payload()).contains("the other one burnt"));
    assert_eq!(province.snapshot().clock_epoch(), 1, "challenges may have been used up");
}

#[tokio::test]
async fn a_folder_that_is_open_or_not_fenced_is_not_taken_back() {
    let world = World::with(&[]).await;
    let back = TakeBack { term: 2, reason: "a mistake".into(), by: operator() };
    assert!(back.carry_out(&world.home(), clock(&world)).is_err(), "it is open");
    world.province().close();
    let mut world = world;
    world.province = None;
    let refused = back.carry_out(&world.home(), clock(&world)).unwrap_err();
    assert!(matches!(refused, StoreError::NotFencedBy { fenced: None, .. }), "{refused}");
}

#[tokio::test]
async fn only_a_newer_term_fences_and_only_a_standby_is_promoted() {
    let world = World::with(&[]).await;
    let standby = standby_of(&world).await;
    let primary = world.province();
    assert!(matches!(primary.fence(1), Err(StoreError::TermNotNewer { asked: 1, own: 1 })));
    assert!(matches!(primary.promote(2, &operator()).await, Err(StoreError::NotAStandby)));
    assert!(matches!(primary.replica(), Err(StoreError::NotAStandby)));
    assert!(standby.fence(9).is_err(), "a standby has nothing to give up");
    let promoted = standby.promote(1, &operator()).await;
    assert!(matches!(promoted, Err(StoreError::TermNotNewer { .. })));
    register(primary, "platform-x").await.unwrap();
    standby.promote(2, &operator()).await.unwrap();
    assert!(matches!(standby.promote(3, &operator()).await, Err(StoreError::NotAStandby)));
    let behind = primary.fence(2).unwrap();
    assert_eq!(behind.sequence, standby.position().sequence);
    assert_ne!(behind.hash, standby.position().hash);
}

#[tokio::test]
async fn an_interrupted_promotion_is_completed_by_the_next_opening() {
    let world = World::with(&[]).await;
    let standby = standby_of(&world).await;
    standby.close();
    drop(standby);
    let by = serde_json::to_value(operator()).unwrap();
    let mark = serde_json::json!({ "role": "promoting", "term": 7, "by": by });
    fs::write(place(&world).join("standby"), mark.to_string()).unwrap();
    for _ in 0..2 {
        let opened = Province::open(&place(&world), clock(&world)).unwrap();
        assert_eq!((opened.role(), opened.term().unwrap()), (ReplicaRole::Primary, 7));
        let copied = world.province().position().sequence;
        assert_eq!(opened.position().sequence, copied + 1, "promoted once");
    }
}

/// Opens it as a gateway does that has a second place.
fn open_copying(folder: &Path, second: &Path, world: &World) -> Result<Province, StoreError> {
    let province = Province::open(folder, clock(world))?;
    province.copy_checkpoints_to(second)?;
    Ok(province)
}

/// A standby that lacks a record over which the primary signed, in its second place too.
async fn behind_what_was_signed(world: &mut World, second: &Path) -> Province {
    fs::create_dir(second).unwrap();
    world.province().copy_checkpoints_to(second).unwrap();
    let standby = standby_of(world).await;
    register(world.province(), "platform-x").await.unwrap();
    world.province().checkpoint().await.unwrap();
    world.province().close();
    standby
}

#[tokio::test]
async fn a_promotion_by_force_accepts_what_was_signed_over_lost_records() {
    let mut world = World::with(&[]).await;
    let second = world.folder.path().join("second");
    let standby = behind_what_was_signed(&mut world, &second).await;
    let signed = world.province().newest_checkpoint().unwrap().checkpoint().size;
    let epoch = standby.snapshot().clock_epoch();
    standby.danger_promote_by_force(2, Some(&second), &operator()).await.unwrap();
    assert_eq!(standby.snapshot().clock_epoch(), epoch + 1, "challenges may have been used up");
    assert!(signed <= standby.position().sequence, "the numbers were given anew");
    let record = standby.records_from(signed).unwrap().next().unwrap().unwrap();
    let promoted = String::from_utf8_lossy(record.payload()).into_owned();
    assert!(promoted.contains(&format!("\"signed\":{signed}")), "{promoted}");
    standby.copy_checkpoints_to(&second).unwrap();
    for name in ["platform-y", "platform-z"] {
        register(&standby, name).await.unwrap();
        standby.checkpoint().await.unwrap();
    }
    drop(standby);
    open_copying(&place(&world), &second, &world).unwrap();
}

#[tokio::test]
async fn a_second_place_that_was_away_is_accepted_later_by_its_number() {
    let mut world = World::with(&[]).await;
    let (second, away) = (world.folder.path().join("second"), world.folder.path().join("away"));
    let standby = behind_what_was_signed(&mut world, &second).await;
    let signed = world.province().newest_checkpoint().unwrap().checkpoint().size;
    fs::rename(&second, &away).unwrap();
    standby.danger_promote_by_force(2, Some(&second), &operator()).await.unwrap();
    register(&standby, "platform-y").await.unwrap();
    drop(standby);
    fs::rename(&away, &second).unwrap();
    let home = place(&world);
    let refused = open_copying(&home, &second, &world).unwrap_err().to_string();
    assert!(refused.contains("tongxing repair accept-checkpoints"), "{refused}");
    let told = contradiction(&home, &second, clock(&world)).unwrap().unwrap();
    assert_eq!((told.signed, told.count), (signed, 1));
    let accept = |signed| AcceptCheckpoints { signed, reason: "lost".into(), by: operator() };
    let other = accept(signed + 1).carry_out(&home, &second, clock(&world)).await;
    assert!(matches!(other, Err(RepairError::OtherCheckpoints { .. })), "{other:?}");
    open_copying(&home, &second, &world).unwrap_err();
    accept(signed).carry_out(&home, &second, clock(&world)).await.unwrap();
    assert_eq!(contradiction(&home, &second, clock(&world)).unwrap(), None);
    let again = accept(signed).carry_out(&home, &second, clock(&world)).await;
    assert!(matches!(again, Err(RepairError::NothingContradicts)), "{again:?}");
    open_copying(&home, &second, &world).unwrap();
}

#[tokio::test]
async fn what_diverged_is_named_and_never_overwritten() {
    let world = World::with(&[]).await;
    let standby = standby_of(&world).await;
    register(world.province(), "platform-x").await.unwrap();
    register(world.province(), "platform-y").await.unwrap();
    standby.promote(2, &operator()).await.unwrap();
    let ours = standby.position();
    // As if its mark had been lost: it would follow the old one again.
    let folder = place(&world);
    standby.close();
    drop(standby);
    fs::write(folder.join("standby"), "{\"role\":\"standby\"}").unwrap();
    let standby = Province::open(&folder, clock(&world)).unwrap();
    let replica = standby.replica().unwrap();
    let error = round(world.province(), &replica).await.unwrap_err();
    assert!(matches!(error, StoreError::Diverged { .. }), "{error}");
    assert!(error.to_string().contains("diverged"), "{error}");
    assert_eq!(standby.position(), ours);
}

#[tokio::test]
async fn frames_that_were_altered_or_cut_are_not_taken() {
    let world = World::with(&[Profile::C]).await;
    let keys = world.province().replica_key_files().unwrap();
    let replica =
        Replica::create(&place(&world), clock(&world), &keys, RecordProfile::Standard).unwrap();
    let frames = frames_after(world.province(), 0, usize::MAX);
    for damaged in [40, frames.len() / 2, frames.len() - 1] {
        let mut altered = frames.clone();
        altered[damaged] ^= 1;
        assert!(matches!(replica.needs(&altered), Err(StoreError::Diverged { .. })));
        assert!(matches!(replica.needs(&frames[..damaged]), Err(StoreError::Diverged { .. })));
    }
    let needs = replica.needs(&frames).unwrap();
    assert!(replica.keep_blob(&needs.blobs[0], b"another").is_err());
    assert_eq!(replica.position().sequence, 0);
}

#[tokio::test]
async fn a_standby_from_a_backup_copies_only_what_came_later() {
    let world = World::with(&[Profile::C]).await;
    world.admitted(&issue(&world, 5)).await;
    let identity = BackupIdentity::generate();
    let file = world.folder.path().join("backup.age");
    let recipients = vec![identity.recipient().to_string()];
    world.command(Command::Backup { file: file.clone(), recipients }).await.unwrap();
    world.admitted(&issue(&world, 6)).await;
    let restore = Restore {
        file,
        identities: vec![identity],
        until: RestoreUntil::EndAsStandby,
        reason: "for a standby".into(),
        by: operator(),
    };
    let report = restore.carry_out(&place(&world), clock(&world)).await.unwrap();
    let standby = Province::open(&place(&world), clock(&world)).unwrap();
    assert_eq!(standby.role(), ReplicaRole::Standby);
    assert_eq!(standby.position().sequence, report.sequence, "nothing of its own");
    catch_up(world.province(), &standby.replica().unwrap()).await;
    // What is durable is applied by the time the province opens.
    drop(standby);
    let standby = Province::open(&place(&world), clock(&world)).unwrap();
    assert_eq!(verified(&standby).await, verified(world.province()).await);
}

/// Confirms nothing, or says that nobody is there.
#[derive(Debug, Default)]
struct Nobody {
    there: AtomicBool,
}

impl Acknowledgement for Nobody {
    fn ready(&self) -> Result<(), StoreError> {
        if self.there.load(Ordering::SeqCst) { Ok(()) } else { Err(StoreError::NoStandby) }
    }

    fn confirmed(&self, sequence: u64) -> Confirmed<'_> {
        Box::pin(std::future::ready(Err(StoreError::NotConfirmed { sequence })))
    }
}

#[tokio::test]
async fn without_the_standby_no_sign_in_is_recorded_and_nothing_unconfirmed_acknowledged() {
    let world = World::with(&[Profile::C]).await;
    let province = world.province();
    let nobody = Arc::new(Nobody::default());
    province.acknowledge_with(nobody.clone());
    let before = province.position();
    let refused = sign_in(province, &world, &issue(&world, 4)).await.unwrap_err();
    assert!(refused.contains("no standby"), "{refused}");
    assert_eq!(province.position(), before);
    assert!(province.health().degraded.iter().any(|line| line.contains("no standby")));

    nobody.there.store(true, Ordering::SeqCst);
    let refused = sign_in(province, &world, &issue(&world, 4)).await.unwrap_err();
    assert!(refused.contains("did not confirm"), "{refused}");
    assert_eq!(province.position().sequence, before.sequence + 1, "it holds nevertheless");
    let trust = register(province, "platform-x").await.unwrap_err();
    assert!(trust.contains("holds") && trust.contains("standby status"), "{trust}");
}

#[tokio::test]
async fn what_the_standby_did_not_confirm_is_not_signed() {
    let world = World::with(&[]).await;
    let province = world.province();
    let nobody = Arc::new(Nobody::default());
    province.acknowledge_with(nobody.clone());
    for (there, why) in [(false, "no standby"), (true, "did not confirm")] {
        nobody.there.store(there, Ordering::SeqCst);
        let refused = province.checkpoint().await.unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
        assert!(province.newest_checkpoint().is_none());
    }
}

#[tokio::test]
async fn a_fenced_journal_names_the_term() {
    let world = World::with(&[]).await;
    world.province().fence(5).unwrap();
    let refused = world.province().takes_sign_ins();
    let fenced = StoreError::Journal(JournalError::Fenced { term: 5 });
    assert_eq!(refused.unwrap_err().to_string(), fenced.to_string());
}
