//! The province's evidence keys: one signs, those of all times stay known.
//!
//! The file is that of named keys (`seal`): a key's name is the origin, a slash
//! and its number; its 32 random bytes are a private key of the record's profile:
//! Ed25519 (RFC 8032) or SM2 (GB/T 32918.2). The highest number is the current one. No key is ever removed: an old checkpoint is
//! checked with the key that signed it.

use std::path::Path;
use std::sync::Arc;

use super::checkpoint::SignedCheckpoint;
use super::error::EvidenceError;
use super::note::{EvidenceKey, EvidenceSigner, NoteError};
use crate::files::FileLayer;
use crate::profile::RecordProfile;
use crate::seal::{KeyFile, SealError, random_key};

const DIGITS: usize = 5;

/// How often a key is drawn that turns out to be none: with SM2 even one is rare.
const DRAWS: usize = 8;

/// The keys of one province, oldest first; never empty.
#[derive(Debug)]
pub(crate) struct EvidenceKeys {
    profile: RecordProfile,
    origin: String,
    file: KeyFile,
    signers: Vec<Arc<EvidenceSigner>>,
}

impl EvidenceKeys {
    /// Makes the key file with its first key; one that exists is an error.
    pub(crate) fn create(
        files: Arc<dyn FileLayer>,
        path: &Path,
        profile: RecordProfile,
        origin: &str,
    ) -> Result<Self, EvidenceError> {
        Self::first(KeyFile::create(files, path)?, profile, origin)
    }

    /// Reads the key file; `None` if it is missing.
    ///
    /// # Errors
    /// [`EvidenceError::OtherProvince`] if its keys are of another origin.
    pub(crate) fn open(
        files: Arc<dyn FileLayer>,
        path: &Path,
        profile: RecordProfile,
        origin: &str,
    ) -> Result<Option<Self>, EvidenceError> {
        let file = match KeyFile::open(files, path) {
            Err(SealError::Missing { .. }) => return Ok(None),
            file => file?,
        };
        let mut signers = Vec::new();
        for name in file.names() {
            let of = name.rsplit_once('/').map_or(name, |(of, _)| of);
            if of != origin {
                let (path, of, origin) = (path.to_owned(), of.to_owned(), origin.to_owned());
                return Err(EvidenceError::OtherProvince { path, of, origin });
            }
            // The name is one of the file's own.
            let seed = file.get(name).ok_or(SealError::Crypto)?;
            signers.push(Arc::new(EvidenceSigner::from_seed(profile, origin, seed)?));
        }
        if signers.is_empty() {
            // Made, and the power went before its first key was written.
            return Self::first(file, profile, origin).map(Some);
        }
        Ok(Some(Self { profile, origin: origin.to_owned(), file, signers }))
    }

    fn first(file: KeyFile, profile: RecordProfile, origin: &str) -> Result<Self, EvidenceError> {
        let (origin, signers) = (origin.to_owned(), Vec::new());
        let mut keys = Self { profile, origin, file, signers };
        let first = keys.generate()?;
        keys.signers.push(first);
        Ok(keys)
    }

    /// Whose keys are in a key file; `None` if it is missing or has none.
    pub(crate) fn origin_in(
        files: Arc<dyn FileLayer>,
        path: &Path,
    ) -> Result<Option<String>, EvidenceError> {
        let file = match KeyFile::open(files, path) {
            Err(SealError::Missing { .. }) => return Ok(None),
            file => file?,
        };
        let origin = file.names().next().and_then(|name| name.rsplit_once('/'));
        Ok(origin.map(|(origin, _)| origin.to_owned()))
    }

    /// Makes another key, durably, which signs nothing before [`Self::promote`].
    pub(crate) fn generate(&mut self) -> Result<Arc<EvidenceSigner>, EvidenceError> {
        let number = self.file.names().count() + 1;
        let name = format!("{}/{number:0DIGITS$}", self.origin);
        let (mut seed, mut signer) = (random_key()?, Err(NoteError::Key));
        for _ in 0..DRAWS {
            signer = EvidenceSigner::from_seed(self.profile, &self.origin, &seed);
            if signer.is_ok() {
                break;
            }
            seed = random_key()?;
        }
        let signer = signer?;
        self.file.import(&[(&name, seed)])?;
        Ok(Arc::new(signer))
    }

    /// Makes a generated key the current one.
    pub(crate) fn promote(&mut self, signer: Arc<EvidenceSigner>) {
        self.signers.push(signer);
    }

    /// The key that signs.
    pub(crate) fn current(&self) -> Result<&Arc<EvidenceSigner>, EvidenceError> {
        self.signers.last().ok_or(EvidenceError::NoKey)
    }

    /// Who signs next, `newest` being what was signed last: the current key, and
    /// beside it the one before as long as no note bears both, so that whoever
    /// trusts the old one finds the new.
    pub(crate) fn next_signers(
        &self,
        newest: Option<&SignedCheckpoint>,
    ) -> Result<Vec<Arc<EvidenceSigner>>, EvidenceError> {
        let current = self.current()?;
        let mut signers = Vec::from([Arc::clone(current)]);
        if let Some(newest) = newest.filter(|newest| !newest.names(current.key())) {
            let before = self.signers.iter().rev().find(|before| newest.names(before.key()));
            signers.splice(..0, before.cloned());
        }
        Ok(signers)
    }

    /// The public keys of all times, oldest first.
    pub(crate) fn public(&self) -> Vec<EvidenceKey> {
        self.signers.iter().map(|signer| signer.key().clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faulty::{Faults, FaultyDisk};

    const PATH: &str = "/keys/evidence.keys";
    const PROFILE: RecordProfile = RecordProfile::Gm;
    const ORIGIN: &str = "tongxing.00112233445566778899aabbccddeeff";

    fn reopened(disk: &FaultyDisk) -> EvidenceKeys {
        let disk = Arc::new(disk.clone());
        EvidenceKeys::open(disk, Path::new(PATH), PROFILE, ORIGIN).unwrap().unwrap()
    }

    #[test]
    fn keys_of_all_times_are_found_again_in_order() {
        let disk = FaultyDisk::default();
        let mut keys =
            EvidenceKeys::create(Arc::new(disk.clone()), Path::new(PATH), PROFILE, ORIGIN).unwrap();
        for _ in 0..11 {
            let next = keys.generate().unwrap();
            assert_ne!(keys.current().unwrap().key(), next.key());
            keys.promote(next);
        }
        assert_eq!(reopened(&disk).public(), keys.public());
        assert_eq!(keys.public().len(), 12);
    }

    #[test]
    fn a_file_cut_off_while_it_was_made_gets_its_key_and_a_missing_one_none() {
        let disk = Arc::new(FaultyDisk::new(Faults::default(), 1));
        let path = Path::new(PATH);
        assert!(EvidenceKeys::open(disk.clone(), path, PROFILE, ORIGIN).unwrap().is_none());
        drop(disk.create(path).unwrap());
        let keys = reopened(&disk);
        assert_eq!(reopened(&disk).public(), keys.public());
    }

    #[test]
    fn the_keys_of_another_province_are_refused_by_name() {
        let disk = Arc::new(FaultyDisk::default());
        let path = Path::new(PATH);
        EvidenceKeys::create(disk.clone(), path, PROFILE, ORIGIN).unwrap();
        let error =
            EvidenceKeys::open(disk, path, PROFILE, "tongxing.other").unwrap_err().to_string();
        assert!(error.contains(ORIGIN) && error.contains("tongxing.other"), "{error}");
    }
}
