//! What is known about one certificate.

use std::fmt;

use crate::path::hex;
use crate::{Code, Crl, RevocationReason, Timestamp};

/// The status of one certificate at the moment judged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationStatus {
    /// Not revoked, by this list.
    Good {
        /// The list that says so; of several, the oldest.
        list: ListReference,
        /// Whether a later list can still change it.
        finality: Finality,
    },
    /// Revoked, with the proof.
    Revoked(Revocation),
    /// Nothing at hand says. Never a pass, and never called revoked.
    Unknown {
        /// The reason, as in the report.
        why: &'static Code,
    },
}

/// Whether a status can still change as later lists arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finality {
    /// No later list is known: a revocation may be listed that reaches back.
    Provisional,
    /// A list issued after the moment judged agrees.
    Final,
}

/// A revocation and the list that proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When the authority revoked the certificate.
    pub date: Timestamp,
    /// Why, where the entry says so.
    pub reason: Option<RevocationReason>,
    /// Since when the key is thought to have been unsafe, where the entry says
    /// so (RFC 5280 5.3.2).
    pub invalidity_date: Option<Timestamp>,
    /// The list with the entry.
    pub list: ListReference,
}

impl Revocation {
    /// Whether it is a hold, which may be lifted again.
    #[must_use]
    pub fn is_hold(&self) -> bool {
        self.reason == Some(RevocationReason::CertificateHold)
    }

    /// From when on the certificate counts as revoked: the earlier of the two
    /// dates.
    #[must_use]
    pub fn effective(&self) -> Timestamp {
        self.invalidity_date.map_or(self.date, |invalid| invalid.min(self.date))
    }
}

/// The list that a status comes from.
#[derive(Clone, Debug)]
pub struct ListReference(Crl);

impl ListReference {
    pub(super) fn new(crl: &Crl) -> Self {
        Self(crl.clone())
    }

    /// The list.
    #[must_use]
    pub fn crl(&self) -> &Crl {
        &self.0
    }
}

impl PartialEq for ListReference {
    fn eq(&self, other: &Self) -> bool {
        self.0.sha256() == other.0.sha256()
    }
}

impl Eq for ListReference {}

/// Number and time: enough to find it among its issuer's.
impl fmt::Display for ListReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.number() {
            Some(number) => write!(f, "list number {number} of {}", self.0.this_update()),
            None => write!(f, "list of {}", self.0.this_update()),
        }
    }
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revoked {}", self.date)?;
        if let Some(reason) = self.reason {
            write!(f, ", {reason}")?;
        }
        if let Some(invalid) = self.invalidity_date {
            write!(f, ", invalid since {invalid}")?;
        }
        let hash = hex(self.list.0.sha256());
        write!(f, ", by {} (SHA-256 {hash})", self.list)
    }
}
