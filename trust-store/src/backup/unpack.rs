//! Reading a backup: decrypted, unpacked and compared with its manifest.
//!
//! An age file authenticates itself chunk by chunk, and its last chunk says that it
//! is the last: a changed or shortened file ends in an error, never in less. What is
//! unpacked lies in a folder of its own until everything agrees.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path};

use age::stream::StreamReader;
use age::{DecryptError, Decryptor};
use tar::{Archive, Entry, EntryType};

use super::container::{BlobCount, FORMAT, FileEntry, Hashing, MANIFEST, Manifest, PREFACE};
use super::container::{BlobSummary, Preface};
use super::{BackupError, BackupIdentity};
use crate::province::folder;

const OWNER_ONLY_FOLDER: u32 = 0o700;
const OWNER_ONLY_FILE: u32 = 0o600;

/// The preface and the manifest; a province has a few hundred files, blobs aside.
const DOCUMENT_MAX: u64 = 64 << 20;

/// Unpacks the backup in `file` into the folder `into`, which exists and is empty.
pub(super) fn unpack(
    file: &Path,
    identities: &[BackupIdentity],
    into: &Path,
) -> Result<Manifest, BackupError> {
    let mut archive = Archive::new(decrypted(file, identities)?);
    let damaged = |error: io::Error| BackupError::damaged(file, &error);
    let mut unpacking = Unpacking::new(file, into);
    for entry in archive.entries().map_err(damaged)? {
        unpacking.entry(entry.map_err(damaged)?)?;
    }
    // Behind the entries: the end of the age stream vouches for all before it.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(damaged)?;
    unpacking.compared()
}

fn decrypted(
    file: &Path,
    identities: &[BackupIdentity],
) -> Result<StreamReader<BufReader<File>>, BackupError> {
    let opened = File::open(file).map_err(BackupError::io("opening", file))?;
    let each = identities.iter().map(|identity| &identity.0 as &dyn age::Identity);
    let decryptor = Decryptor::new_buffered(BufReader::new(opened));
    decryptor.and_then(|decryptor| decryptor.decrypt(each)).map_err(|error| match error {
        DecryptError::NoMatchingKeys => BackupError::WrongIdentity { path: file.to_owned() },
        DecryptError::Io(error) => BackupError::damaged(file, &error),
        other => BackupError::damaged(file, &other),
    })
}

/// What was unpacked so far.
struct Unpacking<'a> {
    file: &'a Path,
    into: &'a Path,
    preface: Option<Preface>,
    manifest: Option<Manifest>,
    files: BTreeMap<String, FileEntry>,
    blobs: BlobCount,
}

impl<'a> Unpacking<'a> {
    fn new(file: &'a Path, into: &'a Path) -> Self {
        let (files, blobs) = (BTreeMap::new(), BlobCount::new());
        Self { file, into, preface: None, manifest: None, files, blobs }
    }

    fn entry(&mut self, mut entry: Entry<'_, impl Read>) -> Result<(), BackupError> {
        let path = entry.path_bytes();
        let path = String::from_utf8(path.into_owned()).map_err(|_| self.strange("a name"))?;
        if entry.header().entry_type() != EntryType::Regular || !is_plain(&path) {
            return Err(self.strange(&format!("the entry {path:?}")));
        }
        match (path.as_str(), &self.preface, &self.manifest) {
            (PREFACE, None, None) => self.preface = Some(self.begin(entry)?),
            (MANIFEST, Some(_), None) => self.manifest = Some(self.document(&mut entry)?),
            (_, Some(_), None) => self.unpack(path, entry)?,
            _ => return Err(self.strange(&format!("the entry {path:?} at its place"))),
        }
        Ok(())
    }

    fn begin(&self, mut entry: Entry<'_, impl Read>) -> Result<Preface, BackupError> {
        let preface: serde_json::Value = self.document(&mut entry)?;
        let text = |key: &str| preface[key].as_str().unwrap_or_default().to_owned();
        let (format, version) = (text("format"), text("version"));
        if format != FORMAT {
            return Err(BackupError::Format { path: self.file.to_owned(), format, version });
        }
        serde_json::from_value(preface).map_err(|error| BackupError::damaged(self.file, &error))
    }

    fn document<T: serde::de::DeserializeOwned>(
        &self,
        entry: &mut impl Read,
    ) -> Result<T, BackupError> {
        serde_json::from_reader(entry.take(DOCUMENT_MAX))
            .map_err(|error| BackupError::damaged(self.file, &error))
    }

    fn unpack(&mut self, path: String, entry: Entry<'_, impl Read>) -> Result<(), BackupError> {
        let place = self.into.join(&path);
        if let Some(folder) = place.parent() {
            let mut builder = DirBuilder::new();
            let made = builder.recursive(true).mode(OWNER_ONLY_FOLDER).create(folder);
            made.map_err(BackupError::io("making", folder))?;
        }
        let mut options = OpenOptions::new();
        let created = options.write(true).create_new(true).mode(OWNER_ONLY_FILE).open(&place);
        let mut created = created.map_err(BackupError::io("creating", &place))?;
        let mut reading = Hashing::new(entry);
        copy(self.file, &mut reading, &mut created, &place)?;
        let (_, bytes, sha256) = reading.end();
        match path.strip_prefix(folder::BLOBS).and_then(|rest| rest.rsplit_once('/')) {
            Some((_, address)) if address == sha256 => self.blobs.add(address, bytes),
            Some(_) => {
                return Err(BackupError::Differs { path: self.file.to_owned(), entry: path });
            }
            None => {
                self.files.insert(path.clone(), FileEntry { path, bytes, sha256 });
            }
        }
        Ok(())
    }

    /// The manifest, once everything is what it says.
    fn compared(self) -> Result<Manifest, BackupError> {
        let differs = |entry: &str| BackupError::Differs {
            path: self.file.to_owned(),
            entry: entry.to_owned(),
        };
        let (Some(manifest), Some(preface)) = (self.manifest, self.preface) else {
            let cut = io::Error::new(io::ErrorKind::UnexpectedEof, "its manifest is missing");
            return Err(BackupError::damaged(self.file, &cut));
        };
        for entry in &manifest.files {
            if self.files.get(&entry.path) != Some(entry) {
                return Err(differs(&entry.path));
            }
        }
        let blobs: BlobSummary = self.blobs.summary();
        if self.files.len() != manifest.files.len() || preface != manifest.preface {
            return Err(differs(MANIFEST));
        }
        if blobs != manifest.blobs {
            return Err(differs(folder::BLOBS));
        }
        Ok(manifest)
    }

    fn strange(&self, what: &str) -> BackupError {
        let problem = format!("{what} is not what a backup holds");
        BackupError::damaged(self.file, &io::Error::new(io::ErrorKind::InvalidData, problem))
    }
}

/// Copies an entry; an error tells whether the backup or the disk failed.
fn copy(
    file: &Path,
    from: &mut impl Read,
    to: &mut impl io::Write,
    place: &Path,
) -> Result<(), BackupError> {
    let mut chunk = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut chunk).map_err(|error| BackupError::damaged(file, &error))?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(&chunk[..read]).map_err(BackupError::io("writing", place))?;
    }
}

/// Relative, and nowhere upwards.
fn is_plain(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}
