//! Certificates that messages do not carry, brought beside them: they help to find, and
//! nothing is trusted for them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tongxing_pki::Verdict;
use tongxing_testdata::{Company, Issued, Person, Profile, TestAuthority, Validity, self_signed};
use tongxing_trust_store::{
    Command, EvidenceKey, PolicyFile, ReceiptCheck, ReceiptFile, Role, Status,
};

use super::weave::with_timestamp;
use super::{CONTENT, DAY, Desk, PASSED, body, outcome};

const MISSING: &str = "indeterminate [INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND] \
                       signer.certificate_missing";

const MANY: &str = "There are 129 certificates; the limit is 128.";

fn encoded(issued: &Issued) -> String {
    STANDARD.encode(&issued.certificate_der)
}

/// A question with these certificates beside the document.
fn with(body: &Value, certificates: &[String]) -> Value {
    let mut body = body.clone();
    body["certificates"] = json!(certificates);
    body
}

impl Desk {
    /// The code of a problem, and its detail in English.
    async fn problem(&self, path: &str, body: &Value) -> (String, String) {
        let headers = [("authorization", self.authorization.as_str()), ("accept-language", "en")];
        let mut public = self.world.public().await;
        let answer = public.send("POST", path, &headers, &body.to_string()).await.unwrap();
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        (answer.code(), detail)
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let headers = [("authorization", self.authorization.as_str())];
        let mut public = self.world.public().await;
        let answer = public.send("POST", path, &headers, &body.to_string()).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// In parts: the message, files of certificates, the content.
    async fn parts(&self, message: &[u8], certificates: &[&[u8]]) -> String {
        let mut parts = vec![("signature", message)];
        parts.extend(certificates.iter().map(|one| ("certificates", *one)));
        parts.push(("content", CONTENT));
        let mut body = Vec::new();
        for (name, octets) in parts {
            let head = format!(
                "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n"
            );
            body.extend([head.as_bytes(), octets, b"\r\n"].concat());
        }
        body.extend_from_slice(b"--b0undary--\r\n");
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", "multipart/form-data; boundary=b0undary"),
        ];
        let (mut public, path) = (self.world.public().await, "/v1/signatures/verify");
        let answer = public.send_octets("POST", path, &headers, body).await.unwrap();
        if answer.status == 200 { outcome(&answer.json()) } else { answer.code() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signer_is_found_among_what_came_beside_the_message() {
    let desk = Desk::new().await;
    let (one, two) = (desk.leaf("one"), desk.leaf("two"));
    let message = desk.sign("one", "-nocerts");
    desk.advance(60);
    let question = body(&message, Some(CONTENT));
    assert_eq!(outcome(&desk.ask(&question).await), MISSING);
    let both = [encoded(&two), one.certificate_pem().unwrap()];
    assert_eq!(outcome(&desk.ask(&with(&question, &both)).await), PASSED);
    assert_eq!(outcome(&desk.ask(&with(&question, &both[..1])).await), MISSING);

    let mut by_hash = with(&body(&message, None), &both);
    let hash = digest(&SHA256, CONTENT);
    let hash = hash.as_ref().iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    });
    (by_hash["hash"], by_hash["hash_algorithm"]) = (json!(hash), json!("sha-256"));
    let told = desk.post("/v1/signatures/verify-hash", &by_hash).await;
    assert_eq!(outcome(&told), PASSED);
    let items = json!({ "items": [question, by_hash] });
    let told = desk.post("/v1/signatures/verify-batch", &items).await;
    let results = told["results"].as_array().unwrap();
    assert_eq!(results.iter().map(outcome).collect::<Vec<_>>(), [MISSING, PASSED]);

    let bundle = [two.certificate_pem().unwrap(), one.certificate_pem().unwrap()].concat();
    assert_eq!(desk.parts(&message, &[bundle.as_bytes()]).await, PASSED);
    assert_eq!(desk.parts(&message, &[&two.certificate_der, &one.certificate_der]).await, PASSED);
    assert_eq!(desk.parts(&message, &[&two.certificate_der]).await, MISSING);
    assert_eq!(desk.parts(&message, &[b"none"]).await, "request.certificate");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_brought_is_trusted_no_more_than_what_came_along() {
    let desk = Desk::new().await;
    let strange = self_signed(&desk.bidders.leaf()).unwrap();
    desk.keep("strange", &strange);
    let message = desk.sign("strange", "-nocerts");
    desk.advance(60);
    let question = with(&body(&message, Some(CONTENT)), &[encoded(&strange)]);
    let expected = "failed [INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND] path.no_anchor";
    assert_eq!(outcome(&desk.ask(&question).await), expected);

    let one = desk.leaf("one");
    let path = "/v1/signatures/verify";
    let question = body(&desk.sign("one", "-nocerts"), Some(CONTENT));
    let many = vec![encoded(&one); 129];
    let (code, detail) = desk.problem(path, &with(&question, &many)).await;
    assert_eq!((code.as_str(), detail.as_str()), ("request.too_many", MANY));
    let (code, detail) = desk.problem(path, &with(&question, &["none".to_owned()])).await;
    let told = "certificates[0]: neither DER, nor PEM, nor base64";
    assert_eq!((code.as_str(), detail.as_str()), ("request.certificate", told));
    // The one of a raw signature says whose it is; a message says that itself.
    let mut named = question.clone();
    (named["format"], named["certificate"]) = (json!("cms"), json!(encoded(&one)));
    let (code, detail) = desk.problem(path, &named).await;
    assert_eq!(code, "request.combination");
    assert!(detail.ends_with("are given as certificates"), "{detail}");
}

/// The authority's root alone is enrolled; who is between comes along, or does not.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_stands_between_is_found_for_a_raw_signature_too() {
    let desk = Desk::new().await;
    let spec = Profile::C.authority(Validity::decade_around(desk.world.now()));
    let authority = TestAuthority::generate(&spec).unwrap();
    let policy = PolicyFile { name: "ca-c.toml".into(), source: Profile::C.policy_toml().into() };
    let add = Command::AuthorityAdd {
        id: Profile::C.id().parse().unwrap(),
        name_zh: Profile::C.name_zh().into(),
        name_en: None,
        hotline: None,
        licence_expires: None,
        roles: vec![Role::DocumentSigning],
        anchors: vec![authority.root().der().to_vec().into()],
        intermediates: Vec::new(),
        policy,
    };
    desk.world.execute(add).await;
    desk.world.set_status(Profile::C, Status::Active).await;
    let validity = Validity::year_from(desk.world.now());
    let leaf = Profile::C.leaf(&Company::numbered(0), &Person::numbered(0), validity);
    let own = authority.issue(&leaf).unwrap();
    let signature = own.key.sign(CONTENT).unwrap();
    let mut question = body(&signature, Some(CONTENT));
    question["certificate"] = json!(encoded(&own));
    let alone = outcome(&desk.ask(&question).await);
    assert!(alone.contains("NO_CERTIFICATE_CHAIN_FOUND"), "{alone}");
    let between: Vec<String> =
        authority.intermediates().iter().map(|one| STANDARD.encode(one.der())).collect();
    let report = desk.ask(&with(&question, &between)).await;
    let signature = &report["signatures"][0];
    assert_eq!(signature["authority"]["id"], Profile::C.id(), "{report:#}");
    assert!(signature["path"].as_array().unwrap().len() > 1);
    // No list tells of it: found is not trusted.
    assert_ne!(report["verdict"], "passed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_has_what_was_brought_among_its_evidence() {
    let desk = Desk::new().await;
    let one = desk.leaf("one");
    let message = desk.sign("one", "-nocerts");
    desk.advance(60);
    let mut question = with(&body(&message, Some(CONTENT)), &[encoded(&one)]);
    question["options"] = json!({ "receipt": "bundle" });
    let answer = desk.ask(&question).await;
    assert_eq!(outcome(&answer), PASSED);
    let keys = desk.world.public().await.get("/v1/evidence-keys").await.text;
    let keys: Vec<EvidenceKey> = keys.lines().map(|line| line.parse().unwrap()).collect();
    let check = |answer: &Value| {
        let file = ReceiptFile::read(answer.to_string().as_bytes()).unwrap();
        ReceiptCheck::new(file).unwrap().run(&keys)
    };
    let verification = check(&answer);
    assert_eq!(verification.verdict, Verdict::Passed, "{:#?}", verification.findings);
    let sha256 = digest(&SHA256, &one.certificate_der);
    let evidence = answer["receipt"]["evidence"].as_object().unwrap();
    let own = evidence.values().filter_map(Value::as_str).filter_map(|text| {
        STANDARD
            .decode(text)
            .ok()
            .filter(|octets| digest(&SHA256, octets).as_ref() == sha256.as_ref())
    });
    assert_eq!(own.count(), 1);
    // Without it nothing is derived, and that is said.
    let mut without = answer.clone();
    let pieces = without["receipt"]["evidence"].as_object_mut().unwrap();
    pieces.retain(|_, octets| *octets != json!(encoded(&one)));
    assert_eq!(check(&without).verdict, Verdict::Indeterminate);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timestamp_that_has_no_certificate_is_judged_with_one_beside_it() {
    let desk = Desk::new().await;
    let tsa = desk.stamper();
    desk.openssl("ts -query -data content -sha256 -out query");
    desk.openssl(
        "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key -out answer",
    );
    desk.openssl("ts -reply -in answer -token_out -out token");
    let token = desk.read("token");
    desk.advance(60);
    let question = body(&token, Some(CONTENT));
    assert_eq!(outcome(&desk.ask(&question).await), MISSING);
    assert_eq!(outcome(&desk.ask(&with(&question, &[encoded(&tsa)])).await), PASSED);

    // The same within a message that carries neither certificate.
    let one = desk.leaf("one");
    let message = desk.sign("one", "-nocerts");
    let document = tongxing_pki::read_document(&message, None).unwrap();
    desk.write("stamped", document.signers()[0].signature());
    desk.openssl("ts -query -data stamped -sha256 -out query");
    desk.openssl(
        "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key -out answer",
    );
    desk.openssl("ts -reply -in answer -token_out -out token");
    let stamped = with_timestamp(&message, &desk.read("token"));
    desk.advance(400 * DAY);
    let question = body(&stamped, Some(CONTENT));
    let answer = desk.ask(&with(&question, &[encoded(&tsa), encoded(&one)])).await;
    let signature = &answer["signatures"][0];
    assert_eq!(signature["timestamps"][0]["verdict"], "passed", "{answer:#}");
    assert_eq!(signature["time"]["basis"], "timestamp");
    let without = desk.ask(&with(&question, &[encoded(&one)])).await;
    assert_eq!(without["signatures"][0]["time"]["basis"], "present");
}
