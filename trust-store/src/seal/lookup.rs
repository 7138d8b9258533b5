//! Keyed hashes: equal values are found, and cannot be read or guessed without
//! the key (an identity number has too few digits for a plain hash).

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwap;
use hmac::{Hmac, KeyInit, Mac};
use ring::hmac as ring_hmac;
use serde::{Deserialize, Serialize};
use sm3::Sm3;

use super::SealError;
use super::key_file::{Key, KeyFile};
use crate::files::Disk;
use crate::hex;
use crate::profile::RecordProfile;

/// A value's keyed hash, with the version of the key: `v1:` and 64 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct LookupHash {
    version: u32,
    hash: [u8; 32],
}

impl fmt::Display for LookupHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}:{}", self.version, hex::encode(&self.hash))
    }
}

impl TryFrom<String> for LookupHash {
    type Error = SealError;

    fn try_from(text: String) -> Result<Self, SealError> {
        let parse = || {
            let (version, hash) = text.split_once(':')?;
            Some(Self { version: version_of(version)?, hash: hex::decode(hash)? })
        };
        parse().ok_or(SealError::Malformed { what: "a look-up hash" })
    }
}

impl LookupHash {
    /// The version of the key that made it.
    pub(crate) fn version(&self) -> u32 {
        self.version
    }
}

impl From<LookupHash> for String {
    fn from(hash: LookupHash) -> Self {
        hash.to_string()
    }
}

/// The keys for look-ups. Another one may be added while they are used.
pub(crate) struct LookupKeys {
    path: PathBuf,
    profile: RecordProfile,
    /// Oldest first.
    keys: ArcSwap<Vec<(u32, MacKey)>>,
    /// Nothing is looked up under the versions before it.
    oldest: AtomicU32,
}

impl fmt::Debug for LookupKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.load();
        let versions: Vec<u32> = keys.iter().map(|(version, _)| *version).collect();
        f.debug_struct("LookupKeys").field("versions", &versions).finish_non_exhaustive()
    }
}

impl LookupKeys {
    /// Makes the key file with its first key, in a record of this profile; one that
    /// exists is an error.
    pub(crate) fn init(path: &Path, profile: RecordProfile) -> Result<Self, SealError> {
        let mut file = KeyFile::create(Arc::new(Disk), path)?;
        file.add("v1")?;
        Self::over(&file, path, profile)
    }

    /// Opens the key file.
    pub(crate) fn open(path: &Path, profile: RecordProfile) -> Result<Self, SealError> {
        Self::over(&KeyFile::open(Arc::new(Disk), path)?, path, profile)
    }

    fn over(file: &KeyFile, path: &Path, profile: RecordProfile) -> Result<Self, SealError> {
        let keys = ArcSwap::from_pointee(read(file, profile)?);
        Ok(Self { path: path.to_owned(), profile, keys, oldest: AtomicU32::new(0) })
    }

    /// The hash for `value` under this version of the key, if it is there. `kind` keeps
    /// values of different kinds apart.
    pub(crate) fn lookup_under(&self, version: u32, kind: &str, value: &str) -> Option<LookupHash> {
        let keys = self.keys.load();
        let key = keys.iter().find(|(known, _)| *known == version)?;
        Some(hash_under(key, kind, value))
    }

    /// The hashes under which `value` may have been recorded, newest first.
    pub(crate) fn lookups(&self, kind: &str, value: &str) -> Vec<LookupHash> {
        let (keys, oldest) = (self.keys.load(), self.oldest.load(Ordering::Acquire));
        let keys = keys.iter().rev().filter(|(version, _)| *version >= oldest);
        keys.map(|key| hash_under(key, kind, value)).collect()
    }

    /// Whether there is a key of this version.
    pub(crate) fn has(&self, version: u32) -> bool {
        self.keys.load().iter().any(|(known, _)| *known == version)
    }

    /// Adds the key of this version, durably, unless it is there; later look-ups go by
    /// it, too.
    pub(crate) fn add(&self, version: u32) -> Result<(), SealError> {
        let mut file = KeyFile::open(Arc::new(Disk), &self.path)?;
        file.add(&format!("v{version}"))?;
        self.keys.store(Arc::new(read(&file, self.profile)?));
        Ok(())
    }

    /// Looks nothing up under the versions before this one any more.
    pub(crate) fn retire_before(&self, oldest: u32) {
        self.oldest.store(oldest, Ordering::Release);
    }
}

