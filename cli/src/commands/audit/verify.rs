//! Checking an export or a proof with public keys alone.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::json;
use tongxing_trust_store::{
    Checkpoint, EvidenceKey, PROOF_HEADER, RecordProof, VerifiedExport, verify_export,
};

use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::Output;

/// Checks what `audit export` or `audit prove` wrote: its first line tells which.
pub(super) fn file(path: &Path, keys: &[String], output: &Output) -> Result<Outcome, Failure> {
    let keys = files::evidence_keys(keys)?;
    let unreadable =
        |error: std::io::Error| Failure::bad_input(format!("{}: {error}", path.display()));
    let mut content = BufReader::new(File::open(path).map_err(unreadable)?);
    let is_proof = content.fill_buf().map_err(unreadable)?.starts_with(PROOF_HEADER.as_bytes());
    if is_proof {
        return proof(path, &keys, output);
    }
    let verified = verify_export(content, &keys).map_err(unreadable)?;
    let verified =
        verified.map_err(|fault| Failure::refused(fault.to_string()).about(path.display()))?;
    output.value(&verified, |style| {
        let VerifiedExport { first, last, head, size, signed_by, .. } = &verified;
        format!(
            "{mark} Records {first} to {last} are whole, and among the {size} that were signed.\n\
             signed by: {signed_by}\nhead: {head}\n",
            mark = style.good("✓")
        )
    });
    Ok(Outcome::Yes)
}

fn proof(path: &Path, keys: &[EvidenceKey], output: &Output) -> Result<Outcome, Failure> {
    let text = files::read_text(path)?;
    let checked = RecordProof::parse(&text).and_then(|proof| {
        let signed_by = proof.verify(keys)?.to_string();
        Ok((proof, signed_by))
    });
    let (proof, signed_by) =
        checked.map_err(|fault| Failure::refused(fault.to_string()).about(path.display()))?;
    let (sequence, Checkpoint { size, origin, .. }) = (proof.sequence(), proof.checkpoint());
    let told = json!({
        "sequence": sequence, "origin": origin, "size": size, "signed_by": signed_by,
    });
    output.value(&told, |style| {
        let mark = style.good("✓");
        format!("{mark} Record {sequence} is among the {size} that were signed.\nsigned by: {signed_by}\n")
    });
    Ok(Outcome::Yes)
}
