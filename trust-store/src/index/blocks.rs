//! Rows packed into blocks: what sled sees.
//!
//! sled keeps at most sixteen items in a leaf, whatever their size, and what it
//! costs to open, to scan and to keep in memory goes by the item. So neighbouring
//! rows share one: a block is stored under the key of its first row and holds all
//! rows up to the next block's key. Blocks split when they outgrow
//! [`MAX_BLOCK`] and go when they are empty; rows never move to an earlier block,
//! so that a scan forward misses none.
//!
//! The first block is always stored under [`FIRST`], so that every key has a block
//! to be in. A row is {4 bytes key length, 4 bytes value length, key, value}.

use super::IndexError;

/// The key of the first block: no row's key is less.
pub(super) const FIRST: &[u8] = &[1];

/// A block of more bytes is split, unless it is a single row. Larger blocks cost
/// more with each change of a row in them, smaller ones with each opening.
const MAX_BLOCK: usize = 2048;

/// How full blocks are when they are loaded, so that the next changes fit.
const LOADED_BLOCK: usize = MAX_BLOCK / 4 * 3;

const ROW_HEADER: usize = 8;

/// A block on its way to sled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) key: Vec<u8>,
    /// Empty when there is nothing left to be stored.
    pub(super) bytes: Vec<u8>,
}

/// A row's key and value, as they lie in a block.
type RowIn<'a> = (&'a [u8], &'a [u8]);

/// The rows of a block, in order; an error where its bytes are no rows.
#[derive(Debug, Clone)]
pub(super) struct BlockRows<'a>(&'a [u8]);

impl<'a> BlockRows<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn split(&self) -> Option<(RowIn<'a>, &'a [u8])> {
        let (key_len, rest) = self.0.split_first_chunk::<4>()?;
        let (value_len, rest) = rest.split_first_chunk::<4>()?;
        let (key, rest) = rest.split_at_checked(u32::from_be_bytes(*key_len) as usize)?;
        let (value, rest) = rest.split_at_checked(u32::from_be_bytes(*value_len) as usize)?;
        Some(((key, value), rest))
    }
}

impl<'a> Iterator for BlockRows<'a> {
    type Item = Result<RowIn<'a>, IndexError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let Some((row, rest)) = self.split() else {
            self.0 = &[];
            return Some(Err(IndexError::Storage("a block of rows is unreadable".to_owned())));
        };
        self.0 = rest;
        Some(Ok(row))
    }
}

/// The value of `key` in a block.
pub(super) fn find(block: &[u8], key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
    for row in BlockRows::of(block) {
        let (found, value) = row?;
        if found >= key {
            return Ok((found == key).then(|| value.to_vec()));
        }
    }
    Ok(None)
}

/// The block stored under `key` with `changes`, in key order, made to it: that
/// block, empty perhaps, and those that were split off it.
pub(super) fn edit(
    key: &[u8],
    block: &[u8],
    changes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
) -> Result<Vec<Block>, IndexError> {
    let mut packer = Packer::new(key, block.len() + MAX_BLOCK / 4);
    let mut changes = changes.into_iter().peekable();
    for row in BlockRows::of(block) {
        let (row_key, value) = row?;
        while let Some((new, after)) = changes.next_if(|(new, _)| new.as_slice() < row_key) {
            packer.put_some(&new, after.as_deref());
        }
        match changes.next_if(|(new, _)| new.as_slice() == row_key) {
            Some((_, after)) => packer.put_some(row_key, after.as_deref()),
            None => packer.put(row_key, value),
        }
    }
    for (new, after) in changes {
        packer.put_some(&new, after.as_deref());
    }
    Ok(packer.finish())
}

/// Packs rows that come in key order, for an empty index.
#[derive(Debug)]
pub(super) struct LoadingBlock(Block);

impl LoadingBlock {
    pub(super) fn first() -> Self {
        Self(Block { key: FIRST.to_vec(), bytes: Vec::new() })
    }

    /// Takes the next row; gives the block that it does not fit into any more.
    pub(super) fn put(&mut self, key: &[u8], value: &[u8]) -> Option<Block> {
        let is_full = !self.0.bytes.is_empty()
            && self.0.bytes.len() + ROW_HEADER + key.len() + value.len() > LOADED_BLOCK;
        let next = || Block { key: key.to_vec(), bytes: Vec::with_capacity(LOADED_BLOCK) };
        let full = is_full.then(|| std::mem::replace(&mut self.0, next()));
        encode(&mut self.0.bytes, key, value);
        full
    }

    /// The last block.
    pub(super) fn finish(self) -> Block {
        self.0
    }
}

/// Packs the rows of one block and splits it evenly where it must be.
struct Packer {
    key: Vec<u8>,
    bytes: Vec<u8>,
    /// Where each row but the first begins.
    starts: Vec<usize>,
}

impl Packer {
    fn new(key: &[u8], capacity: usize) -> Self {
        Self { key: key.to_vec(), bytes: Vec::with_capacity(capacity), starts: Vec::new() }
    }

