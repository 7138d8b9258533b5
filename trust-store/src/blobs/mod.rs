//! Content-addressed files: certificates, revocation lists, evidence.
//!
//! A blob is put before the change that names it, and what survives a power cut
//! in each step is:
//! 1. The content is written under a temporary name and synced. A leftover at
//!    most, swept later.
//! 2. It is renamed to its hash and the folder synced. An unreferenced blob at
//!    most, swept after a day.
//! 3. The change that names it is appended. The blob is there for good.
//!
//! Reading checks the hash: a blob is whole or an error, never something else.

use std::collections::HashSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use crate::files::{self, Disk, FileLayer, read_all};
use crate::hex;

/// The largest blob, in bytes: the largest revocation lists seen are near 100 MB.
pub(crate) const MAX_BLOB: u64 = 256 << 20;

/// How long a blob that no change names is kept: an append may be under way.
pub(crate) const UNREFERENCED_KEPT_MILLIS: i64 = 24 * 60 * 60 * 1000;

const TEMPORARY: &str = ".new";

/// The SHA-256 of a blob's content: its address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct BlobId([u8; 32]);

impl BlobId {
    /// The address that `content` has.
    pub(crate) fn of(content: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, content).as_ref());
        Self(bytes)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for BlobId {
    type Err = BlobError;

    fn from_str(text: &str) -> Result<Self, BlobError> {
        hex::decode(text).map(Self).ok_or_else(|| BlobError::NotAnAddress { text: text.to_owned() })
    }
}

impl TryFrom<String> for BlobId {
    type Error = BlobError;

    fn try_from(text: String) -> Result<Self, BlobError> {
        text.parse()
    }
}

impl From<BlobId> for String {
    fn from(id: BlobId) -> Self {
        id.to_string()
    }
}

/// Why a blob could not be written or read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BlobError {
    /// Not 64 lower-case hexadecimal digits.
    #[error("\"{text}\" is not a blob's address: expected 64 lower-case hexadecimal digits")]
    NotAnAddress {
        /// What was given.
        text: String,
    },
    /// The file's content does not have the hash that is its name.
    #[error("blob {path} is damaged: its content does not have the hash in its name")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The folder of blobs is gone.
    #[error("{path} is missing")]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// More than the largest list is a mistake.
    #[error("a blob of {len} bytes: {MAX_BLOB} are allowed")]
    TooLarge {
        /// Its length in bytes.
        len: u64,
    },
    /// The system refused.
    #[error("{doing} {path}: {source}")]
    Io {
        /// What was being done, as in "writing".
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
}

impl BlobError {
    fn is_not_found(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether the disk is full, and nothing else is wrong.
    pub(crate) fn is_disk_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if files::is_full(source))
    }
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BlobError {
    move |source| BlobError::Io { doing, path: path.to_owned(), source: Arc::new(source) }
}

/// The blobs in one folder: `ab/abcdef…`, by the first two digits of the address.
#[derive(Debug)]
pub(crate) struct Blobs {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    /// Makes temporary names differ between threads.
    next: AtomicU64,
    names: Mutex<()>,
    /// The folders in it that are there for good, and so are all names in them that
    /// were given before this process.
    settled: Mutex<HashSet<PathBuf>>,
}

/// What a sweep did.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Swept {
    pub(crate) removed: u64,
    pub(crate) kept: u64,
}

impl Blobs {
    /// The blobs in `folder`, which is made if it is missing.
    pub(crate) fn open(folder: &Path) -> Result<Self, BlobError> {
        Self::open_on(Arc::new(Disk), folder)
    }

    pub(crate) fn open_on(files: Arc<dyn FileLayer>, folder: &Path) -> Result<Self, BlobError> {
        files::make_folder(&*files, folder).map_err(io_error("making", folder))?;
        let (next, names, settled) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
        Ok(Self { files, folder: folder.to_owned(), next, names, settled })
    }

    /// Keeps `content` durably and returns its address. Putting it again makes it
    /// new: a damaged file is mended, and no sweep takes it for a leftover.
    pub(crate) fn put(&self, content: &[u8]) -> Result<BlobId, BlobError> {
        let len = content.len() as u64;
        if len > MAX_BLOB {
            return Err(BlobError::TooLarge { len });
        }
        let id = BlobId::of(content);
        let (folder, path) = self.place(&id);
        self.settle(&folder)?;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let temporary = folder.join(format!("{id}.{}-{number}{TEMPORARY}", std::process::id()));
        if let Err(error) = self.write(&temporary, content) {
            // On a full disk, a half-written file would take the room of others.
            let _ = self.files.remove(&temporary);
            return Err(io_error("writing", &temporary)(error));
        }
        let renaming = self.names();
        self.files.rename(&temporary, &path).map_err(io_error("renaming to", &path))?;
        drop(renaming);
        if let Err(error) = self.files.sync_folder(&folder) {
            // The name is seen, and may not be there for good.
            self.settled().remove(&folder);
            return Err(io_error("syncing", &folder)(error));
        }
        Ok(id)
    }

