//! Flow 1: from a certificate chain, a purpose and a moment to a [`Recognition`].
//!
//! 1. The chain is counted (its certificates were parsed by the caller, once).
//! 2. A path is built to the nearest enrolled anchor, under a budget.
//! 3. The path is validated (RFC 5280 section 6.1).
//! 4. Every enrolled key on it must be active at the moment judged, and its
//!    authority enrolled for the purpose.
//! 5. The authority's policy accepts the certificates, or not.
//! 6. Revocation is asked of the lists the authority publishes, and of responses
//!    that were gathered beforehand, with the freshness and grace its policy sets.
//! 7. The identity is read by the policy's rules.
//! 8. The findings make the verdict: every check that can run has run.
//!
//! It takes no lock and reads nothing but the snapshot and what it is given. A moment
//! in the past is judged by the lists of that time and by those that came later:
//! [`Province::recognise_past`](crate::Province::recognise_past) brings them.

use serde::{Deserialize, Serialize};
use tongxing_pki::{
    Certificate, CertificatePool, Evidence, ExplicitPolicy, Finality, Finding, KeyUsage, Level,
    Moment, OcspResponse, PathOptions, PathOutcome, Report, RevocationLists, RevocationOptions,
    RevocationResponses, RevocationSources, RevocationStatus, Timestamp, ValidatedPath, Verdict,
    validate_path,
};

use crate::authority::{Role, Standing, Status};
use crate::codes;
use crate::demands::Demands;
use crate::ids::AuthorityId;
use crate::policy::{AuthorityPolicy, Identity};
use crate::snapshot::{Authority, Freshness, Snapshot};

/// The longest chain looked at: the longest seen in practice has five
/// certificates, RFC 5246 and RFC 8446 set no limit of their own.
pub const MAX_CHAIN: usize = 10;

/// What a certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Signing in to a trading platform.
    SignIn,
    /// Having signed a document.
    DocumentSigning,
}

impl Purpose {
    fn role(self) -> Role {
        match self {
            Self::SignIn => Role::SignIn,
            Self::DocumentSigning => Role::DocumentSigning,
        }
    }
}

/// The answer: always with every check that ran.
#[derive(Debug)]
pub enum Recognition {
    /// The certificate speaks for an identity.
    Recognised(Box<Recognised>),
    /// A check failed.
    Refused(Box<Refusal>),
    /// No check failed, but one could not be decided.
    Indeterminate(Box<Refusal>),
}

impl Recognition {
    /// Every check that ran.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Recognised(recognised) => recognised.findings(),
            Self::Refused(refusal) | Self::Indeterminate(refusal) => refusal.findings(),
        }
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Recognised(_) => Verdict::Passed,
            Self::Refused(_) => Verdict::Failed,
            Self::Indeterminate(_) => Verdict::Indeterminate,
        }
    }
}

/// What the revocation answer rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationBasis {
    /// `crl` or `ocsp`: where the certificate's own status was told; `none` where
    /// the policy asks nobody.
    pub method: &'static str,
    /// When the oldest answer that was needed was made.
    pub made: Option<Timestamp>,
    /// Age of the oldest answer that was needed, at the moment judged, in seconds.
    pub age_seconds: Option<i64>,
    /// How fresh the least fresh of them was.
    pub freshness: Option<Freshness>,
    /// Of a moment in the past: whether later answers are known that agree, or one
    /// may still come that overturns it. `None` for the present.
    pub finality: Option<Finality>,
    /// The OCSP responses among them.
    pub responses: Vec<OcspResponse>,
    /// What is known of each certificate below the anchor, the end certificate first,
    /// with what proves it; empty where revocation was not asked.
    pub statuses: Vec<RevocationStatus>,
}

impl RevocationBasis {
    const NOT_ASKED: Self = Self {
        method: "none",
        made: None,
        age_seconds: None,
        freshness: None,
        finality: None,
        responses: Vec::new(),
        statuses: Vec::new(),
    };

    /// Whether a later list may still overturn what is said of a moment in the past.
    pub fn is_provisional(&self) -> bool {
        self.finality == Some(Finality::Provisional)
    }
}

/// A certificate that was recognised. Only [`Snapshot::recognise`] makes one,
/// and registration consumes it.
#[derive(Debug)]
pub struct Recognised {
    path: ValidatedPath,
    authority: AuthorityId,
    policy_version: String,
    identity: Identity,
    revocation: RevocationBasis,
    report: Report,
    revision: u64,
}

