//! Extensions: as encoded, and the standard ones in typed form.

pub(crate) mod access;
pub(crate) mod constraints;
pub(crate) mod general_name;
pub(crate) mod key_identifier;
pub(crate) mod point;
pub(crate) mod policy;
pub(crate) mod usage;

use std::collections::HashSet;

use crate::der::primitive::read_unsigned;
use crate::der::reader::{Element, read_single, tag};
use crate::der::schema::Notes;
use crate::der::{grammar, schema};
use crate::fault::{Fault, Path, Problem};
use crate::oid::Oid;

use access::AccessDescription;
use constraints::{BasicConstraints, NameConstraints};
use general_name::GeneralName;
use key_identifier::AuthorityKeyIdentifier;
use point::DistributionPoint;
use policy::{PolicyConstraints, PolicyInformation};
use usage::KeyUsage;

/// An extension as encoded (RFC 5280 4.1.2.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    oid: Oid,
    critical: bool,
    value: Box<[u8]>,
}

impl Extension {
    pub(crate) fn new(oid: Oid, critical: bool, value: &[u8]) -> Self {
        Self { oid, critical, value: value.into() }
    }

    /// Takes apart an extension that has passed the walk.
    pub(crate) fn from_walked(extension: Element<'_>) -> Option<Self> {
        let mut fields = extension.children();
        let oid = Oid::from_checked_octets(fields.next()?.content);
        let critical = fields.take_tag(tag::BOOLEAN).is_some_and(|flag| flag.content == [0xFF]);
        Some(Self::new(oid, critical, fields.next()?.content))
    }

    /// Which extension it is.
    #[must_use]
    pub fn oid(&self) -> &Oid {
        &self.oid
    }

    /// Whether one who does not know it must refuse the certificate.
    #[must_use]
    pub fn critical(&self) -> bool {
        self.critical
    }