    fn put_some(&mut self, key: &[u8], value: Option<&[u8]>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn put(&mut self, key: &[u8], value: &[u8]) {
        if !self.bytes.is_empty() {
            self.starts.push(self.bytes.len());
        }
        encode(&mut self.bytes, key, value);
    }

    fn finish(self) -> Vec<Block> {
        if self.bytes.len() <= MAX_BLOCK {
            return vec![Block { key: self.key, bytes: self.bytes }];
        }
        let parts = self.bytes.len().div_ceil(LOADED_BLOCK);
        let even = self.bytes.len().div_ceil(parts);
        let mut blocks = Vec::with_capacity(parts);
        let (mut key, mut from) = (self.key, 0);
        for (at, start) in self.starts.iter().enumerate() {
            let end = self.starts.get(at + 1).copied().unwrap_or(self.bytes.len());
            if end - from > even {
                blocks.push(Block { key, bytes: self.bytes[from..*start].to_vec() });
                key = first_key(&self.bytes[*start..]);
                from = *start;
            }
        }
        blocks.push(Block { key, bytes: self.bytes[from..].to_vec() });
        blocks
    }
}

/// The key of the first of rows that were encoded here.
fn first_key(rows: &[u8]) -> Vec<u8> {
    let first = BlockRows::of(rows).next();
    first.and_then(Result::ok).map(|(key, _)| key.to_vec()).unwrap_or_default()
}

fn encode(bytes: &mut Vec<u8>, key: &[u8], value: &[u8]) {
    for part in [key, value] {
        // Rows are made of changes, which are at most a mebibyte.
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
    }
    bytes.extend_from_slice(key);
    bytes.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::Row;
    use super::*;

    /// The rows of a block, owned.
    fn owned_rows(bytes: &[u8]) -> impl Iterator<Item = Result<Row, IndexError>> + '_ {
        BlockRows::of(bytes).map(|row| row.map(|(key, value)| (key.to_vec(), value.to_vec())))
    }

    type Changes = Vec<(u16, Option<u16>)>;

    fn changes() -> impl Strategy<Value = Vec<Changes>> {
        let change = (0_u16..300, prop::option::weighted(0.7, 0_u16..900));
        prop::collection::vec(prop::collection::vec(change, 1..40), 1..30)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn blocks_hold_what_was_put_each_within_its_bounds(batches in changes()) {
            let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
            let mut blocks: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
            for batch in batches {
                let sorted: BTreeMap<Vec<u8>, Option<Vec<u8>>> = batch
                    .into_iter()
                    .map(|(key, len)| {
                        let value = len.map(|len| vec![b'x'; usize::from(len)]);
                        (format!("row/{key:05}").into_bytes(), value)
                    })
                    .collect();
                for (key, value) in sorted {
                    match &value {
                        Some(value) => drop(model.insert(key.clone(), value.clone())),
                        None => drop(model.remove(&key)),
                    }
                    let of = blocks.range(..=key.clone()).next_back();
                    let (at, bytes) = of.map_or((FIRST.to_vec(), Vec::new()), |(k, b)| (k.clone(), b.clone()));
                    for block in edit(&at, &bytes, vec![(key, value)]).unwrap() {
                        if block.bytes.is_empty() && block.key != FIRST {
                            blocks.remove(&block.key);
                        } else {
                            blocks.insert(block.key, block.bytes);
                        }
                    }
                }
            }
            let mut found = BTreeMap::new();
            let bounds: Vec<_> = blocks.keys().skip(1).cloned().map(Some).chain([None]).collect();
            for ((key, bytes), next) in blocks.iter().zip(bounds) {
                prop_assert!(bytes.len() <= MAX_BLOCK || BlockRows::of(bytes).count() == 1);
                for row in owned_rows(bytes) {
                    let (row_key, value) = row.unwrap();
                    prop_assert!(row_key >= *key && next.as_ref().is_none_or(|next| row_key < *next));
                    prop_assert_eq!(find(bytes, &row_key).unwrap(), Some(value.clone()));
                    found.insert(row_key, value);
                }
            }
            prop_assert_eq!(found, model);
        }
    }

    #[test]
    fn loaded_rows_are_packed_in_order_and_none_is_left_out() {
        let mut loading = LoadingBlock::first();
        let mut blocks = Vec::new();
        for row in 0..1_000 {
            blocks.extend(loading.put(format!("row/{row:05}").as_bytes(), &[b'x'; 100]));
        }
        blocks.push(loading.finish());
        assert_eq!(blocks[0].key, FIRST);
        assert!(blocks.len() > 50 && blocks.iter().all(|block| block.bytes.len() <= LOADED_BLOCK));
        let rows = blocks.iter().flat_map(|block| owned_rows(&block.bytes));
        let keys: Vec<Vec<u8>> = rows.map(|row| row.unwrap().0).collect();
        assert!(keys.len() == 1_000 && keys.is_sorted());
    }

    #[test]
    fn bytes_that_are_no_rows_are_an_error() {
        for bytes in [&[0, 0, 0, 9, 0, 0, 0, 1, 7][..], &[1], &[255; 8]] {
            assert!(find(bytes, b"x").is_err(), "{bytes:?}");
        }
    }
}
