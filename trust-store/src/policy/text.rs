//! What both kinds of policy file have in common: their text, and its version.

use super::file::{Parsed, Section};
use crate::hex;

/// The text of a policy file with what identifies it.
#[derive(Debug, Clone)]
pub(super) struct PolicyText {
    source: String,
    version: String,
    label: String,
}

/// The format that this version reads.
const FORMAT: i64 = 1;
/// Half of a SHA-256: enough to name a text, short enough for tokens.
const VERSION_DIGITS: usize = 32;

impl PolicyText {
    pub(super) fn new(source: &str, label: String) -> Self {
        let mut version = hex::sha256(source.as_bytes());
        version.truncate(VERSION_DIGITS);
        Self { source: source.to_owned(), version, label }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    pub(super) fn label(&self) -> &str {
        &self.label
    }
}

/// Reads `format` and `label` of a file's first table; the label comes out.
pub(super) fn format(section: &Section<'_>) -> Parsed<String> {
    let format = section.required("format", "the number of the file format: 1").and_then(|item| {
        let format = item.integer(1, i64::MAX)?;
        if format != FORMAT {
            let message = format!("unknown format {format}");
            return Err(item.fail(&message, "this version reads format 1"));
        }
        Ok(format)
    });
    let label = section
        .required("label", "the operators' own name for this edition, such as \"2026-11\"")
        .and_then(|item| item.nonempty().map(str::to_owned));
    format.and(label)
}
