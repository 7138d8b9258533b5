//! How many verifications a platform may ask for.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};
use tongxing_trust_store::RelyingPartyId;

use crate::problem::RequestError;

const MINUTE: Duration = Duration::from_mins(1);

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

    /// Counts the verification that a request is: whoever authenticates is counted.
    pub(super) fn check(
        &self,
        party: &RelyingPartyId,
        rate: NonZeroU32,
    ) -> Result<(), RequestError> {
        let limiter = self.limiter(party, rate);
        limiter.check().map_err(|until| self.refused(&until, rate, Duration::ZERO))
    }

    /// Counts `more` verifications of the same request.
    pub(super) fn check_more(
        &self,
        party: &RelyingPartyId,
        rate: NonZeroU32,
        more: NonZeroU32,
    ) -> Result<(), RequestError> {
        let count = more.saturating_add(1);
        let too_many =
            || RequestError::TooMany { of: "items", count: count.get(), limit: rate.get() };
        // More at once than a minute allows will never pass.
        if count > rate {
            return Err(too_many());
        }
        match self.limiter(party, rate).check_n(more) {
            Ok(Ok(())) => Ok(()),
            // Who comes again is counted for coming.
            Ok(Err(until)) => Err(self.refused(&until, rate, MINUTE / rate.get())),
            Err(_) => Err(too_many()),
        }
    }

    fn refused(
        &self,
        until: &NotUntil<C::Instant>,
        rate: NonZeroU32,
        besides: Duration,
    ) -> RequestError {
        let wait = until.wait_time_from(self.clock.now()) + besides;
        RequestError::Quota { retry_after: wait.as_secs() + 1, rate: rate.get() }
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
    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn platforms_count_apart_each_by_its_own_rate() {
        let quotas = Quotas::new(NonZeroU32::MIN);
        let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
        let number = |number| NonZeroU32::new(number).unwrap();
        quotas.check(&a, quotas.usual()).unwrap();
        let refused = quotas.check(&a, quotas.usual()).unwrap_err();
        assert!(
            matches!(refused, RequestError::Quota { retry_after: 1..=61, rate: 1 }),
            "{refused:?}"
        );
        quotas.check(&b, number(10)).unwrap();
        quotas.check_more(&b, number(10), number(8)).unwrap();
        assert!(quotas.check_more(&b, number(10), number(2)).is_err());
        let never = quotas.check_more(&b, number(10), number(10)).unwrap_err();
        assert!(matches!(never, RequestError::TooMany { count: 11, limit: 10, .. }));
        // An operator raised it.
        quotas.check(&a, number(5)).unwrap();
    }

    /// A request is counted when it authenticates, and the rest of its batch after that.
    #[test]
    fn whoever_waits_as_long_as_told_passes() {
        let clock = FakeRelativeClock::default();
        let rate = NonZeroU32::new(4).unwrap();
        let quotas = Quotas::with_clock(rate, clock.clone());
        let a = "a".parse().unwrap();
        let ask = |count: u32| {
            quotas.check(&a, rate)?;
            NonZeroU32::new(count - 1).map_or(Ok(()), |more| quotas.check_more(&a, rate, more))
        };
        for count in [1, 2, 4] {
            (0..4).for_each(|_| ask(1).unwrap());
            // Just enough for a batch to authenticate, and for one fewer than it has.
            clock.advance(Duration::from_secs(15) * (count - 1));
            let refused = ask(count).unwrap_err();
            let RequestError::Quota { retry_after, .. } = refused else { panic!("{refused:?}") };
            clock.advance(Duration::from_secs(retry_after));
            ask(count).unwrap();
            clock.advance(Duration::from_mins(1));
        }
    }
}
