//! Backups of a province with companies and persons in it, and what comes back.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tongxing_pki::Timestamp;
use tongxing_testdata::{Company, Person, Profile, Validity};
use tongxing_trust_store::{
    Apply, BackupCheck, BackupError, BackupIdentity, BackupView, CheckLevel, Clock, Command, Depth,
    Province, Replay, Reply, Restore, RestoreReport, RestoreUntil, SubjectId, check_backup,
};

use crate::world::{NOW, World, files, operator};

/// A province with three companies, one holder erased after the second.
struct Lived {
    world: World,
    identity: BackupIdentity,
    /// The last record before the erasure.
    before_erasure: u64,
    erased: SubjectId,
    kept: SubjectId,
    company: SubjectId,
}

async fn lived() -> Lived {
    let world = World::with(&[Profile::C]).await;
    let admitted = world.admitted(&issue(&world, 0)).await;
    let company = admitted.subject().clone();
    let erased = admitted.holder().unwrap().clone();
    world.clock.advance_millis(10_000);
    let kept = world.admitted(&issue(&world, 1)).await.holder().unwrap().clone();
    let before_erasure = records(world.province()).await;
    world.clock.advance_millis(10_000);
    let erase = Command::SubjectErase { subject: erased.clone(), reason: "asked for".into() };
    world.command(erase).await.unwrap();
    world.admitted(&issue(&world, 2)).await;
    let identity = BackupIdentity::generate();
    Lived { world, identity, before_erasure, erased, kept, company }
}

fn issue(world: &World, number: u32) -> tongxing_testdata::Issued {
    let (company, holder) = (Company::numbered(number), Person::numbered(number));
    let leaf = Profile::C.leaf(&company, &holder, Validity::year_from(NOW - 3600));
    world.authority(Profile::C).issue(&leaf).unwrap()
}

async fn records(province: &Province) -> u64 {
    verified(province).await.0
}

/// How many records, the hash of the last, and of the state made from them.
async fn verified(province: &Province) -> (u64, String, String) {
    let verify = Command::AuditVerify { replay: Replay::Yes };
    match province.execute(&operator(), verify).await.unwrap() {
        Reply::Verified(view) => (view.records, view.head, view.state.unwrap()),
        other => panic!("{other:?}"),
    }
}

impl Lived {
    fn path(&self, name: &str) -> PathBuf {
        self.world.folder.path().join(name)
    }

    async fn back_up(&self) -> BackupView {
        let recipients = vec![
            BackupIdentity::generate().recipient().to_string(),
            self.identity.recipient().to_string(),
        ];
        let file = self.path("backup.age");
        match self.world.command(Command::Backup { file, recipients }).await.unwrap() {
            Reply::BackedUp(view) => *view,
            other => panic!("{other:?}"),
        }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        self.world.clock.clone()
    }

    async fn restore(&self, until: RestoreUntil) -> Result<RestoreReport, BackupError> {
        let restore = Restore {
            file: self.path("backup.age"),
            identities: vec![self.identity.clone()],
            until,
            reason: "a drill".into(),
            by: operator(),
        };
        restore.carry_out(&self.path("restored"), self.clock()).await
    }

    fn check(&self, identity: &BackupIdentity) -> Result<BackupCheck, BackupError> {
        check_backup(&self.path("backup.age"), std::slice::from_ref(identity), &self.clock())
    }

    fn restored(&self) -> Province {
        Province::open(&self.path("restored"), self.clock()).unwrap()
    }

    /// Only these are in the tests' folder.
    fn is_left(&self, expected: &[&str]) {
        let names = fs::read_dir(self.world.folder.path()).unwrap();
        let mut names: Vec<_> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, expected);
    }
}

/// What an operator sees of a subject, personal data too.
async fn shown(province: &Province, id: &SubjectId) -> Option<(Option<String>, usize)> {
    let reveal = Some("a drill".to_owned());
    let show = Command::SubjectShow { id: id.clone(), reveal };
    match province.execute(&operator(), show).await {
        Ok(Reply::Subject(view)) => Some((view.name, view.bindings.len())),
        Ok(other) => panic!("{other:?}"),
        Err(_) => None,
    }
}

