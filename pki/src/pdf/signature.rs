//! Signature dictionaries (ISO 32000-2 12.8.1) and what their ByteRange covers.
//!
//! 1. The `ByteRange` is two ranges of octets that start at 0, lie in order and inside
//!    the file, and leave out exactly the `Contents` of this very dictionary, angle
//!    brackets included (12.8.1; ETSI EN 319 142-1 5.5). Everything else is one of the
//!    published forgeries.
//! 2. They end where a revision ends: what was signed is that revision, whole.
//! 3. The permissions that the signature gives for later updates are read (DocMDP,
//!    FieldMDP).

use std::collections::HashSet;
use std::ops::Range;

use crate::{Code, Finding, Timestamp};

use super::codes;
use super::fault::PdfFault;
use super::field::{Field, SignatureAt};
use super::file::{PdfFile, View};
use super::syntax::{Dictionary, Id, Indirect, Object, is_white};
use super::text;
use super::xref::Place;

/// A signature of a file.
#[derive(Debug)]
pub(super) struct Signature {
    /// The fully qualified name of the field.
    pub(super) field: String,
    pub(super) dictionary: Dictionary,
    pub(super) kind: Kind,
    /// What is covered, if the ByteRange is in order.
    pub(super) covered: Option<Covered>,
    pub(super) permissions: Permissions,
    /// What is not as it must be.
    pub(super) findings: Vec<Finding>,
}

/// How the signature is encoded (ISO 32000-2 table 260; ETSI EN 319 142-1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `adbe.pkcs7.detached`.
    Pkcs7,
    /// `ETSI.CAdES.detached`.
    Cades,
    /// `ETSI.RFC3161`.
    Timestamp,
    /// Another, by its name.
    Other(String),
}

/// The octets that a signature is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Covered {
    pub(super) ranges: [Range<usize>; 2],
    /// The revision that they are the whole of.
    pub(super) revision: usize,
}

/// What updates behind a signature may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Permissions {
    /// Of a certification (12.8.2.2).
    pub(super) certification: Option<Level>,
    /// Of an approval that locks its fields (table 236, P of a lock dictionary).
    pub(super) lock: Option<Level>,
    /// Fields that may not change (12.8.2.4; table 236).
    pub(super) locked: Vec<FieldLock>,
}

/// The levels of DocMDP (table 257), by what they add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// P 1: nothing but validation data and document timestamps.
    Nothing,
    /// P 2: filling in forms, and signing.
    Forms,
    /// P 3: annotations too.
    Annotations,
}

/// Which fields are locked (table 259).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FieldLock {
    All,
    Include(HashSet<String>),
    Exclude(HashSet<String>),
}

impl Level {
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Nothing => 1,
            Self::Forms => 2,
            Self::Annotations => 3,
        }
    }

    /// 2 where nothing is said (table 257); what is no level permits nothing.
    fn read(parameters: &Dictionary) -> Self {
        match parameters.get("P") {
            None | Some(Object::Integer(2)) => Self::Forms,
            Some(Object::Integer(3)) => Self::Annotations,
            Some(_) => Self::Nothing,
        }
    }
}

impl FieldLock {
    /// A field, and every one below a field that is named.
    pub(super) fn locks(&self, field: &str) -> bool {
        let dots = field.match_indices('.').map(|(dot, _)| dot);
        let mut prefixes = dots.chain([field.len()]).map(|end| &field[..end]);
        let mut holds = |names: &HashSet<String>| prefixes.any(|prefix| names.contains(prefix));
        match self {
            Self::All => true,
            Self::Include(names) => holds(names),
            Self::Exclude(names) => !holds(names),
        }
    }
}

