//! Why settings do not load.

use std::io;
use std::path::PathBuf;

/// Why a settings file was refused; nothing of it is used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing or unreadable.
    #[error("{}: {source}", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is larger than any settings file.
    #[error("{}: larger than {limit} bytes", file.display())]
    TooLarge {
        /// Which file.
        file: PathBuf,
        /// The limit in bytes.
        limit: u64,
    },
    /// The text is no TOML, has an unknown key or a value of the wrong type; the
    /// message names line and column.
    #[error("{}: {message}", file.display())]
    Syntax {
        /// Which file.
        file: PathBuf,
        /// The parser's message, with line and column.
        message: String,
    },
    /// A value is out of its range or contradicts another.
    #[error("{}:{line}:{column}: {key}: {problem}", file.display())]
    Value {
        /// Which file.
        file: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// The key, with the table it stands in.
        key: &'static str,
        /// What is wrong, and what was expected.
        problem: String,
    },
}
