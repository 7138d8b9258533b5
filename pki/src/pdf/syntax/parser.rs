//! Values and indirect objects.

use std::ops::Range;

use crate::pdf::budget::{self, MAX_DEPTH, MAX_TEXT, MAX_VALUES, Work};
use crate::pdf::fault::{PdfFault, PdfProblem};

use super::lexer::{Lexer, is_white};
use super::object::{Dictionary, Entry, Id, Object};

/// An indirect object (ISO 32000-2 7.3.10) and, of a stream, where its octets are.
#[derive(Clone, Debug)]
pub(in crate::pdf) struct Indirect {
    pub(in crate::pdf) id: Id,
    pub(in crate::pdf) value: Object,
    /// The encoded octets of a stream.
    pub(in crate::pdf) stream: Option<Range<usize>>,
    /// From the object's number to the end of `endobj`.
    pub(in crate::pdf) span: Range<usize>,
    /// A key that some dictionary in it has twice.
    pub(in crate::pdf) duplicate: Option<Box<[u8]>>,
}

/// A value, where it ends, and a key that some dictionary in it has twice.
pub(in crate::pdf) type Parsed = (Object, usize, Option<Box<[u8]>>);

/// Parses the value at a position; says where it ends.
pub(in crate::pdf) fn parse_value(
    bytes: &[u8],
    position: usize,
    work: &Work,
) -> Result<Parsed, PdfFault> {
    let mut parser = Parser::new(bytes, position);
    let value = parser.value(0);
    let end = parser.lexer.position();
    work.parsed(end.saturating_sub(position), position)?;
    Ok((value?, end, parser.duplicate))
}

/// Parses the indirect object at a position, which must be the one expected. The length
/// of a stream may be an object elsewhere, which `length` looks up.
pub(in crate::pdf) fn parse_indirect(
    bytes: &[u8],
    position: usize,
    expected: Option<Id>,
    work: &Work,
    length: &mut dyn FnMut(Id) -> Result<Option<i64>, PdfFault>,
) -> Result<Indirect, PdfFault> {
    let mut parser = Parser::new(bytes, position);
    let parsed = parser.indirect(position, expected, length);
    // What is no object costs as much: many entries may lead to one place.
    let read = parser.lexer.position().saturating_sub(position);
    work.parsed(read.saturating_sub(parser.jumped), position)?;
    let (id, value, stream) = parsed?;
    let span = position..parser.lexer.position();
    Ok(Indirect { id, value, stream, span, duplicate: parser.duplicate })
}

struct Parser<'b> {
    lexer: Lexer<'b>,
    values: u64,
    /// Octets of names and strings.
    text: u64,
    /// Octets of a stream that were passed over.
    jumped: usize,
    duplicate: Option<Box<[u8]>>,
}

impl<'b> Parser<'b> {
    fn new(bytes: &'b [u8], position: usize) -> Self {
        let lexer = Lexer::new(bytes, position);
        Self { lexer, values: 0, text: 0, jumped: 0, duplicate: None }
    }

    fn indirect(
        &mut self,
        position: usize,
        expected: Option<Id>,
        length: &mut dyn FnMut(Id) -> Result<Option<i64>, PdfFault>,
    ) -> Result<(Id, Object, Option<Range<usize>>), PdfFault> {
        let id = self.header()?;
        if expected.is_some_and(|expected| expected != id) {
            return Err(PdfFault::new(position, PdfProblem::OtherObject));
        }
        let value = self.value(0)?;
        let stream = match &value {
            Object::Dictionary(dictionary) => self.stream(dictionary, length)?,
            _ => None,
        };
        self.lexer.keyword("endobj")?;
        Ok((id, value, stream))
    }

    /// Counts octets that are about to be copied.
    fn copy(&mut self, octets: usize) -> Result<(), PdfFault> {
        self.text += octets as u64;
        let at = self.lexer.position();
        budget::within(self.text, MAX_TEXT, "octets of names and strings in an object", at)
    }

    /// `12 0 obj`.
    fn header(&mut self) -> Result<Id, PdfFault> {
        let start = self.lexer.position();
        let out_of_range = |_| PdfFault::new(start, PdfProblem::OutOfRange);
        let number = u32::try_from(self.lexer.unsigned()?).map_err(out_of_range)?;
        let generation = u16::try_from(self.lexer.unsigned()?).map_err(out_of_range)?;
        self.lexer.keyword("obj")?;
        Ok(Id { number, generation })
    }

