//! Distribution points.

use crate::der::primitive::read_boolean;
use crate::der::reader::{Element, read_single};

use super::general_name::GeneralName;
use super::usage::ReasonFlags;

/// Where a list that covers the certificate is (RFC 5280 4.2.1.13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistributionPoint {
    name: Option<DistributionPointName>,
    reasons: Option<ReasonFlags>,
    crl_issuer: Vec<GeneralName>,
}

/// What a distribution point is called (RFC 5280 4.2.1.13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DistributionPointName {
    /// By names, any of which will do.
    Full(Vec<GeneralName>),
    /// By one relative name under the list's issuer, as encoded: see
    /// [`crate::Name::with_relative`].
    Relative(Box<[u8]>),
}

/// What a list covers (RFC 5280 5.2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the standard's own flags")]
pub struct IssuingDistributionPoint {
    name: Option<DistributionPointName>,
    reasons: Option<ReasonFlags>,
    only_user: bool,
    only_ca: bool,
    only_attribute: bool,
    indirect: bool,
}

impl DistributionPoint {
    pub(super) fn read_all(value: Element<'_>) -> Option<Vec<Self>> {
        value.children().map(Self::read).collect()
    }

    fn read(point: Element<'_>) -> Option<Self> {
        let mut fields = point.children();
        let name = read_name(fields.take_context(0))?;
        let reasons = read_reasons(fields.take_context(1))?;
        let crl_issuer = match fields.take_context(2) {
            None => Vec::new(),
            Some(names) => GeneralName::read_all(names)?,
        };
        Some(Self { name, reasons, crl_issuer })
    }

    /// Where, if it is said.
    #[must_use]
    pub fn name(&self) -> Option<&DistributionPointName> {
        self.name.as_ref()
    }

    /// The reasons for revocation that its list covers; `None`: all of them.
    #[must_use]
    pub fn reasons(&self) -> Option<ReasonFlags> {
        self.reasons
    }

    /// Who signs the list, where that is not the certificate's issuer.
    #[must_use]
    pub fn crl_issuer(&self) -> &[GeneralName] {
        &self.crl_issuer
    }
}

impl IssuingDistributionPoint {
    pub(crate) fn read(value: Element<'_>) -> Option<Self> {
        let mut fields = value.children();
        let name = read_name(fields.take_context(0))?;
        let flag = |field: Option<Element<'_>>| match field {
            None => Some(false),
            Some(flag) => read_boolean(flag.content).ok(),
        };
        Some(Self {
            name,
            only_user: flag(fields.take_context(1))?,
            only_ca: flag(fields.take_context(2))?,
            reasons: read_reasons(fields.take_context(3))?,
            indirect: flag(fields.take_context(4))?,
            only_attribute: flag(fields.take_context(5))?,
        })
    }

    /// Where the list is published, if it is said.
    #[must_use]
    pub fn name(&self) -> Option<&DistributionPointName> {
        self.name.as_ref()
    }

    /// The reasons the list covers; `None`: all of them.
    #[must_use]
    pub fn only_some_reasons(&self) -> Option<ReasonFlags> {
        self.reasons
    }

    /// Whether it covers only certificates of others than authorities.
    #[must_use]
    pub fn only_contains_user_certs(&self) -> bool {
        self.only_user
    }

    /// Whether it covers only certificates of authorities.
    #[must_use]
    pub fn only_contains_ca_certs(&self) -> bool {
        self.only_ca
    }

    /// Whether it covers only attribute certificates.
    #[must_use]
    pub fn only_contains_attribute_certs(&self) -> bool {
        self.only_attribute
    }

    /// Whether its entries may be of other issuers' certificates.
    #[must_use]
    pub fn is_indirect(&self) -> bool {
        self.indirect
    }
}

/// The inner option is whether there is one; the outer, whether it was read.
#[expect(clippy::option_option, reason = "read or not, present or not")]
fn read_name(field: Option<Element<'_>>) -> Option<Option<DistributionPointName>> {
    let Some(field) = field else {
        return Some(None);
    };
    let name = read_single(field.content).ok()?;
    Some(Some(if name.is_context(0) {
        DistributionPointName::Full(GeneralName::read_all(name)?)
    } else {
        let mut relative = name.raw.to_vec();
        // Its own tag instead of the choice's, for use within a name.
        *relative.first_mut()? = crate::der::reader::tag::SET;
        DistributionPointName::Relative(relative.into())
    }))
}

#[expect(clippy::option_option, reason = "read or not, present or not")]
fn read_reasons(field: Option<Element<'_>>) -> Option<Option<ReasonFlags>> {
    match field {
        None => Some(None),
        Some(reasons) => ReasonFlags::read(reasons).map(Some),
    }
}
