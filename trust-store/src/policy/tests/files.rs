//! Files that do not load, and what is said of them.

use super::super::{AuthorityPolicy, ProvincePolicy, Retention};
use super::{HEAD, ORGANIZATION, PROVINCE};

const RULE: &str =
    "[[identity.entity.id]]\nrule = \"id\"\nfrom = { subject = \"CN\" }\nkind = \"uscc\"\n";

fn whole() -> String {
    format!("{HEAD}{ORGANIZATION}{RULE}")
}

/// What is said of the good file with one place altered.
fn altered(from: &str, to: &str) -> String {
    let source = whole();
    assert!(source.contains(from), "{from}");
    match AuthorityPolicy::parse("policies/ca.toml", &source.replacen(from, to, 1)) {
        Ok(_) => panic!("{to:?} loads"),
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn an_unknown_key_is_shown_in_place_with_what_was_probably_meant() {
    assert_eq!(
        altered("kind = \"uscc\"", "kinds = \"uscc\""),
        r#"error: missing key `kind` in `identity.entity.id`
  --> policies/ca.toml:24:1
   |
24 | [[identity.entity.id]]
   | ^^^^^^^^^^^^^^^^^^^^^^ expected the kind of identifier

error: unknown key `kinds` in `identity.entity.id`
  --> policies/ca.toml:27:1
   |
27 | kinds = "uscc"
   | ^^^^^ expected one of `rule`, `when`, `from`, `decode`, `steps`, `kind`, `required`
   = help: did you mean `kind`?

2 errors in policies/ca.toml; nothing was loaded"#
    );
}

#[test]
fn a_bad_oid_among_chinese_is_underlined() {
    let shown = altered(
        "from = { subject = \"CN\" }",
        "when = [{ subject = \"O\", equals = \"通行\" }, { subject = \"2.5.x\", equals = \"a\" }]\n\
         from = { subject = \"CN\" }",
    );
    assert_eq!(
        shown,
        concat!(
            "error: unknown attribute \"2.5.x\"\n",
            "  --> policies/ca.toml:26:55\n",
            "   |\n",
            "26 | when = [{ subject = \"O\", equals = \"通行\" }, { subject = \"2.5.x\", equals = \"a\" }]\n",
            "   |                                                         ^^^^^^^ expected an OID or one of CN, SN, serialNumber, C, L, ST, street, O, OU, title, description, postalCode, telephoneNumber, name, givenName, initials, pseudonym, organizationIdentifier, UID, DC, emailAddress\n",
            "\n",
            "1 error in policies/ca.toml; nothing was loaded",
        )
    );
}

#[test]
fn all_mistakes_of_a_file_are_reported_at_once() {
    let source = whole()
        .replace("format = 1", "format = 2")
        .replace("[\"p-256\"]", "[\"p-257\", \"rsa\"]")
        .replace(
            "order = [\"crl\"]",
            "order = [\"crl\", \"crl\"]\nhosts = [\"http://crl.example\"]",
        )
        .replace("default-assurance = \"high\"", "default-assurance = 3");
    let errors = AuthorityPolicy::parse("ca.toml", &source).unwrap_err();
    let said: Vec<_> =
        errors.errors().iter().map(|e| (e.line(), e.column(), e.message())).collect();
    assert_eq!(
        said,
        [
            (3, 10, "unknown format 2"),
            (10, 9, "unknown value \"p-257\" for `acceptance.keys`"),
            (10, 18, "RSA needs a least length"),
            (18, 9, "the same source twice"),
            (19, 10, "\"http://crl.example\" is no host"),
            (24, 21, "wrong type for `identity.default-assurance`"),
        ]
    );
    assert_eq!(errors.file(), "ca.toml");
}

#[test]
fn what_is_wrong_is_named() {
    for (from, to, message, expected) in [
        ("[revocation]", "[revocations]", "missing section `revocation`", "expected a table"),
        ("authority = \"ca\"", "authority = \"CA\"", "this is no authority id", "a-z"),
        ("label = \"test\"", "label = \"\"", "`policy.label` is empty", "some text"),
        ("\"CN\"", "\"commonName\"", "unknown attribute \"commonName\"", "an OID or one of CN"),
        (
            "from = { subject = \"CN\" }",
            "from = { extension = \"1.2.3\" }",
            "missing key `decode` in `identity.entity.id`",
            "how the extension is encoded",
        ),
        (
            "from = { subject = \"CN\" }",
            "from = { extension = \"1.2.03\" }\ndecode = \"der-string\"",
            "bad object identifier \"1.2.03\"",
            "numbers and dots",
        ),
        (
            "from = { subject = \"CN\" }",
            "from = { subject = \"CN\" }\ndecode = \"der-string\"",
            "`decode` cannot apply here",
            "only extensions carry bytes",
        ),
        (
            "from = { subject = \"CN\" }",
            "from = { subject = \"CN\", issuer = \"CN\" }",
            "`issuer` is one too many",
            "only one of",
        ),
        (
            "from = { subject = \"CN\" }",
            "from = { subject = \"CN\", nth = 0 }",
            "places count from 1",
            "-1 the last",
        ),
        ("\"uscc\"", "\"ussc\"", "unknown value \"ussc\"", "\"uscc\", \"organization-code\""),
        ("rule = \"id\"\n", "", "missing key `rule`", "a name for the rule"),
        (
            "when-unavailable = \"refuse\"",
            "when-unavailable = \"refuse\"\ngrace = \"1h\"",
            "`grace` cannot apply here",
            "nothing is allowed",
        ),
        ("\"ecdsa-sha256\"", "\"rsa-sha1\"", "SHA-1 is accepted only until a date", "until"),
        (
            "\"p-256\"",
            "{ type = \"rsa\", minimum-bits = 1024, until = 2027-01-01T00:00:00+08:00 }",
            "number out of range",
            "expected 2048 to 8192",
        ),
        (
            "\"p-256\"",
            "{ type = \"p-256\", until = 2027-01-01 }",
            "this is not yet a moment",
            "date, time and offset",
        ),
        ("\"p-256\"", "\"p-521\"", "unknown value \"p-521\"", "\"p-384\""),
        (
            "\"ecdsa-sha256\"",
            "\"ecdsa-sha512\"",
            "unknown value \"ecdsa-sha512\"",
            "\"ecdsa-sha384\"",
        ),
        ("keys = [\"p-256\"]", "keys = []", "`acceptance.keys` has 0 elements", "expected 1"),
        (
            "certificate-policies = \"any\"",
            "certificate-policies = \"any\"\nsm2-user-ids = []",
            "`acceptance.sm2-user-ids` has 0 elements",
            "expected 1",
        ),
        ("format = 1", "format = ", "not TOML", ""),
    ] {
        let shown = altered(from, to);
        assert!(shown.contains(message), "{shown}\n{message}");
        assert!(shown.contains(expected), "{shown}\n{expected}");
    }
}

#[test]
fn steps_and_conditions_that_cannot_apply_are_refused() {
    for (key, value, message) in [
        ("steps", "[{ capture = '([0-9' }]", "this regular expression does not compile"),
        ("steps", "[{ capture = 'a' }]", "there is no capture group 1"),
        ("steps", "[{ capture = '(a)', group = 2 }]", "there is no capture group 2"),
        ("steps", "[{ split = '', take = 1 }]", "is empty"),
        ("steps", "[{ split = '@' }]", "missing key `take`"),
        ("steps", "[{ split = '@', take = 5, parts = 4 }]", "this step can never apply"),
        ("steps", "[{ trim = true }]", "this is no step"),
        ("steps", "[\"lower-case\"]", "unknown value \"lower-case\""),
        ("steps", "[{ strip-prefix = 'a', remove = 'b' }]", "`remove` is one too many"),
        ("when", "[{ subject = 'CN' }]", "one key is missing"),
        ("when", "[{ subject = 'CN', matches = '(' }]", "does not compile"),
        ("when", "[{ issuer-key = 'xyz' }]", "is not hex"),
        ("when", "[{ colour = 'red' }]", "this is no condition"),
        ("when", "[{ capacity = 'king' }]", "unknown value \"king\""),
        ("when", "[]", "has 0 elements"),
        ("required", "\"yes\"", "wrong type"),
    ] {
        let shown = altered("kind = \"uscc\"", &format!("kind = \"uscc\"\n{key} = {value}"));
        assert!(shown.contains(message), "{shown}\n{message}");
    }
    let twice = altered(RULE, &format!("{RULE}\n{RULE}"));
    assert!(twice.contains("duplicate rule name \"id\""), "{twice}");
}

#[test]
fn classifying_rules_have_conditions_and_do_not_ask_for_their_own_result() {
    for (rule, message) in [
        ("capacity = \"agent\"", "a rule without a condition always holds"),
        (
            "capacity = \"agent\"\nwhen = [{ capacity = \"agent\" }]",
            "`capacity` cannot be asked for here",
        ),
    ] {
        let rules = format!("[[identity.capacity]]\nrule = \"c\"\n{rule}\n{RULE}");
        let shown = altered(RULE, &rules);
        assert!(shown.contains(message), "{shown}");
    }
}

#[test]
fn a_province_file_is_as_strict() {
    for (from, to, message) in [
        ("check-digit = \"enforce\"", "check-digit = \"ignore\"", "unknown value \"ignore\""),
        ("91350100M0001TGQXM", "91350100M0001TGQXI", "is no USCC"),
        ("lifetime = \"5m\"", "lifetime = \"16m\"", "`tokens.lifetime` is out of range"),
        ("lifetime = \"5m\"", "lifetime = \"5 min\"", "is no length of time"),
        ("[tokens]", "[token]", "unknown section `token`"),
        ("minimum-assurance = \"substantial\"", "", "missing key `minimum-assurance` in `sign-in`"),
    ] {
        assert!(PROVINCE.contains(from), "{from}");
        let errors = ProvincePolicy::parse("p", &PROVINCE.replacen(from, to, 1)).unwrap_err();
        assert!(errors.to_string().contains(message), "{errors}");
    }
}

#[test]
fn what_a_province_does_not_limit_it_keeps_for_ever() {
    let parse = |source: &str| ProvincePolicy::parse("province.toml", source);
    let without = &PROVINCE[..PROVINCE.find("[retention]").unwrap()];
    assert_eq!(parse(without).unwrap().retention(), Retention::default());
    let with = |line: &str| parse(&format!("{without}\n[retention]\n{line}\n"));
    let found = with("audit = \"16y\"\npersons = \"400d\"").unwrap().retention();
    let (audit, persons) = (Some(16 * 366 * 86_400), Some(400 * 86_400));
    assert_eq!(found, Retention { audit, persons, ..Retention::default() });
    for wrong in ["audit = \"1h\"", "audit = \"201y\"", "audit = 16", "sign-ins = \"1y\""] {
        let errors = with(wrong).unwrap_err().to_string();
        assert!(errors.contains("province.toml"), "{wrong}: {errors}");
    }
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
    let errors = AuthorityPolicy::parse("p", &"#".repeat(300_000)).unwrap_err();
    assert!(errors.to_string().contains("policy file too long"), "{errors}");
}

#[test]
fn whom_to_ask_for_revocation_is_read_whole() {
    let source = whole().replace(
        "order = [\"crl\"]",
        "order = [\"ocsp\", \"crl\"]\nmode = \"all\"\nkey-change = \"one-list\"\n\
         hosts = [\"crl.example\", \"ldap.example:1389\"]\n\
         private-addresses = true\nocsp-nonce = \"required\"\nocsp = \"OCSP://crl.example/x\"\n\
         distribution-points = [\"http://crl.example/a\", \"ldap://ldap.example:1389/c=CN\"]",
    );
    let policy = AuthorityPolicy::parse("ca.toml", &source).unwrap();
    let policy = policy.revocation();
    assert!(policy.uses_lists() && policy.uses_ocsp() && policy.needs_lists());
    assert_eq!(policy.ocsp().unwrap().to_string(), "http://crl.example/x");
    assert_eq!(policy.distribution_points().len(), 2);
    assert_eq!(policy.nonce(), Some(tongxing_pki::NonceRule::Required));
    assert_eq!(policy.other_keys(), tongxing_pki::OtherKeys::Clear);
    let host = "http://crl.example/".parse().unwrap();
    assert!(policy.hosts().reach(&host, "10.0.0.1".parse().unwrap()));
    assert!(!policy.hosts().reach(&host, "127.0.0.1".parse().unwrap()));
    let source = whole()
        .replace("order = [\"crl\"]", "order = [\"crl\"]\noffline = true\nimport-every = \"24h\"");
    let policy = AuthorityPolicy::parse("ca.toml", &source).unwrap();
    assert_eq!(policy.revocation().import_every_seconds(), Some(86_400));
}

#[test]
fn nobody_is_asked_whom_the_policy_does_not_name() {
    for (keys, told) in [
        ("order = [\"ocsp\"]", "no host may be asked"),
        ("order = [\"crl\"]\nmode = \"all\"", "`mode` cannot apply here"),
        ("order = [\"crl\"]\nprivate-addresses = true", "`private-addresses` cannot apply"),
        ("order = [\"crl\"]\nhosts = [\"a/b\"]", "\"a/b\" is no host"),
        ("order = [\"crl\"]\nhosts = []", "0 elements"),
        ("order = [\"crl\"]\nocsp = \"http://a/\"", "`ocsp` cannot apply here"),
        ("order = [\"crl\"]\ndistribution-points = [\"http://a/\"]", "a may not be asked"),
        (
            "order = [\"crl\"]\nhosts = [\"a\"]\ndistribution-points = [\"http://a:81/\"]",
            "a:81 may not be asked",
        ),
        (
            "order = [\"crl\"]\nhosts = [\"a\"]\ndistribution-points = [\"file:///a\"]",
            "is no http, https, ldap or ldaps address",
        ),
        ("order = [\"ocsp\"]\nhosts = [\"a\"]\nocsp = \"ldap://a/\"", "asked over HTTP"),
        ("order = [\"ocsp\"]\nhosts = [\"a\"]\nkey-change = \"one-list\"", "`key-change` cannot"),
        ("order = [\"crl\"]\nkey-change = \"both\"", "both"),
        ("order = [\"crl\"]\nocsp-nonce = \"asked\"", "`ocsp-nonce` cannot apply here"),
        ("order = [\"crl\"]\noffline = true", "missing key `import-every`"),
        ("order = [\"crl\"]\nimport-every = \"1d\"", "`import-every` cannot apply here"),
    ] {
        let errors = altered("order = [\"crl\"]", keys);
        assert!(errors.contains(told), "{keys}: {errors}");
    }
}
