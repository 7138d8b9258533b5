//! What operators say of subjects: a name confirmed, another name, an erasure.

use super::{Lookups, Outcome, Rejection, StateError, Table};
use crate::ids::{AuthorityId, SubjectId};

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
