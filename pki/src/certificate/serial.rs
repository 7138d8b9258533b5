//! Serial numbers.

use std::cmp::Ordering;
use std::fmt;

use crate::der::primitive::check_integer;

/// A certificate's serial number, as encoded. It is unique under one issuer
/// (RFC 5280 4.1.2.2) and says nothing without it. Ordered by value.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SerialNumber(Box<[u8]>);

impl SerialNumber {
    /// Takes the content octets of a DER INTEGER; `None` when they are not
    /// minimal.
    #[must_use]
    pub fn from_bytes(content: &[u8]) -> Option<Self> {
        check_integer(content).ok()?;
        Some(Self(content.into()))
    }

    /// The content octets of the DER INTEGER: big-endian two's complement, so
    /// with a leading zero octet where the first bit would be set.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.0.first().is_some_and(|first| first & 0x80 != 0)
    }

    pub(crate) fn is_zero(&self) -> bool {
        *self.0 == [0]
    }
}

impl Ord for SerialNumber {
    fn cmp(&self, other: &Self) -> Ordering {
        // Minimal encodings: of two with one sign, the longer is the farther
        // from zero, and octets compare as numbers within one length.
        let (own, others) = (self.0.len(), other.0.len());
        match (self.is_negative(), other.is_negative()) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => own.cmp(&others).then_with(|| self.0.cmp(&other.0)),
            (true, true) => others.cmp(&own).then_with(|| self.0.cmp(&other.0)),
        }
    }
}

impl PartialOrd for SerialNumber {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Upper-case hexadecimal without the sign octet; a negative number, which
/// only malformed certificates have, in two's complement behind `-`.
impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative() {
            f.write_str("-")?;
        }
        let digits = match &*self.0 {
            [0, rest @ ..] if !rest.is_empty() => rest,
            all => all,
        };
        digits.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_by_value() {
        let ascending: [&[u8]; 6] = [&[0xFF, 0x00], &[0x80], &[0xFF], &[0], &[0x7F], &[0, 0x80]];
        let numbers = ascending.map(|octets| SerialNumber::from_bytes(octets).expect("minimal"));
        assert!(numbers.is_sorted());
    }

    #[test]
    fn shown_as_hexadecimal() {
        let shown = |octets: &[u8]| SerialNumber::from_bytes(octets).map(|it| it.to_string());
        assert_eq!(shown(&[0x00, 0xAB, 0x01]).as_deref(), Some("AB01"));
        assert_eq!(shown(&[0x00]).as_deref(), Some("00"));
        assert_eq!(shown(&[0xFF]).as_deref(), Some("-FF"));
        assert_eq!(shown(&[0x00, 0x01]), None);
    }
}
