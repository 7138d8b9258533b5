//! The state: a deterministic function of the journal.
//!
//! `apply(sequence, time, change)` has no clock, no randomness and no I/O but its
//! rows. Each change carries what it expects; whether that holds is judged here,
//! so of two writers who both expect to be first, one wins, and everywhere the
//! same one. A change that is rejected changes no row but the clock.
//!
//! 1. Log time is the largest writer's time so far. Challenges that expired by it
//!    are refused, and so may be dropped.
//! 2. The change's own expectations are judged, and its rows written.
//! 3. A change of trust leaves its sequence number with its authority, so that
//!    a sign-in judged before it comes out stale.

mod encryption;
mod keys;
mod lists;
mod lookup_keys;
mod lookups;
mod reading;
mod receipts;
mod restored;
mod retention;
mod rows;
mod sign_in;
mod subjects;
mod table;
mod trust;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

pub(crate) use keys::CLOCK_KEY;
pub(crate) use lookup_keys::version_of as lookup_version;
pub(crate) use lookups::{Lookups, View};
pub(crate) use receipts::DecisionRow;
pub(crate) use restored::Restored;
pub(crate) use retention::needed_by_authorities;
pub(crate) use rows::{
    AnchorRow, ArchivedListRow, AuthorityRow, BindingRow, EncryptionRow, ListPlace, ListRow,
    PendingRow, ProvinceRow, RelyingPartyRow, SubjectRow,
};
pub(crate) use sign_in::{Admittance, SignInRefusal};
pub use sign_in::{NameAgreement, Registration};
pub(crate) use table::Table;

use crate::change::{Change, Entry, Promoted};
use crate::ids::{AuthorityId, RelyingPartyId, SubjectId};
use crate::index::{IndexError, Rows};
use crate::journal::RecordHash;

/// What became of a change at its place in the sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It holds.
    Done,
    /// A sign-in was registered and its token may be minted.
    Admitted(Admittance),
    /// A sign-in whose registration the rules refuse.
    SignInRefused(SignInRefusal),
    /// Judged before its authority's latest change: judge again.
    Stale,
    /// An operator's change that the state refuses.
    Rejected(Rejection),
}

/// Why the state refuses an operator's change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    /// `init` on a province that exists.
    #[error("the province exists already")]
    ProvinceExists,
    /// The authority's id is taken.
    #[error("authority {0} is enrolled already")]
    AuthorityExists(AuthorityId),
    /// No authority has this id.
    #[error("no authority {0} is enrolled")]
    UnknownAuthority(AuthorityId),
    /// A key belongs to one authority only.
    #[error("key {spki_sha256} is enrolled already, by authority {by}")]
    KeyEnrolled {
        /// Hex SHA-256 of the SubjectPublicKeyInfo.
        spki_sha256: String,
        /// Whose it is.
        by: AuthorityId,
    },
    /// The authority has no such anchor.
    #[error("authority {authority} has no anchor with key {spki_sha256}")]
    UnknownAnchor {
        /// Whose anchor was named.
        authority: AuthorityId,
        /// Hex SHA-256 of the SubjectPublicKeyInfo.
        spki_sha256: String,
    },
    /// A compromised key stays compromised.
    #[error("compromised is final: enrol new keys instead")]
    CompromisedIsFinal,
    /// A list with this key and number, or a newer one, is there.
    #[error("a list at least as new is there already (thisUpdate {this_update})")]
    ListNotNewer {
        /// The newest known list's moment.
        this_update: Timestamp,
    },
    /// An archive holds what was replaced.
    #[error("no newer list of its kind is there: import it without `--archive`")]
    ListNotReplaced,
    /// The relying party's id is taken.
    #[error("relying party {0} is registered already")]
    RelyingPartyExists(RelyingPartyId),
    /// No relying party has this id.
    #[error("no relying party {0} is registered")]
    UnknownRelyingParty(RelyingPartyId),
    /// Another change of the same settings came between.
    #[error("relying party {0} was changed in the meantime: look at it, and try again")]
    RelyingPartyChanged(RelyingPartyId),
    /// No subject has this id.
    #[error("no subject {0} is registered")]
    UnknownSubject(SubjectId),
    /// Legal entities are in public registers; only persons are erased.
    #[error("subject {0} is a legal entity: only persons are erased")]
    NotAPerson(SubjectId),
    /// The certificate that signed in is not bound to this subject any more.
    #[error("the certificate that signed in is not bound to subject {0}")]
    NotBoundTo(SubjectId),
    /// Nothing waits for a confirmation.
    #[error("no certificate of authority {authority} waits for confirmation for subject {subject}")]
    NothingToConfirm {
        /// The subject named.
        subject: SubjectId,
        /// The authority named.
        authority: AuthorityId,
    },
}

