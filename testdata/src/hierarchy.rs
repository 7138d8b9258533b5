//! Tangled hierarchies, for tests of path building.
//!
//! A hierarchy is a set of named parties, each with one name and one key, and of
//! certificates between them: `certify("a", "a")` is a root, `certify("a", "b")` a
//! subordinate or a cross-certificate, `certify("b", "a")` closes a loop.
//!
//! ```
//! use tongxing_testdata::{Hierarchy, KeyAlgorithm, Validity};
//!
//! # fn main() -> Result<(), tongxing_testdata::TestdataError> {
//! let validity = Validity::year_from(1_795_000_000);
//! let mut parties = Hierarchy::new(KeyAlgorithm::Ed25519, validity);
//! let root = parties.certify("a", "a")?;
//! let loop_of_two = [parties.certify("a", "b")?, parties.certify("b", "a")?];
//! parties.alias("a, new key", "a"); // another key under the same name
//! let imposter = parties.certify("a, new key", "a, new key")?;
//! let leaf = parties.leaf("b", "leaf")?;
//! # assert!(root != imposter && loop_of_two[0] != leaf.certificate_der);
//! # Ok(())
//! # }
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use crate::authority::{AuthorityCertificate, LevelSpec};
use crate::crl::CrlSpec;
use crate::error::TestdataError;
use crate::key::{Key, KeyAlgorithm};
use crate::leaf::{Issued, LeafSpec};
use crate::moment::Validity;
use crate::name::Attribute;
use crate::ocsp::{self, OcspSpec};
use crate::oid;

/// Parties that certify one another as a test says.
#[derive(Debug)]
pub struct Hierarchy {
    algorithm: KeyAlgorithm,
    validity: Validity,
    names: HashMap<String, String>,
    keys: HashMap<String, Arc<Key>>,
}

impl Hierarchy {
    /// Nobody yet; parties come into being when they are first named.
    pub fn new(algorithm: KeyAlgorithm, validity: Validity) -> Self {
        Self { algorithm, validity, names: HashMap::new(), keys: HashMap::new() }
    }

    /// Gives the party `alias` the distinguished name of `party`; its key stays its own.
    pub fn alias(&mut self, alias: &str, party: &str) {
        self.names.insert(alias.to_owned(), party.to_owned());
    }

    /// The certificate of `issuer` over `subject`, without limits; DER.
    ///
    /// # Errors
    /// When a library fails.
    pub fn certify(&mut self, issuer: &str, subject: &str) -> Result<Vec<u8>, TestdataError> {
        self.certify_as(issuer, subject, |level| level)
    }

    /// The certificate of `issuer` over `subject`, declared as `declare` makes it; DER.
    ///
    /// # Errors
    /// What the declaration or a library makes fail.
    pub fn certify_as(
        &mut self,
        issuer: &str,
        subject: &str,
        declare: impl FnOnce(LevelSpec) -> LevelSpec,
    ) -> Result<Vec<u8>, TestdataError> {
        let issuer = self.party(issuer)?;
        let spec = declare(self.level(subject));
        let certificate = issuer.certify(&spec, self.key(subject)?)?;
        Ok(certificate.der().to_vec())
    }

    /// A signing leaf of `issuer` with the common name `name`; its chain is left to the test.
    ///
    /// # Errors
    /// When a library fails.
    pub fn leaf(&mut self, issuer: &str, name: &str) -> Result<Issued, TestdataError> {
        let subject = vec![Attribute::utf8(oid::COMMON_NAME, name)];
        let spec = LeafSpec::signing(subject, self.validity).with_algorithm(self.algorithm);
        self.leaf_as(issuer, &spec)
    }

    /// A leaf of `issuer`, as declared; its chain is left to the test.
    ///
    /// # Errors
    /// What the declaration or a library makes fail.
    pub fn leaf_as(&mut self, issuer: &str, spec: &LeafSpec) -> Result<Issued, TestdataError> {
        self.party(issuer)?.issue(spec)
    }

    /// A revocation list of `issuer`; DER.
    ///
    /// # Errors
    /// When `next_update` is not after `this_update`, or a library fails.
    pub fn crl(&mut self, issuer: &str, spec: &CrlSpec) -> Result<Vec<u8>, TestdataError> {
        self.party(issuer)?.crl(spec)
    }

    /// An OCSP response about certificates of `issuer`, signed by the party `signer`; DER.
    ///
    /// # Errors
    /// When a moment cannot be written, or a library fails.
    pub fn ocsp(
        &mut self,
        issuer: &str,
        signer: &str,
        spec: &OcspSpec,
    ) -> Result<Vec<u8>, TestdataError> {
        let (issuer, signer) = (self.party(issuer)?, self.party(signer)?);
        let names = (issuer.name_der(), signer.name_der());
        ocsp::signed(spec, (names.0, issuer.key()), (names.1, signer.key()))
    }

    /// An OCSP response about certificates of `issuer`, signed by one who holds a leaf; DER.
    ///
    /// # Errors
    /// When a moment cannot be written, or a library fails.
    pub fn ocsp_by(
        &mut self,
        issuer: &str,
        signer: &Issued,
        spec: &OcspSpec,
    ) -> Result<Vec<u8>, TestdataError> {
        self.party(issuer)?.ocsp_by(signer, spec)
    }

    /// The key of a party.
    ///
    /// # Errors
    /// When the key cannot be generated.
    pub fn key(&mut self, party: &str) -> Result<Arc<Key>, TestdataError> {
        if let Some(key) = self.keys.get(party) {
            return Ok(Arc::clone(key));
        }
        let key = Arc::new(Key::generate(self.algorithm)?);
        self.keys.insert(party.to_owned(), Arc::clone(&key));
        Ok(key)
    }

    fn party(&mut self, party: &str) -> Result<AuthorityCertificate, TestdataError> {
        AuthorityCertificate::root(&self.level(party), self.key(party)?)
    }

    fn level(&self, party: &str) -> LevelSpec {
        let name = self.names.get(party).map_or(party, String::as_str);
        LevelSpec::new("通行测试", name, self.algorithm, self.validity)
    }
}
