//! What stands in a backup besides the province's own files.

use std::io::{self, Read};

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use crate::hex;

/// The first entry: a [`Preface`].
pub(super) const PREFACE: &str = "BACKUP.json";

/// The last entry: a [`Manifest`].
pub(super) const MANIFEST: &str = "MANIFEST.json";

/// What [`Preface::format`] says; another layout has another number.
pub(super) const FORMAT: &str = "tongxing-backup/1";

/// Of what the backup is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Preface {
    pub(super) format: String,
    /// The version of the program that made it.
    pub(super) version: String,
    /// When, in Unix milliseconds.
    pub(super) made: i64,
    /// The last record in it.
    pub(super) sequence: u64,
    /// That record's hash.
    pub(super) head: String,
    /// The state that the records make.
    pub(super) state: StateMark,
}

/// How many rows the state has, and their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct StateMark {
    pub(super) rows: u64,
    pub(super) hash: String,
}

impl StateMark {
    pub(super) fn of((rows, hash): (u64, [u8; 32])) -> Self {
        Self { rows, hash: hex::encode(&hash) }
    }
}

/// What a whole backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) preface: Preface,
    /// Every file but the blobs, in the order of the entries.
    pub(super) files: Vec<FileEntry>,
    /// A blob's name is its hash: to list millions of them says nothing more.
    pub(super) blobs: BlobSummary,
}

/// A file, by its path from the province's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileEntry {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// All blobs together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BlobSummary {
    pub(super) count: u64,
    pub(super) bytes: u64,
    /// SHA-256 over their addresses in hex, in the order of the entries.
    pub(super) sha256: String,
}

/// Takes blobs into a [`BlobSummary`], one by one.
pub(super) struct BlobCount {
    count: u64,
    bytes: u64,
    names: Context,
}

impl BlobCount {
    pub(super) fn new() -> Self {
        Self { count: 0, bytes: 0, names: Context::new(&SHA256) }
    }

    pub(super) fn add(&mut self, address: &str, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
        self.names.update(address.as_bytes());
    }

    pub(super) fn summary(self) -> BlobSummary {
        let sha256 = hex::encode(self.names.finish().as_ref());
        BlobSummary { count: self.count, bytes: self.bytes, sha256 }
    }
}

/// Reads through, hashing and counting.
pub(super) struct Hashing<R> {
    inner: R,
    context: Context,
    bytes: u64,
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, context: Context::new(&SHA256), bytes: 0 }
    }

    /// What was read from, how much, and the hash of it.
    pub(super) fn end(self) -> (R, u64, String) {
        (self.inner, self.bytes, hex::encode(self.context.finish().as_ref()))
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.context.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
