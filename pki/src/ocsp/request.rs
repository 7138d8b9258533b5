//! The question to a responder (RFC 6960 4.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::certificate::Certificate;
use crate::der::reader::tag;
use crate::keys::Hash;
use crate::oid::Oid;

use super::certificate_id::{OcspCertificateId, element};

/// How long the nonces of requests are: as RFC 9654 2.1 has clients do.
pub(super) const NONCE_OCTETS: usize = 32;

/// A request for the status of one certificate, unsigned: responders that ask
/// for a signature are not known among the authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspRequest {
    der: Vec<u8>,
    id: OcspCertificateId,
    nonce: Option<[u8; NONCE_OCTETS]>,
}

impl OcspRequest {
    /// Asks about a certificate of this issuer. SHA-1 is what every responder
    /// understands as the id's hash (RFC 5019 2.1.1). The nonce, which must be
    /// random, binds the response to this request; responders that sign their
    /// responses ahead leave it out (RFC 5019 4).
    #[must_use]
    pub fn new(
        certificate: &Certificate,
        issuer: &Certificate,
        hash: Hash,
        nonce: Option<[u8; NONCE_OCTETS]>,
    ) -> Self {
        let id = OcspCertificateId::new(certificate, issuer, hash);
        let request = element(tag::SEQUENCE, &[&id.to_der()]);
        let list = element(tag::SEQUENCE, &[&request]);
        let extensions = nonce.map(|nonce| extensions(&nonce)).unwrap_or_default();
        let body = element(tag::SEQUENCE, &[&list, &extensions]);
        Self { der: element(tag::SEQUENCE, &[&body]), id, nonce }
    }

    /// The encoding: what is POSTed as `application/ocsp-request` (RFC 6960
    /// A.1).
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Which certificate it asks about.
    #[must_use]
    pub fn certificate_id(&self) -> &OcspCertificateId {
        &self.id
    }

    /// The nonce, to be compared with the response's.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_ref().map(|nonce| &nonce[..])
    }

    /// The address for GET (RFC 6960 A.1): the encoding in base64, escaped,
    /// below the responder's address. Meant for requests without a nonce, which
    /// caches between may answer.
    #[must_use]
    pub fn get_address(&self, responder: &str) -> String {
        let base = responder.trim_end_matches('/');
        let mut address = format!("{base}/");
        for character in STANDARD.encode(&self.der).chars() {
            match character {
                '+' => address.push_str("%2B"),
                '/' => address.push_str("%2F"),
                '=' => address.push_str("%3D"),
                plain => address.push(plain),
            }
        }
        address
    }
}

/// `[2] EXPLICIT` Extensions with the nonce alone, not critical (RFC 9654 2.1).
fn extensions(nonce: &[u8]) -> Vec<u8> {
    let value = element(tag::OCTET_STRING, &[nonce]);
    let fields =
        [element(tag::OID, &[Oid::OCSP_NONCE.as_bytes()]), element(tag::OCTET_STRING, &[&value])];
    let extension = element(tag::SEQUENCE, &[&fields.concat()]);
    let list = element(tag::SEQUENCE, &[&extension]);
    element(tag::CONTEXT | tag::CONSTRUCTED | 2, &[&list])
}
