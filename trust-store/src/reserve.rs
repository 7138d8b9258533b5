//! Room on the disk that sign-ins may not take.
//!
//! A full disk must not keep the province from saying whom it trusts. So:
//! 1. At most once a second somebody looks how much the folder's file system has
//!    free: before a sign-in, before a command, for readiness.
//! 2. Below the reserve sign-ins are refused before anything of them is written.
//!    Changes of trust, erasures and whatever else operators do go on.
//! 3. When almost nothing is left the ballast goes: a file that takes up room and
//!    holds nothing. What it gives back is for those changes.
//! 4. When there is room for reserve and ballast again, the ballast is set aside
//!    again, by a gateway's timer: that waits for the disk.
//!
//! A power cut leaves the ballast there, not there, or shorter than it should be;
//! the next look sees which, and mends it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::error::StoreError;
use crate::files::FileLayer;

/// The ballast's file name in the province's folder.
pub(crate) const BALLAST_FILE: &str = "reserve";

const MIB: u64 = 1 << 20;

/// How much the ballast takes: thousands of changes of trust, or the largest
/// revocation list.
pub(crate) const BALLAST: u64 = 64 * MIB;

/// Below this the ballast goes: more than a revocation list and its index take, so
/// that the change which comes next still fits.
const ALMOST_NOTHING: u64 = 48 * MIB;

/// What is kept free unless the settings say otherwise.
pub(crate) const DEFAULT: u64 = 512 * MIB;

/// A look is good for this long.
const LOOK_MILLIS: i64 = 1000;

/// How the disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiskView {
    /// Bytes that the province may still write; `None` when the system does not say.
    pub free: Option<u64>,
    /// Bytes that sign-ins leave alone.
    pub reserve: u64,
    /// Whether the ballast lies ready to be given back.
    pub ballast: bool,
}

impl DiskView {
    /// Whether sign-ins are refused.
    pub fn is_short(&self) -> bool {
        self.free.is_some_and(|free| free < self.reserve)
    }
}

/// An amount of bytes, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            bytes if bytes < MIB => write!(f, "{} KiB", bytes >> 10),
            bytes if bytes < 10 << 30 => write!(f, "{} MiB", bytes >> 20),
            bytes => write!(f, "{} GiB", bytes >> 30),
        }
    }
}

/// Keeps the reserve of one folder.
#[derive(Debug)]
pub(crate) struct Reserve {
    files: Arc<dyn FileLayer>,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    bytes: AtomicU64,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    at_millis: Option<i64>,
    free: Option<u64>,
    ballast: Ballast,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ballast {
    Missing,
    Aside,
}

impl Reserve {
    pub(crate) fn new(files: Arc<dyn FileLayer>, folder: &Path, clock: Arc<dyn Clock>) -> Self {
        let ballast = if is_aside(&*files, folder) { Ballast::Aside } else { Ballast::Missing };
        Self {
            files,
            folder: folder.to_owned(),
            clock,
            bytes: AtomicU64::new(DEFAULT),
            seen: Mutex::new(Seen { at_millis: None, free: None, ballast }),
        }
    }

