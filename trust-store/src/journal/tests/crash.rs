//! The power goes at every write boundary of a scripted history.
//!
//! After each cut the recovered journal holds every acknowledged record, and
//! behind them nothing but records that were offered, in their order; and it can
//! be gone on with.

use super::super::queue::{Need, Shared, Waiting, Work};
use super::super::recovery::recover;
use super::super::sealed::SealedSegments;
use super::super::writer::Writer;
use super::super::{Append, MerkleTree, leaf_hash};
use super::*;
use crate::files::faulty::{Faults, Syncs};

/// How many records are offered together: each is one batch or, where a segment
/// ends within, two.
const BATCHES: [usize; 14] = [1, 3, 1, 5, 2, 8, 1, 1, 4, 1, 6, 2, 1, 3];

/// Different fates of the unsynced sectors for each cut.
const SEEDS: u64 = 12;

/// Creates a journal and offers the history, on this thread so that each run
/// takes the same steps. Returns how many records were acknowledged.
fn history(disk: &FaultyDisk) -> Result<usize, (usize, JournalError)> {
    drop(create(disk).map_err(|error| (0, error))?);
    let mut writer = writer(disk).map_err(|error| (0, error))?;
    let (mut offered, mut acknowledged) = (0, 0);
    for count in BATCHES {
        let mut answers = Vec::new();
        let mut waiting = Vec::new();
        for number in offered + 1..=offered + count {
            let (answer, append) = Append::waiting();
            let (payload, flags, need) = (payload(number), 0, Need::Ordinary);
            waiting.push(Waiting::Record { payload, flags, need, answer });
            answers.push(append);
        }
        offered += count;
        let outcome = writer.step(Work::Write(waiting));
        if outcome.is_err() {
            writer.end(outcome.clone().err());
        }
        acknowledged += answers.into_iter().filter_map(|append| append.wait().ok()).count();
        outcome.map_err(|error| (acknowledged, error))?;
        if count == 8 {
            writer.step(Work::Quiet).map_err(|error| (acknowledged, error))?;
        }
    }
    Ok(acknowledged)
}

/// How many frames are taken over together, each from a write of its own.
const CHUNKS: [usize; 8] = [5, 1, 1, 12, 1, 9, 2, 8];

/// Creates a journal and takes over another's frames. Returns how many records
/// were acknowledged.
fn copied_history(disk: &FaultyDisk, records: &[Record]) -> Result<usize, (usize, JournalError)> {
    drop(create(disk).map_err(|error| (0, error))?);
    let mut writer = writer(disk).map_err(|error| (0, error))?;
    let mut acknowledged = 0;
    for count in CHUNKS {
        let chunk = &records[acknowledged..acknowledged + count];
        let bytes = chunk.iter().flat_map(Record::frame).copied().collect();
        let (answer, append) = Append::waiting();
        let outcome = writer.step(Work::Write(vec![Waiting::Frames { bytes, answer }]));
        if outcome.is_err() {
            writer.end(outcome.clone().err());
        }
        let is_acknowledged = append.wait().is_ok();
        acknowledged += if is_acknowledged { count } else { 0 };
        outcome.map_err(|error| (acknowledged, error))?;
        assert!(is_acknowledged);
    }
    Ok(acknowledged)
}

fn writer(disk: &FaultyDisk) -> Result<Writer, JournalError> {
    let files: Arc<dyn crate::files::FileLayer> = Arc::new(disk.clone());
    let mut recovered = recover(&files, folder(), &options())?;
    let shared = Arc::new(Shared::starting(&mut recovered, usize::MAX));
    let sealed = Arc::new(SealedSegments::new(files.clone(), folder(), Vec::new()));
    Ok(Writer::new(shared, sealed, (files, folder()), clock(), &options(), recovered))
}

fn acknowledged(outcome: &Result<usize, (usize, JournalError)>) -> usize {
    match outcome {
        Ok(acknowledged) | Err((acknowledged, _)) => *acknowledged,
    }
}

/// Opens what is left and checks it against what was acknowledged and offered.
fn assert_recovers(disk: &FaultyDisk, acknowledged: usize, told: &str) {
    let opened = match open(disk) {
        Err(JournalError::Missing { .. }) if acknowledged == 0 => create(disk),
        opened => opened.map(|(journal, _)| journal),
    };
    let journal = opened.unwrap_or_else(|error| panic!("{told}: {error}"));
    let found = read_all(&journal).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert!(found.len() >= acknowledged, "{told}: {} of {acknowledged} are left", found.len());
    let offered: Vec<_> = (1..=found.len()).map(payload).collect();
    assert_eq!(payloads(&found), offered, "{told}");
    assert_agrees(&journal, &found, told);
    let next = journal.append(b"afterwards".to_vec()).wait().unwrap().sequence;
    assert_eq!(next, found.len() as u64 + 1, "{told}");
    drop(journal);
    let (journal, report) = open(disk).unwrap_or_else(|error| panic!("{told}: {error}"));
    assert_eq!((report.position.sequence, report.torn), (next, None), "{told}");
    let found = read_all(&journal).unwrap();
    assert_eq!(found.len() as u64, next, "{told}");
    assert_agrees(&journal, &found, told);
}

