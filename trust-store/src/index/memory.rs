//! Rows in memory: for tests, fuzzing and replays that need no disk.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::row_key::{AsKey, KeyRef, RowKey};
use super::{IndexError, ReadRows, Row, Rows};

/// Rows in balanced trees, one for each table: what is asked of small tables does not
/// search among the millions of rows of large ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MemoryRows {
    tables: BTreeMap<TableName, BTreeMap<RowKey, Value>>,
    len: u64,
}

/// Half of all rows say no more than that they are there: those take no room.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Value(Option<Box<[u8]>>);

/// What such a row holds: the JSON of nothing.
const NOTHING: &[u8] = b"null";

impl Value {
    fn new(bytes: Vec<u8>) -> Self {
        Self((bytes != NOTHING).then(|| bytes.into_boxed_slice()))
    }

    fn as_slice(&self) -> &[u8] {
        self.0.as_deref().unwrap_or(NOTHING)
    }

    fn into_bytes(self) -> Vec<u8> {
        self.0.map_or_else(|| NOTHING.to_vec(), <[u8]>::into_vec)
    }
}

/// The first two bytes of its keys: enough to tell the tables of the state apart, and
/// in the order of the keys themselves. A shorter key counts as if zeroes followed.
type TableName = [u8; 2];

fn table_of(key: &[u8]) -> TableName {
    [0, 1].map(|at| key.get(at).copied().unwrap_or(0))
}

impl MemoryRows {
    /// Count and hash of the rows: equal to an index's with the same rows.
    pub(crate) fn fingerprint(&self) -> (u64, [u8; 32]) {
        let mut hash = super::multiset::MultisetHash::default();
        self.iter().for_each(|(key, value)| hash.add(key, value));
        (self.len, hash.to_bytes())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// How long keys and values are together.
    pub(crate) fn bytes(&self) -> u64 {
        self.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum()
    }

    /// All rows in key order, given away one by one.
    pub(crate) fn into_rows(self) -> impl Iterator<Item = Row> {
        let rows = self.tables.into_values().flatten();
        rows.map(|(key, value)| (key.into_bytes(), value.into_bytes()))
    }

    /// All rows in key order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let rows = self.tables.values().flatten();
        rows.map(|(key, value)| (key.as_slice(), value.as_slice()))
    }
}

impl ReadRows for MemoryRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        let Some(table) = self.tables.get(&table_of(key)) else { return Ok(None) };
        let key: &dyn AsKey = &KeyRef::new(key);
        Ok(table.get(key).map(|value| value.as_slice().to_vec()))
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, IndexError> {
        let first = after.filter(|after| *after >= prefix).unwrap_or(prefix);
        let tables = self.tables.range(table_of(first)..);
        let first = KeyRef::new(first);
        let first: &dyn AsKey = &first;
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(first),
            _ => Bound::Included(first),
        };
        let rows =
            tables.flat_map(|(_, rows)| rows.range::<dyn AsKey, _>((from, Bound::Unbounded)));
        Ok(rows
            .take_while(|(key, _)| key.as_slice().starts_with(prefix))
            .take(limit)
            .map(|(key, value)| (key.as_slice().to_vec(), value.as_slice().to_vec()))
            .collect())
    }
}

impl Rows for MemoryRows {
    fn put_row(&mut self, (key, value): Row) -> Result<(), IndexError> {
        super::overlay::check_key(&key)?;
        let table = self.tables.entry(table_of(&key)).or_default();
        if table.insert(RowKey::new(key), Value::new(value)).is_none() {
            self.len += 1;
        }
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), IndexError> {
        let name = table_of(key);
        let Some(table) = self.tables.get_mut(&name) else { return Ok(()) };
        let key: &dyn AsKey = &KeyRef::new(key);
        if table.remove(key).is_some() {
            self.len -= 1;
        }
        // What was emptied equals what was never filled.
        if table.is_empty() {
            self.tables.remove(&name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Short keys of few letters: prefixes and cursors within tables and across them.
        #[test]
        fn tables_are_read_as_one(
            keys in prop::collection::vec(prop::collection::vec(1_u8..4, 1..5), 0..40),
            gone in prop::collection::vec(prop::collection::vec(1_u8..4, 1..5), 0..20),
            prefix in prop::collection::vec(1_u8..4, 0..3),
            after in prop::option::of(prop::collection::vec(1_u8..4, 1..5)),
            limit in 0_usize..9,
        ) {
            let (mut rows, mut plain) = (MemoryRows::default(), BTreeMap::new());
            for key in &keys {
                rows.put(key, key).unwrap();
                plain.insert(key.clone(), key.clone());
            }
            for key in &gone {
                rows.delete(key).unwrap();
                plain.remove(key);
            }
            let all: Vec<_> = rows.iter().map(|(key, _)| key.to_vec()).collect();
            prop_assert_eq!(&all, &plain.keys().cloned().collect::<Vec<_>>());
            prop_assert_eq!(rows.len(), plain.len() as u64);
            let wanted = plain.keys().filter(|key| key.starts_with(&prefix));
            let wanted = wanted.filter(|key| after.as_ref().is_none_or(|after| *key > after));
            let wanted: Vec<_> = wanted.take(limit).cloned().collect();
            let found = rows.scan(&prefix, after.as_deref(), limit).unwrap();
            prop_assert_eq!(found.into_iter().map(|(key, _)| key).collect::<Vec<_>>(), wanted);
        }
    }
}
