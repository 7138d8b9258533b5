//! Assertions that were used up (RFC 7523 3, item 7).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ring::digest::{Context, SHA256};
use tongxing_pki::Timestamp;
use tongxing_trust_store::RelyingPartyId;

use super::assertion::Assertion;

/// How many are remembered: five minutes of 3,000 a second. Origin: ours; about 64 MB.
const MOST: usize = 1_000_000;

/// After so many, the expired ones are forgotten before another is remembered.
const TIDY_FROM: usize = 4_096;

/// Assertions that are not to be accepted again, until they expire.
#[derive(Debug, Default)]
pub(crate) struct UsedAssertions(Mutex<Used>);

#[derive(Debug, Default)]
struct Used {
    expiry: HashMap<[u8; 32], Timestamp>,
    /// When the expired ones are next looked for: at so many.
    tidy_at: usize,
}

/// Why an assertion cannot be used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It was before.
    Used,
    /// There is no room to remember it.
    Full,
}

impl UsedAssertions {
    pub(super) fn use_up(
        &self,
        party: &RelyingPartyId,
        assertion: &Assertion,
        now: Timestamp,
    ) -> Result<(), Refused> {
        // Each change of it is one step: a panic leaves nothing half-done.
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.expiry.len() >= used.tidy_at.max(TIDY_FROM) {
            used.expiry.retain(|_, until| now <= *until);
            used.tidy_at = used.expiry.len().saturating_mul(2);
        }
        let key = key(party, assertion.id());
        if used.expiry.contains_key(&key) {
            return Err(Refused::Used);
        }
        if used.expiry.len() >= MOST {
            return Err(Refused::Full);
        }
        used.expiry.insert(key, assertion.good_until());
        Ok(())
    }
}

/// Ids are the platform's own: two platforms may choose the same.
fn key(party: &RelyingPartyId, id: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in [party.as_str().as_bytes(), b"\n", id.as_bytes()] {
        context.update(part);
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}
