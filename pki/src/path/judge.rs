//! Judging one path that has reached an anchor (RFC 5280 6.1).
//!
//! Every check runs whatever the others found:
//! 1. what concerns the end certificate alone, once for all its paths
//!    ([`Judge::new`]);
//! 2. the signatures, from the anchor down, so that a key is used only after
//!    everything above it has been tried;
//! 3. each certificate's place on the path: validity, chaining of names, the
//!    right to issue, critical extensions, purpose ([`checks`]);
//! 4. name constraints and certificate policies, from the anchor down.

use crate::{Certificate, Finding, Level, Oid, SignatureFault, SignatureForm};

use super::budget::{BudgetExceeded, Spending};
use super::checks::{self, PathPlace};
use super::codes;
use super::constraints::Layers;
use super::options::PathOptions;
use super::policy::{Condition, Place, PolicyState};
use super::signatures::Signatures;

/// Judges the paths of one end certificate.
pub(super) struct Judge<'c> {
    options: &'c PathOptions,
    /// Findings that no choice of path can change.
    leaf: Vec<Finding>,
    leaf_failures: usize,
}

/// A path to an anchor, judged.
pub(super) struct Candidate<'c> {
    /// The end certificate first, the anchor left out.
    pub(super) chain: Vec<&'c Certificate>,
    pub(super) anchor: &'c Certificate,
    pub(super) findings: Vec<Finding>,
    /// The user-constrained policy set.
    pub(super) policies: Vec<Oid>,
    /// The limit that was reached while judging.
    pub(super) exceeded: Option<BudgetExceeded>,
    failures: usize,
}

impl Candidate<'_> {
    pub(super) fn passes(&self) -> bool {
        self.failures == 0 && self.exceeded.is_none()
    }

    pub(super) fn is_better_than(&self, other: &Self) -> bool {
        let rank = |candidate: &Self| (candidate.exceeded.is_some(), candidate.failures);
        rank(self) < rank(other)
    }

    /// An anchor judged as itself.
    pub(super) fn is_anchor_itself(&self) -> bool {
        self.chain.len() == 1 && self.chain[0].sha256() == self.anchor.sha256()
    }
}

impl<'c> Judge<'c> {
    pub(super) fn new(leaf: &Certificate, options: &'c PathOptions) -> Self {
        let findings = checks::leaf(leaf, options);
        Self { options, leaf_failures: failures(&findings), leaf: findings }
    }

    /// The findings that no choice of path can change.
    pub(super) fn into_leaf_findings(self) -> Vec<Finding> {
        self.leaf
    }

    /// Whether nothing is wrong with a path but its end certificate.
    pub(super) fn cannot_do_better(&self, candidate: &Candidate<'_>) -> bool {
        candidate.exceeded.is_none()
            && self.leaf_failures > 0
            && candidate.failures <= self.leaf_failures
    }

    /// Judges one path; `chain` starts with the end certificate and ends below
    /// the anchor.
    pub(super) fn judge(
        &self,
        chain: &[&'c Certificate],
        anchor: &'c Certificate,
        signatures: &mut Signatures<'_>,
        spending: &mut Spending,
    ) -> Candidate<'c> {
        let mut candidate = Candidate {
            chain: chain.to_vec(),
            anchor,
            findings: Vec::new(),
            policies: Vec::new(),
            exceeded: None,
            failures: 0,
        };
        if !candidate.is_anchor_itself() {
            let work = Work {
                chain,
                anchor,
                options: self.options,
                findings: &mut candidate.findings,
                spending,
            };
            match work.run(signatures) {
                Ok(policies) => candidate.policies = policies,
                Err(exceeded) => candidate.exceeded = Some(exceeded),
            }
        }
        candidate.failures = self.leaf_failures + failures(&candidate.findings);
        candidate
    }
}

/// What can be said of the authorities on a path that reached no anchor. No
/// signature is verified: nothing above vouches for the keys.
pub(super) fn unanchored(chain: &[&Certificate], options: &PathOptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, certificate) in chain.iter().enumerate().skip(1) {
        let place = PathPlace::Intermediate;
        checks::standing(certificate, place, options, &mut findings);
        let below = intermediates(&chain[1..index]);
        checks::authority(certificate, place, below, &mut findings);
        checks::authority_purpose(certificate, &chain[..index], options, &mut findings);
    }
    findings
}

/// Self-issued ones do not count (RFC 5280 6.1.4 (l)).
fn intermediates(chain: &[&Certificate]) -> usize {
    let counted = |certificate: &&&Certificate| !certificate.is_self_issued();
    chain.iter().filter(counted).count()
}

