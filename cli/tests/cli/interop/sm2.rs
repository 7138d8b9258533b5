//! SM2 with stacks that nobody here wrote: OpenSSL 3, gmssl (Python), sm-crypto (Node).

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::challenge::{challenge, text_of};
use super::platform::Platform;
use super::stage::{CURL, Demo, OPENSSL, have, token, wanting};
use crate::run::{argument, finished};

/// The bidder whose keys are SM2.
const BIDDER: usize = 3;

const USER_ID: &str = "distid:1234567812345678";

/// Where `./check` put them.
struct Peers {
    python: String,
    node_modules: PathBuf,
}

impl Peers {
    fn find() -> Option<Self> {
        let python = env::var("TONGXING_TEST_GMSSL").unwrap_or_else(|_| "python3".to_owned());
        let mut command = Command::new(&python);
        let asked = command.args(["-c", "import gmssl"]).stderr(Stdio::null()).status();
        if !asked.is_ok_and(|status| status.success()) {
            return wanting("Python with gmssl");
        }
        let Some(folder) = env::var_os("TONGXING_TEST_SM_CRYPTO") else {
            return wanting("sm-crypto for Node");
        };
        Some(Self { python, node_modules: PathBuf::from(folder) })
    }

    /// Every peer's signature over a file, in both encodings where it has both.
    fn signatures(&self, demo: &Demo, text: &str) -> Vec<(&'static str, Vec<u8>)> {
        let (private, public) = key(demo);
        let gmssl = |form: &str| {
            let mut command = Command::new(&self.python);
            let program = include_str!("gmssl_sign.py");
            command.args(["-c", program, &private, &public, text, form]);
            unhex(finished(&mut command).ended(0).stdout.trim())
        };
        let sm_crypto = |form: &str| {
            let mut command = Command::new("node");
            command.env("NODE_PATH", &self.node_modules);
            command.args(["-e", include_str!("sm_crypto_sign.js"), &private, text, form]);
            unhex(finished(&mut command).ended(0).stdout.trim())
        };
        vec![
            ("openssl", openssl_signature(demo, text)),
            ("gmssl, DER", gmssl("der")),
            ("gmssl, raw", gmssl("raw")),
            ("sm-crypto, DER", sm_crypto("der")),
            ("sm-crypto, raw", sm_crypto("raw")),
        ]
    }
}

fn openssl_signature(demo: &Demo, text: &str) -> Vec<u8> {
    let file = argument(&demo.folder.path("sm2-signature"));
    let key = demo.of_bidder(BIDDER, "key");
    let sign = ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", "-pkeyopt", USER_ID];
    let files = ["-inkey", key, "-in", text, "-out", &file];
    finished(Command::new("openssl").args(sign).args(files)).ended(0);
    fs::read(file).unwrap()
}

/// The bidder's key in hexadecimal digits: the number, and the point without its 04.
fn key(demo: &Demo) -> (String, String) {
    let shown = ["pkey", "-in", demo.of_bidder(BIDDER, "key"), "-noout", "-text"];
    let shown = finished(Command::new("openssl").args(shown)).ended(0).stdout;
    let field = |name: &str| -> String {
        let (_, rest) = shown.split_once(name).unwrap();
        let lines = rest.lines().skip(1).take_while(|line| line.starts_with(' '));
        lines.flat_map(str::chars).filter(char::is_ascii_hexdigit).collect()
    };
    let (private, public) = (field("priv:"), field("pub:"));
    // OpenSSL writes a sign octet before a number whose first bit is set.
    (private[private.len() - 64..].to_owned(), public[2..].to_owned())
}

fn unhex(digits: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(digit).collect()
}

fn body(demo: &Demo, challenge: &Value, signature: &[u8]) -> Value {
    let certificate = argument(&demo.folder.path("sm2-certificate.der"));
    let pem = demo.of_bidder(BIDDER, "certificate");
    let convert = ["x509", "-in", pem, "-outform", "DER", "-out", &certificate];
    finished(Command::new("openssl").args(convert)).ended(0);
    json!({
        "audience": demo.audience(),
        "challenge_id": challenge["challenge_id"],
        "signature": {
            "format": "raw",
            "algorithm": "sm2-sm3",
            "value": STANDARD.encode(signature),
            "certificate": STANDARD.encode(fs::read(certificate).unwrap()),
            "chain": [],
        },
    })
}

#[test]
fn every_peer_signs_in_as_the_same_company() {
    let (Some(()), Some(platform)) = (have(&[CURL, OPENSSL]), Platform::find()) else { return };
    let Some(peers) = Peers::find() else { return };
    let demo = Demo::start();
    let mut tokens = vec![demo.token_by_tls(1, "certificate", &[])];
    // One text for each signer: a challenge is good once.
    for signer in 0..5 {
        let given = challenge(&demo);
        let text = demo.folder.file("sm2-challenge", text_of(&given));
        let (name, signature) = peers.signatures(&demo, &text).swap_remove(signer);
        let answer = demo.post("/v1/tokens", &body(&demo, &given, &signature));
        assert!(answer["access_token"].is_string(), "{name}: {answer}");
        tokens.push(token(&answer));
    }
    let claims = platform.verify(&demo, &tokens).unwrap();
    assert!(claims.iter().all(|one| one["sub"] == claims[0]["sub"]), "{claims:#?}");
}

#[test]
fn openssl_believes_the_synthetic_certificates() {
    if have(&[OPENSSL]).is_none() {
        return;
    }
    let demo = Demo::start();
    // Its `-vfyopt distid` reaches the certificate asked about alone: one link, and
    // then the next.
    let verify = |anchor: &str, target: &str| {
        let options = ["verify", "-partial_chain", "-vfyopt", USER_ID, "-CAfile", anchor, target];
        finished(Command::new("openssl").args(options))
    };
    let chain = fs::read_to_string(demo.of_bidder(BIDDER, "chain")).unwrap();
    let end = "-----END CERTIFICATE-----\n";
    let blocks: Vec<String> = chain
        .split_inclusive(end)
        .filter(|block| block.contains("BEGIN"))
        .map(str::to_owned)
        .collect();
    let issuing = demo.folder.file("issuing.pem", &blocks[1]);
    verify(&issuing, demo.of_bidder(BIDDER, "certificate")).ended(0);
    let other_user_id =
        ["verify", "-partial_chain", "-vfyopt", "distid:other", "-CAfile", &issuing];
    let other = finished(
        Command::new("openssl").args(other_user_id).arg(demo.of_bidder(BIDDER, "certificate")),
    );
    assert_ne!(other.code, 0, "{other:#?}");
}
