//! Which keys look-ups go by: the going over from one to the next.
//!
//! 1. `lookup_key_made`: from here on whoever signs in must be looked up under the
//!    new key, too. A sign-in that was not is stale: it comes again.
//! 2. `persons_indexed`: those who are known are found under the new key as well. No
//!    new ones come that are not, so that an end is in sight.
//! 3. `lookup_keys_retired`: what was made under the keys before it counts no more.

use serde::{Deserialize, Serialize};

use super::{Lookups, Outcome, StateError, Table};
use crate::change::{EntityModel, HolderModel, IdentifierModel, PersonIndexed, SignIn};
use crate::seal::LookupHash;

/// The versions of keys that look-ups go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LookupKeysRow {
    /// Whoever signs in is looked up under this one at least.
    pub(crate) newest: u32,
    /// Persons may still be found under this one, and under none before it.
    pub(crate) oldest: u32,
}

impl Default for LookupKeysRow {
    /// A province is made with one.
    fn default() -> Self {
        Self { newest: 1, oldest: 1 }
    }
}

impl LookupKeysRow {
    /// Whether everybody in this sign-in was looked up under the newest key.
    fn covers(self, sign_in: &SignIn) -> bool {
        self.covers_entity(&sign_in.entity)
            && sign_in.holder.as_ref().is_none_or(|holder| self.covers_holder(holder))
    }

    fn covers_entity(self, entity: &EntityModel) -> bool {
        match &entity.identifier {
            IdentifierModel::Uscc(_)
            | IdentifierModel::OrganizationCode(_)
            | IdentifierModel::Scoped { .. } => true,
            IdentifierModel::Person { lookups } | IdentifierModel::ScopedPerson { lookups, .. } => {
                self.has_newest(lookups) && self.covers_names(&entity.name_keys)
            }
        }
    }

    fn covers_holder(self, holder: &HolderModel) -> bool {
        (holder.lookups.is_empty() || self.has_newest(&holder.lookups))
            && self.covers_names(&holder.name_keys)
    }

    fn has_newest(self, lookups: &[LookupHash]) -> bool {
        lookups.iter().any(|hash| hash.version() >= self.newest)
    }

    fn covers_names(self, name_keys: &[String]) -> bool {
        name_keys.is_empty() || name_keys.iter().any(|key| version_of(key) >= self.newest)
    }

    /// Whether a key of the index, or of a name, is of a key that counts no more.
    fn is_retired(self, key: &str) -> bool {
        version_of(key) < self.oldest
    }
}

/// The version of the key that the last part of an index key was made under.
pub(crate) fn version_of(key: &str) -> u32 {
    let hash = key.rsplit('/').next().unwrap_or_default();
    LookupHash::try_from(hash.to_owned()).map_or(0, |hash| hash.version())
}

/// Whether a sign-in was looked up as it must be.
pub(super) fn covers(sign_in: &SignIn, table: &Table<'_>) -> Result<bool, StateError> {
    // Companies are looked up by nothing secret: most sign-ins end here.
    let none = LookupKeysRow { newest: u32::MAX, oldest: 0 };
    Ok(none.covers(sign_in) || table.lookup_keys()?.covers(sign_in))
}

/// Step 1.
pub(super) fn make(version: u32, table: &mut Table<'_>) -> Result<Outcome, StateError> {
    let row = table.lookup_keys()?;
    table.set_lookup_keys(LookupKeysRow { newest: row.newest.max(version), ..row })?;
    Ok(Outcome::Done)
}

/// Step 2, for some of them. Who was erased in the meantime stays so.
pub(super) fn index(
    persons: &[PersonIndexed],
    table: &mut Table<'_>,
) -> Result<Outcome, StateError> {
    let keys = table.lookup_keys()?;
    for person in persons {
        let Some(mut row) = table.subject(&person.subject)? else { continue };
        let (gone, mut found_by): (Vec<_>, Vec<_>) =
            row.found_by.into_iter().partition(|key| keys.is_retired(key));
        for key in &gone {
            table.forget_subject_by(key, &person.subject)?;
        }
        for key in &person.found_by {
            // Whoever is found there already stays who is found there.
            if !found_by.contains(key) && table.subject_by(key)?.is_none() {
                table.set_subject_by(key, &person.subject)?;
                found_by.push(key.clone());
            }
        }
        row.found_by = found_by;
        row.name_keys.retain(|key| !keys.is_retired(key));
        for key in &person.name_keys {
            if !row.name_keys.contains(key) {
                row.name_keys.push(key.clone());
            }
        }
        table.set_subject(&person.subject, &row)?;
    }
    Ok(Outcome::Done)
}

/// Step 3. The newest stays.
pub(super) fn retire(before: u32, table: &mut Table<'_>) -> Result<Outcome, StateError> {
    let row = table.lookup_keys()?;
    let oldest = row.oldest.max(before.min(row.newest));
    table.set_lookup_keys(LookupKeysRow { oldest, ..row })?;
    Ok(Outcome::Done)
}
