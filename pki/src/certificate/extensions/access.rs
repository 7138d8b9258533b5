//! Information access.

use crate::der::reader::Element;
use crate::oid::Oid;

use super::general_name::GeneralName;

/// Where something is to be had, and how (RFC 5280 4.2.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessDescription {
    method: Oid,
    location: GeneralName,
}

impl AccessDescription {
    pub(super) fn read_all(value: Element<'_>) -> Option<Vec<Self>> {
        let read = |description: Element<'_>| {
            let mut fields = description.children();
            Some(Self {
                method: Oid::from_checked_octets(fields.next()?.content),
                location: GeneralName::read(fields.next()?)?,
            })
        };
        value.children().map(read).collect()
    }

    /// What is there: [`Oid::ACCESS_OCSP`], [`Oid::ACCESS_CA_ISSUERS`], or
    /// anything else.
    #[must_use]
    pub fn method(&self) -> &Oid {
        &self.method
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &GeneralName {
        &self.location
    }
}
