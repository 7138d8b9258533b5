//! What was signed: whole, or as the digests that its signers need.

use std::fmt;

use crate::keys::{Digest, Hash, Hasher, PublicKey, Sm2UserId, sm2_hasher};

/// A digest that a signer needs of the content.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestNeed {
    /// The hash function over the content.
    Plain(Hash),
    /// SM3 over Z and the content (GM/T 0009 10.1): Z, the hash of the signer's id and
    /// key, stands first, so that the key must be known before the content flows.
    Sm2 {
        /// The SHA-256 of the key's SubjectPublicKeyInfo.
        key: [u8; 32],
        /// The signer's id.
        user_id: Sm2UserId,
    },
}

impl DigestNeed {
    /// SM3 over Z of a key, which signed by this id, and the content.
    #[must_use]
    pub fn sm2(key: &PublicKey, user_id: Sm2UserId) -> Self {
        Self::Sm2 { key: *key.spki_sha256(), user_id }
    }

    /// The hash function.
    #[must_use]
    pub fn hash(&self) -> Hash {
        match self {
            Self::Plain(hash) => *hash,
            Self::Sm2 { .. } => Hash::Sm3,
        }
    }

    /// Whether it is Z of this key that stands before the content.
    pub(super) fn is_sm2_of(&self, wanted: &PublicKey) -> bool {
        matches!(self, Self::Sm2 { key, .. } if key == wanted.spki_sha256())
    }

    /// The id of SM2's Z.
    pub(super) fn user_id(&self) -> Option<&Sm2UserId> {
        match self {
            Self::Plain(_) => None,
            Self::Sm2 { user_id, .. } => Some(user_id),
        }
    }

    /// A hasher that has taken what stands before the content; `key` is SM2's.
    pub(super) fn hasher(&self, key: Option<&PublicKey>) -> Option<Hasher> {
        match self {
            Self::Plain(hash) => Some(hash.hasher()),
            Self::Sm2 { user_id, .. } => sm2_hasher(key?, user_id).ok(),
        }
    }
}

impl fmt::Display for DigestNeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(hash) => hash.fmt(f),
            Self::Sm2 { .. } => f.write_str("SM3 behind Z"),
        }
    }
}

impl fmt::Debug for DigestNeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The content that a caller brings.
#[derive(Clone, Copy, Debug, Default)]
pub enum Content<'c> {
    /// None: only what the document holds itself.
    #[default]
    None,
    /// The octets; of a document whose content is parts of a file, that very file.
    Octets(&'c [u8]),
    /// Digests that were made while the content flowed by, or brought without it.
    Digests(&'c ContentDigests),
}

/// Digests of one content.
#[derive(Clone, Debug, Default)]
pub struct ContentDigests {
    digests: Vec<(DigestNeed, Digest)>,
    head: Head,
    length: Option<u64>,
}

impl ContentDigests {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One digest that was made elsewhere; `None` when it does not have the length of its
    /// hash function's.
    #[must_use]
    pub fn of(need: DigestNeed, octets: &[u8]) -> Option<Self> {
        let digest = need.hash().digest_from(octets)?;
        Some(Self { digests: vec![(need, digest)], head: Head::default(), length: None })
    }

    /// Digests that were made of one content at another time, with how long it was and,
    /// where it is [short](Self::short_content), the content itself. `None` when one does
    /// not have the length of its hash function's.
    #[must_use]
    pub fn restored(
        digests: impl IntoIterator<Item = (DigestNeed, Vec<u8>)>,
        length: Option<u64>,
        short: Option<Vec<u8>>,
    ) -> Option<Self> {
        let digest = |(need, octets): (DigestNeed, Vec<u8>)| {
            let digest = need.hash().digest_from(&octets)?;
            Some((need, digest))
        };
        let digests = digests.into_iter().map(digest).collect::<Option<_>>()?;
        Some(Self { digests, head: Head(short.unwrap_or_default()), length })
    }

    /// Every digest with what it is for.
    pub fn iter(&self) -> impl Iterator<Item = (&DigestNeed, &Digest)> {
        self.digests.iter().map(|(need, digest)| (need, digest))
    }

    /// The digest for a need, if it is here.
    #[must_use]
    pub fn get(&self, need: &DigestNeed) -> Option<&Digest> {
        self.digests.iter().find(|(made, _)| made == need).map(|(_, digest)| digest)
    }

    /// The digests over the content alone, with their functions.
    pub(super) fn plain(&self) -> impl Iterator<Item = (Hash, &Digest)> {
        self.digests.iter().filter_map(|(need, digest)| match need {
            DigestNeed::Plain(hash) => Some((*hash, digest)),
            DigestNeed::Sm2 { .. } => None,
        })
    }

    /// How long the content was, in octets, where it flowed by.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The whole content, where it is so short that it could be something else than it
    /// seems: not longer than signed attributes are.
    #[must_use]
    pub fn short_content(&self) -> Option<&[u8]> {
        let whole = self.length? == u64::try_from(self.head.0.len()).ok()?;
        whole.then_some(&self.head.0)
    }
}

/// The beginning of the content, as far as signed attributes could reach that are passed
/// off as a content: see `content.is_attributes`.
#[derive(Clone, Debug, Default)]
struct Head(Vec<u8>);

/// The most octets that signed attributes are looked for in. Origin: ours; real ones
/// have some hundreds.
const MAX_HEAD: usize = 16 << 10;

impl Head {
    fn update(&mut self, octets: &[u8]) {
        let room = MAX_HEAD.saturating_sub(self.0.len());
        self.0.extend_from_slice(&octets[..octets.len().min(room)]);
    }
}

/// Takes a content piece by piece and makes every digest that its signers need, in
/// constant memory.
#[derive(Clone, Debug)]
pub struct ContentDigester {
    hashers: Vec<(DigestNeed, Hasher)>,
    head: Head,
    length: u64,
}

impl ContentDigester {
    pub(super) fn new() -> Self {
        Self { hashers: Vec::new(), head: Head::default(), length: 0 }
    }

    /// Adds a need; `key` is SM2's. One that cannot be met is left to the verification.
    pub(super) fn add(&mut self, need: DigestNeed, key: Option<&PublicKey>) {
        if self.hashers.iter().any(|(known, _)| *known == need) {
            return;
        }
        if let Some(hasher) = need.hasher(key) {
            self.hashers.push((need, hasher));
        }
    }

    /// Makes this hash of the content, too, whoever needs it.
    pub fn also(&mut self, hash: Hash) {
        self.add(DigestNeed::Plain(hash), None);
    }

    /// Which digests are made.
    pub fn needs(&self) -> impl Iterator<Item = &DigestNeed> {
        self.hashers.iter().map(|(need, _)| need)
    }

    /// Takes the next piece.
    pub fn update(&mut self, octets: &[u8]) {
        for (_, hasher) in &mut self.hashers {
            hasher.update(octets);
        }
        self.head.update(octets);
        self.length = self.length.saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX));
    }

    /// The digests of all pieces.
    #[must_use]
    pub fn finish(self) -> ContentDigests {
        let finished = self.hashers.into_iter().map(|(need, hasher)| (need, hasher.finish()));
        ContentDigests { digests: finished.collect(), head: self.head, length: Some(self.length) }
    }
}
