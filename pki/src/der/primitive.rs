//! The content of single elements: minimal, complete, existing.

use crate::fault::Problem;
use crate::oid::Oid;
use crate::time::Timestamp;

use super::reader::tag;

/// INTEGER and ENUMERATED: at least one octet and no superfluous sign octets
/// (X.690 8.3.2).
pub(crate) fn check_integer(content: &[u8]) -> Result<(), Problem> {
    match content {
        [] => Err(Problem::Empty),
        [0x00, next, ..] if next & 0x80 == 0 => Err(Problem::NotMinimal),
        [0xFF, next, ..] if next & 0x80 != 0 => Err(Problem::NotMinimal),
        _ => Ok(()),
    }
}

/// BOOLEAN: 00 or FF (X.690 11.1).
pub(crate) fn read_boolean(content: &[u8]) -> Result<bool, Problem> {
    match content {
        [0x00] => Ok(false),
        [0xFF] => Ok(true),
        _ => Err(Problem::InvalidBoolean),
    }
}

/// NULL: nothing inside (X.690 8.8.2).
pub(crate) fn check_null(content: &[u8]) -> Result<(), Problem> {
    if content.is_empty() { Ok(()) } else { Err(Problem::InvalidNull) }
}

/// OBJECT IDENTIFIER: complete and minimal arcs (X.690 8.19.2).
pub(crate) fn check_oid(content: &[u8]) -> Result<(), Problem> {
    if Oid::octets_are_valid(content) { Ok(()) } else { Err(Problem::InvalidObjectIdentifier) }
}

/// A BIT STRING as its octets and the count of unused bits at the end, which
/// are all zero (X.690 8.6.2 and 11.2.1).
pub(crate) fn read_bit_string(content: &[u8]) -> Result<(&[u8], u8), Problem> {
    let (&unused, octets) = content.split_first().ok_or(Problem::InvalidBitString)?;
    let spare = match octets.last() {
        None if unused == 0 => 0,
        Some(last) if unused < 8 => last & ((1 << unused) - 1),
        _ => return Err(Problem::InvalidBitString),
    };
    if spare == 0 { Ok((octets, unused)) } else { Err(Problem::InvalidBitString) }
}

/// Whether a BIT STRING with named bits ends in its last set bit (X.690
/// 11.2.2).
pub(crate) fn named_bits_are_trimmed(octets: &[u8], unused: u8) -> bool {
    octets.last().is_none_or(|last| (last >> unused) & 1 == 1)
}

/// A non-negative INTEGER that fits 32 bits; a larger one, which only a
/// length or a depth without practical bound can be, counts as the maximum.
pub(crate) fn read_unsigned(content: &[u8]) -> Result<u32, Problem> {
    check_integer(content)?;
    if content.first().is_some_and(|first| first & 0x80 != 0) {
        return Err(Problem::OutOfRange);
    }
    let value = content
        .iter()
        .try_fold(0u32, |value, &octet| value.checked_mul(256)?.checked_add(u32::from(octet)));
    Ok(value.unwrap_or(u32::MAX))
}

/// UTCTime or GeneralizedTime in the one form that DER and RFC 5280 4.1.2.5
/// leave: seconds present, no fraction, `Z`.
pub(crate) fn read_time(tag: u8, content: &[u8]) -> Result<Timestamp, Problem> {
    let digits = content.strip_suffix(b"Z").ok_or(Problem::InvalidTime)?;
    let (year, rest) = match (tag, digits.len()) {
        (tag::UTC_TIME, 12) => {
            let short = two_digits(digits)?;
            // RFC 5280 4.1.2.5.1: 50 to 99 are years of the 20th century.
            let century = if short >= 50 { 1900 } else { 2000 };
            (century + u16::from(short), &digits[2..])
        }
        (tag::GENERALIZED_TIME, 14) => {
            let century = u16::from(two_digits(digits)?) * 100;
            (century + u16::from(two_digits(&digits[2..])?), &digits[4..])
        }
        _ => return Err(Problem::InvalidTime),
    };
    let mut parts = [0; 5];
    for (part, pair) in parts.iter_mut().zip(rest.chunks_exact(2)) {
        *part = two_digits(pair)?;
    }
    let [month, day, hour, minute, second] = parts;
    Timestamp::from_civil(year, month, day, (hour, minute, second)).ok_or(Problem::InvalidTime)
}

fn two_digits(text: &[u8]) -> Result<u8, Problem> {
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => Ok((tens - b'0') * 10 + (ones - b'0')),
        _ => Err(Problem::InvalidTime),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_minimal() {
        assert!(check_integer(&[0x00]).is_ok());
        assert!(check_integer(&[0x00, 0x80]).is_ok());
        assert!(check_integer(&[0xFF]).is_ok());
        assert_eq!(check_integer(&[]), Err(Problem::Empty));
        assert_eq!(check_integer(&[0x00, 0x7F]), Err(Problem::NotMinimal));
        assert_eq!(check_integer(&[0xFF, 0x80]), Err(Problem::NotMinimal));
    }

    #[test]
    fn booleans_are_00_or_ff() {
        assert_eq!(read_boolean(&[0xFF]), Ok(true));
        assert_eq!(read_boolean(&[0x01]), Err(Problem::InvalidBoolean));
        assert_eq!(read_boolean(&[]), Err(Problem::InvalidBoolean));
    }

    #[test]
    fn bit_strings_have_clean_ends() {
        assert_eq!(read_bit_string(&[5, 0xA0]), Ok((&[0xA0][..], 5)));
        assert_eq!(read_bit_string(&[0]), Ok((&[][..], 0)));
        for bad in [&[][..], &[1], &[8, 0], &[5, 0xA1]] {
            assert_eq!(read_bit_string(bad), Err(Problem::InvalidBitString));
        }
        assert!(named_bits_are_trimmed(&[0xA0], 5));
        assert!(!named_bits_are_trimmed(&[0xA0], 4));
    }

    #[test]
    fn numbers_saturate_and_refuse_negatives() {
        assert_eq!(read_unsigned(&[0x00, 0xFF]), Ok(255));
        assert_eq!(read_unsigned(&[1, 0, 0, 0, 0]), Ok(u32::MAX));
        assert_eq!(read_unsigned(&[0xFF]), Err(Problem::OutOfRange));
    }

    #[test]
    fn times_have_one_form() {
        let utc = |text: &str| read_time(tag::UTC_TIME, text.as_bytes());
        let general = |text: &str| read_time(tag::GENERALIZED_TIME, text.as_bytes());
        assert_eq!(utc("500101120100Z").expect("valid").to_string(), "1950-01-01T12:01:00Z");
        assert_eq!(utc("491231235959Z"), general("20491231235959Z"));
        for bad in ["", "Z", "2611230800Z", "261123080000", "261323080000Z", "26112308000+Z"] {
            assert_eq!(utc(bad), Err(Problem::InvalidTime), "{bad}");
        }
        for bad in ["20261123080000.5Z", "20261123080000+0800", "261123080000Z"] {
            assert_eq!(general(bad), Err(Problem::InvalidTime), "{bad}");
        }
    }
}
