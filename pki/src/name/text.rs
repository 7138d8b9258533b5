//! The strings of ASN.1 as Unicode text, and their RFC 4514 form.

use std::borrow::Cow;
use std::fmt::{self, Write};

use crate::der::reader::tag;
use crate::oid::Oid;

/// The text of a string value; `None` when the tag is no string type or the
/// octets are not text of it.
pub(super) fn decode(tag: u8, content: &[u8]) -> Option<Cow<'_, str>> {
    match tag {
        // The one-octet types are read as UTF-8, of which ASCII is a part:
        // authorities write Chinese into PrintableString and IA5String.
        tag::UTF8_STRING
        | tag::PRINTABLE_STRING
        | tag::IA5_STRING
        | tag::NUMERIC_STRING
        | tag::VISIBLE_STRING => str::from_utf8(content).ok().map(Cow::Borrowed),
        tag::TELETEX_STRING => Some(latin1(content)),
        tag::BMP_STRING => utf16(content).map(Cow::Owned),
        tag::UNIVERSAL_STRING => utf32(content).map(Cow::Owned),
        _ => None,
    }
}

/// Whether a string holds what its type does not allow. Other types: never.
pub(super) fn breaks_type(tag: u8, content: &[u8]) -> bool {
    let allowed = match tag {
        tag::PRINTABLE_STRING => content.iter().all(|&octet| is_printable(octet)),
        tag::NUMERIC_STRING => content.iter().all(|octet| octet.is_ascii_digit() || *octet == b' '),
        tag::IA5_STRING => content.is_ascii(),
        tag::VISIBLE_STRING => content.iter().all(|octet| (0x20..0x7F).contains(octet)),
        tag::UTF8_STRING | tag::BMP_STRING | tag::UNIVERSAL_STRING => {
            decode(tag, content).is_some()
        }
        tag::TELETEX_STRING => true,
        _ => return false,
    };
    !allowed || content.is_empty()
}

/// X.680 41.4, table 10.
fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&octet)
}

fn latin1(content: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(content) {
        Ok(ascii) if ascii.is_ascii() => Cow::Borrowed(ascii),
        _ => Cow::Owned(content.iter().copied().map(char::from).collect()),
    }
}

fn utf16(content: &[u8]) -> Option<String> {
    let (units, rest) = content.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    // BMPString has no surrogates, but writers of UTF-16 put them there.
    let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
    char::decode_utf16(units).collect::<Result<_, _>>().ok()
}

fn utf32(content: &[u8]) -> Option<String> {
    let (units, rest) = content.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    units.iter().map(|unit| char::from_u32(u32::from_be_bytes(*unit))).collect()
}

/// The short names of RFC 4514 section 3, and others in common use.
pub(super) fn short_name(oid: &Oid) -> Option<&'static str> {
    const NAMES: [(Oid, &str); 15] = [
        (Oid::COMMON_NAME, "CN"),
        (Oid::ORGANIZATION, "O"),
        (Oid::ORGANIZATIONAL_UNIT, "OU"),
        (Oid::COUNTRY, "C"),
        (Oid::STATE_OR_PROVINCE, "ST"),
        (Oid::LOCALITY, "L"),
        (Oid::SERIAL_NUMBER, "serialNumber"),
        (Oid::DOMAIN_COMPONENT, "DC"),
        (Oid::EMAIL_ADDRESS, "emailAddress"),
        (Oid::USER_ID, "UID"),
        (Oid::STREET, "STREET"),
        (Oid::SURNAME, "SN"),
        (Oid::GIVEN_NAME, "GN"),
        (Oid::TITLE, "title"),
        (Oid::ORGANIZATION_IDENTIFIER, "organizationIdentifier"),
    ];
    NAMES.iter().find(|(known, _)| known == oid).map(|(_, name)| *name)
}

/// Writes a value as RFC 4514 section 2.4 asks; control characters, which
/// could forge a line in a log, become escapes too.
pub(super) fn write_escaped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let last = text.chars().count().saturating_sub(1);
    for (index, character) in text.chars().enumerate() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{character}")?,
            '#' if index == 0 => f.write_str("\\#")?,
            ' ' if index == 0 || index == last => f.write_str("\\ ")?,
            control if control.is_control() => {
                let mut octets = [0; 4];
                for octet in control.encode_utf8(&mut octets).bytes() {
                    write!(f, "\\{octet:02X}")?;
                }
            }
            plain => f.write_char(plain)?,
        }
    }
    Ok(())
}
