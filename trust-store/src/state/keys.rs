//! Where rows are: their keys, as `rows` lists them.

use tongxing_pki::Timestamp;

use super::rows::ListPlace;
use crate::change::AwaitedModel;
use crate::ids::{AuthorityId, RelyingPartyId};

/// Where the row of the clock is.
pub(crate) const CLOCK_KEY: &str = "clock";

/// Where lists are that were replaced.
pub(super) const ARCHIVE: &str = "la/";

pub(super) fn archive_prefix(authority: &AuthorityId, place: &ListPlace) -> String {
    format!("{ARCHIVE}{authority}/{place}/")
}

/// A moment in the order in which keys are read: later ones first.
pub(super) fn newest_first(moment: Timestamp) -> String {
    // Flipping the sign bit orders signed numbers as unsigned ones, flipping all
    // others turns the order round.
    let ordered = u64::from_be_bytes(moment.unix().to_be_bytes()) ^ (u64::MAX >> 1);
    format!("{ordered:016x}")
}

pub(super) fn receipt_key(record: u64) -> String {
    format!("v/{record:020}")
}

pub(super) fn awaiting_key(awaited: &AwaitedModel, record: u64) -> String {
    let AwaitedModel { authority, signer, scope, .. } = awaited;
    format!("vl/{authority}/{signer}/{scope}/{record:020}")
}

pub(super) fn decision_key(relying_party: &RelyingPartyId, record: u64, receipt: u64) -> String {
    format!("vn/{relying_party}/{record:020}/{receipt:020}")
}

/// Ordered by expiry, so that the oldest come first. Times before 1970 do not
/// occur: a challenge is made from the clock.
pub(super) fn challenge_key(expires_at: i64, nonce: &str) -> String {
    format!("x/{:016x}/{nonce}", expires_at.max(0))
}
