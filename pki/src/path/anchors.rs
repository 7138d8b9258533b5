//! The keys that paths may end at.

use crate::{Certificate, Name};

use super::pool::CertificatePool;

/// Enrolled anchors. An anchor is a key, identified by the SHA-256 of its
/// SubjectPublicKeyInfo; the certificates it was enrolled with say under which
/// names and constraints it issues. One key may have several.
///
/// Any certificate can be an anchor, a subordinate authority's too: no root is
/// needed above it.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    pool: CertificatePool,
}

impl Anchors {
    /// No anchors: nothing validates.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Enrols the key of a certificate under its subject.
    pub fn insert(&mut self, certificate: Certificate) {
        self.pool.insert(certificate);
    }

    /// How many certificates were enrolled.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pool.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pool.is_empty()
    }

    /// All enrolled certificates.
    pub fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.pool.iter()
    }

    /// Whether this key (the SHA-256 of its SubjectPublicKeyInfo) is an
    /// anchor's, under whatever name.
    #[must_use]
    pub fn has_key(&self, spki_sha256: &[u8; 32]) -> bool {
        self.by_key(spki_sha256).next().is_some()
    }

    /// The certificates with which this key was enrolled.
    pub fn by_key(&self, spki_sha256: &[u8; 32]) -> impl Iterator<Item = &Certificate> {
        self.pool.by_public_key(spki_sha256)
    }

    /// The certificates enrolled for this name.
    pub fn by_name(&self, name: &Name) -> impl Iterator<Item = &Certificate> {
        self.pool.by_subject(name)
    }

    /// Whether this very certificate was enrolled.
    #[must_use]
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.pool.contains(certificate)
    }
}

impl FromIterator<Certificate> for Anchors {
    fn from_iter<I: IntoIterator<Item = Certificate>>(certificates: I) -> Self {
        Self { pool: certificates.into_iter().collect() }
    }
}
