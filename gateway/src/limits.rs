//! Rates: what one certificate, and what one address, may ask for.
//!
//! A certificate counts per relying party, and only once its key is proven, so
//! that nobody uses up another's. An address gets far more: a whole hall of
//! bidders may sit behind one.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tongxing_trust_store::RelyingPartyId;

use crate::config::LimitConfig;
use crate::problem::RequestError;

/// Which certificate asks for whom.
type CertificateKey = ([u8; 32], RelyingPartyId);

/// The rates of one gateway.
pub(crate) struct RateLimits {
    certificates: DefaultKeyedRateLimiter<CertificateKey>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    handshakes: DefaultKeyedRateLimiter<IpAddr>,
    failures: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl RateLimits {
    pub(crate) fn new(config: &LimitConfig) -> Self {
        Self {
            certificates: keyed(config.sign_ins_per_certificate),
            addresses: keyed(config.requests_per_address),
            handshakes: keyed(config.handshakes_per_address),
            failures: keyed(config.failures_per_address),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a sign-in of a proven certificate for a registered relying party.
    pub(crate) fn check_certificate(
        &self,
        sha256: [u8; 32],
        relying_party: &RelyingPartyId,
    ) -> Result<(), RequestError> {
        let key = (sha256, relying_party.clone());
        let checked = self.certificates.check_key(&key);
        checked.map_err(|until| refusal(until.wait_time_from(self.clock.now())))
    }

    /// Counts a request that costs something.
    pub(crate) fn check_address(&self, address: IpAddr) -> Result<(), RequestError> {
        let checked = self.addresses.check_key(&network_of(address));
        checked.map_err(|until| refusal(until.wait_time_from(self.clock.now())))
    }

    /// Counts an attempt to pass for a relying party that failed. Only failures count:
    /// a platform whose requests come through one address with them is not locked out.
    pub(crate) fn check_failure(&self, address: IpAddr) -> Result<(), RequestError> {
        let checked = self.failures.check_key(&network_of(address));
        checked.map_err(|until| refusal(until.wait_time_from(self.clock.now())))
    }

    /// Counts a TLS handshake, before it costs anything; whether it may begin.
    pub(crate) fn allows_handshake(&self, address: IpAddr) -> bool {
        self.handshakes.check_key(&network_of(address)).is_ok()
    }

    /// Forgets who has not asked for a while.
    pub(crate) fn forget_idle(&self) {
        self.certificates.retain_recent();
        self.addresses.retain_recent();
        self.handshakes.retain_recent();
        self.failures.retain_recent();
        self.certificates.shrink_to_fit();
        self.addresses.shrink_to_fit();
        self.handshakes.shrink_to_fit();
        self.failures.shrink_to_fit();
    }
}

fn refusal(wait: Duration) -> RequestError {
    RequestError::RateLimited { retry_after: wait.as_secs() + 1 }
}

impl std::fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RateLimits")
    }
}

fn keyed<K: Clone + std::hash::Hash + Eq>(per_minute: NonZeroU32) -> DefaultKeyedRateLimiter<K> {
    RateLimiter::keyed(Quota::per_minute(per_minute))
}

/// What counts as one address: one IPv6 customer has a whole /64 (RFC 6177), and
/// IPv4 may come mapped.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let network = v6.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(certificate: u32, address: u32) -> RateLimits {
        RateLimits::new(&LimitConfig {
            connections: 1,
            connections_per_address: 1,
            sign_ins_per_certificate: NonZeroU32::new(certificate).unwrap(),
            requests_per_address: NonZeroU32::new(address).unwrap(),
            handshakes_per_address: NonZeroU32::new(address).unwrap(),
            failures_per_address: NonZeroU32::new(address).unwrap(),
            verifications_per_party: NonZeroU32::MIN,
            verifications: 1,
            attached_document: 1,
            content: 1,
        })
    }

    #[test]
    fn certificates_count_apart_and_per_relying_party() {
        let limits = limits(1, 100);
        let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
        limits.check_certificate([1; 32], &a).unwrap();
        limits.check_certificate([1; 32], &b).unwrap();
        limits.check_certificate([2; 32], &a).unwrap();
        let refused = limits.check_certificate([1; 32], &a).unwrap_err();
        match refused {
            RequestError::RateLimited { retry_after } => assert!((1..=61).contains(&retry_after)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn handshakes_count_by_address_and_apart_from_requests() {
        let limits = limits(1, 1);
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        limits.check_address(one).unwrap();
        assert!(limits.allows_handshake(one));
        assert!(!limits.allows_handshake(one));
        assert!(limits.allows_handshake(other));
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let limits = limits(1, 1);
        limits.check_address("2001:db8::1".parse().unwrap()).unwrap();
        assert!(limits.check_address("2001:db8::2".parse().unwrap()).is_err());
        limits.check_address("2001:db8:0:1::1".parse().unwrap()).unwrap();
        limits.check_address("::ffff:192.0.2.1".parse().unwrap()).unwrap();
        assert!(limits.check_address("192.0.2.1".parse().unwrap()).is_err());
    }
}
