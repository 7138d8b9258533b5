//! The rules but for names.

use std::collections::HashSet;

use x509_parser::certificate::{Validity, X509Certificate};
use x509_parser::time::ASN1Time;

use crate::certificate::{Extension, KeyUsage, Parts, Version};
use crate::codes;
use crate::oid::Oid;

use super::Sink;

/// RFC 5280 4.1.2.2.
pub(super) fn serial(parts: &Parts, report: Sink<'_>) {
    let serial = &parts.serial;
    if serial.is_zero() {
        report(&codes::PROFILE_SERIAL, "zero");
    }
    if serial.is_negative() {
        report(&codes::PROFILE_SERIAL, "negative");
    }
    if serial.bytes().len() > 20 {
        report(&codes::PROFILE_SERIAL, &format!("{} octets", serial.bytes().len()));
    }
}

/// RFC 5280 4.1.2.1, 4.1.2.8 and 4.1.2.9.
pub(super) fn version(parts: &Parts, encoded: &X509Certificate<'_>, report: Sink<'_>) {
    if !parts.extensions.is_empty() && parts.version != Version::V3 {
        report(&codes::PROFILE_VERSION, "extensions in a certificate that is not version 3");
    }
    let tbs = &encoded.tbs_certificate;
    if tbs.issuer_uid.is_some() || tbs.subject_uid.is_some() {
        report(&codes::PROFILE_VERSION, "unique identifiers");
    }
}

/// RFC 5280 4.1.2.5.
pub(super) fn times(validity: &Validity, report: Sink<'_>) {
    let late = |time: &ASN1Time| time.to_datetime().year() >= 2050;
    for (field, time) in [("notBefore", &validity.not_before), ("notAfter", &validity.not_after)] {
        if time.is_generalizedtime() && !late(time) {
            report(&codes::PROFILE_TIME, &format!("{field} is GeneralizedTime"));
        }
    }
}

/// RFC 3279 2.3.1.
pub(super) fn key_parameters(parts: &Parts, report: Sink<'_>) {
    if !parts.public_key.parameters_as_prescribed() {
        report(&codes::PROFILE_KEY_PARAMETERS, "RSA parameters are not NULL");
    }
}

/// The sections of RFC 5280 that say whether an extension is critical.
pub(super) fn criticality(parts: &Parts, report: Sink<'_>) {
    const NEVER: [Oid; 6] = [
        Oid::SUBJECT_KEY_IDENTIFIER,
        Oid::AUTHORITY_KEY_IDENTIFIER,
        Oid::SUBJECT_DIRECTORY_ATTRIBUTES,
        Oid::FRESHEST_CRL,
        Oid::AUTHORITY_INFO_ACCESS,
        Oid::SUBJECT_INFO_ACCESS,
    ];
    const ALWAYS: [Oid; 3] =
        [Oid::NAME_CONSTRAINTS, Oid::POLICY_CONSTRAINTS, Oid::INHIBIT_ANY_POLICY];
    for extension in &parts.extensions {
        let oid = extension.oid();
        // 4.2.1.9 asks it of CA certificates alone.
        let must = ALWAYS.contains(oid) || (*oid == Oid::BASIC_CONSTRAINTS && parts.is_ca());
        if extension.critical() && NEVER.contains(oid) {
            report(&codes::PROFILE_CRITICALITY, &format!("{} is critical", name_of(extension)));
        }
        if !extension.critical() && must {
            report(&codes::PROFILE_CRITICALITY, &format!("{} is not critical", name_of(extension)));
        }
    }
}

fn name_of(extension: &Extension) -> &'static str {
    crate::der::grammar::extension(extension.oid()).map_or("extension", |known| known.name)
}

