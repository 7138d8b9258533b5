//! Receipts of which something is still to be told.
//!
//! 1. What a receipt rests on is kept: its blobs are named, each with when it was last
//!    relied upon.
//! 2. A provisional receipt leaves a row, and one for each list that it waits for.
//! 3. Each list that came says how one certificate stood. The first revocation overturns
//!    the receipt; when all agree it is confirmed. Either way its platform is to be told.
//! 4. How far a platform's webhook was told is remembered.

use serde::{Deserialize, Serialize};
use tongxing_pki::{SerialNumber, Timestamp};

use super::{Lookups, Outcome, Place, StateError, Table};
use crate::change::{
    AwaitedModel, DecidedModel, NoticesDelivered, ReceiptsDecided, RevokedModel,
    VerificationRecorded,
};
use crate::ids::RelyingPartyId;

/// A provisional receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReceiptRow {
    pub(crate) relying_party: RelyingPartyId,
    /// What is awaited still, each with its place in the record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) awaits: Vec<(u32, AwaitedModel)>,
    /// The lists that agreed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lists: Vec<String>,
    /// The record that decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) decided: Option<u64>,
}

/// How a receipt was decided: what its platform is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DecisionRow {
    /// As in [`DecidedModel`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<String>,
    pub(crate) decided: Timestamp,
    /// The lists that said so.
    pub(crate) lists: Vec<String>,
    /// What overturned it; it is confirmed without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revoked: Option<RevokedModel>,
    /// The certificate that was revoked: its serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) serial: Option<String>,
}

/// As reports show it.
fn serial_of(awaited: &AwaitedModel) -> Option<String> {
    SerialNumber::from_bytes(awaited.serial.as_slice()).map(|serial| serial.to_string())
}

/// Steps 1 and 2.
pub(super) fn record(
    place: Place,
    change: &VerificationRecorded,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    for blob in &change.evidence {
        table.rely_on_blob(blob, place.timestamp())?;
    }
    if !change.awaits.is_empty() {
        let awaits = change.awaits.iter().cloned().enumerate();
        let awaits =
            awaits.map(|(index, awaited)| (u32::try_from(index).unwrap_or(u32::MAX), awaited));
        let row = ReceiptRow {
            relying_party: change.relying_party.clone(),
            awaits: awaits.collect(),
            lists: Vec::new(),
            decided: None,
        };
        for awaited in &change.awaits {
            table.await_list(awaited, place.sequence)?;
        }
        table.set_receipt(place.sequence, &row)?;
    }
    Ok(Outcome::Done)
}

/// Step 3. What is no longer awaited was decided by an earlier record.
pub(super) fn decide(
    place: Place,
    change: &ReceiptsDecided,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    for decided in &change.decided {
        decide_one(place, decided, table)?;
    }
    Ok(Outcome::Done)
}

fn decide_one(place: Place, word: &DecidedModel, table: &mut Table<'_>) -> Result<(), StateError> {
    let Some(mut row) = table.receipt(word.receipt)? else { return Ok(()) };
    let found = row.awaits.iter().position(|(index, _)| *index == word.awaited);
    let Some(found) = found.filter(|_| row.decided.is_none()) else { return Ok(()) };
    table.rely_on_blob(&word.list, place.timestamp())?;
    let (_, awaited) = row.awaits.remove(found);
    if !row.lists.contains(&word.list) {
        row.lists.push(word.list.clone());
    }
    if word.revoked.is_some() || row.awaits.is_empty() {
        let decision = DecisionRow {
            statement: word.statement.clone(),
            decided: place.timestamp(),
            lists: match &word.revoked {
                Some(_) => vec![word.list.clone()],
                None => std::mem::take(&mut row.lists),
            },
            serial: word.revoked.as_ref().and_then(|_| serial_of(&awaited)),
            revoked: word.revoked.clone(),
        };
        table.set_decision(&row.relying_party, place.sequence, word.receipt, &decision)?;
        row.decided = Some(place.sequence);
        row.lists.clear();
    }
    table.await_no_more(&awaited, word.receipt, &row)?;
    if row.decided.is_some() {
        for (_, other) in std::mem::take(&mut row.awaits) {
            table.await_no_more(&other, word.receipt, &row)?;
        }
    }
    table.set_receipt(word.receipt, &row)
}

/// Step 4.
pub(super) fn delivered(
    change: &NoticesDelivered,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    let before = table.notices_delivered(&change.relying_party)?;
    let through = before.max(change.through);
    table.set_notices_delivered(&change.relying_party, through)?;
    Ok(Outcome::Done)
}
