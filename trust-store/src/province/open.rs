//! Making a province, and opening one.
//!
//! Opening, and what is mended on the way:
//! 1. The journal is opened and locked; a torn last record is cut off. On a full disk
//!    the ballast is given back first.
//! 2. The index is opened with suspicion. When it is missing, damaged or follows
//!    another journal it is made anew from the newest image that can be used or
//!    from record 1 (`rebuild`), and the report says so. When it is ahead of the
//!    journal records were lost: that is an error, and nothing is touched.
//! 3. What the journal has beyond the index is applied.
//! 4. The newest checkpoint is compared with the journal: one that was cut off or
//!    exchanged is an error that names both.
//! 5. The snapshot is compiled, and the applier starts to follow.
//! 6. What the folder says of itself holds from here on: a standby takes no
//!    changes, an interrupted promotion is completed, and the journal of a folder
//!    that is fenced is stopped, so that it can only be read.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::applier;
use super::closing::Closing;
use super::outcomes::Outcomes;
use super::progress::{NoProgress, Progress};
use super::rebuild::{self, Ready, Sources};
use super::shared_index::SharedIndex;
use super::{Province, Shared, Vault, evidence, folder};
use crate::blobs::Blobs;
use crate::change::{Actor, Change, Entry, Names, PolicyText};
use crate::clock::Clock;
use crate::command::PolicyFile;
use crate::documents::Numbers;
use crate::error::StoreError;
use crate::evidence::{EvidenceKeys, Keeper, Places, new_origin};
use crate::files::Disk;
use crate::holds::Holds;
use crate::ids::SubjectId;
use crate::image::Images;
use crate::index::Index;
use crate::journal::{self, FileJournal, Journal, JournalOptions, Position};
use crate::past::KeptLists;
use crate::points::Points;
use crate::policy::ProvincePolicy;
use crate::profile::RecordProfile;
use crate::repair;
use crate::replica::Station;
use crate::reserve::Reserve;
use crate::seal::{LookupKeys, PersonKeys};
use crate::snapshot::{Arrivals, BlobSource, Compiler};
use crate::state::{Lookups, View};

/// What opening a province found and mended.
#[derive(Debug, Clone)]
pub struct OpenReport {
    /// The journal's own report: its end, and what was cut off it.
    pub journal: journal::OpenReport,
    /// Why the index was rebuilt, if it was.
    pub rebuilt: Option<String>,
    /// The last record of the image that it was rebuilt from, if from one.
    pub image: Option<u64>,
    /// How many records were applied to the index on opening.
    pub applied: u64,
}

impl Province {
    /// Makes a province of the standard profile, as [`Self::create_with`] does.
    ///
    /// # Errors
    /// As [`Self::create_with`].
    pub fn create(
        folder: &Path,
        name_zh: &str,
        name_en: Option<&str>,
        policy: PolicyFile,
        by: &Actor,
        clock: Arc<dyn Clock>,
    ) -> Result<(), StoreError> {
        let standard = RecordProfile::Standard;
        Self::create_with(standard, folder, (name_zh, name_en), policy, by, clock)
    }

    /// Makes a province in a new or empty folder: keys, journal, first record. Its
    /// profile is for good; its names are the Chinese and the English one.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::ProvincePolicy`], or a file that
    /// could not be written; what was made by then is left for the caller to
    /// remove.
    pub fn create_with(
        profile: RecordProfile,
        folder: &Path,
        (name_zh, name_en): (&str, Option<&str>),
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
        LookupKeys::init(&keys.join(folder::LOOKUP_KEYS), profile)?;
        PersonKeys::init(&keys.join(folder::PERSON_KEYS), profile)?;
        private_folder(&folder.join(folder::BLOBS))?;
        let names = Names { zh: name_zh.to_owned(), en: name_en.map(str::to_owned) };
        let policy = PolicyText { file: policy.name, source: policy.source };
        let change = match profile {
            RecordProfile::Standard => Change::ProvinceCreated { names, policy },
            RecordProfile::Gm => Change::ProvinceCreatedWith { names, policy, profile },
        };
        let entry = Entry { by: by.clone(), change };
        let payload = serde_json::to_vec(&entry).map_err(StoreError::encoding)?;
        let options = JournalOptions::default().profile(profile);
        let journal = FileJournal::create(&folder.join(folder::JOURNAL), clock, &options)?;
        journal.append(payload).wait()?;
        let evidence_keys = keys.join(folder::EVIDENCE_KEYS);
        let origin = new_origin()?;
        let made = EvidenceKeys::create(Arc::new(Disk), &evidence_keys, profile, &origin)?;
        for key in made.public() {
            let change = Change::EvidenceKeyMade { key: key.to_string() };
            let entry = Entry { by: by.clone(), change };
            let payload = serde_json::to_vec(&entry).map_err(StoreError::encoding)?;
            journal.append(payload).wait()?;
        }
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
        Self::open_showing(folder, clock, &NoProgress)
    }

