//! What a response says about one certificate (RFC 6960 4.2.1).

use crate::certificate::Extension;
use crate::crl::RevocationReason;
use crate::oid::Oid;
use crate::time::Timestamp;

use super::certificate_id::OcspCertificateId;

/// What a response says about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspSingleResponse {
    pub(super) id: OcspCertificateId,
    pub(super) status: OcspCertificateStatus,
    pub(super) this_update: Timestamp,
    pub(super) next_update: Option<Timestamp>,
    pub(super) extensions: Vec<Extension>,
    pub(super) unknown_critical: Vec<Oid>,
    pub(super) archive_cutoff: Option<Timestamp>,
    pub(super) invalidity_date: Option<Timestamp>,
}

/// The status that a response gives a certificate (RFC 6960 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OcspCertificateStatus {
    /// Not revoked; also said of certificates that were never issued.
    Good,
    /// Revoked, or on hold, or never issued (RFC 6960 4.4.8).
    Revoked {
        /// When.
        date: Timestamp,
        /// Why, where it is told.
        reason: Option<RevocationReason>,
    },
    /// The responder does not know the certificate. Neither good nor revoked.
    Unknown,
}

impl OcspSingleResponse {
    /// Which certificate it is about.
    #[must_use]
    pub fn certificate_id(&self) -> &OcspCertificateId {
        &self.id
    }

    /// What it says.
    #[must_use]
    pub fn status(&self) -> OcspCertificateStatus {
        self.status
    }

    /// When that was known to be so (RFC 6960 2.4).
    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        self.this_update
    }

    /// By when there will be something newer; `None`: always (RFC 6960
    /// 4.2.2.1).
    #[must_use]
    pub fn next_update(&self) -> Option<Timestamp> {
        self.next_update
    }

    /// Since when expired certificates are still told about (RFC 6960 4.4.4).
    #[must_use]
    pub fn archive_cutoff(&self) -> Option<Timestamp> {
        self.archive_cutoff
    }

    /// Since when the key is thought to have been unsafe, where that is told
    /// (RFC 6960 4.4.5; RFC 5280 5.3.2).
    #[must_use]
    pub fn invalidity_date(&self) -> Option<Timestamp> {
        self.invalidity_date
    }

    /// All its extensions, in the order of the encoding.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// Its critical extensions that this crate does not know. If there is one,
    /// it must not be used (RFC 6960 4.4).
    #[must_use]
    pub fn unknown_critical_extensions(&self) -> &[Oid] {
        &self.unknown_critical
    }
}
