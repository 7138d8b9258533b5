use tongxing_gm_tls::Preference;

use super::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/data"))
}

fn changed(from: &str, to: &str) -> String {
    let text = Config::default_toml(&Template::default());
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

fn problem(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn the_template_is_valid_and_means_the_defaults() {
    let config = parse(&Config::default_toml(&Template::default())).unwrap();
    assert_eq!(config.public_url().to_string(), "https://localhost:8443");
    assert_eq!(config.admin_socket(), Path::new("/data/admin.sock"));
    assert_eq!(config.certificate.key_file, Path::new("/data/tls/server.key"));
    assert_eq!(config.tokens.max_lifetime_seconds, 900);
    assert_eq!(config.certificate.versions, TlsVersions::Both);
    assert!(config.certificate.answers_for("localhost"));
    assert!(config.certificate.answers_for("127.0.0.1"));
    assert!(!config.certificate.answers_for("evil.example"));
}

#[test]
fn every_commented_key_of_the_template_is_known() {
    let text = Config::default_toml(&Template::default());
    let uncommented: Vec<String> = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.contains(" = ") => setting.to_owned(),
            _ => line.to_owned(),
        })
        .collect();
    parse(&uncommented.join("\n")).unwrap();
}

#[test]
fn an_unknown_key_is_named_with_its_place() {
    let text = changed("# rotation_hours = 24", "rotation = 24");
    let problem = problem(&text);
    assert!(problem.contains("unknown field `rotation`"), "{problem}");
    let line = text.lines().position(|line| line == "rotation = 24").unwrap() + 1;
    assert!(problem.contains(&format!("line {line}, column 1")), "{problem}");
}

#[test]
fn a_value_out_of_range_is_named_with_its_place() {
    let text = changed("# max_lifetime_seconds = 900", "max_lifetime_seconds = 901");
    let problem = problem(&text);
    let line = text.lines().position(|line| line.starts_with("max_lifetime")).unwrap() + 1;
    let expected = format!(
        "/data/tongxing.toml:{line}:24: tokens.max_lifetime_seconds: 901 is not within 30 to 900"
    );
    assert_eq!(problem, expected);
}

#[test]
fn urls_are_origins() {
    for bad in [
        "http://a",
        "https://a/path",
        "https://u@a",
        "https://",
        "a",
        "https://a?b",
        "https://a[:1",
    ] {
        assert!(bad.parse::<SiteUrl>().is_err(), "{bad}");
    }
    let site: SiteUrl = "https://Gateway.Example:443/".parse().unwrap();
    assert_eq!(site.to_string(), "https://gateway.example");
    let unbound: SiteUrl = "https://[::1]:0".parse().unwrap();
    assert_eq!(unbound.with_bound_port(7000).to_string(), "https://[::1]:7000");
}

#[test]
fn hosts_are_names_without_ports() {
    assert!(parse(&changed("# hosts = []", "hosts = [\"a.example\"]")).is_ok());
    for bad in ["a:1", "a/b", ""] {
        let text = changed("# hosts = []", &format!("hosts = [\"{bad}\"]"));
        assert!(parse(&text).is_err(), "{bad}");
    }
}

/// The same text with these lines behind the certificate listener's.
fn with_sm2(lines: &str) -> String {
    changed("# hosts_without_hints = []", lines)
}

const SM2_FILES: &str = "sm2_certificate_file = \"a.pem\"\nsm2_key_file = \"/b.key\"\n";

#[test]
fn an_sm2_certificate_is_shown_when_offered_unless_told_otherwise() {
    let config = parse(&with_sm2(SM2_FILES)).unwrap();
    assert!(config.public.sm2.is_none());
    let sm2 = config.certificate.sm2.unwrap();
    assert_eq!(sm2.certificate_file, Path::new("/data/a.pem"));
    assert_eq!(sm2.key_file, Path::new("/b.key"));
    assert_eq!(sm2.preference, Preference::WhenOffered);
    let config = parse(&with_sm2(&format!("{SM2_FILES}sm2_when = \"preferred\""))).unwrap();
    assert_eq!(config.certificate.sm2.unwrap().preference, Preference::WhenPreferred);
    assert!(parse(&with_sm2(&format!("{SM2_FILES}sm2_when = \"never\""))).is_err());
}

#[test]
fn an_sm2_certificate_needs_its_key_and_tls_1_3() {
    let lacks = |lines: &str, key: &str, other: &str| {
        let problem = problem(&with_sm2(lines));
        let expected = format!("{key}: {other} is missing beside it");
        assert!(problem.ends_with(&expected), "{problem}");
    };
    lacks("sm2_certificate_file = \"a\"", "sm2_certificate_file", "sm2_key_file");
    lacks("sm2_key_file = \"a\"", "sm2_key_file", "sm2_certificate_file");
    lacks("sm2_when = \"offered\"", "sm2_when", "sm2_certificate_file");
    let only = |versions: &str| with_sm2(&format!("{SM2_FILES}tls = {versions}"));
    let problem = problem(&only("[\"1.2\"]"));
    assert!(problem.contains("SM2 needs TLS 1.3"), "{problem}");
    assert!(parse(&only("[\"1.3\"]")).is_ok());
}

#[test]
fn a_template_with_an_sm2_certificate_sets_it_on_both_listeners() {
    let template = Template { sm2: Some(Template::sm2_files()), ..Template::default() };
    let config = parse(&Config::default_toml(&template)).unwrap();
    for listener in [&config.public, &config.certificate] {
        let sm2 = listener.sm2.as_ref().unwrap();
        assert_eq!(sm2.certificate_file, Path::new("/data/tls/server-sm2.pem"));
    }
}
