//! The person who holds the key of an entity's certificate.

use super::Stop;
use super::entity::{names_agree, remember_key};
use crate::change::{HolderModel, SignIn};
use crate::ids::{AuthorityId, SubjectId};
use crate::state::{Lookups, Place, StateError, SubjectRow, Table};

/// A holder is a person of the register when the certificate gives their id and
/// the name rule holds; otherwise a person within the entity, so that one
/// authority's mistake cannot act in the name of another's holder.
pub(super) fn find_holder(
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
