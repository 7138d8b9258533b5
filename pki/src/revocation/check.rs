//! The status of each certificate of a path, from all its scopes.

use crate::path::codes as path_codes;
use crate::{
    Anchors, Budget, Certificate, CertificatePool, Code, Crl, Finding, IssuingDistributionPoint,
    PathOptions, ReasonFlags, Report, RevocationList, RevocationLists, Strictness, Timestamp,
    ValidatedPath,
};

use super::codes;
use super::decide::{Decision, Group, When};
use super::scope::Scopes;
use super::signer;
use super::status::{Finality, ListReference, Revocation, RevocationStatus};

/// Whether later lists could exist already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// The moment judged is now: a list with a later date is not in force yet
    /// and cannot clear a certificate.
    #[default]
    Present,
    /// It lies in the past: later lists override what was known then, and a
    /// status that none of them confirms is marked as provisional.
    Past,
}

/// What revocation is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RevocationOptions {
    /// The moment judged.
    pub at: Timestamp,
    /// Whether that is now or in the past.
    pub moment: Moment,
    /// What a breach of the list profile (RFC 5280 section 5) does: a list
    /// with one is not used under [`Strictness::Strict`].
    pub strictness: Strictness,
    /// How long after its next update a complete list still serves, in
    /// seconds. For authorities whose policy allows it; 0 is the standard's.
    pub grace_seconds: i64,
    /// Limits on validating separate signers of lists, for each of them.
    pub budget: Budget,
}

impl RevocationOptions {
    /// For a moment, with standard strictness.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self {
            at,
            moment: Moment::default(),
            strictness: Strictness::default(),
            grace_seconds: 0,
            budget: Budget::default(),
        }
    }

    /// The same moment, strictness and budget as a path was validated with.
    #[must_use]
    pub fn of(options: &PathOptions) -> Self {
        Self {
            at: options.at,
            moment: Moment::default(),
            strictness: options.strictness,
            grace_seconds: 0,
            budget: options.budget,
        }
    }
}

/// Where revocation is told, and who may have signed it.
#[derive(Clone, Copy, Debug)]
pub struct RevocationSources<'s> {
    /// Lists of any issuer and age; archived ones too, for moments past.
    pub lists: &'s [&'s RevocationLists],
    /// The anchors that the path was validated with.
    pub anchors: &'s Anchors,
    /// Where certificates of separate list signers are found.
    pub pools: &'s [&'s CertificatePool],
}

/// What checking a path came to.
#[derive(Clone, Debug)]
pub struct RevocationOutcome {
    /// Every finding, the lists that could not be used among them.
    pub report: Report,
    /// The status of each certificate of the path, in its order.
    pub statuses: Vec<RevocationStatus>,
}

/// Asks for the status of every certificate below the anchor.
///
/// A certificate is *good* only when current lists cover every reason for
/// which it could be revoked. An anchor is not asked about: it stands as long
/// as it is enrolled.
#[must_use]
pub fn check_revocation(
    path: &ValidatedPath,
    sources: &RevocationSources<'_>,
    options: &RevocationOptions,
) -> RevocationOutcome {
    let mut report = Report::new();
    let mut statuses = Vec::with_capacity(path.certificates().len());
    if path.is_anchor_itself() {
        let finding = Finding::info(&path_codes::PATH_ANCHOR_ITSELF);
        report.push(finding.about_certificate(path.leaf()));
        return RevocationOutcome { report, statuses };
    }
    for place in 0..path.certificates().len() {
        let question = Question { path, place, sources, options, signers: &[] };
        statuses.push(question.answer(&mut report));
    }
    RevocationOutcome { report, statuses }
}

/// The question for the status of one certificate.
#[derive(Clone, Copy)]
pub(super) struct Question<'q> {
    pub(super) path: &'q ValidatedPath,
    /// Its place on the path.
    pub(super) place: usize,
    pub(super) sources: &'q RevocationSources<'q>,
    pub(super) options: &'q RevocationOptions,
    /// Signers of lists whose own status is being asked for.
    pub(super) signers: &'q [Certificate],
}

/// A list that covers the certificate and is signed by who may.
struct Usable<'q> {
    crl: &'q Crl,
    reasons: ReasonFlags,
    signer: Key,
}

/// SHA-256 of a SubjectPublicKeyInfo.
type Key = [u8; 32];

impl<'q> Question<'q> {
    /// Whether the certificate is known not to be revoked.
    pub(super) fn is_good(&self) -> bool {
        let status = self.answer(&mut Report::new());
        matches!(status, RevocationStatus::Good { .. })
    }

    fn answer(&self, report: &mut Report) -> RevocationStatus {
        let certificate = self.certificate();
        let (usable, why) = self.usable_lists(report);
        let status = self.combine(&usable, why);
        report.push(finding(certificate, &status, self.options.at));
        if let RevocationStatus::Good { list, finality } = &status {
            report.extend(self.qualify(list, *finality));
        }
        status
    }

    /// What must be told beside *good*.
    fn qualify(&self, list: &ListReference, finality: Finality) -> Vec<Finding> {
        let certificate = self.certificate();
        let mut findings = Vec::new();
        if let Some(due) = list.crl().next_update().filter(|due| *due < self.options.at) {
            let finding = Finding::warning(&codes::LIST_IN_GRACE).about_certificate(certificate);
            findings.push(finding.expected(due).seen(self.options.at));
        }
        if finality == Finality::Provisional && self.options.moment == Moment::Past {
            findings.push(Finding::info(&codes::PROVISIONAL).about_certificate(certificate));
        }
        findings
    }

