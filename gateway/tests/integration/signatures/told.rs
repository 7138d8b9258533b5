//! What a report tells a platform, and what it can be asked for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_testdata::{Company, Extension, Person, Profile, Value as Der};
use tongxing_trust_store::{Command, PersonalData, PolicyFile, RelyingPartyEdit, Role};

use super::{CONTENT, Office, decisive};

/// The codes of all findings that passed.
fn passed(part: &Value) -> Vec<&str> {
    let findings = part["findings"].as_array().unwrap().iter();
    let passed = findings.filter(|finding| finding["level"] == "passed");
    passed.filter_map(|finding| finding["code"].as_str()).collect()
}

impl Office {
    async fn certificate(&self, change: &[(&str, Value)]) -> Value {
        let mut body = json!({
            "certificate": STANDARD.encode(&self.issued.certificate_der),
            "purpose": "document-signing",
        });
        for (member, value) in change {
            body[*member] = value.clone();
        }
        let answer = self.post("/v1/certificates/verify", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_was_checked_is_told_with_whom_it_speaks_for() {
    let mut office = Office::new().await;
    // Its certificates name who holds the key.
    let enrolled = office.world.enrol(Profile::C).await;
    let authority = Profile::C.id().parse().unwrap();
    let roles = vec![Role::DocumentSigning];
    office.world.execute(Command::RolesSet { authority, roles }).await;
    let ours = include_str!("../../../../policies/province.toml");
    let signing = "[document-signing]\ncapacities = [\"organization\",";
    assert!(ours.contains(signing));
    let source = ours.replacen(signing, &format!("{signing} \"agent\","), 1);
    let policy = PolicyFile { name: "province.toml".into(), source };
    let set = Command::PolicySet { authority: None, policy, effective: None };
    office.world.execute(set).await;
    office.issued = enrolled.issue();
    let report = office.verify(&office.raw(CONTENT)).await;
    assert_eq!(report["verdict"], "passed", "{report:#}");
    let signature = &report["signatures"][0];
    let checks = passed(signature);
    for code in [
        "signer.certificate",
        "signer.signature",
        "path.built",
        "signature.valid",
        "authority.active",
        "authority.role",
        "policy.algorithm",
        "revocation.good",
        "identity.entity",
        "policy.capacity",
        "policy.assurance",
    ] {
        assert!(checks.contains(&code), "{code} is not among {checks:?}");
    }
    assert_eq!(signature["authority"]["id"], "ca-c");
    assert_eq!(signature["authority"]["name_zh"], Profile::C.name_zh());
    let identity = &signature["identity"];
    assert_eq!(identity["entity"]["kind"], "uscc");
    assert_eq!(identity["entity"]["value"], Company::numbered(0).uscc);
    assert_eq!(identity["entity"]["name"], Company::numbered(0).name);
    assert_eq!((&identity["capacity"], &identity["assurance"]), (&json!("agent"), &json!("high")));
    assert!(signature["path"].as_array().unwrap().len() >= 2);
    assert!(signature["policy_version"].is_string() && signature["province_policy"].is_string());
    let basis = &signature["revocation"]["certificates"][0];
    assert_eq!(basis["evidence"]["sha256"].as_str().unwrap().len(), 64);
    let person = Person::numbered(0).personal_id;
    assert!(!report.to_string().contains(&person), "{report:#}");
    let personal_data = Some(PersonalData::Disclosed);
    let edit = RelyingPartyEdit { personal_data, ..RelyingPartyEdit::default() };
    let (id, edit) = ("platform-c".parse().unwrap(), Box::new(edit));
    office.world.execute(Command::RelyingPartySet { id, edit }).await;
    let entitled = office.verify(&office.raw(CONTENT)).await;
    let (masked, holder) = (&identity["holder"], &entitled["signatures"][0]["identity"]["holder"]);
    assert_eq!(holder["value"], person);
    assert!(masked["value"].as_str().unwrap().contains("**"), "{masked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_policy_is_one_of_the_path() {
    let mut office = Office::new().await;
    let policies =
        Der::Sequence(vec![Der::Sequence(vec![Der::ObjectIdentifier("1.2.3.4".into())])]);
    let leaf = office.enrolled.leaf().with_extension(Extension::new("2.5.29.32", policies));
    office.issued = office.enrolled.authority.issue(&leaf).unwrap();
    let ask = async |policies: Value| {
        let mut body = office.raw(CONTENT);
        body["options"] = json!({ "policies": policies });
        office.verify(&body).await
    };
    let met = ask(json!(["1.2.3.4", "1.2.3.5"])).await;
    assert_eq!(met["verdict"], "passed", "{met:#}");
    let other = ask(json!(["1.2.3.5"])).await;
    assert_eq!((&other["verdict"], decisive(&other).len()), (&json!("failed"), 1), "{other:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_of_a_certificate_has_what_did_not_pass() {
    let office = Office::new().await;
    let (full, summary) = (office.certificate(&[]).await, json!("summary"));
    assert!(passed(&full).len() > 5, "{full:#}");
    let short = office.certificate(&[("detail", summary.clone())]).await;
    assert_eq!((&short["verdict"], &short["findings"]), (&json!("passed"), &json!([])));
    assert_eq!(short["identity"], full["identity"]);
    office.world.revoke(&office.enrolled, &office.issued).await;
    let short = office.certificate(&[("detail", summary), ("receipt", json!("signed"))]).await;
    assert_eq!(decisive(&short), ["revocation.revoked"]);
    assert_eq!(passed(&short), [""; 0]);
    assert!(short["receipt"]["receipt"].is_string());
    let body = json!({ "certificate": "MAA=", "purpose": "sign-in", "detail": "all" });
    assert_eq!(office.post("/v1/certificates/verify", &body).await.code(), "request.malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_beyond_the_limit_are_refused_by_name_wherever_they_come() {
    let changes = [("# attached_document = \"16MiB\"", "attached_document = \"4KiB\"")];
    let office = Office::with_settings(&changes).await;
    let pdf = [b"%PDF-1.7\n".to_vec(), vec![b' '; 5_000]].concat();
    let attached = office.cms(&[7; 5_000], false);
    for document in [&pdf, &attached] {
        let in_parts = office.parts(&[("signature", document)]).await;
        assert_eq!(in_parts.code(), "request.document_too_large");
        let body = json!({ "signature": STANDARD.encode(document) });
        let answer = office.post("/v1/signatures/verify", &body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (413, "request.document_too_large")
        );
        assert!(answer.json()["detail"].as_str().unwrap().contains("4096"), "{}", answer.text);
        let request = json!({ "request": { "signedMessage": STANDARD.encode(document) } });
        let answer = office.post("/v1/gmt-0029/verifySignedMessage", &request).await;
        assert_eq!(answer.code(), "request.document_too_large");
    }
    // The content beside it has its own limit, which is larger.
    let long = vec![7; 9_000];
    let detached = json!({
        "signature": STANDARD.encode(office.cms(&long, true)),
        "content": STANDARD.encode(&long),
    });
    assert_eq!(office.verify(&detached).await["verdict"], "passed");
}
