//! Restoring a province from a backup, and checking that it could be.
//!
//! What is left of an interrupted restore in each step is a folder `DIR.restoring`,
//! which no command takes for a province and which the next restore names:
//! 1. The backup is decrypted into that folder, every hash compared with its manifest.
//! 2. The chain is read, from the first record that is there to the last.
//! 3. The state is made from it and compared with the one that was backed up.
//! 4. For an earlier record, the journal is cut after it and the state made anew.
//!    Images of a later state are dropped.
//! 5. A standby's folder is marked as one. Otherwise the journal records that it was
//!    restored: the gap is told. Persons who were erased later, by an operator or by
//!    retention, as far as the backup knows, are erased here too, and what retention
//!    removed later is let go of again: going back does not bring it back.
//! 6. Everything is synced and the folder gets its name.
//!
//! A check ends after step 3, and leaves nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tongxing_pki::Timestamp;

use super::container::{Manifest, StateMark};
use super::unpack::unpack;
use super::workshop::Workshop;
use super::{BackupError, BackupIdentity, beyond};
use crate::change::{Actor, Change, Entry, Restored, RetentionApplied};
use crate::clock::Clock;
use crate::error::StoreError;
use crate::ids::SubjectId;
use crate::journal::{Position, Record, cut_after, read_unarchived};
use crate::province::{Inspected, Province, decode, folder, inspect};
use crate::replica::make_standby;
use crate::state::{Lookups, SubjectRow};

/// What is to be restored.
#[derive(Debug, Clone)]
pub struct Restore {
    /// The backup.
    pub file: PathBuf,
    /// One of them opens it.
    pub identities: Vec<BackupIdentity>,
    /// How much of it.
    pub until: RestoreUntil,
    /// Why, for the journal.
    pub reason: String,
    /// Who does it.
    pub by: Actor,
}

/// The last record that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreUntil {
    /// The backup's last.
    End,
    /// The backup's last, and nothing is recorded of it: the folder is a standby's,
    /// which follows its primary from there.
    EndAsStandby,
    /// The one with this number.
    Sequence(u64),
    /// The last that was written at this moment or before.
    Moment(Timestamp),
}

/// A backup that could be restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupCheck {
    /// When it was made, Unix milliseconds.
    pub made: i64,
    /// By which version of the program.
    pub version: String,
    /// Its last record.
    pub sequence: u64,
    /// Hex hash of that record.
    pub head: String,
    /// Hash of the state that its records make, as it was when it was backed up.
    pub state: String,
    /// How many files, blobs not counted.
    pub files: u64,
    /// How many blobs.
    pub blobs: u64,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreReport {
    /// Where the province is now.
    pub folder: PathBuf,
    /// The last record that was kept.
    pub sequence: u64,
    /// Hex hash of that record.
    pub head: String,
    /// Hash of the state up to it.
    pub state: String,
    /// The record that says it was restored; of a standby, where nothing says so, the
    /// last one.
    pub recorded: u64,
    /// Persons who were registered at `sequence` and erased later.
    pub erased: Vec<SubjectId>,
    /// The backup.
    pub backup: BackupCheck,
}

/// Checks that a backup could be restored, leaving nothing behind. Needs room for
/// the province in the folder for temporary files.
///
/// # Errors
/// What is wrong with it.
pub fn check_backup(
    file: &Path,
    identities: &[BackupIdentity],
    clock: &Arc<dyn Clock>,
) -> Result<BackupCheck, BackupError> {
    let workshop = Workshop::anywhere()?;
    let opened = Opened::unpack(file, identities, workshop.path(), clock)?;
    Ok(opened.check)
}

