//! How many connections there may be, together and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::LimitConfig;
use crate::limits::network_of;

/// The places for connections of one gateway.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    room: Arc<Semaphore>,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    per_address: usize,
}

/// One taken place, given back when dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    address: IpAddr,
    _room: OwnedSemaphorePermit,
}

impl Places {
    pub(crate) fn new(config: &LimitConfig) -> Self {
        Self {
            room: Arc::new(Semaphore::new(config.connections)),
            taken: Arc::default(),
            per_address: config.connections_per_address,
        }
    }

    /// Waits until there is room for one more; `None` never happens, for the
    /// semaphore is not closed.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    /// A place for a connection from `address`, unless it has too many.
    pub(super) fn take(&self, room: OwnedSemaphorePermit, address: IpAddr) -> Option<Place> {
        let address = network_of(address);
        let mut taken = self.lock();
        let count = taken.entry(address).or_insert(0);
        if *count >= self.per_address {
            return None;
        }
        *count += 1;
        drop(taken);
        Some(Place { places: self.clone(), address, _room: room })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Counting cannot leave it half-changed.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(count) = taken.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[tokio::test]
    async fn places_are_counted_by_address_and_given_back() {
        let places = Places::new(&LimitConfig {
            connections: 3,
            connections_per_address: 1,
            sign_ins_per_certificate: NonZeroU32::MIN,
            requests_per_address: NonZeroU32::MIN,
            handshakes_per_address: NonZeroU32::MIN,
            failures_per_address: NonZeroU32::MIN,
            verifications_per_party: NonZeroU32::MIN,
            verifications: 1,
            attached_document: 1,
            content: 1,
        });
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        let first = places.take(places.room().await.unwrap(), address);
        assert!(first.is_some());
        assert!(places.take(places.room().await.unwrap(), address).is_none());
        assert!(places.take(places.room().await.unwrap(), "192.0.2.2".parse().unwrap()).is_some());
        // One customer's IPv6 addresses are as good as one.
        let networked: IpAddr = "2001:db8::1".parse().unwrap();
        let sixth = places.take(places.room().await.unwrap(), networked);
        let networked: IpAddr = "2001:db8::2".parse().unwrap();
        assert!(places.take(places.room().await.unwrap(), networked).is_none());
        drop(sixth);
        drop(first);
        assert!(places.take(places.room().await.unwrap(), address).is_some());
        assert!(places.lock().is_empty());
        assert_eq!(places.room.available_permits(), 3);
    }
}
