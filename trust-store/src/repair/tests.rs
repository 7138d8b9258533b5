//! Ends that are lost, on folders that nobody has open.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongxing_pki::Timestamp;

use super::*;
use crate::clock::ManualClock;
use crate::command::{Command, PolicyFile, Reply};

const POLICY: &str = include_str!("../../../policies/province.toml");

/// A province with some records, closed.
struct World {
    folder: TempDir,
    clock: Arc<ManualClock>,
    runtime: Runtime,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(1_780_000_000)));
        let policy = PolicyFile { name: "province.toml".to_owned(), source: POLICY.to_owned() };
        let home = folder.path().join("province");
        Province::create(&home, "测试省", None, policy, &Actor::Gateway, clock.clone()).unwrap();
        let world = Self { folder, clock, runtime: Runtime::new().unwrap() };
        for platform in ["one", "two", "three"] {
            let add =
                Command::RelyingPartyAdd { id: platform.parse().unwrap(), name: "平台".into() };
            world.ask(add);
        }
        world
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("province")
    }

    fn open(&self) -> Result<Province, StoreError> {
        Province::open(&self.home(), self.clock.clone())
    }

    fn ask(&self, command: Command) -> Reply {
        let province = self.open().unwrap();
        self.runtime.block_on(province.execute(&Actor::Gateway, command)).unwrap()
    }

    fn last(&self) -> u64 {
        self.open().unwrap().journal().position().sequence
    }

    fn segment(&self) -> PathBuf {
        self.home().join("journal/00000000000000000001.seg")
    }

    /// Cuts bytes off the segment's end.
    fn cut(&self, bytes: u64) {
        let file = OpenOptions::new().write(true).open(self.segment()).unwrap();
        file.set_len(file.metadata().unwrap().len() - bytes).unwrap();
    }

    fn accept(&self, first: u64) -> Result<AcceptedLoss, RepairError> {
        let accept = AcceptLostEnd {
            first,
            reason: "the disk failed".to_owned(),
            by: Actor::Operator { uid: 7, name: None },
            checkpoint_copy: None,
        };
        self.runtime.block_on(accept.carry_out(&self.home(), self.clock.clone()))
    }

    /// The change in a record.
    fn change(&self, sequence: u64) -> Change {
        let province = self.open().unwrap();
        let record = province.journal().read_from(sequence).unwrap().next().unwrap().unwrap();
        decode(&record).unwrap().change
    }
}

#[test]
fn a_whole_journal_has_nothing_to_accept() {
    let world = World::new();
    assert_eq!(lost_end(&world.home(), None).unwrap(), None);
    let last = world.last();
    let refused = world.accept(last + 1).unwrap_err();
    assert!(matches!(refused, RepairError::NothingLost { last: found } if found == last));
    assert!(!world.home().join(UNFINISHED).exists());
}

#[test]
fn a_lost_end_is_told_and_accepted_only_by_its_number() {
    let world = World::new();
    let last = world.last();
    world.cut(7);
    let before = fs::read(world.segment()).unwrap();
    let told = lost_end(&world.home(), None).unwrap().unwrap();
    assert_eq!((told.kept, told.first, told.last), (last - 1, last, last));
    assert!(told.bytes > 0 && told.refusal.contains("acknowledged"), "{told:?}");
    let refused = world.accept(last - 1).unwrap_err();
    assert!(matches!(refused, RepairError::OtherEnd { first, .. } if first == last));
    assert_eq!(fs::read(world.segment()).unwrap(), before, "looking changed something");
    world.open().unwrap_err();

    let accepted = world.accept(last).unwrap();
    assert_eq!((accepted.first, accepted.last, accepted.recorded), (last, last, last));
    let kept = fs::read(accepted.cut_off.unwrap()).unwrap();
    assert!(before.ends_with(&kept) && kept.len() as u64 == told.bytes);
    let Change::LostEndAccepted(told) = world.change(last) else { panic!("no record says so") };
    assert_eq!((told.first, told.last, &*told.reason), (last, last, "the disk failed"));
    assert_eq!(lost_end(&world.home(), None).unwrap(), None);
    assert_eq!(world.last(), last);
}

