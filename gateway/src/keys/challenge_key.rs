//! The key that challenges are made under.

use std::path::Path;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use super::folder::KeyFolder;
use super::{KEYS_FOLDER, KeyError};

const FILE: &str = "challenge.key";

/// As long as the hash, which is all that more would give (RFC 2104 3).
const LENGTH: usize = 32;

/// An HMAC-SHA-256 key (RFC 2104).
pub(crate) struct ChallengeKey(hmac::Key);

impl std::fmt::Debug for ChallengeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChallengeKey")
    }
}

impl ChallengeKey {
    /// Makes the key unless it is there.
    pub(super) fn create(folder: &KeyFolder) -> Result<(), KeyError> {
        if folder.names()?.iter().any(|name| name == FILE) {
            return Ok(());
        }
        let mut bytes = [0_u8; LENGTH];
        SystemRandom::new().fill(&mut bytes).map_err(|_| KeyError::Generation)?;
        folder.write(FILE, &bytes)
    }

    /// Reads the key of a province.
    pub(crate) fn open(province: &Path) -> Result<Self, KeyError> {
        let folder = KeyFolder::open(&province.join(KEYS_FOLDER))?;
        let bytes = folder.read(FILE)?;
        if bytes.len() != LENGTH {
            let path = folder.path().join(FILE);
            return Err(KeyError::Damaged { path, problem: "not 32 bytes" });
        }
        Ok(Self::from_bytes(&bytes))
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The code over `message`.
    pub(crate) fn authenticate(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.0, message)
    }

    /// Whether `code` is the one over `message`, in constant time.
    pub(crate) fn verifies(&self, message: &[u8], code: &[u8]) -> bool {
        hmac::verify(&self.0, message, code).is_ok()
    }
}
