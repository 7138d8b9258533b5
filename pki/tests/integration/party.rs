//! What the tests on generated certificates share.

use tongxing_pki::{
    Anchors, Certificate, CertificatePool, Code, Level, PathOptions, PathOutcome, Report,
    Timestamp, validate_path,
};
use tongxing_testdata::{Hierarchy, Issued, KeyAlgorithm, Validity};

/// The moment at which everything is judged unless a test says otherwise.
pub(crate) const NOW: i64 = 1_795_000_000;
pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 24 * HOUR;

pub(crate) fn hierarchy() -> Hierarchy {
    Hierarchy::new(KeyAlgorithm::EcdsaP256, validity())
}

/// Around [`NOW`].
pub(crate) fn validity() -> Validity {
    Validity::year_from(NOW - 30 * DAY)
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(NOW)
}

pub(crate) fn options() -> PathOptions {
    PathOptions::new(now())
}

pub(crate) fn parse(der: &[u8]) -> Certificate {
    Certificate::parse(der).expect("a generated certificate")
}

pub(crate) fn leaf(hierarchy: &mut Hierarchy, issuer: &str) -> Certificate {
    parse(&issued(hierarchy, issuer).certificate_der)
}

pub(crate) fn issued(hierarchy: &mut Hierarchy, issuer: &str) -> Issued {
    hierarchy.leaf(issuer, "leaf").expect("a leaf")
}

/// The certificate of `issuer` over `subject`.
pub(crate) fn certify(hierarchy: &mut Hierarchy, issuer: &str, subject: &str) -> Certificate {
    parse(&hierarchy.certify(issuer, subject).expect("a certificate"))
}

pub(crate) fn validate(
    leaf: &Certificate,
    anchors: &[&Certificate],
    others: &[&Certificate],
    options: &PathOptions,
) -> PathOutcome {
    let anchors: Anchors = anchors.iter().copied().cloned().collect();
    let pool: CertificatePool = others.iter().copied().cloned().collect();
    validate_path(leaf, &anchors, &[&pool], options)
}

/// The codes found at a level.
pub(crate) fn at_level(report: &Report, level: Level) -> Vec<&'static str> {
    let found = report.findings().iter();
    found.filter(|finding| finding.level() == level).map(|finding| finding.code().id).collect()
}

pub(crate) fn failed(report: &Report, code: &'static Code) -> bool {
    report.contains(code, Level::Failed)
}
