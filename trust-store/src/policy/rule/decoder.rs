//! Decoders: from an extension's octets to text.
//!
//! Which decoder applies is declared, never guessed: values that are raw ASCII
//! begin with characters that look like tags (`1` is SET, `0` is SEQUENCE).

use std::fmt;

use der::asn1::AnyRef;
use der::{Decode, Tag, TagNumber, Tagged};

use super::super::file::{Item, Parsed};

/// How an extension's value is encoded. The octets are those inside extnValue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Decoder {
    /// One DER string of any type.
    DerString,
    /// `[n] EXPLICIT` around a DER string.
    Explicit(u8),
    /// `[n] IMPLICIT`: the string's octets directly under the tag, as UTF-8, of
    /// which PrintableString and IA5String are subsets.
    Implicit(u8),
    /// `SET { [n] { string } }`, seen where a SET OF CHOICE was meant.
    SetExplicit(u8),
    /// The octets are the text, printable ASCII.
    RawAscii,
    /// The octets are the text, UTF-8.
    RawUtf8,
    /// GM/T 0015 identifyCode, one alternative of the CHOICE, in EXPLICIT or
    /// IMPLICIT tagging: both are seen.
    IdentifyCode(IdentifyCode),
}

/// The alternatives of GM/T 0015 identifyCode, with their tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum IdentifyCode {
    ResidentId,
    MilitaryId,
    Passport,
}

/// Why octets do not decode.
pub(super) type DecodeFault = &'static str;

const MAX_TAG: i64 = 30;
const MAX_DECODERS: usize = 8;

/// The text in `octets`, by the first decoder that can read them; the fault is
/// that of the last one.
pub(super) fn decode(decoders: &[Decoder], octets: &[u8]) -> Result<String, DecodeFault> {
    let mut result = Err("no decoder is given");
    for decoder in decoders {
        result = decoder.decode(octets);
        if result.is_ok() {
            break;
        }
    }
    result
}

impl Decoder {
    pub(super) const EXPECTED: &'static str = "how the extension is encoded: \"der-string\", \
         \"raw-ascii\", \"raw-utf8\", { explicit = N }, { implicit = N }, \
         { set-explicit = N } or { identify-code = \"resident-id\" }";

    /// The text in `octets`.
    fn decode(self, octets: &[u8]) -> Result<String, DecodeFault> {
        match self {
            Self::DerString => string(any(octets)?),
            Self::Explicit(tag) => string(any(inside(any(octets)?, tag, Form::Constructed)?)?),
            Self::Implicit(tag) => utf8(inside(any(octets)?, tag, Form::Primitive)?),
            Self::SetExplicit(tag) => {
                let set = any(octets)?;
                if set.tag() != Tag::Set {
                    return Err("it is no SET");
                }
                string(any(inside(any(set.value())?, tag, Form::Constructed)?)?)
            }
            Self::RawAscii => raw_ascii(octets),
            Self::RawUtf8 => utf8(octets),
            Self::IdentifyCode(choice) => identify_code(any(octets)?, choice),
        }
    }

    /// Reads one decoder, or a list of them to be tried in order.
    pub(super) fn parse_all(item: &Item<'_>) -> Parsed<Vec<Self>> {
        if item.is_list() {
            return item.list_of((1, MAX_DECODERS), Self::parse);
        }
        Ok(vec![Self::parse(item)?])
    }

    fn parse(item: &Item<'_>) -> Parsed<Self> {
        if item.is_text() {
            return item.choice(&[
                ("der-string", Self::DerString),
                ("raw-ascii", Self::RawAscii),
                ("raw-utf8", Self::RawUtf8),
            ]);
        }
        let section = item.section()?;
        let keys = ["explicit", "implicit", "set-explicit", "identify-code"];
        let decoder = section.one_of(&keys).and_then(|(key, item)| {
            if key == "identify-code" {
                return item.choice(&IdentifyCode::NAMES).map(Self::IdentifyCode);
            }
            // Bounded by MAX_TAG.
            let tag = u8::try_from(item.integer(0, MAX_TAG)?).unwrap_or(u8::MAX);
            Ok(match key {
                "explicit" => Self::Explicit(tag),
                "implicit" => Self::Implicit(tag),
                _ => Self::SetExplicit(tag),
            })
        });
        section.finish();
        decoder
    }
}