    /// The content octets of extnValue. DER for the extensions of RFC 5280;
    /// private ones may be anything.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

/// Takes apart a walked list of extensions and walks their values.
pub(crate) fn read_walked(
    list: Element<'_>,
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<Vec<Extension>, Fault> {
    let extensions: Option<Vec<_>> = list.children().map(Extension::from_walked).collect();
    let extensions = extensions.ok_or_else(|| path.fault(Problem::Refused))?;
    walk_values(extensions, path, notes)
}

/// Walks the values of the extensions of RFC 5280. None may occur twice (4.2).
pub(super) fn walk_values(
    extensions: Vec<Extension>,
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<Vec<Extension>, Fault> {
    let mut seen = HashSet::with_capacity(extensions.len());
    for extension in &extensions {
        if !seen.insert(&extension.oid) {
            let oid = extension.oid.to_string();
            return Err(path.fault(Problem::Duplicate { oid }));
        }
    }
    for extension in &extensions {
        if let Some(known) = grammar::extension(&extension.oid) {
            schema::walk(&extension.value, known.shape, &path.child(known.name), notes)?;
        }
    }
    Ok(extensions)
}

/// The extensions of RFC 5280 section 4.2, each read once.
#[derive(Default)]
pub(super) struct Standard {
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<Vec<Oid>>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) subject_key_identifier: Option<Box<[u8]>>,
    pub(super) authority_key_identifier: Option<AuthorityKeyIdentifier>,
    pub(super) subject_alternative_names: Vec<GeneralName>,
    pub(super) issuer_alternative_names: Vec<GeneralName>,
    pub(super) name_constraints: Option<NameConstraints>,
    pub(super) policies: Option<Vec<Oid>>,
    pub(super) policy_information: Vec<PolicyInformation>,
    pub(super) policy_mappings: Vec<(Oid, Oid)>,
    pub(super) policy_constraints: Option<PolicyConstraints>,
    pub(super) inhibit_any_policy: Option<u32>,
    pub(super) crl_distribution_points: Vec<DistributionPoint>,
    pub(super) freshest_crl: Vec<DistributionPoint>,
    pub(super) authority_info_access: Vec<AccessDescription>,
    pub(super) subject_info_access: Vec<AccessDescription>,
}

impl Standard {
    /// Reads walked extensions. The error names an extension that the walk
    /// let pass and the reader does not understand, which would be a mistake
    /// here: dropping it silently would drop what it restricts.
    pub(super) fn read(extensions: &[Extension]) -> Result<Self, &'static str> {
        let mut standard = Self::default();
        for extension in extensions {
            let Some(known) = grammar::extension(&extension.oid) else {
                continue;
            };
            read_single(&extension.value)
                .ok()
                .and_then(|value| standard.take(&extension.oid, value))
                .ok_or(known.name)?;
        }
        Ok(standard)
    }

    fn take(&mut self, oid: &Oid, value: Element<'_>) -> Option<()> {
        match oid {
            oid if *oid == Oid::KEY_USAGE => self.key_usage = Some(KeyUsage::read(value)?),
            oid if *oid == Oid::EXTENDED_KEY_USAGE => {
                self.extended_key_usage = Some(read_oids(value));
            }
            oid if *oid == Oid::BASIC_CONSTRAINTS => {
                self.basic_constraints = Some(BasicConstraints::read(value)?);
            }
            oid if *oid == Oid::SUBJECT_KEY_IDENTIFIER => {
                self.subject_key_identifier = Some(value.content.into());
            }
            oid if *oid == Oid::AUTHORITY_KEY_IDENTIFIER => {
                self.authority_key_identifier = Some(AuthorityKeyIdentifier::read(value)?);
            }
            oid if *oid == Oid::SUBJECT_ALT_NAME => {
                self.subject_alternative_names = GeneralName::read_all(value)?;
            }
            oid if *oid == Oid::ISSUER_ALT_NAME => {
                self.issuer_alternative_names = GeneralName::read_all(value)?;
            }
            oid if *oid == Oid::NAME_CONSTRAINTS => {
                self.name_constraints = Some(NameConstraints::read(value)?);
            }
            other => return self.take_policy_or_place(other, value),
        }
        Some(())
    }

    fn take_policy_or_place(&mut self, oid: &Oid, value: Element<'_>) -> Option<()> {
        match oid {
            oid if *oid == Oid::CERTIFICATE_POLICIES => {
                self.policy_information = PolicyInformation::read_all(value)?;
                let policies = self.policy_information.iter();
                self.policies = Some(policies.map(|one| one.policy().clone()).collect());
            }
            oid if *oid == Oid::POLICY_MAPPINGS => {
                self.policy_mappings = policy::read_mappings(value)?;
            }
            oid if *oid == Oid::POLICY_CONSTRAINTS => {
                self.policy_constraints = Some(PolicyConstraints::read(value)?);
            }
            oid if *oid == Oid::INHIBIT_ANY_POLICY => {
                self.inhibit_any_policy = Some(read_unsigned(value.content).ok()?);
            }
            oid if *oid == Oid::CRL_DISTRIBUTION_POINTS => {
                self.crl_distribution_points = DistributionPoint::read_all(value)?;
            }
            oid if *oid == Oid::FRESHEST_CRL => {
                self.freshest_crl = DistributionPoint::read_all(value)?;
            }
            oid if *oid == Oid::AUTHORITY_INFO_ACCESS => {
                self.authority_info_access = AccessDescription::read_all(value)?;
            }
            oid if *oid == Oid::SUBJECT_INFO_ACCESS => {
                self.subject_info_access = AccessDescription::read_all(value)?;
            }
            // Extensions of lists, which say nothing in a certificate, and
            // subjectDirectoryAttributes, which stay as encoded.
            _ => {}
        }
        Some(())
    }
}

/// A SEQUENCE OF OBJECT IDENTIFIER.
fn read_oids(value: Element<'_>) -> Vec<Oid> {
    value.children().map(|oid| Oid::from_checked_octets(oid.content)).collect()
}
