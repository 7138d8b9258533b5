//! What may be wrong with the gateway's keys.

use std::io;
use std::path::PathBuf;

/// Why keys cannot be read, made or kept.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A key folder or file is missing: only `init` creates them, with the province.
    #[error(
        "{} does not exist: `tongxing init` makes it with a new province; in this one it was \
         removed, and `tongxing restore` brings it back from a backup",
        path.display()
    )]
    Missing {
        /// Which.
        path: PathBuf,
    },
    /// Others than the owner have rights to a key folder or file.
    #[error(
        "{} has mode {mode:04o}: others than its owner have rights to it; run chmod {} on it",
        path.display(),
        if *is_folder { "0700" } else { "0600" }
    )]
    TooOpen {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// Whether it is a folder.
        is_folder: bool,
    },
    /// The system refused to read or write.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key file does not hold what it should.
    #[error("{}: {problem}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The system's generator gave no randomness, or a key could not be made of it.
    #[error("no key could be generated")]
    Generation,
    /// No token signing key is left to sign with.
    #[error("no token signing key")]
    NoTokenKey,
}
