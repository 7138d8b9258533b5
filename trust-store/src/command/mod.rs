//! The operators' language: one code path, two transports.
//!
//! The command line builds a [`Command`] and hands it either to a [`Province`]
//! it opened itself or, over the admin socket, to the gateway's. Both answer
//! with the same [`Reply`] or the same [`CommandError`].
//!
//! [`Province`]: crate::Province

mod archive;
mod audit;
mod backup;
mod doctor;
mod evidence;
mod explain;
mod lists;
mod relying_parties;
mod reply;
mod retention;
mod standby;
mod statistics;
mod subjects;
mod trust;
mod verify;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

pub use lists::ImportedList;
pub(crate) use lists::bring_in;
pub use relying_parties::{RelyingPartyEdit, Setting};
pub use reply::{
    AnchorView, ArchiveView, AuthorityView, BackupView, BindingView, Cancelled, CheckpointView,
    EvidenceKeyView, HealthView, ImageView, ListView, PendingView, PlatformView, RecordView,
    RefusalCount, RelyingPartyView, Reply, RetentionView, SecretView, SegmentView,
    StandbyInvitation, StatisticsView, StatusView, SubjectView, UseCount, VerifiedView,
};
pub(crate) use subjects::pending_views;
pub use verify::SignatureQuestion;

use crate::authority::{Role, Status};
use crate::change::Actor;
use crate::doctor::Depth;
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::province::Province;

pub use crate::seal::Base64Bytes as FileBytes;

/// A policy file as the operator gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyFile {
    /// The name that errors mention.
    pub name: String,
    /// Its text.
    pub source: String,
}

/// Whether the state is made anew and compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replay {
    /// Only the journal is read.
    #[default]
    No,
    /// Every change is applied again.
    Yes,
}

/// Whether a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Apply {
    /// It is only told.
    No,
    /// It is told and done.
    Yes,
}

