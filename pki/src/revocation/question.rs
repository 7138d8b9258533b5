//! The question for the status of one certificate, put to each kind of
//! evidence.

use crate::{Certificate, Finding, Level, Report, Timestamp, ValidatedPath};

use super::by_list;
use super::by_response;
use super::check::{Moment, RevocationMethods, RevocationOptions, RevocationSources};
use super::clearance::Clearance;
use super::codes;
use super::decide::{Decision, When};
use super::status::{Evidence, Finality, Revocation, RevocationStatus};

/// The question for the status of one certificate.
#[derive(Clone, Copy)]
pub(super) struct Question<'q> {
    pub(super) path: &'q ValidatedPath,
    /// Its place on the path.
    pub(super) place: usize,
    pub(super) sources: &'q RevocationSources<'q>,
    pub(super) options: &'q RevocationOptions,
    /// Signers of lists and responses whose own status is being asked for.
    pub(super) signers: &'q [Certificate],
}

impl<'q> Question<'q> {
    /// The status, every reason for it told.
    pub(super) fn answer(&self, report: &mut Report) -> RevocationStatus {
        let status = match self.decide(report) {
            Decision::Revoked(revocation) => RevocationStatus::Revoked(revocation),
            Decision::NotRevoked(Clearance { evidence, finality, overdue }) => {
                RevocationStatus::Good { evidence, finality, overdue }
            }
            Decision::Disputed(why) | Decision::Unknown(why) => RevocationStatus::Unknown { why },
        };
        report.push(finding(self.certificate(), &status, self.options.at));
        if let RevocationStatus::Good { overdue, finality, .. } = &status {
            report.extend(self.qualify(overdue.as_ref(), *finality));
        }
        status
    }

    /// The status, for those who need nothing else.
    pub(super) fn status(&self) -> RevocationStatus {
        self.answer(&mut Report::new())
    }

    pub(super) fn certificate(&self) -> &'q Certificate {
        &self.path.certificates()[self.place]
    }

    pub(super) fn issuer(&self) -> &'q Certificate {
        self.path.issuer_of(self.place)
    }

    pub(super) fn when(&self) -> When {
        let RevocationOptions { at, moment, grace_seconds, clock_skew_seconds, .. } = *self.options;
        When { at, moment, grace_seconds, clock_skew_seconds }
    }

    fn decide(&self, report: &mut Report) -> Decision {
        match self.options.methods {
            RevocationMethods::Crl => by_list::decide(self, report),
            RevocationMethods::Ocsp => by_response::decide(self, report),
            RevocationMethods::Either => {
                let lists = by_list::decide(self, report);
                // Nobody asks a responder who has none.
                if self.sources.responses.iter().all(|responses| responses.is_empty()) {
                    return lists;
                }
                either(lists, by_response::decide(self, report))
            }
            RevocationMethods::Both => {
                both(by_list::decide(self, report), by_response::decide(self, report))
            }
        }
    }

    /// What must be told beside *good*.
    fn qualify(&self, overdue: Option<&Evidence>, finality: Finality) -> Vec<Finding> {
        let certificate = self.certificate();
        let mut findings = Vec::new();
        if let Some(overdue) = overdue {
            let code = match overdue {
                Evidence::List(_) => &codes::LIST_IN_GRACE,
                Evidence::Response(_) => &codes::OCSP_IN_GRACE,
            };
            let finding = Finding::warning(code).about_certificate(certificate);
            let due = overdue.next_update().unwrap_or(overdue.this_update());
            findings.push(finding.expected(due).seen(self.options.at));
        }
        if finality == Finality::Provisional && self.options.moment == Moment::Past {
            findings.push(Finding::info(&codes::PROVISIONAL).about_certificate(certificate));
        }
        findings
    }
}

/// Revoked by one is revoked; cleared by one is good, unless the other holds a proof of
/// the contrary.
fn either(lists: Decision, responses: Decision) -> Decision {
    use Decision::{Disputed, NotRevoked, Revoked, Unknown};
    match (lists, responses) {
        (Revoked(one), Revoked(other)) => Revoked(graver(one, other)),
        (revoked @ Revoked(_), _) | (_, revoked @ Revoked(_)) => revoked,
        (disputed @ Disputed(_), _) | (_, disputed @ Disputed(_)) => disputed,
        (NotRevoked(lists), NotRevoked(responses)) => NotRevoked(lists.or(responses)),
        (good @ NotRevoked(_), Unknown(_)) | (Unknown(_), good @ NotRevoked(_)) => good,
        // That nothing was there says less than what is wrong with something.
        (Unknown(why), Unknown(of_responses)) if why == &codes::NO_LIST => Unknown(of_responses),
        (unknown @ Unknown(_), Unknown(_)) => unknown,
    }
}

/// Revoked by one is revoked; good only where both clear.
fn both(lists: Decision, responses: Decision) -> Decision {
    use Decision::{Disputed, NotRevoked, Revoked, Unknown};
    match (lists, responses) {
        (Revoked(one), Revoked(other)) => Revoked(graver(one, other)),
        (revoked @ Revoked(_), _) | (_, revoked @ Revoked(_)) => revoked,
        (disputed @ Disputed(_), _) | (_, disputed @ Disputed(_)) => disputed,
        (NotRevoked(lists), NotRevoked(responses)) => NotRevoked(lists.and(responses)),
        (unknown @ Unknown(_), _) | (_, unknown @ Unknown(_)) => unknown,
    }
}

/// A hold may be lifted; nothing else can.
fn graver(one: Revocation, other: Revocation) -> Revocation {
    if one.is_hold() && !other.is_hold() { other } else { one }
}

fn finding(certificate: &Certificate, status: &RevocationStatus, at: Timestamp) -> Finding {
    let finding = match status {
        RevocationStatus::Good { evidence, .. } => {
            Finding::passed(&codes::NOT_REVOKED).seen(evidence)
        }
        RevocationStatus::Revoked(revocation) => revoked(revocation).expected(at),
        RevocationStatus::Unknown { why } => Finding::new(why, Level::Indeterminate),
    };
    finding.about_certificate(certificate)
}

fn revoked(revocation: &Revocation) -> Finding {
    let code = if revocation.is_of_the_unissued() {
        &codes::NEVER_ISSUED
    } else if revocation.is_hold() {
        &codes::ON_HOLD
    } else {
        &codes::REVOKED
    };
    Finding::failed(code).seen(revocation)
}
