//! Personal data under a key per person.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::cipher::{Cipher, NONCE, TAG};
use super::key_file::{Key, KeyFile};
use super::{Base64Bytes, SealError};
use crate::files::{Disk, FileLayer};
use crate::profile::RecordProfile;

/// The first byte of sealed data says what sealed it.
fn version(profile: RecordProfile) -> u8 {
    match profile {
        RecordProfile::Standard => 1,
        RecordProfile::Gm => 2,
    }
}

/// Data that only its person's key opens. Its text form is base64.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Sealed {
    /// Version, nonce, ciphertext, tag.
    bytes: Vec<u8>,
}

impl Sealed {
    /// The sealed bytes: what a blob of them is addressed by.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Sealed bytes as they were kept in a blob.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Result<Self, SealError> {
        let known =
            RecordProfile::ALL.into_iter().any(|profile| bytes.first() == Some(&version(profile)));
        if bytes.len() < 1 + NONCE + TAG || !known {
            return Err(SealError::Malformed { what: "sealed data" });
        }
        Ok(Self { bytes })
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}

impl TryFrom<String> for Sealed {
    type Error = SealError;

    fn try_from(text: String) -> Result<Self, SealError> {
        Self::from_bytes(Base64Bytes::try_from(text)?.into_vec())
    }
}

impl From<Sealed> for String {
    fn from(sealed: Sealed) -> Self {
        Base64Bytes::from(sealed.bytes).into()
    }
}

/// The keys of all persons.
#[derive(Debug)]
pub(crate) struct PersonKeys {
    keys: RwLock<KeyFile>,
    profile: RecordProfile,
}

impl PersonKeys {
    /// Makes the key file, in a record of this profile; one that exists is an error.
    pub(crate) fn init(path: &Path, profile: RecordProfile) -> Result<Self, SealError> {
        Self::init_on(Arc::new(Disk), path, profile)
    }

    pub(crate) fn init_on(
        files: Arc<dyn FileLayer>,
        path: &Path,
        profile: RecordProfile,
    ) -> Result<Self, SealError> {
        Ok(Self { keys: RwLock::new(KeyFile::create(files, path)?), profile })
    }

    /// Opens the key file.
    pub(crate) fn open_file(path: &Path, profile: RecordProfile) -> Result<Self, SealError> {
        Self::open_on(Arc::new(Disk), path, profile)
    }

    pub(crate) fn open_on(
        files: Arc<dyn FileLayer>,
        path: &Path,
        profile: RecordProfile,
    ) -> Result<Self, SealError> {
        Ok(Self { keys: RwLock::new(KeyFile::open(files, path)?), profile })
    }

    /// Makes a key for `person`, unless there is one. Durable on return: call it
    /// before the change that uses the key is appended.
    pub(crate) fn create(&self, person: &str) -> Result<(), SealError> {
        if self.read().get(person).is_some() {
            return Ok(());
        }
        self.write().add(person)
    }

    /// Whether `person` has a key.
    pub(crate) fn has(&self, person: &str) -> bool {
        self.read().get(person).is_some()
    }

    /// The key of `person`, for the standby alone.
    pub(crate) fn export(&self, person: &str) -> Option<Key> {
        self.read().get(person).cloned()
    }

    /// Keeps keys that the primary made; durable on return.
    pub(crate) fn import(&self, keys: &[(&str, Key)]) -> Result<(), SealError> {
        if keys.is_empty() { Ok(()) } else { self.write().import(keys) }
    }

    /// Seals `plaintext` for `person`. It opens only with the same `context`,
    /// which says what the data is and where it stands.
    pub(crate) fn seal(
        &self,
        person: &str,
        plaintext: &[u8],
        context: &[u8],
    ) -> Result<Sealed, SealError> {
        let keys = self.read();
        let key = keys.get(person).ok_or_else(|| SealError::NoKey { person: person.to_owned() })?;
        let mut nonce = [0; NONCE];
        SystemRandom::new().fill(&mut nonce)?;
        let mut data = plaintext.to_vec();
        let cipher = Cipher::new(self.profile, key)?;
        let tag = cipher.seal(nonce, &associated(person, context), &mut data)?;
        Ok(Sealed { bytes: [&[version(self.profile)], &nonce[..], &data, &tag].concat() })
    }

