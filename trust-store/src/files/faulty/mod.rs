//! A disk that misbehaves, for tests.
//!
//! It keeps for every file what is durable and what was written since, sector by
//! sector, and for every folder which entries are durable, files and folders. Each
//! operation that changes something is a step. [`Faults`] says at which step the power goes,
//! which sync fails, and whether syncs lie. After a power cut [`FaultyDisk::reboot`]
//! gives the disk as the next process would find it: of what was not synced, any
//! part, drawn from a seed: sectors in any order, lengths without their bytes,
//! folder entries with or without one another, a folder's loss
//! taking with it what is in it.
//!
//! After a failed sync a process still reads what it wrote, but a later, successful
//! sync does not make it durable: that is how Linux treats pages it could not write.

mod survival;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use self::survival::{Content, Random, survive};
use super::{Allocated, FileLayer, LayerFile, Lock, LockGuard, ReadAt};

/// What goes wrong, and when.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// The power goes in this step (counted from 1): a write leaves a part, and
    /// from then on everything fails.
    pub(crate) power_cut_at: Option<u64>,
    /// This step fails: a write after a part of it (a full disk), anything else
    /// without having done anything.
    pub(crate) error_at: Option<u64>,
    /// After this step nothing more fits.
    pub(crate) full_from: Option<u64>,
    /// Syncs succeed without doing anything.
    pub(crate) syncs: Syncs,
    /// How many bytes all files together may have; a write or an allocation beyond
    /// it fails without having done anything.
    pub(crate) capacity: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Syncs {
    #[default]
    Honest,
    Lying,
}

/// A simulated disk; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    faults: Faults,
    steps: u64,
    dead: bool,
    files: Vec<Content>,
    /// What a process sees.
    names: BTreeMap<PathBuf, usize>,
    /// What is durable.
    durable_names: BTreeMap<PathBuf, usize>,
    folders: BTreeSet<PathBuf>,
    durable_folders: BTreeSet<PathBuf>,
    random: Random,
    /// What is free; `None` is room without end.
    free: Option<u64>,
    /// Nothing grows: a write that would leaves a part.
    full: bool,
}

impl State {
    fn is_full(&self) -> bool {
        self.full || self.faults.full_from.is_some_and(|step| step <= self.steps)
    }
}

impl FaultyDisk {
    pub(crate) fn new(faults: Faults, seed: u64) -> Self {
        let random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        Self(Arc::new(Mutex::new(State { faults, random, ..State::default() })))
    }

    /// Whether the power cut or the error has happened.
    pub(crate) fn has_struck(&self) -> bool {
        let state = self.state();
        let due = [state.faults.power_cut_at, state.faults.error_at];
        due.into_iter().flatten().any(|step| step <= state.steps)
    }

    /// From now on, counting steps from here.
    pub(crate) fn set_faults(&self, faults: Faults) {
        let mut state = self.state();
        state.faults = faults;
        state.steps = 0;
    }

    /// Sets how much is free.
    pub(crate) fn set_free(&self, bytes: u64) {
        self.state().free = Some(bytes);
    }

    /// From now on nothing more fits, or does again.
    pub(crate) fn set_full(&self, full: bool) {
        self.state().full = full;
    }

    /// Draws another fate for what is not synced.
    pub(crate) fn set_seed(&self, seed: u64) {
        self.state().random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    }

    /// How many steps were taken.
    pub(crate) fn steps(&self) -> u64 {
        self.state().steps
    }

    /// How many bytes its files take.
    pub(crate) fn used(&self) -> u64 {
        let state = self.state();
        state.names.values().map(|file| state.files[*file].size()).sum()
    }

    /// Keeps everybody from the disk until the guard is dropped.
    pub(crate) fn hold(&self) -> impl Drop {
        self.state()
    }

    /// Changes a file behind everybody's back.
    pub(crate) fn tamper(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let file = state.names[path];
        let mut bytes = std::mem::take(&mut state.files[file].seen);
        change(&mut bytes);
        state.files[file] = Content::of(bytes);
    }

