//! Filling an empty index: rows come in key order, many to a batch.
//!
//! Nothing says that the rows are there before the last batch does: an index
//! whose loading was cut off does not agree with itself and is made anew.

use super::sled_index::Mark;
use super::{Index, IndexError};

/// How many rows share a batch.
const BATCH: usize = 4096;

/// Rows on their way in.
pub(crate) struct Loader<'a> {
    index: &'a Index,
    batch: sled::Batch,
    waiting: usize,
    found: Mark,
}

impl<'a> Loader<'a> {
    pub(super) fn new(index: &'a Index) -> Self {
        Self { index, batch: sled::Batch::default(), waiting: 0, found: Mark::default() }
    }

    /// The next row; its key comes after those before.
    pub(crate) fn put(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), IndexError> {
        super::overlay::check_key(&key)?;
        self.found.rows += 1;
        self.found.hash.add(&key, &value);
        self.batch.insert(key, value);
        self.waiting += 1;
        if self.waiting < BATCH {
            return Ok(());
        }
        self.waiting = 0;
        self.index.write_rows(std::mem::take(&mut self.batch))
    }

    /// The last batch says that all changes up to `applied` are in.
    pub(crate) fn finish(mut self, applied: u64) -> Result<(), IndexError> {
        self.found.applied = applied;
        self.index.write_marked(self.batch, self.found)
    }
}
