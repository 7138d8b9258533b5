//! The published schemas and the readers: what one knows the other knows.
//!
//! 1. Every file that loads is valid by the schema.
//! 2. Reader and schema know the same keys and the same choices, place by place. What
//!    the reader knows it says itself, when it meets a key or a value that it does not.
//! 3. Of files altered in one place, the reader refuses all that the schema refuses,
//!    and the schema all that the reader does, but for what no schema can say.

mod alter;
mod places;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use tongxing_testdata::Profile;

use super::super::{AuthorityPolicy, PolicyErrors, ProvincePolicy};
use super::{HEAD, ORGANIZATION, PROVINCE};
use alter::{Alteration, alterations, json};
use places::{Places, grammar};

const EVERYTHING: &str = include_str!("../everything.toml");
const OFFLINE: &str = include_str!("../offline.toml");

/// A kind of file with its reader and its schema.
struct Format {
    schema: Value,
    validator: Validator,
    read: fn(&str) -> Result<(), PolicyErrors>,
    /// Files that load and have every key between them.
    files: Vec<String>,
}

impl Format {
    fn new(schema: &str, read: fn(&str) -> Result<(), PolicyErrors>, files: Vec<String>) -> Self {
        let schema: Value = serde_json::from_str(schema).unwrap();
        jsonschema::meta::validate(&schema).unwrap();
        let validator = jsonschema::draft202012::options().build(&schema).unwrap();
        Self { schema, validator, read, files }
    }

    fn accepts(&self, file: &toml::Table) -> bool {
        self.validator.is_valid(&json(file))
    }

    fn tables(&self) -> impl Iterator<Item = toml::Table> {
        self.files.iter().map(|file| file.parse().unwrap())
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies")
}

fn shipped() -> impl Iterator<Item = PathBuf> {
    let paths = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|end| end == "toml"))
}

fn authority() -> Format {
    let read = |source: &str| AuthorityPolicy::parse("ca.toml", source).map(|_| ());
    let rule =
        "[[identity.entity.id]]\nrule = \"id\"\nfrom = { subject = \"CN\" }\nkind = \"uscc\"";
    let mut files = vec![EVERYTHING.to_owned(), OFFLINE.to_owned()];
    files.push(format!("{HEAD}{ORGANIZATION}{rule}"));
    files.extend(Profile::ALL.map(|profile| profile.policy_toml().to_owned()));
    let profiles = shipped().filter(|path| !path.ends_with("province.toml"));
    files.extend(profiles.map(|path| std::fs::read_to_string(path).unwrap()));
    Format::new(AuthorityPolicy::SCHEMA, read, files)
}

fn province() -> Format {
    let read = |source: &str| ProvincePolicy::parse("province.toml", source).map(|_| ());
    let without = PROVINCE[..PROVINCE.find("[retention]").unwrap()].to_owned();
    Format::new(ProvincePolicy::SCHEMA, read, vec![PROVINCE.to_owned(), without])
}

#[test]
fn every_file_that_loads_is_valid_by_the_schema() {
    for format in [authority(), province()] {
        assert!(format.files.len() >= 2);
        for source in &format.files {
            (format.read)(source).unwrap_or_else(|errors| panic!("{errors}"));
            let file = json(&source.parse().unwrap());
            let faults: Vec<_> = format.validator.iter_errors(&file).collect();
            assert!(faults.is_empty(), "{source}\n{faults:#?}");
        }
    }
}

type Words = BTreeMap<String, BTreeSet<String>>;

/// What readers say they would have known, by place.
fn known(format: &Format, wanted: fn(&Alteration) -> bool) -> Words {
    let mut known = Words::new();
    for file in format.tables() {
        for altered in alterations(&file).filter(wanted) {
            let Err(errors) = (format.read)(&altered.file.to_string()) else { continue };
            for error in errors.errors() {
                if let Some(words) = altered.told(error.message(), error.expected()) {
                    known.entry(grammar(&altered.place)).or_default().extend(words);
                }
            }
        }
    }
    known
}

#[test]
fn reader_and_schema_know_the_same_keys() {
    for format in [authority(), province()] {
        let places = Places::of(&format.schema);
        assert_eq!(known(&format, Alteration::adds_a_key), places.keys);
    }
}

#[test]
fn reader_and_schema_know_the_same_choices() {
    for format in [authority(), province()] {
        let places = Places::of(&format.schema);
        assert_eq!(known(&format, Alteration::writes_nonsense), places.choices);
    }
}

/// What only the reader can say: relations between texts, grammars inside texts, and
/// bounds of lengths of time.
const BEYOND_A_SCHEMA: &[&str] = &[
    "this regular expression does not compile",
    "there is no capture group",
    "this step can never apply",
    "duplicate rule name",
    "may not be asked",
    "is no host",
    "is out of range",
    "this is not yet a moment",
    // A schema sees a text where TOML has a moment.
    "wrong type for `acceptance.keys.until`",
    "wrong type for `acceptance.signatures.until`",
    "is no http, https, ldap or ldaps address",
];

