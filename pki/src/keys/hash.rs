//! Hash functions: ring's, and SM3 from RustCrypto, behind one type.

use std::fmt;

use ring::digest;
use sm3::{Digest as _, Sm3};

use crate::oid::Oid;

/// A hash function: of a signature algorithm, or by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hash {
    /// SHA-1, which is weak: see [`super::WeakAlgorithms`].
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SM3 (GB/T 32905).
    Sm3,
}

/// The most octets that a digest has: SHA-512's.
const MAX_DIGEST_OCTETS: usize = 64;

/// The outcome of a hash function; its octets are what it derefs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    octets: [u8; MAX_DIGEST_OCTETS],
    length: usize,
}

/// A hash function at work, fed piece by piece.
#[derive(Clone)]
pub struct Hasher(Context);

#[derive(Clone)]
enum Context {
    Ring(digest::Context),
    Sm3(Sm3),
}

impl Hash {
    const ALL: [Self; 5] = [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512, Self::Sm3];

    /// Starts hashing. SHA-1 serves identifiers and what policies still allow.
    #[must_use]
    pub fn hasher(self) -> Hasher {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
            Self::Sm3 => return Hasher(Context::Sm3(Sm3::new())),
        };
        Hasher(Context::Ring(digest::Context::new(algorithm)))
    }

    /// The digest of some octets.
    #[must_use]
    pub fn digest(self, octets: &[u8]) -> Digest {
        let mut hasher = self.hasher();
        hasher.update(octets);
        hasher.finish()
    }

    /// A digest that was made elsewhere; `None` when it does not have this function's
    /// length.
    #[must_use]
    pub fn digest_from(self, octets: &[u8]) -> Option<Digest> {
        let fits = usize::try_from(self.octets()).is_ok_and(|length| length == octets.len());
        fits.then(|| Digest::from_octets(octets))
    }

    /// The function by its identifier.
    #[must_use]
    pub fn from_oid(oid: &Oid) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.oid() == *oid)
    }

    /// Its identifier.
    #[must_use]
    pub const fn oid(self) -> Oid {
        match self {
            Self::Sha1 => Oid::SHA1,
            Self::Sha256 => Oid::SHA256,
            Self::Sha384 => Oid::SHA384,
            Self::Sha512 => Oid::SHA512,
            Self::Sm3 => Oid::SM3,
        }
    }

    /// How many octets its digests have.
    #[must_use]
    pub const fn octets(self) -> u32 {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 | Self::Sm3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

impl Hasher {
    /// Takes the next piece.
    pub fn update(&mut self, octets: &[u8]) {
        match &mut self.0 {
            Context::Ring(context) => context.update(octets),
            Context::Sm3(context) => context.update(octets),
        }
    }

    /// The digest of all pieces.
    #[must_use]
    pub fn finish(self) -> Digest {
        match self.0 {
            Context::Ring(context) => Digest::from_octets(context.finish().as_ref()),
            Context::Sm3(context) => Digest::from_octets(&context.finalize()),
        }
    }
}

impl Digest {
    /// `octets` are those of a hash function, so that they fit.
    fn from_octets(octets: &[u8]) -> Self {
        let mut digest = Self { octets: [0; MAX_DIGEST_OCTETS], length: octets.len() };
        digest.octets[..octets.len()].copy_from_slice(octets);
        digest
    }
}

impl std::ops::Deref for Digest {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.octets[..self.length]
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(")?;
        for octet in &**self {
            write!(f, "{octet:02x}")?;
        }
        f.write_str(")")
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sm3 => "SM3",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_the_standards() {
        // FIPS 180-4 and GB/T 32905 appendix A.1, of "abc".
        for (hash, expected) in [
            (Hash::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Hash::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (Hash::Sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        ] {
            let digest = hash.digest(b"abc");
            assert_eq!(format!("{digest:?}"), format!("Digest({expected})"));
            assert_eq!(u32::try_from(digest.len()).expect("short"), hash.octets());
        }
    }

    #[test]
    fn pieces_make_the_whole() {
        for hash in Hash::ALL {
            let mut hasher = hash.hasher();
            hasher.update(b"a");
            hasher.update(&[]);
            hasher.update(b"bc");
            assert_eq!(hasher.finish(), hash.digest(b"abc"), "{hash}");
            assert_eq!(Hash::from_oid(&hash.oid()), Some(hash));
        }
    }
}
