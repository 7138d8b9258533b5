//! Every file that the store writes goes through this narrow layer.
//!
//! It is small so that a test can stand in for the disk: tear a write, fail a
//! sync or lie about it, reorder what was not synced, and cut the power at every
//! boundary. Nothing here hides an error or retries one.

mod disk;
#[cfg(test)]
pub(crate) mod faulty;

use std::any::Any;
use std::fmt;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

pub(crate) use disk::Disk;

/// How much of a file is held at a time.
const CHUNK: usize = 1 << 20;

/// What the store asks of a file system.
pub(crate) trait FileLayer: fmt::Debug + Send + Sync {
    /// Opens an existing file for reading.
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn ReadAt>>;

    /// Opens an existing file for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Box<dyn LayerFile>>;

    /// Makes a new file that only its owner may read; one that exists is an
    /// error. It is in its folder for good only after [`Self::sync_folder`].
    fn create(&self, path: &Path) -> io::Result<Box<dyn LayerFile>>;

    /// Renames a file, over another if there is one.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes a folder that only its owner may enter, unless it is there. It is in its
    /// own folder for good only after [`Self::sync_folder`] of that: see
    /// [`make_folder`].
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    /// Makes the folder's entries durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;

    /// The names in a folder, sorted.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// When a file was last written, in Unix milliseconds.
    fn modified_millis(&self, path: &Path) -> io::Result<i64>;

    /// Whether nobody but the owner (and root) may read or write the file.
    fn is_owner_only(&self, path: &Path) -> io::Result<bool>;

    /// How many bytes this process may still write in `folder`.
    fn free_space(&self, folder: &Path) -> io::Result<u64>;

    /// Makes a new file that takes up `bytes` and holds nothing, durably.
    fn set_aside(&self, path: &Path, bytes: u64) -> io::Result<()>;

    /// Takes the lock at `path` for as long as the guard lives.
    fn lock(&self, path: &Path) -> io::Result<Lock>;
}

/// A file open for reading.
pub(crate) trait ReadAt: fmt::Debug + Send + Sync {
    /// Reads at `offset`; fewer bytes than asked for only at the end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// How long the file is.
    fn len(&self) -> io::Result<u64>;
}

/// A file open for reading and writing.
pub(crate) trait LayerFile: ReadAt {
    /// Writes all of `bytes` at `offset`, or fails with any part written.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes the file's content and length durable. After a failure nothing is
    /// known about what was written since the last success, and a later success
    /// says nothing about it.
    fn sync(&mut self) -> io::Result<()>;

    /// Gets space for `len` bytes from `offset` on, so that writing there does not
    /// find the disk full. The length that the file shows stays.
    fn allocate(&mut self, offset: u64, len: u64) -> io::Result<Allocated>;

    /// Has what is read next come from the medium instead of memory, where the
    /// system can do that; after [`Self::sync`].
    fn forget_cached(&self) -> io::Result<()>;

    /// Cuts the file to `len` bytes, and gives back what was allocated behind.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
}

/// Whether space could be had ahead of writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allocated {
    /// It is the file's.
    Done,
    /// This file system cannot do that; a write may still find the disk full.
    Unsupported,
}

/// The outcome of asking for a lock.
#[derive(Debug)]
pub(crate) enum Lock {
    /// Held until the guard is dropped.
    Held(LockGuard),
    /// Another process has it; what that process wrote about itself.
    Taken {
        /// The other's process id, if it could be read.
        holder: Option<u32>,
    },
}

/// Keeps a lock.
pub(crate) struct LockGuard(
    #[expect(dead_code, reason = "held, never read")] Box<dyn Any + Send + Sync>,
);

impl LockGuard {
    pub(crate) fn new(held: impl Any + Send + Sync) -> Self {
        Self(Box::new(held))
    }
}

impl fmt::Debug for LockGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LockGuard")
    }
}

