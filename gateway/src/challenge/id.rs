//! The id of a challenge carries the challenge.
//!
//! base64url without padding (RFC 4648 5) of: version (1 byte), epoch (8),
//! expiry in Unix seconds (8), nonce (16), audience (1 to 40), code (32). Numbers
//! are big-endian; the code is HMAC-SHA-256 over a fixed label and all before it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tongxing_pki::Timestamp;

use super::{Challenge, NONCE_LENGTH};
use crate::keys::ChallengeKey;

const VERSION: u8 = 1;

/// Keeps this use of the key apart from any other.
const LABEL: &[u8] = b"tongxing challenge id\0";

const CODE_LENGTH: usize = 32;

/// An id of the longest audience, and some room.
const MAX_TEXT: usize = 256;

pub(super) fn encode(challenge: &Challenge, key: &ChallengeKey) -> String {
    let mut message = LABEL.to_vec();
    message.push(VERSION);
    message.extend(challenge.epoch.to_be_bytes());
    message.extend(challenge.expires_at.unix().to_be_bytes());
    message.extend(challenge.nonce);
    message.extend(challenge.audience.as_str().as_bytes());
    let code = key.authenticate(&message);
    message.extend(code.as_ref());
    URL_SAFE_NO_PAD.encode(&message[LABEL.len()..])
}

pub(super) fn decode(text: &str, key: &ChallengeKey) -> Option<Challenge> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (content, code) = bytes.split_last_chunk::<CODE_LENGTH>()?;
    let message = [LABEL, content].concat();
    if !key.verifies(&message, code) {
        return None;
    }
    let ([version], rest) = content.split_first_chunk()?;
    let (epoch, rest) = rest.split_first_chunk()?;
    let (expires, rest) = rest.split_first_chunk()?;
    let (nonce, audience) = rest.split_first_chunk::<NONCE_LENGTH>()?;
    (*version == VERSION).then_some(())?;
    Some(Challenge {
        audience: std::str::from_utf8(audience).ok()?.parse().ok()?,
        nonce: *nonce,
        expires_at: Timestamp::from_unix(i64::from_be_bytes(*expires)),
        epoch: u64::from_be_bytes(*epoch),
    })
}

/// Reads `content`, put under a code that everybody can make, as an id's. For
/// fuzzing: whether the challenge in it, if there is one, gives the same id again.
pub fn reread_challenge_id(content: &[u8]) -> Option<bool> {
    let key = ChallengeKey::from_bytes(&[0; 32]);
    let code = key.authenticate(&[LABEL, content].concat());
    let id = URL_SAFE_NO_PAD.encode([content, code.as_ref()].concat());
    decode(&id, &key).map(|challenge| encode(&challenge, &key) == id)
}
