//! What retention takes from the state. What it expects is judged here, at its place
//! in the sequence: whoever signed in since it was planned stays, and so does what
//! an authority came to need, or a receipt to rely upon.

use std::collections::HashSet;

use tongxing_pki::Timestamp;

use super::{Lookups, Outcome, Place, StateError, Table};
use crate::change::{ErasedPersons, RetentionApplied};
use crate::ids::SubjectId;

pub(super) fn apply(
    place: Place,
    change: &RetentionApplied,
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    if let Some(ErasedPersons { expired_before, persons }) = &change.persons {
        for person in persons {
            erase(person, *expired_before, place, table)?;
        }
    }
    change.keys.iter().try_for_each(|key| table.give_up_key(key))?;
    let needed = needed_by_authorities(table)?;
    let lists = change.lists.iter().filter(|blob| !needed.contains(*blob));
    table.forget_archived_lists(&lists.map(String::as_str).collect())?;
    for blob in change.lists.iter().chain(&change.responses).chain(&change.evidence) {
        let relied_upon = table.relied_upon(blob)?.is_some_and(|last| is_since(last, place));
        if !needed.contains(blob) && !relied_upon {
            table.let_go_of_blob(blob, place.timestamp())?;
        }
    }
    Ok(Outcome::Done)
}

/// Whether a receipt may have relied upon something since retention was planned. Moments
/// of that are kept by the day; what a class of a day or two let go of goes a day later.
fn is_since(relied_upon: Timestamp, place: Place) -> bool {
    const DAYS: i64 = 2 * 86_400;
    relied_upon >= place.timestamp().plus_seconds(-DAYS)
}

/// Forgets a person as an operator's erasure does, unless a certificate of theirs
/// expires later. What was sealed for them alone goes too: nobody can open it.
fn erase(
    person: &SubjectId,
    expired_before: Timestamp,
    place: Place,
    table: &mut Table<'_>,
) -> Result<(), StateError> {
    let Some(row) = table.subject(person)?.filter(|row| row.person.is_some()) else {
        return Ok(());
    };
    let mut sealed = Vec::new();
    for certificate in table.certificates_of(person)? {
        for (_, encryption) in table.encryptions(&certificate)? {
            if encryption.not_after >= expired_before {
                return Ok(());
            }
            sealed.push(encryption.blob);
        }
        match table.binding(&certificate)? {
            Some(binding) if binding.not_after >= expired_before => return Ok(()),
            Some(binding) if binding.sealed_for.is_some() => sealed.push(binding.blob),
            _ => {}
        }
    }
    if row.registered >= expired_before {
        return Ok(());
    }
    sealed.iter().try_for_each(|blob| table.let_go_of_blob(blob, place.timestamp()))?;
    table.erase_subject(person, &row)
}

/// The blobs that decisions are compiled from.
pub(crate) fn needed_by_authorities(lookups: &impl Lookups) -> Result<HashSet<String>, StateError> {
    let mut needed = HashSet::new();
    for (id, row) in lookups.authorities()? {
        let anchors = row.anchors.into_iter().map(|anchor| anchor.key.certificate);
        let known = row.intermediates.into_iter().map(|known| known.certificate);
        needed.extend(anchors.chain(known));
        needed.extend(lookups.lists(&id)?.into_iter().map(|(_, list)| list.blob));
    }
    Ok(needed)
}
