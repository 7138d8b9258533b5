//! The typed, versioned changes that the journal records.
//!
//! These are stored models, kept apart from the domain types: a field added or
//! a meaning altered is a new variant with a new version in its name, and the
//! old one stays readable and applies as it always did. A change carries results
//! (who the certificate says it is), never inputs to be judged again (the
//! certificate and today's policy), and what it expects of the state is judged
//! where it is applied, at its place in the sequence.

mod encryption;
mod lookups;
mod named;
mod operator;
mod receipt;
mod relying_party;
mod sign_in;

use std::fmt;

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

pub(crate) use encryption::EncryptionRegistered;
pub(crate) use lookups::{PersonIndexed, PersonsIndexed};
pub(crate) use named::Named;
pub(crate) use operator::{
    AnchorModel, AuthorityEnrolled, BackupMade, CheckpointsAccepted, DistrustSet, ErasedPersons,
    Forced, ImageTaken, ListImported, LostEndAccepted, Names, PolicyText, Promoted, Restored,
    RetentionApplied, SegmentModel, SegmentsArchived, StatusSet,
};
pub(crate) use receipt::{
    AwaitedModel, DecidedModel, NoticesDelivered, ReceiptsDecided, RevokedModel,
    VerificationRecorded,
};
pub(crate) use relying_party::{
    RelyingPartyModel, RelyingPartyRegistered, RelyingPartySet, SecretModel,
};
pub(crate) use sign_in::{
    BlobModel, CertificateModel, EntityModel, FreshnessModel, HolderModel, IdentifierModel,
    PersonModel, RevocationModel, SignIn, SignInRefused,
};
pub use sign_in::{ChallengeModel, Method, TokenModel};

use crate::ids::{AuthorityId, SubjectId};
use crate::profile::RecordProfile;

/// Who caused a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The gateway itself, serving a request or a timer.
    Gateway,
    /// An operator, by the account of the process that asked.
    Operator {
        /// Numeric user id, from the socket's peer credentials or our own process.
        uid: u32,
        /// The account's name, where the system knows one.
        name: Option<String>,
    },
    /// A subject acting for itself with a bound certificate.
    Subject(SubjectId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gateway => f.write_str("gateway"),
            Self::Operator { uid, name: Some(name) } => write!(f, "operator {name} (uid {uid})"),
            Self::Operator { uid, name: None } => write!(f, "operator uid {uid}"),
            Self::Subject(id) => write!(f, "subject {id}"),
        }
    }
}

/// One journal payload: who, and what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) by: Actor,
    pub(crate) change: Change,
}

/// Everything that can happen to a province.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Change {
    #[serde(rename = "province_created.v1")]
    ProvinceCreated { names: Names, policy: PolicyText },
    /// In a province whose profile is not the standard one.
    #[serde(rename = "province_created.v2")]
    ProvinceCreatedWith { names: Names, policy: PolicyText, profile: RecordProfile },
    #[serde(rename = "province_policy_set.v1")]
    ProvincePolicySet {
        policy: PolicyText,
        /// From when; without it, from the moment of the record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective: Option<Timestamp>,
    },
    #[serde(rename = "authority_enrolled.v1")]
    AuthorityEnrolled(AuthorityEnrolled),
    #[serde(rename = "roles_set.v1")]
    RolesSet { authority: AuthorityId, roles: Vec<crate::authority::Role> },
    #[serde(rename = "anchor_added.v1")]
    AnchorAdded {
        authority: AuthorityId,
        anchor: AnchorModel,
        /// From when; without it, from the moment of the record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective: Option<Timestamp>,
    },
    #[serde(rename = "intermediate_added.v1")]
    IntermediateAdded { authority: AuthorityId, certificate: AnchorModel },
    #[serde(rename = "status_set.v1")]
    StatusSet(StatusSet),
    #[serde(rename = "distrust_set.v1")]
    DistrustSet(DistrustSet),
    #[serde(rename = "policy_set.v1")]
    PolicySet {
        authority: AuthorityId,
        policy: PolicyText,
        /// From when; without it, from the moment of the record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        effective: Option<Timestamp>,
    },
    #[serde(rename = "list_imported.v1")]
    ListImported(ListImported),
    /// A list that is older than the one in force: for moments in the past.
    #[serde(rename = "list_archived.v1")]
    ListArchived(ListImported),
    #[serde(rename = "relying_party_registered.v1")]
    RelyingPartyRegistered(RelyingPartyRegistered),
    #[serde(rename = "relying_party_set.v1")]
    RelyingPartySet(RelyingPartySet),
    #[serde(rename = "sign_in.v1")]
    SignIn(Box<SignIn>),
    #[serde(rename = "sign_in_refused.v1")]
    SignInRefused(SignInRefused),
    #[serde(rename = "refusals_summarised.v1")]
    RefusalsSummarised {
        /// Start of the minute summarised, Unix milliseconds.
        since: i64,
        /// How many refusals, by reason code.
        counts: std::collections::BTreeMap<String, u64>,
    },
    #[serde(rename = "binding_confirmed.v1")]
    BindingConfirmed { subject: SubjectId, authority: AuthorityId },
    #[serde(rename = "encryption_registered.v1")]
    EncryptionRegistered(Box<EncryptionRegistered>),
    #[serde(rename = "subject_renamed.v1")]
    SubjectRenamed { subject: SubjectId, name: String, name_key: String },
    #[serde(rename = "subject_erased.v1")]
    SubjectErased { subject: SubjectId, reason: String },
    #[serde(rename = "personal_data_read.v1")]
    PersonalDataRead { subject: SubjectId, reason: String },
    /// An operator looked for a person by their id, which is not recorded.
    #[serde(rename = "person_sought.v1")]
    PersonSought {
        /// Who was found.
        found: Vec<SubjectId>,
    },
    #[serde(rename = "certificate_revealed.v1")]
    CertificateRevealed {
        /// Whose policy explained it.
        authority: AuthorityId,
        /// Hex SHA-256 of the certificate.
        certificate: String,
        reason: String,
    },
    #[serde(rename = "evidence_key_made.v1")]
    EvidenceKeyMade {
        /// Its text form: `NAME+ID+BASE64`.
        key: String,
    },
    /// From here on look-ups go by this key of the key file, too.
    #[serde(rename = "lookup_key_made.v1")]
    LookupKeyMade { version: u32 },
    #[serde(rename = "persons_indexed.v1")]
    PersonsIndexed(PersonsIndexed),
    /// The keys before this one are for no look-up any more.
    #[serde(rename = "lookup_keys_retired.v1")]
    LookupKeysRetired { before: u32 },
    #[serde(rename = "verification_recorded.v1")]
    VerificationRecorded(Box<VerificationRecorded>),
    #[serde(rename = "receipts_decided.v1")]
    ReceiptsDecided(ReceiptsDecided),
    #[serde(rename = "notices_delivered.v1")]
    NoticesDelivered(NoticesDelivered),
    #[serde(rename = "clock_reset.v1")]
    ClockReset { reason: String },
    #[serde(rename = "image_taken.v1")]
    ImageTaken(ImageTaken),
    #[serde(rename = "backup_made.v1")]
    BackupMade(BackupMade),
    #[serde(rename = "restored.v1")]
    Restored(Restored),
    /// A standby was given the province's keys, and the record.
    #[serde(rename = "standby_joined.v1")]
    StandbyJoined {
        /// The fingerprint of its key for the connection.
        key: String,
        /// Where it called from.
        from: String,
    },
    /// A standby took the primary's place; its term begins here.
    #[serde(rename = "promoted.v1")]
    Promoted(Promoted),
    #[serde(rename = "segments_archived.v1")]
    SegmentsArchived(SegmentsArchived),
    #[serde(rename = "retention_applied.v1")]
    RetentionApplied(RetentionApplied),
    #[serde(rename = "lost_end_accepted.v1")]
    LostEndAccepted(LostEndAccepted),
    /// Checkpoints in the second place that contradict the journal were accepted.
    #[serde(rename = "checkpoints_accepted.v1")]
    CheckpointsAccepted(CheckpointsAccepted),
}

