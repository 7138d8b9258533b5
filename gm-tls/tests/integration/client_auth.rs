//! Who may show a certificate, and signatures that prove nothing.

use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, Error, ServerConfig, SignatureAlgorithm,
    SignatureScheme,
};
use sm2::dsa::signature::Signer as _;
use sm2::elliptic_curve::pkcs8::DecodePrivateKey;
use tongxing_gm_tls::{
    CERTIFICATE_ID, HANDSHAKE_ID, Profile, SM2SIG_SM3, provider, with_sm2_authentication,
};

use crate::pki::{Identity, P256, SM2, both_roots};
use crate::wire::{Pair, asking_server, client, ring, server, server_builder};

#[test]
fn sm2_keys_authenticate_under_ordinary_suites() {
    let both = || with_sm2_authentication(ring());
    let server = asking_server(both(), &P256.server, both_roots());
    for identity in [&SM2.client, &P256.client] {
        let client = client(both(), P256.roots.clone(), Some(identity));
        let mut pair = Pair::shaken(&client, &server).unwrap();
        assert_eq!(pair.server.peer_certificates(), Some(&identity.chain[..]));
        assert_eq!(Profile::of(&pair.server), Ok(Profile::Ordinary));
        pair.exchange(b"hello");
    }
}

#[test]
fn a_server_that_does_not_name_the_scheme_is_shown_nothing() {
    let server = asking_server(ring(), &P256.server, both_roots());
    let client = client(with_sm2_authentication(ring()), P256.roots.clone(), Some(&SM2.client));
    let pair = Pair::shaken(&client, &server).unwrap();
    assert_eq!(pair.server.peer_certificates(), None);
}

/// RFC 8998 section 3.3.2: sm2sig_sm3 alone is asked for.
#[test]
fn other_keys_show_nothing_under_rfc_8998() {
    let server = asking_server(provider(), &SM2.server, both_roots());
    let both = tongxing_gm_tls::offering_both(ring());
    let client = client(both, SM2.roots.clone(), Some(&P256.client));
    let pair = Pair::shaken(&client, &server).unwrap();
    assert_eq!(Profile::of(&pair.server), Ok(Profile::Shangmi));
    assert_eq!(pair.server.peer_certificates(), None);
}

/// TLS 1.2 has no scheme for SM2 (RFC 8998 section 3.1).
#[test]
fn tls_1_2_carries_no_sm2_certificate() {
    let versions = &[&rustls::version::TLS12];
    let both = Arc::new(with_sm2_authentication(ring()));
    let verifier = WebPkiClientVerifier::builder_with_provider(both_roots(), Arc::clone(&both))
        .build()
        .unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&both))
        .with_protocol_versions(versions)
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(P256.server.chain.clone(), P256.server.key())
        .unwrap();
    let client = ClientConfig::builder_with_provider(both)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(P256.roots.clone())
        .with_client_auth_cert(SM2.client.chain.clone(), SM2.client.key())
        .unwrap();
    let failure = Pair::shaken(&Arc::new(client), &Arc::new(server)).err().unwrap();
    assert_eq!(failure.server, Some(Error::NoCertificatesPresented));
}

/// A key that signs handshakes under an identifier of its own.
#[derive(Debug)]
struct OtherId {
    id: &'static str,
    key: Arc<dyn SigningKey>,
    secret: sm2::SecretKey,
}

impl SigningKey for OtherId {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let key = sm2::dsa::SigningKey::new(self.id, &self.secret).unwrap();
        offered.contains(&SM2SIG_SM3).then(|| Box::new(OtherIdSigner(key)) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }
}

#[derive(Debug)]
struct OtherIdSigner(sm2::dsa::SigningKey);

impl Signer for OtherIdSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: sm2::dsa::Signature = self.0.sign(message);
        Ok(signature.to_der().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SM2SIG_SM3
    }
}

fn signing_as(id: &'static str, identity: &Identity) -> Arc<SingleCertAndKey> {
    let secret = sm2::SecretKey::from_pkcs8_der(identity.key().secret_der()).unwrap();
    let key = tongxing_gm_tls::load_sm2_key(&identity.key()).unwrap();
    let key = OtherId { id, key, secret };
    Arc::new(SingleCertAndKey::from(CertifiedKey::new(identity.chain.clone(), Arc::new(key))))
}

const BAD_SIGNATURE: Option<Error> =
    Some(Error::InvalidCertificate(CertificateError::BadSignature));

#[test]
fn a_server_with_another_identifier_is_refused() {
    let client = client(provider(), SM2.roots.clone(), None);
    let server = |id| {
        let resolver = signing_as(id, &SM2.server);
        let config = server_builder(provider()).with_no_client_auth().with_cert_resolver(resolver);
        Arc::new(config)
    };
    assert!(Pair::shaken(&client, &server(HANDSHAKE_ID)).is_ok());
    for id in [CERTIFICATE_ID, "", "TLSv1.3+GM+Cipher+Suite "] {
        let failure = Pair::shaken(&client, &server(id)).err().unwrap();
        assert_eq!(failure.client, BAD_SIGNATURE, "{id}");
        let alert = Error::AlertReceived(AlertDescription::DecryptError);
        assert_eq!(failure.server, Some(alert), "{id}");
    }
}

#[test]
fn a_client_with_another_identifier_is_refused() {
    let both = with_sm2_authentication(ring());
    let under_rfc_8998 = asking_server(provider(), &SM2.server, SM2.roots.clone());
    let under_others = asking_server(both.clone(), &P256.server, both_roots());
    for (provider, server) in [(provider(), under_rfc_8998), (both, under_others)] {
        let client = |id| {
            let config = client(provider.clone(), both_roots(), None);
            let mut config = ClientConfig::clone(&config);
            config.client_auth_cert_resolver = signing_as(id, &SM2.client);
            Arc::new(config)
        };
        assert!(Pair::shaken(&client(HANDSHAKE_ID), &server).is_ok());
        for id in [CERTIFICATE_ID, "", "TLSv1.3+GM+Cipher+Suit"] {
            let failure = Pair::shaken(&client(id), &server).err().unwrap();
            assert_eq!(failure.server, BAD_SIGNATURE, "{id}");
        }
    }
}

#[test]
fn a_chain_under_an_unknown_root_is_refused() {
    let server = server(provider(), &SM2.server);
    let client = client(provider(), P256.roots.clone(), None);
    let failure = Pair::shaken(&client, &server).err().unwrap();
    let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
    assert_eq!(failure.client, Some(unknown));
}
