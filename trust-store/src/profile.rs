//! Which algorithms a province's record rests on: chosen when it is made, for good.
//!
//! | | `standard` | `gm` |
//! |---|---|---|
//! | chain of records, Merkle tree | SHA-256 | SM3 (GB/T 32905) |
//! | checkpoints | Ed25519 | SM2 with SM3 (GB/T 32918.2) |
//! | persons' data | AES-256-GCM | SM4-GCM (GB/T 32907, RFC 8998) |
//! | look-ups | HMAC-SHA-256 | HMAC-SM3 |
//!
//! The journal says which from its first byte on: each segment's header does, and so
//! does the first record, which the checkpoints cover. Addresses of blobs, hashes of
//! whole files (segments, images, backups) and the index's own fingerprint are SHA-256
//! in both; records and signatures do not rest on them alone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tongxing_pki::Hash;

/// The algorithms of a province's record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordProfile {
    /// SHA-256, Ed25519, AES-256-GCM.
    #[default]
    Standard,
    /// The national algorithms: SM3, SM2, SM4.
    Gm,
}

impl RecordProfile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Gm];

    /// Its name, as commands and documents have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Gm => "gm",
        }
    }

    /// Whether it is what records that say nothing have.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(crate) fn is_standard(&self) -> bool {
        *self == Self::Standard
    }

    /// The hash of these parts, one after the other.
    pub(crate) fn hash(self, parts: &[&[u8]]) -> [u8; 32] {
        let function = match self {
            Self::Standard => Hash::Sha256,
            Self::Gm => Hash::Sm3,
        };
        let mut hasher = function.hasher();
        for part in parts {
            hasher.update(part);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(&hasher.finish());
        hash
    }
}

impl fmt::Display for RecordProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no profile of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no profile is called \"{0}\": standard or gm")]
pub struct UnknownProfile(String);

impl FromStr for RecordProfile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        let found = Self::ALL.into_iter().find(|profile| profile.as_str() == text);
        found.ok_or_else(|| UnknownProfile(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    /// GB/T 32905-2016 appendix A, and FIPS 180-4's example.
    #[test]
    fn the_standards_examples_come_out() {
        let abc = |profile: RecordProfile| hex::encode(&profile.hash(&[b"a", b"", b"bc"]));
        assert_eq!(
            abc(RecordProfile::Gm),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        assert_eq!(
            abc(RecordProfile::Standard),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn names_read_as_they_are_written() {
        for profile in RecordProfile::ALL {
            assert_eq!(profile.to_string().parse(), Ok(profile));
        }
        assert!("GM".parse::<RecordProfile>().is_err());
    }
}
