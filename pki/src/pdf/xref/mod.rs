//! Cross-reference sections (ISO 32000-2 7.5.4, 7.5.8): tables, streams, and both
//! in hybrid files.

mod stream;
mod table;

use super::budget::Work;
use super::fault::{PdfFault, PdfProblem};
use super::syntax::{Dictionary, Lexer, parse_value};

pub(super) use stream::read_stream;

/// One cross-reference section with its trailer.
#[derive(Debug)]
pub(super) struct Section {
    /// Where it begins: what `startxref` or `Prev` says.
    pub(super) position: usize,
    /// Where the section itself and its trailer end.
    pub(super) end: usize,
    /// Its entries by object number, each once.
    pub(super) entries: Vec<XrefEntry>,
    /// Numbers that it has more than one entry for.
    pub(super) repeated: Vec<u32>,
    pub(super) trailer: Dictionary,
    /// The position of the other section of a hybrid file.
    pub(super) hybrid: Option<usize>,
    /// The `startxref` behind it.
    pub(super) tail: Option<Tail>,
}

/// `startxref`, its number and `%%EOF` (7.5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    pub(super) startxref: usize,
    /// Behind `%%EOF`.
    pub(super) eof: usize,
    /// Behind the end of the line that `%%EOF` stands on.
    pub(super) end: usize,
}

/// What a section says about one object number. Packed into sixteen octets: there
/// may be half a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct XrefEntry {
    pub(super) number: u32,
    generation: u16,
    kind: Kind,
    value: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Free,
    At,
    InStream,
}

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// Nowhere: the number is free.
    Free,
    /// At an offset of the file.
    At {
        /// Of its number.
        offset: usize,
        generation: u16,
    },
    /// In an object stream.
    InStream {
        /// The object number of the stream.
        container: u32,
        index: u32,
    },
}

impl XrefEntry {
    pub(super) fn new(number: u32, place: Place) -> Self {
        let (kind, generation, value) = match place {
            Place::Free => (Kind::Free, 0, 0),
            Place::At { offset, generation } => (Kind::At, generation, offset as u64),
            Place::InStream { container, index } => {
                (Kind::InStream, 0, u64::from(container) << 32 | u64::from(index))
            }
        };
        Self { number, generation, kind, value }
    }

    pub(super) fn place(&self) -> Place {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "both halves were put there by `new`, and offsets came from a `usize`"
        )]
        match self.kind {
            Kind::Free => Place::Free,
            Kind::At => Place::At { offset: self.value as usize, generation: self.generation },
            Kind::InStream => {
                Place::InStream { container: (self.value >> 32) as u32, index: self.value as u32 }
            }
        }
    }
}

impl Section {
    /// Reads the section at a position.
    pub(super) fn read(file: &[u8], position: usize, work: &Work) -> Result<Self, PdfFault> {
        if position >= file.len() {
            return Err(PdfFault::new(position, PdfProblem::OutOfRange));
        }
        let mut lexer = Lexer::new(file, position);
        lexer.skip_white();
        let mut section = if lexer.take_keyword("xref") {
            table::read_table(file, position, lexer, work)?
        } else {
            let mut section = read_stream(file, position, work)?;
            section.end = behind_idle_trailer(file, section.end, work)?;
            section
        };
        let (tail, end) = Tail::looked_for(file, section.end);
        // A comment that hides the tail may go on to the end of the file.
        work.parsed(end.saturating_sub(section.end), position)?;
        section.tail = tail;
        section.sort();
        section.check()?;
        Ok(section)
    }

    /// Sorts the entries; of several for one number the first stays.
    pub(super) fn sort(&mut self) {
        self.entries.sort_by_key(|entry| entry.number);
        let repeated = &mut self.repeated;
        self.entries.dedup_by(|later, first| {
            let same = later.number == first.number;
            if same && later != first {
                repeated.push(later.number);
            }
            same
        });
    }

    fn check(&self) -> Result<(), PdfFault> {
        let fault = |problem| Err(PdfFault::new(self.position, problem));
        if let Some(key) = self.trailer.duplicate() {
            return fault(PdfProblem::DuplicateKey(String::from_utf8_lossy(key).into_owned()));
        }
        if self.trailer.get("Encrypt").is_some() {
            return fault(PdfProblem::Encrypted);
        }
        Ok(())
    }

    /// The section that this one comes behind.
    pub(super) fn previous(&self) -> Result<Option<usize>, PdfFault> {
        offset_of(&self.trailer, "Prev", self.position)
    }
}

/// An offset in a trailer.
fn offset_of(trailer: &Dictionary, key: &str, at: usize) -> Result<Option<usize>, PdfFault> {
    let Some(value) = trailer.get(key) else { return Ok(None) };
    let offset = value.as_integer().and_then(|offset| usize::try_from(offset).ok());
    offset.map(Some).ok_or(PdfFault::new(at, PdfProblem::OutOfRange))
}

impl Tail {
    /// Reads the tail that stands behind a position, comments and white space
    /// passed over.
    pub(super) fn read(file: &[u8], position: usize) -> Option<Self> {
        Self::looked_for(file, position).0
    }

    /// The same with the place up to which the file was read for it.
    fn looked_for(file: &[u8], position: usize) -> (Option<Self>, usize) {
        let mut lexer = Lexer::new(file, position);
        let tail = Self::take(&mut lexer);
        (tail, lexer.position())
    }

    fn take(lexer: &mut Lexer<'_>) -> Option<Self> {
        lexer.skip_space();
        if !lexer.take_keyword("startxref") {
            return None;
        }
        let startxref = usize::try_from(lexer.unsigned().ok()?).ok()?;
        lexer.skip_white();
        if !lexer.take(b"%%EOF") {
            return None;
        }
        let eof = lexer.position();
        let _ = lexer.take(b"\r\n") || lexer.take(b"\n") || lexer.take(b"\r");
        Some(Self { startxref, eof, end: lexer.position() })
    }
}

/// Acrobat writes a trailer behind the stream of a linearised file, which has its own: it is
/// passed over where it says nothing that a reader could go by.
fn behind_idle_trailer(file: &[u8], end: usize, work: &Work) -> Result<usize, PdfFault> {
    let mut lexer = Lexer::new(file, end);
    lexer.skip_white();
    if !lexer.take_keyword("trailer") {
        return Ok(end);
    }
    let (trailer, behind) = read_trailer(file, lexer.position(), work)?;
    let is_idle = trailer.entries().iter().all(|entry| matches!(&*entry.key, b"Size" | b"ID"));
    Ok(if is_idle { behind } else { end })
}

/// A trailer dictionary and where it ends.
fn read_trailer(
    file: &[u8],
    position: usize,
    work: &Work,
) -> Result<(Dictionary, usize), PdfFault> {
    let (value, end, duplicate) = parse_value(file, position, work)?;
    let fault = |problem| Err(PdfFault::new(position, problem));
    match (value, duplicate) {
        (super::syntax::Object::Dictionary(trailer), None) => Ok((trailer, end)),
        (_, Some(key)) => {
            fault(PdfProblem::DuplicateKey(String::from_utf8_lossy(&key).into_owned()))
        }
        _ => fault(PdfProblem::Expected("a trailer dictionary")),
    }
}
