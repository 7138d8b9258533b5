//! Segment files: names and headers.
//!
//! A segment is named by the sequence of its first record, in 20 digits, so that
//! names sort as sequences do. Its header, in 64 bytes, big-endian:
//!
//! | bytes | field |
//! |---|---|
//! | 8 | magic `TXJOURNL` |
//! | 4 | format version: 1, or 2 in a journal of the profile `gm` |
//! | 4 | CRC-32C over the other 60 bytes |
//! | 8 | sequence of the first record |
//! | 8 | log time before it (signed Unix milliseconds) |
//! | 32 | hash of the record before it |

use super::Position;
use super::error::DamageKind;
use super::record::RecordHash;
use crate::profile::RecordProfile;

pub(super) const HEADER_LEN: usize = 64;
const MAGIC: &[u8; 8] = b"TXJOURNL";
pub(super) const SUFFIX: &str = ".seg";
const DIGITS: usize = 20;

/// The name of the segment that begins with `first`.
pub(super) fn name(first: u64) -> String {
    format!("{first:0DIGITS$}{SUFFIX}")
}

/// The first sequence of the segment called `name`; `None` for other files.
pub(super) fn first_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    let plain = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

/// The header of the segment that goes on after `position`.
pub(super) fn encode_header(position: &Position) -> [u8; HEADER_LEN] {
    let mut bytes = [0; HEADER_LEN];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..12].copy_from_slice(&version(position.profile).to_be_bytes());
    bytes[16..24].copy_from_slice(&(position.sequence + 1).to_be_bytes());
    bytes[24..32].copy_from_slice(&position.log_time_millis.to_be_bytes());
    bytes[32..].copy_from_slice(position.hash.as_bytes());
    let crc = checksum(&bytes);
    bytes[12..16].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// The position after which the segment with this header, named by `first`,
/// goes on.
pub(super) fn decode_header(bytes: &[u8], first: u64) -> Result<Position, DamageKind> {
    let fault = |problem| DamageKind::Header { problem };
    let bytes: &[u8; HEADER_LEN] = bytes.first_chunk().ok_or(fault("is cut short"))?;
    if &bytes[..8] != MAGIC {
        return Err(fault("is not one"));
    }
    if number::<4>(bytes, 12).map(u32::from_be_bytes) != Some(checksum(bytes)) {
        return Err(fault("has a wrong checksum"));
    }
    let stated = number::<4>(bytes, 8).map(u32::from_be_bytes);
    let profile = RecordProfile::ALL.into_iter().find(|known| stated == Some(version(*known)));
    let profile = profile.ok_or(fault("is of a version that this program does not know"))?;
    let (Some(sequence), Some(time), Some(hash)) =
        (number::<8>(bytes, 16), number::<8>(bytes, 24), number::<32>(bytes, 32))
    else {
        return Err(fault("is cut short"));
    };
    if u64::from_be_bytes(sequence) != first || first == 0 {
        return Err(fault("begins with another record than the file's name says"));
    }
    Ok(Position {
        sequence: first - 1,
        hash: RecordHash::from_bytes(hash),
        log_time_millis: i64::from_be_bytes(time),
        profile,
    })
}

/// A program that knows one profile only shall not take the other for damage.
fn version(profile: RecordProfile) -> u32 {
    match profile {
        RecordProfile::Standard => 1,
        RecordProfile::Gm => 2,
    }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

fn checksum(header: &[u8; HEADER_LEN]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&header[..12]), &header[16..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_sequences() {
        assert_eq!(name(1), "00000000000000000001.seg");
        assert!(name(u64::MAX) > name(9));
        assert_eq!(first_of(&name(u64::MAX)), Some(u64::MAX));
        for other in
            ["1.seg", "00000000000000000001.seg.new", "acknowledged", "+0000000000000000001.seg"]
        {
            assert_eq!(first_of(other), None, "{other}");
        }
    }

    #[test]
    fn every_bit_of_a_header_counts() {
        for profile in RecordProfile::ALL {
            let hash = RecordHash::from_bytes([7; 32]);
            let position = Position { sequence: 41, hash, log_time_millis: -7, profile };
            let header = encode_header(&position);
            assert_eq!(decode_header(&header, 42), Ok(position));
            assert!(decode_header(&header, 43).is_err());
            for bit in 0..HEADER_LEN * 8 {
                let mut header = header;
                header[bit / 8] ^= 1 << (bit % 8);
                assert!(decode_header(&header, 42).is_err(), "bit {bit}");
            }
        }
    }
}
