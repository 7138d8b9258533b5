//! The status of a certificate by OCSP responses.
//!
//! 1. Of the responses about the serial number those count that name the
//!    certificate by its issuer, answer the request that was asked, have no
//!    critical extension that is not known, and are signed by who may.
//! 2. The newest made by the moment judged decides, if it is still current.
//!    *Unknown* is neither good nor revoked; it takes back no revocation. Two of one
//!    time of which one says revoked and one does not leave it disputed, whatever
//!    lists and later responses say: only a revocation is proven by more.
//! 3. Later ones override it as later lists do: a revocation whose date lies
//!    at or before the moment reaches back; one that says *good*, and would
//!    still tell of an expired certificate, confirms.
//! 4. An overdue response proves a revocation, and nothing else; a hold not
//!    even then.

use crate::{
    Certificate, Code, Finding, OcspCertificateStatus, OcspSingleResponse, Report, Strictness,
    Timestamp,
};

use super::check::Moment;
use super::clearance::{self, Clearance};
use super::codes;
use super::decide::{Decision, When};
use super::question::Question;
use super::responder::{self, Doubt};
use super::responses::{NonceMatch, NonceRule, RevocationResponse};
use super::status::{Evidence, Finality, ResponseReference, Revocation};

/// What the responses at hand say.
pub(super) fn decide(question: &Question<'_>, report: &mut Report) -> Decision {
    let mut told = Told { answers: Vec::new() };
    let mut first_fault = None;
    let serial = question.certificate().serial();
    let responses = question.sources.responses.iter();
    for response in responses.flat_map(|responses| responses.by_serial(serial)) {
        let answers = about(question, response);
        if answers.is_empty() {
            continue;
        }
        match usable(response, question, report) {
            Ok(overdue) => told.take((answers, overdue), question, report, &mut first_fault),
            Err(doubt) => {
                first_fault.get_or_insert(doubt.code);
                report.push(finding(question, response, doubt));
            }
        }
    }
    if told.answers.is_empty() {
        return Decision::Unknown(first_fault.unwrap_or(&codes::NO_RESPONSE));
    }
    told.decide(question.certificate(), question.when())
}

/// The answers in a response that are about the certificate.
fn about(question: &Question<'_>, response: &RevocationResponse) -> Vec<ResponseReference> {
    let response = response.response();
    let (certificate, issuer) = (question.certificate(), question.issuer());
    let named = |single: &OcspSingleResponse| single.certificate_id().names(certificate, issuer);
    let all = response.responses().iter().enumerate();
    all.filter(|(_, single)| named(single))
        .map(|(index, _)| ResponseReference::new(response, index))
        .collect()
}

/// Whether a response may be used at all, and what vouches for who signed it and was
/// due already.
fn usable(
    response: &RevocationResponse,
    question: &Question<'_>,
    report: &mut Report,
) -> Result<Option<Evidence>, Doubt> {
    let told = response.response();
    if let Some(oid) = told.unknown_critical_extensions().first() {
        return Err(Doubt::of(&codes::OCSP_UNKNOWN_CRITICAL).seen(oid));
    }
    for breach in told.profile_breaches() {
        report.push(Finding::warning(breach.code).about(told.label()).seen(&breach.detail));
    }
    if question.options.strictness == Strictness::Strict && !told.profile_breaches().is_empty() {
        return Err(Doubt::of(&codes::OCSP_PROFILE));
    }
    let when = question.when();
    let required = question.options.nonce == NonceRule::Required && when.moment == Moment::Present;
    match response.nonce() {
        NonceMatch::Differs => return Err(Doubt::of(&codes::OCSP_NONCE)),
        NonceMatch::Missing(rule) if required || rule == NonceRule::Required => {
            return Err(Doubt::of(&codes::OCSP_NONCE_REQUIRED));
        }
        NonceMatch::Unasked if required => return Err(Doubt::of(&codes::OCSP_NONCE_REQUIRED)),
        NonceMatch::Missing(_) => {
            report.push(Finding::info(&codes::OCSP_NONCE_MISSING).about(told.label()));
        }
        NonceMatch::Unasked | NonceMatch::Fits => {}
    }
    if when.moment == Moment::Present && told.produced_at() > when.latest() {
        return Err(Doubt::of(&codes::OCSP_NOT_YET).seen(told.produced_at()));
    }
    let responder = responder::verify(response, question)?;
    report.extend(responder.form.finding().map(|finding| finding.about(told.label())));
    Ok(responder.overdue)
}

