//! Distinguished names and extensions, declared attribute by attribute.

use crate::error::TestdataError;
use crate::value::Value;

/// One attribute of a distinguished name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The attribute's type, dotted.
    pub oid: String,
    /// Its value, in the string type to be written.
    pub value: Value,
}

impl Attribute {
    /// An attribute of any type and any value.
    pub fn new(oid: impl Into<String>, value: Value) -> Self {
        Self { oid: oid.into(), value }
    }

    /// An attribute as UTF8String.
    pub fn utf8(oid: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(oid, Value::utf8(text))
    }

    /// An attribute as PrintableString.
    pub fn printable(oid: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(oid, Value::printable(text))
    }

    /// An attribute as BMPString.
    pub fn bmp(oid: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(oid, Value::bmp(text))
    }

    fn to_value(&self) -> Value {
        let kind = Value::ObjectIdentifier(self.oid.clone());
        Value::Sequence(vec![kind, self.value.clone()])
    }
}

/// Writes a Name: one relative distinguished name per attribute, in the order
/// given; the same type may occur again.
///
/// # Errors
/// What [`Value::to_der`] reports.
pub fn name_der(attributes: &[Attribute]) -> Result<Vec<u8>, TestdataError> {
    let relative = |attribute: &Attribute| attribute.to_value().in_set();
    Value::Sequence(attributes.iter().map(relative).collect()).to_der()
}

/// Whether software that does not know an extension must refuse (RFC 5280, 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criticality {
    /// It must refuse.
    Critical,
    /// It may ignore the extension.
    NonCritical,
}

/// An extension of a certificate or a revocation list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The extension's identifier, dotted.
    pub oid: String,
    /// Written only when critical, as DER demands of a default.
    pub criticality: Criticality,
    /// The content of extnValue; [`Value::Raw`] writes octets that need not be DER.
    pub value: Value,
}

impl Extension {
    /// A non-critical extension.
    pub fn new(oid: impl Into<String>, value: Value) -> Self {
        Self { oid: oid.into(), criticality: Criticality::NonCritical, value }
    }

    /// The same extension, marked critical.
    pub fn critical(self) -> Self {
        Self { criticality: Criticality::Critical, ..self }
    }

    pub(crate) fn to_value(&self) -> Result<Value, TestdataError> {
        let mut fields = vec![Value::ObjectIdentifier(self.oid.clone())];
        if self.criticality == Criticality::Critical {
            fields.push(Value::Raw(vec![0x01, 0x01, 0xff]));
        }
        fields.push(Value::Octets(self.value.to_der()?));
        Ok(Value::Sequence(fields))
    }
}
