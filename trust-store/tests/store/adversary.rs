//! What somebody tries who holds one certificate, or none; and what an operator's
//! change does to those who signed in before it.

use std::path::PathBuf;
use std::sync::Arc;

use tongxing_pki::{Certificate, Timestamp};
use tongxing_testdata::{
    AuthorityCertificate, Company, Issued, Key, KeyAlgorithm, LeafSpec, LevelSpec, Person, Profile,
    Validity,
};
use tongxing_trust_store::{
    Admission, Command, Confirmation, PolicyFile, Purpose, Recognition, Registration,
};

use crate::world::{NOW, World, files};

/// A bidder who plays CA with the key of an end certificate: any number of
/// certificates, each with an honest signature under an honest one.
fn under_a_bidder(world: &World) -> [Certificate; 2] {
    let validity = Validity::year_from(NOW - 3600);
    let key = Arc::new(Key::generate(KeyAlgorithm::EcdsaP256).unwrap());
    let level = LevelSpec::new("投标人", "Bidder", KeyAlgorithm::EcdsaP256, validity);
    let bidder = LeafSpec::signing(level.subject.clone(), validity).with_key(Arc::clone(&key));
    let bidder = world.authority(Profile::A).issue(&bidder).unwrap();
    let as_authority = AuthorityCertificate::root(&level, key).unwrap();
    let victim = Profile::A.leaf(&Company::numbered(0), &Person::numbered(0), validity);
    let forged = as_authority.issue(&victim).unwrap();
    [forged, bidder].map(|issued| Certificate::parse(&issued.certificate_der).unwrap())
}

#[tokio::test]
async fn certificates_under_an_end_certificate_get_no_records_of_their_own() {
    let world = World::with(&[Profile::A]).await;
    let chain = under_a_bidder(&world);
    let at = Timestamp::from_unix(NOW);
    match world.province().snapshot().recognise(&chain, Purpose::SignIn, at) {
        Recognition::Refused(refusal) => assert!(!refusal.anchored(), "{refusal:#?}"),
        other => panic!("{other:?}"),
    }
}

/// The policy of authority C without what it says of the person.
fn without_holders() -> String {
    let whole = Profile::C.policy_toml();
    let at = whole.find("[[identity.holder.id]]").unwrap();
    whole[..at].to_owned()
}

async fn set_policy(world: &World, source: String) {
    let policy = PolicyFile { name: "ca-c.toml".into(), source };
    let authority = Some(Profile::C.id().parse().unwrap());
    world.command(Command::PolicySet { authority, policy, effective: None }).await.unwrap();
}

#[tokio::test]
async fn a_bound_certificate_signs_in_after_its_policy_names_the_holder() {
    let world = World::with(&[Profile::C]).await;
    set_policy(&world, without_holders()).await;
    let issued = world.issue(Profile::C, &Company::numbered(0));
    let before = world.admitted(&issued).await;
    assert_eq!(before.holder(), None);
    set_policy(&world, Profile::C.policy_toml().to_owned()).await;
    let after = world.admitted(&issued).await;
    assert_eq!(after.subject(), before.subject());
    assert!(after.holder().is_some());
    assert_eq!(world.admitted(&issued).await.registration(), Registration::Known);
}

