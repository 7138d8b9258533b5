//! Cross-reference streams (ISO 32000-2 7.5.8).

use crate::pdf::budget::Work;
use crate::pdf::fault::{PdfFault, PdfProblem};
use crate::pdf::filter;
use crate::pdf::syntax::{Dictionary, Object, parse_indirect};

use super::{Place, Section, XrefEntry};

/// Reads the cross-reference stream at a position.
pub(in crate::pdf) fn read_stream(
    file: &[u8],
    position: usize,
    work: &Work,
) -> Result<Section, PdfFault> {
    // Every value in it is direct (7.5.8.2): nothing could be looked up yet.
    let object = parse_indirect(file, position, None, work, &mut |_| Ok(None))?;
    let fault = |problem| PdfFault::new(position, problem);
    if let Some(key) = &object.duplicate {
        return Err(fault(PdfProblem::DuplicateKey(String::from_utf8_lossy(key).into_owned())));
    }
    let (Object::Dictionary(trailer), Some(encoded)) = (object.value, object.stream) else {
        return Err(fault(PdfProblem::Expected("a cross-reference section")));
    };
    if !trailer.is("Type", "XRef") {
        return Err(fault(PdfProblem::Expected("a cross-reference section")));
    }
    let decoded = filter::decode(&trailer, &file[encoded], position, work)?;
    let entries = read_entries(&trailer, &decoded, position, work)?;
    Ok(Section {
        position,
        end: object.span.end,
        entries,
        repeated: Vec::new(),
        trailer,
        hybrid: None,
        tail: None,
    })
}

fn read_entries(
    trailer: &Dictionary,
    decoded: &[u8],
    at: usize,
    work: &Work,
) -> Result<Vec<XrefEntry>, PdfFault> {
    let fault = |problem| PdfFault::new(at, problem);
    let widths = widths(trailer).ok_or(fault(PdfProblem::Expected("the widths of fields")))?;
    let ranges = ranges(trailer).ok_or(fault(PdfProblem::Expected("ranges of objects")))?;
    let mut rows = decoded.chunks_exact(widths.iter().sum());
    let mut entries = Vec::new();
    for (first, count) in ranges {
        for index in 0..count {
            work.entry(at)?;
            let row = rows.next().ok_or(fault(PdfProblem::Truncated))?;
            let number = first.checked_add(index).ok_or(fault(PdfProblem::OutOfRange))?;
            let place = place(row, widths).ok_or(fault(PdfProblem::OutOfRange))?;
            entries.push(XrefEntry::new(number, place));
        }
    }
    Ok(entries)
}

/// The octets of the three fields (table 17, W); four suffice for numbers, eight
/// for offsets.
fn widths(trailer: &Dictionary) -> Option<[usize; 3]> {
    let widths = trailer.get("W")?.as_array()?;
    let width =
        |object: &Object| usize::try_from(object.as_integer()?).ok().filter(|width| *width <= 8);
    let widths: Vec<usize> = widths.iter().map(width).collect::<Option<_>>()?;
    let widths: [usize; 3] = widths.try_into().ok()?;
    (widths.iter().sum::<usize>() > 0).then_some(widths)
}

/// The numbers that entries are for: first and count, again and again (Index).
fn ranges(trailer: &Dictionary) -> Option<Vec<(u32, u32)>> {
    let number = |object: &Object| u32::try_from(object.as_integer()?).ok();
    match trailer.get("Index") {
        None => Some(vec![(0, number(trailer.get("Size")?)?)]),
        Some(index) => {
            let pairs = index.as_array()?.chunks(2);
            let pair = |pair: &[Object]| match pair {
                [first, count] => Some((number(first)?, number(count)?)),
                _ => None,
            };
            pairs.map(pair).collect()
        }
    }
}

/// Table 18.
fn place(row: &[u8], widths: [usize; 3]) -> Option<Place> {
    let field =
        |octets: &[u8]| octets.iter().fold(0_u64, |sum, octet| sum << 8 | u64::from(*octet));
    let (kind, rest) = row.split_at(widths[0]);
    let (second, third) = rest.split_at(widths[1]);
    // Without a width the type is 1.
    let kind = if kind.is_empty() { 1 } else { field(kind) };
    Some(match kind {
        1 => Place::At {
            offset: usize::try_from(field(second)).ok()?,
            generation: u16::try_from(field(third)).ok()?,
        },
        2 => Place::InStream {
            container: u32::try_from(field(second)).ok()?,
            index: u32::try_from(field(third)).ok()?,
        },
        // Type 0 is free; others are references to null (table 18).
        _ => Place::Free,
    })
}
