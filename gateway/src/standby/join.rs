//! Becoming a standby: what `tongxing standby join` does, at the standby's machine,
//! with no gateway running in the folder.
//!
//! Into a new folder:
//! 1. A key for the connection is made, in memory; the primary's is checked with the
//!    invitation, whose secret is used up.
//! 2. The key files are copied, then the whole record with its blobs and persons' keys.
//! 3. The pairing, the server's certificates and, last, `tongxing.toml` are written: a
//!    folder without it is one whose making did not end, and the caller removes it.
//! 4. The province is opened once, which makes its index and checks everything.
//!
//! Into a province's folder that was fenced (a primary that was replaced), or is a
//! standby's already: its record must be a beginning of the primary's, else the two
//! have diverged and nothing is changed. Then it is made a standby, and follows from
//! where it is.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tongxing_trust_store::{
    Clock, FileBytes, Progress, Province, Replica, ReplicaRole, StoreError, make_standby,
};

use super::client::{PeerConnection, PeerError};
use super::follow::{TakeError, blocking, take};
use super::invitation::Invitation;
use super::pairing::{Pairing, Peer, PeerIs};
use super::tls::Identity;
use super::wire::Welcome;
use crate::config::CONFIG_FILE;
use crate::keys::KeyError;
use crate::site::Site;

/// Why a folder did not become a standby.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The primary gave no answer, or said no.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// The folder, or what was copied into it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys of the connection.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// A file could not be written.
    #[error("writing {}: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder is a primary's.
    #[error(
        "{} is the folder of a primary: only an empty folder, a fenced one or a standby's can join",
        folder.display()
    )]
    Primary {
        /// Which.
        folder: PathBuf,
    },
    /// The primary sent a file for somewhere else.
    #[error("the primary sent a file that belongs nowhere: {name}")]
    Stray {
        /// As it named it.
        name: String,
    },
}

impl From<TakeError> for JoinError {
    fn from(error: TakeError) -> Self {
        match error {
            TakeError::Peer(error) => error.into(),
            TakeError::Store(error) => error.into(),
        }
    }
}

/// What became of joining.
#[derive(Debug, Clone, Serialize)]
pub struct Joined {
    /// The standby's folder.
    pub folder: PathBuf,
    /// The last record in it.
    pub sequence: u64,
    /// The primary's last record.
    pub last: u64,
}

/// Makes `folder` a standby of the gateway that invited, and shows how many records
/// have come.
///
/// # Errors
/// [`JoinError`]; what was written into a new folder is left for the caller to remove.
pub async fn join_standby(
    invitation: &Invitation,
    folder: &Path,
    clock: Arc<dyn Clock>,
    progress: &dyn Progress,
) -> Result<Joined, JoinError> {
    if folder.join(CONFIG_FILE).is_file() {
        return rejoin(invitation, folder, clock).await;
    }
    let own = Identity::generate()?;
    let mut link = PeerConnection::open(&invitation.address, &own, invitation.primary).await?;
    let Welcome { settings, files, last, profile } = link.join(&invitation.secret, None).await?;
    let keys = link.keys().await?;
    let (to, of_thread) = (folder.to_owned(), Arc::clone(&clock));
    let replica = blocking(move || Replica::create(&to, of_thread, &keys, profile)).await?;
    let sequence = copy(&mut link, &replica, last, progress).await?;
    let closing = move || {
        replica.close();
        Ok(())
    };
    blocking(closing).await?;
    Pairing::create(folder, &own, primary_of(invitation))?;
    for (name, content) in &files {
        write_beside(folder, name, content.as_slice())?;
    }
    write_beside(folder, CONFIG_FILE, settings.as_bytes())?;
    open_once(folder, clock).await?;
    Ok(Joined { folder: folder.to_owned(), sequence, last })
}

fn primary_of(invitation: &Invitation) -> Peer {
    let address = Some(invitation.address.clone());
    Peer { key: invitation.primary, address, is: PeerIs::Primary }
}

/// Step 2: all that there was when it began.
async fn copy(
    link: &mut PeerConnection,
    replica: &Replica,
    last: u64,
    progress: &dyn Progress,
) -> Result<u64, JoinError> {
    progress.began("copying the record", last);
    let mut have = 0;
    // What comes meanwhile is followed when the gateway runs.
    while have < last {
        let batch = link.frames(have).await?;
        take(replica, link, batch.frames).await?;
        have = replica.position().sequence;
        progress.came_to(have);
    }
    progress.ended();
    Ok(have)
}

/// Makes a folder that has a province follow the gateway that invited.
async fn rejoin(
    invitation: &Invitation,
    folder: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Joined, JoinError> {
    let (of_thread, place) = (folder.to_owned(), folder.to_owned());
    let opening = move || {
        let province = Province::open(&of_thread, clock)?;
        let hello = province.hello()?;
        province.close();
        Ok(hello)
    };
    let mut hello = blocking(opening).await?;
    if hello.role == ReplicaRole::Primary {
        return Err(JoinError::Primary { folder: place });
    }
    let pairing = Pairing::open(folder)?;
    let address = &invitation.address;
    let mut link = PeerConnection::open(address, pairing.own(), invitation.primary).await?;
    hello.role = ReplicaRole::Standby;
    let Welcome { last, .. } = link.join(&invitation.secret, Some(hello.clone())).await?;
    link.hello(&hello).await?;
    make_standby(folder)?;
    pairing.set_peer(primary_of(invitation))?;
    Ok(Joined { folder: place, sequence: hello.sequence, last })
}

async fn open_once(folder: &Path, clock: Arc<dyn Clock>) -> Result<(), JoinError> {
    let folder = folder.to_owned();
    let opening = move || Province::open(&folder, clock).map(|province| province.close());
    Ok(blocking(opening).await?)
}

/// The primary's side: settings, and the server's files that lie in the folder.
pub(super) fn welcome(site: &Site) -> io::Result<Welcome> {
    let folder = site.province.folder();
    let settings = fs::read_to_string(folder.join(CONFIG_FILE))?;
    let mut files = BTreeMap::new();
    for path in site.server_files() {
        let Ok(name) = path.strip_prefix(folder) else { continue };
        if let Some(name) = name.to_str() {
            files.insert(name.to_owned(), FileBytes::from(fs::read(&path)?));
        }
    }
    let (last, profile) = (site.province.position().sequence, site.province.profile());
    Ok(Welcome { settings, files, last, profile })
}

/// Writes a new file below the folder, readable by its owner only.
fn write_beside(folder: &Path, name: &str, content: &[u8]) -> Result<(), JoinError> {
    let relative = Path::new(name);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || name.is_empty() {
        return Err(JoinError::Stray { name: name.to_owned() });
    }
    let path = folder.join(relative);
    let write = || {
        if let Some(parent) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        }
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&path)?;
        io::Write::write_all(&mut file, content)?;
        file.sync_all()?;
        path.parent().map_or(Ok(()), |parent| fs::File::open(parent)?.sync_all())
    };
    write().map_err(|source| JoinError::Write { path: path.clone(), source })
}
