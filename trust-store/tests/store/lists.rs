//! Lists in snapshots: compiled when they arrive, and never again.

use std::fs;

use tongxing_testdata::{Company, CrlSpec, Profile, RevocationReason, RevokedEntry};
use tongxing_trust_store::{Command, Recognition, Status};

use crate::world::{NOW, World, decisive};

fn is_revoked(recognition: &Recognition) -> bool {
    decisive(recognition).iter().any(|finding| finding.starts_with("revocation.revoked "))
}

#[tokio::test]
async fn an_unrelated_change_reads_no_list_again() {
    let mut world = World::with(&[Profile::B, Profile::C]).await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let entry = RevokedEntry::new(issued.serial.clone(), NOW - 30, RevocationReason::Superseded);
    let spec = CrlSpec::empty(2, NOW - 30, NOW + 86_400).revoking(entry);
    let list = world.authority(Profile::B).crl(&spec).unwrap();
    world.command(Command::ListImport { list: list.into() }).await.unwrap();
    assert!(is_revoked(&world.recognise(&issued)));

    // Whoever would read a list now finds nothing.
    let (blobs, aside) = (world.home().join("blobs"), world.home().join("aside"));
    fs::rename(&blobs, &aside).unwrap();
    world
        .command(Command::StatusSet {
            authority: Profile::C.id().parse().unwrap(),
            anchor: None,
            status: Status::Suspended,
            effective: None,
            reason: "nothing to do with the other".into(),
        })
        .await
        .unwrap();
    assert!(is_revoked(&world.recognise(&issued)));
    let good = world.issue(Profile::B, &Company::numbered(1));
    assert!(matches!(world.recognise(&good), Recognition::Recognised(_)));

    // Opening reads them, and says which are not there.
    world.reopen();
    assert!(!matches!(world.recognise(&good), Recognition::Recognised(_)));
    world.province = None;
    fs::remove_dir_all(&blobs).unwrap();
    fs::rename(&aside, &blobs).unwrap();
    world.reopen();
    assert!(matches!(world.recognise(&good), Recognition::Recognised(_)));
    assert!(is_revoked(&world.recognise(&issued)));
}

#[tokio::test]
async fn a_damaged_list_is_not_believed() {
    let mut world = World::with(&[Profile::B]).await;
    let good = world.issue(Profile::B, &Company::numbered(0));
    let spec = CrlSpec::empty(2, NOW - 30, NOW + 86_400);
    let list = world.authority(Profile::B).crl(&spec).unwrap();
    world.command(Command::ListImport { list: list.clone().into() }).await.unwrap();
    let files = crate::world::files(&world.home().join("blobs"));
    let blob = files.iter().find(|file| fs::read(file).unwrap() == list).unwrap();
    let mut damaged = list;
    *damaged.last_mut().unwrap() ^= 1;
    fs::write(blob, &damaged).unwrap();
    assert!(matches!(world.recognise(&good), Recognition::Recognised(_)));
    world.reopen();
    assert!(!matches!(world.recognise(&good), Recognition::Recognised(_)));
    assert!(world.province().health().degraded.iter().any(|fault| fault.contains("damaged")));
}
