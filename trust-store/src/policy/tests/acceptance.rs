//! What policies accept.

use tongxing_pki::{Certificate, Level, Strictness, Timestamp, WeakAlgorithms};
use tongxing_testdata::{Company, KeyAlgorithm, KeyUsage, LeafSpec, Value, oid};

use super::super::{AuthorityPolicy, Capacity};
use super::{HEAD, NOW, ORGANIZATION, at, failed, issue, leaf, now, policy, province, spec};
use crate::authority::Role;

const IDENTITY: &str =
    "[[identity.entity.id]]\nrule = \"id\"\nfrom = { subject = \"CN\" }\nkind = \"uscc\"\n";

fn with(from: &str, to: &str) -> AuthorityPolicy {
    let source = format!("{HEAD}{ORGANIZATION}{IDENTITY}");
    assert!(source.contains(from), "{from}");
    AuthorityPolicy::parse("ca.toml", &source.replace(from, to))
        .unwrap_or_else(|errors| panic!("{errors}"))
}

fn failures(policy: &AuthorityPolicy, certificate: Certificate, role: Role) -> Vec<&'static str> {
    failed(&policy.accept(&[certificate], role, now()))
}

fn whole() -> AuthorityPolicy {
    policy(&format!("{ORGANIZATION}{IDENTITY}"))
}

fn bidder() -> LeafSpec {
    spec(&[(oid::COMMON_NAME, "a")])
}

#[test]
fn what_is_named_is_accepted_and_every_check_is_reported() {
    let findings = whole().accept(&[issue(&bidder())], Role::SignIn, now());
    assert_eq!(
        at(&findings, Level::Passed),
        [
            "policy.key",
            "policy.algorithm",
            "policy.certificate_policy",
            "policy.key_usage",
            "policy.extended_key_usage",
        ]
    );
    assert_eq!(findings.len(), 5);
}

#[test]
fn what_is_not_named_is_refused() {
    let other_key = issue(&bidder().with_algorithm(KeyAlgorithm::EcdsaP384));
    assert_eq!(failures(&whole(), other_key, Role::SignIn), ["policy.key_not_allowed"]);
    let policy = with("[\"ecdsa-sha256\"]", "[\"sm2-sm3\"]");
    assert_eq!(failures(&policy, issue(&bidder()), Role::SignIn), ["policy.algorithm_not_allowed"]);
    assert_eq!(
        failures(&whole(), issue(&bidder()), Role::DocumentSigning),
        ["policy.role_not_accepted"]
    );
    let policy = with("certificate-policies = \"any\"", "certificate-policies = [\"1.2.3\"]");
    assert_eq!(
        failures(&policy, issue(&bidder()), Role::SignIn),
        ["policy.certificate_policy_not_accepted"]
    );
}

#[test]
fn an_encryption_certificate_has_its_own_reason() {
    let encryption = issue(&bidder().encryption_only());
    assert_eq!(
        failures(&whole(), encryption, Role::SignIn),
        ["certificate.encryption_only", "policy.extended_key_usage_not_allowed"]
    );
    let policy = with("key-usage = [\"digital-signature\"]", "key-usage = \"any\"");
    let encryption = issue(&bidder().encryption_only());
    assert!(failures(&policy, encryption, Role::SignIn).contains(&"certificate.encryption_only"));
}

#[test]
fn key_usages_are_those_asked_for_or_their_absence() {
    let usages = |usages: &[KeyUsage]| issue(&LeafSpec { key_usages: usages.to_vec(), ..bidder() });
    let refused = ["policy.key_usage_not_allowed"];
    assert_eq!(failures(&whole(), usages(&[KeyUsage::NonRepudiation]), Role::SignIn), refused);
    assert_eq!(failures(&whole(), usages(&[]), Role::SignIn), refused);
    let lenient = with("[\"digital-signature\"]", "[\"digital-signature\", \"absent\"]");
    assert!(failures(&lenient, usages(&[]), Role::SignIn).is_empty());
    let server = issue(&bidder().server_only());
    assert_eq!(failures(&whole(), server, Role::SignIn), ["policy.extended_key_usage_not_allowed"]);
}

#[test]
fn authorities_are_asked_for_the_purposes_that_are_named_and_stated() {
    let named = "extended-key-usage = [\"client-auth\", \"email-protection\", \"absent\"]";
    let policy = with("extended-key-usage = [\"client-auth\"]", named);
    let stating = |purposes: &[&str]| {
        let extended_key_usages = purposes.iter().map(|&purpose| purpose.to_owned()).collect();
        issue(&LeafSpec { extended_key_usages, ..bidder() })
    };
    let asked = |role, purposes: &[&str]| -> Vec<String> {
        let asked = policy.authority_purposes(role, &stating(purposes));
        asked.iter().map(ToString::to_string).collect()
    };
    let both = [oid::CLIENT_AUTH, oid::EMAIL_PROTECTION];
    assert_eq!(asked(Role::SignIn, &[oid::EMAIL_PROTECTION]), [oid::EMAIL_PROTECTION]);
    assert_eq!(asked(Role::SignIn, &both), both);
    assert_eq!(asked(Role::SignIn, &[]), both);
    assert_eq!(asked(Role::SignIn, &[oid::SERVER_AUTH]), both);
}

