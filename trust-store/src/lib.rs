//! What the province trusts and knows, and the judgement that follows from it.
//!
//! The record of truth is a journal of typed changes; the state is a
//! deterministic function of it, indexed in sled; decisions are taken against an
//! immutable [`Snapshot`] that needs neither lock nor database.
//!
//! - [`Province`] opens a data folder and is the only writer of its journal.
//! - [`Snapshot::recognise`] judges a certificate chain for a purpose at a moment.
//! - [`Province::admit`] registers a recognised sign-in and returns the
//!   [`Admitted`] that minting a token consumes.
//! - [`Command`] and [`Reply`] are the operators' language, the same in-process
//!   and over the admin socket.

mod archive;
mod archive_budget;
mod authority;
mod backup;
mod blobs;
mod change;
mod clock;
mod codes;
mod command;
mod demands;
mod doctor;
mod documents;
mod encryption;
mod error;
mod evidence;
mod files;
#[cfg(test)]
mod golden;
mod hex;
mod holds;
mod ids;
mod image;
mod index;
mod journal;
mod mask;
mod memory;
mod name_rule;
mod past;
mod points;
mod policy;
mod profile;
mod province;
mod receipts;
mod recognise;
mod registration;
mod relying_party;
mod repair;
mod replica;
mod report;
mod reserve;
mod seal;
mod snapshot;
mod state;

pub use archive_budget::{ArchiveBudget, ArchiveReading};
pub use authority::{
    DistrustEntry, DistrustHistory, Role, Standing, Status, StatusEntry, StatusHistory,
};
pub use backup::{
    BackupCheck, BackupError, BackupIdentity, BackupRecipient, Restore, RestoreReport,
    RestoreUntil, abandon_restores, check_backup,
};
pub use blobs::BlobError;
pub use change::{Actor, ChallengeModel, Method, TokenModel};
pub use clock::{Clock, ManualClock, SystemClock};
pub use codes::{
    CHALLENGE_EXPIRED, CHALLENGE_REPLAYED, CHALLENGE_VOIDED, NAME_CONFLICT, catalogue,
};
pub use command::{
    AnchorView, Apply, ArchiveView, AuthorityView, BackupView, BindingView, Cancelled,
    CheckpointView, Command, CommandError, EvidenceKeyView, FailureKind, FileBytes, HealthView,
    ImageView, ImportedList, ListView, PendingView, PlatformView, PolicyFile, RecordView,
    RefusalCount, RelyingPartyEdit, RelyingPartyView, Replay, Reply, RetentionView, SecretView,
    SegmentView, Setting, SignatureQuestion, StandbyInvitation, StatisticsView, StatusView,
    SubjectView, UseCount, VerifiedView,
};
pub use demands::Demands;
pub use doctor::{Check, CheckLevel, Depth, examine_folder, examine_record};
pub use documents::{
    BesideCertificate, Detail, DocumentQuestion, DocumentReport, Requirements, SIGN_IN_LINE,
    WhoSigns,
};
pub use encryption::{
    BoundCertificate, EncryptionAdmission, EncryptionPair, EncryptionReport, MAX_PAIRS,
};
pub use error::StoreError;
pub use evidence::{
    Checkpoint, EvidenceError, EvidenceKey, ExportError, ExportHeader, ExportSummary, ExportWriter,
    NoteError, PROOF_HEADER, ProofError, RecordProof, SignedCheckpoint, SignedNote,
    TIMESTAMP_MAX_BYTES, TIMESTAMP_QUERY, TimestampQuery, VerifiedExport, verify_export,
};
pub use ids::{AuthorityId, IdError, RelyingPartyId, SubjectId};
pub use image::ImageError;
pub use index::IndexError;
pub use journal::{
    Append, Appended, Damage, DamageKind, FileJournal, Journal, JournalError, JournalOptions,
    JournalReader, MAX_CLOCK_LAG_MILLIS, MAX_PAYLOAD, MerkleTree, OpenReport as JournalReport,
    Position, Record, RecordHash, Records, SealedSegment, TornTail, TreeHash, check_segment,
    leaf_hash, prove_consistency, prove_inclusion, prove_range, verify_consistency,
    verify_inclusion, verify_range,
};
pub use mask::masked_ids;
pub use past::ArchivedLists;
pub use points::{
    AllowedHost, HostRules, PointOrigin, PointScheme, PointUrl, PointUrlError, PointView, Points,
    PrivateAddresses,
};
pub use policy::{
    Assurance, AuthorityPolicy, Bearer, Capacity, ClaimText, Disclosure, EntityClaim, Explanation,
    HolderClaim, HolderId, Identification, Identity, Kind, PolicyError, PolicyErrors, Privacy,
    ProvincePolicy, Retention, RevocationMode, RevocationPolicy, RevocationSource, RuleTrace,
};
pub use profile::{RecordProfile, UnknownProfile};
pub use province::{
    Acknowledgement, Confirmed, DecodedRecord, IndexedState, NoProgress, OpenReport, Progress,
    Province, RefusedSignIn, ReplayedState, accept_lost_checkpoints,
};
pub use receipts::{
    CertificateSource, DecidedRevocation, Decision, DocumentSource, EvidenceKeySet, JwsFault,
    Notice, ReceiptCheck, ReceiptDraft, ReceiptFault, ReceiptFile, ReceiptForm, ReceiptRequest,
    ReceiptStatus, ReceiptVerification, StatedPart, StatedReceipt, StatedRequirements,
};
pub use recognise::{
    EncryptionRecognition, MAX_CHAIN, Purpose, Recognised, RecognisedEncryption, Recognition,
    Refusal, RevocationBasis, SuppliedEvidence,
};
pub use registration::{Admission, Admitted, AdmittedEntity, Confirmation, SignInRequest};
pub use relying_party::{Access, PersonalData, RelyingParty, TokenSignature};
pub use repair::{
    AcceptCheckpoints, AcceptLostEnd, AcceptedLoss, Contradiction, LostEnd, RepairError,
    contradiction, lost_end,
};
pub use replica::{
    KeyFiles, Needs, PeerView, PersonKey, Replaced, Replica, ReplicaHello, ReplicaRole,
    ReplicaTail, StandbyView, TakeBack, fenced_by, make_standby,
};
pub use report::{CertificateReport, IdentityReport, Reader};
pub use reserve::DiskView;
pub use seal::SealError;
pub use snapshot::{
    Anchor, AskWhen, Authority, Freshness, Held, Snapshot, StatusQuestion, StatusQuestions,
};
pub use state::{NameAgreement, Registration};
