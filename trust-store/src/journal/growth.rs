//! What the writer knows of the open segment besides its end: the tree over all
//! records, and the hash of the file so far.

use ring::digest::{Context, SHA256};

use super::merkle::{MerkleTree, TreeHash, leaf_hash};
use super::queue::Tail;
use super::sealed::SealedSegment;
use super::{Position, segment};
use crate::profile::RecordProfile;

/// Grows with every record, durable or about to be; after a failed write nobody
/// asks it any more.
#[derive(Clone)]
pub(super) struct Growth {
    profile: RecordProfile,
    tree: MerkleTree,
    content: Context,
}

impl Growth {
    /// At the head of the segment that goes on after `position`, with `tree` over
    /// all records before it.
    pub(super) fn after(position: &Position, tree: MerkleTree) -> Self {
        let mut content = Context::new(&SHA256);
        content.update(&segment::encode_header(position));
        Self { profile: position.profile, tree, content }
    }

    /// Takes a frame in; returns its leaf.
    pub(super) fn push(&mut self, frame: &[u8]) -> TreeHash {
        self.content.update(frame);
        let leaf = leaf_hash(self.profile, frame);
        self.tree.push(leaf);
        leaf
    }

    /// The tree over all records so far.
    pub(super) fn tree(&self) -> &MerkleTree {
        &self.tree
    }

    /// What the manifest says of the segment if it ends at `tail`.
    pub(super) fn seal(&self, tail: &Tail) -> SealedSegment {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.content.clone().finish().as_ref());
        SealedSegment {
            first: tail.segment,
            last: tail.position.sequence,
            bytes: tail.offset,
            sha256,
            position: tail.position,
            root: self.tree.root(),
            tree: self.tree.clone(),
            archived: false,
        }
    }
}

impl std::fmt::Debug for Growth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Growth").field("size", &self.tree.size()).finish_non_exhaustive()
    }
}