impl Recognised {
    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        self.path.leaf()
    }

    /// The validated path from it to the anchor.
    pub fn path(&self) -> &ValidatedPath {
        &self.path
    }

    /// Whose certificate it is.
    pub fn authority(&self) -> &AuthorityId {
        &self.authority
    }

    /// The version of the policy that judged.
    pub fn policy_version(&self) -> &str {
        &self.policy_version
    }

    /// For whom it speaks.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the revocation answer rests on.
    pub fn revocation(&self) -> &RevocationBasis {
        &self.revocation
    }

    /// Every check that ran.
    pub fn findings(&self) -> &[Finding] {
        self.report.findings()
    }

    /// The revision of the snapshot that judged.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The same for a later moment at which it still holds: only memory, which knows
    /// how long that is, asks for it.
    pub(crate) fn danger_as_of(&self, at: Timestamp) -> Self {
        let mut revocation = self.revocation.clone();
        revocation.age_seconds = revocation.made.map(|made| age(made, at));
        Self {
            path: self.path.clone(),
            authority: self.authority.clone(),
            policy_version: self.policy_version.clone(),
            identity: self.identity.clone(),
            revocation,
            report: self.report.clone(),
            revision: self.revision,
        }
    }
}

/// The age at a moment of what was made at another, in seconds. What tells of a moment
/// in the past may have been made later.
fn age(made: Timestamp, at: Timestamp) -> i64 {
    at.unix().saturating_sub(made.unix()).max(0)
}

/// A certificate that was not recognised, and why.
#[derive(Debug)]
pub struct Refusal {
    report: Report,
    authority: Option<AuthorityId>,
    policy_version: Option<String>,
    tried: Vec<Certificate>,
    identity: Option<Identity>,
    revocation: RevocationBasis,
    revision: u64,
}

impl Refusal {
    /// For whom the certificate would speak, where its authority's policy reads that.
    /// It grants nothing: something else is not as it must be.
    pub fn claimed_identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The version of the policy that judged, where a path led to an enrolled key.
    pub fn policy_version(&self) -> Option<&str> {
        self.policy_version.as_deref()
    }

    /// What is known of revocation.
    pub fn revocation(&self) -> &RevocationBasis {
        &self.revocation
    }

    /// Every check that ran.
    pub fn findings(&self) -> &[Finding] {
        self.report.findings()
    }

    /// Whose certificate it is, where a path led to an enrolled key.
    pub fn authority(&self) -> Option<&AuthorityId> {
        self.authority.as_ref()
    }

    /// Whether a path led to an enrolled key: such refusals are recorded one by
    /// one, all others only counted.
    pub fn anchored(&self) -> bool {
        self.authority.is_some()
    }

    /// The certificates that lead to the enrolled key, leaf first, every signature
    /// among them verified; empty where none does.
    pub fn tried(&self) -> &[Certificate] {
        &self.tried
    }

    /// The revision of the snapshot that judged.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

impl Snapshot {
    /// Judges a chain (leaf first) for a purpose at a moment.
    pub fn recognise(&self, chain: &[Certificate], purpose: Purpose, at: Timestamp) -> Recognition {
        self.recognise_with(chain, purpose, at, &SuppliedEvidence::default())
    }

    /// The same, with evidence that was gathered for it beside what the snapshot has.
    pub fn recognise_with(
        &self,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        supplied: &SuppliedEvidence,
    ) -> Recognition {
        self.recognise_demanding(chain, purpose, at, supplied, &Demands::default())
    }

    /// The same, with what the caller demands beyond the authority's policy.
    pub fn recognise_demanding(
        &self,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        supplied: &SuppliedEvidence,
        demands: &Demands,
    ) -> Recognition {
        let moment = (at, Moment::Present);
        self.judge_for(purpose.role(), chain, moment, supplied, demands).into_recognition()
    }

    /// Judges a chain at a moment in the past, by the status, policies and keys of
    /// then. Of revocation, lists and responses of then decide unless later ones
    /// override them; a verdict that none of those confirms yet is marked as
    /// provisional ([`RevocationBasis::finality`]).
    ///
    /// The snapshot has only the newest lists: `supplied` brings the others.
    /// [`Province::recognise_past`](crate::Province::recognise_past) does all that.
    pub fn recognise_past(
        &self,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        supplied: &SuppliedEvidence,
        demands: &Demands,
    ) -> Recognition {
        let moment = (at, Moment::Past);
        self.judge_for(purpose.role(), chain, moment, supplied, demands).into_recognition()
    }

