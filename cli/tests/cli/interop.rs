//! The demo's province with clients that nobody here wrote: curl, openssl, PyJWT.
//!
//! Without a tool its test passes and says so, unless `TONGXING_TEST_INTEROP` is
//! `required`, as it is in `./check`.

use std::env;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::run::{Folder, Run, Server, argument, binary, finished};

/// A demo that stays up, and what it wrote about itself.
struct Demo {
    folder: Folder,
    manifest: Value,
    _server: Server,
}

fn demo() -> Demo {
    let folder = Folder::new();
    let place = argument(&folder.path("demo"));
    let mut server = Server::start(binary().args(["demo", "--dir", &place]));
    server.wait_for("stays up until Ctrl-C");
    let text = fs::read_to_string(folder.path("demo").join("demo.json")).unwrap();
    Demo { folder, manifest: serde_json::from_str(&text).unwrap(), _server: server }
}

impl Demo {
    fn text(&self, pointer: &str) -> &str {
        self.manifest.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    /// Signs in with curl as a bidder, showing one of its files.
    fn curl(&self, bidder: usize, shown: &str, options: &[&str]) -> Value {
        let run = finished(
            Command::new("curl")
                .args(["--silent", "--show-error", "--cacert", self.text("/ca_file")])
                .args(["--cert", self.text(&format!("/bidders/{bidder}/{shown}"))])
                .args(["--key", self.text(&format!("/bidders/{bidder}/key"))])
                .args(["--header", "content-type: application/json"])
                .args(["--data", &json!({ "audience": self.audience() }).to_string()])
                .args(options)
                .arg(format!("{}/v1/tokens", self.text("/certificate_url"))),
        );
        run.ended(0).json()
    }

    fn key_set(&self) -> String {
        let url = format!("{}/.well-known/jwks.json", self.text("/public_url"));
        let curl = ["--silent", "--show-error", "--fail", "--cacert", self.text("/ca_file"), &url];
        finished(Command::new("curl").args(curl)).ended(0).stdout
    }

    fn audience(&self) -> &str {
        self.text("/relying_party/id")
    }
}

/// Whether the tools are there; it is a failure if they have to be.
fn have(tools: &[(&str, &str)]) -> bool {
    let runs = |(tool, argument): &(&str, &str)| {
        let mut command = Command::new(tool);
        let quiet = command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    };
    let missing: Vec<_> = tools.iter().filter(|tool| !runs(tool)).collect();
    let required = env::var_os("TONGXING_TEST_INTEROP").is_some_and(|value| value == "required");
    assert!(missing.is_empty() || !required, "missing: {missing:?}");
    if !missing.is_empty() {
        eprintln!("not run for want of {missing:?}");
    }
    missing.is_empty()
}

const CURL: (&str, &str) = ("curl", "--version");
const OPENSSL: (&str, &str) = ("openssl", "version");

/// Verifies as a platform in Python would.
const PLATFORM: &str = "
import json, sys, jwt
asked = json.load(sys.stdin)
keys = jwt.PyJWKSet.from_dict(asked['keys'])
for token in asked['tokens']:
    kid = jwt.get_unverified_header(token)['kid']
    key = next(key for key in keys.keys if key.key_id == kid)
    claims = jwt.decode(token, key.key, algorithms=['ES256', 'EdDSA'],
                        audience=asked['audience'], issuer=asked['issuer'])
    print(json.dumps(claims))
";

fn python() -> Option<String> {
    let given = env::var("TONGXING_TEST_PYTHON").ok();
    let candidates = given.into_iter().chain(["python3".to_owned(), "/usr/bin/python3".to_owned()]);
    let capable = |python: &String| {
        let mut command = Command::new(python);
        let asked = command.args(["-c", "import jwt, cryptography"]).stderr(Stdio::null());
        asked.status().is_ok_and(|status| status.success())
    };
    candidates.into_iter().find(capable)
}

fn verify_in_python(python: &str, asked: &Value) -> Run {
    let mut child = Command::new(python)
        .args(["-c", PLATFORM])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn curl_signs_in_with_every_key_and_protocol_and_pyjwt_verifies() {
    if !have(&[CURL]) {
        return;
    }
    let python = python();
    let required = env::var_os("TONGXING_TEST_INTEROP").is_some_and(|value| value == "required");
    assert!(python.is_some() || !required, "no Python with PyJWT and cryptography");
    let demo = demo();
    let mut tokens = Vec::new();
    for bidder in 0..3 {
        for version in [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3", "--tls-max", "1.3"]] {
            for shown in ["certificate", "chain"] {
                let answer = demo.curl(bidder, shown, &version);
                assert_eq!(answer["token_type"], "Bearer", "{answer}");
                tokens.push(answer["access_token"].clone());
            }
        }
    }
    let Some(python) = python else { return };
    let keys: Value = serde_json::from_str(&demo.key_set()).unwrap();
    let asked = json!({
        "keys": keys,
        "tokens": tokens,
        "audience": demo.audience(),
        "issuer": demo.text("/public_url"),
    });
    let run = verify_in_python(&python, &asked).ended(0);
    let claims: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(claims.len(), tokens.len());
    assert!(claims.iter().all(|claim| claim["sub"] == claims[0]["sub"]), "{claims:#?}");
    let other =
        json!({ "keys": keys, "tokens": tokens, "audience": "x", "issuer": asked["issuer"] });
    assert_ne!(verify_in_python(&python, &other).code, 0);
}

#[test]
fn a_browser_of_another_site_gets_nothing() {
    if !have(&[CURL]) {
        return;
    }
    let demo = demo();
    let answer = demo.curl(0, "chain", &["--header", "origin: https://evil.example"]);
    assert_eq!(answer["code"], "request.origin", "{answer}");
}

#[test]
fn openssl_finds_nothing_to_resume() {
    if !have(&[OPENSSL]) {
        return;
    }
    let demo = demo();
    let address = demo.text("/certificate_url").trim_start_matches("https://").to_owned();
    for version in ["-tls1_2", "-tls1_3"] {
        let session = argument(&demo.folder.path(&format!("session{version}")));
        let first = s_client(&demo, &address, &[version, "-sess_out", &session]);
        assert!(first.contains("New, TLS"), "{first}");
        let no_ticket =
            !first.contains("TLS session ticket:") && !first.contains("New Session Ticket");
        assert!(no_ticket, "a ticket was given: {first}");
        if fs::metadata(&session).is_ok_and(|file| file.len() > 0) {
            let second = s_client(&demo, &address, &[version, "-sess_in", &session]);
            assert!(second.contains("New, TLS") && !second.contains("Reused, TLS"), "{second}");
        }
    }
}

/// One request over `openssl s_client`; returns everything that it says.
fn s_client(demo: &Demo, address: &str, options: &[&str]) -> String {
    let mut child = Command::new("openssl")
        .args(["s_client", "-connect", address, "-servername", "localhost", "-ign_eof"])
        .args(["-CAfile", demo.text("/ca_file"), "-verify_return_error"])
        .args(["-cert", demo.text("/bidders/1/certificate"), "-key", demo.text("/bidders/1/key")])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let body = json!({ "audience": demo.audience() }).to_string();
    let request = format!(
        "POST /v1/tokens HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("access_token"), "{told}{}", String::from_utf8_lossy(&output.stderr));
    told
}
