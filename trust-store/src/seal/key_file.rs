//! A file of named 256-bit keys that can be added to and rewritten.
//!
//! Entries have 128 bytes, so that none crosses a sector: a power cut leaves an
//! entry written or not written, and what is neither is damage.
//!
//! | bytes | field |
//! |---|---|
//! | 4 | CRC-32C over the other 124 bytes |
//! | 1 | format version, 1; 2 where the key was destroyed in its place |
//! | 1 | length of the name |
//! | 66 | the name, then zeros |
//! | 4 | how many entries were written before it in one go, big-endian |
//! | 20 | zero |
//! | 32 | the key |
//!
//! Several entries that are written in one go may lie across sectors, of which a
//! power cut leaves any. Each says how many of them come before it, so that a gap in
//! the last batch is told from a gap that a medium made in keys that were durable: the
//! last batch reaches the file's end, and goes as a whole.
//!
//! Keys are destroyed by writing the file anew without them. A disk that is too full for
//! that has them overwritten in their places, which takes no room; the next rewriting
//! drops what is left of those entries.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::SealError;
use crate::files::{self, FileLayer, LayerFile, ReadAt, read_all};

const ENTRY: usize = 128;
const VERSION: u8 = 1;

/// Of an entry whose key is zeros.
const DESTROYED: u8 = 2;
const NAME_AT: usize = 6;
const NAME_MAX: usize = 66;
const BATCH_AT: usize = NAME_AT + NAME_MAX;
const KEY_AT: usize = ENTRY - KEY_LEN;
const KEY_LEN: usize = 32;

/// How much of a file is looked through at a time.
const CHUNK: usize = 1024 * ENTRY;

/// How many keys one file may hold: they take 1.3 GB, and about as much memory.
pub(crate) const KEYS_MAX: usize = 10_000_000;

/// No file grows beyond it; a larger one is not ours.
const FILE_MAX: u64 = (KEYS_MAX * ENTRY) as u64;

/// A key that is wiped from memory when it is dropped.
pub(crate) type Key = Zeroizing<[u8; KEY_LEN]>;

/// A new random key.
pub(crate) fn random_key() -> Result<Key, SealError> {
    let mut key = Key::default();
    SystemRandom::new().fill(&mut *key)?;
    Ok(key)
}

/// Named keys, all in memory and durable in a file.
pub(crate) struct KeyFile {
    files: Arc<dyn FileLayer>,
    path: PathBuf,
    file: Box<dyn LayerFile>,
    keys: BTreeMap<Box<str>, Key>,
    len: u64,
    /// [`FILE_MAX`], but in tests.
    max: u64,
    poisoned: bool,
}

impl std::fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyFile")
            .field("path", &self.path)
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}

impl KeyFile {
    /// Makes an empty key file at `path`; one that exists is an error.
    pub(crate) fn create(files: Arc<dyn FileLayer>, path: &Path) -> Result<Self, SealError> {
        drop(files.create(path).map_err(SealError::io("creating", path))?);
        Self::open(files, path)
    }