    /// Judges a chain for a role, which need not be one that certificates are recognised
    /// for.
    pub(crate) fn judge_for(
        &self,
        role: Role,
        chain: &[Certificate],
        (at, moment): (Timestamp, Moment),
        supplied: &SuppliedEvidence,
        demands: &Demands,
    ) -> JudgedChain {
        let report = Report::new();
        Judgement { snapshot: self, role, at, moment, supplied, demands, report }.run(chain)
    }
}

/// What a judgement may rest on beside the snapshot. None of it is trusted: whoever
/// signed it must have been entitled to.
#[derive(Debug, Default)]
pub struct SuppliedEvidence {
    /// Revocation lists: archived ones for moments in the past.
    pub lists: RevocationLists,
    /// OCSP responses.
    pub responses: RevocationResponses,
}

/// What judging a chain came to, whatever it was asked for.
#[derive(Debug)]
pub(crate) struct JudgedChain {
    pub(crate) report: Report,
    pub(crate) path: Option<ValidatedPath>,
    /// The certificates that lead to the enrolled key; empty where none does.
    pub(crate) tried: Vec<Certificate>,
    pub(crate) authority: Option<AuthorityId>,
    pub(crate) policy_version: Option<String>,
    pub(crate) identity: Option<Identity>,
    pub(crate) revocation: RevocationBasis,
    pub(crate) revision: u64,
}

impl JudgedChain {
    /// Whatever is not recognised is refused: failed if a check failed, else
    /// indeterminate.
    fn into_recognition(self) -> Recognition {
        let Self { report, path, tried, authority, policy_version, identity, revocation, revision } =
            self;
        match (report.verdict(), path, identity, authority, policy_version) {
            (
                Verdict::Passed,
                Some(path),
                Some(identity),
                Some(authority),
                Some(policy_version),
            ) => Recognition::Recognised(Box::new(Recognised {
                path,
                authority,
                policy_version,
                identity,
                revocation,
                report,
                revision,
            })),
            (verdict, _, identity, authority, policy_version) => {
                let refusal = Box::new(Refusal {
                    report,
                    authority,
                    policy_version,
                    tried,
                    identity,
                    revocation,
                    revision,
                });
                match verdict {
                    Verdict::Indeterminate => Recognition::Indeterminate(refusal),
                    Verdict::Failed | Verdict::Passed => Recognition::Refused(refusal),
                }
            }
        }
    }
}

struct Judgement<'a> {
    snapshot: &'a Snapshot,
    supplied: &'a SuppliedEvidence,
    demands: &'a Demands,
    role: Role,
    at: Timestamp,
    moment: Moment,
    report: Report,
}

impl<'a> Judgement<'a> {
    fn run(mut self, chain: &[Certificate]) -> JudgedChain {
        let Some((leaf, rest)) = chain.split_first() else {
            self.report.push(Finding::failed(&codes::CHAIN_EMPTY));
            return self.ended(None);
        };
        if chain.len() > MAX_CHAIN {
            let finding = Finding::failed(&codes::CHAIN_TOO_LONG);
            self.report.push(finding.expected(MAX_CHAIN).seen(chain.len()));
            return self.ended(None);
        }
        let supplied: CertificatePool = rest.iter().cloned().collect();
        let guess = self.snapshot.issuing_authority(leaf, &supplied);
        let mut outcome = self.validate(leaf, &supplied, guess);
        let mut owner = self.owner(&outcome);
        if owner.map(Authority::id) != guess.map(Authority::id) && owner.is_some() {
            // Names collide; the key said whose it is: judge by that one's rules.
            outcome = self.validate(leaf, &supplied, owner);
            owner = self.owner(&outcome);
        }
        self.report.append(outcome.report);
        let Some(authority) = owner else {
            return self.ended(None);
        };
        self.check_standing(authority, &outcome.built);
        let Some(policy) = self.policy_of(authority) else {
            let mut anchored = self.ended(Some(authority));
            anchored.tried = outcome.built;
            return anchored;
        };
        let below = &outcome.built[..outcome.built.len() - 1];
        self.report.extend(policy.accept(below, self.role, self.at));
        let revocation = match &outcome.path {
            Some(path) => self.check_revocation(authority, policy, path),
            None => RevocationBasis::NOT_ASKED,
        };
        // A timestamp speaks for nobody.
        let speaks = self.role != Role::Timestamps;
        let identity = if speaks { self.identify(policy, leaf) } else { None };
        let (path, tried) = (outcome.path, outcome.built);
        JudgedChain { path, tried, identity, revocation, ..self.ended(Some(authority)) }
    }

