//! Signed notes (C2SP signed-note): a text, an empty line, signature lines.
//!
//! A signature line is an em dash, the key's name, and base64 of the key's id and
//! the signature. Only Ed25519 (signature type 0x01) is made and checked here; a
//! line of an unknown key is passed over, as the specification demands, so that
//! witnesses may add theirs.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA256};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// The longest note, in bytes: a checkpoint of ours has about 200, and sixteen
/// post-quantum signatures would still fit.
pub(super) const MAX_NOTE: usize = 128 << 10;

/// The most signature lines looked at; verifiers must accept 16.
const MAX_SIGNATURES: usize = 64;

/// The signature type identifier of Ed25519.
const ED25519_TYPE: u8 = 0x01;

const KEY_LEN: usize = 32;
const ID_LEN: usize = 4;
const MARK: &str = "— ";

/// Why a note, or a key for notes, was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not a key's text form: `NAME+ID+BASE64`, the id being the hash of the rest.
    #[error("not a verifier key (NAME+ID+BASE64) with an Ed25519 key")]
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
    key: [u8; KEY_LEN],
}

impl EvidenceKey {
    /// The key called `name`; a name is not empty and has no space and no plus.
    pub fn new(name: &str, key: [u8; KEY_LEN]) -> Result<Self, NoteError> {
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

    fn verifies(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.key).verify(text.as_bytes(), signature).is_ok()
    }
}

impl fmt::Display for EvidenceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[ED25519_TYPE], &self.key[..]].concat();
        write!(f, "{}+{}+{}", self.name, self.id(), STANDARD.encode(typed))
    }
}

impl FromStr for EvidenceKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let parse = || {
            let (name, rest) = text.split_once('+')?;
            let (_, encoded) = rest.split_once('+')?;
            let typed = STANDARD.decode(encoded).ok()?;
            let (kind, key) = typed.split_first()?;
            (*kind == ED25519_TYPE).then_some(())?;
            Self::new(name, key.try_into().ok()?).ok()
        };
        // One spelling only, so that the id is checked with everything else.
        parse().filter(|key| key.to_string() == text).ok_or(NoteError::Key)
    }
}

/// SHA-256(name, newline, type, key), the first four bytes.
fn key_id(name: &str, key: &[u8; KEY_LEN]) -> [u8; ID_LEN] {
    let mut context = Context::new(&SHA256);
    for part in [name.as_bytes(), b"\n", &[ED25519_TYPE], key] {
        context.update(part);
    }
    let hash = context.finish();
    let mut id = [0; ID_LEN];
    id.copy_from_slice(&hash.as_ref()[..ID_LEN]);
    id
}

/// White_Space of Unicode, as the specification's "Unicode spaces".
fn is_name(name: &str) -> bool {
    let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
    !name.is_empty() && name.chars().all(allowed)
}

/// A private key that signs notes.
pub(crate) struct EvidenceSigner {
    pair: Ed25519KeyPair,
    key: EvidenceKey,
}

impl fmt::Debug for EvidenceSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EvidenceSigner({}+{})", self.key.name, self.key.id())
    }
}

impl EvidenceSigner {
    /// The key called `name` whose RFC 8032 private key is `seed`.
    pub(crate) fn from_seed(name: &str, seed: &[u8; KEY_LEN]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Key)?;
        let mut public = [0; KEY_LEN];
        public.copy_from_slice(pair.public_key().as_ref());
        Ok(Self { pair, key: EvidenceKey::new(name, public)? })
    }

    /// The public half.
    pub(crate) fn key(&self) -> &EvidenceKey {
        &self.key
    }

    fn line(&self, text: &str) -> String {
        let signature = self.pair.sign(text.as_bytes());
        let identified = [&self.key.id[..], signature.as_ref()].concat();
        format!("{MARK}{} {}\n", self.key.name, STANDARD.encode(identified))
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
        let lines: String = signers.iter().map(|signer| signer.line(text)).collect();
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
                if !key.verifies(self.text(), &signature.bytes) {
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
