//! A receipt as it is given, kept and read again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::seal::Base64Bytes;

/// The format that this version writes and reads.
const FORMAT: &str = "tongxing-receipt-file.v1";

/// Why a file is no receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptFault {
    /// Not JSON, or not of this form.
    #[error("no receipt: {0}")]
    Form(String),
    /// Of a later version.
    #[error("a receipt of the format {0}, which this version does not read")]
    Format(String),
}

/// A receipt: the signed statement, the proof that it is on the record, and as much of the
/// evidence as whoever keeps it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiptFile {
    format: String,
    /// The number of the verification's record.
    record: u64,
    /// The statement: a compact JWS by the evidence key.
    receipt: String,
    /// That its record is in what was signed (C2SP tlog-proof).
    proof: String,
    /// What a timestamp service (RFC 3161) says of the checkpoint in the proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    timestamp: Option<Base64Bytes>,
    /// Evidence by its SHA-256 in hexadecimal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    evidence: BTreeMap<String, Base64Bytes>,
}

impl ReceiptFile {
    pub(super) fn new(
        record: u64,
        receipt: String,
        proof: String,
        evidence: BTreeMap<String, Base64Bytes>,
    ) -> Self {
        let (format, timestamp) = (FORMAT.to_owned(), None);
        Self { format, record, receipt, proof, timestamp, evidence }
    }

    /// Reads one: by itself, or in the answer that it came with (its member `receipt`; that
    /// of one of several `results`; that of `respond`, in the shape of GM/T 0029).
    ///
    /// # Errors
    /// [`ReceiptFault`].
    pub fn read(octets: &[u8]) -> Result<Self, ReceiptFault> {
        let form = |error: serde_json::Error| ReceiptFault::Form(error.to_string());
        let mut value: serde_json::Value = serde_json::from_slice(octets).map_err(form)?;
        for place in ["/receipt", "/respond/receipt"] {
            if let Some(inner) = value.pointer_mut(place).filter(|inner| inner.is_object()) {
                value = inner.take();
                break;
            }
        }
        match value.get("format").and_then(serde_json::Value::as_str) {
            Some(FORMAT) => serde_json::from_value(value).map_err(form),
            Some(other) => Err(ReceiptFault::Format(other.to_owned())),
            None => Err(ReceiptFault::Form("it does not say its format".to_owned())),
        }
    }

    /// The number of the verification's record.
    pub fn record(&self) -> u64 {
        self.record
    }

    /// The compact JWS.
    pub fn receipt(&self) -> &str {
        &self.receipt
    }

    /// The proof as text.
    pub fn proof(&self) -> &str {
        &self.proof
    }

    /// The answer of the timestamp service.
    pub fn timestamp(&self) -> Option<&[u8]> {
        self.timestamp.as_ref().map(Base64Bytes::as_slice)
    }

    /// Adds the answer of a timestamp service.
    #[must_use]
    pub fn with_timestamp(mut self, answer: Vec<u8>) -> Self {
        self.timestamp = Some(answer.into());
        self
    }

    /// A piece of evidence that is here, whether or not it has the hash that it is under.
    pub(super) fn evidence(&self, sha256: &str) -> Option<&[u8]> {
        self.evidence.get(sha256).map(Base64Bytes::as_slice)
    }

    /// Adds a piece of evidence, under its own hash.
    pub fn add_evidence(&mut self, octets: Vec<u8>) {
        self.evidence.insert(crate::hex::sha256(&octets), octets.into());
    }

    /// The note of the checkpoint that the proof leads to.
    pub(super) fn checkpoint_note(&self) -> Option<&str> {
        self.proof.split_once("\n\n").map(|(_, note)| note)
    }
}
