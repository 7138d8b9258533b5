//! Rows in blocks, through sled: splitting, emptying, scanning across borders,
//! and what a killed or powered-off machine leaves.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use proptest::prelude::*;

use super::super::{Index, MARK_KEY, Row};
use super::{Opened, ReadRows, Rows, clean, files, fill, options};

type Model = BTreeMap<Vec<u8>, Vec<u8>>;

/// How many blocks there are: what is in sled but for the index's own row.
fn blocks(index: &Index) -> usize {
    index.db.len() - 1
}

fn key(number: u32) -> Vec<u8> {
    format!("row/{number:06}").into_bytes()
}

fn delete(index: &Index, numbers: impl Iterator<Item = u32>, applied: u64) {
    let mut overlay = index.overlay();
    numbers.for_each(|number| overlay.delete(&key(number)).unwrap());
    overlay.commit(applied).unwrap();
}

#[test]
fn scans_cross_the_borders_of_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 300);
    assert!(blocks(&index) > 10, "{}", blocks(&index));
    let all = index.scan_prefix(b"row/", usize::MAX).unwrap();
    let keys: Vec<Vec<u8>> = all.iter().map(|(key, _)| key.clone()).collect();
    assert_eq!(keys, (1..=300).map(key).collect::<Vec<_>>());
    for (at, (after, _)) in all.iter().enumerate() {
        for limit in [1, 2, 40] {
            let rest: Vec<Row> = all[at + 1..].iter().take(limit).cloned().collect();
            assert_eq!(index.scan(b"row/", Some(after), limit).unwrap(), rest);
        }
        assert!(index.get(after).unwrap().is_some());
        assert_eq!(index.get(&[after, &b"a"[..]].concat()).unwrap(), None);
    }
    assert_eq!(index.scan_prefix(b"row/00029", 99).unwrap().len(), 10);
    assert_eq!(index.scan_prefix(b"rov", 99).unwrap(), []);
    assert_eq!(index.scan_prefix(b"row0", 99).unwrap(), []);
}

#[test]
fn emptied_blocks_go_and_their_keys_can_be_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 300);
    let many = blocks(&index);
    delete(&index, 100..=200, 301);
    assert!(blocks(&index) < many);
    assert_eq!(index.scan_prefix(b"row/", 999).unwrap().len(), 199);
    delete(&index, 1..=300, 302);
    // The first block stays, so that every key has one to be in.
    assert_eq!((blocks(&index), index.fingerprint()), (1, (0, [0; 32])));
    let mut overlay = index.overlay();
    overlay.put(&key(150), b"again").unwrap();
    overlay.commit(303).unwrap();
    let before = index.fingerprint();
    index.flush().unwrap();
    drop(index);
    let index = clean(folder.path());
    assert_eq!((index.applied(), index.fingerprint()), (303, before));
    assert_eq!(index.scan_prefix(b"", 9).unwrap(), [(key(150), b"again".to_vec())]);
}

#[test]
fn a_row_larger_than_a_block_has_one_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 30);
    let large = vec![9; 100_000];
    let mut overlay = index.overlay();
    overlay.put(&key(7), &large).unwrap();
    overlay.put(&key(15), &large).unwrap();
    overlay.commit(31).unwrap();
    let before = index.fingerprint();
    index.flush().unwrap();
    drop(index);
    let index = clean(folder.path());
    assert_eq!(index.fingerprint(), before);
    assert_eq!(index.get(&key(7)).unwrap(), Some(large.clone()));
    assert_eq!(index.scan_prefix(b"row/", 99).unwrap().len(), 30);
    assert_eq!(index.get(&key(15)).unwrap(), Some(large));
}

/// Rows come and go around those that stay, blocks split and go: a reader sees
/// each that stays once, and in its place.
#[test]
fn rows_that_stay_are_seen_while_blocks_split_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    let mut overlay = index.overlay();
    (0..400).step_by(10).for_each(|number| overlay.put(&key(number), &[1; 50]).unwrap());
    overlay.commit(1).unwrap();
    let staying: Vec<Vec<u8>> = (0..400).step_by(10).map(key).collect();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut scans = 0;
            while !is_over.load(Ordering::Relaxed) {
                let rows = index.scan_prefix(b"row/", usize::MAX).unwrap();
                assert!(rows.is_sorted_by(|one, next| one.0 < next.0));
                let seen = rows.into_iter().filter(|(_, value)| value == &[1; 50]);
                assert_eq!(seen.map(|(key, _)| key).collect::<Vec<_>>(), staying);
                scans += 1;
            }
            scans
        });
        for round in 0..60 {
            let mut overlay = index.overlay();
            for number in (0..400).filter(|number| number % 10 != 0) {
                if round % 2 == 0 {
                    overlay.put(&key(number), &[2; 300]).unwrap();
                } else {
                    overlay.delete(&key(number)).unwrap();
                }
            }
            overlay.commit(round + 2).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
}

