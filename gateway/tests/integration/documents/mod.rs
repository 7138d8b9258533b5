//! Documents through `POST /v1/signatures/verify`: what OpenSSL and pyHanko signed, each
//! way in which it may be wrong, and what the gateway says of it.

mod brought;
mod cms;
mod left_out;
mod pdf;
mod raw;
mod sm2;
mod stamped_receipts;
#[path = "../../../../cli/tests/cli/interop/timestamp_service.rs"]
mod timestamp_service;
mod timestamps;
#[path = "../../../../pki/tests/integration/signed/weave.rs"]
mod weave;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command as Program;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tongxing_testdata::{
    CrlSpec, Extension, Issued, KeyAlgorithm, LeafSpec, Profile, RevocationReason, RevokedEntry,
    Value as Der,
};
use tongxing_trust_store::{Command, Role};

use weave::swap;

use crate::lists::set_policy;
use crate::world::{Enrolled, World};

const CONTENT: &[u8] = "投标文件：报价 1,234,567.89 元\n".as_bytes();
const PASSED: &str = "passed [TOTAL-PASSED]";
const HASH: &str = "failed [TOTAL-FAILED HASH_FAILURE] content.digest_differs";
const CRYPTO: &str = "failed [TOTAL-FAILED SIG_CRYPTO_FAILURE] signer.signature_invalid";
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A province in which authority B's certificates sign documents and authority A's make
/// timestamps, a platform that asks, and a folder for programs that sign.
struct Desk {
    world: World,
    bidders: Enrolled,
    stampers: Enrolled,
    authorization: String,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        Self::of(Profile::B).await
    }

    /// The same with another authority's certificates signing documents.
    async fn of(profile: Profile) -> Self {
        Self::with_settings(profile, &[]).await
    }

    /// The same with lines of the settings replaced.
    async fn with_settings(profile: Profile, changes: &[(&str, &str)]) -> Self {
        let world = World::with_settings(changes).await;
        let bidders = world.enrol(profile).await;
        let stampers = world.enrol(Profile::A).await;
        for (profile, role) in [(profile, Role::DocumentSigning), (Profile::A, Role::Timestamps)] {
            let authority = profile.id().parse().unwrap();
            world.execute(Command::RolesSet { authority, roles: vec![role] }).await;
        }
        let accepts = "[acceptance.timestamps]\nkey-usage = [\"digital-signature\"]\n\
                       extended-key-usage = [\"time-stamping\"]\n\n[revocation]";
        let source = Profile::A.policy_toml().replace("[revocation]", accepts);
        set_policy(&world, &stampers, source).await;
        let authorization = world.platform("platform-d").await;
        let folder = tempfile::tempdir().unwrap();
        let desk = Self { world, bidders, stampers, authorization, folder };
        desk.write("content", CONTENT);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs openssl in the folder; the arguments are separated by spaces.
    fn openssl(&self, arguments: &str) {
        let mut program = Program::new("openssl");
        let done = program.current_dir(self.folder.path()).args(arguments.split(' ')).output();
        let done = done.unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{arguments}: {errors}");
    }

    /// A bidder's certificate, whose files are in the folder.
    fn leaf(&self, name: &str) -> Issued {
        self.leaf_with(name, |leaf| leaf)
    }

    fn leaf_with(&self, name: &str, change: impl FnOnce(LeafSpec) -> LeafSpec) -> Issued {
        let issued = self.bidders.authority.issue(&change(self.bidders.leaf())).unwrap();
        self.keep(name, &issued);
        issued
    }

    fn keep(&self, name: &str, issued: &Issued) {
        self.write(&format!("{name}.pem"), issued.certificate_pem().unwrap());
        self.write(&format!("{name}.key"), issued.key_pem().unwrap());
    }

    /// A certificate that may make timestamps, and nothing else (RFC 3161 2.3).
    fn stamper(&self) -> Issued {
        self.stamper_with(|leaf| leaf)
    }

    fn stamper_with(&self, change: impl FnOnce(LeafSpec) -> LeafSpec) -> Issued {
        let purposes = Der::Sequence(vec![Der::ObjectIdentifier("1.3.6.1.5.5.7.3.8".into())]);
        let only = Extension::new("2.5.29.37", purposes).critical();
        let spec = self.stampers.leaf().with_algorithm(KeyAlgorithm::Rsa2048);
        let spec = LeafSpec { extended_key_usages: Vec::new(), ..spec.with_extension(only) };
        let issued = self.stampers.authority.issue(&change(spec)).unwrap();
        self.keep("tsa", &issued);
        self.write(
            "tsa.cnf",
            "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_digest=sha256\n\
             default_policy=1.2.3.4\ndigests=sha256\ness_cert_id_alg=sha256\n",
        );
        issued
    }

    /// OpenSSL's timestamp about some octets.
    fn timestamp(&self, octets: &[u8]) -> Vec<u8> {
        self.write("stamped", octets);
        self.openssl("ts -query -data stamped -sha256 -cert -out query");
        self.openssl(
            "ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key -out answer",
        );
        self.openssl("ts -reply -in answer -token_out -out token");
        self.read("token")
    }

    /// `openssl cms -sign` over the content.
    fn sign(&self, signer: &str, options: &str) -> Vec<u8> {
        let line = format!(
            "cms -sign -binary -md sha256 -in content -signer {signer}.pem -inkey {signer}.key \
             -outform DER -out message {options}"
        );
        self.openssl(line.trim_end());
        self.read("message")
    }

    /// What OpenSSL signed bears the system's time; the gateway is asked later.
    fn advance(&self, seconds: i64) {
        self.world.clock.advance_millis(seconds * 1_000);
    }

    /// A newer list of the bidders' authority, made now.
    async fn list(&self, number: u64, revoked: Option<(&Issued, i64)>) {
        let now = self.world.now();
        let list = CrlSpec::empty(number, now - 1, now + 30 * DAY);
        let list = revoked.into_iter().fold(list, |list, (issued, at)| {
            let reason = RevocationReason::Superseded;
            list.revoking(RevokedEntry::new(issued.serial.clone(), at, reason))
        });
        self.world.import(&self.bidders, list).await;
    }

    async fn ask(&self, body: &Value) -> Value {
        let headers = [("authorization", self.authorization.as_str())];
        let mut public = self.world.public().await;
        let body = body.to_string();
        let answer = public.send("POST", "/v1/signatures/verify", &headers, &body).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// The outcome of a document with its content beside it.
    async fn judge(&self, document: &[u8], content: Option<&[u8]>) -> String {
        outcome(&self.ask(&body(document, content)).await)
    }
}

fn body(document: &[u8], content: Option<&[u8]>) -> Value {
    let mut body = json!({ "signature": STANDARD.encode(document) });
    if let Some(content) = content {
        body["content"] = json!(STANDARD.encode(content));
    }
    body
}

/// The verdict, and of the document, each signature and each timestamp about a content
/// what speaks against it, behind the words of EN 319 102-1; on one line.
fn outcome(report: &Value) -> String {
    let mut words = vec![report["verdict"].as_str().unwrap().to_owned()];
    words.extend(against(report));
    for part in ["signatures", "timestamps"] {
        for one in report[part].as_array().unwrap() {
            words.push(indication(one));
            words.extend(against(one));
        }
    }
    words.join(" ")
}

fn indication(one: &Value) -> String {
    let words = [&one["indication"], &one["sub_indication"]];
    let words: Vec<&str> = words.into_iter().filter_map(Value::as_str).collect();
    format!("[{}]", words.join(" "))
}

fn against(part: &Value) -> Vec<String> {
    let findings = part["findings"].as_array().into_iter().flatten();
    let decisive =
        |finding: &&Value| matches!(finding["level"].as_str(), Some("failed" | "indeterminate"));
    findings.filter(decisive).map(|f| f["code"].as_str().unwrap().to_owned()).collect()
}

fn flipped(octets: &[u8], at: usize) -> Vec<u8> {
    let mut octets = octets.to_vec();
    octets[at] ^= 1;
    octets
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        write!(text, "{octet:02x}").unwrap();
        text
    })
}

fn position(octets: &[u8], part: &[u8]) -> usize {
    octets.windows(part.len()).position(|window| window == part).unwrap()
}

/// The document's pieces up to each tenth of its length.
fn tenths(document: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..10).map(move |tenth| &document[..document.len() * tenth / 10])
}

/// Whether a program is there; it is a failure if it has to be.
pub(crate) fn wanting<T>(what: &str) -> Option<T> {
    let required =
        std::env::var_os("TONGXING_TEST_INTEROP").is_some_and(|value| value == "required");
    assert!(!required, "missing: {what}");
    eprintln!("not run for want of {what}");
    None
}

/// A Python that can import these modules.
fn python(modules: &str) -> Option<String> {
    let given = std::env::var("TONGXING_TEST_PYHANKO").ok();
    let capable = |python: &String| {
        let mut program = Program::new(python);
        let asked = program.args(["-c", &format!("import {modules}")]).output();
        asked.is_ok_and(|asked| asked.status.success())
    };
    let candidates = given.into_iter().chain(["python3".to_owned()]);
    candidates.into_iter().find(capable).or_else(|| wanting(&format!("Python with {modules}")))
}
