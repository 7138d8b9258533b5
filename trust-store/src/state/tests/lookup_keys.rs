//! Going over to another key, in the middle of sign-ins.

use super::*;
use crate::seal::{LookupHash, Sealed};

fn hash(version: u32) -> LookupHash {
    format!("v{version}:{}", "0".repeat(64)).try_into().unwrap()
}

fn person(versions: &[u32]) -> EntityModel {
    let sealed = Sealed::from_bytes(vec![1; 64]).unwrap();
    EntityModel {
        identifier: IdentifierModel::Person {
            lookups: versions.iter().copied().map(hash).collect(),
        },
        name: None,
        name_keys: versions.iter().map(|version| hash(*version).to_string()).collect(),
        person: Some(PersonModel { id: SubjectId::random().unwrap(), sealed }),
    }
}

fn indexed(subject: &SubjectId, version: u32) -> Change {
    let key = hash(version).to_string();
    Change::PersonsIndexed(PersonsIndexed {
        version,
        persons: vec![PersonIndexed {
            subject: subject.clone(),
            found_by: vec![format!("person/{key}")],
            name_keys: vec![key],
        }],
    })
}

#[test]
fn nobody_becomes_somebody_else_at_any_step() {
    let mut world = World::new();
    let known = admitted(world.sign_in("ca-a", "c1", person(&[1]))).subject;
    // The writer has the key already, and its record is not there yet.
    assert_eq!(admitted(world.sign_in("ca-a", "c2", person(&[2, 1]))).subject, known);
    assert_eq!(world.applied(Change::LookupKeyMade { version: 2 }), Outcome::Done);
    // Described before the key was used, recorded after.
    assert_eq!(world.sign_in("ca-a", "c3", person(&[1])), Outcome::Stale);
    assert_eq!(admitted(world.sign_in("ca-a", "c3", person(&[2, 1]))).subject, known);
    assert_eq!(world.applied(indexed(&known, 2)), Outcome::Done);
    assert_eq!(admitted(world.sign_in("ca-a", "c3", person(&[2, 1]))).subject, known);
    assert_eq!(world.applied(Change::LookupKeysRetired { before: 2 }), Outcome::Done);
    assert_eq!(admitted(world.sign_in("ca-a", "c4", person(&[2]))).subject, known);
    // The next going over takes away what counts no more.
    assert_eq!(world.applied(Change::LookupKeyMade { version: 3 }), Outcome::Done);
    assert_eq!(world.applied(indexed(&known, 3)), Outcome::Done);
    let row = View(&world.rows).subject(&known).unwrap().unwrap();
    let keys = [2, 3].map(|version| hash(version).to_string());
    assert_eq!(row.found_by, keys.clone().map(|key| format!("person/{key}")));
    assert_eq!(row.name_keys, keys);
    let old = format!("person/{}", hash(1));
    assert_eq!(View(&world.rows).subject_by(&old).unwrap(), None);
    // A company is looked up by nothing secret.
    admitted(world.sign_in("ca-a", "c9", uscc("甲公司")));
}

#[test]
fn who_was_erased_stays_so() {
    let mut world = World::new();
    let known = admitted(world.sign_in("ca-a", "c1", person(&[1]))).subject;
    world.applied(Change::LookupKeyMade { version: 2 });
    let erased = Change::SubjectErased { subject: known.clone(), reason: String::new() };
    assert_eq!(world.applied(erased), Outcome::Done);
    assert_eq!(world.applied(indexed(&known, 2)), Outcome::Done);
    assert_eq!(View(&world.rows).subject(&known).unwrap(), None);
    assert_ne!(admitted(world.sign_in("ca-a", "c1", person(&[2, 1]))).subject, known);
}
