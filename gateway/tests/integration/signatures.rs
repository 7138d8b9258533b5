//! Signatures as a service: documents in JSON and in parts.

mod batch;
mod told;

use std::fmt::Write as _;
use std::process::Command as Program;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tongxing_pki::Timestamp;
use tongxing_testdata::{Company, CrlSpec, Issued, Profile, RevocationReason, RevokedEntry};
use tongxing_trust_store::{Command, Role, SIGN_IN_LINE};

use crate::client::{Answer, Connection, Identity, TLS13, config};
use crate::world::{Enrolled, World};

const CONTENT: &[u8] = "投标文件：示例项目，报价一百万元。".as_bytes();

/// A province whose authority B may sign documents, and a platform.
pub(crate) struct Office {
    world: World,
    enrolled: Enrolled,
    issued: Issued,
    authorization: String,
}

impl Office {
    pub(crate) async fn new() -> Self {
        Self::with_settings(&[]).await
    }

    async fn with_settings(changes: &[(&str, &str)]) -> Self {
        let world = World::with_settings(changes).await;
        let enrolled = world.enrol(Profile::B).await;
        let authority = Profile::B.id().parse().unwrap();
        let roles = vec![Role::SignIn, Role::DocumentSigning];
        world.execute(Command::RolesSet { authority, roles }).await;
        let authorization = world.platform("platform-c").await;
        let issued = enrolled.issue();
        Self { world, enrolled, issued, authorization }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("authorization", self.authorization.as_str())];
        let mut public = self.world.public().await;
        public.send("POST", path, &headers, &body.to_string()).await.unwrap()
    }

    async fn verify(&self, body: &Value) -> Value {
        let answer = self.post("/v1/signatures/verify", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    fn raw(&self, content: &[u8]) -> Value {
        json!({
            "signature": STANDARD.encode(self.issued.key.sign(content).unwrap()),
            "certificate": STANDARD.encode(&self.issued.certificate_der),
            "content": STANDARD.encode(content),
        })
    }

    /// Sends parts; each a name and octets.
    pub(crate) async fn parts(&self, parts: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, octets) in parts {
            let head = format!(
                "--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(octets);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b0undary--\r\n");
        let headers = [
            ("authorization", self.authorization.as_str()),
            ("content-type", "multipart/form-data; boundary=b0undary"),
        ];
        let mut public = self.world.public().await;
        public.send_octets("POST", "/v1/signatures/verify", &headers, body).await.unwrap()
    }

    /// A CMS message by OpenSSL's command.
    fn cms(&self, content: &[u8], detached: bool) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("content"), content).unwrap();
        std::fs::write(path("key"), self.issued.key_pem().unwrap()).unwrap();
        std::fs::write(path("cert"), self.issued.certificate_pem().unwrap()).unwrap();
        let mut program = Program::new("openssl");
        program.args(["cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256"]);
        if !detached {
            program.arg("-nodetach");
        }
        let names = [("-in", "content"), ("-inkey", "key"), ("-signer", "cert"), ("-out", "cms")];
        for (option, name) in names {
            program.arg(option).arg(path(name));
        }
        let done = program.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        std::fs::read(path("cms")).unwrap()
    }
}