impl IdentifyCode {
    const NAMES: [(&'static str, Self); 3] = [
        ("resident-id", Self::ResidentId),
        ("military-id", Self::MilitaryId),
        ("passport", Self::Passport),
    ];

    fn tag(self) -> u8 {
        match self {
            Self::ResidentId => 0,
            Self::MilitaryId => 1,
            Self::Passport => 2,
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Primitive,
    Constructed,
}

/// The single DER element that `octets` are.
fn any(octets: &[u8]) -> Result<AnyRef<'_>, DecodeFault> {
    AnyRef::from_der(octets).map_err(|_| "it is not one DER element")
}

/// The content under `[number]`.
fn inside(element: AnyRef<'_>, number: u8, form: Form) -> Result<&[u8], DecodeFault> {
    let wanted = Tag::ContextSpecific {
        constructed: form == Form::Constructed,
        number: TagNumber(u32::from(number)),
    };
    if element.tag() != wanted {
        return Err("it has another tag");
    }
    Ok(element.value())
}

fn identify_code(element: AnyRef<'_>, choice: IdentifyCode) -> Result<String, DecodeFault> {
    match inside(element, choice.tag(), Form::Constructed) {
        Ok(content) => string(any(content)?),
        Err(_) => inside(element, choice.tag(), Form::Primitive)
            .map_err(|_| "it is another alternative of identifyCode")
            .and_then(utf8),
    }
}

/// The text of a DER string.
fn string(element: AnyRef<'_>) -> Result<String, DecodeFault> {
    match element.tag() {
        // TeletexString: nobody writes T.61; CAs put ASCII or UTF-8 there.
        Tag::Utf8String | Tag::TeletexString => utf8(element.value()),
        Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            if element.value().is_ascii() {
                utf8(element.value())
            } else {
                Err("it is not ASCII")
            }
        }
        Tag::BmpString => bmp(element.value()),
        _ => Err("it is no string"),
    }
}

fn bmp(octets: &[u8]) -> Result<String, DecodeFault> {
    let (units, rest) = octets.as_chunks::<2>();
    let text =
        String::from_utf16(&units.iter().map(|u| u16::from_be_bytes(*u)).collect::<Vec<_>>());
    match (text, rest) {
        (Ok(text), []) => Ok(text),
        _ => Err("it is no BMPString"),
    }
}

fn utf8(octets: &[u8]) -> Result<String, DecodeFault> {
    str::from_utf8(octets).map(str::to_owned).map_err(|_| "it is not UTF-8")
}

fn raw_ascii(octets: &[u8]) -> Result<String, DecodeFault> {
    if octets.iter().all(|octet| matches!(octet, b' '..=b'~')) {
        utf8(octets)
    } else {
        Err("it is not printable ASCII")
    }
}

impl fmt::Display for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DerString => f.write_str("der-string"),
            Self::Explicit(tag) => write!(f, "explicit [{tag}]"),
            Self::Implicit(tag) => write!(f, "implicit [{tag}]"),
            Self::SetExplicit(tag) => write!(f, "set-explicit [{tag}]"),
            Self::RawAscii => f.write_str("raw-ascii"),
            Self::RawUtf8 => f.write_str("raw-utf8"),
            Self::IdentifyCode(choice) => write!(f, "identify-code [{}]", choice.tag()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESIDENT: Decoder = Decoder::IdentifyCode(IdentifyCode::ResidentId);

    #[test]
    fn every_string_type() {
        for (octets, text) in [
            (b"\x0C\x03\xE7\x94\xB2".as_slice(), "甲"),
            (b"\x13\x02AB", "AB"),
            (b"\x16\x02AB", "AB"),
            (b"\x14\x02AB", "AB"),
            (b"\x12\x0212", "12"),
            (b"\x1E\x02\x75\x32", "甲"),
        ] {
            assert_eq!(Decoder::DerString.decode(octets), Ok(text.to_owned()));
        }
        for bad in [
            b"".as_slice(),
            b"\x13\x03AB",
            b"\x13\x02ABC",
            b"\x13\x02\xC3\xA9",
            b"\x1E\x01\x75",
            b"\x02\x01\x05",
            b"\x0C\x81\x02AB",
        ] {
            assert!(Decoder::DerString.decode(bad).is_err(), "{bad:x?}");
        }
    }

    #[test]
    fn raw_ascii_that_looks_like_a_tag_is_text_only_where_the_policy_says_so() {
        // '1' is SET and '@' a length of 64; '0' is SEQUENCE.
        for raw in ["1@5009JJ0799655058", "0\x40", "aB"] {
            let ascii = Decoder::RawAscii.decode(raw.as_bytes());
            assert_eq!(ascii.is_ok(), raw.bytes().all(|b| b >= b' '), "{raw:?}");
            for other in [Decoder::DerString, Decoder::SetExplicit(0), RESIDENT] {
                assert!(other.decode(raw.as_bytes()).is_err(), "{raw:?} {other}");
            }
        }
        assert!(Decoder::RawAscii.decode(b"\x13\x02AB").is_err(), "DER is not raw");
    }

    #[test]
    fn set_around_an_explicit_string() {
        let octets = b"\x31\x06\xA0\x04\x13\x02AB";
        assert_eq!(Decoder::SetExplicit(0).decode(octets), Ok("AB".to_owned()));
        assert!(Decoder::SetExplicit(1).decode(octets).is_err());
        assert!(Decoder::DerString.decode(octets).is_err());
        assert!(Decoder::Explicit(0).decode(octets).is_err());
    }

    #[test]
    fn explicit_and_implicit_do_not_pass_for_each_other() {
        let (explicit, implicit) = (b"\xA1\x04\x0C\x02AB", b"\x81\x02AB");
        assert_eq!(Decoder::Explicit(1).decode(explicit), Ok("AB".to_owned()));
        assert_eq!(Decoder::Implicit(1).decode(implicit), Ok("AB".to_owned()));
        assert!(Decoder::Explicit(1).decode(implicit).is_err());
        assert!(Decoder::Implicit(1).decode(explicit).is_err());
    }

    #[test]
    fn identify_code_reads_both_taggings_of_the_alternative_asked_for() {
        for octets in [b"\xA0\x04\x13\x02AB".as_slice(), b"\x80\x02AB"] {
            assert_eq!(RESIDENT.decode(octets), Ok("AB".to_owned()));
            let passport = Decoder::IdentifyCode(IdentifyCode::Passport);
            assert!(passport.decode(octets).is_err());
        }
    }
}
