//! Checking proofs with nothing but the roots they connect (RFC 9162 sections
//! 2.1.3.2 and 2.1.4.2). What is checked comes from anybody: no size makes these
//! work longer than the proof is.

use std::ops::Range;

use super::{TreeHash, halves, node_hash, root_of};
use crate::profile::RecordProfile;

/// Whether `proof` shows that `leaf` is leaf `index` of the tree of `size` leaves
/// with this `root`.
pub fn verify_inclusion(
    profile: RecordProfile,
    root: &TreeHash,
    size: u64,
    index: u64,
    leaf: TreeHash,
    proof: &[TreeHash],
) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut here) = (index, size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            here = node_hash(profile, sibling, &here);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            here = node_hash(profile, &here, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && here == *root
}

/// Whether `proof` shows that the tree of `old_size` leaves with `old_root` is the
/// beginning of the tree of `size` leaves with `root`.
pub fn verify_consistency(
    profile: RecordProfile,
    (old_size, old_root): (u64, &TreeHash),
    (size, root): (u64, &TreeHash),
    proof: &[TreeHash],
) -> bool {
    if old_size == size {
        return proof.is_empty() && old_root == root;
    }
    if old_size == 0 || old_size > size {
        return false;
    }
    // A full old tree is itself the first node.
    let (first, rest) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (*old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return false,
    };
    let shift = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> shift, (size - 1) >> shift);
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old = node_hash(profile, sibling, &old);
            new = node_hash(profile, sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(profile, &new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == *old_root && new == *root
}

/// Whether `proof` shows that `leaves` are those from `first` on of the tree of
/// `size` leaves with this `root`: what `prove_range` made.
pub fn verify_range(
    profile: RecordProfile,
    root: &TreeHash,
    size: u64,
    first: u64,
    leaves: &[TreeHash],
    proof: &[TreeHash],
) -> bool {
    let Some(end) = first.checked_add(leaves.len() as u64).filter(|end| *end <= size) else {
        return false;
    };
    let mut outside = proof.iter();
    let whole = Known { profile, range: first..end, leaves };
    let found = (!leaves.is_empty()).then(|| whole.node(0..size, &mut outside)).flatten();
    found == Some(*root) && outside.next().is_none()
}

/// The leaves of a range that are known; of the others, only roots of subtrees.
struct Known<'a> {
    profile: RecordProfile,
    range: Range<u64>,
    leaves: &'a [TreeHash],
}

impl Known<'_> {
    /// The root over `node`, with what is outside the range taken in order.
    fn node(
        &self,
        node: Range<u64>,
        outside: &mut std::slice::Iter<'_, TreeHash>,
    ) -> Option<TreeHash> {
        let known = &self.range;
        if node.end <= known.start || known.end <= node.start {
            return outside.next().copied();
        }
        if known.start <= node.start && node.end <= known.end {
            let from = usize::try_from(node.start - known.start).ok()?;
            let to = usize::try_from(node.end - known.start).ok()?;
            return self.leaves.get(from..to).map(|leaves| root_of(self.profile, leaves));
        }
        // A node that is neither inside nor outside has at least two leaves, and
        // there are at most two such nodes on each of 64 levels.
        let (left, right) = halves(node);
        let (left, right) = (self.node(left, outside)?, self.node(right, outside)?);
        Some(node_hash(self.profile, &left, &right))
    }
}
