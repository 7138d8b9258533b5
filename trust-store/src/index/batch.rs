//! Writes on their way to sled, together or not at all.

/// What is to be written and removed, and about how much that is.
#[derive(Debug, Default)]
pub(super) struct Batch {
    writes: sled::Batch,
    bytes: usize,
}

impl Batch {
    pub(super) fn insert(&mut self, key: &[u8], value: &[u8]) {
        self.bytes += key.len() + value.len();
        self.writes.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        self.bytes += key.len();
        self.writes.remove(key);
    }

    /// What sled is to do, and how many bytes that is.
    pub(super) fn into_parts(self) -> (sled::Batch, usize) {
        (self.writes, self.bytes)
    }
}