#[test]
fn records_that_only_the_index_or_a_checkpoint_remembers_are_lost_too() {
    for remembers in ["state", "checkpoints"] {
        let world = World::new();
        world.ask(Command::AuditCheckpoint);
        let last = world.last();
        world.cut(7);
        fs::remove_file(world.home().join("journal/acknowledged")).unwrap();
        if remembers == "checkpoints" {
            fs::remove_dir_all(world.home().join("state")).unwrap();
        }
        world.open().unwrap_err();
        let told = lost_end(&world.home(), None).unwrap().unwrap();
        assert_eq!((told.first, told.last), (last, last), "{remembers}");
        assert_eq!(world.accept(last).unwrap().recorded, last, "{remembers}");
        world.ask(Command::AuditVerify { replay: crate::command::Replay::Yes });
    }
}

#[test]
fn damage_before_the_end_is_not_accepted() {
    let world = World::new();
    let mut bytes = fs::read(world.segment()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    fs::write(world.segment(), &bytes).unwrap();
    for refused in [lost_end(&world.home(), None).unwrap_err(), world.accept(2).unwrap_err()] {
        let told = refused.to_string();
        assert!(matches!(refused, RepairError::NotAtTheEnd(_)), "{told}");
        assert!(told.contains(".seg at byte") && told.contains("tongxing restore"), "{told}");
    }
    assert_eq!(fs::read(world.segment()).unwrap(), bytes);
}

#[test]
fn an_interrupted_repair_goes_on_and_nobody_opens_the_province_meanwhile() {
    for done_upto in 3..=5 {
        let world = World::new();
        let last = world.last();
        world.cut(7);
        let accept = AcceptLostEnd {
            first: last,
            reason: "the disk failed".to_owned(),
            by: Actor::Gateway,
            checkpoint_copy: None,
        };
        let entry = accept.prepare(&world.home()).unwrap();
        let clock: Arc<dyn Clock> = world.clock.clone();
        if done_upto >= 4 {
            accept.cut(&world.home(), last - 1, &clock).unwrap();
        }
        if done_upto == 5 {
            let home = world.home();
            let recording = record(&home, &entry, last, clock);
            assert_eq!(world.runtime.block_on(recording).unwrap(), last);
        }
        let refused = world.open().unwrap_err();
        assert!(matches!(refused, StoreError::RepairUnfinished { .. }), "{refused}");
        assert_eq!(world.accept(last).unwrap().recorded, last, "after step {done_upto}");
        assert_eq!(world.last(), last, "after step {done_upto}");
    }
}

#[test]
fn a_repair_that_goes_on_gives_up_no_more_than_was_confirmed() {
    let world = World::new();
    let last = world.last();
    world.cut(7);
    let (first, reason, by) = (last, "the disk failed".to_owned(), Actor::Gateway);
    let accept = AcceptLostEnd { first, reason, by, checkpoint_copy: None };
    accept.prepare(&world.home()).unwrap();
    // The disk goes on failing.
    let whole = fs::metadata(world.segment()).unwrap().len();
    world.cut(whole - whole * 9 / 10);
    let refused = world.accept(last).unwrap_err();
    let RepairError::OtherEnd { first, .. } = refused else { panic!("{refused}") };
    assert!(first < last);
    assert_eq!(world.accept(first).unwrap().recorded, first);
    world.open().unwrap();
}

#[test]
fn a_running_gateway_keeps_the_repair_away() {
    let world = World::new();
    let _open = world.open().unwrap();
    let refused = lost_end(&world.home(), None).unwrap_err();
    assert!(matches!(refused, RepairError::Journal(crate::journal::JournalError::InUse { .. })));
}

#[test]
fn only_the_gateway_that_records_gives_records_up() {
    for station in [Station::Standby, Station::Fenced { term: 2 }] {
        let world = World::new();
        let last = world.last();
        world.cut(7);
        station.write(&world.home()).unwrap();
        let refused = world.accept(last).unwrap_err();
        assert!(matches!(refused, RepairError::NotPrimary { .. }), "{station:?}: {refused}");
        assert!(!world.home().join(UNFINISHED).exists());
    }
}
