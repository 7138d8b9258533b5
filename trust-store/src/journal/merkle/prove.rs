//! Making proofs, from whatever knows the roots of subtrees: a list of leaves, or
//! the journal, which keeps most of them.

use std::convert::Infallible;
use std::ops::Range;

use super::{TreeHash, halves, root_of};
use crate::profile::RecordProfile;

/// The proof that leaf `index` is in the tree over `leaves`, from the leaf up;
/// `None` if it is not.
pub fn prove_inclusion(
    profile: RecordProfile,
    index: usize,
    leaves: &[TreeHash],
) -> Option<Vec<TreeHash>> {
    let index = (index < leaves.len()).then_some(index as u64)?;
    Some(exact(inclusion(index, leaves.len() as u64, over(profile, leaves))))
}

/// The proof that the tree over the first `size` of `leaves` is the beginning of
/// the tree over all of them; `None` unless `size` is between 1 and their number.
pub fn prove_consistency(
    profile: RecordProfile,
    size: usize,
    leaves: &[TreeHash],
) -> Option<Vec<TreeHash>> {
    let size = (1..=leaves.len()).contains(&size).then_some(size as u64)?;
    Some(exact(consistency(size, leaves.len() as u64, over(profile, leaves))))
}

/// The proof that the leaves in `range`, which is not empty, are those of the tree
/// over `leaves`: the roots left and right of it; `None` if it goes beyond them.
pub fn prove_range(
    profile: RecordProfile,
    range: Range<usize>,
    leaves: &[TreeHash],
) -> Option<Vec<TreeHash>> {
    if range.is_empty() || range.end > leaves.len() {
        return None;
    }
    let range = range.start as u64..range.end as u64;
    Some(exact(outside(&range, leaves.len() as u64, over(profile, leaves))))
}

/// RFC 6962 section 2.1.1; `index` is less than `size`.
pub(in crate::journal) fn inclusion<E>(
    index: u64,
    size: u64,
    mut root: impl FnMut(Range<u64>) -> Result<TreeHash, E>,
) -> Result<Vec<TreeHash>, E> {
    let mut node = 0..size;
    let mut proof = Vec::new();
    while node.end - node.start > 1 {
        let (left, right) = halves(node);
        if index < left.end {
            proof.push(root(right)?);
            node = left;
        } else {
            proof.push(root(left)?);
            node = right;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// RFC 6962 section 2.1.2; `old` is between 1 and `size`.
pub(in crate::journal) fn consistency<E>(
    old: u64,
    size: u64,
    mut root: impl FnMut(Range<u64>) -> Result<TreeHash, E>,
) -> Result<Vec<TreeHash>, E> {
    let mut node = 0..size;
    let mut proof = Vec::new();
    while old < node.end {
        let (left, right) = halves(node);
        if old <= left.end {
            proof.push(root(right)?);
            node = left;
        } else {
            proof.push(root(left)?);
            node = right;
        }
    }
    // The old tree's root itself is known to whoever checks.
    if node.start > 0 {
        proof.push(root(node)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The roots of the largest subtrees outside `range`, as a walk from the root that
/// takes the left half first meets them; `range` is not empty and within `size`.
pub(in crate::journal) fn outside<E>(
    range: &Range<u64>,
    size: u64,
    mut root: impl FnMut(Range<u64>) -> Result<TreeHash, E>,
) -> Result<Vec<TreeHash>, E> {
    let mut proof = Vec::new();
    let mut ahead = Vec::from([(0, size)]);
    while let Some((start, end)) = ahead.pop() {
        let node = start..end;
        if node.end <= range.start || range.end <= node.start {
            proof.push(root(node)?);
        } else if node.start < range.start || range.end < node.end {
            let (left, right) = halves(node);
            ahead.extend([(right.start, right.end), (left.start, left.end)]);
        }
    }
    Ok(proof)
}

fn over(
    profile: RecordProfile,
    leaves: &[TreeHash],
) -> impl FnMut(Range<u64>) -> Result<TreeHash, Infallible> {
    // Every range asked for lies within the leaves, whose number is a usize.
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    move |node| Ok(root_of(profile, &leaves[place(node.start)..place(node.end)]))
}

fn exact<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
    }
}
