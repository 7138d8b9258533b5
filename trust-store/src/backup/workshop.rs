//! The folder in which a province is restored until it is whole.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::BackupError;
use crate::error::StoreError;

const OWNER_ONLY: u32 = 0o700;

/// Tells the checks of one process apart.
static CHECKS: AtomicU64 = AtomicU64::new(0);

/// The folders that hold a province in the clear, of everybody in this process.
static OPEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn open() -> MutexGuard<'static, Vec<PathBuf>> {
    // Each change of it is one step.
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is unpacked and not restored yet, keys and all: for a process that is
/// told to end, where nothing is dropped any more. Whoever works there meanwhile fails.
///
/// # Errors
/// The folders that could not be removed.
pub fn abandon_restores() -> Result<(), Vec<PathBuf>> {
    let mut left = Vec::new();
    for path in std::mem::take(&mut *open()) {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".abandoned");
        let aside = path.with_file_name(name);
        // What is written under the old name from now on finds no folder.
        let removed = fs::rename(&path, &aside).and_then(|()| fs::remove_dir_all(&aside));
        if let Err(error) = removed
            && error.kind() != io::ErrorKind::NotFound
        {
            left.push(path);
        }
    }
    if left.is_empty() { Ok(()) } else { Err(left) }
}

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
            Ok(()) => {
                open().push(path.clone());
                Ok(Self { path, kept: false })
            }
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
        {
            // Whoever abandons it comes before, or finds nothing of it.
            let mut open = open();
            fs::rename(&self.path, to).map_err(BackupError::io("renaming to", to))?;
            self.kept = true;
            open.retain(|path| *path != self.path);
        }
        let parent = self.path.parent().unwrap_or(Path::new("/"));
        let synced = File::open(parent).and_then(|parent| parent.sync_all());
        synced.map_err(BackupError::io("syncing", parent))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Err(error) = fs::remove_dir_all(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            let (path, error) = (self.path.display(), Arc::new(error));
            tracing::warn!(%path, %error, "what was unpacked could not be removed: remove it");
        }
        open().retain(|path| *path != self.path);
    }
}
