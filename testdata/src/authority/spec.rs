//! An authority, declared: its levels from the root down.

use std::net::IpAddr;

use crate::error::TestdataError;
use crate::key::{KeyAlgorithm, KeySource};
use crate::moment::Validity;
use crate::name::{Attribute, Extension, name_der};
use crate::oid;
use crate::value::{StringKind, Value};

/// An authority with its whole hierarchy.
#[derive(Debug, Clone)]
pub struct AuthoritySpec {
    /// A short id, which also names the authority's keys in the pool.
    pub id: String,
    /// Where RSA keys come from.
    pub key_source: KeySource,
    /// The levels, root first; the last one issues leaves.
    pub levels: Vec<LevelSpec>,
}

impl AuthoritySpec {
    /// An authority whose root issues leaves itself.
    pub fn one_level(id: impl Into<String>, root: LevelSpec) -> Self {
        Self { id: id.into(), key_source: KeySource::Pooled, levels: vec![root] }
    }

    /// The same authority with one more level below the others.
    pub fn below(mut self, level: LevelSpec) -> Self {
        self.levels.push(level);
        self
    }

    /// The same names under another id, and so with other keys: what an impostor declares.
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: id.into(), ..self }
    }

    /// The same authority with keys from elsewhere.
    pub fn with_keys_from(self, key_source: KeySource) -> Self {
        Self { key_source, ..self }
    }
}

/// One level: a key and the certificate over it.
#[derive(Debug, Clone)]
pub struct LevelSpec {
    /// The subject, in order.
    pub subject: Vec<Attribute>,
    /// The key's algorithm.
    pub algorithm: KeyAlgorithm,
    /// From when until when.
    pub validity: Validity,
    /// How many intermediates may follow; `None` sets no limit.
    pub path_length: Option<u8>,
    /// Name constraints; `None` leaves the extension out.
    pub name_constraints: Option<NameConstraints>,
    /// Where the list covering this level's own certificate can be fetched.
    pub crl_urls: Vec<String>,
    /// Any further extensions.
    pub extensions: Vec<Extension>,
}

impl LevelSpec {
    /// A level without limits: country `CN`, the organization and the common name.
    pub fn new(
        organization: impl Into<String>,
        common_name: impl Into<String>,
        algorithm: KeyAlgorithm,
        validity: Validity,
    ) -> Self {
        Self {
            subject: vec![
                Attribute::printable(oid::COUNTRY, "CN"),
                Attribute::utf8(oid::ORGANIZATION, organization),
                Attribute::utf8(oid::COMMON_NAME, common_name),
            ],
            algorithm,
            validity,
            path_length: None,
            name_constraints: None,
            crl_urls: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// The same level, with at most `length` intermediates below.
    pub fn with_path_length(self, length: u8) -> Self {
        Self { path_length: Some(length), ..self }
    }

    /// The same level with name constraints.
    pub fn with_name_constraints(self, constraints: NameConstraints) -> Self {
        Self { name_constraints: Some(constraints), ..self }
    }

    /// The declared extensions and, where there are name constraints, theirs.
    pub(crate) fn all_extensions(&self) -> Result<Vec<Extension>, TestdataError> {
        let mut extensions = self.extensions.clone();
        if let Some(constraints) = &self.name_constraints {
            let value = constraints.to_value()?;
            extensions.push(Extension::new(oid::NAME_CONSTRAINTS, value).critical());
        }
        Ok(extensions)
    }
}

/// Name constraints (RFC 5280, 4.2.1.10).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameConstraints {
    /// permittedSubtrees; none leaves the field out.
    pub permitted: Vec<Subtree>,
    /// excludedSubtrees; none leaves the field out.
    pub excluded: Vec<Subtree>,
}

/// A part of one kind of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subtree {
    /// dNSName.
    Dns(String),
    /// rfc822Name: a mailbox, a host, or a domain with a leading dot.
    Email(String),
    /// uniformResourceIdentifier: a host, or a domain with a leading dot.
    Uri(String),
    /// iPAddress: an address and a mask of the same family.
    Ip(IpAddr, IpAddr),
    /// directoryName.
    Directory(Vec<Attribute>),
}

impl NameConstraints {
    fn to_value(&self) -> Result<Value, TestdataError> {
        let mut fields = Vec::new();
        for (number, subtrees) in [(0, &self.permitted), (1, &self.excluded)] {
            if !subtrees.is_empty() {
                let bases = subtrees.iter().map(Subtree::to_value);
                let bases = bases.collect::<Result<_, _>>()?;
                fields.push(Value::Sequence(bases).implicit(number));
            }
        }
        Ok(Value::Sequence(fields))
    }
}

impl Subtree {
    /// GeneralSubtree: the base alone, as RFC 5280 leaves minimum and maximum at their defaults.
    fn to_value(&self) -> Result<Value, TestdataError> {
        let ia5 = |text: &String| Value::Text(StringKind::Ia5, text.clone());
        let base = match self {
            Self::Email(text) => ia5(text).implicit(1),
            Self::Dns(text) => ia5(text).implicit(2),
            Self::Directory(attributes) => Value::Raw(name_der(attributes)?).explicit(4),
            Self::Uri(text) => ia5(text).implicit(6),
            Self::Ip(address, mask) => {
                Value::Octets([octets(*address), octets(*mask)].concat()).implicit(7)
            }
        };
        Ok(Value::Sequence(vec![base]))
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}
