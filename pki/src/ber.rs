//! BER (X.690 8), which CMS allows and DER's reader refuses: indefinite lengths, strings
//! in segments.
//!
//! 1. [`guard`] goes over the frames of the elements, one header at a time, and ends at
//!    the first limit: nothing is decoded or allocated for a message that nests too deep,
//!    has too many elements, or claims more octets than it has.
//! 2. `rasn` decodes the frame of the message; what its types hold as `Any` is the
//!    encoding as it was sent.
//! 3. [`to_der`] brings such a part into DER, if it is not in DER already; from there on
//!    the strict walk of [`crate::der`] reads it. What was signed in DER stays as it is,
//!    to the last octet.
//!
//! Headers are read by `asn1-rs`, values by `rasn`: there is no decoder here.

use std::borrow::Cow;

use rasn::Decoder as _;
use rasn::ber::de::{DecodeErrorKind, Decoder, DecoderOptions};
use rasn::types::{Any, BitString, Constraints, Tag};
use x509_parser::asn1_rs::{FromBer, Header, Length};

use crate::der::primitive::{check_integer, check_oid, read_bit_string, read_boolean};
use crate::der::reader::{Element, push_length, read_element, read_single, tag};
use crate::fault::Problem;

/// The longest element that is brought into DER, in octets. Origin: ours: what is signed is
/// signed in DER, and attributes that are sent otherwise have some hundreds.
const MAX_RECODED: usize = 64 << 10;

/// The deepest: each level is copied once more. Origin: ours; attributes have a dozen.
const MAX_RECODED_DEPTH: usize = 24;

/// The octets that end an indefinite length.
const END_OF_CONTENTS: &[u8] = &[0, 0];

/// Limits on the elements of a message.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) depth: usize,
    pub(crate) elements: usize,
}

/// An element that was entered and not left yet.
struct Open {
    /// No element inside reaches beyond.
    limit: usize,
    /// Whether it ends where it says, or with end-of-contents octets.
    definite: bool,
}

/// Counts the elements of the first element in `input`, and returns where it ends.
///
/// Time is linear in the input, memory in the depth, both up to their limits.
pub(crate) fn guard(input: &[u8], limits: Limits) -> Result<usize, Problem> {
    let (mut open, mut at, mut count) = (Vec::<Open>::new(), 0, 0);
    loop {
        let limit = open.last().map_or(input.len(), |outer| outer.limit);
        match open.last() {
            Some(outer) if outer.definite && at == outer.limit => {
                open.pop();
            }
            Some(outer) if !outer.definite && input[at..limit].starts_with(END_OF_CONTENTS) => {
                at += END_OF_CONTENTS.len();
                open.pop();
            }
            _ => {
                count += 1;
                if count > limits.elements {
                    return Err(Problem::TooMany { limit: limits.elements });
                }
                let header = header(&input[at..limit])?;
                let start = at + header.octets;
                let end = match header.length {
                    Some(length) => start.checked_add(length).filter(|end| *end <= limit),
                    None => Some(limit),
                };
                let end = end.ok_or(Problem::Truncated)?;
                at = if header.constructed { start } else { end };
                if header.constructed {
                    open.push(Open { limit: end, definite: header.length.is_some() });
                }
                if open.len() > limits.depth {
                    return Err(Problem::TooDeep { limit: limits.depth });
                }
            }
        }
        if open.is_empty() {
            return Ok(at);
        }
    }
}

struct Frame {
    constructed: bool,
    /// `None` for the indefinite form.
    length: Option<usize>,
    /// How many octets the header takes.
    octets: usize,
}

fn header(input: &[u8]) -> Result<Frame, Problem> {
    let (rest, header) = Header::from_ber(input).map_err(|_| Problem::Truncated)?;
    let constructed = header.is_constructed();
    let length = match header.length() {
        Length::Definite(length) => Some(length),
        Length::Indefinite if constructed => None,
        // X.690 8.1.3.2: primitive elements say where they end.
        Length::Indefinite => return Err(Problem::IndefiniteLength),
    };
    Ok(Frame { constructed, length, octets: input.len() - rest.len() })
}

/// The first two elements inside the first element: enough to tell formats apart. The
/// identifier octets only, and the content where its length is definite.
pub(crate) fn first_inside(input: &[u8]) -> Option<(u8, &[u8])> {
    let outer = header(input).ok().filter(|outer| outer.constructed)?;
    let inside = input.get(outer.octets..)?;
    let inner = header(inside).ok()?;
    let content = inside.get(inner.octets..)?;
    let content = content.get(..inner.length.unwrap_or(content.len()))?;
    Some((*inside.first()?, content))
}

/// Decodes the one element that fills `input`.
pub(crate) fn decode<T: rasn::Decode>(input: &[u8]) -> Result<T, Problem> {
    let mut decoder = Decoder::new(input, DecoderOptions::ber());
    let value = T::decode(&mut decoder).map_err(|error| problem(&error))?;
    if decoder.remaining().is_empty() { Ok(value) } else { Err(Problem::TrailingOctets) }
}

