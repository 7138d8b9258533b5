//! The gateway's own keys: token signing keys that rotate, and the key that
//! challenges are made under.
//!
//! They live in `keys/` of the province's folder: `keys/token/KID.json`, one file
//! a key, and `keys/challenge.key`. Rotation, once a minute and at start:
//!
//! 1. [`plan`] says, from the keys and the time alone, which key signs, which is
//!    to be made and which are done. It is pure, so every case is tested.
//! 2. A new key is written beside its place, synced, renamed and its folder
//!    synced. A power cut leaves it whole or absent, never half.
//! 3. Only then is it published in the key set: as *next*, before it signs, for at
//!    least as long as relying parties may cache the set.
//! 4. When its time comes it signs; the one before stays published as *previous*
//!    until the last token that it signed has expired.
//!    Keys that sign with SM2 are a family of their own, planned apart: the first is made
//!    when the first platform that asked for such tokens is to get one.
//! 5. A key that is done loses its file and leaves the published set. A power cut
//!    before that leaves a file that the next plan removes.

mod challenge_key;
mod error;
mod folder;
mod plan;
mod signers;
mod token_key;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use tongxing_pki::Timestamp;

pub(crate) use challenge_key::ChallengeKey;
pub use error::KeyError;
pub(crate) use folder::KeyFolder;
pub(crate) use plan::JWKS_MAX_AGE_SECONDS;
pub(crate) use signers::Signers;

use crate::config::TokenConfig;
use crate::token::TokenAlgorithm;
use plan::{KeyTimes, Rotation, plan};
use token_key::TokenKey;

const KEYS_FOLDER: &str = "keys";
const TOKEN_FOLDER: &str = "token";

/// Keys of which one signs at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Those for everybody.
    Default,
    /// Those for platforms that asked for SM2.
    Sm2,
}

impl Family {
    fn of(algorithm: TokenAlgorithm) -> Self {
        match algorithm {
            TokenAlgorithm::Es256 | TokenAlgorithm::EdDsa => Self::Default,
            TokenAlgorithm::Sm2Sm3 => Self::Sm2,
        }
    }
}

/// Creates the keys that a gateway needs in a province's folder, readable by
/// their owner only. Keys that exist are kept.
pub fn init_keys(province: &Path, now: Timestamp) -> Result<(), KeyError> {
    let keys = KeyFolder::create(&province.join(KEYS_FOLDER))?;
    ChallengeKey::create(&keys)?;
    let tokens = KeyFolder::create(&keys.path().join(TOKEN_FOLDER))?;
    if TokenKey::read_all(&tokens)?.is_empty() {
        TokenKey::generate(TokenAlgorithm::Es256, now)?.write(&tokens)?;
    }
    Ok(())
}

/// Looks at the keys of a province's gateway and changes nothing: what is there, or
/// why it cannot be used.
pub(crate) fn examine(province: &Path) -> [Result<String, KeyError>; 2] {
    let keys = province.join(KEYS_FOLDER);
    let tokens = KeyFolder::open(&keys.join(TOKEN_FOLDER)).and_then(|tokens| {
        match TokenKey::read_all(&tokens)?.len() {
            0 => Err(KeyError::Damaged { path: tokens.path().to_owned(), problem: "no key in it" }),
            count => Ok(format!("{count} keys that sign tokens")),
        }
    });
    let challenge = ChallengeKey::open(province).map(|_| "the key of challenges".to_owned());
    [tokens, challenge]
}

/// The open key folder, and what of it is published.
#[derive(Debug)]
pub(crate) struct KeyStore {
    tokens: KeyFolder,
    algorithm: TokenAlgorithm,
    rotation: Rotation,
    keys: Mutex<Vec<Arc<TokenKey>>>,
    published: ArcSwap<Signers>,
}

impl KeyStore {
    /// Reads the token keys of a province and does what their plan asks for.
    pub(crate) fn open(
        province: &Path,
        config: &TokenConfig,
        now: Timestamp,
    ) -> Result<Self, KeyError> {
        Self::open_with(province, config, |keys, tokens, rotation| {
            maintain(keys, tokens, rotation, &due(keys, config.algorithm), now)
        })
    }

    /// Reads the token keys and publishes them as they are: where another gateway
    /// rotates them.
    pub(crate) fn open_as_given(
        province: &Path,
        config: &TokenConfig,
        now: Timestamp,
    ) -> Result<Self, KeyError> {
        Self::open_with(province, config, |keys, _, _| publish(keys, now))
    }