/// What an operator asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Enrols an authority, as draft.
    AuthorityAdd {
        /// Its short id.
        id: AuthorityId,
        /// Its Chinese name.
        name_zh: String,
        /// Its English name.
        name_en: Option<String>,
        /// The number that bidders call.
        hotline: Option<String>,
        /// When its licence ends.
        licence_expires: Option<Timestamp>,
        /// What it is enrolled for.
        roles: Vec<Role>,
        /// Certificates (DER or PEM) whose keys become anchors.
        anchors: Vec<FileBytes>,
        /// Certificates (DER or PEM) of known subordinate CAs.
        intermediates: Vec<FileBytes>,
        /// Its policy.
        policy: PolicyFile,
    },
    /// All authorities.
    AuthorityList,
    /// One authority with its anchors, lists and history.
    AuthorityShow {
        /// Which.
        id: AuthorityId,
    },
    /// Sets what an authority is enrolled for.
    RolesSet {
        /// Which.
        authority: AuthorityId,
        /// All its roles from now on.
        roles: Vec<Role>,
    },
    /// Adds an anchor.
    AnchorAdd {
        /// Whose.
        authority: AuthorityId,
        /// The certificate, DER or PEM.
        certificate: FileBytes,
        /// From when, the past allowed; from now on without it.
        #[serde(default)]
        effective: Option<Timestamp>,
    },
    /// Adds a known intermediate.
    IntermediateAdd {
        /// Whose.
        authority: AuthorityId,
        /// The certificate, DER or PEM.
        certificate: FileBytes,
    },
    /// Sets the status of an authority, or narrows one anchor's.
    StatusSet {
        /// Which authority.
        authority: AuthorityId,
        /// Hex SHA-256 of the anchor's key, or the whole authority.
        anchor: Option<String>,
        /// The new status.
        status: Status,
        /// From when; from now on without it.
        effective: Option<Timestamp>,
        /// Why: bidders of a suspended authority are told.
        reason: String,
    },
    /// Says that certificates issued from a moment on are not trusted any more.
    DistrustSet {
        /// Whose.
        authority: AuthorityId,
        /// Hex SHA-256 of the anchor's key, or the whole authority.
        anchor: Option<String>,
        /// From which moment; without it, earlier statements are taken back.
        issued_after: Option<Timestamp>,
        /// Why: bidders are told.
        reason: String,
    },
    /// Replaces a policy: an authority's, or the province's own.
    PolicySet {
        /// Whose; the province's without it.
        authority: Option<AuthorityId>,
        /// The new text.
        policy: PolicyFile,
        /// From when, the past allowed; from now on without it.
        #[serde(default)]
        effective: Option<Timestamp>,
    },
    /// Shows what an authority's policy reads from a certificate.
    PolicyExplain {
        /// Whose policy.
        authority: AuthorityId,
        /// The certificate, DER or PEM. It is not kept.
        certificate: FileBytes,
        /// A reason to see its texts in the clear; without one only their shape,
        /// and what is a legal entity's.
        #[serde(default)]
        reveal: Option<String>,
    },
    /// Judges a signed document by what is trusted; nothing is recorded.
    SignatureVerify {
        /// The document, and what is asked about it.
        question: Box<SignatureQuestion>,
    },
    /// Imports a revocation list.
    ListImport {
        /// The list: DER, PEM or bare base64.
        list: FileBytes,
    },
    /// Keeps a list that a newer one replaced already, for moments in the past.
    ListArchive {
        /// The list: DER, PEM or bare base64.
        list: FileBytes,
    },
    /// All known lists with their freshness.
    ListList,
    /// Where lists are fetched, and what came of it.
    PointList,
    /// Registers a relying party and returns its secret, once.
    RelyingPartyAdd {
        /// Its short id: the audience of its tokens.
        id: RelyingPartyId,
        /// Its name.
        name: String,
    },
    /// Makes another secret of a relying party and returns it, once.
    RelyingPartySecret {
        /// Which.
        id: RelyingPartyId,
        /// How long the secrets before it stay good, in seconds.
        overlap_seconds: i64,
    },
    /// Changes how a relying party shows that it is itself, and what it may ask for.
    RelyingPartySet {
        /// Which.
        id: RelyingPartyId,
        /// What is changed.
        edit: Box<RelyingPartyEdit>,
    },
    /// All relying parties.
    RelyingPartyList,
    /// One relying party.
    RelyingPartyShow {
        /// Which.
        id: RelyingPartyId,
    },
    /// Finds subjects by id, USCC, name or certificate hash.
    SubjectFind {
        /// What to look for.
        query: String,
    },
    /// One subject with its certificates and what waits for confirmation.
    SubjectShow {
        /// Which.
        id: SubjectId,
        /// A reason to see personal data; without one it stays sealed.
        reveal: Option<String>,
    },
    /// Confirms that an authority's other name means this subject.
    SubjectConfirm {
        /// Which subject.
        subject: SubjectId,
        /// Whose certificate waits.
        authority: AuthorityId,
    },
    /// Sets the registered name of a legal entity.
    SubjectRename {
        /// Which subject.
        subject: SubjectId,
        /// The new name.
        name: String,
    },
    /// Erases a person: their keys are destroyed, the record stays whole.
    SubjectErase {
        /// Whom.
        subject: SubjectId,
        /// Why.
        reason: String,
    },
    /// Goes over to another key for look-ups of persons.
    LookupKeyRotate,
    /// Records from the journal, oldest first.
    AuditList {
        /// The first sequence number.
        from: u64,
        /// How many at most.
        limit: u32,
    },
    /// Reads the whole journal and checks its chain.
    AuditVerify {
        /// Whether to make the state anew from it and compare, in memory.
        #[serde(default)]
        replay: Replay,
    },
    /// Counts how certificates were used.
    Statistics {
        /// From this moment on; from the first record without it.
        from: Option<Timestamp>,
        /// Before this moment; to the last record without it.
        to: Option<Timestamp>,
    },
    /// Signs the record as it stands.
    AuditCheckpoint,
    /// The keys of all times that sign checkpoints.
    EvidenceKeyList,
    /// Makes another key the one that signs checkpoints.
    EvidenceKeyRotate,
    /// Proves that a record is in what was signed.
    AuditProve {
        /// Its number.
        sequence: u64,
    },
    /// Proves that what was signed once is the beginning of the record now.
    AuditConsistency {
        /// The old checkpoint: a signed note.
        checkpoint: String,
    },
    /// Begins an export: its first line.
    AuditExport {
        /// The first record; 1 without it.
        first: Option<u64>,
        /// The last record; the newest without it.
        last: Option<u64>,
    },
    /// Records as they stand in the journal: as many as fit into one answer.
    AuditFrames {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// Resets log time to the clock and voids earlier challenges.
    ClockReset {
        /// Why the clock was wrong.
        reason: String,
    },
    /// Moves sealed segments that an image stands for to a folder elsewhere.
    Archive {
        /// The folder, as the process that owns the province sees it.
        to: PathBuf,
        /// Only segments that end before this record.
        before: Option<u64>,
        /// All but this many of the newest sealed segments.
        keep: Option<usize>,
        /// Whether it is done.
        apply: Apply,
    },
    /// The sealed segments, archived ones too.
    SegmentList,
    /// Brings archived segments back.
    Retrieve {
        /// The folder that they were moved to.
        from: PathBuf,
        /// The first records of those wanted; all that the folder holds without any.
        segments: Vec<u64>,
    },
    /// What the province's policy does not keep any longer.
    Retention {
        /// The folder that segments were moved to; without it, none is removed.
        archive: Option<PathBuf>,
        /// Whether it is removed.
        apply: Apply,
    },
    /// Takes an image of the state.
    ImageTake,
    /// The images that there are, each read whole.
    ImageList,
    /// Makes a backup, encrypted to its recipients.
    Backup {
        /// Where to, by its whole path; it must not exist. It is written by the
        /// process that has the province open, and lies outside its folder.
        file: PathBuf,
        /// age X25519 recipients, one at least.
        recipients: Vec<String>,
    },
    /// How the province is.
    Health,
    /// Whether everything that the record needs is there and as it should be.
    Doctor {
        /// How much is read.
        #[serde(default)]
        depth: Depth,
    },
    /// Whether it is the primary or the standby, and how far the standby is.
    StandbyStatus,
    /// Opens an invitation for a standby.
    StandbyInvite {
        /// HOST:PORT that it is to connect to; the settings' without it.
        address: Option<String>,
    },
    /// Lets the standby take the primary's place.
    StandbyPromote {
        /// Even if the primary cannot be asked to stop.
        force: bool,
    },
}

