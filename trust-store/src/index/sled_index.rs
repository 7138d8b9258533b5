//! The index on disk: one sled tree, opened with suspicion.

use std::fmt;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{collections::BTreeMap, io};

use super::batch::Batch;
use super::blocks::{self, BlockRows, FIRST};
use super::compare::read_all;
use super::loader::Loader;
use super::mark::{MARK_KEY, Mark};
use super::options::IndexOptions;
use super::overlay::Touched;
use super::scan::{Scan, ScanError, UNDO_BYTES, Undo};
use super::{IndexError, Overlay, ReadRows, Row};

/// sled makes its files readable by everybody: the folder keeps others out.
const OWNER_ONLY: u32 = 0o700;

/// How many bytes go to sled between two flushes: a small part of a segment.
///
/// sled 0.34 writes its log on seven threads. A segment that is free at the file's
/// end is cut off on one of them; the next segment to be put there waits for that
/// and holds the lock that each of the seven needs to end its write. With seven
/// writes before it the cut never begins, and nothing goes on (seen in a test). At
/// least a whole segment is filled in between, for one free segment is always kept:
/// a flush within every segment lets the cut begin in time.
const UNFLUSHED_BYTES: usize = 1 << 20;

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

/// Rows in sled. Readers share it; commits take turns.
pub(crate) struct Index {
    db: sled::Db,
    held: Mutex<Held>,
    /// Bytes given to sled since the last flush.
    unflushed: AtomicUsize,
    /// As sled on a full disk: every write fails from now on.
    #[cfg(test)]
    pub(crate) broken: std::sync::atomic::AtomicBool,
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
        let db = options.open_sled(folder)?;
        let stated = match db.get(MARK_KEY).map_err(|error| error.to_string())? {
            Some(bytes) => Mark::decode(&bytes)?,
            None => Mark::default(),
        };
        let found = read_all(&db)?;
        if found.rows != stated.rows {
            return Err(format!("it has {} rows and should have {}", found.rows, stated.rows));
        }
        if found.hash != stated.hash {
            return Err(format!("its {} rows are not those that were written", found.rows));
        }
        let held = Mutex::new(Held { mark: stated, undo: None });
        let unflushed = AtomicUsize::new(0);
        #[cfg(test)]
        let broken = std::sync::atomic::AtomicBool::new(false);
        Ok(Self {
            db,
            held,
            unflushed,
            #[cfg(test)]
            broken,
        })
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
        let mut changes = Vec::with_capacity(touched.len());
        for (key, Touched { before, after }) in touched {
            if before == after {
                continue;
            }
            if let Some(undo) = &mut held.undo {
                undo.note(&key, before.as_deref());
            }
            if let Some(before) = before {
                next.remove(&key, &before);
            }
            if let Some(after) = &after {
                next.add(&key, after);
            }
            changes.push((key, after));
        }
        let batch = self.pack(changes)?;
        self.write_marked_by(&mut held, batch, next)
    }

    /// The blocks that changes, in key order, leave.
    fn pack(&self, changes: Vec<(Vec<u8>, Option<Vec<u8>>)>) -> Result<Batch, IndexError> {
        let mut batch = Batch::default();
        let mut changes = changes.into_iter().peekable();
        let mut next = None;
        while let Some(first) = changes.next() {
            let (block_key, bytes) = match next.take() {
                Some(block) => block,
                None => self.block_of(&first.0)?,
            };
            let mut of_block = vec![first];
            while let Some((key, _)) = changes.peek() {
                let (found, bytes) = self.block_of(key)?;
                if found != block_key {
                    next = Some((found, bytes));
                    break;
                }
                of_block.extend(changes.next());
            }
            for block in blocks::edit(&block_key, &bytes, of_block)? {
                if block.bytes.is_empty() && block.key != FIRST {
                    batch.remove(&block.key);
                } else {
                    batch.insert(&block.key, &block.bytes);
                }
            }
        }
        Ok(batch)
    }

    /// The block that `key` is in or would be in, and its key.
    fn block_of(&self, key: &[u8]) -> Result<(sled::IVec, sled::IVec), IndexError> {
        let found = guarded(|| self.db.range(FIRST..=key).next_back().transpose())??;
        Ok(found.unwrap_or_else(|| (FIRST.into(), sled::IVec::default())))
    }

    /// One batch, with what the index says of itself from then on.
    pub(super) fn write_marked(&self, batch: Batch, next: Mark) -> Result<(), IndexError> {
        self.write_marked_by(&mut self.held(), batch, next)
    }

    fn write_marked_by(
        &self,
        held: &mut Held,
        mut batch: Batch,
        next: Mark,
    ) -> Result<(), IndexError> {
        batch.insert(MARK_KEY, &next.encode());
        self.write_rows(batch)?;
        held.mark = next;
        Ok(())
    }

    pub(super) fn write_rows(&self, batch: Batch) -> Result<(), IndexError> {
        let (writes, bytes) = batch.into_parts();
        #[cfg(test)]
        if self.broken.load(Ordering::Relaxed) {
            return Err(IndexError::Storage("injected fault".to_owned()));
        }
        guarded(|| self.db.apply_batch(writes))??;
        if self.unflushed.fetch_add(bytes, Ordering::Relaxed) + bytes < UNFLUSHED_BYTES {
            return Ok(());
        }
        self.flush()
    }

    /// Fills an empty index with rows in key order.
    pub(crate) fn loader(&self) -> Loader<'_> {
        Loader::new(self)
    }

    /// Hands sled's buffers to the operating system. This is no promise that
    /// they are on the disk: sled 0.34 does not call fsync.
    pub(crate) fn flush(&self) -> Result<(), IndexError> {
        self.unflushed.store(0, Ordering::Relaxed);
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
        let (_, block) = self.block_of(key)?;
        blocks::find(&block, key)
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
        let (block_key, _) = self.block_of(&from)?;
        guarded(|| {
            let mut rows: Vec<Row> = Vec::new();
            for block in self.db.range(block_key..) {
                let (_, bytes) = block?;
                for row in BlockRows::of(&bytes) {
                    let (key, value) = row?;
                    // A block that was split meanwhile shows its rows again.
                    if *key < *from || rows.last().is_some_and(|(last, _)| *key <= **last) {
                        continue;
                    }
                    if !key.starts_with(prefix) || rows.len() == limit {
                        return Ok(rows);
                    }
                    rows.push((key.to_vec(), value.to_vec()));
                }
            }
            Ok(rows)
        })?
    }
}

/// Runs `work` and turns a panic inside sled into an error: damaged pages make
/// it panic (measured with flipped bytes), and the gateway must not fall with an
/// index that it can rebuild.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, IndexError> {
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
