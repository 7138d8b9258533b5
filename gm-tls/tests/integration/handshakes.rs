//! Handshakes that succeed.

use rustls::crypto::CryptoProvider;
use rustls::{CipherSuite, HandshakeKind, ProtocolVersion};
use tongxing_gm_tls::{
    CURVE_SM2, Profile, TLS_SM4_CCM_SM3, TLS_SM4_GCM_SM3, offering_both, provider,
};

use crate::pki::{P256, SM2, both_roots};
use crate::wire::{Pair, asking_server, client, ring, server};

/// RFC 8998 with one suite only.
fn with_suite(suite: CipherSuite) -> CryptoProvider {
    let mut provider = provider();
    provider.cipher_suites.retain(|supported| supported.suite() == suite);
    provider
}

fn assert_shangmi(pair: &Pair, suite: CipherSuite) {
    for end in [&*pair.client as &rustls::CommonState, &pair.server] {
        assert_eq!(end.negotiated_cipher_suite().unwrap().suite(), suite);
        assert_eq!(end.negotiated_key_exchange_group().unwrap().name(), CURVE_SM2);
        assert_eq!(end.protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert_eq!(Profile::of(end), Ok(Profile::Shangmi));
    }
}

#[test]
fn both_suites_with_and_without_a_client_certificate() {
    for suite in [TLS_SM4_GCM_SM3, TLS_SM4_CCM_SM3] {
        let server = asking_server(with_suite(suite), &SM2.server, SM2.roots.clone());
        for identity in [None, Some(&SM2.client)] {
            let client = client(provider(), SM2.roots.clone(), identity);
            let mut pair = Pair::shaken(&client, &server).unwrap();
            assert_shangmi(&pair, suite);
            let shown = pair.server.peer_certificates();
            assert_eq!(shown, identity.map(|identity| &identity.chain[..]));
            pair.exchange(b"hello");
            pair.exchange(&vec![0x5a; 300_000]);
        }
    }
}

#[test]
fn a_new_key_in_both_directions() {
    let server = server(provider(), &SM2.server);
    let client = client(provider(), SM2.roots.clone(), None);
    let mut pair = Pair::shaken(&client, &server).unwrap();
    for _ in 0..3 {
        pair.client.refresh_traffic_keys().unwrap();
        pair.exchange(b"under the client's new key");
        pair.server.refresh_traffic_keys().unwrap();
        pair.exchange(b"under the server's new key");
    }
}

#[test]
fn a_session_is_resumed_under_the_profile() {
    let server = server(provider(), &SM2.server);
    let client = client(provider(), SM2.roots.clone(), None);
    let first = Pair::shaken(&client, &server).unwrap();
    assert_eq!(first.client.handshake_kind(), Some(HandshakeKind::Full));
    let mut second = Pair::shaken(&client, &server).unwrap();
    assert_eq!(second.client.handshake_kind(), Some(HandshakeKind::Resumed));
    assert_shangmi(&second, TLS_SM4_GCM_SM3);
    second.exchange(b"again");
}

#[test]
fn a_share_of_another_group_is_asked_anew() {
    let mut other_first = offering_both(ring());
    other_first.kx_groups.rotate_left(1);
    let client = client(other_first, both_roots(), None);
    let mut pair = Pair::shaken(&client, &server(provider(), &SM2.server)).unwrap();
    assert_eq!(pair.client.handshake_kind(), Some(HandshakeKind::FullWithHelloRetryRequest));
    assert_shangmi(&pair, TLS_SM4_GCM_SM3);
    pair.exchange(b"hello");
}

#[test]
fn who_offers_both_reaches_servers_of_either_kind() {
    // Each has tickets of its own: one of another hash cannot be offered twice.
    let client = || client(offering_both(ring()), both_roots(), None);
    let mut pair = Pair::shaken(&client(), &server(provider(), &SM2.server)).unwrap();
    assert_eq!(pair.client.handshake_kind(), Some(HandshakeKind::Full));
    assert_shangmi(&pair, TLS_SM4_GCM_SM3);
    pair.exchange(b"hello");
    let mut pair = Pair::shaken(&client(), &server(ring(), &P256.server)).unwrap();
    assert_eq!(Profile::of(&pair.client), Ok(Profile::Ordinary));
    assert_eq!(Profile::of(&pair.server), Ok(Profile::Ordinary));
    pair.exchange(b"hello");
}
