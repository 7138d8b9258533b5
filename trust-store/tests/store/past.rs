//! Moments in the past, by archived lists: what was known then, and what came later.

use tongxing_pki::{Certificate, Finality, RevocationResponses, Timestamp};
use tongxing_testdata::{Company, CrlSpec, Issued, Profile, RevocationReason, RevokedEntry};
use tongxing_trust_store::{Command, Demands, Purpose, Recognition, Status};

use crate::world::{NOW, World, decisive};

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The moment at which something was signed.
pub(crate) const SIGNED: i64 = NOW + 10 * HOUR;

pub(crate) struct Scene {
    pub(crate) world: World,
    number: u64,
}

impl Scene {
    /// An authority whose list of [`NOW`] is good for a day.
    pub(crate) async fn new() -> Self {
        Self { world: World::with(&[Profile::B]).await, number: 1 }
    }

    pub(crate) fn issued(&self) -> Issued {
        self.world.issue(Profile::B, &Company::numbered(0))
    }

    /// A list made at a moment, which becomes now.
    pub(crate) async fn list_at(&mut self, made: i64, entries: Vec<RevokedEntry>) -> Vec<u8> {
        let list = self.make(made, entries);
        self.now(made);
        self.world.command(Command::ListImport { list: list.clone().into() }).await.unwrap();
        list
    }

    /// Lets time pass.
    fn now(&self, moment: i64) {
        use tongxing_trust_store::Clock;
        let seconds = moment - self.world.clock.now().unix();
        self.world.clock.advance_millis(seconds * 1000);
    }

    fn make(&mut self, made: i64, entries: Vec<RevokedEntry>) -> Vec<u8> {
        self.number += 1;
        let spec = CrlSpec::empty(self.number, made, made + DAY);
        let spec = entries.into_iter().fold(spec, CrlSpec::revoking);
        self.world.authority(Profile::B).crl(&spec).unwrap()
    }

    pub(crate) fn recognise(&self, issued: &Issued, at: i64) -> Recognition {
        let leaf = Certificate::parse(&issued.certificate_der).unwrap();
        let (at, none) = (Timestamp::from_unix(at), RevocationResponses::default());
        self.world
            .province()
            .recognise_past(
                &self.world.province().snapshot(),
                &[leaf],
                Purpose::SignIn,
                at,
                none,
                &Demands::default(),
            )
            .unwrap()
    }

    /// How it stood when something was signed.
    fn finality(&self, issued: &Issued) -> Option<Finality> {
        match self.recognise(issued, SIGNED) {
            Recognition::Recognised(recognised) => recognised.revocation().finality,
            other => panic!("{:?}", decisive(&other)),
        }
    }

    pub(crate) fn refusal(&self, issued: &Issued) -> String {
        let recognition = self.recognise(issued, SIGNED);
        assert!(matches!(recognition, Recognition::Refused(_)), "{:?}", decisive(&recognition));
        decisive(&recognition).join(" ")
    }
}

pub(crate) fn entry(issued: &Issued, revoked_at: i64, reason: RevocationReason) -> RevokedEntry {
    RevokedEntry::new(issued.serial.clone(), revoked_at, reason)
}

#[tokio::test]
async fn revoked_at_0950_signed_at_1000_listed_at_1200() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.now(SIGNED + MINUTE);
    assert_eq!(scene.finality(&issued), Some(Finality::Provisional), "no later list is known");

    let revoked = entry(&issued, SIGNED - 10 * MINUTE, RevocationReason::KeyCompromise);
    scene.list_at(NOW + 12 * HOUR, vec![revoked]).await;
    let why = scene.refusal(&issued);
    assert!(why.contains("revocation.revoked"), "{why}");
    assert!(why.contains("list number 03"), "with its proof: {why}");

    // Before it was revoked it was good, whatever is known now.
    let Recognition::Recognised(before) = scene.recognise(&issued, SIGNED - HOUR) else {
        panic!("it was good then");
    };
    assert_eq!(before.revocation().finality, Some(Finality::Final));
}

#[tokio::test]
async fn a_later_list_confirms_what_was_provisional() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.now(SIGNED + MINUTE);
    assert_eq!(scene.finality(&issued), Some(Finality::Provisional));
    scene.list_at(NOW + 12 * HOUR, Vec::new()).await;
    assert_eq!(scene.finality(&issued), Some(Finality::Final));
    // Revoked afterwards, it was good when it signed.
    let revoked = entry(&issued, NOW + 13 * HOUR, RevocationReason::Superseded);
    scene.list_at(NOW + 14 * HOUR, vec![revoked]).await;
    assert_eq!(scene.finality(&issued), Some(Finality::Final));
    assert!(!matches!(scene.world.recognise(&issued), Recognition::Recognised(_)));
}

