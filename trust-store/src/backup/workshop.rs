//! The folder in which a province is restored until it is whole.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::BackupError;
use crate::error::StoreError;

const OWNER_ONLY: u32 = 0o700;

/// Tells the checks of one process apart.
static CHECKS: AtomicU64 = AtomicU64::new(0);

/// A folder that is removed with all that is in it, unless it is kept.
#[derive(Debug)]
pub(super) struct Workshop {
    path: PathBuf,
    kept: bool,
}

impl Workshop {
    /// Beside `to`, which must be new or empty: on the same file system.
    pub(super) fn beside(to: &Path) -> Result<Self, BackupError> {
        match fs::read_dir(to).map(|mut entries| entries.next().is_none()) {
            Ok(true) => {}
            Ok(false) => return Err(StoreError::NotEmpty { folder: to.to_owned() }.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BackupError::io("reading", to)(error)),
        }
        let no_path = || BackupError::NoPath { path: to.to_owned() };
        let whole = std::path::absolute(to).map_err(|_| no_path())?;
        let name = whole.file_name().and_then(|name| name.to_str()).ok_or_else(no_path)?;
        Self::make(whole.with_file_name(format!("{name}.restoring")))
    }

    /// Among the system's temporary files.
    pub(super) fn anywhere() -> Result<Self, BackupError> {
        let number = CHECKS.fetch_add(1, Ordering::Relaxed);
        let name = format!("tongxing-backup-check-{}-{number}", std::process::id());
        Self::make(std::env::temp_dir().join(name))
    }

    fn make(path: PathBuf) -> Result<Self, BackupError> {
        match DirBuilder::new().mode(OWNER_ONLY).create(&path) {
            Ok(()) => Ok(Self { path, kept: false }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(BackupError::Leftover { path })
            }
            Err(error) => Err(BackupError::io("making", &path)(error)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Syncs everything in it and gives it its name.
    pub(super) fn keep(mut self, to: &Path) -> Result<(), BackupError> {
        let here = File::open(&self.path).map_err(BackupError::io("opening", &self.path))?;
        // One call for what may be millions of files; it reports what failed to be written.
        nix::unistd::syncfs(&here)
            .map_err(|error| BackupError::io("syncing", &self.path)(error.into()))?;
        fs::rename(&self.path, to).map_err(BackupError::io("renaming to", to))?;
        self.kept = true;
        let parent = self.path.parent().unwrap_or(Path::new("/"));
        let synced = File::open(parent).and_then(|parent| parent.sync_all());
        synced.map_err(BackupError::io("syncing", parent))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            let (path, error) = (self.path.display(), Arc::new(error));
            tracing::warn!(%path, %error, "what was unpacked could not be removed: remove it");
        }
    }
}