    /// Opens a province as [`Self::open`] does, and shows how far it has come.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_showing(
        folder: &Path,
        clock: Arc<dyn Clock>,
        progress: &dyn Progress,
    ) -> Result<Self, StoreError> {
        if !folder.join(folder::JOURNAL).is_dir() {
            return Err(StoreError::NotFound { folder: folder.to_owned() });
        }
        if folder.join(repair::UNFINISHED).exists() {
            return Err(StoreError::RepairUnfinished { folder: folder.to_owned() });
        }
        Self::open_as_it_is(folder, clock, progress)
    }

    /// Opens a province that is being repaired.
    pub(crate) fn open_repairing(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_as_it_is(folder, clock, &NoProgress)
    }

    fn open_as_it_is(
        folder: &Path,
        clock: Arc<dyn Clock>,
        progress: &dyn Progress,
    ) -> Result<Self, StoreError> {
        let reserve = Reserve::new(Arc::new(Disk), folder, Arc::clone(&clock));
        let (journal, found) = open_journal(folder, &clock, &reserve)?;
        let journal: Arc<dyn Journal> = Arc::new(journal);
        // Only behind the journal's lock: opening the key files may mend them.
        let vault = Arc::new(open_vault(folder, journal.profile())?);
        let station = Station::read(folder)?;
        if let Station::Fenced { term } = station {
            journal.fence(term);
        }
        let images = Images::new(Arc::new(Disk), &folder.join(folder::IMAGES));
        let state = folder.join(folder::STATE);
        let sources = Sources { journal: &*journal, images: &images, clock: &*clock, progress };
        let Ready { index, rebuilt, image, applied } = rebuild::open_index(&state, &sources)?;
        let keeper = Arc::new(open_keeper(folder, &*journal, &index)?);
        let station = complete_promotion(station, folder, &*journal, &index)?;
        vault.destroy(&View(&index).given_up_keys()?)?;
        vault.lookups.retire_before(View(&index).lookup_keys()?.oldest);
        let mut compiler = Compiler::new(Arc::clone(&vault) as Arc<dyn BlobSource>);
        let revision = index.applied();
        let snapshot = compiler.compile(&index, revision)?;
        let shared = Arc::new(Shared {
            index: SharedIndex::new(state, index),
            snapshot: ArcSwap::from_pointee(snapshot),
            revisions: watch::Sender::new(revision),
            outcomes: Outcomes::starting_at(revision + 1),
            closing: Closing::default(),
        });
        let thread = applier::start(&journal, Arc::clone(&shared), Arc::clone(&vault), compiler)?;
        Ok(Self {
            folder: folder.to_owned(),
            clock,
            journal,
            shared,
            vault,
            images,
            imaging: tokio::sync::Mutex::new(()),
            reserve,
            keeper,
            second_place: OnceLock::new(),
            applier: Mutex::new(Some(thread)),
            opened: OpenReport { journal: found, rebuilt, image, applied },
            backing_up: tokio::sync::Mutex::default(),
            rotating: tokio::sync::Mutex::default(),
            station: ArcSwap::from_pointee(station),
            fencing: Mutex::new(()),
            identity: OnceLock::new(),
            acknowledgement: OnceLock::new(),
            points: Points::open(folder),
            kept_lists: KeptLists::default(),
            holds: Holds::default(),
            judgements: Box::default(),
            numbers: Numbers::default(),
        })
    }
}

/// Step 1. On a disk that is full nothing could be opened without the ballast.
fn open_journal(
    folder: &Path,
    clock: &Arc<dyn Clock>,
    reserve: &Reserve,
) -> Result<(FileJournal, journal::OpenReport), StoreError> {
    let place = folder.join(folder::JOURNAL);
    let open = || FileJournal::open(&place, Arc::clone(clock), &JournalOptions::default());
    let opened = match open() {
        Err(error) if error.is_disk_full() => {
            // Nobody else has it: the lock was ours a moment ago.
            reserve.look();
            open()
        }
        opened => opened,
    }?;
    reserve.look();
    Ok(opened)
}

