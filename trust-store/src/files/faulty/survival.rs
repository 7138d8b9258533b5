//! What is left of a file after a power cut.

use std::collections::BTreeSet;

const SECTOR: usize = 512;

/// A file's bytes as seen and as durable.
#[derive(Debug, Default, Clone)]
pub(super) struct Content {
    pub(super) seen: Vec<u8>,
    pub(super) durable: Vec<u8>,
    /// How many bytes it has space for, if that is more than its length.
    pub(super) allocated: u64,
    /// Sectors that a failed sync did not write and that nobody wrote again since.
    given_up: BTreeSet<usize>,
}

impl Content {
    /// A file that is durable as it is.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self { durable: bytes.clone(), seen: bytes, ..Self::default() }
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        self.seen.resize(self.seen.len().max(end), 0);
        self.seen[at..end].copy_from_slice(bytes);
        for sector in at / SECTOR..end.div_ceil(SECTOR) {
            self.given_up.remove(&sector);
        }
    }

    pub(super) fn truncate(&mut self, len: usize) {
        self.seen.truncate(len);
        self.allocated = len as u64;
        self.given_up.retain(|sector| sector * SECTOR < len);
    }

    /// All that is seen, but for what an earlier sync could not write.
    pub(super) fn make_durable(&mut self) {
        let before = std::mem::replace(&mut self.durable, self.seen.clone());
        for sector in &self.given_up {
            let from = (sector * SECTOR).min(self.durable.len());
            let to = (from + SECTOR).min(self.durable.len());
            let old = before.get(from..to.min(before.len())).unwrap_or_default();
            self.durable[from..to].fill(0);
            self.durable[from..from + old.len()].copy_from_slice(old);
        }
    }

    /// A sync failed: what is not durable now will not be, unless written again.
    pub(super) fn give_up_unsynced(&mut self) {
        let sector = |bytes: &[u8], at: usize| {
            let from = (at * SECTOR).min(bytes.len());
            bytes[from..(from + SECTOR).min(bytes.len())].to_vec()
        };
        let all = 0..self.seen.len().div_ceil(SECTOR);
        let (seen, durable) = (&self.seen, &self.durable);
        self.given_up.extend(all.filter(|at| sector(seen, *at) != sector(durable, *at)));
    }

    /// What it takes of the disk.
    pub(super) fn size(&self) -> u64 {
        self.allocated.max(self.seen.len() as u64)
    }
}

/// Any part of what is unsynced: per sector the old or the new bytes, and any
/// length between; bytes that were never written read as zeros.
pub(super) fn survive(content: &Content, random: &mut Random) -> Vec<u8> {
    let (old, new) = (&content.durable, &content.seen);
    if old == new {
        return old.clone();
    }
    let (short, long) = (old.len().min(new.len()), old.len().max(new.len()));
    let len = match random.below(4) {
        0 => old.len(),
        1 => short + random.below(long - short + 1),
        _ => new.len(),
    };
    let mut bytes = vec![0; len];
    for start in (0..len).step_by(SECTOR) {
        let end = (start + SECTOR).min(len);
        let source = if random.coin() { new } else { old };
        let have = source.get(start..end.min(source.len())).unwrap_or_default();
        bytes[start..start + have.len()].copy_from_slice(have);
    }
    bytes
}

/// xorshift64*: repeatable and good enough to shuffle sectors.
#[derive(Debug, Default)]
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 |= u64::from(self.0 == 0);
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(super) fn coin(&mut self) -> bool {
        self.next() >> 63 == 1
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from((self.next() >> 33) % bound as u64).unwrap_or(0)
    }
}
