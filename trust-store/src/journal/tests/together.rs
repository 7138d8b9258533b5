//! The journal together with what lies beside it, on one disk: keys of persons, blobs
//! sealed under them, checkpoints, and an archive.
//!
//! The power goes, an operation fails, or the disk is full from any step of a scripted
//! history on. Whatever order the disk made things durable in, what is found afterwards
//! fits together: all that was acknowledged is there; each record finds its blob, and
//! its person's key unless that was destroyed on the record; the newest checkpoint is of
//! records that are there; a segment is here or in the archive.

use std::collections::{BTreeMap, BTreeSet};

use tongxing_pki::Timestamp;

use super::*;
use crate::archive;
use crate::blobs::{BlobId, Blobs};
use crate::evidence::{Keeper, Places};
use crate::files::FileLayer;
use crate::files::faulty::Faults;
use crate::seal::{PersonKeys, Sealed};

const PERSONS: &str = "/keys/persons.keys";
const CONTEXT: &[u8] = b"together";

/// How many records there are when nothing goes wrong.
const RECORDS: usize = 16;

const SEEDS: u64 = 5;

type Fault = Box<dyn std::error::Error>;

/// Everything that lies on the disk, open.
struct Store {
    disk: FaultyDisk,
    journal: FileJournal,
    persons: PersonKeys,
    blobs: Blobs,
    keeper: Keeper,
}

/// What somebody was told.
#[derive(Debug, Default)]
struct Told {
    records: usize,
    erased: BTreeSet<String>,
    signed: u64,
}

fn archive_folder() -> &'static Path {
    Path::new("/archive")
}

impl Store {
    fn make(disk: &FaultyDisk) -> Result<Self, Fault> {
        PersonKeys::init_on(Arc::new(disk.clone()), Path::new(PERSONS), PROFILE)?;
        drop(create(disk)?);
        Self::open(disk)
    }

    fn open(disk: &FaultyDisk) -> Result<Self, Fault> {
        let files: Arc<dyn FileLayer> = Arc::new(disk.clone());
        let (journal, _) = open(disk)?;
        let persons = PersonKeys::open_on(files.clone(), Path::new(PERSONS), PROFILE)?;
        let blobs = Blobs::open_on(files.clone(), Path::new("/blobs"))?;
        let places = Places {
            files,
            profile: PROFILE,
            keys: PathBuf::from("/keys/evidence.keys"),
            checkpoints: PathBuf::from("/checkpoints"),
        };
        let keeper = Keeper::open(places, &[])?;
        keeper.unpublished(&[])?;
        keeper.check(&journal, &[])?;
        Ok(Self { disk: disk.clone(), journal, persons, blobs, keeper })
    }

    /// What the history does at record `number`.
    fn go_on(&self, number: usize, told: &mut Told) -> Result<(), Fault> {
        if number.is_multiple_of(4) {
            let person = format!("p{}", number - 2);
            self.journal.append_reserved(format!("erase {person}").into()).wait()?;
            told.records += 1;
            self.persons.erase(&[&person])?;
            told.erased.insert(person);
        } else {
            let person = format!("p{number}");
            self.persons.create(&person)?;
            let text = person.repeat(number * 40);
            let sealed = self.persons.seal(&person, text.as_bytes(), CONTEXT)?;
            let blob = self.blobs.put(sealed.as_bytes())?;
            self.journal.append(format!("keep {person} {blob}").into()).wait()?;
            told.records += 1;
        }
        if number.is_multiple_of(3) {
            let signed = self.keeper.checkpoint(&self.journal.tree().1, Timestamp::from_unix(0))?;
            told.signed = signed.checkpoint().size;
        }
        if number == RECORDS / 2 {
            self.move_away()?;
        }
        Ok(())
    }

    fn move_away(&self) -> Result<(), Fault> {
        self.journal.seal()?;
        for entry in self.journal.sealed_segments() {
            archive::store(&self.disk, folder(), &entry, archive_folder())?;
            self.journal.release(entry.first)?;
        }
        Ok(())
    }

