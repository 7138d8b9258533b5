//! The outcome of a validation, assembled from what the search found.

use crate::{Certificate, Finding, Oid, Report, Timestamp};

use super::build::{Depth, Found};
use super::codes;
use super::judge::{self, Candidate};
use super::options::{PathOptions, Purpose};

/// A certificate with the path that was validated for it. Only
/// [`crate::validate_path`] makes one.
#[derive(Clone, Debug)]
pub struct ValidatedPath {
    certificates: Vec<Certificate>,
    anchor: Certificate,
    policies: Vec<Oid>,
    at: Timestamp,
    purpose: Purpose,
}

impl ValidatedPath {
    /// The certificate that was validated.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        // Never empty: a path starts with its end certificate.
        &self.certificates[0]
    }

    /// The certificates from the end certificate up, without the anchor's.
    ///
    /// Where the end certificate is itself an enrolled anchor, it is here and
    /// is the anchor too.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The enrolled certificate of the anchor's key.
    #[must_use]
    pub fn anchor(&self) -> &Certificate {
        &self.anchor
    }

    /// The issuer of the certificate at this place of
    /// [`ValidatedPath::certificates`]; for the topmost, the anchor.
    #[must_use]
    pub fn issuer_of(&self, place: usize) -> &Certificate {
        self.certificates.get(place + 1).unwrap_or(&self.anchor)
    }

    /// The user-constrained policy set (RFC 9618 5.5 (g)), sorted.
    #[must_use]
    pub fn policies(&self) -> &[Oid] {
        &self.policies
    }

    /// The moment for which it was validated.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The purpose for which it was validated.
    #[must_use]
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Whether the end certificate is itself the anchor, so that nobody above
    /// it was judged.
    #[must_use]
    pub fn is_anchor_itself(&self) -> bool {
        self.certificates.len() == 1 && self.certificates[0].sha256() == self.anchor.sha256()
    }
}

/// What validating a path came to.
#[derive(Clone, Debug)]
pub struct PathOutcome {
    /// Every check of the path that passed, or else of the best one tried.
    pub report: Report,
    /// The path, when every check passed.
    pub path: Option<ValidatedPath>,
    /// The certificates of the path reported on, the end certificate first
    /// and the anchor, where it was reached, last.
    pub built: Vec<Certificate>,
}

/// How many findings a judgement of a short path comes to, with those that
/// policy and revocation add to them: room made once costs less than growing.
const USUAL_FINDINGS: usize = 32;

/// Makes the outcome: the report of the best path, and the path itself when
/// everything in the report passed.
pub(super) fn conclude(found: Found<'_>, leaf: &Certificate, options: &PathOptions) -> PathOutcome {
    let mut report = Report::with_room(USUAL_FINDINGS);
    report.extend(about_the_search(&found, leaf, options));
    report.extend(found.leaf_findings);
    let Some(candidate) = found.best else {
        report.extend(judge::unanchored(&found.dead_end, options));
        return PathOutcome {
            report,
            path: None,
            built: found.dead_end.into_iter().cloned().collect(),
        };
    };
    let passes = candidate.passes();
    let built = built(&candidate);
    match found.exceeded {
        // Another path might have passed, had the budget allowed to see it.
        Some(_) => report.extend(candidate.findings.into_iter().map(Finding::undecided)),
        None => report.extend(candidate.findings),
    }
    let path = passes.then(|| ValidatedPath {
        certificates: candidate.chain.into_iter().cloned().collect(),
        anchor: candidate.anchor.clone(),
        policies: candidate.policies,
        at: options.at,
        purpose: options.purpose,
    });
    PathOutcome { report, path, built }
}

/// The certificates of a path, with its anchor once.
fn built(candidate: &Candidate<'_>) -> Vec<Certificate> {
    let above = (!candidate.is_anchor_itself()).then_some(candidate.anchor);
    candidate.chain.iter().copied().chain(above).cloned().collect()
}

fn about_the_search(found: &Found<'_>, leaf: &Certificate, options: &PathOptions) -> Vec<Finding> {
    let mut findings = Vec::with_capacity(2);
    match &found.best {
        Some(candidate) if candidate.is_anchor_itself() => {
            findings.push(Finding::passed(&codes::PATH_ANCHOR_ITSELF).about_certificate(leaf));
        }
        Some(candidate) => {
            let finding = Finding::passed(&codes::PATH_BUILT).about_certificate(leaf);
            findings.push(finding.seen(candidate.anchor.label()));
        }
        None if found.exceeded.is_some() => {}
        None => findings.push(no_path(found, leaf, options)),
    }
    if found.judged > 1 {
        findings.push(Finding::info(&codes::PATH_ALTERNATIVES).seen(found.judged));
    }
    let passed = found.best.as_ref().is_some_and(Candidate::passes);
    if let Some(exceeded) = found.exceeded.filter(|_| !passed) {
        let finding = Finding::indeterminate(exceeded.code);
        findings.push(finding.about_certificate(leaf).expected(exceeded.limit));
    }
    findings
}

/// Why nothing was reached: the issuer that is neither enrolled nor supplied,
/// or the caller's limit.
fn no_path(found: &Found<'_>, leaf: &Certificate, options: &PathOptions) -> Finding {
    let top = found.dead_end.last().copied().unwrap_or(leaf);
    match (found.depth, options.max_depth) {
        (Depth::CutOff, Some(limit)) => {
            Finding::failed(&codes::PATH_TOO_DEEP).about_certificate(leaf).expected(limit)
        }
        // What names itself may name a person: see `Certificate::label`.
        _ if top.is_self_issued() => {
            Finding::failed(&codes::PATH_NO_ANCHOR).about_certificate(top).expected(top.label())
        }
        _ => Finding::failed(&codes::PATH_NO_ANCHOR).about_certificate(top).expected(top.issuer()),
    }
}
