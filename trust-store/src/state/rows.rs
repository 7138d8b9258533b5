//! The rows of the state and how they are keyed.
//!
//! | key | row |
//! |---|---|
//! | `clock` | log time and epoch |
//! | `province` | names, and when each edition of its policy is in force |
//! | `pt/SEQUENCE` | the text of a policy that a record set |
//! | `term` | the term of the last promotion |
//! | `a/AUTHORITY` | an authority with its anchors and histories |
//! | `av/AUTHORITY` | sequence of its latest change |
//! | `k/SPKI` | whose enrolled key this is |
//! | `l/AUTHORITY/SPKI/SCOPE` | the newest list of that scope, signed by that key |
//! | `la/AUTHORITY/SPKI/SCOPE/TIME` | one that was replaced, the newest first |
//! | `r/RELYING-PARTY` | a relying party |
//! | `s/SUBJECT` | a subject |
//! | `u/…` | identifier to subject |
//! | `o/CODE/SUBJECT` | organization code to subjects |
//! | `c/CERTIFICATE` | a binding |
//! | `b/SUBJECT/CERTIFICATE` | the same, by subject |
//! | `e/PERSON` | person keys given up, which the writer destroys |
//! | `n/BLOB` | a blob that a record names |
//! | `lk` | the keys that look-ups go by |
//! | `ek/SEQUENCE` | the evidence key that a record names |
//! | `g/BLOB` | a blob that retention removed, and when |
//! | `h/SUBJECT/CERTIFICATE` | a binding, by its holder |
//! | `y/SIGNING/CERTIFICATE` | an encryption certificate, by the one bound beside it |
//! | `q/SUBJECT/AUTHORITY` | a binding that waits for confirmation |
//! | `x/EXPIRY/NONCE` | a challenge used up |
//! | `v/RECORD` | a receipt that is, or was, provisional |
//! | `vl/AUTHORITY/SPKI/SCOPE/RECORD` | the same, by a list that it waits for |
//! | `vn/RELYING-PARTY/RECORD/RECEIPT` | how a receipt was decided, for its platform |
//! | `vd/RELYING-PARTY` | the last of these that its webhook was told |
//! | `ve/BLOB` | evidence of receipts, and when it was last relied upon |

use std::fmt;

use serde::{Deserialize, Serialize};
use tongxing_pki::{Crl, Timestamp};

use crate::authority::{DistrustHistory, Role, StatusHistory};
use crate::change::{AnchorModel, Names, PersonModel, RelyingPartyModel};
use crate::hex;
use crate::ids::{AuthorityId, SubjectId};
use crate::policy::{Capacity, PolicyHistory};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProvinceRow {
    pub(crate) names: Names,
    pub(crate) policies: PolicyHistory,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnchorRow {
    pub(crate) key: AnchorModel,
    pub(crate) added: Timestamp,
    /// Narrows the authority's status; empty while nothing was said of it alone.
    pub(crate) status: StatusHistory,
    /// From when it is one; the authority's status alone says so of those that it was
    /// enrolled with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) effective: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "DistrustHistory::is_empty")]
    pub(crate) distrust: DistrustHistory,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthorityRow {
    pub(crate) names: Names,
    pub(crate) hotline: Option<String>,
    pub(crate) licence_expires: Option<Timestamp>,
    pub(crate) roles: Vec<Role>,
    pub(crate) anchors: Vec<AnchorRow>,
    pub(crate) intermediates: Vec<AnchorModel>,
    pub(crate) status: StatusHistory,
    #[serde(default, skip_serializing_if = "DistrustHistory::is_empty")]
    pub(crate) distrust: DistrustHistory,
    pub(crate) policies: PolicyHistory,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListRow {
    pub(crate) blob: String,
    pub(crate) number: Option<String>,
    pub(crate) this_update: Timestamp,
    pub(crate) next_update: Option<Timestamp>,
    pub(crate) entries: u64,
    /// When the province learned it.
    pub(crate) known: Timestamp,
}

/// Which of an authority's lists: those of one place replace one another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListPlace {
    /// Hex SHA-256 of the key that signs it.
    pub(crate) signer: String,
    /// As in [`ListImported`](crate::change::ListImported).
    pub(crate) scope: String,
}

impl ListPlace {
    /// The place of a list that this key signed (SHA-256 of its SubjectPublicKeyInfo).
    pub(crate) fn of(signer: &[u8; 32], list: &Crl) -> Self {
        Self { signer: hex::encode(signer), scope: hex::encode(&list.scope_sha256()[..16]) }
    }
}

impl fmt::Display for ListPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.signer, self.scope)
    }
}

impl TryFrom<String> for ListPlace {
    type Error = ();

    fn try_from(key: String) -> Result<Self, ()> {
        let (signer, scope) = key.split_once('/').ok_or(())?;
        Ok(Self { signer: signer.to_owned(), scope: scope.to_owned() })
    }
}

/// A list that was replaced, kept for moments in the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ArchivedListRow {
    pub(crate) list: ListRow,
    /// When the one that replaced it was made.
    pub(crate) until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelyingPartyRow {
    pub(crate) settings: RelyingPartyModel,
    /// The record that made them.
    pub(crate) sequence: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SubjectRow {
    /// Kind and value of a legal entity's identifier; kind alone for a person.
    pub(crate) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) name_keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<PersonModel>,
    /// The identifiers under which they are found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) found_by: Vec<String>,
    /// Every person key that sealed something of theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sealed_under: Vec<SubjectId>,
    /// Whose certificates bind without asking.
    pub(crate) authorities: Vec<AuthorityId>,
    pub(crate) registered: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BindingRow {
    pub(crate) subject: SubjectId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) holder: Option<SubjectId>,
    pub(crate) authority: AuthorityId,
    pub(crate) capacity: Capacity,
    pub(crate) serial: String,
    pub(crate) not_after: Timestamp,
    pub(crate) blob: String,
    /// The key that it is sealed under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sealed_for: Option<SubjectId>,
    pub(crate) bound: Timestamp,
}

/// An encryption certificate of the key that a bound certificate signs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EncryptionRow {
    /// Whose it was when it was registered.
    pub(crate) subject: SubjectId,
    pub(crate) serial: String,
    pub(crate) not_after: Timestamp,
    /// Sealed as the bound certificate's is.
    pub(crate) blob: String,
    pub(crate) registered: Timestamp,
}

/// A certificate whose name disagrees with the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PendingRow {
    /// Hex SHA-256 of the latest such certificate.
    pub(crate) certificate: String,
    /// The name it gives; a legal entity's only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    pub(crate) seen: Timestamp,
}
