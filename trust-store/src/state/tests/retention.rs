//! What retention takes is judged where it is applied.

use super::*;

const EXPIRY: i64 = 2_000_000_000;

/// A person with a certificate that expires at [`EXPIRY`].
fn signed_in(world: &mut World, person: &PersonModel, certificate: &str) -> SubjectId {
    let hash: crate::seal::LookupHash = format!("v1:{}", "0".repeat(64)).try_into().unwrap();
    let name_key = hash.to_string();
    let mut change = world.change(
        "ca-a",
        certificate,
        EntityModel {
            identifier: IdentifierModel::Person { lookups: vec![hash] },
            name: None,
            name_keys: vec![name_key],
            person: Some(person.clone()),
        },
    );
    change.certificate.blob.as_mut().unwrap().sealed_for = Some(person.id.clone());
    admitted(world.applied(Change::SignIn(Box::new(change)))).subject
}

fn erased(persons: &[SubjectId], expired_before: i64) -> Change {
    let expired_before = Timestamp::from_unix(expired_before);
    let persons = Some(ErasedPersons { expired_before, persons: persons.to_vec() });
    Change::RetentionApplied(RetentionApplied { persons, ..RetentionApplied::default() })
}

#[test]
fn a_person_whose_certificate_expires_later_stays() {
    let mut world = World::new();
    let sealed = crate::seal::Sealed::from_bytes(vec![1; 64]).unwrap();
    let person = PersonModel { id: SubjectId::random().unwrap(), sealed };
    let id = signed_in(&mut world, &person, "c1");
    assert_eq!(world.applied(erased(std::slice::from_ref(&id), EXPIRY)), Outcome::Done);
    assert!(View(&world.rows).subject(&id).unwrap().is_some());
    assert_eq!(View(&world.rows).given_up_keys().unwrap(), []);

    assert_eq!(world.applied(erased(std::slice::from_ref(&id), EXPIRY + 1)), Outcome::Done);
    let view = View(&world.rows);
    assert_eq!(view.subject(&id).unwrap(), None);
    assert_eq!(view.given_up_keys().unwrap(), [person.id]);
    assert!(!view.names_blob("c1").unwrap() && view.removed_by_retention("c1").unwrap().is_some());
}

#[test]
fn a_legal_entity_is_not_erased() {
    let mut world = World::new();
    let company = admitted(world.sign_in("ca-a", "c1", uscc("甲公司"))).subject;
    world.applied(erased(std::slice::from_ref(&company), i64::from(u32::MAX)));
    assert!(View(&world.rows).subject(&company).unwrap().is_some());
}

#[test]
fn what_an_authority_needs_stays_whatever_is_asked() {
    let mut world = World::new();
    admitted(world.sign_in("ca-a", "c1", uscc("甲公司")));
    let list = |blob: &str, this_update: i64| {
        Change::ListImported(ListImported {
            authority: "ca-a".parse().unwrap(),
            issuer_spki_sha256: "ca-a-key".to_owned(),
            scope: "whole".to_owned(),
            blob: blob.to_owned(),
            number: None,
            this_update: Timestamp::from_unix(this_update),
            next_update: None,
            entries: 0,
        })
    };
    world.applied(list("old", 1));
    world.applied(list("new", 2));
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let change = RetentionApplied {
        lists: named(&["old", "new"]),
        evidence: named(&["c1", "ca-a", "unknown"]),
        ..RetentionApplied::default()
    };
    world.applied(Change::RetentionApplied(change));
    let view = View(&world.rows);
    let is_gone = |blob: &&str| !view.names_blob(blob).unwrap();
    let all = ["old", "new", "c1", "ca-a", "unknown"];
    let gone: Vec<_> = all.into_iter().filter(is_gone).collect();
    assert_eq!(gone, ["old", "c1", "unknown"]);
    assert_eq!(view.removed_by_retention("unknown").unwrap(), None);
}

#[test]
fn an_erased_persons_encryption_certificate_is_named_no_more() {
    let mut world = World::new();
    let sealed = crate::seal::Sealed::from_bytes(vec![1; 64]).unwrap();
    let person = PersonModel { id: SubjectId::random().unwrap(), sealed };
    let id = signed_in(&mut world, &person, "c1");
    let mut encryption = world.change("ca-a", "e1", uscc("甲公司")).certificate;
    encryption.blob.as_mut().unwrap().sealed_for = Some(person.id);
    let change = EncryptionRegistered {
        subject: id.clone(),
        authority: "ca-a".parse().unwrap(),
        judged_at: u64::MAX,
        signing: "c1".to_owned(),
        certificate: encryption,
    };
    world.applied(Change::EncryptionRegistered(Box::new(change)));
    assert!(View(&world.rows).names_blob("e1").unwrap());
    world.applied(Change::SubjectErased { subject: id, reason: "asked for".into() });
    let view = View(&world.rows);
    assert_eq!(view.encryptions("c1").unwrap(), []);
    assert!(!view.names_blob("e1").unwrap() && !view.names_blob("c1").unwrap());
}