/// How far the state has come: log time, the epoch of challenges, and which
/// record it ends with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClockRow {
    /// Largest writer's time so far, Unix milliseconds.
    pub(crate) log_time: i64,
    /// Raised by a clock reset; challenges of earlier epochs are void.
    pub(crate) epoch: u64,
    /// Hex hash of the last record applied: ties the index to its journal.
    pub(crate) head: String,
}

/// Where a change stands: its sequence, its writer's time and its record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) sequence: u64,
    /// Unix milliseconds.
    pub(crate) time: i64,
    pub(crate) hash: RecordHash,
}

impl Place {
    fn timestamp(self) -> Timestamp {
        Timestamp::from_unix(self.time.div_euclid(1000))
    }
}

/// Applies one entry at its place.
pub(crate) fn apply(
    place: Place,
    entry: &Entry,
    rows: &mut dyn Rows,
) -> Result<Outcome, StateError> {
    let mut table = Table::new(rows);
    let clock = advance(place, &entry.change, &mut table)?;
    let outcome = match &entry.change {
        Change::SignIn(change) => sign_in::apply(place, &clock, change, &mut table)?,
        Change::BindingConfirmed { subject, authority } => {
            subjects::confirm(subject, authority, &mut table)?
        }
        Change::EncryptionRegistered(change) => encryption::register(place, change, &mut table)?,
        Change::SubjectRenamed { subject, name, name_key } => {
            subjects::rename(subject, name, name_key, &mut table)?
        }
        Change::SubjectErased { subject, .. } => subjects::erase(subject, &mut table)?,
        Change::EvidenceKeyMade { key } => {
            table.add_evidence_key(place.sequence, key)?;
            Outcome::Done
        }
        Change::LookupKeyMade { version } => lookup_keys::make(*version, &mut table)?,
        Change::PersonsIndexed(change) => lookup_keys::index(&change.persons, &mut table)?,
        Change::LookupKeysRetired { before } => lookup_keys::retire(*before, &mut table)?,
        Change::VerificationRecorded(change) => receipts::record(place, change, &mut table)?,
        Change::ReceiptsDecided(change) => receipts::decide(place, change, &mut table)?,
        Change::NoticesDelivered(change) => receipts::delivered(change, &mut table)?,
        Change::Promoted(promoted) => {
            table.raise_term(promoted.term)?;
            Outcome::Done
        }
        Change::SignInRefused(_)
        | Change::RefusalsSummarised { .. }
        | Change::PersonalDataRead { .. }
        | Change::PersonSought { .. }
        | Change::StandbyJoined { .. }
        | Change::CertificateRevealed { .. }
        | Change::ImageTaken(_)
        | Change::SegmentsArchived(_)
        | Change::ClockReset { .. }
        | Change::BackupMade(_)
        | Change::Restored(_)
        | Change::LostEndAccepted(_)
        | Change::CheckpointsAccepted(_) => Outcome::Done,
        Change::RetentionApplied(change) => retention::apply(place, change, &mut table)?,
        change => trust::apply(place, change, &mut table)?,
    };
    Ok(outcome)
}

/// Step 1: log time goes on.
fn advance(place: Place, change: &Change, table: &mut Table<'_>) -> Result<ClockRow, StateError> {
    let before = table.clock()?;
    let head = place.hash.to_string();
    let log_time = before.log_time.max(place.time);
    let is_forced = matches!(change, Change::Promoted(Promoted { forced: Some(_), .. }));
    let clock = match change {
        Change::ClockReset { .. } => {
            ClockRow { log_time: place.time, epoch: before.epoch + 1, head }
        }
        Change::Restored(_) | Change::LostEndAccepted(_) => {
            ClockRow { log_time, epoch: before.epoch + 1, head }
        }
        _ => ClockRow { log_time, epoch: before.epoch + u64::from(is_forced), head },
    };
    table.set_clock(&clock)?;
    Ok(clock)
}

/// A fault of the index or of a stored row: the state must be rebuilt.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("row {key}: {source}")]
    Row { key: String, source: serde_json::Error },
    #[error("the text of the policy that record {sequence} set is missing")]
    MissingPolicy { sequence: u64 },
}
