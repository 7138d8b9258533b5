//! The register of subjects, as operators see and mend it.

use tongxing_pki::Timestamp;

use super::reply::{BindingView, PendingView, SubjectView};
use super::trust::record;
use super::{CommandError, Reply};
use crate::change::{Actor, Change};
use crate::ids::{AuthorityId, SubjectId};
use crate::mask::masked_ids;
use crate::name_rule::name_key;
use crate::policy::Kind;
use crate::province::Province;
use crate::state::{BindingRow, Lookups, SubjectRow, View};

/// How many subjects a search shows: a longer answer helps nobody.
const FOUND_MAX: usize = 50;

/// Finds subjects by id, USCC, personal id, certificate hash, or part of a
/// legal entity's name. Whether a person is registered is told on the record only: who
/// looks for one by their id is recorded first.
pub(super) async fn find(
    province: &Province,
    by: &Actor,
    query: &str,
) -> Result<Reply, CommandError> {
    let query = query.trim();
    if query.is_empty() {
        return Err(CommandError::bad_input("say what to look for"));
    }
    let found = persons_called(province, query)?;
    let mut exact = exact_matches(province, query)?;
    if !found.is_empty() || (exact.is_empty() && masked_ids(query) != query) {
        record(province, by, Change::PersonSought { found: found.clone() }).await?;
    }
    exact.extend(found);
    let ids = if exact.is_empty() {
        let key = name_key(query);
        province.read(|view| view.subjects_named(&key, FOUND_MAX))?
    } else {
        exact
    };
    let views = ids.iter().map(|id| view_of(province, id));
    let views = views.collect::<Result<Vec<_>, _>>()?;
    Ok(Reply::Subjects(views.into_iter().flatten().collect()))
}

/// Who is registered under a personal id.
fn persons_called(province: &Province, id: &str) -> Result<Vec<SubjectId>, CommandError> {
    let keys = province.vault().person_keys_of(Kind::PersonalId, id);
    let found = province.read(|view| {
        let mut found = Vec::new();
        for key in keys {
            found.extend(view.subject_by(&format!("person/{key}"))?);
        }
        Ok(found)
    })?;
    Ok(found)
}

fn exact_matches(province: &Province, query: &str) -> Result<Vec<SubjectId>, CommandError> {
    let as_id = query.parse::<SubjectId>().ok();
    let found = province.read(|view| {
        let mut found = Vec::new();
        if let Some(id) = as_id
            && view.subject(&id)?.is_some()
        {
            found.push(id);
        }
        found.extend(view.subject_by(&format!("uscc/{}", query.to_uppercase()))?);
        let binding = view.binding(&query.to_lowercase())?;
        found.extend(binding.map(|binding| binding.subject));
        Ok(found)
    })?;
    Ok(found)
}

/// One subject; personal data only for a reason, and then on the record first.
pub(super) async fn show(
    province: &Province,
    by: &Actor,
    id: &SubjectId,
    reveal: Option<String>,
) -> Result<Reply, CommandError> {
    let Some(mut view) = view_of(province, id)? else {
        return Err(CommandError::refused(format!("no subject {id} is registered")));
    };
    if let Some(reason) = reveal {
        if reason.trim().is_empty() {
            return Err(CommandError::bad_input("personal data is shown only for a reason"));
        }
        let change = Change::PersonalDataRead { subject: id.clone(), reason };
        record(province, by, change).await?;
        let row = province.read(|rows| rows.subject(id))?;
        if let Some(person) = row.and_then(|row| row.person) {
            let data = province.vault().open_person(&person)?;
            let data = data.ok_or_else(|| CommandError::refused("this person was erased"))?;
            view.name = data.name;
            view.personal_id = data.id;
        }
    }
    Ok(Reply::Subject(Box::new(view)))
}

/// Looks persons up under another key from now on.
pub(super) async fn rotate_lookup_key(
    province: &Province,
    by: &Actor,
) -> Result<Reply, CommandError> {
    let (version, persons) = province.rotate_lookup_key(by).await?;
    Ok(Reply::LookupKeyRotated { version, persons })
}

pub(super) async fn confirm(
    province: &Province,
    by: &Actor,
    subject: SubjectId,
    authority: AuthorityId,
) -> Result<Reply, CommandError> {
    let change = Change::BindingConfirmed { subject, authority };
    let sequence = record(province, by, change).await?;
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
}

pub(super) async fn rename(
    province: &Province,
    by: &Actor,
    subject: SubjectId,
    name: String,
) -> Result<Reply, CommandError> {
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(CommandError::bad_input("the new name is empty"));
    }
    let row = province.read(|view| view.subject(&subject))?;
    if row.is_some_and(|row| row.person.is_some()) {
        return Err(CommandError::refused("a person's name is sealed: it cannot be set here"));
    }
    let name_key = name_key(&name);
    let sequence = record(province, by, Change::SubjectRenamed { subject, name, name_key }).await?;
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
}

/// Erases a person.
///
/// 1. The record forgets them. A power cut after it: opening destroys the keys.
/// 2. Their keys are destroyed. From here on nothing opens what was sealed.
pub(super) async fn erase(
    province: &Province,
    by: &Actor,
    subject: SubjectId,
    reason: String,
) -> Result<Reply, CommandError> {
    if reason.trim().is_empty() {
        return Err(CommandError::bad_input("erasing a person needs a reason"));
    }
    let change = Change::SubjectErased { subject, reason };
    let sequence = record(province, by, change).await?;
    // Sign-ins that were not admitted may have sealed something of theirs too.
    province.vault().give_up();
    province.destroy_given_up_keys()?;
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
}

fn view_of(province: &Province, id: &SubjectId) -> Result<Option<SubjectView>, CommandError> {
    let view = province.read(|view| {
        let Some(row) = view.subject(id)? else { return Ok(None) };
        let mut bindings = Vec::new();
        for certificate in view.bindings_of(id)? {
            if let Some(binding) = view.binding(&certificate)? {
                let removed = view.removed_by_retention(&binding.blob)?;
                bindings.push(binding_view(certificate, binding, removed));
            }
        }
        Ok(Some(subject_view(id, row, bindings, pending_views(view, id)?)))
    })?;
    Ok(view)
}

/// What waits for a confirmation for this subject.
pub(crate) fn pending_views(
    view: &View<'_>,
    id: &SubjectId,
) -> Result<Vec<PendingView>, crate::state::StateError> {
    let rows = view.pending(id)?;
    let view = |(authority, row): (AuthorityId, crate::state::PendingRow)| PendingView {
        authority,
        name: row.name,
        seen: row.seen,
    };
    Ok(rows.into_iter().map(view).collect())
}

fn subject_view(
    id: &SubjectId,
    row: SubjectRow,
    bindings: Vec<BindingView>,
    pending: Vec<PendingView>,
) -> SubjectView {
    SubjectView {
        id: id.clone(),
        kind: row.kind,
        value: row.value,
        name: row.name,
        personal_id: None,
        registered: row.registered,
        authorities: row.authorities,
        bindings,
        pending,
    }
}

fn binding_view(certificate: String, row: BindingRow, removed: Option<Timestamp>) -> BindingView {
    BindingView {
        certificate,
        serial: row.serial,
        authority: row.authority,
        capacity: row.capacity.as_str().to_owned(),
        holder: row.holder,
        not_after: row.not_after,
        bound: row.bound,
        removed,
    }
}
