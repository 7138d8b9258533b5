//! Proofs over the journal's tree, with little reading.
//!
//! The manifest has the roots of the full subtrees at the end of each segment, so
//! most of what a proof names is known; the rest is made from the leaves of the few
//! segments that lie across a subtree's edge. Each such segment is read once.

use std::ops::Range;

use super::JournalError;
use super::merkle::{
    MerkleTree, TreeHash, consistency, halves, inclusion, node_hash, outside, root_of,
};
use super::queue::Shared;
use super::sealed::SealedSegments;
use crate::profile::RecordProfile;

/// One question's view of the tree.
#[derive(Debug)]
pub(super) struct Proofs<'a> {
    shared: &'a Shared,
    sealed: &'a SealedSegments,
    /// The leaves that were read last, and the index of the first.
    read: (u64, Vec<TreeHash>),
}

impl<'a> Proofs<'a> {
    pub(super) fn over(shared: &'a Shared, sealed: &'a SealedSegments) -> Self {
        Self { shared, sealed, read: (0, Vec::new()) }
    }

    pub(super) fn leaves(mut self, range: Range<u64>) -> Result<Vec<TreeHash>, JournalError> {
        self.within(range.end)?;
        let mut leaves = Vec::new();
        let mut at = range.start;
        while at < range.end {
            let piece = self.piece(at)?;
            let taken = part(&self.read, at..piece.end.min(range.end));
            leaves.extend_from_slice(taken);
            at += taken.len() as u64;
        }
        Ok(leaves)
    }

    pub(super) fn tree_at(mut self, size: u64) -> Result<MerkleTree, JournalError> {
        self.within(size)?;
        let entries = self.sealed.all();
        let before = entries.iter().take_while(|entry| entry.last <= size).last();
        let mut tree =
            before.map_or_else(|| MerkleTree::new(self.profile()), |entry| entry.tree.clone());
        while tree.size() < size {
            let piece = self.piece(tree.size())?;
            for leaf in part(&self.read, tree.size()..piece.end.min(size)) {
                tree.push(*leaf);
            }
        }
        Ok(tree)
    }

    pub(super) fn inclusion(
        mut self,
        index: u64,
        size: u64,
    ) -> Result<Vec<TreeHash>, JournalError> {
        self.within(size)?;
        if index >= size {
            return Err(JournalError::OutsideTree { asked: index.saturating_add(1), size });
        }
        inclusion(index, size, |node| self.root(node))
    }

    pub(super) fn consistency(
        mut self,
        old: u64,
        size: u64,
    ) -> Result<Vec<TreeHash>, JournalError> {
        self.within(size)?;
        if old == 0 || old > size {
            return Err(JournalError::OutsideTree { asked: old, size });
        }
        consistency(old, size, |node| self.root(node))
    }

    pub(super) fn range(
        mut self,
        range: &Range<u64>,
        size: u64,
    ) -> Result<Vec<TreeHash>, JournalError> {
        self.within(size)?;
        if range.is_empty() || range.end > size {
            return Err(JournalError::OutsideTree { asked: range.end, size });
        }
        outside(range, size, |node| self.root(node))
    }

    fn profile(&self) -> RecordProfile {
        self.shared.tail().position.profile
    }

    fn within(&self, size: u64) -> Result<(), JournalError> {
        let has = self.shared.tail().position.sequence;
        let outside = JournalError::OutsideTree { asked: size, size: has };
        if size <= has { Ok(()) } else { Err(outside) }
    }

    /// The root over the leaves in `node`.
    fn root(&mut self, node: Range<u64>) -> Result<TreeHash, JournalError> {
        if let Some(known) = self.known(&node) {
            return Ok(known);
        }
        // Sealed in between, the open piece is shorter than its bounds were.
        if node.end <= self.bounds(node.start)?.end && node.end <= self.piece(node.start)?.end {
            return Ok(root_of(self.profile(), part(&self.read, node)));
        }
        let (left, right) = halves(node);
        let (left, right) = (self.root(left)?, self.root(right)?);
        Ok(node_hash(self.profile(), &left, &right))
    }

    /// The root over `node`, if the first segment that ends behind it has it.
    fn known(&self, node: &Range<u64>) -> Option<TreeHash> {
        let entries = self.sealed.all();
        let behind = entries.partition_point(|entry| entry.last < node.end);
        entries.get(behind)?.tree.subtree(node)
    }

    /// Reads the piece that holds leaf `index`; returns what it holds.
    fn piece(&mut self, index: u64) -> Result<Range<u64>, JournalError> {
        let read = self.read.0..self.read.0 + self.read.1.len() as u64;
        if read.contains(&index) {
            return Ok(read);
        }
        // Leaves are let go of only when a sealed segment has them: asked in this
        // order, one of the two knows.
        let (first, leaves) = self.shared.unsealed(index);
        self.read = if first == index {
            (first, leaves)
        } else {
            let entries = self.sealed.all();
            let at = entries.partition_point(|entry| entry.last <= index);
            let missing = JournalError::OutsideTree { asked: index + 1, size: first };
            let entry = entries.get(at).ok_or(missing)?;
            (entry.leaves().start, self.sealed.leaves(entry)?)
        };
        Ok(self.read.0..self.read.0 + self.read.1.len() as u64)
    }

    /// What the piece with leaf `index` holds, without reading it.
    fn bounds(&self, index: u64) -> Result<Range<u64>, JournalError> {
        let sealed = self.shared.sealed();
        if index >= sealed {
            return Ok(sealed..self.shared.tail().position.sequence);
        }
        let entries = self.sealed.all();
        let at = entries.partition_point(|entry| entry.last <= index);
        let missing = JournalError::OutsideTree { asked: index + 1, size: sealed };
        Ok(entries.get(at).ok_or(missing)?.leaves())
    }
}

/// The leaves of `range`, which lie in what was read.
fn part((first, leaves): &(u64, Vec<TreeHash>), range: Range<u64>) -> &[TreeHash] {
    let place = |index: u64| usize::try_from(index - first).unwrap_or(usize::MAX);
    leaves.get(place(range.start)..place(range.end)).unwrap_or_default()
}