impl Change {
    /// Whether it must be recorded even on a full disk: what operators do, and what
    /// a person has a right to. Sign-ins, their refusals and receipts can wait.
    pub(crate) fn is_essential(&self) -> bool {
        !matches!(
            self,
            Self::SignIn(_)
                | Self::SignInRefused(_)
                | Self::RefusalsSummarised { .. }
                | Self::EncryptionRegistered(_)
                | Self::VerificationRecorded(_)
                | Self::ReceiptsDecided(_)
                | Self::NoticesDelivered(_)
        )
    }

    /// Whether persons' keys are to be destroyed after it.
    pub(crate) fn erases_persons(&self) -> bool {
        match self {
            Self::SubjectErased { .. } => true,
            Self::RetentionApplied(change) => change.persons.is_some() || !change.keys.is_empty(),
            _ => false,
        }
    }

    /// Whether decisions may come out otherwise after it: the snapshot is rebuilt.
    pub(crate) fn concerns_trust(&self) -> bool {
        match self {
            Self::ProvinceCreated { .. }
            | Self::ProvinceCreatedWith { .. }
            | Self::ProvincePolicySet { .. }
            | Self::AuthorityEnrolled(_)
            | Self::RolesSet { .. }
            | Self::AnchorAdded { .. }
            | Self::IntermediateAdded { .. }
            | Self::StatusSet(_)
            | Self::DistrustSet(_)
            | Self::PolicySet { .. }
            | Self::ListImported(_)
            | Self::RelyingPartyRegistered(_)
            | Self::RelyingPartySet(_)
            | Self::ClockReset { .. }
            | Self::Restored(_)
            | Self::LostEndAccepted(_) => true,
            // The epoch of challenges may be another.
            Self::Promoted(promoted) => promoted.forced.is_some(),
            Self::SignIn(_)
            | Self::SignInRefused(_)
            | Self::RefusalsSummarised { .. }
            | Self::BindingConfirmed { .. }
            | Self::EncryptionRegistered(_)
            | Self::SubjectRenamed { .. }
            | Self::SubjectErased { .. }
            | Self::PersonalDataRead { .. }
            | Self::PersonSought { .. }
            | Self::CertificateRevealed { .. }
            | Self::StandbyJoined { .. }
            | Self::ListArchived(_)
            | Self::ImageTaken(_)
            | Self::BackupMade(_)
            | Self::EvidenceKeyMade { .. }
            | Self::LookupKeyMade { .. }
            | Self::PersonsIndexed(_)
            | Self::LookupKeysRetired { .. }
            | Self::CheckpointsAccepted(_)
            | Self::VerificationRecorded(_)
            | Self::ReceiptsDecided(_)
            | Self::NoticesDelivered(_)
            | Self::SegmentsArchived(_)
            | Self::RetentionApplied(_) => false,
        }
    }

    /// Whether somebody is told that it holds: with a standby that must confirm,
    /// that waits for the standby. Records of refusals are for the audit alone.
    pub(crate) fn is_acknowledged(&self) -> bool {
        !matches!(self, Self::SignInRefused(_) | Self::RefusalsSummarised { .. })
    }
}
