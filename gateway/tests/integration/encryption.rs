//! To whom a bid may be encrypted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_testdata::{
    Company, CrlSpec, Issued, KeyUsage, LeafSpec, Profile, RevocationReason, RevokedEntry,
};
use tongxing_trust_store::{Command, PersonalData, RelyingPartyEdit, Status};

use crate::challenge::{answer_to, challenge, signed};
use crate::client::{Answer, Identity, TLS13};
use crate::world::{PARTY, World};

struct Office {
    world: World,
    authorization: String,
}

impl Office {
    async fn new() -> Self {
        let world = World::new().await;
        let authorization = world.platform("platform-e").await;
        Self { world, authorization }
    }

    /// Signs in with TLS, the encryption certificate with it; the subject and what became
    /// of the certificate.
    async fn sign_in(&self, signing: &Issued, encryption: &Issued) -> (String, Value) {
        let mut connection = self.world.connect(Identity::of(signing), &[TLS13]).await;
        let body = json!({
            "audience": PARTY,
            "encryption": { "certificate": STANDARD.encode(&encryption.certificate_der) },
        });
        let answer = connection.post("/v1/tokens", &body).await;
        let claims = self.world.claims(&answer).await;
        (claims["sub"].as_str().unwrap().to_owned(), answer.json()["encryption"].clone())
    }

    async fn asked(&self, subject: &str) -> Answer {
        let path = format!("/v1/subjects/{subject}/encryption-certificates");
        let headers = [("authorization", self.authorization.as_str())];
        self.world.public().await.send("GET", &path, &headers, "").await.unwrap()
    }

