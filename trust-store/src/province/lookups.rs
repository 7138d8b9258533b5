//! Going over to another key for look-ups of persons.
//!
//! 1. The key is added to its file, durably, and used: whoever is looked up from
//!    here on is looked up under the older keys and under it. A power cut: the next
//!    run finds it there.
//! 2. A record says so. What was described before it, and is recorded after it,
//!    comes again: nobody new is found under older keys alone.
//! 3. Persons who are known are found under it, too, a parcel of them a record. What
//!    they are found by is computed from what is sealed of them. A power cut: the
//!    next run goes on with those who are left.
//! 4. A record says that the older keys count no more. They stay in their file: an
//!    earlier state, restored, goes by them.

use std::sync::Arc;

use super::Province;
use crate::change::{Actor, Change, Entry, PersonIndexed, PersonsIndexed};
use crate::error::StoreError;
use crate::ids::SubjectId;
use crate::state::{Lookups, SubjectRow, lookup_version};

/// How many subjects are looked at, at a time: a few milliseconds' work.
const PARCEL: usize = 256;

impl Province {
    /// Goes over to another key, or goes on with an earlier going over that did not
    /// come to its end. Returns the key's version, and how many persons are found
    /// under it who were not before.
    ///
    /// # Errors
    /// [`StoreError`] when the key could not be made or a record not be made durable;
    /// what was done until then holds, and doing it again goes on.
    pub async fn rotate_lookup_key(&self, by: &Actor) -> Result<(u32, u64), StoreError> {
        self.refuse_unless_primary()?;
        let _one_at_a_time = self.rotating.lock().await;
        let keys = self.read(|view| view.lookup_keys())?;
        let unfinished = keys.newest > keys.oldest && self.vault().lookups.has(keys.newest);
        let version = if unfinished { keys.newest } else { keys.newest.saturating_add(1) };
        let vault = Arc::clone(self.vault());
        let adding = move || Ok::<_, StoreError>(vault.lookups.add(version)?);
        tokio::task::spawn_blocking(adding).await.map_err(|cut| StoreError::task(&cut))??;
        if keys.newest < version {
            self.note(by, Change::LookupKeyMade { version }).await?;
        }
        let persons = self.index_persons(by, version).await?;
        self.note(by, Change::LookupKeysRetired { before: version }).await?;
        Ok((version, persons))
    }

    /// Step 3.
    async fn index_persons(&self, by: &Actor, version: u32) -> Result<u64, StoreError> {
        let (mut after, mut count) = (None, 0);
        loop {
            let page = self.read(|view| view.subjects_after(after.as_ref(), PARCEL))?;
            let Some((last, _)) = page.last() else { return Ok(count) };
            after = Some(last.clone());
            let mut persons = Vec::new();
            for (id, row) in &page {
                persons.extend(self.indexed_under(version, id, row)?);
            }
            if persons.is_empty() {
                tokio::task::yield_now().await;
                continue;
            }
            count += persons.len() as u64;
            self.note(by, Change::PersonsIndexed(PersonsIndexed { version, persons })).await?;
        }
    }

    /// What a person is found by under the key; `None` if nothing is missing, for legal
    /// entities, and for who is erased.
    fn indexed_under(
        &self,
        version: u32,
        id: &SubjectId,
        row: &SubjectRow,
    ) -> Result<Option<PersonIndexed>, StoreError> {
        let is_known = |keys: &[String]| {
            keys.is_empty() || keys.iter().any(|key| lookup_version(key) == version)
        };
        let Some(person) = &row.person else { return Ok(None) };
        if is_known(&row.found_by) && is_known(&row.name_keys) {
            return Ok(None);
        }
        let vault = self.vault();
        let Some(data) = vault.open_person(person)? else { return Ok(None) };
        // Who has no name to compare gets none.
        let has_name = !row.name_keys.is_empty();
        let name_keys = has_name.then(|| vault.name_keys_under(version, &data));
        let name_keys = name_keys.unwrap_or_default();
        Ok(Some(PersonIndexed {
            subject: id.clone(),
            found_by: vault.found_by_under(version, &row.found_by, &data),
            name_keys,
        }))
    }

    async fn note(&self, by: &Actor, change: Change) -> Result<(), StoreError> {
        self.submit(&Entry { by: by.clone(), change }).await.map(drop)
    }
}
