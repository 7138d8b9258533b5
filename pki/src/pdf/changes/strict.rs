//! Strict comparison: equal, and leading to equal things.

use crate::Code;
use crate::pdf::codes;
use crate::pdf::fault::PdfFault;
use crate::pdf::file::View;
use crate::pdf::syntax::{Dictionary, Id, Indirect, Object};

use super::Comparison;

impl Comparison<'_, '_, '_> {
    /// Puts an object among those to be compared strictly, unless its own rule does it.
    pub(super) fn enqueue(&mut self, id: Id) {
        if !self.roles.contains_key(&id.number) && self.seen.insert(id.number) {
            self.queue.push(id);
        }
    }

    /// Compares what was put there until nothing new comes.
    pub(super) fn drain(&mut self) -> Result<(), PdfFault> {
        while let Some(id) = self.queue.pop() {
            self.object(id)?;
        }
        Ok(())
    }

    fn object(&mut self, id: Id) -> Result<(), PdfFault> {
        if self.old.is_same(&self.new, id.number) {
            match self.old.load(id) {
                Ok(object) => {
                    if let Some(object) = object {
                        self.follow(&object.value);
                    }
                }
                Err(fault) if fault.problem().is_limit() => return Err(fault),
                // The object itself is as it was, but where it leads is not known.
                Err(fault) => {
                    self.refuse(&codes::PDF_CONTENT_UNREADABLE, format_args!("{id}: {fault}"));
                }
            }
            return Ok(());
        }
        match (self.old.load(id), self.new.load(id)) {
            (Err(fault), _) | (_, Err(fault)) if fault.problem().is_limit() => Err(fault),
            (Ok(None), Ok(None)) => Ok(()),
            (Ok(Some(old)), Ok(Some(new))) => {
                self.objects(&old, &new);
                Ok(())
            }
            (Ok(Some(_)), Ok(None)) => {
                self.changed(&codes::PDF_SHADOW_HIDE, id);
                Ok(())
            }
            (Ok(None) | Err(_), _) | (_, Err(_)) => {
                self.changed(&codes::PDF_INCREMENTAL_SAVING, id);
                Ok(())
            }
        }
    }

    fn objects(&mut self, old: &Indirect, new: &Indirect) {
        let id = old.id;
        if octets(&self.old, old) != octets(&self.new, new) || new.duplicate.is_some() {
            self.changed(attack(&old.value), id);
            return;
        }
        self.strict(Some(&old.value), Some(&new.value), id);
    }

    /// Two values in an object.
    pub(super) fn strict(&mut self, old: Option<&Object>, new: Option<&Object>, id: Id) {
        match (old, new) {
            (Some(Object::Reference(one)), Some(Object::Reference(other))) if one == other => {
                self.enqueue(*one);
            }
            (Some(Object::Dictionary(one)), Some(Object::Dictionary(other))) => {
                // A value replaced in a font or its encoding gives text another look.
                let attack = attack_on(Some(one));
                for (key, (old, new)) in super::pairs(one, other) {
                    if !is_same_box(key, old, new) {
                        self.strict_in(attack, old, new, id);
                    }
                }
            }
            (Some(Object::Array(one)), Some(Object::Array(other))) if one.len() == other.len() => {
                for (one, other) in one.iter().zip(other) {
                    self.strict(Some(one), Some(other), id);
                }
            }
            (Some(Object::Array(one)), Some(Object::Array(other))) if is_part(other, one) => {
                self.changed(&codes::PDF_SHADOW_HIDE, id);
            }
            (None, None) => {}
            (Some(one), Some(other)) if one == other => {}
            (Some(_), None) => self.changed(&codes::PDF_SHADOW_HIDE, id),
            _ => self.changed(&codes::PDF_INCREMENTAL_SAVING, id),
        }
    }

    fn strict_in(
        &mut self,
        attack: &'static Code,
        old: Option<&Object>,
        new: Option<&Object>,
        id: Id,
    ) {
        match (old, new) {
            (Some(one), Some(other)) if is_leaf(one) && is_leaf(other) && one != other => {
                self.changed(attack, id);
            }
            _ => self.strict(old, new, id),
        }
    }

    /// Puts everything that a value leads to among what is compared.
    fn follow(&mut self, value: &Object) {
        match value {
            Object::Reference(id) => self.enqueue(*id),
            Object::Array(items) => items.iter().for_each(|item| self.follow(item)),
            Object::Dictionary(dictionary) => {
                dictionary.entries().iter().for_each(|entry| self.follow(&entry.value));
            }
            _ => {}
        }
    }

    /// Whether two values and all they lead to are equal, what has a rule of its own
    /// left aside.
    pub(super) fn same(
        &self,
        old: Option<&Object>,
        new: Option<&Object>,
    ) -> Result<bool, PdfFault> {
        let mut seen = std::collections::HashSet::new();
        let mut pairs = vec![(old.cloned(), new.cloned())];
        while let Some((old, new)) = pairs.pop() {
            if old != new {
                return Ok(false);
            }
            for id in references(old.as_ref()) {
                if self.roles.contains_key(&id.number) || !seen.insert(id.number) {
                    continue;
                }
                let (one, other) = (self.old.load(id)?, self.new.load(id)?);
                let before = one.as_ref().and_then(|object| octets(&self.old, object));
                if before != other.as_ref().and_then(|object| octets(&self.new, object)) {
                    return Ok(false);
                }
                pairs.push((one.map(|object| object.value), other.map(|object| object.value)));
            }
        }
        Ok(true)
    }
}

