//! Sign-ins, as stored: one record registers, binds, uses up the challenge and
//! issues the token, so that a power cut leaves all of it or nothing.

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::policy::Capacity;
use crate::seal::{LookupHash, Sealed};

/// How possession of the key was proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The TLS handshake (RFC 8446 4.4.3, RFC 5246 7.4.8).
    Tls,
    /// A signed challenge.
    Challenge,
}

impl Method {
    /// The name used in records and statistics.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Challenge => "challenge",
        }
    }
}

/// A challenge that this change uses up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeModel {
    /// The challenge's random part, lower-case hex.
    pub nonce: String,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// The clock epoch it was made in.
    pub epoch: u64,
}

/// The token that the change issues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenModel {
    /// RFC 7519 `jti`.
    pub jti: String,
    /// RFC 7519 `iat`.
    pub issued_at: Timestamp,
    /// RFC 7519 `exp`.
    pub expires_at: Timestamp,
}

/// A certificate's blob, and the key that it is sealed under: its person's, or one of
/// its own where the policy reads no person. What it names may be more than that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlobModel {
    pub(crate) sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sealed_for: Option<SubjectId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CertificateModel {
    /// Hex SHA-256 of the certificate.
    pub(crate) sha256: String,
    pub(crate) serial: String,
    pub(crate) not_after: Timestamp,
    /// The kind of its key, in the words of policy files; for statistics alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// Present when the writer had not seen the certificate bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) blob: Option<BlobModel>,
}

/// How an entity is found again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IdentifierModel {
    /// GB 32100: one subject, whatever the CA.
    Uscc(String),
    /// GB 11714: links to exactly one USCC and never creates a subject.
    OrganizationCode(String),
    /// Any other identifier of a legal entity: within its authority only.
    Scoped { kind: String, value: String },
    /// A natural person, by keyed hash: one subject, whatever the CA.
    Person { lookups: Vec<LookupHash> },
    /// An identifier of a natural person that never merges by itself.
    ScopedPerson { kind: String, lookups: Vec<LookupHash> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EntityModel {
    pub(crate) identifier: IdentifierModel,
    /// The name to register; a legal entity's only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// What names are compared by: NFKC without spaces, for persons its keyed hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) name_keys: Vec<String>,
    /// A person's name and id; absent where the writer saw the certificate bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<PersonModel>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PersonModel {
    /// Drawn anew for each sealing: names the key, and the subject that is created
    /// when nobody is found.
    pub(crate) id: SubjectId,
    pub(crate) sealed: Sealed,
}

/// The person a company's key was given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HolderModel {
    /// By personal id; empty when the certificate gives only a name.
    pub(crate) lookups: Vec<LookupHash>,
    /// By name within the entity, when there is no id.
    pub(crate) name_keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<PersonModel>,
}

/// How fresh the answer about revocation was, by the policy of the authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FreshnessModel {
    /// Current.
    Fresh,
    /// Overdue: let in within the grace that the policy allows.
    Grace,
}

/// What an answer about revocation rested on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RevocationModel {
    /// `crl` or `ocsp`: where the certificate's own status was told.
    pub(crate) method: String,
    pub(crate) freshness: FreshnessModel,
    /// When the oldest answer that was needed was made.
    pub(crate) made: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SignIn {
    pub(crate) authority: AuthorityId,
    /// The snapshot's revision when the chain was judged.
    pub(crate) judged_at: u64,
    pub(crate) certificate: CertificateModel,
    pub(crate) entity: EntityModel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) holder: Option<HolderModel>,
    pub(crate) capacity: Capacity,
    /// Used when the entity has no subject yet.
    pub(crate) new_subject: SubjectId,
    pub(crate) relying_party: RelyingPartyId,
    pub(crate) method: Method,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) challenge: Option<ChallengeModel>,
    /// When possession was proven.
    pub(crate) auth_time: Timestamp,
    pub(crate) token: TokenModel,
    /// What was known of revocation; absent where the policy asks nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revocation: Option<RevocationModel>,
    /// The OCSP responses that judging rested on: hex SHA-256 of blobs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) responses: Vec<String>,
}

impl SignIn {
    /// Everybody whose data it holds sealed.
    pub(crate) fn persons(&self) -> impl Iterator<Item = &PersonModel> {
        let holder = self.holder.as_ref().and_then(|holder| holder.person.as_ref());
        self.entity.person.iter().chain(holder)
    }

    /// The key that seals its certificate and nothing else.
    pub(crate) fn own_key(&self) -> Option<&SubjectId> {
        let key = self.certificate.blob.as_ref()?.sealed_for.as_ref()?;
        let is_own = self.persons().all(|person| person.id != *key);
        is_own.then_some(key)
    }

    /// Every key that it holds something sealed under.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &SubjectId> {
        self.persons().map(|person| &person.id).chain(self.own_key())
    }
}

/// A refusal with proven possession and a path to an enrolled key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SignInRefused {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) authority: Option<AuthorityId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) relying_party: Option<RelyingPartyId>,
    /// Hex SHA-256 of the leaf.
    pub(crate) certificate: String,
    pub(crate) method: Method,
    /// `failed` or `indeterminate`.
    pub(crate) verdict: String,
    /// The codes of the findings that decided.
    pub(crate) codes: Vec<String>,
    pub(crate) judged_at: u64,
}
