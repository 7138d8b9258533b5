//! Receipts over HTTP: given, fetched, checked without the gateway; and how platforms are
//! told that provisional ones were decided.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command as Program;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, UnparsedPublicKey};
use rustls::ServerConfig;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tongxing_pki::{Timestamp, Verdict};
use tongxing_testdata::{
    CrlSpec, Issued, Person, Profile, RevocationReason, RevokedEntry, Validity, server_certificate,
};
use tongxing_trust_store::{
    Access, Clock as _, Command, EvidenceKey, ReceiptCheck, ReceiptFile, ReceiptVerification,
    RelyingPartyEdit, Reply, Role, Setting,
};

use crate::client::Answer;
use crate::samples::{have, java, python_with_jwt, sample};
use crate::world::{Enrolled, World};

const CONTENT: &[u8] = "投标文件：示例项目，报价一百万元。".as_bytes();
const HOUR: i64 = 3600;

/// Longer than any step takes; nothing waits that long unless it failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A province whose authority B may sign documents, and two platforms.
struct Office {
    world: World,
    enrolled: Enrolled,
    issued: Issued,
    authorization: String,
    other: String,
}

impl Office {
    async fn new(changes: &[(&str, &str)]) -> Self {
        Self::of(Profile::B, changes).await
    }

    /// The same with another authority.
    async fn of(profile: Profile, changes: &[(&str, &str)]) -> Self {
        let world = World::with_settings(changes).await;
        let enrolled = world.enrol(profile).await;
        let authority = profile.id().parse().unwrap();
        let roles = vec![Role::SignIn, Role::DocumentSigning];
        world.execute(Command::RolesSet { authority, roles }).await;
        let issued = enrolled.issue();
        let authorization = add_party(&world, "platform-c").await;
        let other = add_party(&world, "platform-d").await;
        Self { world, enrolled, issued, authorization, other }
    }