fn blobs(world: &World) -> Vec<(PathBuf, Vec<u8>)> {
    let found = files(&world.home().join("blobs")).into_iter();
    found.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn new_since(now: &[(PathBuf, Vec<u8>)], before: &[(PathBuf, Vec<u8>)]) -> Vec<PathBuf> {
    let paths = now.iter().map(|(path, _)| path);
    paths.filter(|path| before.iter().all(|(old, _)| old != *path)).cloned().collect()
}

/// The persons' names and ids are in the certificate, whatever its policy reads.
#[tokio::test]
async fn no_certificate_is_kept_in_the_clear_and_an_erasure_leaves_none() {
    let world = World::with(&[Profile::C]).await;
    let blobs_before = blobs(&world);
    set_policy(&world, without_holders()).await;
    let issued = world.issue(Profile::C, &Company::numbered(0));
    world.admitted(&issued).await;
    let unread = new_since(&blobs(&world), &blobs_before);
    assert_eq!(unread.len(), 1, "{unread:?}");
    set_policy(&world, Profile::C.policy_toml().to_owned()).await;
    let subject = world.admitted(&issued).await.holder().unwrap().clone();
    assert_eq!(new_since(&blobs(&world), &blobs_before).len(), 2);
    for (path, content) in blobs(&world) {
        let in_clear = content.windows(64).any(|part| part == &issued.certificate_der[..64]);
        assert!(!in_clear, "{} holds the certificate in the clear", path.display());
    }
    let erase = Command::SubjectErase { subject, reason: "asked for".into() };
    world.command(erase).await.unwrap();
    let keys = std::fs::metadata(world.home().join("keys/persons.keys")).unwrap().len();
    assert_eq!(keys, 0, "a key is left that opens a certificate of theirs");
    world.clock.advance_millis(2 * 366 * 86_400_000);
    world.province().sweep_blobs().unwrap();
    assert_eq!(new_since(&blobs(&world), &blobs_before), [] as [PathBuf; 0]);
}

fn named_otherwise(world: &World) -> Issued {
    let renamed = Company { name: "另一个名称有限公司".into(), ..Company::numbered(0) };
    world.issue(Profile::C, &renamed)
}

#[tokio::test]
async fn nothing_sealed_for_a_refused_sign_in_outlives_an_erasure() {
    let world = World::with(&[Profile::B, Profile::C]).await;
    world.admitted(&world.issue(Profile::B, &Company::numbered(0))).await;
    let keys = world.home().join("keys/persons.keys");
    let refused = named_otherwise(&world);
    let holds = || std::fs::metadata(&keys).unwrap().len();
    let none = holds();
    assert!(matches!(world.sign_in(&refused).await, Admission::Indeterminate(_)));
    assert!(holds() > none, "the attempt sealed nothing: the test proves nothing");
    // The same person signs in elsewhere, and is erased.
    let admitted = world.admitted(&world.issue(Profile::C, &Company::numbered(1))).await;
    let subject = admitted.holder().unwrap().clone();
    let erase = Command::SubjectErase { subject, reason: "asked for".into() };
    world.command(erase).await.unwrap();
    assert_eq!(holds(), none, "a key is left that opens what the record holds of them");
}

#[tokio::test]
async fn an_overdue_list_within_its_grace_keeps_the_authority_judgeable() {
    let world = World::with(&[Profile::C]).await;
    let source = Profile::C.policy_toml().replace(
        "when-unavailable = \"refuse\"",
        "when-unavailable = \"allow-within-grace\"\ngrace = \"12h\"",
    );
    set_policy(&world, source).await;
    world.clock.advance_millis(25 * 3_600_000);
    world.admitted(&world.issue(Profile::C, &Company::numbered(0))).await;
    let health = world.province().health();
    assert_eq!((health.judgeable_authorities, health.degraded.len()), (1, 2), "{health:?}");
    world.clock.advance_millis(24 * 3_600_000);
    assert_eq!(world.province().health().judgeable_authorities, 0);
}

#[tokio::test]
async fn confirming_nothing_writes_nothing() {
    let world = World::with(&[Profile::B, Profile::C]).await;
    let bound = world.issue(Profile::B, &Company::numbered(0));
    world.admitted(&bound).await;
    let before = world.province().health().sequence;
    let Recognition::Recognised(recognised) = world.recognise(&bound) else { panic!() };
    let authority = Profile::C.id().parse().unwrap();
    let confirmed = world.province().confirm_own(&recognised, &authority).await.unwrap();
    assert_eq!(confirmed, Confirmation::NothingToConfirm);
    assert_eq!(world.province().health().sequence, before);
}

#[tokio::test]
async fn only_the_owner_reads_the_state() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::with(&[Profile::A]).await;
    let state = world.home().join("state");
    assert!(!files(&state).is_empty());
    let mode = std::fs::metadata(state).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
