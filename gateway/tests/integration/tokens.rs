//! Sign-in with TLS, and what the token says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use tongxing_testdata::{Company, KeyAlgorithm, Profile};
use tongxing_trust_store::Status;

use crate::client::{Identity, TLS12, TLS13};
use crate::world::{PARTY, World};

fn decode(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

/// Verifies a token as a relying party does, and gives its claims.
pub(crate) fn verify(token: &str, keys: &Value) -> Value {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    assert_eq!(header["typ"], "at+jwt");
    let keys = keys["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    assert_eq!((&key["alg"], &key["use"]), (&json!("ES256"), &json!("sig")));
    let coordinate = |name: &str| decode(key[name].as_str().unwrap());
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    key.verify(message.as_bytes(), &decode(signature)).unwrap();
    serde_json::from_slice(&decode(payload)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_company_is_one_subject_with_every_ca_and_both_versions() {
    let (world, authorities) = World::with_authorities().await;
    let mut subjects = Vec::new();
    for enrolled in &authorities {
        let issued = enrolled.issue();
        for version in [TLS12, TLS13] {
            let answer = world.sign_in(&issued, version).await;
            assert_eq!(answer.headers["cache-control"], "no-store");
            assert_eq!(answer.json()["token_type"], "Bearer");
            let claims = world.claims(&answer).await;
            assert_eq!(claims["authority"], enrolled.profile.id());
            subjects.push(claims["sub"].as_str().unwrap().to_owned());
        }
    }
    subjects.dedup();
    assert_eq!(subjects.len(), 1, "{subjects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_says_who_and_on_what_ground_and_no_personal_datum() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::C).await;
    let company = Company::numbered(0);
    let answer = world.sign_in(&enrolled.issue(), TLS13).await;
    let claims = world.claims(&answer).await;
    assert_eq!(claims["iss"], world.gateway.addresses().public_url);
    assert_eq!((&claims["aud"], &claims["client_id"]), (&json!(PARTY), &json!(PARTY)));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    assert_eq!(claims["auth_time"], world.now());
    assert_eq!(claims["acr"], "certificate-tls");
    assert_eq!(claims["amr"], json!(["pop"]));
    let entity = json!({ "type": "uscc", "uscc": company.uscc, "name": company.name });
    assert_eq!(claims["entity"], entity);
    assert_ne!(claims["act"]["sub"], claims["sub"]);
    assert_eq!(claims["revocation"]["method"], "crl");
    assert!(claims["certificate"]["x5t#S256"].is_string());
    let person = tongxing_testdata::Person::numbered(0);
    let text = claims.to_string();
    assert!(!text.contains(&person.personal_id) && !text.contains(&person.name), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_every_kind_sign_in() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    for algorithm in [KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384, KeyAlgorithm::Ed25519] {
        let issued = enrolled.authority.issue(&enrolled.leaf().with_algorithm(algorithm)).unwrap();
        for version in [TLS12, TLS13] {
            let answer = world.sign_in(&issued, version).await;
            // The policy may not take the key; the handshake proves it all the same.
            assert_ne!(answer.status, 401, "{algorithm:?}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_why() {
    let (world, authorities) = World::with_authorities().await;
    let (b, c) = (&authorities[1], &authorities[2]);

    let mut none = world.connect(Identity::default(), &[TLS13]).await;
    let missing = none.post("/v1/tokens", &json!({ "audience": PARTY })).await;
    assert_eq!((missing.status.as_u16(), missing.code().as_str()), (401, "certificate.missing"));

    let stranger = World::new().await.enrol(Profile::B).await;
    let unknown = world.sign_in(&stranger.issue(), TLS13).await;
    assert_eq!((unknown.status.as_u16(), unknown.code().as_str()), (403, "sign_in.refused"));

    let expired = b.leaf().valid(tongxing_testdata::Validity::expired_at(world.now()));
    let expired = world.sign_in(&b.authority.issue(&expired).unwrap(), TLS12).await;
    assert_eq!(expired.code(), "sign_in.refused");

    let encryption = b.authority.issue(&b.leaf().encryption_only()).unwrap();
    assert_eq!(world.sign_in(&encryption, TLS13).await.code(), "sign_in.refused");

    let revoked = b.issue();
    assert_eq!(world.sign_in(&revoked, TLS13).await.status, 200);
    world.revoke(b, &revoked).await;
    let answer = world.sign_in(&revoked, TLS13).await;
    assert_eq!(answer.code(), "sign_in.refused");
    assert!(answer.findings().iter().any(|code| code.starts_with("revocation.")), "{answer:?}");

    world.set_status(c.profile, Status::Suspended).await;
    let suspended = world.sign_in(&c.issue(), TLS13).await;
    assert_eq!(suspended.code(), "sign_in.refused");
    assert!(suspended.findings().contains(&"authority.suspended".to_owned()), "{suspended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_waits_until_a_bound_certificate_confirms() {
    let (world, authorities) = World::with_authorities().await;
    let (b, c) = (&authorities[1], &authorities[2]);
    let bound = b.issue();
    let subject = world.claims(&world.sign_in(&bound, TLS13).await).await["sub"].clone();

    let renamed = Company { name: "通行测试另名公司".into(), ..Company::numbered(0) };
    let other = c.authority.issue(&c.leaf_of(&renamed)).unwrap();
    let waiting = world.sign_in(&other, TLS13).await;
    assert_eq!((waiting.status.as_u16(), waiting.code().as_str()), (409, "sign_in.name_conflict"));

    let mut connection = world.connect(Identity::of(&bound), &[TLS13]).await;
    let pending = connection.get("/v1/confirmations").await.json();
    assert_eq!(pending["pending"][0]["authority"], "ca-c");
    let confirm = json!({ "authority": "ca-c" });
    let confirmed = connection.post("/v1/confirmations", &confirm).await;
    assert_eq!(confirmed.json()["confirmed"], "ca-c");
    let again = connection.post("/v1/confirmations", &confirm).await;
    assert_eq!(again.code(), "confirmation.nothing_pending");
    assert_eq!(world.claims(&world.sign_in(&other, TLS13).await).await["sub"], subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_grows_old() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let mut connection = world.connect(Identity::of(&enrolled.issue()), &[TLS13]).await;
    // In TLS 1.3 the client is ready before the server; an answer shows that it is.
    assert_eq!(connection.get("/healthz").await.status, 200);
    world.clock.advance_millis(300_000);
    let body = json!({ "audience": PARTY });
    assert_eq!(connection.post("/v1/tokens", &body).await.status, 200);
    world.clock.advance_millis(1_000);
    let old = connection.post("/v1/tokens", &body).await;
    assert_eq!((old.status.as_u16(), old.code().as_str()), (401, "certificate.handshake_old"));
    assert_eq!(old.headers["connection"], "close");
}
