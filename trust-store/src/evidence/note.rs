//! Signed notes (C2SP signed-note): a text, an empty line, signature lines.
//!
//! A signature line is an em dash, the key's name, and base64 of the key's id and
//! the signature. Made and checked here are Ed25519 (signature type 0x01), and in
//! records of the profile `gm` SM2 with SM3, which the specification has no byte for:
//! its type is 0xff and the text `tongxing.sm2-sm3.v1`, the public key the 65 octets of
//! the uncompressed point, the signature r and s (64 octets) over the note's text with
//! the user id `1234567812345678` (GB/T 32918.2, GM/T 0009). The key's id is made as the
//! specification recommends, with SHA-256. A line of an unknown key is passed over, as
//! the specification demands, so that witnesses may add theirs.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sm2::dsa::signature::{Signer, Verifier};
use sm2::dsa::{Signature as Sm2Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point;

use crate::profile::RecordProfile;

/// The longest note, in bytes: a checkpoint of ours has about 200, and sixteen
/// post-quantum signatures would still fit.
pub(super) const MAX_NOTE: usize = 128 << 10;

/// The most signature lines looked at; verifiers must accept 16.
const MAX_SIGNATURES: usize = 64;

/// The signature type identifier of Ed25519.
const ED25519_TYPE: &[u8] = &[0x01];

/// That of SM2 with SM3: "reserved for signature types without an identifier byte", and
/// an identifier of our own.
const SM2_TYPE: &[u8] = b"\xfftongxing.sm2-sm3.v1";

/// The user id that SM2 signs with by default (GM/T 0009).
const SM2_USER_ID: &str = "1234567812345678";

const ED25519_LEN: usize = 32;
const SM2_POINT_LEN: usize = 65;
const SEED_LEN: usize = 32;
const ID_LEN: usize = 4;
const MARK: &str = "— ";

/// Why a note, or a key for notes, was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a key's text form: `NAME+ID+BASE64`, the id being the hash of the rest.
    #[error("not a verifier key (NAME+ID+BASE64) with an Ed25519 or SM2 key")]
    Key,
    /// Not the form of a signed note.
    #[error("not a signed note: {problem}")]
    Form {
        /// What about it.
        problem: &'static str,
    },
    /// A known key's signature does not verify: the text was altered.
    #[error("the signature of {name}+{id} does not verify: the text was altered")]
    Altered {
        /// The key's name.
        name: String,
        /// The key's id, hex.
        id: String,
    },
    /// No signature by a key that is known.
    #[error("not signed by {expected}")]
    Unsigned {
        /// The keys that would have been believed.
        expected: String,
    },
}

/// A public key that checks notes, with its name. Its text form is the `vkey` of
/// Go's `sumdb/note`: `NAME+ID+BASE64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceKey {
    name: String,
    id: [u8; ID_LEN],
    key: PublicKey,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PublicKey {
    Ed25519([u8; ED25519_LEN]),
    Sm2([u8; SM2_POINT_LEN]),
}

impl PublicKey {
    /// Reads what stands behind the id in a key's text form.
    fn parse(typed: &[u8]) -> Option<Self> {
        match (typed.strip_prefix(SM2_TYPE), typed.strip_prefix(ED25519_TYPE)) {
            (Some(point), _) => {
                let point: [u8; SM2_POINT_LEN] = point.try_into().ok()?;
                VerifyingKey::from_sec1_bytes(SM2_USER_ID, &point).ok()?;
                Some(Self::Sm2(point))
            }
            (None, Some(key)) => Some(Self::Ed25519(key.try_into().ok()?)),
            (None, None) => None,
        }
    }

    fn typed(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => [ED25519_TYPE, key].concat(),
            Self::Sm2(point) => [SM2_TYPE, point].concat(),
        }
    }

    fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => {
                UnparsedPublicKey::new(&ED25519, key).verify(text, signature).is_ok()
            }
            Self::Sm2(point) => {
                let key = VerifyingKey::from_sec1_bytes(SM2_USER_ID, point);
                let signature = Sm2Signature::from_slice(signature);
                key.is_ok_and(|key| signature.is_ok_and(|s| key.verify(text, &s).is_ok()))
            }
        }
    }
}