    /// Whether there is a blob at `id`. Its content is not read.
    pub(crate) fn has(&self, id: &BlobId) -> bool {
        self.files.open_read(&self.place(id).1).is_ok()
    }

    /// Whether there is a blob at `id`; if so, it is there for good from now on.
    pub(crate) fn has_for_good(&self, id: &BlobId) -> Result<bool, BlobError> {
        let is_here = self.has(id);
        if is_here {
            self.settle(&self.place(id).0)?;
        }
        Ok(is_here)
    }

    /// The content at `id`; `None` if it is not here.
    pub(crate) fn get(&self, id: &BlobId) -> Result<Option<Vec<u8>>, BlobError> {
        let (_, path) = self.place(id);
        let file = match self.files.open_read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("opening", &path)(error)),
        };
        let content = read_all(&*file, MAX_BLOB).map_err(io_error("reading", &path))?;
        if BlobId::of(&content) != *id {
            return Err(BlobError::Damaged { path });
        }
        Ok(Some(content))
    }

    /// How long a blob is; `None` if it is not here.
    pub(crate) fn len(&self, id: &BlobId) -> Result<Option<u64>, BlobError> {
        let (_, path) = self.place(id);
        match self.files.open_read(&path) {
            Ok(file) => file.len().map(Some).map_err(io_error("reading", &path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error("opening", &path)(error)),
        }
    }

    /// The addresses of all blobs, in order. Their content is not read.
    #[cfg(test)]
    pub(crate) fn all(&self) -> Result<Vec<BlobId>, BlobError> {
        let mut ids = Vec::new();
        for folder in self.folders()? {
            let names = self.files.list(&folder).map_err(io_error("listing", &folder))?;
            ids.extend(names.iter().filter_map(|name| name.parse::<BlobId>().ok()));
        }
        Ok(ids)
    }

    /// Removes what is neither in `live` nor younger than a day, leftovers of
    /// interrupted writes included. `now_millis` is the time, since the epoch.
    pub(crate) fn sweep(
        &self,
        live: &HashSet<BlobId>,
        now_millis: i64,
    ) -> Result<Swept, BlobError> {
        let mut swept = Swept::default();
        for folder in self.folders()? {
            for name in self.files.list(&folder).map_err(io_error("listing", &folder))? {
                let path = folder.join(&name);
                let is_live = name.parse().is_ok_and(|id: BlobId| live.contains(&id));
                let _renaming = self.names();
                match self.is_old(&path, now_millis) {
                    // It was being written, and has got its name since.
                    Err(error) if error.is_not_found() => {}
                    Ok(true) if !is_live => {
                        self.files.remove(&path).map_err(io_error("removing", &path))?;
                        swept.removed += 1;
                    }
                    Ok(_) => swept.kept += 1,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(swept)
    }

    fn is_old(&self, path: &Path, now_millis: i64) -> Result<bool, BlobError> {
        let written = self.files.modified_millis(path).map_err(io_error("asking about", path))?;
        Ok(now_millis.saturating_sub(written) > UNREFERENCED_KEPT_MILLIS)
    }

    /// Taken to give a file its name, and to remove one that was found to be old.
    fn names(&self) -> MutexGuard<'_, ()> {
        // It guards nothing in memory that a panic could leave half-changed.
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        // In a container each process may have the number of the one that was killed.
        match self.files.remove(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = self.files.create(path)?;
        file.write_at(0, content)?;
        file.sync()
    }

    /// Makes a folder for good, with the names that are in it: once in a process, for
    /// one that was killed may have made it, or named a blob, and no more.
    fn settle(&self, folder: &Path) -> Result<(), BlobError> {
        if self.settled().contains(folder) {
            return Ok(());
        }
        files::make_folder(&*self.files, folder).map_err(io_error("making", folder))?;
        self.files.sync_folder(folder).map_err(io_error("syncing", folder))?;
        self.settled().insert(folder.to_owned());
        Ok(())
    }

    fn settled(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        // Each change of it is one step.
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, id: &BlobId) -> (PathBuf, PathBuf) {
        let name = id.to_string();
        let folder = self.folder.join(&name[..2]);
        let path = folder.join(name);
        (folder, path)
    }

    fn folders(&self) -> Result<Vec<PathBuf>, BlobError> {
        let names = self.files.list(&self.folder).map_err(io_error("listing", &self.folder))?;
        let ours = |name: &String| name.len() == 2 && name.bytes().all(|b| b.is_ascii_hexdigit());
        Ok(names.into_iter().filter(ours).map(|name| self.folder.join(name)).collect())
    }
}

#[cfg(test)]
mod tests;
