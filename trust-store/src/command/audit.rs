//! The journal as operators read it.

use super::reply::{RecordView, VerifiedView};
use super::{CommandError, Replay, Reply};
use crate::evidence::CheckpointAudit;
use crate::index::MemoryRows;
use crate::journal::{Journal, JournalError, MerkleTree, leaf_hash};
use crate::province::{Province, decode, place};
use crate::{StoreError, hex, state};

/// How many records one listing shows at most.
const LISTED_MAX: u32 = 10_000;

/// Records from a sequence number on.
pub(super) fn list(province: &Province, from: u64, limit: u32) -> Result<Reply, CommandError> {
    if from > province.journal().position().sequence {
        return Ok(Reply::Records(Vec::new()));
    }
    let records = province.journal().read_from(from.max(1)).map_err(StoreError::from)?;
    let mut views = Vec::new();
    for record in records.take(limit.min(LISTED_MAX) as usize) {
        let record = record.map_err(StoreError::from)?;
        let entry = serde_json::from_slice(record.payload());
        views.push(RecordView {
            sequence: record.sequence(),
            time: record.time_millis(),
            hash: record.hash().to_string(),
            frame: record.frame().to_vec().into(),
            entry: entry.map_err(StoreError::encoding)?,
        });
    }
    Ok(Reply::Records(views))
}

/// Reads everything: the sealed segments against the manifest, each record and the
/// chain, every checkpoint against the tree at its size, the timestamps that are kept of
/// them, every blob that a record names. On request the state is made anew from the first record and compared with
/// the index. Of archived records only the leaves are here to be checked.
pub(super) fn verify(province: &Province, replay: Replay) -> Result<Reply, CommandError> {
    let (applied, stated) = province.index_stands_at()?;
    let mut reading = Reading::begin(province, (replay == Replay::Yes).then_some(applied))?;
    let segments = province.journal().check_sealed().map_err(found)?;
    reading.run(&**province.journal())?;
    let Reading { first, tree, head, rows, checkpoints, .. } = reading;
    let (checkpoints, accepted_losses) =
        checkpoints.finish(&tree).map_err(CommandError::refused)?;
    let (blobs, damaged) = province.check_blobs()?;
    if !damaged.is_empty() {
        return Err(CommandError::refused(damaged.join("\n")));
    }
    let (timestamps, unproven_timestamps, wrong) = province.check_timestamps()?;
    if !wrong.is_empty() {
        return Err(CommandError::refused(wrong.join("\n")));
    }
    let state = match replay {
        Replay::No => None,
        Replay::Yes if rows.fingerprint() == stated => Some(hex::encode(&stated.1)),
        Replay::Yes => {
            return Err(CommandError::refused(format!(
                "the index is not what records 1 to {applied} make: stop the gateway, remove \
                 the state folder, start it again"
            )));
        }
    };
    let (records, root) = (tree.size(), hex::encode(&tree.root()));
    Ok(Reply::Verified(VerifiedView {
        records,
        archived: first - 1,
        head,
        root,
        segments,
        checkpoints,
        accepted_losses,
        timestamps,
        unproven_timestamps,
        blobs,
        state,
    }))
}

/// One pass over the records.
struct Reading {
    /// The first record that is here.
    first: u64,
    /// Up to which record the state is made anew, if it is.
    replay: Option<u64>,
    tree: MerkleTree,
    head: String,
    rows: MemoryRows,
    checkpoints: CheckpointAudit,
}

impl Reading {
    fn begin(province: &Province, replay: Option<u64>) -> Result<Self, CommandError> {
        let keys = province.evidence_keys()?;
        let checkpoints =
            CheckpointAudit::of(province.keeper(), &keys).map_err(StoreError::from)?;
        let sealed = province.journal().sealed_segments();
        let archived = sealed.iter().rfind(|segment| segment.archived);
        // The state is made from the first record: an error that names it if that
        // is not here.
        let archived = archived.filter(|_| replay.is_none());
        let (first, tree) = match archived {
            Some(segment) => (segment.last + 1, segment.tree.clone()),
            None => (1, MerkleTree::new(province.journal().profile())),
        };
        let head = archived.map_or_else(String::new, |last| last.position.hash.to_string());
        Ok(Self { first, replay, tree, head, rows: MemoryRows::default(), checkpoints })
    }

    fn run(&mut self, journal: &dyn Journal) -> Result<(), CommandError> {
        for size in self.checkpoints.sizes_before(self.first) {
            self.checkpoints.compare(&journal.tree_at(size).map_err(found)?);
        }
        for record in journal.read_from(self.first).map_err(StoreError::from)? {
            let record = record.map_err(found)?;
            let entry = decode(&record)?;
            if self.replay.is_some_and(|last| record.sequence() <= last) {
                state::apply(place(&record), &entry, &mut self.rows).map_err(StoreError::from)?;
            }
            self.tree.push(leaf_hash(record.position().profile, record.frame()));
            self.checkpoints.compare(&self.tree);
            self.head = record.hash().to_string();
        }
        Ok(())
    }
}

/// What was found is the answer: no.
fn found(error: JournalError) -> CommandError {
    match error {
        JournalError::Damaged(damage) => CommandError::refused(damage.to_string()),
        other => StoreError::from(other).into(),
    }
}
