//! What strangers send in requests.

mod authorization;
mod head;
mod json;
mod parts;

pub use authorization::authorization;
pub use head::request_head;
pub use json::token_request;
pub use parts::request_parts;

use tongxing_gateway::reread_challenge_id;

/// The id of a challenge, behind the code that keeps strangers from making one.
pub fn challenge_id(bytes: &[u8]) {
    assert_ne!(reread_challenge_id(bytes), Some(false), "two ids of one challenge");
}

/// The first line, and what follows it.
fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}
