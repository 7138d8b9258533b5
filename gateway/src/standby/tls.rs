//! TLS between the two: 1.3 alone, raw public keys (RFC 7250), both pinned.

use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring as provider};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureScheme,
};
use rustls_pki_types::{
    CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime,
};

use super::fingerprint::Fingerprint;
use super::invitation::Invitations;
use super::pairing::Pairing;
use crate::keys::KeyError;

/// Raw keys are bound to no name; rustls wants one nevertheless.
pub(super) const SERVER_NAME: &str = "tongxing.invalid";

/// A gateway's own key for the connection.
#[derive(Clone)]
pub(super) struct Identity {
    pkcs8: Arc<[u8]>,
    key: Arc<CertifiedKey>,
    fingerprint: Fingerprint,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Identity").field(&self.fingerprint).finish()
    }
}

impl Identity {
    /// Makes an Ed25519 key, in memory only.
    pub(super) fn generate() -> Result<Self, KeyError> {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        Self::from_pkcs8(made.map_err(|_| KeyError::Generation)?.as_ref().into())
    }

    pub(super) fn from_pkcs8(pkcs8: Arc<[u8]>) -> Result<Self, KeyError> {
        let der = PrivatePkcs8KeyDer::from(pkcs8.to_vec());
        let signing = provider::sign::any_eddsa_type(&der).map_err(|_| KeyError::Generation)?;
        let spki = signing.public_key().ok_or(KeyError::Generation)?.as_ref().to_vec();
        let fingerprint = Fingerprint::of(&spki);
        let key = Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki)], signing));
        Ok(Self { pkcs8, key, fingerprint })
    }

    pub(super) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The end that connects, to exactly that key.
    pub(super) fn client(&self, expected: Fingerprint) -> Result<ClientConfig, Error> {
        let verifier = Pinned { accepts: Accepts::One(expected), algorithms: algorithms() };
        let resolver = AlwaysResolvesClientRawPublicKeys::new(Arc::clone(&self.key));
        Ok(ClientConfig::builder_with_provider(crypto())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(resolver)))
    }

    /// The end that listens, for the peer, or for anybody while an invitation is open.
    pub(super) fn server(
        &self,
        pairing: &Arc<Pairing>,
        invitations: &Arc<Invitations>,
    ) -> Result<ServerConfig, Error> {
        let accepts = Accepts::Peer(Arc::clone(pairing), Arc::clone(invitations));
        let resolver = AlwaysResolvesServerRawPublicKeys::new(Arc::clone(&self.key));
        let mut config = ServerConfig::builder_with_provider(crypto())
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_client_cert_verifier(Arc::new(Pinned { accepts, algorithms: algorithms() }))
            .with_cert_resolver(Arc::new(resolver));
        // A connection that is resumed would skip the pin.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(config)
    }
}

fn crypto() -> Arc<CryptoProvider> {
    Arc::new(provider::default_provider())
}

fn algorithms() -> WebPkiSupportedAlgorithms {
    provider::default_provider().signature_verification_algorithms
}

/// Whose key is accepted.
#[derive(Debug)]
enum Accepts {
    One(Fingerprint),
    Peer(Arc<Pairing>, Arc<Invitations>),
}

#[derive(Debug)]
struct Pinned {
    accepts: Accepts,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pinned {
    fn check(&self, spki: &CertificateDer<'_>) -> Result<(), Error> {
        let shown = Fingerprint::of(spki);
        let accepted = match &self.accepts {
            Accepts::One(expected) => *expected == shown,
            Accepts::Peer(pairing, invitations) => {
                pairing.peer().is_some_and(|peer| peer.key == shown) || invitations.is_open()
            }
        };
        if accepted { Ok(()) } else { Err(CertificateError::ApplicationVerificationFailure.into()) }
    }

    fn verify(
        &self,
        message: &[u8],
        spki: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let spki = SubjectPublicKeyInfoDer::from(spki.as_ref());
        let algorithms = &self.algorithms;
        rustls::crypto::verify_tls13_signature_with_raw_key(message, &spki, signature, algorithms)
    }
}

/// Neither end offers TLS 1.2.
fn no_tls12() -> Error {
    Error::General("TLS 1.2 between primary and standby".to_owned())
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.check(end_entity).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.check(end_entity).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