/// RFC 5280 4.2.1.1 and 4.2.1.2.
pub(super) fn key_identifiers(parts: &Parts, report: Sink<'_>) {
    let standard = &parts.standard;
    if parts.is_ca() && standard.subject_key_identifier.is_none() {
        report(&codes::PROFILE_SUBJECT_KEY_IDENTIFIER, "missing");
    }
    let self_issued = parts.issuer.matches(&parts.subject);
    let Some(authority) = &standard.authority_key_identifier else {
        // Version 1 has no place for it.
        if !self_issued && parts.version == Version::V3 {
            report(&codes::PROFILE_AUTHORITY_KEY_IDENTIFIER, "missing");
        }
        return;
    };
    if authority.key_identifier().is_none() && !self_issued {
        report(&codes::PROFILE_AUTHORITY_KEY_IDENTIFIER, "without keyIdentifier");
    }
    if authority.issuer().is_empty() != authority.serial().is_none() {
        let detail = "authorityCertIssuer and authorityCertSerialNumber go together";
        report(&codes::PROFILE_AUTHORITY_KEY_IDENTIFIER, detail);
    }
}

/// RFC 5280 4.2.1.3 and 4.2.1.9.
pub(super) fn usage(parts: &Parts, report: Sink<'_>) {
    let usage = parts.standard.key_usage;
    let signs_certificates = usage.is_some_and(KeyUsage::key_cert_sign);
    if usage.is_some_and(KeyUsage::is_empty) {
        report(&codes::PROFILE_KEY_USAGE, "no bit set");
    }
    if signs_certificates && !parts.is_ca() {
        report(&codes::PROFILE_KEY_USAGE, "keyCertSign without cA");
    }
    let Some(constraints) = parts.standard.basic_constraints else {
        return;
    };
    if constraints.path_length().is_some() {
        if !constraints.is_ca() {
            report(&codes::PROFILE_BASIC_CONSTRAINTS, "pathLenConstraint without cA");
        } else if usage.is_some() && !signs_certificates {
            report(&codes::PROFILE_BASIC_CONSTRAINTS, "pathLenConstraint without keyCertSign");
        }
    }
}

/// RFC 5280 4.2.1.10.
pub(super) fn name_constraints(parts: &Parts, report: Sink<'_>) {
    let Some(constraints) = &parts.standard.name_constraints else {
        return;
    };
    if !parts.is_ca() {
        report(&codes::PROFILE_NAME_CONSTRAINTS, "in a certificate that is not a CA's");
    }
    let mut subtrees = constraints.permitted().iter().chain(constraints.excluded());
    if constraints.permitted().is_empty() && constraints.excluded().is_empty() {
        report(&codes::PROFILE_NAME_CONSTRAINTS, "empty");
    }
    if subtrees.any(|subtree| !subtree.is_whole()) {
        report(&codes::PROFILE_NAME_CONSTRAINTS, "with minimum or maximum");
    }
}

/// RFC 5280 4.2.1.4, 4.2.1.5 and 4.2.1.11.
pub(super) fn policies(parts: &Parts, report: Sink<'_>) {
    let standard = &parts.standard;
    let mut seen = HashSet::new();
    for policy in standard.policies.iter().flatten() {
        if !seen.insert(policy) {
            report(&codes::PROFILE_POLICIES, &format!("policy {policy} twice"));
        }
    }
    let maps_any =
        |(issuer, subject): &(Oid, Oid)| *issuer == Oid::ANY_POLICY || *subject == Oid::ANY_POLICY;
    if standard.policy_mappings.iter().any(maps_any) {
        report(&codes::PROFILE_POLICIES, "anyPolicy in policyMappings");
    }
    if standard.policy_constraints.is_some_and(|constraints| {
        constraints.require_explicit_policy.is_none()
            && constraints.inhibit_policy_mapping.is_none()
    }) {
        report(&codes::PROFILE_POLICIES, "policyConstraints is empty");
    }
}

/// RFC 5280 4.2.1.13.
pub(super) fn distribution_points(parts: &Parts, report: Sink<'_>) {
    let standard = &parts.standard;
    let points = standard.crl_distribution_points.iter();
    for point in points.chain(&standard.freshest_crl) {
        if point.name().is_none() && point.crl_issuer().is_empty() {
            report(&codes::PROFILE_DISTRIBUTION_POINT, "neither name nor cRLIssuer");
        }
    }
}
