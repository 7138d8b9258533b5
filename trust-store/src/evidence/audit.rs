//! Every kept checkpoint against the record, in one pass over it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::checkpoint::SignedCheckpoint;
use super::error::EvidenceError;
use super::keeper::Keeper;
use super::note::EvidenceKey;
use crate::hex;
use crate::journal::{MerkleTree, TreeHash};

/// How many disagreements are named.
const NAMED: usize = 10;

/// The checkpoints still to be compared, by size, and what was found so far.
#[derive(Debug, Default)]
pub(crate) struct CheckpointAudit {
    waiting: BTreeMap<u64, Vec<(PathBuf, TreeHash)>>,
    agreed: u64,
    accepted: u64,
    faults: Vec<String>,
}

impl CheckpointAudit {
    /// All kept checkpoints, their signatures checked.
    pub(crate) fn of(keeper: &Keeper, keys: &[EvidenceKey]) -> Result<Self, EvidenceError> {
        let accepted = keeper.accepted()?;
        let mut audit = Self { accepted: accepted.len() as u64, ..Self::default() };
        for month in keeper.log().months()? {
            let month = month?;
            for offset in month.unreadable {
                audit.fault(format!("{} at byte {offset}: no checkpoint", month.path.display()));
            }
            let notes = month.notes.iter().filter(|note| !accepted.contains(note));
            notes.for_each(|note| audit.expect(&month.path, note, keys));
        }
        Ok(audit)
    }

    fn expect(&mut self, path: &std::path::Path, note: &SignedCheckpoint, keys: &[EvidenceKey]) {
        let said = note.checkpoint();
        if let Err(error) = note.verify(keys) {
            let (path, size) = (path.display(), said.size);
            return self.fault(format!("{path}, checkpoint of {size} records: {error}"));
        }
        self.waiting.entry(said.size).or_default().push((path.to_owned(), said.root));
    }

    /// The sizes to be compared of trees without record `first`.
    pub(crate) fn sizes_before(&self, first: u64) -> Vec<u64> {
        self.waiting.range(..first).map(|(size, _)| *size).collect()
    }

    /// Compares those of this size.
    pub(crate) fn compare(&mut self, tree: &MerkleTree) {
        let Some(same_size) = self.waiting.remove(&tree.size()) else { return };
        let (found, size) = (tree.root(), tree.size());
        for (place, root) in same_size {
            if root == found {
                self.agreed += 1;
                continue;
            }
            let (signed, found) = (hex::encode(&root), hex::encode(&found));
            let error = EvidenceError::OtherRecords { place, size, signed, found };
            self.fault(error.to_string());
        }
    }

    /// How many agreed, and how many are accepted as lost; or what did not agree.
    pub(crate) fn finish(mut self, tree: &MerkleTree) -> Result<(u64, u64), String> {
        for (signed, places) in std::mem::take(&mut self.waiting) {
            for (place, _) in places {
                let size = tree.size();
                self.fault(EvidenceError::JournalShorter { place, signed, size }.to_string());
            }
        }
        if self.faults.is_empty() {
            Ok((self.agreed, self.accepted))
        } else {
            Err(self.faults.join("\n"))
        }
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < NAMED {
            self.faults.push(fault);
        }
    }
}