    /// Reads the key file at `path`. What is added from now on is in the file that has
    /// this name for good: a process that was killed may have renamed it and no more.
    pub(crate) fn open(files: Arc<dyn FileLayer>, path: &Path) -> Result<Self, SealError> {
        let mut file = match files.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(SealError::Missing { path: path.to_owned() });
            }
            file => file.map_err(SealError::io("opening", path))?,
        };
        if !files.is_owner_only(path).map_err(SealError::io("asking about", path))? {
            return Err(SealError::Exposed { path: path.to_owned() });
        }
        let (keys, len) = read_keys(&*file, path)?;
        if len < file.len().map_err(SealError::io("reading", path))? {
            // Never synced, so never used: cut off, lest the next entry lie askew.
            file.truncate(len).map_err(SealError::io("cutting", path))?;
        }
        let last_batch = last_batch(&*file, len).map_err(SealError::io("reading", path))?;
        files::write_again(&mut *file, last_batch..len)
            .map_err(SealError::io("writing again", path))?;
        let folder = files::folder_of(path);
        files.sync_folder(folder).map_err(SealError::io("syncing", folder))?;
        Ok(Self { files, path: path.to_owned(), file, keys, len, max: FILE_MAX, poisoned: false })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Key> {
        self.keys.get(name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(|name| &**name)
    }

    /// Adds a random key under `name`, durably, unless there is one.
    pub(crate) fn add(&mut self, name: &str) -> Result<(), SealError> {
        if self.keys.contains_key(name) {
            return Ok(());
        }
        self.import(&[(name, random_key()?)])
    }

    /// Adds keys made elsewhere, durably and with one sync; names that have a key
    /// keep it.
    pub(crate) fn import(&mut self, keys: &[(&str, Key)]) -> Result<(), SealError> {
        let mut entries = Zeroizing::new(Vec::with_capacity(keys.len() * ENTRY));
        let new = keys.iter().filter(|(name, _)| !self.keys.contains_key(*name));
        let new: BTreeMap<&str, &Key> = new.map(|(name, key)| (*name, key)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let grown = self.len + (new.len() * ENTRY) as u64;
        if grown > self.max {
            // A file that could not be opened again.
            let (path, max) = (self.path.clone(), self.max / ENTRY as u64);
            return Err(SealError::TooMany { path, max });
        }
        for (before, (name, key)) in (0..).zip(&new) {
            entries.extend_from_slice(&*encode(VERSION, name, key, before)?);
        }
        // A part of them beyond the end counts as nothing: the next ones are
        // written over it, and opening cuts it off.
        self.unless_full(|this| this.file.write_at(this.len, &entries))?;
        self.durably(|this| this.file.sync())?;
        self.len += entries.len() as u64;
        self.keys.extend(new.into_iter().map(|(name, key)| (name.into(), key.clone())));
        Ok(())
    }

    /// Destroys the keys under `names`, durably and in one rewriting of the file, or in
    /// their places where the disk has no room for that; how many there were.
    pub(crate) fn remove(&mut self, names: &[&str]) -> Result<usize, SealError> {
        let removed: BTreeSet<&str> =
            names.iter().copied().filter(|name| self.keys.contains_key(*name)).collect();
        if removed.is_empty() {
            return Ok(0);
        }
        let mut content = Zeroizing::new(Vec::with_capacity(self.keys.len() * ENTRY));
        for (name, key) in self.keys.iter().filter(|(name, _)| !removed.contains(&***name)) {
            content.extend_from_slice(&*encode(VERSION, name, key, 0)?);
        }
        let folder = files::folder_of(&self.path).to_owned();
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = name.to_owned();
        let beside =
            self.unless_full(|this| files::write_beside(&*this.files, &folder, &name, &content));
        match beside {
            Err(SealError::Full { .. }) => return self.overwrite(&removed),
            beside => beside?,
        }
        self.durably(|this| {
            files::put_in_place(&*this.files, &folder, &name)?;
            this.file = this.files.open(&this.path)?;
            Ok(())
        })?;
        self.len = content.len() as u64;
        self.keys.retain(|name, _| !removed.contains(&**name));
        Ok(removed.len())
    }

    /// Destroys keys in their places. A power cut leaves some of them; whoever asked for
    /// it asks again.
    fn overwrite(&mut self, names: &BTreeSet<&str>) -> Result<usize, SealError> {
        let places = self.places_of(names)?;
        self.unless_full(|this| {
            for (at, entry) in &places {
                this.file.write_at(*at, &**entry)?;
            }
            Ok(())
        })?;
        self.durably(|this| this.file.sync())?;
        self.keys.retain(|name, _| !names.contains(&**name));
        Ok(names.len())
    }

    /// Where the entries of these names are, and what each becomes without its key.
    fn places_of(&self, names: &BTreeSet<&str>) -> Result<Vec<(u64, Entry)>, SealError> {
        let mut places = Vec::new();
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        let mut at = 0;
        while at < self.len {
            let read =
                self.file.read_at(at, &mut chunk).map_err(SealError::io("reading", &self.path))?;
            for (number, entry) in (0..).zip(chunk[..read].chunks_exact(ENTRY)) {
                if let Some((name, Some(_))) = decode(entry)
                    && names.contains(&*name)
                {
                    let before =
                        entry[BATCH_AT..].first_chunk().map_or(0, |b| u32::from_be_bytes(*b));
                    let emptied = encode(DESTROYED, &name, &Key::default(), before)?;
                    places.push((at + number * ENTRY as u64, emptied));
                }
            }
            at += CHUNK as u64;
        }
        Ok(places)
    }

    /// Why nothing can be written any more, if so.
    pub(super) fn failure(&self) -> Option<SealError> {
        self.poisoned.then(|| SealError::Poisoned { path: self.path.clone() })
    }

    /// A write that a full disk may refuse: what the file says is what it said.
    fn unless_full(
        &mut self,
        write: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> Result<(), SealError> {
        let mut full = false;
        let written = self.durably(|this| match write(this) {
            Err(error) if files::is_full(&error) => {
                full = true;
                Ok(())
            }
            written => written,
        });
        match (written, full) {
            (Ok(()), true) => Err(SealError::Full { path: self.path.clone() }),
            (written, _) => written,
        }
    }

    /// After a failed write nothing is known about the file: no more writes.
    fn durably(
        &mut self,
        write: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> Result<(), SealError> {
        if self.poisoned {
            return Err(SealError::Poisoned { path: self.path.clone() });
        }
        write(self).map_err(|error| {
            self.poisoned = true;
            SealError::io("writing", &self.path)(error)
        })
    }
}

/// The names of the keys in the file at `path`, which stays as it is.
pub(crate) fn key_names(
    files: &dyn FileLayer,
    path: &Path,
) -> Result<BTreeSet<Box<str>>, SealError> {
    let file = match files.open_read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(SealError::Missing { path: path.to_owned() });
        }
        file => file.map_err(SealError::io("opening", path))?,
    };
    let (keys, _) = read_keys(&*file, path)?;
    Ok(keys.into_keys().collect())
}

/// All keys in a file, and how many bytes they take.
fn read_keys(
    file: &(impl ReadAt + ?Sized),
    path: &Path,
) -> Result<(BTreeMap<Box<str>, Key>, u64), SealError> {
    let bytes = read_all(file, FILE_MAX).map_err(SealError::io("reading", path))?;
    let bytes = Zeroizing::new(bytes);
    decode_all(&bytes).map_err(|offset| SealError::Damaged { path: path.to_owned(), offset })
}

/// Where the entries begin that were last written in one go, in a file whose entries
/// take `len` bytes.
fn last_batch(file: &dyn ReadAt, len: u64) -> io::Result<u64> {
    let Some(last) = len.checked_sub(ENTRY as u64) else { return Ok(len) };
    let mut before = [0; 4];
    file.read_at(last + BATCH_AT as u64, &mut before)?;
    Ok(last.saturating_sub(u64::from(u32::from_be_bytes(before)) * ENTRY as u64))
}

type Entry = Zeroizing<[u8; ENTRY]>;

/// `before` entries are written before it in one go.
fn encode(version: u8, name: &str, key: &Key, before: u32) -> Result<Entry, SealError> {
    let len = name.len();
    let (1..=NAME_MAX, Ok(short)) = (len, u8::try_from(len)) else {
        return Err(SealError::NameLength { len, max: NAME_MAX });
    };
    let mut entry = Zeroizing::new([0; ENTRY]);
    entry[4] = version;
    entry[5] = short;
    entry[NAME_AT..NAME_AT + len].copy_from_slice(name.as_bytes());
    entry[BATCH_AT..BATCH_AT + 4].copy_from_slice(&before.to_be_bytes());
    entry[KEY_AT..].copy_from_slice(&**key);
    let crc = crc32c::crc32c(&entry[4..]);
    entry[..4].copy_from_slice(&crc.to_be_bytes());
    Ok(entry)
}

type Keys = BTreeMap<Box<str>, Key>;

/// All keys, and how many bytes they take; or where the damage is. Zeros or an
/// incomplete entry in the last batch were never synced and are no damage.
fn decode_all(bytes: &[u8]) -> Result<(Keys, u64), u64> {
    let entries: Vec<&[u8]> = bytes.chunks(ENTRY).collect();
    let unwritten = |entry: &[u8]| entry.len() < ENTRY || entry.iter().all(|byte| *byte == 0);
    let mut written = entries.len();
    if let Some(gap) = entries.iter().position(|entry| unwritten(entry)) {
        written = before_torn_batch(&entries, gap).ok_or((gap * ENTRY) as u64)?;
    }
    let mut keys = Keys::new();
    for (at, entry) in entries[..written].iter().enumerate() {
        if let (name, Some(key)) = decode(entry).ok_or((at * ENTRY) as u64)? {
            keys.insert(name, key);
        }
    }
    Ok((keys, (written * ENTRY) as u64))
}

/// Where the batch begins that lies across the gap and reaches the file's end; `None`
/// if what is behind the gap was not written together with it.
fn before_torn_batch(entries: &[&[u8]], gap: usize) -> Option<usize> {
    let mut begins = gap;
    for (at, entry) in entries.iter().enumerate().skip(gap) {
        if entry.len() == ENTRY && entry.iter().any(|byte| *byte != 0) {
            decode(entry)?;
            let before = u32::from_be_bytes(*entry.get(BATCH_AT..)?.first_chunk()?);
            let of_batch = at.checked_sub(usize::try_from(before).ok()?)?;
            if of_batch > gap || (begins < gap && of_batch != begins) {
                return None;
            }
            begins = of_batch;
        }
    }
    Some(begins)
}

/// A name, and its key unless that was destroyed.
fn decode(entry: &[u8]) -> Option<(Box<str>, Option<Key>)> {
    let entry: &[u8; ENTRY] = entry.try_into().ok()?;
    let (crc, rest) = entry.split_first_chunk()?;
    if crc32c::crc32c(rest) != u32::from_be_bytes(*crc) {
        return None;
    }
    let name = entry.get(NAME_AT..NAME_AT + usize::from(entry[5]))?;
    let name = std::str::from_utf8(name).ok()?.into();
    match entry[4] {
        VERSION => {
            let mut key = Key::default();
            key.copy_from_slice(&entry[KEY_AT..]);
            Some((name, Some(key)))
        }
        DESTROYED => Some((name, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faulty::{Faults, FaultyDisk};

    const PATH: &str = "/keys/persons.keys";

    #[derive(Debug, Default)]
    struct Told {
        added: Vec<String>,
        removed: Vec<String>,
    }

    fn history(disk: &FaultyDisk, told: &mut Told) -> Result<(), SealError> {
        let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH))?;
        for number in 1..=12 {
            let name = format!("p{number}");
            keys.add(&name)?;
            told.added.push(name);
            if number % 3 == 0 {
                let name = format!("p{}", number - 1);
                keys.remove(&[&name])?;
                told.removed.push(name);
            }
        }
        Ok(())
    }

    #[test]
    fn a_full_disk_refuses_a_key_and_is_forgotten_when_there_is_room() {
        for seed in 0..32 {
            let disk = FaultyDisk::new(Faults::default(), seed);
            let open = || KeyFile::open(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
            let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
            keys.add("p0").unwrap();
            keys.add("p1").unwrap();
            disk.set_full(true);
            assert!(matches!(keys.add("p2"), Err(SealError::Full { .. })));
            assert!(keys.get("p1").is_some() && keys.get("p2").is_none());
            assert!(open().get("p1").is_some(), "what a full disk left is no damage");
            disk.set_full(false);
            keys.add("p3").unwrap();
            assert_eq!(keys.remove(&["p1"]).unwrap(), 1);
            assert!(keys.failure().is_none());
            assert_eq!(open().names().collect::<Vec<_>>(), ["p0", "p3"]);
        }
    }

    /// What a person has a right to fits on a full disk, however many keys there are.
    #[test]
    fn a_full_disk_destroys_keys_in_their_places() {
        let disk = FaultyDisk::default();
        let open = || KeyFile::open(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
        let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
        import(&mut keys, 0..2_000).unwrap();
        keys.add("one").unwrap();
        let secret = keys.get("one").unwrap().to_vec();
        let holds = |secret: &[u8]| {
            disk.bytes(Path::new(PATH)).windows(KEY_LEN).any(|window| window == secret)
        };
        assert!(holds(&secret));
        disk.set_full(true);
        assert_eq!(keys.remove(&["one", "p0003", "p1999", "nobody"]).unwrap(), 3);
        assert!(!holds(&secret), "the key is still in the file");
        for keys in [&keys, &open()] {
            assert_eq!(keys.names().count(), 1_998);
            assert!(keys.get("p0003").is_none() && keys.get("p0004").is_some());
        }
        assert_eq!(keys.remove(&["one"]).unwrap(), 0);
        disk.set_full(false);
        keys.add("two").unwrap();
        assert_eq!(keys.remove(&["p0004"]).unwrap(), 1);
        assert_eq!(disk.bytes(Path::new(PATH)).len(), 1_998 * ENTRY, "nothing is left of them");
        assert_eq!(open().names().count(), 1_998);
    }

    /// Each sector is written or not: what the file rests on.
    #[test]
    fn a_power_cut_while_keys_are_destroyed_in_their_places_damages_nothing() {
        let mut left = BTreeSet::new();
        for seed in 0..64 {
            let disk = FaultyDisk::new(Faults::default(), seed);
            let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
            import(&mut keys, 0..20).unwrap();
            disk.set_full(true);
            let steps = {
                let trial = disk.kill();
                trial.set_full(true);
                let mut keys = KeyFile::open(Arc::new(trial.clone()), Path::new(PATH)).unwrap();
                trial.set_faults(Faults::default());
                keys.remove(&["p0000", "p0009", "p0019"]).unwrap();
                trial.steps()
            };
            disk.set_faults(Faults { power_cut_at: Some(steps), ..Faults::default() });
            keys.remove(&["p0000", "p0009", "p0019"]).unwrap_err();
            let keys = KeyFile::open(Arc::new(disk.reboot()), Path::new(PATH));
            let keys = keys.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            left.insert(keys.names().count());
        }
        assert!(left.iter().eq(&[17, 18, 19, 20]), "{left:?}");
    }

    #[test]
    fn no_file_grows_beyond_what_opens() {
        let disk = FaultyDisk::default();
        let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
        keys.max = 4 * ENTRY as u64;
        import(&mut keys, 0..3).unwrap();
        let refused = import(&mut keys, 3..5).unwrap_err();
        assert!(matches!(refused, SealError::TooMany { max: 4, .. }), "{refused}");
        import(&mut keys, 3..4).unwrap();
        assert!(keys.failure().is_none());
    }

    fn batch(names: std::ops::Range<u32>) -> Vec<(String, Key)> {
        names.map(|number| (format!("p{number:04}"), Key::new([7; KEY_LEN]))).collect()
    }

    fn import(keys: &mut KeyFile, names: std::ops::Range<u32>) -> Result<(), SealError> {
        let batch = batch(names);
        let batch: Vec<_> = batch.iter().map(|(name, key)| (name.as_str(), key.clone())).collect();
        keys.import(&batch)
    }

    /// Batches as a standby takes them over, each across several sectors.
    #[test]
    fn a_power_cut_within_a_batch_leaves_the_batches_before_it() {
        let mut torn = 0;
        for (step, seed) in (1..).flat_map(|step| (0..40).map(move |seed| (step, seed))) {
            let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
            let disk = FaultyDisk::new(faults, seed * 1009 + step);
            let made = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH));
            let told = made.map_or(0, |mut keys| {
                let batches = [0..3, 3..30, 30..31, 31..75, 75..80];
                let done = |names: std::ops::Range<u32>| {
                    import(&mut keys, names.clone()).ok().map(|()| names.end)
                };
                batches.into_iter().map_while(done).last().unwrap_or(0)
            });
            let after = disk.reboot();
            let mut keys = match KeyFile::open(Arc::new(after.clone()), Path::new(PATH)) {
                Err(SealError::Missing { .. }) if told == 0 => continue,
                keys => keys.unwrap_or_else(|error| panic!("cut {step}, seed {seed}: {error}")),
            };
            torn += u32::from(told < 80 && keys.names().count() == told as usize);
            for (name, _) in batch(0..told) {
                assert!(keys.get(&name).is_some(), "cut {step}, seed {seed}: {name}");
            }
            import(&mut keys, 80..90).unwrap();
            let names: Vec<String> = keys.names().map(str::to_owned).collect();
            let again = KeyFile::open(Arc::new(after.clone()), Path::new(PATH)).unwrap();
            assert!(again.names().eq(names.iter()), "cut {step}, seed {seed}");
            if !disk.has_struck() {
                break;
            }
        }
        assert!(torn > 10, "{torn}");
    }

    #[test]
    fn a_gap_in_what_was_durable_is_damage() {
        let disk = FaultyDisk::default();
        let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
        import(&mut keys, 0..20).unwrap();
        import(&mut keys, 20..31).unwrap();
        drop(keys);
        for sector in 0..5 {
            let copy = disk.kill();
            let (from, to) = (sector * 512, (sector + 1) * 512);
            copy.tamper(Path::new(PATH), |bytes| bytes[from..to].fill(0));
            let opened = KeyFile::open(Arc::new(copy), Path::new(PATH));
            let named =
                matches!(&opened, Err(SealError::Damaged { offset, .. }) if *offset == from as u64);
            assert!(named, "sector {sector}: {opened:?}");
        }
    }

    /// The next process adds to the file that it finds under the name.
    #[test]
    fn what_is_added_after_a_killed_rewriting_is_in_the_file_that_stays() {
        for (step, seed) in (1..=6).flat_map(|step| (0..16).map(move |seed| (step, seed))) {
            let disk = FaultyDisk::new(Faults::default(), seed);
            let mut keys = KeyFile::create(Arc::new(disk.clone()), Path::new(PATH)).unwrap();
            import(&mut keys, 0..3).unwrap();
            disk.set_faults(Faults { error_at: Some(step), ..Faults::default() });
            let _ = keys.remove(&["p0001"]);
            let killed = disk.kill();
            let mut keys = KeyFile::open(Arc::new(killed.clone()), Path::new(PATH)).unwrap();
            keys.add("p9").unwrap();
            let rebooted = Arc::new(killed.reboot());
            let keys = KeyFile::open(rebooted, Path::new(PATH)).unwrap();
            assert!(keys.get("p9").is_some(), "killed in step {step}, seed {seed}");
        }
    }

    #[test]
    fn a_power_cut_loses_no_key_and_brings_none_back() {
        for (step, seed) in (1..).flat_map(|step| (0..8).map(move |seed| (step, seed))) {
            let faults = Faults { power_cut_at: Some(step), ..Faults::default() };
            let disk = FaultyDisk::new(faults, seed * 1009 + step);
            let mut told = Told::default();
            let done = history(&disk, &mut told);
            let keys = match KeyFile::open(Arc::new(disk.reboot()), Path::new(PATH)) {
                Err(SealError::Missing { .. }) if told.added.is_empty() => continue,
                keys => keys.unwrap_or_else(|error| panic!("cut {step}, seed {seed}: {error}")),
            };
            assert!(told.removed.iter().all(|name| keys.get(name).is_none()), "cut {step}");
            let lost = told.added.iter().filter(|name| keys.get(name).is_none()).count();
            // The cut may come after an erasure took hold and before it was told.
            let erasing = usize::from(done.is_err() && told.added.len() % 3 == 0);
            assert!(lost <= told.removed.len() + erasing, "cut {step}, seed {seed}");
            if done.is_ok() {
                break;
            }
        }
    }
}
