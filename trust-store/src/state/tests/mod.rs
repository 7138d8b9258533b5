//! The rules of registration, judged where they are applied.

mod lookup_keys;
mod receipts;
mod replay;
mod retention;

use super::*;
use crate::authority::{Role, Status};
use crate::change::*;
use crate::index::{MemoryRows, ReadRows};
use crate::journal::RecordHash;
use crate::policy::Capacity;

struct World {
    rows: MemoryRows,
    sequence: u64,
    time: i64,
}

const USCC: &str = "91350100M0001TGQXM";

impl World {
    fn new() -> Self {
        let mut world = Self { rows: MemoryRows::default(), sequence: 0, time: 1_700_000_000_000 };
        for id in ["ca-a", "ca-b"] {
            world.applied(enrolled(id));
        }
        world
    }

    fn applied(&mut self, change: Change) -> Outcome {
        self.sequence += 1;
        self.time += 1;
        let place = Place { sequence: self.sequence, time: self.time, hash: RecordHash::GENESIS };
        let entry = Entry { by: Actor::Gateway, change };
        // What is applied is what was stored and read again.
        let stored = serde_json::to_vec(&entry).unwrap();
        let entry: Entry = serde_json::from_slice(&stored).unwrap();
        apply(place, &entry, &mut self.rows).unwrap()
    }

    fn sign_in(&mut self, authority: &str, certificate: &str, entity: EntityModel) -> Outcome {
        let change = self.change(authority, certificate, entity);
        self.applied(Change::SignIn(Box::new(change)))
    }

    fn change(&self, authority: &str, certificate: &str, entity: EntityModel) -> SignIn {
        SignIn {
            authority: authority.parse().unwrap(),
            judged_at: self.sequence,
            certificate: CertificateModel {
                sha256: certificate.to_owned(),
                serial: "01".to_owned(),
                not_after: Timestamp::from_unix(2_000_000_000),
                key: None,
                blob: Some(BlobModel { sha256: certificate.to_owned(), sealed_for: None }),
            },
            entity,
            holder: None,
            capacity: Capacity::Organization,
            new_subject: SubjectId::random().unwrap(),
            relying_party: "platform".parse().unwrap(),
            method: Method::Tls,
            challenge: None,
            auth_time: Timestamp::from_unix(0),
            token: TokenModel {
                jti: "j".to_owned(),
                issued_at: Timestamp::from_unix(0),
                expires_at: Timestamp::from_unix(300),
            },
            revocation: None,
            responses: Vec::new(),
        }
    }
}

fn enrolled(id: &str) -> Change {
    let spki_sha256 = format!("{id}-key");
    Change::AuthorityEnrolled(AuthorityEnrolled {
        id: id.parse().unwrap(),
        names: Names { zh: id.to_owned(), en: None },
        hotline: None,
        licence_expires: None,
        roles: vec![Role::SignIn],
        anchors: vec![AnchorModel { spki_sha256, certificate: id.to_owned() }],
        intermediates: Vec::new(),
        policy: PolicyText { file: String::new(), source: String::new() },
    })
}

fn company(identifier: IdentifierModel, name: &str) -> EntityModel {
    EntityModel {
        identifier,
        name: Some(name.to_owned()),
        name_keys: vec![crate::name_rule::name_key(name)],
        person: None,
    }
}

fn uscc(name: &str) -> EntityModel {
    company(IdentifierModel::Uscc(USCC.to_owned()), name)
}

