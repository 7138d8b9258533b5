//! Cross-reference tables (ISO 32000-2 7.5.4).

use crate::pdf::budget::Work;
use crate::pdf::fault::{PdfFault, PdfProblem};
use crate::pdf::syntax::Lexer;

use super::{Place, Section, XrefEntry, offset_of, read_trailer};

/// Reads the table behind its keyword, and the trailer.
pub(super) fn read_table(
    file: &[u8],
    position: usize,
    mut lexer: Lexer<'_>,
    work: &Work,
) -> Result<Section, PdfFault> {
    let mut entries = Vec::new();
    loop {
        lexer.skip_space();
        if lexer.take_keyword("trailer") {
            break;
        }
        let read = read_subsection(&mut lexer, &mut entries, work);
        if read.is_err() {
            work.parsed(lexer.position() - position, position)?;
        }
        read?;
    }
    work.parsed(lexer.position() - position, position)?;
    let (trailer, end) = read_trailer(file, lexer.position(), work)?;
    let hybrid = offset_of(&trailer, "XRefStm", position)?;
    Ok(Section { position, end, entries, repeated: Vec::new(), trailer, hybrid, tail: None })
}

fn read_subsection(
    lexer: &mut Lexer<'_>,
    entries: &mut Vec<XrefEntry>,
    work: &Work,
) -> Result<(), PdfFault> {
    let at = lexer.position();
    let out_of_range = || PdfFault::new(at, PdfProblem::OutOfRange);
    let first = u32::try_from(lexer.unsigned()?).map_err(|_| out_of_range())?;
    let count = u32::try_from(lexer.unsigned()?).map_err(|_| out_of_range())?;
    for index in 0..count {
        let at = lexer.position();
        work.entry(at)?;
        let number = first.checked_add(index).ok_or_else(out_of_range)?;
        let offset = usize::try_from(lexer.unsigned()?).map_err(|_| out_of_range())?;
        let generation = lexer.unsigned()?;
        lexer.skip_white();
        let place = if lexer.take_keyword("n") {
            let generation = u16::try_from(generation).map_err(|_| out_of_range())?;
            // No object stands where the header does: writers mean a free number.
            if offset == 0 { Place::Free } else { Place::At { offset, generation } }
        } else if lexer.take_keyword("f") {
            Place::Free
        } else {
            return Err(lexer.fault("n or f"));
        };
        entries.push(XrefEntry::new(number, place));
    }
    Ok(())
}
