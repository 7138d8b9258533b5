//! A file of named 256-bit keys that can be added to and rewritten.
//!
//! Keys are destroyed by writing the file anew without them. A disk that is too full for
//! that has them overwritten in their places, which takes no room; the next rewriting
//! drops what is left of those entries.

mod entry;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use self::entry::{
    ENTRY, Entry, KEY_LEN, Keys, decode, decode_all, encode, last_batch, without_key,
};
use super::SealError;
use crate::files::{self, FileLayer, LayerFile, ReadAt, read_all};

/// How much of a file is looked through at a time.
const CHUNK: usize = 1024 * ENTRY;

/// How many keys one file may hold: they take 1.3 GB, and about as much memory.
pub(crate) const KEYS_MAX: usize = 10_000_000;

/// No file grows beyond it; a larger one is not ours.
const FILE_MAX: u64 = (KEYS_MAX * ENTRY) as u64;

/// A key that is wiped from memory when it is dropped.
pub(crate) type Key = Zeroizing<[u8; KEY_LEN]>;

/// A new random key.
pub(crate) fn random_key() -> Result<Key, SealError> {
    let mut key = Key::default();
    SystemRandom::new().fill(&mut *key)?;
    Ok(key)
}

/// Named keys, all in memory and durable in a file.
pub(crate) struct KeyFile {
    files: Arc<dyn FileLayer>,
    path: PathBuf,
    file: Box<dyn LayerFile>,
    keys: Keys,
    len: u64,
    /// [`FILE_MAX`], but in tests.
    max: u64,
    poisoned: bool,
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile")
            .field("path", &self.path)
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Makes an empty key file at `path`; one that exists is an error.
    pub(crate) fn create(files: Arc<dyn FileLayer>, path: &Path) -> Result<Self, SealError> {
        drop(files.create(path).map_err(SealError::io("creating", path))?);
        Self::open(files, path)
    }

