//! What can go wrong with keys and sealed data.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why something could not be sealed, opened or looked up.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealError {
    /// The person has no key: never had one, or was erased.
    #[error("there is no key for person {person}")]
    NoKey {
        /// The person's id.
        person: String,
    },
    /// Sealed data was altered, or belongs to another person or place.
    #[error("the sealed data was altered or belongs elsewhere")]
    Altered,
    /// Not the text form of sealed data or of a look-up hash.
    #[error("not {what}")]
    Malformed {
        /// What it should have been.
        what: &'static str,
    },
    /// A name that the key file cannot hold.
    #[error("a name of {len} bytes: 1 to {max} are allowed")]
    NameLength {
        /// Its length in bytes.
        len: usize,
        /// The longest allowed.
        max: usize,
    },
    /// The key file is damaged. It is not repaired: a lost key is lost data.
    #[error("key file {path} is damaged at byte {offset}; restore it from a backup")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
    },
    /// The key file does not exist; only creating a province makes one.
    #[error("key file {path} is missing")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Others than the owner may read the key file.
    #[error("key file {path} can be read by others than its owner; chmod 600 it")]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// The disk has no room for another key; nothing was written that counts, and it
    /// goes on when there is.
    #[error("key file {path}: the disk is full")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The file has as many keys as one may have.
    #[error(
        "key file {path} holds {max} keys, and may hold no more: `tongxing retention` destroys \
         those of certificates and persons that the policy does not keep"
    )]
    TooMany {
        /// The file.
        path: PathBuf,
        /// How many it may hold.
        max: u64,
    },
    /// An earlier write failed, so that nothing is known about what the disk
    /// holds; the keys must be opened anew.
    #[error("key file {path}: an earlier write failed; restart the gateway")]
    Poisoned {
        /// The file.
        path: PathBuf,
    },
    /// The system has no randomness to give, or a primitive failed.
    #[error("the cryptographic library failed")]
    Crypto,
    /// The system refused.
    #[error("{doing} {path}: {source}")]
    Io {
        /// What was being done, as in "writing".
        doing: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
}

impl SealError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }
}

impl From<ring::error::Unspecified> for SealError {
    fn from(_: ring::error::Unspecified) -> Self {
        Self::Crypto
    }
}