    pub(super) fn certificate(&self) -> &'q Certificate {
        &self.path.certificates()[self.place]
    }

    /// The lists that cover the certificate and can be used, and why the first
    /// of the others cannot.
    fn usable_lists(&self, report: &mut Report) -> (Vec<Usable<'q>>, Option<&'static Code>) {
        let scopes = Scopes::of(self.certificate());
        let mut usable = Vec::new();
        let mut first_fault = None;
        for issuer in scopes.list_issuers() {
            let lists = self.sources.lists.iter();
            for list in lists.flat_map(|lists| lists.by_issuer(issuer)) {
                let Some(reasons) = scopes.covered_by(list.crl()) else {
                    continue;
                };
                match self.signer_of(list, report) {
                    Ok(signer) => usable.push(Usable { crl: list.crl(), reasons, signer }),
                    Err(why) => {
                        first_fault.get_or_insert(why);
                        report.push(self.about_list(why, list.crl()));
                    }
                }
            }
        }
        (usable, first_fault)
    }

    /// The key that signed a list, or why it cannot be used.
    fn signer_of(&self, list: &RevocationList, report: &mut Report) -> Result<Key, &'static Code> {
        let crl = list.crl();
        if !crl.unknown_critical_extensions().is_empty() {
            return Err(&codes::LIST_UNKNOWN_CRITICAL);
        }
        for breach in crl.profile_breaches() {
            let finding = Finding::warning(breach.code).about(crl.label());
            report.push(finding.seen(&breach.detail));
        }
        if self.options.strictness == Strictness::Strict && !crl.profile_breaches().is_empty() {
            return Err(&codes::LIST_PROFILE);
        }
        signer::verify(list, self)
    }

    /// Puts the scopes together (RFC 5280 6.3.3 (d), (k)).
    ///
    /// After a change of keys some authorities go on with one list for each
    /// key, each naming only the certificates of its key, and nothing in the
    /// lists says so. So where there are lists signed by the key that signed
    /// the certificate, others of the same issuer can revoke it, but not say
    /// that it is good.
    fn combine(&self, usable: &[Usable<'_>], fault: Option<&'static Code>) -> RevocationStatus {
        let mut covered = ReasonFlags::NONE;
        let mut oldest: Option<(ListReference, Finality)> = None;
        let mut why = None;
        let only = self.clearing_key(usable);
        let RevocationOptions { at, moment, grace_seconds, .. } = *self.options;
        for mut scope in by_scope(usable) {
            let clears = only.is_none_or(|key| scope.signer == key || !self.is_by_issuer(&scope));
            match scope.group.decide(self.certificate(), When { at, moment, grace_seconds }) {
                Decision::Revoked(revocation) => return RevocationStatus::Revoked(revocation),
                Decision::NotRevoked(list, finality) if clears => {
                    covered = covered.union(scope.reasons);
                    oldest = Some(older(oldest, (list, finality)));
                }
                Decision::Unknown(reason) if clears => why = why.or(Some(reason)),
                _ => {}
            }
        }
        let missing = match oldest {
            Some((list, finality)) if covered.contains(ReasonFlags::ALL) => {
                return RevocationStatus::Good { list, finality };
            }
            Some(_) => &codes::REASONS_MISSING,
            None => &codes::NO_LIST,
        };
        RevocationStatus::Unknown { why: why.or(fault).unwrap_or(missing) }
    }

    /// The key that signed the certificate, where it signed lists as well.
    fn clearing_key(&self, usable: &[Usable<'_>]) -> Option<Key> {
        let key = *self.path.issuer_of(self.place).spki_sha256();
        usable.iter().any(|list| list.signer == key).then_some(key)
    }

    fn is_by_issuer(&self, scope: &Scope<'_>) -> bool {
        scope.group.is_by(self.certificate().issuer())
    }

    fn about_list(&self, code: &'static Code, crl: &Crl) -> Finding {
        Finding::info(code).about(crl.label()).expected(self.certificate().label())
    }
}

/// Lists of one scope: they say the same kind of thing, and the newest counts.
struct Scope<'u> {
    point: Option<&'u IssuingDistributionPoint>,
    signer: Key,
    reasons: ReasonFlags,
    group: Group<'u>,
}

fn by_scope<'u>(usable: &[Usable<'u>]) -> Vec<Scope<'u>> {
    let mut scopes: Vec<Scope<'u>> = Vec::new();
    for list in usable {
        let point = list.crl.issuing_distribution_point();
        let known = scopes.iter_mut().find(|scope| {
            scope.point == point
                && scope.signer == list.signer
                && scope.group.is_by(list.crl.issuer())
        });
        match known {
            Some(scope) => scope.group.push(list.crl),
            None => scopes.push(Scope {
                point,
                signer: list.signer,
                reasons: list.reasons,
                group: Group::of(list.crl),
            }),
        }
    }
    scopes
}

fn older(
    one: Option<(ListReference, Finality)>,
    other: (ListReference, Finality),
) -> (ListReference, Finality) {
    match one {
        None => other,
        Some(one) => {
            let finality = one.1.min(other.1);
            let issued = |list: &ListReference| list.crl().this_update();
            let list = if issued(&one.0) <= issued(&other.0) { one.0 } else { other.0 };
            (list, finality)
        }
    }
}

fn finding(certificate: &Certificate, status: &RevocationStatus, at: Timestamp) -> Finding {
    let finding = match status {
        RevocationStatus::Good { list, .. } => Finding::passed(&codes::NOT_REVOKED).seen(list),
        RevocationStatus::Revoked(revocation) => revoked(revocation).expected(at),
        RevocationStatus::Unknown { why } => Finding::indeterminate(why),
    };
    finding.about_certificate(certificate)
}

fn revoked(revocation: &Revocation) -> Finding {
    let code = if revocation.is_hold() { &codes::ON_HOLD } else { &codes::REVOKED };
    Finding::failed(code).seen(revocation)
}
