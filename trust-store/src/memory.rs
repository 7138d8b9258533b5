//! Judgements that are remembered for as long as nothing they depend on can change.
//!
//! Who signs in often is judged by the same chain each time. What came of it holds
//! while
//!
//! - the snapshot is of the same revision: every change of trust, and every list that
//!   arrives, makes another;
//! - the same evidence is supplied, and the same is asked: both are in the key, with
//!   the whole chain;
//! - no boundary in time was passed by anything that the judgement may have looked at:
//!   a certificate's validity, a list's or response's dates, with grace and greatest
//!   age, a status or an algorithm's end that was planned. The boundaries are drawn
//!   too wide rather than too narrow, by names, not by what the path came to be.
//!
//! Only what was recognised is remembered, on fresh evidence, for a moment that is now.
//! Memory is bounded, and nobody waits for it: who finds it in use judges anew.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, TryLockError};

use ring::digest::{Context, SHA256};
use tongxing_pki::{Certificate, CertificatePool, Crl, Oid, Timestamp};

use crate::demands::Demands;
use crate::policy::AuthorityPolicy;
use crate::province::Province;
use crate::recognise::{Purpose, Recognised, Recognition, SuppliedEvidence};
use crate::snapshot::{Freshness, Snapshot};

/// Parts with a lock of their own, so that threads seldom meet.
const SHARDS: usize = 16;

/// Judgements in one half of one part. Origin: ours; of about 10 kB each, 80 MiB in
/// all.
const HALF: usize = 256;

/// How far a responder's clock and ours may differ, in seconds:
/// [`tongxing_pki::RevocationOptions::clock_skew_seconds`].
const SKEW: i64 = 300;

/// What was judged.
#[derive(Debug, Default)]
pub(crate) struct Judgements([Mutex<Halves>; SHARDS]);

/// The younger half fills up, becomes the older one, and takes from it what is asked
/// for again: what is not is forgotten, in one step.
#[derive(Debug, Default)]
struct Halves {
    younger: HashMap<Key, Remembered>,
    older: HashMap<Key, Remembered>,
}

/// What was asked: SHA-256 over all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key([u8; 32]);

#[derive(Debug)]
struct Remembered {
    recognised: Recognised,
    /// It holds from here...
    from: Timestamp,
    /// ...and here no longer.
    until: Timestamp,
}

impl Key {
    /// What is asked with this; `None` where it cannot be remembered.
    fn of(chain: &[Certificate], purpose: Purpose, supplied: &SuppliedEvidence) -> Option<Self> {
        let SuppliedEvidence { lists, responses, .. } = supplied;
        let nonces = responses.iter().any(|response| response.asked_nonce().is_some());
        if !lists.is_empty() || !responses.refusals().is_empty() || nonces {
            return None;
        }
        let mut context = Context::new(&SHA256);
        context.update(&[purpose as u8]);
        context.update(&chain.len().to_be_bytes());
        for certificate in chain {
            context.update(certificate.sha256());
        }
        // In an order of their own: they are found by serial number.
        let told: BTreeSet<_> =
            responses.iter().map(|response| *response.response().sha256()).collect();
        for sha256 in &told {
            context.update(sha256);
        }
        context.finish().as_ref().try_into().ok().map(Self)
    }
}

impl Judgements {
    /// What was judged, if it holds still.
    fn recall(&self, key: Key, revision: u64, at: Timestamp) -> Option<Recognised> {
        let mut halves = self.shard(key)?;
        let found = halves.find(key)?;
        let holds = found.recognised.revision() == revision && found.from <= at && at < found.until;
        holds.then(|| found.recognised.danger_as_of(at))
    }

    /// Remembers what was judged at `at` on this evidence.
    fn remember(&self, key: Key, recognised: &Recognised, about: &About<'_>) {
        let fresh = recognised.revocation().freshness.is_none_or(|is| is == Freshness::Fresh);
        let Some(until) = about.until(recognised).filter(|_| fresh) else { return };
        if let Some(mut halves) = self.shard(key) {
            let (recognised, from) = (recognised.danger_as_of(about.at), about.at);
            halves.keep(key, Remembered { recognised, from, until });
        }
    }