/// What `rasn` found wrong, in the words of this crate.
fn problem(error: &rasn::ber::de::DecodeError) -> Problem {
    match &*error.kind {
        DecodeErrorKind::Incomplete { .. } => Problem::Truncated,
        DecodeErrorKind::FieldError { nested, .. } => problem(nested),
        DecodeErrorKind::UnexpectedExtraData { .. } => Problem::TrailingOctets,
        other => Problem::Encoding { detail: crate::bounded::bounded(other) },
    }
}

/// One element in DER: as it is where it is DER, else encoded anew.
///
/// Implicitly tagged strings in segments cannot be told from other constructed elements,
/// and stay in segments; no structure read here has one.
pub(crate) fn to_der(element: &[u8]) -> Result<Cow<'_, [u8]>, Problem> {
    if read_single(element).is_ok_and(is_der) {
        return Ok(Cow::Borrowed(element));
    }
    if element.len() > MAX_RECODED {
        return Err(Problem::TooLarge { size: element.len(), limit: MAX_RECODED });
    }
    let mut der = Vec::with_capacity(element.len());
    push_der(element, MAX_RECODED_DEPTH, &mut der)?;
    Ok(Cow::Owned(der))
}

/// Whether an element is in DER as far as its own tags say.
fn is_der(element: Element<'_>) -> bool {
    let content = element.content;
    if element.tag & tag::CONSTRUCTED == 0 {
        return match element.tag {
            tag::BOOLEAN => read_boolean(content).is_ok(),
            tag::INTEGER | tag::ENUMERATED => check_integer(content).is_ok(),
            tag::BIT_STRING => read_bit_string(content).is_ok(),
            tag::OID => check_oid(content).is_ok(),
            _ => true,
        };
    }
    if is_segmented_string(element.tag) {
        return false;
    }
    let (mut rest, mut before) = (content, &[][..]);
    while !rest.is_empty() {
        let Ok(inner) = read_element(&mut rest) else {
            return false;
        };
        if !is_der(inner) || (element.tag == tag::SET && inner.raw < before) {
            return false;
        }
        before = inner.raw;
    }
    true
}

/// Universal and constructed, but neither SEQUENCE nor SET (nor EXTERNAL, nor EMBEDDED
/// PDV, which are sequences).
fn is_segmented_string(identifier: u8) -> bool {
    const EXTERNAL: u8 = 0x28;
    const EMBEDDED_PDV: u8 = 0x2B;
    identifier & 0xE0 == tag::CONSTRUCTED
        && !matches!(identifier, tag::SEQUENCE | tag::SET | EXTERNAL | EMBEDDED_PDV)
}

fn push_der(element: &[u8], levels: usize, der: &mut Vec<u8>) -> Result<(), Problem> {
    let too_deep = Problem::TooDeep { limit: MAX_RECODED_DEPTH };
    let levels = levels.checked_sub(1).ok_or(too_deep)?;
    let fault = |error: rasn::ber::de::DecodeError| problem(&error);
    let identifier = *element.first().ok_or(Problem::Truncated)?;
    if identifier & 0x1F == 0x1F {
        return Err(Problem::HighTagNumber);
    }
    let mut decoder = Decoder::new(element, DecoderOptions::ber());
    let outer = decoder.peek_tag().map_err(fault)?;
    if is_segmented_string(identifier) {
        let content = joined(&mut decoder, outer)?;
        push(der, identifier & !tag::CONSTRUCTED, &content);
    } else if identifier & tag::CONSTRUCTED == 0 {
        // With a tag asked for, what is inside of it comes back.
        let content = decoder.decode_any(outer).map_err(fault)?.into_bytes();
        push(der, identifier, &canonical(identifier, content));
    } else {
        let parts: Vec<Any> =
            decoder.decode_sequence_of(outer, &Constraints::default()).map_err(fault)?;
        let mut encoded = Vec::with_capacity(parts.len());
        for part in &parts {
            let mut one = Vec::with_capacity(part.as_bytes().len());
            push_der(part.as_bytes(), levels, &mut one)?;
            encoded.push(one);
        }
        if identifier == tag::SET {
            encoded.sort_unstable();
        }
        push(der, identifier, &encoded.concat());
    }
    if decoder.remaining().is_empty() { Ok(()) } else { Err(Problem::TrailingOctets) }
}

/// The content of a string, its segments joined.
fn joined(decoder: &mut Decoder<'_>, outer: Tag) -> Result<Vec<u8>, Problem> {
    let fault = |error: rasn::ber::de::DecodeError| problem(&error);
    let whole = Constraints::default();
    if outer != Tag::BIT_STRING {
        return decoder.decode_octet_string::<Vec<u8>>(outer, &whole).map_err(fault);
    }
    let bits: BitString = decoder.decode_bit_string(outer, &whole).map_err(fault)?;
    // A remainder of eight is below eight.
    let unused = u8::try_from((8 - bits.len() % 8) % 8).unwrap_or_default();
    Ok([vec![unused], bits.into_vec()].concat())
}

