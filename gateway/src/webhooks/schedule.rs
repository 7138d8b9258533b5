//! When a platform is tried again.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use tongxing_trust_store::{PointUrl, RelyingPartyId};

/// After the first failure; each further one doubles it.
const FIRST: Duration = Duration::from_secs(10);

/// The longest between two attempts.
const LONGEST: Duration = Duration::from_hours(1);

/// Attempts at one thing. Origin: ours; with the delays above a day and a half.
const ATTEMPTS: u32 = 40;

/// The platforms that have something to be told.
#[derive(Debug, Default)]
pub(super) struct Schedule(BTreeMap<RelyingPartyId, Attempts>);

#[derive(Debug)]
struct Attempts {
    /// What is told, and where: anything new begins anew.
    through: u64,
    url: PointUrl,
    state: State,
    failures: u32,
    why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Sending,
    Waiting { until: Instant },
    GivenUp,
}

impl Schedule {
    /// Whether a platform is to be told now; from here on it is being told.
    pub(super) fn take(
        &mut self,
        to: &RelyingPartyId,
        url: &PointUrl,
        through: u64,
        now: Instant,
    ) -> bool {
        let fresh = || Attempts {
            through,
            url: url.clone(),
            state: State::Sending,
            failures: 0,
            why: String::new(),
        };
        let Some(known) = self.0.get_mut(to) else {
            self.0.insert(to.clone(), fresh());
            return true;
        };
        let is_due = match known.state {
            State::Sending => return false,
            State::Waiting { until } => until <= now,
            State::GivenUp => false,
        };
        if known.through != through || known.url != *url {
            *known = Attempts { why: std::mem::take(&mut known.why), ..fresh() };
            return true;
        }
        if is_due {
            known.state = State::Sending;
        }
        is_due
    }

    /// Notes that telling it failed.
    pub(super) fn failed(&mut self, to: &RelyingPartyId, why: &str, now: Instant) {
        let Some(known) = self.0.get_mut(to) else { return };
        known.failures += 1;
        why.clone_into(&mut known.why);
        known.state = if known.failures >= ATTEMPTS {
            State::GivenUp
        } else {
            let doubled = FIRST.saturating_mul(1 << (known.failures - 1).min(16));
            State::Waiting { until: now + doubled.min(LONGEST) }
        };
    }

    /// Forgets a platform that has nothing to be told.
    pub(super) fn forget(&mut self, to: &RelyingPartyId) {
        self.0.remove(to);
    }

    /// What failed, of those that wait or were given up.
    pub(super) fn troubles(&self) -> Vec<String> {
        let failing = self.0.iter().filter(|(_, attempts)| !attempts.why.is_empty());
        let told = failing.map(|(to, attempts)| {
            let Attempts { failures, why, state, .. } = attempts;
            let ends = if *state == State::GivenUp { ", given up until there is more" } else { "" };
            format!("webhook of {to}: {why} ({failures} failed attempts{ends})")
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_come_ever_more_rarely_and_end() {
        let mut schedule = Schedule::default();
        let (to, url) = ("a".parse().unwrap(), "https://a.example/".parse().unwrap());
        let mut now = Instant::now();
        assert!(schedule.take(&to, &url, 7, now));
        assert!(!schedule.take(&to, &url, 7, now), "it is being told");
        let mut waited = Vec::new();
        for _ in 1..ATTEMPTS {
            schedule.failed(&to, "no", now);
            let State::Waiting { until } = schedule.0[&to].state else { panic!("given up") };
            waited.push(until - now);
            assert!(!schedule.take(&to, &url, 7, until - Duration::from_millis(1)));
            now = until;
            assert!(schedule.take(&to, &url, 7, now));
        }
        assert_eq!(waited[..3], [FIRST, 2 * FIRST, 4 * FIRST]);
        assert_eq!(waited.last(), Some(&LONGEST));
        schedule.failed(&to, "no", now);
        assert!(!schedule.take(&to, &url, 7, now + 100 * LONGEST));
        assert!(schedule.troubles()[0].contains("given up"));
        assert!(schedule.take(&to, &url, 8, now), "something new is tried");
        schedule.forget(&to);
        assert!(schedule.troubles().is_empty());
    }

    #[test]
    fn another_address_is_tried_at_once() {
        let mut schedule = Schedule::default();
        let to = "a".parse().unwrap();
        let [one, other] = ["https://a.example/", "https://b.example/"].map(|u| u.parse().unwrap());
        let now = Instant::now();
        assert!(schedule.take(&to, &one, 7, now));
        schedule.failed(&to, "no", now);
        assert!(!schedule.take(&to, &one, 7, now));
        assert!(schedule.take(&to, &other, 7, now));
    }
}
