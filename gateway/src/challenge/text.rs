//! The text that is signed.

use std::fmt::Write as _;

use super::Challenge;

/// The line that every sign-in text opens with. Whoever verifies documents must
/// refuse content that opens with it: such a signature proves who signs in, and
/// nobody agreed to anything.
pub const SIGN_IN_LINE: &str = "Tongxing sign-in challenge v1";

/// ASCII, lines separated by LF, none after the last, so that a shell variable or
/// a text field holds it unchanged.
pub(super) fn render(challenge: &Challenge, issuer: &str) -> String {
    format!(
        "{SIGN_IN_LINE}\naudience: {}\nissuer: {issuer}\nnonce: {}\nexpires: {}",
        challenge.audience,
        hex(&challenge.nonce),
        challenge.expires_at,
    )
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