impl Restore {
    /// Restores into `to`, a new or empty folder.
    ///
    /// # Errors
    /// What is wrong with the backup, with what was asked, or with the folder; then
    /// there is nothing in it.
    pub async fn carry_out(
        &self,
        to: &Path,
        clock: Arc<dyn Clock>,
    ) -> Result<RestoreReport, BackupError> {
        let workshop = Workshop::beside(to)?;
        let home = workshop.path();
        let opened = Opened::unpack(&self.file, &self.identities, home, &clock)?;
        let cut = Cut::choose(home, self.until, opened.position.sequence)?;
        let at = cut.apply(home, opened.inspected.clone(), &clock)?;
        let (recorded, erased) = if self.until == RestoreUntil::EndAsStandby {
            make_standby(home)?;
            (at.position.sequence, Vec::new())
        } else {
            self.record(home, &cut, &opened, &clock).await?
        };
        let report = RestoreReport {
            folder: to.to_owned(),
            sequence: at.position.sequence,
            head: at.position.hash.to_string(),
            state: StateMark::of(at.state).hash,
            recorded,
            erased,
            backup: opened.check,
        };
        workshop.keep(to)?;
        Ok(report)
    }

    /// Step 5.
    async fn record(
        &self,
        home: &Path,
        cut: &Cut,
        opened: &Opened,
        clock: &Arc<dyn Clock>,
    ) -> Result<(u64, Vec<SubjectId>), BackupError> {
        let province = Province::open(home, Arc::clone(clock))?;
        let change = Change::Restored(Restored {
            sequence: cut.sequence,
            of_backup_sequence: opened.position.sequence,
            reason: self.reason.clone(),
        });
        let (recorded, _) = province.submit(&Entry { by: self.by.clone(), change }).await?;
        let erased = self.forget_again(&province, &cut.later, &opened.inspected.given_up).await?;
        let given_up = province.read(|view| view.given_up_keys())?;
        province.vault().destroy(&given_up)?;
        // Also of those who were registered after the cut.
        province.vault().destroy(&opened.inspected.given_up)?;
        province.close();
        Ok((recorded, erased))
    }

    /// Erases again whose keys the cut-off records gave up, and lets go of the blobs
    /// that they removed; returns who was erased.
    async fn forget_again(
        &self,
        province: &Province,
        later: &Forgotten,
        given_up: &[SubjectId],
    ) -> Result<Vec<SubjectId>, BackupError> {
        let submit = |change| Entry { by: self.by.clone(), change };
        let mut erased = Vec::new();
        for (subject, reason) in &later.persons {
            let row = province.read(|view| view.subject(subject))?;
            // Retention leaves those alone who signed in since it was planned.
            let is_erased = |row: SubjectRow| row.sealed_under.iter().any(|k| given_up.contains(k));
            if row.is_some_and(is_erased) {
                let (subject, reason) = (subject.clone(), reason.clone());
                erased.push(subject.clone());
                province.submit(&submit(Change::SubjectErased { subject, reason })).await?;
            }
        }
        for removed in &later.blobs {
            province.submit(&submit(Change::RetentionApplied(removed.clone()))).await?;
        }
        Ok(erased)
    }
}

/// A backup, unpacked and found to be what it says.
struct Opened {
    position: Position,
    inspected: Inspected,
    check: BackupCheck,
}

