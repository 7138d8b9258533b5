//! A folder of secrets: owner only, files replaced atomically.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::KeyError;

/// Marks a file that was being written; never read.
const UNFINISHED: &str = ".new";

/// Key files are small.
const KEY_FILE_MAX: u64 = 64 * 1024;

/// Group's and others' permission bits.
const OTHERS: u32 = 0o077;

/// A folder that only its owner may enter.
#[derive(Debug)]
pub(crate) struct KeyFolder {
    path: PathBuf,
}

impl KeyFolder {
    /// Makes the folder unless it is there, and checks its rights.
    pub(crate) fn create(path: &Path) -> Result<Self, KeyError> {
        match DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(KeyError::Io { path: path.to_owned(), source }),
        }
        // Also of one that is there: its name may not be durable yet.
        sync_folder(path.parent().unwrap_or(path))?;
        Self::open(path)
    }

    /// Opens a folder that exists, and checks its rights. The names in it are there for
    /// good from then on, also those that a process was killed over.
    pub(crate) fn open(path: &Path) -> Result<Self, KeyError> {
        check_rights(path)?;
        sync_folder(path)?;
        Ok(Self { path: path.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the finished files, sorted.
    pub(crate) fn names(&self) -> Result<Vec<String>, KeyError> {
        let mut names = self.all_names()?;
        names.retain(|name| !name.ends_with(UNFINISHED));
        names.sort();
        Ok(names)
    }

    /// Removes what a power cut left unfinished.
    pub(crate) fn remove_leftovers(&self) -> Result<(), KeyError> {
        for name in self.all_names()?.iter().filter(|name| name.ends_with(UNFINISHED)) {
            self.remove(name)?;
        }
        Ok(())
    }

    fn all_names(&self) -> Result<Vec<String>, KeyError> {
        let io = |source| KeyError::Io { path: self.path.clone(), source };
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(io)? {
            let name = entry.map_err(io)?.file_name();
            names.push(name.to_string_lossy().into_owned());
        }
        Ok(names)
    }

    /// Reads a file after checking that only its owner could.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, KeyError> {
        let path = self.path.join(name);
        check_rights(&path)?;
        let io = |source| KeyError::Io { path: path.clone(), source };
        let mut bytes = Vec::new();
        let file = File::open(&path).map_err(io)?;
        file.take(KEY_FILE_MAX).read_to_end(&mut bytes).map_err(io)?;
        Ok(bytes)
    }

    /// Writes a file so that a power cut leaves it whole or absent.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), KeyError> {
        let path = self.path.join(name);
        let unfinished = self.path.join(format!("{name}{UNFINISHED}"));
        write_synced(&unfinished, content)
            .and_then(|()| fs::rename(&unfinished, &path))
            .map_err(|source| KeyError::Io { path, source })?;
        sync_folder(&self.path)
    }

    /// Removes a file; one that is gone already is no error.
    pub(crate) fn remove(&self, name: &str) -> Result<(), KeyError> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(KeyError::Io { path, source }),
            Ok(()) => sync_folder(&self.path),
        }
    }
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> Result<(), KeyError> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(|source| KeyError::Io { path: path.to_owned(), source })
}

fn check_rights(path: &Path) -> Result<(), KeyError> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(KeyError::Missing { path: path.to_owned() });
        }
        Err(source) => return Err(KeyError::Io { path: path.to_owned(), source }),
    };
    let mode = metadata.mode() & 0o7777;
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(KeyError::TooOpen { path: path.to_owned(), mode, is_folder: metadata.is_dir() })
}