fn admitted(outcome: Outcome) -> Admittance {
    match outcome {
        Outcome::Admitted(admittance) => admittance,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_company_is_the_same_subject_whatever_the_authority() {
    let mut world = World::new();
    let first = admitted(world.sign_in("ca-a", "c1", uscc("甲 公司")));
    assert_eq!(first.registration, Registration::Created);
    let again = admitted(world.sign_in("ca-a", "c1", uscc("甲 公司")));
    assert_eq!(
        (again.subject.clone(), again.registration),
        (first.subject.clone(), Registration::Known)
    );
    // Full-width and spaces are no difference of name.
    let other = admitted(world.sign_in("ca-b", "c2", uscc("甲公司")));
    assert_eq!((other.subject, other.registration), (first.subject, Registration::Bound));
    assert_eq!(other.uscc.as_deref(), Some(USCC));
}

#[test]
fn another_authoritys_other_name_waits_for_confirmation() {
    let mut world = World::new();
    let first = admitted(world.sign_in("ca-a", "c1", uscc("甲公司")));
    let outcome = world.sign_in("ca-b", "c2", uscc("乙公司"));
    assert_eq!(outcome, Outcome::SignInRefused(SignInRefusal::NameConflict));
    let confirm = |authority: &str| Change::BindingConfirmed {
        subject: first.subject.clone(),
        authority: authority.parse().unwrap(),
    };
    assert!(matches!(
        world.applied(confirm("ca-a")),
        Outcome::Rejected(Rejection::NothingToConfirm { .. })
    ));
    assert_eq!(world.applied(confirm("ca-b")), Outcome::Done);
    let bound = admitted(world.sign_in("ca-b", "c2", uscc("乙公司")));
    assert_eq!((bound.subject, bound.name), (first.subject, NameAgreement::Differs));
    assert_eq!(bound.registered_name.as_deref(), Some("甲公司"));
}

#[test]
fn a_new_name_from_a_bound_authority_signs_in_under_the_registered_one() {
    let mut world = World::new();
    admitted(world.sign_in("ca-a", "c1", uscc("甲公司")));
    let renamed = admitted(world.sign_in("ca-a", "c2", uscc("甲集团")));
    assert_eq!(renamed.name, NameAgreement::Differs);
    assert_eq!(renamed.registered_name.as_deref(), Some("甲公司"));
    world.applied(Change::SubjectRenamed {
        subject: renamed.subject,
        name: "甲集团".to_owned(),
        name_key: "甲集团".to_owned(),
    });
    assert_eq!(admitted(world.sign_in("ca-a", "c2", uscc("甲集团"))).name, NameAgreement::Agrees);
}

#[test]
fn an_organization_code_links_to_exactly_one_uscc_and_creates_nothing() {
    let mut world = World::new();
    let code = || IdentifierModel::OrganizationCode(USCC[8..17].to_owned());
    let no_uscc = Outcome::SignInRefused(SignInRefusal::NoUscc);
    assert_eq!(world.sign_in("ca-b", "c1", company(code(), "甲公司")), no_uscc);
    let first = admitted(world.sign_in("ca-a", "c2", uscc("甲公司")));
    let linked = admitted(world.sign_in("ca-b", "c1", company(code(), "甲公司")));
    assert_eq!(linked.subject, first.subject);
    assert_eq!(linked.uscc.as_deref(), Some(USCC));
    // A second company with the same organization code makes it ambiguous.
    let second = format!("92{}", &USCC[2..]);
    admitted(world.sign_in("ca-a", "c3", company(IdentifierModel::Uscc(second), "乙公司")));
    assert_eq!(world.sign_in("ca-b", "c4", company(code(), "甲公司")), no_uscc);
}

#[test]
fn an_organization_code_obeys_the_name_rule() {
    let mut world = World::new();
    admitted(world.sign_in("ca-a", "c1", uscc("甲公司")));
    let code = IdentifierModel::OrganizationCode(USCC[8..17].to_owned());
    let outcome = world.sign_in("ca-b", "c2", company(code, "乙公司"));
    assert_eq!(outcome, Outcome::SignInRefused(SignInRefusal::NameConflict));
}

#[test]
fn opaque_ids_never_merge_across_authorities() {
    let mut world = World::new();
    let opaque = || {
        company(
            IdentifierModel::Scoped { kind: "opaque".to_owned(), value: "77".to_owned() },
            "甲公司",
        )
    };
    let a = admitted(world.sign_in("ca-a", "c1", opaque()));
    let b = admitted(world.sign_in("ca-b", "c2", opaque()));
    assert_ne!(a.subject, b.subject);
    assert_eq!(admitted(world.sign_in("ca-a", "c3", opaque())).subject, a.subject);
}

#[test]
fn a_challenge_is_used_once_and_only_while_it_lives() {
    let mut world = World::new();
    let with = |world: &World, nonce: &str, expires_at: i64, epoch: u64| {
        let mut change = world.change("ca-a", "c1", uscc("甲公司"));
        change.method = Method::Challenge;
        change.challenge = Some(ChallengeModel { nonce: nonce.to_owned(), expires_at, epoch });
        Change::SignIn(Box::new(change))
    };
    let soon = world.time + 1_000;
    let change = with(&world, "n1", soon, 0);
    admitted(world.applied(change));
    let change = with(&world, "n1", soon, 0);
    assert_eq!(world.applied(change), Outcome::SignInRefused(SignInRefusal::ChallengeReplayed));
    let change = with(&world, "n2", world.time, 0);
    assert_eq!(world.applied(change), Outcome::SignInRefused(SignInRefusal::ChallengeExpired));
    // Long after: the used one was dropped, and is refused all the same.
    world.time += 10_000;
    let later = world.time + 1_000;
    let change = with(&world, "n3", later, 0);
    admitted(world.applied(change));
    assert_eq!(world.rows.scan_prefix(b"x/", 10).unwrap().len(), 1);
    let change = with(&world, "n1", soon, 0);
    assert_eq!(world.applied(change), Outcome::SignInRefused(SignInRefusal::ChallengeExpired));
    // A clock reset voids what was made before it.
    world.applied(Change::ClockReset { reason: "test".to_owned() });
    let change = with(&world, "n4", later, 0);
    assert_eq!(world.applied(change), Outcome::SignInRefused(SignInRefusal::ChallengeVoided));
}

#[test]
fn a_sign_in_judged_before_its_authoritys_change_is_stale() {
    let mut world = World::new();
    let before = world.change("ca-a", "c1", uscc("甲公司"));
    let elsewhere = world.change("ca-b", "c2", uscc("甲公司"));
    let roles = vec![Role::SignIn, Role::DocumentSigning];
    let authority: AuthorityId = "ca-a".parse().unwrap();
    world.applied(Change::RolesSet { authority, roles });
    assert_eq!(world.applied(Change::SignIn(Box::new(before))), Outcome::Stale);
    admitted(world.applied(Change::SignIn(Box::new(elsewhere))));
}

#[test]
fn a_key_belongs_to_one_authority() {
    let mut world = World::new();
    let anchor = AnchorModel { spki_sha256: "ca-a-key".to_owned(), certificate: "x".to_owned() };
    let change =
        Change::AnchorAdded { authority: "ca-b".parse().unwrap(), anchor, effective: None };
    assert!(matches!(world.applied(change), Outcome::Rejected(Rejection::KeyEnrolled { .. })));
}

#[test]
fn compromised_is_final() {
    let mut world = World::new();
    let set = |status| {
        Change::StatusSet(StatusSet {
            authority: "ca-a".parse().unwrap(),
            anchor: None,
            status,
            effective: None,
            reason: "test".to_owned(),
        })
    };
    assert_eq!(world.applied(set(Status::Active)), Outcome::Done);
    assert_eq!(world.applied(set(Status::Compromised)), Outcome::Done);
    assert_eq!(
        world.applied(set(Status::Active)),
        Outcome::Rejected(Rejection::CompromisedIsFinal)
    );
}

#[test]
fn a_stale_sign_in_leaves_everything_as_it_was() {
    let mut world = World::new();
    admitted(world.sign_in("ca-a", "c1", uscc("甲公司")));
    // The policy reads a person from a bound certificate now: nothing is sealed.
    let hash: crate::seal::LookupHash = format!("v1:{}", "0".repeat(64)).try_into().unwrap();
    let holder = HolderModel { lookups: vec![hash], name_keys: Vec::new(), person: None };
    let mut change = world.change("ca-a", "c1", uscc("甲公司"));
    change.certificate.blob = None;
    change.holder = Some(holder);
    let expires_at = world.time + 60_000;
    change.challenge = Some(ChallengeModel { nonce: "n".to_owned(), expires_at, epoch: 0 });
    let but_clock = |world: &World| {
        let rows = world.rows.iter().filter(|(key, _)| *key != b"clock");
        rows.map(|(key, value)| (key.to_vec(), value.to_vec())).collect::<Vec<_>>()
    };
    let before = but_clock(&world);
    assert_eq!(world.applied(Change::SignIn(Box::new(change.clone()))), Outcome::Stale);
    assert_eq!(but_clock(&world), before);
    let sealed = crate::seal::Sealed::from_bytes(vec![1; 64]).unwrap();
    let person = PersonModel { id: SubjectId::random().unwrap(), sealed };
    change.holder.as_mut().unwrap().person = Some(person.clone());
    let admittance = admitted(world.applied(Change::SignIn(Box::new(change.clone()))));
    assert_eq!(admittance.holder.as_ref(), Some(&person.id));
    // The same again is not admitted, and its keys are given up.
    let again = SubjectId::random().unwrap();
    change.holder.as_mut().unwrap().person = Some(PersonModel { id: again.clone(), ..person });
    let replayed = Outcome::SignInRefused(SignInRefusal::ChallengeReplayed);
    assert_eq!(world.applied(Change::SignIn(Box::new(change))), replayed);
    assert_eq!(View(&world.rows).given_up_keys().unwrap(), [again]);
}
