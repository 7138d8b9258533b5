//! Revocation lists as they replace one another.
//!
//! Of each signer and scope the newest list is in force. The others are archived, each
//! with the moment from which the next one told, so that a moment in the past finds the
//! list that was current then, and those that came after it.

use super::trust::{Step, known_authority};
use super::{ArchivedListRow, ListPlace, ListRow, Lookups, Place, Rejection, Table};
use crate::change::ListImported;

/// A list that is newer than the one in force, which goes into the archive.
pub(super) fn import(place: Place, change: &ListImported, table: &mut Table<'_>) -> Step {
    known_authority(&change.authority, table)?;
    let of = place_of(change);
    if let Some(known) = table.list(&change.authority, &of)? {
        let this_update = known.this_update;
        if this_update >= change.this_update {
            return Err(Rejection::ListNotNewer { this_update }.into());
        }
        let replaced = ArchivedListRow { list: known, until: change.this_update };
        table.set_archived_list(&change.authority, &of, &replaced)?;
    }
    table.set_list(&change.authority, &of, &row(place, change))?;
    table.name_blob(&change.blob)?;
    Ok(table.touch_authority(&change.authority, place.sequence)?)
}

/// A list that is older than the one in force, for moments in the past. What is judged
/// now does not change by it.
pub(super) fn archive(place: Place, change: &ListImported, table: &mut Table<'_>) -> Step {
    known_authority(&change.authority, table)?;
    let (authority, of, made) = (&change.authority, place_of(change), change.this_update);
    let current = table.list(authority, &of)?.ok_or(Rejection::ListNotReplaced)?;
    if current.this_update <= made {
        return Err(Rejection::ListNotReplaced.into());
    }
    let mut until = current.this_update;
    for mut known in table.archived_lists(authority, &of)? {
        let this_update = known.list.this_update;
        if this_update == made {
            return Err(Rejection::ListNotNewer { this_update }.into());
        }
        if this_update < made {
            known.until = made;
            table.set_archived_list(authority, &of, &known)?;
            break;
        }
        until = this_update;
    }
    let list = row(place, change);
    table.set_archived_list(authority, &of, &ArchivedListRow { list, until })?;
    Ok(table.name_blob(&change.blob)?)
}

fn place_of(change: &ListImported) -> ListPlace {
    ListPlace { signer: change.issuer_spki_sha256.clone(), scope: change.scope.clone() }
}

fn row(place: Place, change: &ListImported) -> ListRow {
    ListRow {
        blob: change.blob.clone(),
        number: change.number.clone(),
        this_update: change.this_update,
        next_update: change.next_update,
        entries: change.entries,
        known: place.timestamp(),
    }
}