impl EvidenceKey {
    /// The Ed25519 key called `name`; a name is not empty and has no space and no plus.
    pub fn new(name: &str, key: [u8; ED25519_LEN]) -> Result<Self, NoteError> {
        Self::of(name, PublicKey::Ed25519(key))
    }

    fn of(name: &str, key: PublicKey) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key);
        }
        Ok(Self { name: name.to_owned(), id: key_id(name, &key), key })
    }

    /// Its name: the origin of the checkpoints that it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id in hexadecimal: with the name, what a signature line says of it.
    pub fn id(&self) -> String {
        crate::hex::encode(&self.id)
    }

    /// The public key's octets: of Ed25519 32 (RFC 8032 5.1.5), of SM2 the uncompressed
    /// point.
    pub(crate) fn public_octets(&self) -> &[u8] {
        match &self.key {
            PublicKey::Ed25519(key) => key,
            PublicKey::Sm2(point) => point,
        }
    }

    /// Whether the key signed this message.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verifies(message, signature)
    }

    /// The profile of the records that it signs for: who trusts a key knows with it what
    /// the tree is hashed with.
    pub fn profile(&self) -> RecordProfile {
        match self.key {
            PublicKey::Ed25519(_) => RecordProfile::Standard,
            PublicKey::Sm2(_) => RecordProfile::Gm,
        }
    }
}

impl fmt::Display for EvidenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, self.id(), STANDARD.encode(self.key.typed()))
    }
}

impl FromStr for EvidenceKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let parse = || {
            let (name, rest) = text.split_once('+')?;
            let (_, encoded) = rest.split_once('+')?;
            let key = PublicKey::parse(&STANDARD.decode(encoded).ok()?)?;
            Self::of(name, key).ok()
        };
        // One spelling only, so that the id is checked with everything else.
        parse().filter(|key| key.to_string() == text).ok_or(NoteError::Key)
    }
}

/// SHA-256(name, newline, type, key), the first four bytes.
fn key_id(name: &str, key: &PublicKey) -> [u8; ID_LEN] {
    let hash = RecordProfile::Standard.hash(&[name.as_bytes(), b"\n", &key.typed()]);
    let mut id = [0; ID_LEN];
    id.copy_from_slice(&hash[..ID_LEN]);
    id
}

/// White_Space of Unicode, as the specification's "Unicode spaces".
fn is_name(name: &str) -> bool {
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    !name.is_empty() && name.chars().all(allowed)
}

/// A private key that signs notes.
pub(crate) struct EvidenceSigner {
    private: PrivateKey,
    key: EvidenceKey,
}

enum PrivateKey {
    Ed25519(Box<Ed25519KeyPair>),
    Sm2(Box<SigningKey>),
}

impl fmt::Debug for EvidenceSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EvidenceSigner({}+{})", self.key.name, self.key.id())
    }
}

impl EvidenceSigner {
    /// The key called `name`, of a record of this profile, whose private key (RFC 8032,
    /// GB/T 32918.2) is `seed`.
    ///
    /// # Errors
    /// [`NoteError::Key`] if it is no private key: of SM2's, one in four thousand
    /// million random ones is not.
    pub(crate) fn from_seed(
        profile: RecordProfile,
        name: &str,
        seed: &[u8; SEED_LEN],
    ) -> Result<Self, NoteError> {
        let (private, public) = match profile {
            RecordProfile::Standard => {
                let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Key)?;
                let mut public = [0; ED25519_LEN];
                public.copy_from_slice(pair.public_key().as_ref());
                (PrivateKey::Ed25519(Box::new(pair)), PublicKey::Ed25519(public))
            }
            RecordProfile::Gm => {
                let key = SigningKey::from_slice(SM2_USER_ID, seed).map_err(|_| NoteError::Key)?;
                let point = key.verifying_key().to_sec1_point(false);
                let point = point.as_bytes().try_into().map_err(|_| NoteError::Key)?;
                (PrivateKey::Sm2(Box::new(key)), PublicKey::Sm2(point))
            }
        };
        Ok(Self { private, key: EvidenceKey::of(name, public)? })
    }

    /// The public half.
    pub(crate) fn key(&self) -> &EvidenceKey {
        &self.key
    }

    /// Signs a message, which is no note.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, NoteError> {
        Ok(match &self.private {
            PrivateKey::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            PrivateKey::Sm2(key) => {
                let signature: Sm2Signature = key.try_sign(message).map_err(|_| NoteError::Key)?;
                signature.to_bytes().to_vec()
            }
        })
    }

    fn line(&self, text: &str) -> Result<String, NoteError> {
        let signature = self.sign(text.as_bytes())?;
        let identified = [&self.key.id[..], &signature].concat();
        Ok(format!("{MARK}{} {}\n", self.key.name, STANDARD.encode(identified)))
    }
}

