//! One authority, compiled for decisions.

use tongxing_pki::{Certificate, SignatureRules, Sm2UserIds, Timestamp};

use super::editions::{Editions, Held};
use crate::authority::{
    DistrustEntry, DistrustHistory, Role, Standing, Status, StatusEntry, StatusHistory,
};
use crate::change::Names;
use crate::ids::AuthorityId;
use crate::policy::{AuthorityPolicy, RevocationPolicy};

/// An enrolled key with the certificate it came in.
#[derive(Debug, Clone)]
pub struct Anchor {
    pub(super) certificate: Certificate,
    pub(super) status: StatusHistory,
    pub(super) effective: Option<Timestamp>,
    pub(super) distrust: DistrustHistory,
}

impl Anchor {
    /// The certificate it was enrolled with; its key is what is trusted.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What was said of this anchor alone; empty where nothing was.
    pub fn status(&self) -> &StatusHistory {
        &self.status
    }

    /// From when it is one; `None` where the authority's status alone says so.
    pub fn effective(&self) -> Option<Timestamp> {
        self.effective
    }

    /// What was said of certificates under this anchor alone, by when they were
    /// issued.
    pub fn distrust(&self) -> &DistrustHistory {
        &self.distrust
    }
}

/// A revocation list in force, as decisions know it.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub(super) this_update: Timestamp,
    pub(super) next_update: Option<Timestamp>,
    /// When the province learned it.
    pub(super) known: Timestamp,
}

/// An authority as the snapshot holds it.
#[derive(Debug)]
pub struct Authority {
    pub(super) id: AuthorityId,
    pub(super) names: Names,
    pub(super) hotline: Option<String>,
    pub(super) licence_expires: Option<Timestamp>,
    pub(super) roles: Vec<Role>,
    pub(super) status: StatusHistory,
    pub(super) distrust: DistrustHistory,
    pub(super) anchors: Vec<Anchor>,
    pub(super) intermediates: Vec<Certificate>,
    pub(super) policies: Editions<AuthorityPolicy>,
    pub(super) lists: Vec<List>,
    /// What could not be loaded beside policies; its verdicts are indeterminate until
    /// mended.
    pub(super) faults: Vec<String>,
}

/// How old a revocation list is, by the authority's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// Current.
    Fresh,
    /// Overdue, within the policy's grace.
    Grace,
    /// Too old to decide by.
    Stale,
}

impl Freshness {
    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Grace => "grace",
            Self::Stale => "stale",
        }
    }

    /// How fresh an answer is at a moment by these rules: one made and due then.
    pub(crate) fn by(
        rules: &RevocationPolicy,
        (made, due): (Timestamp, Option<Timestamp>),
        at: Timestamp,
    ) -> Self {
        let due = match (rules.max_age_seconds(), due) {
            (Some(age), Some(next)) => next.min(made.plus_seconds(age)),
            (Some(age), None) => made.plus_seconds(age),
            (None, Some(next)) => next,
            // RFC 5280 5.1.2.5 requires nextUpdate: a list without it is never fresh.
            (None, None) => return Self::Stale,
        };
        if at <= due {
            Self::Fresh
        } else if at <= due.plus_seconds(rules.grace_seconds()) {
            Self::Grace
        } else {
            Self::Stale
        }
    }
}

impl Authority {
    /// Its short id.
    pub fn id(&self) -> &AuthorityId {
        &self.id
    }

    /// Its Chinese name.
    pub fn name_zh(&self) -> &str {
        &self.names.zh
    }

    /// Its English name.
    pub fn name_en(&self) -> Option<&str> {
        self.names.en.as_deref()
    }

    /// The number that bidders call.
    pub fn hotline(&self) -> Option<&str> {
        self.hotline.as_deref()
    }

    /// When its licence ends.
    pub fn licence_expires(&self) -> Option<Timestamp> {
        self.licence_expires
    }

    /// What it is enrolled for.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Its history of statuses.
    pub fn status(&self) -> &StatusHistory {
        &self.status
    }

    /// What was said of its certificates by when they were issued.
    pub fn distrust(&self) -> &DistrustHistory {
        &self.distrust
    }

    /// Its enrolled keys.
    pub fn anchors(&self) -> impl Iterator<Item = &Anchor> {
        self.anchors.iter()
    }

    /// Its known subordinate CAs.
    pub fn intermediates(&self) -> impl Iterator<Item = &Certificate> {
        self.intermediates.iter()
    }

