//! Authorities between an enrolled key and a leaf: what they may issue.

use tongxing_pki::{Certificate, Crl, RevocationLists, Timestamp};
use tongxing_testdata::{
    AuthorityCertificate, Company, CrlSpec, Extension, Key, KeyAlgorithm, LevelSpec, Person,
    Profile, Validity, Value, oid,
};
use tongxing_trust_store::{Command, PolicyFile, Purpose, Recognition, SuppliedEvidence};

use crate::world::{NOW, World, decisive};

const DAY: i64 = 86_400;

fn oids(oids: &[&str]) -> impl Iterator<Item = Value> {
    oids.iter().map(|oid| Value::ObjectIdentifier((*oid).to_owned()))
}

/// A subordinate of the enrolled root of authority C, not enrolled itself.
fn subordinate(world: &World, key_purposes: &[&str]) -> AuthorityCertificate {
    let purposes = Value::Sequence(oids(key_purposes).collect());
    let purposes = Extension::new("2.5.29.37", purposes);
    subordinate_with(world, if key_purposes.is_empty() { Vec::new() } else { vec![purposes] })
}

fn subordinate_with(world: &World, extensions: Vec<Extension>) -> AuthorityCertificate {
    let validity = Validity::decade_around(NOW);
    let mut spec =
        LevelSpec::new(Profile::C.name_zh(), "Below C", KeyAlgorithm::EcdsaP384, validity);
    spec.extensions = extensions;
    let key = Key::generate(spec.algorithm).unwrap().into();
    world.authority(Profile::C).root().certify(&spec, key).unwrap()
}

/// A leaf of the subordinate that came with it, with its list.
fn recognise(world: &World, subordinate: &AuthorityCertificate, purpose: Purpose) -> Recognition {
    recognise_with(world, subordinate, purpose, None)
}

fn recognise_with(
    world: &World,
    subordinate: &AuthorityCertificate,
    purpose: Purpose,
    extension: Option<Extension>,
) -> Recognition {
    let validity = Validity::year_from(NOW - 3600);
    let mut spec = Profile::C.leaf(&Company::numbered(0), &Person::numbered(0), validity);
    spec.extensions.extend(extension);
    let issued = subordinate.issue(&spec).unwrap();
    let list = subordinate.crl(&CrlSpec::empty(1, NOW - 60, NOW + DAY)).unwrap();
    let lists = RevocationLists::from_iter([Crl::parse(&list).unwrap()]);
    let supplied = SuppliedEvidence { lists, ..SuppliedEvidence::default() };
    let ders = [issued.certificate_der.as_slice(), subordinate.der()];
    let chain = ders.map(|der| Certificate::parse(der).unwrap());
    let at = Timestamp::from_unix(NOW);
    world.province().snapshot().recognise_with(&chain, purpose, at, &supplied)
}

#[tokio::test]
async fn an_authority_for_servers_makes_no_bidders() {
    let world = World::with(&[Profile::C]).await;
    let any = "2.5.29.37.0";
    for allowed in [&[][..], &[oid::CLIENT_AUTH], &[oid::SERVER_AUTH, oid::CLIENT_AUTH], &[any]] {
        let recognition = recognise(&world, &subordinate(&world, allowed), Purpose::SignIn);
        let recognised = matches!(recognition, Recognition::Recognised(_));
        assert!(recognised, "{allowed:?}: {:?}", decisive(&recognition));
    }
    let server = subordinate(&world, &[oid::SERVER_AUTH]);
    let refused = recognise(&world, &server, Purpose::SignIn);
    assert!(matches!(refused, Recognition::Refused(_)), "{refused:?}");
    let why = decisive(&refused);
    assert!(why.len() == 1 && why[0].starts_with("certificate.purpose_not_allowed"), "{why:?}");
}