impl Signature {
    /// Reads the signature of a field, as of a view. `None` where the field holds no
    /// dictionary at all.
    pub(super) fn read(view: &View<'_, '_>, field: &Field) -> Result<Option<Self>, PdfFault> {
        let Some(at) = field.signature else { return Ok(None) };
        let (SignatureAt::Object(id) | SignatureAt::InField(id)) = at;
        let Some(object) = view.load(id)? else { return Ok(None) };
        let Some(dictionary) = of(&object, at) else { return Ok(None) };
        view.file.work.retain(dictionary.weight(), object.span.start)?;
        let dictionary = dictionary.clone();
        let mut signature = Self {
            field: field.name.clone(),
            kind: Kind::of(&dictionary),
            dictionary,
            covered: None,
            permissions: Permissions::default(),
            findings: Vec::new(),
        };
        if let Some(key) = &object.duplicate {
            signature.fail(&codes::PDF_DUPLICATE_KEY, String::from_utf8_lossy(key));
        }
        signature.cover(view, id);
        if let Some(covered) = &signature.covered {
            // They will be hashed.
            let octets = covered.ranges.iter().map(ExactSizeIterator::len).sum();
            view.file.work.pay(octets, covered.ranges[0].end)?;
        }
        signature.permit(view, field)?;
        Ok(Some(signature))
    }

    fn fail(&mut self, code: &'static Code, seen: impl std::fmt::Display) {
        self.findings.push(Finding::failed(code).seen(seen));
    }

    /// Steps 1 and 2.
    fn cover(&mut self, view: &View<'_, '_>, id: Id) {
        let file = view.file;
        let contents = match contents(&self.dictionary) {
            Ok(span) => span,
            Err(why) => return self.fail(&codes::PDF_UNIVERSAL_FORGERY, why),
        };
        let ranges = match ranges(&self.dictionary, file.bytes.len()) {
            Ok(ranges) => ranges,
            Err(why) => return self.fail(&codes::PDF_UNIVERSAL_FORGERY, why),
        };
        let gap = ranges[0].end..ranges[1].start;
        let in_file = matches!(view.place(id.number), Some(Place::At { .. }));
        if !in_file || gap != contents || !is_hexadecimal(&file.bytes[gap.clone()]) {
            let seen = format!("left out {gap:?}, Contents {contents:?}");
            return self.fail(&codes::PDF_SIGNATURE_WRAPPING, seen);
        }
        match revision_ending(file, ranges[1].end) {
            Some(revision) => {
                let end = file.revisions()[revision].end;
                let same = view.file.view(revision).is_same(view, id.number);
                if contents.end <= end && same {
                    self.covered = Some(Covered { ranges, revision });
                } else {
                    self.fail(
                        &codes::PDF_SIGNATURE_WRAPPING,
                        format!("{id} is not in what it covers"),
                    );
                }
            }
            None => self.fail(&codes::PDF_COVERAGE, format!("octets 0 to {}", ranges[1].end)),
        }
    }

    /// Step 3. What is there but cannot be read permits nothing.
    fn permit(&mut self, view: &View<'_, '_>, field: &Field) -> Result<(), PdfFault> {
        let references = view.get(&self.dictionary, "Reference")?;
        for reference in references.as_array().unwrap_or_default() {
            let reference = view.resolve(reference)?;
            let Some(reference) = reference.as_dictionary() else { continue };
            let parameters = view.get(reference, "TransformParams")?;
            let none = Dictionary::default();
            let parameters = parameters.as_dictionary().unwrap_or(&none);
            match reference.name("TransformMethod") {
                Some(b"DocMDP") => {
                    self.permissions.certification = Some(Level::read(parameters));
                }
                Some(b"FieldMDP") => self.permissions.locked.push(lock(view, parameters)?),
                _ => {}
            }
        }
        let Some(object) = view.load(field.id)? else { return Ok(()) };
        let Some(dictionary) = object.value.as_dictionary() else { return Ok(()) };
        if let Object::Dictionary(own) = view.get(dictionary, "Lock")? {
            self.permissions.locked.push(lock(view, &own)?);
            self.permissions.lock = own.get("P").map(|_| Level::read(&own));
        }
        Ok(())
    }

    /// The signature's own octets, without the zeros that pad them.
    pub(super) fn contents(&self) -> &[u8] {
        self.dictionary.get("Contents").and_then(Object::as_string).unwrap_or_default()
    }

    /// When it says that it was made (table 255, M).
    pub(super) fn claimed_time(&self) -> Option<Timestamp> {
        text::date(self.dictionary.get("M")?.as_string()?)
    }

    /// A text that it says of itself (table 255): nothing proves it.
    pub(super) fn claim(&self, key: &str) -> Option<String> {
        self.dictionary.get(key)?.as_string().map(text::text)
    }
}

