//! What lies in a folder and knows of records that its journal does not have.

use std::io;
use std::path::Path;

use super::BackupError;
use crate::error::StoreError;
use crate::province::{accept_lost_checkpoints, folder};

/// Drops images of the state after later records than `sequence`, and accepts that
/// what checkpoints were signed over beyond it is not here: they are kept, and
/// listed as accepted.
pub(crate) fn set_aside(home: &Path, sequence: u64) -> Result<(), BackupError> {
    accept_lost_checkpoints(home, None, sequence).map_err(StoreError::from)?;
    let images = home.join(folder::IMAGES);
    let entries = match std::fs::read_dir(&images) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(BackupError::io("reading", &images))?,
    };
    for entry in entries {
        let path = entry.map_err(BackupError::io("reading", &images))?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let of = stem.and_then(|stem| stem.parse::<u64>().ok());
        if of.is_some_and(|of| of > sequence) {
            std::fs::remove_file(&path).map_err(BackupError::io("removing", &path))?;
        }
    }
    Ok(())
}
