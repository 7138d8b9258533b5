//! The single checks of RFC 5280 6.1.3 to 6.1.5, each giving its findings.

use std::fmt::Write as _;

use crate::{
    BasicConstraints, Certificate, Extension, Finding, GeneralName, KeyAlgorithm, Level, Oid,
    ProfileBreach, SignatureFault, SignatureForm, Version,
};

use crate::bounded::MAX_ALIKE;

use super::codes;
use super::constraints::{self, Breach, Malformed};
use super::options::{PathOptions, SecurityLevel, Strictness};
use super::purpose;

/// Where on a path a certificate stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PathPlace {
    Leaf,
    Intermediate,
    /// Enrolled, above the topmost certificate.
    Anchor,
}

/// Everything about an end certificate that no choice of path changes.
pub(super) fn leaf(certificate: &Certificate, options: &PathOptions) -> Vec<Finding> {
    let mut findings = Vec::with_capacity(8);
    standing(certificate, PathPlace::Leaf, options, &mut findings);
    findings.extend(public_key(certificate));
    purpose::leaf(certificate, options, &mut findings);
    for name in &options.names {
        let names = certificate.subject_alternative_names();
        let finding = if name.is_among(names) {
            Finding::passed(&codes::NAME_MATCHES)
        } else {
            let names: Vec<_> = names.iter().map(GeneralName::without_person).collect();
            Finding::failed(&codes::NAME_DIFFERS).seen(join(&names))
        };
        findings.push(finding.about_certificate(certificate).expected(name));
    }
    findings
}

/// What every certificate on a path needs, whatever stands above it:
/// validity, known critical extensions and the profile.
pub(super) fn standing(
    certificate: &Certificate,
    place: PathPlace,
    options: &PathOptions,
    findings: &mut Vec<Finding>,
) {
    findings.push(validity(certificate, options));
    critical_extensions(certificate, findings);
    profile(certificate, place, options.strictness, findings);
}

/// RFC 5280 6.1.3 (a)(2). Both ends are inclusive (4.1.2.5). An anchor's
/// certificate is held to its validity as well, as every implementation that
/// takes anchors as certificates does.
fn validity(certificate: &Certificate, options: &PathOptions) -> Finding {
    let (from, to) = (certificate.not_before(), certificate.not_after());
    let at = options.at;
    let finding = if at < from {
        Finding::failed(&codes::VALIDITY_FUTURE)
    } else if to < at {
        Finding::failed(&codes::VALIDITY_EXPIRED)
    } else {
        return Finding::passed(&codes::VALIDITY_CURRENT).about_certificate(certificate);
    };
    finding.about_certificate(certificate).expected(format_args!("{from} to {to}")).seen(at)
}

/// An end certificate's own key, which no signature on the path exercises:
/// short or malformed ones are refused. A kind that is not known here, such as
/// a key for key agreement, is nobody's fault.
fn public_key(certificate: &Certificate) -> Option<Finding> {
    let (code, seen) = match certificate.public_key().algorithm() {
        kind @ KeyAlgorithm::Malformed { .. } => (&crate::codes::KEY_MALFORMED, kind.to_string()),
        KeyAlgorithm::Sm2Invalid { fault } => (fault.code(), fault.to_string()),
        kind @ KeyAlgorithm::Unsupported { algorithm, curve: None }
            if *algorithm == Oid::EC_PUBLIC_KEY =>
        {
            // RFC 5480 2.1.1: the curve is named, never spelled out.
            (&crate::codes::KEY_MALFORMED, kind.to_string())
        }
        KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits, .. } if *bits < 2048 => {
            (&crate::codes::KEY_SIZE, bits.to_string())
        }
        _ => return None,
    };
    Some(Finding::failed(code).about_certificate(certificate).seen(seen))
}

/// Critical extensions that this crate acts on, or that only describe.
const KNOWN: &[Oid] = &[
    Oid::KEY_USAGE,
    Oid::BASIC_CONSTRAINTS,
    Oid::EXTENDED_KEY_USAGE,
    Oid::SUBJECT_ALT_NAME,
    Oid::NAME_CONSTRAINTS,
    Oid::CERTIFICATE_POLICIES,
    Oid::POLICY_MAPPINGS,
    Oid::POLICY_CONSTRAINTS,
    Oid::INHIBIT_ANY_POLICY,
    Oid::CRL_DISTRIBUTION_POINTS,
    Oid::FRESHEST_CRL,
    Oid::SUBJECT_KEY_IDENTIFIER,
    Oid::AUTHORITY_KEY_IDENTIFIER,
    Oid::ISSUER_ALT_NAME,
    Oid::SUBJECT_DIRECTORY_ATTRIBUTES,
    Oid::AUTHORITY_INFO_ACCESS,
    Oid::SUBJECT_INFO_ACCESS,
    Oid::OCSP_NO_CHECK,
];