    /// Its policy in force at a moment; `None` when the stored text does not load in
    /// this version. The first one that it had holds for moments before it, too.
    pub fn policy_at(&self, at: Timestamp) -> Option<Held<'_, AuthorityPolicy>> {
        self.policies.at(at).ok()
    }

    /// The version of its policy at a moment; the record that set it where it does not
    /// load.
    pub fn policy_version_at(&self, at: Timestamp) -> String {
        match self.policies.at(at) {
            Ok(policy) => policy.version().to_owned(),
            Err(_) => self.policies.sequence_at(at).unwrap_or_default().to_string(),
        }
    }

    /// When something about it was or is to be otherwise: its status, its anchors', its
    /// policy, and what that accepts.
    pub(crate) fn dates(&self) -> impl Iterator<Item = Timestamp> {
        let statements = |history: &StatusHistory| -> Vec<Timestamp> {
            history.entries().iter().map(|entry| entry.effective).collect()
        };
        let mut dates = statements(&self.status);
        for anchor in &self.anchors {
            dates.extend(statements(&anchor.status));
            dates.extend(anchor.effective);
        }
        dates.extend(self.policies.dates());
        dates.extend(self.policies.compiled().flat_map(AuthorityPolicy::dates));
        dates.into_iter()
    }

    /// The keys of its anchors, each by the SHA-256 of its SubjectPublicKeyInfo.
    pub(crate) fn anchor_keys(&self) -> impl Iterator<Item = [u8; 32]> {
        self.anchors.iter().map(|anchor| *anchor.certificate.spki_sha256())
    }

    /// The certificate of one of its keys.
    pub(crate) fn key(&self, spki_sha256: &[u8; 32]) -> Option<&Certificate> {
        let anchors = self.anchors.iter().map(|anchor| &anchor.certificate);
        let mut keys = anchors.chain(&self.intermediates);
        keys.find(|certificate| certificate.spki_sha256() == spki_sha256)
    }

    /// By which a list may be taken whenever it arrived: each judgement asks anew by the
    /// policy of its moment.
    pub(crate) fn list_rules_ever(&self) -> SignatureRules {
        let policies = self.policies.dates().filter_map(|from| self.policy_at(from));
        let user_ids =
            policies.flat_map(|policy| policy.sm2_user_ids().iter().cloned().collect::<Vec<_>>());
        let rules = SignatureRules::default();
        rules.with_sm2_user_ids(Sm2UserIds::standard_and(user_ids.collect::<Vec<_>>()))
    }

    /// What could not be loaded of it that judging a moment needs.
    pub(crate) fn faults_at(&self, at: Timestamp) -> impl Iterator<Item = String> {
        let policy = self.policies.at(at).err().map(|fault| fault.to_string());
        self.faults.iter().cloned().chain(policy)
    }

    /// The statement that decides about a key at `at`: the authority's own, or
    /// the anchor's where that is the narrower one.
    pub(crate) fn standing(
        &self,
        spki_sha256: &[u8; 32],
        at: Timestamp,
    ) -> (Standing, Option<&StatusEntry>) {
        let whole = self.status.at(at);
        let anchor = self.anchor(spki_sha256);
        if anchor.is_some_and(|anchor| anchor.effective.is_some_and(|since| at < since)) {
            return (Standing::NotYetEnrolled, None);
        }
        let narrowed = anchor.and_then(|anchor| anchor.status.in_force(at));
        match (whole, narrowed) {
            (Standing::Is(Status::Active), Some(entry)) => {
                (Standing::Is(entry.status), Some(entry))
            }
            _ => (whole, self.status.in_force(at)),
        }
    }

    /// From which moment on certificates under a key were issued too late to be
    /// trusted, by the authority's statement or the anchor's: the earlier one.
    pub(crate) fn distrusted_after(
        &self,
        spki_sha256: &[u8; 32],
    ) -> Option<(Timestamp, &DistrustEntry)> {
        let anchor = self.anchor(spki_sha256).and_then(|anchor| anchor.distrust.in_force());
        let statements = self.distrust.in_force().into_iter().chain(anchor);
        statements.min_by_key(|(moment, _)| *moment)
    }

    fn anchor(&self, spki_sha256: &[u8; 32]) -> Option<&Anchor> {
        self.anchors.iter().find(|anchor| anchor.certificate.spki_sha256() == spki_sha256)
    }

    /// Freshness of a list by this authority's policy of the moment.
    pub fn freshness(
        &self,
        this_update: Timestamp,
        next_update: Option<Timestamp>,
        at: Timestamp,
    ) -> Freshness {
        let Some(policy) = self.policy_at(at) else { return Freshness::Stale };
        Freshness::by(policy.revocation(), (this_update, next_update), at)
    }

    /// Whether its certificates can be judged at `at`: it loaded whole, and where
    /// lists are needed one is not stale. A list within its grace serves.
    pub(crate) fn is_judgeable(&self, at: Timestamp) -> bool {
        let serves = |list: &List| {
            self.freshness(list.this_update, list.next_update, at) != Freshness::Stale
        };
        let needs_lists =
            self.policy_at(at).is_some_and(|policy| policy.revocation().needs_lists());
        self.faults_at(at).next().is_none() && (!needs_lists || self.lists.iter().any(serves))
    }

    /// What is not as it should be at `at`, if anything; not all of it keeps its
    /// certificates from being judged.
    pub fn degraded(&self, at: Timestamp) -> Vec<String> {
        let mut degraded: Vec<String> = self.faults_at(at).collect();
        let needs_lists = self.policy_at(at).is_some_and(|policy| policy.revocation().uses_lists());
        if needs_lists && self.lists.is_empty() {
            degraded.push("no revocation list is known".to_owned());
        }
        let late = |list: &&List| {
            self.freshness(list.this_update, list.next_update, at) != Freshness::Fresh
        };
        for list in self.lists.iter().filter(late) {
            let freshness = self.freshness(list.this_update, list.next_update, at);
            let since = list.this_update;
            degraded.push(format!(
                "revocation list of {since} is {}",
                match freshness {
                    Freshness::Grace => "overdue, within its grace",
                    _ => "stale",
                }
            ));
        }
        degraded.extend(self.import_due(at));
        if self.licence_expires.is_some_and(|ends| ends < at) {
            degraded.push("its licence has ended".to_owned());
        }
        degraded
    }

    /// That an operator should have imported a list by `at`, where the authority is
    /// not connected.
    fn import_due(&self, at: Timestamp) -> Option<String> {
        let every = self.policy_at(at)?.revocation().import_every_seconds()?;
        let last = self.lists.iter().map(|list| list.known).max()?;
        let due = last.plus_seconds(every);
        (due < at).then(|| {
            format!(
                "an import of its lists was due {due} (the last one was {last}): `tongxing crl \
                 import`"
            )
        })
    }
}
