//! How an image lies in its file: names, header, rows.
//!
//! A header of 112 bytes, big-endian:
//!
//! | bytes | field |
//! |---|---|
//! | 8 | magic `TXIMAGE1` |
//! | 4 | version of the format and of the layout of rows, 2 |
//! | 4 | CRC-32C over the other 108 bytes |
//! | 8 | sequence of the last record applied |
//! | 8 | log time after it (signed Unix milliseconds) |
//! | 8 | how many rows there are |
//! | 8 | zero |
//! | 32 | hash of the last record applied |
//! | 32 | multiset hash of the rows |
//!
//! then each row in key order as {4 bytes key length, 4 bytes value length, key,
//! value}, then the SHA-256 of everything before it.

pub(super) const HEADER_LEN: usize = 112;
pub(super) const ROW_HEADER_LEN: usize = 8;
pub(super) const DIGEST_LEN: usize = 32;
const MAGIC: &[u8; 8] = b"TXIMAGE1";
const VERSION: u32 = 2;
const SUFFIX: &str = ".image";
const UNPUBLISHED: &str = ".image.new";
const DIGITS: usize = 20;

/// The longest row: a change is at most a mebibyte, and what it leaves of one row
/// is not many times as long. More is damage, found before memory is asked for.
pub(super) const MAX_ROW: usize = 64 << 20;

/// What an image says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImageHeader {
    /// The last record that is in it.
    pub(crate) sequence: u64,
    /// Log time after that record, Unix milliseconds.
    pub(crate) log_time: i64,
    /// That record's hash.
    pub(crate) head: [u8; 32],
    pub(crate) rows: u64,
    /// Multiset hash of the rows.
    pub(crate) state: [u8; 32],
}

/// The name of the image of `sequence`.
pub(super) fn name(sequence: u64) -> String {
    format!("{sequence:0DIGITS$}{SUFFIX}")
}

/// Its name before the journal names it.
pub(super) fn unpublished_name(sequence: u64) -> String {
    format!("{sequence:0DIGITS$}{UNPUBLISHED}")
}

pub(super) fn is_unpublished(name: &str) -> bool {
    name.ends_with(UNPUBLISHED)
}

/// The sequence of the image called `name`; `None` for other files.
pub(super) fn sequence_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let plain = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

impl ImageHeader {
    pub(super) fn encode(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_be_bytes());
        bytes[16..24].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[24..32].copy_from_slice(&self.log_time.to_be_bytes());
        bytes[32..40].copy_from_slice(&self.rows.to_be_bytes());
        bytes[48..80].copy_from_slice(&self.head);
        bytes[80..].copy_from_slice(&self.state);
        let crc = checksum(&bytes);
        bytes[12..16].copy_from_slice(&crc.to_be_bytes());
        bytes
    }

    /// Reads a header; the error says what is wrong with it.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        let short = "its header is cut short";
        let bytes: &[u8; HEADER_LEN] = bytes.first_chunk().ok_or(short)?;
        if &bytes[..8] != MAGIC {
            return Err("it does not begin as an image does");
        }
        if array::<4>(bytes, 12).map(u32::from_be_bytes) != Some(checksum(bytes)) {
            return Err("its header has a wrong checksum");
        }
        if array::<4>(bytes, 8).map(u32::from_be_bytes) != Some(VERSION) {
            return Err("it is of a version that this program does not know");
        }
        Ok(Self {
            sequence: array(bytes, 16).map(u64::from_be_bytes).ok_or(short)?,
            log_time: array(bytes, 24).map(i64::from_be_bytes).ok_or(short)?,
            rows: array(bytes, 32).map(u64::from_be_bytes).ok_or(short)?,
            head: array(bytes, 48).ok_or(short)?,
            state: array(bytes, 80).ok_or(short)?,
        })
    }
}

/// The lengths at the start of a row; `None` when no row has such.
pub(super) fn row_lengths(bytes: [u8; ROW_HEADER_LEN]) -> Option<(usize, usize)> {
    let length = |at| array::<4>(&bytes, at).map(u32::from_be_bytes);
    let (key, value) = (length(0)? as usize, length(4)? as usize);
    (key > 0 && key.checked_add(value)? <= MAX_ROW).then_some((key, value))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

fn checksum(header: &[u8; HEADER_LEN]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&header[..12]), &header[16..])
}
