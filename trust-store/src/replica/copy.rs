//! The end that follows: steps 2 to 5.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::frames::{Inspected, inspect};
use super::{KeyFiles, PersonKey, Replaced, Station};
use crate::blobs::BlobId;
use crate::clock::Clock;
use crate::error::StoreError;
use crate::journal::{Journal, Position};
use crate::profile::RecordProfile;
use crate::province::{Applied, Province, Vault, new_folder};

/// A copy of a province's record that grows by the primary's frames.
#[derive(Debug, Clone)]
pub struct Replica {
    folder: PathBuf,
    journal: Arc<dyn Journal>,
    vault: Arc<Vault>,
    /// The state, where the province is open.
    applied: Option<Applied>,
}

/// What frames name that is not here yet.
#[derive(Debug)]
pub struct Needs {
    /// Addresses of blobs.
    pub blobs: Vec<String>,
    /// Names of persons' keys.
    pub persons: Vec<String>,
    erases: bool,
    removes_blobs: bool,
}

impl Needs {
    /// Whether there is nothing to fetch.
    pub fn is_empty(&self) -> bool {
        self.blobs.is_empty() && self.persons.is_empty()
    }
}

impl Replica {
    /// Makes a standby's folder, of the primary's profile and with no record yet. A power cut before all that
    /// the primary has was copied leaves a folder without settings, to be removed.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], or a file that could not be written.
    pub fn create(
        folder: &Path,
        clock: Arc<dyn Clock>,
        keys: &KeyFiles,
        profile: RecordProfile,
    ) -> Result<Self, StoreError> {
        let made = new_folder(folder, || keys.write(folder).map(drop), profile, clock)?;
        Station::Standby.write(folder)?;
        let (journal, vault) = made;
        Ok(Self { folder: folder.to_owned(), journal, vault: Arc::new(vault), applied: None })
    }

    pub(super) fn of(province: &Province) -> Self {
        Self {
            folder: province.folder().to_owned(),
            journal: Arc::clone(province.journal()),
            vault: Arc::clone(province.vault()),
            applied: Some(province.applied()),
        }
    }

    /// The last record that is durable here.
    pub fn position(&self) -> Position {
        self.journal.position()
    }

    /// Step 2: checks that the frames go on here, and finds what they need.
    ///
    /// # Errors
    /// [`StoreError::Diverged`] when they do not follow our last record.
    pub fn needs(&self, frames: &[u8]) -> Result<Needs, StoreError> {
        let Inspected { blobs, persons, erases, removes_blobs } =
            inspect(frames, &self.position())?;
        let mut absent = Vec::new();
        for address in blobs {
            // What is no address names nothing that could be fetched.
            let Ok(id) = address.parse::<BlobId>() else { continue };
            if !self.vault.blobs.has_for_good(&id)? {
                absent.push(address);
            }
        }
        Ok(Needs {
            blobs: absent,
            persons: persons.into_iter().filter(|id| !self.vault.persons.has(id)).collect(),
            erases,
            removes_blobs,
        })
    }

    /// Step 3: keeps a blob that was asked for. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when it is another blob, or cannot be written.
    pub fn keep_blob(&self, address: &str, content: &[u8]) -> Result<(), StoreError> {
        if BlobId::of(content) != address.parse()? {
            return Err(StoreError::PeerFault { what: format!("blob {address} is another one") });
        }
        Ok(self.vault.blobs.put(content).map(drop)?)
    }

    /// Step 3: keeps persons' keys that were asked for, with one sync. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when they cannot be written.
    pub fn keep_persons(&self, asked: &[String], given: &[PersonKey]) -> Result<(), StoreError> {
        let asked: BTreeSet<&String> = asked.iter().collect();
        let mut keys = Vec::with_capacity(given.len());
        for PersonKey { person, key } in given {
            let key = <[u8; 32]>::try_from(key.as_slice()).ok().filter(|_| asked.contains(person));
            let what = || format!("the key of person {person}");
            let key = key.ok_or_else(|| StoreError::PeerFault { what: what() })?;
            keys.push((person.as_str(), Zeroizing::new(key)));
        }
        Ok(self.vault.persons.import(&keys)?)
    }

    /// Step 3: makes the other key files the primary's. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] when one cannot be written.
    pub fn keep_key_files(&self, files: &KeyFiles) -> Result<Replaced, StoreError> {
        files.write(&self.folder)
    }

    /// Steps 4 and 5: the frames are durable here when this returns.
    ///
    /// # Errors
    /// [`StoreError`] when they do not follow, or could not be made durable.
    pub async fn append(&self, frames: Vec<u8>, needs: &Needs) -> Result<Position, StoreError> {
        let appended = self.journal.append_frames(frames).await?;
        if let Some(applied) = &self.applied
            && (needs.erases || needs.removes_blobs)
        {
            applied.reached(appended.sequence).await?;
            let (applied, vault) = (applied.clone(), Arc::clone(&self.vault));
            let removes_blobs = needs.removes_blobs;
            let forgetting = tokio::task::spawn_blocking(move || {
                vault.destroy(&applied.given_up_keys()?)?;
                if removes_blobs { sweep(&applied, &vault) } else { Ok(()) }
            });
            forgetting.await.map_err(|cut| StoreError::task(&cut))??;
        }
        Ok(self.journal.position())
    }

    /// Makes durable what is there and ends; for a copy whose province is not open.
    pub fn close(self) {
        if self.applied.is_none() {
            self.journal.close();
        }
    }
}

/// Removes every blob that the state does not name. Frames are taken over one after the
/// other, so at this moment none waits for a record that names it.
fn sweep(applied: &Applied, vault: &Vault) -> Result<(), StoreError> {
    let named = applied.named_blobs()?;
    let live = named.iter().filter_map(|blob| blob.parse().ok()).collect();
    Ok(vault.blobs.sweep(&live, i64::MAX).map(drop)?)
}
