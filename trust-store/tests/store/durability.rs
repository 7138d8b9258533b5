//! What was acknowledged is there again, whatever happens to the index; what is
//! damaged in the record is named.

use std::fs;

use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::{
    Command, Province, Registration, Replay, Reply, StoreError, VerifiedView,
};

use crate::world::{World, files};

async fn state(world: &World) -> String {
    let reply = world.command(Command::AuditVerify { replay: Replay::Yes }).await.unwrap();
    match reply {
        Reply::Verified(VerifiedView { state: Some(state), .. }) => state,
        other => panic!("{other:?}"),
    }
}

async fn lived_in() -> World {
    let world = World::with(&[Profile::A, Profile::B]).await;
    for number in 0..3 {
        world.admitted(&world.issue(Profile::A, &Company::numbered(number))).await;
    }
    world
}

#[tokio::test]
async fn reopening_finds_the_same_state() {
    let mut world = lived_in().await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    let before = world.admitted(&issued).await;
    let hash = state(&world).await;
    world.reopen();
    assert_eq!(state(&world).await, hash);
    let after = world.admitted(&issued).await;
    assert_eq!((after.subject(), after.registration()), (before.subject(), Registration::Known));
}

#[tokio::test]
async fn a_lost_or_damaged_index_is_rebuilt() {
    let mut world = lived_in().await;
    let hash = state(&world).await;
    world.province = None;
    fs::remove_dir_all(world.home().join("state")).unwrap();
    world.reopen();
    assert!(world.province().opened().rebuilt.is_some());
    assert_eq!(state(&world).await, hash);
    world.province = None;
    for path in files(&world.home().join("state")) {
        let mut bytes = fs::read(&path).unwrap();
        for at in (0..bytes.len()).step_by(97) {
            bytes[at] ^= 0x20;
        }
        fs::write(&path, bytes).unwrap();
    }
    world.reopen();
    assert!(world.province().opened().rebuilt.is_some());
    assert_eq!(state(&world).await, hash);
}

/// An earlier version of the program kept its rows in another way.
#[tokio::test]
async fn an_index_of_another_layout_is_rebuilt_and_the_report_says_why() {
    const MARK: &[u8] = b"\0mark";
    let mut world = lived_in().await;
    let hash = state(&world).await;
    world.province = None;
    let index = sled::Config::new().path(world.home().join("state")).segment_size(16 << 20);
    let index = index.open().unwrap();
    let mut mark = index.get(MARK).unwrap().unwrap().to_vec();
    mark[0] = 1;
    index.insert(MARK, mark).unwrap();
    index.flush().unwrap();
    drop(index);
    world.reopen();
    let why = world.province().opened().rebuilt.clone().unwrap();
    assert!(why.contains("layout is version 1"), "{why}");
    assert_eq!(state(&world).await, hash);
    world.reopen();
    assert_eq!(world.province().opened().rebuilt, None);
}

#[tokio::test]
async fn an_index_of_another_journal_is_rebuilt() {
    let mut world = lived_in().await;
    let mut other = lived_in().await;
    let hash = state(&world).await;
    world.province = None;
    other.province = None;
    fs::remove_dir_all(world.home().join("state")).unwrap();
    fs::rename(other.home().join("state"), world.home().join("state")).unwrap();
    world.reopen();
    assert!(world.province().opened().rebuilt.is_some());
    assert_eq!(state(&world).await, hash);
}

#[tokio::test]
async fn a_flipped_byte_in_the_record_is_named_and_never_repaired() {
    let mut world = lived_in().await;
    world.province = None;
    let segment = files(&world.home().join("journal"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "seg"))
        .unwrap();
    let whole = fs::read(&segment).unwrap();
    for at in [whole.len() / 3, whole.len() / 2, whole.len() - 2] {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&segment, &bytes).unwrap();
        let error = Province::open(&world.home(), world.clock.clone()).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, StoreError::Journal(_)), "{text}");
        assert!(text.contains(".seg") && text.contains("byte"), "{text}");
        assert_eq!(fs::read(&segment).unwrap(), bytes, "nothing was repaired");
    }
    fs::write(&segment, whole).unwrap();
    world.reopen();
}

#[tokio::test]
async fn one_writer_at_a_time() {
    let world = lived_in().await;
    let error = Province::open(&world.home(), world.clock.clone()).unwrap_err();
    assert!(error.to_string().contains("in use"), "{error}");
}

#[tokio::test]
async fn a_folder_without_a_province_is_not_made_into_one() {
    let folder = tempfile::TempDir::new().unwrap();
    let clock = std::sync::Arc::new(tongxing_trust_store::SystemClock);
    let error = Province::open(folder.path(), clock).unwrap_err();
    assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
