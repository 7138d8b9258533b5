//! Receipts with a timestamp: a gateway that asks a service for them (`openssl ts`), and what
//! a check of the receipt makes of the timestamp, whatever was done to it.

use std::path::{Path, PathBuf};
use std::process::Command as Program;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tongxing_pki::{Certificate, DocumentBudget, Level, SignedContent, TimestampToken, Verdict};
use tongxing_testdata::{KeyAlgorithm, LeafSpec, Profile, Validity};
use tongxing_trust_store::{
    Command, EvidenceKey, ReceiptCheck, ReceiptFile, ReceiptVerification, Reply, Role,
};

use super::timestamp_service::{Reply as Answer, TimestampService, by_openssl};
use super::weave::tlv;
use super::{CONTENT, DAY, Desk, body, flipped};

/// A desk whose gateway asks a service, and the service's own folder.
struct Counter {
    desk: Desk,
    folder: TempDir,
    service: TimestampService,
}

impl Counter {
    /// With OpenSSL as the service, once [`Self::open`] gave it a key.
    async fn new() -> Self {
        Self::with(by_openssl).await
    }

    /// With a service that answers so, from what is in its folder.
    async fn with(reply: impl Fn(&Path, &[u8]) -> Answer + Send + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_owned();
        let service = TimestampService::start(move |query| reply(&place, &query));
        let url = format!("timestamp_url = \"http://{}/tsa\"", service.address);
        let changes = [
            ("# timestamp_url = \"http://tsa.example/\"", url.as_str()),
            ("# timestamp = false", "timestamp = true"),
        ];
        let desk = Desk::with_settings(Profile::B, &changes).await;
        desk.leaf("one");
        Self { desk, folder, service }
    }

    /// Gives the service a certificate that may make timestamps.
    fn open(&self) {
        self.open_with(|leaf| leaf);
    }

    fn open_with(&self, change: impl FnOnce(LeafSpec) -> LeafSpec) {
        self.desk.stamper_with(change);
        // The settings come last: they open the service.
        for name in ["tsa.pem", "tsa.key", "tsa.cnf"] {
            std::fs::copy(self.desk.path(name), self.folder.path().join(name)).unwrap();
        }
    }

    /// A verification's answer with its receipt, a second after whatever was signed before.
    async fn receipt(&self) -> Value {
        let message = self.desk.sign("one", "");
        self.desk.advance(1);
        let mut asked = body(&message, Some(CONTENT));
        asked["options"] = json!({ "receipt": "bundle" });
        let answer = self.desk.ask(&asked).await;
        assert_eq!(answer["verdict"], "passed", "{answer:#}");
        answer
    }

    async fn check(&self, answer: &Value) -> ReceiptVerification {
        self.check_with(answer, &[]).await
    }

    async fn check_with(&self, answer: &Value, anchors: &[&Certificate]) -> ReceiptVerification {
        let text = self.desk.world.public().await.get("/v1/evidence-keys").await.text;
        let keys: Vec<EvidenceKey> = text.lines().map(|line| line.parse().unwrap()).collect();
        let file = ReceiptFile::read(answer.to_string().as_bytes()).unwrap();
        let mut check = ReceiptCheck::new(file).unwrap();
        anchors.iter().copied().cloned().for_each(|anchor| check.trust_timestamps(anchor));
        check.run(&keys)
    }

    /// What came of the receipt, and what is said of the timestamp, if anything.
    async fn told(&self, answer: &Value) -> Told {
        self.told_with(answer, &[]).await
    }

    async fn told_with(&self, answer: &Value, anchors: &[&Certificate]) -> Told {
        let verification = self.check_with(answer, anchors).await;
        let findings = verification.findings.findings().iter();
        let mut about = findings.filter(|one| one.code().id.starts_with("receipt.timestamp"));
        let one = about.next().map(|one| (one.code().id, one.level()));
        assert!(about.next().is_none(), "said once");
        (verification.verdict, one)
    }

