//! The index on disk: one sled tree, opened with suspicion.

use std::fmt;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{collections::BTreeMap, io};

use super::loader::Loader;
use super::multiset::MultisetHash;
use super::overlay::Touched;
use super::scan::{Scan, ScanError, UNDO_BYTES, Undo};
use super::{IndexError, Overlay, ReadRows, Row};

/// The index's own row, outside every prefix that rows may use.
const MARK_KEY: &[u8] = b"\0mark";
const MARK_VERSION: u8 = 1;
const MARK_LEN: usize = 1 + 8 + 8 + 32;

/// sled makes its files readable by everybody: the folder keeps others out.
const OWNER_ONLY: u32 = 0o700;

/// What sled says of a folder whose lock is held; it has no kind of its own.
const LOCKED: &str = "could not acquire lock";

/// How often and how long to wait for a lock: two seconds in all, where a flush
/// takes milliseconds.
const LOCK_TRIES: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// How sled is to be opened.
#[derive(Debug, Clone)]
pub(crate) struct IndexOptions {
    /// sled's page cache, in bytes. When the data outgrows it, reads collapse
    /// (measured: 405,000 a second to 6), so size it to the state.
    pub(crate) cache_bytes: u64,
    /// How often sled writes its buffers to the operating system, in
    /// milliseconds. What is lost with a killed process is replayed.
    pub(crate) flush_every_millis: u64,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self { cache_bytes: 512 << 20, flush_every_millis: 500 }
    }
}

/// What was found where the index should be.
#[derive(Debug)]
pub(crate) enum Opened {
    /// Every row was read and agrees with the index's own account of itself. An
    /// index that is not there opens clean and empty, with nothing applied.
    Clean(Index),
    /// It does not agree, or could not be read: [`Index::reset`] and rebuild.
    Damaged {
        /// What did not agree, for the log.
        why: String,
    },
}

/// What the index says of itself; written in the same batch as every change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) applied: u64,
    pub(super) rows: u64,
    pub(super) hash: MultisetHash,
}

/// Rows in sled. Readers share it; commits take turns.
pub(crate) struct Index {
    db: sled::Db,
    held: Mutex<Held>,
}

/// What commits take turns by.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) mark: Mark,
    /// While a scan is under way.
    pub(super) undo: Option<Undo>,
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("mark", &self.mark()).finish_non_exhaustive()
    }
}

impl Index {
    /// Opens the index in `folder` and reads all of it.
    ///
    /// Errors are for what a rebuild would not cure either (a folder that cannot
    /// be made); everything else about it is [`Opened::Damaged`].
    pub(crate) fn open(folder: &Path, options: &IndexOptions) -> Result<Opened, IndexError> {
        let made = DirBuilder::new().recursive(true).mode(OWNER_ONLY).create(folder);
        made.map_err(|e| folder_error(folder, &e))?;
        match guarded(|| Self::open_and_compare(folder, options)) {
            Ok(Ok(index)) => Ok(Opened::Clean(index)),
            Ok(Err(why)) => Ok(Opened::Damaged { why }),
            Err(error) => Ok(Opened::Damaged { why: error.to_string() }),
        }
    }

