//! What a key may be used for: key usage (RFC 5280 4.2.1.3) and extended key
//! usage (4.2.1.12).

use crate::{Certificate, Extension, Finding, KeyAlgorithm, KeyUsage, Oid};

use super::checks::join;
use super::codes;
use super::options::{PathOptions, Purpose};

const CLIENT_PURPOSES: &[Oid] = &[Oid::CLIENT_AUTH];
const SERVER_PURPOSES: &[Oid] = &[Oid::SERVER_AUTH];
const TIMESTAMP_PURPOSES: &[Oid] = &[Oid::TIME_STAMPING];
const OCSP_PURPOSES: &[Oid] = &[Oid::OCSP_SIGNING];
const CODE_PURPOSES: &[Oid] = &[Oid::CODE_SIGNING];

/// What a certificate that signs code must not be for as well (CA/Browser Forum, Baseline
/// Requirements for Code Signing 7.1.2.3 f).
const NO_CODE_PURPOSES: &[Oid] = &[Oid::ANY_EXTENDED_KEY_USAGE, Oid::SERVER_AUTH];

/// Signing documents: RFC 9336, then what came before it.
const DOCUMENT_PURPOSES: &[Oid] = &[
    Oid::DOCUMENT_SIGNING,
    Oid::EMAIL_PROTECTION,
    Oid::MICROSOFT_DOCUMENT_SIGNING,
    Oid::ADOBE_DOCUMENT_SIGNING,
];

/// The extended key usages of which one is enough; `None` when none is asked.
fn wanted(options: &PathOptions) -> Option<&[Oid]> {
    if let Some(purposes) = &options.key_purposes {
        return Some(purposes);
    }
    options.purpose.key_purposes()
}

impl Purpose {
    /// The extended key usages of which a certificate that has the extension must state
    /// one (RFC 5280 4.2.1.12); `None` where it may state any.
    #[must_use]
    pub const fn key_purposes(self) -> Option<&'static [Oid]> {
        Some(match self {
            Self::Any | Self::CrlSigning => return None,
            Self::ClientAuth => CLIENT_PURPOSES,
            Self::ServerAuth => SERVER_PURPOSES,
            Self::Signing => DOCUMENT_PURPOSES,
            Self::TimeStamping => TIMESTAMP_PURPOSES,
            Self::OcspSigning => OCSP_PURPOSES,
            Self::CodeSigning => CODE_PURPOSES,
        })
    }
}

/// The end certificate's key usages against the purpose.
pub(super) fn leaf(certificate: &Certificate, options: &PathOptions, findings: &mut Vec<Finding>) {
    findings.extend(leaf_key_usage(certificate, options.purpose));
    let Some(wanted) = wanted(options) else {
        return;
    };
    let stated = certificate.extended_key_usage();
    let allowed = match options.purpose {
        // RFC 3161 2.3: that one alone, and critical.
        Purpose::TimeStamping => is_timestamper(certificate),
        // RFC 6960 4.2.2.2: stated, never implied.
        Purpose::OcspSigning => stated.is_some_and(|stated| stated.contains(&Oid::OCSP_SIGNING)),
        Purpose::CodeSigning => stated.is_some_and(|stated| {
            stated.contains(&Oid::CODE_SIGNING)
                && !stated.iter().any(|purpose| NO_CODE_PURPOSES.contains(purpose))
        }),
        _ => stated.is_none_or(|stated| allows(stated, wanted)),
    };
    let finding = if allowed {
        Finding::passed(&codes::PURPOSE_ALLOWED)
    } else {
        Finding::failed(&codes::PURPOSE_NOT_ALLOWED)
            .expected(join(wanted))
            .seen(join(stated.unwrap_or_default()))
    };
    findings.push(finding.about_certificate(certificate));
}

/// An authority's extended key usages against the purpose, where it has any. One purpose
/// must run through the whole path: `below` are the certificates under it, the end
/// certificate first.
pub(super) fn authority(
    certificate: &Certificate,
    below: &[&Certificate],
    options: &PathOptions,
) -> Option<Finding> {
    let stated = certificate.extended_key_usage()?;
    let (wanted, below) = match &options.authority_purposes {
        // What the end certificate states is for the caller to judge.
        Some(purposes) => (purposes.as_slice(), below.get(1..).unwrap_or_default()),
        None => (wanted(options)?, below),
    };
    let wanted = common(wanted, below);
    let finding = if allows(stated, &wanted) {
        Finding::passed(&codes::PURPOSE_ALLOWED)
    } else {
        Finding::failed(&codes::PURPOSE_NOT_ALLOWED).expected(join(&wanted)).seen(join(stated))
    };
    Some(finding.about_certificate(certificate))
}

