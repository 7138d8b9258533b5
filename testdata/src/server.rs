//! A server certificate for loopback, under an authority of its own.

use std::sync::Arc;

use crate::authority::{AuthoritySpec, LevelSpec, TestAuthority};
use crate::certificate::{AlternativeName, KeyUsage};
use crate::error::TestdataError;
use crate::key::{Key, KeyAlgorithm};
use crate::leaf::LeafSpec;
use crate::moment::Validity;
use crate::name::Attribute;
use crate::oid;
use crate::pem;

/// A server's certificate, its key, and the authority that clients must trust.
#[derive(Debug, Clone)]
pub struct ServerCertificate {
    /// The authority's certificate.
    pub authority_der: Vec<u8>,
    /// The server's certificate, issued by that authority directly.
    pub certificate_der: Vec<u8>,
    /// The server's key.
    pub key: Arc<Key>,
}

impl ServerCertificate {
    /// The authority's certificate, PEM: the file that clients name as trusted.
    ///
    /// # Errors
    /// When PEM cannot be written.
    pub fn authority_pem(&self) -> Result<String, TestdataError> {
        pem::certificate(&self.authority_der)
    }

    /// The server's certificate, PEM.
    ///
    /// # Errors
    /// When PEM cannot be written.
    pub fn certificate_pem(&self) -> Result<String, TestdataError> {
        pem::certificate(&self.certificate_der)
    }
}

/// A P-256 server certificate for `names`, each an IP address or a DNS name.
///
/// # Errors
/// When a name is not ASCII, or a library fails.
pub fn server_certificate(
    names: &[&str],
    validity: Validity,
) -> Result<ServerCertificate, TestdataError> {
    with_keys(KeyAlgorithm::EcdsaP256, names, validity)
}

/// The same with SM2 keys throughout, for clients that offer RFC 8998.
///
/// # Errors
/// When a name is not ASCII, or a library fails.
pub fn sm2_server_certificate(
    names: &[&str],
    validity: Validity,
) -> Result<ServerCertificate, TestdataError> {
    with_keys(KeyAlgorithm::Sm2, names, validity)
}

fn with_keys(
    algorithm: KeyAlgorithm,
    names: &[&str],
    validity: Validity,
) -> Result<ServerCertificate, TestdataError> {
    let root = LevelSpec::new("通行测试", "Tongxing test server root", algorithm, validity);
    let authority = TestAuthority::generate(&AuthoritySpec::one_level("server", root))?;
    let common_name = names.first().copied().unwrap_or("localhost");
    let subject = vec![Attribute::utf8(oid::COMMON_NAME, common_name)];
    let leaf = authority.issue(&LeafSpec {
        key_usages: vec![KeyUsage::DigitalSignature],
        alternative_names: names.iter().map(|name| alternative_name(name)).collect(),
        ..LeafSpec::signing(subject, validity).with_algorithm(algorithm).server_only()
    })?;
    Ok(ServerCertificate {
        authority_der: authority.root().der().to_vec(),
        certificate_der: leaf.certificate_der,
        key: leaf.key,
    })
}

fn alternative_name(name: &str) -> AlternativeName {
    match name.parse() {
        Ok(address) => AlternativeName::Ip(address),
        Err(_) => AlternativeName::Dns(name.to_owned()),
    }
}
