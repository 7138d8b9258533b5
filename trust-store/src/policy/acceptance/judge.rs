//! Flow 1, step 5: what the policy says of a path that is valid.

use tongxing_pki::{Certificate, Finding, Oid, Timestamp};

use super::super::codes;
use super::algorithms::{KeyRule, SignatureName, SignatureRule, describe};
use super::{Acceptance, RoleRule, usage};
use crate::authority::Role;
use crate::recognise::KeyUse;

impl Acceptance {
    /// Judges a path, leaf first and without the anchor, at a moment. Every
    /// check runs. `valid_for` are the certificate policies for which it is valid, where
    /// it is valid.
    pub(in super::super) fn judge(
        &self,
        (path, valid_for): (&[Certificate], Option<&[Oid]>),
        role: Role,
        key_use: KeyUse,
        at: Timestamp,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for certificate in path {
            findings.extend(self.key(certificate, at));
            findings.extend(self.signature(certificate, at));
        }
        let Some(leaf) = path.first() else { return findings };
        findings.push(self.certificate_policy(leaf, valid_for));
        match (key_use, self.rule(role)) {
            (KeyUse::Encrypts, Some(_)) => findings.push(encrypts(leaf)),
            (KeyUse::Signs, Some(asked)) => findings.extend(asked.judge(leaf)),
            (_, None) => {
                findings.push(Finding::failed(&codes::ROLE_NOT_ACCEPTED).seen(role.as_str()));
            }
        }
        findings
    }

    fn key(&self, certificate: &Certificate, at: Timestamp) -> Vec<Finding> {
        let key = certificate.public_key();
        let fitting = self.keys.iter().filter(|rule| rule.fits(key));
        let ends = fitting.map(|rule| rule.until).collect();
        let finding = match Term::of(ends, at) {
            Term::Never => Finding::failed(&codes::KEY_NOT_ALLOWED).expected(list(&self.keys)),
            Term::Open => Finding::passed(&codes::KEY_ACCEPTED),
            Term::Until(end) => {
                return ending(describe(key), end, certificate, &codes::KEY_ACCEPTED);
            }
            Term::Ended(end) => Finding::failed(&codes::ALGORITHM_ENDED).expected(before(end)),
        };
        vec![finding.seen(describe(key)).about_certificate(certificate)]
    }

    fn signature(&self, certificate: &Certificate, at: Timestamp) -> Vec<Finding> {
        let name = SignatureName::of(certificate.signature_algorithm());
        let fitting = self.signatures.iter().filter(|rule| Some(rule.algorithm) == name);
        let ends = fitting.map(|rule| rule.until).collect();
        let seen = name.map_or_else(|| "an unknown algorithm".to_owned(), |name| name.to_string());
        let finding = match Term::of(ends, at) {
            Term::Never => {
                Finding::failed(&codes::ALGORITHM_NOT_ALLOWED).expected(list(&self.signatures))
            }
            Term::Open => Finding::passed(&codes::SIGNATURE_ACCEPTED),
            Term::Until(end) => return ending(seen, end, certificate, &codes::SIGNATURE_ACCEPTED),
            Term::Ended(end) => Finding::failed(&codes::ALGORITHM_ENDED).expected(before(end)),
        };
        vec![finding.seen(seen).about_certificate(certificate)]
    }

    /// What a valid path is valid for is said in the words of who asks, mappings and
    /// anyPolicy applied (RFC 9618 5.5 (g)). Of one that is not, or of a certificate by
    /// itself, there is only what it states.
    fn certificate_policy(&self, leaf: &Certificate, valid_for: Option<&[Oid]>) -> Finding {
        let stated = leaf.certificate_policies().unwrap_or_default();
        let stated = valid_for.unwrap_or(stated);
        let seen = join(stated.iter());
        let finding = match &self.policies {
            None => Finding::passed(&codes::POLICY_STATED).expected("any"),
            Some(accepted) if stated.iter().any(|stated| accepted.contains(stated)) => {
                Finding::passed(&codes::POLICY_STATED)
            }
            Some(accepted) => {
                Finding::failed(&codes::POLICY_NOT_STATED).expected(join(accepted.iter()))
            }
        };
        if seen.is_empty() { finding } else { finding.seen(seen) }
    }
}

/// What is encrypted to a key must be for its holder to read: the certificate says that
/// it is meant for that, or is not used so.
fn encrypts(leaf: &Certificate) -> Finding {
    if usage::may_encrypt(leaf) {
        Finding::passed(&codes::ENCRYPTION_USAGE)
    } else {
        Finding::failed(&codes::ENCRYPTION_USAGE_MISSING)
    }
}

impl RoleRule {
    fn judge(&self, leaf: &Certificate) -> Vec<Finding> {
        let encrypts = usage::is_for_encryption(leaf);
        let key_usage = if encrypts {
            Finding::failed(&codes::ENCRYPTION_ONLY)
        } else if self.usage.key_usage.allows(leaf) {
            Finding::passed(&codes::KEY_USAGE)
        } else {
            Finding::failed(&codes::KEY_USAGE_NOT_ALLOWED).expected(&self.usage.key_usage)
        };
        let extended = if self.usage.extended.allows(leaf) {
            Finding::passed(&codes::EXTENDED_KEY_USAGE)
        } else {
            let stated = leaf.extended_key_usage().unwrap_or_default();
            Finding::failed(&codes::EXTENDED_KEY_USAGE_NOT_ALLOWED)
                .expected(&self.usage.extended)
                .seen(join(stated.iter()))
        };
        vec![key_usage, extended]
    }
}

/// How long something is accepted, by the most generous rule that fits.
enum Term {
    Never,
    Open,
    Until(Timestamp),
    Ended(Timestamp),
}

impl Term {
    fn of(ends: Vec<Option<Timestamp>>, at: Timestamp) -> Self {
        if ends.iter().any(Option::is_none) {
            return Self::Open;
        }
        match ends.into_iter().flatten().max() {
            None => Self::Never,
            Some(end) if at < end => Self::Until(end),
            Some(end) => Self::Ended(end),
        }
    }
}

fn ending(
    seen: String,
    end: Timestamp,
    certificate: &Certificate,
    passed: &'static tongxing_pki::Code,
) -> Vec<Finding> {
    let accepted = Finding::passed(passed).seen(&seen).about_certificate(certificate);
    let ending = Finding::warning(&codes::ALGORITHM_ENDING).expected(before(end));
    vec![accepted, ending.seen(seen).about_certificate(certificate)]
}

fn before(end: Timestamp) -> String {
    format!("a moment before {end}")
}

fn list<T: ToString>(rules: &[T]) -> String {
    join(rules.iter())
}

fn join<'t, T: ToString + 't>(items: impl Iterator<Item = &'t T>) -> String {
    items.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl std::fmt::Display for KeyRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.kind)?;
        match self.minimum_bits {
            Some(bits) => write!(f, " of {bits} bits or more"),
            None => Ok(()),
        }
    }
}

impl std::fmt::Display for SignatureRule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.algorithm.fmt(f)
    }
}
