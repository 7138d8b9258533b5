//! What a reader of the journal gets.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::DamageKind;
use super::frame::{self, Frame};
use crate::hex;
use crate::profile::RecordProfile;

/// The hash of a record's whole frame, by the journal's profile: the link of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordHash([u8; 32]);

impl RecordHash {
    /// What the first record names as the one before it.
    pub const GENESIS: Self = Self([0; 32]);

    pub(super) fn of(profile: RecordProfile, frame: &[u8]) -> Self {
        Self(profile.hash(&[frame]))
    }

    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for RecordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RecordHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        hex::decode(&text)
            .map(Self)
            .ok_or_else(|| de::Error::custom("expected 64 lower-case hexadecimal digits"))
    }
}

/// A place in the journal: a record and what holds after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The record's sequence; 0 before the first.
    pub sequence: u64,
    /// The record's hash; [`RecordHash::GENESIS`] before the first.
    pub hash: RecordHash,
    /// The largest writer's time so far (since the last clock reset), in Unix
    /// milliseconds; [`i64::MIN`] before the first record.
    pub log_time_millis: i64,
    /// What hashes the records.
    #[serde(default, skip_serializing_if = "RecordProfile::is_standard")]
    pub profile: RecordProfile,
}

impl Position {
    /// Before the first record.
    pub const fn start(profile: RecordProfile) -> Self {
        let (hash, log_time_millis) = (RecordHash::GENESIS, i64::MIN);
        Self { sequence: 0, hash, log_time_millis, profile }
    }

    /// Where the journal stands after `frame`, which `bytes` are the whole of.
    pub(super) fn after(&self, frame: &Frame<'_>, bytes: &[u8]) -> Self {
        Self {
            sequence: frame.sequence,
            hash: RecordHash::of(self.profile, bytes),
            profile: self.profile,
            log_time_millis: if frame.resets_clock() {
                frame.time_millis
            } else {
                self.log_time_millis.max(frame.time_millis)
            },
        }
    }
}

/// A durable record, its checksum, sequence and place in the chain checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    frame: Vec<u8>,
    time_millis: i64,
    position: Position,
}

impl Record {
    pub(super) fn new(frame: Vec<u8>, time_millis: i64, position: Position) -> Self {
        Self { frame, time_millis, position }
    }

    /// Reads a record of a journal of this profile from its frame alone, which must
    /// follow `before`; without it, any frame but the first is taken at its word for
    /// what it follows.
    ///
    /// # Errors
    /// What is wrong with the frame, or with its place.
    pub fn of_frame(
        frame: Vec<u8>,
        profile: RecordProfile,
        before: Option<&Position>,
    ) -> Result<Self, DamageKind> {
        let read = Frame::decode(&frame)?;
        if frame.len() != frame::HEADER_LEN + read.payload.len() {
            let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
            return Err(DamageKind::Length { length });
        }
        let claimed = Position {
            sequence: read.sequence.saturating_sub(1),
            hash: read.previous,
            log_time_millis: i64::MIN,
            profile,
        };
        let alone = if read.sequence == 1 { Position::start(profile) } else { claimed };
        let before = before.copied().unwrap_or(alone);
        read.follows(&before)?;
        let (time_millis, position) = (read.time_millis, before.after(&read, &frame));
        Ok(Self::new(frame, time_millis, position))
    }

    /// Its number, from 1.
    pub fn sequence(&self) -> u64 {
        self.position.sequence
    }

    /// The writer's clock when it was written, in Unix milliseconds.
    pub fn time_millis(&self) -> i64 {
        self.time_millis
    }

    /// Log time after this record: the largest writer's time so far, since the
    /// last clock reset.
    pub fn log_time_millis(&self) -> i64 {
        self.position.log_time_millis
    }

    /// The hash of its frame.
    pub fn hash(&self) -> RecordHash {
        self.position.hash
    }

    /// The hash of the frame before it.
    pub fn previous(&self) -> RecordHash {
        frame::previous_of(&self.frame)
    }

    /// Sequence, hash and log time together.
    pub fn position(&self) -> Position {
        self.position
    }

    /// What was appended.
    pub fn payload(&self) -> &[u8] {
        &self.frame[frame::HEADER_LEN..]
    }

    /// The bytes as they stand in the segment: what the hash is over.
    pub fn frame(&self) -> &[u8] {
        &self.frame
    }
}

/// The number that a whole frame states, whatever hashes it.
///
/// # Errors
/// What is wrong with the frame.
pub(crate) fn sequence_of(frame: &[u8]) -> Result<u64, DamageKind> {
    Ok(Record::of_frame(frame.to_vec(), RecordProfile::Standard, None)?.sequence())
}

impl fmt::Debug for Record {
    /// Without the payload, which may be about persons.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("sequence", &self.sequence())
            .field("time_millis", &self.time_millis)
            .field("hash", &self.hash())
            .field("payload_len", &self.payload().len())
            .finish_non_exhaustive()
    }
}
