//! An authority that exists: keys, certificates, and what it can issue.
//!
//! 1. The root signs itself, each level is signed by the one above it.
//! 2. The last level issues leaves and the list that covers them.
//! 3. The root can list intermediates, and certify another authority's key.

mod level;
mod spec;

pub use level::AuthorityCertificate;
pub use spec::{AuthoritySpec, LevelSpec, NameConstraints, Subtree};

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::body::CertificateBody;
use crate::certificate::{self, Contents};
use crate::crl::{self, CrlSpec};
use crate::error::TestdataError;
use crate::key::{Key, KeySource};
use crate::leaf::{DualCertificates, Issued, LeafSpec};
use crate::moment::Validity;
use crate::name::name_der;

/// How many RSA keys an authority's leaves share when keys come from the pool.
const POOLED_LEAF_KEYS: usize = 4;

/// A synthetic authority.
#[derive(Debug)]
pub struct TestAuthority {
    id: String,
    key_source: KeySource,
    root: AuthorityCertificate,
    intermediates: Vec<AuthorityCertificate>,
    leaves: AtomicUsize,
}

impl TestAuthority {
    /// Generates the keys and certificates of every level.
    ///
    /// # Errors
    /// [`TestdataError::NoLevel`] when no level is declared; otherwise what the
    /// declaration or the libraries make fail.
    pub fn generate(spec: &AuthoritySpec) -> Result<Self, TestdataError> {
        let (root, below) =
            spec.levels.split_first().ok_or_else(|| TestdataError::NoLevel(spec.id.clone()))?;
        let key = |level: usize, spec_level: &LevelSpec| {
            let label = format!("{}/level-{level}", spec.id);
            Key::from_source(spec_level.algorithm, spec.key_source, &label)
        };
        let root = AuthorityCertificate::root(root, key(0, root)?)?;
        let mut intermediates: Vec<AuthorityCertificate> = Vec::new();
        for (index, level) in below.iter().enumerate() {
            let issuer = intermediates.last().unwrap_or(&root);
            intermediates.push(issuer.certify(level, key(index + 1, level)?)?);
        }
        Ok(Self {
            id: spec.id.clone(),
            key_source: spec.key_source,
            root,
            intermediates,
            leaves: AtomicUsize::new(0),
        })
    }

    /// The short id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The root.
    pub fn root(&self) -> &AuthorityCertificate {
        &self.root
    }

    /// The levels between root and leaves, from the root down.
    pub fn intermediates(&self) -> &[AuthorityCertificate] {
        &self.intermediates
    }

    /// The level that issues leaves: the root itself in an authority of one level.
    pub fn issuing(&self) -> &AuthorityCertificate {
        self.intermediates.last().unwrap_or(&self.root)
    }

    /// Issues a leaf.
    ///
    /// # Errors
    /// What the declaration or the libraries make fail.
    pub fn issue(&self, spec: &LeafSpec) -> Result<Issued, TestdataError> {
        self.issue_changed(spec, |_| Ok(()))
    }

    /// Issues a leaf whose body `change` has changed before it was signed: wrong in one
    /// place, under a signature that is right.
    ///
    /// # Errors
    /// As [`TestAuthority::issue`], and what `change` reports.
    pub fn issue_changed(
        &self,
        spec: &LeafSpec,
        change: impl FnOnce(&mut CertificateBody) -> Result<(), TestdataError>,
    ) -> Result<Issued, TestdataError> {
        let key = self.leaf_key(spec)?;
        let chain = self.intermediates.iter().rev();
        Ok(Issued {
            chain_der: chain.map(|level| level.der().to_vec()).collect(),
            ..self.issuing().issue_changed(spec, key, change)?
        })
    }

    /// Issues the two certificates of a key device: `spec` as the signing certificate,
    /// and an encryption certificate beside it, with another key and serial.
    ///
    /// # Errors
    /// As [`TestAuthority::issue`].
    pub fn issue_pair(&self, spec: &LeafSpec) -> Result<DualCertificates, TestdataError> {
        let encryption = LeafSpec { key: None, serial: None, ..spec.clone().encryption_only() };
        Ok(DualCertificates { signing: self.issue(spec)?, encryption: self.issue(&encryption)? })
    }

    /// The list that covers the leaves, signed by the issuing level.
    ///
    /// # Errors
    /// When `next_update` is not after `this_update`, or a library fails.
    pub fn crl(&self, spec: &CrlSpec) -> Result<Vec<u8>, TestdataError> {
        self.issuing().crl(spec)
    }

    /// A list signed by the root.
    ///
    /// # Errors
    /// As [`TestAuthority::crl`].
    pub fn root_crl(&self, spec: &CrlSpec) -> Result<Vec<u8>, TestdataError> {
        self.root.crl(spec)
    }

    /// This root's certificate over another authority's name and key.
    ///
    /// # Errors
    /// When a library fails.
    pub fn cross_certify(
        &self,
        other: &AuthorityCertificate,
        validity: Validity,
    ) -> Result<AuthorityCertificate, TestdataError> {
        self.root.cross_certify(other, validity)
    }

    fn leaf_key(&self, spec: &LeafSpec) -> Result<Arc<Key>, TestdataError> {
        if let Some(key) = &spec.key {
            return Ok(Arc::clone(key));
        }
        let number = self.leaves.fetch_add(1, Ordering::Relaxed) % POOLED_LEAF_KEYS;
        let label = format!("{}/leaf-{number}", self.id);
        Key::from_source(spec.algorithm, self.key_source, &label)
    }
}

/// A certificate that its own key signs, vouched for by nobody.
///
/// # Errors
/// What the declaration or the libraries make fail.
pub fn self_signed(spec: &LeafSpec) -> Result<Issued, TestdataError> {
    let key = match &spec.key {
        Some(key) => Arc::clone(key),
        None => Arc::new(Key::generate(spec.algorithm)?),
    };
    let contents = leaf_contents(spec)?;
    let body = certificate::body(&contents, &key, (&contents.subject, &key))?;
    Ok(Issued {
        certificate_der: body.seal(&key)?,
        chain_der: Vec::new(),
        serial: contents.serial,
        key,
    })
}

fn leaf_contents(spec: &LeafSpec) -> Result<Contents<'_>, TestdataError> {
    let serial = match &spec.serial {
        Some(serial) => serial.clone(),
        None => certificate::random_serial()?,
    };
    Ok(Contents {
        subject: name_der(&spec.subject)?,
        serial,
        validity: spec.validity,
        constraints: spec.constraints,
        key_usages: &spec.key_usages,
        extended_key_usages: &spec.extended_key_usages,
        alternative_names: &spec.alternative_names,
        crl_urls: &spec.crl_urls,
        authority_key_identifier: spec.authority_key_identifier,
        extensions: spec.extensions.clone(),
    })
}
