//! Strangers: anybody can do what they do, as often as they like.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tongxing_testdata::{
    Attribute, Issued, Key, KeyAlgorithm, LeafSpec, Validity, oid, self_signed,
};

use crate::crash::https::{Cut, Https};
use crate::crash::world::{Addresses, PLATFORM, now};

/// How many connect at the same time.
const AT_ONCE: u32 = 64;

/// From how many addresses they show certificates; they sign from one more.
const ADDRESSES: u32 = 4;

/// How they were received.
#[derive(Debug, Default)]
pub(super) struct Received {
    /// Told why, with the key proven or not.
    pub(super) refused: u32,
    /// Told that what they sent cannot be read: nothing was judged.
    unread: u32,
    /// Turned away before the handshake.
    pub(super) closed: u32,
}

impl Received {
    fn count(&mut self, answer: (StatusCode, String)) {
        let (status, document) = answer;
        let document: Value = serde_json::from_str(&document).unwrap();
        match (status, document["code"].as_str()) {
            (StatusCode::BAD_REQUEST, Some("request.malformed" | "challenge.malformed")) => {
                self.unread += 1;
            }
            (StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST, _) => {
                self.refused += 1;
            }
            _ => panic!("{status}: {document:#}"),
        }
    }
}

/// Each shows a self-signed certificate of its own, proves that it has the key, and
/// asks for a token.
pub(super) async fn by_tls(https: &Https, addresses: &Addresses, connections: u32) -> Received {
    let url = tokens_url(addresses);
    let key = Arc::new(Key::generate(KeyAlgorithm::EcdsaP256).unwrap());
    let left = Arc::new(AtomicU32::new(connections));
    let mut crowd = JoinSet::new();
    for stranger in 0..AT_ONCE {
        let https = https.at_address(address(stranger % ADDRESSES));
        let (url, key, left) = (url.clone(), Arc::clone(&key), Arc::clone(&left));
        crowd.spawn(async move {
            let mut received = Received::default();
            let take = |left: u32| left.checked_sub(1);
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
                received.count(show(&https, &url, &key).await.unwrap());
            }
            received
        });
    }
    let some = crowd.join_all().await.into_iter();
    some.fold(Received::default(), |all, some| Received {
        refused: all.refused + some.refused,
        unread: all.unread + some.unread,
        closed: all.closed + some.closed,
    })
}

/// The same from one address, which may be turned away.
pub(super) async fn one_after_another(
    https: &Https,
    addresses: &Addresses,
    connections: u32,
) -> Received {
    let https = https.at_address(address(0));
    let url = tokens_url(addresses);
    let key = Arc::new(Key::generate(KeyAlgorithm::EcdsaP256).unwrap());
    let mut received = Received::default();
    for _ in 0..connections {
        match show(&https, &url, &key).await {
            Ok(answer) => received.count(answer),
            Err(_) => received.closed += 1,
        }
    }
    received
}

fn tokens_url(addresses: &Addresses) -> String {
    format!("{}/v1/tokens", addresses.certificate_url)
}

async fn show(https: &Https, url: &str, key: &Arc<Key>) -> Result<(StatusCode, String), Cut> {
    let body = json!({ "audience": PLATFORM }).to_string();
    https.ask(Method::POST, url, body, Some(&own_certificate(key))).await
}

/// Each answers a challenge with what proves nothing.
pub(super) async fn by_challenge(https: &Https, addresses: &Addresses, times: u32) -> Received {
    let https = https.at_address(address(ADDRESSES));
    let key = Arc::new(Key::generate(KeyAlgorithm::EcdsaP256).unwrap());
    let mut received = Received::default();
    for stranger in 0..times {
        let answer = match stranger % 4 {
            0 => junk(&https, addresses, &key, Junk::SignatureOfAnotherText).await,
            1 => junk(&https, addresses, &key, Junk::CertificateOfNobody).await,
            2 => junk(&https, addresses, &key, Junk::Challenge).await,
            _ => post(&https, addresses, "/v1/tokens", "{\"audience\":".to_owned()).await,
        };
        received.count(answer.unwrap());
    }
    received
}

/// What is wrong with a signed challenge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Junk {
    SignatureOfAnotherText,
    CertificateOfNobody,
    Challenge,
}

async fn junk(
    https: &Https,
    addresses: &Addresses,
    key: &Arc<Key>,
    junk: Junk,
) -> Result<(StatusCode, String), Cut> {
    let audience = json!({ "audience": PLATFORM }).to_string();
    let (_, challenge) = post(https, addresses, "/v1/challenges", audience).await?;
    let challenge: Value = serde_json::from_str(&challenge)?;
    let text = match junk {
        Junk::SignatureOfAnotherText => "another text",
        _ => challenge["text"].as_str().unwrap(),
    };
    let certificate = match junk {
        Junk::CertificateOfNobody => vec![0x30; 300],
        _ => own_certificate(key).certificate_der,
    };
    let id = match junk {
        Junk::Challenge => json!("bm9ib2R5IG1hZGUgdGhpcw"),
        _ => challenge["challenge_id"].clone(),
    };
    let signed = json!({
        "audience": PLATFORM,
        "challenge_id": id,
        "signature": {
            "format": "raw",
            "algorithm": "ecdsa-sha256",
            "value": STANDARD.encode(key.sign(text.as_bytes()).unwrap()),
            "certificate": STANDARD.encode(certificate),
        },
    });
    post(https, addresses, "/v1/tokens", signed.to_string()).await
}

async fn post(
    https: &Https,
    addresses: &Addresses,
    path: &str,
    body: String,
) -> Result<(StatusCode, String), Cut> {
    let url = format!("{}{path}", addresses.public_url);
    https.ask(Method::POST, &url, body, None).await
}

/// With a number of its own: no two are the same.
fn own_certificate(key: &Arc<Key>) -> Issued {
    let subject = vec![Attribute::utf8(oid::COMMON_NAME, "a stranger")];
    let leaf = LeafSpec::signing(subject, Validity::year_from(now()));
    self_signed(&leaf.with_key(Arc::clone(key))).unwrap()
}

/// One of this machine's; bidders come from another.
fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, u8::try_from(2 + number).unwrap())
}
