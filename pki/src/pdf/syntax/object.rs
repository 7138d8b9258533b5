//! Objects as they stand in a file.

use std::fmt;
use std::ops::Range;

/// The number and generation of an indirect object (ISO 32000-2 7.3.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::pdf) struct Id {
    pub(in crate::pdf) number: u32,
    pub(in crate::pdf) generation: u16,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} R", self.number, self.generation)
    }
}

/// A direct object (ISO 32000-2 7.3).
#[derive(Clone, Debug, PartialEq)]
pub(in crate::pdf) enum Object {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    /// Without the solidus, escapes resolved.
    Name(Box<[u8]>),
    String(Box<[u8]>),
    Array(Vec<Object>),
    Dictionary(Dictionary),
    Reference(Id),
}

/// A dictionary in the order of the file, duplicate keys and all.
#[derive(Clone, Debug, Default)]
pub(in crate::pdf) struct Dictionary {
    entries: Vec<Entry>,
}

/// One key and its value.
#[derive(Clone, Debug)]
pub(in crate::pdf) struct Entry {
    pub(in crate::pdf) key: Box<[u8]>,
    pub(in crate::pdf) value: Object,
    /// Where the value stands in the octets that were parsed.
    pub(in crate::pdf) span: Range<usize>,
}

impl Object {
    pub(in crate::pdf) fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Self::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    pub(in crate::pdf) fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    pub(in crate::pdf) fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(value) = self { Some(*value) } else { None }
    }

    pub(in crate::pdf) fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    pub(in crate::pdf) fn as_string(&self) -> Option<&[u8]> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    pub(in crate::pdf) fn as_reference(&self) -> Option<Id> {
        if let Self::Reference(id) = self { Some(*id) } else { None }
    }

    /// Whether both are one number: an integer may stand for a real (ISO 32000-2 7.3.3),
    /// and writers that update an object write 612 for 612.0.
    pub(in crate::pdf) fn is_same_number(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => one == other,
            _ => self.as_number().is_some_and(|one| other.as_number() == Some(one)),
        }
    }

    /// What it takes in memory, about.
    pub(in crate::pdf) fn weight(&self) -> usize {
        let inside = match self {
            Self::Name(text) | Self::String(text) => text.len(),
            Self::Array(items) => items.iter().map(Self::weight).sum(),
            Self::Dictionary(dictionary) => dictionary.weight(),
            Self::Null
            | Self::Boolean(_)
            | Self::Integer(_)
            | Self::Real(_)
            | Self::Reference(_) => 0,
        };
        size_of::<Self>() + inside
    }

    /// A number, integer or real.
    pub(in crate::pdf) fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "coordinates and sizes: what a double cannot hold is none"
            )]
            Self::Integer(value) => Some(*value as f64),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }
}

impl Dictionary {
    pub(super) fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// What it takes in memory, about.
    pub(in crate::pdf) fn weight(&self) -> usize {
        let weight = |entry: &Entry| size_of::<Entry>() + entry.key.len() + entry.value.weight();
        self.entries.iter().map(weight).sum()
    }

    pub(in crate::pdf) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The first value of a key; a null is as if it were absent (7.3.7).
    pub(in crate::pdf) fn get(&self, key: &str) -> Option<&Object> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub(in crate::pdf) fn entry(&self, key: &str) -> Option<&Entry> {
        let found = self.entries.iter().find(|entry| *entry.key == *key.as_bytes());
        found.filter(|entry| entry.value != Object::Null)
    }

    /// Whether a key is there with this name as its value.
    pub(in crate::pdf) fn is(&self, key: &str, name: &str) -> bool {
        self.name(key) == Some(name.as_bytes())
    }

    pub(in crate::pdf) fn name(&self, key: &str) -> Option<&[u8]> {
        self.get(key)?.as_name()
    }

    pub(in crate::pdf) fn integer(&self, key: &str) -> Option<i64> {
        self.get(key)?.as_integer()
    }

    /// A key that occurs more than once, here and not deeper.
    pub(in crate::pdf) fn duplicate(&self) -> Option<&[u8]> {
        let mut keys: Vec<&[u8]> = self.entries.iter().map(|entry| &*entry.key).collect();
        keys.sort_unstable();
        keys.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
    }
}

/// Equal when the same keys have the same values, in any order; wherever keys
/// occur twice, the order counts too.
impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        fn sorted(dictionary: &Dictionary) -> Vec<&Entry> {
            let mut entries: Vec<&Entry> =
                dictionary.entries.iter().filter(|entry| entry.value != Object::Null).collect();
            entries.sort_by(|one, other| one.key.cmp(&other.key));
            entries
        }
        let (one, other) = (sorted(self), sorted(other));
        let same =
            |(one, other): (&&Entry, &&Entry)| one.key == other.key && one.value == other.value;
        one.len() == other.len() && one.iter().zip(&other).all(same)
    }
}
