//! `tongxing doctor`: is everything that the record needs there and as it should be?
//!
//! It reads, and mends nothing: also a folder that does not open. Each check looks
//! at one thing and says what was seen and what helps; none depends on another
//! having passed.
//!
//! 1. What lies in the folder is looked at as files ([`examine_folder`]): rights,
//!    keys, images, disk, clock.
//! 2. What the record says is looked at where it is: in the running gateway, which
//!    has it open ([`Province::examine`]), or, when none runs, in the folder
//!    ([`examine_record`]), under its lock so that none starts meanwhile.
//!
//! [`Province::examine`]: crate::Province::examine

mod folder;
mod keys;
mod open;
mod record;
mod state;

use serde::{Deserialize, Serialize};

pub use folder::examine_folder;
pub use record::examine_record;

/// How much is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// The journal's last segment, what is there and what is not: seconds.
    #[default]
    Quick,
    /// Every record and blob, and the state made anew to compare.
    Full,
}

/// How one thing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was looked at.
    pub about: String,
    /// Whether it is well.
    pub level: CheckLevel,
    /// What was seen.
    pub seen: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Whether a thing is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckLevel {
    /// It is.
    Ok,
    /// It is, and somebody should look at it.
    Warning,
    /// It is not.
    Error,
    /// It could not be told.
    Unknown,
}

impl Check {
    /// It is well.
    pub fn ok(about: &str, seen: impl ToString) -> Self {
        Self::new(about, CheckLevel::Ok, seen, None)
    }

    /// Somebody should look at it.
    pub fn warn(about: &str, seen: impl ToString, help: impl Into<String>) -> Self {
        Self::new(about, CheckLevel::Warning, seen, Some(help.into()))
    }

    /// It is not well.
    pub fn fail(about: &str, seen: impl ToString, help: impl Into<String>) -> Self {
        Self::new(about, CheckLevel::Error, seen, Some(help.into()))
    }

    /// It could not be told.
    pub fn unknown(about: &str, seen: impl ToString, help: impl Into<String>) -> Self {
        Self::new(about, CheckLevel::Unknown, seen, Some(help.into()))
    }

    #[expect(clippy::needless_pass_by_value, reason = "texts and errors alike are given up")]
    fn new(about: &str, level: CheckLevel, seen: impl ToString, help: Option<String>) -> Self {
        Self { about: about.to_owned(), level, seen: seen.to_string(), help }
    }
}

/// What helps where keys or blobs are gone.
const RESTORE: &str = "restore it from a backup: `tongxing restore BACKUP --identity KEY --to DIR`";

#[cfg(test)]
mod tests;
