//! TLS with SM2 keys: RFC 8998, and ordinary suites with SM2 client certificates.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{CipherSuite, Error, HandshakeKind, SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::CertificateDer;
use serde_json::json;
use tongxing_gateway::{ServerCertificateKind, TlsError, check_server_certificate};
use tongxing_gm_tls::{
    CURVE_SM2, SM2SIG_SM3, TLS_SM4_CCM_SM3, TLS_SM4_GCM_SM3, offering_both, provider,
    with_sm2_authentication,
};
use tongxing_testdata::{Issued, Key, KeyAlgorithm, Profile, Validity, sm2_server_certificate};

use crate::client::{Answer, Connection, Identity, TLS12, TLS13, Version, config_of};
use crate::world::{PARTY, World};

fn ring() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// RFC 8998 with one suite only.
fn with_suite(suite: CipherSuite) -> CryptoProvider {
    let mut provider = provider();
    provider.cipher_suites.retain(|supported| supported.suite() == suite);
    provider
}

/// A connection that trusts both of the server's certificates.
async fn connect(
    world: &World,
    provider: CryptoProvider,
    versions: &[Version],
    identity: &Arc<Identity>,
    port: u16,
) -> std::io::Result<Connection> {
    let roots = [&world.server.authority_der[..], &world.sm2_server.authority_der];
    let config = config_of(provider, &roots, versions, Arc::clone(identity));
    Connection::open(config, "localhost", port).await
}

