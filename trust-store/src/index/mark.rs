//! What the index says of itself.

use super::multiset::MultisetHash;

/// The index's own row, outside every prefix that rows may use.
pub(super) const MARK_KEY: &[u8] = b"\0mark";

/// Of the layout of rows too: an index of another version is made anew. In
/// version 1 sled had each row by itself; in version 2 a policy's text stood in its owner's row.
const MARK_VERSION: u8 = 3;
const MARK_LEN: usize = 1 + 8 + 8 + 32;

/// Written in the same batch as every change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) applied: u64,
    pub(super) rows: u64,
    pub(super) hash: MultisetHash,
}

impl Mark {
    /// A row is there from now on.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.rows += 1;
        self.hash.add(key, value);
    }

    /// A row that was there is gone.
    pub(super) fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.rows -= 1;
        self.hash.remove(key, value);
    }

    pub(super) fn encode(&self) -> [u8; MARK_LEN] {
        let mut bytes = [0; MARK_LEN];
        bytes[0] = MARK_VERSION;
        bytes[1..9].copy_from_slice(&self.applied.to_be_bytes());
        bytes[9..17].copy_from_slice(&self.rows.to_be_bytes());
        bytes[17..].copy_from_slice(&self.hash.to_bytes());
        bytes
    }

    /// Reads what an index says of itself, or says why that is of no use.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        match bytes.split_first() {
            Some((&MARK_VERSION, fields)) => Self::of_fields(fields),
            Some((other, _)) => {
                return Err(format!(
                    "its layout is version {other}, this program's {MARK_VERSION}"
                ));
            }
            None => None,
        }
        .ok_or_else(|| "its own row is unreadable".to_owned())
    }

    fn of_fields(bytes: &[u8]) -> Option<Self> {
        let (applied, rest) = bytes.split_first_chunk()?;
        let (rows, hash) = rest.split_first_chunk()?;
        Some(Self {
            applied: u64::from_be_bytes(*applied),
            rows: u64::from_be_bytes(*rows),
            hash: MultisetHash::from_bytes(hash.try_into().ok()?),
        })
    }
}
