//! The key files that a standby must have to take over: of look-ups, of evidence,
//! of challenges, of tokens. Persons' keys travel with the records that name them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::files::{self, Disk, FileLayer};
use crate::province::folder;
use crate::seal::Base64Bytes;

/// More than any of them has.
const KEY_FILE_MAX: u64 = 1 << 20;

/// Marks a file that is being written.
const UNFINISHED: &str = ".new";

/// Key files by their path below `keys/`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFiles(BTreeMap<String, Base64Bytes>);

/// Which kinds of key files were replaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Token signing keys came or went.
    pub tokens: bool,
    /// Others changed: they are read when a province is opened.
    pub others: bool,
}

impl KeyFiles {
    /// Reads the key files of the province in `province`.
    pub(super) fn read(province: &Path) -> Result<Self, StoreError> {
        let keys = province.join(folder::KEYS);
        let mut read = BTreeMap::new();
        for (name, path) in list(&keys)? {
            match fs::metadata(&path).and_then(|_| fs::read(&path)) {
                Ok(content) => read.insert(name, content.into()),
                // A token key that was done went between listing and reading.
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(StoreError::io("reading", &path)(error)),
            };
        }
        Ok(Self(read))
    }

    /// Makes the key files in `province` these, each durably; those of tokens that
    /// are not among them are removed. Doing it again does nothing.
    pub(super) fn write(&self, province: &Path) -> Result<Replaced, StoreError> {
        let before = Self::read(province)?;
        let keys = province.join(folder::KEYS);
        let mut replaced = Replaced::default();
        for (name, content) in &self.0 {
            if before.0.get(name) == Some(content) {
                continue;
            }
            let path = checked(&keys, name)?;
            write(&path, content.as_slice())?;
            replaced.note(name);
        }
        for name in before.0.keys().filter(|name| is_token(name) && !self.0.contains_key(*name)) {
            let path = checked(&keys, name)?;
            Disk.remove(&path).map_err(StoreError::io("removing", &path))?;
            replaced.note(name);
        }
        Ok(replaced)
    }
}

impl Replaced {
    fn note(&mut self, name: &str) {
        if is_token(name) { self.tokens = true } else { self.others = true }
    }
}

/// A value that changes whenever a key file does, cheap enough to be taken with
/// every message: over names, lengths and the moments of writing.
pub(super) fn fingerprint(province: &Path) -> Result<[u8; 32], StoreError> {
    let mut context = Context::new(&SHA256);
    for (name, path) in list(&province.join(folder::KEYS))? {
        let Ok(metadata) = fs::metadata(&path) else { continue };
        context.update(name.as_bytes());
        for number in [metadata.size().cast_signed(), metadata.mtime(), metadata.mtime_nsec()] {
            context.update(&number.to_be_bytes());
        }
        context.update(&metadata.ino().to_be_bytes());
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Ok(bytes)
}

/// The finished files below `keys`, at most one folder deep, but persons' keys.
fn list(keys: &Path) -> Result<Vec<(String, PathBuf)>, StoreError> {
    let mut found = Vec::new();
    for (name, path, is_folder) in entries(keys)? {
        if is_folder {
            let inner = entries(&path)?.into_iter().filter(|(_, _, is_folder)| !is_folder);
            found.extend(inner.map(|(file, path, _)| (format!("{name}/{file}"), path)));
        } else if name != folder::PERSON_KEYS {
            found.push((name, path));
        }
    }
    found.retain(|(name, _)| !name.ends_with(UNFINISHED));
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<(String, PathBuf, bool)>, StoreError> {
    let reading = |error| StoreError::io("reading", folder)(error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(reading)? {
        let entry = entry.map_err(reading)?;
        let is_folder = entry.file_type().map_err(reading)?.is_dir();
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path(), is_folder));
    }
    Ok(found)
}

fn is_token(name: &str) -> bool {
    name.starts_with("token/")
}

/// Where the file called `name` belongs: names come from the peer, and none may
/// lead anywhere else, or replace persons' keys.
fn checked(keys: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let plain = |part: &str| {
        let letters = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        letters && !part.is_empty() && !part.starts_with('.')
    };
    let parts: Vec<&str> = name.split('/').collect();
    let fits = parts.len() <= 2 && parts.iter().all(|part| plain(part));
    if !fits || name == folder::PERSON_KEYS || name.ends_with(UNFINISHED) {
        return Err(StoreError::KeyFileName { name: name.to_owned() });
    }
    Ok(keys.join(name))
}

fn write(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        return Err(StoreError::KeyFileName { name: path.display().to_string() });
    };
    if content.len() as u64 > KEY_FILE_MAX {
        let problem = io::Error::from(io::ErrorKind::FileTooLarge);
        return Err(StoreError::io("writing", path)(problem));
    }
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(StoreError::io("making", folder))?;
    files::replace(&Disk, folder, name, content).map_err(StoreError::io("writing", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn province() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("keys/token")).unwrap();
        folder
    }

    #[test]
    fn a_copy_has_the_same_files_and_no_persons_keys() {
        let (from, to) = (province(), province());
        let put = |name: &str, text: &str| {
            fs::write(from.path().join("keys").join(name), text).unwrap();
        };
        put("lookup.keys", "l");
        put("persons.keys", "p");
        put("token/a.json", "a");
        put("token/b.json.new", "b");
        let copied = KeyFiles::read(from.path()).unwrap();
        let replaced = copied.write(to.path()).unwrap();
        assert_eq!(replaced, Replaced { tokens: true, others: true });
        assert_eq!(KeyFiles::read(to.path()).unwrap(), copied);
        assert!(!to.path().join("keys/persons.keys").exists());
        assert_eq!(copied.write(to.path()).unwrap(), Replaced::default());
        let before = fingerprint(from.path()).unwrap();
        fs::remove_file(from.path().join("keys/token/a.json")).unwrap();
        put("token/c.json", "c");
        assert_ne!(fingerprint(from.path()).unwrap(), before);
        let replaced = KeyFiles::read(from.path()).unwrap().write(to.path()).unwrap();
        assert_eq!(replaced, Replaced { tokens: true, others: false });
        assert!(!to.path().join("keys/token/a.json").exists());
    }

    #[test]
    fn names_from_the_peer_lead_nowhere_else() {
        let to = province();
        for name in ["../x", "a/../b", "/etc/x", "persons.keys", "a/b/c", "", ".x", "x.new"] {
            let files = KeyFiles([(name.to_owned(), b"x".to_vec().into())].into());
            assert!(files.write(to.path()).is_err(), "{name}");
        }
    }
}