    /// Opens what was sealed for `person` in this `context`; `None` when the
    /// person was erased.
    pub(crate) fn open(
        &self,
        person: &str,
        sealed: &Sealed,
        context: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, SealError> {
        let keys = self.read();
        let Some(key) = keys.get(person) else {
            return Ok(None);
        };
        let (sealed_by, rest) = sealed.bytes.split_first().ok_or(SealError::Altered)?;
        if *sealed_by != version(self.profile) {
            // Of a record of the other profile.
            return Err(SealError::Altered);
        }
        let (nonce, rest) = rest.split_first_chunk::<NONCE>().ok_or(SealError::Altered)?;
        let (data, tag) = rest.split_last_chunk::<TAG>().ok_or(SealError::Altered)?;
        let mut data = Zeroizing::new(data.to_vec());
        let cipher = Cipher::new(self.profile, key)?;
        cipher.open(*nonce, &associated(person, context), &mut data, *tag)?;
        Ok(Some(data))
    }

    /// Destroys the keys of persons; how many had one. Durable on return.
    pub(crate) fn erase(&self, persons: &[&str]) -> Result<usize, SealError> {
        if !persons.iter().any(|person| self.has(person)) {
            return Ok(0);
        }
        self.write().remove(persons)
    }

    /// Why no key can be made or destroyed any more, if so.
    pub(crate) fn failure(&self) -> Option<SealError> {
        self.read().failure()
    }

    fn read(&self) -> RwLockReadGuard<'_, KeyFile> {
        // The key file changes its memory only after its disk, in one step.
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, KeyFile> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The person is part of what is authenticated, so that sealed data cannot be
/// moved from one to another even if keys were mixed up.
fn associated(person: &str, context: &[u8]) -> Vec<u8> {
    let len = u32::try_from(person.len()).unwrap_or(u32::MAX);
    [&len.to_be_bytes()[..], person.as_bytes(), context].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn sealed_data_opens_for_its_person_and_place_only() {
        RecordProfile::ALL.into_iter().for_each(sealed_data_opens_under);
    }

    fn sealed_data_opens_under(profile: RecordProfile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("persons.keys");
        let keys = PersonKeys::init(&path, profile).unwrap();
        assert!(matches!(keys.seal("p1", b"x", b""), Err(SealError::NoKey { .. })));
        keys.create("p1").unwrap();
        keys.create("p2").unwrap();
        let sealed = keys.seal("p1", "张三".as_bytes(), b"name").unwrap();
        assert_ne!(sealed, keys.seal("p1", "张三".as_bytes(), b"name").unwrap());
        let json = serde_json::to_string(&sealed).unwrap();
        let sealed: Sealed = serde_json::from_str(&json).unwrap();
        drop(keys);
        for other in RecordProfile::ALL.into_iter().filter(|other| *other != profile) {
            let keys = PersonKeys::open_file(&path, other).unwrap();
            assert!(matches!(keys.open("p1", &sealed, b"name"), Err(SealError::Altered)));
        }
        let keys = PersonKeys::open_file(&path, profile).unwrap();
        let opened = keys.open("p1", &sealed, b"name").unwrap().unwrap();
        assert_eq!(&opened[..], "张三".as_bytes());
        assert!(matches!(keys.open("p2", &sealed, b"name"), Err(SealError::Altered)));
        assert!(matches!(keys.open("p1", &sealed, b"id"), Err(SealError::Altered)));
        let mut altered = sealed.as_bytes().to_vec();
        altered[20] ^= 1;
        let altered = Sealed::from_bytes(altered).unwrap();
        assert!(matches!(keys.open("p1", &altered, b"name"), Err(SealError::Altered)));
        assert!(Sealed::from_bytes(vec![1; 28]).is_err());
    }

    #[test]
    fn an_erased_person_stays_erased_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("persons.keys");
        let keys = PersonKeys::init(&path, RecordProfile::Standard).unwrap();
        for person in ["p1", "p2", "p3"] {
            keys.create(person).unwrap();
        }
        let one = keys.seal("p1", b"one", b"").unwrap();
        let two = keys.seal("p2", b"two", b"").unwrap();
        let secret = keys.read().get("p1").unwrap().to_vec();
        assert_eq!(keys.erase(&["p1", "unknown"]).unwrap(), 1);
        assert_eq!(keys.erase(&["p1"]).unwrap(), 0);
        assert_eq!(keys.open("p1", &one, b"").unwrap(), None);
        keys.create("p4").unwrap();
        drop(keys);
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(32).any(|window| window == secret));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let keys = PersonKeys::open_file(&path, RecordProfile::Standard).unwrap();
        assert_eq!(keys.open("p1", &one, b"").unwrap(), None);
        assert_eq!(&keys.open("p2", &two, b"").unwrap().unwrap()[..], b"two");
        assert!(keys.has("p3") && keys.has("p4"));
    }

    #[test]
    fn a_torn_entry_is_cut_and_a_damaged_one_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("persons.keys");
        let keys = PersonKeys::init(&path, RecordProfile::Standard).unwrap();
        keys.create("p1").unwrap();
        keys.create("p2").unwrap();
        drop(keys);
        let good = fs::read(&path).unwrap();
        for tail in [&[7; 50][..], &[0; 128]] {
            fs::write(&path, [&good, tail].concat()).unwrap();
            let keys = PersonKeys::open_file(&path, RecordProfile::Standard).unwrap();
            keys.create("p3").unwrap();
            let keys = PersonKeys::open_file(&path, RecordProfile::Standard).unwrap();
            assert!(keys.has("p1") && keys.has("p2") && keys.has("p3"));
        }
        for at in [0, 5, 10, 100, 127, 128, 255] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            fs::write(&path, bytes).unwrap();
            let offset = (at / 128 * 128) as u64;
            let error = PersonKeys::open_file(&path, RecordProfile::Standard).unwrap_err();
            assert!(
                matches!(error, SealError::Damaged { offset: o, .. } if o == offset),
                "{error}"
            );
        }
    }

    #[test]
    fn missing_or_exposed_key_files_are_refused_and_nothing_secret_is_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("persons.keys");
        assert!(matches!(
            PersonKeys::open_file(&path, RecordProfile::Standard),
            Err(SealError::Missing { .. })
        ));
        let keys = PersonKeys::init(&path, RecordProfile::Standard).unwrap();
        keys.create("somebody").unwrap();
        assert!(PersonKeys::init(&path, RecordProfile::Standard).is_err());
        let sealed = keys.seal("somebody", b"secret", b"").unwrap();
        assert!(!format!("{keys:?}{sealed:?}").contains("somebody"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            PersonKeys::open_file(&path, RecordProfile::Standard),
            Err(SealError::Exposed { .. })
        ));
    }
}
