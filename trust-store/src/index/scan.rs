//! All rows as they stood at one moment, read while commits go on.
//!
//! 1. The scan begins under the lock that commits take turns by: what the index
//!    says of itself then is what the scan will give.
//! 2. Each commit leaves the old value of every row that it changes and the scan
//!    has not reached, before it changes it.
//! 3. A page is read without any lock, so that no commit waits for the disk; then
//!    the old values in its range replace what was read and are forgotten.
//! 4. At the end the rows given are counted and hashed against what the index said
//!    of itself in step 1.
//!
//! Old values take memory, at most [`UNDO_BYTES`]: when commits outrun the scan by
//! more, it is the scan that is given up. Nothing of it is on the disk.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::mark::Mark;
use super::{Index, IndexError, ReadRows, Row};

/// How many rows are read at a time.
const PAGE: usize = 1024;

/// The most that old values may take, in bytes.
pub(super) const UNDO_BYTES: usize = 256 << 20;

/// About what a row costs beside its bytes.
const ROW_COST: usize = 96;

/// Why a scan does not go on; the index itself is as it was.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ScanError {
    /// One scan at a time.
    #[error("the state is being read for another image")]
    UnderWay,
    /// Commits changed more than can be remembered.
    #[error("the state changed faster than it could be read; try again when less is going on")]
    Outrun,
    #[error(transparent)]
    Index(#[from] IndexError),
}

/// Old values of rows that a scan has not reached.
#[derive(Debug)]
pub(super) struct Undo {
    /// The last key that was given; empty before the first.
    reached: Vec<u8>,
    before: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
    limit: usize,
    is_outrun: bool,
}

impl Undo {
    fn new(limit: usize) -> Self {
        let (reached, before) = (Vec::new(), BTreeMap::new());
        Self { reached, before, bytes: 0, limit, is_outrun: false }
    }

    /// Step 2: the first value after the scan's beginning is the one to keep.
    pub(super) fn note(&mut self, key: &[u8], before: Option<&[u8]>) {
        if self.is_outrun || *key <= *self.reached || self.before.contains_key(key) {
            return;
        }
        self.bytes += cost(key, before);
        if self.bytes > self.limit {
            self.is_outrun = true;
            self.before = BTreeMap::new();
            return;
        }
        self.before.insert(key.to_vec(), before.map(<[u8]>::to_vec));
    }

    /// Takes the old values up to `last`, or all that are left.
    fn take(
        &mut self,
        last: Option<&[u8]>,
    ) -> Result<BTreeMap<Vec<u8>, Option<Vec<u8>>>, ScanError> {
        if self.is_outrun {
            return Err(ScanError::Outrun);
        }
        let Some(last) = last else { return Ok(std::mem::take(&mut self.before)) };
        let from = (Bound::Excluded(last), Bound::Unbounded);
        let later = self.before.range::<[u8], _>(from).next().map(|(key, _)| key.clone());
        let later = later.map_or_else(BTreeMap::new, |key| self.before.split_off(&key));
        let taken = std::mem::replace(&mut self.before, later);
        self.reached = last.to_vec();
        self.bytes -= taken.iter().map(|(key, value)| cost(key, value.as_deref())).sum::<usize>();
        Ok(taken)
    }
}

fn cost(key: &[u8], value: Option<&[u8]>) -> usize {
    ROW_COST + key.len() + value.map_or(0, <[u8]>::len)
}

/// A scan under way; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Scan<'a> {
    index: &'a Index,
    stated: Mark,
    found: Mark,
    after: Option<Vec<u8>>,
    is_over: bool,
}

impl<'a> Scan<'a> {
    pub(super) fn begin(index: &'a Index, limit: usize) -> Result<Self, ScanError> {
        let mut held = index.held();
        if held.undo.is_some() {
            return Err(ScanError::UnderWay);
        }
        held.undo = Some(Undo::new(limit));
        let stated = held.mark;
        let found = Mark { applied: stated.applied, ..Mark::default() };
        Ok(Self { index, stated, found, after: None, is_over: false })
    }

    /// The sequence whose rows the scan gives.
    pub(crate) fn applied(&self) -> u64 {
        self.stated.applied
    }

    /// How many rows it gives.
    pub(crate) fn rows(&self) -> u64 {
        self.stated.rows
    }

    /// Their multiset hash.
    pub(crate) fn hash(&self) -> [u8; 32] {
        self.stated.hash.to_bytes()
    }

    /// The value that `key` had when the scan began. It must not have been
    /// reached yet: ask before the first page.
    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ScanError> {
        let held = self.index.held();
        match held.undo.as_ref().and_then(|undo| undo.before.get(key)) {
            Some(before) => Ok(before.clone()),
            None => Ok(self.index.get(key)?),
        }
    }

    /// The next rows in key order; an empty page ends the scan, once all that was
    /// given is what the index had said.
    pub(crate) fn next_page(&mut self) -> Result<Vec<Row>, ScanError> {
        if self.is_over {
            return Ok(Vec::new());
        }
        let mut page = Vec::new();
        // A page whose rows are all younger than the scan gives nothing.
        while page.is_empty() && !self.is_over {
            let read = self.index.scan(b"", self.after.as_deref(), PAGE)?;
            page = self.as_of_the_beginning(read)?;
        }
        for (key, value) in &page {
            self.found.add(key, value);
        }
        if self.is_over && self.found != self.stated {
            let problem = "its rows are not those that were written".to_owned();
            return Err(IndexError::Storage(problem).into());
        }
        Ok(page)
    }

    fn as_of_the_beginning(&mut self, read: Vec<Row>) -> Result<Vec<Row>, ScanError> {
        let last = read.last().map(|(key, _)| key.clone());
        let mut held = self.index.held();
        // Only this scan takes it away, when it is dropped.
        let before = held.undo.as_mut().map(|undo| undo.take(last.as_deref())).transpose()?;
        drop(held);
        self.is_over = last.is_none();
        self.after = last.or(self.after.take());
        let before = before.unwrap_or_default();
        if before.is_empty() {
            return Ok(read);
        }
        Ok(super::overlay::merge(read, before.iter(), usize::MAX))
    }
}

impl Drop for Scan<'_> {
    fn drop(&mut self) {
        self.index.held().undo = None;
    }
}
