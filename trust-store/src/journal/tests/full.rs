//! A full disk: ordinary appends are refused cleanly, reserved ones still fit.

use super::*;
use crate::files::faulty::Faults;

const RESERVE: u64 = 4_000;

/// Larger than any payload of these tests.
const LARGE: usize = 500;

fn reserving() -> JournalOptions {
    options().reserve_bytes(RESERVE)
}

/// A journal on a disk that is full from now on.
fn on_full_disk() -> (FaultyDisk, FileJournal) {
    let disk = FaultyDisk::default();
    let files = Arc::new(disk.clone());
    let journal = FileJournal::create_on(files, folder(), clock(), &reserving()).unwrap();
    journal.append(payload(1)).wait().unwrap();
    disk.set_faults(Faults { capacity: Some(0), ..Faults::default() });
    (disk, journal)
}

/// Appends until one is refused; how many were not.
fn fill(journal: &FileJournal, append: impl Fn(Vec<u8>) -> super::super::Append) -> u64 {
    let before = journal.position().sequence;
    loop {
        let number = usize::try_from(journal.position().sequence).unwrap() + 1;
        match append(payload(number)).wait() {
            Ok(_) => {}
            Err(JournalError::DiskFull) => return journal.position().sequence - before,
            Err(other) => panic!("{other}"),
        }
    }
}

fn assert_whole(journal: &FileJournal) {
    let found = read_all(journal).unwrap();
    assert_eq!(payloads(&found), (1..=found.len()).map(payload).collect::<Vec<_>>());
    assert_eq!(journal.tree().1.size(), found.len() as u64);
    journal.check_sealed().unwrap();
}

#[test]
fn ordinary_appends_stop_and_go_on_by_themselves() {
    let (disk, journal) = on_full_disk();
    fill(&journal, |payload| journal.append(payload));
    assert!(matches!(journal.failure(), Some(JournalError::DiskFull)));
    let (before, used) = (disk.bytes(&segment_path(1)), disk.used());
    let refused = journal.append(vec![b'x'; LARGE]).wait();
    assert!(matches!(refused, Err(JournalError::DiskFull)));
    assert_eq!((disk.bytes(&segment_path(1)), disk.used()), (before, used));
    assert_whole(&journal);
    disk.set_faults(Faults::default());
    let next = usize::try_from(journal.position().sequence).unwrap() + 1;
    journal.append(payload(next)).wait().unwrap();
    assert!(journal.failure().is_none());
    assert_whole(&journal);
    drop(journal);
    assert_whole(&open(&disk).unwrap().0);
}

#[test]
fn what_is_essential_fits_in_the_reserve_even_after_the_process_was_killed() {
    for restart in [false, true] {
        let (mut disk, mut journal) = on_full_disk();
        fill(&journal, |payload| journal.append(payload));
        if restart {
            drop(journal);
            disk = disk.kill();
            journal = open_with(&disk, &reserving()).unwrap().0;
            let used = disk.used();
            disk.set_faults(Faults { capacity: Some(used), ..Faults::default() });
            let refused = journal.append(vec![b'x'; LARGE]).wait();
            assert!(matches!(refused, Err(JournalError::DiskFull)), "{refused:?}");
        }
        let before = disk.bytes(&segment_path(1)).len() as u64;
        let fitted = fill(&journal, |payload| journal.append_reserved(payload));
        let segments = super::super::reader::segments(&disk, folder()).unwrap();
        assert_eq!(segments, [1], "beyond the cap, in the one segment there is");
        let after = disk.bytes(&segment_path(1)).len() as u64;
        assert!(
            fitted > 5 && after - before > RESERVE - LARGE as u64,
            "{fitted}: {before} {after}"
        );
        assert_whole(&journal);
        disk.set_faults(Faults::default());
        let next = usize::try_from(journal.position().sequence).unwrap() + 1;
        journal.append(payload(next)).wait().unwrap();
        assert_eq!(journal.sealed_segments().len(), 1);
        assert_whole(&journal);
    }
}

#[test]
fn every_capacity_leaves_a_whole_journal() {
    for capacity in (0..40_000).step_by(487) {
        let disk = FaultyDisk::default();
        let journal = {
            let files = Arc::new(disk.clone());
            FileJournal::create_on(files, folder(), clock(), &reserving()).unwrap()
        };
        disk.set_faults(Faults { capacity: Some(capacity), ..Faults::default() });
        for number in 1..=60 {
            let refused = journal.append(payload(number)).wait().err();
            if let Some(error) = refused {
                assert!(matches!(error, JournalError::DiskFull), "{capacity}: {error}");
                break;
            }
        }
        assert_whole(&journal);
        drop(journal);
        disk.set_faults(Faults::default());
        assert_whole(&open_with(&disk.kill(), &reserving()).unwrap().0);
    }
}

#[test]
fn a_segment_that_could_not_be_listed_is_listed_when_there_is_room() {
    let disk = FaultyDisk::default();
    disk.set_faults(Faults { capacity: Some(5_000), ..Faults::default() });
    let files = Arc::new(disk.clone());
    let bare = options().reserve_bytes(0);
    let journal = FileJournal::create_on(files, folder(), clock(), &bare).unwrap();
    for number in 1..=3 {
        journal.append(payload(number)).wait().unwrap();
    }
    // Room for the next segment's header, and none for the leaves of this one.
    let room = disk.used() + segment::HEADER_LEN as u64;
    disk.set_faults(Faults { capacity: Some(room), ..Faults::default() });
    assert_eq!(journal.seal().unwrap(), None);
    assert_eq!(super::super::reader::segments(&disk, folder()).unwrap(), [1, 4]);
    assert_whole(&journal);
    assert_eq!(journal.leaf_hashes(0..3).unwrap().len(), 3);
    drop(open_with(&disk.kill(), &bare).unwrap());
    disk.set_faults(Faults::default());
    journal.append(payload(4)).wait().unwrap();
    journal.seal().unwrap();
    let lasts: Vec<_> = journal.sealed_segments().iter().map(|entry| entry.last).collect();
    assert_eq!(lasts, [3, 4]);
    assert_eq!(journal.leaf_hashes(0..4).unwrap().len(), 4);
    assert_whole(&journal);
}
