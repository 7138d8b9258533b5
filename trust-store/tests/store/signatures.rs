//! Signatures of enrolled certificates: verified when they are enrolled, not by sign-ins.

use tongxing_pki::Certificate;
use tongxing_testdata::{Company, Person, Profile, TestAuthority, Validity};
use tongxing_trust_store::{Command, Purpose, Recognition};

use crate::world::{NOW, World, decisive};

/// Each enrolled intermediate of authority C with the key that is known to have signed it.
fn signers(world: &World) -> Vec<(Certificate, Option<[u8; 32]>)> {
    let snapshot = world.province().snapshot();
    let authority = snapshot.authority(&Profile::C.id().parse().unwrap()).unwrap();
    let known = authority.intermediates();
    known.map(|known| (known.clone(), known.verified_by().copied())).collect()
}

#[tokio::test]
async fn an_intermediate_is_verified_at_enrolment_and_at_opening() {
    let mut world = World::with(&[Profile::C]).await;
    let root = Certificate::parse(world.authority(Profile::C).root().der()).unwrap();
    for _ in 0..2 {
        let signers = signers(&world);
        assert_eq!(signers.len(), 1);
        assert_eq!(signers[0].1, Some(*root.spki_sha256()), "nobody has signed in");
        world.reopen();
    }
}

#[tokio::test]
async fn an_intermediate_that_no_enrolled_key_signed_stays_unverified() {
    let world = World::with(&[Profile::C]).await;
    // The same names with other keys: its root is not enrolled.
    let spec = Profile::C.authority(Validity::decade_around(NOW)).with_id("impostor");
    let impostor = TestAuthority::generate(&spec).unwrap();
    let certificate = impostor.issuing().der().to_vec().into();
    let authority = Profile::C.id().parse().unwrap();
    world.command(Command::IntermediateAdd { authority, certificate }).await.unwrap();
    let unverified = |world: &World| -> Vec<_> {
        let signers = signers(world).into_iter();
        signers.filter(|(_, signer)| signer.is_none()).map(|(known, _)| known).collect()
    };
    let [added] = &unverified(&world)[..] else { panic!() };
    assert_eq!(added.der(), impostor.issuing().der());
    let (company, person) = (Company::numbered(0), Person::numbered(0));
    let leaf = Profile::C.leaf(&company, &person, Validity::year_from(NOW - 3600));
    let leaf = impostor.issue(&leaf).unwrap().certificate_der;
    let leaf = Certificate::parse(&leaf).unwrap();
    let at = tongxing_pki::Timestamp::from_unix(NOW);
    let recognition = world.province().snapshot().recognise(&[leaf], Purpose::SignIn, at);
    assert!(matches!(recognition, Recognition::Refused(_)), "{recognition:?}");
    let invalid = |found: &String| found.starts_with("signature.invalid ");
    assert!(decisive(&recognition).iter().any(invalid), "{recognition:?}");
    assert_eq!(unverified(&world).len(), 1, "a failure is not remembered as anything else");
}