    /// Steps 2 and 3, by the rules of the authority that it seems to be of.
    fn validate(
        &self,
        leaf: &Certificate,
        supplied: &CertificatePool,
        authority: Option<&Authority>,
    ) -> PathOutcome {
        // What a leaf may be used for is the policy's to say (step 5).
        let mut options = PathOptions::new(self.at);
        if self.role == Role::Timestamps {
            // RFC 3161 2.3 leaves a policy no choice.
            options = options.for_purpose(tongxing_pki::Purpose::TimeStamping);
        }
        if let Some(policy) = authority.and_then(Authority::policy) {
            options = options.with_strictness(policy.strictness());
            options.signatures = policy.signature_rules(self.at);
            if let Some(accepted) = policy.certificate_policies() {
                options.policies.acceptable = accepted.iter().cloned().collect();
                options.policies.explicit = ExplicitPolicy::Required;
            }
        }
        self.demands.add_to(&mut options);
        let pools = [self.snapshot.intermediates(), supplied];
        validate_path(leaf, self.snapshot.anchors(), &pools, &options)
    }

    /// Whose the nearest enrolled key on a path is that truly leads to an anchor:
    /// every signature on it was seen to hold, and only CAs made them. Whoever has
    /// the key of an end certificate could otherwise sign any number of others,
    /// each worth a record.
    fn owner(&self, outcome: &PathOutcome) -> Option<&'a Authority> {
        let (top, below) = outcome.built.split_last()?;
        let (_leaf, intermediates) = below.split_first()?;
        let signatures = || {
            let findings = outcome.report.findings().iter();
            findings.filter(|finding| finding.code().id.starts_with("signature."))
        };
        let held = signatures().count() >= below.len()
            && signatures().all(|finding| finding.level() == Level::Passed);
        if !self.snapshot.anchors().has_key(top.spki_sha256())
            || !held
            || !intermediates.iter().all(may_issue)
        {
            return None;
        }
        let mut issuers = intermediates.iter().chain([top]);
        issuers.find_map(|issuer| self.snapshot.owner(issuer.spki_sha256()))
    }

    /// What there is to tell so far.
    fn ended(self, authority: Option<&Authority>) -> JudgedChain {
        JudgedChain {
            report: self.report,
            path: None,
            tried: Vec::new(),
            authority: authority.map(|authority| authority.id().clone()),
            policy_version: authority.map(|authority| authority.policy_version().to_owned()),
            identity: None,
            revocation: RevocationBasis::NOT_ASKED,
            revision: self.snapshot.revision(),
        }
    }

    /// Step 4. An anchor may be a subordinate CA with its root enrolled too:
    /// every enrolled key on the path must be active.
    fn check_standing(&mut self, authority: &Authority, tried: &[Certificate]) {
        for issuer in &tried[1..] {
            let key = issuer.spki_sha256();
            if let Some(owner) = self.snapshot.owner(key) {
                let (standing, entry) = owner.standing(key, self.at);
                let finding = standing_finding(standing).about(owner.id());
                self.report.push(match entry {
                    Some(entry) if standing != Standing::Is(Status::Active) => {
                        finding.seen(format!(
                            "{} since {}: {}",
                            standing.as_str(),
                            entry.effective,
                            entry.reason
                        ))
                    }
                    _ => finding.seen(standing.as_str()),
                });
                self.report.extend(issued_in_time(owner, key, &tried[0]));
            }
        }
        let role = self.role;
        let finding = if authority.roles().contains(&role) {
            Finding::passed(&codes::AUTHORITY_ROLE)
        } else {
            Finding::failed(&codes::AUTHORITY_ROLE_MISSING)
        };
        self.report.push(finding.about(authority.id()).expected(role.as_str()));
    }

    /// Step 6. A list past its next update serves while the policy's grace lasts,
    /// and the verdict says so.
    fn check_revocation(
        &mut self,
        authority: &Authority,
        policy: &AuthorityPolicy,
        path: &ValidatedPath,
    ) -> RevocationBasis {
        let lists = [self.snapshot.lists(), &self.supplied.lists];
        let pools = [self.snapshot.intermediates()];
        let anchors = self.snapshot.anchors();
        let responses = [&self.supplied.responses];
        let sources =
            RevocationSources { lists: &lists, responses: &responses, anchors, pools: &pools };
        let mut options = RevocationOptions::new(self.at);
        options.moment = self.moment;
        options.methods = policy.revocation().methods();
        options.strictness = policy.strictness();
        options.grace_seconds = policy.revocation().grace_seconds();
        let outcome = tongxing_pki::check_revocation(path, &sources, &options);
        self.report.append(outcome.report);
        let uses_lists = policy.revocation().uses_lists();
        let method = if uses_lists { "crl" } else { "ocsp" };
        let mut basis = RevocationBasis { method, ..RevocationBasis::NOT_ASKED };
        for (place, status) in outcome.statuses.iter().enumerate() {
            let RevocationStatus::Good { evidence, finality } = status else { continue };
            self.check_freshness(authority, evidence, &mut basis);
            if self.moment == Moment::Past {
                let least = basis.finality.map_or(*finality, |other| other.min(*finality));
                basis.finality = Some(least);
            }
            if place == 0 {
                basis.method = evidence.method();
            }
            if let Evidence::Response(told) = evidence {
                basis.responses.push(told.response().clone());
            }
        }
        basis.statuses = outcome.statuses;
        basis
    }

    /// The policy may be stricter about age than the list itself.
    fn check_freshness(
        &mut self,
        authority: &Authority,
        evidence: &Evidence,
        basis: &mut RevocationBasis,
    ) {
        let (issued, due) = (evidence.this_update(), evidence.next_update());
        let freshness = authority.freshness(issued, due, self.at);
        match freshness {
            Freshness::Fresh => {}
            Freshness::Grace => {
                self.report.push(Finding::warning(&codes::REVOCATION_GRACE).about(evidence));
            }
            Freshness::Stale => {
                self.report.push(Finding::indeterminate(&codes::REVOCATION_STALE).about(evidence));
            }
        }
        let made = basis.made.map_or(issued, |oldest| oldest.min(issued));
        basis.made = Some(made);
        basis.age_seconds = Some(age(made, self.at));
        basis.freshness = basis.freshness.max(Some(freshness));
    }

    /// Step 7, and whether that identity may act for this purpose.
    fn identify(&mut self, policy: &AuthorityPolicy, leaf: &Certificate) -> Option<Identity> {
        let province = self.snapshot.province();
        let (identity, findings) = policy.identify(province, leaf).into_parts();
        self.report.extend(findings);
        let identity = identity?;
        self.report.extend(policy.permit(province, &identity, self.role));
        Some(identity)
    }

    /// What could not be loaded makes this authority's verdicts indeterminate.
    fn policy_of(&mut self, authority: &'a Authority) -> Option<&'a AuthorityPolicy> {
        for fault in authority.faults() {
            let finding = Finding::indeterminate(&codes::AUTHORITY_UNAVAILABLE);
            self.report.push(finding.about(authority.id()).seen(fault));
        }
        authority.policy()
    }
}