    fn open_with(
        province: &Path,
        config: &TokenConfig,
        publish: impl FnOnce(&mut Vec<Arc<TokenKey>>, &KeyFolder, Rotation) -> Result<Signers, KeyError>,
    ) -> Result<Self, KeyError> {
        let keys = KeyFolder::open(&province.join(KEYS_FOLDER))?;
        let tokens = KeyFolder::open(&keys.path().join(TOKEN_FOLDER))?;
        tokens.remove_leftovers()?;
        let rotation = Rotation::every(config.rotation_seconds);
        let mut keys = TokenKey::read_all(&tokens)?;
        let published = publish(&mut keys, &tokens, rotation)?;
        Ok(Self {
            tokens,
            algorithm: config.algorithm,
            rotation,
            keys: Mutex::new(keys),
            published: ArcSwap::from_pointee(published),
        })
    }

    /// The keys of this moment; one atomic load.
    pub(crate) fn signers(&self) -> Arc<Signers> {
        self.published.load_full()
    }

    /// Reads the folder anew and publishes what is in it: where another gateway
    /// rotates the keys. Blocks on the disk.
    pub(crate) fn reload(&self, now: Timestamp) -> Result<(), KeyError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        *keys = TokenKey::read_all(&self.tokens)?;
        self.published.store(Arc::new(publish(&keys, now)?));
        Ok(())
    }

    /// Does what the plan asks for at `now`; blocks on the disk when a key is made.
    pub(crate) fn maintain(&self, now: Timestamp) -> Result<(), KeyError> {
        // Nothing under the lock leaves the list half-changed.
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let due = due(&keys, self.algorithm);
        self.maintain_each(&mut keys, &due, now).map(drop)
    }

    /// The signers of this moment with a key that signs with SM2 among them: the first one
    /// is made now. Blocks on the disk then.
    pub(crate) fn with_sm2(&self, now: Timestamp) -> Result<Arc<Signers>, KeyError> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let signers = self.signers();
        if signers.sm2().is_some() {
            return Ok(signers);
        }
        self.maintain_each(&mut keys, &[self.algorithm, TokenAlgorithm::Sm2Sm3], now)
    }

    fn maintain_each(
        &self,
        keys: &mut Vec<Arc<TokenKey>>,
        algorithms: &[TokenAlgorithm],
        now: Timestamp,
    ) -> Result<Arc<Signers>, KeyError> {
        let published = maintain(keys, &self.tokens, self.rotation, algorithms, now)?;
        let published = Arc::new(published);
        self.published.store(Arc::clone(&published));
        Ok(published)
    }
}

/// The algorithms whose keys are to be kept going: SM2 once there is a key of it.
fn due(keys: &[Arc<TokenKey>], algorithm: TokenAlgorithm) -> Vec<TokenAlgorithm> {
    let sm2 = keys.iter().any(|key| key.family() == Family::Sm2);
    [Some(algorithm), sm2.then_some(TokenAlgorithm::Sm2Sm3)].into_iter().flatten().collect()
}

/// Carries out the plan for each algorithm's family, and returns what is to be published.
fn maintain(
    keys: &mut Vec<Arc<TokenKey>>,
    folder: &KeyFolder,
    rotation: Rotation,
    algorithms: &[TokenAlgorithm],
    now: Timestamp,
) -> Result<Signers, KeyError> {
    for &algorithm in algorithms {
        maintain_family(keys, folder, rotation, algorithm, now)?;
    }
    keys.sort_by_key(|key| key.signs_from());
    publish(keys, now)
}

fn maintain_family(
    keys: &mut Vec<Arc<TokenKey>>,
    folder: &KeyFolder,
    rotation: Rotation,
    algorithm: TokenAlgorithm,
    now: Timestamp,
) -> Result<(), KeyError> {
    let steps = plan(&times(keys, Family::of(algorithm)), now, rotation);
    for signs_from in steps.create {
        let key = TokenKey::generate(algorithm, signs_from)?;
        key.write(folder)?;
        tracing::info!(kid = key.kid(), %signs_from, "token signing key created");
        keys.push(Arc::new(key));
    }
    keys.retain(|key| !steps.done.iter().any(|kid| kid == key.kid()));
    for kid in &steps.done {
        folder.remove(&token_key::file_name(kid))?;
        tracing::info!(%kid, "token signing key removed");
    }
    Ok(())
}

fn publish(keys: &[Arc<TokenKey>], now: Timestamp) -> Result<Signers, KeyError> {
    let signing = |family| {
        let index = plan::current(&times(keys, family), now)?;
        keys.iter().filter(|key| key.family() == family).nth(index).cloned()
    };
    Signers::publish(keys, signing(Family::Default), signing(Family::Sm2))
}

fn times(keys: &[Arc<TokenKey>], family: Family) -> Vec<KeyTimes> {
    let of =
        |key: &Arc<TokenKey>| KeyTimes { kid: key.kid().to_owned(), signs_from: key.signs_from() };
    keys.iter().filter(|key| key.family() == family).map(of).collect()
}

#[cfg(test)]
mod tests;
