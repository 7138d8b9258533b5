//! What commands answer: owned views, made to be shown or serialised.

mod record;
mod statistics;
mod subjects;

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

pub use record::{
    ArchiveView, BackupView, CheckpointView, EvidenceKeyView, HealthView, ImageView, RecordView,
    RetentionView, SegmentView, StandbyInvitation, VerifiedView,
};
pub use statistics::{PlatformView, RefusalCount, StatisticsView, UseCount};
pub use subjects::{BindingView, PendingView, SubjectView};

use crate::doctor::Check;
use crate::evidence::ExportHeader;
use crate::ids::{AuthorityId, RelyingPartyId};
use crate::points::PointView;
use crate::relying_party::{Access, PersonalData, TokenSignature};
use crate::replica::StandbyView;

/// The answer to a [`Command`](crate::Command).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// A change is durable.
    Done {
        /// Its sequence number in the journal.
        sequence: u64,
        /// Planned statements that the change cancelled.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        cancelled: Vec<Cancelled>,
    },
    /// All authorities.
    Authorities(Vec<AuthorityView>),
    /// One authority.
    Authority(Box<AuthorityView>),
    /// Known lists.
    Lists(Vec<ListView>),
    /// Where lists are fetched.
    Points(Vec<PointView>),
    /// A relying party was registered; the secret is shown this once.
    RelyingPartyAdded {
        /// Its id.
        id: RelyingPartyId,
        /// Its secret: kept only as a hash.
        secret: String,
    },
    /// All relying parties.
    RelyingParties(Vec<RelyingPartyView>),
    /// One relying party.
    RelyingParty(Box<RelyingPartyView>),
    /// Subjects found.
    Subjects(Vec<SubjectView>),
    /// One subject.
    Subject(Box<SubjectView>),
    /// Persons are looked up under another key.
    LookupKeyRotated {
        /// Its version.
        version: u32,
        /// How many persons are found under it who were not before.
        persons: u64,
    },
    /// Journal records.
    Records(Vec<RecordView>),
    /// The journal is whole, and agrees with everything that follows from it.
    Verified(VerifiedView),
    /// A checkpoint.
    Checkpoint(CheckpointView),
    /// The evidence keys of all times, oldest first.
    EvidenceKeys(Vec<EvidenceKeyView>),
    /// Another key signs from now on.
    EvidenceKeyRotated {
        /// The key.
        key: String,
        /// The checkpoint that both keys signed.
        checkpoint: CheckpointView,
    },
    /// Segments were archived, or would be.
    Archived(ArchiveView),
    /// Sealed segments, in order.
    Segments(Vec<SegmentView>),
    /// What is not kept any longer.
    Retention(RetentionView),
    /// An image was taken.
    ImageTaken(ImageView),
    /// The images that there are, the newest first.
    Images(Vec<ImageView>),
    /// A record's proof.
    Proof {
        /// The record's number.
        sequence: u64,
        /// Its text form (C2SP tlog-proof).
        proof: String,
    },
    /// An old checkpoint is the beginning of the record now.
    Consistent {
        /// The old checkpoint's size.
        old_size: u64,
        /// The newest checkpoint.
        checkpoint: CheckpointView,
        /// The proof, with the newest checkpoint: what a C2SP tlog-witness takes.
        proof: String,
    },
    /// The first line of an export.
    ExportHeader(Box<ExportHeader>),
    /// Records as they stand in the journal.
    Frames(Vec<super::FileBytes>),
    /// How certificates were used.
    Statistics(Box<StatisticsView>),
    /// What a policy read from a certificate.
    Explanation(serde_json::Value),
    /// What judging a signed document came to.
    Document(serde_json::Value),
    /// A backup was made.
    BackedUp(Box<BackupView>),
    /// How the province is.
    Health(HealthView),
    /// What the doctor saw.
    Examined(Vec<Check>),
    /// Whether it is the primary or the standby, and how far the standby is.
    Standby(Box<StandbyView>),
    /// A standby may join.
    StandbyInvited(StandbyInvitation),
}

/// A planned statement that a nearer one cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// What had been planned.
    pub status: String,
    /// For when.
    pub effective: Timestamp,
}

/// One statement of a status history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// What was stated: a status, or `distrusted` and `trusted-again`.
    pub status: String,
    /// From when it holds; of `distrusted`, from when certificates were issued too
    /// late.
    pub effective: Timestamp,
    /// When it was learned.
    pub known: Timestamp,
    /// Why.
    pub reason: String,
}

/// An anchor or a known intermediate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnchorView {
    /// Hex SHA-256 of its SubjectPublicKeyInfo: its identity.
    pub spki_sha256: String,
    /// Its subject, for reading only.
    pub subject: String,
    /// Its public key algorithm and size.
    pub key: String,
    /// When its certificate ends.
    pub not_after: Timestamp,
    /// The anchor's own status, where it was narrowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// An authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityView {
    /// Its short id.
    pub id: AuthorityId,
    /// Its Chinese name.
    pub name_zh: String,
    /// Its English name.
    pub name_en: Option<String>,
    /// The number that bidders call.
    pub hotline: Option<String>,
    /// When its licence ends.
    pub licence_expires: Option<Timestamp>,
    /// What it is enrolled for.
    pub roles: Vec<String>,
    /// Its status now.
    pub status: String,
    /// Version of its policy: the first half of the text's SHA-256.
    pub policy_version: String,
    /// Whether the policy was verified against a real certificate.
    pub policy_verified: bool,
    /// Its keys.
    pub anchors: Vec<AnchorView>,
    /// Its known subordinate CAs.
    pub intermediates: Vec<AnchorView>,
    /// Its newest lists.
    pub lists: Vec<ListView>,
    /// Where its lists are fetched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<PointView>,
    /// Everything stated of it.
    pub history: Vec<StatusView>,
    /// What keeps it from being judged, if anything.
    pub degraded: Vec<String>,
}

/// A revocation list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListView {
    /// Whose.
    pub authority: AuthorityId,
    /// Hex SHA-256 of the key that signed it.
    pub issuer_spki_sha256: String,
    /// Which of that key's lists it is: those of one scope replace one another.
    pub scope: String,
    /// Hex SHA-256 of the list.
    pub sha256: String,
    /// RFC 5280 5.2.3, hex.
    pub number: Option<String>,
    /// When it was made.
    pub this_update: Timestamp,
    /// When the next one is due.
    pub next_update: Option<Timestamp>,
    /// How many certificates it revokes.
    pub entries: u64,
    /// `fresh`, `grace` or `stale` by the authority's policy.
    pub freshness: String,
}

/// A relying party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelyingPartyView {
    /// Its id.
    pub id: RelyingPartyId,
    /// Its name.
    pub name: String,
    /// Whether it may ask for anything.
    pub access: Access,
    /// Its secrets, the newest last.
    pub secrets: Vec<SecretView>,
    /// Hex SHA-256 of the keys that sign its client assertions.
    pub keys: Vec<String>,
    /// Hex SHA-256 of the certificates that its TLS clients show.
    pub certificates: Vec<String>,
    /// Verifications a minute; the gateway's own setting without it.
    pub verifications_per_minute: Option<u32>,
    /// Whether it is entitled to personal ids.
    pub personal_data: PersonalData,
    /// Where it is told that a provisional verdict was decided.
    pub webhook: Option<String>,
    /// With which kind of key its tokens are signed.
    #[serde(default)]
    pub token_signature: TokenSignature,
    /// The record that settled this.
    pub sequence: u64,
}

/// What may be told of a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretView {
    /// Until when it is accepted; without it, until it is replaced.
    pub until: Option<Timestamp>,
}
