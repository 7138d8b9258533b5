//! Frames that will be written together, and who waits for them.

use super::append::{Answer, Appended};
use super::frame::{Frame, HEADER_LEN};
use super::growth::Growth;
use super::merkle::TreeHash;
use super::{JournalError, Position};

#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) leaves: Vec<TreeHash>,
    pub(super) answers: Vec<(Answer<Appended>, Appended)>,
    /// The last of these frames.
    pub(super) position: Option<Position>,
}

impl Batch {
    /// Makes a frame of a payload, behind `last`.
    pub(super) fn encode(
        &mut self,
        frame: &Frame<'_>,
        last: Position,
        growth: &mut Growth,
    ) -> Appended {
        let start = self.bytes.len();
        frame.encode(&mut self.bytes);
        self.note(frame, start, last, growth)
    }

    /// Takes a frame over as it stands.
    pub(super) fn copy(
        &mut self,
        (frame, bytes): (&Frame<'_>, &[u8]),
        last: Position,
        growth: &mut Growth,
    ) -> Appended {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.note(frame, start, last, growth)
    }

    /// Notes the frame that lies from `start` to the end.
    fn note(
        &mut self,
        frame: &Frame<'_>,
        start: usize,
        last: Position,
        growth: &mut Growth,
    ) -> Appended {
        let bytes = &self.bytes[start..];
        self.leaves.push(growth.push(bytes));
        let position = last.after(frame, bytes);
        self.position = Some(position);
        let (sequence, time_millis) = (frame.sequence, frame.time_millis);
        Appended { sequence, time_millis, hash: position.hash }
    }
}

/// The frames in `bytes`, each with its own bytes, if they go on from `position`.
pub(super) fn follow_on(
    mut bytes: &[u8],
    mut position: Position,
) -> Result<Vec<(Frame<'_>, &[u8])>, JournalError> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let after = position.sequence;
        let refused = |problem| JournalError::Frames { after, problem };
        let frame = Frame::decode(bytes).map_err(refused)?;
        frame.follows(&position).map_err(refused)?;
        let (whole, rest) = bytes.split_at(HEADER_LEN + frame.payload.len());
        position = position.after(&frame, whole);
        frames.push((frame, whole));
        bytes = rest;
    }
    Ok(frames)
}
