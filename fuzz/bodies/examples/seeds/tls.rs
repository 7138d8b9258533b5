//! What TLS peers say under RFC 8998.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, RootCertStore, ServerConfig,
    ServerConnection, SideData,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tongxing_gm_tls::{CURVE_SM2, offering_both, provider};
use tongxing_testdata::{Validity, sm2_server_certificate};

use crate::{NOW, Outcome, seed};

/// First flights of clients, and the answers of servers to them.
pub(crate) fn hellos() -> Outcome {
    let mut asked_again = offering_both(ring::default_provider());
    // The share is X25519's: a server asks for that of curveSM2.
    asked_again.kx_groups.sort_by_key(|group| group.name() == CURVE_SM2);
    let mut half = provider();
    half.kx_groups = ring::default_provider().kx_groups;
    let mut counter = provider();
    counter.cipher_suites.remove(0);
    for (name, provider) in [
        ("shangmi", provider()),
        ("ccm", counter),
        ("both", offering_both(ring::default_provider())),
        ("asked-again", asked_again),
        ("half", half),
        ("ordinary", ring::default_provider()),
    ] {
        let mut client = client(provider)?;
        let mut server = server()?;
        let mut said = Vec::new();
        // Twice, as a HelloRetryRequest has it; what follows is protected and never the same.
        for flight in 0..2 {
            let hello = written(&mut client)?;
            said.extend_from_slice(&hello);
            if deliver(&mut server, &hello).is_err() {
                break;
            }
            let answer = written(&mut server)?;
            seed("tls_hello", &format!("{name}-answer-{flight}"), &answer)?;
            if deliver(&mut client, &answer).is_err() || !client.is_handshaking() {
                break;
            }
        }
        seed("tls_hello", &format!("{name}-client"), &said)?;
    }
    seed("tls_hello", "empty", b"")?;
    seed("tls_hello", "alert", &[21, 3, 3, 0, 2, 2, 40])
}

/// How the second record is spoilt, where, and the content.
pub(crate) fn records() -> Outcome {
    for (suite, name) in ["gcm", "ccm"].into_iter().enumerate() {
        let suite = u8::try_from(suite)?;
        for (how, what) in ["flipped", "replayed", "invented", "shortened"].into_iter().enumerate()
        {
            let first = suite | u8::try_from(how)? << 1;
            let content = [&[first, 0, 21][..], b"GET / HTTP/1.1\r\n\r\n"].concat();
            seed("tls_record", &format!("{name}-{what}"), &content)?;
        }
        seed("tls_record", &format!("{name}-nothing"), &[suite, 0, 0])?;
        seed("tls_record", &format!("{name}-long"), &[&[suite, 9, 9][..], &[7; 1_900]].concat())?;
    }
    seed("tls_record", "empty", b"")
}

fn client(provider: CryptoProvider) -> Result<ClientConnection, Box<dyn std::error::Error>> {
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(ClientConnection::new(Arc::new(config), ServerName::try_from("localhost")?)?)
}

fn server() -> Result<ServerConnection, Box<dyn std::error::Error>> {
    let shown = sm2_server_certificate(&["localhost"], Validity::year_from(NOW))?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(shown.key.pkcs8_der().to_vec()));
    let config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(shown.certificate_der)], key)?;
    Ok(ServerConnection::new(Arc::new(config))?)
}

fn written<S: SideData>(from: &mut ConnectionCommon<S>) -> std::io::Result<Vec<u8>> {
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire)?;
    }
    Ok(wire)
}

fn deliver<S: SideData>(to: &mut ConnectionCommon<S>, mut wire: &[u8]) -> Outcome {
    while !wire.is_empty() {
        to.read_tls(&mut wire)?;
        to.process_new_packets()?;
    }
    Ok(())
}
