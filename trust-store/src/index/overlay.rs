//! Pending writes over the committed rows.
//!
//! `apply` reads its own writes; nothing reaches sled before the commit. The
//! first touch of a key remembers what is committed there, which is what the
//! multiset hash takes away when the key changes.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::{Index, IndexError, ReadRows, Row, Rows};

/// The writes of one change, or of many while rebuilding.
#[derive(Debug)]
pub(crate) struct Overlay<'a> {
    index: &'a Index,
    touched: BTreeMap<Vec<u8>, Touched>,
}

/// A key with what is committed there and what shall be.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) before: Option<Vec<u8>>,
    pub(super) after: Option<Vec<u8>>,
}

impl<'a> Overlay<'a> {
    pub(super) fn new(index: &'a Index) -> Self {
        Self { index, touched: BTreeMap::new() }
    }

    /// Commits everything as one batch, together with the row that says that all
    /// changes up to `applied` are in. Durable in the sense of sled only: a
    /// power cut may take the batch back, whole.
    pub(crate) fn commit(self, applied: u64) -> Result<(), IndexError> {
        self.index.commit(self.touched, applied)
    }

    fn set(&mut self, key: Vec<u8>, after: Option<Vec<u8>>) -> Result<(), IndexError> {
        check_key(&key)?;
        if let Some(touched) = self.touched.get_mut(&key) {
            touched.after = after;
            return Ok(());
        }
        let before = self.index.get(&key)?;
        self.touched.insert(key, Touched { before, after });
        Ok(())
    }
}

/// Row keys are not empty and leave the zero byte to the index's own row.
pub(super) fn check_key(key: &[u8]) -> Result<(), IndexError> {
    match key.first() {
        None | Some(0) => Err(IndexError::ReservedKey(format!("{key:?}"))),
        Some(_) => Ok(()),
    }
}

impl ReadRows for Overlay<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        match self.touched.get(key) {
            Some(touched) => Ok(touched.after.clone()),
            None => self.index.get(key),
        }
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, IndexError> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let pending: Vec<_> = self
            .touched
            .range::<[u8], _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .collect();
        // Each pending row hides at most one committed row.
        let enough = limit.saturating_add(pending.len());
        let committed = self.index.scan(prefix, after, enough)?;
        let pending = pending.into_iter().map(|(key, touched)| (key, &touched.after));
        Ok(merge(committed, pending, limit))
    }
}

/// Rows with what is written over them, at most `limit`.
pub(super) fn merge<'w>(
    under: Vec<Row>,
    written: impl Iterator<Item = (&'w Vec<u8>, &'w Option<Vec<u8>>)>,
    limit: usize,
) -> Vec<Row> {
    let mut rows: BTreeMap<Vec<u8>, Vec<u8>> = under.into_iter().collect();
    for (key, value) in written {
        match value {
            Some(value) => rows.insert(key.clone(), value.clone()),
            None => rows.remove(key),
        };
    }
    rows.into_iter().take(limit).collect()
}

impl Rows for Overlay<'_> {
    fn put_row(&mut self, (key, value): Row) -> Result<(), IndexError> {
        self.set(key, Some(value))
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), IndexError> {
        self.set(key.to_vec(), None)
    }
}
