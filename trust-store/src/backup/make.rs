//! Making a backup; the steps are told in the module above.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use age::Encryptor;
use age::stream::StreamWriter;
use tar::{Builder, EntryType, Header};

use super::container::{
    BlobCount, FORMAT, FileEntry, Hashing, MANIFEST, Manifest, PREFACE, Preface, StateMark,
};
use super::output::{Output, Unfinished, Written};
use super::{BackupError, BackupRecipient, source};
use crate::change::{Actor, BackupMade, Change, Entry};
use crate::command::BackupView;
use crate::error::StoreError;
use crate::files::FileLayer;
use crate::journal::{Position, SegmentCopy, parts_upto};
use crate::province::{Province, folder};
use crate::state::Lookups;

/// Secrets are their owner's alone, and so is everything unpacked beside them.
const ENTRY_MODE: u32 = 0o600;

/// How many blobs are asked for at a time.
const PAGE: usize = 1024;

/// Makes a backup of an open province in `path`.
pub(crate) async fn make(
    province: &Province,
    files: Arc<dyn FileLayer>,
    by: &Actor,
    path: &Path,
    recipients: &[String],
) -> Result<BackupView, BackupError> {
    let _alone = province.backing_up().try_lock().map_err(|_| BackupError::UnderWay)?;
    let recipients: Vec<BackupRecipient> =
        recipients.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    refuse_inside(province.folder(), path)?;
    let (unfinished, output) = Unfinished::create(files, path)?;
    let mut archive = Archive::begin(province, &recipients, output)?;
    archive.journal()?;
    archive.blobs()?;
    archive.files()?;
    let (manifest, output) = archive.end()?;
    let written = unfinished.verify(output)?;
    let change = Change::BackupMade(BackupMade {
        sequence: manifest.preface.sequence,
        recipients: recipients.iter().map(ToString::to_string).collect(),
        sha256: written.sha256.clone(),
    });
    let (recorded, _) = province.submit(&Entry { by: by.clone(), change }).await?;
    unfinished.keep()?;
    Ok(view(path, manifest, written, recorded))
}

fn view(path: &Path, manifest: Manifest, written: Written, recorded: u64) -> BackupView {
    BackupView {
        file: path.to_owned(),
        bytes: written.bytes,
        sha256: written.sha256,
        sequence: manifest.preface.sequence,
        head: manifest.preface.head,
        state: manifest.preface.state.hash,
        files: manifest.files.len() as u64,
        blobs: manifest.blobs.count,
        recorded,
    }
}

/// A backup in the province's folder would be part of the next one.
fn refuse_inside(province: &Path, path: &Path) -> Result<(), BackupError> {
    let home = province.canonicalize().map_err(BackupError::io("finding", province))?;
    let place = path.parent().and_then(|folder| folder.canonicalize().ok());
    if place.is_some_and(|place| place.starts_with(home)) {
        return Err(BackupError::InsideProvince { path: path.to_owned() });
    }
    Ok(())
}

/// The stream of entries, on its way through the cipher into the file.
struct Archive<'a> {
    province: &'a Province,
    tar: Builder<StreamWriter<Output>>,
    preface: Preface,
    files: Vec<FileEntry>,
    blobs: BlobCount,
}

impl<'a> Archive<'a> {
    /// Step 1: of which record this is a backup.
    fn begin(
        province: &'a Province,
        recipients: &[BackupRecipient],
        output: Output,
    ) -> Result<Self, BackupError> {
        let (sequence, state) = province.index_stands_at()?;
        let preface = Preface {
            format: FORMAT.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made: province.clock().now_millis(),
            sequence,
            head: position_of(province, sequence)?.hash.to_string(),
            state: StateMark::of(state),
        };
        let tar = Builder::new(encrypted(recipients, output)?);
        let (files, blobs) = (Vec::new(), BlobCount::new());
        let mut archive = Self { province, tar, preface, files, blobs };
        let content = serde_json::to_vec_pretty(&archive.preface).map_err(BackupError::encoding)?;
        archive.append(PREFACE, content.len() as u64, &content[..])?;
        Ok(archive)
    }

