//! Filling an empty index: rows come in key order, many blocks to a batch.
//!
//! Nothing says that the rows are there before the last batch does: an index
//! whose loading was cut off does not agree with itself and is made anew.

use super::batch::Batch;
use super::blocks::LoadingBlock;
use super::mark::Mark;
use super::{Index, IndexError};

/// How many blocks share a batch.
const BLOCKS: usize = 512;

/// Rows on their way in.
pub(crate) struct Loader<'a> {
    index: &'a Index,
    block: LoadingBlock,
    batch: Batch,
    waiting: usize,
    found: Mark,
}

impl<'a> Loader<'a> {
    pub(super) fn new(index: &'a Index) -> Self {
        let (block, batch) = (LoadingBlock::first(), Batch::default());
        Self { index, block, batch, waiting: 0, found: Mark::default() }
    }

    /// The next row; its key comes after those before.
    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), IndexError> {
        super::overlay::check_key(key)?;
        self.found.add(key, value);
        let Some(full) = self.block.put(key, value) else { return Ok(()) };
        self.batch.insert(&full.key, &full.bytes);
        self.waiting += 1;
        if self.waiting < BLOCKS {
            return Ok(());
        }
        self.waiting = 0;
        self.index.write_rows(std::mem::take(&mut self.batch))
    }

    /// The last batch says that all changes up to `applied` are in.
    pub(crate) fn finish(mut self, applied: u64) -> Result<(), IndexError> {
        let last = self.block.finish();
        self.batch.insert(&last.key, &last.bytes);
        self.found.applied = applied;
        self.index.write_marked(self.batch, self.found)
    }
}