fn failures(findings: &[Finding]) -> usize {
    let failed = |finding: &&Finding| finding.level() == Level::Failed;
    findings.iter().filter(failed).count()
}

/// One path being judged.
struct Work<'w, 'c> {
    chain: &'w [&'c Certificate],
    anchor: &'c Certificate,
    options: &'c PathOptions,
    findings: &'w mut Vec<Finding>,
    spending: &'w mut Spending,
}

impl<'c> Work<'_, 'c> {
    fn run(mut self, signatures: &mut Signatures<'_>) -> Result<Vec<Oid>, BudgetExceeded> {
        let outcomes = self.verify_signatures(signatures)?;
        for (index, outcome) in outcomes.into_iter().enumerate() {
            self.check_certificate(index, outcome);
        }
        self.check_anchor();
        self.check_names()?;
        self.check_policies()
    }

    /// The outcome of each certificate's signature, the end certificate's
    /// first.
    fn verify_signatures(
        &mut self,
        signatures: &mut Signatures<'_>,
    ) -> Result<Vec<Result<SignatureForm, SignatureFault>>, BudgetExceeded> {
        let mut outcomes = Vec::with_capacity(self.chain.len());
        for index in (0..self.chain.len()).rev() {
            let issuer = self.issuer_of(index);
            outcomes.push(signatures.verify(self.chain[index], issuer, self.spending)?);
        }
        outcomes.reverse();
        Ok(outcomes)
    }

    fn check_certificate(
        &mut self,
        index: usize,
        signature: Result<SignatureForm, SignatureFault>,
    ) {
        let certificate = self.chain[index];
        let issuer = self.issuer_of(index);
        checks::signature(certificate, signature, self.findings);
        self.findings.push(checks::chaining(certificate, issuer));
        self.findings.extend(checks::key_identifiers(certificate, issuer));
        self.check_security(
            certificate,
            if index == 0 { PathPlace::Leaf } else { PathPlace::Intermediate },
        );
        if index > 0 {
            self.check_authority(certificate, index);
        }
    }

    fn check_security(&mut self, certificate: &Certificate, place: PathPlace) {
        self.findings.extend(checks::security(certificate, place, self.options.least_security));
    }

    fn check_anchor(&mut self) {
        self.check_security(self.anchor, PathPlace::Anchor);
        self.check_authority(self.anchor, self.chain.len());
    }

    /// What a certificate needs that stands above `index` others.
    fn check_authority(&mut self, certificate: &Certificate, index: usize) {
        let intermediates_below = intermediates(&self.chain[1..index]);
        let place =
            if index == self.chain.len() { PathPlace::Anchor } else { PathPlace::Intermediate };
        checks::standing(certificate, place, self.options, self.findings);
        checks::authority(certificate, place, intermediates_below, self.findings);
        checks::authority_purpose(certificate, &self.chain[..index], self.options, self.findings);
        checks::constraints(certificate, self.options.strictness, self.findings);
    }

    /// RFC 5280 6.1.3 (b)-(c), 6.1.4 (g).
    fn check_names(&mut self) -> Result<(), BudgetExceeded> {
        let mut layers = Layers::default();
        layers.add(self.anchor);
        for index in (0..self.chain.len()).rev() {
            let certificate = self.chain[index];
            let exempt = index > 0 && certificate.is_self_issued();
            if !layers.is_empty() && !exempt {
                let breaches = layers.check(certificate, self.spending)?;
                self.findings.extend(checks::names(certificate, &breaches));
            }
            layers.add(certificate);
        }
        Ok(())
    }

    fn check_policies(&mut self) -> Result<Vec<Oid>, BudgetExceeded> {
        let options = &self.options.policies;
        let mut state = PolicyState::new(options, self.chain.len());
        let mut broken_at = None;
        for index in (0..self.chain.len()).rev() {
            let certificate = self.chain[index];
            let place = if index == 0 { Place::Last } else { Place::Intermediate };
            if state.process(certificate, place, self.spending)? == Condition::Broken {
                broken_at.get_or_insert(certificate);
            }
            if place == Place::Intermediate
                && state.prepare_next(certificate, self.spending)? == Condition::Broken
            {
                let finding = Finding::failed(&codes::POLICY_MAPPING_ANY);
                self.findings.push(finding.about_certificate(certificate));
            }
        }
        let leaf = self.chain[0];
        let (condition, policies) = state.wrap_up(leaf, &options.acceptable);
        if condition == Condition::Broken {
            broken_at.get_or_insert(leaf);
        }
        self.findings.push(checks::policies(broken_at, &policies));
        Ok(policies)
    }

    fn issuer_of(&self, index: usize) -> &'c Certificate {
        self.chain.get(index + 1).copied().unwrap_or(self.anchor)
    }
}