async fn sign_in(
    world: &World,
    provider: CryptoProvider,
    version: Version,
    identity: Identity,
) -> (Connection, Answer) {
    let (identity, port) = (Arc::new(identity), world.certificate_port());
    let opened = connect(world, provider, &[version], &identity, port).await;
    let mut connection = opened.unwrap();
    let answer = connection.post("/v1/tokens", &json!({ "audience": PARTY })).await;
    (connection, answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_company_signs_in_under_either_side() {
    let world = World::new().await;
    let with_p256 = world.enrol(Profile::B).await.issue();
    let subject = world.claims(&world.sign_in(&with_p256, TLS13).await).await["sub"].clone();
    let issued = world.enrol(Profile::D).await.issue();
    for suite in [TLS_SM4_GCM_SM3, TLS_SM4_CCM_SM3] {
        let (connection, answer) =
            sign_in(&world, with_suite(suite), TLS13, Identity::of(&issued)).await;
        assert_eq!(connection.agreed, (suite, CURVE_SM2));
        let claims = world.claims(&answer).await;
        assert_eq!((&claims["sub"], &claims["authority"]), (&subject, &json!("ca-d")));
    }
    let ordinary = with_sm2_authentication(ring());
    let (connection, answer) = sign_in(&world, ordinary, TLS13, Identity::of(&issued)).await;
    assert_ne!(connection.agreed.1, CURVE_SM2);
    assert_eq!(world.claims(&answer).await["sub"], subject);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_offers_both_gets_rfc_8998_and_is_asked_for_sm2_alone() {
    let world = World::new().await;
    let with_p256 = world.enrol(Profile::B).await.issue();
    let mut last = offering_both(ring());
    last.cipher_suites.rotate_left(2);
    last.kx_groups.rotate_left(1);
    let (identity, port) = (Arc::new(Identity::of(&with_p256)), world.certificate_port());
    let opened = connect(&world, last, &[TLS13], &identity, port).await;
    let mut connection = opened.unwrap();
    assert_eq!(connection.agreed, (TLS_SM4_GCM_SM3, CURVE_SM2));
    assert_eq!(connection.handshake, Some(HandshakeKind::FullWithHelloRetryRequest));
    let answer = connection.post("/v1/tokens", &json!({ "audience": PARTY })).await;
    assert_eq!(answer.code(), "certificate.missing");
    assert_eq!(*identity.schemes.lock().unwrap(), [SM2SIG_SM3]);
    // The CAs of all keys are told, on either side.
    assert_eq!(identity.hints.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_must_be_preferred_others_keep_their_keys() {
    let preferred = ("# sm2_when = \"offered\"", "sm2_when = \"preferred\"");
    let world = World::with_settings(&[preferred, preferred]).await;
    let with_p256 = world.enrol(Profile::B).await.issue();
    let mut last = offering_both(ring());
    last.cipher_suites.rotate_left(2);
    let (connection, answer) = sign_in(&world, last, TLS13, Identity::of(&with_p256)).await;
    assert_ne!(connection.agreed.0, TLS_SM4_GCM_SM3);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let first = offering_both(ring());
    let (connection, _) = sign_in(&world, first, TLS13, Identity::default()).await;
    assert_eq!(connection.agreed, (TLS_SM4_GCM_SM3, CURVE_SM2));
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_offer_is_answered_by_the_other_side() {
    let world = World::new().await;
    let without_group = CryptoProvider { kx_groups: ring().kx_groups, ..offering_both(ring()) };
    let schemes = ring().signature_verification_algorithms;
    let without_scheme =
        CryptoProvider { signature_verification_algorithms: schemes, ..offering_both(ring()) };
    for half in [without_group, without_scheme] {
        for port in [world.certificate_port(), world.public_port()] {
            let identity = Arc::default();
            let opened = connect(&world, half.clone(), &[TLS13], &identity, port).await;
            assert_ne!(opened.unwrap().agreed.1, CURVE_SM2);
        }
    }
    let nothing_else = CryptoProvider { kx_groups: ring().kx_groups, ..provider() };
    let identity = Arc::default();
    let port = world.certificate_port();
    assert!(connect(&world, nothing_else, &[TLS13], &identity, port).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_listener_does_both_too() {
    let world = World::new().await;
    for (provider, group) in [(provider(), true), (ring(), false)] {
        let (identity, port) = (Arc::default(), world.public_port());
        let opened = connect(&world, provider, &[TLS13], &identity, port).await;
        let mut connection = opened.unwrap();
        assert_eq!(connection.agreed.1 == CURVE_SM2, group);
        assert_eq!(connection.get("/.well-known/jwks.json").await.status, 200);
        assert!(identity.schemes.lock().unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_resumed_under_rfc_8998() {
    let world = World::new().await;
    let issued = world.enrol(Profile::D).await.issue();
    let roots = [&world.sm2_server.authority_der[..]];
    let config = config_of(provider(), &roots, &[TLS13], Arc::new(Identity::of(&issued)));
    for _ in 0..2 {
        let port = world.certificate_port();
        let opened = Connection::open(Arc::clone(&config), "localhost", port).await;
        let mut connection = opened.unwrap();
        let body = json!({ "audience": PARTY });
        assert_eq!(connection.post("/v1/tokens", &body).await.status, 200);
        assert_eq!(connection.handshake, Some(HandshakeKind::Full));
    }
}

/// RFC 8998 section 3.1.
#[tokio::test(flavor = "multi_thread")]
async fn tls_1_2_carries_no_sm2_certificate() {
    let world = World::new().await;
    let issued = world.enrol(Profile::D).await.issue();
    let both = with_sm2_authentication(ring());
    let (_, answer) = sign_in(&world, both, TLS12, Identity::of(&issued)).await;
    assert_eq!(answer.code(), "certificate.missing");
}

/// Signs handshakes with an SM2 key under the identifier of certificates.
#[derive(Debug)]
struct OtherId(Arc<Key>);

impl SigningKey for OtherId {
    fn choose_scheme(&self, _offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self(Arc::clone(&self.0))))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Unknown(0xfe)
    }
}

impl Signer for OtherId {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.sign(message).unwrap())
    }

    fn scheme(&self) -> SignatureScheme {
        SM2SIG_SM3
    }
}

/// Whether the handshake fails, or the first request after it.
async fn refused(world: &World, provider: CryptoProvider, identity: Identity) -> bool {
    let (identity, port) = (Arc::new(identity), world.certificate_port());
    match connect(world, provider, &[TLS13], &identity, port).await {
        Err(_) => true,
        Ok(mut connection) => connection.send("GET", "/", &[], "").await.is_err(),
    }
}

fn chain(issued: &Issued) -> Vec<CertificateDer<'static>> {
    vec![CertificateDer::from(issued.certificate_der.clone())]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_proves_no_possession_fails_the_handshake() {
    let world = World::new().await;
    let enrolled = world.enrol(Profile::D).await;
    let (victim, thief) = (enrolled.issue(), enrolled.issue());
    for provider in [provider(), with_sm2_authentication(ring())] {
        let own = Identity::of(&thief);
        assert!(!refused(&world, provider.clone(), own).await);
        let stolen = Identity::showing(chain(&victim), &thief);
        assert!(refused(&world, provider.clone(), stolen).await);
        let other = OtherId(Arc::clone(&thief.key));
        let other = Identity::with(CertifiedKey::new(chain(&thief), Arc::new(other)));
        assert!(refused(&world, provider, other).await);
    }
}

#[test]
fn a_server_shows_no_certificate_that_rfc_8998_forbids() {
    let folder = tempfile::tempdir().unwrap();
    let check = |certificate: &str, key: &str| {
        let (chain_file, key_file) = (folder.path().join("chain"), folder.path().join("key"));
        std::fs::write(&chain_file, certificate).unwrap();
        std::fs::write(&key_file, key).unwrap();
        check_server_certificate(ServerCertificateKind::Sm2, &chain_file, &key_file)
    };
    let now = 1_780_000_000;
    let server = sm2_server_certificate(&["localhost"], Validity::year_from(now)).unwrap();
    let key = server.key.pkcs8_pem().unwrap();
    assert!(check(&server.certificate_pem().unwrap(), &key).is_ok());
    assert!(matches!(check(&key, &key), Err(TlsError::NoCertificate { .. })));

    let authority = |profile: Profile| {
        let spec = profile.authority(Validity::decade_around(now));
        tongxing_testdata::TestAuthority::generate(&spec).unwrap()
    };
    let leaf = || {
        let company = tongxing_testdata::Company::numbered(0);
        let person = tongxing_testdata::Person::numbered(0);
        Profile::D.leaf(&company, &person, Validity::year_from(now))
    };
    let pem = |issued: &Issued| (issued.certificate_pem().unwrap(), issued.key_pem().unwrap());
    // Section 3.3.3: issued with SM2, and able to sign.
    let sm2 = leaf().with_algorithm(KeyAlgorithm::Sm2);
    let (certificate, key) = pem(&authority(Profile::B).issue(&sm2).unwrap());
    let fault = check(&certificate, &key).unwrap_err().to_string();
    assert!(fault.contains("did not sign it with SM2"), "{fault}");
    let encrypting = sm2.encryption_only();
    let (certificate, key) = pem(&authority(Profile::D).issue(&encrypting).unwrap());
    let fault = check(&certificate, &key).unwrap_err().to_string();
    assert!(fault.contains("lacks digitalSignature"), "{fault}");
    // An SM2 key that is another's, and a key of another kind.
    let other = sm2_server_certificate(&["localhost"], Validity::year_from(now)).unwrap();
    let other = other.key.pkcs8_pem().unwrap();
    let mixed = check(&server.certificate_pem().unwrap(), &other);
    assert!(matches!(mixed, Err(TlsError::Key { .. })));
    let p256 = leaf().with_algorithm(KeyAlgorithm::EcdsaP256);
    let (certificate, key) = pem(&authority(Profile::D).issue(&p256).unwrap());
    assert!(matches!(check(&certificate, &key), Err(TlsError::Key { .. })));
}
