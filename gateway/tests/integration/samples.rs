//! The samples of docs/integrate, run against a gateway.

use std::path::{Path, PathBuf};
use std::process::{Command as Program, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use tongxing_pki::Verdict;
use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::{Command, EvidenceKey, ReceiptCheck, ReceiptFile, Role};

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
        let world = World::new().await;
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
}

#[tokio::test(flavor = "multi_thread")]
async fn python() {
    let given = std::env::var("TONGXING_TEST_PYTHON").ok();
    let candidates = given.into_iter().chain(["python3", "/usr/bin/python3"].map(str::to_owned));
    let capable = |python: &String| {
        let mut program = Program::new(python);
        let asked = program.args(["-c", "import jwt, cryptography"]).output();
        asked.is_ok_and(|asked| asked.status.success())
    };
    let found = candidates.into_iter().find(capable);
    let Some(python) = found.or_else(|| wanting("Python with PyJWT and cryptography")) else {
        return;
    };
    let desk = Desk::new().await;
    let run = |name: &str| {
        let mut program = Program::new(&python);
        program.arg(sample(name));
        program
    };
    desk.takes_only_its_own(|| run("verify_token.py"));
    desk.tells_signatures_apart(|| run("verify_signature.py"));
    let kept = desk.run(run("receipts.py").args(["keep", "signature", "content", "kept.json"]));
    assert!(kept.starts_with("passed "), "{kept}");
    desk.holds("kept.json").await;
    assert_eq!(desk.run(run("receipts.py").arg("decided")), "0\n", "none is provisional");
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
}

#[tokio::test(flavor = "multi_thread")]
async fn java() {
    // Both come with a JDK, and a runtime alone compiles nothing.
    if have("javac", &["-version"]).is_none() {
        return;
    }
    let desk = Desk::new().await;
    desk.run(Program::new("keytool").args([
        "-importcert",
        "-noprompt",
        "-alias",
        "gateway",
        "-file",
        "ca.pem",
        "-keystore",
        "trust.p12",
        "-storetype",
        "PKCS12",
        "-storepass",
        "changeit",
    ]));
    desk.takes_only_its_own(|| {
        let mut program = Program::new("java");
        program.args(["-Djavax.net.ssl.trustStore=trust.p12"]);
        program.args(["-Djavax.net.ssl.trustStorePassword=changeit"]);
        program.arg(sample("VerifyToken.java"));
        program
    });
}
