//! Views of the register.

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use crate::ids::{AuthorityId, SubjectId};

/// A certificate bound to a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindingView {
    /// Hex SHA-256 of the certificate.
    pub certificate: String,
    /// Its serial number, hex.
    pub serial: String,
    /// Who issued it.
    pub authority: AuthorityId,
    /// The capacity it gives.
    pub capacity: String,
    /// The person it was given to.
    pub holder: Option<SubjectId>,
    /// When it ends.
    pub not_after: Timestamp,
    /// When it was bound.
    pub bound: Timestamp,
    /// When retention removed the certificate itself, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Timestamp>,
}

/// A certificate that waits for confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingView {
    /// Who issued it.
    pub authority: AuthorityId,
    /// The name it gives; a legal entity's only.
    pub name: Option<String>,
    /// When it was last seen.
    pub seen: Timestamp,
}

/// A subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectView {
    /// Its stable id.
    pub id: SubjectId,
    /// `uscc`, `person` or another kind.
    pub kind: String,
    /// The identifier's value; never a person's.
    pub value: Option<String>,
    /// The registered name; a person's only when revealed.
    pub name: Option<String>,
    /// A person's id, only when revealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_id: Option<String>,
    /// When it was registered.
    pub registered: Timestamp,
    /// Whose certificates bind without asking.
    pub authorities: Vec<AuthorityId>,
    /// Its certificates.
    pub bindings: Vec<BindingView>,
    /// What waits for confirmation.
    pub pending: Vec<PendingView>,
}
