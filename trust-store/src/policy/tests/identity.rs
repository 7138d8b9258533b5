//! What rules read, and the traps of real certificates.

use tongxing_pki::Level;
use tongxing_testdata::{Company, Person, Value, oid};

use super::super::{Capacity, Disclosure, Kind};
use super::{INDIVIDUAL, ORGANIZATION, at, failed, identify, leaf, named, now, policy, province};

const CODE: &str = "1.2.156.10260.4.1.4";
const PERSON: &str = "1.2.156.10260.4.1.1";

fn id_rule(name: &str, decode: &str, kind: &str, more: &str) -> String {
    format!(
        "[[identity.entity.id]]\nrule = \"{name}\"\nfrom = {{ extension = \"{CODE}\" }}\n\
         decode = {decode}\nkind = \"{kind}\"\n{more}\n"
    )
}

fn uscc_rule() -> String {
    format!("{ORGANIZATION}{}", id_rule("code", "\"der-string\"", "uscc", ""))
}

#[test]
fn a_uscc_gives_its_organization_code() {
    let company = Company::numbered(0);
    let found = identify(&uscc_rule(), &named(&[(CODE, Value::printable(&company.uscc))]));
    let identity = found.identity().unwrap();
    assert_eq!(identity.entity.kind, Kind::Uscc);
    assert_eq!(identity.entity.value.reveal(), company.uscc);
    assert_eq!(identity.entity.organization_code.as_deref(), Some(company.organization_code()));
    assert_eq!(identity.capacity, Capacity::Organization);
    assert!(failed(found.findings()).is_empty());
}

#[test]
fn a_personal_id_where_a_code_belongs_is_not_a_code_and_not_shown() {
    let person = Person::numbered(1);
    let found = identify(&uscc_rule(), &named(&[(CODE, Value::printable(&person.personal_id))]));
    assert!(found.identity().is_none());
    assert_eq!(failed(found.findings()), ["identity.no_entity"]);
    assert_eq!(at(found.findings(), Level::Info), ["identity.personal_id_as_entity"]);
    let shown = format!("{:?} {}", found, serde_json::to_string(found.findings()).unwrap());
    assert!(!shown.contains(&person.personal_id), "{shown}");
}

#[test]
fn an_early_code_with_a_wrong_check_digit_passes_by_exception_only() {
    let excepted = named(&[(CODE, Value::printable("91350100M0001TGQXM"))]);
    let found = identify(&uscc_rule(), &excepted);
    assert!(found.identity().is_some());
    assert_eq!(at(found.findings(), Level::Info), ["identity.uscc_exception"]);

    let wrong = named(&[(CODE, Value::printable("91350100M0001TGQXN"))]);
    let found = identify(&uscc_rule(), &wrong);
    assert_eq!(failed(found.findings()), ["identity.uscc_check_digit", "identity.no_entity"]);
}

#[test]
fn raw_ascii_that_looks_like_a_tag() {
    let company = Company::numbered(0);
    let raw = format!("1@5009JJ0{}", company.uscc);
    let certificate = named(&[(CODE, Value::raw_ascii(raw))]);
    let steps = "steps = [{ strip-prefix = \"1@5009JJ0\" }]";
    let rules = |decode: &str| format!("{ORGANIZATION}{}", id_rule("code", decode, "uscc", steps));
    let found = identify(&rules("\"raw-ascii\""), &certificate);
    assert_eq!(found.identity().unwrap().entity.value.reveal(), company.uscc);
    for wrong in ["\"der-string\"", "{ set-explicit = 0 }", "{ explicit = 0 }"] {
        assert!(identify(&rules(wrong), &certificate).identity().is_none(), "{wrong}");
    }
}

