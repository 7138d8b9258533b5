//! Messages as they come: each read to its end, and no further.
//!
//! How many octets are missing is for the decoder to say; how many may come, for the
//! limit.

use rasn::ber::de::{DecodeErrorKind, Decoder, DecoderOptions};
use rasn::de::Needed;
use rasn::types::Tag;
use rasn::{AsnType as _, Decoder as _};
use rasn_ldap::LdapMessage;
use tokio::io::AsyncReadExt;

use crate::fetch::dial::Stream;
use crate::fetch::{Client, FetchError};

/// Identifier and first octet of the length: less says nothing.
const HEAD: usize = 2;

/// How often the decoder may ask for more: after the head for the rest of the length,
/// then for the content. An indefinite length, which RFC 4511 5.1 forbids, would have it
/// ask without end.
const ROUNDS: usize = 2;

/// The next message, as far as `left` has room for it.
pub(super) async fn read(
    client: &Client,
    stream: &mut dyn Stream,
    left: &mut usize,
) -> Result<LdapMessage, FetchError> {
    let mut octets = Vec::new();
    let mut missing = HEAD;
    for _ in 0..=ROUNDS {
        if missing > *left {
            return Err(FetchError::TooLong { most: client.limits.bytes });
        }
        *left -= missing;
        read_more(client, stream, missing, &mut octets).await?;
        match missing_octets(&octets)? {
            0 => return decode(&octets),
            more => missing = more,
        }
    }
    Err(FetchError::broken("it has an unreadable length"))
}

/// It grows with what comes, not with what was announced.
async fn read_more(
    client: &Client,
    stream: &mut dyn Stream,
    octets: usize,
    message: &mut Vec<u8>,
) -> Result<(), FetchError> {
    let end = message.len() + octets;
    let mut announced = stream.take(octets as u64);
    while message.len() < end {
        let read = client.in_motion(announced.read_buf(message)).await?;
        if read.map_err(FetchError::broken)? == 0 {
            return Err(FetchError::broken("it ends within a message"));
        }
    }
    Ok(())
}

/// How many octets the one element that has begun still lacks; 0 where it is whole.
fn missing_octets(begun: &[u8]) -> Result<usize, FetchError> {
    let no_message = || FetchError::broken("it is no LDAP message");
    let mut decoder = Decoder::new(begun, DecoderOptions::ber());
    if decoder.peek_tag().ok() != Some(LdapMessage::TAG) {
        return Err(no_message());
    }
    match decoder.decode_any(Tag::EOC) {
        Ok(_) if decoder.remaining().is_empty() => Ok(0),
        Ok(_) => Err(no_message()),
        Err(error) => match *error.kind {
            DecodeErrorKind::Incomplete { needed: Needed::Size(octets) } => Ok(octets.get()),
            _ => Err(FetchError::broken("it has an unreadable length")),
        },
    }
}

fn decode(octets: &[u8]) -> Result<LdapMessage, FetchError> {
    rasn::ber::decode(octets).map_err(|_| FetchError::broken("a message of it cannot be read"))
}
