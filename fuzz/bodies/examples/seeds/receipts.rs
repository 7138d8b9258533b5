//! Receipts, taken apart.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Outcome, repository, seed};

const GOLDEN: &str = "testdata/receipts/0.1.0.json";

pub(crate) fn all() -> Outcome {
    receipts()?;
    evidence()
}

/// Beside the golden receipts, which are replayed where they are: one in the answer that
/// it came with, and one without its evidence.
fn receipts() -> Outcome {
    let golden = fs::read(repository(GOLDEN))?;
    let whole: Value = serde_json::from_slice(&golden)?;
    let answer = serde_json::json!({ "verdict": "passed", "receipt": whole });
    seed("receipt", "answer.json", answer.to_string().as_bytes())?;
    let mut signed = whole;
    signed["evidence"] = serde_json::json!({});
    seed("receipt", "signed.json", signed.to_string().as_bytes())
}

/// Each piece of the golden receipt's evidence, behind its number; and the statement.
fn evidence() -> Outcome {
    let golden: Value = serde_json::from_slice(&fs::read(repository(GOLDEN))?)?;
    let pieces = golden["evidence"].as_object().ok_or("evidence")?;
    for (place, octets) in pieces.values().enumerate() {
        let octets = STANDARD.decode(octets.as_str().ok_or("base64")?)?;
        seed("receipt_evidence", &format!("piece-{place:02}"), &numbered(place, &octets)?)?;
    }
    let statement = golden["receipt"].as_str().and_then(|jws| jws.split('.').nth(1));
    let statement = URL_SAFE_NO_PAD.decode(statement.ok_or("a statement")?)?;
    seed("receipt_evidence", "statement", &numbered(pieces.len(), &statement)?)?;
    for place in 0..=pieces.len() {
        seed("receipt_evidence", &format!("empty-{place:02}"), &numbered(place, b"{}")?)?;
    }
    Ok(())
}

fn numbered(place: usize, octets: &[u8]) -> Result<Vec<u8>, std::num::TryFromIntError> {
    Ok([&[u8::try_from(place)?], octets].concat())
}
