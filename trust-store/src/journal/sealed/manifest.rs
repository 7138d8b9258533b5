//! The file that lists the sealed segments.
//!
//! Text: one line that names the format, then one for each segment in order, a
//! CRC-32C in eight hexadecimal digits, a space and the entry as JSON. A line that
//! is torn or changed by accident is as one that is missing; one whose checksum is
//! right is believed, and compared with the segment.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::SealedSegment;
use crate::files::{self, FileLayer, read_all};
use crate::journal::JournalError;
use crate::journal::error::{Damage, DamageKind};

pub(in crate::journal) const FILE: &str = "manifest";
const FORMAT: &str = "tongxing journal manifest, version ";
const VERSION: &str = "1";

/// A manifest of more bytes is not one: it would list a petabyte of journal.
const MAX: u64 = 1 << 30;

/// What a manifest says.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// The entries, by their first sequence.
    pub(super) entries: BTreeMap<u64, SealedSegment>,
    /// Whether every line could be read.
    pub(super) whole: bool,
}

/// The manifest in `folder`; empty when there is none.
pub(super) fn load(files: &dyn FileLayer, folder: &Path) -> Result<Loaded, JournalError> {
    let path = folder.join(FILE);
    let file = match files.open_read(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Loaded { whole: true, ..Loaded::default() });
        }
        Err(error) => return Err(JournalError::io("opening", &path)(error)),
    };
    let bytes = read_all(&*file, MAX).map_err(JournalError::io("reading", &path))?;
    decode(&String::from_utf8_lossy(&bytes)).map_err(|(offset, sequence, kind)| {
        Damage { segment: FILE.to_owned(), offset: offset as u64, sequence, kind }.into()
    })
}

/// Whether the segment that begins with `first` is listed as archived.
pub(in crate::journal) fn is_archived(
    files: &dyn FileLayer,
    folder: &Path,
    first: u64,
) -> Result<bool, JournalError> {
    Ok(load(files, folder)?.entries.get(&first).is_some_and(|entry| entry.archived))
}

/// The last record that lies in an archived segment; 0 when none is archived.
pub(in crate::journal) fn last_archived(
    files: &dyn FileLayer,
    folder: &Path,
) -> Result<u64, JournalError> {
    let entries = load(files, folder)?.entries;
    Ok(entries.values().filter(|entry| entry.archived).map(|entry| entry.last).max().unwrap_or(0))
}

/// Drops the entries of segments from the one that begins with `first` on.
pub(in crate::journal) fn cut(
    files: &dyn FileLayer,
    folder: &Path,
    first: u64,
) -> Result<(), JournalError> {
    let entries = load(files, folder)?.entries;
    let kept: Vec<_> = entries.range(..first).map(|(_, entry)| entry.clone()).collect();
    if kept.len() == entries.len() { Ok(()) } else { save(files, folder, &kept) }
}

/// Replaces the manifest in `folder`.
pub(in crate::journal) fn save(
    files: &dyn FileLayer,
    folder: &Path,
    entries: &[SealedSegment],
) -> Result<(), JournalError> {
    let path = folder.join(FILE);
    let text = encode(entries).map_err(io::Error::other);
    text.and_then(|text| files::replace(files, folder, FILE, text.as_bytes()))
        .map_err(JournalError::io("writing", &path))
}

fn encode(entries: &[SealedSegment]) -> serde_json::Result<String> {
    let mut text = format!("{FORMAT}{VERSION}\n");
    for entry in entries {
        let json = serde_json::to_string(entry)?;
        let crc = crc32c::crc32c(json.as_bytes());
        text.extend([format!("{crc:08x} {json}\n")]);
    }
    Ok(text)
}

fn decode(text: &str) -> Result<Loaded, (usize, u64, DamageKind)> {
    let mut loaded = Loaded { whole: text.ends_with('\n'), ..Loaded::default() };
    let mut offset = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim_end_matches('\n');
        match content.strip_prefix(FORMAT) {
            Some(VERSION) if number == 0 => {}
            Some(version) if number == 0 && version.bytes().all(|b| b.is_ascii_digit()) => {
                let problem = "is of a version that this program does not know";
                return Err((0, 0, DamageKind::Header { problem }));
            }
            _ => match entry(content) {
                Some(entry) => {
                    if let Some(what) = contradiction(&entry) {
                        return Err((offset, entry.first, DamageKind::Manifest { what }));
                    }
                    loaded.entries.insert(entry.first, entry);
                }
                None => loaded.whole = false,
            },
        }
        offset += line.len();
    }
    Ok(loaded)
}

/// The entry in a line; `None` when it is torn.
fn entry(line: &str) -> Option<SealedSegment> {
    let (crc, json) = line.split_at_checked(8)?;
    let json = json.strip_prefix(' ')?;
    let crc = u32::from_str_radix(crc, 16).ok()?;
    (crc == crc32c::crc32c(json.as_bytes())).then(|| serde_json::from_str(json).ok()).flatten()
}

/// What an entry says that cannot be true together.
fn contradiction(entry: &SealedSegment) -> Option<&'static str> {
    let checks = [
        ("first record", 0 < entry.first && entry.first <= entry.last),
        ("last record's hash and time", entry.position.sequence == entry.last),
        ("profile", entry.tree.profile() == entry.position.profile),
        ("tree", entry.tree.size() == entry.last && entry.tree.root() == entry.root),
    ];
    checks.into_iter().find(|(_, holds)| !holds).map(|(what, _)| what)
}
