//! The real file system.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::UNIX_EPOCH;

use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, PosixFadviseAdvice, fallocate, posix_fadvise};
use nix::sys::statvfs::statvfs;

use super::{Allocated, FileLayer, LayerFile, Lock, LockGuard, ReadAt};

const OWNER_ONLY_FILE: u32 = 0o600;
const OWNER_ONLY_FOLDER: u32 = 0o700;

/// The operating system's files.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Disk;

impl FileLayer for Disk {
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn ReadAt>> {
        Ok(Box::new(File::open(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn LayerFile>> {
        Ok(Box::new(OpenOptions::new().read(true).write(true).open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn LayerFile>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(OWNER_ONLY_FILE);
        Ok(Box::new(options.open(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        match DirBuilder::new().mode(OWNER_ONLY_FOLDER).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made,
        }
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            // A name that is not UTF-8 is not one of ours.
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn modified_millis(&self, path: &Path) -> io::Result<i64> {
        let modified = fs::metadata(path)?.modified()?;
        let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).map_err(io::Error::other)
    }

    fn is_owner_only(&self, path: &Path) -> io::Result<bool> {
        let others = fs::metadata(path)?.permissions().mode() & 0o077;
        Ok(others == 0)
    }

    fn free_space(&self, folder: &Path) -> io::Result<u64> {
        let stat = statvfs(folder)?;
        Ok(stat.blocks_available().saturating_mul(stat.fragment_size()))
    }

    fn set_aside(&self, path: &Path, bytes: u64) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(OWNER_ONLY_FILE).open(path)?;
        let len = i64::try_from(bytes).map_err(io::Error::other)?;
        match fallocate(&file, FallocateFlags::empty(), 0, len) {
            Ok(()) => {}
            Err(Errno::EOPNOTSUPP) => fill(&mut file, bytes)?,
            Err(errno) => return Err(errno.into()),
        }
        file.sync_all()
    }

    fn lock(&self, path: &Path) -> io::Result<Lock> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(OWNER_ONLY_FILE);
        let file = options.open(path)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.write_all_at(std::process::id().to_string().as_bytes(), 0)?;
                Ok(Lock::Held(LockGuard::new(file)))
            }
            Err(TryLockError::WouldBlock) => {
                Ok(Lock::Taken { holder: fs::read_to_string(path)?.trim().parse().ok() })
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// For file systems that allocate nothing ahead: writes it.
fn fill(file: &mut File, bytes: u64) -> io::Result<()> {
    io::copy(&mut io::repeat(0).take(bytes), file).map(drop)
}

impl ReadAt for File {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match FileExt::read_at(self, &mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

impl LayerFile for File {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn allocate(&mut self, offset: u64, len: u64) -> io::Result<Allocated> {
        let keep_size = FallocateFlags::FALLOC_FL_KEEP_SIZE;
        let from = offset.try_into().map_err(io::Error::other)?;
        let len = len.try_into().map_err(io::Error::other)?;
        loop {
            match fallocate(&*self, keep_size, from, len) {
                Ok(()) => return Ok(Allocated::Done),
                Err(Errno::EINTR) => {}
                Err(Errno::EOPNOTSUPP | Errno::ENOSYS) => return Ok(Allocated::Unsupported),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn forget_cached(&self) -> io::Result<()> {
        posix_fadvise(self, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED)?;
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}
