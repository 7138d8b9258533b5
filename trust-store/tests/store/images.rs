//! Images of a province: the state made anew from one is the state.

use std::fs;
use std::path::PathBuf;

use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::{
    Command, FileJournal, ImageView, Journal, JournalOptions, Province, Replay, Reply, StoreError,
    VerifiedView,
};

use crate::world::World;

impl World {
    async fn take_image(&self) -> ImageView {
        match self.command(Command::ImageTake).await.unwrap() {
            Reply::ImageTaken(image) => image,
            other => panic!("{other:?}"),
        }
    }

    async fn images(&self) -> Vec<ImageView> {
        match self.command(Command::ImageList).await.unwrap() {
            Reply::Images(images) => images,
            other => panic!("{other:?}"),
        }
    }

    /// The state's hash, made anew from record 1 and compared with the index.
    async fn state(&self) -> String {
        match self.command(Command::AuditVerify { replay: Replay::Yes }).await.unwrap() {
            Reply::Verified(VerifiedView { state: Some(state), .. }) => state,
            other => panic!("{other:?}"),
        }
    }

    fn image_file(&self, sequence: u64) -> PathBuf {
        self.home().join(format!("images/{sequence:020}.image"))
    }

    /// Opens it again, its index gone.
    fn reopen_without_index(&mut self) {
        self.province = None;
        fs::remove_dir_all(self.home().join("state")).unwrap();
        self.reopen();
    }

    async fn sign_in_numbered(&self, number: u32) {
        let issued = self.issue(Profile::A, &Company::numbered(number));
        self.admitted(&issued).await;
    }
}

/// Two images with sign-ins before, between and behind them.
async fn with_two_images() -> (World, u64, u64) {
    let world = World::with(&[Profile::A]).await;
    world.sign_in_numbered(1).await;
    let older = world.take_image().await.sequence;
    world.sign_in_numbered(2).await;
    let newer = world.take_image().await.sequence;
    world.sign_in_numbered(3).await;
    (world, older, newer)
}

#[tokio::test]
async fn the_state_is_made_anew_from_the_newest_image_and_the_tail() {
    let (mut world, older, newer) = with_two_images().await;
    let before = world.state().await;
    world.reopen_without_index();
    let opened = world.province().opened().clone();
    assert_eq!(opened.image, Some(newer));
    // The record that names the image, and the sign-in behind it.
    assert_eq!(opened.applied, 2);
    assert!(opened.rebuilt.is_some());
    assert_eq!(world.state().await, before);
    let listed: Vec<u64> = world.images().await.iter().map(|image| image.sequence).collect();
    assert_eq!(listed, [newer, older]);
}

#[tokio::test]
async fn an_image_is_what_a_replay_to_its_record_makes() {
    let world = World::with(&[Profile::A]).await;
    world.sign_in_numbered(1).await;
    let before = world.state().await;
    assert_eq!(world.take_image().await.state, before);
}

#[tokio::test]
async fn a_damaged_image_is_named_and_the_older_one_used_then_the_journal() {
    let (mut world, older, newer) = with_two_images().await;
    let before = world.state().await;
    for (damaged, used) in [(newer, Some(older)), (older, None)] {
        let file = world.image_file(damaged);
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
        world.reopen_without_index();
        assert_eq!(world.province().opened().image, used);
        assert_eq!(world.state().await, before);
        let images = world.images().await;
        let fault = images.iter().find(|image| image.sequence == damaged).unwrap();
        let fault = fault.fault.as_ref().unwrap();
        assert!(fault.contains(&format!("{damaged:020}.image is damaged")), "{fault}");
    }
}

#[tokio::test]
async fn an_image_that_the_journal_does_not_name_is_not_used() {
    let (mut world, older, newer) = with_two_images().await;
    let other = World::with(&[Profile::A]).await;
    // Another province's image, whole in itself.
    let mut foreign = other.take_image().await.sequence;
    while foreign < newer {
        foreign = other.take_image().await.sequence;
    }
    assert_eq!(foreign, newer);
    fs::copy(other.image_file(newer), world.image_file(newer)).unwrap();
    world.reopen_without_index();
    assert_eq!(world.province().opened().image, Some(older));
    let images = world.images().await;
    let fault = images[0].fault.as_ref().unwrap();
    assert!(fault.contains("follows another journal"), "{fault}");
}

#[tokio::test]
async fn sign_ins_go_on_while_images_are_taken() {
    let world = World::with(&[Profile::A]).await;
    let images = async {
        for _ in 0..5 {
            world.take_image().await;
        }
    };
    let sign_ins = async {
        for number in 0..20 {
            world.sign_in_numbered(number).await;
        }
    };
    tokio::join!(images, sign_ins);
    assert_eq!(world.images().await.len(), 2);
    assert!(world.images().await.iter().all(|image| image.fault.is_none()));
}

/// Seals the first segment of a closed province's journal and removes it, as
/// archiving does.
fn archive_first_segment(world: &World) {
    let folder = world.home().join("journal");
    let options = JournalOptions::default();
    let (journal, _) = FileJournal::open(&folder, world.clock.clone(), &options).unwrap();
    journal.seal().unwrap().unwrap();
    journal.release(1).unwrap();
    journal.close();
}

#[tokio::test]
async fn an_image_stands_for_archived_segments_and_without_one_retrieve_is_named() {
    let mut world = World::with(&[Profile::A]).await;
    world.sign_in_numbered(1).await;
    let first = world.take_image().await.sequence;
    world.province = None;
    archive_first_segment(&world);
    world.reopen();
    let second = world.take_image().await.sequence;
    world.sign_in_numbered(2).await;
    world.reopen_without_index();
    assert_eq!(world.province().opened().image, Some(second));
    let images = world.images().await;
    assert_eq!(images[0].fault, None);
    // The record that names the first one is archived with what it was made of.
    assert_eq!(images[1].sequence, first);
    assert!(images[1].fault.as_ref().unwrap().contains("tongxing retrieve"), "{images:?}");
    world.province = None;
    fs::remove_dir_all(world.home().join("state")).unwrap();
    fs::remove_dir_all(world.home().join("images")).unwrap();
    let error = Province::open(&world.home(), world.clock.clone()).unwrap_err();
    assert!(matches!(error, StoreError::Archived { .. }), "{error}");
    assert!(error.to_string().contains("tongxing retrieve"), "{error}");
}
