//! Holds that archived lists name.
//!
//! A hold may be lifted, and then stands only in the lists of its time: of all lists
//! made after a moment in the past, any one may be the only one that says so. Of each
//! archived list it is remembered whom it names as held, a few serial numbers and not
//! the list, so that only those need to be read that say something.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongxing_pki::{Certificate, Crl, CrlEntry, RevocationReason, SerialNumber};

/// The most serial numbers that are remembered: about 64 MiB. Origin: ours.
const MOST: usize = 1_000_000;

/// The serial numbers that a list names as held.
pub(crate) type Held = Arc<HashSet<SerialNumber>>;

/// By the lists' blobs.
#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<HashMap<String, Held>>);

impl Holds {
    /// Whom a list names, if that is remembered.
    pub(crate) fn of(&self, blob: &str) -> Option<Held> {
        self.lock().get(blob).cloned()
    }

    /// Remembers whom a list names.
    pub(crate) fn remember(&self, blob: &str, list: &Crl) -> Held {
        let held = |entry: CrlEntry<'_>| {
            let is_hold = entry.reason() == Some(RevocationReason::CertificateHold);
            is_hold.then(|| entry.serial()).flatten()
        };
        let held: Held = Arc::new(list.entries().filter_map(held).collect());
        let mut known = self.lock();
        // Counted anew: whoever comes here has just gone through a whole list.
        let room = known.values().map(|others| others.len() + 1).sum::<usize>() + held.len();
        if room > MOST {
            known.clear();
        }
        known.insert(blob.to_owned(), Arc::clone(&held));
        held
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        // Each change of it is one step: a panic leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether any of the certificates is among them. Whose they are the list itself says.
pub(crate) fn names_one(held: &Held, certificates: &[&Certificate]) -> bool {
    certificates.iter().any(|certificate| held.contains(certificate.serial()))
}
