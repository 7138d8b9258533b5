//! Segments of the journal.

use ring::digest;
use tongxing_trust_store::{JournalError, check_segment};

/// Where the layout of a segment puts what a repair must change; see the tables
/// in the journal's `segment` and `frame`.
const SEGMENT_HEADER: usize = 64;
const FRAME_HEADER: usize = 68;
const PREVIOUS: usize = 36;

/// A segment of the journal: as it is, and with its checksums and its chain of
/// hashes made right, since no mutation would ever get past them.
pub fn journal_segment(bytes: &[u8]) {
    check(bytes);
    let mut repaired = bytes.to_vec();
    repair(&mut repaired);
    check(&repaired);
}

fn check(bytes: &[u8]) {
    let check = || check_segment(bytes, 1).map_err(|error| error.to_string());
    assert_eq!(check(), check());
    match check_segment(bytes, 1) {
        Ok(records) => {
            let records = usize::try_from(records).expect("records in memory");
            assert!(SEGMENT_HEADER + records * (FRAME_HEADER + 1) <= bytes.len());
            no_byte_is_free(bytes);
        }
        Err(JournalError::Damaged(damage)) => {
            assert!(damage.offset <= bytes.len() as u64, "{damage}");
            assert!(damage.sequence >= 1, "{damage}");
        }
        Err(other) => panic!("neither whole nor damaged: {other}"),
    }
}

/// A whole segment is whole in one way only: cut short or changed it is damaged.
/// (That each byte counts is a test of the journal's own; here it is the last.)
fn no_byte_is_free(bytes: &[u8]) {
    let Some((last, rest)) = bytes.split_last() else { return };
    assert!(check_segment(rest, 1).is_err(), "cut short");
    assert!(check_segment(&[rest, &[last ^ 1]].concat(), 1).is_err(), "changed");
}

/// Makes the checksums and the chain right, as far as the lengths allow.
fn repair(bytes: &mut [u8]) {
    let Some((header, mut rest)) = bytes.split_at_mut_checked(SEGMENT_HEADER) else { return };
    let crc = crc32c::crc32c_append(crc32c::crc32c(&header[..12]), &header[16..]);
    header[12..16].copy_from_slice(&crc.to_be_bytes());
    let mut previous: [u8; 32] = [0; 32];
    previous.copy_from_slice(&header[32..]);
    while let Some(length) = frame_length(rest) {
        let Some((frame, behind)) = rest.split_at_mut_checked(length) else { return };
        frame[PREVIOUS..FRAME_HEADER].copy_from_slice(&previous);
        let crc = crc32c::crc32c_append(crc32c::crc32c(&frame[..4]), &frame[8..]);
        frame[4..8].copy_from_slice(&crc.to_be_bytes());
        previous.copy_from_slice(digest::digest(&digest::SHA256, frame).as_ref());
        rest = behind;
    }
}

/// How long the frame at the start says it is, header included.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    let payload = u32::from_be_bytes(*bytes.first_chunk()?);
    usize::try_from(payload).ok()?.checked_add(FRAME_HEADER)
}
