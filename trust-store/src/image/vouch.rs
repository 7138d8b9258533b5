//! Whether the journal stands behind an image.

use super::{ImageError, ImageReader};
use crate::change::{Change, Entry};
use crate::error::StoreError;
use crate::hex;
use crate::journal::{Journal, JournalError, Record};

/// How the change that names an image begins in a record. A record without it
/// need not be decoded; one with it may still be something else.
const NAMING: &[u8] = b"\"image_taken.v1\"";

/// Looks behind an image's last record for the change that names it.
///
/// # Errors
/// [`ImageError::Foreign`], [`ImageError::Unnamed`] or [`ImageError::Unattested`] when
/// the journal does not stand behind it, and what the journal itself says when it cannot be read.
pub(crate) fn vouch(image: &ImageReader, journal: &dyn Journal) -> Result<(), StoreError> {
    let header = image.header();
    let name = || image.name().to_owned();
    let foreign = || ImageError::Foreign { name: name(), sequence: header.sequence };
    if header.sequence >= journal.position().sequence {
        // The record that names it would stand behind it.
        return Err(ImageError::Unnamed { name: name() }.into());
    }
    let stated = hex::encode(&image.stated_sha256()?);
    let records = match journal.read_from(header.sequence + 1) {
        Err(JournalError::Unavailable { .. }) => {
            return Err(ImageError::Unattested { name: name() }.into());
        }
        records => records?,
    };
    let mut records = records.peekable();
    if let Some(Ok(next)) = records.peek()
        && *next.previous().as_bytes() != header.head
    {
        return Err(foreign().into());
    }
    for record in records {
        if let Some(taken) = named_by(&record?)
            && taken.sequence == header.sequence
            && taken.sha256 == stated
        {
            return Ok(());
        }
    }
    Err(ImageError::Unnamed { name: name() }.into())
}

fn named_by(record: &Record) -> Option<crate::change::ImageTaken> {
    record.payload().windows(NAMING.len()).find(|window| *window == NAMING)?;
    match serde_json::from_slice(record.payload()) {
        Ok(Entry { change: Change::ImageTaken(taken), .. }) => Some(taken),
        _ => None,
    }
}
