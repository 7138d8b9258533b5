//! Handshakes and bulk transfer of RFC 8998 beside ring's `TLS_AES_128_GCM_SHA256`
//! with P-256, in one run: read the figures as ratios.

use std::hint::black_box;
use std::io::{Read, Write};
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::server::NoServerSessionStorage;
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, ConnectionCommon, NamedGroup, ServerConfig,
    ServerConnection, SideData,
};
use tongxing_gm_tls::{TLS_SM4_CCM_SM3, TLS_SM4_GCM_SM3, provider};

#[path = "../tests/integration/pki.rs"]
#[expect(dead_code, reason = "shared with the tests, which use all of it")]
mod pki;

use pki::{P256, Pki, SM2};

/// What is compared.
struct Kind {
    name: &'static str,
    provider: CryptoProvider,
    pki: &'static Pki,
}

fn kinds() -> [Kind; 3] {
    let sm4 = |name, suite| {
        let mut provider = provider();
        provider.cipher_suites.retain(|supported| supported.suite() == suite);
        Kind { name, provider, pki: &SM2 }
    };
    let mut aes = rustls::crypto::ring::default_provider();
    let suite = CipherSuite::TLS13_AES_128_GCM_SHA256;
    aes.cipher_suites.retain(|supported| supported.suite() == suite);
    aes.kx_groups.retain(|group| group.name() == NamedGroup::secp256r1);
    [
        Kind { name: "aes_128_gcm_p256", provider: aes, pki: &P256 },
        sm4("sm4_gcm_sm2", TLS_SM4_GCM_SM3),
        sm4("sm4_ccm_sm2", TLS_SM4_CCM_SM3),
    ]
}

/// Both ends authenticate and nothing is resumed, as on a certificate listener.
fn configs(kind: &Kind) -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    let provider = Arc::new(kind.provider.clone());
    let versions = &[&rustls::version::TLS13];
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
        kind.pki.roots.clone(),
        Arc::clone(&provider),
    );
    let (server, client) = (&kind.pki.server, &kind.pki.client);
    let mut server_config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .expect("suites for TLS 1.3")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(server.chain.clone(), server.key())
        .expect("a certificate and its key");
    server_config.session_storage = Arc::new(NoServerSessionStorage {});
    server_config.send_tls13_tickets = 0;
    let client_config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("suites for TLS 1.3")
        .with_root_certificates(kind.pki.roots.clone())
        .with_client_auth_cert(client.chain.clone(), client.key())
        .expect("a certificate and its key");
    (Arc::new(client_config), Arc::new(server_config))
}

fn transfer<A: SideData, B: SideData>(
    from: &mut ConnectionCommon<A>,
    to: &mut ConnectionCommon<B>,
) {
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire).expect("memory takes everything");
    }
    let mut rest = &wire[..];
    while !rest.is_empty() {
        to.read_tls(&mut rest).expect("memory gives everything");
        to.process_new_packets().expect("an honest peer");
    }
}

fn handshake(
    configs: &(Arc<ClientConfig>, Arc<ServerConfig>),
) -> (ClientConnection, ServerConnection) {
    let name = ServerName::try_from("localhost").expect("a name");
    let mut client = ClientConnection::new(Arc::clone(&configs.0), name).expect("a client");
    let mut server = ServerConnection::new(Arc::clone(&configs.1)).expect("a server");
    while client.is_handshaking() || server.is_handshaking() {
        transfer(&mut client, &mut server);
        transfer(&mut server, &mut client);
    }
    (client, server)
}

/// Both ends' work together.
fn handshakes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("handshake");
    for kind in kinds() {
        let configs = configs(&kind);
        group.bench_function(kind.name, |bencher| bencher.iter(|| black_box(handshake(&configs))));
    }
    group.finish();
}

/// Sealing and opening of full records.
fn bulk(criterion: &mut Criterion) {
    const RECORD: usize = 1 << 14;
    let content = vec![0x5a; RECORD];
    let mut group = criterion.benchmark_group("bulk");
    group.throughput(Throughput::Bytes(RECORD as u64));
    for kind in kinds() {
        let (mut client, mut server) = handshake(&configs(&kind));
        let mut arrived = vec![0; RECORD];
        group.bench_function(kind.name, |bencher| {
            bencher.iter(|| {
                client.writer().write_all(&content).expect("room for a record");
                transfer(&mut client, &mut server);
                server.reader().read_exact(&mut arrived).expect("the record");
            });
        });
        assert_eq!(arrived, content);
    }
    group.finish();
}

criterion_group!(benches, handshakes, bulk);
criterion_main!(benches);
