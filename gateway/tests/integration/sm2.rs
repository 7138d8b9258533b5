//! Sign-in by challenge with SM2 keys.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sm2::dsa::signature::Verifier as _;
use sm2::dsa::{Signature, VerifyingKey};
use tongxing_testdata::{Issued, KeyAlgorithm, Profile};
use tongxing_trust_store::{Command, RelyingPartyEdit, TokenSignature};

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
    assert_eq!(finding(&refused), "signature.sm2_user_id");

    let source = Profile::D.policy_toml();
    let source = source.replace("keys = [\"sm2\"]", "keys = [\"sm2\"]\nsm2-user-ids = [\"\"]");
    set_policy(&world, &enrolled, source).await;
    for user_id in ["", STANDARD_ID] {
        assert_eq!(answer_with(&world, &issued, raw(&issued, user_id)).await.status, 200);
    }
    let wrong = answer_with(&world, &issued, raw(&issued, "ALICE123@YAHOO.COM")).await;
    assert_eq!(wrong.code(), "challenge.signature_invalid");
    assert_eq!(finding(&wrong), Value::Null);
    // Where the sign-in is refused for another reason, the report says it.
    let pair = enrolled.authority.issue_pair(&enrolled.leaf()).unwrap();
    let encryption = &pair.encryption;
    let answer = answer_with(&world, encryption, raw(encryption, "")).await;
    let findings = answer.json()["findings"].as_array().unwrap().clone();
    assert!(findings.iter().any(|finding| finding["code"] == "sm2.user_id"), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_asks_gets_tokens_signed_with_sm2() {
    let world = World::new().await;
    let issued = world.enrol(Profile::D).await.issue();
    let keys = async || world.public().await.get("/.well-known/jwks.json").await.json();
    let of_sm2 = |keys: &Value| {
        let keys = keys["keys"].as_array().unwrap();
        keys.iter().filter(|key| key["crv"] == "SM2").cloned().collect::<Vec<_>>()
    };
    let before = answer_with(&world, &issued, raw(&issued, STANDARD_ID)).await;
    let subject = world.claims(&before).await["sub"].clone();
    assert!(of_sm2(&keys().await).is_empty());

    let edit = RelyingPartyEdit {
        token_signature: Some(TokenSignature::Sm2),
        ..RelyingPartyEdit::default()
    };
    let (id, edit) = (PARTY.parse().unwrap(), Box::new(edit));
    world.execute(Command::RelyingPartySet { id, edit }).await;
    for _ in 0..2 {
        let answer = answer_with(&world, &issued, raw(&issued, STANDARD_ID)).await;
        let published = of_sm2(&keys().await);
        assert_eq!(published.len(), 1);
        let claims = verified(answer.json()["access_token"].as_str().unwrap(), &published[0]);
        assert_eq!((&claims["sub"], &claims["aud"]), (&subject, &json!(PARTY)));
    }
}

/// The claims of a token, verified as docs/http-api.md says.
fn verified(token: &str, key: &Value) -> Value {
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    assert_eq!(header, json!({ "alg": "SM2SM3", "typ": "at+jwt", "kid": key["kid"] }));
    assert_eq!((&key["kty"], &key["alg"]), (&json!("EC"), &json!("SM2SM3")));
    let coordinate = |name: &str| decode(key[name].as_str().unwrap());
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let key = VerifyingKey::from_sec1_bytes(STANDARD_ID, &point).unwrap();
    let signature = Signature::from_slice(&decode(signature)).unwrap();
    key.verify(message.as_bytes(), &signature).unwrap();
    assert!(key.verify(b"other", &signature).is_err());
    serde_json::from_slice(&decode(payload)).unwrap()
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
