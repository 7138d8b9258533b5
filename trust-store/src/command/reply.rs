//! What commands answer: owned views, made to be shown or serialised.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use crate::doctor::Check;
use crate::evidence::{ExportHeader, SignedCheckpoint};
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::points::PointView;
use crate::relying_party::{Access, PersonalData, TokenSignature};
use crate::replica::StandbyView;
use crate::reserve::DiskView;

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

/// An invitation, to be taken to the standby's machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandbyInvitation {
    /// The text that `tongxing standby join` takes.
    pub invitation: String,
    /// Until when it is good.
    pub until: Timestamp,
}

/// A backup that was made and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupView {
    /// Where it lies.
    pub file: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// Hex SHA-256 of the file, as the journal records it.
    pub sha256: String,
    /// The last record in it.
    pub sequence: u64,
    /// Hex hash of that record.
    pub head: String,
    /// Hash of the state that the records make.
    pub state: String,
    /// How many files are in it, blobs not counted.
    pub files: u64,
    /// How many blobs are in it.
    pub blobs: u64,
    /// The record that says it was made.
    pub recorded: u64,
}

/// What checking everything came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedView {
    /// How many records there are.
    pub records: u64,
    /// How many of them are in archived segments: their hashes were checked, not they.
    #[serde(default)]
    pub archived: u64,
    /// Hex SHA-256 of the last one.
    pub head: String,
    /// Hex root of the tree over all records.
    pub root: String,
    /// How many sealed segments were found to be what the manifest lists.
    pub segments: u64,
    /// How many checkpoints were found to agree.
    pub checkpoints: u64,
    /// How many checkpoints an operator accepted as lost with their records.
    #[serde(default)]
    pub accepted_losses: u64,
    /// How many timestamps prove when a checkpoint was there, by an authority that was
    /// enrolled for timestamps then.
    #[serde(default)]
    pub timestamps: u64,
    /// How many are whole, but of nobody enrolled for timestamps.
    #[serde(default)]
    pub unproven_timestamps: u64,
    /// How many blobs that records name were read.
    pub blobs: u64,
    /// Hash of the state, where it was made anew and compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// A signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointView {
    /// Whose record.
    pub origin: String,
    /// How many records were signed.
    pub size: u64,
    /// Hex root of the tree over them.
    pub root: String,
    /// The signed note (C2SP tlog-checkpoint).
    pub note: String,
}

/// An evidence key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceKeyView {
    /// Its text form: `NAME+ID+BASE64`.
    pub key: String,
    /// The record that names it.
    pub sequence: u64,
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

/// A journal record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordView {
    /// Its place.
    pub sequence: u64,
    /// The writer's time, Unix milliseconds.
    pub time: i64,
    /// Hex SHA-256 of `frame`.
    pub hash: String,
    /// The record as it stands in the journal, with the hash of the one before.
    pub frame: super::FileBytes,
    /// Who caused it, and what: as stored.
    pub entry: serde_json::Value,
}

/// A sealed segment of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentView {
    /// Its file name.
    pub name: String,
    /// Its first record.
    pub first: u64,
    /// Its last record.
    pub last: u64,
    /// How long the file is.
    pub bytes: u64,
    /// Hex SHA-256 of the file.
    pub sha256: String,
    /// Hex root of the tree over all records up to its last one.
    pub root: String,
    /// Log time after its last record.
    pub until: Timestamp,
    /// Whether it was moved away.
    pub archived: bool,
}

/// Segments that were archived, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveView {
    /// Where to.
    pub to: PathBuf,
    /// Up to which record an image stands for the segments.
    pub covered: u64,
    /// Which ones.
    pub segments: Vec<SegmentView>,
    /// The record that says so; without it nothing was done.
    pub sequence: Option<u64>,
}

/// What the province's policy does not keep any longer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionView {
    /// How long archived segments are kept, in seconds; for ever without a number.
    pub audit_seconds: Option<i64>,
    /// How long certificates of expired bindings are kept.
    pub evidence_seconds: Option<i64>,
    /// How long replaced revocation lists are kept.
    pub lists_seconds: Option<i64>,
    /// How long OCSP responses are kept.
    pub responses_seconds: Option<i64>,
    /// How long persons are known after their last certificate expired.
    pub persons_seconds: Option<i64>,
    /// Archived segments that are older.
    pub segments: Vec<SegmentView>,
    /// Hex SHA-256 of certificates' blobs that are older.
    pub evidence: Vec<String>,
    /// Hex SHA-256 of lists that are older.
    pub lists: Vec<String>,
    /// Hex SHA-256 of OCSP responses that are older.
    pub responses: Vec<String>,
    /// Persons all of whose certificates expired longer ago, who are erased.
    pub persons: Vec<SubjectId>,
    /// How many bytes of files that is.
    pub bytes: u64,
    /// The last record that says so; without it nothing was done.
    pub sequence: Option<u64>,
}

