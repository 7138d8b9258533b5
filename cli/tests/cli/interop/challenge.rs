//! Signing in by challenge with curl, and openssl in the place of a key's driver.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::stage::{CURL, Demo, OPENSSL, have, token};
use crate::run::{argument, finished};

/// A name of the HTTP API, and how openssl makes such a signature: its arguments
/// before those that name key, signature and text.
type Way = (&'static str, &'static [&'static str]);

const DIGEST: &[&str] = &["dgst", "-sha256", "-sign"];

const RSA: [Way; 2] = [
    ("rsa-pkcs1-sha256", DIGEST),
    (
        "rsa-pss-sha256",
        &[
            "dgst",
            "-sha256",
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:32",
            "-sign",
        ],
    ),
];

const ECDSA: [Way; 2] = [
    ("ecdsa-sha256", DIGEST),
    ("ecdsa-sha256", &["pkeyutl", "-sign", "-rawin", "-digest", "sha256", "-inkey"]),
];

/// Of the demo's bidders the first holds an RSA key, the others elliptic ones.
fn ways(bidder: usize) -> [Way; 2] {
    if bidder == 0 { RSA } else { ECDSA }
}

/// Signs in once in every way that suits the bidder's key.
pub(super) fn tokens(demo: &Demo, bidder: usize) -> Vec<String> {
    let sign_in = |way: Way| {
        let challenge = challenge(demo);
        let body = signed(demo, bidder, way, &challenge, text_of(&challenge));
        token(&demo.post("/v1/tokens", &body))
    };
    ways(bidder).into_iter().map(sign_in).collect()
}

pub(super) fn challenge(demo: &Demo) -> Value {
    demo.post("/v1/challenges", &json!({ "audience": demo.audience() }))
}

pub(super) fn text_of(challenge: &Value) -> &str {
    challenge["text"].as_str().unwrap()
}

/// What is sent for a challenge when openssl signed this text.
fn signed(demo: &Demo, bidder: usize, way: Way, challenge: &Value, text: &str) -> Value {
    let (algorithm, arguments) = way;
    let text = demo.folder.file("challenge", text);
    let signature = argument(&demo.folder.path("signature"));
    let mut sign = Command::new("openssl");
    sign.args(arguments).arg(demo.of_bidder(bidder, "key")).args(["-out", &signature]);
    // Only `pkeyutl` has a name for what it signs.
    let named: &[&str] = if arguments[0] == "pkeyutl" { &["-in", &text] } else { &[&text] };
    finished(sign.args(named)).ended(0);
    let certificate = argument(&demo.folder.path("certificate.der"));
    let pem = demo.of_bidder(bidder, "certificate");
    let convert = ["x509", "-in", pem, "-outform", "DER", "-out", &certificate];
    finished(Command::new("openssl").args(convert)).ended(0);
    json!({
        "audience": demo.audience(),
        "challenge_id": challenge["challenge_id"],
        "signature": {
            "format": "raw",
            "algorithm": algorithm,
            "value": STANDARD.encode(fs::read(signature).unwrap()),
            "certificate": STANDARD.encode(fs::read(certificate).unwrap()),
            "chain": [],
        },
    })
}

#[test]
fn a_challenge_is_good_once_and_for_exactly_its_text() {
    if have(&[CURL, OPENSSL]).is_none() {
        return;
    }
    let demo = Demo::start();
    let [way, _] = ways(1);
    let given = challenge(&demo);
    let with_end_of_line = signed(&demo, 1, way, &given, &format!("{}\n", text_of(&given)));
    let answer = demo.post("/v1/tokens", &with_end_of_line);
    assert_eq!(answer["code"], "challenge.signature_invalid", "{answer}");
    let body = signed(&demo, 1, way, &given, text_of(&given));
    token(&demo.post("/v1/tokens", &body));
    let answer = demo.post("/v1/tokens", &body);
    assert_eq!(answer["code"], "challenge.replayed", "{answer}");
}
