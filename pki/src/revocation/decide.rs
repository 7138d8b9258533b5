//! What the lists of one scope say about a certificate at a moment.
//!
//! 1. The newest list issued by then decides, together with the newest delta
//!    for it, if it is still current.
//! 2. Lists issued later override it: an entry whose date, or invalidity date,
//!    lies at or before the moment reaches back; one with a later date does
//!    not. That a later list does not name a certificate says nothing once the
//!    certificate has expired, when entries may be dropped (X.509 9.5.2.8), and
//!    does not lift a hold that was in force then.
//! 3. A list past its next update proves what it names, but for holds, and
//!    nothing else.

use crate::{Certificate, Code, Crl, Name, RevocationReason, SerialNumber, Timestamp};

use super::codes;
use super::status::{Finality, ListReference, Revocation};

/// What the lists of one scope say.
pub(super) enum Decision {
    Revoked(Revocation),
    NotRevoked(ListReference, Finality),
    Unknown(&'static Code),
}

/// The moment judged, and how long an overdue list still serves.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) at: Timestamp,
    pub(super) grace_seconds: i64,
}

/// The verified lists of one scope.
pub(super) struct Group<'l> {
    /// Complete lists.
    complete: Vec<&'l Crl>,
    deltas: Vec<&'l Crl>,
}

impl<'l> Group<'l> {
    pub(super) fn of(crl: &'l Crl) -> Self {
        let mut group = Self { complete: Vec::new(), deltas: Vec::new() };
        group.push(crl);
        group
    }

    pub(super) fn push(&mut self, crl: &'l Crl) {
        if crl.is_delta() {
            self.deltas.push(crl);
        } else {
            self.complete.push(crl);
        }
    }

    /// Whether the lists are this issuer's.
    pub(super) fn is_by(&self, issuer: &Name) -> bool {
        let mut lists = self.complete.iter().chain(&self.deltas);
        lists.next().is_some_and(|crl| crl.issuer().matches(issuer))
    }

    /// Decides about a certificate; `None` without a single list.
    pub(super) fn decide(&mut self, certificate: &Certificate, when: When) -> Option<Decision> {
        let at = when.at;
        // Newest first; of two issued at once, the one with the higher number.
        let newest = |one: &&Crl, other: &&Crl| recency(other).cmp(&recency(one));
        self.complete.sort_by(newest);
        self.deltas.sort_by(newest);
        let by_then = self.complete.iter().position(|crl| crl.this_update() <= at);
        let (later, earlier) = self.complete.split_at(by_then.unwrap_or(self.complete.len()));
        let current = earlier.first().map(|crl| self.current(crl, certificate, when));
        match later.first() {
            Some(later) => Some(overridden(current, later, certificate, at)),
            None => current.or_else(|| self.without_base()),
        }
    }

    /// The newest list issued by the moment judged, with its delta.
    fn current(&self, crl: &Crl, certificate: &Certificate, when: When) -> Decision {
        let delta = self.deltas.iter().find(|delta| applies(delta, crl, when.at));
        let entry = match delta.and_then(|delta| find(delta, certificate)) {
            Some(change) if change.removal => None,
            Some(change) => Some(change),
            None => find(crl, certificate),
        };
        let stale = staleness(crl, when);
        match (entry, stale) {
            (Some(entry), None) => Decision::Revoked(entry.revocation),
            (Some(entry), Some(_)) if !entry.revocation.is_hold() => {
                Decision::Revoked(entry.revocation)
            }
            (_, Some(why)) => Decision::Unknown(why),
            (None, None) => {
                let decides = delta.copied().unwrap_or(crl);
                Decision::NotRevoked(ListReference::new(decides), Finality::Provisional)
            }
        }
    }

    fn without_base(&self) -> Option<Decision> {
        let only_deltas = !self.deltas.is_empty();
        only_deltas.then_some(Decision::Unknown(&codes::LIST_DELTA_WITHOUT_BASE))
    }
}

/// The entry of a certificate, with the list that has it.
fn find(crl: &Crl, certificate: &Certificate) -> Option<Entry> {
    let entry = crl.find(certificate.issuer(), certificate.serial())?;
    Some(Entry {
        removal: entry.reason() == Some(RevocationReason::RemoveFromCrl),
        revocation: Revocation {
            date: entry.revocation_date(),
            reason: entry.reason(),
            invalidity_date: entry.invalidity_date(),
            list: ListReference::new(crl),
        },
    })
}

struct Entry {
    revocation: Revocation,
    /// A delta's way of saying that the certificate is no longer listed.
    removal: bool,
}

/// What a later list makes of what was known at the moment judged.
fn overridden(
    current: Option<Decision>,
    later: &Crl,
    certificate: &Certificate,
    at: Timestamp,
) -> Decision {
    if let Some(Decision::Revoked(revocation)) = current {
        return Decision::Revoked(revocation);
    }
    let final_good = || Decision::NotRevoked(ListReference::new(later), Finality::Final);
    match find(later, certificate) {
        Some(entry) if entry.revocation.effective() <= at => Decision::Revoked(entry.revocation),
        Some(_) => final_good(),
        None if names_expired(later, certificate) => final_good(),
        None => current.unwrap_or(Decision::Unknown(&codes::LIST_TOO_LATE)),
    }
}

/// Whether a list would still name the certificate if it was revoked.
fn names_expired(crl: &Crl, certificate: &Certificate) -> bool {
    let kept_since = crl.expired_certificates_since();
    crl.this_update() <= certificate.not_after()
        || kept_since.is_some_and(|since| since <= certificate.not_after())
}

/// Why a list cannot say that a certificate is not revoked at a moment.
fn staleness(crl: &Crl, when: When) -> Option<&'static Code> {
    match crl.next_update() {
        Some(due) if when.at <= due.plus_seconds(when.grace_seconds) => None,
        Some(_) => Some(&codes::LIST_STALE),
        None => Some(&codes::LIST_WITHOUT_END),
    }
}

/// RFC 5280 5.2.4 and 6.3.3 (c): issued by then and still current, made for
/// this list or an older one, and newer than it.
fn applies(delta: &Crl, complete: &Crl, at: Timestamp) -> bool {
    let (Some(base), Some(own), Some(number)) =
        (delta.base_number(), complete.number(), delta.number())
    else {
        return false;
    };
    let fits = size(base) <= size(own) && size(own) < size(number);
    delta.this_update() <= at && staleness(delta, When { at, grace_seconds: 0 }).is_none() && fits
}

fn recency(crl: &Crl) -> (Timestamp, Option<(usize, &[u8])>) {
    (crl.this_update(), crl.number().map(size))
}

/// List numbers in their order. They are not negative (RFC 5280 5.2.3), and
/// minimal, so that a longer one is larger.
fn size(number: &SerialNumber) -> (usize, &[u8]) {
    (number.bytes().len(), number.bytes())
}