#[test]
fn every_encoding_is_read_by_its_decoder() {
    let text = || Value::printable("91350100M0001TGQXM");
    for (decode, value) in [
        ("\"der-string\"", Value::bmp("91350100M0001TGQXM")),
        ("{ explicit = 3 }", text().explicit(3)),
        ("{ implicit = 3 }", text().implicit(3)),
        ("{ set-explicit = 0 }", text().explicit(0).in_set()),
        ("{ identify-code = \"resident-id\" }", text().explicit(0)),
        ("{ identify-code = \"resident-id\" }", text().implicit(0)),
        ("[\"der-string\", \"raw-ascii\"]", Value::raw_ascii("91350100M0001TGQXM")),
        ("[\"raw-ascii\", \"der-string\"]", text()),
    ] {
        let rules = format!("{ORGANIZATION}{}", id_rule("code", decode, "uscc", ""));
        let found = identify(&rules, &named(&[(CODE, value)]));
        assert!(found.identity().is_some(), "{decode}: {found:?}");
    }
}

#[test]
fn rules_that_disagree_refuse() {
    let (one, other) = (Company::numbered(0), Company::numbered(1));
    let rules = format!(
        "{ORGANIZATION}{}{}",
        id_rule("extension", "\"der-string\"", "uscc", ""),
        "[[identity.entity.id]]\nrule = \"subject\"\nfrom = { subject = \"serialNumber\" }\n\
         kind = \"uscc\"\n"
    );
    let subject = [(oid::SERIAL_NUMBER, one.uscc.as_str())];
    let with = |code: &str| leaf(&subject, &[(CODE, Value::printable(code))]);
    assert!(identify(&rules, &with(&one.uscc)).identity().is_some());
    let found = identify(&rules, &with(&other.uscc));
    assert!(found.identity().is_none());
    assert_eq!(failed(found.findings()), ["identity.conflicting_rules"]);
}

#[test]
fn an_organization_code_must_be_the_one_inside_the_uscc() {
    let (one, other) = (Company::numbered(0), Company::numbered(1));
    let rules = format!(
        "{ORGANIZATION}{}{}",
        "[[identity.entity.id]]\nrule = \"subject\"\nfrom = { subject = \"serialNumber\" }\n\
         kind = \"organization-code\"\n",
        id_rule("extension", "\"der-string\"", "uscc", ""),
    );
    let with = |code: &str| {
        let subject = [(oid::SERIAL_NUMBER, code)];
        leaf(&subject, &[(CODE, Value::printable(&one.uscc))])
    };
    let found = identify(&rules, &with(one.organization_code()));
    assert_eq!(found.identity().unwrap().entity.kind, Kind::Uscc, "stronger, though later");
    let found = identify(&rules, &with(other.organization_code()));
    assert_eq!(failed(found.findings()), ["identity.conflicting_rules"]);
}

#[test]
fn every_occurrence_of_an_attribute_is_read_unless_one_is_named() {
    let company = Company::numbered(0);
    let subject = [
        (oid::ORGANIZATIONAL_UNIT, "Enterprises"),
        (oid::ORGANIZATIONAL_UNIT, company.uscc.as_str()),
    ];
    let certificate = leaf(&subject, &[]);
    for (nth, found) in
        [("", true), (", nth = 2", true), (", nth = -1", true), (", nth = 1", false)]
    {
        let rules = format!(
            "{ORGANIZATION}[[identity.entity.id]]\nrule = \"code\"\n\
             from = {{ subject = \"OU\"{nth} }}\nkind = \"uscc\"\n"
        );
        assert_eq!(identify(&rules, &certificate).identity().is_some(), found, "{nth:?}");
    }
    let two = [(oid::ORGANIZATIONAL_UNIT, company.uscc.as_str()), subject[1]];
    let other = Company::numbered(1);
    let differ = [two[0], (oid::ORGANIZATIONAL_UNIT, other.uscc.as_str())];
    let rules = format!(
        "{ORGANIZATION}[[identity.entity.id]]\nrule = \"code\"\nfrom = {{ subject = \"OU\" }}\n\
         kind = \"uscc\"\n"
    );
    assert!(identify(&rules, &leaf(&two, &[])).identity().is_some());
    let found = identify(&rules, &leaf(&differ, &[]));
    assert_eq!(failed(found.findings()), ["identity.conflicting_rules"]);
}

