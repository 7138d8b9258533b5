//! What can go wrong with an image. The state and the journal are as they were.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why an image could not be taken, or is not used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ImageError {
    /// The system refused to read or write.
    #[error("{doing} {path}: {source}")]
    Io {
        /// What was being done, as in "writing".
        doing: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The file is not what was written.
    #[error("image {name} is damaged: {problem}")]
    Damaged {
        /// The file's name.
        name: String,
        /// What about it.
        problem: String,
    },
    /// It is whole, and the journal knows nothing of it.
    #[error("image {name} is not one that the journal names")]
    Unnamed {
        /// The file's name.
        name: String,
    },
    /// The record that would name it cannot be read here.
    #[error(
        "image {name} cannot be compared with the journal: the records behind it are archived \
         (`tongxing retrieve` brings them back)"
    )]
    Unattested {
        /// The file's name.
        name: String,
    },
    /// It is whole and named, and was made of other records than the journal's.
    #[error("image {name} follows another journal: record {sequence} is not the same")]
    Foreign {
        /// The file's name.
        name: String,
        /// The last record in it.
        sequence: u64,
    },
    /// One image at a time.
    #[error("an image is being taken already")]
    UnderWay,
    /// The rows could not be read to the end.
    #[error("taking an image: {0}")]
    Scan(String),
    /// Nothing has been applied that could be saved.
    #[error("there is no state yet")]
    NoState,
}

impl ImageError {
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }

    pub(super) fn damaged(name: &str, problem: impl Into<String>) -> Self {
        Self::Damaged { name: name.to_owned(), problem: problem.into() }
    }
}

impl From<crate::index::ScanError> for ImageError {
    fn from(error: crate::index::ScanError) -> Self {
        Self::Scan(error.to_string())
    }
}
