//! A receipt of a verification, with its evidence or without.

use serde_json::{Value, json};
use tongxing_trust_store::{ReceiptCheck, ReceiptFault, ReceiptFile};

/// `None` where it is no receipt at all, nor an answer with one.
pub(super) fn show(octets: &[u8]) -> Option<Result<Value, String>> {
    match ReceiptFile::read(octets) {
        Ok(file) => Some(of(file).map_err(|fault| fault.to_string())),
        Err(fault @ ReceiptFault::Format(_)) => Some(Err(fault.to_string())),
        Err(ReceiptFault::Form(_)) => None,
    }
}

fn of(file: ReceiptFile) -> Result<Value, ReceiptFault> {
    let is_stamped = file.timestamp().is_some();
    let check = ReceiptCheck::new(file)?;
    let stated = check.stated();
    Ok(json!({
        "kind": "receipt",
        "about": stated.kind,
        "record": stated.record,
        "verdict": stated.verdict,
        "provisional": stated.provisional,
        "time": stated.time,
        "issuer": stated.issuer,
        "relying_party": stated.relying_party,
        "trust_sha256": stated.trust_sha256,
        "evidence_missing": check.missing().len(),
        "checkpoint_timestamp": is_stamped,
        "signers": signers(&stated.report),
    }))
}

/// What it states of each signature.
fn signers(report: &Value) -> Vec<Value> {
    let signatures = report["signatures"].as_array().map(Vec::as_slice).unwrap_or_default();
    let signer = |signature: &Value| {
        json!({
            "verdict": signature["verdict"],
            "subject": signature["certificate"]["subject"],
            "time": signature["time"]["best"],
        })
    };
    signatures.iter().map(signer).collect()
}
