//! How relying parties show that they are themselves, and what they may ask for.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hyper::StatusCode;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tongxing_pki::Certificate;
use tongxing_testdata::{Company, Issued, Profile, Validity};
use tongxing_trust_store::{
    Access, Command, PersonalData, RelyingPartyEdit, RelyingPartyId, Reply, Setting,
};

use crate::client::{Answer, Connection, Identity, TLS13};
use crate::world::World;

const PATH: &str = "/v1/certificates/verify";
const ID: &str = "platform-c";

/// A platform with its secret.
struct Platform {
    world: World,
    issued: Issued,
    secret: String,
}

impl Platform {
    async fn new() -> Self {
        Self::with_settings(&[]).await
    }

    async fn with_settings(changes: &[(&str, &str)]) -> Self {
        let world = World::with_settings(changes).await;
        let issued = world.enrol(Profile::B).await.issue();
        let add = Command::RelyingPartyAdd { id: id(), name: "平台".into() };
        let secret = secret_of(world.execute(add).await);
        Self { world, issued, secret }
    }

    async fn set(&self, edit: RelyingPartyEdit) {
        self.world.execute(Command::RelyingPartySet { id: id(), edit: Box::new(edit) }).await;
    }

    fn body(&self) -> String {
        body(&self.issued).to_string()
    }

    /// Asks on the public listener with this Authorization header.
    async fn ask(&self, authorization: &str) -> Answer {
        self.ask_on(self.world.public().await, &[("authorization", authorization)]).await
    }

    async fn ask_on(&self, mut connection: Connection, headers: &[(&str, &str)]) -> Answer {
        connection.send("POST", PATH, headers, &self.body()).await.unwrap()
    }
}

fn id() -> RelyingPartyId {
    ID.parse().unwrap()
}

fn secret_of(reply: Reply) -> String {
    match reply {
        Reply::RelyingPartyAdded { secret, .. } => secret,
        other => panic!("{other:?}"),
    }
}

