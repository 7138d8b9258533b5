//! Whether every octet of a revision is accounted for. Readers that repair files look
//! at octets that the cross-reference does not lead to: an object hidden there is one
//! that another reader may show.
//!
//! 1. Each object that a revision's sections place inside of it is parsed, so that its
//!    end is known. Sections and tails are octets accounted for too.
//! 2. Between them there may be white space and comments, nothing else.
//! 3. An entry of an update must lead into that update, or be what it already was: one
//!    that leads back calls something else into the document that was signed unseen.

use std::cmp::Reverse;

use super::fault::PdfFault;
use super::file::PdfFile;
use super::syntax::{Id, Lexer, parse_indirect};
use super::xref::Place;

/// How many irregularities of one revision are kept.
const MAX_KEPT: usize = 8;

/// What the census of one revision found.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// Octets that nothing leads to: where they begin, and the object if it is one.
    pub(super) hidden: Vec<(usize, Option<Id>)>,
    /// Entries that lead back into octets of an earlier revision, where they did not
    /// lead before.
    pub(super) redirected: Vec<u32>,
    /// Entries that lead to nothing that is the object.
    pub(super) unreadable: Vec<(u32, PdfFault)>,
    /// Numbers with several entries that differ.
    pub(super) repeated: Vec<u32>,
    /// Objects in which a dictionary has a key twice.
    pub(super) duplicates: Vec<(Id, Box<[u8]>)>,
}

/// Counts one revision.
pub(super) fn take(file: &PdfFile<'_>, revision: usize) -> Result<Census, PdfFault> {
    let mut census = Census::default();
    let spans = census.spans(file, revision)?;
    census.gaps(file, revision, &spans);
    Ok(census)
}

impl Census {
    /// The octets that are accounted for, in order.
    fn spans(
        &mut self,
        file: &PdfFile<'_>,
        revision: usize,
    ) -> Result<Vec<(usize, usize)>, PdfFault> {
        let view = file.view(revision);
        let (range, mut spans) = (view.newest(), Vec::new());
        for section in file.sections(range) {
            for number in &section.repeated {
                keep(&mut self.repeated, *number);
            }
            spans.push((section.position, section.tail.map_or(section.end, |tail| tail.end)));
            for entry in &section.entries {
                let Place::At { offset, generation } = entry.place() else { continue };
                if offset < range.start {
                    let known = revision
                        .checked_sub(1)
                        .and_then(|before| file.view(before).place(entry.number));
                    if known != Some(entry.place()) {
                        keep(&mut self.redirected, entry.number);
                    }
                    continue;
                }
                let id = Id { number: entry.number, generation };
                match self.one(file, revision, id, offset) {
                    Ok(span) => spans.push(span),
                    Err(fault) if fault.problem().is_limit() => return Err(fault),
                    Err(fault) => keep(&mut self.unreadable, (id.number, fault)),
                }
            }
        }
        // A cross-reference stream is a section and an object of its own: the longer span
        // comes first.
        spans.sort_unstable_by_key(|(start, end)| (*start, Reverse(*end)));
        Ok(spans)
    }

    fn one(
        &mut self,
        file: &PdfFile<'_>,
        revision: usize,
        id: Id,
        offset: usize,
    ) -> Result<(usize, usize), PdfFault> {
        let view = file.view(revision);
        let mut length = |id| {
            let object = view.load(id)?;
            Ok(object.and_then(|object| object.value.as_integer()))
        };
        let object = parse_indirect(view.bytes(), offset, Some(id), &file.work, &mut length)?;
        if let Some(key) = object.duplicate {
            keep(&mut self.duplicates, (id, key));
        }
        Ok((object.span.start, object.span.end))
    }

    fn gaps(&mut self, file: &PdfFile<'_>, revision: usize, spans: &[(usize, usize)]) {
        let range = &file.revisions()[revision];
        let mut cursor = range.start;
        let ends = spans.iter().copied().chain([(range.end, range.end)]);
        for (start, end) in ends {
            let mut lexer = Lexer::new(&file.bytes[..start.max(cursor)], cursor);
            lexer.skip_space();
            // A tail may stand alone behind a section that lies elsewhere.
            while lexer.position() < start && lexer.take_keyword("startxref") {
                let _ = lexer.unsigned();
                lexer.skip_space();
            }
            if lexer.position() < start {
                self.hide(file, lexer.position());
            } else if start < cursor && end > cursor {
                // One object that begins inside another and goes on behind it.
                self.hide(file, start);
            }
            cursor = cursor.max(end);
        }
    }
}

impl Census {
    /// What stands there is looked at only if it is kept: a comment may follow that goes on to
    /// the end of the file.
    fn hide(&mut self, file: &PdfFile<'_>, at: usize) {
        if self.hidden.len() < MAX_KEPT {
            self.hidden.push((at, id_at(file.bytes, at)));
        }
    }
}

fn keep<T>(kept: &mut Vec<T>, item: T) {
    if kept.len() < MAX_KEPT {
        kept.push(item);
    }
}

/// The object whose head stands at a position.
fn id_at(bytes: &[u8], position: usize) -> Option<Id> {
    let mut lexer = Lexer::new(bytes, position);
    let number = u32::try_from(lexer.unsigned().ok()?).ok()?;
    let generation = u16::try_from(lexer.unsigned().ok()?).ok()?;
    lexer.keyword("obj").ok()?;
    Some(Id { number, generation })
}
