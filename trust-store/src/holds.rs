//! Holds that archived lists name.
//!
//! A hold may be lifted, and then stands only in the lists of its time: of all lists
//! made after a moment in the past, any one may be the only one that says so. Of each
//! archived list it is remembered whom it names as held and since when, sixteen octets
//! for each and not the list, so that only those need to be read that say something.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tongxing_pki::{Certificate, Crl, CrlEntry, RevocationReason, SerialNumber, Timestamp};

/// The most holds that are remembered: 64 MiB. Origin: ours; two hundred lists of twenty
/// thousand.
const MOST: usize = 4_000_000;

/// As many holds as remembering a list costs that names none: its blob's name, twice.
const LIST_WEIGHT: usize = 16;

/// Whom a list names as held, in the order of the numbers that stand for their serial
/// numbers, each with the moment since when.
pub(crate) type Held = Arc<[(u64, Timestamp)]>;

/// By the lists' blobs.
#[derive(Debug, Default)]
pub(crate) struct Holds {
    /// Makes a number of a serial number; nobody can choose serial numbers of one.
    numbers: RandomState,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    lists: HashMap<String, Held>,
    /// In the order in which they came.
    order: VecDeque<String>,
    /// What they weigh together.
    weight: usize,
}

impl Holds {
    /// Whom a list names, if that is remembered.
    pub(crate) fn of(&self, blob: &str) -> Option<Held> {
        self.lock().lists.get(blob).cloned()
    }

    /// Remembers whom a list names; of others, those that have been known longest make
    /// room.
    pub(crate) fn remember(&self, blob: &str, list: &Crl) -> Held {
        let held = |entry: CrlEntry<'_>| {
            let is_hold = entry.reason() == Some(RevocationReason::CertificateHold);
            let serial = entry.serial().filter(|_| is_hold)?;
            Some((self.number(&serial), effective(&entry)))
        };
        let mut held: Vec<_> = list.entries().filter_map(held).collect();
        held.sort_unstable();
        let held: Held = held.into();
        self.lock().keep(blob, &held, MOST);
        held
    }

    /// Whether a certificate with this serial number may be among them, held since the
    /// moment or earlier. Whose it is, and whether it is, the list itself says.
    pub(crate) fn may_name(&self, held: &Held, certificate: &Certificate, at: Timestamp) -> bool {
        let number = self.number(certificate.serial());
        let first = held.partition_point(|(other, _)| *other < number);
        let of_number = held[first..].iter().take_while(|(other, _)| *other == number);
        of_number.into_iter().any(|(_, since)| *since <= at)
    }

    fn number(&self, serial: &SerialNumber) -> u64 {
        self.numbers.hash_one(serial)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // It is whole after each step, whatever it has forgotten by then.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Takes a list in; the newest stays, whatever it weighs.
    fn keep(&mut self, blob: &str, held: &Held, most: usize) {
        if self.lists.insert(blob.to_owned(), Arc::clone(held)).is_some() {
            // It is the same: its blob is named by what is in it.
            return;
        }
        self.order.push_back(blob.to_owned());
        self.weight += weight(held);
        while self.weight > most && self.order.len() > 1 {
            let oldest = self.order.pop_front().and_then(|oldest| self.lists.remove(&oldest));
            self.weight -= oldest.as_ref().map_or(0, weight);
        }
    }
}

fn weight(held: &Held) -> usize {
    held.len() + LIST_WEIGHT
}

/// Whether a list that was made later says that a certificate was held at the moment, and
/// every judgement may rest on it: then no other list needs to say so.
pub(crate) fn settles(list: &Crl, certificate: &Certificate, at: Timestamp) -> bool {
    let entry = list.find(certificate.issuer(), certificate.serial());
    list.unknown_critical_extensions().is_empty()
        && list.profile_breaches().is_empty()
        && entry.is_some_and(|entry| effective(&entry) <= at)
}

/// Since when an entry counts: the earlier of its two dates.
fn effective(entry: &CrlEntry<'_>) -> Timestamp {
    let date = entry.revocation_date();
    entry.invalidity_date().map_or(date, |invalid| invalid.min(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(holds: usize) -> Held {
        (0..holds as u64).map(|number| (number, Timestamp::from_unix(0))).collect()
    }

    #[test]
    fn the_oldest_lists_make_room_and_the_others_stay() {
        let mut known = Known::default();
        let most = 3 * (LIST_WEIGHT + 10);
        for blob in ["a", "b", "c", "c"] {
            known.keep(blob, &held(10), most);
        }
        assert_eq!((known.lists.len(), known.weight), (3, most));
        known.keep("d", &held(1), most);
        let mut left: Vec<_> = known.lists.keys().map(String::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["b", "c", "d"]);
        assert_eq!(known.weight, known.lists.values().map(weight).sum::<usize>());
        // Whatever one list has, it is known until the next one comes.
        known.keep("e", &held(1000), most);
        assert_eq!(known.lists.keys().collect::<Vec<_>>(), ["e"]);
        known.keep("f", &held(1), most);
        assert_eq!(known.lists.keys().collect::<Vec<_>>(), ["f"]);
        assert_eq!((known.order.len(), known.weight), (1, LIST_WEIGHT + 1));
    }
}