#[test]
fn where_any_purpose_is_accepted_authorities_may_have_the_certificate_s() {
    let policy = with("extended-key-usage = [\"client-auth\"]", "extended-key-usage = \"any\"");
    let asked = |purposes: &[&str]| -> Vec<String> {
        let extended_key_usages = purposes.iter().map(|&purpose| purpose.to_owned()).collect();
        let leaf = issue(&LeafSpec { extended_key_usages, ..bidder() });
        let asked = policy.authority_purposes(Role::SignIn, &leaf);
        asked.iter().map(ToString::to_string).collect()
    };
    assert_eq!(asked(&[]), [oid::CLIENT_AUTH]);
    assert_eq!(asked(&[oid::EMAIL_PROTECTION]), [oid::CLIENT_AUTH, oid::EMAIL_PROTECTION]);
    assert_eq!(asked(&[oid::CLIENT_AUTH]), [oid::CLIENT_AUTH]);
    // What is given for servers makes no bidders.
    assert_eq!(asked(&[oid::SERVER_AUTH, "2.5.29.37.0"]), [oid::CLIENT_AUTH]);
}

#[test]
fn no_policy_lets_another_authority_than_one_for_timestamps_make_them() {
    let usage = "key-usage = \"any\"\nextended-key-usage = [\"time-stamping\", \"client-auth\"]";
    let role = format!("[acceptance.timestamps]\n{usage}\n\n[acceptance.sign-in]");
    let policy = with("[acceptance.sign-in]", &role);
    for leaf in [issue(&bidder()), issue(&LeafSpec { extended_key_usages: vec![], ..bidder() })] {
        let asked = policy.authority_purposes(Role::Timestamps, &leaf);
        assert_eq!(asked, [tongxing_pki::Oid::TIME_STAMPING]);
    }
}

#[test]
fn an_end_date_warns_before_and_refuses_from_then_on() {
    let policy = with(
        "keys = [\"p-256\"]",
        "keys = [{ type = \"p-256\", until = 2027-01-01T00:00:00+08:00 }]",
    );
    let path = [issue(&bidder())];
    let end = Timestamp::parse_rfc3339("2026-12-31T16:00:00Z").unwrap();
    let before = policy.accept(&path, Role::SignIn, end.plus_seconds(-1));
    assert_eq!(at(&before, Level::Warning), ["policy.algorithm_ending"]);
    assert!(failed(&before).is_empty());
    let after = policy.accept(&path, Role::SignIn, end);
    assert_eq!(failed(&after), ["policy.algorithm_ended"]);
}

#[test]
fn sha1_is_verified_only_where_named_and_until_its_date() {
    assert_eq!(whole().signature_rules(now()).weak, WeakAlgorithms::Refused);
    let policy =
        with("[\"ecdsa-sha256\"]", "[{ algorithm = \"rsa-sha1\", until = 2027-01-01T00:00:00Z }]");
    assert_eq!(policy.signature_rules(now()).weak, WeakAlgorithms::DangerAllowSha1);
    let later = Timestamp::from_unix(NOW + 10 * 366 * 86_400);
    assert_eq!(policy.signature_rules(later).weak, WeakAlgorithms::Refused);
}

#[test]
fn strictness_and_revocation_are_what_the_file_says() {
    assert_eq!(whole().strictness(), Strictness::Standard);
    let policy = with("profile-faults = \"warn\"", "profile-faults = \"fail\"");
    assert_eq!(policy.strictness(), Strictness::Strict);
    assert_eq!(policy.revocation().grace_seconds(), 0);
    let policy = with(
        "when-unavailable = \"refuse\"",
        "when-unavailable = \"allow-within-grace\"\ngrace = \"12h\"\nmax-age = \"7d\"",
    );
    assert_eq!(policy.revocation().grace_seconds(), 12 * 3600);
    assert_eq!(policy.revocation().max_age_seconds(), Some(7 * 86_400));
    assert!(policy.revocation().uses_lists());
}

#[test]
fn the_province_and_the_authority_both_say_which_capacities_may() {
    let company = Company::numbered(0);
    let certificate = leaf(&[(oid::COMMON_NAME, &company.uscc)], &[("1.2.3", Value::utf8("x"))]);
    let permitted = |policy: &AuthorityPolicy, capacity| {
        let found = policy.identify(&province(), &certificate);
        let mut identity = found.identity().unwrap().clone();
        identity.capacity = capacity;
        failed(&policy.permit(&province(), &identity, Role::SignIn))
    };
    assert!(permitted(&whole(), Capacity::Agent).is_empty());
    let narrow =
        with("[acceptance.sign-in]", "[acceptance.sign-in]\ncapacities = [\"organization\"]");
    assert!(permitted(&narrow, Capacity::Organization).is_empty());
    assert_eq!(permitted(&narrow, Capacity::Agent), ["policy.capacity_not_allowed"]);
    let low = with("default-assurance = \"high\"", "default-assurance = \"low\"");
    assert_eq!(permitted(&low, Capacity::Agent), ["policy.assurance_too_low"]);
}
