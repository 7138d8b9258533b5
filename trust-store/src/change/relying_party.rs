//! Relying parties, as stored.

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use crate::ids::RelyingPartyId;
use crate::relying_party::{Access, PersonalData, TokenSignature};
use crate::seal::Base64Bytes;

/// A platform is registered, with one secret and nothing else settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelyingPartyRegistered {
    pub(crate) id: RelyingPartyId,
    pub(crate) name: String,
    /// Hex SHA-256 of a 256-bit random secret.
    pub(crate) secret_sha256: String,
}

/// Everything about a platform from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelyingPartySet {
    pub(crate) id: RelyingPartyId,
    /// The record that the settings changed here were made by: where another one has
    /// come between, this one is refused.
    pub(crate) expects: u64,
    pub(crate) settings: RelyingPartyModel,
}

/// How a platform shows that it is itself, and what it may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RelyingPartyModel {
    pub(crate) name: String,
    pub(crate) access: Access,
    /// The newest last.
    pub(crate) secrets: Vec<SecretModel>,
    /// DER SubjectPublicKeyInfo of keys that sign client assertions (RFC 7523).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<Base64Bytes>,
    /// Hex SHA-256 of certificates that its TLS clients show (RFC 8705 2.2).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) certificates: Vec<String>,
    /// Verifications a minute; the gateway's own setting without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) verifications_per_minute: Option<u32>,
    pub(crate) personal_data: PersonalData,
    /// Where it is told that a provisional verdict was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) webhook: Option<String>,
    /// With which kind of key its tokens are signed.
    #[serde(default, skip_serializing_if = "TokenSignature::is_default")]
    pub(crate) token_signature: TokenSignature,
}

/// A secret by its hash; the secret itself is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretModel {
    /// Hex SHA-256 of a 256-bit random secret.
    pub(crate) sha256: String,
    /// Until when it is accepted; without it, until it is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
}

impl RelyingPartyModel {
    /// What is settled when a platform is registered.
    pub(crate) fn registered(change: &RelyingPartyRegistered) -> Self {
        Self {
            name: change.name.clone(),
            access: Access::Open,
            secrets: vec![SecretModel { sha256: change.secret_sha256.clone(), until: None }],
            keys: Vec::new(),
            certificates: Vec::new(),
            verifications_per_minute: None,
            personal_data: PersonalData::Withheld,
            webhook: None,
            token_signature: TokenSignature::Default,
        }
    }
}