/// A note as it was read or signed. Nothing is known of its text until
/// [`Self::verify`] says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    note: String,
    /// Where the text ends, with its newline.
    text: usize,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Signature {
    name: String,
    id: [u8; ID_LEN],
    bytes: Vec<u8>,
}

impl SignedNote {
    /// Signs `text`, which ends in a newline, once by each of `signers`.
    pub(crate) fn sign(text: &str, signers: &[&EvidenceSigner]) -> Result<Self, NoteError> {
        let lines =
            signers.iter().map(|signer| signer.line(text)).collect::<Result<String, _>>()?;
        Self::parse(&format!("{text}\n{lines}"))
    }

    /// Reads a note, believing nothing.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        let fault = |problem| NoteError::Form { problem };
        if note.len() > MAX_NOTE {
            return Err(fault("it is too long"));
        }
        if note.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(fault("it holds control characters"));
        }
        let Some(split) = note.rfind("\n\n") else {
            return Err(fault("no empty line before the signatures"));
        };
        let lines = note[split + 2..].strip_suffix('\n').ok_or(fault("it is cut short"))?;
        let lines: Vec<&str> = lines.split('\n').collect();
        if lines.len() > MAX_SIGNATURES {
            return Err(fault("it has too many signatures"));
        }
        let signatures = lines.into_iter().map(Signature::parse).collect::<Option<_>>();
        let signatures = signatures.ok_or(fault("a signature line does not read"))?;
        Ok(Self { note: note.to_owned(), text: split + 1, signatures })
    }

    /// The whole note: text, empty line, signature lines.
    pub fn as_str(&self) -> &str {
        &self.note
    }

    /// What was signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.note[..self.text]
    }

    /// The first of `keys` whose signature it bears.
    ///
    /// # Errors
    /// [`NoteError::Altered`] if any of their signatures does not verify,
    /// [`NoteError::Unsigned`] if there is none.
    pub fn verify<'a>(&self, keys: &'a [EvidenceKey]) -> Result<&'a EvidenceKey, NoteError> {
        let mut by = None;
        for signature in &self.signatures {
            for key in keys.iter().filter(|key| signature.is_of(key)) {
                if !key.key.verifies(self.text().as_bytes(), &signature.bytes) {
                    return Err(NoteError::Altered { name: key.name.clone(), id: key.id() });
                }
                by.get_or_insert(key);
            }
        }
        by.ok_or_else(|| {
            let names: Vec<String> =
                keys.iter().map(|key| format!("{}+{}", key.name, key.id())).collect();
            let expected = if names.is_empty() { "a known key".into() } else { names.join(" or ") };
            NoteError::Unsigned { expected }
        })
    }

    /// Whether a signature line says that it is of `key`.
    pub(super) fn names(&self, key: &EvidenceKey) -> bool {
        self.signatures.iter().any(|signature| signature.is_of(key))
    }
}

impl Signature {
    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(MARK)?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (id, signature) = bytes.split_first_chunk::<ID_LEN>()?;
        let reads = is_name(name) && !signature.is_empty();
        reads.then(|| Self { name: name.to_owned(), id: *id, bytes: signature.to_vec() })
    }

    fn is_of(&self, key: &EvidenceKey) -> bool {
        self.name == key.name && self.id == key.id
    }
}

#[cfg(test)]
mod tests;