/// The codes of findings that failed or are undecided, of the report and its signatures.
fn decisive(report: &Value) -> Vec<String> {
    let signatures = report["signatures"].as_array().into_iter().flatten();
    let all = std::iter::once(report).chain(signatures);
    let findings = all.flat_map(|part| part["findings"].as_array().into_iter().flatten());
    let decided =
        |finding: &&Value| matches!(finding["level"].as_str(), Some("failed" | "indeterminate"));
    findings.filter(decided).map(|f| f["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_signature_is_told_with_whose_it_is() {
    let office = Office::new().await;
    let report = office.verify(&office.raw(CONTENT)).await;
    assert_eq!(
        (&report["verdict"], &report["format"]),
        (&json!("passed"), &json!("raw")),
        "{report:#}"
    );
    let signature = &report["signatures"][0];
    assert_eq!(signature["indication"], "TOTAL-PASSED");
    assert_eq!(signature["identity"]["entity"]["value"], Company::numbered(0).uscc);
    assert_eq!(signature["authority"]["id"], "ca-b");
    assert_eq!(signature["time"]["basis"], "present");
    assert_eq!(signature["revocation"]["certificates"][0]["status"], "good");

    let mut altered = office.raw(CONTENT);
    altered["content"] = json!(STANDARD.encode(b"other"));
    let report = office.verify(&altered).await;
    assert_eq!(report["verdict"], "failed");
    assert_eq!(report["signatures"][0]["indication"], "TOTAL-FAILED");

    let mut without = office.raw(CONTENT);
    without.as_object_mut().unwrap().remove("content");
    assert_eq!(office.verify(&without).await["verdict"], "indeterminate");

    let mut summary = office.raw(CONTENT);
    summary["options"] = json!({ "detail": "summary" });
    let report = office.verify(&summary).await;
    assert_eq!(report["signatures"][0]["findings"], json!([]), "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_stands_for_a_file_that_stays_where_it_is() {
    let office = Office::new().await;
    let mut body = office.raw(CONTENT);
    body.as_object_mut().unwrap().remove("content");
    let mut hash = String::new();
    for byte in digest(&SHA256, CONTENT).as_ref() {
        write!(hash, "{byte:02x}").unwrap();
    }
    body["hash"] = json!(hash);
    body["hash_algorithm"] = json!("sha-256");
    let path = "/v1/signatures/verify-hash";
    assert_eq!(office.post(path, &body).await.json()["verdict"], "passed");
    let cms = json!({ "signature": STANDARD.encode(office.cms(CONTENT, true)), "hash": hash, "hash_algorithm": "sha-256" });
    assert_eq!(office.post(path, &cms).await.json()["verdict"], "passed");
    let mut other = cms.clone();
    other["hash"] = json!("00".repeat(32));
    let other = office.post(path, &other).await.json();
    assert_eq!(
        (&other["verdict"], decisive(&other)),
        (&json!("failed"), vec!["content.digest_differs".to_owned()])
    );
    for (field, value, code) in [
        ("hash", json!("00"), "request.hash"),
        ("hash", json!("zz".repeat(32)), "request.hash"),
        ("content", json!("AA=="), "request.combination"),
        ("hash_algorithm", json!("md5"), "request.malformed"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        assert_eq!(office.post(path, &wrong).await.code(), code, "{field}");
    }
    assert_eq!(office.post("/v1/signatures/verify", &body).await.code(), "request.combination");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_required_is_compared_with_who_signed() {
    let office = Office::new().await;
    let uscc = Company::numbered(0).uscc;
    let ask = async |options: Value| {
        let mut body = office.raw(CONTENT);
        body["options"] = options;
        office.verify(&body).await
    };
    assert_eq!(
        ask(json!({ "entities": [uscc], "capacities": ["organization"] })).await["verdict"],
        "passed"
    );
    let other = Company::numbered(1).uscc;
    // Mistyped: nobody is blamed for that.
    for wrong in ["9199", &format!("{}0", &uscc[..17]), "9135O100M0001TGQXM", ""] {
        let mut body = office.raw(CONTENT);
        body["options"] = json!({ "entities": [uscc, wrong] });
        let refused = office.post("/v1/signatures/verify", &body).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert_eq!(refused.code(), "request.malformed", "{wrong}");
        assert!(refused.text.contains("entities[1]"), "{}", refused.text);
    }
    let missing = ask(json!({ "entities": [uscc, other] })).await;
    assert_eq!(decisive(&missing), ["document.entity_missing"]);
    assert_eq!(missing["requirements"]["entities"][1]["verdict"], "failed");
    let any = ask(json!({ "entities": [uscc, other], "entities_who": "any" })).await;
    assert_eq!(any["verdict"], "passed");
    let individual = ask(json!({ "capacities": ["individual"] })).await;
    assert_eq!(decisive(&individual), ["signature.capacity_other"]);
    assert_eq!(ask(json!({ "policies": ["1.2.3.4"] })).await["verdict"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_no_document() {
    let office = Office::new().await;
    let text = format!("{SIGN_IN_LINE}\naudience: platform-c");
    let refused = office.verify(&office.raw(text.as_bytes())).await;
    assert_eq!(decisive(&refused), ["document.sign_in_challenge"]);
    let attached = json!({ "signature": STANDARD.encode(office.cms(text.as_bytes(), false)) });
    assert_eq!(decisive(&office.verify(&attached).await), ["document.sign_in_challenge"]);
    let cms = office.cms(text.as_bytes(), true);
    let in_parts = office.parts(&[("signature", &cms), ("content", text.as_bytes())]).await;
    assert_eq!(decisive(&in_parts.json()), ["document.sign_in_challenge"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_revocation_are_those_of_document_signing() {
    let office = Office::new().await;
    let authority = Profile::B.id().parse().unwrap();
    let roles = vec![Role::SignIn];
    office.world.execute(Command::RolesSet { authority, roles }).await;
    let report = office.verify(&office.raw(CONTENT)).await;
    assert_eq!(decisive(&report), ["authority.role_missing"]);
    let authority = Profile::B.id().parse().unwrap();
    let roles = vec![Role::DocumentSigning];
    office.world.execute(Command::RolesSet { authority, roles }).await;
    office.world.revoke(&office.enrolled, &office.issued).await;
    let report = office.verify(&office.raw(CONTENT)).await;
    let signature = &report["signatures"][0];
    assert_eq!(decisive(&report), ["revocation.revoked"]);
    assert_eq!(signature["indication"], "INDETERMINATE");
    assert_eq!(signature["sub_indication"], "REVOKED_NO_POE");
    assert_eq!(signature["revocation"]["certificates"][0]["status"], "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn content_flows_by_behind_what_says_how_to_hash_it() {
    let office = Office::new().await;
    let cms = office.cms(CONTENT, true);
    let options = br#"{"format":"cms","options":{"detail":"summary"}}"#;
    let whole = [("request", &options[..]), ("signature", &cms), ("content", CONTENT)];
    let passed = office.parts(&whole).await;
    assert_eq!(
        (passed.status.as_u16(), &passed.json()["verdict"]),
        (200, &json!("passed")),
        "{}",
        passed.text
    );
    let altered = office.parts(&[("signature", &cms), ("content", b"other")]).await.json();
    assert_eq!(decisive(&altered), ["content.digest_differs"]);
    let value = office.issued.key.sign(CONTENT).unwrap();
    let own = office.issued.certificate_der.clone();
    let raw =
        office.parts(&[("certificate", &own), ("signature", &value), ("content", CONTENT)]).await;
    assert_eq!(raw.json()["verdict"], "passed", "{}", raw.text);
    let attached = office.cms(CONTENT, false);
    assert_eq!(office.parts(&[("signature", &attached)]).await.json()["verdict"], "passed");
    let differs = office.parts(&[("signature", &attached), ("content", b"other")]).await.json();
    assert_eq!(decisive(&differs), ["content.differs"], "{differs:#}");

    for wrong in [
        &[("content", CONTENT), ("signature", &cms)][..],
        &[("signature", &cms), ("content", CONTENT), ("request", b"{}")],
        &[("content", CONTENT)],
    ] {
        assert_eq!(office.parts(wrong).await.code(), "request.part_order");
    }
    for (wrong, code) in [
        (&[("signature", &cms[..]), ("signature", &cms[..])][..], "request.part"),
        (&[("else", &cms)], "request.part"),
        (&[("request", b"{\"x\":1}"), ("signature", &cms)], "request.malformed"),
        (&[("signature", &value), ("certificate", b"none")], "request.certificate"),
    ] {
        assert_eq!(office.parts(wrong).await.code(), code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_named() {
    let changes = [
        ("# attached_document = \"16MiB\"", "attached_document = \"1KiB\""),
        ("# content = \"4GiB\"", "content = \"64KiB\""),
    ];
    let office = Office::with_settings(&changes).await;
    let attached = office.cms(&[7; 4096], false);
    assert_eq!(
        office.parts(&[("signature", &attached)]).await.code(),
        "request.document_too_large"
    );
    let value = office.issued.key.sign(CONTENT).unwrap();
    let own = office.issued.certificate_der.clone();
    let long = vec![7; 70_000];
    let parts = [("certificate", &own[..]), ("signature", &value), ("content", &long)];
    assert_eq!(office.parts(&parts).await.code(), "request.too_large");
    let garbage = office.verify(&json!({ "signature": "MAA=" })).await;
    assert_eq!(garbage["verdict"], "failed");
    assert_eq!(decisive(&garbage).len(), 1, "{garbage}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_counts_each_of_its_items() {
    let office = Office::new().await;
    let path = "/v1/signatures/verify-batch";
    let (good, mut bad) = (office.raw(CONTENT), office.raw(CONTENT));
    bad["content"] = json!("AA==");
    let answer = office.post(path, &json!({ "items": [good, bad] })).await.json();
    assert_eq!(answer["results"][0]["verdict"], "passed");
    assert_eq!(answer["results"][1]["verdict"], "failed");
    let items = vec![good.clone(); 65];
    assert_eq!(office.post(path, &json!({ "items": items })).await.code(), "request.too_many");
    let id = "platform-c".parse().unwrap();
    let verifications_per_minute = tongxing_trust_store::Setting::To(3);
    let edit = tongxing_trust_store::RelyingPartyEdit {
        verifications_per_minute,
        ..tongxing_trust_store::RelyingPartyEdit::default()
    };
    office.world.execute(Command::RelyingPartySet { id, edit: Box::new(edit) }).await;
    let two = json!({ "items": [good, good] });
    assert_eq!(office.post(path, &two).await.status, 200);
    assert_eq!(office.post(path, &two).await.code(), "relying_party.quota");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_provisional_until_a_later_list_confirms_or_overturns_it() {
    let office = Office::new().await;
    office.world.clock.advance_millis(600_000);
    let (now, at) = (office.world.now(), office.world.now() - 300);
    let ask = async || {
        let mut body = office.raw(CONTENT);
        body["options"] = json!({ "at": Timestamp::from_unix(at).to_string() });
        office.verify(&body).await
    };
    let report = ask().await;
    assert_eq!(
        (&report["verdict"], &report["provisional"]),
        (&json!("passed"), &json!(true)),
        "{report:#}"
    );
    assert_eq!(report["signatures"][0]["time"]["basis"], "asked");
    assert_eq!(report["signatures"][0]["valid_now"], "passed");

    office.world.import(&office.enrolled, CrlSpec::empty(2, now - 60, now + 86_400)).await;
    let confirmed = ask().await;
    assert_eq!(
        (&confirmed["verdict"], &confirmed["provisional"]),
        (&json!("passed"), &json!(false))
    );

    // Revoked before that moment, and told only now.
    let serial = office.issued.serial.clone();
    let entry = RevokedEntry::new(serial, at - 10, RevocationReason::KeyCompromise);
    let list = CrlSpec::empty(3, now - 30, now + 86_400).revoking(entry);
    office.world.import(&office.enrolled, list).await;
    let overturned = ask().await;
    assert_eq!(decisive(&overturned), ["revocation.revoked"]);

    let mut future = office.raw(CONTENT);
    future["options"] = json!({ "at": Timestamp::from_unix(now + 60).to_string() });
    assert_eq!(office.post("/v1/signatures/verify", &future).await.code(), "request.moment_future");
}

/// The peak of this process's memory, in KiB (proc(5)).
pub(crate) fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "slow: sends 1 GiB over loopback"]
async fn slow_a_gibibyte_flows_by_within_64_mib() {
    const PIECE: usize = 1 << 20;
    const PIECES: usize = 1024;
    let office = Office::new().await;
    let piece = vec![0x5a_u8; PIECE];
    // Of another content: that the digest differs is known at the end alone.
    let cms = office.cms(CONTENT, true);
    let head = |name: &str| {
        format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n")
    };
    let (before, after) = (head("signature"), format!("\r\n{}", head("content")));
    let end = "\r\n--b0undary--\r\n";
    let length = before.len() + cms.len() + after.len() + PIECE * PIECES + end.len();
    let port = office.world.public_port();
    let tls = config(
        &office.world.server.authority_der,
        &[TLS13],
        std::sync::Arc::new(Identity::default()),
    );
    let mut stream = Connection::stream(tls, "localhost", port).await.unwrap();
    let request = format!(
        "POST /v1/signatures/verify HTTP/1.1\r\nhost: localhost:{port}\r\nauthorization: {}\r\n\
         content-type: multipart/form-data; boundary=b0undary\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{before}",
        office.authorization
    );
    // What setting up took is not counted: the peak begins anew (proc(5)).
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let began = peak();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(&cms).await.unwrap();
    stream.write_all(after.as_bytes()).await.unwrap();
    for _ in 0..PIECES {
        stream.write_all(&piece).await.unwrap();
    }
    stream.write_all(end.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = Vec::new();
    // The server may end the connection without a close_notify.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("content.digest_differs"),
        "{answer}"
    );
    let grown = peak() - began;
    eprintln!("1 GiB: the process grew by {grown} KiB");
    assert!(grown <= 64 << 10, "{grown} KiB");
}
