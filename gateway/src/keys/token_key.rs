//! One token signing key and its file.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tongxing_pki::Timestamp;

use super::folder::KeyFolder;
use super::{Family, KeyError};
use crate::token::{TokenAlgorithm, TokenSigner, signer_from_pkcs8};

const VERSION: u32 = 1;
const SUFFIX: &str = ".json";

/// A token signing key with the moment from which it signs.
#[derive(Debug)]
pub(super) struct TokenKey {
    stored: Stored,
    signer: Box<dyn TokenSigner>,
}

/// As stored; the version stands first so that a later one is refused by name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    algorithm: TokenAlgorithm,
    signs_from: Timestamp,
    /// PKCS #8 (RFC 5958), base64.
    pkcs8: String,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = f.debug_struct("Stored");
        text.field("algorithm", &self.algorithm).field("signs_from", &self.signs_from);
        text.finish_non_exhaustive()
    }
}

/// The file of the key with this id.
pub(super) fn file_name(kid: &str) -> String {
    format!("{kid}{SUFFIX}")
}

impl TokenKey {
    /// Makes a new key, in memory only.
    pub(super) fn generate(
        algorithm: TokenAlgorithm,
        signs_from: Timestamp,
    ) -> Result<Self, KeyError> {
        let pkcs8 = algorithm.generate_pkcs8().map_err(|_| KeyError::Generation)?;
        let signer = signer_from_pkcs8(algorithm, &pkcs8).map_err(|_| KeyError::Generation)?;
        let pkcs8 = STANDARD.encode(pkcs8);
        let stored = Stored { version: VERSION, algorithm, signs_from, pkcs8 };
        Ok(Self { stored, signer })
    }

    /// All keys of a folder, sorted by the moment from which they sign.
    pub(super) fn read_all(folder: &KeyFolder) -> Result<Vec<Arc<Self>>, KeyError> {
        let mut keys = Vec::new();
        for name in folder.names()? {
            let bytes = folder.read(&name)?;
            keys.push(Arc::new(Self::parse(&bytes, &folder.path().join(&name))?));
        }
        keys.sort_by_key(|key| key.signs_from());
        Ok(keys)
    }

    fn parse(bytes: &[u8], path: &Path) -> Result<Self, KeyError> {
        let damaged = |problem| KeyError::Damaged { path: path.to_owned(), problem };
        let stored: Stored = serde_json::from_slice(bytes)
            .map_err(|_| damaged("not a token key file of version 1"))?;
        if stored.version != VERSION {
            return Err(damaged("written by a later version"));
        }
        let pkcs8 = STANDARD.decode(&stored.pkcs8).map_err(|_| damaged("pkcs8 is not base64"))?;
        let signer = signer_from_pkcs8(stored.algorithm, &pkcs8)
            .map_err(|_| damaged("pkcs8 holds no key of its algorithm"))?;
        let key = Self { stored, signer };
        let named = path.file_name().is_some_and(|name| *name == *file_name(key.kid()));
        if named { Ok(key) } else { Err(damaged("not named after the key's thumbprint")) }
    }

    /// Writes the key durably.
    pub(super) fn write(&self, folder: &KeyFolder) -> Result<(), KeyError> {
        // Serialising plain fields to a vector has no way to fail.
        let bytes = serde_json::to_vec_pretty(&self.stored).map_err(|_| KeyError::Generation)?;
        folder.write(&file_name(self.kid()), &bytes)
    }

    pub(super) fn kid(&self) -> &str {
        self.signer.kid()
    }

    pub(super) fn signs_from(&self) -> Timestamp {
        self.stored.signs_from
    }

    pub(super) fn family(&self) -> Family {
        Family::of(self.stored.algorithm)
    }

    pub(super) fn signer(&self) -> &dyn TokenSigner {
        self.signer.as_ref()
    }
}
