//! One judgement, step by step.

use tongxing_pki::{
    Certificate, CertificatePool, ExplicitPolicy, Finding, KeyUsage, Level, Moment, PathOptions,
    PathOutcome, Report, Timestamp, ValidatedPath, validate_path,
};

use super::basis::RevocationBasis;
use super::encryption::KeyUse;
use super::{MAX_CHAIN, SuppliedEvidence};
use crate::authority::Role;
use crate::codes;
use crate::demands::Demands;
use crate::ids::AuthorityId;
use crate::policy::{AuthorityPolicy, Identity};
use crate::snapshot::{Authority, Held, Snapshot};

/// What judging a chain came to, whatever it was asked for.
#[derive(Debug)]
pub(crate) struct JudgedChain {
    pub(crate) report: Report,
    pub(crate) path: Option<ValidatedPath>,
    /// The certificates that lead to the enrolled key; empty where none does.
    pub(crate) tried: Vec<Certificate>,
    pub(crate) authority: Option<AuthorityId>,
    pub(crate) policy_version: Option<String>,
    /// The version of the province's own rules.
    pub(crate) province_policy: String,
    pub(crate) identity: Option<Identity>,
    pub(crate) revocation: RevocationBasis,
    pub(crate) revision: u64,
}

pub(super) struct Judgement<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) supplied: &'a SuppliedEvidence,
    pub(super) demands: &'a Demands,
    pub(super) role: Role,
    pub(super) key_use: KeyUse,
    pub(super) at: Timestamp,
    pub(super) moment: Moment,
    pub(super) report: Report,
}

impl<'a> Judgement<'a> {
    pub(super) fn run(mut self, chain: &[Certificate]) -> JudgedChain {
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
        let (outcome, owner) = self.find_path(leaf, &supplied);
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
        self.report.extend(match &outcome.path {
            Some(path) => policy.accept_valid(path, self.role, self.key_use, self.at),
            None => policy.accept_for((below, None), self.role, self.key_use, self.at),
        });
        let revocation = match &outcome.path {
            Some(path) => self.check_revocation(&policy, path),
            None => RevocationBasis::NOT_ASKED,
        };
        // A timestamp speaks for nobody.
        let speaks = self.role != Role::Timestamps;
        let identity = if speaks { self.identify(&policy, leaf) } else { None };
        let (path, tried) = (outcome.path, outcome.built);
        JudgedChain { path, tried, identity, revocation, ..self.ended(Some(authority)) }
    }

    /// Steps 2 and 3, by the rules of the authority whose key it leads to.
    ///
    /// Whose that is only the keys say, and they are seen through somebody's rules: those
    /// of every authority that may have issued it are tried, and count only where its own
    /// key is led to. So none is judged by another's rules, whoever has the same name. The
    /// first whose path is valid decides: authorities certify one another, and what one's
    /// rules refuse below its own key may be valid below the other's. So where several may
    /// have issued it and none of that came to a valid path, each one's own keys are looked
    /// for by its rules, past no other's.
    pub(super) fn find_path(
        &self,
        leaf: &Certificate,
        supplied: &CertificatePool,
    ) -> (PathOutcome, Option<&'a Authority>) {
        let mut guesses = self.snapshot.issuing_authorities(leaf, supplied);
        let mut next = 0;
        let (mut failing, mut unowned) = (None, None);
        while let Some(guess) = guesses.get(next).copied() {
            next += 1;
            let outcome = self.validate(leaf, supplied, Some(guess), Ending::Anywhere);
            match self.owner(&outcome) {
                Some(owner) if owner.id() == guess.id() && outcome.path.is_some() => {
                    return (outcome, Some(owner));
                }
                Some(owner) if owner.id() == guess.id() => {
                    failing = failing.or(Some((outcome, Some(owner))));
                }
                // By these rules it leads to another one's key: that one's may differ.
                Some(owner) if guesses.iter().all(|known| known.id() != owner.id()) => {
                    guesses.push(owner);
                }
                Some(_) => {}
                None => unowned = unowned.or(Some(outcome)),
            }
        }
        let own = guesses.iter().filter(|_| guesses.len() > 1).find_map(|&guess| {
            let outcome = self.validate(leaf, supplied, Some(guess), Ending::AtItsOwn);
            let owner = self.owner(&outcome).filter(|owner| owner.id() == guess.id())?;
            outcome.path.is_some().then_some((outcome, Some(owner)))
        });
        let alone = || self.validate(leaf, supplied, None, Ending::Anywhere);
        own.or(failing).unwrap_or_else(|| (unowned.unwrap_or_else(alone), None))
    }

    /// Steps 2 and 3, by the rules of one authority.
    fn validate(
        &self,
        leaf: &Certificate,
        supplied: &CertificatePool,
        authority: Option<&Authority>,
        ending: Ending,
    ) -> PathOutcome {
        // What a leaf may be used for is the policy's to say (step 5); what those above
        // it may issue is known here.
        let mut options = PathOptions::new(self.at);
        if self.role == Role::Timestamps {
            // RFC 3161 2.3 leaves a policy no choice.
            options = options.for_purpose(tongxing_pki::Purpose::TimeStamping);
        }
        if let (Ending::AtItsOwn, Some(authority)) = (ending, authority) {
            options.anchor_keys = Some(authority.anchor_keys().collect());
        }
        if let Some(policy) = authority.and_then(|authority| authority.policy_at(self.at)) {
            options = options.with_strictness(policy.strictness());
            options.signatures = policy.signature_rules(self.at);
            options.authority_purposes = Some(policy.authority_purposes(self.role, leaf));
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
            policy_version: authority.map(|authority| authority.policy_version_at(self.at)),
            province_policy: self.snapshot.province_version_at(self.at),
            identity: None,
            revocation: RevocationBasis::NOT_ASKED,
            revision: self.snapshot.revision(),
        }
    }

    /// Step 7, and whether that identity may act for this purpose.
    fn identify(&mut self, policy: &AuthorityPolicy, leaf: &Certificate) -> Option<Identity> {
        let province = match self.snapshot.province_at(self.at) {
            Ok(province) => province,
            Err(fault) => {
                let finding = Finding::indeterminate(&codes::AUTHORITY_UNAVAILABLE);
                self.report.push(finding.about("province").seen(fault));
                return None;
            }
        };
        let (identity, findings) = policy.identify(&province, leaf).into_parts();
        self.report.extend(findings);
        let identity = identity?;
        self.report.extend(policy.permit(&province, &identity, self.role));
        Some(identity)
    }

    /// What could not be loaded makes this authority's verdicts indeterminate.
    fn policy_of(&mut self, authority: &'a Authority) -> Option<Held<'a, AuthorityPolicy>> {
        for fault in authority.faults_at(self.at) {
            let finding = Finding::indeterminate(&codes::AUTHORITY_UNAVAILABLE);
            self.report.push(finding.about(authority.id()).seen(fault));
        }
        authority.policy_at(self.at)
    }
}

/// At whose keys a path may end.
#[derive(Clone, Copy)]
enum Ending {
    /// At the nearest enrolled one.
    Anywhere,
    /// At one of the authority by whose rules it is validated.
    AtItsOwn,
}

/// RFC 5280 6.1.4 (k) and (n).
fn may_issue(certificate: &Certificate) -> bool {
    certificate.basic_constraints().is_some_and(|constraints| constraints.is_ca())
        && certificate.key_usage().is_none_or(KeyUsage::key_cert_sign)
}
