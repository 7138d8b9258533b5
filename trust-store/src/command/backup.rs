//! Backups, as operators ask for them.

use std::path::Path;
use std::sync::Arc;

use super::{CommandError, FailureKind, Reply};
use crate::backup::{self, BackupError};
use crate::change::Actor;
use crate::error::StoreError;
use crate::files::Disk;
use crate::province::Province;

/// Makes a backup; the record of it is durable before the file has its name.
pub(super) async fn make(
    province: &Province,
    by: &Actor,
    file: &Path,
    recipients: &[String],
) -> Result<Reply, CommandError> {
    let view = backup::make(province, Arc::new(Disk), by, file, recipients).await?;
    Ok(Reply::BackedUp(Box::new(view)))
}

impl From<BackupError> for CommandError {
    fn from(error: BackupError) -> Self {
        let kind = match &error {
            BackupError::Recipient { .. }
            | BackupError::NoRecipient
            | BackupError::Identity { .. }
            | BackupError::Exists { .. }
            | BackupError::InsideProvince { .. }
            | BackupError::NoPath { .. }
            | BackupError::WrongIdentity { .. }
            | BackupError::Damaged { .. }
            | BackupError::Format { .. }
            | BackupError::NotInBackup { .. }
            | BackupError::BehindArchive { .. }
            | BackupError::BeforeBackup { .. }
            | BackupError::Leftover { .. }
            | BackupError::Store(StoreError::NotEmpty { .. }) => FailureKind::BadInput,
            BackupError::UnderWay
            | BackupError::Differs { .. }
            | BackupError::StateDiffers { .. } => FailureKind::Refused,
            BackupError::Closed
            | BackupError::BlobMissing { .. }
            | BackupError::Changed { .. }
            | BackupError::ReadBack { .. }
            | BackupError::Journal(_)
            | BackupError::Store(_)
            | BackupError::Encoding(_)
            | BackupError::Encrypting(_)
            | BackupError::Writing(_)
            | BackupError::Io { .. } => FailureKind::Unavailable,
        };
        Self { kind, message: error.to_string() }
    }
}
