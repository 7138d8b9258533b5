//! The root of a tree from a run of its leaves and the hashes around them, with
//! memory for a few hashes only.

use crate::journal::{TreeHash, node_hash};
use crate::profile::RecordProfile;

/// The leaves of one run, merged into the largest full subtrees within it.
#[derive(Debug)]
pub(super) struct Run {
    profile: RecordProfile,
    first: u64,
    end: u64,
    /// Level (the logarithm of its leaves) and hash, left to right.
    nodes: Vec<(u32, TreeHash)>,
}

impl Run {
    /// An empty run whose first leaf will have this index.
    pub(super) fn starting_at(profile: RecordProfile, first: u64) -> Self {
        Self { profile, first, end: first, nodes: Vec::new() }
    }

    /// Adds the next leaf.
    pub(super) fn push(&mut self, leaf: TreeHash) {
        let (mut level, mut node) = (0, leaf);
        // A right child meets its left one, if that lies within the run.
        while (self.end >> level) & 1 == 1 {
            match self.nodes.pop() {
                Some((its, left)) if its == level => node = node_hash(self.profile, &left, &node),
                other => {
                    self.nodes.extend(other);
                    break;
                }
            }
            level += 1;
        }
        self.nodes.push((level, node));
        self.end += 1;
    }

    /// The root of the tree of `size` leaves, `proof` being the hashes of what lies
    /// outside the run, left to right. `None` if they do not fit together.
    pub(super) fn root(&self, size: u64, proof: &[TreeHash]) -> Option<TreeHash> {
        if self.first == self.end || self.end > size {
            return None;
        }
        let mut parts = Parts { run: self, nodes: self.nodes.iter(), proof: proof.iter() };
        let root = parts.hash(0, size)?;
        (parts.nodes.len() == 0 && parts.proof.len() == 0).then_some(root)
    }
}

/// What is left to be used, from the left.
struct Parts<'a> {
    run: &'a Run,
    nodes: std::slice::Iter<'a, (u32, TreeHash)>,
    proof: std::slice::Iter<'a, TreeHash>,
}

impl Parts<'_> {
    /// The hash over the leaves from `first` to before `end` (RFC 6962 2.1).
    fn hash(&mut self, first: u64, end: u64) -> Option<TreeHash> {
        if end <= self.run.first || first >= self.run.end {
            return self.proof.next().copied();
        }
        let len = end - first;
        let inside = first >= self.run.first && end <= self.run.end;
        if inside && len.is_power_of_two() {
            let (level, node) = self.nodes.next()?;
            return (*level == len.ilog2()).then_some(*node);
        }
        // Not a single leaf: those are inside or outside.
        let middle = first + (1 << (len - 1).ilog2());
        let left = self.hash(first, middle)?;
        let right = self.hash(middle, end)?;
        Some(node_hash(self.run.profile, &left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{MerkleTree, leaf_hash, prove_range};

    const PROFILE: RecordProfile = RecordProfile::Gm;

    fn root_of(leaves: &[TreeHash]) -> TreeHash {
        let mut tree = MerkleTree::new(PROFILE);
        for leaf in leaves {
            tree.push(*leaf);
        }
        tree.root()
    }

    #[test]
    fn every_run_of_every_small_tree_leads_to_the_root_and_nothing_else_does() {
        for size in 1..=19_usize {
            let leaves: Vec<TreeHash> =
                (0..size).map(|n| leaf_hash(PROFILE, &n.to_be_bytes())).collect();
            let root = root_of(&leaves);
            for first in 0..size {
                for end in first + 1..=size {
                    let proof = prove_range(PROFILE, first..end, &leaves).unwrap();
                    let mut run = Run::starting_at(PROFILE, first as u64);
                    for leaf in &leaves[first..end] {
                        run.push(*leaf);
                    }
                    assert_eq!(run.root(size as u64, &proof), Some(root), "{first}..{end}/{size}");
                    let longer = [&proof[..], &[[0; 32]]].concat();
                    assert_eq!(run.root(size as u64, &longer), None);
                    for at in 0..proof.len() {
                        let mut changed = proof.clone();
                        changed[at][0] ^= 1;
                        assert_ne!(run.root(size as u64, &changed), Some(root));
                        changed.remove(at);
                        assert_eq!(run.root(size as u64, &changed), None);
                    }
                }
            }
        }
    }
}
