//! A certificate.

use serde_json::{Value, json};
use tongxing_pki::{
    AuthorityKeyIdentifier, Certificate, DistributionPointName, Extension, Fault, GeneralName, Oid,
    Version,
};

use super::hex;

pub(super) fn show(der: &[u8]) -> Result<Value, Fault> {
    Certificate::parse(der).map(|certificate| of(&certificate))
}

/// Everything in it.
fn of(certificate: &Certificate) -> Value {
    let version = match certificate.version() {
        Version::V1 => 1,
        Version::V2 => 2,
        Version::V3 => 3,
    };
    let breaches = certificate.profile_breaches().iter();
    json!({
        "kind": "certificate",
        "version": version,
        "subject": certificate.subject().to_string(),
        "issuer": certificate.issuer().to_string(),
        "serial": certificate.serial().to_string(),
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
        "public_key": certificate.public_key().algorithm().to_string(),
        "signature_algorithm": certificate.signature_algorithm().to_string(),
        "sha256": hex(certificate.sha256()),
        "spki_sha256": hex(certificate.spki_sha256()),
        "profile_breaches": breaches.map(|breach| breach.detail.clone()).collect::<Vec<_>>(),
        "extensions": certificate
            .extensions()
            .iter()
            .map(|extension| of_extension(certificate, extension))
            .collect::<Vec<_>>(),
    })
}

/// What is said of a certificate that came along with something else.
pub(super) fn brief(certificate: &Certificate) -> Value {
    json!({
        "subject": certificate.subject().to_string(),
        "issuer": certificate.issuer().to_string(),
        "serial": certificate.serial().to_string(),
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
        "sha256": hex(certificate.sha256()),
    })
}

fn of_extension(certificate: &Certificate, extension: &Extension) -> Value {
    json!({
        "oid": extension.oid(),
        "name": name(extension.oid()),
        "critical": extension.critical(),
        "value": value(certificate, extension),
    })
}

/// The extensions that are shown by name (RFC 5280 4.2).
const NAMES: &[(Oid, &str)] = &[
    (Oid::SUBJECT_KEY_IDENTIFIER, "subjectKeyIdentifier"),
    (Oid::KEY_USAGE, "keyUsage"),
    (Oid::SUBJECT_ALT_NAME, "subjectAltName"),
    (Oid::ISSUER_ALT_NAME, "issuerAltName"),
    (Oid::BASIC_CONSTRAINTS, "basicConstraints"),
    (Oid::NAME_CONSTRAINTS, "nameConstraints"),
    (Oid::CRL_DISTRIBUTION_POINTS, "cRLDistributionPoints"),
    (Oid::CERTIFICATE_POLICIES, "certificatePolicies"),
    (Oid::POLICY_MAPPINGS, "policyMappings"),
    (Oid::AUTHORITY_KEY_IDENTIFIER, "authorityKeyIdentifier"),
    (Oid::POLICY_CONSTRAINTS, "policyConstraints"),
    (Oid::EXTENDED_KEY_USAGE, "extKeyUsage"),
    (Oid::FRESHEST_CRL, "freshestCRL"),
    (Oid::INHIBIT_ANY_POLICY, "inhibitAnyPolicy"),
    (Oid::AUTHORITY_INFO_ACCESS, "authorityInfoAccess"),
    (Oid::SUBJECT_INFO_ACCESS, "subjectInfoAccess"),
];

fn name(oid: &Oid) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| known == oid).map(|(_, name)| *name)
}

/// What an extension says, where this is more readable than its octets.
fn value(certificate: &Certificate, extension: &Extension) -> Value {
    let shown = match extension.oid() {
        oid if *oid == Oid::KEY_USAGE => {
            certificate.key_usage().map(|usage| json!(usage.to_string()))
        }
        oid if *oid == Oid::EXTENDED_KEY_USAGE => {
            certificate.extended_key_usage().map(|purposes| json!(purposes))
        }
        oid if *oid == Oid::BASIC_CONSTRAINTS => certificate
            .basic_constraints()
            .map(|found| json!({ "is_ca": found.is_ca(), "path_length": found.path_length() })),
        oid if *oid == Oid::SUBJECT_KEY_IDENTIFIER => certificate.subject_key_identifier().map(hex),
        oid if *oid == Oid::AUTHORITY_KEY_IDENTIFIER => certificate
            .authority_key_identifier()
            .and_then(AuthorityKeyIdentifier::key_identifier)
            .map(hex),
        oid if *oid == Oid::SUBJECT_ALT_NAME => {
            Some(names(certificate.subject_alternative_names()))
        }
        oid if *oid == Oid::CERTIFICATE_POLICIES => {
            certificate.certificate_policies().map(|policies| json!(policies))
        }
        oid if *oid == Oid::CRL_DISTRIBUTION_POINTS => Some(points(certificate)),
        oid if *oid == Oid::AUTHORITY_INFO_ACCESS => {
            let all = certificate.authority_info_access().iter();
            let all = all.map(|one| format!("{} {}", one.method(), one.location()));
            Some(json!(all.collect::<Vec<_>>()))
        }
        _ => None,
    };
    shown.unwrap_or_else(|| hex(extension.value()))
}

fn names(names: &[GeneralName]) -> Value {
    json!(names.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn points(certificate: &Certificate) -> Value {
    let points = certificate.crl_distribution_points().iter();
    let full = points.filter_map(|point| match point.name() {
        Some(DistributionPointName::Full(all)) => Some(all.iter().map(ToString::to_string)),
        _ => None,
    });
    json!(full.flatten().collect::<Vec<_>>())
}
