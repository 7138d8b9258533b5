//! Authorities whose old tools sign with an empty SM2 user id.

use tongxing_pki::{Certificate, OcspReply, OcspResponse, RevocationResponses, Timestamp};
use tongxing_testdata::{
    Company, KeyAlgorithm, OcspAnswer, OcspSpec, OcspStatus, Profile, RevocationReason,
    RevokedEntry, TestAuthority, Validity,
};
use tongxing_trust_store::{Command, Demands, PolicyFile, Purpose, Recognition, SuppliedEvidence};

use crate::world::{NOW, World, decisive};

const DAY: i64 = 86_400;

/// Authority B with a key that signs so, and a policy that allows it.
async fn world(order: &str) -> World {
    let mut world = World::with(&[]).await;
    let mut spec = Profile::B.authority(Validity::decade_around(NOW)).with_id("ca-b-sm2");
    spec.levels[0].algorithm = KeyAlgorithm::Sm2EmptyUserId;
    let authority = TestAuthority::generate(&spec).unwrap();
    world.enrol_as(Profile::B.id(), Profile::B, authority, &policy(order)).await;
    world
}

fn policy(order: &str) -> String {
    let policy = Profile::B.policy_toml();
    let policy = policy.replace(
        "signatures = [\"ecdsa-sha256\"]",
        "signatures = [\"sm2-sm3\"]\nsm2-user-ids = [\"\"]",
    );
    policy.replace("order = [\"crl\"]", order)
}

#[tokio::test]
async fn lists_with_the_user_id_that_the_policy_names_decide() {
    let world = world("order = [\"crl\"]").await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let recognition = world.recognise(&issued);
    assert!(matches!(recognition, Recognition::Recognised(_)), "{:?}", decisive(&recognition));
    world.clock.advance_millis(10_000);
    let entry = RevokedEntry::new(issued.serial.clone(), NOW - 9, RevocationReason::Superseded);
    world.import_lists(world.authority(Profile::B), 2, &[entry]).await;
    let why = decisive(&world.recognise(&issued));
    assert!(why.len() == 1 && why[0].starts_with("revocation.revoked"), "{why:?}");
}

#[tokio::test]
async fn an_archived_list_with_it_decides_too() {
    let world = world("order = [\"crl\"]").await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    world.clock.advance_millis(3_600_000);
    world.import_lists(world.authority(Profile::B), 2, &[]).await;
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let judged = world.province().recognise_past(
        &world.province().snapshot(),
        &[leaf],
        Purpose::SignIn,
        Timestamp::from_unix(NOW + 60),
        RevocationResponses::default(),
        &Demands::default(),
    );
    let judged = judged.unwrap();
    assert!(matches!(judged, Recognition::Recognised(_)), "{:?}", decisive(&judged));
}

/// An edition that was set later for the time in which the list came says nothing against
/// the list at a moment that another edition is for.
#[tokio::test]
async fn an_archived_list_is_judged_by_the_policy_of_the_moment() {
    let world = world("order = [\"crl\"]").await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    world.clock.advance_millis(3_600_000);
    world.import_lists(world.authority(Profile::B), 2, &[]).await;
    let lenient = policy("order = [\"crl\"]");
    let strict = lenient.replace("sm2-user-ids = [\"\"]\n", "");
    assert_ne!(strict, lenient);
    for (source, effective) in [(strict, NOW - 1), (lenient, NOW + 30)] {
        let policy = PolicyFile { name: "b.toml".into(), source };
        let authority = Some(Profile::B.id().parse().unwrap());
        let effective = Some(Timestamp::from_unix(effective));
        world.command(Command::PolicySet { authority, policy, effective }).await.unwrap();
    }
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let judged = |at| {
        let (snapshot, none) = (world.province().snapshot(), RevocationResponses::default());
        let (chain, at) = (std::slice::from_ref(&leaf), Timestamp::from_unix(at));
        let demands = Demands::default();
        world.province().recognise_past(&snapshot, chain, Purpose::SignIn, at, none, &demands)
    };
    let recognition = judged(NOW + 60).unwrap();
    assert!(matches!(recognition, Recognition::Recognised(_)), "{:?}", decisive(&recognition));
    // Then it did not allow such signatures: a verdict, and no error.
    let recognition = judged(NOW + 10).unwrap();
    assert!(!matches!(recognition, Recognition::Recognised(_)), "{recognition:?}");
}

#[tokio::test]
async fn responses_with_it_decide() {
    let order = "order = [\"ocsp\"]\nhosts = [\"ocsp.example.cn\"]";
    let world = world(order).await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let answer = OcspAnswer::new(issued.serial.clone(), OcspStatus::Good, NOW - 60, NOW + DAY);
    let der = world.authority(Profile::B).root().ocsp(&OcspSpec::of(answer)).unwrap();
    let response: OcspResponse = match OcspReply::parse(&der).unwrap() {
        OcspReply::Answered(response) => response,
        OcspReply::Refused(refusal) => panic!("{refusal}"),
    };
    let responses = RevocationResponses::from_iter([response]);
    let supplied = SuppliedEvidence { responses, ..SuppliedEvidence::default() };
    let at = Timestamp::from_unix(NOW);
    let snapshot = world.province().snapshot();
    let judged = snapshot.recognise_with(&[leaf], Purpose::SignIn, at, &supplied);
    assert!(matches!(judged, Recognition::Recognised(_)), "{:?}", decisive(&judged));
}
