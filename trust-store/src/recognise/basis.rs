//! What the answer about revocation rests on.

use tongxing_pki::{Finality, OcspResponse, RevocationStatus, Timestamp};

use crate::snapshot::Freshness;

/// What the revocation answer rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationBasis {
    /// `crl` or `ocsp`: where the certificate's own status was told; `none` where
    /// the policy asks nobody.
    pub method: &'static str,
    /// When the oldest answer that was needed was made.
    pub made: Option<Timestamp>,
    /// Age of the oldest answer that was needed, at the moment judged, in seconds.
    pub age_seconds: Option<i64>,
    /// How fresh the least fresh of them was.
    pub freshness: Option<Freshness>,
    /// Of a moment in the past: whether later answers are known that agree, or one
    /// may still come that overturns it. `None` for the present.
    pub finality: Option<Finality>,
    /// The OCSP responses among them.
    pub responses: Vec<OcspResponse>,
    /// What is known of each certificate below the anchor, the end certificate first,
    /// with what proves it; empty where revocation was not asked.
    pub statuses: Vec<RevocationStatus>,
}

impl RevocationBasis {
    pub(super) const NOT_ASKED: Self = Self {
        method: "none",
        made: None,
        age_seconds: None,
        freshness: None,
        finality: None,
        responses: Vec::new(),
        statuses: Vec::new(),
    };

    /// Whether a later list may still overturn what is said of a moment in the past.
    pub fn is_provisional(&self) -> bool {
        self.finality == Some(Finality::Provisional)
    }
}

/// The age at a moment of what was made at another, in seconds. What tells of a moment
/// in the past may have been made later.
pub(super) fn age(made: Timestamp, at: Timestamp) -> i64 {
    at.unix().saturating_sub(made.unix()).max(0)
}
