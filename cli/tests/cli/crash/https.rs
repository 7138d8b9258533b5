//! A bidder's software at its smallest: one request on each connection.

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::Value;
use tokio::net::TcpSocket;
use tokio_rustls::TlsConnector;
use tongxing_testdata::Issued;

/// The connection broke before there was an answer.
pub(crate) type Cut = Box<dyn Error + Send + Sync>;

/// Trusts one authority for servers.
pub(crate) struct Https {
    roots: Arc<RootCertStore>,
    /// The address that connections come from.
    source: Ipv4Addr,
}

impl Https {
    /// Trusts the authority in this PEM file.
    pub(crate) fn trusting(pem: &[u8]) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
        Self { roots: Arc::new(roots), source: Ipv4Addr::LOCALHOST }
    }

    /// The same from another address of this machine's.
    pub(crate) fn at_address(&self, source: Ipv4Addr) -> Self {
        Self { roots: Arc::clone(&self.roots), source }
    }

    /// Posts to a gateway on this machine, whose URL names `localhost`.
    pub(crate) async fn post(
        &self,
        url: &str,
        body: &Value,
        shown: Option<&Issued>,
    ) -> Result<(StatusCode, Value), Cut> {
        let (status, answer) = self.ask(Method::POST, url, body.to_string(), shown).await?;
        Ok((status, serde_json::from_str(&answer)?))
    }

    /// Any request, over a connection of its own; the answer as text.
    pub(crate) async fn ask(
        &self,
        method: Method,
        url: &str,
        body: String,
        shown: Option<&Issued>,
    ) -> Result<(StatusCode, String), Cut> {
        let url: hyper::Uri = url.parse()?;
        let host = url.authority().map(ToString::to_string).unwrap_or_default();
        let socket = TcpSocket::new_v4()?;
        socket.bind((self.source, 0).into())?;
        let gateway = (Ipv4Addr::LOCALHOST, url.port_u16().unwrap_or(443));
        let stream = socket.connect(gateway.into()).await?;
        stream.set_nodelay(true)?;
        let connector = TlsConnector::from(Arc::new(self.tls(shown)));
        let stream = connector.connect("localhost".try_into()?, stream).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // Ends with the sender; what ends it early fails the request as well.
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(url.path())
            .header("host", host)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?;
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok((parts.status, String::from_utf8(body.to_vec())?))
    }

    fn tls(&self, shown: Option<&Issued>) -> ClientConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(Arc::clone(&self.roots));
        let Some(issued) = shown else {
            return builder.with_no_client_auth();
        };
        let chain = vec![CertificateDer::from(issued.certificate_der.clone())];
        let key = PrivatePkcs8KeyDer::from(issued.key_pkcs8_der().to_vec());
        builder.with_client_auth_cert(chain, PrivateKeyDer::from(key)).unwrap()
    }
}
