//! A hash of a set of rows that is cheap to keep up to date.
//!
//! The sum modulo 2^256 of SHA-256(key length || key || value) over all rows:
//! adding or removing a row is one hash and one addition, in any order. It finds
//! faults of storage. It does not withstand somebody who chooses rows so as to
//! make sums collide, and need not: the journal is the record, this is an index.

use ring::digest::{Context, SHA256};

/// The hash of a multiset of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct MultisetHash([u64; 4]);

impl MultisetHash {
    /// Adds a row.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.add_all(&Self(row_hash(key, value)));
    }

    /// Adds all rows that `others` is the hash of.
    pub(super) fn add_all(&mut self, others: &Self) {
        let mut carry = false;
        for (limb, other) in self.0.iter_mut().zip(others.0) {
            let (sum, first) = limb.overflowing_add(other);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = first || second;
        }
    }

    /// Takes away a row that was added.
    pub(super) fn remove(&mut self, key: &[u8], value: &[u8]) {
        let mut borrow = false;
        for (limb, other) in self.0.iter_mut().zip(row_hash(key, value)) {
            let (difference, first) = limb.overflowing_sub(other);
            let (difference, second) = difference.overflowing_sub(u64::from(borrow));
            *limb = difference;
            borrow = first || second;
        }
    }

    /// 32 bytes, least significant first.
    pub(super) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }

    /// What [`Self::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(limbs(bytes))
    }
}

fn row_hash(key: &[u8], value: &[u8]) -> [u64; 4] {
    let mut context = Context::new(&SHA256);
    context.update(&(key.len() as u64).to_le_bytes());
    context.update(key);
    context.update(value);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    limbs(&bytes)
}

fn limbs(bytes: &[u8; 32]) -> [u64; 4] {
    let mut limbs = [0; 4];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
        let mut eight = [0; 8];
        eight.copy_from_slice(chunk);
        *limb = u64::from_le_bytes(eight);
    }
    limbs
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_does_not_matter_and_removing_undoes(rows in proptest::collection::vec((".{0,8}", ".{0,8}"), 0..20)) {
            let mut forward = MultisetHash::default();
            let mut backward = MultisetHash::default();
            for (key, value) in &rows {
                forward.add(key.as_bytes(), value.as_bytes());
            }
            for (key, value) in rows.iter().rev() {
                backward.add(key.as_bytes(), value.as_bytes());
            }
            prop_assert_eq!(forward, backward);
            prop_assert_eq!(MultisetHash::from_bytes(&forward.to_bytes()), forward);
            for (key, value) in &rows {
                forward.remove(key.as_bytes(), value.as_bytes());
            }
            prop_assert_eq!(forward, MultisetHash::default());
        }
    }

    #[test]
    fn the_boundary_of_key_and_value_counts() {
        let mut left = MultisetHash::default();
        let mut right = MultisetHash::default();
        left.add(b"ab", b"c");
        right.add(b"a", b"bc");
        assert_ne!(left, right);
    }
}
