//! A fenced folder, taken back into service.
//!
//! For a primary that was told to stop by a standby which never became the primary: lost
//! with its machine in the middle of its promotion. The folder that has everything is
//! fenced for good, and there is no other to join.
//!
//! 1. Behind the journal's lock: the folder must be fenced by the term that the operator
//!    read, and confirms to be of a gateway that will never serve.
//! 2. The folder says that it is being promoted to the next term, by force; then its fence
//!    is removed. A power cut leaves it fenced, or what it becomes.
//! 3. The province is opened, which completes the promotion: a record says so, and why.

use std::path::Path;
use std::sync::Arc;

use super::station::{self, Station};
use crate::change::{Actor, Forced, Promoted};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::journal::FileJournal;
use crate::province::{Province, folder as names};

/// Takes a fenced folder back.
#[derive(Debug, Clone)]
pub struct TakeBack {
    /// The term that fenced it, as the operator read it.
    pub term: u64,
    /// Why, for the journal.
    pub reason: String,
    /// Whose doing it is.
    pub by: Actor,
}

/// The term that fenced `folder`; `None` if none did.
///
/// # Errors
/// [`StoreError`] when its marks cannot be read.
pub fn fenced_by(folder: &Path) -> Result<Option<u64>, StoreError> {
    Ok(match Station::read(folder)? {
        Station::Fenced { term } => Some(term),
        Station::Primary | Station::Standby | Station::Promoting { .. } => None,
    })
}

impl TakeBack {
    /// Makes the folder the primary's of the next term; the number of the record that
    /// says so.
    ///
    /// # Errors
    /// [`StoreError::NotFencedBy`] unless it is fenced by that term; the journal is in
    /// use, or what kept the province from opening: then opening it goes on.
    pub fn carry_out(&self, folder: &Path, clock: Arc<dyn Clock>) -> Result<u64, StoreError> {
        if !folder.join(names::JOURNAL).is_dir() {
            return Err(StoreError::NotFound { folder: folder.to_owned() });
        }
        let lock = FileJournal::lock_alone(&folder.join(names::JOURNAL))?;
        let fenced = fenced_by(folder)?;
        if fenced != Some(self.term) {
            return Err(StoreError::NotFencedBy { confirmed: self.term, fenced });
        }
        let forced = Some(Forced { signed: None, reason: Some(self.reason.clone()) });
        let promoted = Promoted { term: self.term + 1, forced };
        Station::Promoting { promoted, by: self.by.clone() }.write(folder)?;
        station::remove_fence(folder)?;
        drop(lock);
        let province = Province::open(folder, clock)?;
        let recorded = province.position().sequence;
        province.close();
        Ok(recorded)
    }
}