#[test]
fn what_one_refuses_the_other_refuses() {
    let mut refused = 0;
    for format in [authority(), province()] {
        // The first have every key between them.
        for file in format.tables().take(4) {
            for altered in alterations(&file) {
                let source = altered.file.to_string();
                match ((format.read)(&source), format.accepts(&altered.file)) {
                    (Ok(()), false) => panic!("only the schema refuses {altered}\n{source}"),
                    (Err(errors), true) => {
                        let beyond = errors.errors().iter().any(|error| {
                            BEYOND_A_SCHEMA.iter().any(|said| error.message().contains(said))
                        });
                        assert!(beyond, "only the reader refuses {altered}\n{errors}");
                    }
                    (Err(_), false) => refused += 1,
                    (Ok(()), true) => {}
                }
            }
        }
    }
    assert!(refused > 1000, "{refused} files are refused by both");
}

#[test]
fn both_refuse_what_operators_get_wrong() {
    let authority = authority();
    let cn = "from = { subject = \"CN\", nth = -1 }";
    let capacities = "extended-key-usage = [\"time-stamping\"]\ncapacities = [\"agent\"]";
    for (from, to) in [
        ("bits = 2048, until = 2027-01-01T00:00:00+08:00", "bits = 1024"),
        ("\"sm2\", { type = \"rsa\"", "\"p-521\", { type = \"rsa\""),
        ("[\"sm2-sm3\", {", "[\"ecdsa-sha512\", {"),
        ("{ algorithm = \"rsa-sha1\", until = 2027-01-01T00:00:00+08:00 }", "\"rsa-sha1\""),
        ("\"sm2\", { type = \"rsa\"", "\"rsa\", { type = \"rsa\""),
        ("when-unavailable = \"allow-within-grace\"", "when-unavailable = \"refuse\""),
        ("offline = false", "offline = true"),
        ("order = [\"crl\", \"ocsp\"]", "order = [\"crl\"]"),
        ("order = [\"crl\", \"ocsp\"]", "order = [\"crl\", \"crl\"]"),
        ("hosts = [\"crl.example.cn\", \"ldap.example.cn:1389\"]\n", ""),
        ("from = { extension = \"1.2.3.7\" }", "from = { subject = \"CN\" }"),
        (cn, "from = { extension = \"1.2.3\" }"),
        (cn, "from = { subject = \"CN\", nth = 0 }"),
        (cn, "from = { subject = \"CN\", issuer = \"CN\" }"),
        ("{ alternative-name = \"email\" }", "{ alternative-name = \"email\", nth = 1 }"),
        ("{ split = \"@\", take = 2 }", "{ split = \"@\", take = \"after\" }"),
        ("{ split-last = \"@\", take = \"after\" }", "{ split-last = \"@\", take = 1 }"),
        ("{ strip-prefix = \"SF\" }", "{ strip-prefix = \"SF\", remove = \"-\" }"),
        ("{ subject = \"CN\", present = true }", "{ subject = \"CN\" }"),
        ("\"1.2.3.4\", present = false", "\"1.2.3.4\", equals = \"a\""),
        ("{ key = \"p-384\" }", "{ key = \"p-384\", capacity = \"agent\" }"),
        ("{ issuer-key = \"5A:3F:00\" }", "{ capacity = \"agent\" }"),
        ("{ issuer-key = \"5A:3F:00\" }", "{ issuer-key = \"5A:3\" }"),
        ("{ issuer-key = \"5A:3F:00\" }", "{ issuer-key = \":\" }"),
        ("extended-key-usage = [\"time-stamping\"]", capacities),
        ("kind = \"personal-id\"", "kind = \"uscc\""),
        ("authority = \"everything\"", "authority = \"Everything\""),
        ("format = 1", "format = 2"),
    ] {
        assert!(EVERYTHING.contains(from), "{from}");
        let source = EVERYTHING.replacen(from, to, 1);
        assert!((authority.read)(&source).is_err(), "{to} loads");
        assert!(!authority.accepts(&source.parse().unwrap()), "{to} is valid by the schema");
    }
}

#[test]
fn editors_say_of_every_key_what_it_is_in_both_languages() {
    for format in [authority(), province()] {
        for (place, description) in Places::of(&format.schema).descriptions {
            let (english, chinese) = description.split_once('\n').unwrap_or_default();
            let says = english.ends_with('.') && english.is_ascii() && chinese.ends_with('。');
            assert!(says, "{place}: {description:?}");
        }
    }
}

#[test]
fn the_shipped_files_name_their_schema() {
    for path in shipped() {
        let kind = if path.ends_with("province.toml") { "province" } else { "authority" };
        let schema = format!("schema/{kind}.schema.json");
        let source = std::fs::read_to_string(&path).unwrap();
        let line = format!("#:schema {schema}");
        assert_eq!(source.lines().next(), Some(line.as_str()), "{}", path.display());
        assert!(folder().join(schema).exists());
    }
}
