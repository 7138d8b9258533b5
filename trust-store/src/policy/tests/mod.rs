//! Policies as a whole: files that load and files that do not, and what they
//! read from certificates.

mod acceptance;
mod files;
mod identity;
mod isolation;
mod schema;
mod shipped;

use std::sync::OnceLock;

use tongxing_pki::{Certificate, Finding, Level, Timestamp};
use tongxing_testdata::{
    Attribute, AuthoritySpec, Extension, KeyAlgorithm, LeafSpec, LevelSpec, TestAuthority,
    Validity, Value, oid,
};

use super::{AuthorityPolicy, Identification, ProvincePolicy};

const NOW: i64 = 1_795_000_000;

const PROVINCE: &str = include_str!("../../../../policies/province.toml");

/// The head of an authority file that accepts what the test authority issues.
const HEAD: &str = r#"
[policy]
format = 1
authority = "ca"
label = "test"

[acceptance]
profile-faults = "warn"
certificate-policies = "any"
keys = ["p-256"]
signatures = ["ecdsa-sha256"]

[acceptance.sign-in]
key-usage = ["digital-signature"]
extended-key-usage = ["client-auth"]

[revocation]
order = ["crl"]
when-unavailable = "refuse"
"#;

const ORGANIZATION: &str = r#"
[identity]
default-capacity = "organization"
default-assurance = "high"
"#;

const INDIVIDUAL: &str = r#"
[identity]
default-capacity = "individual"
default-assurance = "high"
"#;

fn now() -> Timestamp {
    Timestamp::from_unix(NOW)
}

fn province() -> ProvincePolicy {
    ProvincePolicy::parse("province.toml", PROVINCE).unwrap_or_else(|errors| panic!("{errors}"))
}

/// An authority's policy with these identity rules.
fn policy(identity: &str) -> AuthorityPolicy {
    AuthorityPolicy::parse("ca.toml", &format!("{HEAD}{identity}"))
        .unwrap_or_else(|errors| panic!("{errors}"))
}

fn authority() -> &'static TestAuthority {
    static AUTHORITY: OnceLock<TestAuthority> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let validity = Validity::decade_around(NOW);
        let root = LevelSpec::new("通行测试", "Root", KeyAlgorithm::EcdsaP256, validity);
        TestAuthority::generate(&AuthoritySpec::one_level("ca", root)).unwrap()
    })
}

fn spec(subject: &[(&str, &str)]) -> LeafSpec {
    let attribute = |(oid, text): &(&str, &str)| Attribute::utf8(*oid, *text);
    LeafSpec::signing(subject.iter().map(attribute).collect(), Validity::year_from(NOW))
}

fn issue(spec: &LeafSpec) -> Certificate {
    Certificate::parse(&authority().issue(spec).unwrap().certificate_der).unwrap()
}

/// A leaf with this subject and these extensions.
fn leaf(subject: &[(&str, &str)], extensions: &[(&str, Value)]) -> Certificate {
    let with = |spec: LeafSpec, (oid, value): &(&str, Value)| {
        spec.with_extension(Extension::new(*oid, value.clone()))
    };
    issue(&extensions.iter().fold(spec(subject), with))
}

fn named(extensions: &[(&str, Value)]) -> Certificate {
    leaf(&[(oid::COMMON_NAME, "通行测试建筑有限公司")], extensions)
}

fn identify(identity: &str, certificate: &Certificate) -> Identification {
    policy(identity).identify(&province(), certificate)
}

/// What failed, by code.
fn failed(findings: &[Finding]) -> Vec<&'static str> {
    at(findings, Level::Failed)
}

fn at(findings: &[Finding], level: Level) -> Vec<&'static str> {
    findings.iter().filter(|f| f.level() == level).map(|f| f.code().id).collect()
}