fn finding(question: &Question<'_>, response: &RevocationResponse, doubt: Doubt) -> Finding {
    let finding = Finding::info(doubt.code).about(response.response().label());
    let finding = finding.expected(question.certificate().label());
    match doubt.seen {
        Some(seen) => finding.seen(seen),
        None => finding,
    }
}

/// What may be used.
struct Told {
    answers: Vec<Answer>,
}

/// What a response says of the certificate.
struct Answer {
    told: ResponseReference,
    /// What vouches for who signed it and was due already.
    overdue: Option<Evidence>,
}

impl Answer {
    fn single(&self) -> &OcspSingleResponse {
        self.told.single()
    }

    fn evidence(&self) -> Evidence {
        Evidence::Response(self.told.clone())
    }

    fn clearance(&self, finality: Finality, at: Timestamp) -> Clearance {
        let evidence = self.evidence();
        let overdue = clearance::overdue(&evidence, at);
        Clearance { evidence, finality, overdue }.resting_on(self.overdue.clone())
    }
}

impl Told {
    fn take(
        &mut self,
        (answers, overdue): (Vec<ResponseReference>, Option<Evidence>),
        question: &Question<'_>,
        report: &mut Report,
        first_fault: &mut Option<&'static Code>,
    ) {
        for answer in answers {
            let Some(oid) = answer.single().unknown_critical_extensions().first() else {
                self.answers.push(Answer { told: answer, overdue: overdue.clone() });
                continue;
            };
            let code = &codes::OCSP_UNKNOWN_CRITICAL;
            first_fault.get_or_insert(code);
            let finding = Finding::info(code).about(answer.response().label()).seen(oid);
            report.push(finding.expected(question.certificate().label()));
        }
    }

    fn decide(&mut self, certificate: &Certificate, when: When) -> Decision {
        // Newest first.
        let recency =
            |answer: &Answer| (answer.single().this_update(), answer.told.response().produced_at());
        self.answers.sort_by_key(|answer| std::cmp::Reverse(recency(answer)));
        let current = self.current(when);
        if let Some(revoked @ Decision::Revoked(_)) = current {
            return revoked;
        }
        if let Some(revocation) = self.reaching_back(when) {
            return Decision::Revoked(revocation);
        }
        match (self.clearing(certificate, when), current) {
            (_, Some(disputed @ Decision::Disputed(_))) => disputed,
            (Some(later), _) => Decision::NotRevoked(later),
            (None, Some(current)) => current,
            (None, None) if when.moment == Moment::Past => Decision::Unknown(&codes::OCSP_TOO_LATE),
            (None, None) => Decision::Unknown(&codes::OCSP_NOT_YET),
        }
    }