#[tokio::test]
async fn where_any_key_purpose_is_accepted_an_authority_is_still_held_to_its_own() {
    let world = World::with(&[Profile::C]).await;
    // The policy accepts any extended key usage of those who sign documents.
    let purposes = |recognition: Recognition| {
        let why = decisive(&recognition);
        why.into_iter().filter(|why| why.starts_with("certificate.purpose_not_allowed")).count()
    };
    let judge = |allowed: &[&str]| {
        purposes(recognise(&world, &subordinate(&world, allowed), Purpose::DocumentSigning))
    };
    assert_eq!(judge(&[oid::SERVER_AUTH]), 1);
    assert_eq!(judge(&["1.3.6.1.5.5.7.3.36"]), 0);
    assert_eq!(judge(&["1.3.6.1.5.5.7.3.4", oid::SERVER_AUTH]), 0);
    assert_eq!(judge(&[]), 0);
}

/// Sets the policy of authority C, with something else in it.
async fn set_policy(world: &World, from: &str, to: &str) {
    let source = Profile::C.policy_toml();
    assert!(source.contains(from), "{from}");
    let policy = PolicyFile { name: "c.toml".into(), source: source.replace(from, to) };
    let authority = Some(Profile::C.id().parse().unwrap());
    world.command(Command::PolicySet { authority, policy, effective: None }).await.unwrap();
}

#[tokio::test]
async fn an_authority_is_held_to_the_purpose_that_the_certificate_states() {
    let world = World::with(&[Profile::C]).await;
    let (one, two) = ("[\"client-auth\"]", "[\"client-auth\", \"email-protection\"]");
    set_policy(
        &world,
        &format!("extended-key-usage = {one}"),
        &format!("extended-key-usage = {two}"),
    )
    .await;
    // The leaf states client authentication.
    for (allowed, good) in [
        (&[oid::EMAIL_PROTECTION][..], false),
        (&[oid::CLIENT_AUTH], true),
        (&[oid::EMAIL_PROTECTION, oid::CLIENT_AUTH], true),
        (&[], true),
    ] {
        let recognition = recognise(&world, &subordinate(&world, allowed), Purpose::SignIn);
        let why = decisive(&recognition);
        assert_eq!(matches!(recognition, Recognition::Recognised(_)), good, "{allowed:?}: {why:?}");
        let told = why.iter().filter(|why| why.starts_with("certificate.purpose_not_allowed"));
        assert_eq!(told.count(), usize::from(!good), "{allowed:?}: {why:?}");
    }
}

/// certificatePolicies.
fn stating(policies: &[&str]) -> Extension {
    let policies = oids(policies).map(|oid| Value::Sequence(vec![oid]));
    Extension::new("2.5.29.32", Value::Sequence(policies.collect()))
}

#[tokio::test]
async fn a_policy_that_is_mapped_to_an_accepted_one_is_accepted() {
    let world = World::with(&[Profile::C]).await;
    let (ours, theirs, any) = ("1.2.3.1", "1.2.3.2", "2.5.29.32.0");
    let (from, to) = ("certificate-policies = \"any\"", "certificate-policies = [\"1.2.3.1\"]");
    set_policy(&world, from, to).await;
    let mapping = Value::Sequence(vec![Value::Sequence(oids(&[ours, theirs]).collect())]);
    let mapping = Extension::new("2.5.29.33", mapping).critical();
    let mapped = subordinate_with(&world, vec![stating(&[ours]), mapping]);
    let plain = subordinate_with(&world, vec![stating(&[ours, theirs])]);
    for (subordinate, stated, accepted) in [
        (&plain, &[ours][..], true),
        (&plain, &[any], true),
        (&plain, &[theirs], false),
        (&plain, &[], false),
        (&mapped, &[theirs], true),
        (&mapped, &[any], true),
        (&mapped, &[ours], false),
    ] {
        let extension = (!stated.is_empty()).then(|| stating(stated));
        let recognition = recognise_with(&world, subordinate, Purpose::SignIn, extension);
        let recognised = matches!(recognition, Recognition::Recognised(_));
        assert_eq!(recognised, accepted, "{stated:?}: {:?}", decisive(&recognition));
    }
}
