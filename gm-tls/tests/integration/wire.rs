//! A client and a server whose octets go straight to one another.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ClientConfig, ClientConnection, ConfigBuilder, ConnectionCommon, Error, RootCertStore,
    ServerConfig, ServerConnection, SideData, WantsVerifier,
};

use crate::pki::Identity;

/// ring's suites and groups.
pub(crate) fn ring() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

pub(crate) fn server_builder(
    provider: CryptoProvider,
) -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("suites for TLS 1.3")
}

/// A server that asks nobody for a certificate.
pub(crate) fn server(provider: CryptoProvider, identity: &Identity) -> Arc<ServerConfig> {
    let config = server_builder(provider)
        .with_no_client_auth()
        .with_single_cert(identity.chain.clone(), identity.key());
    Arc::new(config.expect("a certificate and its key"))
}

/// A server that asks for a certificate under `roots`, and takes none too.
pub(crate) fn asking_server(
    provider: CryptoProvider,
    identity: &Identity,
    roots: Arc<RootCertStore>,
) -> Arc<ServerConfig> {
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::new(provider.clone()))
        .allow_unauthenticated()
        .build()
        .expect("a verifier");
    let config = server_builder(provider)
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain.clone(), identity.key());
    Arc::new(config.expect("a certificate and its key"))
}

/// A client, with a certificate or none.
pub(crate) fn client(
    provider: CryptoProvider,
    roots: Arc<RootCertStore>,
    identity: Option<&Identity>,
) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("suites for TLS 1.3")
        .with_root_certificates(roots);
    Arc::new(match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => builder
            .with_client_auth_cert(identity.chain.clone(), identity.key())
            .expect("a certificate and its key"),
    })
}

/// Both ends of a connection.
pub(crate) struct Pair {
    pub(crate) client: ClientConnection,
    pub(crate) server: ServerConnection,
}

/// How a handshake that failed looked from both ends.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) client: Option<Error>,
    pub(crate) server: Option<Error>,
}

impl Pair {
    pub(crate) fn new(client: &Arc<ClientConfig>, server: &Arc<ServerConfig>) -> Self {
        Self {
            client: connect(client),
            server: ServerConnection::new(Arc::clone(server)).expect("a server"),
        }
    }

    /// A pair whose handshake is over.
    pub(crate) fn shaken(
        client: &Arc<ClientConfig>,
        server: &Arc<ServerConfig>,
    ) -> Result<Self, Box<Failure>> {
        let mut pair = Self::new(client, server);
        pair.shake()?;
        Ok(pair)
    }

    /// Carries everything to and fro until nobody has anything to say.
    pub(crate) fn shake(&mut self) -> Result<(), Box<Failure>> {
        loop {
            let sent = transfer(&mut self.client, &mut self.server);
            let answered = transfer(&mut self.server, &mut self.client);
            match (sent, answered) {
                (Ok(false), Ok(false)) => return Ok(()),
                (Ok(_), Ok(_)) => {}
                (server, client) => {
                    let server = server.err();
                    let last = transfer(&mut self.client, &mut self.server);
                    let client = client.err();
                    return Err(Box::new(Failure { client, server: server.or(last.err()) }));
                }
            }
        }
    }

    /// Octets from one end to the other and back again.
    pub(crate) fn exchange(&mut self, octets: &[u8]) {
        assert!(!self.client.is_handshaking() && !self.server.is_handshaking());
        let mut echoed = Vec::new();
        // What fits into the buffer that one end reads from.
        for part in octets.chunks(10_000) {
            self.client.writer().write_all(part).expect("room for octets");
            transfer(&mut self.client, &mut self.server).expect("records that open");
            let arrived = received(&mut self.server);
            self.server.writer().write_all(&arrived).expect("room for octets");
            transfer(&mut self.server, &mut self.client).expect("records that open");
            echoed.extend(received(&mut self.client));
        }
        assert!(echoed == octets, "{} of {} octets came back", echoed.len(), octets.len());
    }
}

/// The client's end of a connection.
pub(crate) fn connect(config: &Arc<ClientConfig>) -> ClientConnection {
    let name = ServerName::try_from("localhost").expect("a name");
    ClientConnection::new(Arc::clone(config), name).expect("a client")
}

fn received<S: SideData>(connection: &mut ConnectionCommon<S>) -> Vec<u8> {
    let mut octets = Vec::new();
    // It ends in WouldBlock: more may come.
    let _ = connection.reader().read_to_end(&mut octets);
    octets
}

/// Carries one end's octets to the other, and says whether there were any.
pub(crate) fn transfer<A: SideData, B: SideData>(
    from: &mut ConnectionCommon<A>,
    to: &mut ConnectionCommon<B>,
) -> Result<bool, Error> {
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire).expect("memory takes everything");
    }
    let mut rest = &wire[..];
    while !rest.is_empty() {
        to.read_tls(&mut rest).expect("memory gives everything");
        to.process_new_packets()?;
    }
    Ok(!wire.is_empty())
}