    /// What the newest answer made by the moment judged says.
    fn current(&self, when: When) -> Option<Decision> {
        let latest = when.latest();
        let mut by_then = self.answers.iter().filter(|one| one.single().this_update() <= latest);
        let newest = by_then.next()?;
        let time = newest.single().this_update();
        let same = |one: &&Answer| one.single().this_update() == time;
        let at_once = || std::iter::once(newest).chain(by_then.clone().take_while(same));
        if at_once().any(|one| contradict(one, newest)) {
            let revoked = at_once().any(|one| revocation(one).is_some());
            let contradiction = &codes::OCSP_CONTRADICTION;
            return Some(if revoked {
                Decision::Disputed(contradiction)
            } else {
                Decision::Unknown(contradiction)
            });
        }
        let stale = staleness(newest.single(), when);
        let held = |revocation: &Revocation| revocation.is_hold() && stale.is_some();
        Some(match newest.single().status() {
            OcspCertificateStatus::Unknown => {
                // It does not know any more what it knew.
                match by_then.find_map(revocation).filter(|earlier| !earlier.is_hold()) {
                    Some(earlier) => Decision::Revoked(earlier),
                    None => Decision::Unknown(&codes::OCSP_UNKNOWN),
                }
            }
            OcspCertificateStatus::Revoked { .. } => {
                match revocation(newest).filter(|revocation| !held(revocation)) {
                    Some(revocation) => Decision::Revoked(revocation),
                    None => Decision::Unknown(stale.unwrap_or(&codes::OCSP_STALE)),
                }
            }
            OcspCertificateStatus::Good => match stale {
                Some(why) => Decision::Unknown(why),
                None => Decision::NotRevoked(newest.clearance(Finality::Provisional, when.at)),
            },
        })
    }

    /// What a response made after the moment judged says about it.
    fn reaching_back(&self, when: When) -> Option<Revocation> {
        let later = self.answers.iter().filter(|one| one.single().this_update() > when.at);
        later.filter_map(revocation).find(|revocation| revocation.effective() <= when.at)
    }

    /// The newest response made after a moment in the past that would say had
    /// the certificate been revoked then.
    fn clearing(&self, certificate: &Certificate, when: When) -> Option<Clearance> {
        let tells = |one: &&Answer| match one.single().status() {
            _ if one.single().this_update() <= when.at => false,
            OcspCertificateStatus::Good => knows_expired(one.single(), certificate),
            OcspCertificateStatus::Revoked { .. } => true,
            OcspCertificateStatus::Unknown => false,
        };
        let past = when.moment == Moment::Past;
        let later = self.answers.iter().find(tells).filter(|_| past)?;
        Some(later.clearance(Finality::Final, when.at))
    }
}

/// Whether two answers of one time cannot both be true.
fn contradict(one: &Answer, other: &Answer) -> bool {
    let kind = |answer: &Answer| std::mem::discriminant(&answer.single().status());
    kind(one) != kind(other)
}

fn revocation(answer: &Answer) -> Option<Revocation> {
    let single = answer.single();
    let OcspCertificateStatus::Revoked { date, reason } = single.status() else {
        return None;
    };
    let invalidity_date = single.invalidity_date();
    Some(Revocation { date, reason, invalidity_date, evidence: answer.evidence() })
}

/// Whether a responder would still know of the certificate if it was revoked
/// (RFC 6960 4.4.4).
fn knows_expired(single: &OcspSingleResponse, certificate: &Certificate) -> bool {
    single.this_update() <= certificate.not_after()
        || single.archive_cutoff().is_some_and(|cutoff| cutoff <= certificate.not_after())
}

/// Why a response cannot say that a certificate is not revoked at a moment
/// (RFC 6960 3.2 (5)-(6), 4.2.2.1). One without a next update is of its own
/// time only: there is always something newer.
fn staleness(single: &OcspSingleResponse, when: When) -> Option<&'static Code> {
    let room = when.grace_seconds.saturating_add(when.clock_skew_seconds);
    let (due, overdue) = match single.next_update() {
        Some(due) => (due, &codes::OCSP_STALE),
        None => (single.this_update(), &codes::OCSP_WITHOUT_END),
    };
    (when.at > due.plus_seconds(room)).then_some(overdue)
}

impl When {
    /// Up to when something counts as made by the moment judged. Of the past
    /// this is known exactly: what is later has its own say.
    fn latest(self) -> Timestamp {
        match self.moment {
            Moment::Present => self.at.plus_seconds(self.clock_skew_seconds),
            Moment::Past => self.at,
        }
    }
}