#[tokio::test]
async fn a_destroyed_province_comes_back_whole() {
    let mut lived = lived().await;
    let before = verified(lived.world.province()).await;
    let company = shown(lived.world.province(), &lived.company).await;
    let kept = shown(lived.world.province(), &lived.kept).await;
    let made = lived.back_up().await;
    lived.world.province = None;
    fs::remove_dir_all(lived.world.home()).unwrap();

    let check = lived.check(&lived.identity).unwrap();
    let report = lived.restore(RestoreUntil::End).await.unwrap();
    assert_eq!(report.backup, check);
    assert_eq!((report.sequence, &report.head), (made.sequence, &made.head));
    assert_eq!((&report.state, &check.state), (&made.state, &made.state));
    assert!(made.sequence > before.0, "reading personal data is recorded");
    assert_eq!(report.recorded, made.sequence + 1);
    lived.is_left(&["backup.age", "restored"]);

    let province = lived.restored();
    assert_eq!(verified(&province).await.0, report.recorded);
    assert_eq!(shown(&province, &lived.company).await, company);
    assert_eq!(shown(&province, &lived.kept).await, kept);
    assert!(kept.is_some_and(|(name, _)| name.is_some()));
    assert_eq!(shown(&province, &lived.erased).await, None);
    // The backup's own record is not in it; who made it is known where it was made.
    let list = Command::AuditList { from: report.recorded, limit: 1 };
    let Reply::Records(listed) = province.execute(&operator(), list).await.unwrap() else {
        panic!("records are listed");
    };
    let told = &listed[0].entry["change"]["restored.v1"];
    assert_eq!(told["sequence"], made.sequence);
    assert_eq!(told["reason"], "a drill");
}

#[tokio::test]
async fn an_earlier_record_is_gone_back_to_and_the_erased_stay_erased() {
    let lived = lived().await;
    let last = lived.back_up().await.sequence;
    let secret = key_of(&lived.world.home(), &lived.kept);
    let report = lived.restore(RestoreUntil::Sequence(lived.before_erasure)).await.unwrap();
    assert_eq!((report.sequence, report.backup.sequence), (lived.before_erasure, last));
    assert_eq!(report.erased, std::slice::from_ref(&lived.erased));
    let province = lived.restored();
    // The record of restoring, and the erasure again.
    assert_eq!(records(&province).await, lived.before_erasure + 2);
    assert_eq!(shown(&province, &lived.erased).await, None);
    assert!(shown(&province, &lived.kept).await.is_some());
    assert_eq!(key_of(&lived.path("restored"), &lived.kept), secret);
    assert_ne!(secret, None);
    assert_eq!(key_of(&lived.path("restored"), &lived.erased), None);
}

/// Retention destroys keys and removes files as an operator's erasure does.
#[tokio::test]
async fn what_retention_removed_later_is_not_brought_back() {
    let lived = lived().await;
    lived.world.clock.advance_millis(18 * 366 * 86_400_000);
    let before = records(lived.world.province()).await;
    let retention = Command::Retention { archive: None, apply: Apply::Yes };
    let Reply::Retention(removed) = lived.world.command(retention).await.unwrap() else {
        panic!("retention says what it removed");
    };
    assert!(removed.persons.contains(&lived.kept) && !removed.evidence.is_empty());
    lived.back_up().await;
    let report = lived.restore(RestoreUntil::Sequence(before)).await.unwrap();
    assert_eq!(report.sequence, before);
    let mut persons = removed.persons.clone();
    persons.sort();
    let mut erased = report.erased.clone();
    erased.sort();
    assert_eq!(erased, persons);
    let province = lived.restored();
    assert_eq!(shown(&province, &lived.kept).await, None);
    let examine = Command::Doctor { depth: Depth::Full };
    let Reply::Examined(checks) = province.execute(&operator(), examine).await.unwrap() else {
        panic!("the doctor says what it saw");
    };
    for about in ["blobs", "persons", "replay"] {
        let check = checks.iter().find(|check| check.about == about).unwrap();
        assert_eq!(check.level, CheckLevel::Ok, "{check:?}");
    }
}

/// The entry of a person's key in the key file.
fn key_of(home: &Path, person: &SubjectId) -> Option<Vec<u8>> {
    let bytes = fs::read(home.join("keys/persons.keys")).unwrap();
    let name = person.as_str().as_bytes();
    let entry = bytes.chunks(128).find(|entry| entry[6..].starts_with(name));
    entry.map(<[u8]>::to_vec)
}

