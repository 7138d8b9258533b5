//! The client, on a thread of its own, and what its sign-ins cost the others.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::fs;
use std::iter::Sum;
use std::ops::{Add, Div};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, ServerName};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsConnector;
use tongxing_testdata::{Issued, KeyAlgorithm};

use crate::world::PARTY;

/// What sign-ins take.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Of the gateway's threads.
    pub(crate) processor: Duration,
    pub(crate) clock: Duration,
}

impl Cost {
    pub(crate) const WORST: Self = Self { processor: Duration::MAX, clock: Duration::MAX };

    /// Keeps the better of both.
    pub(crate) fn keep(&mut self, other: Self) {
        self.processor = self.processor.min(other.processor);
        self.clock = self.clock.min(other.clock);
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { processor: self.processor + other.processor, clock: self.clock + other.clock }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Self::add)
    }
}

impl Div<usize> for Cost {
    type Output = Self;

    fn div(self, by: usize) -> Self {
        let by = u32::try_from(by).expect("a batch");
        Self { processor: self.processor / by, clock: self.clock / by }
    }
}

/// One connection to the public listener.
pub(crate) struct Client {
    /// Of this thread alone, so that its work is not taken for the gateway's.
    runtime: Runtime,
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    pub(crate) fn connect(port: u16, authority: &[u8]) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.to_vec())).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let sender = runtime.block_on(async {
            let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("connects");
            stream.set_nodelay(true).expect("set");
            let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
            let stream = TokioIo::new(stream.expect("a handshake"));
            let (sender, connection) = http1::handshake(stream).await.expect("HTTP");
            tokio::spawn(connection);
            sender
        });
        Self { runtime, sender, host: format!("localhost:{port}") }
    }

    /// Signs in, and tells what the request with the signature took.
    pub(crate) fn sign_in(&mut self, issued: &Issued) -> Cost {
        let (challenge, _) = self.post("/v1/challenges", &json!({ "audience": PARTY }));
        let (answer, cost) = self.post("/v1/tokens", &signed(&challenge, issued));
        assert!(answer["access_token"].is_string(), "{answer}");
        cost
    }

    fn post(&mut self, path: &str, body: &Value) -> (Value, Cost) {
        let body = Full::new(Bytes::from(body.to_string()));
        let request = Request::post(path)
            .header(HOST, &self.host)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .expect("a request");
        let Self { runtime, sender, .. } = self;
        runtime.block_on(async {
            let (before, start) = (others_processor_time(), Instant::now());
            sender.ready().await.expect("a connection");
            let response = sender.send_request(request).await.expect("an answer");
            let (parts, body) = response.into_parts();
            let body = body.collect().await.expect("its content").to_bytes();
            let clock = start.elapsed();
            let processor = others_processor_time().saturating_sub(before);
            assert_eq!(parts.status, StatusCode::OK, "{}", String::from_utf8_lossy(&body));
            let body = serde_json::from_slice(&body).expect("JSON");
            (body, Cost { processor, clock })
        })
    }
}

fn signed(challenge: &Value, issued: &Issued) -> Value {
    let algorithm = match issued.key.algorithm() {
        KeyAlgorithm::Sm2 => "sm2-sm3",
        _ => "ecdsa-sha256",
    };
    let text = challenge["text"].as_str().expect("a text");
    let value = issued.key.sign(text.as_bytes()).expect("signs");
    let encoded = |der: &[u8]| STANDARD.encode(der);
    json!({
        "audience": PARTY,
        "challenge_id": challenge["challenge_id"],
        "signature": {
            "format": "raw",
            "algorithm": algorithm,
            "value": encoded(&value),
            "certificate": encoded(&issued.certificate_der),
            "chain": issued.chain_der.iter().map(|der| encoded(der)).collect::<Vec<_>>(),
        },
    })
}

/// The processor's time that all threads of this process took but this one: the first
/// field of each one's schedstat, in nanoseconds (the kernel's sched-stats.rst).
fn others_processor_time() -> Duration {
    let own = fs::read_link("/proc/thread-self").expect("this thread");
    let own = own.file_name().expect("its number").to_owned();
    let threads = fs::read_dir("/proc/self/task").expect("the threads").flatten();
    let others = threads.filter(|thread| thread.file_name() != own);
    let taken = others.filter_map(|thread| {
        let stat = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(taken.sum())
}
