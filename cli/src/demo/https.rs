//! A small HTTPS client, as a bidder's software or a platform would be one.

use std::error::Error;
use std::sync::{Arc, LazyLock};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::http::uri::Authority;
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tongxing_testdata::Issued;

use crate::outcome::Failure;

/// More than the gateway ever answers with.
const BODY_MAX: usize = 1024 * 1024;

const TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// Why an exchange failed, to be shown: nothing is decided by its kind.
type AnyError = Box<dyn Error + Send + Sync>;

/// A client that trusts one authority for servers.
#[derive(Debug)]
pub(super) struct Client {
    roots: Arc<RootCertStore>,
}

/// Which kind of TLS is offered.
#[derive(Debug, Clone, Copy)]
pub(super) enum Suites {
    /// Everybody's; certificates may have SM2 keys too.
    Ordinary,
    /// RFC 8998 alone.
    Rfc8998,
}

/// Who asks.
#[derive(Clone, Copy)]
enum Who<'a> {
    Nobody,
    /// Shows this certificate in TLS.
    Bidder(&'a Issued),
    /// Shows this in a header.
    Platform(&'a str),
}

impl Suites {
    fn offered(self) -> (Arc<CryptoProvider>, &'static [&'static SupportedProtocolVersion]) {
        static ORDINARY: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
            let ring = rustls::crypto::ring::default_provider();
            Arc::new(tongxing_gm_tls::with_sm2_authentication(ring))
        });
        match self {
            Self::Ordinary => (Arc::clone(&ORDINARY), rustls::DEFAULT_VERSIONS),
            Self::Rfc8998 => (Arc::new(tongxing_gm_tls::provider()), TLS13),
        }
    }
}

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Client {
    /// A client that trusts the authorities in these PEM files.
    pub(super) fn trusting<const N: usize>(authorities: [&[u8]; N]) -> Result<Self, Failure> {
        let failed = |why: String| Failure::unavailable(format!("the server's authority: {why}"));
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            let certificate = CertificateDer::from_pem_slice(authority);
            let certificate = certificate.map_err(|error| failed(error.to_string()))?;
            roots.add(certificate).map_err(|error| failed(error.to_string()))?;
        }
        Ok(Self { roots: Arc::new(roots) })
    }

    /// Reads a document.
    pub(super) async fn get(&self, url: &str) -> Result<Answer, Failure> {
        let who = Who::Nobody;
        self.send(Suites::Ordinary, url, Method::GET, Bytes::new(), who).await
    }

    /// Sends a document as a platform that shows who it is by a header.
    pub(super) async fn post_as(
        &self,
        authorization: &str,
        url: &str,
        body: &Value,
    ) -> Result<Answer, Failure> {
        let (who, body) = (Who::Platform(authorization), Bytes::from(body.to_string()));
        self.send(Suites::Ordinary, url, Method::POST, body, who).await
    }

    /// Sends a document, showing a certificate in TLS if there is one.
    pub(super) async fn post(
        &self,
        url: &str,
        body: &Value,
        certificate: Option<&Issued>,
    ) -> Result<Answer, Failure> {
        self.post_with(Suites::Ordinary, url, body, certificate).await
    }

    /// The same with one kind of TLS.
    pub(super) async fn post_with(
        &self,
        suites: Suites,
        url: &str,
        body: &Value,
        certificate: Option<&Issued>,
    ) -> Result<Answer, Failure> {
        let who = certificate.map_or(Who::Nobody, Who::Bidder);
        self.send(suites, url, Method::POST, Bytes::from(body.to_string()), who).await
    }

    async fn send(
        &self,
        suites: Suites,
        url: &str,
        method: Method,
        body: Bytes,
        who: Who<'_>,
    ) -> Result<Answer, Failure> {
        let exchanged = self.exchange(suites, url, method, body, who);
        exchanged.await.map_err(|error| Failure::unavailable(format!("{url}: {error}")))
    }

    /// One connection for one request: the certificate is shown anew each time.
    async fn exchange(
        &self,
        suites: Suites,
        url: &str,
        method: Method,
        body: Bytes,
        who: Who<'_>,
    ) -> Result<Answer, AnyError> {
        let uri: Uri = url.parse()?;
        let mut request = Request::builder()
            .method(method)
            .uri(uri.path())
            .header("host", uri.authority().map_or("", Authority::as_str))
            .header("content-type", "application/json")
            .header("accept-language", "en");
        let certificate = match who {
            Who::Bidder(issued) => Some(issued),
            Who::Platform(authorization) => {
                request = request.header("authorization", authorization);
                None
            }
            Who::Nobody => None,
        };
        let request = request.body(Full::new(body))?;
        let connected = TokioIo::new(self.connect(suites, &uri, certificate).await?);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(connected).await?;
        // Ends with the sender; what ends it early also fails the request below.
        tokio::spawn(connection);
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, BODY_MAX).collect().await?.to_bytes();
        Ok(Answer { status: parts.status, body: serde_json::from_slice(&body)? })
    }

    async fn connect(
        &self,
        suites: Suites,
        uri: &Uri,
        certificate: Option<&Issued>,
    ) -> Result<TlsStream<TcpStream>, AnyError> {
        let host = uri.host().unwrap_or_default().to_owned();
        let stream = TcpStream::connect((host.as_str(), uri.port_u16().unwrap_or(443))).await?;
        // Small messages go back and forth; waiting to fill packets only delays them.
        stream.set_nodelay(true)?;
        let tls = TlsConnector::from(Arc::new(self.tls(suites, certificate)?));
        Ok(tls.connect(ServerName::try_from(host)?, stream).await?)
    }

    /// The leaf is shown alone, as many key drivers do.
    fn tls(
        &self,
        suites: Suites,
        certificate: Option<&Issued>,
    ) -> Result<ClientConfig, rustls::Error> {
        let (provider, versions) = suites.offered();
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)?
            .with_root_certificates(Arc::clone(&self.roots));
        let Some(issued) = certificate else {
            return Ok(builder.with_no_client_auth());
        };
        let chain = vec![CertificateDer::from(issued.certificate_der.clone())];
        let key = PrivatePkcs8KeyDer::from(issued.key_pkcs8_der().to_vec());
        builder.with_client_auth_cert(chain, PrivateKeyDer::from(key))
    }
}