/// The encoded octets of a stream.
fn octets<'f>(view: &View<'_, 'f>, object: &Indirect) -> Option<&'f [u8]> {
    view.bytes().get(object.stream.clone()?)
}

/// The attack that a replaced object is likely to be.
fn attack(old: &Object) -> &'static Code {
    attack_on(old.as_dictionary())
}

fn attack_on(old: Option<&Dictionary>) -> &'static Code {
    let is = |name: &str| old.is_some_and(|dictionary| dictionary.is("Type", name));
    if ["Font", "FontDescriptor", "Encoding", "CMap"].into_iter().any(is) {
        &codes::PDF_SHADOW_REPLACE
    } else {
        &codes::PDF_INCREMENTAL_SAVING
    }
}

fn is_leaf(value: &Object) -> bool {
    !matches!(value, Object::Array(_) | Object::Dictionary(_))
}

/// Whether a rectangle or matrix is the same, whichever way its numbers are written. Where an
/// integer is asked for, a real is none, and something else is shown.
pub(super) fn is_same_box(key: &[u8], old: Option<&Object>, new: Option<&Object>) -> bool {
    const BOXES: [&[u8]; 8] =
        [b"MediaBox", b"CropBox", b"BleedBox", b"TrimBox", b"ArtBox", b"Rect", b"BBox", b"Matrix"];
    let same = |one: &Object, other: &Object| {
        one.as_number().is_some() && (one == other || one.is_same_number(other))
    };
    match (old, new) {
        (Some(Object::Array(one)), Some(Object::Array(other))) if BOXES.contains(&key) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => false,
    }
}

/// Whether one array is the other without some of its items.
fn is_part(part: &[Object], whole: &[Object]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|item| rest.any(|other| other == item))
}

/// The references in a value.
pub(super) fn references(value: Option<&Object>) -> Vec<Id> {
    let mut found = Vec::new();
    let mut values: Vec<&Object> = value.into_iter().collect();
    while let Some(value) = values.pop() {
        match value {
            Object::Reference(id) => found.push(*id),
            Object::Array(items) => values.extend(items),
            Object::Dictionary(dictionary) => {
                values.extend(dictionary.entries().iter().map(|entry| &entry.value));
            }
            _ => {}
        }
    }
    found
}