/// RFC 5280 6.1.4 (o), 6.1.5 (f).
fn critical_extensions(certificate: &Certificate, findings: &mut Vec<Finding>) {
    let before = findings.len();
    let unknown = |extension: &&Extension| extension.critical() && !KNOWN.contains(extension.oid());
    for extension in certificate.extensions().iter().filter(unknown).take(MAX_ALIKE) {
        let finding = Finding::failed(&codes::CRITICAL_UNKNOWN);
        findings.push(finding.about_certificate(certificate).seen(extension.oid()));
    }
    if findings.len() == before {
        findings.push(Finding::passed(&codes::CRITICAL_KNOWN).about_certificate(certificate));
    }
}

/// RFC 5280 section 4, as far as it is about one certificate.
fn profile(
    certificate: &Certificate,
    place: PathPlace,
    strictness: Strictness,
    findings: &mut Vec<Finding>,
) {
    let before = findings.len();
    for breach in certificate.profile_breaches() {
        if place != PathPlace::Anchor || counts_in_anchor(breach, certificate) {
            let finding = Finding::new(breach.code, level_of_breach(strictness));
            findings.push(finding.about_certificate(certificate).seen(&breach.detail));
        }
    }
    if findings.len() == before {
        findings.push(Finding::passed(&codes::PROFILE_KEPT).about_certificate(certificate));
    }
}

/// Two rules are about an issuer that an anchor does not have. Its serial
/// number tells it from nothing (roots with number zero are in every browser),
/// and a certificate that its own key signed needs no authority key
/// identifier, whatever it calls its issuer (RFC 5280 4.2.1.1).
fn counts_in_anchor(breach: &ProfileBreach, anchor: &Certificate) -> bool {
    let about_key_identifier = *breach.code == crate::codes::PROFILE_AUTHORITY_KEY_IDENTIFIER;
    let self_signed = || anchor.verify_signature(anchor.public_key()).is_ok();
    *breach.code != crate::codes::PROFILE_SERIAL && !(about_key_identifier && self_signed())
}

fn level_of_breach(strictness: Strictness) -> Level {
    match strictness {
        Strictness::Standard => Level::Warning,
        Strictness::Strict => Level::Failed,
    }
}

/// RFC 5280 6.1.3 (a)(1).
pub(super) fn signature(
    certificate: &Certificate,
    outcome: Result<SignatureForm, SignatureFault>,
    findings: &mut Vec<Finding>,
) {
    let verified = match outcome {
        Ok(form) => {
            findings.extend(form.finding().map(|found| found.about_certificate(certificate)));
            Finding::passed(&crate::codes::SIGNATURE_VALID)
        }
        Err(fault) => Finding::failed(fault.code()).seen(fault),
    };
    findings.push(verified.about_certificate(certificate));
}

/// What is signed with a key, and how: whether it is as secure as is asked for. An anchor
/// is enrolled by its key, whatever signed its certificate. Kinds that are not known are
/// others' to judge: nothing verifies with them.
pub(super) fn security(
    certificate: &Certificate,
    place: PathPlace,
    least: SecurityLevel,
) -> Option<Finding> {
    if least == SecurityLevel::default() {
        return None;
    }
    let key = certificate.public_key().algorithm();
    let signature = certificate.signature_algorithm();
    let by_signature = if place == PathPlace::Anchor { None } else { signature.security_bits() };
    let short = |bits: Option<u32>| bits.is_some_and(|bits| bits < least.bits());
    let seen = match (short(key.security_bits()), short(by_signature)) {
        (false, false) => return None,
        (true, false) => key.to_string(),
        (false, true) => signature.to_string(),
        (true, true) => format!("{key}, {signature}"),
    };
    let finding = Finding::failed(&codes::SECURITY_LEVEL).about_certificate(certificate);
    Some(finding.expected(format_args!("{} bits of security", least.bits())).seen(seen))
}

/// RFC 5280 6.1.3 (a)(4). Paths are built along names, so this never fails; it
/// stands in the report for those who read it.
pub(super) fn chaining(certificate: &Certificate, issuer: &Certificate) -> Finding {
    let (expected, seen) = (issuer.subject(), certificate.issuer());
    let level = if expected.matches(seen) { Level::Passed } else { Level::Failed };
    Finding::new(&codes::NAME_CHAINS, level).about_certificate(certificate).expected(issuer.label())
}

/// A key identifier that names another key is a hint gone wrong (RFC 5280
/// 4.2.1.1): the signature decides.
pub(super) fn key_identifiers(certificate: &Certificate, issuer: &Certificate) -> Option<Finding> {
    let wanted = certificate.authority_key_identifier()?.key_identifier()?;
    let offered = issuer.subject_key_identifier()?;
    (wanted != offered).then(|| {
        Finding::warning(&codes::PROFILE_AKI_DIFFERS)
            .about_certificate(certificate)
            .expected(hex(offered))
            .seen(hex(wanted))
    })
}

