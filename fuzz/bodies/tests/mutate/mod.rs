//! Changes to inputs, the same for the same name.

/// Octets that parsers stumble over: the lengths of DER (indefinite, not minimal,
/// huge, none), the ends of numbers, what TOML and JSON use, broken UTF-8.
const STUMBLING: &[&[u8]] = &[
    &[0x80],
    &[0x81, 0x01],
    &[0x82, 0x00, 0x01],
    &[0x84, 0xff, 0xff, 0xff, 0xff],
    &[0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0x30, 0x80],
    &[0x00, 0x00],
    &[0x30, 0x00],
    &[0x05, 0x00],
    &[0x02, 0x01, 0xff],
    &[0x1f, 0xff, 0x7f],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0xff],
    &[0xff],
    &[0xc0, 0x80],
    &[0xed, 0xa0, 0x80],
    "通".as_bytes(),
    b"\"",
    b"\\",
    b"\n",
    b"\r\n",
    b"'''",
    b"[",
    b"[[",
    b"{",
    b"= ",
    b"# ",
    b"null",
    b"true",
    b"-1",
    b"1e400",
    b"99999999999999999999",
    b"\\u0000",
    b"\\ud800",
];

/// Nothing is made longer than this.
const MAX_LENGTH: usize = 64 * 1024;

/// Makes inputs from inputs.
pub(crate) struct Mutator(u64);

impl Mutator {
    pub(crate) fn new(name: &str) -> Self {
        // FNV-1a; never zero for a name.
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed | 1)
    }

    /// A number below `end`, or 0 (xorshift64*: nothing here needs more).
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        usize::try_from(number).unwrap_or_default() % end.max(1)
    }

    /// One to four changes to `seed`; some take from `other`.
    pub(crate) fn mutate(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, other);
        }
        bytes.truncate(MAX_LENGTH);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len());
        let some = self.range(bytes.len());
        match self.below(10) {
            0 | 1 => {
                let bit = self.below(8);
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << bit);
            }
            2 => {
                let value = self.below(256).to_le_bytes()[0];
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value);
            }
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(some)),
            5 => {
                let copy = bytes[some].to_vec();
                insert(bytes, at, &copy);
            }
            6 => {
                let taken = other[self.range(other.len())].to_vec();
                insert(bytes, at, &taken);
            }
            7 => {
                let behind = self.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[behind..]);
            }
            8 => {
                let octets = STUMBLING[self.below(STUMBLING.len())];
                bytes.iter_mut().skip(at).zip(octets).for_each(|(byte, octet)| *byte = *octet);
            }
            _ => {
                let octets = STUMBLING[self.below(STUMBLING.len())];
                insert(bytes, at, octets);
            }
        }
    }

    /// A short part of something of this length, now and then a long one.
    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        let longest = if self.below(4) == 0 { length } else { 16 };
        let end = (start + 1 + self.below(longest)).min(length);
        start..end
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, octets: &[u8]) {
    bytes.splice(at..at, octets.iter().copied());
}
