//! Registration and binding, judged at the sign-in's place in the sequence.
//!
//! 1. A sign-in judged before its authority's latest change is stale, and one of
//!    persons who were not looked up under the newest key.
//! 2. Its challenge must be of this epoch, unexpired by log time, and unused.
//! 3. The entity's subject is found by its identifier or created; another
//!    authority's certificate binds by itself only when the names agree.
//! 4. The holder becomes, or already is, a person subject of their own.
//! 5. The certificate is bound, and the token's record is this very change.

use tongxing_pki::Code;

use super::{
    BindingRow, ClockRow, Lookups, Outcome, PendingRow, Place, Rejection, StateError, SubjectRow,
    Table, lookup_keys,
};
use crate::change::{
    ChallengeModel, EntityModel, HolderModel, IdentifierModel, PersonModel, SignIn,
};
use crate::codes;
use crate::ids::{AuthorityId, SubjectId};

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

/// The kind of a subject registered under a unified social credit code.
const USCC: &str = "uscc";

struct Resolved {
    id: SubjectId,
    created: bool,
    row: SubjectRow,
    name: NameAgreement,
}

fn resolve(place: Place, change: &SignIn, table: &mut Table<'_>) -> Result<Resolved, Stop> {
    let id = match find(&change.authority, &change.entity.identifier, table)? {
        Found::Subject(id) => id,
        Found::Nobody => return create(place, change, table),
        Found::Ambiguous => return Err(Stop::Refused(SignInRefusal::NoUscc)),
    };
    match table.subject(&id)? {
        Some(row) => join(place, change, id, row, table),
        None => Err(Stop::Stale),
    }
}

enum Found {
    Subject(SubjectId),
    Nobody,
    /// An organization code without exactly one USCC behind it.
    Ambiguous,
}

fn find(
    authority: &AuthorityId,
    identifier: &IdentifierModel,
    table: &Table<'_>,
) -> Result<Found, StateError> {
    if let IdentifierModel::OrganizationCode(code) = identifier {
        let mut subjects = table.subjects_by_organization_code(code)?;
        return Ok(match (subjects.pop(), subjects.is_empty()) {
            (Some(only), true) => Found::Subject(only),
            _ => Found::Ambiguous,
        });
    }
    for key in identifier_keys(authority, identifier) {
        if let Some(id) = table.subject_by(&key)? {
            return Ok(Found::Subject(id));
        }
    }
    Ok(Found::Nobody)
}

/// The index keys of an identifier; several when look-up keys rotate.
fn identifier_keys(authority: &AuthorityId, identifier: &IdentifierModel) -> Vec<String> {
    match identifier {
        IdentifierModel::Uscc(value) => vec![format!("uscc/{value}")],
        IdentifierModel::OrganizationCode(_) => Vec::new(),
        IdentifierModel::Scoped { kind, value } => {
            vec![format!("scoped/{authority}/{kind}/{value}")]
        }
        IdentifierModel::Person { lookups } => {
            lookups.iter().map(|hash| format!("person/{hash}")).collect()
        }
        IdentifierModel::ScopedPerson { kind, lookups } => {
            lookups.iter().map(|hash| format!("person/{authority}/{kind}/{hash}")).collect()
        }
    }
}

/// An existing subject: the name rule decides whether the certificate may bind.
fn join(
    place: Place,
    change: &SignIn,
    id: SubjectId,
    mut row: SubjectRow,
    table: &mut Table<'_>,
) -> Result<Resolved, Stop> {
    let before = row.clone();
    let agrees = names_agree(&row.name_keys, &change.entity.name_keys);
    if !row.authorities.contains(&change.authority) {
        if !agrees {
            let pending = PendingRow {
                certificate: change.certificate.sha256.clone(),
                name: change.entity.name.clone(),
                seen: place.timestamp(),
            };
            table.set_pending(&id, &change.authority, &pending)?;
            return Err(Stop::Refused(SignInRefusal::NameConflict));
        }
        row.authorities.push(change.authority.clone());
    }
    remember_key(&mut row, change.entity.person.as_ref());
    if row != before {
        table.set_subject(&id, &row)?;
    }
    let name = if agrees { NameAgreement::Agrees } else { NameAgreement::Differs };
    Ok(Resolved { id, created: false, row, name })
}