/// RFC 5280 6.1.4 (k)-(n). A version 1 certificate cannot say what it is for:
/// as an anchor the operator has said it (6.1.4 (k)), on the way it may not
/// issue.
pub(super) fn authority(
    certificate: &Certificate,
    place: PathPlace,
    intermediates_below: usize,
    findings: &mut Vec<Finding>,
) {
    let constraints = certificate.basic_constraints();
    let asserted = if certificate.version() == Version::V3 {
        constraints.is_some_and(|constraints| constraints.is_ca())
    } else {
        // Whatever extensions it carries against RFC 5280 4.1.2.9.
        place == PathPlace::Anchor
    };
    findings.push(if asserted {
        Finding::passed(&codes::CA_ASSERTED).about_certificate(certificate)
    } else {
        Finding::failed(&codes::CA_NOT_ASSERTED).about_certificate(certificate)
    });
    let limit = constraints
        .filter(BasicConstraints::is_ca)
        .and_then(|constraints| constraints.path_length());
    if let Some(limit) = limit {
        findings.push(path_length(certificate, limit, intermediates_below));
    }
    if let Some(usage) = certificate.key_usage() {
        findings.push(if usage.key_cert_sign() {
            Finding::passed(&codes::CERT_SIGN_ALLOWED).about_certificate(certificate)
        } else {
            Finding::failed(&codes::CERT_SIGN_NOT_ALLOWED)
                .about_certificate(certificate)
                .seen(usage)
        });
    }
}

fn path_length(certificate: &Certificate, limit: u32, intermediates_below: usize) -> Finding {
    let kept = usize::try_from(limit).is_ok_and(|limit| intermediates_below <= limit);
    let finding = if kept {
        Finding::passed(&codes::PATH_LENGTH_KEPT)
    } else {
        Finding::failed(&codes::PATH_LENGTH_EXCEEDED)
    };
    finding.about_certificate(certificate).expected(limit).seen(intermediates_below)
}

/// RFC 5280 4.2.1.12 leaves open what the extension means in an authority's
/// certificate. Here, as in OpenSSL, Go and rustls-webpki, it limits what all
/// certificates below may be used for; an anchor's is obeyed too.
pub(super) fn authority_purpose(
    certificate: &Certificate,
    below: &[&Certificate],
    options: &PathOptions,
    findings: &mut Vec<Finding>,
) {
    findings.extend(purpose::authority(certificate, below, options));
}

/// How the name constraints of an authority are written. One without meaning
/// fails; a leading period before a DNS name is read as every implementation
/// reads it and fails only under [`Strictness::Strict`].
pub(super) fn constraints(
    certificate: &Certificate,
    strictness: Strictness,
    findings: &mut Vec<Finding>,
) {
    let Some(constraints) = certificate.name_constraints() else {
        return;
    };
    let kinds = [
        (Malformed::Meaningless, Level::Failed),
        (Malformed::LeadingPeriod, level_of_breach(strictness)),
    ];
    for (kind, level) in kinds {
        for base in constraints::malformed(constraints, kind).take(MAX_ALIKE) {
            let finding = Finding::new(&codes::NAMES_CONSTRAINT_MALFORMED, level);
            findings.push(finding.about_certificate(certificate).seen(base));
        }
    }
}

/// RFC 5280 6.1.3 (b)-(c). A constraint of an unknown form binds only where
/// its extension is critical (4.2.1.10).
pub(super) fn names(certificate: &Certificate, breaches: &[Breach]) -> Vec<Finding> {
    let found = breaches.iter().map(|breach| {
        let level = if breach.binding { Level::Failed } else { Level::Warning };
        Finding::new(breach.code, level).about_certificate(certificate).seen(&breach.name)
    });
    let mut findings: Vec<_> = found.collect();
    if !breaches.iter().any(|breach| breach.binding) {
        findings.push(Finding::passed(&codes::NAMES_PERMITTED).about_certificate(certificate));
    }
    findings
}

/// RFC 9618 5.3 (f) and 5.5.
pub(super) fn policies(broken_at: Option<&Certificate>, policies: &[Oid]) -> Finding {
    match broken_at {
        Some(certificate) => {
            Finding::failed(&codes::POLICIES_NOT_ACCEPTED).about_certificate(certificate)
        }
        None if policies.is_empty() => Finding::passed(&codes::POLICIES_ACCEPTED),
        None => Finding::passed(&codes::POLICIES_ACCEPTED).seen(join(policies)),
    }
}

/// A list as people write it.
pub(crate) fn join<T: std::fmt::Display>(items: &[T]) -> String {
    let mut text = String::new();
    for item in items {
        let separator = if text.is_empty() { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(text, "{separator}{item}");
    }
    text
}

/// Octets in hexadecimal.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}
