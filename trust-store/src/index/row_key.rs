//! Keys of rows in memory, compared where they lie.
//!
//! Searching a tree of a million keys waits for memory: every key compared is
//! somewhere else. The first bytes of each are kept beside the pointer to the rest,
//! and decide nearly always.

use std::borrow::Borrow;
use std::cmp::Ordering;

/// How many words of a key are kept at hand: a table's prefix, and what follows it
/// of an identifier or a hash.
const WORDS: usize = 3;

type Head = [u64; WORDS];

/// A key, ordered as its bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowKey {
    head: Head,
    bytes: Box<[u8]>,
}

impl RowKey {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { head: head_of(&bytes), bytes: bytes.into_boxed_slice() }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes.into_vec()
    }
}

/// A key to look for.
pub(super) struct KeyRef<'a> {
    head: Head,
    bytes: &'a [u8],
}

impl<'a> KeyRef<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { head: head_of(bytes), bytes }
    }
}

/// What both have in common, so that a tree of the one can be asked for the other.
pub(super) trait AsKey {
    fn parts(&self) -> (&Head, &[u8]);
}

impl AsKey for RowKey {
    fn parts(&self) -> (&Head, &[u8]) {
        (&self.head, &self.bytes)
    }
}

impl AsKey for KeyRef<'_> {
    fn parts(&self) -> (&Head, &[u8]) {
        (&self.head, self.bytes)
    }
}

impl<'a> Borrow<dyn AsKey + 'a> for RowKey {
    fn borrow(&self) -> &(dyn AsKey + 'a) {
        self
    }
}

impl Ord for dyn AsKey + '_ {
    /// Heads are padded with zeroes: they tell apart what the bytes tell apart, and
    /// in the same order, or nothing.
    fn cmp(&self, other: &Self) -> Ordering {
        let ((head, bytes), (other_head, other_bytes)) = (self.parts(), other.parts());
        head.cmp(other_head).then_with(|| bytes.cmp(other_bytes))
    }
}

impl PartialOrd for dyn AsKey + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for dyn AsKey + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for dyn AsKey + '_ {}

impl Ord for RowKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let (one, other): (&dyn AsKey, &dyn AsKey) = (self, other);
        one.cmp(other)
    }
}

impl PartialOrd for RowKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn head_of(bytes: &[u8]) -> Head {
    let mut padded = [0; WORDS * 8];
    let len = bytes.len().min(padded.len());
    padded[..len].copy_from_slice(&bytes[..len]);
    let mut head = [0; WORDS];
    for (word, chunk) in head.iter_mut().zip(padded.as_chunks::<8>().0) {
        *word = u64::from_be_bytes(*chunk);
    }
    head
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few letters, the zero byte among them, around the length of a head.
        #[test]
        fn keys_are_ordered_as_their_bytes_are(
            one in prop::collection::vec(0_u8..3, 0..30),
            other in prop::collection::vec(0_u8..3, 0..30),
            cut in 0_usize..30,
        ) {
            let mut longer = one.clone();
            longer.truncate(cut);
            longer.push(0);
            for pair in [(&one, &other), (&one, &longer), (&one, &one)] {
                let keys = (RowKey::new(pair.0.clone()), RowKey::new(pair.1.clone()));
                prop_assert_eq!(keys.0.cmp(&keys.1), pair.0.cmp(pair.1));
            }
        }
    }
}
