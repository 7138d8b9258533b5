//! Editing one authority's policy changes nothing for another's certificates.

use proptest::prelude::*;
use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::{Command, PolicyFile, Recognition};

use crate::world::World;

/// Edits that keep the file a policy: what it accepts and where it looks.
fn edits() -> impl Strategy<Value = Vec<(usize, char)>> {
    let letters = prop::char::range('!', '~');
    prop::collection::vec((any::<prop::sample::Index>(), letters), 1..4)
        .prop_map(|edits| edits.into_iter().map(|(at, c)| (at.index(4096), c)).collect())
}

fn outcome(recognition: &Recognition) -> (String, String) {
    let findings: Vec<_> =
        recognition.findings().iter().map(|f| serde_json::to_string(f).unwrap()).collect();
    let identity = match recognition {
        Recognition::Recognised(recognised) => format!("{:?}", recognised.identity()),
        _ => String::new(),
    };
    (findings.join("\n"), identity)
}

#[test]
fn no_edit_of_a_changes_what_b_yields() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::with(&[Profile::A, Profile::B]));
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let before = outcome(&world.recognise(&issued));
    let original: Vec<char> = Profile::A.policy_toml().chars().collect();
    let accepted = std::cell::Cell::new(0);
    proptest!(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() }, |(edits in edits())| {
        let mut text = original.clone();
        for (at, letter) in edits {
            let at = at % text.len();
            text[at] = letter;
        }
        let command = Command::PolicySet {
            authority: Some(Profile::A.id().parse().unwrap()),
            policy: PolicyFile { name: "a.toml".into(), source: text.into_iter().collect() },
            effective: None,
        };
        if runtime.block_on(world.command(command)).is_ok() {
            accepted.set(accepted.get() + 1);
        }
        prop_assert_eq!(outcome(&world.recognise(&issued)), before.clone());
    });
    assert!(accepted.get() > 0, "no edit was a policy: the test proves nothing");
}