/// Why a command was not carried out; nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// What kind of failure, for exit codes.
    pub kind: FailureKind,
    /// A sentence for the operator.
    pub message: String,
}

/// The kinds of failure that a caller treats differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// What was given cannot be read: a file, a policy, a name.
    BadInput,
    /// It was understood, and the state of the province says no.
    Refused,
    /// The province cannot answer or record: disk, damage, shutdown.
    Unavailable,
}

impl CommandError {
    /// What was given cannot be read.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::BadInput, message: message.into() }
    }

    /// The state of the province says no.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Refused, message: message.into() }
    }

    /// The province cannot answer.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Unavailable, message: message.into() }
    }
}

impl Province {
    /// Carries out a command; a change is durable when this returns.
    pub async fn execute(&self, by: &Actor, command: Command) -> Result<Reply, CommandError> {
        // On a full disk it gives the command room.
        self.disk();
        match command {
            Command::AuthorityAdd { .. }
            | Command::RolesSet { .. }
            | Command::AnchorAdd { .. }
            | Command::IntermediateAdd { .. }
            | Command::StatusSet { .. }
            | Command::DistrustSet { .. }
            | Command::PolicySet { .. }
            | Command::ClockReset { .. } => trust::change(self, by, command).await,
            Command::AuthorityList => trust::list(self),
            Command::AuthorityShow { id } => trust::show(self, &id),
            Command::RelyingPartyAdd { id, name } => relying_parties::add(self, by, id, name).await,
            Command::RelyingPartySecret { id, overlap_seconds } => {
                relying_parties::rotate_secret(self, by, id, overlap_seconds).await
            }
            Command::RelyingPartySet { id, edit } => {
                relying_parties::set(self, by, id, *edit).await
            }
            Command::RelyingPartyList => relying_parties::list(self),
            Command::RelyingPartyShow { id } => relying_parties::show(self, id),
            Command::PolicyExplain { authority, certificate, reveal } => {
                explain::explain(self, by, authority, certificate.as_slice(), reveal).await
            }
            Command::SignatureVerify { question } => verify::signature(self, &question),
            Command::ListImport { list } => lists::import(self, by, list.into_vec().into()).await,
            Command::ListArchive { list } => lists::archive(self, by, list.into_vec().into()).await,
            Command::ListList => lists::list(self),
            Command::PointList => Ok(Reply::Points(self.points().all())),
            Command::SubjectFind { query } => subjects::find(self, by, &query).await,
            Command::SubjectShow { id, reveal } => subjects::show(self, by, &id, reveal).await,
            Command::SubjectConfirm { subject, authority } => {
                subjects::confirm(self, by, subject, authority).await
            }
            Command::SubjectRename { subject, name } => {
                subjects::rename(self, by, subject, name).await
            }
            Command::SubjectErase { subject, reason } => {
                subjects::erase(self, by, subject, reason).await
            }
            Command::AuditList { from, limit } => audit::list(self, from, limit),
            Command::AuditVerify { replay } => audit::verify(self, replay),
            Command::Statistics { from, to } => statistics::count(self, from, to),
            Command::Archive { to, before, keep, apply } => {
                archive::archive(self, by, to, archive::Wanted::of(before, keep), apply).await
            }
            Command::SegmentList => Ok(archive::list(self)),
            Command::Retrieve { from, segments } => archive::retrieve(self, from, segments).await,
            Command::Retention { archive, apply } => {
                retention::retention(self, by, archive, apply).await
            }
            Command::ImageTake => Ok(Reply::ImageTaken(self.take_image(by).await?)),
            Command::ImageList => Ok(Reply::Images(self.images()?)),
            Command::Backup { file, recipients } => {
                backup::make(self, by, &file, &recipients).await
            }
            Command::AuditCheckpoint => evidence::checkpoint(self).await,
            Command::EvidenceKeyList => evidence::keys(self),
            Command::LookupKeyRotate => subjects::rotate_lookup_key(self, by).await,
            Command::EvidenceKeyRotate => evidence::rotate(self, by).await,
            Command::AuditProve { sequence } => evidence::prove(self, sequence).await,
            Command::AuditConsistency { checkpoint } => {
                evidence::consistency(self, &checkpoint).await
            }
            Command::AuditExport { first, last } => evidence::export(self, first, last).await,
            Command::AuditFrames { first, last } => evidence::frames(self, first, last),
            Command::Doctor { depth } => doctor::examine(self, by, depth).await,
            Command::Health => Ok(Reply::Health(self.health())),
            Command::StandbyStatus => Ok(Reply::Standby(Box::new(self.standby_view()?))),
            Command::StandbyInvite { .. } => Err(CommandError::refused(
                "no gateway runs here, and only a running one invites: start it with `tongxing \
                 serve`",
            )),
            Command::StandbyPromote { force } => standby::promote(self, by, force).await,
        }
    }
}

impl From<crate::StoreError> for CommandError {
    fn from(error: crate::StoreError) -> Self {
        match error {
            crate::StoreError::Standby
            | crate::StoreError::NotAStandby
            | crate::StoreError::NotFencedBy { .. }
            | crate::StoreError::TermNotNewer { .. } => Self::refused(error.to_string()),
            error => Self::unavailable(error.to_string()),
        }
    }
}
