//! `tongxing repair accept-checkpoints`: going on though the second place says something
//! else.
//!
//! For a province that goes on from a backup, or from a standby that was promoted by
//! force, while its second place for checkpoints was away: what was signed there over the
//! records that are gone contradicts those that took their numbers, and refuses every
//! start. Nobody but the operators can tell that from a journal that was exchanged.
//!
//! 1. The province is opened, and the checkpoints in the second place are compared with
//!    its journal, from the newest down to one that agrees.
//! 2. What the operator confirmed must be what the newest of them was signed over. A
//!    record says that they are accepted, why and by whom.
//! 3. They are listed as accepted. A power cut before that leaves the record, and the
//!    same command again goes on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::RepairError;
use crate::change::{Actor, Change, CheckpointsAccepted, Entry};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::evidence::SignedCheckpoint;
use crate::province::Province;
use crate::replica::ReplicaRole;

/// Checkpoints in the second place that contradict the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// The second place.
    pub place: PathBuf,
    /// Over how many records the newest of them was signed.
    pub signed: u64,
    /// How many there are.
    pub count: u64,
    /// How many records the journal has.
    pub records: u64,
}

/// Accepts that checkpoints contradict the journal.
#[derive(Debug, Clone)]
pub struct AcceptCheckpoints {
    /// Over how many records the newest of them was signed, as the operator read it.
    pub signed: u64,
    /// Why, for the journal.
    pub reason: String,
    /// Who accepts it.
    pub by: Actor,
}

/// What in the second place `copy` contradicts the journal of the province in `folder`;
/// `None` if nothing does. Nothing is changed.
///
/// # Errors
/// [`RepairError::Store`] when the province does not open, or the place cannot be read.
pub fn contradiction(
    folder: &Path,
    copy: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Option<Contradiction>, RepairError> {
    let province = Province::open(folder, clock)?;
    Ok(Found::of(&province, copy)?.told)
}

impl AcceptCheckpoints {
    /// Goes on nevertheless; the number of the record that says so.
    ///
    /// # Errors
    /// [`RepairError::NothingContradicts`], [`RepairError::OtherCheckpoints`], and what
    /// kept it from being done.
    pub async fn carry_out(
        &self,
        folder: &Path,
        copy: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<u64, RepairError> {
        let province = Province::open(folder, clock)?;
        if province.role() != ReplicaRole::Primary {
            return Err(RepairError::NotPrimary { folder: folder.to_owned() });
        }
        let Found { told, notes } = Found::of(&province, copy)?;
        let told = told.ok_or(RepairError::NothingContradicts)?;
        if told.signed != self.signed {
            let (signed, confirmed) = (told.signed, self.signed);
            return Err(RepairError::OtherCheckpoints { signed, confirmed });
        }
        let change = Change::CheckpointsAccepted(CheckpointsAccepted {
            signed: told.signed,
            count: told.count,
            reason: self.reason.clone(),
        });
        let (recorded, _) = province.submit(&Entry { by: self.by.clone(), change }).await?;
        province.keeper().accept(notes).map_err(StoreError::from)?;
        province.close();
        Ok(recorded)
    }
}

struct Found {
    told: Option<Contradiction>,
    notes: Vec<SignedCheckpoint>,
}

impl Found {
    fn of(province: &Province, copy: &Path) -> Result<Self, RepairError> {
        let known = province.evidence_keys()?;
        let journal = &**province.journal();
        let notes = province.keeper().contradictions(copy, journal, &known);
        let notes = notes.map_err(StoreError::from)?;
        let told = notes.first().map(|newest| Contradiction {
            place: copy.to_owned(),
            signed: newest.checkpoint().size,
            count: notes.len() as u64,
            records: journal.position().sequence,
        });
        Ok(Self { told, notes })
    }
}
