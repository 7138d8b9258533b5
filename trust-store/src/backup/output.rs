//! The file that a backup is written to: beside its place until it is whole.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::digest::{Context, SHA256};

use super::BackupError;
use crate::files::{FileLayer, LayerFile};
use crate::hex;

/// How much is read back at a time.
const CHUNK: usize = 1 << 20;

/// A file being written as `FILE.new`. Dropped, it is removed.
#[derive(Debug)]
pub(super) struct Unfinished {
    files: Arc<dyn FileLayer>,
    path: PathBuf,
    temporary: PathBuf,
    folder: PathBuf,
    kept: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) bytes: u64,
    /// Hex SHA-256 of the file.
    pub(super) sha256: String,
}

impl Unfinished {
    /// Makes `FILE.new`; one that an interrupted backup left is replaced.
    pub(super) fn create(
        files: Arc<dyn FileLayer>,
        path: &Path,
    ) -> Result<(Self, Output), BackupError> {
        let no_path = || BackupError::NoPath { path: path.to_owned() };
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(no_path)?;
        let folder = path.parent().filter(|_| path.is_absolute()).ok_or_else(no_path)?;
        let temporary = folder.join(format!("{name}.new"));
        match files.open_read(path) {
            Ok(_) => return Err(BackupError::Exists { path: path.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BackupError::io("asking about", path)(error)),
        }
        match files.remove(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(BackupError::io("removing", &temporary)(error));
            }
            _ => {}
        }
        let file = files.create(&temporary).map_err(BackupError::io("creating", &temporary))?;
        let (path, folder) = (path.to_owned(), folder.to_owned());
        let output = Output { file, bytes: 0, context: Context::new(&SHA256) };
        Ok((Self { files, path, temporary, folder, kept: false }, output))
    }

    /// Syncs what was written and reads it back from the medium.
    pub(super) fn verify(&self, mut output: Output) -> Result<Written, BackupError> {
        let failed = |doing| BackupError::io(doing, &self.temporary);
        output.file.sync().map_err(failed("syncing"))?;
        output.file.forget_cached().map_err(failed("reading back"))?;
        let written = hex::encode(output.context.finish().as_ref());
        let (mut context, mut offset) = (Context::new(&SHA256), 0);
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = output.file.read_at(offset, &mut chunk).map_err(failed("reading back"))?;
            if read == 0 {
                break;
            }
            context.update(&chunk[..read]);
            offset += read as u64;
        }
        if offset != output.bytes || hex::encode(context.finish().as_ref()) != written {
            return Err(BackupError::ReadBack { path: self.path.clone() });
        }
        Ok(Written { bytes: offset, sha256: written })
    }

    /// Gives it its name, for good.
    pub(super) fn keep(mut self) -> Result<(), BackupError> {
        let renamed = self.files.rename(&self.temporary, &self.path);
        renamed.map_err(BackupError::io("renaming to", &self.path))?;
        self.kept = true;
        self.files.sync_folder(&self.folder).map_err(BackupError::io("syncing", &self.folder))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = self.files.remove(&self.temporary)
        {
            let path = self.temporary.display();
            tracing::warn!(%path, %error, "an unfinished backup could not be removed");
        }
    }
}

/// Writes to the end of the file, hashing what it writes.
pub(super) struct Output {
    file: Box<dyn LayerFile>,
    bytes: u64,
    context: Context,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_at(self.bytes, bytes)?;
        self.context.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