    /// Everything found agrees, and with what was told.
    fn assert_whole(&self, told: &Told, about: &str) {
        for entry in self.journal.sealed_segments().iter().filter(|entry| entry.archived) {
            let place = archive::find(&self.disk, archive_folder(), entry).unwrap().unwrap();
            self.journal.adopt(&place).unwrap_or_else(|error| panic!("{about}: {error}"));
        }
        self.journal.check_sealed().unwrap_or_else(|error| panic!("{about}: {error}"));
        let records = read_all(&self.journal).unwrap_or_else(|error| panic!("{about}: {error}"));
        assert!(records.len() >= told.records, "{about}: {} of {told:?}", records.len());
        let mut kept = BTreeMap::new();
        for record in &records {
            let text = std::str::from_utf8(record.payload()).unwrap();
            match text.split(' ').collect::<Vec<_>>()[..] {
                ["keep", person, blob] => drop(kept.insert(person, blob)),
                ["erase", person] => {
                    kept.remove(person);
                    // What opening does: the power may have gone in between.
                    self.persons.erase(&[person]).unwrap();
                }
                _ => panic!("{about}: {text}"),
            }
        }
        for (person, blob) in kept {
            let id: BlobId = blob.parse().unwrap();
            let blob = self.blobs.get(&id).unwrap().unwrap_or_else(|| panic!("{about}: {id}"));
            let sealed = Sealed::from_bytes(blob).unwrap();
            let opened = self.persons.open(person, &sealed, CONTEXT).unwrap();
            assert!(opened.is_some(), "{about}: the key of {person} is lost");
        }
        assert!(told.erased.iter().all(|person| !self.persons.has(person)), "{about}");
        let newest = self.keeper.newest().map_or(0, |newest| newest.checkpoint().size);
        assert!(newest >= told.signed && newest <= records.len() as u64, "{about}: {newest}");
    }
}

/// What was told, and whether all went well.
fn history(disk: &FaultyDisk) -> (Told, Result<(), Fault>) {
    let mut told = Told::default();
    let done = Store::make(disk)
        .and_then(|store| (1..=RECORDS).try_for_each(|number| store.go_on(number, &mut told)));
    (told, done)
}

fn assert_recovers(disk: &FaultyDisk, told: &Told, about: &str) {
    match Store::open(disk) {
        // Never made whole: whoever made it was told so.
        Err(_) if told.records == 0 => {}
        store => store.unwrap_or_else(|error| panic!("{about}: {error}")).assert_whole(told, about),
    }
}

#[test]
fn whatever_a_power_cut_leaves_of_all_files_fits_together() {
    let mut points = 0;
    for step in 1.. {
        let mut struck = false;
        for seed in 0..SEEDS {
            let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
            let disk = FaultyDisk::new(faults, seed * 7919 + step);
            let (told, _) = history(&disk);
            struck = disk.has_struck();
            assert_recovers(&disk.reboot(), &told, &format!("cut {step}, seed {seed}"));
            points += 1;
        }
        if !struck {
            break;
        }
    }
    println!("{points} crash points");
    assert!(points >= 1_000, "{points} crash points");
}

#[test]
fn whatever_a_failing_operation_leaves_of_all_files_fits_together() {
    for step in 1.. {
        let disk = FaultyDisk::new(Faults { error_at: Some(step), ..Faults::default() }, step);
        let (told, done) = history(&disk);
        if !disk.has_struck() {
            assert_eq!(told.records, RECORDS, "{done:?}");
            break;
        }
        assert_recovers(&disk.reboot(), &told, &format!("error in {step}, power cut"));
        assert_recovers(&disk.kill(), &told, &format!("error in {step}, killed"));
    }
}

/// Nothing that a full disk refuses is half done, and nothing has to be opened anew:
/// with room again, the same process does all of it.
#[test]
fn a_disk_that_is_full_from_any_step_on_refuses_cleanly_and_is_forgotten() {
    let whole = FaultyDisk::default();
    drop(Store::make(&whole).unwrap());
    for step in 1.. {
        let disk = whole.kill();
        let store = Store::open(&disk).unwrap();
        disk.set_faults(Faults { full_from: Some(step), ..Faults::default() });
        let (mut told, mut refused) = (Told::default(), 0);
        for number in 1..=RECORDS {
            let before = told.records;
            if let Err(error) = store.go_on(number, &mut told) {
                refused += 1;
                assert_recovers(&disk.kill(), &told, &format!("full from {step}: {error}"));
                assert!(store.persons.failure().is_none(), "full from {step}: {error}");
                disk.set_faults(Faults::default());
                if told.records == before {
                    let again = store.go_on(number, &mut told);
                    again.unwrap_or_else(|error| panic!("full from {step}: {error}"));
                }
            }
        }
        if refused == 0 {
            break;
        }
        assert_eq!(told.records, RECORDS, "full from {step}");
        drop(store);
        assert_recovers(&disk.reboot(), &told, &format!("full from {step}"));
    }
}