impl Kind {
    fn of(dictionary: &Dictionary) -> Self {
        match dictionary.name("SubFilter") {
            Some(b"adbe.pkcs7.detached") => Self::Pkcs7,
            Some(b"ETSI.CAdES.detached") => Self::Cades,
            Some(b"ETSI.RFC3161") => Self::Timestamp,
            Some(other) => Self::Other(String::from_utf8_lossy(other).into_owned()),
            None => Self::Other("none".to_owned()),
        }
    }
}

/// The signature dictionary in an object.
fn of(object: &Indirect, at: SignatureAt) -> Option<&Dictionary> {
    let dictionary = object.value.as_dictionary()?;
    match at {
        SignatureAt::Object(_) => Some(dictionary),
        SignatureAt::InField(_) => dictionary.get("V")?.as_dictionary(),
    }
}

/// Where the hexadecimal string is. A signature of nothing but zeros is none.
fn contents(dictionary: &Dictionary) -> Result<Range<usize>, &'static str> {
    let entry = dictionary.entry("Contents").ok_or("no Contents")?;
    let octets = entry.value.as_string().ok_or("Contents is no string")?;
    if octets.iter().all(|octet| *octet == 0) {
        return Err("Contents is empty");
    }
    Ok(entry.span.clone())
}

/// The two ranges, in order and inside a file of this length.
fn ranges(dictionary: &Dictionary, file: usize) -> Result<[Range<usize>; 2], &'static str> {
    let items = dictionary.get("ByteRange").ok_or("no ByteRange")?;
    let items = items.as_array().ok_or("ByteRange is no array")?;
    let number = |item: &Object| item.as_integer().and_then(|value| usize::try_from(value).ok());
    let numbers: Option<Vec<usize>> = items.iter().map(number).collect();
    let numbers = numbers.ok_or("ByteRange has what is no offset or length")?;
    let [start, length, next, rest] = numbers[..] else {
        return Err("ByteRange has not four numbers");
    };
    if start != 0 {
        return Err("ByteRange does not start at 0");
    }
    if length == 0 || rest == 0 {
        return Err("ByteRange has an empty range");
    }
    let end = next.checked_add(rest).filter(|end| *end <= file);
    let end = end.ok_or("ByteRange goes beyond the file")?;
    if next <= length {
        return Err("ByteRange overlaps");
    }
    Ok([0..length, next..end])
}

/// `<`, hexadecimal digits, `>`: no white space that could hide anything.
fn is_hexadecimal(gap: &[u8]) -> bool {
    let digits = gap.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">"));
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// The revision that ends at an offset: behind `%%EOF`, or behind white space there.
fn revision_ending(file: &PdfFile<'_>, end: usize) -> Option<usize> {
    file.revisions().iter().position(|revision| {
        end >= revision.eof && file.bytes[revision.eof..end].iter().all(|octet| is_white(*octet))
    })
}

/// What a lock dictionary or the parameters of FieldMDP lock; everything where they
/// cannot be read.
fn lock(view: &View<'_, '_>, parameters: &Dictionary) -> Result<FieldLock, PdfFault> {
    let names = view.get(parameters, "Fields")?;
    let name = |item: &Object| item.as_string().map(text::text);
    let items = names.as_array();
    // They are kept as long as the signature.
    let octets = items.map_or(0, |items| items.iter().map(Object::weight).sum());
    view.file.work.retain(octets, view.newest().start)?;
    let names = items.and_then(|items| items.iter().map(name).collect());
    Ok(match (parameters.name("Action"), names) {
        (Some(b"Include"), Some(names)) => FieldLock::Include(names),
        (Some(b"Exclude"), Some(names)) => FieldLock::Exclude(names),
        _ => FieldLock::All,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_holds_for_fields_below() {
        let lock = FieldLock::Include(["a".to_owned(), "b.c".to_owned()].into());
        assert!(lock.locks("a") && lock.locks("a.x") && lock.locks("b.c"));
        assert!(!lock.locks("ab") && !lock.locks("b"));
        let lock = FieldLock::Exclude(["a".to_owned()].into());
        assert!(!lock.locks("a.x") && lock.locks("b"));
        assert!(FieldLock::All.locks("anything"));
    }
}
