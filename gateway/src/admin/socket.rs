//! The socket's file: who may open it, and what becomes of an old one.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use super::accounts;

/// Why the admin socket cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AdminSocketError {
    /// Somebody listens there already.
    #[error("{}: another gateway listens there", path.display())]
    InUse {
        /// The socket.
        path: PathBuf,
    },
    /// Something that is no socket has its name.
    #[error("{}: exists and is no socket", path.display())]
    NotASocket {
        /// The file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A socket that is listened on; its file goes when this is dropped.
#[derive(Debug)]
pub(crate) struct BoundSocket {
    pub(super) listener: UnixListener,
    path: PathBuf,
}

impl Drop for BoundSocket {
    fn drop(&mut self) {
        // A file left behind is replaced at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Listens at `path`. The file gets its mode before it gets its name, so that
/// nobody opens it in between; a file that nobody listens on is replaced.
pub(crate) fn bind(path: &Path) -> Result<BoundSocket, AdminSocketError> {
    check_old(path)?;
    let io = |source| AdminSocketError::Io { path: path.to_owned(), source };
    let workshop = path.with_extension("new");
    remove_workshop(&workshop).map_err(io)?;
    DirBuilder::new().mode(0o700).create(&workshop).map_err(io)?;
    let bound = bind_inside(&workshop, path);
    remove_workshop(&workshop).map_err(io)?;
    Ok(BoundSocket { listener: bound.map_err(io)?, path: path.to_owned() })
}

/// Only a socket that nobody listens on may be replaced.
fn check_old(path: &Path) -> Result<(), AdminSocketError> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(AdminSocketError::Io { path: path.to_owned(), source }),
    };
    if !kind.is_socket() {
        return Err(AdminSocketError::NotASocket { path: path.to_owned() });
    }
    match StdUnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        Err(source) => Err(AdminSocketError::Io { path: path.to_owned(), source }),
        Ok(_) => Err(AdminSocketError::InUse { path: path.to_owned() }),
    }
}

fn bind_inside(workshop: &Path, path: &Path) -> io::Result<UnixListener> {
    let nameless = workshop.join("s");
    let listener = UnixListener::bind(&nameless)?;
    let mode = match accounts::admin_group() {
        Some(group) => {
            chown(&nameless, None, Some(group))?;
            0o660
        }
        None => 0o600,
    };
    fs::set_permissions(&nameless, Permissions::from_mode(mode))?;
    fs::rename(&nameless, path)?;
    Ok(listener)
}

fn remove_workshop(workshop: &Path) -> io::Result<()> {
    match fs::remove_dir_all(workshop) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.sock");
        let stale = std::os::unix::net::UnixListener::bind(&path).unwrap();
        drop(stale);
        let bound = bind(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let expected = if accounts::admin_group().is_some() { 0o660 } else { 0o600 };
        assert_eq!(mode, expected);
        assert!(matches!(bind(&path).unwrap_err(), AdminSocketError::InUse { .. }));
        drop(bound);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_file_that_is_no_socket_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("admin.sock");
        fs::write(&path, b"mine").unwrap();
        assert!(matches!(bind(&path).unwrap_err(), AdminSocketError::NotASocket { .. }));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
    }
}
