//! A demo that stays up, and the tools that are used on it.

use std::env;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::run::{Folder, Run, Server, argument, binary, finished};

/// A program, and an argument with which it does nothing.
pub(crate) type Tool = (&'static str, &'static str);

pub(super) const CURL: Tool = ("curl", "--version");
pub(crate) const OPENSSL: Tool = ("openssl", "version");

/// `Some` if the tools are there; it is a failure if they have to be.
pub(crate) fn have(tools: &[Tool]) -> Option<()> {
    let runs = |(tool, argument): &Tool| {
        let mut command = Command::new(tool);
        let quiet = command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    };
    let missing: Vec<&str> =
        tools.iter().filter(|tool| !runs(tool)).map(|(name, _)| *name).collect();
    missing.is_empty().then_some(()).or_else(|| wanting(&missing.join(", ")))
}

/// Passes over a test for want of something, unless everything is required.
pub(super) fn wanting<T>(what: &str) -> Option<T> {
    let required = env::var_os("TONGXING_TEST_INTEROP").is_some_and(|value| value == "required");
    assert!(!required, "missing: {what}");
    eprintln!("not run for want of {what}");
    None
}

/// A demo that stays up, and what it wrote about itself.
pub(super) struct Demo {
    pub(super) folder: Folder,
    manifest: Value,
    _server: Server,
}

impl Demo {
    pub(super) fn start() -> Self {
        let folder = Folder::new();
        let place = argument(&folder.path("demo"));
        let mut server = Server::start(binary().args(["demo", "--dir", &place]));
        server.wait_for("stays up until Ctrl-C");
        let text = fs::read_to_string(folder.path("demo").join("demo.json")).unwrap();
        Self { folder, manifest: serde_json::from_str(&text).unwrap(), _server: server }
    }

    /// Ends it, and leaves what it wrote.
    pub(super) fn end(self) -> Folder {
        let Self { folder, _server: server, .. } = self;
        drop(server);
        folder
    }

    /// A text of `demo.json`, by its JSON pointer.
    pub(super) fn text(&self, pointer: &str) -> &str {
        self.manifest.pointer(pointer).and_then(Value::as_str).unwrap()
    }

    /// One of a bidder's files.
    pub(super) fn of_bidder(&self, bidder: usize, file: &str) -> &str {
        self.text(&format!("/bidders/{bidder}/{file}"))
    }

    pub(super) fn audience(&self) -> &str {
        self.text("/relying_party/id")
    }

    /// The key set, as it is published.
    pub(super) fn key_set(&self) -> Value {
        let url = format!("{}/.well-known/jwks.json", self.text("/public_url"));
        self.curl(&["--fail", &url]).json()
    }

    /// Posts to the public listener.
    pub(super) fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.text("/public_url"));
        let header = ["--header", "content-type: application/json"];
        self.curl(&[&header[..], &["--data", &body.to_string(), &url]].concat()).json()
    }

    /// Signs in with TLS as a bidder, showing one of its files.
    pub(super) fn by_tls(&self, bidder: usize, shown: &str, options: &[&str]) -> Value {
        let url = format!("{}/v1/tokens", self.text("/certificate_url"));
        let body = json!({ "audience": self.audience() }).to_string();
        let (shown, key) = (self.of_bidder(bidder, shown), self.of_bidder(bidder, "key"));
        let header = ["--header", "content-type: application/json"];
        let arguments = ["--cert", shown, "--key", key, "--data", &body, &url];
        self.curl(&[options, &header, &arguments].concat()).json()
    }

    /// The token that signing in with TLS gives.
    pub(super) fn token_by_tls(&self, bidder: usize, shown: &str, options: &[&str]) -> String {
        token(&self.by_tls(bidder, shown, options))
    }

    fn curl(&self, arguments: &[&str]) -> Run {
        let fixed = ["--silent", "--show-error", "--cacert", self.text("/ca_file")];
        finished(Command::new("curl").args(fixed).args(arguments)).ended(0)
    }

    /// One request over `openssl s_client`; returns everything that it says.
    pub(super) fn s_client(&self, options: &[&str]) -> String {
        let address = self.text("/certificate_url").trim_start_matches("https://");
        let mut child = Command::new("openssl")
            .args(["s_client", "-connect", address, "-servername", "localhost", "-ign_eof"])
            .args(["-CAfile", self.text("/ca_file"), "-verify_return_error"])
            .args(["-cert", self.of_bidder(1, "certificate"), "-key", self.of_bidder(1, "key")])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let body = json!({ "audience": self.audience() }).to_string();
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
}

/// The token in an answer.
pub(super) fn token(answer: &Value) -> String {
    assert_eq!(answer["token_type"], "Bearer", "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}