    /// Reads the key file at `path`. What is added from now on is in the file that has
    /// this name for good: a process that was killed may have renamed it and no more.
    pub(crate) fn open(files: Arc<dyn FileLayer>, path: &Path) -> Result<Self, SealError> {
        let mut file = match files.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(SealError::Missing { path: path.to_owned() });
            }
            file => file.map_err(SealError::io("opening", path))?,
        };
        if !files.is_owner_only(path).map_err(SealError::io("asking about", path))? {
            return Err(SealError::Exposed { path: path.to_owned() });
        }
        let (keys, len) = read_keys(&*file, path)?;
        if len < file.len().map_err(SealError::io("reading", path))? {
            // Never synced, so never used: cut off, lest the next entry lie askew.
            file.truncate(len).map_err(SealError::io("cutting", path))?;
        }
        let last_batch = last_batch(&*file, len).map_err(SealError::io("reading", path))?;
        files::write_again(&mut *file, last_batch..len)
            .map_err(SealError::io("writing again", path))?;
        let folder = files::folder_of(path);
        files.sync_folder(folder).map_err(SealError::io("syncing", folder))?;
        Ok(Self { files, path: path.to_owned(), file, keys, len, max: FILE_MAX, poisoned: false })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Key> {
        self.keys.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(|name| &**name)
    }

    /// Adds a random key under `name`, durably, unless there is one.
    pub(crate) fn add(&mut self, name: &str) -> Result<(), SealError> {
        if self.keys.contains_key(name) {
            return Ok(());
        }
        self.import(&[(name, random_key()?)])
    }

    /// Adds keys made elsewhere, durably and with one sync; names that have a key
    /// keep it.
    pub(crate) fn import(&mut self, keys: &[(&str, Key)]) -> Result<(), SealError> {
        let mut entries = Zeroizing::new(Vec::with_capacity(keys.len() * ENTRY));
        let new = keys.iter().filter(|(name, _)| !self.keys.contains_key(*name));
        let new: BTreeMap<&str, &Key> = new.map(|(name, key)| (*name, key)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let grown = self.len + (new.len() * ENTRY) as u64;
        if grown > self.max {
            // A file that could not be opened again.
            let (path, max) = (self.path.clone(), self.max / ENTRY as u64);
            return Err(SealError::TooMany { path, max });
        }
        for (before, (name, key)) in (0..).zip(&new) {
            entries.extend_from_slice(&*encode(name, key, before)?);
        }
        // A part of them beyond the end counts as nothing: the next ones are
        // written over it, and opening cuts it off.
        self.unless_full(|this| this.file.write_at(this.len, &entries))?;
        self.durably(|this| this.file.sync())?;
        self.len += entries.len() as u64;
        self.keys.extend(new.into_iter().map(|(name, key)| (name.into(), key.clone())));
        Ok(())
    }

    /// Destroys the keys under `names`, durably and in one rewriting of the file, or in
    /// their places where the disk has no room for that; how many there were.
    pub(crate) fn remove(&mut self, names: &[&str]) -> Result<usize, SealError> {
        let removed: BTreeSet<&str> =
            names.iter().copied().filter(|name| self.keys.contains_key(*name)).collect();
        if removed.is_empty() {
            return Ok(0);
        }
        let mut content = Zeroizing::new(Vec::with_capacity(self.keys.len() * ENTRY));
        for (name, key) in self.keys.iter().filter(|(name, _)| !removed.contains(&***name)) {
            content.extend_from_slice(&*encode(name, key, 0)?);
        }
        let folder = files::folder_of(&self.path).to_owned();
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = name.to_owned();
        let beside =
            self.unless_full(|this| files::write_beside(&*this.files, &folder, &name, &content));
        match beside {
            Err(SealError::Full { .. }) => return self.overwrite(&removed),
            beside => beside?,
        }
        self.durably(|this| {
            files::put_in_place(&*this.files, &folder, &name)?;
            this.file = this.files.open(&this.path)?;
            Ok(())
        })?;
        self.len = content.len() as u64;
        self.keys.retain(|name, _| !removed.contains(&**name));
        Ok(removed.len())
    }

    /// Destroys keys in their places. A power cut leaves some of them; whoever asked for
    /// it asks again.
    fn overwrite(&mut self, names: &BTreeSet<&str>) -> Result<usize, SealError> {
        let places = self.places_of(names)?;
        self.unless_full(|this| {
            for (at, entry) in &places {
                this.file.write_at(*at, &**entry)?;
            }
            Ok(())
        })?;
        self.durably(|this| this.file.sync())?;
        self.keys.retain(|name, _| !names.contains(&**name));
        Ok(names.len())
    }

    /// Where the entries of these names are, and what each becomes without its key.
    fn places_of(&self, names: &BTreeSet<&str>) -> Result<Vec<(u64, Entry)>, SealError> {
        let mut places = Vec::new();
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        let mut at = 0;
        while at < self.len {
            let read =
                self.file.read_at(at, &mut chunk).map_err(SealError::io("reading", &self.path))?;
            for (number, entry) in (0..).zip(chunk[..read].chunks_exact(ENTRY)) {
                if let Some((name, Some(_))) = decode(entry)
                    && names.contains(&*name)
                {
                    let emptied = without_key(entry, &name)?;
                    places.push((at + number * ENTRY as u64, emptied));
                }
            }
            at += CHUNK as u64;
        }
        Ok(places)
    }

    /// Why nothing can be written any more, if so.
    pub(super) fn failure(&self) -> Option<SealError> {
        self.poisoned.then(|| SealError::Poisoned { path: self.path.clone() })
    }

    /// A write that a full disk may refuse: what the file says is what it said.
    fn unless_full(
        &mut self,
        write: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> Result<(), SealError> {
        let mut full = false;
        let written = self.durably(|this| match write(this) {
            Err(error) if files::is_full(&error) => {
                full = true;
                Ok(())
            }
            written => written,
        });
        match (written, full) {
            (Ok(()), true) => Err(SealError::Full { path: self.path.clone() }),
            (written, _) => written,
        }
    }

    /// After a failed write nothing is known about the file: no more writes.
    fn durably(
        &mut self,
        write: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> Result<(), SealError> {
        if self.poisoned {
            return Err(SealError::Poisoned { path: self.path.clone() });
        }
        write(self).map_err(|error| {
            self.poisoned = true;
            SealError::io("writing", &self.path)(error)
        })
    }
}

/// The names of the keys in the file at `path`, which stays as it is.
pub(crate) fn key_names(
    files: &dyn FileLayer,
    path: &Path,
) -> Result<BTreeSet<Box<str>>, SealError> {
    let file = match files.open_read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(SealError::Missing { path: path.to_owned() });
        }
        file => file.map_err(SealError::io("opening", path))?,
    };
    let (keys, _) = read_keys(&*file, path)?;
    Ok(keys.into_keys().collect())
}

/// All keys in a file, and how many bytes they take.
fn read_keys(file: &(impl ReadAt + ?Sized), path: &Path) -> Result<(Keys, u64), SealError> {
    let bytes = read_all(file, FILE_MAX).map_err(SealError::io("reading", path))?;
    let bytes = Zeroizing::new(bytes);
    decode_all(&bytes).map_err(|offset| SealError::Damaged { path: path.to_owned(), offset })
}
