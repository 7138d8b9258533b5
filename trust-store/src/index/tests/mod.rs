mod blocks;
mod scan;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::super::{Index, IndexError, IndexOptions, MemoryRows, Opened, ReadRows, Rows};

fn options() -> IndexOptions {
    IndexOptions { cache_bytes: 16 << 20, flush_every_millis: 60_000 }
}

fn clean(folder: &Path) -> Index {
    match Index::open(folder, &options()).unwrap() {
        Opened::Clean(index) => index,
        Opened::Damaged { why } => panic!("{why}"),
    }
}

fn fill(index: &Index, rows: u32) {
    for n in 1..=rows {
        let mut overlay = index.overlay();
        overlay.put(format!("row/{n:06}").as_bytes(), &[7; 100]).unwrap();
        overlay.commit(u64::from(n)).unwrap();
    }
    index.flush().unwrap();
}

#[test]
fn an_absent_index_opens_empty_and_a_kept_one_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let index = clean(&path);
    assert_eq!(index.applied(), 0);
    fill(&index, 50);
    let before = index.fingerprint();
    index.flush().unwrap();
    drop(index);
    let index = clean(&path);
    assert_eq!((index.applied(), index.fingerprint()), (50, before));
}

#[test]
fn the_overlay_reads_its_own_writes_and_hides_them_until_committed() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 5);
    let mut overlay = index.overlay();
    overlay.delete(b"row/000002").unwrap();
    overlay.put(b"row/000003", b"new").unwrap();
    overlay.put(b"row/000001a", b"between").unwrap();
    let keys = |rows: Vec<(Vec<u8>, Vec<u8>)>| -> Vec<String> {
        rows.into_iter().map(|(key, _)| String::from_utf8(key).unwrap()).collect()
    };
    let seen = keys(overlay.scan_prefix(b"row/", 3).unwrap());
    assert_eq!(seen, ["row/000001", "row/000001a", "row/000003"]);
    let after = keys(overlay.scan(b"row/", Some(b"row/000003"), 9).unwrap());
    assert_eq!(after, ["row/000004", "row/000005"]);
    assert_eq!(overlay.get(b"row/000003").unwrap().unwrap(), b"new");
    assert!(index.get(b"row/000002").unwrap().is_some());
    overlay.commit(6).unwrap();
    assert!(index.get(b"row/000002").unwrap().is_none());
    assert_eq!(index.fingerprint().0, 5);
}

#[test]
fn reserved_keys_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    let mut overlay = index.overlay();
    for key in [&b""[..], b"\0mark"] {
        assert!(matches!(overlay.put(key, b"x"), Err(IndexError::ReservedKey(_))));
    }
    assert!(MemoryRows::default().put(b"", b"x").is_err());
}

/// sled's files that hold rows, biggest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().len()));
    files
}

/// After damage the index either is what it was at some applied sequence (whole,
/// so that the journal's tail completes it) or says that it is damaged.
fn assert_whole_or_damaged(folder: &Path) {
    if let Opened::Clean(index) = Index::open(folder, &options()).unwrap() {
        let rows = index.scan_prefix(b"row/", 10_000).unwrap();
        assert_eq!(rows.len() as u64, index.applied());
        assert!(rows.iter().all(|(_, value)| value == &[7; 100]));
        return;
    }
    let index = Index::reset(folder, &options()).unwrap();
    fill(&index, 10);
    assert_eq!(index.applied(), 10);
}

#[test]
fn truncated_files_are_noticed() {
    for share in [0, 1, 2, 3, 5, 8] {
        let folder = tempfile::tempdir().unwrap();
        let index = clean(folder.path());
        fill(&index, 300);
        drop(index);
        let file = files(folder.path()).remove(0);
        let len = fs::metadata(&file).unwrap().len();
        fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(len * share / 9).unwrap();
        assert_whole_or_damaged(folder.path());
    }
}

#[test]
fn flipped_bytes_are_noticed() {
    for place in 0..24 {
        let folder = tempfile::tempdir().unwrap();
        let index = clean(folder.path());
        fill(&index, 300);
        drop(index);
        let file = files(folder.path()).remove(0);
        let mut bytes = fs::read(&file).unwrap();
        // sled preallocates: flip where something is written.
        let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        let at = written[written.len() * place / 24];
        bytes[at] ^= 0x20;
        fs::write(&file, bytes).unwrap();
        assert_whole_or_damaged(folder.path());
    }
}

/// Changes a row so that everything about its block is in order.
fn forge(index: &Index) {
    let (key, bytes) = index.block_of(b"row/000003").unwrap();
    let change = vec![(b"row/000003".to_vec(), Some(b"forged".to_vec()))];
    let block = super::blocks::edit(&key, &bytes, change).unwrap().remove(0);
    index.db.insert(block.key, block.bytes).unwrap();
}

#[test]
fn a_row_changed_behind_the_index_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let index = clean(folder.path());
    fill(&index, 10);
    forge(&index);
    index.flush().unwrap();
    drop(index);
    let Opened::Damaged { why } = Index::open(folder.path(), &options()).unwrap() else {
        panic!("opened clean");
    };
    assert!(why.contains("not those that were written"), "{why}");
}

#[test]
fn a_deleted_folder_is_an_empty_index() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let index = clean(&path);
    fill(&index, 10);
    index.flush().unwrap();
    drop(index);
    fs::remove_dir_all(&path).unwrap();
    assert_eq!(clean(&path).applied(), 0);
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, u8),
    Delete(u8),
    Commit,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..20_u8, any::<u8>()).prop_map(|(key, value)| Step::Put(key, value)),
        2 => (0..20_u8).prop_map(Step::Delete),
        1 => Just(Step::Commit),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_overlay_behaves_as_memory_does(steps in proptest::collection::vec(step(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let index = clean(folder.path());
        let mut memory = MemoryRows::default();
        let mut overlay = index.overlay();
        let mut applied = 0;
        for step in steps {
            match step {
                Step::Put(key, value) => {
                    overlay.put(&[b'k', key], &[value]).unwrap();
                    memory.put(&[b'k', key], &[value]).unwrap();
                }
                Step::Delete(key) => {
                    overlay.delete(&[b'k', key]).unwrap();
                    memory.delete(&[b'k', key]).unwrap();
                }
                Step::Commit => {
                    applied += 1;
                    overlay.commit(applied).unwrap();
                    overlay = index.overlay();
                }
            }
            for limit in [1, 3, 100] {
                prop_assert_eq!(
                    overlay.scan_prefix(b"k", limit).unwrap(),
                    memory.scan_prefix(b"k", limit).unwrap()
                );
                prop_assert_eq!(
                    overlay.scan(b"k", Some(b"k\x07"), limit).unwrap(),
                    memory.scan(b"k", Some(b"k\x07"), limit).unwrap()
                );
            }
        }
        overlay.commit(applied + 1).unwrap();
        let rows: Vec<_> = memory.iter().map(|(k, v)| (k.to_vec(), v.to_vec())).collect();
        prop_assert_eq!(index.scan_prefix(b"", 100).unwrap(), rows);
        let before = index.fingerprint();
        prop_assert_eq!(before.0, memory.iter().count() as u64);
        drop(index);
        prop_assert_eq!(clean(folder.path()).fingerprint(), before);
    }
}
