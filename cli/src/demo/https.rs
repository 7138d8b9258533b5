//! A small HTTPS client, as a bidder's software or a platform would be one.

use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tongxing_testdata::Issued;

use crate::outcome::Failure;

/// More than the gateway ever answers with.
const BODY_MAX: usize = 1024 * 1024;

/// A client that trusts one authority for servers.
#[derive(Debug)]
pub(super) struct Client {
    roots: Arc<RootCertStore>,
}

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Client {
    /// A client that trusts the authority in this PEM file.
    pub(super) fn trusting(authority: &[u8]) -> Result<Self, Failure> {
        let failed = |why: String| Failure::unavailable(format!("the server's authority: {why}"));
        let certificate = CertificateDer::from_pem_slice(authority);
        let certificate = certificate.map_err(|error| failed(error.to_string()))?;
        let mut roots = RootCertStore::empty();
        roots.add(certificate).map_err(|error| failed(error.to_string()))?;
        Ok(Self { roots: Arc::new(roots) })
    }

    /// Reads a document.
    pub(super) async fn get(&self, url: &str) -> Result<Answer, Failure> {
        self.send(url, Method::GET, Bytes::new(), None).await
    }

    /// Sends a document, showing a certificate in TLS if there is one.
    pub(super) async fn post(
        &self,
        url: &str,
        body: &Value,
        certificate: Option<&Issued>,
    ) -> Result<Answer, Failure> {
        self.send(url, Method::POST, Bytes::from(body.to_string()), certificate).await
    }

    /// One connection for one request: the certificate is shown anew each time.
    async fn send(
        &self,
        url: &str,
        method: Method,
        body: Bytes,
        certificate: Option<&Issued>,
    ) -> Result<Answer, Failure> {
        let failed = |why: String| Failure::unavailable(format!("{url}: {why}"));
        let uri: hyper::Uri = url.parse().map_err(|_| failed("no URL".to_owned()))?;
        let host = uri.host().unwrap_or_default().to_owned();
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let stream = TcpStream::connect((host.as_str(), uri.port_u16().unwrap_or(443)));
        let stream = stream.await.map_err(|error| failed(error.to_string()))?;
        // Small messages go back and forth; waiting to fill packets only delays them.
        stream.set_nodelay(true).map_err(|error| failed(error.to_string()))?;
        let name = ServerName::try_from(host).map_err(|error| failed(error.to_string()))?;
        let tls = TlsConnector::from(Arc::new(self.tls(certificate)?));
        let tls = tls.connect(name, stream).await.map_err(|error| failed(error.to_string()))?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls))
            .await
            .map_err(|error| failed(error.to_string()))?;
        // Ends with the sender; what ends it early also fails the request below.
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(uri.path())
            .header("host", authority)
            .header("content-type", "application/json")
            .header("accept-language", "en")
            .body(Full::new(body))
            .map_err(|error| failed(error.to_string()))?;
        let answer = sender.send_request(request).await;
        let (parts, body) = answer.map_err(|error| failed(error.to_string()))?.into_parts();
        let body = Limited::new(body, BODY_MAX).collect().await;
        let body = body.map_err(|error| failed(error.to_string()))?.to_bytes();
        let body = serde_json::from_slice(&body)
            .map_err(|error| failed(format!("{}: no JSON: {error}", parts.status)))?;
        Ok(Answer { status: parts.status, body })
    }

    /// The leaf is shown alone, as many key drivers do.
    fn tls(&self, certificate: Option<&Issued>) -> Result<ClientConfig, Failure> {
        let failed = |error: rustls::Error| Failure::unavailable(format!("TLS: {error}"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_root_certificates(Arc::clone(&self.roots));
        let Some(issued) = certificate else {
            return Ok(builder.with_no_client_auth());
        };
        let chain = vec![CertificateDer::from(issued.certificate_der.clone())];
        let key = PrivatePkcs8KeyDer::from(issued.key_pkcs8_der().to_vec());
        builder.with_client_auth_cert(chain, PrivateKeyDer::from(key)).map_err(failed)
    }
}
