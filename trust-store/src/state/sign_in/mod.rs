//! Registration and binding, judged at the sign-in's place in the sequence.
//!
//! 1. A sign-in judged before its authority's latest change is stale, and one of
//!    persons who were not looked up under the newest key.
//! 2. Its challenge must be of this epoch, unexpired by log time, and unused.
//! 3. The entity's subject is found by its identifier or created; another
//!    authority's certificate binds by itself only when the names agree.
//! 4. The holder becomes, or already is, a person subject of their own.
//! 5. The certificate is bound, and the token's record is this very change.

mod entity;
mod holder;

use tongxing_pki::Code;

use self::entity::{USCC, resolve};
use self::holder::find_holder;
use super::{BindingRow, ClockRow, Lookups, Outcome, Place, StateError, Table, lookup_keys};
use crate::change::{ChallengeModel, SignIn};
use crate::codes;
use crate::ids::SubjectId;

/// What a sign-in may tell the trading platform, by the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Admittance {
    pub(crate) subject: SubjectId,
    pub(crate) holder: Option<SubjectId>,
    /// The kind of identifier it is registered under.
    pub(crate) kind: String,
    /// Its unified social credit code, even when the certificate gave only the
    /// organization code.
    pub(crate) uscc: Option<String>,
    /// The registered name, which the certificate's may differ from.
    pub(crate) registered_name: Option<String>,
    pub(crate) registration: Registration,
    pub(crate) name: NameAgreement,
}

/// Whether the subject was known before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// The first sight of this subject.
    Created,
    /// The subject was there; this certificate is new to it.
    Bound,
    /// Subject and certificate were known.
    Known,
}

/// Whether the certificate's name is the registered one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameAgreement {
    /// Equal after NFKC and removing spaces.
    Agrees,
    /// Another name from an authority already bound: an operator should look.
    Differs,
}

/// Why registration refuses a sign-in that recognition let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInRefusal {
    /// The challenge was used before.
    ChallengeReplayed,
    /// The challenge expired by log time.
    ChallengeExpired,
    /// The challenge was made before the clock was reset.
    ChallengeVoided,
    /// Another authority registered this entity under another name.
    NameConflict,
    /// An organization code that links to no, or to several, USCCs.
    NoUscc,
}

impl SignInRefusal {
    /// What is said of it.
    pub(crate) fn code(self) -> &'static Code {
        match self {
            Self::ChallengeReplayed => &codes::CHALLENGE_REPLAYED,
            Self::ChallengeExpired => &codes::CHALLENGE_EXPIRED,
            Self::ChallengeVoided => &codes::CHALLENGE_VOIDED,
            Self::NameConflict => &codes::NAME_CONFLICT,
            Self::NoUscc => &codes::NO_USCC,
        }
    }
}

/// Inside this module a refusal is the error of a step.
enum Stop {
    Refused(SignInRefusal),
    Stale,
    Fault(StateError),
}

impl From<StateError> for Stop {
    fn from(fault: StateError) -> Self {
        Self::Fault(fault)
    }
}

pub(super) fn apply(
    place: Place,
    clock: &ClockRow,
    change: &SignIn,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    let mut draft = table.draft();
    let outcome = match register(place, clock, change, &mut Table::new(&mut draft)) {
        Ok(admittance) => Outcome::Admitted(admittance),
        Err(Stop::Refused(refusal)) => Outcome::SignInRefused(refusal),
        Err(Stop::Stale) => Outcome::Stale,
        Err(Stop::Fault(fault)) => return Err(fault),
    };
    // What comes again must find everything as it was, its challenge unused.
    if outcome != Outcome::Stale {
        draft.keep()?;
    }
    if !matches!(outcome, Outcome::Admitted(_)) {
        give_up_keys(change, table)?;
    }
    Ok(outcome)
}

