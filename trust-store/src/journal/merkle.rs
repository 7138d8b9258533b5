//! The Merkle tree over the records: RFC 6962 section 2.1.
//!
//! A leaf is a record's frame. [`MerkleTree`] keeps only the roots of the full
//! subtrees, so that a million records cost twenty hashes of memory; proofs are
//! made from the leaf hashes, which a pass over the segments gives, and checked
//! with nothing but the roots they connect (RFC 9162 sections 2.1.3.2, 2.1.4.2).

use ring::digest::{Context, SHA256};

/// A node's hash.
pub type TreeHash = [u8; 32];

/// The hash of a leaf: SHA-256 of a zero byte and the record's frame.
pub fn leaf_hash(frame: &[u8]) -> TreeHash {
    hash(&[&[0], frame])
}

fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    hash(&[&[1], left, right])
}

fn hash(parts: &[&[u8]]) -> TreeHash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// A tree that grows at its right edge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MerkleTree {
    size: u64,
    /// Roots of full subtrees, the largest first: one for each bit of `size`.
    peaks: Vec<TreeHash>,
}

impl MerkleTree {
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
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root; of the empty tree, the hash of nothing.
    pub fn root(&self) -> TreeHash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return hash(&[]);
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The root of the tree over `leaves`.
fn root_of(leaves: &[TreeHash]) -> TreeHash {
    let mut tree = MerkleTree::default();
    for leaf in leaves {
        tree.push(*leaf);
    }
    tree.root()
}

/// The largest power of two smaller than `len`, which is at least 2.
fn split(len: usize) -> usize {
    1 << (len - 1).ilog2()
}

/// The proof that leaf `index` is in the tree over `leaves`, from the leaf up;
/// `None` if it is not.
pub fn prove_inclusion(index: usize, mut leaves: &[TreeHash]) -> Option<Vec<TreeHash>> {
    let mut index = (index < leaves.len()).then_some(index)?;
    let mut proof = Vec::new();
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            proof.push(root_of(right));
            leaves = left;
        } else {
            index -= left.len();
            proof.push(root_of(left));
            leaves = right;
        }
    }
    proof.reverse();
    Some(proof)
}

/// The proof that the tree over the first `size` of `leaves` is the beginning of
/// the tree over all of them; `None` unless `size` is between 1 and their number.
pub fn prove_consistency(size: usize, mut leaves: &[TreeHash]) -> Option<Vec<TreeHash>> {
    let mut size = (1..=leaves.len()).contains(&size).then_some(size)?;
    let mut proof = Vec::new();
    let mut is_whole = true;
    while size < leaves.len() {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if size <= left.len() {
            proof.push(root_of(right));
            leaves = left;
        } else {
            size -= left.len();
            proof.push(root_of(left));
            leaves = right;
            is_whole = false;
        }
    }
    // The old tree's root itself is known to whoever checks.
    if !is_whole {
        proof.push(root_of(leaves));
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` shows that `leaf` is leaf `index` of the tree of `size` leaves
/// with this `root`.
pub fn verify_inclusion(
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
            here = node_hash(sibling, &here);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            here = node_hash(&here, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && here == *root
}

/// Whether `proof` shows that the tree of `old_size` leaves with `old_root` is the
/// beginning of the tree of `size` leaves with `root`.
pub fn verify_consistency(
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
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == *old_root && new == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// The inputs and roots that the Certificate Transparency implementations
    /// have in their tests.
    const LEAVES: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn leaves(count: u8) -> Vec<TreeHash> {
        (0..count).map(|number| leaf_hash(&[number])).collect()
    }

    #[test]
    fn the_published_roots() {
        let mut tree = MerkleTree::default();
        assert_eq!(hex::encode(&tree.root()), ROOTS[0]);
        for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
            let pairs = (0..leaf.len()).step_by(2);
            let bytes: Vec<u8> =
                pairs.map(|at| u8::from_str_radix(&leaf[at..at + 2], 16).unwrap()).collect();
            tree.push(leaf_hash(&bytes));
            assert_eq!(hex::encode(&tree.root()), *root, "{} leaves", tree.size());
        }
    }

    #[test]
    fn every_inclusion_is_proved_and_nothing_else() {
        for size in 1..=33_u8 {
            let leaves = leaves(size);
            let root = root_of(&leaves);
            for index in 0..size {
                let at = usize::from(index);
                let proof = prove_inclusion(at, &leaves).unwrap();
                let (size, index) = (u64::from(size), u64::from(index));
                assert!(verify_inclusion(&root, size, index, leaves[at], &proof));
                assert!(!verify_inclusion(&root, size, index, leaf_hash(b"other"), &proof));
                assert!(!verify_inclusion(&root, size, size, leaves[at], &proof));
                for wrong in altered(&proof) {
                    assert!(!verify_inclusion(&root, size, index, leaves[at], &wrong));
                }
            }
            assert_eq!(prove_inclusion(usize::from(size), &leaves), None);
        }
    }

    #[test]
    fn every_beginning_is_proved_and_nothing_else() {
        for size in 1..=33_u8 {
            let leaves = leaves(size);
            let new = (u64::from(size), &root_of(&leaves));
            for old in 1..=size {
                let at = usize::from(old);
                let proof = prove_consistency(at, &leaves).unwrap();
                let old = (u64::from(old), &root_of(&leaves[..at]));
                assert!(verify_consistency(old, new, &proof), "{} to {size}", old.0);
                assert!(!verify_consistency((old.0, &[7; 32]), new, &proof));
                assert!(!verify_consistency(old, (new.0, &[7; 32]), &proof));
                for wrong in altered(&proof) {
                    assert!(!verify_consistency(old, new, &wrong));
                }
            }
            assert_eq!(prove_consistency(0, &leaves), None);
        }
    }

    /// The proof with one hash changed, one left out, one added.
    fn altered(proof: &[TreeHash]) -> Vec<Vec<TreeHash>> {
        let mut wrong = vec![[proof, &[[3; 32]]].concat()];
        for at in 0..proof.len() {
            let mut changed = proof.to_vec();
            changed[at][0] ^= 1;
            let mut shorter = proof.to_vec();
            shorter.remove(at);
            wrong.extend([changed, shorter]);
        }
        wrong
    }
}
