//! What is known about one certificate.

use std::fmt;

use crate::path::hex;
use crate::{Code, Crl, OcspResponse, OcspSingleResponse, Oid, RevocationReason, Timestamp};

/// The status of one certificate at the moment judged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationStatus {
    /// Not revoked, by this evidence.
    Good {
        /// What says so; of several lists that say it together, the oldest.
        evidence: Evidence,
        /// Whether later evidence can still change it.
        finality: Finality,
        /// Whatever this rests on that was due already and serves within the grace, or
        /// the difference of clocks: the evidence itself, the list that a delta brings up
        /// to date, that of another scope or method, or what vouches for who signed it.
        /// Of several, what is due longest.
        overdue: Option<Evidence>,
    },
    /// Revoked, with the proof.
    Revoked(Revocation),
    /// Nothing at hand says. Never a pass, and never called revoked.
    Unknown {
        /// The reason, as in the report.
        why: &'static Code,
    },
}

/// Whether a status can still change as later evidence arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finality {
    /// No later evidence is known: a revocation may be told that reaches back.
    Provisional,
    /// A list or response made after the moment judged agrees.
    Final,
}

/// A revocation and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When the authority revoked the certificate.
    pub date: Timestamp,
    /// Why, where the entry says so.
    pub reason: Option<RevocationReason>,
    /// Since when the key is thought to have been unsafe, where the entry says
    /// so (RFC 5280 5.3.2).
    pub invalidity_date: Option<Timestamp>,
    /// The list with the entry, or the response.
    pub evidence: Evidence,
}

impl Revocation {
    /// Whether it is a hold, which may be lifted again.
    #[must_use]
    pub fn is_hold(&self) -> bool {
        self.reason == Some(RevocationReason::CertificateHold)
    }

    /// Whether an OCSP responder says by it that the authority never issued the
    /// certificate (RFC 6960 2.2): on hold since 1970, and the response tells
    /// that it speaks so.
    #[must_use]
    pub fn is_of_the_unissued(&self) -> bool {
        let Evidence::Response(reference) = &self.evidence else {
            return false;
        };
        let mut extensions = reference.response().extensions().iter();
        self.is_hold()
            && self.date == Timestamp::from_unix(0)
            && extensions.any(|extension| *extension.oid() == Oid::OCSP_EXTENDED_REVOKE)
    }

    /// From when on the certificate counts as revoked: the earlier of the two
    /// dates.
    #[must_use]
    pub fn effective(&self) -> Timestamp {
        self.invalidity_date.map_or(self.date, |invalid| invalid.min(self.date))
    }
}

/// What a status comes from: signed by who may, and about the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// A revocation list.
    List(ListReference),
    /// An OCSP response.
    Response(ResponseReference),
}

impl Evidence {
    /// When what it says was known to be so.
    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        match self {
            Self::List(list) => list.crl().this_update(),
            Self::Response(response) => response.single().this_update(),
        }
    }

    /// By when there will be something newer.
    #[must_use]
    pub fn next_update(&self) -> Option<Timestamp> {
        match self {
            Self::List(list) => list.crl().next_update(),
            Self::Response(response) => response.single().next_update(),
        }
    }

    /// SHA-256 of the encoding.
    #[must_use]
    pub fn sha256(&self) -> &[u8; 32] {
        match self {
            Self::List(list) => list.crl().sha256(),
            Self::Response(response) => response.response().sha256(),
        }
    }

    /// Which kind it is: `crl` or `ocsp`.
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self {
            Self::List(_) => "crl",
            Self::Response(_) => "ocsp",
        }
    }
}

/// The OCSP response that a status comes from, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseReference {
    response: OcspResponse,
    index: usize,
}

impl ResponseReference {
    pub(super) fn new(response: &OcspResponse, index: usize) -> Self {
        Self { response: response.clone(), index }
    }

    /// The response.
    #[must_use]
    pub fn response(&self) -> &OcspResponse {
        &self.response
    }

    /// What it says about the certificate.
    #[must_use]
    pub fn single(&self) -> &OcspSingleResponse {
        // Made only with a place that the response has.
        &self.response.responses()[self.index]
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

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(list) => list.fmt(f),
            Self::Response(response) => response.fmt(f),
        }
    }
}

/// Responder and time: enough to find it among others about the certificate.
impl fmt::Display for ResponseReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let responder = self.response.responder();
        write!(f, "OCSP response of {} by {responder}", self.single().this_update())
    }
}

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
        let hash = hex(self.evidence.sha256());
        write!(f, ", by {} (SHA-256 {hash})", self.evidence)
    }
}
