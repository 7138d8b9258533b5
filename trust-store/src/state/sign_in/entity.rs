//! The legal entity, or the person, in whose name somebody signs in.

use super::{NameAgreement, SignInRefusal, Stop};
use crate::change::{EntityModel, IdentifierModel, PersonModel, SignIn};
use crate::ids::{AuthorityId, SubjectId};
use crate::state::{Lookups, PendingRow, Place, StateError, SubjectRow, Table};

/// The kind of a subject registered under a unified social credit code.
pub(super) const USCC: &str = "uscc";

pub(super) struct Resolved {
    pub(super) id: SubjectId,
    pub(super) created: bool,
    pub(super) row: SubjectRow,
    pub(super) name: NameAgreement,
}

pub(super) fn resolve(
    place: Place,
    change: &SignIn,
    table: &mut Table<'_>,
) -> Result<Resolved, Stop> {
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
pub(super) fn remember_key(row: &mut SubjectRow, person: Option<&PersonModel>) {
    if let Some(person) = person
        && !row.sealed_under.contains(&person.id)
    {
        row.sealed_under.push(person.id.clone());
    }
}

/// A missing name agrees with nothing.
pub(super) fn names_agree(registered: &[String], seen: &[String]) -> bool {
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
