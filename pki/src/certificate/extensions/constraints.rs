//! Basic constraints and name constraints.

use crate::der::primitive::{read_boolean, read_unsigned};
use crate::der::reader::{Element, tag};

use super::general_name::GeneralName;

/// Whether the subject is an authority, and how long paths below it may be
/// (RFC 5280 4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    is_ca: bool,
    path_length: Option<u32>,
}

/// Which names certificates below may have (RFC 5280 4.2.1.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameConstraints {
    permitted: Vec<GeneralSubtree>,
    excluded: Vec<GeneralSubtree>,
}

/// A subtree of names (RFC 5280 4.2.1.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneralSubtree {
    base: GeneralName,
    minimum: u32,
    maximum: Option<u32>,
}

impl BasicConstraints {
    pub(super) fn read(value: Element<'_>) -> Option<Self> {
        let mut fields = value.children();
        let is_ca = match fields.take_tag(tag::BOOLEAN) {
            None => false,
            Some(flag) => read_boolean(flag.content).ok()?,
        };
        let path_length = match fields.next() {
            None => None,
            Some(number) => Some(read_unsigned(number.content).ok()?),
        };
        Some(Self { is_ca, path_length })
    }

    /// Whether the subject is an authority.
    #[must_use]
    pub const fn is_ca(&self) -> bool {
        self.is_ca
    }

    /// How many authorities may follow below, self-issued ones not counted.
    #[must_use]
    pub const fn path_length(&self) -> Option<u32> {
        self.path_length
    }
}

impl NameConstraints {
    pub(super) fn read(value: Element<'_>) -> Option<Self> {
        let mut fields = value.children();
        let permitted = fields.take_context(0).map(GeneralSubtree::read_all);
        let excluded = fields.take_context(1).map(GeneralSubtree::read_all);
        Some(Self {
            permitted: permitted.unwrap_or_else(|| Some(Vec::new()))?,
            excluded: excluded.unwrap_or_else(|| Some(Vec::new()))?,
        })
    }

    /// Where names of these forms must lie.
    #[must_use]
    pub fn permitted(&self) -> &[GeneralSubtree] {
        &self.permitted
    }

    /// Where no name may lie.
    #[must_use]
    pub fn excluded(&self) -> &[GeneralSubtree] {
        &self.excluded
    }
}

impl GeneralSubtree {
    fn read_all(subtrees: Element<'_>) -> Option<Vec<Self>> {
        subtrees.children().map(Self::read).collect()
    }

    fn read(subtree: Element<'_>) -> Option<Self> {
        let mut fields = subtree.children();
        let base = GeneralName::read(fields.next()?)?;
        let number = |field: Option<Element<'_>>| match field {
            None => Some(None),
            Some(number) => read_unsigned(number.content).ok().map(Some),
        };
        Some(Self {
            base,
            minimum: number(fields.take_context(0))?.unwrap_or(0),
            maximum: number(fields.take_context(1))?,
        })
    }

    /// The root of the subtree.
    #[must_use]
    pub fn base(&self) -> &GeneralName {
        &self.base
    }

    /// Whether it is the whole subtree: minimum 0 and no maximum, the only
    /// form that RFC 5280 gives a meaning.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.minimum == 0 && self.maximum.is_none()
    }
}
