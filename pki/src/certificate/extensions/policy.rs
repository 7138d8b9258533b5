//! Certificate policies and what constrains them.

use crate::der::primitive::read_unsigned;
use crate::der::reader::Element;
use crate::oid::Oid;

/// A policy the certificate was issued under (RFC 5280 4.2.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyInformation {
    policy: Oid,
    qualifiers: Vec<PolicyQualifier>,
}

/// Something said about a policy, kept as encoded (RFC 5280 4.2.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyQualifier {
    id: Oid,
    value: Box<[u8]>,
}

/// Constraints on the policies of certificates below (RFC 5280 4.2.1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyConstraints {
    /// After how many certificates an explicit policy is required.
    pub require_explicit_policy: Option<u32>,
    /// After how many certificates mappings are no longer allowed.
    pub inhibit_policy_mapping: Option<u32>,
}

impl PolicyInformation {
    pub(super) fn read_all(value: Element<'_>) -> Option<Vec<Self>> {
        value.children().map(Self::read).collect()
    }

    fn read(information: Element<'_>) -> Option<Self> {
        let mut fields = information.children();
        let policy = Oid::from_checked_octets(fields.next()?.content);
        let qualifiers = fields.next().map(|list| {
            let read = |qualifier| PolicyQualifier::read(qualifier);
            list.children().map(read).collect::<Option<Vec<_>>>()
        });
        Some(Self { policy, qualifiers: qualifiers.unwrap_or_else(|| Some(Vec::new()))? })
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Oid {
        &self.policy
    }

    /// What is said about it.
    #[must_use]
    pub fn qualifiers(&self) -> &[PolicyQualifier] {
        &self.qualifiers
    }
}

impl PolicyQualifier {
    fn read(qualifier: Element<'_>) -> Option<Self> {
        let mut fields = qualifier.children();
        Some(Self {
            id: Oid::from_checked_octets(fields.next()?.content),
            value: fields.next().map_or(&[][..], |value| value.raw).into(),
        })
    }

    /// Which kind of qualifier it is.
    #[must_use]
    pub fn id(&self) -> &Oid {
        &self.id
    }

    /// Its encoding; empty when the authority left it out.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }
}

/// Pairs of issuerDomainPolicy and subjectDomainPolicy (RFC 5280 4.2.1.5).
pub(super) fn read_mappings(value: Element<'_>) -> Option<Vec<(Oid, Oid)>> {
    let read = |mapping: Element<'_>| {
        let mut policies = mapping.children();
        let issuer = Oid::from_checked_octets(policies.next()?.content);
        let subject = Oid::from_checked_octets(policies.next()?.content);
        Some((issuer, subject))
    };
    value.children().map(read).collect()
}

impl PolicyConstraints {
    pub(super) fn read(value: Element<'_>) -> Option<Self> {
        let mut fields = value.children();
        let mut number = |field| match fields.take_context(field) {
            None => Some(None),
            Some(number) => read_unsigned(number.content).ok().map(Some),
        };
        Some(Self { require_explicit_policy: number(0)?, inhibit_policy_mapping: number(1)? })
    }
}
