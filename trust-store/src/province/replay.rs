//! The state made from records in memory: for making the index anew, for checking
//! it, and for measuring what applying costs without a disk.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::applier::{decode, place};
use crate::change::Entry;
use crate::error::StoreError;
use crate::hex;
use crate::index::{Index, IndexOptions, MemoryRows, Opened};
use crate::journal::{Record, Records};
use crate::state::{self, Place};

/// How many decoded records are handed over at a time, and how many such parcels
/// may wait: a few MiB.
const PARCEL: usize = 256;
const WAITING: usize = 16;

/// A record's change, decoded, with its place.
#[derive(Debug)]
pub struct DecodedRecord {
    place: Place,
    entry: Entry,
}

impl DecodedRecord {
    /// Decodes a record.
    ///
    /// # Errors
    /// [`StoreError::UnknownRecord`] when a newer version wrote it.
    pub fn of(record: &Record) -> Result<Self, StoreError> {
        Ok(Self { place: place(record), entry: decode(record)? })
    }

    /// Its number.
    pub fn sequence(&self) -> u64 {
        self.place.sequence
    }
}

/// The state that records make, in memory. A million subjects take about 1.5 GiB.
#[derive(Debug, Default)]
pub struct ReplayedState {
    rows: MemoryRows,
}

impl ReplayedState {
    /// Applies the next record.
    ///
    /// # Errors
    /// [`StoreError::State`] when a row that an earlier record left cannot be read.
    pub fn apply(&mut self, record: &DecodedRecord) -> Result<(), StoreError> {
        state::apply(record.place, &record.entry, &mut self.rows)?;
        Ok(())
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.rows.fingerprint().0
    }

    /// The hash of the state, as `audit verify --replay` prints it.
    pub fn hash(&self) -> String {
        hex::encode(&self.rows.fingerprint().1)
    }

    pub(crate) fn over(rows: MemoryRows) -> Self {
        Self { rows }
    }

    pub(crate) fn into_rows(self) -> MemoryRows {
        self.rows
    }

    /// Applies all of `records`, read and decoded on a second thread; `told` hears
    /// of each parcel the last sequence in it.
    pub(crate) fn apply_all(
        &mut self,
        records: Records,
        mut told: impl FnMut(u64),
    ) -> Result<(), StoreError> {
        thread::scope(|scope| {
            let (sender, parcels) = sync_channel(WAITING);
            let builder = thread::Builder::new().name("record-reader".to_owned());
            let reader = builder.spawn_scoped(scope, move || read(records, &sender));
            reader.map_err(StoreError::thread)?;
            self.apply_parcels(parcels, &mut told)
        })
    }

    fn apply_parcels(
        &mut self,
        parcels: Receiver<Result<Vec<DecodedRecord>, StoreError>>,
        told: &mut dyn FnMut(u64),
    ) -> Result<(), StoreError> {
        for parcel in parcels {
            for record in parcel? {
                self.apply(&record)?;
                if record.sequence() % PARCEL as u64 == 0 {
                    told(record.sequence());
                }
            }
        }
        Ok(())
    }
}

/// The state that records make, on disk, each record committed by itself: what
/// following the journal costs the gateway. For measuring it; a province's own
/// index is the province's.
#[derive(Debug)]
pub struct IndexedState {
    index: Index,
}

impl IndexedState {
    /// Opens the index in `folder`, or makes one there.
    ///
    /// # Errors
    /// [`StoreError::State`] when it is damaged.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        match Index::open(folder, &IndexOptions::sized_to_folder(folder))? {
            Opened::Clean(index) => Ok(Self { index }),
            Opened::Damaged { why } => Err(StoreError::State(why)),
        }
    }

    /// The last record applied.
    pub fn applied(&self) -> u64 {
        self.index.applied()
    }

    /// Applies the next record.
    ///
    /// # Errors
    /// [`StoreError::State`] when a row cannot be read or written.
    pub fn apply(&self, record: &DecodedRecord) -> Result<(), StoreError> {
        let mut rows = self.index.overlay();
        state::apply(record.place, &record.entry, &mut rows)?;
        Ok(rows.commit(record.sequence())?)
    }
}

/// Ends early when nobody listens any more: an earlier record did not apply.
fn read(mut records: Records, parcels: &SyncSender<Result<Vec<DecodedRecord>, StoreError>>) {
    loop {
        let parcel = records.by_ref().take(PARCEL);
        let parcel =
            parcel.map(|record| DecodedRecord::of(&record?)).collect::<Result<Vec<_>, _>>();
        let is_last = parcel.as_ref().map_or(true, Vec::is_empty);
        if parcels.send(parcel).is_err() || is_last {
            return;
        }
    }
}
