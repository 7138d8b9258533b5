//! What a reader of the journal gets.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::error::DamageKind;
use super::frame::{self, Frame};
use crate::hex;

/// The SHA-256 of a record's whole frame: the link of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordHash([u8; 32]);

impl RecordHash {
    /// What the first record names as the one before it.
    pub const GENESIS: Self = Self([0; 32]);

    pub(super) fn of(frame: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, frame).as_ref());
        Self(bytes)
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
}

impl Position {
    /// Before the first record.
    pub const START: Self =
        Self { sequence: 0, hash: RecordHash::GENESIS, log_time_millis: i64::MIN };

    /// Where the journal stands after `frame`, which `hash` is the hash of.
    pub(super) fn after(&self, frame: &Frame<'_>, hash: RecordHash) -> Self {
        Self {
            sequence: frame.sequence,
            hash,
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

    /// Reads a record from its frame alone, which must follow `before`; without
    /// it, any frame but the first is taken at its word for what it follows.
    ///
    /// # Errors
    /// What is wrong with the frame, or with its place.
    pub fn of_frame(frame: Vec<u8>, before: Option<&Position>) -> Result<Self, DamageKind> {
        let read = Frame::decode(&frame)?;
        if frame.len() != frame::HEADER_LEN + read.payload.len() {
            let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
            return Err(DamageKind::Length { length });
        }
        let claimed = Position {
            sequence: read.sequence.saturating_sub(1),
            hash: read.previous,
            log_time_millis: i64::MIN,
        };
        let alone = if read.sequence == 1 { Position::START } else { claimed };
        let before = before.copied().unwrap_or(alone);
        read.follows(&before)?;
        let (time_millis, position) =
            (read.time_millis, before.after(&read, RecordHash::of(&frame)));
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