#[tokio::test]
async fn a_moment_is_gone_back_to() {
    let lived = lived().await;
    let last = lived.back_up().await.sequence;
    let at = RestoreUntil::Moment(Timestamp::from_unix(NOW + 19));
    let report = lived.restore(at).await.unwrap();
    assert_eq!(report.sequence, lived.before_erasure);
    fs::remove_dir_all(lived.path("restored")).unwrap();
    let late = RestoreUntil::Moment(Timestamp::from_unix(NOW + 1_000));
    assert_eq!(lived.restore(late).await.unwrap().sequence, last);
    fs::remove_dir_all(lived.path("restored")).unwrap();
    let early = lived.restore(RestoreUntil::Moment(Timestamp::from_unix(NOW - 1))).await;
    assert!(matches!(early, Err(BackupError::BeforeBackup { .. })), "{early:?}");
    let beyond = lived.restore(RestoreUntil::Sequence(last + 1)).await;
    assert!(matches!(beyond, Err(BackupError::NotInBackup { .. })), "{beyond:?}");
    lived.is_left(&["backup.age", "province"]);
}

#[tokio::test]
async fn a_challenge_used_up_after_the_record_is_void() {
    let lived = lived().await;
    lived.back_up().await;
    let before = lived.world.province().snapshot().clock_epoch();
    lived.restore(RestoreUntil::Sequence(lived.before_erasure)).await.unwrap();
    assert!(lived.restored().snapshot().clock_epoch() > before);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_backup_is_named_and_nothing_is_left() {
    let lived = lived().await;
    lived.back_up().await;
    let stranger = lived.check(&BackupIdentity::generate()).unwrap_err();
    assert!(matches!(stranger, BackupError::WrongIdentity { .. }), "{stranger}");
    let whole = fs::read(lived.path("backup.age")).unwrap();
    let spread = (0..40).map(|part| part * whole.len() / 40);
    for place in spread.chain([whole.len() - 1]) {
        let mut damaged = whole.clone();
        damaged[place] ^= 4;
        for bytes in [&damaged[..], &whole[..place]] {
            fs::write(lived.path("backup.age"), bytes).unwrap();
            let error = lived.restore(RestoreUntil::End).await.unwrap_err();
            let named =
                matches!(error, BackupError::Damaged { .. } | BackupError::WrongIdentity { .. });
            assert!(named && error.to_string().contains("backup.age"), "byte {place}: {error}");
            lived.is_left(&["backup.age", "province"]);
        }
    }
    fs::write(lived.path("backup.age"), &whole).unwrap();
    fs::create_dir(lived.path("restored")).unwrap();
    fs::write(lived.path("restored/thesis"), "x").unwrap();
    let used = lived.restore(RestoreUntil::End).await.unwrap_err();
    assert!(used.to_string().contains("not empty"), "{used}");
    fs::remove_file(lived.path("restored/thesis")).unwrap();
    lived.restore(RestoreUntil::End).await.unwrap();
}

#[tokio::test]
async fn damage_in_the_province_is_not_backed_up_but_named() {
    let lived = lived().await;
    // The erased holder's is there too, sealed; nothing names it any more.
    let root = lived.world.authority(Profile::C).root().der().to_vec();
    let blobs = files(&lived.world.home().join("blobs"));
    let is_root = |file: &&PathBuf| fs::read(file).unwrap() == root;
    let blob = blobs.iter().find(is_root).unwrap();
    let whole = root.clone();
    let recipients = vec![lived.identity.recipient().to_string()];
    let file = lived.path("backup.age");
    let command = Command::Backup { file, recipients };
    fs::write(blob, &whole[1..]).unwrap();
    let damaged = lived.world.command(command.clone()).await.unwrap_err();
    assert!(damaged.message.contains("is damaged"), "{damaged}");
    fs::remove_file(blob).unwrap();
    let missing = lived.world.command(command.clone()).await.unwrap_err();
    assert!(missing.message.contains("is missing"), "{missing}");
    fs::write(blob, &whole).unwrap();
    lived.is_left(&["province"]);
    let journal = files(&lived.world.home().join("journal"));
    let segment = journal.iter().find(|file| file.extension().is_some_and(|e| e == "seg")).unwrap();
    let records = fs::read(segment).unwrap();
    let mut changed = records.clone();
    changed[records.len() / 2] ^= 1;
    fs::write(segment, &changed).unwrap();
    let damaged = lived.world.command(command.clone()).await.unwrap_err();
    assert!(damaged.message.contains("journal damaged"), "{damaged}");
    lived.is_left(&["province"]);
    fs::write(segment, &records).unwrap();
    lived.world.command(command).await.unwrap();
}