    /// Whether there is a file of this name.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.state().names.contains_key(path)
    }

    /// A file's bytes.
    pub(crate) fn bytes(&self, path: &Path) -> Vec<u8> {
        let state = self.state();
        state.files[state.names[path]].seen.clone()
    }

    /// The disk after a power cut, for a process without faults.
    pub(crate) fn reboot(&self) -> Self {
        let mut state = self.state();
        let state = &mut *state;
        let mut files = state.files.clone();
        for content in &mut files {
            *content = Content::of(survive(content, &mut state.random));
        }
        let mut names = state.durable_names.clone();
        for path in state.names.keys().chain(state.durable_names.keys()) {
            if state.names.get(path) != state.durable_names.get(path) && state.random.coin() {
                match state.names.get(path) {
                    Some(file) => names.insert(path.clone(), *file),
                    None => names.remove(path),
                };
            }
        }
        let mut lost = state.folders.clone();
        lost.retain(|path| !state.durable_folders.contains(path) && state.random.coin());
        let is_left = |path: &PathBuf| !lost.iter().any(|folder| path.starts_with(folder));
        let folders: BTreeSet<_> =
            state.folders.iter().filter(|path| is_left(path)).cloned().collect();
        names.retain(|path, _| is_left(path));
        let random = Random(state.random.next() | 1);
        let (durable_names, durable_folders) = (names.clone(), folders.clone());
        let after = State {
            files,
            names,
            durable_names,
            folders,
            durable_folders,
            random,
            ..State::default()
        };
        Self(Arc::new(Mutex::new(after)))
    }

    /// The disk after the process was killed: everything it wrote is seen.
    pub(crate) fn kill(&self) -> Self {
        let state = self.state();
        let after = State {
            files: state.files.clone(),
            names: state.names.clone(),
            durable_names: state.durable_names.clone(),
            folders: state.folders.clone(),
            durable_folders: state.durable_folders.clone(),
            random: Random(state.random.0),
            ..State::default()
        };
        Self(Arc::new(Mutex::new(after)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn file(&self, path: &Path) -> io::Result<FaultyFile> {
        let file = *self.state().names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(FaultyFile { disk: self.clone(), file })
    }
}

/// What is to happen in this step.
enum Step {
    Whole,
    Part,
}

impl State {
    fn step(&mut self) -> io::Result<Step> {
        if self.dead {
            return Err(io::Error::other("the power is off"));
        }
        self.steps += 1;
        if self.faults.power_cut_at == Some(self.steps) {
            self.dead = true;
            return Ok(Step::Part);
        }
        Ok(if self.faults.error_at == Some(self.steps) { Step::Part } else { Step::Whole })
    }

    /// Whether a file may grow to `end`.
    fn take_room(&self, file: usize, end: u64) -> io::Result<()> {
        let Some(capacity) = self.faults.capacity else {
            return Ok(());
        };
        let size = |at: usize| self.files[at].size();
        let grown = |at: usize| if at == file { size(at).max(end) } else { size(at) };
        let wanted: u64 = self.names.values().map(|at| grown(*at)).sum();
        if wanted > capacity && end > size(file) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }

    /// Operations that are done or not: a cut leaves either.
    fn whole_step(&mut self) -> io::Result<bool> {
        match self.step()? {
            Step::Whole => Ok(true),
            Step::Part => Ok(self.dead && self.random.coin()),
        }
    }
}

fn failed<T>() -> io::Result<T> {
    Err(io::Error::other("injected fault"))
}

impl FileLayer for FaultyDisk {
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn ReadAt>> {
        Ok(Box::new(self.file(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn LayerFile>> {
        Ok(Box::new(self.file(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn LayerFile>> {
        {
            let mut state = self.state();
            if state.names.contains_key(path) {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            let done = state.whole_step()?;
            if done {
                state.files.push(Content::default());
                let file = state.files.len() - 1;
                state.names.insert(path.to_owned(), file);
            }
            if !done || state.dead {
                return failed();
            }
        }
        self.open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.whole_step()? {
            return failed();
        }
        let file = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), file);
        if state.dead { failed() } else { Ok(()) }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.names.contains_key(path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if !state.whole_step()? {
            return failed();
        }
        if let Some(file) = state.names.remove(path) {
            let len = state.files[file].seen.len() as u64;
            state.free = state.free.map(|free| free + len);
        }
        if state.dead { failed() } else { Ok(()) }
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if state.folders.contains(path) {
            return Ok(());
        }
        if !state.whole_step()? {
            return failed();
        }
        state.folders.insert(path.to_owned());
        if state.dead { failed() } else { Ok(()) }
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.whole_step()? {
            return failed();
        }
        if state.faults.syncs == Syncs::Honest {
            let is_in = |name: &PathBuf| name.parent() == Some(path);
            state.durable_names.retain(|name, _| !is_in(name));
            let here: Vec<_> = state
                .names
                .iter()
                .filter(|(name, _)| is_in(name))
                .map(|(n, f)| (n.clone(), *f))
                .collect();
            state.durable_names.extend(here);
            let folders = state.folders.iter().filter(|name| is_in(name)).cloned();
            let folders: Vec<_> = folders.collect();
            state.durable_folders.extend(folders);
        }
        if state.dead { failed() } else { Ok(()) }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        let here = state.names.keys().filter(|path| path.parent() == Some(folder));
        let here: Vec<_> =
            here.filter_map(|path| path.file_name()?.to_str().map(str::to_owned)).collect();
        if here.is_empty() && !state.folders.contains(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(here)
    }

    fn modified_millis(&self, _path: &Path) -> io::Result<i64> {
        Ok(0)
    }

    fn is_owner_only(&self, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn free_space(&self, _folder: &Path) -> io::Result<u64> {
        Ok(self.state().free.unwrap_or(u64::MAX))
    }

    fn set_aside(&self, path: &Path, bytes: u64) -> io::Result<()> {
        let mut file = self.create(path)?;
        let content = vec![0; usize::try_from(bytes).unwrap()];
        file.write_at(0, &content)?;
        let mut state = self.state();
        state.free = state.free.map(|free| free - bytes);
        drop(state);
        file.sync()
    }

    fn lock(&self, _path: &Path) -> io::Result<Lock> {
        Ok(Lock::Held(LockGuard::new(())))
    }
}

#[derive(Debug)]
struct FaultyFile {
    disk: FaultyDisk,
    file: usize,
}

impl ReadAt for FaultyFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.disk.state().files[self.file].seen.read_at(offset, buffer)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.state().files[self.file].seen.len() as u64)
    }
}

impl LayerFile for FaultyFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        state.take_room(self.file, offset + bytes.len() as u64)?;
        let grows = offset + bytes.len() as u64 > state.files[self.file].size();
        if state.is_full() && grows {
            let part = state.random.below(bytes.len());
            let at = usize::try_from(offset).unwrap();
            state.files[self.file].write(at, &bytes[..part]);
            return Err(io::ErrorKind::StorageFull.into());
        }
        let (part, written) = match state.step()? {
            Step::Whole => (false, bytes.len()),
            Step::Part => (true, state.random.below(bytes.len() + 1)),
        };
        let at = usize::try_from(offset).unwrap();
        state.files[self.file].write(at, &bytes[..written]);
        if part { failed() } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let done = state.whole_step()?;
        let (dead, lying) = (state.dead, state.faults.syncs == Syncs::Lying);
        let content = &mut state.files[self.file];
        match (done, lying) {
            (true, true) => {}
            (true, false) => content.make_durable(),
            (false, _) => content.give_up_unsynced(),
        }
        if dead || !done { failed() } else { Ok(()) }
    }

    fn allocate(&mut self, offset: u64, len: u64) -> io::Result<Allocated> {
        let mut state = self.disk.state();
        state.take_room(self.file, offset + len)?;
        if state.is_full() && offset + len > state.files[self.file].size() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if !state.whole_step()? || state.dead {
            return failed();
        }
        let content = &mut state.files[self.file];
        content.allocated = content.allocated.max(offset + len);
        Ok(Allocated::Done)
    }

    fn forget_cached(&self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        if !state.whole_step()? {
            return failed();
        }
        state.files[self.file].truncate(usize::try_from(len).unwrap());
        if state.dead { failed() } else { Ok(()) }
    }
}
