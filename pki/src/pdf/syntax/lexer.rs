//! Tokens (ISO 32000-2 7.2).

use crate::pdf::fault::{PdfFault, PdfProblem};

/// Reads one token after the other.
pub(in crate::pdf) struct Lexer<'b> {
    bytes: &'b [u8],
    position: usize,
}

/// White-space characters (ISO 32000-2 table 1).
pub(in crate::pdf) const fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

/// Delimiters (ISO 32000-2 table 2).
const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// Everything that words are made of.
pub(in crate::pdf) const fn is_regular(byte: u8) -> bool {
    !is_white(byte) && !is_delimiter(byte)
}

impl<'b> Lexer<'b> {
    pub(in crate::pdf) fn new(bytes: &'b [u8], position: usize) -> Self {
        Self { bytes, position: position.min(bytes.len()) }
    }

    pub(in crate::pdf) fn position(&self) -> usize {
        self.position
    }

    pub(in crate::pdf) fn jump(&mut self, position: usize) {
        self.position = position.min(self.bytes.len());
    }

    pub(in crate::pdf) fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    pub(in crate::pdf) fn rest(&self) -> &'b [u8] {
        &self.bytes[self.position..]
    }

    pub(in crate::pdf) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    pub(in crate::pdf) fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.position += 1;
        Some(byte)
    }

    pub(in crate::pdf) fn fault(&self, expected: &'static str) -> PdfFault {
        let problem = match self.peek() {
            Some(_) => PdfProblem::Expected(expected),
            None => PdfProblem::Truncated,
        };
        PdfFault::new(self.position, problem)
    }

    pub(in crate::pdf) fn skip_white(&mut self) {
        let rest = self.rest();
        self.position += rest.iter().position(|byte| !is_white(*byte)).unwrap_or(rest.len());
    }

    /// Skips white space and comments, which are white space too (7.2.4).
    pub(in crate::pdf) fn skip_space(&mut self) {
        loop {
            self.skip_white();
            if self.peek() != Some(b'%') {
                return;
            }
            let rest = self.rest();
            let line = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            self.position += line.unwrap_or(rest.len());
        }
    }

    /// Takes these octets if they come next.
    pub(in crate::pdf) fn take(&mut self, octets: &[u8]) -> bool {
        let there = self.rest().starts_with(octets);
        if there {
            self.position += octets.len();
        }
        there
    }

    /// Takes a keyword if it comes next and ends there.
    pub(in crate::pdf) fn take_keyword(&mut self, keyword: &str) -> bool {
        let start = self.position;
        let whole = self.take(keyword.as_bytes()) && !self.peek().is_some_and(is_regular);
        if !whole {
            self.position = start;
        }
        whole
    }

    pub(in crate::pdf) fn keyword(&mut self, keyword: &'static str) -> Result<(), PdfFault> {
        self.skip_space();
        if self.take_keyword(keyword) { Ok(()) } else { Err(self.fault(keyword)) }
    }

    /// Digits alone, if they come next: their value, saturating.
    pub(in crate::pdf) fn take_unsigned(&mut self) -> Option<u64> {
        let rest = self.rest();
        let digits = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        if digits == 0 || rest.get(digits).copied().is_some_and(is_regular) {
            return None;
        }
        self.position += digits;
        let value =
            |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        Some(rest[..digits].iter().fold(0, value))
    }

    pub(in crate::pdf) fn unsigned(&mut self) -> Result<u64, PdfFault> {
        self.skip_space();
        self.take_unsigned().ok_or_else(|| self.fault("a number"))
    }

    /// The word up to the next delimiter or white space.
    pub(in crate::pdf) fn word(&mut self) -> &'b [u8] {
        let rest = self.rest();
        let end = rest.iter().position(|byte| !is_regular(*byte)).unwrap_or(rest.len());
        self.position += end;
        &rest[..end]
    }
}