/// The content of a primitive element as DER has it.
fn canonical(identifier: u8, content: Vec<u8>) -> Vec<u8> {
    match (identifier, &content[..]) {
        (tag::BOOLEAN, [value]) if *value != 0 => vec![0xFF],
        (tag::INTEGER | tag::ENUMERATED, octets) if octets.len() > 1 => {
            let repeats = |pair: &&[u8]| {
                matches!(pair, [0x00, next] if next & 0x80 == 0)
                    || matches!(pair, [0xFF, next] if next & 0x80 != 0)
            };
            let spare = octets.windows(2).take_while(repeats).count();
            octets[spare..].to_vec()
        }
        _ => content,
    }
}

fn push(der: &mut Vec<u8>, identifier: u8, content: &[u8]) {
    der.push(identifier);
    push_length(der, content.len());
    der.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { depth: 8, elements: 16 };

    #[test]
    fn the_guard_finds_the_end() {
        assert_eq!(guard(&[0x30, 3, 2, 1, 5, 0xFF], LIMITS), Ok(5));
        assert_eq!(guard(&[0x30, 0x80, 2, 1, 5, 0, 0, 0, 0], LIMITS), Ok(7));
        let nested = [0x30, 0x80, 0x24, 0x80, 4, 1, 9, 0, 0, 0, 0, 7];
        assert_eq!(guard(&nested, LIMITS), Ok(11));
        assert_eq!(guard(&[5, 0], LIMITS), Ok(2));
    }

    #[test]
    fn the_guard_stops_at_each_limit() {
        let deep = [0x30, 0x80].repeat(100_000);
        assert_eq!(guard(&deep, LIMITS), Err(Problem::TooDeep { limit: 8 }));
        let wide = [&[0x30, 0x82, 0xFF, 0xFE][..], &[5, 0].repeat(0x7FFF)].concat();
        assert_eq!(guard(&wide, LIMITS), Err(Problem::TooMany { limit: 16 }));
        for short in [&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF][..], &[0x30, 5, 2, 1], &[0x30, 0x80]] {
            assert_eq!(guard(short, LIMITS), Err(Problem::Truncated), "{short:?}");
        }
        let beyond = [0x30, 4, 0x30, 5, 2, 1, 1, 5, 0];
        assert_eq!(guard(&beyond, LIMITS), Err(Problem::Truncated), "inner beyond outer");
        assert!(guard(&[4, 0x80, 0, 0], LIMITS).is_err(), "primitive and indefinite");
    }

    #[test]
    fn der_stays_as_it_is() {
        for der in [&[0x30, 3, 2, 1, 5][..], &[0x31, 6, 2, 1, 5, 2, 1, 6], &[0xA0, 2, 5, 0]] {
            assert!(matches!(to_der(der), Ok(Cow::Borrowed(same)) if same == der));
        }
    }

    #[test]
    fn ber_becomes_der() {
        let cases: [(&[u8], &[u8]); 6] = [
            (&[0x30, 0x80, 2, 1, 5, 0, 0], &[0x30, 3, 2, 1, 5]),
            (&[0x24, 0x80, 4, 1, 1, 4, 2, 2, 3, 0, 0], &[4, 3, 1, 2, 3]),
            (&[0x23, 6, 3, 4, 4, 1, 2, 0x30], &[3, 4, 4, 1, 2, 0x30]),
            (&[0x31, 0x81, 6, 2, 1, 6, 2, 1, 5], &[0x31, 6, 2, 1, 5, 2, 1, 6]),
            (&[1, 1, 7], &[1, 1, 0xFF]),
            (&[2, 3, 0, 0, 0x80], &[2, 2, 0, 0x80]),
        ];
        for (ber, der) in cases {
            assert_eq!(to_der(ber).as_deref(), Ok(der));
        }
    }

    #[test]
    fn what_is_encoded_anew_is_short_and_not_deep() {
        let octets = [4, 0x83, 1, 0x11, 0x70].into_iter().chain(vec![7; 70_000]);
        let long: Vec<u8> = [0x30, 0x80].into_iter().chain(octets).chain([0, 0]).collect();
        let expected = Problem::TooLarge { size: long.len(), limit: MAX_RECODED };
        assert_eq!(to_der(&long), Err(expected));
        let nested = |levels: usize| [[0x30, 0x80].repeat(levels), [0, 0].repeat(levels)].concat();
        assert_eq!(to_der(&nested(30)), Err(Problem::TooDeep { limit: MAX_RECODED_DEPTH }));
        assert!(to_der(&nested(20)).is_ok());
    }
}
