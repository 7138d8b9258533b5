//! The status of a certificate by revocation lists, from all its scopes.

use crate::Strictness;
use crate::{Code, Crl, Finding, IssuingDistributionPoint, ReasonFlags, Report, RevocationList};

use super::check::OtherKeys;
use super::clearance::{Clearance, longest};
use super::codes;
use super::decide::{Decision, Group};
use super::question::Question;
use super::scope::Scopes;
use super::signer::{self, Signer};
use super::status::Evidence;

/// SHA-256 of a SubjectPublicKeyInfo.
type Key = [u8; 32];

/// A list that covers the certificate and is signed by who may.
struct Usable<'q> {
    crl: &'q Crl,
    reasons: ReasonFlags,
    signer: Key,
    /// What vouches for the signer and was due already.
    overdue: Option<Evidence>,
}

/// What the lists at hand say.
pub(super) fn decide(question: &Question<'_>, report: &mut Report) -> Decision {
    let (usable, fault) = usable_lists(question, report);
    combine(question, &usable, fault)
}

/// The lists that cover the certificate and can be used, and why the first
/// of the others cannot.
fn usable_lists<'q>(
    question: &Question<'q>,
    report: &mut Report,
) -> (Vec<Usable<'q>>, Option<&'static Code>) {
    let scopes = Scopes::of(question.certificate());
    let mut usable = Vec::new();
    let mut first_fault = None;
    for issuer in scopes.list_issuers() {
        let lists = question.sources.lists.iter();
        for list in lists.flat_map(|lists| lists.for_scopes(issuer, &scopes)) {
            let Some(reasons) = scopes.covered_by(list.crl()) else {
                continue;
            };
            match signer_of(list, question, report) {
                Ok(Signer { key, overdue, .. }) => {
                    usable.push(Usable { crl: list.crl(), reasons, signer: key, overdue });
                }
                Err(why) => {
                    first_fault.get_or_insert(why);
                    report.push(about_list(question, why, list.crl()));
                }
            }
        }
    }
    (usable, first_fault)
}

/// Who signed a list, or why it cannot be used.
fn signer_of(
    list: &RevocationList,
    question: &Question<'_>,
    report: &mut Report,
) -> Result<Signer, &'static Code> {
    let crl = list.crl();
    if !crl.unknown_critical_extensions().is_empty() {
        return Err(&codes::LIST_UNKNOWN_CRITICAL);
    }
    for breach in crl.profile_breaches() {
        let finding = Finding::warning(breach.code).about(crl.label());
        report.push(finding.seen(&breach.detail));
    }
    if question.options.strictness == Strictness::Strict && !crl.profile_breaches().is_empty() {
        return Err(&codes::LIST_PROFILE);
    }
    let signer = signer::verify(list, question)?;
    report.extend(signer.form.finding().map(|finding| finding.about(crl.label())));
    Ok(signer)
}

/// Puts the scopes together (RFC 5280 6.3.3 (d), (k)).
///
/// After a change of keys some authorities go on with one list for each
/// key, each naming only the certificates of its key, and nothing in the
/// lists says so. So where there are lists signed by the key that signed
/// the certificate, others of the same issuer can revoke it, but not say
/// that it is good, unless the caller knows better ([`OtherKeys`]).
fn combine(
    question: &Question<'_>,
    usable: &[Usable<'_>],
    fault: Option<&'static Code>,
) -> Decision {
    let mut covered = ReasonFlags::NONE;
    let mut cleared: Option<Clearance> = None;
    let mut why = None;
    let only = clearing_key(question, usable);
    let certificate = question.certificate();
    for mut scope in by_scope(usable) {
        let by_issuer = scope.group.is_by(certificate.issuer());
        let clears = only.is_none_or(|key| scope.signer == key || !by_issuer);
        match scope.group.decide(certificate, question.when()) {
            revoked @ Decision::Revoked(_) => return revoked,
            Decision::NotRevoked(clearance) if clears => {
                covered = covered.union(scope.reasons);
                let clearance = clearance.resting_on(scope.overdue);
                cleared = Some(match cleared {
                    Some(others) => others.and(clearance),
                    None => clearance,
                });
            }
            Decision::Unknown(reason) if clears => why = why.or(Some(reason)),
            _ => {}
        }
    }
    let missing = match cleared {
        Some(clearance) if covered.contains(ReasonFlags::ALL) => {
            return Decision::NotRevoked(clearance);
        }
        Some(_) => &codes::REASONS_MISSING,
        None => &codes::NO_LIST,
    };
    Decision::Unknown(why.or(fault).unwrap_or(missing))
}

/// The key that signed the certificate, where it signed lists as well and they count
/// before those of others.
fn clearing_key(question: &Question<'_>, usable: &[Usable<'_>]) -> Option<Key> {
    if question.options.other_keys == OtherKeys::Clear {
        return None;
    }
    let key = *question.issuer().spki_sha256();
    usable.iter().any(|list| list.signer == key).then_some(key)
}

fn about_list(question: &Question<'_>, code: &'static Code, crl: &Crl) -> Finding {
    Finding::info(code).about(crl.label()).expected(question.certificate().label())
}

/// Lists of one scope: they say the same kind of thing, and the newest counts.
struct Scope<'u> {
    point: Option<&'u IssuingDistributionPoint>,
    signer: Key,
    reasons: ReasonFlags,
    /// What vouches for the signer and was due already.
    overdue: Option<Evidence>,
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
            Some(scope) => {
                scope.group.push(list.crl);
                scope.overdue = longest(scope.overdue.take(), list.overdue.clone());
            }
            None => scopes.push(Scope {
                point,
                signer: list.signer,
                reasons: list.reasons,
                overdue: list.overdue.clone(),
                group: Group::of(list.crl),
            }),
        }
    }
    scopes
}
