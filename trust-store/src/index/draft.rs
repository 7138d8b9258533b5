//! Writes that are kept whole or not at all, over any rows.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::overlay::{check_key, merge};
use super::{IndexError, ReadRows, Row, Rows};

/// Writes of one step of a change. Dropping it forgets them.
pub(crate) struct Draft<'a> {
    rows: &'a mut dyn Rows,
    written: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl<'a> Draft<'a> {
    pub(crate) fn over(rows: &'a mut dyn Rows) -> Self {
        Self { rows, written: BTreeMap::new() }
    }

    /// Writes everything to the rows underneath.
    pub(crate) fn keep(self) -> Result<(), IndexError> {
        for (key, value) in self.written {
            match value {
                Some(value) => self.rows.put_row((key, value))?,
                None => self.rows.delete(&key)?,
            }
        }
        Ok(())
    }
}

impl ReadRows for Draft<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        match self.written.get(key) {
            Some(value) => Ok(value.clone()),
            None => self.rows.get(key),
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
        let written = self.written.range::<[u8], _>((from, Bound::Unbounded));
        let written: Vec<_> = written.take_while(|(key, _)| key.starts_with(prefix)).collect();
        // Each written row hides at most one of those underneath.
        let enough = limit.saturating_add(written.len());
        let under = self.rows.scan(prefix, after, enough)?;
        Ok(merge(under, written.into_iter(), limit))
    }
}

impl Rows for Draft<'_> {
    fn put_row(&mut self, (key, value): Row) -> Result<(), IndexError> {
        check_key(&key)?;
        self.written.insert(key, Some(value));
        Ok(())
    }

    fn delete(&mut self, key: &[u8]) -> Result<(), IndexError> {
        check_key(key)?;
        self.written.insert(key.to_vec(), None);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::MemoryRows;
    use super::*;

    fn keys(rows: &dyn ReadRows, limit: usize) -> Vec<Vec<u8>> {
        let found = rows.scan(b"a/", None, limit).unwrap();
        found.into_iter().map(|(key, _)| key).collect()
    }

    #[test]
    fn a_draft_reads_its_own_writes_and_leaves_them_only_when_kept() {
        let mut rows = MemoryRows::default();
        for key in ["a/1", "a/2", "b/1"] {
            rows.put(key.as_bytes(), b"old").unwrap();
        }
        let before = rows.clone();
        let change = |draft: &mut Draft<'_>| {
            draft.put(b"a/0", b"new").unwrap();
            draft.put(b"a/2", b"new").unwrap();
            draft.delete(b"a/1").unwrap();
        };
        let mut forgotten = Draft::over(&mut rows);
        change(&mut forgotten);
        assert_eq!(keys(&forgotten, 9), [b"a/0", b"a/2"]);
        assert_eq!(keys(&forgotten, 1), [b"a/0"]);
        assert_eq!(forgotten.get(b"a/1").unwrap(), None);
        assert_eq!(forgotten.get(b"b/1").unwrap().unwrap(), b"old");
        drop(forgotten);
        assert_eq!(rows, before);
        let mut kept = Draft::over(&mut rows);
        change(&mut kept);
        kept.keep().unwrap();
        assert_eq!(keys(&rows, 9), [b"a/0", b"a/2"]);
        assert_eq!(rows.get(b"a/2").unwrap().unwrap(), b"new");
    }
}
