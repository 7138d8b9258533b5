//! Frames as another journal wrote them.

use super::error::DamageKind;
use super::frame::{Frame, HEADER_LEN};
use super::record::{Position, Record};

/// Reads whole frames that follow `position`, checking all that a reader checks.
pub(crate) fn read_frames(
    mut frames: &[u8],
    position: &Position,
) -> Result<Vec<Record>, DamageKind> {
    let mut position = *position;
    let mut records = Vec::new();
    while !frames.is_empty() {
        let frame = Frame::decode(frames)?;
        frame.follows(&position)?;
        let (whole, rest) = frames.split_at(HEADER_LEN + frame.payload.len());
        position = position.after(&frame, whole);
        records.push(Record::new(whole.to_vec(), frame.time_millis, position));
        frames = rest;
    }
    Ok(records)
}
