//! Making a province, and opening one.
//!
//! Opening, and what is mended on the way:
//! 1. The journal is opened and locked; a torn last record is cut off.
//! 2. The index is opened with suspicion. When it is missing, damaged or follows
//!    another journal it is made anew, and the report says so. When it is ahead of
//!    the journal records were lost: that is an error, and nothing is touched.
//! 3. What the journal has beyond the index is applied.
//! 4. The snapshot is compiled, and the applier starts to follow.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::applier::{self, decode};
use super::outcomes::Outcomes;
use super::{Province, Shared, Vault, folder};
use crate::blobs::Blobs;
use crate::change::{Actor, Change, Entry, Names, PolicyText};
use crate::clock::Clock;
use crate::command::PolicyFile;
use crate::error::StoreError;
use crate::index::{Index, IndexOptions, Opened};
use crate::journal::{self, FileJournal, Journal, JournalOptions};
use crate::policy::ProvincePolicy;
use crate::seal::{LookupKeys, PersonKeys};
use crate::snapshot::Compiler;
use crate::state::{Lookups, View};

/// What opening a province found and mended.
#[derive(Debug, Clone)]
pub struct OpenReport {
    /// The journal's own report: its end, and what was cut off it.
    pub journal: journal::OpenReport,
    /// Why the index was rebuilt, if it was.
    pub rebuilt: Option<String>,
    /// How many records were applied to the index on opening.
    pub applied: u64,
}

impl Province {
    /// Makes a province in a new or empty folder: keys, journal, first record.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::ProvincePolicy`], or a file that
    /// could not be written; what was made by then is left for the caller to
    /// remove.
    pub fn create(
        folder: &Path,
        name_zh: &str,
        name_en: Option<&str>,
        policy: PolicyFile,
        by: &Actor,
        clock: Arc<dyn Clock>,
    ) -> Result<(), StoreError> {
        refuse_used(folder)?;
        ProvincePolicy::parse(&policy.name, &policy.source)
            .map_err(|errors| StoreError::ProvincePolicy(errors.to_string()))?;
        private_folder(folder)?;
        let keys = folder.join(folder::KEYS);
        private_folder(&keys)?;
        LookupKeys::init(&keys.join(folder::LOOKUP_KEYS))?;
        PersonKeys::init(&keys.join(folder::PERSON_KEYS))?;
        private_folder(&folder.join(folder::BLOBS))?;
        let entry = Entry {
            by: by.clone(),
            change: Change::ProvinceCreated {
                names: Names { zh: name_zh.to_owned(), en: name_en.map(str::to_owned) },
                policy: PolicyText { file: policy.name, source: policy.source },
            },
        };
        let payload = serde_json::to_vec(&entry).map_err(StoreError::encoding)?;
        let options = JournalOptions::default();
        let journal = FileJournal::create(&folder.join(folder::JOURNAL), clock, &options)?;
        journal.append(payload).wait()?;
        journal.close();
        Ok(())
    }

    /// Opens a province and becomes its one writer.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where there is none, [`StoreError::Journal`] when
    /// another process has it or its journal is damaged; see the module's steps
    /// for what is mended instead.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        if !folder.join(folder::JOURNAL).is_dir() {
            return Err(StoreError::NotFound { folder: folder.to_owned() });
        }
        let options = JournalOptions::default();
        let (journal, found) =
            FileJournal::open(&folder.join(folder::JOURNAL), Arc::clone(&clock), &options)?;
        let journal: Arc<dyn Journal> = Arc::new(journal);
        // Only behind the journal's lock: opening the key files may mend them.
        let vault = Arc::new(open_vault(folder)?);
        let (index, rebuilt, applied) = open_index(&folder.join(folder::STATE), &*journal)?;
        vault.destroy(&View(&index).given_up_keys()?)?;
        let mut compiler = Compiler::new(Arc::clone(&vault));
        let revision = index.applied();
        let snapshot = compiler.compile(&index, revision)?;
        let shared = Arc::new(Shared {
            index,
            snapshot: ArcSwap::from_pointee(snapshot),
            revisions: watch::Sender::new(revision),
            outcomes: Outcomes::starting_at(revision + 1),
        });
        let thread = applier::start(&*journal, Arc::clone(&shared), compiler)?;
        Ok(Self {
            folder: folder.to_owned(),
            clock,
            journal,
            shared,
            vault,
            applier: Mutex::new(Some(thread)),
            opened: OpenReport { journal: found, rebuilt, applied },
        })
    }
}

fn open_vault(folder: &Path) -> Result<Vault, StoreError> {
    let keys = folder.join(folder::KEYS);
    Ok(Vault {
        blobs: Blobs::open(&folder.join(folder::BLOBS))?,
        persons: PersonKeys::open_file(&keys.join(folder::PERSON_KEYS))?,
        lookups: LookupKeys::open(&keys.join(folder::LOOKUP_KEYS))?,
    })
}

/// Steps 2 and 3. What cannot be applied to a suspicious index is applied to a
/// fresh one before it is called an error.
fn open_index(
    folder: &Path,
    journal: &dyn Journal,
) -> Result<(Index, Option<String>, u64), StoreError> {
    let options = IndexOptions::default();
    let why = match Index::open(folder, &options)? {
        Opened::Clean(index) => match disagreement(&index, journal)? {
            None => match applier::catch_up(journal, &index) {
                Ok(applied) => return Ok((index, None, applied)),
                Err(StoreError::State(why)) => why,
                Err(other) => return Err(other),
            },
            Some(why) => why,
        },
        Opened::Damaged { why } => why,
    };
    tracing::warn!(%why, "the index is rebuilt from the journal");
    let index = Index::reset(folder, &options)?;
    let applied = applier::catch_up(journal, &index)?;
    Ok((index, Some(why), applied))
}

/// Whether the index follows this journal at all.
fn disagreement(index: &Index, journal: &dyn Journal) -> Result<Option<String>, StoreError> {
    let applied = index.applied();
    let last = journal.position().sequence;
    if applied == 0 {
        // Making a province writes its first record and no index.
        return Ok((last > 1).then(|| "the index is empty".to_owned()));
    }
    if applied > last {
        // Only durable records are applied: some of them are gone.
        return Err(StoreError::RecordsLost { applied, last });
    }
    let head = match View(index).clock() {
        Ok(clock) => clock.head,
        Err(error) => return Ok(Some(error.to_string())),
    };
    let record = journal.read_from(applied)?.next().transpose()?;
    match record {
        Some(record) if record.hash().to_string() == head => {
            decode(&record)?;
            Ok(None)
        }
        _ => Ok(Some(format!("it follows another journal: record {applied} is not the same"))),
    }
}

fn refuse_used(folder: &Path) -> Result<(), StoreError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(StoreError::NotEmpty { folder: folder.to_owned() }),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io("reading", folder)(error)),
    }
}

/// Makes a folder that only its owner may enter.
fn private_folder(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(StoreError::io("making", folder))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .map_err(StoreError::io("protecting", folder))
}