/// Those of the purposes that all the certificates allow. One that allows none of them has
/// its own finding, and takes none away.
fn common(purposes: &[Oid], certificates: &[&Certificate]) -> Vec<Oid> {
    let mut left = purposes.to_vec();
    for stated in certificates.iter().filter_map(|one| one.extended_key_usage()) {
        let allowed = |purpose: &&Oid| allows(stated, std::slice::from_ref(*purpose));
        let shared: Vec<Oid> = left.iter().filter(allowed).cloned().collect();
        if !shared.is_empty() {
            left = shared;
        }
    }
    left
}

fn allows(stated: &[Oid], wanted: &[Oid]) -> bool {
    stated.iter().any(|purpose| *purpose == Oid::ANY_EXTENDED_KEY_USAGE || wanted.contains(purpose))
}

fn is_timestamper(certificate: &Certificate) -> bool {
    let critical = certificate.extension(&Oid::EXTENDED_KEY_USAGE).is_some_and(Extension::critical);
    critical && certificate.extended_key_usage() == Some(TIMESTAMP_PURPOSES)
}

/// A certificate without the extension may be used for everything, unless the key
/// itself is labelled for encryption (GM/T 0006).
fn leaf_key_usage(certificate: &Certificate, purpose: Purpose) -> Option<Finding> {
    let key = certificate.public_key().algorithm();
    if *key == KeyAlgorithm::Sm2Encryption && purpose != Purpose::Any {
        let finding = Finding::failed(&codes::ENCRYPTION_CERTIFICATE).seen(key);
        return Some(finding.about_certificate(certificate));
    }
    if purpose == Purpose::CodeSigning && !is_code_signers(certificate) {
        let finding = Finding::failed(&codes::KEY_USAGE_NOT_ALLOWED);
        let finding = finding.about_certificate(certificate).expected("critical digitalSignature");
        return Some(match certificate.key_usage() {
            Some(usage) => finding.seen(usage),
            None => finding,
        });
    }
    let usage = certificate.key_usage()?;
    let signs = usage.digital_signature() || usage.non_repudiation();
    let allowed = match purpose {
        Purpose::Any => return None,
        // Of dual keys only the signing one may be used, never the encryption
        // key (GM/T 0015).
        Purpose::ClientAuth | Purpose::Signing | Purpose::OcspSigning => signs,
        Purpose::CodeSigning => usage.digital_signature(),
        // Every key exchange of TLS (RFC 5246 7.4.2).
        Purpose::ServerAuth => {
            usage.digital_signature() || usage.key_encipherment() || usage.key_agreement()
        }
        // RFC 3161 2.3: nothing that could make it sign something else.
        Purpose::TimeStamping => signs && !usage.key_cert_sign() && !usage.crl_sign(),
        Purpose::CrlSigning => usage.crl_sign(),
    };
    let finding = if allowed {
        Finding::passed(&codes::KEY_USAGE_ALLOWED)
    } else if wants_signature(purpose) && !signs && encrypts(usage) {
        Finding::failed(&codes::ENCRYPTION_CERTIFICATE).seen(usage)
    } else {
        Finding::failed(&codes::KEY_USAGE_NOT_ALLOWED).seen(usage)
    };
    Some(finding.about_certificate(certificate))
}

/// CA/Browser Forum, Baseline Requirements for Code Signing 7.1.2.3 e: stated, critical,
/// and nothing that could make it an authority.
fn is_code_signers(certificate: &Certificate) -> bool {
    let critical = certificate.extension(&Oid::KEY_USAGE).is_some_and(Extension::critical);
    let allowed =
        |usage: KeyUsage| usage.digital_signature() && !usage.key_cert_sign() && !usage.crl_sign();
    critical && certificate.key_usage().is_some_and(allowed)
}

fn wants_signature(purpose: Purpose) -> bool {
    matches!(purpose, Purpose::ClientAuth | Purpose::Signing)
}

fn encrypts(usage: KeyUsage) -> bool {
    usage.key_encipherment() || usage.data_encipherment() || usage.key_agreement()
}