    async fn pairs(&self, subject: &str) -> Value {
        let answer = self.asked(subject).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

fn serials(pairs: &Value) -> Vec<String> {
    let pairs = pairs.as_array().unwrap().iter();
    pairs.map(|pair| pair["encryption"]["serial"].as_str().unwrap().to_owned()).collect()
}

fn serial(issued: &Issued) -> String {
    let octets = issued.serial.iter().map(|octet| format!("{octet:02X}"));
    octets.collect::<String>().trim_start_matches("00").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_certificates_of_a_key_are_a_pair() {
    let office = Office::new().await;
    let enrolled = office.world.enrol(Profile::D).await;
    let pair = enrolled.authority.issue_pair(&enrolled.leaf()).unwrap();
    let (subject, outcome) = office.sign_in(&pair.signing, &pair.encryption).await;
    assert_eq!(outcome, json!({ "verdict": "passed" }));
    let told = office.pairs(&subject).await;
    assert_eq!(told["subject"], json!(subject));
    let current = &told["current"][0];
    assert_eq!(current["encryption"]["serial"], json!(serial(&pair.encryption)), "{told:#}");
    assert_eq!(current["signing"]["serial"], json!(serial(&pair.signing)));
    assert_eq!(current["signing"]["authority"], "ca-d");
    assert_eq!(current["encryption"]["key"], "sm2");
    assert!(current["encryption"]["public_key"].is_string(), "{told:#}");
    assert_eq!(told["history"], json!([]));
    // Giving it again records nothing.
    let records =
        async || match office.world.execute(Command::AuditList { from: 1, limit: 999 }).await {
            tongxing_trust_store::Reply::Records(records) => {
                let told = serde_json::to_string(&records).unwrap();
                told.matches("encryption_registered").count()
            }
            other => panic!("{other:?}"),
        };
    assert_eq!(records().await, 1);
    office.sign_in(&pair.signing, &pair.encryption).await;
    assert_eq!(records().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_key_is_current_and_the_old_one_history() {
    let office = Office::new().await;
    let enrolled = office.world.enrol(Profile::D).await;
    let issue = || enrolled.authority.issue_pair(&enrolled.leaf()).unwrap();
    let (old, new) = (issue(), issue());
    let (subject, _) = office.sign_in(&old.signing, &old.encryption).await;
    office.world.clock.advance_millis(5_000);
    let (same, _) = office.sign_in(&new.signing, &new.encryption).await;
    assert_eq!(same, subject);
    let told = office.pairs(&subject).await;
    assert_eq!(serials(&told["current"]), [serial(&new.encryption), serial(&old.encryption)]);
    // The old key is revoked: nobody is to encrypt to it any more, and whoever has to read
    // what was encrypted to it still finds which one that was.
    let now = office.world.now();
    let entry =
        RevokedEntry::new(old.encryption.serial.clone(), now - 10, RevocationReason::Superseded);
    let list = CrlSpec::empty(2, now - 5, now + 86_400).revoking(entry);
    office.world.import(&enrolled, list).await;
    let told = office.pairs(&subject).await;
    assert_eq!(serials(&told["current"]), [serial(&new.encryption)]);
    assert_eq!(serials(&told["history"]), [serial(&old.encryption)]);
    assert_eq!(told["history"][0]["findings"][0]["code"], "revocation.revoked");
    office.world.set_status(Profile::D, Status::Suspended).await;
    let told = office.pairs(&subject).await;
    assert_eq!((serials(&told["current"]).len(), serials(&told["history"]).len()), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_certificate_may_do_both() {
    let office = Office::new().await;
    let enrolled = office.world.enrol(Profile::A).await;
    let usages = vec![KeyUsage::DigitalSignature, KeyUsage::KeyEncipherment];
    let spec = LeafSpec { key_usages: usages, ..enrolled.leaf() };
    let both = enrolled.authority.issue(&spec).unwrap();
    let signs = enrolled.issue();
    let answer = office.world.sign_in(&both, TLS13).await;
    let subject = office.world.claims(&answer).await["sub"].as_str().unwrap().to_owned();
    office.world.sign_in(&signs, TLS13).await;
    let told = office.pairs(&subject).await;
    assert_eq!(serials(&told["current"]), [serial(&both)], "what only signs is not encrypted to");
    assert_eq!(told["current"][0]["signing"]["sha256"], told["current"][0]["encryption"]["sha256"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_brings_it_along_too() {
    let office = Office::new().await;
    let enrolled = office.world.enrol(Profile::D).await;
    let pair = enrolled.authority.issue_pair(&enrolled.leaf()).unwrap();
    let made = challenge(&office.world, PARTY).await;
    let mut body = signed(&made, PARTY, &pair.signing, "sm2-sm3");
    let der = STANDARD.encode(&pair.encryption.certificate_der);
    body["encryption"] = json!({ "certificate": der, "chain": [] });
    let answer = answer_to(&office.world, &body).await;
    assert_eq!(answer.json()["encryption"], json!({ "verdict": "passed" }), "{}", answer.text);
    let claims = office.world.claims(&answer).await;
    let told = office.pairs(claims["sub"].as_str().unwrap()).await;
    assert_eq!(serials(&told["current"]), [serial(&pair.encryption)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_belong_is_refused_and_the_sign_in_stands() {
    let office = Office::new().await;
    let enrolled = office.world.enrol(Profile::D).await;
    let stranger = office.world.enrol(Profile::B).await;
    let of = |spec: LeafSpec| enrolled.authority.issue_pair(&spec).unwrap();
    let own = of(enrolled.leaf());
    let other_company = of(enrolled.leaf_of(&Company::numbered(1)));
    let other_authority = stranger.authority.issue_pair(&stranger.leaf()).unwrap();
    let unknown = World::new().await.enrol(Profile::D).await;
    let unknown = unknown.authority.issue_pair(&unknown.leaf()).unwrap();
    for (encryption, code) in [
        (&own.signing, "encryption.key_usage_missing"),
        (&other_company.encryption, "encryption.other_holder"),
        (&other_authority.encryption, "encryption.other_holder"),
        (&unknown.encryption, "signature.invalid"),
    ] {
        let (subject, outcome) = office.sign_in(&own.signing, encryption).await;
        assert_eq!(outcome["verdict"], "failed", "{code}");
        let codes: Vec<&str> = outcome["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["code"].as_str().unwrap())
            .collect();
        assert!(codes.contains(&code), "{codes:?}");
        assert_eq!(office.pairs(&subject).await["current"], json!([]));
    }
    let mut connection = office.world.connect(Identity::of(&own.signing), &[TLS13]).await;
    let body = json!({ "audience": PARTY, "encryption": { "certificate": "MAA=" } });
    assert_eq!(connection.post("/v1/tokens", &body).await.code(), "request.certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn persons_stay_hidden_from_who_is_not_entitled_and_go_when_erased() {
    let office = Office::new().await;
    let enrolled = office.world.enrol(Profile::C).await;
    let pair = enrolled.authority.issue_pair(&enrolled.leaf()).unwrap();
    let (subject, outcome) = office.sign_in(&pair.signing, &pair.encryption).await;
    assert_eq!(outcome["verdict"], "passed", "{outcome}");
    let told = office.pairs(&subject).await;
    let encryption = &told["current"][0]["encryption"];
    assert!(encryption["public_key"].is_string() && encryption["issuer"].is_string(), "{told:#}");
    assert_eq!(encryption.get("certificate"), None, "it names the holder");
    let edit = RelyingPartyEdit {
        personal_data: Some(PersonalData::Disclosed),
        ..RelyingPartyEdit::default()
    };
    let (id, edit) = ("platform-e".parse().unwrap(), Box::new(edit));
    office.world.execute(Command::RelyingPartySet { id, edit }).await;
    let told = office.pairs(&subject).await;
    assert!(told["current"][0]["encryption"]["certificate"].is_string());

    let holder = office.world.claims(&office.world.sign_in(&pair.signing, TLS13).await).await;
    let holder = holder["act"]["sub"].as_str().unwrap().parse().unwrap();
    office
        .world
        .execute(Command::SubjectErase { subject: holder, reason: "asked for".into() })
        .await;
    let told = office.pairs(&subject).await;
    assert_eq!((&told["current"], &told["history"]), (&json!([]), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_platforms_ask_and_nobody_is_found_by_guessing() {
    let office = Office::new().await;
    for unknown in ["nobody", "AAAAAAAAAAAAAAAAAAAAAA", "%2e%2e"] {
        assert_eq!(office.asked(unknown).await.code(), "subject.unknown");
    }
    let path = "/v1/subjects/x/encryption-certificates";
    let mut public = office.world.public().await;
    assert_eq!(public.get(path).await.code(), "relying_party.unauthenticated");
    assert_eq!(public.post(path, &json!({})).await.code(), "request.method");
}