    /// Step 2, the journal: every frame is checked while it is copied.
    fn journal(&mut self) -> Result<(), BackupError> {
        let folder = self.province.folder().join(folder::JOURNAL);
        let mut before: Option<Position> = None;
        for part in parts_upto(&folder, self.preface.sequence)? {
            let copy = SegmentCopy::open(&folder, &part, before)?;
            let path = format!("{}/{}", folder::JOURNAL, part.name);
            let mut reading = Hashing::new(copy);
            let appended = self.append(&path, part.bytes, &mut reading);
            let (copy, bytes, sha256) = reading.end();
            // What is wrong with the journal says more than that it was not read.
            before = Some(copy.end()?);
            appended?;
            self.files.push(FileEntry { path, bytes, sha256 });
        }
        Ok(())
    }

    /// Step 2, the blobs that the state names; reading one checks its hash.
    fn blobs(&mut self) -> Result<(), BackupError> {
        let mut after: Option<String> = None;
        loop {
            let page = self.province.read(|view| view.named_blobs_after(after.as_deref(), PAGE))?;
            for address in &page {
                self.blob(address)?;
            }
            match page.into_iter().next_back() {
                Some(last) => after = Some(last),
                None => return Ok(()),
            }
        }
    }

    fn blob(&mut self, address: &str) -> Result<(), BackupError> {
        let id = address.parse().map_err(StoreError::from)?;
        let content = self.province.vault().blobs.get(&id).map_err(StoreError::from)?;
        let Some(content) = content else {
            // Retention may have taken it, and its row, since the page was read.
            let named = self.province.read(|view| view.names_blob(address))?;
            let blob = address.to_owned();
            return if named { Err(BackupError::BlobMissing { blob }) } else { Ok(()) };
        };
        let path = format!("{}/{}/{address}", folder::BLOBS, &address[..2]);
        self.append(&path, content.len() as u64, &content[..])?;
        self.blobs.add(address, content.len() as u64);
        Ok(())
    }

    /// Step 2, everything else.
    fn files(&mut self) -> Result<(), BackupError> {
        for path in source::files(self.province.folder())? {
            self.file(&path)?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), BackupError> {
        let place = self.province.folder().join(path);
        let file = match File::open(&place) {
            // Removed since the folder was listed, as a key that is done is.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file.map_err(BackupError::io("opening", &place))?,
        };
        // What a file gains while it is read is not part of this backup.
        let bytes = file.metadata().map_err(BackupError::io("measuring", &place))?.len();
        let name = text_of(path)?;
        let mut reading = Hashing::new(file.take(bytes));
        self.append(&name, bytes, &mut reading)?;
        let (_, read, sha256) = reading.end();
        if read != bytes {
            return Err(BackupError::Changed { path: place });
        }
        self.files.push(FileEntry { path: name, bytes, sha256 });
        Ok(())
    }

    fn end(mut self) -> Result<(Manifest, Output), BackupError> {
        let blobs = std::mem::replace(&mut self.blobs, BlobCount::new()).summary();
        let files = std::mem::take(&mut self.files);
        let manifest = Manifest { preface: self.preface.clone(), files, blobs };
        let content = serde_json::to_vec_pretty(&manifest).map_err(BackupError::encoding)?;
        self.append(MANIFEST, content.len() as u64, &content[..])?;
        let finished = self.tar.into_inner().and_then(StreamWriter::finish);
        Ok((manifest, finished.map_err(written)?))
    }

    fn append(&mut self, path: &str, bytes: u64, content: impl Read) -> Result<(), BackupError> {
        if self.province.is_closed() {
            return Err(BackupError::Closed);
        }
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes);
        header.set_mode(ENTRY_MODE);
        header.set_mtime(self.preface.made.div_euclid(1000).max(0).unsigned_abs());
        self.tar.append_data(&mut header, path, content).map_err(written)
    }
}

fn position_of(province: &Province, sequence: u64) -> Result<Position, BackupError> {
    let record = province.journal().read_from(sequence)?.next().transpose()?;
    let last = province.journal().position().sequence;
    let gone = crate::journal::JournalError::Unavailable { asked: sequence, first: 1, last };
    Ok(record.ok_or(gone)?.position())
}

fn encrypted(
    recipients: &[BackupRecipient],
    output: Output,
) -> Result<StreamWriter<Output>, BackupError> {
    let each = recipients.iter().map(|recipient| &recipient.0 as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(each).map_err(|error| match error {
        age::EncryptError::MissingRecipients => BackupError::NoRecipient,
        other => BackupError::Encrypting(other.to_string()),
    })?;
    encryptor.wrap_output(output).map_err(written)
}

fn text_of(path: &Path) -> Result<String, BackupError> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| BackupError::NoPath { path: path.to_owned() })
}

fn written(source: io::Error) -> BackupError {
    BackupError::Writing(Arc::new(source))
}
