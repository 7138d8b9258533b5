//! Every shipped file loads, and reads synthetic certificates in its own
//! authority's encoding.

use std::path::Path;

use tongxing_testdata::{Company, Person, Profile, Value, oid};

use super::super::{AuthorityPolicy, Capacity, Identity, Kind};
use super::{NOW, issue, leaf, province};

fn shipped(name: &str) -> AuthorityPolicy {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let file = format!("{name}.toml");
    let source = std::fs::read_to_string(folder.join(&file)).unwrap();
    AuthorityPolicy::parse(&file, &source).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn all_load_under_their_own_names_and_say_that_they_are_unverified() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_some_and(|extension| extension == "toml") && name != "province" {
            let policy = shipped(name);
            assert_eq!(policy.authority().as_str(), name);
            assert!(policy.unverified(), "{name}");
            count += 1;
        }
    }
    assert!(count >= 9, "{count} files found");
}

#[test]
fn the_readmes_example_loads() {
    let readme = include_str!("../../../../policies/README.md");
    let example = readme.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    AuthorityPolicy::parse("README.md", example.unwrap())
        .unwrap_or_else(|errors| panic!("{errors}"));
}

type Leaf<'t> = (&'t [(&'t str, &'t str)], &'t [(&'t str, Value)]);

fn read(name: &str, (subject, extensions): Leaf<'_>) -> Identity {
    let certificate = leaf(subject, extensions);
    let found = shipped(name).identify(&province(), &certificate);
    found.identity().cloned().unwrap_or_else(|| panic!("{name} {subject:?}: {found:#?}"))
}

fn company() -> Company {
    Company::numbered(0)
}

fn person() -> Person {
    Person::numbered(1)
}

/// Reads a company, by its USCC and name.
fn reads_company(name: &str, extensions: &[(&str, Value)]) {
    let company = company();
    let identity = read(name, (&[(oid::COMMON_NAME, &company.name)], extensions));
    assert_eq!(identity.entity.kind, Kind::Uscc, "{name}");
    assert_eq!(identity.entity.value.reveal(), company.uscc, "{name}");
    assert_eq!(identity.entity.name.unwrap().reveal(), company.name, "{name}");
    assert_eq!(identity.capacity, Capacity::Organization, "{name}");
}

/// Reads a person acting for themselves.
fn reads_person(name: &str, extensions: &[(&str, Value)]) {
    let person = person();
    let identity = read(name, (&[(oid::COMMON_NAME, &person.name)], extensions));
    assert_eq!(identity.entity.kind, Kind::PersonalId, "{name}");
    assert_eq!(identity.entity.value.reveal(), person.personal_id, "{name}");
    assert_eq!(identity.capacity, Capacity::Individual, "{name}");
}

#[test]
fn gmt0015_generic() {
    let (uscc, id) = (company().uscc, person().personal_id);
    for place in
        ["1.2.156.10260.4.4", "1.2.156.10260.4.4.4", "1.2.156.10260.4.1.4", "1.2.156.10260.4.1.5"]
    {
        reads_company("gmt0015-generic", &[(place, Value::printable(&uscc))]);
    }
    for tagged in [Value::printable(&id).explicit(0), Value::printable(&id).implicit(0)] {
        reads_person("gmt0015-generic", &[("1.2.156.10260.4.1.1", tagged)]);
    }
    let both = [
        ("1.2.156.10260.4.1.1", Value::printable(&id).explicit(0)),
        ("1.2.156.10260.4.1.4", Value::printable(&uscc)),
    ];
    let identity = read("gmt0015-generic", (&[], &both));
    assert_eq!(identity.holder.unwrap().id.unwrap().value.reveal(), id);
}

#[test]
fn cfca() {
    let (company, person) = (company(), person());
    for (common_name, class) in [
        (format!("041@N{}@{}@1", company.uscc, company.name), "Organizational-1"),
        (format!("051@{}@Z{}@1", company.name, company.uscc), "Enterprises"),
        (format!("TXRA@{}@Z{}@12", company.name, company.uscc), "Organizational-1"),
    ] {
        let subject = [
            (oid::ORGANIZATIONAL_UNIT, "TXRA"),
            (oid::ORGANIZATIONAL_UNIT, class),
            (oid::COMMON_NAME, common_name.as_str()),
        ];
        let entity = read("cfca", (&subject, &[])).entity;
        assert_eq!(entity.value.reveal(), company.uscc, "{common_name}");
        assert_eq!(entity.name.unwrap().reveal(), company.name, "{common_name}");
    }
    for common_name in [
        format!("041@0{}@{}@1", person.personal_id, person.name),
        format!("051@{}@0{}@1", person.name, person.personal_id),
    ] {
        let subject =
            [(oid::ORGANIZATIONAL_UNIT, "Individual-1"), (oid::COMMON_NAME, common_name.as_str())];
        let entity = read("cfca", (&subject, &[])).entity;
        assert_eq!(entity.value.reveal(), person.personal_id);
        assert_eq!(entity.name.unwrap().reveal(), person.name);
    }
}

