//! One authority's policy cannot reach another's, and nothing panics.

use proptest::prelude::*;
use tongxing_testdata::{Company, Value};

use super::super::{AuthorityPolicy, ProvincePolicy};
use super::{HEAD, ORGANIZATION, PROVINCE, identify, named, policy, province};

const RULE: &str = "[[identity.entity.id]]\nrule = \"id\"\nfrom = { extension = \"1.2.3\" }\n\
    decode = \"der-string\"\nkind = \"uscc\"\n";

fn whole() -> String {
    format!("{HEAD}{ORGANIZATION}{RULE}")
}

#[test]
fn the_version_is_the_texts() {
    let (one, other) = (policy(&format!("{ORGANIZATION}{RULE}")), province());
    assert_eq!(one.version().len(), 32);
    assert_ne!(one.version(), other.version());
    assert_eq!(one.source(), whole());
    let edited = AuthorityPolicy::parse("x", &format!("{}\n", whole())).unwrap();
    assert_ne!(edited.version(), one.version());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _refused = AuthorityPolicy::parse("x", &text).map_err(|errors| errors.to_string());
    }

    #[test]
    fn no_damage_to_a_good_file_makes_the_reader_panic(
        at in 0_usize..4096,
        length in 0_usize..40,
        insert in "[ -~\n甲]{0,12}",
    ) {
        for source in [whole(), PROVINCE.to_owned()] {
            let characters: Vec<char> = source.chars().collect();
            let from = at % characters.len();
            let to = (from + length).min(characters.len());
            let damaged: String = characters[..from].iter().copied()
                .chain(insert.chars())
                .chain(characters[to..].iter().copied())
                .collect();
            for shown in [
                AuthorityPolicy::parse("x", &damaged).map(|_| ()).map_err(|e| e.to_string()),
                ProvincePolicy::parse("x", &damaged).map(|_| ()).map_err(|e| e.to_string()),
            ] {
                if let Err(shown) = shown {
                    prop_assert!(shown.contains("--> x:"), "{}", shown);
                }
            }
        }
    }

    /// Whatever is done to A's file, B's compiled policy yields what it did.
    #[test]
    fn editing_one_policy_changes_no_other(edit in "[ -~\n]{0,60}") {
        let company = Company::numbered(3);
        let certificate = named(&[("1.2.3", Value::printable(&company.uscc))]);
        let rules = format!("{ORGANIZATION}{RULE}");
        let before = identify(&rules, &certificate);
        let edited = whole().replace("[identity]", &format!("{edit}\n[identity]"));
        let other = AuthorityPolicy::parse("a.toml", &edited);
        if let Ok(other) = other {
            let _result = other.identify(&province(), &certificate);
        }
        let after = identify(&rules, &certificate);
        prop_assert_eq!(before.identity(), after.identity());
        prop_assert_eq!(before.findings(), after.findings());
    }
}