/// Reads a whole file of at most `limit` bytes.
pub(crate) fn read_all(file: &(impl ReadAt + ?Sized), limit: u64) -> io::Result<Vec<u8>> {
    let len = file.len()?;
    if len > limit {
        let problem = format!("{len} bytes are more than the {limit} allowed here");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    let read = file.read_at(0, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest {
    /// How long it is.
    pub(crate) bytes: u64,
    /// Its SHA-256.
    pub(crate) sha256: [u8; 32],
}

/// Reads a whole file for what it holds.
pub(crate) fn digest(files: &dyn FileLayer, path: &Path) -> io::Result<Digest> {
    each_chunk(&*files.open_read(path)?, |_, _| Ok(()))
}

/// Copies the file `from` to the new file `to` and syncs that, not its folder.
/// What an interrupted copy left at `to` is removed first. Returns what was read.
pub(crate) fn copy(files: &dyn FileLayer, from: &Path, to: &Path) -> io::Result<Digest> {
    let source = files.open_read(from)?;
    match files.remove(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut target = files.create(to)?;
    let copied = each_chunk(&*source, |offset, chunk| target.write_at(offset, chunk))
        .and_then(|copied| target.sync().map(|()| copied))
        .and_then(|copied| target.forget_cached().map(|()| copied));
    if copied.is_err() {
        // On a full disk, a part of it would take the room of others.
        let _ = files.remove(to);
    }
    copied
}

fn each_chunk(
    source: &dyn ReadAt,
    mut take: impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> io::Result<Digest> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut buffer = vec![0; CHUNK];
    let mut bytes = 0;
    loop {
        let read = source.read_at(bytes, &mut buffer)?;
        if read == 0 {
            break;
        }
        context.update(&buffer[..read]);
        take(bytes, &buffer[..read])?;
        bytes += read as u64;
    }
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(context.finish().as_ref());
    Ok(Digest { bytes, sha256 })
}

/// Makes durable what a file holds in `range`, whatever became of an earlier sync:
/// after one that failed the kernel may take what it could not write for written, and
/// still show it. Writing the same bytes again leaves no moment at which others are
/// there.
pub(crate) fn write_again(file: &mut dyn LayerFile, range: Range<u64>) -> io::Result<()> {
    let mut at = range.start;
    while at < range.end {
        let len = usize::try_from(range.end - at).unwrap_or(CHUNK).min(CHUNK);
        let mut chunk = vec![0; len];
        let read = file.read_at(at, &mut chunk)?;
        if read < len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.write_at(at, &chunk)?;
        at += len as u64;
    }
    file.sync()
}

/// Makes a folder for good, unless it is there for good. One that is there may have been
/// made by a process that was killed, or whose sync failed, before its name was durable.
pub(crate) fn make_folder(files: &dyn FileLayer, folder: &Path) -> io::Result<()> {
    files.create_folder(folder)?;
    files.sync_folder(folder_of(folder))
}

/// The folder that a file or folder is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) => Path::new("."),
        // A root is in itself.
        None => path,
    }
}

/// Replaces the file `name` in `folder` so that a power cut leaves the old
/// content or the new: written beside it, synced, renamed, folder synced.
pub(crate) fn replace(
    files: &dyn FileLayer,
    folder: &Path,
    name: &str,
    content: &[u8],
) -> io::Result<()> {
    write_beside(files, folder, name, content)?;
    put_in_place(files, folder, name)
}

/// The first half of [`replace`]: the new content is durable beside the file, which
/// is as it was.
pub(crate) fn write_beside(
    files: &dyn FileLayer,
    folder: &Path,
    name: &str,
    content: &[u8],
) -> io::Result<()> {
    let temporary = beside(folder, name);
    match files.remove(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = files.create(&temporary).and_then(|mut file| {
        file.write_at(0, content)?;
        file.sync()
    });
    if written.is_err() {
        // On a full disk, a half-written file would take the room of others.
        let _ = files.remove(&temporary);
    }
    written
}

/// The second half of [`replace`].
pub(crate) fn put_in_place(files: &dyn FileLayer, folder: &Path, name: &str) -> io::Result<()> {
    files.rename(&beside(folder, name), &folder.join(name))?;
    files.sync_folder(folder)
}

/// Where a file's next content is written.
pub(crate) fn beside(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.new"))
}

/// Whether the disk, or what this account may take of it, is full.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
