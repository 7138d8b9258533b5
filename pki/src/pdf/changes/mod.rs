//! What changed behind a signature (ISO 32000-2 12.8.2), object by object: the file
//! as it was when it was signed, against the file as it is now.
//!
//! 1. Objects with a part of their own in what may change are found in the signed
//!    file: the catalogue, the form and its fields, the pages, their annotations. They
//!    are compared key by key, each by its rule.
//! 2. Everything else that they lead to is compared strictly: it must be equal, value
//!    by value and octet by octet. What did not change itself is gone through too, as
//!    it may lead to something that did.
//! 3. An object that has a rule and is drawn with as well must not change at all.
//! 4. What no rule permits is a change of content. Its name follows the published
//!    attacks: something replaced, something taken away, another document put in its
//!    place, an appearance that differs from its value.
//!
//! Objects that nothing leads to are no part of the document and may come and go.

mod annotation;
mod catalogue;
mod doubled;
mod field;
mod new_field;
mod roles;
mod strict;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use crate::bounded::MAX_ALIKE;
use crate::{Code, Finding};

use super::codes;
use super::fault::PdfFault;
use super::file::View;
use super::signature::{FieldLock, Level};
use super::syntax::{Dictionary, Id, Object};
use roles::Role;

/// What updates may do.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub(super) level: Level,
    /// Whether the document is certified: then nobody adds a visible signature where
    /// none was foreseen.
    pub(super) certified: bool,
    pub(super) locked: Vec<FieldLock>,
}

impl Rules {
    fn locks(&self, field: &str) -> bool {
        self.locked.iter().any(|lock| lock.locks(field))
    }
}

/// A kind of change that is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Permitted {
    /// Certificates, lists and responses (DSS), and extensions.
    ValidationData,
    /// Properties and metadata, which no page shows.
    Metadata,
    /// Document timestamps.
    Timestamp,
    /// Signatures of others.
    Signature,
    /// Fields filled in.
    Form,
    /// Annotations of kinds that cannot pass for content.
    Annotation,
}

impl fmt::Display for Permitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ValidationData => "validation data",
            Self::Metadata => "metadata",
            Self::Timestamp => "document timestamp",
            Self::Signature => "signature",
            Self::Form => "form filled in",
            Self::Annotation => "annotation",
        })
    }
}

/// What changed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) permitted: BTreeSet<Permitted>,
    /// What is not permitted.
    pub(super) findings: Vec<Finding>,
}

/// Compares two states of a file.
pub(super) fn compare(
    old: View<'_, '_>,
    new: View<'_, '_>,
    rules: &Rules,
) -> Result<Changes, PdfFault> {
    let mut comparison = Comparison {
        old,
        new,
        rules,
        roles: HashMap::new(),
        names: HashMap::new(),
        known: HashSet::new(),
        widgets: HashSet::new(),
        seen: HashSet::new(),
        queue: Vec::new(),
        changes: Changes::default(),
    };
    if comparison.trailers()? {
        comparison.assign_roles()?;
        comparison.doubled()?;
        comparison.catalogues()?;
        comparison.roled()?;
        comparison.drain()?;
    }
    Ok(comparison.changes)
}

/// One comparison as it goes on.
struct Comparison<'c, 'p, 'f> {
    old: View<'p, 'f>,
    new: View<'p, 'f>,
    rules: &'c Rules,
    roles: HashMap<u32, Role>,
    /// The names of the signed file's fields, by the number of the object.
    names: HashMap<u32, roles::FieldRole>,
    /// The fully qualified names of these.
    known: HashSet<String>,
    /// Widgets of signature fields that were added.
    widgets: HashSet<Id>,
    /// Objects that are, or will be, compared strictly.
    seen: HashSet<u32>,
    queue: Vec<Id>,
    changes: Changes,
}

impl Comparison<'_, '_, '_> {
    fn permit(&mut self, kind: Permitted) {
        self.changes.permitted.insert(kind);
    }

    /// Records a change that is not permitted, under the name of an attack or rule.
    fn refuse(&mut self, code: &'static Code, what: impl fmt::Display) {
        let alike = self.changes.findings.iter().filter(|finding| finding.code() == code);
        if alike.count() < MAX_ALIKE {
            self.changes.findings.push(Finding::failed(code).seen(what));
        }
    }

    /// Records a change of content.
    fn changed(&mut self, code: &'static Code, what: impl fmt::Display + Copy) {
        self.refuse(&codes::PDF_CONTENT_CHANGED, what);
        self.refuse(code, what);
    }

    /// Whether a number was in use when the file was signed.
    fn was_there(&self, id: Id) -> bool {
        use super::xref::Place;
        !matches!(self.old.place(id.number), None | Some(Place::Free))
    }

    /// Both states of an object that is a dictionary; one that cannot be read counts as
    /// changed, as nobody knows where it leads.
    fn both(&mut self, id: Id) -> Option<(Dictionary, Dictionary)> {
        let same = self.old.is_same(&self.new, id.number);
        let dictionary = |view: &View<'_, '_>| {
            let object = view.load(id).ok().flatten()?;
            match (object.value, object.stream, object.duplicate) {
                (Object::Dictionary(dictionary), None, None) => Some(dictionary),
                // Ambiguous, but as it was signed.
                (Object::Dictionary(dictionary), None, Some(_)) if same => Some(dictionary),
                _ => None,
            }
        };
        let pair = dictionary(&self.old).zip(dictionary(&self.new));
        if pair.is_none() {
            self.changed(&codes::PDF_INCREMENTAL_SAVING, id);
        }
        pair
    }

    /// Compares every key of two dictionaries strictly but those named.
    fn strictly_but(&mut self, old: &Dictionary, new: &Dictionary, id: Id, but: &[&str]) {
        for (key, (old, new)) in pairs(old, new) {
            if !but.iter().any(|name| name.as_bytes() == key) && !strict::is_same_box(key, old, new)
            {
                self.strict(old, new, id);
            }
        }
    }
}

/// The keys of either with the values in both, each key once: the first of two counts,
/// and a null is none.
fn pairs<'d>(
    old: &'d Dictionary,
    new: &'d Dictionary,
) -> BTreeMap<&'d [u8], (Option<&'d Object>, Option<&'d Object>)> {
    let mut pairs: BTreeMap<&[u8], (Option<&Object>, Option<&Object>)> = BTreeMap::new();
    let some = |value: &'d Object| Some(value).filter(|value| **value != Object::Null);
    for entry in old.entries().iter().rev() {
        pairs.entry(&entry.key).or_default().0 = some(&entry.value);
    }
    for entry in new.entries().iter().rev() {
        pairs.entry(&entry.key).or_default().1 = some(&entry.value);
    }
    pairs
}
