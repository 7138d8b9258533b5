//! Verifications of which a receipt was given, as stored.
//!
//! Nothing of whoever signed is here: a statement is named by its hash, and what a
//! platform is told of persons it keeps itself.

use serde::{Deserialize, Serialize};
use tongxing_pki::{Timestamp, Verdict};

use crate::ids::{AuthorityId, RelyingPartyId};
use crate::seal::Base64Bytes;

/// A verification with a receipt: what the receipt's proof leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VerificationRecorded {
    /// Who asked.
    pub(crate) relying_party: RelyingPartyId,
    /// Hex SHA-256 of the statement that the receipt signs, octet by octet.
    pub(crate) statement: String,
    pub(crate) verdict: Verdict,
    /// Whether a later list may still overturn it, whether or not one is awaited.
    pub(crate) provisional: bool,
    /// The revision of the snapshot that judged.
    pub(crate) judged_at: u64,
    /// Hex SHA-256 of the blobs that it rests on, none of which names a person.
    pub(crate) evidence: Vec<String>,
    /// What would overturn it, where it is provisional.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) awaits: Vec<AwaitedModel>,
}

/// The list that is to say how a certificate stood: the next of its place that was
/// made after the moment judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AwaitedModel {
    pub(crate) authority: AuthorityId,
    /// As in [`ListImported`](super::ListImported).
    pub(crate) signer: String,
    /// As in [`ListImported`](super::ListImported).
    pub(crate) scope: String,
    /// DER of the name of the certificate's issuer.
    pub(crate) issuer: Base64Bytes,
    /// The certificate's serial number: the content octets of the DER INTEGER.
    pub(crate) serial: Base64Bytes,
    /// When the certificate expires.
    pub(crate) not_after: Timestamp,
    /// The moment judged.
    pub(crate) at: Timestamp,
}

/// Lists came that say how certificates stood which receipts are provisional about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReceiptsDecided {
    pub(crate) decided: Vec<DecidedModel>,
}

/// What a list says of one certificate of one receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DecidedModel {
    /// The record of the verification.
    pub(crate) receipt: u64,
    /// Hex SHA-256 of what the receipt states, where its record could be read: the number
    /// may come again behind a restored record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<String>,
    /// Its place among what that awaits, from 0.
    pub(crate) awaited: u32,
    /// Hex SHA-256 of the list, which is a blob.
    pub(crate) list: String,
    /// The revocation that reaches back to the moment judged; none where the list
    /// agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) revoked: Option<RevokedModel>,
}

/// A revocation, by its entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RevokedModel {
    pub(crate) date: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) invalidity_date: Option<Timestamp>,
}

/// A platform's webhook took what it was to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NoticesDelivered {
    pub(crate) relying_party: RelyingPartyId,
    /// Of the records that decided its receipts, the last it was told of.
    pub(crate) through: u64,
}
