//! Evidence as operators ask for it.

use std::sync::Arc;

use super::reply::EvidenceKeyView;
use super::{CommandError, FileBytes, Reply};
use crate::StoreError;
use crate::change::Actor;
use crate::evidence::{EvidenceError, ExportHeader, SignedCheckpoint, render_growth};
use crate::province::Province;
use crate::state::Lookups;

/// How many bytes of records one answer holds at most, but for the last record.
const FRAMES_BYTES: usize = 4 << 20;

/// How many records one answer holds at most.
const FRAMES_MAX: usize = 10_000;

/// Signs the record as it stands.
pub(super) async fn checkpoint(province: &Province) -> Result<Reply, CommandError> {
    Ok(Reply::Checkpoint((&*province.checkpoint().await?).into()))
}

/// The keys of all times.
pub(super) fn keys(province: &Province) -> Result<Reply, CommandError> {
    let named = province.read(|view| view.evidence_keys())?;
    let view = |(sequence, key)| EvidenceKeyView { key, sequence };
    Ok(Reply::EvidenceKeys(named.into_iter().map(view).collect()))
}

/// Another key signs from now on.
pub(super) async fn rotate(province: &Province, by: &Actor) -> Result<Reply, CommandError> {
    let (key, checkpoint) = province.rotate_evidence_key(by).await?;
    let (key, checkpoint) = (key.to_string(), (&*checkpoint).into());
    Ok(Reply::EvidenceKeyRotated { key, checkpoint })
}

/// Proves that a record is in the newest checkpoint; in a new one where it is not
/// yet.
pub(super) async fn prove(province: &Province, sequence: u64) -> Result<Reply, CommandError> {
    is_there(province, sequence)?;
    let proof = province.prove_record(sequence).await?;
    Ok(Reply::Proof { sequence, proof: proof.render() })
}

/// Proves that an old checkpoint is the beginning of the newest.
pub(super) async fn consistency(province: &Province, old: &str) -> Result<Reply, CommandError> {
    let bad = |error: EvidenceError| CommandError::bad_input(error.to_string());
    let old = SignedCheckpoint::parse(old).map_err(|error| bad(error.into()))?;
    let said = old.checkpoint().clone();
    let keys = province.evidence_keys()?;
    if keys.iter().all(|key| key.name() != said.origin) {
        return Err(bad(EvidenceError::OtherOrigin { origin: said.origin }));
    }
    old.verify(&keys).map_err(|error| CommandError::refused(error.to_string()))?;
    let place = std::path::Path::new("your file");
    let journal = &**province.journal();
    match crate::evidence::agree(journal, place, &said) {
        Err(EvidenceError::Journal(error)) => return Err(StoreError::from(error).into()),
        agreed => agreed.map_err(|error| CommandError::refused(error.to_string()))?,
    }
    let newest = covering(province, said.size.max(1)).await?;
    let size = newest.checkpoint().size;
    let hashes = match said.size {
        0 => Vec::new(),
        old => journal.prove_consistency(old, size).map_err(StoreError::from)?,
    };
    let proof = render_growth(said.size, &hashes, &newest);
    Ok(Reply::Consistent { old_size: said.size, checkpoint: (&*newest).into(), proof })
}

/// The first line of an export of these records.
pub(super) async fn export(
    province: &Province,
    first: Option<u64>,
    last: Option<u64>,
) -> Result<Reply, CommandError> {
    let end = province.journal().position().sequence;
    let (first, last) = (first.unwrap_or(1), last.unwrap_or(end));
    if first == 0 || first > last {
        return Err(CommandError::bad_input(format!("there are no records {first} to {last}")));
    }
    let checkpoint = covering(province, last).await?;
    let (size, journal) = (checkpoint.checkpoint().size, &**province.journal());
    let proof = journal.prove_range(first - 1..last, size).map_err(StoreError::from)?;
    let profile = journal.profile();
    let header = ExportHeader::new(profile, &checkpoint, (first, last), &proof);
    Ok(Reply::ExportHeader(Box::new(header)))
}

/// As many records as fit into one answer.
pub(super) fn frames(province: &Province, first: u64, last: u64) -> Result<Reply, CommandError> {
    let records = province.journal().read_from(first).map_err(StoreError::from)?;
    let (mut frames, mut bytes) = (Vec::<FileBytes>::new(), 0);
    for record in records.take(FRAMES_MAX) {
        let record = record.map_err(StoreError::from)?;
        if record.sequence() > last || bytes >= FRAMES_BYTES {
            break;
        }
        bytes += record.frame().len();
        frames.push(record.frame().to_vec().into());
    }
    Ok(Reply::Frames(frames))
}

/// A checkpoint that covers a record: the newest, or a new one.
async fn covering(
    province: &Province,
    sequence: u64,
) -> Result<Arc<SignedCheckpoint>, CommandError> {
    is_there(province, sequence)?;
    Ok(province.checkpoint_covering(sequence).await?)
}

fn is_there(province: &Province, sequence: u64) -> Result<(), CommandError> {
    let end = province.journal().position().sequence;
    if sequence == 0 || sequence > end {
        return Err(no_record(sequence, end));
    }
    Ok(())
}

fn no_record(sequence: u64, end: u64) -> CommandError {
    CommandError::refused(format!("there is no record {sequence}: the last one is {end}"))
}
