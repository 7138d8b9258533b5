//! Sign-in by challenge.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_testdata::{Issued, Profile};
use tongxing_trust_store::SIGN_IN_LINE;

use crate::client::Answer;
use crate::world::{PARTY, World};

pub(crate) async fn challenge(world: &World, audience: &str) -> Value {
    let answer =
        world.public().await.post("/v1/challenges", &json!({ "audience": audience })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

pub(crate) fn signed(challenge: &Value, audience: &str, issued: &Issued, algorithm: &str) -> Value {
    let text = challenge["text"].as_str().unwrap().as_bytes();
    let value = match algorithm {
        "rsa-pss-sha256" => issued.key.sign_rsa_pss(text).unwrap(),
        _ => issued.key.sign(text).unwrap(),
    };
    json!({
        "audience": audience,
        "challenge_id": challenge["challenge_id"],
        "signature": {
            "format": "raw",
            "algorithm": algorithm,
            "value": STANDARD.encode(value),
            "certificate": STANDARD.encode(&issued.certificate_der),
            "chain": issued.chain_der.iter().map(|der| STANDARD.encode(der)).collect::<Vec<_>>(),
        },
    })
}

pub(crate) async fn answer_to(world: &World, body: &Value) -> Answer {
    world.public().await.post("/v1/tokens", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_challenges_sign_in_with_every_algorithm() {
    let (world, authorities) = World::with_authorities().await;
    let mut subjects = Vec::new();
    for (enrolled, algorithms) in authorities.iter().zip([
        &["rsa-pkcs1-sha256", "rsa-pss-sha256"][..],
        &["ecdsa-sha256"],
        &["ecdsa-sha256"],
    ]) {
        let issued = enrolled.issue();
        for algorithm in algorithms {
            let challenge = challenge(&world, PARTY).await;
            assert!(challenge["text"].as_str().unwrap().starts_with(SIGN_IN_LINE));
            let answer = answer_to(&world, &signed(&challenge, PARTY, &issued, algorithm)).await;
            let claims = world.claims(&answer).await;
            assert_eq!(claims["acr"], "certificate-challenge");
            subjects.push(claims["sub"].clone());
        }
    }
    subjects.dedup();
    assert_eq!(subjects.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_for_one_party_one_use_and_two_minutes() {
    let world = World::new().await;
    let issued = world.enrol(Profile::B).await.issue();
    let made = challenge(&world, PARTY).await;
    let other = answer_to(&world, &signed(&made, "platform-b", &issued, "ecdsa-sha256")).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (401, "challenge.mismatch"));

    let body = signed(&made, PARTY, &issued, "ecdsa-sha256");
    assert_eq!(answer_to(&world, &body).await.status, 200);
    let replayed = answer_to(&world, &body).await;
    assert_eq!((replayed.status.as_u16(), replayed.code().as_str()), (401, "challenge.replayed"));

    let late = signed(&challenge(&world, PARTY).await, PARTY, &issued, "ecdsa-sha256");
    world.clock.advance_millis(120_000);
    assert_eq!(answer_to(&world, &late).await.code(), "challenge.expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_exact_text_under_the_right_key_proves_possession() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let (issued, stranger) = (enrolled.issue(), enrolled.issue());
    let mut made = challenge(&world, PARTY).await;
    let good = signed(&made, PARTY, &issued, "ecdsa-sha256");

    let mut stolen = signed(&made, PARTY, &stranger, "ecdsa-sha256");
    stolen["signature"]["certificate"] = good["signature"]["certificate"].clone();
    assert_eq!(answer_to(&world, &stolen).await.code(), "challenge.signature_invalid");

    let wrong = signed(&made, PARTY, &issued, "rsa-pkcs1-sha256");
    assert_eq!(answer_to(&world, &wrong).await.code(), "challenge.signature_algorithm");

    let mut broken = good.clone();
    broken["signature"]["certificate"] = json!(STANDARD.encode(b"\x30\x03\x02\x01\x00"));
    let broken = answer_to(&world, &broken).await;
    assert_eq!(broken.code(), "challenge.certificate_malformed");
    assert!(broken.json()["detail"].is_string());

    let mut forged = good.clone();
    forged["challenge_id"] = json!("AAAA");
    assert_eq!(answer_to(&world, &forged).await.code(), "challenge.malformed");

    let text = format!("{}\n", made["text"].as_str().unwrap());
    made["text"] = json!(text);
    let with_newline = signed(&made, PARTY, &issued, "ecdsa-sha256");
    assert_eq!(answer_to(&world, &with_newline).await.code(), "challenge.signature_invalid");
    // None of these used the challenge up.
    assert_eq!(answer_to(&world, &good).await.status, 200);
}