/// What a province comes to, while nobody has it open.
#[derive(Debug, Clone)]
pub(crate) struct Inspected {
    /// The last record.
    pub(crate) position: Position,
    /// Count and hash of the rows.
    pub(crate) state: (u64, [u8; 32]),
    /// The person keys that the records gave up.
    pub(crate) given_up: Vec<SubjectId>,
}

/// Makes the index of a province that nobody has open, or brings it up to date,
/// and says what it comes to. Nothing is recorded, and no key destroyed.
pub(crate) fn inspect(folder: &Path, clock: &Arc<dyn Clock>) -> Result<Inspected, StoreError> {
    let options = JournalOptions::default();
    let place = folder.join(folder::JOURNAL);
    let (journal, _) = FileJournal::open(&place, Arc::clone(clock), &options)?;
    let images = Images::new(Arc::new(Disk), &folder.join(folder::IMAGES));
    let sources =
        Sources { journal: &journal, images: &images, clock: &**clock, progress: &NoProgress };
    let Ready { index, .. } = rebuild::open_index(&folder.join(folder::STATE), &sources)?;
    let given_up = View(&index).given_up_keys()?;
    let inspected =
        Inspected { position: journal.position(), state: index.stands_at().1, given_up };
    index.flush()?;
    Ok(inspected)
}

/// Step 6. An interrupted promotion goes on with its record, if that is not there,
/// and the folder is a primary's.
fn complete_promotion(
    station: Station,
    folder: &Path,
    journal: &dyn Journal,
    index: &Index,
) -> Result<Station, StoreError> {
    let Station::Promoting { promoted, by } = station else { return Ok(station) };
    if View(index).term()?.is_none_or(|own| own < promoted.term) {
        let payload = serde_json::to_vec(&Entry { by, change: Change::Promoted(promoted) })
            .map_err(StoreError::encoding)?;
        journal.append_reserved(payload).wait()?;
        applier::catch_up(journal, index, &NoProgress)?;
    }
    Station::Primary.write(folder)?;
    Ok(Station::Primary)
}

/// Makes a folder without records, its key files by `make_keys`, for a province
/// that is copied from elsewhere.
pub(crate) fn new_folder(
    folder: &Path,
    make_keys: impl FnOnce() -> Result<(), StoreError>,
    profile: RecordProfile,
    clock: Arc<dyn Clock>,
) -> Result<(Arc<dyn Journal>, Vault), StoreError> {
    refuse_used(folder)?;
    private_folder(folder)?;
    let keys = folder.join(folder::KEYS);
    private_folder(&keys)?;
    make_keys()?;
    PersonKeys::init(&keys.join(folder::PERSON_KEYS), profile)?;
    let options = JournalOptions::default().profile(profile);
    let journal = FileJournal::create(&folder.join(folder::JOURNAL), clock, &options)?;
    Ok((Arc::new(journal), open_vault(folder, profile)?))
}

fn open_vault(folder: &Path, profile: RecordProfile) -> Result<Vault, StoreError> {
    let keys = folder.join(folder::KEYS);
    Ok(Vault {
        untidy: AtomicBool::new(false),
        orphans: Mutex::default(),
        blobs: Blobs::open(&folder.join(folder::BLOBS))?,
        arrivals: Arrivals::default(),
        persons: PersonKeys::open_file(&keys.join(folder::PERSON_KEYS), profile)?,
        lookups: LookupKeys::open(&keys.join(folder::LOOKUP_KEYS), profile)?,
    })
}

/// Step 4: nothing was destroyed yet when the journal turns out to be another.
fn open_keeper(folder: &Path, journal: &dyn Journal, index: &Index) -> Result<Keeper, StoreError> {
    let known = evidence::parse_keys(View(index).evidence_keys()?)?;
    let places = Places {
        files: Arc::new(Disk),
        profile: journal.profile(),
        keys: folder.join(folder::KEYS).join(folder::EVIDENCE_KEYS),
        checkpoints: folder.join(folder::CHECKPOINTS),
    };
    let keeper = Keeper::open(places, &known)?;
    keeper.check(journal, &known)?;
    Ok(keeper)
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
