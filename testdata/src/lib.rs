//! Synthetic certificate authorities, declared as data and generated.
//!
//! Tests, benches and `tongxing demo` need authorities that differ as real ones do,
//! and leaves that are wrong in one chosen way. Here they are declared
//! ([`AuthoritySpec`], [`LeafSpec`], [`CrlSpec`], [`OcspSpec`]) and generated ([`TestAuthority`]).
//! Nothing here is a real authority, company or person; no private key is committed;
//! no clock is read: every moment comes in as Unix seconds.
//!
//! ```
//! use tongxing_testdata::{
//!     Attribute, AuthoritySpec, CrlSpec, KeyAlgorithm, LeafSpec, LevelSpec, RevocationReason,
//!     RevokedEntry, TestAuthority, Validity, oid,
//! };
//!
//! # fn main() -> Result<(), tongxing_testdata::TestdataError> {
//! let now = 1_795_000_000;
//! let root = LevelSpec::new("通行测试", "Root", KeyAlgorithm::EcdsaP256, Validity::decade_around(now));
//! let authority = TestAuthority::generate(&AuthoritySpec::one_level("ca", root))?;
//! let subject = vec![Attribute::utf8(oid::COMMON_NAME, "通行测试建筑有限公司")];
//! let leaf = authority.issue(&LeafSpec::signing(subject, Validity::year_from(now)))?;
//! let entry = RevokedEntry::new(leaf.serial.clone(), now, RevocationReason::KeyCompromise);
//! let list = authority.crl(&CrlSpec::empty(1, now, now + 86_400).revoking(entry))?;
//! # assert!(!list.is_empty());
//! # Ok(())
//! # }
//! ```

mod authority;
mod body;
mod certificate;
mod crl;
mod encoding;
mod error;
mod hierarchy;
mod identity;
mod key;
mod leaf;
mod moment;
mod name;
mod ocsp;
pub mod oid;
mod pem;
mod profile;
mod server;
mod sm2;
mod value;

pub use authority::{
    AuthorityCertificate, AuthoritySpec, LevelSpec, NameConstraints, Subtree, TestAuthority,
    self_signed,
};
pub use body::{BodyElement, CertificateBody};
pub use certificate::{AlternativeName, AuthorityKeyIdentifier, Constraints, KeyUsage};
pub use crl::{CrlSpec, RevocationReason, RevokedEntry};
pub use encoding::{Encoding, Expected, ExpectedIdentity, encodings};
pub use error::TestdataError;
pub use hierarchy::Hierarchy;
pub use identity::{Company, Person, personal_id_from, uscc_from};
pub use key::{Key, KeyAlgorithm, KeySource};
pub use leaf::{DualCertificates, Issued, LeafSpec};
pub use moment::Validity;
pub use name::{Attribute, Criticality, Extension, name_der};
pub use ocsp::{OcspAnswer, OcspHash, OcspSpec, OcspStatus, ResponderForm, ocsp_refusal};
pub use pem::crl_pem;
pub use profile::Profile;
pub use server::{ServerCertificate, server_certificate, sm2_server_certificate};
pub use value::{StringKind, Value};
