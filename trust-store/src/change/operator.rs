//! What operators do, as stored.

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use crate::authority::{Role, Status};
use crate::ids::{AuthorityId, SubjectId};

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Names {
    pub(crate) zh: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) en: Option<String>,
}

/// A policy file as it was given: the name errors mention, and its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PolicyText {
    pub(crate) file: String,
    pub(crate) source: String,
}

/// A CA key with the certificate it came in; the key decides, never the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AnchorModel {
    /// Hex SHA-256 of the SubjectPublicKeyInfo.
    pub(crate) spki_sha256: String,
    /// Hex SHA-256 of the certificate, which is a blob.
    pub(crate) certificate: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuthorityEnrolled {
    pub(crate) id: AuthorityId,
    pub(crate) names: Names,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hotline: Option<String>,
    /// The day its electronic-certification licence ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) licence_expires: Option<Timestamp>,
    pub(crate) roles: Vec<Role>,
    pub(crate) anchors: Vec<AnchorModel>,
    pub(crate) intermediates: Vec<AnchorModel>,
    pub(crate) policy: PolicyText,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StatusSet {
    pub(crate) authority: AuthorityId,
    /// Hex SHA-256 of one anchor's key, or the whole authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) anchor: Option<String>,
    pub(crate) status: Status,
    /// From when; without it, from the moment of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) effective: Option<Timestamp>,
    pub(crate) reason: String,
}

/// Certificates issued from a moment on are not trusted any more; older ones are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DistrustSet {
    pub(crate) authority: AuthorityId,
    /// Hex SHA-256 of one anchor's key, or the whole authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) anchor: Option<String>,
    /// From which moment; without it, earlier statements are taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) issued_after: Option<Timestamp>,
    pub(crate) reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ListImported {
    pub(crate) authority: AuthorityId,
    /// Hex SHA-256 of the key that signed it.
    pub(crate) issuer_spki_sha256: String,
    /// Hex, the first half of [`tongxing_pki::Crl::scope_sha256`]: lists of one
    /// signer and one scope replace one another.
    pub(crate) scope: String,
    /// Hex SHA-256 of the list, which is a blob.
    pub(crate) blob: String,
    /// RFC 5280 5.2.3, upper-case hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
    pub(crate) this_update: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next_update: Option<Timestamp>,
    pub(crate) entries: u64,
}

/// A backup was made: whoever has a recipient's key has what was in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BackupMade {
    /// The last record in it.
    pub(crate) sequence: u64,
    /// Whom it is encrypted to.
    pub(crate) recipients: Vec<String>,
    /// Hex SHA-256 of the file.
    pub(crate) sha256: String,
}

/// The journal goes on from a backup. What was recorded after `sequence` is not in
/// it any more; challenges made before are void, for they may have been used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restored {
    /// The last record that was kept.
    pub(crate) sequence: u64,
    /// The last record of the backup.
    pub(crate) of_backup_sequence: u64,
    pub(crate) reason: String,
}

/// Acknowledged records are gone from the journal's end, and an operator had it go on
/// without them. Challenges made before are void, for they may have been used up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LostEndAccepted {
    /// The first record that is gone; this one has its number.
    pub(crate) first: u64,
    /// The last one known to have been there.
    pub(crate) last: u64,
    /// The segment that was cut.
    pub(crate) segment: String,
    /// Where it was cut.
    pub(crate) offset: u64,
    /// How many bytes were cut off.
    pub(crate) bytes: u64,
    /// The file in `lost/` that holds them, named by the beginning of its SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cut_off: Option<String>,
    pub(crate) reason: String,
}

/// A gateway became the primary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Promoted {
    pub(crate) term: u64,
    /// By an operator's word alone: the other gateway was not asked, and what it recorded
    /// and did not hand over is not here. Challenges made before are void, for they may
    /// have been used up in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forced: Option<Forced>,
}

/// What is known of what a promotion by force left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Forced {
    /// Over how many records the newest checkpoint was signed, of those over more than
    /// are here: they are accepted as lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signed: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// An operator knows why checkpoints in the second place contradict the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CheckpointsAccepted {
    /// Over how many records the newest of them was signed.
    pub(crate) signed: u64,
    /// How many there are.
    pub(crate) count: u64,
    pub(crate) reason: String,
}

/// An image of the state: what ties the file to the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImageTaken {
    /// The last record that is in it.
    pub(crate) sequence: u64,
    /// Hex SHA-256 of the file without the hash at its end.
    pub(crate) sha256: String,
    pub(crate) rows: u64,
    /// Hex multiset hash of the rows.
    pub(crate) state: String,
}

/// A sealed segment, as the manifest has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentModel {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Hex SHA-256 of the file.
    pub(crate) sha256: String,
}

/// Segments that were copied elsewhere, and are removed after this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentsArchived {
    /// The folder they went to.
    pub(crate) to: String,
    pub(crate) segments: Vec<SegmentModel>,
}

/// What the province's policy does not keep any longer, and is removed after this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RetentionApplied {
    /// Archived segments, removed from their archive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) segments: Vec<SegmentModel>,
    /// Blobs of revocation lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lists: Vec<String>,
    /// Blobs of OCSP responses that sign-ins rested on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) responses: Vec<String>,
    /// Blobs of certificates whose bindings stay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<String>,
    /// The keys that seal some of them and nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) keys: Vec<SubjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) persons: Option<ErasedPersons>,
}

/// Persons who are forgotten, and their keys destroyed, unless a certificate of
/// theirs came to expire later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ErasedPersons {
    /// All their certificates expired before.
    pub(crate) expired_before: Timestamp,
    pub(crate) persons: Vec<SubjectId>,
}