    /// `None` while another thread has it.
    fn shard(&self, key: Key) -> Option<MutexGuard<'_, Halves>> {
        match self.0[usize::from(key.0[0]) % SHARDS].try_lock() {
            Ok(halves) => Some(halves),
            // Each change of it is one step: a panic leaves nothing half-done.
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Halves {
    fn find(&mut self, key: Key) -> Option<&Remembered> {
        if let Some(found) = self.older.remove(&key) {
            self.keep(key, found);
        }
        self.younger.get(&key)
    }

    fn keep(&mut self, key: Key, remembered: Remembered) {
        if self.younger.len() >= HALF {
            self.older = std::mem::take(&mut self.younger);
        }
        self.younger.insert(key, remembered);
    }
}

/// What a judgement was made from.
struct About<'a> {
    snapshot: &'a Snapshot,
    chain: &'a [Certificate],
    supplied: &'a SuppliedEvidence,
    at: Timestamp,
}

impl Province {
    /// Judges a chain (leaf first) for a purpose now, as
    /// [`Snapshot::recognise_demanding`] does, and remembers what came of it, where
    /// nothing is demanded: asked again, it judges again only once that may have changed.
    pub fn recognise(
        &self,
        snapshot: &Snapshot,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        supplied: &SuppliedEvidence,
        demands: &Demands,
    ) -> Recognition {
        let key = if demands.are_none() { Key::of(chain, purpose, supplied) } else { None };
        let recalled = key.and_then(|key| self.judgements().recall(key, snapshot.revision(), at));
        if let Some(recognised) = recalled {
            return Recognition::Recognised(Box::new(recognised));
        }
        let recognition = snapshot.recognise_demanding(chain, purpose, at, supplied, demands);
        if let (Some(key), Recognition::Recognised(recognised)) = (key, &recognition) {
            self.judgements().remember(key, recognised, &About { snapshot, chain, supplied, at });
        }
        recognition
    }
}

impl About<'_> {
    /// The first moment at which it might come out otherwise; `None` where it is not
    /// known of whose policy it is.
    fn until(&self, recognised: &Recognised) -> Option<Timestamp> {
        let authority = self.snapshot.authority(recognised.authority())?;
        let mut next = Next { after: self.at, until: Timestamp::from_unix(i64::MAX) };
        self.snapshot.province_dates().for_each(|date| next.date(date));
        for certificate in self.snapshot.relatives(self.chain) {
            next.validity(certificate);
            if let Some(owner) = self.snapshot.owner(certificate.spki_sha256()) {
                owner.dates().for_each(|date| next.date(date));
            }
        }
        let policy = authority.policy_at(self.at)?;
        for (list, _) in self.snapshot.lists_around(self.snapshot.relatives(self.chain)) {
            next.list(list.crl(), &policy);
        }
        for signer in self.list_signers() {
            next.validity(signer);
        }
        for signer in self.response_signers() {
            next.validity(signer);
        }
        for response in self.supplied.responses.iter() {
            let response = response.response();
            for signer in response.certificates() {
                next.validity(signer);
            }
            next.told(response.produced_at(), None, &policy);
            for single in response.responses() {
                next.told(single.this_update(), single.next_update(), &policy);
            }
        }
        Some(next.until)
    }

    /// Certificates of keys that sign lists for others.
    fn list_signers(&self) -> Vec<&Certificate> {
        let around = self.snapshot.lists_around(self.snapshot.relatives(self.chain));
        let pool: &CertificatePool = self.snapshot.intermediates();
        let names = around.iter().map(|(list, _)| list.crl().issuer());
        names.flat_map(|name| pool.by_subject(name)).collect()
    }

    /// Enrolled certificates that may have signed responses which do not bring them along:
    /// those of responders (RFC 6960 4.2.2.2). Of authorities themselves the chain's
    /// relatives are.
    fn response_signers(&self) -> impl Iterator<Item = &Certificate> {
        let may_sign = |known: &&Certificate| {
            known.extended_key_usage().is_some_and(|stated| stated.contains(&Oid::OCSP_SIGNING))
        };
        let responses = self.supplied.responses.iter().next();
        let enrolled = responses.into_iter().flat_map(|_| self.snapshot.intermediates().iter());
        enrolled.filter(may_sign)
    }
}

/// The nearest boundary behind a moment.
struct Next {
    after: Timestamp,
    until: Timestamp,
}

impl Next {
    /// Something changes at a date, or just behind it.
    fn date(&mut self, date: Timestamp) {
        for boundary in [date, date.plus_seconds(1)] {
            if boundary > self.after {
                self.until = self.until.min(boundary);
            }
        }
    }

    fn validity(&mut self, certificate: &Certificate) {
        self.date(certificate.not_before());
        self.date(certificate.not_after());
    }

    fn list(&mut self, list: &Crl, policy: &AuthorityPolicy) {
        self.dates_of((list.this_update(), list.next_update()), policy, &[0]);
    }

    fn told(&mut self, made: Timestamp, due: Option<Timestamp>, policy: &AuthorityPolicy) {
        self.dates_of((made, due), policy, &[-SKEW, 0, SKEW]);
    }

    /// The dates of a list or a response, and those that follow from them.
    fn dates_of(
        &mut self,
        (made, due): (Timestamp, Option<Timestamp>),
        policy: &AuthorityPolicy,
        skews: &[i64],
    ) {
        let rules = policy.revocation();
        let aged = rules.max_age_seconds().map(|age| made.plus_seconds(age));
        for date in [Some(made), due, aged].into_iter().flatten() {
            for late in [0, rules.grace_seconds()] {
                for skew in skews {
                    self.date(date.plus_seconds(late.saturating_add(*skew)));
                }
            }
        }
    }
}
