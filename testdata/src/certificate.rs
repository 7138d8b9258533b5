//! Certificates: what every one of them declares, and how it is written.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose, SanType,
};
use ring::rand::{SecureRandom, SystemRandom};
use std::net::IpAddr;

use crate::body::{BodyElement, CertificateBody, Unsigned};
use crate::error::TestdataError;
use crate::key::Key;
use crate::moment::{Validity, date_time};
use crate::name::{Criticality, Extension};
use crate::oid;

/// Bits of the key usage extension (RFC 5280, 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUsage {
    /// digitalSignature.
    DigitalSignature,
    /// nonRepudiation, also called contentCommitment.
    NonRepudiation,
    /// keyEncipherment.
    KeyEncipherment,
    /// dataEncipherment.
    DataEncipherment,
    /// keyAgreement.
    KeyAgreement,
    /// keyCertSign.
    CertificateSign,
    /// cRLSign.
    CrlSign,
}

/// A subject alternative name (RFC 5280, 4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlternativeName {
    /// dNSName.
    Dns(String),
    /// iPAddress.
    Ip(IpAddr),
    /// rfc822Name.
    Email(String),
    /// uniformResourceIdentifier.
    Uri(String),
}

/// Whether a certificate points to its issuer's key (RFC 5280, 4.2.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorityKeyIdentifier {
    /// The extension is written.
    Written,
    /// It is left out, as some real authorities do.
    LeftOut,
}

/// What the basic constraints say (RFC 5280, 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraints {
    /// No authority: an empty extension, with a subject key identifier.
    EndEntity,
    /// Neither this extension nor a subject key identifier.
    LeftOut,
    /// An authority, with the number of intermediates allowed below it.
    Authority {
        /// pathLenConstraint; `None` sets no limit.
        path_length: Option<u8>,
    },
}

/// Everything a certificate says that does not depend on who issues it.
#[derive(Debug)]
pub(crate) struct Contents<'spec> {
    pub(crate) subject: Vec<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) validity: Validity,
    pub(crate) constraints: Constraints,
    pub(crate) key_usages: &'spec [KeyUsage],
    pub(crate) extended_key_usages: &'spec [String],
    pub(crate) alternative_names: &'spec [AlternativeName],
    pub(crate) crl_urls: &'spec [String],
    pub(crate) authority_key_identifier: AuthorityKeyIdentifier,
    pub(crate) extensions: Vec<Extension>,
}

/// Writes the body of a certificate for `key`'s public half, naming `issuer`.
pub(crate) fn body(
    contents: &Contents<'_>,
    key: &Key,
    issuer: (&[u8], &Key),
) -> Result<CertificateBody, TestdataError> {
    let (issuer_name, issuer_key) = issuer;
    let signer = Issuer::new(CertificateParams::default(), Unsigned(issuer_key));
    let draft = params(contents)?.signed_by(&Unsigned(key), &signer)?;
    let mut body = CertificateBody::open(draft.der())?;
    body.replace(BodyElement::Issuer, issuer_name.to_vec())?;
    body.replace(BodyElement::Subject, contents.subject.clone())?;
    body.name_keys(key, issuer_key)?;
    Ok(body)
}

/// Sixteen random octets, positive and never shortened by encoding.
pub(crate) fn random_serial() -> Result<Vec<u8>, TestdataError> {
    let mut serial = vec![0; 16];
    SystemRandom::new().fill(&mut serial)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}

fn params(contents: &Contents<'_>) -> Result<CertificateParams, TestdataError> {
    let mut params = CertificateParams::default();
    // Both names are put in afterwards. A stand-in keeps the alternative names
    // non-critical, as they are beside a subject (RFC 5280, 4.2.1.6).
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "stand-in");
    params.serial_number = Some(contents.serial.clone().into());
    params.not_before = date_time(contents.validity.not_before)?;
    params.not_after = date_time(contents.validity.not_after)?;
    params.is_ca = is_ca(contents.constraints);
    params.key_usages = contents.key_usages.iter().copied().map(key_usage).collect();
    params.extended_key_usages = extended_key_usages(contents.extended_key_usages)?;
    params.subject_alt_names = alternative_names(contents.alternative_names)?;
    params.crl_distribution_points = distribution_points(contents.crl_urls);
    params.use_authority_key_identifier_extension =
        contents.authority_key_identifier == AuthorityKeyIdentifier::Written;
    params.custom_extensions = custom_extensions(&contents.extensions)?;
    Ok(params)
}

fn is_ca(constraints: Constraints) -> IsCa {
    match constraints {
        Constraints::EndEntity => IsCa::ExplicitNoCa,
        Constraints::LeftOut => IsCa::NoCa,
        Constraints::Authority { path_length: None } => IsCa::Ca(BasicConstraints::Unconstrained),
        Constraints::Authority { path_length: Some(length) } => {
            IsCa::Ca(BasicConstraints::Constrained(length))
        }
    }
}

fn key_usage(usage: KeyUsage) -> KeyUsagePurpose {
    match usage {
        KeyUsage::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsage::NonRepudiation => KeyUsagePurpose::ContentCommitment,
        KeyUsage::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        KeyUsage::DataEncipherment => KeyUsagePurpose::DataEncipherment,
        KeyUsage::KeyAgreement => KeyUsagePurpose::KeyAgreement,
        KeyUsage::CertificateSign => KeyUsagePurpose::KeyCertSign,
        KeyUsage::CrlSign => KeyUsagePurpose::CrlSign,
    }
}

fn extended_key_usages(oids: &[String]) -> Result<Vec<ExtendedKeyUsagePurpose>, TestdataError> {
    let usage = |dotted: &String| oid::arcs(dotted).map(ExtendedKeyUsagePurpose::Other);
    oids.iter().map(usage).collect()
}

fn alternative_names(names: &[AlternativeName]) -> Result<Vec<SanType>, TestdataError> {
    let convert = |name: &AlternativeName| {
        Ok(match name {
            AlternativeName::Dns(name) => SanType::DnsName(name.as_str().try_into()?),
            AlternativeName::Ip(address) => SanType::IpAddress(*address),
            AlternativeName::Email(address) => SanType::Rfc822Name(address.as_str().try_into()?),
            AlternativeName::Uri(uri) => SanType::URI(uri.as_str().try_into()?),
        })
    };
    names.iter().map(convert).collect()
}

/// One distribution point holding all the addresses, or none.
fn distribution_points(urls: &[String]) -> Vec<rcgen::CrlDistributionPoint> {
    if urls.is_empty() {
        return Vec::new();
    }
    vec![rcgen::CrlDistributionPoint { uris: urls.to_vec() }]
}

fn custom_extensions(extensions: &[Extension]) -> Result<Vec<CustomExtension>, TestdataError> {
    let convert = |extension: &Extension| {
        let arcs = oid::arcs(&extension.oid)?;
        let mut custom = CustomExtension::from_oid_content(&arcs, extension.value.to_der()?);
        custom.set_criticality(extension.criticality == Criticality::Critical);
        Ok(custom)
    };
    extensions.iter().map(convert).collect()
}