/// What the record of a sign-in that was not admitted holds of persons is of no
/// use to anybody: the keys that sealed it are given up, and no erasure has to
/// find them.
fn give_up_keys(change: &SignIn, table: &mut Table<'_>) -> Result<(), StateError> {
    change.keys().try_for_each(|key| table.give_up_key(key))
}

fn register(
    place: Place,
    clock: &ClockRow,
    change: &SignIn,
    table: &mut Table<'_>,
) -> Result<Admittance, Stop> {
    if table.latest_change(&change.authority)? > change.judged_at {
        return Err(Stop::Stale);
    }
    if !lookup_keys::covers(change, table)? {
        return Err(Stop::Stale);
    }
    let known = table.binding(&change.certificate.sha256)?;
    if known.is_none() && change.certificate.blob.is_none() {
        // The writer believed the certificate bound: look again.
        return Err(Stop::Stale);
    }
    if let Some(challenge) = &change.challenge {
        use_challenge(clock, challenge, table)?;
    }
    let resolved = resolve(place, change, table)?;
    let holder = match &change.holder {
        Some(holder) => Some(find_holder(place, change, &resolved.id, holder, table)?),
        None => None,
    };
    let bound_before = known.as_ref().is_some_and(|row| row.subject == resolved.id);
    bind(place, change, &resolved.id, holder.as_ref(), known.as_ref(), table)?;
    Ok(Admittance {
        registration: match (resolved.created, bound_before) {
            (true, _) => Registration::Created,
            (false, false) => Registration::Bound,
            (false, true) => Registration::Known,
        },
        subject: resolved.id,
        holder,
        uscc: (resolved.row.kind == USCC).then_some(resolved.row.value).flatten(),
        kind: resolved.row.kind,
        registered_name: resolved.row.name,
        name: resolved.name,
    })
}

fn use_challenge(
    clock: &ClockRow,
    challenge: &ChallengeModel,
    table: &mut Table<'_>,
) -> Result<(), Stop> {
    if challenge.epoch != clock.epoch {
        return Err(Stop::Refused(SignInRefusal::ChallengeVoided));
    }
    if challenge.expires_at <= clock.log_time {
        return Err(Stop::Refused(SignInRefusal::ChallengeExpired));
    }
    if !table.use_challenge(challenge.expires_at, &challenge.nonce)? {
        return Err(Stop::Refused(SignInRefusal::ChallengeReplayed));
    }
    table.drop_expired_challenges(clock.log_time)?;
    Ok(())
}

fn bind(
    place: Place,
    change: &SignIn,
    subject: &SubjectId,
    holder: Option<&SubjectId>,
    known: Option<&BindingRow>,
    table: &mut Table<'_>,
) -> Result<(), StateError> {
    let unchanged = |row: &BindingRow| {
        row.subject == *subject && row.holder.as_ref() == holder && row.capacity == change.capacity
    };
    for response in &change.responses {
        table.name_blob(response)?;
    }
    if known.is_some_and(unchanged) {
        // Of two that were the first at the same time, the other one's is kept.
        return change.own_key().map_or(Ok(()), |key| table.give_up_key(key));
    }
    let (blob, sealed_for) = match (&change.certificate.blob, known) {
        (Some(blob), before) => {
            if let Some(before) = before.filter(|before| before.blob != blob.sha256) {
                // No erasure would find it any more.
                table.let_go_of_certificate(before)?;
            }
            (blob.sha256.clone(), blob.sealed_for.clone())
        }
        (None, Some(row)) => (row.blob.clone(), row.sealed_for.clone()),
        (None, None) => return Ok(()),
    };
    table.name_blob(&blob)?;
    let row = BindingRow {
        subject: subject.clone(),
        holder: holder.cloned(),
        authority: change.authority.clone(),
        capacity: change.capacity,
        serial: change.certificate.serial.clone(),
        not_after: change.certificate.not_after,
        blob,
        sealed_for,
        bound: place.timestamp(),
    };
    table.set_binding(&change.certificate.sha256, known, &row)
}
