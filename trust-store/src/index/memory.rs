//! Rows in memory: for tests, fuzzing and replays that need no disk.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::row_key::{AsKey, KeyRef, RowKey};
use super::{IndexError, ReadRows, Row, Rows};

/// Rows in a balanced tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MemoryRows {
    rows: BTreeMap<RowKey, Vec<u8>>,
}

impl MemoryRows {
    /// Count and hash of the rows: equal to an index's with the same rows.
    pub(crate) fn fingerprint(&self) -> (u64, [u8; 32]) {
        let mut hash = super::multiset::MultisetHash::default();
        self.iter().for_each(|(key, value)| hash.add(key, value));
        (self.rows.len() as u64, hash.to_bytes())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    /// How long keys and values are together.
    pub(crate) fn bytes(&self) -> u64 {
        self.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum()
    }

    /// All rows in key order, given away one by one.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = Row> {
        self.rows.into_iter().map(|(key, value)| (key.into_bytes(), value))
    }

    /// All rows in key order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.rows.iter().map(|(key, value)| (key.as_slice(), value.as_slice()))
    }
}

impl ReadRows for MemoryRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        let key: &dyn AsKey = &KeyRef::new(key);
        Ok(self.rows.get(key).cloned())
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, IndexError> {
        let first = KeyRef::new(after.filter(|after| *after >= prefix).unwrap_or(prefix));
        let first: &dyn AsKey = &first;
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(first),
            _ => Bound::Included(first),
        };
        let rows = self.rows.range::<dyn AsKey, _>((from, Bound::Unbounded));
        Ok(rows
            .take_while(|(key, _)| key.as_slice().starts_with(prefix))
            .take(limit)
            .map(|(key, value)| (key.as_slice().to_vec(), value.clone()))
            .collect())
    }
}

impl Rows for MemoryRows {
    fn put_row(&mut self, (key, value): Row) -> Result<(), IndexError> {
        super::overlay::check_key(&key)?;
        self.rows.insert(RowKey::new(key), value);
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), IndexError> {
        let key: &dyn AsKey = &KeyRef::new(key);
        self.rows.remove(key);
        Ok(())
    }
}
