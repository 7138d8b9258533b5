//! What does not go together (RFC 8998 section 3.3).

use rustls::crypto::CryptoProvider;
use rustls::server::Acceptor;
use rustls::{AlertDescription, Error, PeerIncompatible, ServerConnection, SignatureScheme};
use tongxing_gm_tls::{
    CURVE_SM2, Offer, Preference, Profile, ProfileError, SM2SIG_SM3, TLS_SM4_GCM_SM3,
    offering_both, provider, with_sm2_authentication,
};

use crate::pki::{P256, SM2, both_roots};
use crate::wire::{Failure, Pair, client, connect, ring, server};

/// A client that offers only some of the schemes.
fn without_sm2_signatures() -> CryptoProvider {
    let ordinary = ring().signature_verification_algorithms;
    CryptoProvider { signature_verification_algorithms: ordinary, ..offering_both(ring()) }
}

/// A client that offers the suites without the group.
fn without_group() -> CryptoProvider {
    CryptoProvider { kx_groups: ring().kx_groups, ..offering_both(ring()) }
}

fn refused_by_rfc_8998(client_provider: CryptoProvider) -> Failure {
    let client = client(client_provider, both_roots(), None);
    let failure = Pair::shaken(&client, &server(provider(), &SM2.server)).err().unwrap();
    let alert = Error::AlertReceived(AlertDescription::HandshakeFailure);
    assert_eq!(failure.client, Some(alert));
    *failure
}

#[test]
fn a_server_of_rfc_8998_takes_no_half_offer() {
    let incompatible = |reason| Some(Error::PeerIncompatible(reason));
    let failure = refused_by_rfc_8998(ring());
    assert_eq!(failure.server, incompatible(PeerIncompatible::NoKxGroupsInCommon));
    let mut group_only = ring();
    group_only.kx_groups = provider().kx_groups;
    let failure = refused_by_rfc_8998(group_only);
    assert_eq!(failure.server, incompatible(PeerIncompatible::NoCipherSuitesInCommon));
    let failure = refused_by_rfc_8998(without_group());
    assert_eq!(failure.server, incompatible(PeerIncompatible::NoKxGroupsInCommon));
    let failure = refused_by_rfc_8998(without_sm2_signatures());
    assert_eq!(failure.server, incompatible(PeerIncompatible::NoSignatureSchemesInCommon));
}

/// What a server that chooses between two configurations comes to.
fn choose(client_provider: CryptoProvider, preference: Preference) -> (Offer, Profile) {
    let mut client = connect(&client(client_provider, both_roots(), None));
    let mut hello = Vec::new();
    client.write_tls(&mut hello).unwrap();
    let mut acceptor = Acceptor::default();
    acceptor.read_tls(&mut &hello[..]).unwrap();
    let accepted = acceptor.accept().map_err(|(error, _)| error).unwrap().unwrap();
    let offer = Offer::of(&accepted.client_hello());
    let config = if preference.takes(offer) {
        server(provider(), &SM2.server)
    } else {
        server(ring(), &P256.server)
    };
    let server: ServerConnection = accepted.into_connection(config).map_err(|(e, _)| e).unwrap();
    let mut pair = Pair { client, server };
    pair.shake().unwrap();
    pair.exchange(b"hello");
    let profile = Profile::of(&pair.client).unwrap();
    assert_eq!(Profile::of(&pair.server), Ok(profile));
    (offer, profile)
}

#[test]
fn a_server_of_both_kinds_chooses_by_the_offer() {
    use Preference::{WhenOffered, WhenPreferred};

    let whole = |preferred| Offer::Whole { preferred };
    let chosen = |provider: CryptoProvider| {
        [WhenOffered, WhenPreferred].map(|preference| choose(provider.clone(), preference))
    };
    assert_eq!(chosen(provider()), [(whole(true), Profile::Shangmi); 2]);
    assert_eq!(chosen(offering_both(ring())), [(whole(true), Profile::Shangmi); 2]);
    let mut last = offering_both(ring());
    last.cipher_suites.rotate_left(2);
    let [offered, preferred] = chosen(last);
    assert_eq!(offered, (whole(false), Profile::Shangmi));
    assert_eq!(preferred, (whole(false), Profile::Ordinary));
    for partial in [without_group(), without_sm2_signatures()] {
        assert_eq!(chosen(partial), [(Offer::Partial, Profile::Ordinary); 2]);
    }
    assert_eq!(chosen(ring()), [(Offer::None, Profile::Ordinary); 2]);
    let sm2_keys = with_sm2_authentication(ring());
    assert_eq!(chosen(sm2_keys), [(Offer::None, Profile::Ordinary); 2]);
}

fn profile_with(server_provider: CryptoProvider, p256: bool) -> Result<Profile, ProfileError> {
    let identity = if p256 { &P256.server } else { &SM2.server };
    let client = client(offering_both(ring()), both_roots(), None);
    let pair = Pair::shaken(&client, &server(server_provider, identity)).unwrap();
    Profile::of(&pair.client)
}

#[test]
fn a_client_finds_out_what_a_server_mixed() {
    let ordinary = with_sm2_authentication(ring());
    let foreign_group =
        CryptoProvider { cipher_suites: provider().cipher_suites, ..ordinary.clone() };
    let found = profile_with(foreign_group, false);
    let Err(ProfileError::Mixed { suite, group }) = found else { panic!("{found:?}") };
    assert_eq!((suite, group == Some(CURVE_SM2)), (TLS_SM4_GCM_SM3, false));

    let foreign_suite = CryptoProvider { kx_groups: provider().kx_groups, ..ordinary.clone() };
    let found = profile_with(foreign_suite, true);
    let Err(ProfileError::Mixed { suite, group }) = found else { panic!("{found:?}") };
    assert_eq!((suite == TLS_SM4_GCM_SM3, group), (false, Some(CURVE_SM2)));

    let foreign_key = CryptoProvider {
        cipher_suites: provider().cipher_suites,
        kx_groups: provider().kx_groups,
        ..ordinary.clone()
    };
    assert_eq!(profile_with(foreign_key.clone(), true), Err(ProfileError::ForeignKey));
    assert_eq!(profile_with(foreign_key, false), Ok(Profile::Shangmi));
    // An SM2 certificate of a server under an ordinary suite is no mix: the scheme is
    // registered for TLS 1.3 as such.
    assert_eq!(profile_with(ordinary, false), Ok(Profile::Ordinary));
}

#[test]
fn there_is_no_profile_before_the_end_of_the_handshake() {
    let client = client(provider(), SM2.roots.clone(), None);
    let pair = Pair::new(&client, &server(provider(), &SM2.server));
    assert_eq!(Profile::of(&pair.client), Err(ProfileError::Unfinished));
    assert_eq!(Profile::of(&pair.server), Err(ProfileError::Unfinished));
}

#[test]
fn clients_of_rfc_8998_offer_nothing_else() {
    let provider = provider();
    let schemes: Vec<SignatureScheme> = provider
        .signature_verification_algorithms
        .mapping
        .iter()
        .map(|(scheme, _)| *scheme)
        .collect();
    assert_eq!(schemes, [SM2SIG_SM3]);
    assert_eq!(provider.kx_groups.len(), 1);
    // A certificate of another kind cannot even be configured.
    let identity = &P256.server;
    let loaded = provider.key_provider.load_private_key(identity.key());
    assert!(matches!(loaded, Err(Error::Other(_))), "{loaded:?}");
}
