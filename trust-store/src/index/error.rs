//! What can go wrong with the index; all of it is cured by a rebuild.

use std::path::PathBuf;

/// Why a row could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IndexError {
    /// sled reported a fault; the index is to be rebuilt from the journal.
    #[error("index: {0}")]
    Storage(String),
    /// sled panicked, as it does on damaged pages; the index is to be rebuilt.
    #[error("index: storage panicked: {0}")]
    Panicked(String),
    /// A key that rows must not use (empty, or starting with a zero byte).
    #[error("index: key {0} is reserved")]
    ReservedKey(String),
    /// The index's folder could not be removed or made.
    #[error("index folder {folder}: {problem}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        problem: String,
    },
}

impl From<sled::Error> for IndexError {
    fn from(error: sled::Error) -> Self {
        Self::Storage(error.to_string())
    }
}
