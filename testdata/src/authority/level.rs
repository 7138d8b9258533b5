//! One level of an authority: its certificate, and what its key signs.

use std::sync::Arc;

use super::{LevelSpec, crl, leaf_contents};
use crate::body::CertificateBody;
use crate::certificate::{self, AuthorityKeyIdentifier, Constraints, Contents, KeyUsage};
use crate::crl::CrlSpec;
use crate::error::TestdataError;
use crate::key::Key;
use crate::leaf::{Issued, LeafSpec};
use crate::moment::Validity;
use crate::name::name_der;
use crate::ocsp::{self, OcspSpec};
use crate::pem;

const AUTHORITY_USAGES: [KeyUsage; 2] = [KeyUsage::CertificateSign, KeyUsage::CrlSign];

/// An authority's certificate with the key that it certifies.
#[derive(Debug, Clone)]
pub struct AuthorityCertificate {
    spec: LevelSpec,
    name: Vec<u8>,
    serial: Vec<u8>,
    key: Arc<Key>,
    der: Vec<u8>,
}

impl AuthorityCertificate {
    /// A level that certifies itself.
    ///
    /// # Errors
    /// What the declaration or the libraries make fail.
    pub fn root(spec: &LevelSpec, key: Arc<Key>) -> Result<Self, TestdataError> {
        let name = name_der(&spec.subject)?;
        let issuer_key = Arc::clone(&key);
        Self::signed(spec, key, (&name, &issuer_key))
    }

    /// A level below this one.
    ///
    /// # Errors
    /// What the declaration or the libraries make fail.
    pub fn certify(&self, spec: &LevelSpec, key: Arc<Key>) -> Result<Self, TestdataError> {
        Self::signed(spec, key, (&self.name, &self.key))
    }

    /// This level's certificate over the name and key of `other`.
    ///
    /// # Errors
    /// When a library fails.
    pub fn cross_certify(&self, other: &Self, validity: Validity) -> Result<Self, TestdataError> {
        let spec = LevelSpec { validity, ..other.spec.clone() };
        self.certify(&spec, Arc::clone(&other.key))
    }

    /// A leaf of this level, its chain left empty.
    ///
    /// # Errors
    /// What the declaration or the libraries make fail.
    pub fn issue(&self, spec: &LeafSpec) -> Result<Issued, TestdataError> {
        let key = match &spec.key {
            Some(key) => Arc::clone(key),
            None => Arc::new(Key::generate(spec.algorithm)?),
        };
        self.issue_changed(spec, key, |_| Ok(()))
    }

    /// A list signed by this level.
    ///
    /// # Errors
    /// When `next_update` is not after `this_update`, or a library fails.
    pub fn crl(&self, spec: &CrlSpec) -> Result<Vec<u8>, TestdataError> {
        crl::signed(spec, (&self.name, &self.key))
    }

    /// A revocation list in this level's name, signed by somebody else's key.
    ///
    /// # Errors
    /// As [`AuthorityCertificate::crl`].
    pub fn crl_by(&self, signer: &Issued, spec: &CrlSpec) -> Result<Vec<u8>, TestdataError> {
        crl::signed(spec, (&self.name, &signer.key))
    }

    /// An OCSP response about certificates of this level, signed by its own key.
    ///
    /// # Errors
    /// When a moment cannot be written, or a library fails.
    pub fn ocsp(&self, spec: &OcspSpec) -> Result<Vec<u8>, TestdataError> {
        ocsp::signed(spec, (&self.name, &self.key), (&self.name, &self.key))
    }

    /// An OCSP response about certificates of this level, signed by somebody else.
    ///
    /// # Errors
    /// As [`AuthorityCertificate::ocsp`].
    pub fn ocsp_by(&self, signer: &Issued, spec: &OcspSpec) -> Result<Vec<u8>, TestdataError> {
        let name = ocsp::subject_of(&signer.certificate_der)?;
        ocsp::signed(spec, (&self.name, &self.key), (&name, &signer.key))
    }

    /// The certificate.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate, PEM.
    ///
    /// # Errors
    /// When PEM cannot be written.
    pub fn pem(&self) -> Result<String, TestdataError> {
        pem::certificate(&self.der)
    }

    /// The subject: a Name, DER.
    pub fn name_der(&self) -> &[u8] {
        &self.name
    }

    /// The certificate's serial, big-endian.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The key.
    pub fn key(&self) -> &Arc<Key> {
        &self.key
    }

    /// What this level was declared as.
    pub fn spec(&self) -> &LevelSpec {
        &self.spec
    }

    /// A leaf over `key`, its chain left empty, its body changed before it is signed.
    pub(super) fn issue_changed(
        &self,
        spec: &LeafSpec,
        key: Arc<Key>,
        change: impl FnOnce(&mut CertificateBody) -> Result<(), TestdataError>,
    ) -> Result<Issued, TestdataError> {
        let contents = leaf_contents(spec)?;
        let mut body = certificate::body(&contents, &key, (&self.name, &self.key))?;
        change(&mut body)?;
        Ok(Issued {
            certificate_der: body.seal(&self.key)?,
            chain_der: Vec::new(),
            serial: contents.serial,
            key,
        })
    }

    fn signed(
        spec: &LevelSpec,
        key: Arc<Key>,
        issuer: (&[u8], &Key),
    ) -> Result<Self, TestdataError> {
        let contents = contents(spec)?;
        let der = certificate::body(&contents, &key, issuer)?.seal(issuer.1)?;
        Ok(Self { spec: spec.clone(), name: contents.subject, serial: contents.serial, key, der })
    }
}

fn contents(spec: &LevelSpec) -> Result<Contents<'_>, TestdataError> {
    Ok(Contents {
        subject: name_der(&spec.subject)?,
        serial: certificate::random_serial()?,
        validity: spec.validity,
        constraints: Constraints::Authority { path_length: spec.path_length },
        key_usages: &AUTHORITY_USAGES,
        extended_key_usages: &[],
        alternative_names: &[],
        crl_urls: &spec.crl_urls,
        authority_key_identifier: AuthorityKeyIdentifier::Written,
        extensions: spec.all_extensions()?,
    })
}