    async fn send(&self, method: &str, path: &str, by: &str, body: &str) -> Answer {
        let headers = [("authorization", by)];
        self.world.public().await.send(method, path, &headers, body).await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.send("POST", path, &self.authorization, &body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.send("GET", path, &self.authorization, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    fn raw(&self, options: &Value) -> Value {
        json!({
            "signature": STANDARD.encode(self.issued.key.sign(CONTENT).unwrap()),
            "certificate": STANDARD.encode(&self.issued.certificate_der),
            "content": STANDARD.encode(CONTENT),
            "options": options,
        })
    }

    async fn keys(&self) -> Vec<EvidenceKey> {
        let text = self.world.public().await.get("/v1/evidence-keys").await.text;
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    async fn passes(&self, answer: &Value) -> ReceiptVerification {
        let file = ReceiptFile::read(answer.to_string().as_bytes()).unwrap();
        let verification = ReceiptCheck::new(file).unwrap().run(&self.keys().await);
        assert_eq!(verification.verdict, Verdict::Passed, "{:#?}", verification.findings);
        verification
    }

    async fn set_webhook(&self, url: &str) {
        let edit = RelyingPartyEdit {
            webhook: Setting::To(url.parse().unwrap()),
            ..RelyingPartyEdit::default()
        };
        let (id, edit) = ("platform-c".parse().unwrap(), Box::new(edit));
        self.world.execute(Command::RelyingPartySet { id, edit }).await;
    }

    fn at(&self, ago: i64) -> String {
        Timestamp::from_unix(self.world.now() - ago).to_string()
    }

    /// The samples for webhooks take a notice, unless it is altered or another platform's,
    /// and are told the same when they ask.
    fn samples_take(&self, notice: &str, told: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("ca.pem"), self.world.server.authority_pem().unwrap()).unwrap();
        let run = |program: &[&str], by: &str, notice: &str| {
            std::fs::write(path("notice"), notice).unwrap();
            let secret = STANDARD.decode(self.authorization.split_once(' ').unwrap().1).unwrap();
            let secret = String::from_utf8(secret).unwrap().split_once(':').unwrap().1.to_owned();
            Program::new(program[0])
                .args(&program[1..])
                .current_dir(folder.path())
                .env("GATEWAY", &self.world.gateway.addresses().public_url)
                .env("PLATFORM_ID", by)
                .env("PLATFORM_SECRET", secret)
                .env("CA_FILE", path("ca.pem"))
                .env("NODE_EXTRA_CA_CERTS", path("ca.pem"))
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .stdin(std::fs::File::open(path("notice")).unwrap())
                .output()
                .unwrap()
        };
        let takes = |program: &[&str]| {
            let output = run(program, "platform-c", notice);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(String::from_utf8_lossy(&output.stdout), told, "{program:?}: {errors}");
            assert!(!run(program, "platform-d", notice).status.success(), "it is another's");
            let altered = notice.replacen(".e", ".f", 1);
            assert!(!run(program, "platform-c", &altered).status.success(), "altered");
        };
        let asks = |program: &[&str]| {
            let output = run(program, "platform-c", "");
            let asked = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(asked.starts_with(told), "{program:?}: {asked}");
        };
        let file = |name: &str| sample(name).to_str().unwrap().to_owned();
        if have("node", &["--version"]).is_some() {
            takes(&["node", &file("verify_notice.mjs")]);
            asks(&["node", &file("receipts.mjs"), "decided"]);
        }
        if let Some(python) = python_with_jwt() {
            takes(&[&python, &file("receipts.py"), "notice"]);
            asks(&[&python, &file("receipts.py"), "decided"]);
        }
        if have("javac", &["-version"]).is_some() {
            let arguments = java(folder.path(), "Receipts");
            let with = |what| -> Vec<&str> {
                let arguments = arguments.iter().map(String::as_str);
                ["java"].into_iter().chain(arguments).chain([what]).collect()
            };
            takes(&with("notice"));
            asks(&with("decided"));
        }
    }

    /// The next list, made now.
    async fn list(&self, number: u64, entries: Vec<RevokedEntry>) {
        let now = self.world.now();
        let spec = CrlSpec::empty(number, now, now + 24 * HOUR);
        self.world.import(&self.enrolled, entries.into_iter().fold(spec, CrlSpec::revoking)).await;
    }
}

async fn add_party(world: &World, id: &str) -> String {
    let add = Command::RelyingPartyAdd { id: id.parse().unwrap(), name: "平台".into() };
    let Reply::RelyingPartyAdded { secret, .. } = world.execute(add).await else { panic!() };
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn part(jws: &str, place: usize) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(jws.split('.').nth(place).unwrap()).unwrap()
}

/// A JWS verified as any JOSE library would, with nothing of ours.
fn payload(jws: &str, typ: &str, keys: &Value) -> Value {
    let header: Value = serde_json::from_slice(&part(jws, 0)).unwrap();
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!(typ)));
    let keys = keys["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let (message, _) = jws.rsplit_once('.').unwrap();
    UnparsedPublicKey::new(&ED25519, x).verify(message.as_bytes(), &part(jws, 2)).unwrap();
    serde_json::from_slice(&part(jws, 1)).unwrap()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_comes_with_the_answer_and_needs_the_gateway_no_more() {
    let office = Office::new(&[]).await;
    let answer = office.post("/v1/signatures/verify", &office.raw(&json!({}))).await;
    assert!(answer.get("receipt").is_none(), "nobody asked for one");
    let asked = office.raw(&json!({ "receipt": "bundle" }));
    let answer = office.post("/v1/signatures/verify", &asked).await;
    assert_eq!(answer["verdict"], "passed", "{answer:#}");
    let verification = office.passes(&answer).await;
    assert_eq!(verification.stated.relying_party, "platform-c");
    let mut told = answer.clone();
    told.as_object_mut().unwrap().remove("receipt");
    assert_eq!(verification.stated.report, told);

    let keys = office.world.public().await.get("/.well-known/evidence-keys.json").await;
    assert_eq!(keys.headers["content-type"], "application/jwk-set+json");
    let jws = answer["receipt"]["receipt"].as_str().unwrap();
    let stated = payload(jws, "tongxing-receipt+jws", &keys.json());
    assert_eq!(stated["report"], told);
    assert_eq!(stated["iss"], office.world.gateway.addresses().public_url);

    // What it rests on is read by its hash, by every platform and nobody else.
    let trust = stated["trust"]["sha256"].as_str().unwrap();
    let path = format!("/v1/evidence/{trust}");
    for by in [&office.authorization, &office.other] {
        let piece = office.send("GET", &path, by, "").await;
        assert_eq!(piece.status, 200, "{}", piece.text);
        assert_eq!(hex(digest(&SHA256, piece.text.as_bytes()).as_ref()), trust);
    }
    assert_eq!(office.world.public().await.get(&path).await.status, 401);
    for bad in ["x", &"0".repeat(64), &trust.to_uppercase()] {
        let answer = office.send("GET", &format!("/v1/evidence/{bad}"), &office.other, "").await;
        assert_eq!(answer.code(), "request.not_found", "{bad}");
    }
    let own = stated["evidence"].as_array().unwrap().iter();
    for piece in own.filter(|piece| piece["kind"] == "certificate") {
        let path = format!("/v1/evidence/{}", piece["sha256"].as_str().unwrap());
        let answer = office.send("GET", &path, &office.authorization, "").await;
        assert_eq!(answer.status, 404, "the signer's certificate is the platform's own");
    }

    let record = answer["receipt"]["record"].as_u64().unwrap();
    let standing = office.get(&format!("/v1/receipts/{record}")).await;
    assert_eq!((&standing["record"], &standing["status"]), (&json!(record), &json!("final")));
    let proof = standing["proof"].as_str().unwrap().parse_proof();
    proof.verify(&office.keys().await).unwrap();
    for (path, by) in [
        (format!("/v1/receipts/{record}"), &office.other),
        ("/v1/receipts/1".to_owned(), &office.authorization),
        ("/v1/receipts/x".to_owned(), &office.authorization),
    ] {
        assert_eq!(office.send("GET", &path, by, "").await.status, 404, "{path}");
    }
    let bad = office.send("GET", "/v1/receipts?since=x", &office.other, "").await;
    assert_eq!(bad.code(), "request.malformed");
    let malformed = office.raw(&json!({ "receipt": "all" }));
    let answer =
        office.send("POST", "/v1/signatures/verify", &office.other, &malformed.to_string()).await;
    assert_eq!(answer.code(), "request.malformed");
}

/// Reading a proof.
trait ParseProof {
    fn parse_proof(&self) -> tongxing_trust_store::RecordProof;
}

impl ParseProof for str {
    fn parse_proof(&self) -> tongxing_trust_store::RecordProof {
        tongxing_trust_store::RecordProof::parse(self).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_verification_has_one() {
    let office = Office::new(&[("# given = \"asked\"", "given = \"always\"")]).await;
    office.world.clock.advance_millis(2 * HOUR * 1000);
    // Without asking: the signed form.
    let answer = office.post("/v1/signatures/verify", &office.raw(&json!({}))).await;
    assert!(answer["receipt"]["receipt"].is_string());
    assert!(answer["receipt"].get("evidence").is_none());

    let mut by_hash = office.raw(&json!({ "receipt": "bundle" }));
    let hash = hex(digest(&SHA256, CONTENT).as_ref());
    by_hash.as_object_mut().unwrap().remove("content");
    by_hash["hash"] = json!(hash);
    by_hash["hash_algorithm"] = json!("sha-256");
    let answer = office.post("/v1/signatures/verify-hash", &by_hash).await;
    assert_eq!(answer["verdict"], "passed", "{answer:#}");
    office.passes(&answer).await;

    // In a batch: without the evidence, of which there might be a lot.
    let path = "/v1/signatures/verify-batch";
    let items = json!({ "items": [by_hash] }).to_string();
    let refused = office.send("POST", path, &office.authorization, &items).await.json();
    let problem = &refused["results"][0]["problem"];
    assert_eq!(problem["code"], "request.combination");
    assert!(problem["detail"].as_str().unwrap().contains("signed"), "{problem}");
    by_hash["options"]["receipt"] = json!("signed");
    let mut unreadable = office.raw(&json!({}));
    unreadable.as_object_mut().unwrap().remove("certificate");
    let items = json!({ "items": [office.raw(&json!({})), by_hash, unreadable] });
    let batch = office.post(path, &items).await;
    let results = batch["results"].as_array().unwrap();
    for (result, verdict) in results.iter().zip(["passed", "passed", "failed"]) {
        assert_eq!(result["verdict"], verdict);
        let file = json!({ "receipt": result["receipt"] }).to_string();
        let check = ReceiptCheck::new(ReceiptFile::read(file.as_bytes()).unwrap()).unwrap();
        assert!(!check.missing().is_empty());
        let verification = check.run(&office.keys().await);
        assert!(verification.signed_by.is_some(), "{:#?}", verification.findings);
        assert_eq!(verification.stated.verdict.to_string(), verdict);
    }

    let question = json!({
        "certificate": STANDARD.encode(&office.issued.certificate_der),
        "purpose": "sign-in",
        "receipt": "bundle",
    });
    for at in [None, Some(office.at(30))] {
        let mut question = question.clone();
        question["at"] = json!(at);
        let answer = office.post("/v1/certificates/verify", &question).await;
        assert_eq!(answer["verdict"], "passed", "{answer:#}");
        assert_eq!(office.passes(&answer).await.stated.kind, "certificate");
    }

    // In the shape of GM/T 0029: as the setting says, or as it is asked for.
    let of_cert = json!({ "request": { "cert": question["certificate"] } });
    let data = json!({ "request": {
        "type": 1, "cert": question["certificate"], "inData": STANDARD.encode(CONTENT),
        "signature": STANDARD.encode(office.issued.key.sign(CONTENT).unwrap()),
    } });
    for (operation, mut body) in [("validateCert", of_cert.clone()), ("verifySignedData", data)] {
        let path = format!("/v1/gmt-0029/{operation}");
        let answer = office.post(&path, &body).await;
        assert!(answer["respond"]["receipt"]["receipt"].is_string(), "{answer:#}");
        body["request"]["receipt"] = json!("bundle");
        let answer = office.post(&path, &body).await;
        assert_eq!(answer["respond"]["respValue"], 0, "{answer:#}");
        let stated = office.passes(&answer).await.stated;
        assert_eq!(stated.report, answer["respond"]["report"]);
    }
    let mut parsed = of_cert;
    parsed["request"]["infoType"] = json!(1);
    let answer = office.post("/v1/gmt-0029/parseCert", &parsed).await;
    assert!(answer["respond"].get("receipt").is_none(), "nothing was judged");

    // In parts the content flows by: its digests are stated.
    let boundary = "--b0undary\r\nContent-Disposition: form-data; name=";
    let mut body = Vec::new();
    let request = json!({ "options": { "receipt": "bundle" } }).to_string();
    let signature = office.issued.key.sign(CONTENT).unwrap();
    let long = [CONTENT, &vec![7; 40_000]].concat();
    let signature_of_long = office.issued.key.sign(&long).unwrap();
    assert_ne!(signature, signature_of_long);
    for (name, octets) in [
        ("request", request.as_bytes()),
        ("signature", &signature_of_long),
        ("certificate", &office.issued.certificate_der),
        ("content", &long),
    ] {
        body.extend_from_slice(format!("{boundary}\"{name}\"; filename=\"f\"\r\n\r\n").as_bytes());
        body.extend_from_slice(octets);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b0undary--\r\n");
    let headers = [
        ("authorization", office.authorization.as_str()),
        ("content-type", "multipart/form-data; boundary=b0undary"),
    ];
    let mut public = office.world.public().await;
    let answer = public.send_octets("POST", "/v1/signatures/verify", &headers, body).await.unwrap();
    let answer = answer.json();
    assert_eq!(answer["verdict"], "passed", "{answer:#}");
    office.passes(&answer).await;
    let file = ReceiptFile::read(answer.to_string().as_bytes()).unwrap();
    for (document, verdict) in [(&long[..], Verdict::Passed), (CONTENT, Verdict::Failed)] {
        let mut check = ReceiptCheck::new(file.clone()).unwrap();
        check.give("bid.zip", document).unwrap();
        assert_eq!(check.run(&office.keys().await).verdict, verdict);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_whoever_signed_is_kept_in_the_clear() {
    let office = Office::of(Profile::C, &[]).await;
    let answer =
        office.post("/v1/signatures/verify", &office.raw(&json!({ "receipt": "bundle" }))).await;
    let holder = &answer["signatures"][0]["identity"]["holder"];
    assert!(holder.is_object(), "the certificate names a person: {answer:#}");
    let person = Person::numbered(0);
    assert!(!answer["signatures"].to_string().contains(&person.personal_id), "masked");
    let needles =
        [person.personal_id.as_bytes(), person.name.as_bytes(), &office.issued.certificate_der];
    let folder = office.world.folder.path().to_owned();
    for file in files(&folder) {
        let content = std::fs::read(&file).unwrap_or_default();
        for needle in needles {
            let found = content.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "{}", file.display());
        }
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.is_file())
        .collect()
}

/// A platform's own server: takes notices, or refuses them.
struct Receiver {
    url: String,
    roots: tempfile::TempDir,
    answers: Arc<Mutex<StatusCode>>,
    taken: mpsc::UnboundedReceiver<(String, String)>,
}

impl Receiver {
    async fn new() -> Self {
        let now = tongxing_trust_store::SystemClock.now().unix();
        let server = server_certificate(&["127.0.0.1"], Validity::year_from(now)).unwrap();
        let roots = tempfile::tempdir().unwrap();
        std::fs::write(roots.path().join("roots.pem"), server.authority_pem().unwrap()).unwrap();
        let chain = CertificateDer::from(server.certificate_der.clone());
        let key = PrivatePkcs8KeyDer::from(server.key.pkcs8_der().to_vec());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![chain], PrivateKeyDer::from(key))
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://127.0.0.1:{}/notices", listener.local_addr().unwrap().port());
        let (sender, taken) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(StatusCode::NO_CONTENT));
        let (acceptor, answering) = (TlsAcceptor::from(Arc::new(config)), Arc::clone(&answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let (sender, answering) = (sender.clone(), Arc::clone(&answering));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (sender, answering) = (sender.clone(), Arc::clone(&answering));
                    async move {
                        let status = *answering.lock().unwrap();
                        let media = request.headers()["content-type"].to_str().unwrap().to_owned();
                        let body = request.into_body().collect().await.unwrap().to_bytes();
                        let body = String::from_utf8(body.to_vec()).unwrap();
                        let _ = sender.send((media, body));
                        let mut response = Response::new(Full::<Bytes>::default());
                        *response.status_mut() = status;
                        Ok::<_, Infallible>(response)
                    }
                });
                let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(serving);
            }
        });
        Self { url, roots, answers, taken }
    }

    /// The setting that trusts it.
    fn setting(&self) -> String {
        format!("webhook_roots = \"{}\"", self.roots.path().join("roots.pem").display())
    }

    async fn next(&mut self) -> String {
        let next = tokio::time::timeout(PATIENCE, self.taken.recv()).await;
        let (media, body) = next.expect("nothing was sent").unwrap();
        assert_eq!(media, "application/jose");
        body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn platforms_are_told_how_provisional_receipts_were_decided() {
    let mut receiver = Receiver::new().await;
    let roots = "# webhook_roots = \"tls/webhook-roots.pem\"";
    let office = Office::new(&[(roots, receiver.setting().as_str())]).await;
    *receiver.answers.lock().unwrap() = StatusCode::INTERNAL_SERVER_ERROR;
    office.set_webhook(&receiver.url).await;
    office.world.clock.advance_millis(2 * HOUR * 1000);
    let (early, late) = (office.at(HOUR), office.at(600));
    let (mut receipts, mut answers) = (Vec::new(), Vec::new());
    for at in [&early, &late] {
        let asked = office.raw(&json!({ "receipt": "bundle", "at": at }));
        let answer = office.post("/v1/signatures/verify", &asked).await;
        assert_eq!((&answer["verdict"], &answer["provisional"]), (&json!("passed"), &json!(true)));
        office.passes(&answer).await;
        receipts.push(answer["receipt"]["record"].as_u64().unwrap());
        answers.push(answer);
    }
    let waiting = office.get(&format!("/v1/receipts/{}", receipts[0])).await;
    assert_eq!((&waiting["status"], &waiting["awaits"]), (&json!("provisional"), &json!(1)));
    assert_eq!(office.get("/v1/receipts").await["decisions"], json!([]));

    // Revoked between the two moments, and listed now.
    let revoked = RevokedEntry::new(
        office.issued.serial.clone(),
        office.world.now() - 1800,
        RevocationReason::KeyCompromise,
    );
    office.list(2, vec![revoked]).await;
    let refused = receiver.next().await;
    // An operator mends it: what is set anew is tried at once.
    *receiver.answers.lock().unwrap() = StatusCode::NO_CONTENT;
    office.set_webhook(&format!("{}?again", receiver.url)).await;
    let jws = receiver.next().await;

    let keys = office.world.public().await.get("/.well-known/evidence-keys.json").await.json();
    let first = payload(&refused, "tongxing-notice+jws", &keys);
    let notice = payload(&jws, "tongxing-notice+jws", &keys);
    assert_eq!(first["decisions"], notice["decisions"]);
    assert_eq!(notice["aud"], "platform-c");
    let decisions = notice["decisions"].as_array().unwrap();
    let told: Vec<_> =
        decisions.iter().map(|one| (one["receipt"].as_u64().unwrap(), &one["outcome"])).collect();
    assert_eq!(told, [(receipts[0], &json!("confirmed")), (receipts[1], &json!("overturned"))]);
    assert_eq!(decisions[1]["revocation"]["reason"], "keyCompromise");
    let polled = office.get("/v1/receipts").await;
    assert_eq!(polled["decisions"], notice["decisions"]);
    let through = notice["through"].as_u64().unwrap();
    let after = office.get(&format!("/v1/receipts?since={through}")).await;
    assert_eq!(after["decisions"], json!([]));
    let standing = office.get(&format!("/v1/receipts/{}", receipts[1])).await;
    assert_eq!(
        (&standing["status"], &standing["record"], &standing["decision"]),
        (&json!("decided"), &json!(receipts[1]), &decisions[1])
    );
    // Which receipt is meant says the hash of what it states.
    let own = digest(&SHA256, &part(answers[1]["receipt"]["receipt"].as_str().unwrap(), 1));
    assert_eq!(standing["statement"], hex(own.as_ref()));
    assert_eq!(decisions[1]["statement"], standing["statement"]);
    let others = office.send("GET", "/v1/receipts", &office.other, "").await.json();
    assert_eq!(others["decisions"], json!([]), "each platform is told of its own");
    office.samples_take(&jws, &format!("{} confirmed\n{} overturned\n", receipts[0], receipts[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_platform_is_told_when_it_is_open_again() {
    let (mut own, mut others) = (Receiver::new().await, Receiver::new().await);
    let both = tempfile::tempdir().unwrap();
    let roots =
        [&own, &others].map(|one| std::fs::read(one.roots.path().join("roots.pem")).unwrap());
    let file = both.path().join("both.pem");
    std::fs::write(&file, roots.concat()).unwrap();
    let setting = format!("webhook_roots = \"{}\"", file.display());
    let office =
        Office::new(&[("# webhook_roots = \"tls/webhook-roots.pem\"", setting.as_str())]).await;
    let set = async |id: &str, edit: RelyingPartyEdit| {
        let (id, edit) = (id.parse().unwrap(), Box::new(edit));
        office.world.execute(Command::RelyingPartySet { id, edit }).await;
    };
    for (id, receiver) in [("platform-c", &own), ("platform-d", &others)] {
        let webhook = Setting::To(receiver.url.parse().unwrap());
        set(id, RelyingPartyEdit { webhook, ..RelyingPartyEdit::default() }).await;
    }
    office.world.clock.advance_millis(2 * HOUR * 1000);
    let asked = office.raw(&json!({ "receipt": "signed", "at": office.at(HOUR) })).to_string();
    for by in [&office.authorization, &office.other] {
        let answer = office.send("POST", "/v1/signatures/verify", by, &asked).await.json();
        assert_eq!(answer["provisional"], true, "{answer:#}");
    }
    let access = |access| RelyingPartyEdit { access: Some(access), ..RelyingPartyEdit::default() };
    set("platform-c", access(Access::Suspended)).await;
    office.list(2, Vec::new()).await;
    others.next().await;
    assert!(own.taken.try_recv().is_err(), "a suspended one is told nothing");
    let refused = office.send("GET", "/v1/receipts", &office.authorization, "").await;
    assert_eq!(refused.code(), "relying_party.suspended");
    set("platform-c", access(Access::Open)).await;
    let keys = office.world.public().await.get("/.well-known/evidence-keys.json").await.json();
    let notice = payload(&own.next().await, "tongxing-notice+jws", &keys);
    assert_eq!(notice["decisions"][0]["outcome"], "confirmed", "{notice:#}");
}
