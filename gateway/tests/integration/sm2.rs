//! Sign-in by challenge with SM2 keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_testdata::{Issued, KeyAlgorithm, Profile};

use crate::challenge::{answer_to, challenge, signed};
use crate::client::Answer;
use crate::lists::set_policy;
use crate::world::{PARTY, World};

const STANDARD_ID: &str = "1234567812345678";

/// Answers a new challenge with a signature that is changed before it is sent.
async fn answer_with(
    world: &World,
    issued: &Issued,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Answer {
    let made = challenge(world, PARTY).await;
    let mut body = signed(&made, PARTY, issued, "sm2-sm3");
    let value = sign(made["text"].as_str().unwrap().as_bytes());
    body["signature"]["value"] = json!(STANDARD.encode(value));
    answer_to(world, &body).await
}

fn raw<'a>(issued: &'a Issued, user_id: &'a str) -> impl Fn(&[u8]) -> Vec<u8> + 'a {
    move |text| issued.key.sign_sm2_raw(user_id, text).unwrap().to_vec()
}

fn finding(answer: &Answer) -> Value {
    answer.json()["findings"][0]["code"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_company_signs_in_with_both_encodings() {
    let world = World::new().await;
    let with_p256 = world.enrol(Profile::B).await.issue();
    let made = challenge(&world, PARTY).await;
    let answer = answer_to(&world, &signed(&made, PARTY, &with_p256, "ecdsa-sha256")).await;
    let subject = world.claims(&answer).await["sub"].clone();

    let issued = world.enrol(Profile::D).await.issue();
    for encoded in [
        answer_with(&world, &issued, |text| issued.key.sign(text).unwrap()).await,
        answer_with(&world, &issued, raw(&issued, STANDARD_ID)).await,
    ] {
        let claims = world.claims(&encoded).await;
        assert_eq!((&claims["sub"], &claims["authority"]), (&subject, &json!("ca-d")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_signature_is_said_by_its_own_code() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::D).await;
    let issued = enrolled.issue();
    let sign = raw(&issued, STANDARD_ID);
    let r_alone = |text: &[u8]| [&sign(text)[..32], &[0; 32]].concat();
    let short = |text: &[u8]| sign(text)[..63].to_vec();
    let long = |text: &[u8]| [&sign(text)[..], &[0]].concat();
    let trailing = |text: &[u8]| [issued.key.sign(text).unwrap(), vec![0]].concat();
    for (answer, code) in [
        (answer_with(&world, &issued, r_alone).await, "signature.sm2_zero"),
        (answer_with(&world, &issued, short).await, "signature.sm2_length"),
        (answer_with(&world, &issued, long).await, "signature.sm2_length"),
        (answer_with(&world, &issued, trailing).await, "signature.sm2_trailing_octets"),
    ] {
        assert_eq!(answer.code(), "challenge.signature_invalid");
        assert_eq!(finding(&answer), code);
    }
    let other = enrolled.issue();
    let stolen = answer_with(&world, &issued, raw(&other, STANDARD_ID)).await;
    assert_eq!(stolen.code(), "challenge.signature_invalid");
    assert!(stolen.json()["findings"].as_array().is_none_or(Vec::is_empty));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encryption_certificate_has_its_own_reason() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::D).await;
    let pair = enrolled.authority.issue_pair(&enrolled.leaf()).unwrap();
    let issued = &pair.encryption;
    let answer = answer_with(&world, issued, raw(issued, STANDARD_ID)).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "sign_in.refused"));
    let findings = answer.json()["findings"].as_array().unwrap().clone();
    let told = |code: &str| findings.iter().any(|finding| finding["code"] == code);
    assert!(told("certificate.encryption_only"), "{findings:?}");
    let encoding = findings.iter().find(|one| one["code"] == "sm2.signature_encoding").unwrap();
    assert_eq!(encoding["seen"], "raw");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_id_is_the_policys_to_allow() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::D).await;
    let issued = enrolled.issue();
    let refused = answer_with(&world, &issued, raw(&issued, "")).await;
    assert_eq!(refused.code(), "challenge.signature_invalid");

    let source = Profile::D.policy_toml();
    let source = source.replace("keys = [\"sm2\"]", "keys = [\"sm2\"]\nsm2-user-ids = [\"\"]");
    set_policy(&world, &enrolled, source).await;
    for user_id in ["", STANDARD_ID] {
        assert_eq!(answer_with(&world, &issued, raw(&issued, user_id)).await.status, 200);
    }
    let wrong = answer_with(&world, &issued, raw(&issued, "ALICE123@YAHOO.COM")).await;
    assert_eq!(wrong.code(), "challenge.signature_invalid");
    // Where the sign-in is refused for another reason, the report says it.
    let pair = enrolled.authority.issue_pair(&enrolled.leaf()).unwrap();
    let encryption = &pair.encryption;
    let answer = answer_with(&world, encryption, raw(encryption, "")).await;
    let findings = answer.json()["findings"].as_array().unwrap().clone();
    assert!(findings.iter().any(|finding| finding["code"] == "sm2.user_id"), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_algorithm_must_be_the_keys() {
    let world = World::new().await;
    let issued = world.enrol(Profile::D).await.issue();
    assert_eq!(issued.key.algorithm(), KeyAlgorithm::Sm2);
    let made = challenge(&world, PARTY).await;
    let answer = answer_to(&world, &signed(&made, PARTY, &issued, "ecdsa-sha256")).await;
    assert_eq!(answer.code(), "challenge.signature_algorithm");
}
