//! What the lists of one scope say about a certificate at a moment.
//!
//! 1. The newest list issued by then decides, together with the newest delta
//!    for it, if it is still current.
//! 2. Lists issued later override it: an entry whose date, or invalidity date,
//!    lies at or before the moment reaches back, in whichever of them it
//!    stands; one with a later date does not. That a later list does not name
//!    a certificate says nothing once the certificate has expired, when
//!    entries may be dropped (X.509 9.5.2.8), does not lift a hold that was in
//!    force then, and says nothing about the present: such a list is not in
//!    force yet.
//! 3. A list past its next update, or a delta without the list that it was
//!    made for, proves what it names, and nothing else; of an overdue list's
//!    entries holds prove nothing either. An older delta that applies makes up for
//!    no newer one that does not.

use crate::{Certificate, Code, Crl, Moment, Name, RevocationReason, SerialNumber, Timestamp};

use super::clearance::{self, Clearance};
use super::codes;
use super::status::{Evidence, Finality, ListReference, Revocation};

/// What evidence of one kind says.
pub(super) enum Decision {
    Revoked(Revocation),
    NotRevoked(Clearance),
    /// What is signed says revoked and says not, as of one time: evidence of another kind
    /// can prove the revocation, but not clear the certificate.
    Disputed(&'static Code),
    Unknown(&'static Code),
}

/// The moment judged, and how long overdue evidence still serves.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) at: Timestamp,
    pub(super) moment: Moment,
    pub(super) grace_seconds: i64,
    /// How far the clocks of those who answer and ours may differ.
    pub(super) clock_skew_seconds: i64,
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

    /// Decides about a certificate.
    pub(super) fn decide(&mut self, certificate: &Certificate, when: When) -> Decision {
        // Newest first; of two issued at once, the one with the higher number.
        let newest = |one: &&Crl, other: &&Crl| recency(other).cmp(&recency(one));
        self.complete.sort_by(newest);
        self.deltas.sort_by(newest);
        let current = self.current(certificate, when);
        if let Some(revoked @ Decision::Revoked(_)) = current {
            return revoked;
        }
        if let Some(revocation) = self.reaching_back(certificate, when.at) {
            return Decision::Revoked(revocation);
        }
        match (self.clearing(certificate, when), current) {
            (Some(later), _) => Decision::NotRevoked(Clearance::by(by_list(later))),
            (None, Some(current)) => current,
            (None, None) => Decision::Unknown(self.lacking(when)),
        }
    }

    /// What the newest list issued by the moment judged says, with its delta.
    fn current(&self, certificate: &Certificate, when: When) -> Option<Decision> {
        let Some(crl) = self.complete.iter().find(|crl| crl.this_update() <= when.at) else {
            return self.unapplied(None, certificate, when).map(Decision::Revoked);
        };
        let applying = self.deltas.iter().find(|delta| applies(delta, crl, when));
        let change = applying.and_then(|delta| find(delta, certificate));
        let entry = match change {
            Some(change) => Some(change).filter(|change| !change.removal),
            None => find(crl, certificate),
        };
        let stale = staleness(crl, when);
        let overdue = stale.is_some();
        if let Some(entry) = entry.filter(|entry| !overdue || !entry.revocation.is_hold()) {
            return Some(Decision::Revoked(entry.revocation));
        }
        let basis = Some((*crl, applying.copied()));
        if let Some(revocation) = self.unapplied(basis, certificate, when) {
            return Some(Decision::Revoked(revocation));
        }
        if let Some(why) = stale {
            return Some(Decision::Unknown(why));
        }
        // The delta brings the list up to date, and does not make it less overdue.
        let overdue = clearance::overdue(&by_list(crl), when.at);
        let decides = by_list(applying.unwrap_or(crl));
        let finality = Finality::Provisional;
        Some(Decision::NotRevoked(Clearance { evidence: decides, finality, overdue }))
    }

    /// What deltas prove that apply to no list at hand: those issued by the
    /// moment judged, and not before the list that decides, nor made up for by the
    /// delta that applies to it. Whoever brings an older delta hides no newer one.
    fn unapplied(
        &self,
        basis: Option<(&Crl, Option<&Crl>)>,
        certificate: &Certificate,
        when: When,
    ) -> Option<Revocation> {
        let outdated = |delta: &Crl| {
            basis.is_some_and(|(base, applying)| {
                delta.this_update() < base.this_update()
                    || applying.is_some_and(|applying| includes(applying, delta))
            })
        };
        let issued = |delta: &&&Crl| delta.this_update() <= when.at && !outdated(delta);
        self.deltas.iter().filter(issued).find_map(|delta| {
            let entry = find(delta, certificate).filter(|entry| !entry.removal)?;
            let overdue = staleness(delta, without_grace(when)).is_some();
            (!overdue || !entry.revocation.is_hold()).then_some(entry.revocation)
        })
    }

    /// What a list issued after the moment judged says about it.
    fn reaching_back(&self, certificate: &Certificate, at: Timestamp) -> Option<Revocation> {
        let lists = self.complete.iter().chain(&self.deltas);
        let entries = lists
            .filter(|crl| crl.this_update() > at)
            .filter_map(|crl| find(crl, certificate))
            .filter(|entry| !entry.removal);
        entries.map(|entry| entry.revocation).find(|revocation| revocation.effective() <= at)
    }

    /// The newest list issued after a moment in the past that would name the
    /// certificate had it been revoked then.
    fn clearing(&self, certificate: &Certificate, when: When) -> Option<&'l Crl> {
        let tells = |crl: &&&Crl| {
            crl.this_update() > when.at
                && (names_expired(crl, certificate.not_after()) || find(crl, certificate).is_some())
        };
        let past = when.moment == Moment::Past;
        past.then(|| self.complete.iter().find(tells).copied()).flatten()
    }

