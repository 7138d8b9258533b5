//! The Merkle tree over the records: RFC 6962 section 2.1.
//!
//! A leaf is a record's frame: record *n* is leaf *n* − 1. The hash is that of the
//! journal's profile. [`MerkleTree`] keeps
//! only the roots of the full subtrees, so that a million records cost twenty
//! hashes of memory; making proofs is in `prove`, checking them in `verify`.

mod prove;
#[cfg(test)]
mod tests;
mod verify;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub(super) use prove::{consistency, inclusion, outside};
pub use prove::{prove_consistency, prove_inclusion, prove_range};
pub use verify::{verify_consistency, verify_inclusion, verify_range};

use crate::hex;
use crate::profile::RecordProfile;

/// A node's hash.
pub type TreeHash = [u8; 32];

/// The hash of a leaf, by the journal's profile: of a zero byte and the record's frame.
pub fn leaf_hash(profile: RecordProfile, frame: &[u8]) -> TreeHash {
    profile.hash(&[&[0], frame])
}

pub(crate) fn node_hash(profile: RecordProfile, left: &TreeHash, right: &TreeHash) -> TreeHash {
    profile.hash(&[&[1], left, right])
}

/// A tree that grows at its right edge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct MerkleTree {
    profile: RecordProfile,
    size: u64,
    /// Roots of full subtrees, the largest first: one for each bit of `size`.
    peaks: Vec<TreeHash>,
}

/// As it is written in files: the size, and the peaks in hex.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default, skip_serializing_if = "RecordProfile::is_standard")]
    profile: RecordProfile,
    size: u64,
    peaks: Vec<String>,
}

impl From<MerkleTree> for Stored {
    fn from(tree: MerkleTree) -> Self {
        let peaks = tree.peaks.iter().map(|peak| hex::encode(peak)).collect();
        Self { profile: tree.profile, size: tree.size, peaks }
    }
}

impl TryFrom<Stored> for MerkleTree {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let peaks: Option<_> = stored.peaks.iter().map(|peak| hex::decode(peak)).collect();
        let peaks = peaks.ok_or("a peak is 64 lower-case hexadecimal digits")?;
        let tree = Self::from_peaks(stored.profile, stored.size, peaks);
        tree.ok_or("one peak for each bit of the size")
    }
}

impl MerkleTree {
    /// The empty tree.
    pub fn new(profile: RecordProfile) -> Self {
        Self { profile, ..Self::default() }
    }

    /// The tree of `size` leaves with these roots of its full subtrees, the largest
    /// first; `None` unless there is one for each bit of the size.
    pub fn from_peaks(profile: RecordProfile, size: u64, peaks: Vec<TreeHash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { profile, size, peaks })
    }

    /// What its nodes are hashed with.
    pub fn profile(&self) -> RecordProfile {
        self.profile
    }

    /// The roots of its full subtrees, the largest (and leftmost) first.
    pub fn peaks(&self) -> &[TreeHash] {
        &self.peaks
    }

    /// The root over `range`, if that is one of its largest full subtrees.
    pub(super) fn subtree(&self, range: &Range<u64>) -> Option<TreeHash> {
        let len = range.end.checked_sub(range.start).filter(|len| len.is_power_of_two())?;
        let larger = self.size & !(len - 1) & !len;
        // The peaks stand one after the other, in the order of the size's bits.
        let is_peak = self.size & len != 0 && larger == range.start;
        self.peaks.get(larger.count_ones() as usize).filter(|_| is_peak).copied()
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: TreeHash) {
        let mut node = leaf;
        // Each trailing one bit of the size is a full subtree that pairs up.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                node = node_hash(self.profile, &left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root; of the empty tree, the hash of nothing.
    pub fn root(&self) -> TreeHash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return self.profile.hash(&[]);
        };
        peaks.fold(*last, |right, left| node_hash(self.profile, left, &right))
    }
}

/// The root of the tree over `leaves`.
pub(super) fn root_of(profile: RecordProfile, leaves: &[TreeHash]) -> TreeHash {
    let mut tree = MerkleTree::new(profile);
    for leaf in leaves {
        tree.push(*leaf);
    }
    tree.root()
}

/// The children of the node over `range`, which has at least two leaves: the left
/// one has the largest power of two smaller than their number.
pub(super) fn halves(range: Range<u64>) -> (Range<u64>, Range<u64>) {
    let middle = range.start + (1 << (range.end - range.start - 1).ilog2());
    (range.start..middle, middle..range.end)
}
