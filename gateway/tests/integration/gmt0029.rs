//! The shape of GM/T 0029.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tongxing_testdata::{CrlSpec, Issued, Profile, RevocationReason, RevokedEntry, Validity};
use tongxing_trust_store::{Command, Role};

use crate::client::Answer;
use crate::world::{Enrolled, World};

const CONTENT: &[u8] = b"a tender";

struct Desk {
    world: World,
    enrolled: Enrolled,
    authorization: String,
}

impl Desk {
    async fn new(profile: Profile) -> Self {
        let world = World::new().await;
        let enrolled = world.enrol(profile).await;
        let authority = profile.id().parse().unwrap();
        world.execute(Command::RolesSet { authority, roles: vec![Role::DocumentSigning] }).await;
        let authorization = world.platform("platform-g").await;
        Self { world, enrolled, authorization }
    }

    async fn post(&self, operation: &str, body: &Value) -> Answer {
        let path = format!("/v1/gmt-0029/{operation}");
        let headers = [("authorization", self.authorization.as_str())];
        let mut public = self.world.public().await;
        public.send("POST", &path, &headers, &body.to_string()).await.unwrap()
    }

    /// The answer to a request in its envelope.
    async fn ask(&self, operation: &str, request: Value) -> Value {
        let body = json!({
            "version": "v1", "reqType": operation, "reqTime": 1_780_000_000_000_u64,
            "request": request,
        });
        let answer = self.post(operation, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let told = answer.json();
        assert_eq!(told["respType"], operation);
        told["respond"].clone()
    }
}

fn data(own: &Issued, method: u32) -> Value {
    json!({
        "signMethod": method,
        "type": 1,
        "cert": STANDARD.encode(&own.certificate_der),
        "inDataLen": CONTENT.len(),
        "inData": STANDARD.encode(CONTENT),
        "signature": STANDARD.encode(own.key.sign(CONTENT).unwrap()),
        "verifyLevel": 0,
    })
}

/// The request with a member that is something else.
fn with(request: &Value, member: &str, value: Value) -> Value {
    let mut request = request.clone();
    request[member] = value;
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_data_is_verified_whatever_the_level() {
    for (profile, method) in [(Profile::D, 0x0002_0201), (Profile::A, 0x0001_0004)] {
        let desk = Desk::new(profile).await;
        let own = desk.enrolled.issue();
        let good = data(&own, method);
        let told = desk.ask("verifySignedData", good.clone()).await;
        assert_eq!(told["respValue"], 0, "{told:#}");
        assert_eq!(told["report"]["signatures"][0]["authority"]["id"], profile.id());
        for (member, value, code) in [
            ("inData", json!(STANDARD.encode(b"another!")), 0x0400_000C),
            ("inDataLen", json!(7), 0x0400_000D),
            ("signature", json!("!"), 0x0400_000D),
            ("signature", json!("AAAA"), 0x0400_000C),
            ("cert", json!("MAA="), 0x0400_0008),
            ("type", json!(2), 0x0400_0001),
            ("signMethod", json!("0x00010002"), 0x0400_0004),
            ("signerID", json!("somebody"), 0x0400_000D),
        ] {
            let told = desk.ask("verifySignedData", with(&good, member, value)).await;
            assert_eq!(told["respValue"], code, "{member}: {told:#}");
        }
        let id = with(&good, "signerID", json!("1234567812345678"));
        assert_eq!(desk.ask("verifySignedData", id).await["respValue"], 0);
        desk.world.revoke(&desk.enrolled, &own).await;
        let told = desk.ask("verifySignedData", good).await;
        assert_eq!(told["respValue"], 0x0400_000B, "level 0 does not pass over a revocation");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_messages_are_verified_as_everywhere() {
    let desk = Desk::new(Profile::B).await;
    let own = desk.enrolled.issue();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content);
    write("content", CONTENT).unwrap();
    write("one.pem", own.certificate_pem().unwrap().as_bytes()).unwrap();
    write("one.key", own.key_pem().unwrap().as_bytes()).unwrap();
    let sign = |options: &[&str]| {
        let arguments = [
            "cms", "-sign", "-binary", "-in", "content", "-signer", "one.pem", "-inkey", "one.key",
            "-outform", "DER", "-out", "message",
        ];
        let mut program = std::process::Command::new("openssl");
        let done = program.current_dir(folder.path()).args(arguments).args(options).output();
        assert!(done.unwrap().status.success());
        STANDARD.encode(std::fs::read(folder.path().join("message")).unwrap())
    };
    let detached = json!({ "signedMessage": sign(&[]), "inData": STANDARD.encode(CONTENT) });
    assert_eq!(desk.ask("verifySignedMessage", detached.clone()).await["respValue"], 0);
    let attached = json!({ "signedMessage": sign(&["-nodetach"]), "inData": "" });
    assert_eq!(desk.ask("verifySignedMessage", attached).await["respValue"], 0);
    for (member, value, code) in [
        ("inData", json!(STANDARD.encode(b"another")), 0x0400_000C),
        ("inData", json!(null), 0x0400_000C),
        ("signedMessage", json!("MAA="), 0x0400_000D),
        ("hashFlag", json!(true), 0x0400_000D),
    ] {
        let told = desk.ask("verifySignedMessage", with(&detached, member, value)).await;
        assert_eq!(told["respValue"], code, "{member}: {told:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_judged_and_read() {
    let desk = Desk::new(Profile::B).await;
    let own = desk.enrolled.issue();
    let of = |issued: &Issued| json!({ "cert": STANDARD.encode(&issued.certificate_der) });
    let told = desk.ask("validateCert", of(&own)).await;
    assert_eq!((&told["respValue"], &told["state"]), (&json!(0), &json!(0)), "{told:#}");
    let now = desk.world.now();
    let issue = |validity| {
        let leaf = desk.enrolled.leaf();
        desk.enrolled.authority.issue(&leaf.valid(validity)).unwrap()
    };
    let expired = desk.ask("validateCert", of(&issue(Validity::expired_at(now)))).await;
    assert_eq!(expired["respValue"], 0x0400_0009);
    let early = desk.ask("validateCert", of(&issue(Validity::not_yet_at(now)))).await;
    assert_eq!(early["respValue"], 0x0400_000A);
    let entry = RevokedEntry::new(own.serial.clone(), now - 9, RevocationReason::Superseded);
    let list = CrlSpec::empty(2, now - 5, now + 86_400).revoking(entry);
    desk.world.import(&desk.enrolled, list).await;
    let revoked = desk.ask("validateCert", of(&own)).await;
    assert_eq!((&revoked["respValue"], &revoked["state"]), (&json!(0x0400_000B), &json!(1)));
    let strange = tongxing_testdata::self_signed(&desk.enrolled.leaf()).unwrap();
    let strange = desk.ask("validateCert", of(&strange)).await;
    assert_eq!((&strange["respValue"], &strange["state"]), (&json!(0x0400_0007), &json!(2)));

    let read = async |item: Value| {
        let mut request = of(&own);
        request["infoType"] = item;
        desk.ask("parseCert", request).await
    };
    assert_eq!(read(json!(1)).await["info"], "3");
    assert_eq!(read(json!("0x00000032")).await["info"], "通行测试建筑有限公司");
    assert!(read(json!(8)).await["info"].as_str().unwrap().len() > 100);
    assert_eq!(read(json!(0x34)).await["respValue"], 0x0400_0002, "it has no e-mail address");
    assert_eq!(read(json!(999)).await["respValue"], 0x0400_0002);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_for_another_operation_is_none() {
    let desk = Desk::new(Profile::B).await;
    let request = json!({ "cert": "MAA=" });
    for named in [json!("parseCert"), json!(4)] {
        let body = json!({ "reqType": named, "request": request });
        assert_eq!(desk.post("validateCert", &body).await.code(), "request.malformed");
    }
    for named in [json!("validateCert"), json!(2), json!("2")] {
        let body = json!({ "reqType": named, "request": request });
        assert_eq!(desk.post("validateCert", &body).await.status, 200);
    }
    assert_eq!(desk.post("validateCert", &json!({})).await.code(), "request.malformed");
    let mut public = desk.world.public().await;
    let nobody = public.post("/v1/gmt-0029/validateCert", &json!({ "request": request })).await;
    assert_eq!(nobody.code(), "relying_party.unauthenticated");
}
