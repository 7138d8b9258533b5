//! The authority key identifier.

use crate::certificate::SerialNumber;
use crate::der::reader::Element;

use super::general_name::GeneralName;

/// Which of the issuer's keys signed (RFC 5280 4.2.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityKeyIdentifier {
    key_identifier: Option<Box<[u8]>>,
    issuer: Vec<GeneralName>,
    serial: Option<SerialNumber>,
}

impl AuthorityKeyIdentifier {
    pub(crate) fn read(value: Element<'_>) -> Option<Self> {
        let mut fields = value.children();
        let key_identifier = fields.take_context(0).map(|found| found.content.into());
        let issuer = fields.take_context(1).map(GeneralName::read_all);
        let serial = fields.take_context(2).map(|found| SerialNumber::from_bytes(found.content));
        Some(Self {
            key_identifier,
            issuer: issuer.unwrap_or_else(|| Some(Vec::new()))?,
            serial: match serial {
                None => None,
                Some(read) => Some(read?),
            },
        })
    }

    /// The subject key identifier of the issuer's certificate.
    #[must_use]
    pub fn key_identifier(&self) -> Option<&[u8]> {
        self.key_identifier.as_deref()
    }

    /// The issuer of the issuer's certificate.
    #[must_use]
    pub fn issuer(&self) -> &[GeneralName] {
        &self.issuer
    }

    /// The serial number of the issuer's certificate.
    #[must_use]
    pub fn serial(&self) -> Option<&SerialNumber> {
        self.serial.as_ref()
    }
}