/// The keys in a file, oldest first.
fn read(file: &KeyFile, profile: RecordProfile) -> Result<Vec<(u32, MacKey)>, SealError> {
    let mut keys = Vec::new();
    for name in file.names() {
        if let (Some(version), Some(key)) = (version_of(name), file.get(name)) {
            keys.push((version, MacKey::new(profile, key)?));
        }
    }
    keys.sort_by_key(|(version, _)| *version);
    if keys.is_empty() {
        // Created, and the power went before its first key was written.
        return Err(SealError::NoKey { person: "look-ups".to_owned() });
    }
    Ok(keys)
}

/// A key for keyed hashes, by the record's profile.
enum MacKey {
    Sha256(ring_hmac::Key),
    Sm3(Box<Hmac<Sm3>>),
}

impl MacKey {
    fn new(profile: RecordProfile, key: &Key) -> Result<Self, SealError> {
        Ok(match profile {
            RecordProfile::Standard => {
                Self::Sha256(ring_hmac::Key::new(ring_hmac::HMAC_SHA256, &**key))
            }
            RecordProfile::Gm => {
                let mac = Hmac::new_from_slice(&**key).map_err(|_| SealError::Crypto)?;
                Self::Sm3(Box::new(mac))
            }
        })
    }

    fn hash(&self, parts: [&[u8]; 3]) -> [u8; 32] {
        match self {
            Self::Sha256(key) => {
                let mut context = ring_hmac::Context::with_key(key);
                for part in parts {
                    context.update(part);
                }
                let mut hash = [0; 32];
                hash.copy_from_slice(context.sign().as_ref());
                hash
            }
            Self::Sm3(mac) => {
                let mut context = mac.clone();
                for part in parts {
                    context.update(part);
                }
                context.finalize().into_bytes().into()
            }
        }
    }
}

fn hash_under((version, key): &(u32, MacKey), kind: &str, value: &str) -> LookupHash {
    let len = u32::try_from(kind.len()).unwrap_or(u32::MAX);
    let hash = key.hash([&len.to_be_bytes(), kind.as_bytes(), value.as_bytes()]);
    LookupHash { version: *version, hash }
}

fn version_of(name: &str) -> Option<u32> {
    let digits = name.strip_prefix('v')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: RecordProfile = RecordProfile::Standard;

    /// OpenSSL 3.0: `openssl mac -digest SM3 -macopt hexkey:… HMAC`.
    #[test]
    fn hmac_sm3_is_what_others_make_of_it() {
        let key = Key::new(std::array::from_fn(|at| u8::try_from(at).unwrap()));
        let mac = MacKey::new(RecordProfile::Gm, &key).unwrap();
        let hash = mac.hash([b"person", b"", b" 1"]);
        assert_eq!(
            hex::encode(&hash),
            "06192a24e1d7a19e311c953d0c20a370939937d91bea257b1d29a970c65b18bc"
        );
        let other = MacKey::new(RecordProfile::Standard, &key).unwrap();
        assert_ne!(other.hash([b"person", b"", b" 1"]), hash);
    }

    #[test]
    fn equal_values_are_found_and_kinds_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lookup.keys");
        let keys = LookupKeys::init(&path, PROFILE).unwrap();
        let lookup = |kind, value| keys.lookup_under(1, kind, value).unwrap();
        let hash = lookup("person", "110101199003070011");
        let reopened = LookupKeys::open(&path, PROFILE).unwrap();
        assert_eq!(reopened.lookups("person", "110101199003070011"), std::slice::from_ref(&hash));
        assert_ne!(lookup("phone", "110101199003070011"), hash);
        assert_ne!(lookup("a", "bc"), lookup("ab", "c"));
        let json = serde_json::to_string(&hash).unwrap();
        assert!(json.starts_with("\"v1:"), "{json}");
        assert_eq!(serde_json::from_str::<LookupHash>(&json).unwrap(), hash);
        for bad in ["", "v1", "v01:00", "v0:", "1:aa"] {
            assert!(LookupHash::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn older_hashes_are_found_until_their_key_is_retired() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lookup.keys");
        let keys = LookupKeys::init(&path, PROFILE).unwrap();
        let old = keys.lookup_under(1, "k", "v").unwrap();
        keys.add(2).unwrap();
        let new = keys.lookup_under(2, "k", "v").unwrap();
        assert!(new.to_string().starts_with("v2:"));
        assert_eq!(keys.lookups("k", "v"), [new.clone(), old.clone()]);
        keys.add(2).unwrap();
        let reopened = LookupKeys::open(&path, PROFILE).unwrap();
        assert_eq!(reopened.lookups("k", "v"), [new.clone(), old]);
        reopened.retire_before(2);
        assert_eq!(reopened.lookups("k", "v"), [new]);
        assert!(reopened.has(1) && reopened.has(2) && !reopened.has(3));
    }
}
