//! The OpenAPI document against the gateway: schemathesis makes requests of it, and its
//! answers are held against what they are said to be.

use std::process::Command as Program;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_testdata::Profile;
use tongxing_trust_store::{Command, Role};

use crate::client::{Identity, TLS13};
use crate::documents::wanting;
use crate::world::{PARTY, World};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");

#[test]
fn the_document_is_the_one_that_was_looked_at() {
    let text = tongxing_gateway::openapi_document();
    if std::fs::read_to_string(GOLDEN).unwrap_or_default() != text {
        let made = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
        std::fs::write(&made, text).unwrap();
        panic!("compare docs/openapi.json with {}, and replace it", made.display());
    }
}

/// The least that shows every answer's shape, and one of what is refused.
#[tokio::test(flavor = "multi_thread")]
async fn answers_are_what_the_document_says() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::B).await;
    let authority = Profile::B.id().parse().unwrap();
    let roles = vec![Role::SignIn, Role::DocumentSigning];
    world.execute(Command::RolesSet { authority, roles }).await;
    let authorization = world.platform("platform-s").await;
    let issued = enrolled.issue();
    let document: Value = serde_json::from_str(&tongxing_gateway::openapi_document()).unwrap();
    let pair = enrolled.authority.issue_pair(&enrolled.leaf()).unwrap();
    let mut connection = world.connect(Identity::of(&pair.signing), &[TLS13]).await;
    let token = json!({ "audience": PARTY, "encryption": {
        "certificate": STANDARD.encode(&pair.encryption.certificate_der) } });
    let token = connection.post("/v1/tokens", &token).await;
    fits(&document, ("/v1/tokens", "post", "200"), &token.json());
    let subject = world.claims(&token).await["sub"].as_str().unwrap().to_owned();
    let certificate = STANDARD.encode(&issued.certificate_der);
    let signed = json!({
        "signature": STANDARD.encode(issued.key.sign(b"tender").unwrap()),
        "certificate": certificate,
        "content": STANDARD.encode(b"tender"),
        "options": { "entities": ["91350100M0001TGQXM"] },
    });
    let cases = [
        ("/v1/signatures/verify", signed.clone(), "200"),
        ("/v1/signatures/verify", json!({ "signature": "MAA=" }), "200"),
        ("/v1/signatures/verify", json!({ "signature": 1 }), "400"),
        ("/v1/signatures/verify-batch", json!({ "items": [signed] }), "200"),
        (
            "/v1/certificates/verify",
            json!({ "certificate": certificate, "purpose": "sign-in" }),
            "200",
        ),
        ("/v1/gmt-0029/validateCert", json!({ "request": { "cert": certificate } }), "200"),
        ("/v1/challenges", json!({ "audience": PARTY }), "200"),
    ];
    for (path, body, status) in cases {
        let headers = [("authorization", authorization.as_str())];
        let mut public = world.public().await;
        let answer = public.send("POST", path, &headers, &body.to_string()).await.unwrap();
        assert_eq!(answer.status.as_str(), status, "{path}: {}", answer.text);
        fits(&document, (path, "post", status), &answer.json());
    }
    let path = format!("/v1/subjects/{subject}/encryption-certificates");
    let headers = [("authorization", authorization.as_str())];
    let answer = world.public().await.send("GET", &path, &headers, "").await.unwrap();
    let told = "/v1/subjects/{id}/encryption-certificates";
    fits(&document, (told, "get", "200"), &answer.json());
    for path in ["/healthz", "/readyz"] {
        let answer = world.public().await.get(path).await;
        fits(&document, (path, "get", "200"), &answer.json());
    }
}

/// Every question of a platform that has a content has an example, which is answered.
#[tokio::test(flavor = "multi_thread")]
async fn examples_are_answered_as_they_stand() {
    let world = World::new().await;
    world.enrol(Profile::B).await;
    let authorization = world.platform("platform-s").await;
    let document: Value = serde_json::from_str(&tongxing_gateway::openapi_document()).unwrap();
    let mut told = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let operation = &methods["post"];
        if operation["security"].is_null() {
            continue;
        }
        let example = &operation["requestBody"]["content"]["application/json"]["example"];
        let headers = [("authorization", authorization.as_str())];
        let mut public = world.public().await;
        let answer = public.send("POST", path, &headers, &example.to_string()).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        fits(&document, (path, "post", "200"), &answer.json());
        assert!(!answer.text.contains("\"signer.signature_invalid\""), "{path}: {}", answer.text);
        told.push(answer.text);
    }
    assert_eq!(told.len(), 8);
    let stranger = told.iter().filter(|text| text.contains("\"path.no_anchor\""));
    // All but the one that only reads a certificate.
    assert_eq!(stranger.count(), 7);
}

/// Whether an answer is of the schema that the document gives it.
fn fits(document: &Value, (path, method, status): (&str, &str, &str), answer: &Value) {
    let response = &document["paths"][path][method]["responses"][status];
    let content = response["content"].as_object().unwrap().values().next().unwrap();
    let schema = json!({
        "$ref": content["schema"]["$ref"],
        "components": document["components"],
    });
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let faults: Vec<String> = validator
        .iter_errors(answer)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{method} {path}: {faults:#?}\n{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_no_fault_of_ours() {
    let Some(program) =
        std::env::var_os("TONGXING_TEST_SCHEMATHESIS").or_else(|| wanting("schemathesis"))
    else {
        return;
    };
    let changes = [
        ("# requests_per_address_per_minute = 6000", "requests_per_address_per_minute = 1000000"),
        (
            "# handshakes_per_address_per_minute = 6000",
            "handshakes_per_address_per_minute = 1000000",
        ),
        (
            "# verifications_per_party_per_minute = 6000",
            "verifications_per_party_per_minute = 1000000",
        ),
    ];
    let world = World::with_settings(&changes).await;
    world.enrol(Profile::B).await;
    let secret = world.secret(PARTY).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, world.server.authority_pem().unwrap()).unwrap();
    let url = world.gateway.addresses().public_url.clone();
    let run = move || {
        let mut program = Program::new(program);
        program
            .current_dir(folder.path())
            .args(["run", &format!("{url}/openapi.json"), "--url", &url])
            .arg(format!("--tls-verify={}", ca.display()))
            .args(["--auth", &format!("{PARTY}:{secret}")])
            .args(["--checks", "not_a_server_error,response_schema_conformance,status_code_conformance,content_type_conformance"])
            .args(["--max-examples", "40", "--seed", "7", "--phases", "examples,coverage,fuzzing"])
            .args(["--max-time", "60"])
            .output()
            .unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}
