//! Decoding the streams that hold structure: object streams and cross-reference
//! streams (ISO 32000-2 7.4). What pages show is never decoded.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::budget::{self, MAX_DECODED, Work};
use super::fault::{PdfFault, PdfProblem};
use super::syntax::{Dictionary, Object};

/// The decoded octets, at most [`MAX_DECODED`].
pub(super) fn decode(
    dictionary: &Dictionary,
    encoded: &[u8],
    at: usize,
    work: &Work,
) -> Result<Vec<u8>, PdfFault> {
    let unsupported = |name: &[u8]| {
        PdfFault::new(at, PdfProblem::Filter(String::from_utf8_lossy(name).into_owned()))
    };
    let Ok(filter) = only(dictionary.get("Filter")) else {
        return Err(unsupported(b"chain"));
    };
    let decoded = match filter {
        None => bounded(encoded, at)?,
        Some(Object::Name(name)) if **name == *b"FlateDecode" => inflate(encoded, at)?,
        Some(Object::Name(name)) => return Err(unsupported(name)),
        Some(_) => return Err(PdfFault::new(at, PdfProblem::Expected("the name of a filter"))),
    };
    work.decoded(decoded.len(), at)?;
    match only(dictionary.get("DecodeParms")) {
        Ok(Some(Object::Dictionary(parameters))) => predict(decoded, parameters, at),
        Ok(None) => Ok(decoded),
        Ok(Some(_)) | Err(()) => Err(unsupported(b"parameters")),
    }
}

/// The value itself or the only one of an array.
fn only(value: Option<&Object>) -> Result<Option<&Object>, ()> {
    match value {
        Some(Object::Array(items)) => match items.as_slice() {
            [] => Ok(None),
            [item] => Ok(Some(item).filter(|item| **item != Object::Null)),
            _ => Err(()),
        },
        other => Ok(other),
    }
}

fn bounded(octets: &[u8], at: usize) -> Result<Vec<u8>, PdfFault> {
    if octets.len() > MAX_DECODED {
        return Err(too_large(at));
    }
    Ok(octets.to_vec())
}

fn inflate(encoded: &[u8], at: usize) -> Result<Vec<u8>, PdfFault> {
    let mut decoded = Vec::new();
    let mut bounded = ZlibDecoder::new(encoded).take(MAX_DECODED as u64 + 1);
    let read = bounded.read_to_end(&mut decoded);
    if decoded.len() > MAX_DECODED {
        return Err(too_large(at));
    }
    read.map_err(|_| PdfFault::new(at, PdfProblem::Damaged))?;
    Ok(decoded)
}

fn too_large(at: usize) -> PdfFault {
    budget::limit(at, "decoded octets in a stream of structure", MAX_DECODED as u64)
}

/// Undoes the PNG predictors (7.4.4.4; RFC 2083 6), which cross-reference streams
/// are usually written with.
fn predict(decoded: Vec<u8>, parameters: &Dictionary, at: usize) -> Result<Vec<u8>, PdfFault> {
    match parameters.integer("Predictor").unwrap_or(1) {
        1 => return Ok(decoded),
        10..=15 => {}
        other => return Err(PdfFault::new(at, PdfProblem::Filter(format!("predictor {other}")))),
    }
    let positive = |key, otherwise| match parameters.integer(key) {
        None => Some(otherwise),
        Some(value) => usize::try_from(value).ok().filter(|value| (1..=4_096).contains(value)),
    };
    let sizes = positive("Colors", 1).zip(positive("BitsPerComponent", 8));
    let row = sizes.zip(positive("Columns", 1));
    let Some(((colors, bits), columns)) = row else {
        return Err(PdfFault::new(at, PdfProblem::OutOfRange));
    };
    let pixel = (colors * bits).div_ceil(8);
    let row = (colors * bits * columns).div_ceil(8);
    unfilter(&decoded, row, pixel).ok_or(PdfFault::new(at, PdfProblem::Damaged))
}

/// Undoes the filter of each row of `row` octets; each has an octet before it that
/// says which it is.
fn unfilter(filtered: &[u8], row: usize, pixel: usize) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(filtered.len());
    for line in filtered.chunks(row + 1) {
        let (kind, line) = line.split_first()?;
        let start = plain.len();
        for (index, octet) in line.iter().enumerate() {
            let left: u8 = if index < pixel { 0 } else { plain[start + index - pixel] };
            let up: u8 = if start < row { 0 } else { plain[start - row + index] };
            let corner =
                if index < pixel || start < row { 0 } else { plain[start - row + index - pixel] };
            let predicted = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => left.midpoint(up),
                4 => paeth(left, up, corner),
                _ => return None,
            };
            plain.push(octet.wrapping_add(predicted));
        }
    }
    Some(plain)
}

/// RFC 2083 6.6.
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |octet: u8| (estimate - i16::from(octet)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}
