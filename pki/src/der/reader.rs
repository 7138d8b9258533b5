//! One element at a time.

use der::{Decode, ErrorKind, Length, Reader, SliceReader};

use crate::fault::Problem;

/// Universal and context tags as identifier octets.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0A;
    pub(crate) const UTF8_STRING: u8 = 0x0C;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const TELETEX_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1A;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1C;
    pub(crate) const BMP_STRING: u8 = 0x1E;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;
    /// The bit that marks an element made of elements.
    pub(crate) const CONSTRUCTED: u8 = 0x20;
    /// The class of context-specific tags.
    pub(crate) const CONTEXT: u8 = 0x80;
}

/// One element: its identifier octet, its content and all of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) content: &'a [u8],
    pub(crate) raw: &'a [u8],
}

impl<'a> Element<'a> {
    /// The elements inside, read until the first fault.
    pub(crate) fn children(self) -> Elements<'a> {
        Elements(self.content)
    }

    /// Whether it is context-specific with this number, in either form.
    pub(crate) fn is_context(&self, number: u8) -> bool {
        self.tag & !tag::CONSTRUCTED == tag::CONTEXT | number
    }
}

/// Elements one after another; stops at a fault, for callers whose input has
/// passed the walk already.
#[derive(Clone)]
pub(crate) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// The next element when its tag is this one; otherwise nothing is taken.
    pub(crate) fn take_tag(&mut self, tag: u8) -> Option<Element<'a>> {
        (self.0.first() == Some(&tag)).then(|| self.next()).flatten()
    }

    /// The next element when it is context-specific with this number.
    pub(crate) fn take_context(&mut self, number: u8) -> Option<Element<'a>> {
        let first = self.0.first()?;
        (first & !tag::CONSTRUCTED == tag::CONTEXT | number).then(|| self.next()).flatten()
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        if self.0.is_empty() {
            return None;
        }
        if let Ok(element) = read_element(&mut self.0) {
            return Some(element);
        }
        self.0 = &[];
        None
    }
}

/// Takes one element off the front of `input`.
///
/// The identifier is read here, since the `der` crate knows no
/// `UniversalString`; the length, where the rules are, is read by that crate.
#[inline]
pub(crate) fn read_element<'a>(input: &mut &'a [u8]) -> Result<Element<'a>, Problem> {
    let whole = *input;
    let (&tag, rest) = whole.split_first().ok_or(Problem::Truncated)?;
    if tag & 0x1F == 0x1F {
        return Err(Problem::HighTagNumber);
    }
    let (length, used) = read_length(rest)?;
    let rest = &rest[used..];
    let content = rest.get(..length).ok_or(Problem::Truncated)?;
    let end = 1 + used + length;
    *input = &whole[end..];
    Ok(Element { tag, content, raw: &whole[..end] })
}

/// Reads exactly one element that fills the input.
pub(crate) fn read_single(mut input: &[u8]) -> Result<Element<'_>, Problem> {
    let element = read_element(&mut input)?;
    if input.is_empty() { Ok(element) } else { Err(Problem::TrailingOctets) }
}

/// The length and how many octets it took.
#[inline]
fn read_length(input: &[u8]) -> Result<(usize, usize), Problem> {
    // Nearly every element is short, and lists of revoked certificates have
    // millions of them.
    match input.first() {
        None => Err(Problem::Truncated),
        Some(&short) if short < 0x80 => Ok((usize::from(short), 1)),
        Some(0x80) => Err(Problem::IndefiniteLength),
        Some(_) => read_long_length(input),
    }
}

#[cold]
fn read_long_length(input: &[u8]) -> Result<(usize, usize), Problem> {
    // One octet for the count and four at most for the length.
    let field = &input[..input.len().min(5)];
    let mut reader = SliceReader::new(field).map_err(|_| Problem::LengthOutOfRange)?;
    let length = Length::decode(&mut reader).map_err(|error| match error.kind() {
        ErrorKind::Incomplete { .. } if input.len() < 5 => Problem::Truncated,
        _ => overlong_length(input),
    })?;
    let used = usize::try_from(reader.position()).map_err(|_| Problem::LengthOutOfRange)?;
    let length = usize::try_from(length).map_err(|_| Problem::LengthOutOfRange)?;
    Ok((length, used))
}

/// Tells a wasteful length from one beyond every budget.
fn overlong_length(input: &[u8]) -> Problem {
    let leading_zero = input.get(1) == Some(&0);
    let fits_short = input.first() == Some(&0x81);
    if leading_zero || fits_short { Problem::LengthNotMinimal } else { Problem::LengthOutOfRange }
}

/// Appends a length in its one DER form; lengths here stay below 2^32.
pub(crate) fn push_length(output: &mut Vec<u8>, length: usize) {
    let octets = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let skipped = octets.iter().take_while(|&&octet| octet == 0).count();
    match octets[skipped..] {
        [] => output.push(0),
        [short] if short < 0x80 => output.push(short),
        ref long => {
            output.push(0x84 - u8::try_from(skipped).unwrap_or_default());
            output.extend_from_slice(long);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(octets: &[u8]) -> Problem {
        read_single(octets).expect_err("must be refused")
    }

    #[test]
    fn one_element_is_taken_and_the_rest_left() {
        let mut input: &[u8] = &[0x02, 0x01, 0x05, 0xFF];
        let element = read_element(&mut input).expect("valid");
        assert_eq!((element.tag, element.content), (2, &[5][..]));
        assert_eq!((element.raw.len(), input), (3, &[0xFF][..]));
    }

    #[test]
    fn long_lengths_are_read() {
        let mut octets = vec![0x04, 0x82, 0x01, 0x00];
        octets.resize(4 + 256, 0);
        assert_eq!(read_single(&octets).expect("valid").content.len(), 256);
    }

    #[test]
    fn lengths_must_be_minimal_definite_and_real() {
        assert_eq!(problem(&[0x04, 0x81, 0x01, 0]), Problem::LengthNotMinimal);
        assert_eq!(problem(&[0x04, 0x82, 0, 0x80]), Problem::LengthNotMinimal);
        assert_eq!(problem(&[0x30, 0x80, 0, 0]), Problem::IndefiniteLength);
        assert_eq!(problem(&[0x04, 0x85, 1, 0, 0, 0, 0]), Problem::LengthOutOfRange);
        assert_eq!(problem(&[0x04, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), Problem::Truncated);
        assert_eq!(problem(&[0x04, 0x82, 0x01]), Problem::Truncated);
    }

    #[test]
    fn lengths_written_are_read_back() {
        for length in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x1_0000, 0x100_0000] {
            let mut octets = Vec::new();
            push_length(&mut octets, length);
            assert_eq!(read_length(&octets), Ok((length, octets.len())));
        }
    }

    #[test]
    fn odd_ends_are_named() {
        assert_eq!(problem(&[]), Problem::Truncated);
        assert_eq!(problem(&[0x04, 0x02, 0x00]), Problem::Truncated);
        assert_eq!(problem(&[0x05, 0x00, 0x00]), Problem::TrailingOctets);
        assert_eq!(problem(&[0x1F, 0x85, 0x01, 0x00]), Problem::HighTagNumber);
    }
}