#[test]
fn an_index_of_another_layout_is_damaged_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 10);
    let mut mark = index.db.get(MARK_KEY).unwrap().unwrap().to_vec();
    mark[0] = 1;
    index.db.insert(MARK_KEY, mark).unwrap();
    index.flush().unwrap();
    drop(index);
    let Opened::Damaged { why } = Index::open(folder.path(), &options()).unwrap() else {
        panic!("opened clean");
    };
    assert_eq!(why, "its layout is version 1, this program's 3");
}

#[test]
fn an_index_with_other_segments_is_damaged_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    drop(sled::open(folder.path()).unwrap());
    let Opened::Damaged { why } = Index::open(folder.path(), &options()).unwrap() else {
        panic!("opened clean");
    };
    assert_eq!(why, "it was made by another version");
}

#[derive(Debug, Clone)]
enum Step {
    /// Puts or deletes rows, and commits.
    Commit(Vec<(u8, Option<u16>)>),
    /// Closes it and opens it again.
    Reopen,
    /// Opens what would be there had the process been killed now.
    Kill,
    /// As `Kill`, and a sector in so many thousandths of the file was not written.
    Tear(usize),
    /// As `Kill`, and the file ends there.
    Truncate(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let row = (any::<u8>(), prop::option::weighted(0.6, 0_u16..700));
    prop_oneof![
        8 => prop::collection::vec(row, 1..40).prop_map(Step::Commit),
        1 => Just(Step::Reopen),
        1 => Just(Step::Kill),
        1 => (0..1000_usize).prop_map(Step::Tear),
        1 => (0..1000_usize).prop_map(Step::Truncate),
    ]
}

/// Commits, and keeps what the rows are from then on.
fn commit(index: &Index, rows: Vec<(u8, Option<u16>)>, history: &mut Vec<Model>) {
    let mut model = history.last().unwrap().clone();
    let mut overlay = index.overlay();
    for (number, len) in rows {
        let key = key(number.into());
        if let Some(len) = len {
            let value = vec![number ^ 0x5a; len.into()];
            overlay.put(&key, &value).unwrap();
            model.insert(key, value);
        } else {
            overlay.delete(&key).unwrap();
            model.remove(&key);
        }
    }
    overlay.commit(history.len() as u64).unwrap();
    history.push(model);
}

/// The files as a kill leaves them: what was handed to the operating system.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn tear(folder: &Path, share: usize) {
    const SECTOR: usize = 512;
    let file = files(folder).remove(0);
    let mut bytes = fs::read(&file).unwrap();
    let written = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0);
    let from = written * share / 1000 / SECTOR * SECTOR;
    let upto = (from + SECTOR).min(bytes.len());
    bytes[from..upto].fill(0);
    fs::write(&file, bytes).unwrap();
}

fn truncate(folder: &Path, share: usize) {
    let file = files(folder).remove(0);
    let written = fs::read(&file).unwrap().iter().rposition(|byte| *byte != 0).unwrap_or(0);
    let file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.set_len((written * share / 1000) as u64).unwrap();
}

/// Opens a copy: clean means exactly the rows after some commit.
fn assert_as_once(folder: &Path, history: &[Model]) -> bool {
    let Opened::Clean(index) = Index::open(folder, &options()).unwrap() else { return false };
    let model = &history[usize::try_from(index.applied()).unwrap()];
    let rows: Model = index.scan_prefix(b"", usize::MAX).unwrap().into_iter().collect();
    assert_eq!(&rows, model, "applied {}", index.applied());
    assert_eq!(index.fingerprint().0, model.len() as u64);
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn rows_are_those_of_some_commit_whatever_stopped_the_machine(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("state");
        let mut index = Some(clean(&home));
        let mut history = vec![Model::new()];
        for (at, step) in steps.into_iter().enumerate() {
            let left = folder.path().join(format!("left-{at}"));
            let open = index.as_ref().unwrap();
            if let Step::Commit(rows) = step {
                commit(open, rows, &mut history);
                let rows: Model = open.scan_prefix(b"", 999).unwrap().into_iter().collect();
                prop_assert_eq!(&rows, history.last().unwrap());
                continue;
            }
            open.flush().unwrap();
            if matches!(step, Step::Reopen) {
                let before = open.stands_at();
                drop(index.take());
                prop_assert_eq!(index.insert(clean(&home)).stands_at(), before);
                continue;
            }
            copy(&home, &left);
            match step {
                Step::Tear(share) => tear(&left, share),
                Step::Truncate(share) => truncate(&left, share),
                _ => {}
            }
            let is_whole = assert_as_once(&left, &history);
            prop_assert!(is_whole || !matches!(step, Step::Kill));
        }
    }
}
