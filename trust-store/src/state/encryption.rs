//! Encryption certificates: each hangs on the binding of the certificate that signed in
//! with it, and goes when that goes.

use super::{EncryptionRow, Lookups, Outcome, Place, Rejection, StateError, Table};
use crate::change::EncryptionRegistered;

/// Judged at its place: what the certificate was judged by must still hold, and the
/// certificate beside it must be the subject's.
pub(super) fn register(
    place: Place,
    change: &EncryptionRegistered,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    if table.latest_change(&change.authority)? > change.judged_at {
        return Ok(Outcome::Stale);
    }
    let not_bound = || Outcome::Rejected(Rejection::NotBoundTo(change.subject.clone()));
    let Some(binding) = table.binding(&change.signing)? else { return Ok(not_bound()) };
    let Some(blob) = &change.certificate.blob else { return Ok(Outcome::Stale) };
    // Whoever is erased takes both certificates along: one key seals both.
    let together = binding.sealed_for == blob.sealed_for;
    if binding.subject != change.subject || binding.authority != change.authority || !together {
        return Ok(not_bound());
    }
    table.name_blob(&blob.sha256)?;
    let row = EncryptionRow {
        subject: change.subject.clone(),
        serial: change.certificate.serial.clone(),
        not_after: change.certificate.not_after,
        blob: blob.sha256.clone(),
        registered: place.timestamp(),
    };
    table.set_encryption(&change.signing, &change.certificate.sha256, &row)?;
    Ok(Outcome::Done)
}
