//! What operators write: policies and settings, in TOML.

use std::path::Path;
use std::sync::OnceLock;

use tongxing_gateway::{Config, ConfigError};
use tongxing_pki::Timestamp;
use tongxing_trust_store::{AuthorityPolicy, Disclosure, PolicyErrors, ProvincePolicy, Role};

use crate::pki::fixed_certificate;

const FILE: &str = "policy.toml";

const NOW: Timestamp = Timestamp::from_unix(1_780_000_000);

/// An authority's policy file.
pub fn authority_policy(bytes: &[u8]) {
    let Ok(source) = std::str::from_utf8(bytes) else { return };
    match AuthorityPolicy::parse(FILE, source) {
        Ok(policy) => {
            let again = AuthorityPolicy::parse(FILE, policy.source()).expect("read once already");
            assert_eq!(format!("{policy:?}"), format!("{again:?}"));
            assert_eq!(policy.source(), source);
            assert_eq!(policy.version(), again.version());
            judges_alike(&policy, the_province());
        }
        Err(errors) => are_placed(&errors, source),
    }
}

/// The province's policy file.
pub fn province_policy(bytes: &[u8]) {
    let Ok(source) = std::str::from_utf8(bytes) else { return };
    match ProvincePolicy::parse(FILE, source) {
        Ok(province) => {
            let again = ProvincePolicy::parse(FILE, province.source()).expect("read once already");
            assert_eq!(format!("{province:?}"), format!("{again:?}"));
            assert_eq!(province.version(), again.version());
            assert!(province.token_lifetime_seconds() > 0);
            judges_alike(the_authority(), &province);
        }
        Err(errors) => are_placed(&errors, source),
    }
}

/// The server's settings.
pub fn config(bytes: &[u8]) {
    let Ok(source) = std::str::from_utf8(bytes) else { return };
    let folder = Path::new("/data");
    match Config::parse(source, folder) {
        Ok(config) => {
            let again = Config::parse(source, folder).expect("read once already");
            assert_eq!(format!("{config:?}"), format!("{again:?}"));
            assert!(config.admin_socket().is_absolute(), "relative paths start from the folder");
        }
        Err(ConfigError::Value { line, column, problem, .. }) => {
            assert!((1..=source.split('\n').count()).contains(&line), "line {line}");
            assert!(column >= 1 && !problem.is_empty());
        }
        Err(ConfigError::Syntax { message, .. }) => {
            assert!(message.contains("line ") && message.contains("column "), "{message}");
        }
        Err(other) => panic!("no file was read: {other}"),
    }
}

/// A policy that loads can be applied, and says the same twice: an identity
/// exactly where no finding failed.
fn judges_alike(policy: &AuthorityPolicy, province: &ProvincePolicy) {
    let certificate = fixed_certificate();
    let identify = || policy.identify(province, &certificate);
    let (one, other) = (identify(), identify());
    assert_eq!(one.findings(), other.findings());
    assert_eq!(one.identity(), other.identity());
    assert!(!one.findings().is_empty());
    assert_eq!(
        policy.explain(province, &certificate, NOW, Disclosure::Veiled).is_identified(),
        one.identity().is_some()
    );
    for role in [Role::SignIn, Role::DocumentSigning] {
        let accept = || policy.accept(std::slice::from_ref(&certificate), role, NOW);
        assert_eq!(accept(), accept());
        if let Some(identity) = one.identity() {
            policy.permit(province, identity, role);
        }
    }
}

/// Every mistake has a place in the file and says what is wrong.
fn are_placed(errors: &PolicyErrors, source: &str) {
    assert!(!errors.errors().is_empty(), "a refusal without a reason");
    for error in errors.errors() {
        let line = source.split('\n').nth(error.line().wrapping_sub(1));
        let line = line.unwrap_or_else(|| panic!("line {} of {errors}", error.line()));
        let columns = 1..=line.chars().count() + 1;
        assert!(columns.contains(&error.column()), "column {} of {errors}", error.column());
        assert!(!error.message().is_empty());
    }
    assert!(errors.to_string().contains(FILE));
}

pub(crate) fn the_province() -> &'static ProvincePolicy {
    static POLICY: OnceLock<ProvincePolicy> = OnceLock::new();
    POLICY.get_or_init(|| {
        let source = include_str!("../../../policies/province.toml");
        ProvincePolicy::parse(FILE, source).expect("a shipped policy")
    })
}

fn the_authority() -> &'static AuthorityPolicy {
    static POLICY: OnceLock<AuthorityPolicy> = OnceLock::new();
    POLICY.get_or_init(|| {
        let source = include_str!("../../../testdata/policies/ca-c.toml");
        AuthorityPolicy::parse(FILE, source).expect("a policy")
    })
}
