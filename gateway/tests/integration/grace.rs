//! Sign-ins while an answer about revocation is overdue: what the policy allows stands in
//! the token and in the record.

use serde_json::{Value, json};
use tongxing_testdata::{CrlSpec, Issued, OcspAnswer, OcspSpec, OcspStatus, Profile};
use tongxing_trust_store::{Command, Reply};

use crate::client::{Answer, TLS13};
use crate::lists::{Web, set_revocation};
use crate::world::{Enrolled, World};

const HOUR_MILLIS: i64 = 3_600_000;

const WITHIN_GRACE: &str =
    "order = [\"crl\"]\nwhen-unavailable = \"allow-within-grace\"\ngrace = \"12h\"";

/// What the records of all sign-ins say of revocation, in order.
async fn recorded(world: &World) -> Vec<Value> {
    let list = Command::AuditList { from: 1, limit: 1000 };
    let Reply::Records(records) = world.execute(list).await else { panic!() };
    let changes = records.iter().map(|record| record.entry["change"]["sign_in.v1"].clone());
    changes.filter(|change| !change.is_null()).map(|change| change["revocation"].clone()).collect()
}

async fn claim(world: &World, answer: &Answer) -> Value {
    world.claims(answer).await["revocation"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_its_grace_lets_in_and_token_and_record_say_so() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    set_revocation(&world, &enrolled, WITHIN_GRACE).await;
    let issued = enrolled.issue();
    let made = world.now();
    world.import(&enrolled, CrlSpec::empty(2, made, made + 86_400)).await;
    let fresh = world.sign_in(&issued, TLS13).await;
    assert_eq!(
        claim(&world, &fresh).await,
        json!({ "method": "crl", "age": 0, "freshness": "fresh" })
    );

    // The same chain again, once the list is overdue: nothing remembered hides that.
    world.clock.advance_millis(25 * HOUR_MILLIS);
    for _ in 0..2 {
        let overdue = world.sign_in(&issued, TLS13).await;
        let expected = json!({ "method": "crl", "age": 90_000, "freshness": "grace" });
        assert_eq!(claim(&world, &overdue).await, expected);
    }

    let records = recorded(&world).await;
    let freshness: Vec<_> = records.iter().map(|one| one["freshness"].as_str()).collect();
    assert_eq!(freshness, [Some("fresh"), Some("grace"), Some("grace")]);
    assert!(records.iter().all(|one| one["method"] == "crl" && one["made"] == records[0]["made"]));

    // Beyond it nobody is let in, and nobody is called revoked.
    world.clock.advance_millis(12 * HOUR_MILLIS);
    let stale = world.sign_in(&issued, TLS13).await;
    assert_ne!(stale.status, 200);
    let codes = stale.findings();
    assert!(
        !codes.is_empty() && codes.iter().all(|code| code != "revocation.revoked"),
        "{codes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_refuses_allows_nothing_that_is_overdue() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let issued = enrolled.issue();
    assert_eq!(world.sign_in(&issued, TLS13).await.status, 200);
    world.clock.advance_millis(25 * HOUR_MILLIS);
    assert_ne!(world.sign_in(&issued, TLS13).await.status, 200);
    assert_eq!(recorded(&world).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_in_its_grace_is_told_from_a_fresh_one() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let web = Web::new().await;
    let keys = format!(
        "order = [\"ocsp\"]\nhosts = [\"127.0.0.1:{}\"]\nprivate-addresses = true\nocsp = {:?}\n\
         when-unavailable = \"allow-within-grace\"\ngrace = \"12h\"",
        web.port(),
        web.url("/ocsp")
    );
    set_revocation(&world, &enrolled, &keys).await;
    let issued = enrolled.issue();
    web.has("/ocsp*", &good(&world, &enrolled, &issued));
    let fresh = world.sign_in(&issued, TLS13).await;
    assert_eq!(claim(&world, &fresh).await["freshness"], "fresh");
    // The responder has nothing newer.
    world.clock.advance_millis(2 * HOUR_MILLIS);
    let overdue = world.sign_in(&issued, TLS13).await;
    let expected = json!({ "method": "ocsp", "age": 7_260, "freshness": "grace" });
    assert_eq!(claim(&world, &overdue).await, expected);
    assert_eq!(recorded(&world).await[1]["freshness"], "grace");
    world.clock.advance_millis(12 * HOUR_MILLIS);
    assert_ne!(world.sign_in(&issued, TLS13).await.status, 200);
}

/// Made a minute ago, due in an hour.
fn good(world: &World, enrolled: &Enrolled, issued: &Issued) -> Vec<u8> {
    let now = world.now();
    let answer = OcspAnswer::new(issued.serial.clone(), OcspStatus::Good, now - 60, now + 3600);
    enrolled.authority.issuing().ocsp(&OcspSpec::of(answer)).unwrap()
}
