//! Distinguished names.
//!
//! 1. [`Name::from_der`] takes an RDNSequence apart, once.
//! 2. Every attribute is brought into its comparison form ([`prepare`]), and
//!    all of them together into one [`NameKey`].
//! 3. Two names match exactly when their keys are equal, so that an index by
//!    key and a comparison never disagree.

mod prepare;
mod text;

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::der::reader::{Element, read_single, tag};
use crate::der::{grammar, schema};
use crate::fault::{Fault, Path};
use crate::oid::Oid;

/// A distinguished name: a sequence of sets of attributes, kept as encoded.
///
/// Equality (`==`) is that of the encoding; [`Name::matches`] is the
/// comparison that path building and revocation ask for. Cloning is cheap.
#[derive(Clone)]
pub struct Name(Arc<Parts>);

struct Parts {
    der: Box<[u8]>,
    attributes: Vec<Attribute>,
    key: NameKey,
    /// Where each relative name's comparison form ends inside the key.
    relative_ends: Vec<usize>,
    /// Which attribute begins each relative name.
    relative_starts: Vec<usize>,
}

/// One attribute of a name: a type and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    oid: Oid,
    value: Box<[u8]>,
}

/// The comparison form of a name by RFC 5280 section 7.1: names match exactly
/// when their keys are equal. For indexes in memory; not to be stored, as it
/// may change with the Unicode tables.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameKey(Arc<[u8]>);

impl Name {
    /// Reads a DER `Name`.
    ///
    /// # Errors
    /// A [`Fault`] when the octets are not exactly one well-formed name.
    pub fn from_der(der: &[u8]) -> Result<Self, Fault> {
        let path = Path::root("name");
        schema::walk(der, &grammar::NAME, &path, &mut Vec::new())?;
        read_single(der).map(Self::from_walked).map_err(|problem| path.fault(problem))
    }

    /// Takes apart a name that has passed the walk.
    pub(crate) fn from_walked(element: Element<'_>) -> Self {
        let mut attributes = Vec::new();
        let mut relative_starts = Vec::new();
        let mut relative_ends = Vec::new();
        let mut key = Vec::with_capacity(element.content.len());
        for relative in element.children() {
            let start = attributes.len();
            attributes.extend(Attribute::all_in(relative));
            prepare::push_relative(&mut key, &attributes[start..]);
            relative_starts.push(start);
            relative_ends.push(key.len());
        }
        Self(Arc::new(Parts {
            der: element.raw.into(),
            attributes,
            key: NameKey(key.into()),
            relative_ends,
            relative_starts,
        }))
    }

    /// The whole encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// All attributes in the order of the encoding.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = &Attribute> {
        self.0.attributes.iter()
    }

    /// The relative names, the most significant first; each is a set of
    /// attributes, nearly always of one.
    pub fn relative_names(&self) -> impl ExactSizeIterator<Item = &[Attribute]> {
        let parts = &*self.0;
        let starts = &parts.relative_starts;
        (0..starts.len()).map(move |index| {
            let end = starts.get(index + 1).copied();
            &parts.attributes[starts[index]..end.unwrap_or(parts.attributes.len())]
        })
    }

    /// The first attribute of a type, in the order of the encoding.
    #[must_use]
    pub fn first(&self, oid: &Oid) -> Option<&Attribute> {
        self.attributes().find(|attribute| attribute.oid == *oid)
    }

    /// Whether the name has no attributes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.attributes.is_empty()
    }

    /// Whether two names are the same by RFC 5280 section 7.1: case, runs of
    /// white space and the choice of string type do not count. A NULL
    /// (empty) name matches only another.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.key == other.0.key
    }

    /// Whether this name lies in the subtree under `base`: its first relative
    /// names match all of `base`'s (RFC 5280 4.2.1.10 and 7.1).
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        let depth = base.0.relative_ends.len();
        let prefix_end = match depth.checked_sub(1) {
            None => 0,
            Some(last) => match self.0.relative_ends.get(last) {
                None => return false,
                Some(&end) => end,
            },
        };
        self.0.key.0[..prefix_end] == *base.0.key.0
    }

    /// This name with one more relative name under it, for distribution
    /// points named relative to the list's issuer (RFC 5280 4.2.1.13).
    ///
    /// `relative` is the DER of the SET; `None` when it is not one.
    #[must_use]
    pub fn with_relative(&self, relative: &[u8]) -> Option<Self> {
        let content = read_single(&self.0.der).ok()?.content;
        let mut der = vec![tag::SEQUENCE];
        crate::der::reader::push_length(&mut der, content.len() + relative.len());
        der.extend_from_slice(content);
        der.extend_from_slice(relative);
        Self::from_der(&der).ok()
    }

    /// The comparison form.
    #[must_use]
    pub fn key(&self) -> &NameKey {
        &self.0.key
    }
}

impl Attribute {
    fn all_in(relative: Element<'_>) -> impl Iterator<Item = Self> {
        relative.children().filter_map(|attribute| {
            let mut fields = attribute.children();
            let oid = Oid::from_checked_octets(fields.next()?.content);
            let value = fields.next()?.raw.into();
            Some(Self { oid, value })
        })
    }

    /// The attribute's type.
    #[must_use]
    pub fn oid(&self) -> &Oid {
        &self.oid
    }

    /// The value's whole encoding, tag and length included.
    #[must_use]
    pub fn value_der(&self) -> &[u8] {
        &self.value
    }

    /// The value as text, for every kind of DirectoryString and for IA5String,
    /// NumericString and VisibleString.
    ///
    /// `None` when the value is no string, or its octets are not of its type's
    /// character set. TeletexString is read as ISO 8859-1, as every other
    /// implementation reads it.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        let element = read_single(&self.value).ok()?;
        text::decode(element.tag, element.content)
    }

    /// Whether the value is a string with characters outside its type's set,
    /// or empty.
    pub(crate) fn breaks_its_type(&self) -> bool {
        read_single(&self.value)
            .is_ok_and(|element| text::breaks_type(element.tag, element.content))
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

/// RFC 4514, in UTF-8: the last relative name first, types by their short
/// names where RFC 4514 has them or they are in common use.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relatives: Vec<_> = self.relative_names().collect();
        for (index, relative) in relatives.iter().rev().enumerate() {
            for (nth, attribute) in relative.iter().enumerate() {
                match (index, nth) {
                    (0, 0) => {}
                    (_, 0) => f.write_str(",")?,
                    _ => f.write_str("+")?,
                }
                attribute.fmt(f)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match text::short_name(&self.oid) {
            Some(name) => write!(f, "{name}=")?,
            None => write!(f, "{}=", self.oid)?,
        }
        if let Some(text) = self.text() {
            return text::write_escaped(f, &text);
        }
        f.write_str("#")?;
        self.value.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for NameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NameKey({} octets)", self.0.len())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

#[cfg(test)]
mod tests;
