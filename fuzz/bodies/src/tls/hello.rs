//! What a peer says first.

use std::sync::Arc;

use rustls::server::{Accepted, Acceptor, ClientHello};
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, CommonState, ConnectionCommon, SideData,
};
use tongxing_gm_tls::{
    CURVE_SM2, Offer, Preference, Profile, ProfileError, SM2SIG_SM3, TLS_SM4_CCM_SM3,
    TLS_SM4_GCM_SM3,
};

use super::ends::{CLIENTS, ORDINARY_SERVER, SHANGMI_SERVER, localhost};

/// Whatever arrives, at a server that does both and at clients: nobody ends a handshake
/// who does not know its secrets, and octets written down before do not.
pub fn tls_hello(data: &[u8]) {
    to_server(data);
    for config in CLIENTS.iter() {
        to_client(config, data);
    }
}

fn to_server(data: &[u8]) {
    let mut acceptor = Acceptor::default();
    let mut rest = data;
    while !rest.is_empty() {
        if acceptor.read_tls(&mut rest).is_err() {
            return;
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => return answer(accepted, rest),
            Ok(None) => {}
            Err(_) => return,
        }
    }
}

fn answer(accepted: Accepted, rest: &[u8]) {
    let hello = accepted.client_hello();
    let offer = Offer::of(&hello);
    assert_eq!(offer, Offer::of(&hello), "two answers");
    assert_eq!(matches!(offer, Offer::Whole { .. }), offers_all(&hello), "{offer:?}");
    let takes_it = Preference::WhenOffered.takes(offer);
    assert!(takes_it || !Preference::WhenPreferred.takes(offer), "the stricter one takes more");
    let config = if takes_it { &SHANGMI_SERVER } else { &ORDINARY_SERVER };
    let Ok(mut connection) = accepted.into_connection(Arc::clone(config)) else { return };
    feed(&mut connection, rest);
    is_unfinished(&connection);
    if let Some(suite) = connection.negotiated_cipher_suite() {
        assert_eq!(is_sm4(suite.suite()), takes_it, "a suite of the other configuration");
    }
}

fn offers_all(hello: &ClientHello<'_>) -> bool {
    hello.cipher_suites().iter().any(|suite| is_sm4(*suite))
        && hello.named_groups().is_some_and(|groups| groups.contains(&CURVE_SM2))
        && hello.signature_schemes().contains(&SM2SIG_SM3)
}

fn is_sm4(suite: CipherSuite) -> bool {
    suite == TLS_SM4_GCM_SM3 || suite == TLS_SM4_CCM_SM3
}

fn to_client(config: &Arc<ClientConfig>, data: &[u8]) {
    let connection = ClientConnection::new(Arc::clone(config), localhost());
    let mut connection = connection.expect("a client");
    while connection.wants_write() {
        connection.write_tls(&mut std::io::sink()).expect("a sink takes everything");
    }
    feed(&mut connection, data);
    is_unfinished(&connection);
}

fn is_unfinished(connection: &CommonState) {
    assert!(connection.is_handshaking(), "a handshake without secrets");
    assert_eq!(Profile::of(connection), Err(ProfileError::Unfinished));
}

/// Gives octets to a connection until it has enough of them.
fn feed<S: SideData>(connection: &mut ConnectionCommon<S>, mut octets: &[u8]) {
    while !octets.is_empty() {
        let taken = connection.read_tls(&mut octets);
        if taken.unwrap_or(0) == 0 || connection.process_new_packets().is_err() {
            return;
        }
    }
}
