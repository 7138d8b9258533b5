//! The one place that asks the machine for the time.
//!
//! Everything else takes a [`Clock`], so that a test sets the time instead of
//! waiting for it.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tongxing_pki::Timestamp;

/// A source of wall-clock time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Milliseconds since the Unix epoch, UTC; negative before it.
    fn now_millis(&self) -> i64;

    /// The same moment in whole seconds, rounded down.
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now_millis().div_euclid(1000))
    }
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where ambient time enters; everything else takes a Clock"
    )]
    fn now_millis(&self) -> i64 {
        let now = SystemTime::now();
        match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }
}

/// A clock that stands still until it is set: for tests and for replays.
#[derive(Debug, Default)]
pub struct ManualClock {
    millis: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `millis` since the Unix epoch.
    pub fn at_millis(millis: i64) -> Self {
        Self { millis: AtomicI64::new(millis) }
    }

    /// A clock that shows `moment`.
    pub fn at(moment: Timestamp) -> Self {
        Self::at_millis(moment.unix().saturating_mul(1000))
    }

    /// Sets the time, backwards too.
    pub fn set_millis(&self, millis: i64) {
        self.millis.store(millis, Ordering::SeqCst);
    }

    /// Moves the time by `millis`, backwards if negative.
    pub fn advance_millis(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_millis(&self) -> i64 {
        self.millis.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_down_on_both_sides_of_the_epoch() {
        let clock = ManualClock::at_millis(1_999);
        assert_eq!(clock.now(), Timestamp::from_unix(1));
        clock.set_millis(-1);
        assert_eq!(clock.now(), Timestamp::from_unix(-1));
        clock.advance_millis(1_001);
        assert_eq!(clock.now(), Timestamp::from_unix(1));
    }

    #[test]
    fn the_machine_is_past_2020() {
        assert!(SystemClock.now_millis() > 1_577_836_800_000);
    }
}