#[test]
fn steps_apply_in_order_or_end_the_rule() {
    let company = Company::numbered(0);
    let lower = company.uscc.to_lowercase();
    let text = format!(" x@N-{lower}-end@甲 ");
    let certificate = leaf(&[(oid::COMMON_NAME, &text)], &[]);
    for (steps, applies) in [
        (
            r#""trim", { split = "@", take = 2, parts = 3 }, { strip-prefix = ["Z", "N"] },
               { strip-suffix = "-end" }, { remove = "-" }, "upper-case""#,
            true,
        ),
        (r#"{ capture = '-([0-9a-z]{18})-' }, "upper-case""#, true),
        (r#"{ capture = '(?P<a>N)-([0-9a-z]{18})', group = 2 }, "upper-case""#, true),
        (
            r#"{ split-last = "@", take = "before" }, { split-last = "N-", take = "after" },
               { strip-suffix = "-end" }, "upper-case""#,
            true,
        ),
        (r#"{ split = "@", take = 2, parts = 4 }"#, false),
        (r#"{ split = "@", take = 4 }"#, false),
        (r#"{ strip-prefix = "N" }"#, false),
        (r"{ capture = '^nothing(.)' }", false),
    ] {
        let rules = format!(
            "{ORGANIZATION}[[identity.entity.id]]\nrule = \"code\"\nfrom = {{ subject = \"CN\" }}\n\
             steps = [{steps}]\nkind = \"uscc\"\n"
        );
        assert_eq!(identify(&rules, &certificate).identity().is_some(), applies, "{steps}");
    }
}

#[test]
fn an_individual_is_a_natural_person_and_masked() {
    let person = Person::numbered(2);
    let rules = format!(
        "{INDIVIDUAL}{}[[identity.entity.name]]\nrule = \"name\"\nfrom = {{ subject = \"CN\" }}\n",
        id_rule("id", "\"der-string\"", "personal-id", "")
    );
    let subject = [(oid::COMMON_NAME, person.name.as_str())];
    let certificate = leaf(&subject, &[(CODE, Value::printable(&person.personal_id))]);
    let found = identify(&rules, &certificate);
    let entity = &found.identity().unwrap().entity;
    assert!(entity.is_natural_person());
    assert_eq!(entity.name.as_ref().unwrap().reveal(), person.name);
    let shown = format!("{found:?}");
    assert!(!shown.contains(&person.name) && !shown.contains(&person.personal_id), "{shown}");
}

#[test]
fn the_capacity_must_go_with_the_identifier() {
    let company = Company::numbered(0);
    let person = Person::numbered(2);
    for (head, kind, value) in
        [(INDIVIDUAL, "uscc", &company.uscc), (ORGANIZATION, "personal-id", &person.personal_id)]
    {
        let rules = format!("{head}{}", id_rule("id", "\"der-string\"", kind, ""));
        let found = identify(&rules, &named(&[(CODE, Value::printable(value))]));
        assert!(found.identity().is_none());
        assert_eq!(failed(found.findings()), ["identity.capacity_mismatch"]);
    }
}

#[test]
fn capacities_that_contradict_each_other_refuse() {
    let company = Company::numbered(0);
    let rules = format!(
        "[identity]\ndefault-assurance = \"low\"\n{}{}{}",
        "[[identity.capacity]]\nrule = \"a\"\ncapacity = \"organization\"\n\
         when = [{ subject = \"OU\", equals = \"Enterprises\" }]\n",
        "[[identity.capacity]]\nrule = \"b\"\ncapacity = \"agent\"\n\
         when = [{ subject = \"OU\", matches = \"^Agent\" }]\n",
        id_rule("id", "\"der-string\"", "uscc", ""),
    );
    let with = |units: &[&str]| {
        let subject: Vec<_> = units.iter().map(|u| (oid::ORGANIZATIONAL_UNIT, *u)).collect();
        let found = leaf(&subject, &[(CODE, Value::printable(&company.uscc))]);
        identify(&rules, &found)
    };
    assert_eq!(with(&["Agents"]).identity().unwrap().capacity, Capacity::Agent);
    assert_eq!(failed(with(&["other"]).findings()), ["identity.no_capacity"]);
    let both = with(&["Enterprises", "Agents"]);
    assert_eq!(failed(both.findings()), ["identity.conflicting_rules"]);
}

#[test]
fn a_required_rule_that_yields_nothing_refuses() {
    let company = Company::numbered(0);
    let rules = format!(
        "{}[[identity.entity.name]]\nrule = \"name\"\nfrom = {{ subject = \"O\" }}\nrequired = true\n",
        uscc_rule()
    );
    let found = identify(&rules, &named(&[(CODE, Value::printable(&company.uscc))]));
    assert!(found.identity().is_none());
    assert_eq!(failed(found.findings()), ["identity.required_rule"]);
}

#[test]
fn an_explanation_shows_what_was_read_and_what_came_out() {
    let company = Company::numbered(0);
    let certificate = named(&[(CODE, Value::printable(&company.uscc))]);
    let rules = format!(
        "{ORGANIZATION}{}",
        id_rule("code", "\"der-string\"", "uscc", "steps = [\"trim\", { strip-prefix = \"Z\" }]")
    );
    let explanation =
        policy(&rules).explain(&province(), &certificate, now(), Disclosure::Revealed);
    let json = serde_json::to_value(&explanation).unwrap();
    let reading = &json["rules"][0]["readings"][0];
    assert_eq!(reading["text"], company.uscc);
    assert!(reading["octets"].as_str().unwrap().starts_with("1312"));
    assert_eq!(reading["steps"][0]["result"], company.uscc);
    assert_eq!(reading["steps"][1], serde_json::json!({ "step": "strip-prefix [\"Z\"]" }));
    assert_eq!(json["rules"][0]["outcome"], "yields nothing");
    assert!(!explanation.is_identified());
    assert!(!format!("{explanation:?}").contains(&company.uscc));
    let policy = serde_json::json!({
        "authority": "ca", "label": "test", "version": json["policy"]["version"], "unverified": false,
    });
    assert_eq!(json["policy"], policy);
    // Nobody was identified, and yet the certificate by itself would do.
    let [role] = json["acceptance"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!((&role["role"], &role["verdict"]), (&"sign-in".into(), &"passed".into()));
    assert!(role["findings"].as_array().unwrap().iter().any(|f| f["code"] == "policy.key_usage"));
}

#[test]
fn a_veiled_explanation_shows_a_company_and_no_person() {
    let (company, person) = (Company::numbered(0), Person::numbered(0));
    let id = Value::printable(&person.personal_id).explicit(0);
    let certificate = named(&[(CODE, Value::printable(&company.uscc)), (PERSON, id)]);
    let rules = format!(
        "{}[[identity.holder.id]]\nrule = \"holder\"\nfrom = {{ extension = \"{PERSON}\" }}\n\
         decode = {{ identify-code = \"resident-id\" }}\nkind = \"personal-id\"\n",
        uscc_rule()
    );
    let shown = |disclosure| {
        let explanation = policy(&rules).explain(&province(), &certificate, now(), disclosure);
        serde_json::to_string(&explanation).unwrap()
    };
    let (veiled, revealed) = (shown(Disclosure::Veiled), shown(Disclosure::Revealed));
    assert!(revealed.contains(&person.personal_id), "{revealed}");
    assert!(veiled.contains(&company.uscc) && !veiled.contains(&person.personal_id), "{veiled}");
}
