//! Revocation lists on their way into snapshots.
//!
//! A list is parsed, verified and compiled once, when it arrives, and by the thread
//! that brings it: the one that applies the journal only takes it over, so that no
//! sign-in and no other change waits for a list of a million entries.
//!
//! 1. Who imports a list verifies it and offers it here. Nothing survives a power cut.
//! 2. It becomes a blob, synced: an unreferenced one at most.
//! 3. The change that names the blob is recorded. From here on the list judges: the
//!    applier finds it here, and each snapshot hands it on to the next. Opening a
//!    province reads it from its blob.
//! 4. The offer ends.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tongxing_pki::VerifiedCrl;

/// Lists that were verified and compiled, while the changes that name them are being
/// recorded.
#[derive(Debug, Default)]
pub(crate) struct Arrivals(Mutex<Vec<VerifiedCrl>>);

/// A list that waits to be taken over; it ends when this is dropped.
pub(crate) struct Offer<'a> {
    arrivals: &'a Arrivals,
    list: VerifiedCrl,
}

impl Arrivals {
    /// Step 1.
    pub(crate) fn offer(&self, list: VerifiedCrl) -> Offer<'_> {
        self.lock().push(list.clone());
        Offer { arrivals: self, list }
    }

    /// Step 3.
    pub(super) fn find(&self, is_it: impl Fn(&VerifiedCrl) -> bool) -> Option<VerifiedCrl> {
        self.lock().iter().find(|list| is_it(list)).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<VerifiedCrl>> {
        // Each change of it is one step: a panic leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Offer<'_> {
    /// The list.
    pub(crate) fn list(&self) -> &VerifiedCrl {
        &self.list
    }
}

impl Drop for Offer<'_> {
    fn drop(&mut self) {
        let mut lists = self.arrivals.lock();
        // Should the same list have been offered twice, the other one stays.
        if let Some(place) = lists.iter().position(|list| list.crl() == self.list.crl()) {
            lists.swap_remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use tongxing_pki::{Certificate, Crl};
    use tongxing_testdata::{CrlSpec, Profile, TestAuthority, Validity};

    use super::*;

    const NOW: i64 = 1_780_000_000;

    #[test]
    fn a_list_is_there_for_as_long_as_it_is_offered() {
        let spec = Profile::B.authority(Validity::decade_around(NOW));
        let authority = TestAuthority::generate(&spec).unwrap();
        let key = Certificate::parse(authority.issuing().der()).unwrap();
        let list = |number| {
            let der = authority.crl(&CrlSpec::empty(number, NOW - 60, NOW + 60)).unwrap();
            VerifiedCrl::verify(&Crl::parse(&der).unwrap(), key.public_key()).unwrap()
        };
        let (one, other) = (list(1), list(2));
        let arrivals = Arrivals::default();
        let find = |wanted: &VerifiedCrl| {
            let found = arrivals.find(|list| list.crl() == wanted.crl());
            found.is_some_and(|found| found.crl() == wanted.crl())
        };
        let offer = arrivals.offer(one.clone());
        assert!(find(&one) && !find(&other));
        let again = arrivals.offer(one.clone());
        let _other = arrivals.offer(other.clone());
        drop(offer);
        assert!(find(&one) && find(&other), "each offer is its own");
        drop(again);
        assert!(!find(&one) && find(&other));
    }
}
