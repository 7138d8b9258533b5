//! What a list that came later says of a moment in the past, by its entry alone.
//!
//! The rules are step 2 of [`super::decide`]: for who waits for the list that makes a
//! provisional status final, and has kept of the certificate only what lists go by.

use crate::{Crl, Name, RevocationReason, SerialNumber, Timestamp};

use super::decide::{by_list, names_expired};
use super::status::Revocation;

/// A certificate whose status at a moment in the past was provisional.
#[derive(Clone, Copy, Debug)]
pub struct AwaitedStatus<'a> {
    /// Its issuer.
    pub issuer: &'a Name,
    /// Its serial number.
    pub serial: &'a SerialNumber,
    /// When it expires.
    pub not_after: Timestamp,
    /// The moment judged.
    pub at: Timestamp,
}

/// What a later list says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaterWord {
    /// It would name the certificate had it been revoked then, and does not.
    Confirms,
    /// It was revoked by then.
    Overturns(Box<Revocation>),
    /// Nothing: it is not later, is a delta that does not name it, or was made when
    /// expired certificates are not named any more.
    Nothing,
}

impl Crl {
    /// What this list says of an earlier moment. Its signature, and that it covers the
    /// certificate, are the caller's to know.
    #[must_use]
    pub fn later_word(&self, awaited: &AwaitedStatus<'_>) -> LaterWord {
        let AwaitedStatus { issuer, serial, not_after, at } = *awaited;
        if self.this_update() <= at {
            return LaterWord::Nothing;
        }
        let entry = self.find(issuer, serial);
        let removal = |reason| self.is_delta() && reason == Some(RevocationReason::RemoveFromCrl);
        if let Some(entry) = entry.as_ref().filter(|entry| !removal(entry.reason())) {
            let revocation = Revocation {
                date: entry.revocation_date(),
                reason: entry.reason(),
                invalidity_date: entry.invalidity_date(),
                evidence: by_list(self),
            };
            if revocation.effective() <= at {
                return LaterWord::Overturns(Box::new(revocation));
            }
        }
        // A delta names what changed, and clears nobody.
        if !self.is_delta() && (entry.is_some() || names_expired(self, not_after)) {
            return LaterWord::Confirms;
        }
        LaterWord::Nothing
    }
}