impl Opened {
    /// Steps 1 to 3.
    fn unpack(
        file: &Path,
        identities: &[BackupIdentity],
        home: &Path,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, BackupError> {
        let manifest = unpack(file, identities, home)?;
        let sequence = manifest.preface.sequence;
        let position = read_chain(home, |_| Ok(()))?;
        if (position.sequence, position.hash.to_string())
            != (sequence, manifest.preface.head.clone())
        {
            let (path, entry) = (file.to_owned(), folder::JOURNAL.to_owned());
            return Err(BackupError::Differs { path, entry });
        }
        beyond::set_aside(home, sequence)?;
        // What was sealed while the backup was made says more than the segments here.
        cut_after(&home.join(folder::JOURNAL), sequence)?;
        let inspected = inspect(home, clock)?;
        let state = StateMark::of(inspected.state);
        if state != manifest.preface.state {
            let version = manifest.preface.version;
            return Err(BackupError::StateDiffers { path: file.to_owned(), sequence, version });
        }
        Ok(Self { position, inspected, check: check_of(manifest) })
    }
}

fn check_of(manifest: Manifest) -> BackupCheck {
    BackupCheck {
        made: manifest.preface.made,
        version: manifest.preface.version,
        sequence: manifest.preface.sequence,
        head: manifest.preface.head,
        state: manifest.preface.state.hash,
        files: manifest.files.len() as u64,
        blobs: manifest.blobs.count,
    }
}

/// Where the journal is cut, and what was forgotten in what is cut off.
struct Cut {
    sequence: u64,
    last: u64,
    later: Forgotten,
}

/// What records say is to be forgotten.
#[derive(Default)]
struct Forgotten {
    /// Persons, and why.
    persons: Vec<(SubjectId, String)>,
    /// Blobs that retention removed, without anything else that it did.
    blobs: Vec<RetentionApplied>,
}

impl Forgotten {
    fn note(&mut self, sequence: u64, change: Change) {
        match change {
            Change::SubjectErased { subject, reason } => self.persons.push((subject, reason)),
            Change::RetentionApplied(mut removed) => {
                let persons = removed.persons.take();
                let persons = persons.into_iter().flat_map(|erased| erased.persons);
                let reason = format!("retention, by the backup's record {sequence}");
                self.persons.extend(persons.map(|person| (person, reason.clone())));
                removed.segments.clear();
                if removed != RetentionApplied::default() {
                    self.blobs.push(removed);
                }
            }
            _ => {}
        }
    }
}

impl Cut {
    fn choose(home: &Path, until: RestoreUntil, last: u64) -> Result<Self, BackupError> {
        let sequence = match until {
            RestoreUntil::End | RestoreUntil::EndAsStandby => last,
            RestoreUntil::Sequence(sequence) => sequence,
            RestoreUntil::Moment(moment) => last_at(home, moment)?,
        };
        if sequence == 0 || sequence > last {
            return Err(BackupError::NotInBackup { sequence, last });
        }
        let mut later = Forgotten::default();
        if sequence < last {
            read_chain(home, |record| {
                if record.sequence() > sequence {
                    later.note(record.sequence(), decode(record)?.change);
                }
                Ok(())
            })?;
        }
        Ok(Self { sequence, last, later })
    }

    /// Step 4. What stands at the end of the journal then.
    fn apply(
        &self,
        home: &Path,
        whole: Inspected,
        clock: &Arc<dyn Clock>,
    ) -> Result<Inspected, BackupError> {
        if self.sequence == self.last {
            return Ok(whole);
        }
        cut_after(&home.join(folder::JOURNAL), self.sequence)?;
        beyond::set_aside(home, self.sequence)?;
        let state = home.join(folder::STATE);
        std::fs::remove_dir_all(&state).map_err(BackupError::io("removing", &state))?;
        match inspect(home, clock) {
            Err(StoreError::Archived { first, .. }) => {
                Err(BackupError::BehindArchive { sequence: self.sequence, first })
            }
            inspected => Ok(inspected?),
        }
    }
}

/// The last record written at `moment` or before.
fn last_at(home: &Path, moment: Timestamp) -> Result<u64, BackupError> {
    let mut last = 0;
    read_chain(home, |record| {
        if record.time_millis().div_euclid(1000) <= moment.unix() {
            last = record.sequence();
        }
        Ok(())
    })?;
    if last == 0 { Err(BackupError::BeforeBackup { moment }) } else { Ok(last) }
}

/// Reads every record that is there; returns where the journal ends.
fn read_chain(
    home: &Path,
    mut each: impl FnMut(&Record) -> Result<(), BackupError>,
) -> Result<Position, BackupError> {
    let mut reader = read_unarchived(&home.join(folder::JOURNAL))?;
    while let Some(record) = reader.next_record()? {
        each(&record)?;
    }
    Ok(reader.position())
}
