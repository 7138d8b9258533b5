//! A scan gives the rows of one moment, whatever is committed meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::index::ScanError;
use crate::index::scan::Scan;

/// How many different keys the writer changes.
const KEYS: u64 = 6_000;

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// What commit number `number` changes: drawn from the number alone, so that it
/// can be played again elsewhere.
fn change(number: u64, rows: &mut dyn Rows) {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..4 {
        let key = format!("row/{:06}", random(&mut state) % KEYS);
        if random(&mut state).is_multiple_of(3) {
            rows.delete(key.as_bytes()).unwrap();
        } else {
            rows.put(key.as_bytes(), &random(&mut state).to_be_bytes()).unwrap();
        }
    }
}

fn commit(index: &Index, number: u64) {
    let mut overlay = index.overlay();
    change(number, &mut overlay);
    overlay.commit(number).unwrap();
}

fn replayed(upto: u64) -> MemoryRows {
    let mut rows = MemoryRows::default();
    (1..=upto).for_each(|number| change(number, &mut rows));
    rows
}

#[test]
fn a_scan_gives_one_moment_while_a_writer_hammers() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    (1..=4_000).for_each(|number| commit(&index, number));
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut number = 4_001;
            while !stop.load(Ordering::Relaxed) {
                commit(&index, number);
                number += 1;
            }
            number
        });
        for _ in 0..8 {
            let mut scan = index.scan_all().unwrap();
            let expected = replayed(scan.applied());
            let mut given = MemoryRows::default();
            loop {
                // The writer shall come between any two pages.
                let before = index.applied();
                while index.applied() < before + 20 {
                    std::thread::yield_now();
                }
                let page = scan.next_page().unwrap();
                if page.is_empty() {
                    break;
                }
                for (key, value) in page {
                    given.put(&key, &value).unwrap();
                }
            }
            assert!(given == expected, "not the rows of record {}", scan.applied());
            assert_eq!((scan.rows(), scan.hash()), expected.fingerprint());
        }
        stop.store(true, Ordering::Relaxed);
        assert!(writer.join().unwrap() > 4_100, "the writer came to nothing");
    });
}

#[test]
fn a_scan_is_given_up_when_commits_outrun_it_and_they_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 100);
    let mut scan = Scan::begin(&index, 1_000).unwrap();
    assert!(matches!(index.scan_all(), Err(ScanError::UnderWay)));
    (101..=150).for_each(|number| commit(&index, number));
    assert!(matches!(scan.next_page(), Err(ScanError::Outrun)));
    drop(scan);
    assert_eq!(index.applied(), 150);
    let mut scan = index.scan_all().unwrap();
    assert!(!scan.next_page().unwrap().is_empty());
}

#[test]
fn a_row_asked_for_is_that_of_the_scans_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 3);
    let scan = index.scan_all().unwrap();
    let mut overlay = index.overlay();
    overlay.put(b"row/000002", b"new").unwrap();
    overlay.put(b"row/000009", b"new").unwrap();
    overlay.commit(4).unwrap();
    assert_eq!(scan.get(b"row/000002").unwrap().unwrap(), [7; 100]);
    assert_eq!(scan.get(b"row/000009").unwrap(), None);
    assert_eq!(scan.applied(), 3);
}

#[test]
fn rows_that_are_not_what_the_index_says_fail_the_scan() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 10);
    forge(&index);
    let mut scan = index.scan_all().unwrap();
    assert!(matches!(scan.next_page(), Ok(page) if page.len() == 10));
    assert!(matches!(scan.next_page(), Err(ScanError::Index(_))));
}