fn body(issued: &Issued) -> Value {
    json!({ "certificate": STANDARD.encode(&issued.certificate_der), "purpose": "sign-in" })
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_good_on_both_listeners_until_it_is_replaced() {
    let platform = Platform::new().await;
    let right = basic(ID, &platform.secret);
    let answer = platform.ask(&right).await;
    assert_eq!((answer.status, &answer.json()["verdict"]), (StatusCode::OK, &json!("passed")));
    let certificate = platform.world.connect(Identity::default(), &[TLS13]).await;
    let answer = platform.ask_on(certificate, &[("authorization", &right)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let rotate = |overlap_seconds| Command::RelyingPartySecret { id: id(), overlap_seconds };
    let next = secret_of(platform.world.execute(rotate(3_600)).await);
    assert_ne!(next, platform.secret);
    for secret in [&next, &platform.secret] {
        assert_eq!(platform.ask(&basic(ID, secret)).await.status, 200);
    }
    platform.world.clock.advance_millis(3_600_000);
    assert_eq!(platform.ask(&right).await.status, 401);
    let last = secret_of(platform.world.execute(rotate(0)).await);
    assert_eq!(platform.ask(&basic(ID, &next)).await.status, 401);
    assert_eq!(platform.ask(&basic(ID, &last)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_nobody_learns_only_that() {
    let platform = Platform::new().await;
    let (wrong, unknown) = (basic(ID, "wrong"), basic("nobody", &platform.secret));
    let other = basic("platform-b", &platform.secret);
    let mut seen = Vec::new();
    for authorization in [wrong.as_str(), &unknown, &other] {
        let answer = platform.ask(authorization).await;
        assert_eq!(answer.code(), "relying_party.unauthenticated");
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Basic realm="), "{challenge}");
        let mut document = answer.json();
        document["request_id"] = Value::Null;
        seen.push(document);
    }
    assert!(seen.iter().all(|document| *document == seen[0]), "{seen:?}");
    let mut public = platform.world.public().await;
    let nothing = public.send("POST", PATH, &[], "not even JSON").await.unwrap();
    assert_eq!(nothing.code(), "relying_party.unauthenticated");
    for malformed in ["Digest x", "Basic !", "Basic", "Bearer x"] {
        let answer = platform.ask(malformed).await;
        assert_eq!(answer.status, 401, "{malformed}");
        assert!(answer.json()["detail"].is_string(), "{malformed}");
    }
    // A bidder's certificate is no platform's.
    let bidder = platform.world.connect(Identity::of(&platform.issued), &[TLS13]).await;
    assert_eq!(platform.ask_on(bidder, &[]).await.code(), "relying_party.unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_have_a_rate_that_a_right_secret_does_not_suffer_from() {
    let changes = [(
        "# failed_authentications_per_address_per_minute = 60",
        "failed_authentications_per_address_per_minute = 2",
    )];
    let platform = Platform::with_settings(&changes).await;
    let wrong = basic(ID, "wrong");
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(platform.ask(&wrong).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 429, 429]);
    assert_eq!(platform.ask(&basic(ID, &platform.secret)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_certificate_shows_who_asks() {
    let platform = Platform::new().await;
    let client = platform.world.enrol(Profile::C).await.issue();
    let add = |issued: &Issued| RelyingPartyEdit {
        add_certificates: vec![issued.certificate_der.clone().into()],
        ..RelyingPartyEdit::default()
    };
    platform.set(add(&client)).await;
    let shown = platform.world.connect(Identity::of(&client), &[TLS13]).await;
    assert_eq!(platform.ask_on(shown, &[]).await.status, 200);
    // A header, where there is one, is what counts.
    let shown = platform.world.connect(Identity::of(&client), &[TLS13]).await;
    let wrong = basic(ID, "wrong");
    assert_eq!(platform.ask_on(shown, &[("authorization", &wrong)]).await.status, 401);
    // One that has expired shows nothing any more.
    let (now, day) = (platform.world.now(), 86_400);
    let leaf = platform.world.enrol(Profile::A).await;
    let validity = Validity { not_before: now - 2 * day, not_after: now - day };
    let expired = leaf.authority.issue(&leaf.leaf().valid(validity)).unwrap();
    platform.set(add(&expired)).await;
    let shown = platform.world.connect(Identity::of(&expired), &[TLS13]).await;
    assert_eq!(platform.ask_on(shown, &[]).await.status, 401);
    // Two platforms with one certificate: nobody knows which of them asks.
    let edit = Box::new(add(&client));
    let other = "platform-b".parse().unwrap();
    platform.world.execute(Command::RelyingPartySet { id: other, edit }).await;
    let shown = platform.world.connect(Identity::of(&client), &[TLS13]).await;
    assert_eq!(platform.ask_on(shown, &[]).await.status, 401);
}

/// A platform's key with its SubjectPublicKeyInfo (RFC 8410 4).
fn signing_key() -> (Ed25519KeyPair, Vec<u8>) {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let prefix = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    let spki = [&prefix[..], pair.public_key().as_ref()].concat();
    (pair, spki)
}

fn bearer(pair: &Ed25519KeyPair, claims: &Value) -> String {
    bearer_by("EdDSA", |message| pair.sign(message).as_ref().to_vec(), claims)
}

fn bearer_by(algorithm: &str, sign: impl Fn(&[u8]) -> Vec<u8>, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(&json!({ "alg": algorithm })), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("Bearer {message}.{signature}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_is_good_once_and_for_this_gateway() {
    let platform = Platform::new().await;
    let (pair, spki) = signing_key();
    let add_keys = vec![spki.into()];
    platform.set(RelyingPartyEdit { add_keys, ..RelyingPartyEdit::default() }).await;
    let url = platform.world.gateway.addresses().public_url.clone();
    let claims = |jti: &str, audience: &str| {
        let exp = platform.world.now() + 60;
        json!({ "iss": ID, "sub": ID, "aud": audience, "exp": exp, "jti": jti })
    };
    let first = bearer(&pair, &claims("1", &url));
    assert_eq!(platform.ask(&first).await.status, 200);
    let again = platform.ask(&first).await;
    assert_eq!(
        (again.status.as_u16(), again.json()["detail"].as_str()),
        (401, Some("its jti was used before"))
    );
    let address = format!("{url}{PATH}");
    assert_eq!(platform.ask(&bearer(&pair, &claims("2", &address))).await.status, 200);
    // Another kind of key: RSA with PKCS #1.
    let rsa = platform.world.enrol(Profile::A).await.issue();
    let spki = Certificate::parse(&rsa.certificate_der).unwrap().spki_der().to_vec();
    platform.set(RelyingPartyEdit { add_keys: vec![spki.into()], ..Default::default() }).await;
    let sign = |message: &[u8]| rsa.key.sign(message).unwrap();
    assert_eq!(platform.ask(&bearer_by("RS256", sign, &claims("5", &url))).await.status, 200);
    assert_eq!(platform.ask(&bearer_by("PS256", sign, &claims("6", &url))).await.status, 401);
    let elsewhere = platform.ask(&bearer(&pair, &claims("3", "https://elsewhere.example"))).await;
    assert_eq!(elsewhere.status, 401);
    let stranger = bearer(&signing_key().0, &claims("4", &url));
    assert_eq!(platform.ask(&stranger).await.status, 401);
    platform.world.clock.advance_millis(200_000);
    assert_eq!(platform.ask(&first).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_are_each_platforms_own_and_a_suspended_one_gets_nothing() {
    let platform = Platform::new().await;
    let verifications_per_minute = Setting::To(2);
    platform
        .set(RelyingPartyEdit { verifications_per_minute, ..RelyingPartyEdit::default() })
        .await;
    let right = basic(ID, &platform.secret);
    for _ in 0..2 {
        assert_eq!(platform.ask(&right).await.status, 200);
    }
    let over = platform.ask(&right).await;
    assert_eq!((over.status.as_u16(), over.code().as_str()), (429, "relying_party.quota"));
    let wait: u64 = over.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    let rotate =
        Command::RelyingPartySecret { id: "platform-b".parse().unwrap(), overlap_seconds: 0 };
    let other = secret_of(platform.world.execute(rotate).await);
    assert_eq!(platform.ask(&basic("platform-b", &other)).await.status, 200);

    let access = Some(Access::Suspended);
    let verifications_per_minute = Setting::Clear;
    platform
        .set(RelyingPartyEdit { access, verifications_per_minute, ..RelyingPartyEdit::default() })
        .await;
    assert_eq!(platform.ask(&right).await.code(), "relying_party.suspended");
    let mut bidder = platform.world.connect(Identity::of(&platform.issued), &[TLS13]).await;
    let token = bidder.post("/v1/tokens", &json!({ "audience": ID })).await;
    assert_eq!(token.code(), "relying_party.suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_says_everything_and_hides_what_is_personal() {
    let platform = Platform::new().await;
    let enrolled = platform.world.enrol(Profile::A).await;
    let issued = enrolled.issue();
    let right = basic(ID, &platform.secret);
    let headers = [("authorization", right.as_str()), ("accept-language", "en")];
    let mut public = platform.world.public().await;
    let ask = async |public: &mut Connection, body: &Value| {
        public.send("POST", PATH, &headers, &body.to_string()).await.unwrap()
    };
    let report = ask(&mut public, &body(&issued)).await.json();
    assert_eq!(report["verdict"], "passed", "{report:#}");
    assert_eq!(report["authority"]["id"], "ca-a");
    assert_eq!(report["identity"]["entity"]["value"], Company::numbered(0).uscc);
    assert_eq!(report["revocation"]["method"], "crl");
    let proof = &report["revocation"]["certificates"][0];
    assert_eq!(proof["status"], "good");
    assert_eq!(proof["evidence"]["sha256"].as_str().unwrap().len(), 64);
    assert!(report["snapshot"].as_u64().unwrap() > 0);
    assert!(report["policy_versions"]["province"].is_string());
    assert!(report["policy_versions"]["authority"].is_string());
    assert_eq!(report["path"].as_array().unwrap().len(), 2);
    let person = tongxing_testdata::Person::numbered(0).personal_id;
    assert!(!report.to_string().contains(&person));

    let personal_data = Some(PersonalData::Disclosed);
    platform.set(RelyingPartyEdit { personal_data, ..RelyingPartyEdit::default() }).await;
    let entitled = ask(&mut public, &body(&issued)).await.json();
    let holder = &entitled["identity"]["holder"];
    let masked = &report["identity"]["holder"];
    assert_eq!(holder.is_null(), masked.is_null());
    if holder["value"].is_string() {
        assert_eq!(holder["value"], person);
        assert_ne!(holder["value"], masked["value"]);
    }

    platform.world.revoke(&enrolled, &issued).await;
    let revoked = ask(&mut public, &body(&issued)).await.json();
    assert_eq!(revoked["verdict"], "failed");
    assert_eq!(revoked["identity"]["entity"]["value"], Company::numbered(0).uscc);
    let proof = &revoked["revocation"]["certificates"][0];
    assert_eq!((&proof["status"], &proof["reason"]), (&json!("revoked"), &json!("keyCompromise")));

    let signing = json!({ "certificate": STANDARD.encode(&issued.certificate_der), "purpose": "document-signing" });
    let signing = ask(&mut public, &signing).await.json();
    let roles = signing["findings"].as_array().unwrap();
    assert!(roles.iter().any(|finding| finding["code"] == "authority.role_missing"));

    let mut named = body(&issued);
    named["names"] = json!(["dns:a.example"]);
    assert_eq!(ask(&mut public, &named).await.json()["verdict"], "failed");
    let mut explicit = body(&platform.issued);
    explicit["policies"] = json!(["1.2.3.4"]);
    explicit["require_explicit_policy"] = json!(true);
    assert_eq!(ask(&mut public, &explicit).await.json()["verdict"], "failed");
    for (field, value, code) in [
        ("at", json!("2999-01-01T00:00:00Z"), "request.moment_future"),
        ("certificate", json!("MAA="), "request.certificate"),
        ("names", json!(["x"]), "request.malformed"),
        ("names", json!(vec!["dns:a.example"; 17]), "request.too_many"),
        ("chain", json!(vec!["MAA="; 20]), "request.too_many"),
        ("unknown", json!(1), "request.malformed"),
    ] {
        let mut wrong = body(&issued);
        wrong[field] = value;
        assert_eq!(ask(&mut public, &wrong).await.code(), code, "{field}");
    }
}
