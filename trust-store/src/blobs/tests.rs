//! Putting, reading back, sweeping; on the disk and on a simulated one.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::files::faulty::{Faults, FaultyDisk};

fn blobs() -> (tempfile::TempDir, Blobs) {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::open(&folder.path().join("blobs")).unwrap();
    (folder, blobs)
}

#[test]
fn put_twice_read_back_owner_only() {
    let (_folder, blobs) = blobs();
    let id = blobs.put(b"content").unwrap();
    assert_eq!(blobs.put(b"content").unwrap(), id);
    assert_eq!(blobs.get(&id).unwrap().unwrap(), b"content");
    assert_eq!(blobs.get(&BlobId::of(b"other")).unwrap(), None);
    assert_eq!(blobs.all().unwrap(), [id]);
    let mode = fs::metadata(blobs.place(&id).1).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn damaged_content_is_an_error_and_never_content() {
    let (_folder, blobs) = blobs();
    let id = blobs.put(b"content").unwrap();
    fs::write(blobs.place(&id).1, b"c0ntent").unwrap();
    assert!(matches!(blobs.get(&id), Err(BlobError::Damaged { .. })));
}

#[test]
fn a_cut_or_damaged_blob_is_made_good_by_putting_it_again() {
    let (_folder, blobs) = blobs();
    let id = blobs.put(b"content").unwrap();
    for damaged in [&b"con"[..], b"c0ntent"] {
        fs::write(blobs.place(&id).1, damaged).unwrap();
        blobs.put(b"content").unwrap();
        assert_eq!(blobs.get(&id).unwrap().unwrap(), b"content");
    }
}

#[test]
fn the_sweep_takes_old_unreferenced_blobs_and_leftovers() {
    let (_folder, blobs) = blobs();
    let live = blobs.put(b"live").unwrap();
    let dead = blobs.put(b"dead").unwrap();
    fs::write(blobs.place(&live).0.join("leftover.new"), b"x").unwrap();
    let now = blobs.files.modified_millis(&blobs.place(&dead).1).unwrap();
    let set = HashSet::from([live]);
    assert_eq!(blobs.sweep(&set, now + 1000).unwrap(), Swept { removed: 0, kept: 3 });
    let later = now + UNREFERENCED_KEPT_MILLIS + 10_000;
    assert_eq!(blobs.sweep(&set, later).unwrap(), Swept { removed: 2, kept: 1 });
    assert_eq!(blobs.all().unwrap(), [live]);
}

#[test]
fn an_old_leftover_that_is_put_again_is_new() {
    let (_folder, blobs) = blobs();
    let id = blobs.put(b"content").unwrap();
    let path = blobs.place(&id).1;
    let long_ago = std::time::SystemTime::UNIX_EPOCH;
    fs::File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    blobs.put(b"content").unwrap();
    let now = UNREFERENCED_KEPT_MILLIS * 2;
    assert_eq!(blobs.sweep(&HashSet::new(), now).unwrap(), Swept { removed: 0, kept: 1 });
}

#[test]
fn what_a_full_disk_did_not_take_leaves_nothing_behind() {
    let disk = FaultyDisk::default();
    let blobs = Blobs::open_on(Arc::new(disk.clone()), Path::new("/blobs")).unwrap();
    disk.set_full(true);
    assert!(blobs.put(&[7; 5000]).unwrap_err().is_disk_full());
    assert_eq!(disk.used(), 0);
    disk.set_full(false);
    blobs.put(&[7; 5000]).unwrap();
}

#[test]
fn addresses_have_one_spelling() {
    let id = BlobId::of(b"x");
    assert_eq!(id.to_string().parse::<BlobId>().unwrap(), id);
    assert!(id.to_string().to_uppercase().parse::<BlobId>().is_err());
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<BlobId>(&json).unwrap(), id);
}

#[test]
fn what_was_put_is_whole_after_any_power_cut() {
    let contents: Vec<Vec<u8>> = (1..8_u8).map(|n| vec![n; usize::from(n) * 400]).collect();
    for step in 1.. {
        let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, step);
        let kept: Vec<BlobId> = Blobs::open_on(Arc::new(disk.clone()), Path::new("/blobs"))
            .map(|blobs| contents.iter().map_while(|content| blobs.put(content).ok()).collect())
            .unwrap_or_default();
        let blobs = Blobs::open_on(Arc::new(disk.reboot()), Path::new("/blobs")).unwrap();
        for id in kept {
            assert!(blobs.get(&id).unwrap().is_some(), "cut in step {step}");
        }
        for id in blobs.all().unwrap() {
            assert!(blobs.get(&id).is_ok(), "cut in step {step}");
        }
        if !disk.has_struck() {
            break;
        }
    }
}

/// A process that failed or was killed may have left a folder whose name is not durable.
#[test]
fn what_is_put_after_a_failure_survives_a_power_cut() {
    for (step, seed) in (1..=9).flat_map(|step| (0..16).map(move |seed| (step, seed))) {
        let disk = FaultyDisk::new(Faults { error_at: Some(step), ..Faults::default() }, seed);
        let open = |disk: &FaultyDisk| Blobs::open_on(Arc::new(disk.clone()), Path::new("/blobs"));
        let same = open(&disk).or_else(|_| open(&disk)).unwrap();
        let _ = same.put(b"content");
        let id = same.put(b"content").or_else(|_| same.put(b"content")).unwrap();
        let rebooted = open(&disk.reboot()).unwrap();
        assert!(rebooted.get(&id).unwrap().is_some(), "the same process, step {step}");

        let disk = FaultyDisk::new(Faults { error_at: Some(step), ..Faults::default() }, seed);
        let _ = open(&disk).and_then(|blobs| blobs.put(b"content"));
        let killed = disk.kill();
        let next = open(&killed).unwrap();
        if !next.has_for_good(&id).unwrap() {
            next.put(b"content").unwrap();
        }
        let rebooted = open(&killed.reboot()).unwrap();
        assert!(rebooted.get(&id).unwrap().is_some(), "the next process, step {step}");
    }
}
