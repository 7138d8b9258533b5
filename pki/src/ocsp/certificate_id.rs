//! CertID (RFC 6960 4.1.1): a certificate, named by its issuer and serial.

use crate::certificate::{Certificate, SerialNumber};
use crate::der::reader::{Element, push_length, tag};
use crate::keys::{AlgorithmIdentifier, Hash};
use crate::oid::Oid;

/// Which certificate is asked about: hashes of its issuer's name and key, and
/// its serial number. The hash is an identifier, not a proof, so that SHA-1 is
/// as good as any other here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspCertificateId {
    algorithm: Oid,
    name_hash: Box<[u8]>,
    key_hash: Box<[u8]>,
    serial: SerialNumber,
}

impl OcspCertificateId {
    /// The id of a certificate of this issuer.
    #[must_use]
    pub fn new(certificate: &Certificate, issuer: &Certificate, hash: Hash) -> Self {
        let name = hash.digest(certificate.issuer().der());
        let key = hash.digest(issuer.public_key().key_octets());
        Self {
            algorithm: hash.oid(),
            name_hash: name.as_ref().into(),
            key_hash: key.as_ref().into(),
            serial: certificate.serial().clone(),
        }
    }

    /// Takes apart an id that has passed the walk.
    pub(super) fn from_walked(id: Element<'_>) -> Option<Self> {
        let mut fields = id.children();
        let algorithm = AlgorithmIdentifier::from_walked(fields.next()?).algorithm;
        Some(Self {
            algorithm,
            name_hash: fields.next()?.content.into(),
            key_hash: fields.next()?.content.into(),
            serial: SerialNumber::from_bytes(fields.next()?.content)?,
        })
    }

    /// Whether it names this certificate of this issuer. An id made with a hash
    /// that this crate does not know names nothing.
    #[must_use]
    pub fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.serial == *certificate.serial()
            && Hash::from_oid(&self.algorithm)
                .is_some_and(|hash| *self == Self::new(certificate, issuer, hash))
    }

    /// The serial number; without the issuer it says nothing.
    #[must_use]
    pub fn serial(&self) -> &SerialNumber {
        &self.serial
    }

    /// The hash function, where this crate knows it.
    #[must_use]
    pub fn hash(&self) -> Option<Hash> {
        Hash::from_oid(&self.algorithm)
    }

    /// Writes it into a request.
    pub(super) fn to_der(&self) -> Vec<u8> {
        let algorithm = [element(tag::OID, &[self.algorithm.as_bytes()]), vec![tag::NULL, 0]];
        let fields = [
            element(tag::SEQUENCE, &[&algorithm.concat()]),
            element(tag::OCTET_STRING, &[&self.name_hash]),
            element(tag::OCTET_STRING, &[&self.key_hash]),
            element(tag::INTEGER, &[self.serial.bytes()]),
        ];
        element(tag::SEQUENCE, &[&fields.concat()])
    }
}

/// One element with these contents, one after another.
pub(super) fn element(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let mut octets = vec![tag];
    push_length(&mut octets, contents.iter().map(|content| content.len()).sum());
    for content in contents {
        octets.extend_from_slice(content);
    }
    octets
}
