//! TLS of both listeners: rustls with ring, TLS 1.2 and 1.3, and RFC 8998 where the
//! listener has an SM2 certificate; HTTP/1.1 only.
//!
//! On the certificate listener a handshake goes so:
//!
//! 1. The ClientHello's server name says whether hints are sent: the names of the
//!    CAs whose certificates may sign in, or, under a host without hints, nothing.
//!    What it offers says which side answers: RFC 8998 or ordinary TLS.
//! 2. A configuration is put together for this connection alone, from parts that
//!    all connections share, around a [`PossessionVerifier`] of its own.
//! 3. The verifier accepts any certificate whose key the client proves, or none.
//!    Trust is judged later, where a page or a problem document can explain.
//! 4. It leaves the parsed chain behind, so that each certificate is parsed once
//!    in a connection's life.
//!
//! SM2 keys prove themselves in TLS 1.3 alone, under either side: TLS 1.2 has no name
//! for their signatures.
//!
//! Nothing can be resumed: resumption would skip step 3. A certificate whose DER
//! our parser refuses fails the handshake with `bad_certificate`, and the log says
//! where the fault is: without its key there is nothing that the client could
//! have proven.

mod hints;
mod material;
mod side;
mod verifier;

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::server::{ClientHello, NoServerSessionStorage};
use tongxing_gm_tls::Offer;

pub(crate) use hints::Hints;
pub use material::{ServerCertificateKind, TlsError, check_server_certificate};
use side::{Side, Sides};
pub(crate) use verifier::{PossessionVerifier, Shown};

use crate::config::ListenerConfig;

/// The one protocol spoken inside (RFC 7301).
const HTTP_1_1: &[u8] = b"http/1.1";

/// Takes away everything by which a later connection could skip a handshake.
fn without_resumption(mut config: ServerConfig) -> Arc<ServerConfig> {
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    config.alpn_protocols = vec![HTTP_1_1.to_vec()];
    Arc::new(config)
}

/// The certificates of one listener, read and found in order, but not shown yet.
#[derive(Debug)]
pub(crate) struct Loaded(Sides<Side>);

impl Loaded {
    /// Reads the files that the settings name. Blocks.
    pub(crate) fn read(config: &ListenerConfig) -> Result<Self, TlsError> {
        Sides::load(config).map(Self)
    }
}

/// TLS of the public listener: never asks for a client certificate.
#[derive(Debug)]
pub(crate) struct PublicTls(ArcSwap<Sides<Arc<ServerConfig>>>);

impl PublicTls {
    pub(crate) fn new(loaded: Loaded) -> Self {
        Self(ArcSwap::from_pointee(Self::sides(loaded)))
    }

    /// Shows other certificates from the next handshake on.
    pub(crate) fn replace(&self, loaded: Loaded) {
        self.0.store(Arc::new(Self::sides(loaded)));
    }

    fn sides(loaded: Loaded) -> Sides<Arc<ServerConfig>> {
        loaded.0.map(|side| {
            let config = side.builder.with_no_client_auth().with_cert_resolver(side.server);
            without_resumption(config)
        })
    }

    /// The configuration for a client that says this.
    pub(crate) fn config_for(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        Arc::clone(self.0.load().answering(Offer::of(hello)))
    }
}

/// TLS of the certificate listener.
#[derive(Debug)]
pub(crate) struct CertificateTls {
    sides: ArcSwap<Sides<Side>>,
    hosts_without_hints: Vec<String>,
    hints: ArcSwap<Hints>,
}

impl CertificateTls {
    pub(crate) fn new(loaded: Loaded, hosts_without_hints: &[String], hints: Hints) -> Self {
        Self {
            sides: ArcSwap::from_pointee(loaded.0),
            hosts_without_hints: hosts_without_hints.to_vec(),
            hints: ArcSwap::from_pointee(hints),
        }
    }

    /// Shows other certificates from the next handshake on.
    pub(crate) fn replace(&self, loaded: Loaded) {
        self.sides.store(Arc::new(loaded.0));
    }

    /// Sends other hints from the next handshake on.
    pub(crate) fn set_hints(&self, hints: Hints) {
        self.hints.store(Arc::new(hints));
    }

    /// The configuration of one connection, and the verifier that will know what
    /// the client showed. `server_name` is in lower case.
    pub(crate) fn config_for(
        &self,
        hello: &ClientHello<'_>,
        server_name: Option<&str>,
    ) -> (Arc<ServerConfig>, Arc<PossessionVerifier>) {
        let silent = server_name
            .is_some_and(|name| self.hosts_without_hints.iter().any(|host| host == name));
        let hints = if silent { Hints::none() } else { Hints::clone(&self.hints.load()) };
        let sides = self.sides.load();
        let side = sides.answering(Offer::of(hello));
        let verifier = Arc::new(PossessionVerifier::new(hints, side.client_schemes));
        let config = side
            .builder
            .clone()
            .with_client_cert_verifier(Arc::clone(&verifier) as Arc<_>)
            .with_cert_resolver(Arc::clone(&side.server) as Arc<_>);
        (without_resumption(config), verifier)
    }
}
