//! Backups on disks that fail, while the province goes on.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongxing_pki::Timestamp;

use super::unpack::unpack;
use super::*;
use crate::change::Actor;
use crate::clock::ManualClock;
use crate::command::{BackupView, Command, PolicyFile};
use crate::files::faulty::{Faults, FaultyDisk, Syncs};
use crate::province::Province;

const FILE: &str = "/backups/province.age";
const UNFINISHED: &str = "/backups/province.age.new";
const POLICY: &str = include_str!("../../../policies/province.toml");

struct World {
    folder: TempDir,
    province: Arc<Province>,
    identity: BackupIdentity,
    runtime: Runtime,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(1_780_000_000)));
        let policy = PolicyFile { name: "province.toml".to_owned(), source: POLICY.to_owned() };
        let home = folder.path().join("province");
        Province::create(&home, "测试省", None, policy, &Actor::Gateway, clock.clone()).unwrap();
        let province = Arc::new(Province::open(&home, clock).unwrap());
        let runtime = Runtime::new().unwrap();
        Self { folder, province, identity: BackupIdentity::generate(), runtime }
    }

    fn register(&self, platform: &str) {
        let (id, name) = (platform.parse().unwrap(), "平台".to_owned());
        let asked = self.province.execute(&Actor::Gateway, Command::RelyingPartyAdd { id, name });
        self.runtime.block_on(asked).unwrap();
    }

    fn back_up(&self, disk: &FaultyDisk) -> Result<BackupView, BackupError> {
        let recipients = [self.identity.recipient().to_string()];
        let disk = Arc::new(disk.clone());
        let made = make(&self.province, disk, &Actor::Gateway, Path::new(FILE), &recipients);
        self.runtime.block_on(made)
    }

    /// Unpacks what lies under the backup's name, if anything does.
    fn read(&self, disk: &FaultyDisk) -> Option<Result<u64, BackupError>> {
        disk.has(Path::new(FILE)).then(|| {
            let (file, into) = (self.folder.path().join("b.age"), self.folder.path().join("into"));
            fs::write(&file, disk.bytes(Path::new(FILE))).unwrap();
            fs::create_dir(&into).unwrap();
            let read = unpack(&file, std::slice::from_ref(&self.identity), &into);
            fs::remove_dir_all(&into).unwrap();
            read.map(|manifest| manifest.preface.sequence)
        })
    }
}

#[test]
fn a_power_cut_leaves_a_whole_backup_or_none() {
    let world = World::new();
    for (step, seed) in (1..).flat_map(|step| (0..4).map(move |seed| (step, seed))) {
        let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, seed * 7 + step);
        let made = world.back_up(&disk);
        let found = world.read(&disk.reboot());
        let context = format!("cut {step}, seed {seed}");
        if let Some(read) = &found {
            assert!(read.is_ok(), "{context}: {read:?}");
        }
        if let Ok(view) = made {
            assert_eq!(found.unwrap().unwrap(), view.sequence, "{context}");
            if !disk.has_struck() {
                break;
            }
        }
    }
}

#[test]
fn a_failing_disk_leaves_nothing_and_the_province_goes_on() {
    let world = World::new();
    for step in 1.. {
        let faults = Faults { error_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, step);
        let made = world.back_up(&disk);
        if !disk.has_struck() {
            made.unwrap();
            break;
        }
        // A folder that was not synced may hold the name, and then all of it.
        if let Some(read) = world.read(&disk) {
            read.unwrap();
        }
        assert!(!disk.has(Path::new(UNFINISHED)), "step {step}: {made:?}");
        world.register(&format!("platform-{step}"));
    }
}

#[test]
fn a_medium_that_holds_something_else_is_found_out() {
    let world = World::new();
    let disk = FaultyDisk::new(Faults { syncs: Syncs::Honest, ..Faults::default() }, 1);
    let files: Arc<dyn crate::files::FileLayer> = Arc::new(disk.clone());
    let (unfinished, mut output) = output::Unfinished::create(files, Path::new(FILE)).unwrap();
    std::io::Write::write_all(&mut output, &[7; 1000]).unwrap();
    disk.tamper(Path::new(UNFINISHED), |bytes| bytes[500] ^= 1);
    let error = unfinished.verify(output).unwrap_err();
    assert!(matches!(error, BackupError::ReadBack { .. }), "{error}");
    drop(unfinished);
    assert!(!disk.has(Path::new(UNFINISHED)));
    drop(world);
}

#[test]
fn what_happens_during_a_backup_is_recorded_and_not_in_it() {
    let world = World::new();
    let disk = FaultyDisk::default();
    let before = world.province.journal().position().sequence;
    let held = disk.hold();
    let view = std::thread::scope(|scope| {
        let backup = scope.spawn(|| {
            loop {
                // Looking whether it runs keeps it from running, for a moment.
                match world.back_up(&disk) {
                    Err(BackupError::UnderWay) => std::thread::yield_now(),
                    made => return made,
                }
            }
        });
        // The backup waits for its disk; nobody else does.
        while world.province.backing_up().try_lock().is_ok() {
            std::thread::yield_now();
        }
        let second = world.back_up(&FaultyDisk::default());
        assert!(matches!(second, Err(BackupError::UnderWay)), "{second:?}");
        for number in 0..20 {
            world.register(&format!("platform-{number}"));
        }
        drop(held);
        backup.join().unwrap().unwrap()
    });
    assert!((before..=before + 20).contains(&view.sequence), "{view:?}");
    assert_eq!(view.recorded, before + 21);
    assert_eq!(world.read(&disk).unwrap().unwrap(), view.sequence);
}

#[test]
fn a_backup_goes_nowhere_it_should_not() {
    let world = World::new();
    let home = world.province.folder().to_owned();
    let recipient = world.identity.recipient().to_string();
    let attempt = |path: &Path, recipients: &[String]| {
        let made =
            make(&world.province, Arc::new(crate::files::Disk), &Actor::Gateway, path, recipients);
        world.runtime.block_on(made).unwrap_err()
    };
    let to = std::slice::from_ref(&recipient);
    let inside = attempt(&home.join("keys/b.age"), to);
    assert!(matches!(inside, BackupError::InsideProvince { .. }), "{inside}");
    let there = world.folder.path().join("there");
    fs::write(&there, "thesis").unwrap();
    assert!(matches!(attempt(&there, to), BackupError::Exists { .. }));
    assert_eq!(fs::read(&there).unwrap(), b"thesis");
    assert!(matches!(attempt(Path::new("b.age"), to), BackupError::NoPath { .. }));
    let new = world.folder.path().join("new");
    assert!(matches!(attempt(&new, &[]), BackupError::NoRecipient));
    assert!(matches!(attempt(&new, &["age1".to_owned()]), BackupError::Recipient { .. }));
    let left = fs::read_dir(world.folder.path()).unwrap().count();
    assert_eq!(left, 2, "the province and a thesis");
}