/// Erasing a person must destroy every key that sealed something of theirs.
fn remember_key(row: &mut SubjectRow, person: Option<&PersonModel>) {
    if let Some(person) = person
        && !row.sealed_under.contains(&person.id)
    {
        row.sealed_under.push(person.id.clone());
    }
}

/// A missing name agrees with nothing.
fn names_agree(registered: &[String], seen: &[String]) -> bool {
    registered.iter().any(|key| seen.contains(key))
}

fn create(place: Place, change: &SignIn, table: &mut Table<'_>) -> Result<Resolved, Stop> {
    let entity = &change.entity;
    let personal = matches!(
        entity.identifier,
        IdentifierModel::Person { .. } | IdentifierModel::ScopedPerson { .. }
    );
    let id = match &entity.person {
        Some(person) => person.id.clone(),
        // The writer believed the person known: look again.
        None if personal => return Err(Stop::Stale),
        None => change.new_subject.clone(),
    };
    let (kind, value) = describe(&entity.identifier);
    let mut row = SubjectRow {
        kind,
        value,
        name: entity.name.clone(),
        name_keys: entity.name_keys.clone(),
        person: entity.person.clone(),
        found_by: identifier_keys(&change.authority, &entity.identifier),
        sealed_under: Vec::new(),
        authorities: vec![change.authority.clone()],
        registered: place.timestamp(),
    };
    remember_key(&mut row, entity.person.as_ref());
    table.set_subject(&id, &row)?;
    index(&change.authority, entity, &id, table)?;
    let name = NameAgreement::Agrees;
    Ok(Resolved { id, created: true, row, name })
}

fn index(
    authority: &AuthorityId,
    entity: &EntityModel,
    id: &SubjectId,
    table: &mut Table<'_>,
) -> Result<(), StateError> {
    for key in identifier_keys(authority, &entity.identifier) {
        table.set_subject_by(&key, id)?;
    }
    if let IdentifierModel::Uscc(value) = &entity.identifier
        && let Some(code) = value.get(8..17)
    {
        // GB 32100-2015: characters 9 to 17 are the organization code.
        table.add_organization_code(code, id)?;
    }
    Ok(())
}

/// Kind and, where it is no personal datum, value of an identifier.
fn describe(identifier: &IdentifierModel) -> (String, Option<String>) {
    match identifier {
        IdentifierModel::Uscc(value) => (USCC.to_owned(), Some(value.clone())),
        IdentifierModel::OrganizationCode(value) => {
            ("organization-code".to_owned(), Some(value.clone()))
        }
        IdentifierModel::Scoped { kind, value } => (kind.clone(), Some(value.clone())),
        IdentifierModel::Person { .. } => ("person".to_owned(), None),
        IdentifierModel::ScopedPerson { kind, .. } => (kind.clone(), None),
    }
}

/// A holder is a person of the register when the certificate gives their id and
/// the name rule holds; otherwise a person within the entity, so that one
/// authority's mistake cannot act in the name of another's holder.
fn find_holder(
    place: Place,
    change: &SignIn,
    entity: &SubjectId,
    holder: &HolderModel,
    table: &mut Table<'_>,
) -> Result<SubjectId, Stop> {
    let by_id: Vec<String> = holder.lookups.iter().map(|hash| format!("person/{hash}")).collect();
    if let Some(id) = first_known(&by_id, table)? {
        if may_hold(&change.authority, &id, holder, table)? {
            return Ok(id);
        }
    } else if !by_id.is_empty() {
        return create_holder(place, change, holder, &by_id, table);
    }
    let within = |name: &String| format!("holder/{entity}/{}/{name}", change.authority);
    let by_name: Vec<String> = holder.name_keys.iter().map(within).collect();
    match first_known(&by_name, table)? {
        Some(id) if may_hold(&change.authority, &id, holder, table)? => Ok(id),
        _ => create_holder(place, change, holder, &by_name, table),
    }
}