#[test]
fn bjca() {
    let (company, id) = (company(), person().personal_id);
    let unique = format!("1@5009JJ0{}", company.uscc);
    reads_company(
        "bjca",
        &[
            ("1.2.156.112562.2.1.1.24", Value::raw_ascii(&unique)),
            (
                "1.2.156.112562.2.1.1.1",
                Value::raw_ascii(format!("JJ{}", company.organization_code())),
            ),
        ],
    );
    reads_company("bjca", &[("1.2.86.11.7.1.8", Value::printable(&company.uscc))]);
    reads_company("bjca", &[("2.16.840.1.113732.2", Value::printable(&company.uscc))]);
    reads_person("bjca", &[("1.2.156.112562.2.1.1.1", Value::raw_ascii(format!("SF{id}")))]);
}

#[test]
fn sheca() {
    let (uscc, id) = (company().uscc, person().personal_id);
    reads_company("sheca", &[("1.2.156.112570.11.210", Value::printable(&uscc))]);
    reads_company("sheca", &[("1.2.156.1.8888.148", Value::printable(&uscc))]);
    // The trap: the resident id once more, where companies have their code.
    reads_person(
        "sheca",
        &[
            ("1.2.156.112570.11.205", Value::printable(format!("1-7001SF0{id}"))),
            ("1.2.156.10260.4.1.4", Value::printable(&id)),
        ],
    );
}

#[test]
fn the_others() {
    let (company, person) = (company(), person());
    reads_company("netca", &[("1.3.6.1.4.1.18760.1.12.11", Value::utf8(&company.uscc))]);
    reads_company(
        "gdca",
        &[
            ("1.2.86.11.7.7550243.1", Value::utf8(&company.uscc)),
            ("1.2.86.11.7.3", Value::utf8(company.organization_code())),
        ],
    );
    reads_person("gdca", &[("1.2.86.11.7.1", Value::utf8(&person.personal_id))]);
    let hyphened = format!("{}-{}", &company.uscc[..9], &company.uscc[9..]);
    reads_company(
        "fujian",
        &[
            ("1.2.156.10260.4.1.3", Value::printable(hyphened)),
            ("1.2.156.112578.1", Value::utf8(format!("甲@乙@{}", company.uscc))),
        ],
    );
    reads_person(
        "fujian",
        &[("1.2.156.10260.4.1.1", Value::printable(&person.personal_id).implicit(0))],
    );
}

#[test]
fn hebei() {
    let (company, person) = (company(), person());
    let holder = Value::raw_ascii(format!("2@6021SF0{}0001", person.personal_id));
    let subject =
        [("1.2.156.112586.1.6", company.uscc.as_str()), (oid::COMMON_NAME, company.name.as_str())];
    let identity = read("hebei", (&subject, &[("1.2.156.112586.1.4", holder.clone())]));
    assert_eq!(identity.entity.value.reveal(), company.uscc);
    assert_eq!(identity.holder.unwrap().id.unwrap().value.reveal(), person.personal_id);
    reads_person("hebei", &[("1.2.156.112586.1.4", holder)]);
}

#[test]
fn zhejiang() {
    let company = company();
    // A district of residents: what the profile tells persons by.
    let id = "11010519491231002X";
    for (name, code, kind) in [
        (company.name.as_str(), company.uscc.as_str(), Kind::Uscc),
        (company.name.as_str(), company.organization_code(), Kind::OrganizationCode),
        ("测试员", id, Kind::PersonalId),
    ] {
        let subject = [(oid::GIVEN_NAME, name), (oid::ALIASED_ENTRY_NAME, code)];
        let entity = read("zhejiang", (&subject, &[])).entity;
        assert_eq!((entity.kind, entity.value.reveal()), (kind, code));
        assert_eq!(entity.name.unwrap().reveal(), name);
    }
}

#[test]
fn the_demos_authorities() {
    let (company, person) = (company(), person());
    for profile in Profile::ALL {
        let policy = AuthorityPolicy::parse(profile.id(), profile.policy_toml())
            .unwrap_or_else(|errors| panic!("{errors}"));
        let validity = tongxing_testdata::Validity::year_from(NOW);
        // The profile's leaf, issued by the quicker test authority.
        let spec = profile.leaf(&company, &person, validity);
        let spec = spec.with_algorithm(tongxing_testdata::KeyAlgorithm::EcdsaP256);
        let found = policy.identify(&province(), &issue(&spec));
        let identity = found.identity().unwrap_or_else(|| panic!("{found:#?}"));
        assert_eq!(identity.entity.value.reveal(), company.uscc);
    }
}
