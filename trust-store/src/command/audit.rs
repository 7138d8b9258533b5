//! The journal as operators read it.

use super::reply::RecordView;
use super::{CommandError, Replay, Reply};
use crate::index::MemoryRows;
use crate::province::{Province, decode, place};
use crate::state;

/// How many records one listing shows at most.
const LISTED_MAX: u32 = 10_000;

/// Records from a sequence number on.
pub(super) fn list(province: &Province, from: u64, limit: u32) -> Result<Reply, CommandError> {
    if from > province.journal().position().sequence {
        return Ok(Reply::Records(Vec::new()));
    }
    let records = province.journal().read_from(from.max(1)).map_err(crate::StoreError::from)?;
    let mut views = Vec::new();
    for record in records.take(limit.min(LISTED_MAX) as usize) {
        let record = record.map_err(crate::StoreError::from)?;
        let entry = serde_json::from_slice(record.payload());
        views.push(RecordView {
            sequence: record.sequence(),
            time: record.time_millis(),
            hash: record.hash().to_string(),
            frame: record.frame().to_vec().into(),
            entry: entry.map_err(crate::StoreError::encoding)?,
        });
    }
    Ok(Reply::Records(views))
}

/// Reads everything; the reader checks each record and the chain. On request
/// the state is made anew from the first record and compared with the index.
pub(super) fn verify(province: &Province, replay: Replay) -> Result<Reply, CommandError> {
    let (applied, stated) = province.index_stands_at();
    let records = province.journal().read_from(1).map_err(crate::StoreError::from)?;
    let mut rows = MemoryRows::default();
    let mut count = 0;
    let mut head = String::new();
    for record in records {
        let record = record.map_err(|damage| CommandError::refused(damage.to_string()))?;
        let entry = decode(&record)?;
        if replay == Replay::Yes && record.sequence() <= applied {
            state::apply(place(&record), &entry, &mut rows).map_err(crate::StoreError::from)?;
        }
        count += 1;
        head = record.hash().to_string();
    }
    if replay == Replay::No {
        return Ok(Reply::Verified { records: count, head, state: None });
    }
    if rows.fingerprint() != stated {
        return Err(CommandError::refused(format!(
            "the index is not what records 1 to {applied} make: stop the gateway, remove the \
             state folder, start it again"
        )));
    }
    let state = Some(crate::hex::encode(&rows.fingerprint().1));
    Ok(Reply::Verified { records: count, head, state })
}