#[tokio::test]
async fn an_invalidity_date_reaches_back() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    let mut revoked = entry(&issued, SIGNED + HOUR, RevocationReason::KeyCompromise);
    scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.list_at(NOW + 12 * HOUR, vec![revoked.clone()]).await;
    assert_eq!(scene.finality(&issued), Some(Finality::Final));
    revoked.invalid_since = Some(SIGNED - HOUR);
    scene.list_at(NOW + 13 * HOUR, vec![revoked]).await;
    assert!(scene.refusal(&issued).contains("revocation.revoked"));
}

#[tokio::test]
async fn a_hold_counts_while_it_lasts_and_not_afterwards() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    let hold = entry(&issued, SIGNED - HOUR, RevocationReason::CertificateHold);
    scene.list_at(SIGNED - HOUR, vec![hold]).await;
    // Lifted again: later lists do not name it, and the one of then still does.
    for hour in 1..4 {
        scene.list_at(SIGNED + hour * HOUR, Vec::new()).await;
    }
    assert!(scene.refusal(&issued).contains("revocation.on_hold"));
    let lifted = scene.recognise(&issued, SIGNED + 90 * MINUTE);
    assert!(matches!(lifted, Recognition::Recognised(_)), "{:?}", decisive(&lifted));
    assert!(matches!(scene.world.recognise(&issued), Recognition::Recognised(_)));
}

#[tokio::test]
async fn a_hold_that_was_told_later_and_lifted_again_is_found() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    let hold = entry(&issued, SIGNED - MINUTE, RevocationReason::CertificateHold);
    scene.list_at(SIGNED + HOUR, vec![hold]).await;
    for hour in 2..6 {
        scene.list_at(SIGNED + hour * HOUR, Vec::new()).await;
    }
    assert!(scene.refusal(&issued).contains("revocation.on_hold"));
}

#[tokio::test]
async fn a_hold_that_reaches_back_is_found_in_whichever_list_it_stood() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    let other = scene.world.issue(Profile::B, &Company::numbered(1));
    // Neither the list after the signing has it, nor the last one before the expiry.
    scene.list_at(SIGNED + HOUR, Vec::new()).await;
    let hold = entry(&issued, SIGNED - 10 * MINUTE, RevocationReason::CertificateHold);
    scene.list_at(SIGNED + 2 * HOUR, vec![hold]).await;
    for hour in 3..6 {
        scene.list_at(SIGNED + hour * HOUR, Vec::new()).await;
    }
    assert!(scene.refusal(&issued).contains("revocation.on_hold"));
    assert_eq!(scene.finality(&other), Some(Finality::Final));
    // It was not held before, and is not any more.
    let before = scene.recognise(&issued, SIGNED - HOUR);
    assert!(matches!(before, Recognition::Recognised(_)), "{:?}", decisive(&before));
    assert!(matches!(scene.world.recognise(&issued), Recognition::Recognised(_)));
    // What was remembered of the lists is made anew from them.
    scene.world.reopen();
    assert!(scene.refusal(&issued).contains("revocation.on_hold"));
    assert_eq!(scene.finality(&other), Some(Finality::Final));
}

#[tokio::test]
async fn a_revocation_that_lists_dropped_when_the_certificate_expired_is_found() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    let expires = Certificate::parse(&issued.certificate_der).unwrap().not_after().unix();
    scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.list_at(NOW + 12 * HOUR, Vec::new()).await;
    let revoked = entry(&issued, SIGNED - HOUR, RevocationReason::KeyCompromise);
    scene.list_at(expires - DAY, vec![revoked]).await;
    for day in 1..4 {
        scene.list_at(expires + day * DAY, Vec::new()).await;
    }
    assert!(scene.refusal(&issued).contains("revocation.revoked"));
}

