//! ASN.1 values declared as data.
//!
//! Authorities put the same text into certificates in many shapes: as a UTF8String,
//! a PrintableString or a BMPString, under an explicit or an implicit tag, inside a
//! SET, or as bare ASCII that is no DER at all. A [`Value`] says which shape, and
//! writes it.

use der::asn1::{
    AnyRef, BmpString, Ia5StringRef, OctetStringRef, PrintableStringRef, TeletexStringRef,
};
use der::{Decode, Encode, Tag, TagNumber, Tagged};

use crate::error::TestdataError;
use crate::oid;

/// The ASN.1 string types met in real certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StringKind {
    /// UTF8String.
    Utf8,
    /// PrintableString: letters, digits, space and `'()+,-./:=?`.
    Printable,
    /// BMPString: two bytes a character.
    Bmp,
    /// TeletexString, here restricted to ASCII.
    Teletex,
    /// IA5String: ASCII.
    Ia5,
}

/// An ASN.1 value, or raw octets where a certificate carries something that is not ASN.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text in the given string type.
    Text(StringKind, String),
    /// These octets, written as they are.
    Raw(Vec<u8>),
    /// An OCTET STRING.
    Octets(Vec<u8>),
    /// An object identifier, in dotted form.
    ObjectIdentifier(String),
    /// `[n] EXPLICIT`: the value whole, inside a context tag.
    Explicit(u8, Box<Value>),
    /// `[n] IMPLICIT`: the value's content under a context tag, its own tag lost.
    Implicit(u8, Box<Value>),
    /// A SET holding these values in the order given.
    Set(Vec<Value>),
    /// A SEQUENCE of these values.
    Sequence(Vec<Value>),
}

impl Value {
    /// A UTF8String.
    pub fn utf8(text: impl Into<String>) -> Self {
        Self::Text(StringKind::Utf8, text.into())
    }

    /// A PrintableString.
    pub fn printable(text: impl Into<String>) -> Self {
        Self::Text(StringKind::Printable, text.into())
    }

    /// A BMPString.
    pub fn bmp(text: impl Into<String>) -> Self {
        Self::Text(StringKind::Bmp, text.into())
    }

    /// The text's bytes with no tag and no length, as some authorities write extensions.
    pub fn raw_ascii(text: impl Into<String>) -> Self {
        Self::Raw(text.into().into_bytes())
    }

    /// This value inside `[number] EXPLICIT`.
    pub fn explicit(self, number: u8) -> Self {
        Self::Explicit(number, Box::new(self))
    }

    /// This value under `[number] IMPLICIT`.
    pub fn implicit(self, number: u8) -> Self {
        Self::Implicit(number, Box::new(self))
    }

    /// This value as the only element of a SET.
    pub fn in_set(self) -> Self {
        Self::Set(vec![self])
    }

    /// The encoding.
    ///
    /// # Errors
    /// [`TestdataError::Text`] when the string type cannot carry the text,
    /// [`TestdataError::ObjectIdentifier`] when the dotted form is wrong.
    pub fn to_der(&self) -> Result<Vec<u8>, TestdataError> {
        match self {
            Self::Text(kind, text) => text_der(*kind, text),
            Self::Raw(octets) => Ok(octets.clone()),
            Self::Octets(octets) => Ok(OctetStringRef::new(octets)?.to_der()?),
            Self::ObjectIdentifier(dotted) => Ok(oid::parse(dotted)?.to_der()?),
            Self::Explicit(number, inner) => tagged(context(*number, true), &inner.to_der()?),
            Self::Implicit(number, inner) => retagged(*number, &inner.to_der()?),
            Self::Set(elements) => tagged(Tag::Set, &concatenated(elements)?),
            Self::Sequence(elements) => tagged(Tag::Sequence, &concatenated(elements)?),
        }
    }
}

/// One element: tag, length, content.
pub(crate) fn tagged(tag: Tag, content: &[u8]) -> Result<Vec<u8>, TestdataError> {
    Ok(AnyRef::new(tag, content)?.to_der()?)
}

/// The tag `[number]` of the context class.
pub(crate) fn context(number: u8, constructed: bool) -> Tag {
    TagNumber(number.into()).context_specific(constructed)
}

fn concatenated(elements: &[Value]) -> Result<Vec<u8>, TestdataError> {
    let mut content = Vec::new();
    for element in elements {
        content.extend(element.to_der()?);
    }
    Ok(content)
}

fn retagged(number: u8, element: &[u8]) -> Result<Vec<u8>, TestdataError> {
    let element = AnyRef::from_der(element)?;
    tagged(context(number, element.tag().is_constructed()), element.value())
}

fn text_der(kind: StringKind, text: &str) -> Result<Vec<u8>, TestdataError> {
    let encoded = match kind {
        StringKind::Utf8 => text.to_der(),
        StringKind::Printable => PrintableStringRef::new(text).and_then(|value| value.to_der()),
        StringKind::Bmp => BmpString::from_utf8(text).and_then(|value| value.to_der()),
        StringKind::Teletex => TeletexStringRef::new(text).and_then(|value| value.to_der()),
        StringKind::Ia5 => Ia5StringRef::new(text).and_then(|value| value.to_der()),
    };
    encoded.map_err(|_| TestdataError::Text { kind, text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_of_a_code_in_an_extension() -> Result<(), TestdataError> {
        let code = Value::printable("AB");
        assert_eq!(code.to_der()?, [0x13, 2, b'A', b'B']);
        assert_eq!(code.clone().explicit(0).to_der()?, [0xa0, 4, 0x13, 2, b'A', b'B']);
        assert_eq!(code.clone().implicit(2).to_der()?, [0x82, 2, b'A', b'B']);
        assert_eq!(code.explicit(0).in_set().to_der()?, [0x31, 6, 0xa0, 4, 0x13, 2, b'A', b'B']);
        assert_eq!(Value::bmp("通").to_der()?, [0x1e, 2, 0x90, 0x1a]);
        assert_eq!(Value::raw_ascii("0!x").to_der()?, *b"0!x");
        Ok(())
    }

    #[test]
    fn a_text_its_type_cannot_carry_is_named() {
        assert!(matches!(
            Value::printable("a@b").to_der(),
            Err(TestdataError::Text { kind: StringKind::Printable, text }) if text == "a@b"
        ));
    }
}
