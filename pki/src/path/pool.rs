//! Certificates that can be found by what a path builder knows of an issuer.

use std::collections::HashMap;

use crate::name::NameKey;
use crate::{Certificate, Name, SerialNumber};

/// A set of certificates, indexed by subject, by subject key identifier, by
/// serial number and by public key. Looking up costs the same whatever the size.
#[derive(Clone, Debug, Default)]
pub struct CertificatePool {
    certificates: Vec<Certificate>,
    by_hash: HashMap<[u8; 32], usize>,
    by_subject: HashMap<NameKey, Vec<usize>>,
    by_key_identifier: HashMap<Box<[u8]>, Vec<usize>>,
    by_public_key: HashMap<[u8; 32], Vec<usize>>,
    by_serial: HashMap<SerialNumber, Vec<usize>>,
}

impl CertificatePool {
    /// An empty pool.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a certificate; one that is already there is not added again.
    pub fn insert(&mut self, certificate: Certificate) {
        let place = self.certificates.len();
        if *self.by_hash.entry(*certificate.sha256()).or_insert(place) != place {
            return;
        }
        let subject = certificate.subject().key().clone();
        self.by_subject.entry(subject).or_default().push(place);
        if let Some(identifier) = certificate.subject_key_identifier() {
            let identifier = identifier.into();
            self.by_key_identifier.entry(identifier).or_default().push(place);
        }
        self.by_serial.entry(certificate.serial().clone()).or_default().push(place);
        let public_key = *certificate.spki_sha256();
        self.by_public_key.entry(public_key).or_default().push(place);
        self.certificates.push(certificate);
    }

    /// How many certificates there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.certificates.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certificates.is_empty()
    }

    /// All certificates in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter()
    }

    /// Whether this very certificate is in the pool.
    #[must_use]
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.by_hash.contains_key(certificate.sha256())
    }

    /// The certificates with a subject that matches by RFC 5280 7.1.
    pub fn by_subject(&self, subject: &Name) -> impl Iterator<Item = &Certificate> {
        self.at(self.by_subject.get(subject.key()))
    }

    /// The certificates with this subject key identifier.
    pub fn by_key_identifier(&self, identifier: &[u8]) -> impl Iterator<Item = &Certificate> {
        self.at(self.by_key_identifier.get(identifier))
    }

    /// The certificates that may stand above one, by names alone: its issuers first, then
    /// theirs; at most so many.
    #[must_use]
    pub fn above<'p>(&'p self, certificate: &'p Certificate, most: usize) -> Vec<&'p Certificate> {
        let mut above: Vec<&Certificate> = Vec::new();
        let (mut below, mut next) = (certificate, 0);
        loop {
            for issuer in self.by_subject(below.issuer()) {
                if above.len() < most && issuer != certificate && !above.contains(&issuer) {
                    above.push(issuer);
                }
            }
            match above.get(next) {
                Some(issuer) => below = issuer,
                None => return above,
            }
            next += 1;
        }
    }

    /// The certificate with this issuer and serial number; several where an authority
    /// numbered two alike.
    pub fn by_issuer_and_serial<'p>(
        &'p self,
        issuer: &'p Name,
        serial: &'p SerialNumber,
    ) -> impl Iterator<Item = &'p Certificate> {
        let numbered = self.at(self.by_serial.get(serial));
        numbered.filter(move |certificate| certificate.issuer().matches(issuer))
    }

    /// The certificates for the key with this SHA-256 of its
    /// SubjectPublicKeyInfo.
    pub fn by_public_key(&self, spki_sha256: &[u8; 32]) -> impl Iterator<Item = &Certificate> {
        self.at(self.by_public_key.get(spki_sha256))
    }

    fn at<'p>(&'p self, places: Option<&'p Vec<usize>>) -> impl Iterator<Item = &'p Certificate> {
        places.into_iter().flatten().map(|&place| &self.certificates[place])
    }
}

impl Extend<Certificate> for CertificatePool {
    fn extend<I: IntoIterator<Item = Certificate>>(&mut self, certificates: I) {
        for certificate in certificates {
            self.insert(certificate);
        }
    }
}

impl FromIterator<Certificate> for CertificatePool {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        let mut pool = Self::new();
        pool.extend(certificates);
        pool
    }
}
