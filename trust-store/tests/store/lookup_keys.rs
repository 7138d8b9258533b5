//! Going over to another key for look-ups of persons.

use std::fs;

use tongxing_testdata::{Company, Person, Profile};
use tongxing_trust_store::{Command, RecordProfile, Replay, Reply};

use crate::world::World;

async fn rotate(world: &World) -> (u32, u64) {
    match world.command(Command::LookupKeyRotate).await.unwrap() {
        Reply::LookupKeyRotated { version, persons } => (version, persons),
        other => panic!("{other:?}"),
    }
}

/// The journal's text from this byte on.
fn records_from(world: &World, start: usize) -> String {
    let mut segments: Vec<_> = fs::read_dir(world.home().join("journal")).unwrap().collect();
    segments.retain(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".seg")
    });
    let [segment] = segments.as_slice() else { panic!("{segments:?}") };
    let bytes = fs::read(segment.as_ref().unwrap().path()).unwrap();
    String::from_utf8_lossy(&bytes[start..]).into_owned()
}

#[tokio::test]
async fn everybody_is_found_as_before_and_no_more_under_the_old_key() {
    for profile in [RecordProfile::Standard, RecordProfile::Gm] {
        let mut world = World::of(profile, &[Profile::B, Profile::C]).await;
        let issued = world.issue(Profile::C, &Company::numbered(0));
        let first = world.admitted(&issued).await;
        let holder = first.holder().unwrap().clone();
        assert_eq!(rotate(&world).await, (2, 1));
        let end = records_from(&world, 0).trim_end_matches('\0').len();
        let again = world.admitted(&issued).await;
        assert_eq!((again.subject(), again.holder()), (first.subject(), Some(&holder)));
        // Another authority's certificate of another company, for the same person.
        let other = world.issue(Profile::C, &Company::numbered(1));
        let elsewhere = world.admitted(&other).await;
        assert!(elsewhere.holder().is_some());
        let recorded = records_from(&world, end);
        assert!(recorded.contains("\"v2:"), "{recorded}");
        assert!(!recorded.contains("\"v1:"), "{recorded}");
        world.reopen();
        assert_eq!(world.admitted(&issued).await.holder(), Some(&holder));
        let verify = Command::AuditVerify { replay: Replay::Yes };
        world.command(verify).await.unwrap();
        let query = Person::numbered(0).personal_id.clone();
        let found = world.command(Command::SubjectFind { query }).await.unwrap();
        assert!(matches!(found, Reply::Subjects(_)));
    }
}

#[tokio::test]
async fn a_second_rotation_and_an_erasure_leave_nothing_to_find() {
    let mut world = World::with(&[Profile::C]).await;
    let issued = world.issue(Profile::C, &Company::numbered(0));
    let holder = world.admitted(&issued).await.holder().unwrap().clone();
    assert_eq!(rotate(&world).await, (2, 1));
    assert_eq!(rotate(&world).await, (3, 1));
    world.reopen();
    assert_eq!(world.admitted(&issued).await.holder(), Some(&holder));
    let erase = Command::SubjectErase { subject: holder.clone(), reason: "asked for".into() };
    world.command(erase).await.unwrap();
    assert_eq!(rotate(&world).await, (4, 0));
    assert_ne!(world.admitted(&issued).await.holder(), Some(&holder));
}
