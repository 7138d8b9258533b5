//! Step 6: revocation, as the authority's policy has it asked.

use tongxing_pki::{
    Evidence, Finality, Finding, Moment, RevocationOptions, RevocationSources, RevocationStatus,
    ValidatedPath,
};

use super::basis::{RevocationBasis, age};
use super::judgement::Judgement;
use crate::archive_budget::ArchiveReading;
use crate::codes;
use crate::policy::{AuthorityPolicy, RevocationPolicy};
use crate::snapshot::{Freshness, list_rules};

impl Judgement<'_> {
    /// Step 6. A list past its next update serves while the policy's grace lasts,
    /// and the verdict says so.
    pub(super) fn check_revocation(
        &mut self,
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
        options.other_keys = policy.revocation().other_keys();
        options.nonce = policy.revocation().nonce().unwrap_or_default();
        options.strictness = policy.strictness();
        options.grace_seconds = policy.revocation().grace_seconds();
        // Held to what was asked of lists when they arrived.
        options.signatures = list_rules(Some(policy));
        let outcome = tongxing_pki::check_revocation(path, &sources, &options);
        self.report.append(outcome.report);
        let uses_lists = policy.revocation().uses_lists();
        if uses_lists && self.supplied.archive == ArchiveReading::Part {
            let finding = Finding::indeterminate(&codes::REVOCATION_ARCHIVE_PART);
            self.report.push(finding.about(policy.authority()));
        }
        let method = if uses_lists { "crl" } else { "ocsp" };
        let mut basis = RevocationBasis { method, ..RevocationBasis::NOT_ASKED };
        for (place, status) in outcome.statuses.iter().enumerate() {
            let RevocationStatus::Good { evidence, finality, overdue } = status else { continue };
            self.check_freshness(policy.revocation(), evidence, &mut basis);
            if let Some(overdue) = overdue.as_ref().filter(|overdue| *overdue != evidence) {
                self.check_overdue(policy.revocation(), overdue, &mut basis);
            }
            if self.moment == Moment::Past {
                let least = basis.finality.map_or(*finality, |other| other.min(*finality));
                basis.finality = Some(match self.supplied.archive {
                    ArchiveReading::Whole => least,
                    ArchiveReading::Part => Finality::Provisional,
                });
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
        rules: &RevocationPolicy,
        evidence: &Evidence,
        basis: &mut RevocationBasis,
    ) {
        let (issued, due) = (evidence.this_update(), evidence.next_update());
        let freshness = Freshness::by(rules, (issued, due), self.at);
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

    /// What else the answer rests on and was due already. Its age is not asked for, as
    /// long as it says when it was due: the answer is what brings it up to date.
    fn check_overdue(
        &mut self,
        rules: &RevocationPolicy,
        overdue: &Evidence,
        basis: &mut RevocationBasis,
    ) {
        let grace = rules.grace_seconds();
        let freshness = match overdue.next_update() {
            Some(due) if self.at <= due.plus_seconds(grace) => Freshness::Grace,
            Some(_) => Freshness::Stale,
            // As if it stood alone.
            None => Freshness::by(rules, (overdue.this_update(), None), self.at),
        };
        let finding = match freshness {
            Freshness::Fresh => return,
            Freshness::Grace => Finding::warning(&codes::REVOCATION_GRACE),
            Freshness::Stale => Finding::indeterminate(&codes::REVOCATION_STALE),
        };
        self.report.push(finding.about(overdue));
        basis.freshness = basis.freshness.max(Some(freshness));
    }
}