    /// Why nothing can be said: no complete list was issued by the moment
    /// judged, and of those issued later none tells.
    fn lacking(&self, when: When) -> &'static Code {
        match (self.complete.is_empty(), when.moment) {
            (true, _) => &codes::LIST_DELTA_WITHOUT_BASE,
            (false, Moment::Past) => &codes::LIST_TOO_LATE,
            (false, Moment::Present) => &codes::LIST_NOT_YET,
        }
    }
}

pub(super) fn by_list(crl: &Crl) -> Evidence {
    Evidence::List(ListReference::new(crl))
}

/// The entry of a certificate, with the list that has it.
fn find(crl: &Crl, certificate: &Certificate) -> Option<Entry> {
    let entry = crl.find(certificate.issuer(), certificate.serial())?;
    Some(Entry {
        removal: crl.is_delta() && entry.reason() == Some(RevocationReason::RemoveFromCrl),
        revocation: Revocation {
            date: entry.revocation_date(),
            reason: entry.reason(),
            invalidity_date: entry.invalidity_date(),
            evidence: by_list(crl),
        },
    })
}

struct Entry {
    revocation: Revocation,
    /// A delta's way of saying that the certificate is no longer listed.
    removal: bool,
}

/// Whether a list would still name a certificate that expires then, if it was revoked.
pub(super) fn names_expired(crl: &Crl, not_after: Timestamp) -> bool {
    let kept_since = crl.expired_certificates_since();
    crl.this_update() <= not_after || kept_since.is_some_and(|since| since <= not_after)
}

/// Why a list cannot say that a certificate is not revoked at a moment.
fn staleness(crl: &Crl, when: When) -> Option<&'static Code> {
    match crl.next_update() {
        Some(due) if when.at <= due.plus_seconds(when.grace_seconds) => None,
        Some(_) => Some(&codes::LIST_STALE),
        None => Some(&codes::LIST_WITHOUT_END),
    }
}

/// Deltas get none: the complete list stands without them.
fn without_grace(when: When) -> When {
    When { grace_seconds: 0, ..when }
}

/// RFC 5280 5.2.4 and 6.3.3 (c): issued by then and still current, made for
/// this list or an older one, and newer than it.
fn applies(delta: &Crl, complete: &Crl, when: When) -> bool {
    let (Some(base), Some(own), Some(number)) =
        (delta.base_number(), complete.number(), delta.number())
    else {
        return false;
    };
    let current = delta.this_update() <= when.at && staleness(delta, without_grace(when)).is_none();
    current && base <= own && own < number
}

/// Whether a delta tells all that another one told (RFC 5280 5.2.4: each tells every
/// change since its base): that one is not newer, neither by its time nor by its number.
fn includes(delta: &Crl, other: &Crl) -> bool {
    other.this_update() <= delta.this_update() && other.number() <= delta.number()
}

fn recency(crl: &Crl) -> (Timestamp, Option<&SerialNumber>) {
    (crl.this_update(), crl.number())
}