/// RFC 5280 6.1.4 (k) and (n).
fn may_issue(certificate: &Certificate) -> bool {
    certificate.basic_constraints().is_some_and(|constraints| constraints.is_ca())
        && certificate.key_usage().is_none_or(KeyUsage::key_cert_sign)
}

/// Where newer certificates under a key are not trusted: whether this one is older.
fn issued_in_time(owner: &Authority, key: &[u8; 32], leaf: &Certificate) -> Option<Finding> {
    let (moment, statement) = owner.distrusted_after(key)?;
    let finding = if leaf.not_before() < moment {
        Finding::passed(&codes::AUTHORITY_TRUSTED_UNTIL).seen(leaf.not_before())
    } else {
        let seen = format!("issued {}: {}", leaf.not_before(), statement.reason);
        Finding::failed(&codes::AUTHORITY_DISTRUSTED).seen(seen)
    };
    Some(finding.about(owner.id()).expected(format_args!("issued before {moment}")))
}

fn standing_finding(standing: Standing) -> Finding {
    match standing {
        Standing::Is(Status::Active) => Finding::passed(&codes::AUTHORITY_ACTIVE),
        Standing::Is(Status::Suspended) => Finding::failed(&codes::AUTHORITY_SUSPENDED),
        Standing::Is(Status::Withdrawn) => Finding::failed(&codes::AUTHORITY_WITHDRAWN),
        Standing::Is(Status::Compromised) => Finding::failed(&codes::AUTHORITY_COMPROMISED),
        Standing::Is(Status::Draft | Status::Testing) | Standing::NotYetEnrolled => {
            Finding::failed(&codes::AUTHORITY_NOT_ACTIVE)
        }
    }
}