    fn value(&mut self, depth: usize) -> Result<Object, PdfFault> {
        self.lexer.skip_space();
        let at = self.lexer.position();
        self.values += 1;
        budget::within(self.values, MAX_VALUES, "values in an object", at)?;
        if depth > MAX_DEPTH {
            return Err(budget::limit(at, "levels of nesting", MAX_DEPTH as u64));
        }
        match self.lexer.peek() {
            Some(b'/') => self.name().map(Object::Name),
            Some(b'(') => self.literal().map(Object::String),
            Some(b'[') => self.array(depth),
            Some(b'<') if self.lexer.rest().starts_with(b"<<") => self.dictionary(depth),
            Some(b'<') => self.hexadecimal().map(Object::String),
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => self.number(),
            _ => self.constant(),
        }
    }

    fn constant(&mut self) -> Result<Object, PdfFault> {
        let constants = [
            ("true", Object::Boolean(true)),
            ("false", Object::Boolean(false)),
            ("null", Object::Null),
        ];
        let found = constants.into_iter().find(|(word, _)| self.lexer.take_keyword(word));
        found.map(|(_, value)| value).ok_or_else(|| self.lexer.fault("a value"))
    }

    /// A number, or a reference, which begins with two (7.3.10).
    fn number(&mut self) -> Result<Object, PdfFault> {
        let start = self.lexer.position();
        if let Some(first) = self.lexer.take_unsigned() {
            if let Some(id) = self.reference(first) {
                return Ok(Object::Reference(id));
            }
            let value = i64::try_from(first);
            return value
                .map(Object::Integer)
                .map_err(|_| PdfFault::new(start, PdfProblem::OutOfRange));
        }
        let malformed = || PdfFault::new(start, PdfProblem::Expected("a number"));
        let word = std::str::from_utf8(self.lexer.word()).map_err(|_| malformed())?;
        if let Ok(integer) = word.parse() {
            return Ok(Object::Integer(integer));
        }
        // No exponents in PDF (7.3.3).
        let plain = word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.'));
        let real = word.parse().ok().filter(|_| plain);
        real.map(Object::Real).ok_or_else(malformed)
    }

    /// The rest of a reference behind its first number, or nothing is taken.
    fn reference(&mut self, number: u64) -> Option<Id> {
        let back = self.lexer.position();
        let mut rest = || {
            let number = u32::try_from(number).ok()?;
            self.lexer.skip_space();
            let generation = u16::try_from(self.lexer.take_unsigned()?).ok()?;
            self.lexer.skip_space();
            self.lexer.take_keyword("R").then_some(Id { number, generation })
        };
        let id = rest();
        if id.is_none() {
            self.lexer.jump(back);
        }
        id
    }

    fn name(&mut self) -> Result<Box<[u8]>, PdfFault> {
        self.lexer.next();
        let start = self.lexer.position();
        let word = self.lexer.word();
        self.copy(word.len())?;
        if !word.contains(&b'#') {
            return Ok(word.into());
        }
        let mut name = Vec::with_capacity(word.len());
        let mut rest = word.iter();
        while let Some(byte) = rest.next() {
            if *byte != b'#' {
                name.push(*byte);
                continue;
            }
            let digits = rest.next().zip(rest.next());
            let value = digits.and_then(|(high, low)| Some(hex(*high)? << 4 | hex(*low)?));
            name.push(value.ok_or_else(|| {
                PdfFault::new(start, PdfProblem::Expected("two hexadecimal digits behind #"))
            })?);
        }
        Ok(name.into())
    }

    fn literal(&mut self) -> Result<Box<[u8]>, PdfFault> {
        self.lexer.next();
        let mut text = Vec::new();
        let mut open = 0_u64;
        loop {
            self.copy(1)?;
            match self.lexer.next().ok_or_else(|| self.lexer.fault(")"))? {
                b')' if open == 0 => return Ok(text.into()),
                b')' => {
                    open -= 1;
                    text.push(b')');
                }
                b'(' => {
                    open += 1;
                    text.push(b'(');
                }
                b'\\' => text.extend(self.escape()),
                // Every end of line counts as one line feed (7.3.4.2).
                b'\r' => {
                    self.lexer.take(b"\n");
                    text.push(b'\n');
                }
                byte => text.push(byte),
            }
        }
    }

