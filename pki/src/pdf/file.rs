//! A PDF file as its revisions: which object stood where after each of them.
//!
//! 1. The last `startxref` with its `%%EOF` is looked for from the end. What follows
//!    it must be white space; anything else is kept as *appended*: octets that are no
//!    proper update.
//! 2. The chain of cross-reference sections is followed by `Prev`. Each section must
//!    end before the next newer one begins, and have a `startxref` of its own that
//!    names it: it is a revision. A linearised file (ISO 32000-2 annex F) has its first
//!    revision in two sections, the first of them at the beginning of the file.
//! 3. A [`View`] answers as a reader did after one of the revisions: sections of that
//!    revision and before, newest first, nothing beyond its end.
//! 4. Objects are parsed when they are asked for, and dropped. Decoded object streams
//!    are kept for a while, within a limit.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use memchr::memmem;

use super::budget::{self, MAX_KEPT, MAX_KEPT_STREAMS, MAX_SECTIONS, Work};
use super::fault::{PdfFault, PdfProblem};
use super::filter;
use super::syntax::{
    Dictionary, Id, Indirect, Lexer, Object, is_white, parse_indirect, parse_value,
};
use super::xref::{Place, Section, Tail, read_stream};

/// How many `startxref` are tried from the end before the file counts as damaged.
const MAX_TAILS: usize = 16;

/// How many objects may lead to one another before a length or container is found.
const MAX_HOPS: usize = 4;

/// A file whose revisions were read.
pub(super) struct PdfFile<'f> {
    pub(super) bytes: &'f [u8],
    pub(super) work: Work,
    /// Oldest first.
    sections: Vec<Section>,
    /// Every entry of theirs by its number, of each number the oldest first.
    index: Vec<Indexed>,
    revisions: Vec<Revision>,
    /// What follows the last revision but is no white space and no revision.
    pub(super) appended: Option<Range<usize>>,
    /// Why what was appended is no revision.
    pub(super) damage: Option<PdfFault>,
    kept: RefCell<VecDeque<(usize, Rc<ObjectStream>)>>,
}

/// Where an entry is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Indexed {
    number: u32,
    section: u32,
    entry: u32,
}

/// One revision: the original or an incremental update (ISO 32000-2 7.5.6).
#[derive(Clone, Debug)]
pub(super) struct Revision {
    /// Where it begins: at the end of the one before.
    pub(super) start: usize,
    /// Behind its `%%EOF`.
    pub(super) eof: usize,
    /// Behind the end of that line.
    pub(super) end: usize,
    /// Its sections among those of the file.
    pub(super) sections: Range<usize>,
}

/// The file as it was after a revision.
#[derive(Clone, Copy)]
pub(super) struct View<'p, 'f> {
    pub(super) file: &'p PdfFile<'f>,
    /// The number of the revision, from 0.
    pub(super) revision: usize,
}

/// A decoded object stream (ISO 32000-2 7.5.7).
struct ObjectStream {
    decoded: Vec<u8>,
    /// Number and position of each object.
    index: Vec<(u32, usize)>,
}

