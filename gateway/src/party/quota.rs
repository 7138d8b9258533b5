//! How many verifications a platform may ask for.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tongxing_trust_store::RelyingPartyId;

use crate::problem::RequestError;

/// The quotas of all platforms. There are as many as are registered, no more: only an
/// authenticated one is counted.
pub(crate) struct Quotas<C: Clock = DefaultClock> {
    usual: NonZeroU32,
    counted: Mutex<HashMap<RelyingPartyId, Counted<C>>>,
    clock: C,
}

type Limiter<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// One platform's count, and for which rate it was begun.
type Counted<C> = (NonZeroU32, Arc<Limiter<C>>);

impl Quotas {
    /// `usual` verifications a minute for whom nothing else is settled.
    pub(crate) fn new(usual: NonZeroU32) -> Self {
        Self::with_clock(usual, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Quotas<C> {
    fn with_clock(usual: NonZeroU32, clock: C) -> Self {
        Self { usual, counted: Mutex::default(), clock }
    }

    pub(super) fn usual(&self) -> NonZeroU32 {
        self.usual
    }

    /// Counts `more` verifications of a platform that may have `rate` a minute.
    pub(super) fn check(
        &self,
        party: &RelyingPartyId,
        rate: NonZeroU32,
        more: NonZeroU32,
    ) -> Result<(), RequestError> {
        let limiter = self.limiter(party, rate);
        match limiter.check_n(more) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                let wait = until.wait_time_from(self.clock.now());
                Err(RequestError::Quota { retry_after: wait.as_secs() + 1, rate: rate.get() })
            }
            // More at once than a minute allows will never pass.
            Err(_) => Err(RequestError::TooMany { count: more.get(), limit: rate.get() }),
        }
    }

    fn limiter(&self, party: &RelyingPartyId, rate: NonZeroU32) -> Arc<Limiter<C>> {
        // An insertion is one step: a panic leaves nothing half-done.
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        match counted.get(party) {
            Some((begun, limiter)) if *begun == rate => Arc::clone(limiter),
            _ => {
                let limiter = Arc::new(RateLimiter::direct_with_clock(
                    Quota::per_minute(rate),
                    self.clock.clone(),
                ));
                counted.insert(party.clone(), (rate, Arc::clone(&limiter)));
                limiter
            }
        }
    }
}

impl<C: Clock> std::fmt::Debug for Quotas<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Quotas").field("usual", &self.usual).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn platforms_count_apart_each_by_its_own_rate() {
        let quotas = Quotas::new(NonZeroU32::MIN);
        let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
        let number = |number| NonZeroU32::new(number).unwrap();
        quotas.check(&a, quotas.usual(), number(1)).unwrap();
        let refused = quotas.check(&a, quotas.usual(), number(1)).unwrap_err();
        assert!(
            matches!(refused, RequestError::Quota { retry_after: 1..=61, rate: 1 }),
            "{refused:?}"
        );
        quotas.check(&b, number(10), number(9)).unwrap();
        assert!(quotas.check(&b, number(10), number(2)).is_err());
        let never = quotas.check(&b, number(10), number(11)).unwrap_err();
        assert!(matches!(never, RequestError::TooMany { count: 11, limit: 10 }));
        // An operator raised it.
        quotas.check(&a, number(5), number(1)).unwrap();
    }

    #[test]
    fn whoever_waits_as_long_as_told_passes() {
        let clock = FakeRelativeClock::default();
        let number = |number| NonZeroU32::new(number).unwrap();
        let quotas = Quotas::with_clock(number(4), clock.clone());
        let a = "a".parse().unwrap();
        for more in [1, 3, 4] {
            quotas.check(&a, number(4), number(4)).unwrap();
            let refused = quotas.check(&a, number(4), number(more)).unwrap_err();
            let RequestError::Quota { retry_after, .. } = refused else { panic!("{refused:?}") };
            assert_eq!(retry_after, u64::from(more) * 15 + 1, "one of four each quarter");
            clock.advance(Duration::from_secs(retry_after - 2));
            quotas.check(&a, number(4), number(more)).unwrap_err();
            clock.advance(Duration::from_secs(2));
            quotas.check(&a, number(4), number(more)).unwrap();
            clock.advance(Duration::from_mins(1));
        }
    }
}
