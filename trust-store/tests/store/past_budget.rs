//! Moments in the past: how much of the archive is looked at, and for whom.

use tongxing_pki::{Certificate, RevocationResponses, Timestamp};
use tongxing_testdata::{Company, Issued, Person, Profile, TestAuthority, Validity};
use tongxing_testdata::{RevocationReason, RevokedEntry};
use tongxing_trust_store::{
    ArchiveBudget, ArchiveReading, ArchivedLists, Demands, Purpose, Recognition, Role,
    SuppliedEvidence,
};

use crate::past::{HOUR, MINUTE, SIGNED, Scene, entry};
use crate::world::{NOW, decisive};

fn archived(scene: &Scene, leaf: &[u8], at: i64, budget: &mut ArchiveBudget) -> ArchivedLists {
    let (province, chain) = (scene.world.province(), [Certificate::parse(leaf).unwrap()]);
    let asked = (Role::SignIn, Timestamp::from_unix(at), &Demands::default());
    province.archived_lists(&province.snapshot(), &chain, asked, budget).unwrap()
}

/// Judges under a budget of its own.
fn recognise(scene: &Scene, issued: &Issued, mut budget: ArchiveBudget) -> Recognition {
    let found = archived(scene, &issued.certificate_der, SIGNED, &mut budget);
    let (lists, archive) = (found.lists, found.reading);
    let responses = RevocationResponses::default();
    let supplied = SuppliedEvidence { lists, responses, archive };
    let chain = [Certificate::parse(&issued.certificate_der).unwrap()];
    let (at, none) = (Timestamp::from_unix(SIGNED), Demands::default());
    let snapshot = scene.world.province().snapshot();
    snapshot.recognise_past(&chain, Purpose::SignIn, at, &supplied, &none)
}

fn hold(issued: &Issued) -> RevokedEntry {
    entry(issued, SIGNED - 10 * MINUTE, RevocationReason::CertificateHold)
}

/// A certificate is held for five hours, from the second one after the signing on.
async fn held_for_hours() -> (Scene, Issued) {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    scene.list_at(SIGNED + HOUR, Vec::new()).await;
    for hour in 2..7 {
        scene.list_at(SIGNED + hour * HOUR, vec![hold(&issued)]).await;
    }
    for hour in 7..10 {
        scene.list_at(SIGNED + hour * HOUR, Vec::new()).await;
    }
    (scene, issued)
}

#[tokio::test]
async fn one_list_that_says_held_is_enough() {
    let (scene, issued) = held_for_hours().await;
    let found = archived(&scene, &issued.certificate_der, SIGNED, &mut ArchiveBudget::default());
    // The one of then, the next, the last before the certificate expires, and that.
    assert_eq!((found.lists.iter().count(), found.reading), (4, ArchiveReading::Whole));
    assert!(scene.refusal(&issued).contains("revocation.on_hold"));
    // When it was not held yet, none of them says anything.
    let before = SIGNED - HOUR;
    let found = archived(&scene, &issued.certificate_der, before, &mut ArchiveBudget::default());
    assert_eq!(found.lists.iter().count(), 3);
}

#[tokio::test]
async fn nothing_is_looked_up_for_what_the_authority_did_not_sign() {
    let (scene, issued) = held_for_hours().await;
    let validity = Validity::decade_around(NOW);
    let impostor = TestAuthority::generate(&Profile::B.authority(validity)).unwrap();
    let validity = Validity::year_from(NOW - HOUR);
    let leaf = Profile::B.leaf(&Company::numbered(0), &Person::numbered(0), validity);
    let fake = impostor.issue(&leaf.with_serial(issued.serial.clone())).unwrap();
    let found = archived(&scene, &fake.certificate_der, SIGNED, &mut ArchiveBudget::default());
    assert!(found.lists.is_empty() && found.reading == ArchiveReading::Whole);
    let refused = scene.recognise(&fake, SIGNED);
    assert!(matches!(refused, Recognition::Refused(_)), "{:?}", decisive(&refused));
}

#[tokio::test]
async fn what_was_not_looked_at_leaves_nothing_settled_until_it_was() {
    let (mut scene, issued) = held_for_hours().await;
    let other = scene.world.issue(Profile::B, &Company::numbered(1));
    let good = |scene: &Scene| recognise(scene, &other, ArchiveBudget::of(0, 0));
    assert!(matches!(good(&scene), Recognition::Recognised(_)), "it is remembered");
    scene.world.reopen();
    // One list is gone through at a time, and what it says is remembered.
    let mut rounds = 0;
    loop {
        match good(&scene) {
            Recognition::Recognised(_) => break,
            left @ Recognition::Indeterminate(_) => {
                let why = decisive(&left);
                assert!(why[0].starts_with("revocation.archive_part"), "{why:?}");
            }
            refused @ Recognition::Refused(_) => panic!("{:?}", decisive(&refused)),
        }
        rounds += 1;
        assert!(rounds < 10, "it comes to an end");
    }
    assert!(rounds > 1, "there was more than one list");
    // A hold that there is no room to look at is neither good nor bad.
    let held = recognise(&scene, &issued, ArchiveBudget::of(0, 0));
    assert!(matches!(held, Recognition::Indeterminate(_)), "{:?}", decisive(&held));
    let held = recognise(&scene, &issued, ArchiveBudget::default());
    assert!(matches!(held, Recognition::Refused(_)), "{:?}", decisive(&held));
}

#[tokio::test]
async fn the_certificates_of_one_document_share_what_may_be_brought() {
    let (scene, _) = held_for_hours().await;
    let leaf = scene.world.issue(Profile::B, &Company::numbered(1)).certificate_der;
    let read = |at: i64, budget: &mut ArchiveBudget| archived(&scene, &leaf, at, budget).reading;
    let mut budget = ArchiveBudget::of(0, 0);
    assert_eq!(read(SIGNED, &mut budget), ArchiveReading::Whole);
    assert_eq!(read(SIGNED, &mut budget), ArchiveReading::Whole, "the same lists once more");
    let later = SIGNED + 3 * HOUR;
    assert_eq!(read(later, &mut budget), ArchiveReading::Part, "others");
    assert_eq!(read(later, &mut ArchiveBudget::of(0, 0)), ArchiveReading::Whole);
}