    /// Removes whatever is in `folder` and opens an empty index there.
    pub(crate) fn reset(folder: &Path, options: &IndexOptions) -> Result<Self, IndexError> {
        match fs::remove_dir_all(folder) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(folder_error(folder, &error)),
        }
        match Self::open(folder, options)? {
            Opened::Clean(index) => Ok(index),
            Opened::Damaged { why } => Err(IndexError::Storage(why)),
        }
    }

    fn open_and_compare(folder: &Path, options: &IndexOptions) -> Result<Self, String> {
        let config = sled::Config::new()
            .path(folder)
            .cache_capacity(options.cache_bytes)
            .flush_every_ms(Some(options.flush_every_millis));
        let db = open_unlocked(&config).map_err(|error| format!("does not open: {error}"))?;
        let stated = match db.get(MARK_KEY).map_err(|error| error.to_string())? {
            Some(bytes) => Mark::decode(&bytes).ok_or("its own row is unreadable")?,
            None => Mark::default(),
        };
        let mut found = Mark { applied: stated.applied, ..Mark::default() };
        for row in db.iter() {
            let (key, value) = row.map_err(|error| error.to_string())?;
            if &*key != MARK_KEY {
                found.rows += 1;
                found.hash.add(&key, &value);
            }
        }
        if found.rows != stated.rows {
            return Err(format!("has {} rows and should have {}", found.rows, stated.rows));
        }
        if found.hash != stated.hash {
            return Err(format!("its {} rows are not those that were written", found.rows));
        }
        Ok(Self { db, held: Mutex::new(Held { mark: stated, undo: None }) })
    }

    /// The sequence of the last change whose rows are in; 0 when empty.
    pub(crate) fn applied(&self) -> u64 {
        self.mark().applied
    }

    /// The applied sequence with the rows' count and hash, as of one moment.
    pub(crate) fn stands_at(&self) -> (u64, (u64, [u8; 32])) {
        let mark = self.mark();
        (mark.applied, (mark.rows, mark.hash.to_bytes()))
    }

    /// How many rows there are, and their multiset hash: two indexes of the same
    /// journal agree in both.
    #[cfg(test)]
    pub(crate) fn fingerprint(&self) -> (u64, [u8; 32]) {
        let mark = self.mark();
        (mark.rows, mark.hash.to_bytes())
    }

    /// Starts collecting writes. One overlay at a time: a second one would not
    /// see the first one's rows.
    pub(crate) fn overlay(&self) -> Overlay<'_> {
        Overlay::new(self)
    }

    pub(super) fn commit(
        &self,
        touched: BTreeMap<Vec<u8>, Touched>,
        applied: u64,
    ) -> Result<(), IndexError> {
        let mut held = self.held();
        let mut next = Mark { applied, ..held.mark };
        let mut batch = sled::Batch::default();
        for (key, Touched { before, after }) in touched {
            if before == after {
                continue;
            }
            if let Some(undo) = &mut held.undo {
                undo.note(&key, before.as_deref());
            }
            if let Some(before) = before {
                next.rows -= 1;
                next.hash.remove(&key, &before);
            }
            match after {
                Some(after) => {
                    next.rows += 1;
                    next.hash.add(&key, &after);
                    batch.insert(key, after);
                }
                None => batch.remove(key),
            }
        }
        self.write_marked_by(&mut held, batch, next)
    }

    /// One batch, with what the index says of itself from then on.
    pub(super) fn write_marked(&self, batch: sled::Batch, next: Mark) -> Result<(), IndexError> {
        self.write_marked_by(&mut self.held(), batch, next)
    }

    fn write_marked_by(
        &self,
        held: &mut Held,
        mut batch: sled::Batch,
        next: Mark,
    ) -> Result<(), IndexError> {
        batch.insert(MARK_KEY, &next.encode()[..]);
        self.write_rows(batch)?;
        held.mark = next;
        Ok(())
    }

    pub(super) fn write_rows(&self, batch: sled::Batch) -> Result<(), IndexError> {
        Ok(guarded(|| self.db.apply_batch(batch))??)
    }

    /// Fills an empty index with rows in key order.
    pub(crate) fn loader(&self) -> Loader<'_> {
        Loader::new(self)
    }

    /// Hands sled's buffers to the operating system. This is no promise that
    /// they are on the disk: sled 0.34 does not call fsync.
    pub(crate) fn flush(&self) -> Result<(), IndexError> {
        guarded(|| self.db.flush())??;
        Ok(())
    }

    /// Begins to read all rows as they stand now, while commits go on.
    pub(crate) fn scan_all(&self) -> Result<Scan<'_>, ScanError> {
        Scan::begin(self, UNDO_BYTES)
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        // The mark is replaced only after a batch went in whole, and old values are
        // noted before it: both are right even if a thread panicked holding them.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark(&self) -> Mark {
        self.held().mark
    }
}

impl ReadRows for Index {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        Ok(guarded(|| self.db.get(key))??.map(|value| value.to_vec()))
    }

    fn scan(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, IndexError> {
        let from = match after {
            // The next possible key after `after` is `after` with a zero byte.
            Some(after) if after >= prefix => [after, &[0]].concat(),
            _ => prefix.to_vec(),
        };
        guarded(|| {
            let mut rows = Vec::new();
            for row in self.db.range(from..).take(limit) {
                let (key, value) = row?;
                if !key.starts_with(prefix) {
                    break;
                }
                if &*key != MARK_KEY {
                    rows.push((key.to_vec(), value.to_vec()));
                }
            }
            Ok(rows)
        })?
    }
}

impl Mark {
    fn encode(&self) -> [u8; MARK_LEN] {
        let mut bytes = [0; MARK_LEN];
        bytes[0] = MARK_VERSION;
        bytes[1..9].copy_from_slice(&self.applied.to_be_bytes());
        bytes[9..17].copy_from_slice(&self.rows.to_be_bytes());
        bytes[17..].copy_from_slice(&self.hash.to_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; MARK_LEN] = bytes.try_into().ok()?;
        let (version, rest) = bytes.split_first()?;
        let (applied, rest) = rest.split_first_chunk()?;
        let (rows, hash) = rest.split_first_chunk()?;
        (*version == MARK_VERSION).then_some(Self {
            applied: u64::from_be_bytes(*applied),
            rows: u64::from_be_bytes(*rows),
            hash: MultisetHash::from_bytes(hash.try_into().ok()?),
        })
    }
}

/// Opens sled, waiting while the folder is locked. The journal's lock keeps other
/// processes out, so whoever holds this one is a `Db` that this process dropped:
/// its flushing thread lets go of the lock a moment later.
#[expect(clippy::disallowed_methods, reason = "waits for another thread; judges no time")]
fn open_unlocked(config: &sled::Config) -> sled::Result<sled::Db> {
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains(LOCKED) => {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

/// Runs `work` and turns a panic inside sled into an error: damaged pages make
/// it panic (measured with flipped bytes), and the gateway must not fall with an
/// index that it can rebuild.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, IndexError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        IndexError::Panicked(text.unwrap_or("no message").to_owned())
    })
}

fn folder_error(folder: &Path, error: &io::Error) -> IndexError {
    IndexError::Folder { folder: PathBuf::from(folder), problem: error.to_string() }
}

#[cfg(test)]
#[path = "tests/mod.rs"]
mod tests;
