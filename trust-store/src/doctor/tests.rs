//! What only the library can damage, or set back: sealed segments and the clock.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tongxing_pki::Timestamp;

use super::*;
use crate::change::Actor;
use crate::clock::ManualClock;
use crate::command::PolicyFile;
use crate::province::Province;

const POLICY: &str = include_str!("../../../policies/province.toml");
const NOW: i64 = 1_780_000_000;

/// A province with a sealed segment, closed.
struct World {
    folder: TempDir,
    clock: Arc<ManualClock>,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix(NOW)));
        let world = Self { folder: TempDir::new().unwrap(), clock };
        let policy = PolicyFile { name: "province.toml".to_owned(), source: POLICY.to_owned() };
        let by = Actor::Gateway;
        Province::create(&world.home(), "测试省", None, policy, &by, world.clock.clone()).unwrap();
        let province = world.open();
        assert!(province.journal().seal().unwrap().is_some());
        province.close();
        world
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("province")
    }

    fn open(&self) -> Province {
        Province::open(&self.home(), self.clock.clone()).unwrap()
    }

    fn journal(&self, name: &str) -> PathBuf {
        self.home().join("journal").join(name)
    }

    fn seen(&self, depth: Depth, about: &str) -> Check {
        let checks = examine_record(&self.home(), &*self.clock, depth);
        let found = checks.iter().find(|check| check.about == about);
        found.unwrap_or_else(|| panic!("nothing about {about}: {checks:#?}")).clone()
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

const SEALED: &str = "00000000000000000001";

#[test]
fn a_whole_record_is_well_at_either_depth() {
    let world = World::new();
    for depth in [Depth::Quick, Depth::Full] {
        for check in examine_record(&world.home(), &*world.clock, depth) {
            let nothing_signed = check.about == "checkpoints";
            assert!(check.level == CheckLevel::Ok || nothing_signed, "{check:?}");
        }
    }
}

#[test]
fn a_manifest_or_leaves_that_are_missing_or_torn_are_told_and_left_alone() {
    for (name, torn) in [("manifest", false), ("manifest", true), ("leaves", false)] {
        let world = World::new();
        let path = if name == "leaves" {
            world.journal(&format!("{SEALED}.leaves"))
        } else {
            world.journal(name)
        };
        if torn {
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let seen = world.seen(Depth::Quick, "journal");
        assert_eq!(seen.level, CheckLevel::Warning, "{name}, torn: {torn}: {seen:?}");
        assert_eq!(path.exists(), torn, "a doctor mends nothing");
    }
}

#[test]
fn a_sealed_segment_that_is_gone_is_an_error_and_one_that_changed_is_in_full() {
    let world = World::new();
    let segment = world.journal(&format!("{SEALED}.seg"));
    flip(&segment, 400);
    assert_eq!(world.seen(Depth::Quick, "journal").level, CheckLevel::Ok);
    let changed = world.seen(Depth::Full, "journal");
    assert_eq!(changed.level, CheckLevel::Error);
    assert!(changed.seen.contains(&format!("{SEALED}.seg at byte")), "{changed:?}");
    assert!(changed.help.unwrap().contains("tongxing restore"));
    fs::remove_file(&segment).unwrap();
    let gone = world.seen(Depth::Quick, "journal");
    assert!(gone.level == CheckLevel::Error && gone.seen.contains(SEALED), "{gone:?}");
    assert!(gone.help.unwrap().contains("tongxing retrieve"));
}

#[test]
fn leaves_that_are_not_the_segments_are_an_error_in_full() {
    let world = World::new();
    let leaves = world.journal(&format!("{SEALED}.leaves"));
    let mut bytes = fs::read(&leaves).unwrap();
    let content = bytes.len() - 4;
    bytes[0] ^= 1;
    let crc = crc32c::crc32c(&bytes[..content]).to_be_bytes();
    bytes[content..].copy_from_slice(&crc);
    fs::write(&leaves, bytes).unwrap();
    let seen = world.seen(Depth::Full, "journal");
    assert!(seen.level == CheckLevel::Error && seen.seen.contains("leaves"), "{seen:?}");
}

#[test]
fn a_clock_behind_the_last_record_is_an_error() {
    let world = World::new();
    assert_eq!(world.seen(Depth::Quick, "clock").level, CheckLevel::Ok);
    world.clock.advance_millis(-3_600_000);
    let seen = world.seen(Depth::Quick, "clock");
    assert!(seen.level == CheckLevel::Error && seen.seen.contains("3600 s behind"), "{seen:?}");
    assert!(seen.help.unwrap().contains("tongxing clock reset"));
}

#[test]
fn a_province_that_is_open_elsewhere_is_not_looked_at() {
    let world = World::new();
    let _open = world.open();
    let seen = world.seen(Depth::Quick, "journal");
    assert!(seen.level == CheckLevel::Unknown && seen.seen.contains("in use"), "{seen:?}");
}
