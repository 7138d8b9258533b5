//! Structures described as data, and the walk along them.
//!
//! The walk goes down a [`Shape`] and the octets together:
//! 1. every element must be the one that the shape has at this place, whole,
//!    in definite and minimal lengths, with nothing after it;
//! 2. every primitive must be in its one DER form;
//! 3. parts without a shape (`ANY`) are walked by their own tags;
//! 4. breaches of DER that real authorities commit and that leave only one
//!    reading (an encoded default, an unsorted SET, untrimmed named bits) are
//!    noted, not refused.
//!
//! The first fault ends the walk and carries the path of its field.

use crate::fault::{Fault, Path, Problem};

use super::primitive;
use super::reader::{Element, read_element, tag};

/// Nesting allowed inside parts that have no shape of their own. Ours, with
/// room: names inside otherName values, the deepest met, take six levels.
const MAX_ANY_DEPTH: usize = 16;

/// What an element is.
pub(crate) enum Shape {
    Boolean,
    Null,
    Integer,
    /// INTEGER (0..MAX).
    Unsigned,
    Enumerated,
    BitString,
    /// A BIT STRING whose bits have names.
    NamedBits,
    OctetString,
    Oid,
    /// UTCTime or GeneralizedTime.
    Time,
    GeneralizedTime,
    Ia5String,
    /// Any element, walked by its own tags.
    Any,
    /// A SEQUENCE whose content its reader walks itself.
    Deferred,
    Sequence(&'static [Field]),
    SequenceOf(&'static Field),
    /// SEQUENCE SIZE (1..MAX) OF.
    SomeOf(&'static Field),
    /// SET SIZE (1..MAX) OF.
    SetOf(&'static Field),
    /// One of several; the fields' tags differ.
    Choice(&'static [Field]),
}

/// An element inside a structure.
pub(crate) struct Field {
    /// Its name in the ASN.1 module; empty where a fault is better named by
    /// its surroundings.
    pub(crate) name: &'static str,
    pub(crate) tagging: Tagging,
    pub(crate) presence: Presence,
    pub(crate) shape: &'static Shape,
}

/// Whether a context tag stands before or instead of the element's own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tagging {
    Own,
    Implicit(u8),
    Explicit(u8),
}

/// Whether an element may be left out.
#[derive(Clone, Copy)]
pub(crate) enum Presence {
    Required,
    Optional,
    /// Left out when its content is this (X.690 11.5).
    Default(&'static [u8]),
}

/// Breaches of DER that are noted rather than refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tolerated {
    EncodedDefault,
    UnsortedSet,
    UntrimmedBits,
}

/// What the walk noted on its way: the first [`MAX_NOTES`] breaches.
pub(crate) type Notes = Vec<(String, Tolerated)>;

/// Lists repeat the same breach in every one of a million entries. Origin:
/// ours.
const MAX_NOTES: usize = 16;

fn note(notes: &mut Notes, path: &Path<'_>, tolerated: Tolerated) {
    if notes.len() < MAX_NOTES {
        notes.push((path.to_string(), tolerated));
    }
}

/// Walks the one element that fills `input`.
pub(crate) fn walk(
    input: &[u8],
    shape: &Shape,
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<(), Fault> {
    let mut rest = input;
    let field = FieldRef { name: "", tagging: Tagging::Own, shape };
    walk_next(&mut rest, field, path, notes)?;
    if rest.is_empty() { Ok(()) } else { Err(path.fault(Problem::TrailingOctets)) }
}

/// A field without its presence, so that a bare shape can stand in for one.
#[derive(Clone, Copy)]
struct FieldRef<'s> {
    name: &'static str,
    tagging: Tagging,
    shape: &'s Shape,
}

impl<'s> From<&'s Field> for FieldRef<'s> {
    fn from(field: &'s Field) -> Self {
        Self { name: field.name, tagging: field.tagging, shape: field.shape }
    }
}

fn walk_next<'a>(
    input: &mut &'a [u8],
    field: FieldRef<'_>,
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<Element<'a>, Fault> {
    let path = path.child(field.name);
    let Some(&found) = input.first() else {
        return Err(path.fault(Problem::Missing));
    };
    if !field.accepts(found) {
        let expected = field.shape.describe();
        return Err(path.fault(Problem::UnexpectedTag { expected, found }));
    }
    let element = read_element(input).map_err(|problem| path.fault(problem))?;
    match field.tagging {
        Tagging::Explicit(_) => walk(element.content, field.shape, &path, notes)?,
        Tagging::Own | Tagging::Implicit(_) => walk_content(element, field.shape, &path, notes)?,
    }
    Ok(element)
}

fn walk_content(
    element: Element<'_>,
    shape: &Shape,
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<(), Fault> {
    let content = element.content;
    let checked = match shape {
        Shape::Boolean => primitive::read_boolean(content).map(drop),
        Shape::Null => primitive::check_null(content),
        Shape::Integer | Shape::Enumerated => primitive::check_integer(content),
        Shape::Unsigned => primitive::read_unsigned(content).map(drop),
        Shape::BitString => primitive::read_bit_string(content).map(drop),
        Shape::NamedBits => primitive::read_bit_string(content).map(|(octets, unused)| {
            if !primitive::named_bits_are_trimmed(octets, unused) {
                note(notes, path, Tolerated::UntrimmedBits);
            }
        }),
        Shape::OctetString | Shape::Ia5String | Shape::Deferred => Ok(()),
        Shape::Oid => primitive::check_oid(content),
        Shape::Time => primitive::read_time(element.tag, content).map(drop),
        Shape::GeneralizedTime => primitive::read_time(tag::GENERALIZED_TIME, content).map(drop),
        Shape::Any => check_any(element, MAX_ANY_DEPTH),
        Shape::Sequence(fields) => return walk_sequence(content, fields, path, notes),
        Shape::SequenceOf(item) => return walk_items(content, item, path, notes).map(drop),
        Shape::SomeOf(item) => return walk_some(content, item, path, notes),
        Shape::SetOf(item) => {
            walk_some(content, item, path, notes)?;
            note_unsorted(element, path, notes);
            Ok(())
        }
        Shape::Choice(options) => return walk_choice(element, options, path, notes),
    };
    checked.map_err(|problem| path.fault(problem))
}

fn walk_sequence(
    mut content: &[u8],
    fields: &'static [Field],
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<(), Fault> {
    for field in fields {
        let here = content.first().is_some_and(|&found| FieldRef::from(field).accepts(found));
        match field.presence {
            Presence::Optional | Presence::Default(_) if !here => continue,
            _ => {}
        }
        let element = walk_next(&mut content, field.into(), path, notes)?;
        if let Presence::Default(default) = field.presence
            && element.content == default
        {
            note(notes, &path.child(field.name), Tolerated::EncodedDefault);
        }
    }
    if content.is_empty() { Ok(()) } else { Err(path.fault(Problem::TrailingOctets)) }
}

fn walk_items(
    mut content: &[u8],
    item: &'static Field,
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<(), Fault> {
    while !content.is_empty() {
        walk_next(&mut content, item.into(), path, notes)?;
    }
    Ok(())
}

fn walk_some(
    content: &[u8],
    item: &'static Field,
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<(), Fault> {
    if content.is_empty() {
        return Err(path.fault(Problem::Empty));
    }
    walk_items(content, item, path, notes)
}

/// The element is already read; the option whose tag it bears gets it.
fn walk_choice(
    element: Element<'_>,
    options: &'static [Field],
    path: &Path<'_>,
    notes: &mut Notes,
) -> Result<(), Fault> {
    let option = options
        .iter()
        .find(|option| FieldRef::from(*option).accepts(element.tag))
        .ok_or_else(|| {
            path.fault(Problem::UnexpectedTag {
                expected: "one of the alternatives",
                found: element.tag,
            })
        })?;
    walk_next(&mut &element.raw[..], option.into(), path, notes).map(drop)
}

/// X.690 11.6: the encodings of a SET OF stand in ascending order.
fn note_unsorted(element: Element<'_>, path: &Path<'_>, notes: &mut Notes) {
    let sorted = element.children().map(|item| item.raw).is_sorted_by(|one, next| one <= next);
    if !sorted {
        note(notes, path, Tolerated::UnsortedSet);
    }
}

/// An element without a shape: its own tag says what to check.
fn check_any(element: Element<'_>, depth: usize) -> Result<(), Problem> {
    if element.tag & tag::CONSTRUCTED != 0 {
        let depth = depth.checked_sub(1).ok_or(Problem::TooDeep { limit: MAX_ANY_DEPTH })?;
        let mut rest = element.content;
        while !rest.is_empty() {
            check_any(read_element(&mut rest)?, depth)?;
        }
        return Ok(());
    }
    match element.tag {
        tag::BOOLEAN => primitive::read_boolean(element.content).map(drop),
        tag::INTEGER | tag::ENUMERATED => primitive::check_integer(element.content),
        tag::BIT_STRING => primitive::read_bit_string(element.content).map(drop),
        tag::NULL => primitive::check_null(element.content),
        tag::OID => primitive::check_oid(element.content),
        _ => Ok(()),
    }
}

impl FieldRef<'_> {
    fn accepts(self, found: u8) -> bool {
        match self.tagging {
            Tagging::Own => self.shape.accepts(found),
            Tagging::Explicit(number) => found == tag::CONTEXT | tag::CONSTRUCTED | number,
            Tagging::Implicit(number) => {
                let form = if self.shape.is_constructed() { tag::CONSTRUCTED } else { 0 };
                found == tag::CONTEXT | form | number
            }
        }
    }
}

impl Shape {
    fn accepts(&self, found: u8) -> bool {
        match self {
            Self::Any => true,
            Self::Time => matches!(found, tag::UTC_TIME | tag::GENERALIZED_TIME),
            Self::Choice(options) => {
                options.iter().any(|option| FieldRef::from(option).accepts(found))
            }
            Self::Boolean => found == tag::BOOLEAN,
            Self::Null => found == tag::NULL,
            Self::Integer | Self::Unsigned => found == tag::INTEGER,
            Self::Enumerated => found == tag::ENUMERATED,
            Self::BitString | Self::NamedBits => found == tag::BIT_STRING,
            Self::OctetString => found == tag::OCTET_STRING,
            Self::Oid => found == tag::OID,
            Self::GeneralizedTime => found == tag::GENERALIZED_TIME,
            Self::Ia5String => found == tag::IA5_STRING,
            Self::Deferred | Self::Sequence(_) | Self::SequenceOf(_) | Self::SomeOf(_) => {
                found == tag::SEQUENCE
            }
            Self::SetOf(_) => found == tag::SET,
        }
    }

    fn is_constructed(&self) -> bool {
        matches!(
            self,
            Self::Deferred
                | Self::Sequence(_)
                | Self::SequenceOf(_)
                | Self::SomeOf(_)
                | Self::SetOf(_)
        )
    }

    fn describe(&self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::Null => "NULL",
            Self::Integer | Self::Unsigned => "INTEGER",
            Self::Enumerated => "ENUMERATED",
            Self::BitString | Self::NamedBits => "BIT STRING",
            Self::OctetString => "OCTET STRING",
            Self::Oid => "OBJECT IDENTIFIER",
            Self::Time => "UTCTime or GeneralizedTime",
            Self::GeneralizedTime => "GeneralizedTime",
            Self::Ia5String => "IA5String",
            Self::Any => "an element",
            Self::Deferred | Self::Sequence(_) | Self::SequenceOf(_) | Self::SomeOf(_) => {
                "SEQUENCE"
            }
            Self::SetOf(_) => "SET",
            Self::Choice(_) => "one of the alternatives",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static FLAG: Field = Field {
        name: "flag",
        tagging: Tagging::Own,
        presence: Presence::Default(&[0]),
        shape: &Shape::Boolean,
    };
    static PAIR: Shape = Shape::Sequence(&[
        FLAG_COPY,
        Field {
            name: "number",
            tagging: Tagging::Implicit(1),
            presence: Presence::Required,
            shape: &Shape::Unsigned,
        },
    ]);
    const FLAG_COPY: Field = Field {
        name: "flag",
        tagging: Tagging::Own,
        presence: Presence::Default(&[0]),
        shape: &Shape::Boolean,
    };

    fn check(shape: &Shape, octets: &[u8]) -> Result<Notes, String> {
        let mut notes = Notes::new();
        walk(octets, shape, &Path::root("root"), &mut notes)
            .map(|()| notes)
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn fields_are_found_by_their_tags() {
        assert_eq!(check(&PAIR, &[0x30, 3, 0x81, 1, 5]), Ok(vec![]));
        let with_flag = [0x30, 6, 1, 1, 0xFF, 0x81, 1, 5];
        assert_eq!(check(&PAIR, &with_flag), Ok(vec![]));
    }

    #[test]
    fn an_encoded_default_is_noted() {
        let notes = check(&PAIR, &[0x30, 6, 1, 1, 0, 0x81, 1, 5]).expect("tolerated");
        assert_eq!(notes, [("root.flag".to_owned(), Tolerated::EncodedDefault)]);
    }

    #[test]
    fn faults_carry_the_path() {
        let fault = |octets: &[u8]| check(&PAIR, octets).expect_err("refused");
        assert_eq!(fault(&[0x30, 3, 0x81, 1, 0xFF]), "root.number: number out of range");
        assert_eq!(fault(&[0x30, 0]), "root.number: missing");
        assert_eq!(fault(&[0x30, 5, 0x81, 1, 5, 5, 0]), "root: trailing octets");
        assert_eq!(fault(&[0x30, 3, 0x81, 1, 5, 0]), "root: trailing octets");
        assert_eq!(fault(&[0x30, 3, 0x82, 1, 5]), "root.number: expected INTEGER, found tag 0x82");
    }

    #[test]
    fn sets_are_sorted_or_noted() {
        static SET: Shape = Shape::SetOf(&FLAG);
        assert_eq!(check(&SET, &[0x31, 6, 1, 1, 0, 1, 1, 0xFF]), Ok(vec![]));
        let notes = check(&SET, &[0x31, 6, 1, 1, 0xFF, 1, 1, 0]).expect("tolerated");
        assert_eq!(notes, [("root".to_owned(), Tolerated::UnsortedSet)]);
        assert_eq!(check(&SET, &[0x31, 0]).expect_err("refused"), "root: empty");
    }

    #[test]
    fn depth_without_a_shape_is_bounded() {
        let mut octets = vec![0x05, 0x00];
        for _ in 0..=MAX_ANY_DEPTH {
            let length = u8::try_from(octets.len()).expect("short");
            octets.splice(0..0, [0x30, length]);
        }
        let fault = check(&Shape::Any, &octets).expect_err("refused");
        assert_eq!(fault, "root: nested deeper than 16 levels");
        assert!(check(&Shape::Any, &octets[2..]).is_ok());
    }
}
