//! How keys lie in a file.
//!
//! Entries have 128 bytes, so that none crosses a sector: a power cut leaves an
//! entry written or not written, and what is neither is damage.
//!
//! | bytes | field |
//! |---|---|
//! | 4 | CRC-32C over the other 124 bytes |
//! | 1 | format version, 1; 2 where the key was destroyed in its place |
//! | 1 | length of the name |
//! | 66 | the name, then zeros |
//! | 4 | how many entries were written before it in one go, big-endian |
//! | 20 | zero |
//! | 32 | the key |
//!
//! Several entries that are written in one go may lie across sectors, of which a
//! power cut leaves any. Each says how many of them come before it, so that a gap in
//! the last batch is told from a gap that a medium made in keys that were durable: the
//! last batch reaches the file's end, and goes as a whole.

use std::collections::BTreeMap;
use std::io;

use zeroize::Zeroizing;

use super::Key;
use crate::files::ReadAt;
use crate::seal::SealError;

pub(super) const ENTRY: usize = 128;
const VERSION: u8 = 1;

/// Of an entry whose key is zeros.
const DESTROYED: u8 = 2;
const NAME_AT: usize = 6;
const NAME_MAX: usize = 66;
const BATCH_AT: usize = NAME_AT + NAME_MAX;
const KEY_AT: usize = ENTRY - KEY_LEN;
pub(super) const KEY_LEN: usize = 32;

pub(super) type Entry = Zeroizing<[u8; ENTRY]>;

/// Where the entries begin that were last written in one go, in a file whose entries
/// take `len` bytes.
pub(super) fn last_batch(file: &dyn ReadAt, len: u64) -> io::Result<u64> {
    let Some(last) = len.checked_sub(ENTRY as u64) else { return Ok(len) };
    let mut before = [0; 4];
    file.read_at(last + BATCH_AT as u64, &mut before)?;
    Ok(last.saturating_sub(u64::from(u32::from_be_bytes(before)) * ENTRY as u64))
}

/// `before` entries are written before it in one go.
pub(super) fn encode(name: &str, key: &Key, before: u32) -> Result<Entry, SealError> {
    encode_as(VERSION, name, key, before)
}

/// What becomes of this entry in its place when its key is destroyed.
pub(super) fn without_key(entry: &[u8], name: &str) -> Result<Entry, SealError> {
    encode_as(DESTROYED, name, &Key::default(), before_in_batch(entry).unwrap_or(0))
}

fn encode_as(version: u8, name: &str, key: &Key, before: u32) -> Result<Entry, SealError> {
    let len = name.len();
    let (1..=NAME_MAX, Ok(short)) = (len, u8::try_from(len)) else {
        return Err(SealError::NameLength { len, max: NAME_MAX });
    };
    let mut entry = Zeroizing::new([0; ENTRY]);
    entry[4] = version;
    entry[5] = short;
    entry[NAME_AT..NAME_AT + len].copy_from_slice(name.as_bytes());
    entry[BATCH_AT..BATCH_AT + 4].copy_from_slice(&before.to_be_bytes());
    entry[KEY_AT..].copy_from_slice(&**key);
    let crc = crc32c::crc32c(&entry[4..]);
    entry[..4].copy_from_slice(&crc.to_be_bytes());
    Ok(entry)
}

pub(super) type Keys = BTreeMap<Box<str>, Key>;

/// All keys, and how many bytes they take; or where the damage is. Zeros or an
/// incomplete entry in the last batch were never synced and are no damage.
pub(super) fn decode_all(bytes: &[u8]) -> Result<(Keys, u64), u64> {
    let entries: Vec<&[u8]> = bytes.chunks(ENTRY).collect();
    let unwritten = |entry: &[u8]| entry.len() < ENTRY || entry.iter().all(|byte| *byte == 0);
    let mut written = entries.len();
    if let Some(gap) = entries.iter().position(|entry| unwritten(entry)) {
        written = before_torn_batch(&entries, gap).ok_or((gap * ENTRY) as u64)?;
    }
    let mut keys = Keys::new();
    for (at, entry) in entries[..written].iter().enumerate() {
        if let (name, Some(key)) = decode(entry).ok_or((at * ENTRY) as u64)? {
            keys.insert(name, key);
        }
    }
    Ok((keys, (written * ENTRY) as u64))
}

/// Where the batch begins that lies across the gap and reaches the file's end; `None`
/// if what is behind the gap was not written together with it.
fn before_torn_batch(entries: &[&[u8]], gap: usize) -> Option<usize> {
    let mut begins = gap;
    for (at, entry) in entries.iter().enumerate().skip(gap) {
        if entry.len() == ENTRY && entry.iter().any(|byte| *byte != 0) {
            decode(entry)?;
            let before = before_in_batch(entry)?;
            let of_batch = at.checked_sub(usize::try_from(before).ok()?)?;
            if of_batch > gap || (begins < gap && of_batch != begins) {
                return None;
            }
            begins = of_batch;
        }
    }
    Some(begins)
}

/// How many entries were written before it in one go.
fn before_in_batch(entry: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*entry.get(BATCH_AT..)?.first_chunk()?))
}

/// A name, and its key unless that was destroyed.
pub(super) fn decode(entry: &[u8]) -> Option<(Box<str>, Option<Key>)> {
    let entry: &[u8; ENTRY] = entry.try_into().ok()?;
    let (crc, rest) = entry.split_first_chunk()?;
    if crc32c::crc32c(rest) != u32::from_be_bytes(*crc) {
        return None;
    }
    let name = entry.get(NAME_AT..NAME_AT + usize::from(entry[5]))?;
    let name = std::str::from_utf8(name).ok()?.into();
    match entry[4] {
        VERSION => {
            let mut key = Key::default();
            key.copy_from_slice(&entry[KEY_AT..]);
            Some((name, Some(key)))
        }
        DESTROYED => Some((name, None)),
        _ => None,
    }
}