impl RetentionView {
    /// Whether nothing is too old.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
            && self.evidence.is_empty()
            && self.lists.is_empty()
            && self.responses.is_empty()
            && self.persons.is_empty()
    }
}

/// An image of the state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// The last record that is in it.
    pub sequence: u64,
    /// How many rows it has.
    pub rows: u64,
    /// How long its file is.
    pub bytes: u64,
    /// Hex SHA-256 of the file without the hash at its end, as the journal has it.
    pub sha256: String,
    /// Hash of the state: what `audit verify --replay` prints at that record.
    pub state: String,
    /// Why it cannot be used, if so; the other fields but the first are empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// How the province is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthView {
    /// The last applied sequence number.
    pub sequence: u64,
    /// Whether the journal takes appends.
    pub journal_writable: bool,
    /// How many records the newest checkpoint was signed over.
    #[serde(default)]
    pub signed: u64,
    /// How many active authorities can be judged.
    pub judgeable_authorities: usize,
    /// How the disk is.
    #[serde(default)]
    pub disk: Option<DiskView>,
    /// What is not as it should be.
    pub degraded: Vec<String>,
}

impl From<&SignedCheckpoint> for CheckpointView {
    fn from(signed: &SignedCheckpoint) -> Self {
        let checkpoint = signed.checkpoint();
        Self {
            origin: checkpoint.origin.clone(),
            size: checkpoint.size,
            root: crate::hex::encode(&checkpoint.root),
            note: signed.note().to_owned(),
        }
    }
}

/// How certificates were used in a time: counts, and nobody's id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatisticsView {
    /// The first moment counted; without it from the first record on.
    pub from: Option<Timestamp>,
    /// The first moment not counted any more; without it all.
    pub to: Option<Timestamp>,
    /// How many records were looked at.
    pub records: u64,
    /// Sign-ins that were admitted.
    pub sign_ins: u64,
    /// Those with a certificate of another authority than the one that most sign-ins
    /// at that platform came with: what mutual recognition made possible.
    pub mutual: u64,
    /// Their share, from 0 to 1; nothing where nobody signed in.
    pub mutual_rate: Option<f64>,
    /// Legal entities and persons that signed in.
    pub entities: u64,
    /// Those that used certificates of more than one authority.
    pub entities_of_several_authorities: u64,
    /// The trading platforms signed in to.
    pub platforms: Vec<PlatformView>,
    /// Admitted sign-ins by what they were made with.
    pub uses: Vec<UseCount>,
    /// Refused sign-ins, each by the first code that decided.
    pub refusals: Vec<RefusalCount>,
    /// Refusals that have no record each: without possession proven, or of no enrolled
    /// authority.
    pub strangers: u64,
}

/// Sign-ins to one platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlatformView {
    /// Its id.
    pub id: RelyingPartyId,
    /// Its name, where it is still registered.
    pub name: Option<String>,
    /// Sign-ins that were admitted.
    pub sign_ins: u64,
    /// By how many entities.
    pub entities: u64,
    /// With certificates of how many authorities.
    pub authorities: u64,
    /// The authority that most of them came with.
    pub principal: Option<AuthorityId>,
    /// Sign-ins with a certificate of any other.
    pub mutual: u64,
    /// Their share, from 0 to 1.
    pub mutual_rate: Option<f64>,
}

/// How often certificates of one sort were used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCount {
    /// For what: `sign-in`.
    pub scene: String,
    /// Where.
    pub platform: RelyingPartyId,
    /// Whose certificates.
    pub authority: AuthorityId,
    /// `organization` or `person`.
    pub subject_type: String,
    /// The kind of key, in the words of policy files: `sm2`, `rsa`; `unknown` where it
    /// was not recorded.
    pub key: String,
    /// How possession was proven: `tls` or `challenge`.
    pub method: String,
    /// How often.
    pub count: u64,
}

/// How often sign-ins were refused for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalCount {
    /// Where.
    pub platform: Option<RelyingPartyId>,
    /// Whose certificate.
    pub authority: Option<AuthorityId>,
    /// The code.
    pub code: String,
    /// How often.
    pub count: u64,
}
