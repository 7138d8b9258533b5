//! Counts of refusals that are not worth a record each: those without proven
//! possession, or without a path to an enrolled key. Anybody can cause them, so
//! they may not fill the disk: one bounded summary a minute goes to the journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many reasons are counted apart; the rest is counted together.
const MAX_CODES: usize = 64;

/// Where further reasons are counted.
const OTHERS: &str = "other";

/// Refusals since the last summary.
#[derive(Debug, Default)]
pub(crate) struct RefusalSummary(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// When the first one came, Unix milliseconds.
    since: i64,
    by_code: BTreeMap<String, u64>,
}

impl RefusalSummary {
    /// Counts one refusal.
    pub(crate) fn count(&self, code: &str, now_millis: i64) {
        let mut counts = self.lock();
        if counts.by_code.is_empty() {
            counts.since = now_millis;
        }
        let room = counts.by_code.len() < MAX_CODES || counts.by_code.contains_key(code);
        let code = if room { code } else { OTHERS };
        *counts.by_code.entry(code.to_owned()).or_insert(0) += 1;
    }

    /// Takes what was counted and starts anew; `None` if there was nothing.
    pub(crate) fn take(&self) -> Option<(i64, BTreeMap<String, u64>)> {
        let mut counts = self.lock();
        let taken = std::mem::take(&mut *counts);
        (!taken.by_code.is_empty()).then_some((taken.since, taken.by_code))
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Counting cannot leave it half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_taken_once_and_bounded() {
        let summary = RefusalSummary::default();
        assert!(summary.take().is_none());
        for number in 0..1000 {
            summary.count(&format!("code-{number}"), 5000 + number);
        }
        summary.count("code-0", 9999);
        let (since, counts) = summary.take().unwrap();
        assert_eq!(since, 5000);
        assert_eq!(counts.len(), MAX_CODES + 1);
        assert_eq!(counts["code-0"], 2);
        assert_eq!(counts.values().sum::<u64>(), 1001);
        assert!(summary.take().is_none());
    }
}
