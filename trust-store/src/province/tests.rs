//! What an open province does about an index that fails.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongxing_pki::Timestamp;

use super::*;
use crate::clock::ManualClock;
use crate::command::{Command, PolicyFile, Replay, Reply};

const POLICY: &str = include_str!("../../../policies/province.toml");

struct World {
    folder: TempDir,
    clock: Arc<ManualClock>,
    runtime: Runtime,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(1_780_000_000)));
        let world = Self { folder, clock, runtime: Runtime::new().unwrap() };
        let policy = PolicyFile { name: "province.toml".to_owned(), source: POLICY.to_owned() };
        let (home, clock) = (world.home(), world.clock.clone());
        Province::create(&home, "测试省", None, policy, &Actor::Gateway, clock).unwrap();
        world
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("province")
    }

    fn open(&self) -> Province {
        Province::open(&self.home(), self.clock.clone()).unwrap()
    }

    fn add(&self, province: &Province, id: &str) -> Result<Reply, CommandError> {
        let add = Command::RelyingPartyAdd { id: id.parse().unwrap(), name: id.to_owned() };
        self.runtime.block_on(province.execute(&Actor::Gateway, add))
    }
}

fn break_index(province: &Province) {
    let breaking = |index: &Index| index.broken.store(true, Ordering::Relaxed);
    province.shared.index.with(breaking).unwrap();
}

/// As on a disk that another process filled between two looks at it.
#[test]
fn an_index_that_fails_is_opened_again_and_no_record_is_missed() {
    let world = World::new();
    let province = world.open();
    for id in ["one", "two", "three"] {
        break_index(&province);
        world.add(&province, id).unwrap();
    }
    assert_eq!(province.health().degraded.iter().filter(|line| line.contains("index")).count(), 0);
    let last = province.journal().position().sequence;
    assert_eq!(province.index_stands_at().unwrap().0, last);
    let verify = Command::AuditVerify { replay: Replay::Yes };
    world.runtime.block_on(province.execute(&Actor::Gateway, verify)).unwrap();
}

#[test]
fn nothing_is_recorded_whose_outcome_nobody_would_be_told() {
    let world = World::new();
    let province = world.open();
    let before = province.journal().position();
    province.shared.outcomes.are_late("a test".to_owned());
    let refused = province.takes_sign_ins().unwrap_err();
    assert!(matches!(refused, StoreError::ApplierStopped { .. }), "{refused}");
    let counts = std::collections::BTreeMap::from([("x".to_owned(), 1)]);
    let waits = world.runtime.block_on(province.summarise_refusals(1, counts));
    assert!(matches!(waits, Err(StoreError::ApplierStopped { .. })), "{waits:?}");
    world.add(&province, "one").expect("what operators do waits for the index");
    assert!(province.journal().position().sequence > before.sequence);
    province.shared.outcomes.stop("a test".to_owned());
    let before = province.journal().position();
    world.add(&province, "two").unwrap_err();
    assert_eq!(province.journal().position(), before);
}
