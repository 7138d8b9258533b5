//! A client of its own: rustls and hyper, with whatever certificate a test gives it.

use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::client::ResolvesClientCert;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls::{
    CipherSuite, ClientConfig, HandshakeKind, NamedGroup, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tongxing_testdata::Issued;

pub(crate) type Version = &'static SupportedProtocolVersion;
pub(crate) const TLS12: Version = &rustls::version::TLS12;
pub(crate) const TLS13: Version = &rustls::version::TLS13;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The stable code of a problem document.
    pub(crate) fn code(&self) -> String {
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json", "{}", self.text);
        self.json()["code"].as_str().unwrap().to_owned()
    }

    /// The codes of a problem's failed and undecided findings.
    pub(crate) fn findings(&self) -> Vec<String> {
        let json = self.json();
        let decided = |finding: &&Value| {
            matches!(finding["level"].as_str(), Some("failed" | "indeterminate"))
        };
        let code = |finding: &Value| finding["code"].as_str().unwrap().to_owned();
        json["findings"].as_array().unwrap().iter().filter(decided).map(code).collect()
    }
}

/// Shows a certificate, or none, and remembers the hints.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    key: Option<Arc<CertifiedKey>>,
    pub(crate) hints: Mutex<Vec<Vec<u8>>>,
    /// What the server takes signatures with.
    pub(crate) schemes: Mutex<Vec<SignatureScheme>>,
}

impl Identity {
    pub(crate) fn of(issued: &Issued) -> Self {
        let mut chain = vec![CertificateDer::from(issued.certificate_der.clone())];
        chain.extend(issued.chain_der.iter().cloned().map(CertificateDer::from));
        Self::showing(chain, issued)
    }

    /// The key of `issued` with any chain.
    pub(crate) fn showing(chain: Vec<CertificateDer<'static>>, issued: &Issued) -> Self {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(issued.key_pkcs8_der().to_vec()));
        let key = tongxing_gm_tls::load_sm2_key(&key)
            .or_else(|_| rustls::crypto::ring::sign::any_supported_type(&key))
            .unwrap();
        Self::with(CertifiedKey::new(chain, key))
    }

    pub(crate) fn with(key: CertifiedKey) -> Self {
        Self { key: Some(Arc::new(key)), ..Self::default() }
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        *self.schemes.lock().unwrap() = schemes.to_vec();
        *self.hints.lock().unwrap() = hints.iter().map(|hint| hint.to_vec()).collect();
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// TLS of a client that trusts the server's authority.
pub(crate) fn config(
    authority: &[u8],
    versions: &[Version],
    identity: Arc<Identity>,
) -> Arc<ClientConfig> {
    let provider = rustls::crypto::ring::default_provider();
    config_of(provider, &[authority], versions, identity)
}

/// The same with suites, groups and keys of any provider.
pub(crate) fn config_of(
    provider: CryptoProvider,
    authorities: &[&[u8]],
    versions: &[Version],
    identity: Arc<Identity>,
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(CertificateDer::from(authority.to_vec())).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(identity);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// One open connection.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    pub(crate) handshake: Option<HandshakeKind>,
    /// The suite and the group that were agreed on.
    pub(crate) agreed: (CipherSuite, NamedGroup),
}

impl Connection {
    /// A secured connection without HTTP.
    pub(crate) async fn stream(
        config: Arc<ClientConfig>,
        name: &str,
        port: u16,
    ) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let server = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(config).connect(server, stream).await
    }

    pub(crate) async fn open(
        config: Arc<ClientConfig>,
        name: &str,
        port: u16,
    ) -> std::io::Result<Self> {
        let stream = Self::stream(config, name, port).await?;
        let tls = stream.get_ref().1;
        let handshake = tls.handshake_kind();
        let suite = tls.negotiated_cipher_suite().unwrap().suite();
        let agreed = (suite, tls.negotiated_key_exchange_group().unwrap().name());
        let made = http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = made.map_err(std::io::Error::other)?;
        tokio::spawn(connection);
        Ok(Self { sender, host: format!("{name}:{port}"), handshake, agreed })
    }

    /// Sends one request; headers given replace the usual ones.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> hyper::Result<Answer> {
        self.send_octets(method, path, headers, body.as_bytes().to_vec()).await
    }

    /// The same with content that is no text.
    pub(crate) async fn send_octets(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> hyper::Result<Answer> {
        let body = Full::new(Bytes::from(body));
        let mut request = Request::builder().method(method).uri(path).body(body).unwrap();
        let own = request.headers_mut();
        own.insert(HOST, self.host.parse().unwrap());
        if method == "POST" {
            own.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        }
        for (name, value) in headers {
            let name: hyper::header::HeaderName = name.parse().unwrap();
            own.insert(name, value.parse().unwrap());
        }
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await?.to_bytes().to_vec()).unwrap();
        Ok(Answer { status: parts.status, headers: parts.headers, text })
    }

    pub(crate) async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], &body.to_string()).await.unwrap()
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await.unwrap()
    }
}
