//! The power goes at every write boundary of moving segments away and back: at
//! every moment each segment is in the journal, or in the archive and whole.

use std::path::PathBuf;

use super::super::{Journal, SealedSegment, leaf_hash};
use super::*;
use crate::archive;
use crate::files::faulty::{Faults, Syncs};

const SEEDS: u64 = 6;

fn away() -> PathBuf {
    PathBuf::from("/away")
}

/// Moves three segments away, and one of them back.
fn history(disk: &FaultyDisk) -> Result<(), JournalError> {
    let (journal, _) = open(disk)?;
    for entry in &journal.sealed_segments()[..3] {
        archive::store(disk, folder(), entry, &away())?;
        journal.release(entry.first)?;
    }
    let second = journal.sealed_segments()[1].file_name();
    journal.adopt(&away().join(second)).map(drop)
}

fn assert_nothing_lost(disk: &FaultyDisk, whole: &[SealedSegment], records: &[Record], told: &str) {
    let (journal, _) = open(disk).unwrap_or_else(|error| panic!("{told}: {error}"));
    let leaves: Vec<_> = records.iter().map(|record| leaf_hash(PROFILE, record.frame())).collect();
    assert_eq!(journal.leaf_hashes(0..leaves.len() as u64).unwrap(), leaves, "{told}");
    journal.check_sealed().unwrap_or_else(|error| panic!("{told}: {error}"));
    for entry in journal.sealed_segments() {
        let there = entry.archived && archive::holds(disk, &away(), &entry).unwrap();
        assert!(!entry.archived || there, "{told}: {} is nowhere", entry.file_name());
        if there {
            journal.adopt(&away().join(entry.file_name())).unwrap();
        }
    }
    assert_eq!(journal.sealed_segments(), whole, "{told}");
    assert_eq!(read_all(&journal).unwrap(), records, "{told}");
}

#[test]
fn no_cut_loses_a_segment_that_is_moved() {
    let start = closed_journal(30);
    let (journal, _) = open(&start).unwrap();
    let (whole, records) = (journal.sealed_segments(), read_all(&journal).unwrap());
    drop(journal);
    let mut points = 0;
    for step in 1.. {
        for seed in 0..SEEDS {
            let disk = start.kill();
            disk.set_seed(seed * 7919 + step);
            disk.set_faults(Faults { power_cut_at: Some(step), ..Faults::default() });
            let outcome = history(&disk);
            if !disk.has_struck() {
                outcome.unwrap();
                assert!(points >= 300, "{points} crash points");
                return;
            }
            let told = format!("cut {step}, seed {seed}");
            assert_nothing_lost(&disk.reboot(), &whole, &records, &told);
            assert_nothing_lost(&disk.kill(), &whole, &records, &format!("killed: {told}"));
            points += 2;
        }
    }
}

#[test]
fn a_failing_operation_loses_no_segment_either() {
    let start = closed_journal(30);
    let (journal, _) = open(&start).unwrap();
    let (whole, records) = (journal.sealed_segments(), read_all(&journal).unwrap());
    drop(journal);
    for step in 1.. {
        let disk = start.kill();
        disk.set_faults(Faults { error_at: Some(step), ..Faults::default() });
        let outcome = history(&disk);
        if !disk.has_struck() {
            break;
        }
        assert!(outcome.is_err(), "step {step} failed and nobody was told");
        let told = format!("error in {step}");
        disk.set_faults(Faults::default());
        assert_nothing_lost(&disk.reboot(), &whole, &records, &told);
        assert_nothing_lost(&disk.kill(), &whole, &records, &told);
    }
}

/// The manifest says that it is archived, and its file is still here.
#[test]
fn a_segment_that_could_not_be_removed_is_removed_by_the_next_attempt() {
    let disk = closed_journal(30);
    let (journal, _) = open(&disk).unwrap();
    let entry = journal.sealed_segments()[0].clone();
    archive::store(&disk, folder(), &entry, &away()).unwrap();
    for step in 1.. {
        disk.set_faults(Faults { error_at: Some(step), ..Faults::default() });
        let released = journal.release(entry.first);
        let is_here = disk.has(&segment_path(entry.first));
        assert!(released.is_err() || !is_here, "step {step}: it is told to be gone");
        if released.is_ok() {
            break;
        }
    }
}

/// The disk lies about every sync of the archiving: what opens is still true.
#[test]
fn a_lying_disk_shows_its_loss() {
    let start = closed_journal(30);
    let (whole, records) = {
        let (journal, _) = open(&start).unwrap();
        (journal.sealed_segments(), read_all(&journal).unwrap())
    };
    for seed in 0..100 {
        let disk = start.kill();
        disk.set_seed(seed);
        disk.set_faults(Faults { syncs: Syncs::Lying, ..Faults::default() });
        history(&disk).unwrap();
        let after = disk.reboot();
        let Ok((journal, _)) = open(&after) else { continue };
        for (found, entry) in journal.sealed_segments().iter().zip(&whole) {
            assert_eq!(found.root, entry.root);
        }
        for record in journal.read_from(whole[3].first).unwrap().map_while(Result::ok) {
            assert_eq!(&record, &records[usize::try_from(record.sequence()).unwrap() - 1]);
        }
    }
}
