//! The state as rows: an ordered map of bytes to bytes.
//!
//! Rows are an index of the journal and never the record. `apply` sees only
//! the two traits here, so that the same function runs over memory (tests,
//! fuzzing, the pure replay) and over sled (the gateway).
//!
//! A change applied live, and what survives a power cut in each step:
//! 1. The change is durable in the journal. It can be applied again from there.
//! 2. `apply` reads through an overlay and writes into it. Nothing to lose.
//! 3. The blocks of rows (`blocks`) that it leaves are one sled batch, together
//!    with the row that says {applied sequence, row count, multiset hash}. sled may
//!    lose the newest batches, whole; the row then names an earlier sequence and
//!    the journal's tail is applied again.
//! 4. On opening every row is read, counted and hashed. What does not agree with
//!    the row is [`Opened::Damaged`]: wiped, and rebuilt from the journal.

mod batch;
mod blocks;
mod compare;
mod draft;
mod error;
mod loader;
mod mark;
mod memory;
mod multiset;
mod options;
mod overlay;
mod row_key;
mod scan;
mod sled_index;

pub(crate) use draft::Draft;
pub use error::IndexError;
pub(crate) use memory::MemoryRows;
pub(crate) use options::IndexOptions;
pub(crate) use overlay::Overlay;
pub(crate) use scan::{Scan, ScanError};
pub(crate) use sled_index::{Index, Opened};

/// One key with its value.
pub(crate) type Row = (Vec<u8>, Vec<u8>);

/// Reading rows.
pub(crate) trait ReadRows {
    /// The value at `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError>;

    /// Rows whose key starts with `prefix` and comes after `after` (not
    /// included), in key order, at most `limit` of them.
    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, IndexError>;

    /// Rows whose key starts with `prefix`, in key order, at most `limit`.
    fn scan_prefix(&self, prefix: &[u8], limit: usize) -> Result<Vec<Row>, IndexError> {
        self.scan(prefix, None, limit)
    }
}

/// Reading and writing rows: all that `apply` may touch.
pub(crate) trait Rows: ReadRows {
    /// Sets the value at `key`. Keys are not empty and do not start with a zero
    /// byte, which is kept for the index's own row.
    fn put_row(&mut self, row: Row) -> Result<(), IndexError>;

    /// The same, with copies.
    #[cfg(test)]
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), IndexError> {
        self.put_row((key.to_vec(), value.to_vec()))
    }

    /// Removes `key`, if it is there.
    fn delete(&mut self, key: &[u8]) -> Result<(), IndexError>;
}