impl<'f> PdfFile<'f> {
    /// Reads the chain of cross-reference sections.
    pub(super) fn read(bytes: &'f [u8]) -> Result<Self, PdfFault> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(PdfFault::new(0, PdfProblem::NoHeader));
        }
        let work = Work::for_file(bytes.len());
        let mut first_fault = None;
        let mut end = bytes.len();
        for _ in 0..MAX_TAILS {
            let Some(at) = memmem::rfind(&bytes[..end], b"startxref") else { break };
            end = at;
            let Some(tail) = Tail::read(bytes, at) else { continue };
            match read_chain(bytes, tail, &work) {
                Ok((sections, revisions)) => {
                    return Ok(Self::of(bytes, work, sections, revisions, first_fault));
                }
                Err(fault) if fault.problem().is_limit() => return Err(fault),
                Err(fault) => first_fault = first_fault.or(Some(fault)),
            }
        }
        Err(first_fault.unwrap_or(PdfFault::new(bytes.len(), PdfProblem::NoTail)))
    }

    fn of(
        bytes: &'f [u8],
        work: Work,
        sections: Vec<Section>,
        revisions: Vec<Revision>,
        damage: Option<PdfFault>,
    ) -> Self {
        let index = index(&sections);
        let end = revisions.last().map_or(0, |last| last.end);
        let appended = bytes[end..].iter().any(|octet| !is_white(*octet));
        let appended = appended.then_some(end..bytes.len());
        let kept = RefCell::default();
        Self { bytes, work, sections, index, revisions, appended, damage, kept }
    }

    pub(super) fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    pub(super) fn sections(&self, revision: &Revision) -> &[Section] {
        &self.sections[revision.sections.clone()]
    }

    /// The file as it was after a revision.
    pub(super) fn view(&self, revision: usize) -> View<'_, 'f> {
        View { file: self, revision }
    }

    pub(super) fn last_view(&self) -> View<'_, 'f> {
        self.view(self.revisions.len() - 1)
    }

    fn kept(&self, position: usize) -> Option<Rc<ObjectStream>> {
        let kept = self.kept.borrow();
        let found = kept.iter().find(|(key, _)| *key == position);
        found.map(|(_, stream)| Rc::clone(stream))
    }

    fn keep(&self, position: usize, stream: &Rc<ObjectStream>) {
        let mut kept = self.kept.borrow_mut();
        kept.push_front((position, Rc::clone(stream)));
        let mut octets = 0;
        kept.retain(|(_, stream)| {
            octets += stream.octets();
            octets <= MAX_KEPT
        });
        kept.truncate(MAX_KEPT_STREAMS);
    }
}

impl ObjectStream {
    /// What it takes in memory.
    fn octets(&self) -> usize {
        self.decoded.len() + self.index.len() * size_of::<(u32, usize)>()
    }
}

/// The index of all sections. There are fewer sections and entries than four octets count.
fn index(sections: &[Section]) -> Vec<Indexed> {
    let mut index = Vec::with_capacity(sections.iter().map(|one| one.entries.len()).sum());
    for (section, one) in (0..).zip(sections) {
        let entries = (0..).zip(&one.entries);
        index.extend(entries.map(|(entry, one)| Indexed { number: one.number, section, entry }));
    }
    index.sort_unstable();
    index
}

/// Follows `Prev` from a tail; sections come out oldest first.
fn read_chain(
    bytes: &[u8],
    tail: Tail,
    work: &Work,
) -> Result<(Vec<Section>, Vec<Revision>), PdfFault> {
    let mut sections: Vec<Section> = Vec::new();
    let mut next = Some(tail.startxref);
    while let Some(position) = next {
        budget::within(
            sections.len() as u64 + 1,
            MAX_SECTIONS,
            "cross-reference sections",
            position,
        )?;
        if sections.iter().any(|section| section.position == position) {
            return Err(PdfFault::new(position, PdfProblem::SectionOrder));
        }
        let mut section = Section::read(bytes, position, work)?;
        if let Some(hybrid) = section.hybrid {
            merge_hybrid(bytes, &mut section, hybrid, work)?;
        }
        next = section.previous()?;
        sections.push(section);
    }
    sections.reverse();
    let revisions = group(&sections)?;
    if revisions.last().is_none_or(|last| last.end != tail.end) {
        return Err(PdfFault::new(tail.eof, PdfProblem::SectionOrder));
    }
    Ok((sections, revisions))
}

/// Adds the entries of a hybrid file's stream: they are looked at behind the table's,
/// which calls those objects free (ISO 32000-2 7.5.8.4).
fn merge_hybrid(
    bytes: &[u8],
    section: &mut Section,
    position: usize,
    work: &Work,
) -> Result<(), PdfFault> {
    let other = read_stream(bytes, position, work)?;
    let mut entries = std::mem::take(&mut section.entries);
    let hidden: Vec<u32> = other.entries.iter().map(|entry| entry.number).collect();
    let hidden: std::collections::HashSet<u32> = hidden.into_iter().collect();
    entries.retain(|entry| entry.place() != Place::Free || !hidden.contains(&entry.number));
    entries.extend(other.entries);
    section.entries = entries;
    section.sort();
    Ok(())
}

