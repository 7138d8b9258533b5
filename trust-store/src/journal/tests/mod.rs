//! The journal as its users see it, on a simulated disk.

mod archiving;
mod crash;
mod damage;
mod full;
mod running;
mod sealing;
mod together;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FileJournal, Journal, JournalError, JournalOptions, OpenReport, Record, segment};
use crate::clock::ManualClock;
use crate::files::faulty::FaultyDisk;
use crate::profile::RecordProfile;

const PROFILE: RecordProfile = RecordProfile::Standard;
const NOON: i64 = 1_800_000_000_000;

fn folder() -> &'static Path {
    Path::new("/journal")
}

fn segment_path(first: u64) -> PathBuf {
    folder().join(segment::name(first))
}

/// Small enough that a few records fill a segment.
fn options() -> JournalOptions {
    JournalOptions::default().segment_bytes(2048)
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at_millis(NOON))
}

fn create(disk: &FaultyDisk) -> Result<FileJournal, JournalError> {
    FileJournal::create_on(Arc::new(disk.clone()), folder(), clock(), &options())
}

fn open(disk: &FaultyDisk) -> Result<(FileJournal, OpenReport), JournalError> {
    open_with(disk, &options())
}

fn open_with(
    disk: &FaultyDisk,
    options: &JournalOptions,
) -> Result<(FileJournal, OpenReport), JournalError> {
    FileJournal::open_on(Arc::new(disk.clone()), folder(), clock(), options)
}

fn payload(number: usize) -> Vec<u8> {
    format!("{number}:").bytes().cycle().take(20 + number * 37 % 400).collect()
}

/// A closed journal of `count` records in several segments.
fn closed_journal(count: usize) -> FaultyDisk {
    let disk = FaultyDisk::default();
    let journal = create(&disk).unwrap();
    for number in 1..=count {
        journal.append(payload(number)).wait().unwrap();
    }
    journal.close();
    disk
}

fn read_all(journal: &FileJournal) -> Result<Vec<Record>, JournalError> {
    journal.read_from(1)?.collect()
}

fn payloads(records: &[Record]) -> Vec<Vec<u8>> {
    records.iter().map(|record| record.payload().to_vec()).collect()
}
