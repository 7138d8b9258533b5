//! Certificates judged at moments in the past: by the policy that was in force then.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_pki::Timestamp;
use tongxing_testdata::{CrlSpec, Issued, Profile};
use tongxing_trust_store::{Command, PolicyFile, Reply};

use crate::lists::set_policy;
use crate::world::{Enrolled, World};

const PATH: &str = "/v1/certificates/verify";
const HOUR: i64 = 3_600;

/// A platform that asks about one certificate.
struct Asking {
    world: World,
    enrolled: Enrolled,
    issued: Issued,
    authorization: String,
    begin: i64,
}

impl Asking {
    async fn new() -> Self {
        let world = World::new().await;
        let enrolled = world.enrol(Profile::B).await;
        let issued = enrolled.issue();
        let id = "platform-c";
        let add = Command::RelyingPartyAdd { id: id.parse().unwrap(), name: "平台".into() };
        let Reply::RelyingPartyAdded { secret, .. } = world.execute(add).await else { panic!() };
        let authorization = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let begin = world.now();
        Self { world, enrolled, issued, authorization, begin }
    }

    /// An hour goes by, and a list comes.
    async fn an_hour_later(&self) {
        self.world.clock.advance_millis(HOUR * 1_000);
        let now = self.world.now();
        let number = u64::try_from(now - self.begin).unwrap();
        self.world.import(&self.enrolled, CrlSpec::empty(number, now, now + 86_400)).await;
    }

    /// The report of a moment so many hours after the beginning.
    async fn at(&self, hours: i64, minutes: i64) -> Value {
        let at = Timestamp::from_unix(self.begin + hours * HOUR + minutes * 60);
        let body = json!({
            "certificate": STANDARD.encode(&self.issued.certificate_der),
            "purpose": "sign-in",
            "at": at.to_string(),
        });
        let headers = [("authorization", self.authorization.as_str())];
        let mut public = self.world.public().await;
        let answer = public.send("POST", PATH, &headers, &body.to_string()).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

fn codes(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter_map(|finding| finding["code"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_moment_judges_and_is_named() {
    let asking = Asking::new().await;
    asking.an_hour_later().await;
    let source = Profile::B.policy_toml();
    let strict = source.replace(
        "extended-key-usage = [\"client-auth\"]",
        "extended-key-usage = [\"document-signing\"]",
    );
    assert_ne!(strict, source);
    set_policy(&asking.world, &asking.enrolled, strict).await;
    asking.an_hour_later().await;

    let before = asking.at(0, 30).await;
    assert_eq!(before["verdict"], "passed", "{before:#}");
    let after = asking.at(1, 30).await;
    assert_eq!(after["verdict"], "failed", "{after:#}");
    assert!(codes(&after).iter().any(|code| code.contains("key_usage")), "{after:#}");
    let version = |report: &Value| report["policy_versions"]["authority"].clone();
    assert_ne!(version(&before), version(&after));

    // A mistake in it, mended for its whole time: new verdicts are others.
    let authority = Some(Profile::B.id().parse().unwrap());
    let policy = PolicyFile { name: "mended.toml".into(), source: source.into() };
    let effective = Some(Timestamp::from_unix(asking.begin + HOUR));
    asking.world.execute(Command::PolicySet { authority, policy, effective }).await;
    let mended = asking.at(1, 30).await;
    assert_eq!(mended["verdict"], "passed", "{mended:#}");
    assert_eq!(version(&mended), version(&before), "the same text");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provinces_rules_of_the_moment_judge_and_are_named() {
    let asking = Asking::new().await;
    asking.an_hour_later().await;
    let source = include_str!("../../../policies/province.toml");
    let whole = "minimum-assurance = \"substantial\"";
    let stricter = source.replacen(
        "[sign-in]\ncapacities = [\"organization\", ",
        "[sign-in]\ncapacities = [",
        1,
    );
    assert!(stricter != source && source.contains(whole));
    let policy = PolicyFile { name: "province.toml".into(), source: stricter };
    asking.world.execute(Command::PolicySet { authority: None, policy, effective: None }).await;
    asking.an_hour_later().await;

    let (before, after) = (asking.at(0, 30).await, asking.at(1, 30).await);
    assert_eq!((&before["verdict"], &after["verdict"]), (&json!("passed"), &json!("failed")));
    let version = |report: &Value| report["policy_versions"]["province"].clone();
    assert_ne!(version(&before), version(&after));
}