/// Groups sections into revisions; oldest first.
fn group(sections: &[Section]) -> Result<Vec<Revision>, PdfFault> {
    let mut revisions: Vec<Revision> = Vec::new();
    let mut index = 0;
    while let Some(section) = sections.get(index) {
        let start = revisions.last().map_or(0, |last| last.end);
        let disorder = || PdfFault::new(section.position, PdfProblem::SectionOrder);
        let tail = section.tail.ok_or_else(disorder)?;
        // The first revision of a linearised file: the section that comes first in the
        // chain of `Prev` stands at the beginning, and the tail at the end names it.
        let linearised = index == 0
            && sections.get(1).is_some_and(|first| {
                first.end <= section.position && tail.startxref == first.position
            });
        let named = if linearised { sections[1].position } else { section.position };
        if tail.startxref != named || section.position < start {
            return Err(disorder());
        }
        let count = if linearised { 2 } else { 1 };
        let sections = index..index + count;
        revisions.push(Revision { start, eof: tail.eof, end: tail.end, sections });
        index += count;
    }
    Ok(revisions)
}

impl<'p, 'f> View<'p, 'f> {
    /// The revision that this is the state after.
    pub(super) fn newest(&self) -> &'p Revision {
        &self.file.revisions[self.revision]
    }

    /// The octets up to the end of the revision: nothing behind them counts.
    pub(super) fn bytes(&self) -> &'f [u8] {
        &self.file.bytes[..self.newest().end]
    }

    /// The trailer of the newest section (ISO 32000-2 7.5.5).
    pub(super) fn trailer(&self) -> &'p Dictionary {
        let sections = self.file.sections(self.newest());
        // A revision has a section at least; that of the chain's head is its last.
        &sections[sections.len() - 1].trailer
    }

    /// Where an object is; `None` when no section knows it.
    pub(super) fn place(&self, number: u32) -> Option<Place> {
        let end = self.newest().sections.end;
        let is_before = |one: &Indexed| (one.number, one.section as usize) < (number, end);
        let behind = self.file.index.partition_point(is_before);
        let found = self.file.index[..behind].last().filter(|one| one.number == number)?;
        let section = &self.file.sections[found.section as usize];
        Some(section.entries[found.entry as usize].place())
    }

    /// Whether an object is the same in both, by the cross-reference alone.
    pub(super) fn is_same(&self, other: &Self, number: u32) -> bool {
        let (one, two) = (self.place(number), other.place(number));
        let same_container = match one {
            Some(Place::InStream { container, .. }) => {
                self.place(container) == other.place(container)
            }
            _ => true,
        };
        one == two && same_container
    }

    /// The object, as it stood; `None` for null, which is what numbers that are free or
    /// unknown refer to (ISO 32000-2 7.3.10).
    pub(super) fn load(&self, id: Id) -> Result<Option<Indirect>, PdfFault> {
        self.load_within(id, MAX_HOPS)
    }

    fn load_within(&self, id: Id, hops: usize) -> Result<Option<Indirect>, PdfFault> {
        self.file.work.looked_up(self.newest().start)?;
        match self.place(id.number) {
            Some(Place::At { offset, generation }) if generation == id.generation => {
                self.load_at(offset, id, hops).map(Some)
            }
            Some(Place::InStream { container, index }) if id.generation == 0 => {
                self.load_from(container, index, id, hops).map(Some)
            }
            // Another generation than the one referred to is no object at all.
            None | Some(Place::Free | Place::At { .. } | Place::InStream { .. }) => Ok(None),
        }
    }

    fn load_at(&self, offset: usize, id: Id, hops: usize) -> Result<Indirect, PdfFault> {
        let mut length = |id| self.length(id, hops);
        parse_indirect(self.bytes(), offset, Some(id), &self.file.work, &mut length)
    }

    /// An integer that stands elsewhere: the length of a stream.
    fn length(&self, id: Id, hops: usize) -> Result<Option<i64>, PdfFault> {
        let hops = hops.checked_sub(1).ok_or(PdfFault::new(0, PdfProblem::Loop))?;
        let object = self.load_within(id, hops)?;
        Ok(object.and_then(|object| object.value.as_integer()))
    }

    fn load_from(
        &self,
        container: u32,
        index: u32,
        id: Id,
        hops: usize,
    ) -> Result<Indirect, PdfFault> {
        let stream = self.object_stream(container, hops)?;
        let entry = stream.index.get(index as usize);
        let Some((_, position)) = entry.filter(|(number, _)| *number == id.number) else {
            return Err(PdfFault::new(index as usize, PdfProblem::OtherObject));
        };
        let (value, end, duplicate) = parse_value(&stream.decoded, *position, &self.file.work)?;
        Ok(Indirect { id, value, stream: None, span: *position..end, duplicate })
    }

    fn object_stream(&self, container: u32, hops: usize) -> Result<Rc<ObjectStream>, PdfFault> {
        // Containers do not stand in object streams (7.5.7), nor are they generations.
        let Some(Place::At { offset, generation: 0 }) = self.place(container) else {
            return Err(PdfFault::new(0, PdfProblem::Expected("an object stream")));
        };
        if let Some(kept) = self.file.kept(offset) {
            return Ok(kept);
        }
        let id = Id { number: container, generation: 0 };
        let object = self.load_at(offset, id, hops)?;
        let fault = |problem| PdfFault::new(offset, problem);
        let (Some(dictionary), Some(encoded)) = (object.value.as_dictionary(), object.stream)
        else {
            return Err(fault(PdfProblem::Expected("an object stream")));
        };
        if !dictionary.is("Type", "ObjStm") || object.duplicate.is_some() {
            return Err(fault(PdfProblem::Expected("an object stream")));
        }
        let work = &self.file.work;
        let decoded = filter::decode(dictionary, &self.bytes()[encoded], offset, work)?;
        let index = read_index(dictionary, &decoded, offset, work)?;
        let stream = Rc::new(ObjectStream { decoded, index });
        self.file.keep(offset, &stream);
        Ok(stream)
    }

    /// The value itself, or what it refers to.
    pub(super) fn resolve(&self, value: &Object) -> Result<Object, PdfFault> {
        match value {
            Object::Reference(id) => {
                let object = self.load(*id)?;
                Ok(object.map_or(Object::Null, |object| object.value))
            }
            direct => Ok(direct.clone()),
        }
    }

    /// The resolved value of a key.
    pub(super) fn get(&self, dictionary: &Dictionary, key: &str) -> Result<Object, PdfFault> {
        dictionary.get(key).map_or(Ok(Object::Null), |value| self.resolve(value))
    }

    /// The catalogue (ISO 32000-2 7.7.2) and its number.
    pub(super) fn catalogue(&self) -> Result<(Id, Dictionary), PdfFault> {
        let at = self.newest().start;
        let missing = PdfFault::new(at, PdfProblem::Expected("a catalogue"));
        let Some(id) = self.trailer().get("Root").and_then(Object::as_reference) else {
            return Err(missing);
        };
        let object = self.load(id)?.ok_or(missing.clone())?;
        if let Some(key) = &object.duplicate {
            let key = String::from_utf8_lossy(key).into_owned();
            return Err(PdfFault::new(object.span.start, PdfProblem::DuplicateKey(key)));
        }
        match object.value {
            Object::Dictionary(catalogue) => Ok((id, catalogue)),
            _ => Err(missing),
        }
    }
}

/// The numbers and positions at the start of an object stream (7.5.7).
fn read_index(
    dictionary: &Dictionary,
    decoded: &[u8],
    at: usize,
    work: &Work,
) -> Result<Vec<(u32, usize)>, PdfFault> {
    let fault = |problem| PdfFault::new(at, problem);
    let size = |key| dictionary.integer(key).and_then(|value| usize::try_from(value).ok());
    let (Some(count), Some(first)) = (size("N"), size("First")) else {
        return Err(fault(PdfProblem::Expected("the index of an object stream")));
    };
    if first > decoded.len() {
        return Err(fault(PdfProblem::OutOfRange));
    }
    work.parsed(first, at)?;
    let mut lexer = Lexer::new(&decoded[..first], 0);
    let mut index = Vec::new();
    for _ in 0..count {
        let number = u32::try_from(lexer.unsigned()?);
        let offset = usize::try_from(lexer.unsigned()?);
        let position = offset.ok().and_then(|offset| offset.checked_add(first));
        let position = position.filter(|position| *position < decoded.len());
        let (Ok(number), Some(position)) = (number, position) else {
            return Err(fault(PdfProblem::OutOfRange));
        };
        index.push((number, position));
    }
    Ok(index)
}
