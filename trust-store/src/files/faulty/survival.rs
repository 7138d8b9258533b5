//! What is left of a file after a power cut.

const SECTOR: usize = 512;

/// A file's bytes as seen and as durable.
#[derive(Debug, Default, Clone)]
pub(super) struct Content {
    pub(super) seen: Vec<u8>,
    pub(super) durable: Vec<u8>,
    /// How many bytes it has space for, if that is more than its length.
    pub(super) allocated: u64,
}

impl Content {
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