    /// Keeps so many bytes free from now on.
    pub(crate) fn keep(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Step 4, where it is due. Blocks.
    pub(crate) fn tend(&self) {
        let mut seen = self.lock();
        self.look_now(&mut seen);
        let reserve = self.bytes.load(Ordering::Relaxed);
        let room = seen.free.is_some_and(|free| free >= reserve.saturating_add(BALLAST));
        if room && seen.ballast == Ballast::Missing {
            self.set_aside(&mut seen);
            seen.free = self.free();
        }
    }

    /// Whether a sign-in may write.
    pub(crate) fn admits(&self) -> Result<(), StoreError> {
        let disk = self.look();
        match disk.free {
            Some(free) if disk.is_short() => {
                Err(StoreError::DiskReserve { free, reserve: disk.reserve })
            }
            _ => Ok(()),
        }
    }

    /// Step 1, and 3 where it is due.
    pub(crate) fn look(&self) -> DiskView {
        let now = self.clock.now_millis();
        let mut seen = self.lock();
        let fresh = seen.at_millis.is_some_and(|at| (at..at + LOOK_MILLIS).contains(&now));
        if !fresh {
            self.look_now(&mut seen);
        }
        let reserve = self.bytes.load(Ordering::Relaxed);
        DiskView { free: seen.free, reserve, ballast: seen.ballast == Ballast::Aside }
    }

    fn look_now(&self, seen: &mut Seen) {
        seen.at_millis = Some(self.clock.now_millis());
        seen.free = self.free();
        if let Some(free) = seen.free.filter(|free| *free < ALMOST_NOTHING)
            && seen.ballast == Ballast::Aside
        {
            self.give_back(seen, free);
            seen.free = self.free();
        }
    }

    fn give_back(&self, seen: &mut Seen, free: u64) {
        match self.files.remove(&self.folder.join(BALLAST_FILE)) {
            Ok(()) => {
                let (free, given) = (Size(free), Size(BALLAST));
                tracing::error!(%free, %given, "the disk is full: the ballast was given back");
                seen.ballast = Ballast::Missing;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                seen.ballast = Ballast::Missing;
            }
            Err(error) => tracing::error!(%error, "the ballast could not be given back"),
        }
    }

    fn set_aside(&self, seen: &mut Seen) {
        let path = self.folder.join(BALLAST_FILE);
        // What was interrupted, if there is any.
        let _ = self.files.remove(&path);
        match self.files.set_aside(&path, BALLAST) {
            Ok(()) => seen.ballast = Ballast::Aside,
            Err(error) => {
                tracing::warn!(%error, "no ballast could be set aside");
                let _ = self.files.remove(&path);
            }
        }
    }

    fn free(&self) -> Option<u64> {
        let free = self.files.free_space(&self.folder);
        free.inspect_err(|error| tracing::warn!(%error, "the disk's free space is unknown")).ok()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        // What was seen is whole after every step.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a whole ballast lies there.
pub(crate) fn is_aside(files: &dyn FileLayer, folder: &Path) -> bool {
    let file = files.open_read(&folder.join(BALLAST_FILE));
    file.and_then(|file| file.len()).is_ok_and(|len| len == BALLAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::files::faulty::FaultyDisk;

    const FOLDER: &str = "/province";

    fn reserve(disk: &FaultyDisk) -> (Reserve, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::at_millis(0));
        let reserve = Reserve::new(Arc::new(disk.clone()), Path::new(FOLDER), clock.clone());
        (reserve, clock)
    }

    #[test]
    fn sign_ins_are_refused_below_the_reserve_and_let_in_again_above_it() {
        let disk = FaultyDisk::default();
        let (reserve, clock) = reserve(&disk);
        disk.set_free(DEFAULT);
        reserve.admits().unwrap();
        disk.set_free(DEFAULT - 1);
        reserve.admits().expect("it was looked at within this second");
        clock.advance_millis(LOOK_MILLIS);
        let error = reserve.admits().unwrap_err();
        assert!(error.is_disk_full(), "{error}");
        assert!(error.to_string().contains("511 MiB"), "{error}");
        disk.set_free(DEFAULT);
        clock.advance_millis(LOOK_MILLIS);
        reserve.admits().unwrap();
        // A clock set back does not make an old look fresh.
        disk.set_free(0);
        clock.advance_millis(-10 * LOOK_MILLIS);
        reserve.admits().unwrap_err();
    }

    #[test]
    fn the_ballast_goes_last_and_comes_back() {
        let disk = FaultyDisk::default();
        let (reserve, clock) = reserve(&disk);
        reserve.keep(2 * BALLAST);
        let look_with = |free| {
            disk.set_free(free);
            clock.advance_millis(LOOK_MILLIS);
            reserve.look();
            reserve.tend();
            reserve.look()
        };
        assert!(!look_with(3 * BALLAST - 1).ballast, "it would take from the reserve");
        let disk_view = look_with(3 * BALLAST);
        assert!(disk_view.ballast && disk_view.free == Some(2 * BALLAST), "{disk_view:?}");
        let short = look_with(ALMOST_NOTHING);
        assert!(short.ballast && short.is_short(), "{short:?}");
        let given = look_with(ALMOST_NOTHING - 1);
        assert_eq!((given.ballast, given.free), (false, Some(ALMOST_NOTHING - 1 + BALLAST)));
        assert!(given.is_short(), "what it gives back is not for sign-ins: {given:?}");
        assert!(!look_with(2 * BALLAST).ballast);
        assert!(look_with(3 * BALLAST).ballast);
        // The next process finds it, whether it keeps one or not.
        assert_eq!(self::reserve(&disk).0.lock().ballast, Ballast::Aside);
    }

    #[test]
    fn a_ballast_that_does_not_fit_is_not_kept_by_half() {
        let disk = FaultyDisk::default();
        disk.create_folder(Path::new(FOLDER)).unwrap();
        let (reserve, _) = reserve(&disk);
        reserve.keep(0);
        disk.set_free(BALLAST);
        disk.set_full(true);
        reserve.tend();
        assert!(!reserve.look().ballast);
        assert!(disk.list(Path::new(FOLDER)).unwrap().is_empty());
    }
}
