//! That a certificate is not revoked, and all that this rests on.

use crate::Timestamp;

use super::status::{Evidence, Finality};

/// That a certificate is not revoked.
pub(super) struct Clearance {
    /// What says so; of several that say it together, the oldest.
    pub(super) evidence: Evidence,
    pub(super) finality: Finality,
    /// Whatever it rests on and was due already; of several, what is due longest.
    pub(super) overdue: Option<Evidence>,
}

impl Clearance {
    /// By something that was made after the moment judged.
    pub(super) fn by(evidence: Evidence) -> Self {
        Self { evidence, finality: Finality::Final, overdue: None }
    }

    /// The same, resting on what vouches for whoever signed it as well.
    pub(super) fn resting_on(mut self, overdue: Option<Evidence>) -> Self {
        self.overdue = longest(self.overdue, overdue);
        self
    }

    /// Where both are needed.
    pub(super) fn and(self, other: Self) -> Self {
        let first = self.evidence.this_update() <= other.evidence.this_update();
        Self {
            finality: self.finality.min(other.finality),
            evidence: if first { self.evidence } else { other.evidence },
            overdue: longest(self.overdue, other.overdue),
        }
    }

    /// Where one is enough: what says most, and of that what nothing is overdue of, and
    /// the newer one.
    pub(super) fn or(self, other: Self) -> Self {
        let worth = |one: &Self| (one.finality, one.overdue.is_none(), one.evidence.this_update());
        if worth(&other) > worth(&self) { other } else { self }
    }
}

/// The evidence, where something newer was due before the moment.
pub(super) fn overdue(evidence: &Evidence, at: Timestamp) -> Option<Evidence> {
    (due(evidence) < at).then(|| evidence.clone())
}

/// Of two that are overdue, the one that is longest.
pub(super) fn longest(one: Option<Evidence>, other: Option<Evidence>) -> Option<Evidence> {
    one.into_iter().chain(other).min_by_key(due)
}

/// When something newer was due: of what does not say, there always is (RFC 6960 4.2.2.1).
fn due(evidence: &Evidence) -> Timestamp {
    evidence.next_update().unwrap_or(evidence.this_update())
}
