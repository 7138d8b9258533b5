//! What a golden journal must hold.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::authority::{Role, Status};
use crate::change::{Actor, Change, FreshnessModel, IdentifierModel, Method};
use crate::policy::Capacity;
use crate::profile::RecordProfile;
use crate::state::{Outcome, SignInRefusal};

/// How many outcomes [`outcome`] tells apart: the newest journal has them all.
pub(super) const OUTCOMES: usize = 9;

/// The name of a change in the journal.
///
/// A new kind does not compile without a line here. With it, let `history` make it
/// happen and write the journal anew, as `testdata/journals/README.md` says; the
/// journals of earlier releases stay as they are.
pub(super) fn name(change: &Change) -> &'static str {
    match change {
        Change::ProvinceCreated { .. } => "province_created.v1",
        Change::ProvinceCreatedWith { .. } => "province_created.v2",
        Change::ProvincePolicySet { .. } => "province_policy_set.v1",
        Change::AuthorityEnrolled(_) => "authority_enrolled.v1",
        Change::RolesSet { .. } => "roles_set.v1",
        Change::AnchorAdded { .. } => "anchor_added.v1",
        Change::IntermediateAdded { .. } => "intermediate_added.v1",
        Change::StatusSet(_) => "status_set.v1",
        Change::DistrustSet(_) => "distrust_set.v1",
        Change::PolicySet { .. } => "policy_set.v1",
        Change::ListImported(_) => "list_imported.v1",
        Change::ListArchived(_) => "list_archived.v1",
        Change::RelyingPartyRegistered(_) => "relying_party_registered.v1",
        Change::RelyingPartySet(_) => "relying_party_set.v1",
        Change::SignIn(_) => "sign_in.v1",
        Change::SignInRefused(_) => "sign_in_refused.v1",
        Change::RefusalsSummarised { .. } => "refusals_summarised.v1",
        Change::BindingConfirmed { .. } => "binding_confirmed.v1",
        Change::EncryptionRegistered(_) => "encryption_registered.v1",
        Change::SubjectRenamed { .. } => "subject_renamed.v1",
        Change::SubjectErased { .. } => "subject_erased.v1",
        Change::PersonalDataRead { .. } => "personal_data_read.v1",
        Change::PersonSought { .. } => "person_sought.v1",
        Change::CertificateRevealed { .. } => "certificate_revealed.v1",
        Change::StandbyJoined { .. } => "standby_joined.v1",
        Change::EvidenceKeyMade { .. } => "evidence_key_made.v1",
        Change::LookupKeyMade { .. } => "lookup_key_made.v1",
        Change::PersonsIndexed(_) => "persons_indexed.v1",
        Change::LookupKeysRetired { .. } => "lookup_keys_retired.v1",
        Change::VerificationRecorded(_) => "verification_recorded.v1",
        Change::ReceiptsDecided(_) => "receipts_decided.v1",
        Change::NoticesDelivered(_) => "notices_delivered.v1",
        Change::ClockReset { .. } => "clock_reset.v1",
        Change::ImageTaken(_) => "image_taken.v1",
        Change::BackupMade(_) => "backup_made.v1",
        Change::Restored(_) => "restored.v1",
        Change::Promoted(_) => "promoted.v1",
        Change::LostEndAccepted(_) => "lost_end_accepted.v1",
        Change::CheckpointsAccepted(_) => "checkpoints_accepted.v1",
        Change::SegmentsArchived(_) => "segments_archived.v1",
        Change::RetentionApplied(_) => "retention_applied.v1",
    }
}

/// What became of a change.
pub(super) fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Admitted(_) => "admitted",
        Outcome::SignInRefused(SignInRefusal::ChallengeReplayed) => "challenge replayed",
        Outcome::SignInRefused(SignInRefusal::ChallengeExpired) => "challenge expired",
        Outcome::SignInRefused(SignInRefusal::ChallengeVoided) => "challenge voided",
        Outcome::SignInRefused(SignInRefusal::NameConflict) => "name conflict",
        Outcome::SignInRefused(SignInRefusal::NoUscc) => "no uscc",
        Outcome::Stale => "stale",
        Outcome::Rejected(_) => "rejected",
    }
}

/// The names of all kinds of changes in a journal of this profile, and of what they are
/// made of.
pub(super) fn all(profile: RecordProfile) -> Vec<String> {
    let parts = [
        variants::<Change>(),
        variants::<IdentifierModel>(),
        variants::<Actor>(),
        variants::<Method>(),
        variants::<FreshnessModel>(),
        variants::<Status>(),
        variants::<Role>(),
        variants::<Capacity>(),
    ];
    let others = match profile {
        RecordProfile::Standard => "province_created.v2",
        RecordProfile::Gm => "province_created.v1",
    };
    parts.concat().into_iter().filter(|kind| kind != others).collect()
}

/// The names of an enum's variants as they are read, so that none is forgotten.
fn variants<T: for<'a> Deserialize<'a>>() -> Vec<String> {
    let told = serde_json::from_str::<T>("\"no such variant\"").err().unwrap().to_string();
    let quoted = told.split('`').skip(1).step_by(2).skip(1);
    let names: Vec<String> = quoted.map(str::to_owned).collect();
    assert!(names.len() > 1, "{told}");
    names
}

/// Every key and every text in a document.
pub(super) fn names_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| names_in(value, found)),
        Value::Object(fields) => {
            for (key, value) in fields {
                found.insert(key.clone());
                names_in(value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