#[tokio::test]
async fn an_operator_archives_what_was_replaced_before_the_province_knew_it() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    scene.list_at(NOW + 12 * HOUR, Vec::new()).await;
    let (old, refused) = (scene.make(NOW + 8 * HOUR, Vec::new()), scene.make(NOW, Vec::new()));
    let archive = |list: &Vec<u8>| Command::ListArchive { list: list.clone().into() };
    let import = Command::ListImport { list: old.clone().into() };
    assert!(scene.world.command(import).await.is_err(), "it is not newer");
    scene.world.command(archive(&old)).await.unwrap();
    assert!(scene.world.command(archive(&old)).await.is_err(), "it is there");
    scene.world.command(archive(&refused)).await.unwrap();
    let newer = scene.make(NOW + 13 * HOUR, Vec::new());
    scene.now(NOW + 14 * HOUR);
    assert!(scene.world.command(archive(&newer)).await.is_err(), "nothing replaced it");
    assert_eq!(scene.finality(&issued), Some(Finality::Final));

    // The state that follows from the record is the same.
    scene.world.reopen();
    assert_eq!(scene.finality(&issued), Some(Finality::Final));
    let verify = Command::AuditVerify { replay: tongxing_trust_store::Replay::Yes };
    scene.world.command(verify).await.unwrap();
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_no_verdict() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    let old = scene.list_at(NOW + 8 * HOUR, Vec::new()).await;
    scene.list_at(NOW + 12 * HOUR, Vec::new()).await;
    let blobs = crate::world::files(&scene.world.home().join("blobs"));
    let blob = blobs.iter().find(|file| std::fs::read(file).unwrap() == old).unwrap();
    std::fs::remove_file(blob).unwrap();
    let leaf = Certificate::parse(&issued.certificate_der).unwrap();
    let (at, none) = (Timestamp::from_unix(SIGNED), RevocationResponses::default());
    let judged = scene.world.province().recognise_past(
        &scene.world.province().snapshot(),
        &[leaf],
        Purpose::SignIn,
        at,
        none,
        &Demands::default(),
    );
    assert!(judged.unwrap_err().to_string().contains("archived revocation list"));
}

#[tokio::test]
async fn a_compromise_found_late_reaches_back_and_no_further() {
    let mut scene = Scene::new().await;
    let issued = scene.issued();
    scene.list_at(NOW + 12 * HOUR, Vec::new()).await;
    let compromise = |since: i64| Command::StatusSet {
        authority: Profile::B.id().parse().unwrap(),
        anchor: None,
        status: Status::Compromised,
        effective: Some(Timestamp::from_unix(since)),
        reason: "found late".into(),
    };
    scene.world.command(compromise(SIGNED + MINUTE)).await.unwrap();
    assert_eq!(scene.finality(&issued), Some(Finality::Final));
    assert!(decisive(&scene.world.recognise(&issued))[0].starts_with("authority.compromised"));
    scene.world.command(compromise(SIGNED - MINUTE)).await.unwrap();
    assert!(scene.refusal(&issued).contains("authority.compromised"));
}

#[tokio::test]
async fn what_was_issued_before_the_distrust_stays_usable() {
    let scene = Scene::new().await;
    let issued = scene.issued();
    let not_before = Certificate::parse(&issued.certificate_der).unwrap().not_before().unix();
    let distrust = |issued_after: Option<i64>| Command::DistrustSet {
        authority: Profile::B.id().parse().unwrap(),
        anchor: None,
        issued_after: issued_after.map(Timestamp::from_unix),
        reason: "an audit failed".into(),
    };
    scene.world.command(distrust(Some(not_before + 1))).await.unwrap();
    assert!(matches!(scene.world.recognise(&issued), Recognition::Recognised(_)));
    scene.world.command(distrust(Some(not_before))).await.unwrap();
    let why = decisive(&scene.world.recognise(&issued));
    assert!(why[0].starts_with("authority.distrusted") && why[0].contains("an audit failed"));
    assert_eq!(why.len(), 1, "{why:?}");
    scene.world.command(distrust(None)).await.unwrap();
    assert!(matches!(scene.world.recognise(&issued), Recognition::Recognised(_)));
}

#[tokio::test]
async fn an_anchor_is_one_from_when_it_was_added() {
    let scene = Scene::new().await;
    let next = scene.world.authority(Profile::B);
    let other = tongxing_testdata::TestAuthority::generate(
        &Profile::B.authority(tongxing_testdata::Validity::decade_around(NOW)).with_id("ca-b-next"),
    )
    .unwrap();
    assert_ne!(next.root().der(), other.root().der());
    scene.now(NOW + HOUR);
    scene
        .world
        .command(Command::AnchorAdd {
            authority: Profile::B.id().parse().unwrap(),
            certificate: other.root().der().to_vec().into(),
            effective: Some(Timestamp::from_unix(NOW + MINUTE)),
        })
        .await
        .unwrap();
    let list = other.crl(&CrlSpec::empty(1, NOW - HOUR, NOW + DAY)).unwrap();
    scene.world.command(Command::ListImport { list: list.into() }).await.unwrap();
    let validity = tongxing_testdata::Validity::year_from(NOW - 2 * HOUR);
    let person = tongxing_testdata::Person::numbered(0);
    let issued = other.issue(&Profile::B.leaf(&Company::numbered(0), &person, validity)).unwrap();
    let now = scene.recognise(&issued, NOW + MINUTE);
    assert!(matches!(now, Recognition::Recognised(_)), "{:?}", decisive(&now));
    let before = decisive(&scene.recognise(&issued, NOW));
    assert!(before[0].starts_with("authority.not_active"), "{before:?}");
}
