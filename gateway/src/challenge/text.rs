//! The text that is signed.

use std::fmt::Write as _;

use tongxing_trust_store::SIGN_IN_LINE;

use super::Challenge;

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
