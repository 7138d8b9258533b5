//! Frames that came from elsewhere.

use std::collections::BTreeSet;

use crate::change::{Change, Entry, Named};
use crate::error::StoreError;
use crate::journal::{Position, read_frames};
use crate::province::decode;

/// What the records of some frames name, and what they are.
#[derive(Debug, Default)]
pub(super) struct Inspected {
    pub(super) blobs: BTreeSet<String>,
    pub(super) persons: BTreeSet<String>,
    pub(super) erases: bool,
    pub(super) removes_blobs: bool,
}

/// Checks that `frames` go on after `position`, and reads them.
pub(super) fn inspect(frames: &[u8], position: &Position) -> Result<Inspected, StoreError> {
    let records = read_frames(frames, position).map_err(|kind| StoreError::Diverged {
        sequence: position.sequence + 1,
        why: kind.to_string(),
    })?;
    let mut inspected = Inspected::default();
    for record in &records {
        let Entry { change, .. } = decode(record)?;
        let Named { blobs, persons } = change.named();
        inspected.blobs.extend(blobs);
        inspected.persons.extend(persons.iter().map(ToString::to_string));
        inspected.erases |= change.erases_persons();
        inspected.removes_blobs |= matches!(change, Change::RetentionApplied(_));
    }
    Ok(inspected)
}
