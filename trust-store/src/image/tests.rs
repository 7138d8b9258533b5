//! Images on a disk that misbehaves.

use std::path::Path;
use std::sync::Arc;

use super::format::{self, HEADER_LEN};
use super::*;
use crate::files::faulty::{Faults, FaultyDisk};
use crate::index::{Index, IndexOptions, MemoryRows, Opened, Rows};
use crate::state::ClockRow;

fn folder() -> &'static Path {
    Path::new("/images")
}

fn images(disk: &FaultyDisk) -> Images {
    Images::new(Arc::new(disk.clone()), folder())
}

struct State {
    _folder: tempfile::TempDir,
    index: Index,
}

impl State {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = IndexOptions { cache_bytes: 16 << 20, flush_every_millis: 60_000 };
        let Opened::Clean(index) = Index::open(folder.path(), &options).unwrap() else {
            panic!("a new index is clean");
        };
        Self { _folder: folder, index }
    }

    /// A hundred rows and the clock, as of `sequence`.
    fn advance(&self, sequence: u64) {
        let mut rows = self.index.overlay();
        let head = format!("{sequence:064x}");
        let clock = ClockRow { log_time: 7, epoch: 0, head };
        rows.put(b"clock", &serde_json::to_vec(&clock).unwrap()).unwrap();
        for row in 0..100 {
            let key = format!("row/{:04}", (row * 7 + sequence) % 400);
            rows.put(key.as_bytes(), &[b'x'; 50]).unwrap();
        }
        rows.commit(sequence).unwrap();
    }

    /// All four steps; `named` is what the journal has.
    fn take(&self, images: &Images, named: &mut Vec<ImageSummary>) -> Result<(), ImageError> {
        let summary = images.prepare(self.index.scan_all()?)?;
        let sequence = summary.header.sequence;
        named.push(summary);
        images.publish(sequence)?;
        images.prune()
    }
}

fn read(images: &Images, sequence: u64) -> Result<MemoryRows, ImageError> {
    let mut image = images.open(sequence)?;
    let mut rows = MemoryRows::default();
    while let Some((key, value)) = image.next_row()? {
        rows.put(&key, &value).unwrap();
    }
    Ok(rows)
}

#[test]
fn an_image_reads_as_the_state_it_was_taken_of() {
    let (disk, state) = (FaultyDisk::default(), State::new());
    state.advance(5);
    let mut named = Vec::new();
    state.take(&images(&disk), &mut named).unwrap();
    let rows = read(&images(&disk), 5).unwrap();
    assert_eq!(rows.fingerprint(), state.index.fingerprint());
    let header = named[0].header;
    assert_eq!((header.sequence, header.log_time, header.head[31]), (5, 7, 5));
    assert_eq!((header.rows, header.state), rows.fingerprint());
    assert_eq!(images(&disk).open(5).unwrap().verify().unwrap(), named[0]);
}

#[test]
fn the_newest_two_are_kept() {
    let (disk, state) = (FaultyDisk::default(), State::new());
    for sequence in 1..=4 {
        state.advance(sequence);
        state.take(&images(&disk), &mut Vec::new()).unwrap();
    }
    assert_eq!(images(&disk).sequences().unwrap(), [4, 3]);
}

#[test]
fn nothing_is_saved_of_an_empty_state() {
    let (disk, state) = (FaultyDisk::default(), State::new());
    let taken = state.take(&images(&disk), &mut Vec::new());
    assert!(matches!(taken, Err(ImageError::NoState)), "{taken:?}");
}

#[test]
fn every_changed_byte_and_every_cut_is_named() {
    let (disk, state) = (FaultyDisk::default(), State::new());
    state.advance(3);
    state.take(&images(&disk), &mut Vec::new()).unwrap();
    let path = folder().join(format::name(3));
    let whole = disk.bytes(&path);
    let places = (0..whole.len()).filter(|at| *at < HEADER_LEN + 80 || at % 97 == 0);
    for at in places.chain(whole.len() - 32..whole.len()) {
        disk.tamper(&path, |bytes| bytes[at] ^= 0x10);
        let read = images(&disk).open(3).and_then(ImageReader::verify);
        assert!(matches!(read, Err(ImageError::Damaged { .. })), "byte {at}: {read:?}");
        disk.tamper(&path, |bytes| bytes.truncate(at));
        let read = images(&disk).open(3).and_then(ImageReader::verify);
        assert!(matches!(read, Err(ImageError::Damaged { .. })), "cut at {at}: {read:?}");
        disk.tamper(&path, |bytes| bytes.clone_from(&whole));
    }
    disk.tamper(&path, |bytes| bytes.push(0));
    let error = images(&disk).open(3).and_then(ImageReader::verify).unwrap_err();
    assert!(error.to_string().contains(&format::name(3)), "{error}");
}

/// Takes an image of record 1, and one of record 2 with the power going at each
/// step: what is there afterwards is the first, the second or both, whole and
/// named; and a third can be taken.
#[test]
fn the_power_going_at_any_step_leaves_the_old_image_or_the_new() {
    let state = State::new();
    state.advance(1);
    let later = State::new();
    later.advance(1);
    later.advance(2);
    let mut cuts = 0;
    for step in 1.. {
        let mut struck = false;
        for seed in 0..16 {
            let disk = FaultyDisk::new(Faults::default(), seed * 1_000 + step);
            let mut named = Vec::new();
            state.take(&images(&disk), &mut named).unwrap();
            disk.set_faults(Faults { power_cut_at: Some(step), ..Faults::default() });
            let taken = later.take(&images(&disk), &mut named);
            struck |= disk.has_struck();
            cuts += u64::from(disk.has_struck());
            let disk = disk.reboot();
            let found = images(&disk).sequences().unwrap();
            assert!(found.contains(&1), "step {step}: {found:?}");
            assert!(taken.is_err() || found.contains(&2), "step {step}: {found:?}");
            for sequence in found {
                let summary = images(&disk).open(sequence).unwrap().verify().unwrap();
                assert!(named.contains(&summary), "step {step}: {summary:?}");
            }
            later.take(&images(&disk), &mut named).unwrap();
            assert_eq!(images(&disk).sequences().unwrap(), [2, 1]);
        }
        if !struck {
            break;
        }
    }
    println!("{cuts} power cuts while an image was taken");
    assert!(cuts > 60, "{cuts}");
}

#[test]
fn an_error_at_any_step_leaves_the_old_image_and_no_remains_behind_the_next() {
    let state = State::new();
    state.advance(1);
    for step in 1.. {
        let disk = FaultyDisk::new(Faults::default(), step);
        let mut named = Vec::new();
        state.take(&images(&disk), &mut named).unwrap();
        let later = State::new();
        later.advance(2);
        disk.set_faults(Faults { error_at: Some(step), ..Faults::default() });
        let taken = later.take(&images(&disk), &mut named);
        if !disk.has_struck() {
            taken.unwrap();
            break;
        }
        disk.set_faults(Faults::default());
        assert!(images(&disk).open(1).unwrap().verify().is_ok());
        later.take(&images(&disk), &mut named).unwrap();
        let files = FileLayer::list(&disk, folder()).unwrap();
        assert_eq!(files, [format::name(1), format::name(2)], "step {step}");
    }
}