fn first_known(keys: &[String], table: &Table<'_>) -> Result<Option<SubjectId>, StateError> {
    for key in keys {
        if let Some(id) = table.subject_by(key)? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The name rule for holders: an authority new to the person must agree.
fn may_hold(
    authority: &AuthorityId,
    id: &SubjectId,
    holder: &HolderModel,
    table: &mut Table<'_>,
) -> Result<bool, StateError> {
    let Some(mut row) = table.subject(id)? else { return Ok(false) };
    let before = row.clone();
    if !row.authorities.contains(authority) {
        if !names_agree(&row.name_keys, &holder.name_keys) {
            return Ok(false);
        }
        row.authorities.push(authority.clone());
    }
    remember_key(&mut row, holder.person.as_ref());
    if row != before {
        table.set_subject(id, &row)?;
    }
    Ok(true)
}

fn create_holder(
    place: Place,
    change: &SignIn,
    holder: &HolderModel,
    keys: &[String],
    table: &mut Table<'_>,
) -> Result<SubjectId, Stop> {
    let Some(person) = &holder.person else { return Err(Stop::Stale) };
    let id = person.id.clone();
    let row = SubjectRow {
        kind: "person".to_owned(),
        value: None,
        name: None,
        name_keys: holder.name_keys.clone(),
        person: Some(person.clone()),
        found_by: keys.to_vec(),
        sealed_under: vec![id.clone()],
        authorities: vec![change.authority.clone()],
        registered: place.timestamp(),
    };
    table.set_subject(&id, &row)?;
    for key in keys {
        table.set_subject_by(key, &id)?;
    }
    Ok(id)
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

/// An operator, or the subject with a bound certificate, confirms that an
/// authority's other name means the same subject.
pub(super) fn confirm(
    subject: &SubjectId,
    authority: &AuthorityId,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    let Some(mut row) = table.subject(subject)? else {
        return Ok(Outcome::Rejected(Rejection::UnknownSubject(subject.clone())));
    };
    if !table.take_pending(subject, authority)? {
        let (subject, authority) = (subject.clone(), authority.clone());
        return Ok(Outcome::Rejected(Rejection::NothingToConfirm { subject, authority }));
    }
    if !row.authorities.contains(authority) {
        row.authorities.push(authority.clone());
    }
    table.set_subject(subject, &row)?;
    Ok(Outcome::Done)
}

/// An operator sets the registered name.
pub(super) fn rename(
    subject: &SubjectId,
    name: &str,
    name_key: &str,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    let Some(mut row) = table.subject(subject)? else {
        return Ok(Outcome::Rejected(Rejection::UnknownSubject(subject.clone())));
    };
    row.name = Some(name.to_owned());
    row.name_keys = vec![name_key.to_owned()];
    table.set_subject(subject, &row)?;
    Ok(Outcome::Done)
}

/// Forgets a person. The record stays whole; what it holds of them can no longer
/// be opened once their keys are destroyed, which the writer does next.
pub(super) fn erase(subject: &SubjectId, table: &mut Table<'_>) -> Result<Outcome, StateError> {
    let Some(row) = table.subject(subject)? else {
        return Ok(Outcome::Rejected(Rejection::UnknownSubject(subject.clone())));
    };
    if row.person.is_none() {
        return Ok(Outcome::Rejected(Rejection::NotAPerson(subject.clone())));
    }
    table.erase_subject(subject, &row)?;
    Ok(Outcome::Done)
}