    async fn degraded(&self) -> Vec<String> {
        let Reply::Health(health) = self.desk.world.execute(Command::Health).await else {
            panic!()
        };
        health.degraded
    }
}

fn timestamp(answer: &Value) -> Option<Vec<u8>> {
    let text = answer["receipt"].get("timestamp")?.as_str()?;
    Some(STANDARD.decode(text).unwrap())
}

fn with_timestamp(answer: &Value, timestamp: &[u8]) -> Value {
    let mut answer = answer.clone();
    answer["receipt"]["timestamp"] = json!(STANDARD.encode(timestamp));
    answer
}

type Told = (Verdict, Option<(&'static str, Level)>);

const PROVES: Told = (Verdict::Passed, Some(("receipt.timestamp_enrolled", Level::Passed)));
const INVALID: Told = (Verdict::Failed, Some(("receipt.timestamp_invalid", Level::Failed)));
/// Whole, and made by nobody who is believed: that neither helps nor harms.
const UNPROVEN: Told = (Verdict::Passed, Some(("receipt.timestamp_unproven", Level::Info)));
/// Nobody named authorities that should have made one.
const NONE: Told = (Verdict::Passed, None);

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_proves_a_receipt_and_no_other_one_does() {
    let counter = Counter::new().await;
    counter.open();
    let (first, second) = (counter.receipt().await, counter.receipt().await);
    for answer in [&first, &second] {
        assert_eq!(counter.told(answer).await, PROVES);
    }
    let own = timestamp(&first).unwrap();
    assert!(counter.service.answered.try_iter().count() >= 2, "it was asked");
    assert_ne!(timestamp(&second).unwrap(), own, "each has a checkpoint of its own");
    let verified = counter.check(&first).await;
    let mut proven = verified.findings.findings().iter();
    let proven = proven.find(|one| one.code().id == "receipt.timestamp_enrolled").unwrap();
    let time = TimestampToken::parse(&own, &DocumentBudget::default()).unwrap().info().time;
    assert_eq!(proven.observation(), Some(time.to_string().as_str()));

    let of_another = with_timestamp(&first, &timestamp(&second).unwrap());
    assert_eq!(counter.told(&of_another).await, INVALID, "another receipt's");
    counter.desk.timestamp(CONTENT);
    let about_content = with_timestamp(&first, &counter.desk.read("answer"));
    assert_eq!(counter.told(&about_content).await, INVALID, "about something else");
    for place in [own.len() - 1, own.len() / 2] {
        let altered = with_timestamp(&first, &flipped(&own, place));
        assert_eq!(counter.told(&altered).await, INVALID, "one bit at {place}");
    }
    let cut = with_timestamp(&first, &own[..own.len() - 9]);
    assert_eq!(counter.told(&cut).await, INVALID, "cut short");
    let mut removed = first.clone();
    removed["receipt"].as_object_mut().unwrap().remove("timestamp");
    assert_eq!(counter.told(&removed).await, NONE);
}

/// Whoever does not take the province's word names the authorities themselves.
#[tokio::test(flavor = "multi_thread")]
async fn who_checks_may_name_the_authorities_of_timestamps() {
    let counter = Counter::new().await;
    counter.open();
    let answer = counter.receipt().await;
    let (stampers, bidders) = (&counter.desk.stampers, &counter.desk.bidders);
    let [own, other] = [stampers, bidders]
        .map(|enrolled| Certificate::parse(enrolled.authority.root().der()).unwrap());
    let proven = (Verdict::Passed, Some(("receipt.timestamp", Level::Passed)));
    assert_eq!(counter.told_with(&answer, &[&own]).await, proven);
    assert_eq!(counter.told_with(&answer, &[&other, &own]).await, proven, "any of them");
    let untrusted = Some(("receipt.timestamp_untrusted", Level::Indeterminate));
    assert_eq!(counter.told_with(&answer, &[&other]).await, (Verdict::Indeterminate, untrusted));
    let mut removed = answer.clone();
    removed["receipt"].as_object_mut().unwrap().remove("timestamp");
    let missing = Some(("receipt.timestamp_missing", Level::Indeterminate));
    assert_eq!(counter.told_with(&removed, &[&own]).await, (Verdict::Indeterminate, missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_enrolled_for_timestamps_proves_nothing() {
    let counter = Counter::new().await;
    counter.open();
    let authority = Profile::A.id().parse().unwrap();
    counter.desk.world.execute(Command::RolesSet { authority, roles: vec![Role::SignIn] }).await;
    let answer = counter.receipt().await;
    assert!(timestamp(&answer).is_some(), "it was asked all the same");
    assert_eq!(counter.told(&answer).await, UNPROVEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_makes_no_timestamps() {
    let counter = Counter::new().await;
    let now = counter.desk.world.now();
    let past = Validity { not_before: now - 9 * DAY, not_after: now - DAY };
    counter.open_with(|leaf| leaf.valid(past));
    let answer = counter.receipt().await;
    assert!(timestamp(&answer).is_some());
    assert_eq!(counter.told(&answer).await, UNPROVEN);
}

/// What OpenSSL's timestamp says, signed by `one`, whose certificate is for documents.
fn forged(folder: &Path, query: &[u8]) -> Answer {
    let Answer::Octets(answer) = by_openssl(folder, query) else { return Answer::Unavailable };
    let token = TimestampToken::parse(&answer, &DocumentBudget::default()).unwrap();
    let SignedContent::Embedded(info) = &token.message().contents()[0] else { panic!() };
    std::fs::write(folder.join("info"), info).unwrap();
    let line = "cms -sign -binary -md sha256 -in info -signer one.pem -inkey one.key -outform DER \
                -nodetach -cades -econtent_type 1.2.840.113549.1.9.16.1.4 -out forged";
    let done = Program::new("openssl").current_dir(folder).args(line.split(' ')).status().unwrap();
    assert!(done.success());
    let token = std::fs::read(folder.join("forged")).unwrap();
    // PKIStatusInfo: granted.
    let status = tlv(0x30, &[2, 1, 0]);
    Answer::Octets(tlv(0x30, &[status, token].concat()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_documents_makes_no_timestamps() {
    let counter = Counter::with(forged).await;
    let spec = counter.desk.stampers.leaf().with_algorithm(KeyAlgorithm::Rsa2048);
    let one = counter.desk.stampers.authority.issue(&spec).unwrap();
    let file = |name: &str| -> PathBuf { counter.folder.path().join(name) };
    std::fs::write(file("one.pem"), one.certificate_pem().unwrap()).unwrap();
    std::fs::write(file("one.key"), one.key_pem().unwrap()).unwrap();
    counter.open();
    let answer = counter.receipt().await;
    assert!(timestamp(&answer).is_some());
    assert_eq!(counter.told(&answer).await, UNPROVEN);
}

/// A service that fails, answers something else, or says nothing for as long as is waited.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_answer_a_receipt_comes_without() {
    let other = |folder: &Path, _: &[u8]| match std::fs::read(folder.join("other")) {
        Ok(octets) => Answer::Octets(octets),
        Err(_) => Answer::Unavailable,
    };
    let failing = Counter::with(other).await;
    let answer = failing.receipt().await;
    assert_eq!((timestamp(&answer), failing.told(&answer).await), (None, NONE));
    failing.open();
    failing.desk.timestamp(b"another question");
    let answer = failing.desk.read("answer");
    std::fs::write(failing.folder.path().join("other"), answer).unwrap();
    let answer = failing.receipt().await;
    assert_eq!((timestamp(&answer), failing.told(&answer).await), (None, NONE));
    let told = failing.degraded().await;
    assert!(told.iter().any(|line| line.contains("it is about something else")), "{told:?}");

    let silent = Counter::with(|_, _| Answer::Silence).await;
    let answer = silent.receipt().await;
    assert_eq!((timestamp(&answer), silent.told(&answer).await), (None, NONE));
    assert!(!silent.degraded().await.is_empty());
}
