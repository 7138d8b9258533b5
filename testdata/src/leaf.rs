//! What an authority issues: leaves, declared and issued.

use std::sync::Arc;

use crate::certificate::{AlternativeName, AuthorityKeyIdentifier, Constraints, KeyUsage};
use crate::error::TestdataError;
use crate::key::{Key, KeyAlgorithm};
use crate::moment::Validity;
use crate::name::{Attribute, Extension};
use crate::oid;
use crate::pem;
use crate::value::Value;

/// A leaf certificate, declared.
#[derive(Debug, Clone)]
pub struct LeafSpec {
    /// The subject, in order; a type may occur again.
    pub subject: Vec<Attribute>,
    /// From when until when.
    pub validity: Validity,
    /// The algorithm of the leaf's key, unless `key` gives the key.
    pub algorithm: KeyAlgorithm,
    /// The key to certify, to renew a certificate for the same key; otherwise one is generated.
    pub key: Option<Arc<Key>>,
    /// The serial, big-endian; otherwise sixteen random octets. Always written as positive.
    pub serial: Option<Vec<u8>>,
    /// Key usage; none leaves the extension out.
    pub key_usages: Vec<KeyUsage>,
    /// Extended key usage, dotted; none leaves the extension out.
    pub extended_key_usages: Vec<String>,
    /// Subject alternative names; none leaves the extension out.
    pub alternative_names: Vec<AlternativeName>,
    /// Where the list that covers this leaf can be fetched; none leaves the extension out.
    pub crl_urls: Vec<String>,
    /// Basic constraints, and with them the subject key identifier.
    pub constraints: Constraints,
    /// Whether the leaf points to its issuer's key.
    pub authority_key_identifier: AuthorityKeyIdentifier,
    /// Any further extensions.
    pub extensions: Vec<Extension>,
}

impl LeafSpec {
    /// A signing certificate with a P-256 key and client authentication, as a bidder holds one.
    pub fn signing(subject: Vec<Attribute>, validity: Validity) -> Self {
        Self {
            subject,
            validity,
            algorithm: KeyAlgorithm::EcdsaP256,
            key: None,
            serial: None,
            key_usages: vec![KeyUsage::DigitalSignature, KeyUsage::NonRepudiation],
            extended_key_usages: vec![oid::CLIENT_AUTH.to_owned()],
            alternative_names: Vec::new(),
            crl_urls: Vec::new(),
            constraints: Constraints::EndEntity,
            authority_key_identifier: AuthorityKeyIdentifier::Written,
            extensions: Vec::new(),
        }
    }

    /// The same leaf with a key of another algorithm.
    pub fn with_algorithm(self, algorithm: KeyAlgorithm) -> Self {
        Self { algorithm, ..self }
    }

    /// The same leaf for this key.
    pub fn with_key(self, key: Arc<Key>) -> Self {
        Self { algorithm: key.algorithm(), key: Some(key), ..self }
    }

    /// The same leaf with this serial.
    pub fn with_serial(self, serial: impl Into<Vec<u8>>) -> Self {
        Self { serial: Some(serial.into()), ..self }
    }

    /// The same leaf with one more extension.
    pub fn with_extension(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    /// The same leaf, valid at other times: see [`Validity::expired_at`] and
    /// [`Validity::not_yet_at`].
    pub fn valid(self, validity: Validity) -> Self {
        Self { validity, ..self }
    }

    /// The encryption certificate of a dual pair: its key may encrypt, never sign.
    pub fn encryption_only(self) -> Self {
        Self {
            key_usages: vec![
                KeyUsage::KeyEncipherment,
                KeyUsage::DataEncipherment,
                KeyUsage::KeyAgreement,
            ],
            extended_key_usages: Vec::new(),
            ..self
        }
    }

    /// A delegated OCSP responder: it signs responses, and whether it is revoked need not
    /// be asked (RFC 6960, 4.2.2.2).
    pub fn ocsp_responder(self) -> Self {
        let no_check = Extension::new(oid::OCSP_NO_CHECK, Value::Raw(vec![5, 0]));
        self.delegate().with_extension(no_check)
    }

    /// A delegated OCSP responder whose own status must be asked.
    pub fn delegate(self) -> Self {
        Self {
            key_usages: vec![KeyUsage::DigitalSignature],
            extended_key_usages: vec![oid::OCSP_SIGNING.to_owned()],
            ..self
        }
    }

    /// The same leaf, but for a server: a client may not use it.
    pub fn server_only(self) -> Self {
        Self { extended_key_usages: vec![oid::SERVER_AUTH.to_owned()], ..self }
    }
}

/// A leaf that was issued, with its key.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate_der: Vec<u8>,
    /// The certificates between it and the root: the issuing authority's first, the
    /// root's left out, so that an authority of one level leaves this empty.
    pub chain_der: Vec<Vec<u8>>,
    /// The certificate's serial, big-endian.
    pub serial: Vec<u8>,
    /// The key, which also signs.
    pub key: Arc<Key>,
}

impl Issued {
    /// The private key: PKCS#8, DER.
    pub fn key_pkcs8_der(&self) -> &[u8] {
        self.key.pkcs8_der()
    }

    /// The private key: PKCS#8, PEM.
    ///
    /// # Errors
    /// When PEM cannot be written.
    pub fn key_pem(&self) -> Result<String, TestdataError> {
        self.key.pkcs8_pem()
    }

    /// The certificate alone, PEM.
    ///
    /// # Errors
    /// When PEM cannot be written.
    pub fn certificate_pem(&self) -> Result<String, TestdataError> {
        pem::certificate(&self.certificate_der)
    }

    /// The chain alone, PEM; empty for an authority of one level.
    ///
    /// # Errors
    /// When PEM cannot be written.
    pub fn chain_pem(&self) -> Result<String, TestdataError> {
        pem::certificates(self.chain_der.iter().map(Vec::as_slice))
    }

    /// The certificate followed by its chain, PEM: what a TLS client is given.
    ///
    /// # Errors
    /// When PEM cannot be written.
    pub fn full_chain_pem(&self) -> Result<String, TestdataError> {
        Ok(self.certificate_pem()? + &self.chain_pem()?)
    }
}

/// The two certificates that a key device holds.
#[derive(Debug, Clone)]
pub struct DualCertificates {
    /// Signs; signs in.
    pub signing: Issued,
    /// Encrypts; must not sign in.
    pub encryption: Issued,
}
