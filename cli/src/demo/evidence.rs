//! The last act: what an auditor is given, and checks without the gateway.

use std::path::Path;

use tongxing_trust_store::{
    Command, EvidenceKey, RecordProof, Reply, VerifiedExport, verify_export,
};

use super::stage::Stage;
use super::story::{Ending, Story};
use crate::commands::audit_export;
use crate::outcome::Failure;
use crate::stopwatch::Stopwatch;

/// Signs the record, exports it, and plays the auditor.
pub(super) async fn show(stage: &Stage, story: &mut Story<'_>) -> Result<(), Failure> {
    let signed = story.work("the whole record is signed", sign(stage)).await?;
    let export = story.work("it is exported", export(stage)).await?;
    let keys = [signed.key];

    let watch = Stopwatch::start();
    let ending = match check(&export, &keys)? {
        Ok(VerifiedExport { first, last, .. }) => {
            Ending::as_told(format!("records {first} to {last} are those that were signed"))
        }
        Err(why) => Ending::otherwise(why),
    };
    story.told("the export verifies with the public key alone", watch.elapsed(), ending);

    let watch = Stopwatch::start();
    let mut altered = export;
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    let ending = match check(&altered, &keys)? {
        Ok(_) => Ending::otherwise("it was taken for whole".to_owned()),
        Err(why) => Ending::as_told(why),
    };
    story.told("with one bit flipped it does not", watch.elapsed(), ending);

    let watch = Stopwatch::start();
    let proof = prove(stage, signed.records).await?;
    let checked = RecordProof::parse(&proof).and_then(|proof| proof.verify(&keys).map(drop));
    let ending = match checked {
        Ok(()) => Ending::as_told(format!("{} bytes of proof, record included", proof.len())),
        Err(error) => Ending::otherwise(error.to_string()),
    };
    story.told("the newest record is proven to be among them", watch.elapsed(), ending);
    Ok(())
}

/// How many records were signed, and the key that signs.
struct Signed {
    records: u64,
    key: EvidenceKey,
}

async fn sign(stage: &Stage) -> Result<Signed, Failure> {
    let records = match stage.operate(&Command::AuditCheckpoint).await? {
        Reply::Checkpoint(view) => view.size,
        other => return Err(unexpected(&other)),
    };
    let key = match stage.operate(&Command::EvidenceKeyList).await? {
        Reply::EvidenceKeys(keys) => keys.last().and_then(|key| key.key.parse().ok()),
        other => return Err(unexpected(&other)),
    };
    let key = key.ok_or_else(|| Failure::unavailable("no evidence key"))?;
    Ok(Signed { records, key })
}

async fn export(stage: &Stage) -> Result<Vec<u8>, Failure> {
    let client = stage.client().await?;
    let header = audit_export::header(&client, None, None).await?;
    let mut lines = Vec::new();
    audit_export::write(&client, header, &mut lines, Path::new("the export")).await?;
    Ok(lines)
}

/// The inner error is what is wrong with the export.
fn check(export: &[u8], keys: &[EvidenceKey]) -> Result<Result<VerifiedExport, String>, Failure> {
    let checked = verify_export(export, keys);
    let checked = checked.map_err(|error| Failure::unavailable(error.to_string()))?;
    Ok(checked.map_err(|error| error.to_string()))
}

async fn prove(stage: &Stage, sequence: u64) -> Result<String, Failure> {
    match stage.operate(&Command::AuditProve { sequence }).await? {
        Reply::Proof { proof, .. } => Ok(proof),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(reply: &Reply) -> Failure {
    Failure::unavailable(format!("an unexpected answer: {reply:?}"))
}
