//! Who the other gateway is, and who we are to it: the folder `pairing/`.
//!
//! | file | content |
//! |---|---|
//! | `own.key` | our private key for the connection, PKCS #8; it never leaves the machine |
//! | `peer.json` | the other's fingerprint, its address, and what it is to us |
//!
//! Both are replaced atomically. What a folder is (standby, fenced) does not stand
//! here but in its own marks: losing `pairing/` loses the connection, never the fence.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::tls::Identity;
use crate::keys::{KeyError, KeyFolder};

const FOLDER: &str = "pairing";
const OWN_FILE: &str = "own.key";
const PEER_FILE: &str = "peer.json";

/// The other gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Peer {
    pub(super) key: Fingerprint,
    /// Where its replica listener is, where we connect to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    pub(super) is: PeerIs,
}

/// What the other one is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PeerIs {
    /// Invited, and copying; nobody waits for it yet.
    Joining,
    /// Our standby: it has had everything once.
    Standby,
    /// Whom we follow.
    Primary,
    /// We took its place, and it was not told yet.
    Superseded,
    /// We took its place, and it knows.
    Fenced,
}

/// Our key, and the other one.
#[derive(Debug)]
pub(super) struct Pairing {
    folder: KeyFolder,
    own: Identity,
    peer: ArcSwapOption<Peer>,
}

impl Pairing {
    /// Reads the folder; makes it, with a key, where there is none.
    pub(super) fn open(province: &Path) -> Result<Self, KeyError> {
        let folder = KeyFolder::create(&province.join(FOLDER))?;
        folder.remove_leftovers()?;
        let names = folder.names()?;
        if !names.iter().any(|name| name == OWN_FILE) {
            folder.write(OWN_FILE, Identity::generate()?.pkcs8())?;
        }
        let own = Identity::from_pkcs8(folder.read(OWN_FILE)?.into())?;
        let has_peer = names.iter().any(|name| name == PEER_FILE);
        let peer = if has_peer { Some(Arc::new(parse(&folder)?)) } else { None };
        Ok(Self { folder, own, peer: ArcSwapOption::new(peer) })
    }

    /// Makes the folder of a new standby, with the key that it showed when it joined.
    pub(super) fn create(province: &Path, own: &Identity, peer: Peer) -> Result<(), KeyError> {
        let folder = KeyFolder::create(&province.join(FOLDER))?;
        folder.write(OWN_FILE, own.pkcs8())?;
        Self::open(province)?.set_peer(peer)
    }

    pub(super) fn own(&self) -> &Identity {
        &self.own
    }

    pub(super) fn own_fingerprint(&self) -> Fingerprint {
        self.own.fingerprint()
    }

    pub(super) fn peer(&self) -> Option<Arc<Peer>> {
        self.peer.load_full()
    }

    pub(super) fn peer_is(&self, what: PeerIs) -> bool {
        self.peer.load().as_ref().is_some_and(|peer| peer.is == what)
    }

    /// Remembers another peer, durably.
    pub(super) fn set_peer(&self, peer: Peer) -> Result<(), KeyError> {
        // Plain fields serialise.
        let bytes = serde_json::to_vec_pretty(&peer).map_err(|_| KeyError::Generation)?;
        self.folder.write(PEER_FILE, &bytes)?;
        self.peer.store(Some(Arc::new(peer)));
        Ok(())
    }

    /// Remembers that the same peer is something else to us now, durably.
    pub(super) fn set_peer_is(&self, is: PeerIs) -> Result<(), KeyError> {
        match self.peer() {
            Some(peer) if peer.is != is => self.set_peer(Peer { is, ..Peer::clone(&peer) }),
            _ => Ok(()),
        }
    }
}

/// Forgets the other gateway of the province in `folder`, which is gone: nobody waits for
/// it any more. Our own key stays.
///
/// # Errors
/// [`KeyError`] when the file cannot be removed.
pub fn forget_peer(folder: &Path) -> Result<(), KeyError> {
    let pairing = folder.join(FOLDER);
    if !pairing.is_dir() {
        return Ok(());
    }
    KeyFolder::open(&pairing)?.remove(PEER_FILE)
}

/// Whether the province in `folder` has a standby that has had everything once.
pub(super) fn has_standby(folder: &Path) -> Result<bool, KeyError> {
    let pairing = folder.join(FOLDER);
    if !pairing.join(PEER_FILE).is_file() {
        return Ok(false);
    }
    Ok(parse(&KeyFolder::open(&pairing)?)?.is == PeerIs::Standby)
}

fn parse(folder: &KeyFolder) -> Result<Peer, KeyError> {
    let bytes = folder.read(PEER_FILE)?;
    let path = folder.path().join(PEER_FILE);
    let problem = "no peer as `tongxing standby join` writes it";
    serde_json::from_slice(&bytes).map_err(|_| KeyError::Damaged { path, problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_peer_are_found_again() {
        let province = tempfile::tempdir().unwrap();
        let pairing = Pairing::open(province.path()).unwrap();
        assert!(pairing.peer().is_none());
        let key = Fingerprint::of(b"other");
        let peer = Peer { key, address: Some("a:1".into()), is: PeerIs::Joining };
        pairing.set_peer(peer).unwrap();
        pairing.set_peer_is(PeerIs::Standby).unwrap();
        let again = Pairing::open(province.path()).unwrap();
        assert_eq!(again.own_fingerprint(), pairing.own_fingerprint());
        assert_eq!(again.peer(), pairing.peer());
        assert!(again.peer_is(PeerIs::Standby));
    }

    #[test]
    fn a_peer_that_does_not_read_is_no_missing_one() {
        let province = tempfile::tempdir().unwrap();
        let pairing = Pairing::open(province.path()).unwrap();
        pairing.folder.write(PEER_FILE, b"{}").unwrap();
        assert!(Pairing::open(province.path()).is_err());
    }
}
