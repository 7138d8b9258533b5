//! The samples of docs/integrate, run against a gateway.

use std::path::{Path, PathBuf};
use std::process::{Command as Program, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tongxing_pki::Verdict;
use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::{Command, EvidenceKey, ReceiptCheck, ReceiptFile, RecordProfile, Role};

use crate::client::TLS13;
use crate::documents::wanting;
use crate::world::{PARTY, World};

const CONTENT: &[u8] = b"a tender";

/// A gateway, a token for its platform, and a signature with its content.
struct Desk {
    world: World,
    folder: TempDir,
    token: String,
    secret: String,
}

impl Desk {
    async fn new() -> Self {
        Self::with_profile(RecordProfile::Standard).await
    }

    /// The same with a record of this profile.
    async fn with_profile(profile: RecordProfile) -> Self {
        let world = World::with_profile(profile, &[]).await;
        let enrolled = world.enrol(Profile::B).await;
        let authority = Profile::B.id().parse().unwrap();
        let roles = vec![Role::SignIn, Role::DocumentSigning];
        world.execute(Command::RolesSet { authority, roles }).await;
        let issued = enrolled.issue();
        let answer = world.sign_in(&issued, TLS13).await;
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let secret = world.secret(PARTY).await;
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &[u8]| std::fs::write(folder.path().join(name), content);
        write("ca.pem", world.server.authority_pem().unwrap().as_bytes()).unwrap();
        write("content", CONTENT).unwrap();
        write("other", b"another tender").unwrap();
        write("signer.pem", issued.certificate_pem().unwrap().as_bytes()).unwrap();
        write("signer.key", issued.key_pem().unwrap().as_bytes()).unwrap();
        let desk = Self { world, folder, token, secret };
        desk.run(Program::new("openssl").args([
            "cms",
            "-sign",
            "-binary",
            "-outform",
            "DER",
            "-in",
            "content",
            "-signer",
            "signer.pem",
            "-inkey",
            "signer.key",
            "-out",
            "signature",
        ]));
        desk
    }

    fn gateway(&self) -> String {
        self.world.gateway.addresses().public_url.clone()
    }

    /// Runs a program in the folder, with everything that the samples read.
    fn output(&self, program: &mut Program) -> Output {
        let ca = self.folder.path().join("ca.pem");
        program
            .current_dir(self.folder.path())
            .env("GATEWAY", self.gateway())
            .env("PLATFORM_SECRET", &self.secret)
            .env("CA_FILE", &ca)
            .env("NODE_EXTRA_CA_CERTS", &ca);
        let named = program.get_envs().any(|(name, _)| name == "PLATFORM_ID");
        if !named {
            program.env("PLATFORM_ID", PARTY);
        }
        program.output().unwrap()
    }

    fn run(&self, program: &mut Program) -> String {
        let output = self.output(program);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Gives a sample a token: the one that is this platform's, or that altered.
    fn verified(&self, program: &mut Program, altered: bool) -> Output {
        let mut token = self.token.clone();
        if altered {
            token = token.replacen(".e", ".f", 1);
        }
        std::fs::write(self.folder.path().join("token"), token).unwrap();
        let token = std::fs::File::open(self.folder.path().join("token")).unwrap();
        self.output(program.stdin(Stdio::from(token)))
    }

    /// A sample takes this platform's token, and no other.
    fn takes_only_its_own(&self, program: impl Fn() -> Program) {
        let good = self.verified(&mut program(), false);
        let errors = String::from_utf8_lossy(&good.stderr);
        assert!(good.status.success(), "{errors}");
        let claims: Value = serde_json::from_slice(&good.stdout).unwrap();
        assert_eq!((&claims["aud"], &claims["iss"]), (&PARTY.into(), &self.gateway().into()));
        assert!(!self.verified(&mut program(), true).status.success());
        let refused = self.verified(program().env("PLATFORM_ID", "platform-b"), false);
        assert!(!refused.status.success(), "the token is another platform's");
    }

    /// What a sample kept holds, and says what was said.
    async fn holds(&self, kept: &str) {
        let octets = std::fs::read(self.folder.path().join(kept)).unwrap();
        let answer: Value = serde_json::from_slice(&octets).unwrap();
        assert_eq!(answer["verdict"], "passed");
        let keys = self.world.public().await.get("/v1/evidence-keys").await.text;
        let keys: Vec<EvidenceKey> = keys.lines().map(|line| line.parse().unwrap()).collect();
        let file = ReceiptFile::read(&octets).unwrap();
        let mut check = ReceiptCheck::new(file).unwrap();
        check.give("content", CONTENT).unwrap();
        let verification = check.run(&keys);
        assert_eq!(verification.verdict, Verdict::Passed, "{:#?}", verification.findings);
        assert_eq!(verification.stated.relying_party, PARTY);
    }

    /// A sample keeps a receipt that holds, and learns that nothing was decided.
    async fn keeps(&self, program: impl Fn() -> Program) {
        let kept = self.run(program().args(["keep", "signature", "content", "kept.json"]));
        assert!(kept.starts_with("passed "), "{kept}");
        self.holds("kept.json").await;
        assert_eq!(self.run(program().arg("decided")), "0\n", "none is provisional");
    }

    /// A sample says that the signature holds for its content, and for no other.
    fn tells_signatures_apart(&self, program: impl Fn() -> Program) {
        let uscc = Company::numbered(0).uscc;
        let good = self.run(program().args(["signature", "content"]));
        assert!(good.contains("passed") && good.contains(&uscc), "{good}");
        let bad = self.output(program().args(["signature", "other"]));
        let told = String::from_utf8_lossy(&bad.stdout);
        assert!(told.contains("failed") && told.contains("TOTAL-FAILED"), "{told}");
    }
}

pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/integrate").join(name)
}

/// Whether a program runs at all; it is a failure if it has to.
pub(crate) fn have(program: &str, arguments: &[&str]) -> Option<()> {
    let mut asked = Program::new(program);
    let runs = asked.args(arguments).output().is_ok_and(|output| output.status.success());
    runs.then_some(()).or_else(|| wanting(program))
}

#[tokio::test(flavor = "multi_thread")]
async fn curl() {
    if have("curl", &["--version"]).is_none() {
        return;
    }
    let desk = Desk::new().await;
    desk.tells_signatures_apart(|| Program::new(sample("verify_signature.sh")));
    let keep = sample("keep_receipt.sh");
    desk.run(Program::new(keep).args(["signature", "content", "receipt.json"]));
    desk.holds("receipt.json").await;
    let keys = std::fs::read_to_string(desk.folder.path().join("receipt.json.keys")).unwrap();
    assert_eq!(keys, desk.world.public().await.get("/v1/evidence-keys").await.text);
    let decided: Value =
        serde_json::from_str(&desk.run(&mut Program::new(sample("decided.sh")))).unwrap();
    assert_eq!(decided["decisions"], serde_json::json!([]));
}

/// A Python that can verify tokens.
pub(crate) fn python_with_jwt() -> Option<String> {
    let given = std::env::var("TONGXING_TEST_PYTHON").ok();
    let candidates = given.into_iter().chain(["python3", "/usr/bin/python3"].map(str::to_owned));
    let capable = |python: &String| {
        let mut program = Program::new(python);
        let asked = program.args(["-c", "import jwt, cryptography"]).output();
        asked.is_ok_and(|asked| asked.status.success())
    };
    let found = candidates.into_iter().find(capable);
    found.or_else(|| wanting("Python with PyJWT and cryptography"))
}

#[tokio::test(flavor = "multi_thread")]
async fn python() {
    let Some(python) = python_with_jwt() else { return };
    let desk = Desk::new().await;
    let run = |name: &str| {
        let mut program = Program::new(&python);
        program.arg(sample(name));
        program
    };
    desk.takes_only_its_own(|| run("verify_token.py"));
    desk.tells_signatures_apart(|| run("verify_signature.py"));
    desk.keeps(|| run("receipts.py")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn node() {
    if have("node", &["--version"]).is_none() {
        return;
    }
    let desk = Desk::new().await;
    let run = |name: &str| {
        let mut program = Program::new("node");
        program.arg(sample(name));
        program
    };
    desk.takes_only_its_own(|| run("verify_token.mjs"));
    desk.tells_signatures_apart(|| run("verify_signature.mjs"));
    desk.keeps(|| run("receipts.mjs")).await;
}

/// A record of the profile `gm`: its receipts are signed with SM2, which OpenSSL verifies.
#[tokio::test(flavor = "multi_thread")]
async fn receipts_signed_with_sm2() {
    let desk = Desk::with_profile(RecordProfile::Gm).await;
    let folder = sample("");
    let state = |program: &mut Program, jws: &str| desk.output(program.arg(jws)).status.success();
    let told = |program: &dyn Fn() -> Program| {
        let octets = std::fs::read(desk.folder.path().join("kept.json")).unwrap();
        let answer: Value = serde_json::from_slice(&octets).unwrap();
        let jws = answer["receipt"]["receipt"].as_str().unwrap();
        assert!(state(&mut program(), jws));
        // A bit of what is said, and one of the signature.
        let (message, signature) = jws.rsplit_once('.').unwrap();
        let flip = |part: &str| {
            let place = part.len() - 8;
            let other = if part.as_bytes()[place] == b'A' { "B" } else { "A" };
            format!("{}{other}{}", &part[..place], &part[place + 1..])
        };
        assert!(!state(&mut program(), &format!("{}.{signature}", flip(message))));
        assert!(!state(&mut program(), &format!("{message}.{}", flip(signature))));
    };
    if let Some(python) = python_with_jwt() {
        let keep = || {
            let mut program = Program::new(&python);
            program.arg(folder.join("receipts.py"));
            program
        };
        desk.keeps(keep).await;
        told(&|| {
            let mut program = Program::new(&python);
            program.env("PYTHONPATH", &folder).env("PYTHONDONTWRITEBYTECODE", "1");
            let line = "import sys, receipts; receipts.stated(sys.argv[1], 'tongxing-receipt+jws')";
            program.args(["-c", line]);
            program
        });
    }
    if have("node", &["--version"]).is_some() {
        let keep = || {
            let mut program = Program::new("node");
            program.arg(folder.join("receipts.mjs"));
            program
        };
        desk.keeps(keep).await;
        let line = format!(
            "import {{ stated }} from {:?};\n\
             await stated(process.argv[1], 'tongxing-receipt+jws');",
            folder.join("evidence.mjs").canonicalize().unwrap()
        );
        told(&|| {
            let mut program = Program::new("node");
            program.args(["--input-type=module", "-e", &line]);
            program
        });
    }
}

/// Compiles a sample into a folder, with a store of what `ca.pem` there has; the arguments
/// that run it there. `java NAME.java` does both for people, each time.
pub(crate) fn java(folder: &Path, name: &str) -> Vec<String> {
    let run = |program: &mut Program| {
        let output = program.current_dir(folder).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program:?}: {errors}");
    };
    if !folder.join(name).with_extension("class").exists() {
        run(Program::new("javac")
            .args(["-Xlint:all", "-Werror", "-d", "."])
            .arg(sample(&format!("{name}.java"))));
    }
    if !folder.join("trust.p12").exists() {
        let arguments = "-importcert -noprompt -alias gateway -file ca.pem -keystore trust.p12 \
                         -storetype PKCS12 -storepass changeit";
        run(Program::new("keytool").args(arguments.split_whitespace()));
    }
    let store = ["trustStore=trust.p12", "trustStorePassword=changeit"];
    let store = store.map(|setting| format!("-Djavax.net.ssl.{setting}"));
    store.into_iter().chain(["-cp", ".", name].map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn java_samples() {
    // Both come with a JDK, and a runtime alone compiles nothing.
    if have("javac", &["-version"]).is_none() {
        return;
    }
    let desk = Desk::new().await;
    let run = |name: &str| {
        let mut program = Program::new("java");
        program.args(java(desk.folder.path(), name));
        program
    };
    desk.takes_only_its_own(|| run("VerifyToken"));
    desk.keeps(|| run("Receipts")).await;
}