    /// What a reverse solidus and what follows stand for (7.3.4.2, table 3).
    fn escape(&mut self) -> Option<u8> {
        Some(match self.lexer.next()? {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 0x0C,
            b'\n' => return None,
            b'\r' => {
                self.lexer.take(b"\n");
                return None;
            }
            digit @ b'0'..=b'7' => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.lexer.peek() else { break };
                    self.lexer.next();
                    value = value * 8 + u32::from(digit - b'0');
                }
                // High-order overflow is ignored (7.3.4.2).
                value.to_le_bytes()[0]
            }
            other => other,
        })
    }

    fn hexadecimal(&mut self) -> Result<Box<[u8]>, PdfFault> {
        self.lexer.next();
        let mut text = Vec::new();
        let mut high = None;
        loop {
            let at = self.lexer.position();
            let byte = self.lexer.next().ok_or_else(|| self.lexer.fault(">"))?;
            self.copy(usize::from(high.is_some()))?;
            match (byte, high, hex(byte)) {
                (b'>', None, _) => return Ok(text.into()),
                // A missing last digit is a zero (7.3.4.3).
                (b'>', Some(high), _) => {
                    text.push(high << 4);
                    return Ok(text.into());
                }
                (_, None, Some(digit)) => high = Some(digit),
                (_, Some(first), Some(digit)) => {
                    text.push(first << 4 | digit);
                    high = None;
                }
                (white, ..) if is_white(white) => {}
                _ => {
                    return Err(PdfFault::new(at, PdfProblem::Expected("a hexadecimal digit")));
                }
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Object, PdfFault> {
        self.lexer.next();
        let mut items = Vec::new();
        loop {
            self.lexer.skip_space();
            if self.lexer.take(b"]") {
                return Ok(Object::Array(items));
            }
            items.push(self.value(depth + 1)?);
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Object, PdfFault> {
        self.lexer.take(b"<<");
        let mut dictionary = Dictionary::default();
        loop {
            self.lexer.skip_space();
            if self.lexer.take(b">>") {
                break;
            }
            if self.lexer.peek() != Some(b'/') {
                return Err(self.lexer.fault("a key"));
            }
            let key = self.name()?;
            self.values += 1;
            self.lexer.skip_space();
            let start = self.lexer.position();
            let value = self.value(depth + 1)?;
            dictionary.push(Entry { key, value, span: start..self.lexer.position() });
        }
        if self.duplicate.is_none() {
            self.duplicate = dictionary.duplicate().map(Into::into);
        }
        Ok(Object::Dictionary(dictionary))
    }

    /// The octets of a stream, if the dictionary belongs to one (7.3.8.1).
    fn stream(
        &mut self,
        dictionary: &Dictionary,
        length: &mut dyn FnMut(Id) -> Result<Option<i64>, PdfFault>,
    ) -> Result<Option<Range<usize>>, PdfFault> {
        self.lexer.skip_space();
        if !self.lexer.take_keyword("stream") {
            return Ok(None);
        }
        if !self.lexer.take(b"\r\n") && !self.lexer.take(b"\n") {
            return Err(self.lexer.fault("an end of line behind stream"));
        }
        let start = self.lexer.position();
        let octets = match dictionary.get("Length") {
            Some(Object::Integer(octets)) => Some(*octets),
            Some(Object::Reference(id)) => length(*id)?,
            _ => None,
        };
        let end = octets.and_then(|octets| start.checked_add(usize::try_from(octets).ok()?));
        let end = end.filter(|end| *end <= self.lexer.bytes().len());
        let end = end.ok_or(PdfFault::new(start, PdfProblem::Expected("the stream's length")))?;
        self.lexer.jump(end);
        self.jumped = end - start;
        self.lexer.skip_white();
        if !self.lexer.take_keyword("endstream") {
            return Err(self.lexer.fault("endstream"));
        }
        Ok(Some(start..end))
    }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
