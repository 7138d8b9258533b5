//! Clients and servers that a peer talks to.

use std::sync::{Arc, LazyLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedCipherSuite};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tongxing_gm_tls::{offering_both, provider, with_sm2_authentication};
use tongxing_testdata::{ServerCertificate, Validity, server_certificate, sm2_server_certificate};

/// Certificates are valid around the moment at which rustls asks the machine's clock.
const YEARS: Validity = Validity { not_before: 1_700_000_000, not_after: 4_000_000_000 };

static SM2: LazyLock<ServerCertificate> =
    LazyLock::new(|| sm2_server_certificate(&["localhost"], YEARS).expect("a certificate"));
static P256: LazyLock<ServerCertificate> =
    LazyLock::new(|| server_certificate(&["localhost"], YEARS).expect("a certificate"));

/// The two configurations of a server that does both.
pub(super) static SHANGMI_SERVER: LazyLock<Arc<ServerConfig>> =
    LazyLock::new(|| server(provider(), &SM2));
pub(super) static ORDINARY_SERVER: LazyLock<Arc<ServerConfig>> =
    LazyLock::new(|| server(with_sm2_authentication(ring::default_provider()), &P256));

/// One that knows RFC 8998 alone, and one that offers both.
pub(super) static CLIENTS: LazyLock<[Arc<ClientConfig>; 2]> = LazyLock::new(|| {
    [client(provider(), &[&SM2]), client(offering_both(ring::default_provider()), &[&SM2, &P256])]
});

/// For each suite both ends, whose handshake costs little: with ring's keys and groups.
pub(super) static QUICK: LazyLock<Vec<(Arc<ClientConfig>, Arc<ServerConfig>)>> =
    LazyLock::new(|| provider().cipher_suites.into_iter().map(quick).collect());

fn quick(suite: SupportedCipherSuite) -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    let provider = CryptoProvider { cipher_suites: vec![suite], ..ring::default_provider() };
    (client(provider.clone(), &[&P256]), server(provider, &P256))
}

fn server(provider: CryptoProvider, shown: &ServerCertificate) -> Arc<ServerConfig> {
    let key = shown.key.pkcs8_der().to_vec();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("suites of TLS 1.3")
        .with_no_client_auth()
        .with_single_cert(vec![shown.certificate_der.clone().into()], key);
    Arc::new(config.expect("a certificate and its key"))
}

fn client(provider: CryptoProvider, trusted: &[&ServerCertificate]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for one in trusted {
        roots.add(CertificateDer::from(one.authority_der.clone())).expect("a root");
    }
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("suites of TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

pub(super) fn localhost() -> ServerName<'static> {
    ServerName::try_from("localhost").expect("a name")
}
