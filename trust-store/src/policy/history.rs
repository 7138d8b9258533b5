//! When each edition of a policy is in force.

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

/// One edition of a policy; its text is kept elsewhere, under `sequence`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyEdition {
    /// From when it holds; may lie before `known` (a mistake found late), or after.
    pub(crate) effective: Timestamp,
    /// When the province learned it: the time of its journal record.
    pub(crate) known: Timestamp,
    /// Its place in the journal.
    pub(crate) sequence: u64,
}

/// An append-only history of editions, in the order they became known.
///
/// As with statuses, each holds from its effective moment on and replaces, from there,
/// everything known before it. Before the first one there was no other: it holds for
/// moments before it too, and the authority's status says whether those count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PolicyHistory(Vec<PolicyEdition>);

impl PolicyHistory {
    /// Adds what has just become known.
    pub(crate) fn push(&mut self, edition: PolicyEdition) {
        self.0.push(edition);
    }

    /// The editions that are in force at some moment, by all that is known, in the order
    /// of those moments. One that another replaced before it came into force is not
    /// among them.
    pub(crate) fn timeline(&self) -> Vec<PolicyEdition> {
        let mut timeline: Vec<PolicyEdition> = Vec::new();
        for edition in &self.0 {
            let kept = timeline.partition_point(|known| known.effective < edition.effective);
            timeline.truncate(kept);
            timeline.push(*edition);
        }
        timeline
    }

    /// Planned editions that a new one effective from `from` would cancel.
    pub(crate) fn cancelled_by(&self, from: Timestamp, now: Timestamp) -> Vec<PolicyEdition> {
        let timeline = self.timeline();
        let later = timeline.into_iter().filter(|edition| edition.effective > from.max(now));
        later.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(editions: &[(i64, i64)]) -> PolicyHistory {
        let mut history = PolicyHistory::default();
        for (sequence, (effective, known)) in (1..).zip(editions) {
            history.push(PolicyEdition {
                effective: Timestamp::from_unix(*effective),
                known: Timestamp::from_unix(*known),
                sequence,
            });
        }
        history
    }

    fn sequences(history: &PolicyHistory) -> Vec<u64> {
        history.timeline().iter().map(|edition| edition.sequence).collect()
    }

    #[test]
    fn each_edition_holds_until_the_next() {
        assert_eq!(sequences(&history(&[(100, 100), (200, 200), (300, 300)])), [1, 2, 3]);
        assert!(sequences(&PolicyHistory::default()).is_empty());
    }

    #[test]
    fn a_correction_that_reaches_back_replaces_what_was_known_before() {
        // Edition 3 is effective from 150 on: edition 2 never is.
        assert_eq!(sequences(&history(&[(100, 100), (200, 200), (150, 300)])), [1, 3]);
        assert_eq!(sequences(&history(&[(100, 100), (200, 200), (50, 300)])), [3]);
        assert_eq!(sequences(&history(&[(100, 100), (100, 200)])), [2], "within one second");
    }

    #[test]
    fn a_planned_edition_is_cancelled_by_a_nearer_one() {
        let planned = history(&[(100, 100), (900, 200)]);
        let at = Timestamp::from_unix;
        let cancelled = planned.cancelled_by(at(300), at(300));
        assert_eq!(cancelled.iter().map(|edition| edition.sequence).collect::<Vec<_>>(), [2]);
        assert!(planned.cancelled_by(at(950), at(300)).is_empty());
        // What was in force already is replaced, which cancels no plan.
        assert!(planned.cancelled_by(at(50), at(1000)).is_empty());
    }
}
