//! How a record lies in a segment.
//!
//! | bytes | field | |
//! |---|---|---|
//! | 4 | length | of the payload, 1 to [`MAX_PAYLOAD`] |
//! | 4 | CRC-32C | over the length and everything after this field |
//! | 8 | sequence | one more than the record's before |
//! | 8 | time | the writer's clock, signed milliseconds since the Unix epoch |
//! | 8 | durable | the last sequence that was durable when this was written |
//! | 4 | flags | bit 0: this record resets the clock; the others are zero |
//! | 32 | previous | hash of the frame before, by the journal's profile |
//! | … | payload | |
//!
//! Numbers are big-endian. *durable* is the same in all frames of one write, and
//! is what tells a torn write from damage: a frame that says "7 was durable"
//! proves that record 7 was once whole.

use super::error::DamageKind;
use super::record::RecordHash;
use super::{MAX_PAYLOAD, Position};

pub(super) const HEADER_LEN: usize = 68;
const DURABLE_AT: usize = 24;

/// Flag of a record that resets the clock.
pub(super) const RESETS_CLOCK: u32 = 1;
const KNOWN_FLAGS: u32 = RESETS_CLOCK;

/// A frame whose checksum is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) sequence: u64,
    pub(super) time_millis: i64,
    pub(super) durable: u64,
    pub(super) flags: u32,
    pub(super) previous: RecordHash,
    pub(super) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    pub(super) fn resets_clock(&self) -> bool {
        self.flags & RESETS_CLOCK != 0
    }

    /// Writes the frame at the end of `out`. The payload is within its limit.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.time_millis.to_be_bytes());
        out.extend_from_slice(&self.durable.to_be_bytes());
        out.extend_from_slice(&self.flags.to_be_bytes());
        out.extend_from_slice(self.previous.as_bytes());
        out.extend_from_slice(self.payload);
        let crc = checksum(&out[start..]);
        out[start + 4..start + 8].copy_from_slice(&crc.to_be_bytes());
    }

    /// Reads the frame at the start of `bytes`, which may go on after it.
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, DamageKind> {
        let wanted = wanted_len(bytes)?;
        let whole = bytes.get(..wanted).ok_or(DamageKind::Incomplete)?;
        let (length, rest) = take::<4>(whole)?;
        let (crc, rest) = take::<4>(rest)?;
        let (sequence, rest) = take::<8>(rest)?;
        let (time, rest) = take::<8>(rest)?;
        let (durable, rest) = take::<8>(rest)?;
        let (flags, rest) = take::<4>(rest)?;
        let (previous, payload) = take::<32>(rest)?;
        debug_assert_eq!(u32::from_be_bytes(length) as usize, payload.len());
        if checksum(whole) != u32::from_be_bytes(crc) {
            return Err(DamageKind::Checksum);
        }
        Ok(Self {
            sequence: u64::from_be_bytes(sequence),
            time_millis: i64::from_be_bytes(time),
            durable: u64::from_be_bytes(durable),
            flags: u32::from_be_bytes(flags),
            previous: RecordHash::from_bytes(previous),
            payload,
        })
    }

    /// Whether this frame may follow the record at `position`.
    pub(super) fn follows(&self, position: &Position) -> Result<(), DamageKind> {
        if self.flags & !KNOWN_FLAGS != 0 {
            return Err(DamageKind::UnknownFlags { flags: self.flags });
        }
        let expected = position.sequence + 1;
        if self.sequence != expected || self.durable >= expected {
            return Err(DamageKind::Sequence { found: self.sequence });
        }
        if self.previous != position.hash {
            return Err(DamageKind::Chain);
        }
        Ok(())
    }
}

/// How long the frame at the start of `bytes` says it is, header included.
pub(super) fn wanted_len(bytes: &[u8]) -> Result<usize, DamageKind> {
    let (length, _) = take::<4>(bytes)?;
    let length = u32::from_be_bytes(length);
    let payload = usize::try_from(length).unwrap_or(usize::MAX);
    if payload == 0 || payload > MAX_PAYLOAD {
        return Err(DamageKind::Length { length });
    }
    Ok(HEADER_LEN + payload)
}

fn take<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), DamageKind> {
    bytes.split_first_chunk::<N>().map(|(head, rest)| (*head, rest)).ok_or(DamageKind::Incomplete)
}

/// The hash of the record before, from a frame that was decoded before.
pub(super) fn previous_of(frame: &[u8]) -> RecordHash {
    let previous = frame.get(HEADER_LEN - 32..).and_then(<[u8]>::first_chunk);
    RecordHash::from_bytes(previous.copied().unwrap_or_default())
}

/// The last sequence that was durable when a frame, decoded before, was written.
pub(super) fn durable_of(frame: &[u8]) -> u64 {
    let durable = frame.get(DURABLE_AT..).and_then(<[u8]>::first_chunk);
    u64::from_be_bytes(durable.copied().unwrap_or_default())
}

/// CRC-32C over a frame, its own field left out.
fn checksum(frame: &[u8]) -> u32 {
    let length = frame.get(..4).unwrap_or_default();
    crc32c::crc32c_append(crc32c::crc32c(length), frame.get(8..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(sequence: u64, time: i64, payload: &[u8]) -> Vec<u8> {
        let frame = Frame {
            sequence,
            time_millis: time,
            durable: sequence.saturating_sub(1),
            flags: 0,
            previous: RecordHash::from_bytes([3; 32]),
            payload,
        };
        let mut bytes = Vec::new();
        frame.encode(&mut bytes);
        assert_eq!(Frame::decode(&bytes), Ok(frame));
        assert_eq!(previous_of(&bytes), frame.previous);
        assert_eq!(durable_of(&bytes), frame.durable);
        bytes
    }

    proptest! {
        #[test]
        fn round_trip(sequence in 1_u64.., time: i64, payload in proptest::collection::vec(any::<u8>(), 1..300)) {
            let bytes = encoded(sequence, time, &payload);
            prop_assert_eq!(bytes.len(), HEADER_LEN + payload.len());
        }

        #[test]
        fn any_changed_byte_and_any_cut_is_seen(
            payload in proptest::collection::vec(any::<u8>(), 1..300),
            place: prop::sample::Index,
            change in 1_u8..,
        ) {
            let mut bytes = encoded(5, 6, &payload);
            let at = place.index(bytes.len());
            prop_assert_eq!(Frame::decode(&bytes[..at]), Err(DamageKind::Incomplete));
            bytes[at] ^= change;
            prop_assert!(Frame::decode(&bytes).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Frame::decode(&bytes);
        }
    }
}