/// The tree, the manifest and the leaves are those of the records.
fn assert_agrees(journal: &FileJournal, records: &[Record], told: &str) {
    let mut tree = MerkleTree::default();
    let leaves: Vec<_> = records.iter().map(|record| leaf_hash(PROFILE, record.frame())).collect();
    for leaf in &leaves {
        tree.push(*leaf);
    }
    assert_eq!(journal.tree(), (journal.position(), tree), "{told}");
    assert_eq!(journal.leaf_hashes(0..leaves.len() as u64).unwrap(), leaves, "{told}");
    journal.check_sealed().unwrap_or_else(|error| panic!("{told}: {error}"));
}

#[test]
fn nothing_acknowledged_is_lost_at_any_cut() {
    let points = cut_everywhere(SEEDS, history);
    println!("{points} crash points");
    assert!(points >= 1_000, "{points} crash points");
}

#[test]
fn a_standby_that_is_cut_off_keeps_what_it_acknowledged_and_takes_nothing_for_damage() {
    let records = read_all(&open(&closed_journal(39)).unwrap().0).unwrap();
    let points = cut_everywhere(SEEDS, |disk| copied_history(disk, &records));
    println!("{points} crash points");
    assert!(points >= 500, "{points} crash points");
}

/// Cuts the power in every step of a history, with several fates each.
fn cut_everywhere(
    seeds: u64,
    history: impl Fn(&FaultyDisk) -> Result<usize, (usize, JournalError)>,
) -> usize {
    let mut points = 0;
    for step in 1.. {
        let mut struck = false;
        for seed in 0..seeds {
            let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
            let disk = FaultyDisk::new(faults, seed * 7919 + step);
            let outcome = history(&disk);
            struck = disk.has_struck();
            if !struck {
                break;
            }
            assert_recovers(
                &disk.reboot(),
                acknowledged(&outcome),
                &format!("cut {step}, seed {seed}"),
            );
            points += 1;
        }
        if !struck {
            break;
        }
        let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, step);
        let outcome = history(&disk);
        assert_recovers(&disk.kill(), acknowledged(&outcome), &format!("killed in step {step}"));
        points += 1;
    }
    points
}

#[test]
fn a_second_cut_while_recovering_loses_nothing_either() {
    for step in (5..).step_by(7) {
        let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
        let disk = FaultyDisk::new(faults, step);
        let outcome = history(&disk);
        if !disk.has_struck() {
            break;
        }
        for second in 1.. {
            let again = disk.reboot();
            again.set_faults(Faults { power_cut_at: Some(second), ..Faults::default() });
            drop(open(&again));
            let told = format!("cut {step}, then {second} while recovering");
            assert_recovers(&again.reboot(), acknowledged(&outcome), &told);
            if !again.has_struck() {
                break;
            }
        }
    }
}

#[test]
fn a_failing_operation_stops_and_loses_nothing() {
    for step in 1.. {
        let disk = FaultyDisk::new(Faults { error_at: Some(step), ..Faults::default() }, step);
        let outcome = history(&disk);
        if !disk.has_struck() {
            assert_eq!(acknowledged(&outcome), BATCHES.iter().sum::<usize>());
            break;
        }
        assert!(outcome.is_err(), "step {step} failed and nobody was told");
        assert_recovers(
            &disk.reboot(),
            acknowledged(&outcome),
            &format!("error in {step}, power cut"),
        );
        assert_recovers(&disk.kill(), acknowledged(&outcome), &format!("error in {step}, killed"));
    }
}

/// A killed process's last batch is in the kernel's memory. Opening takes it for
/// recorded, so it must be on the disk before anybody hears of it.
#[test]
fn what_opening_found_survives_a_power_cut() {
    for seed in 0..20 {
        let disk = FaultyDisk::new(Faults::default(), seed);
        let journal = create(&disk).unwrap();
        journal.append(payload(1)).wait().unwrap();
        disk.set_faults(Faults { error_at: Some(2), ..Faults::default() });
        journal.append(payload(2)).wait().unwrap_err();
        drop(journal);
        let disk = disk.kill();
        let found = open(&disk).unwrap().1.position;
        assert_eq!(found.sequence, 2);
        assert_eq!(open(&disk.reboot()).unwrap().1.position, found);
    }
}

/// Nothing can be promised on a disk that lies; but what opens is true, or it is
/// refused, and a loss that the disk itself gives away is not silent.
#[test]
fn a_lying_disk_never_yields_a_record_that_was_not_offered() {
    let (mut opened, mut refused) = (0, 0);
    for seed in 0..400 {
        let faults =
            Faults { power_cut_at: Some(20 + seed % 80), syncs: Syncs::Lying, ..Faults::default() };
        let disk = FaultyDisk::new(faults, seed);
        let _ = history(&disk);
        let after = disk.reboot();
        match open(&after) {
            Err(_) => refused += 1,
            Ok((journal, _)) => {
                opened += 1;
                if let Ok(found) = read_all(&journal) {
                    assert_eq!(
                        payloads(&found),
                        (1..=found.len()).map(payload).collect::<Vec<_>>()
                    );
                }
            }
        }
    }
    assert!(opened > 0 && refused > 0, "{opened} opened, {refused} refused");
}
