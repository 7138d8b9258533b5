//! Notes kept through power cuts, failing disks and tampering.

use super::*;
use crate::evidence::checkpoint::Checkpoint;
use crate::evidence::note::EvidenceSigner;
use crate::files::faulty::{Faults, FaultyDisk};
use crate::profile::RecordProfile;

const FOLDER: &str = "/checkpoints";
const ORIGIN: &str = "tongxing.test";

fn signer(seed: u8) -> EvidenceSigner {
    EvidenceSigner::from_seed(RecordProfile::Standard, ORIGIN, &[seed; 32]).unwrap()
}

fn keys() -> [EvidenceKey; 1] {
    [signer(1).key().clone()]
}

fn note(size: u64) -> SignedCheckpoint {
    signed(size, &signer(1))
}

fn signed(size: u64, signer: &EvidenceSigner) -> SignedCheckpoint {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: [7; 32] };
    SignedCheckpoint::sign(checkpoint, &[signer]).unwrap()
}

fn open(disk: &FaultyDisk) -> Result<CheckpointLog, EvidenceError> {
    CheckpointLog::open(Arc::new(disk.clone()), Path::new(FOLDER))
}

fn sizes(log: &CheckpointLog) -> Vec<u64> {
    let months = log.months().unwrap().map(Result::unwrap);
    months.flat_map(|month| month.notes).map(|note| note.checkpoint().size).collect()
}

/// Keeps notes of sizes 1 to 9 over three months; those told as kept.
fn history(disk: &FaultyDisk) -> (Vec<u64>, bool) {
    let mut told = Vec::new();
    let Ok(mut log) = open(disk) else { return (told, false) };
    for size in 1..=9 {
        let month = format!("2026-{:02}", 9 + size / 4);
        if log.append(note(size).note(), &month).is_ok() {
            told.push(size);
        }
    }
    let all = told.len() == 9;
    (told, all)
}

#[test]
fn a_power_cut_loses_no_note_that_was_kept_and_leaves_no_half_of_another() {
    for (step, seed) in (1..).flat_map(|step| (0..8).map(move |seed| (step, seed))) {
        let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, seed * 7919 + step);
        let (told, all) = history(&disk);
        let disk = disk.reboot();
        let mut log = open(&disk).unwrap();
        let found = sizes(&log);
        assert!(found.starts_with(&told) && found.len() <= told.len() + 1, "{step}: {found:?}");
        log.append(note(99).note(), "2026-12").unwrap();
        assert_eq!(sizes(&open(&disk).unwrap()), [found, vec![99]].concat());
        if all {
            break;
        }
    }
}

#[test]
fn a_failed_write_or_sync_costs_its_own_note_only() {
    for step in 1.. {
        let faults = Faults { error_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, step);
        let (told, all) = history(&disk);
        if all {
            break;
        }
        let found = sizes(&open(&disk.reboot()).unwrap());
        assert!(told.iter().all(|size| found.contains(size)), "{step}: {told:?} {found:?}");
    }
}

/// The next process goes on in the file that it finds, whose name may not be durable.
#[test]
fn a_note_kept_after_a_failure_and_a_kill_survives_a_power_cut() {
    for (step, seed) in (1..=60).flat_map(|step| (0..8).map(move |seed| (step, seed))) {
        let faults = Faults { error_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, seed * 7919 + step);
        let (mut told, _) = history(&disk);
        let killed = disk.kill();
        open(&killed).unwrap().append(note(99).note(), "2026-09").unwrap();
        told.push(99);
        let found = sizes(&open(&killed.reboot()).unwrap());
        assert!(told.iter().all(|size| found.contains(size)), "{step}: {told:?} {found:?}");
    }
}

#[test]
fn the_month_never_goes_back_with_the_clock() {
    let disk = FaultyDisk::default();
    let mut log = open(&disk).unwrap();
    for (size, month) in [(1, "2026-11"), (2, "2026-10"), (3, "1970-01"), (4, "2026-12")] {
        log.append(note(size).note(), month).unwrap();
    }
    assert_eq!(log.names().unwrap(), ["2026-11.txt", "2026-12.txt"]);
    assert_eq!(sizes(&log), [1, 2, 3, 4]);
}

#[test]
fn the_newest_that_is_ours_is_found_whatever_lies_around_it() {
    let disk = FaultyDisk::default();
    let mut log = open(&disk).unwrap();
    assert!(log.newest(&keys(), &[]).unwrap().is_none());
    log.append(note(5).note(), "2026-10").unwrap();
    log.append(note(8).note(), "2026-10").unwrap();
    log.append(signed(90, &signer(2)).note(), "2026-11").unwrap();
    let found = log.newest(&keys(), &[]).unwrap().unwrap();
    assert_eq!((found.0, found.1), (Path::new(FOLDER).join("2026-10.txt"), note(8)));
    let path = Path::new(FOLDER).join("2026-10.txt");
    disk.tamper(&path, |bytes| bytes[60] ^= 1);
    assert_eq!(log.newest(&keys(), &[]).unwrap().unwrap().1, note(8));
    assert!(log.newest(&keys(), &[note(8)]).unwrap().is_none());
}

#[test]
fn what_does_not_read_in_the_middle_is_told_and_the_rest_is_read() {
    let disk = FaultyDisk::default();
    let mut log = open(&disk).unwrap();
    for size in 1..=3 {
        log.append(note(size).note(), "2026-10").unwrap();
    }
    let one = entry(note(1).note()).len();
    disk.tamper(&Path::new(FOLDER).join("2026-10.txt"), |bytes| bytes[one] = 0);
    let month = open(&disk).unwrap().months().unwrap().next().unwrap().unwrap();
    assert_eq!(month.unreadable, [one as u64]);
    assert_eq!(month.notes, [note(1), note(3)]);
}

#[test]
fn a_second_place_gets_what_it_lacks_and_keeps_what_it_has() {
    let (own, disk) = (FaultyDisk::default(), FaultyDisk::default());
    let (mut own, mut copy) = (open(&own).unwrap(), open(&disk).unwrap());
    copy.append(note(50).note(), "2026-10").unwrap();
    for size in 1..=4 {
        own.append(note(size).note(), if size < 3 { "2026-10" } else { "2026-11" }).unwrap();
    }
    assert_eq!(copy.catch_up(&own, "").unwrap(), "2026-11.txt");
    assert_eq!(copy.catch_up(&own, "2026-11.txt").unwrap(), "2026-11.txt");
    assert_eq!(sizes(&open(&disk).unwrap()), [50, 1, 2, 3, 4]);
    copy.append(note(5).note(), "2026-11").unwrap();
    assert_eq!(sizes(&open(&disk).unwrap()), [50, 1, 2, 3, 4, 5]);
}
