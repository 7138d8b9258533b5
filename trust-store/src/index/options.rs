//! How sled is to be opened: above all, with how large a cache.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// The cache of a small province: half a million subjects.
const LEAST_CACHE: u64 = 512 << 20;

/// Where the system does not say how much memory it has.
const ASSUMED_MEMORY: u64 = 2 << 30;

/// What sled says of a folder whose lock is held; it has no kind of its own.
const LOCKED: &str = "could not acquire lock";

/// How often and how long to wait for a lock: two seconds in all, where a flush
/// takes milliseconds.
const LOCK_TRIES: u32 = 200;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// How large sled's segments are: as large as it allows, see `UNFLUSHED_BYTES`. Fixed
/// when an index is made; one with other segments does not open and is made anew.
const SEGMENT: usize = 16 << 20;

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
        Self { cache_bytes: LEAST_CACHE, flush_every_millis: 500 }
    }
}

impl IndexOptions {
    /// For a state of `bytes`, with room to grow until the next opening; at most
    /// half of the machine's memory. Warns when that is less than the state.
    pub(crate) fn sized_to(bytes: u64) -> Self {
        let allowed = (memory() / 2).max(LEAST_CACHE);
        if bytes > allowed {
            tracing::warn!(
                state_bytes = bytes,
                cache_bytes = allowed,
                "the state is larger than half of this machine's memory: reads will be slow"
            );
        }
        let cache_bytes = bytes.saturating_mul(2).clamp(LEAST_CACHE, allowed);
        Self { cache_bytes, ..Self::default() }
    }

    /// For the index that is in `folder`, if there is one.
    pub(crate) fn sized_to_folder(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let lengths = entries.filter_map(|entry| entry.metadata().ok()).map(|data| data.len());
        Self::sized_to(lengths.sum())
    }

    /// Opens sled, waiting while the folder is locked. The journal's lock keeps
    /// other processes out, so whoever holds this one is a `Db` that this process
    /// dropped: its flushing thread lets go of the lock a moment later.
    #[expect(clippy::disallowed_methods, reason = "waits for another thread; judges no time")]
    pub(super) fn open_sled(&self, folder: &Path) -> Result<sled::Db, String> {
        let config = sled::Config::new()
            .path(folder)
            .segment_size(SEGMENT)
            .cache_capacity(self.cache_bytes)
            .flush_every_ms(Some(self.flush_every_millis));
        let mut opened = config.open();
        for _ in 1..LOCK_TRIES {
            match &opened {
                Err(sled::Error::Io(error)) if error.to_string().contains(LOCKED) => {
                    thread::sleep(LOCK_PAUSE);
                    opened = config.open();
                }
                _ => break,
            }
        }
        opened.map_err(|error| match error {
            sled::Error::Unsupported(_) => "it was made by another version".to_owned(),
            error => format!("it does not open: {error}"),
        })
    }
}

/// The machine's memory in bytes.
fn memory() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    memory_of(&text).unwrap_or(ASSUMED_MEMORY)
}

fn memory_of(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_as_the_kernel_writes_it() {
        let text = "MemTotal:       24590956 kB\nMemFree:          512 kB\n";
        assert_eq!(memory_of(text), Some(24_590_956 * 1024));
        assert_eq!(memory_of("MemFree: 1 kB\n"), None);
        assert!(memory() > 1 << 20);
    }

    #[test]
    fn the_cache_follows_the_state_within_bounds() {
        assert_eq!(IndexOptions::sized_to(0).cache_bytes, LEAST_CACHE);
        let most = IndexOptions::sized_to(u64::MAX).cache_bytes;
        assert_eq!(most, (memory() / 2).max(LEAST_CACHE));
    }
}
