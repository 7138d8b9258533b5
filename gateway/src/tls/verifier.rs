//! The verifier of client certificates: possession only, never trust.

use std::sync::OnceLock;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerMisbehaved,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, UnixTime};
use tongxing_gm_tls::SM2SIG_SM3;
use tongxing_pki::{Certificate, SignatureScheme as Scheme};
use tongxing_trust_store::MAX_CHAIN;

use super::Hints;
use crate::raw_signature::{self, RawFault};

/// What a client showed, its key proven by the time the handshake is over.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The leaf, then whatever else could be parsed, in the order shown.
    pub(crate) chain: Vec<Certificate>,
    /// Others that are malformed or too many; they are ignored.
    pub(crate) ignored: usize,
}

/// The verifier of one connection.
#[derive(Debug)]
pub(crate) struct PossessionVerifier {
    hints: Hints,
    schemes: &'static [SignatureScheme],
    shown: OnceLock<Shown>,
}

impl PossessionVerifier {
    pub(super) fn new(hints: Hints, schemes: &'static [SignatureScheme]) -> Self {
        Self { hints, schemes, shown: OnceLock::new() }
    }

    /// What the client showed. To be asked after the handshake: before its end
    /// nothing is proven.
    pub(crate) fn shown_after_handshake(&self) -> Option<&Shown> {
        self.shown.get()
    }

    fn verify(
        &self,
        scheme: impl FnOnce(&Certificate) -> Option<Scheme>,
        message: &[u8],
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // rustls hands over the certificate before it asks for the signature.
        let shown = self.shown.get();
        let leaf = shown.and_then(|shown| shown.chain.first());
        let leaf = leaf.ok_or(Error::NoCertificatesPresented)?;
        // rustls does not hold a client to what it was offered.
        let offered = self.schemes.contains(&signature.scheme);
        let scheme = offered.then(|| scheme(leaf)).flatten().ok_or_else(foreign_scheme)?;
        match raw_signature::verify(leaf, scheme, message, signature.signature()) {
            Ok(()) => Ok(HandshakeSignatureValid::assertion()),
            Err(RawFault::Algorithm(problem)) => {
                tracing::info!(%problem, "a client key cannot prove possession: handshake refused");
                Err(foreign_scheme())
            }
            Err(RawFault::Invalid) => {
                Err(Error::InvalidCertificate(CertificateError::BadSignature))
            }
        }
    }
}

fn foreign_scheme() -> Error {
    PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into()
}

impl ClientCertVerifier for PossessionVerifier {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.hints.names()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let leaf = Certificate::parse(end_entity).map_err(|fault| {
            tracing::warn!(%fault, "a client certificate is malformed: handshake refused");
            Error::InvalidCertificate(CertificateError::BadEncoding)
        })?;
        let mut chain = vec![leaf];
        let others = intermediates.iter().take(MAX_CHAIN - 1);
        chain.extend(others.filter_map(|der| Certificate::parse(der).ok()));
        let ignored = intermediates.len() + 1 - chain.len();
        // A second certificate message is not part of any handshake we take.
        let _ = self.shown.set(Shown { chain, ignored });
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        _cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(|leaf| tls12_scheme(signature.scheme, leaf), message, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        _cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(|_| tls13_scheme(signature.scheme), message, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.schemes.to_vec()
    }
}

/// What clients of RFC 8998 may sign with (section 3.3.2).
pub(super) const RFC_8998_SCHEMES: &[SignatureScheme] = &[SM2SIG_SM3];

/// What all others may sign with, preferred first. No SHA-1 (RFC 9155).
pub(super) const ORDINARY_SCHEMES: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ED25519,
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SM2SIG_SM3,
];

/// RFC 5246 7.4.1.4.1 and RFC 8422 5.1.3: the hash is named, the curve is the key's.
fn tls12_scheme(scheme: SignatureScheme, leaf: &Certificate) -> Option<Scheme> {
    Some(match scheme {
        SignatureScheme::RSA_PKCS1_SHA256 => Scheme::RsaPkcs1Sha256,
        SignatureScheme::RSA_PKCS1_SHA384 => Scheme::RsaPkcs1Sha384,
        SignatureScheme::RSA_PKCS1_SHA512 => Scheme::RsaPkcs1Sha512,
        SignatureScheme::ECDSA_NISTP256_SHA256 => raw_signature::ecdsa_sha256(leaf),
        SignatureScheme::ECDSA_NISTP384_SHA384 => raw_signature::ecdsa_sha384(leaf),
        // No version before 1.3 has a name for it (RFC 8998 section 3.1).
        SM2SIG_SM3 => return None,
        other => return tls13_scheme(other),
    })
}

/// RFC 8446 4.2.3: an ECDSA scheme names the curve too, and RSASSA-PKCS1-v1_5 is
/// not for handshakes.
fn tls13_scheme(scheme: SignatureScheme) -> Option<Scheme> {
    Some(match scheme {
        SignatureScheme::ECDSA_NISTP256_SHA256 => Scheme::EcdsaP256Sha256,
        SignatureScheme::ECDSA_NISTP384_SHA384 => Scheme::EcdsaP384Sha384,
        SignatureScheme::ED25519 => Scheme::Ed25519,
        SignatureScheme::RSA_PSS_SHA256 => Scheme::RsaPssSha256,
        SignatureScheme::RSA_PSS_SHA384 => Scheme::RsaPssSha384,
        SignatureScheme::RSA_PSS_SHA512 => Scheme::RsaPssSha512,
        SM2SIG_SM3 => Scheme::Sm2Sm3,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls13_takes_no_pkcs1() {
        assert_eq!(tls13_scheme(SignatureScheme::RSA_PKCS1_SHA256), None);
        assert_eq!(tls13_scheme(SignatureScheme::RSA_PKCS1_SHA1), None);
    }

    #[test]
    fn every_scheme_that_tls13_offers_is_understood() {
        for scheme in ORDINARY_SCHEMES.iter().chain(RFC_8998_SCHEMES) {
            let pkcs1 = format!("{scheme:?}").contains("PKCS1");
            assert_eq!(tls13_scheme(*scheme).is_none(), pkcs1, "{scheme:?}");
        }
    }
}
