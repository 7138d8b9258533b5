//! One anonymous search in a directory (RFC 4511), for the lists of one entry.
//!
//! Our own, since it is this one question: the crates that there are read an
//! answer by recursion and without a limit of bytes, so that whoever answers could
//! overflow the stack of the gateway. Here nothing is nested that the protocol
//! does not nest, references to other directories are not followed, and every
//! length is held against what is left of the limit before anything is read.
//!
//! 1. The address says which entry, and may name attributes, scope and a filter
//!    (RFC 4516); without, the entry itself is read.
//! 2. `certificateRevocationList;binary` and `authorityRevocationList;binary` are
//!    asked for (RFC 4523 2.2), or the one that the address names.
//! 3. Messages are read until the result: every value of every entry is a list.

mod address;
mod ber;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tongxing_trust_store::{HostRules, PointUrl};

use super::dial::{Stream, dial};
use super::{Client, FetchError};
use address::Search;
use ber::Ber;

/// The number of the one question of a connection.
const MESSAGE_ID: u8 = 1;

/// Messages before the result: an address means one entry, some a few.
const MESSAGES: usize = 64;

/// Lists of one answer.
const LISTS: usize = 64;

const SEARCH_ENTRY: u8 = 0x64;
const SEARCH_RESULT: u8 = 0x65;
const SEARCH_REFERENCE: u8 = 0x73;

/// resultCode success (RFC 4511 A.1).
const SUCCESS: u8 = 0;

/// The lists at an address.
pub(super) async fn search(
    client: &Client,
    url: &PointUrl,
    rules: &HostRules,
) -> Result<Vec<Vec<u8>>, FetchError> {
    let question = Search::of(url)?.message(MESSAGE_ID);
    let mut stream = dial(client, url, rules).await?;
    client.in_motion(stream.write_all(&question)).await?.map_err(FetchError::broken)?;
    client.in_motion(stream.flush()).await?.map_err(FetchError::broken)?;
    let mut left = client.limits.bytes;
    let mut lists = Vec::new();
    for _ in 0..MESSAGES {
        let message = read_message(client, &mut *stream, &mut left).await?;
        match read_answer(&message)? {
            Part::Lists(found) => lists.extend(found),
            Part::Nothing => {}
            Part::End if lists.is_empty() => return Err(FetchError::NothingThere),
            Part::End => return Ok(lists),
        }
        if lists.len() > LISTS {
            return Err(FetchError::broken(format!("more than {LISTS} lists in one answer")));
        }
    }
    Err(FetchError::broken(format!("more than {MESSAGES} messages in one answer")))
}

/// The content of one LDAPMessage, read only where the limit has room for it.
async fn read_message(
    client: &Client,
    stream: &mut dyn Stream,
    left: &mut usize,
) -> Result<Vec<u8>, FetchError> {
    let length = read_length(client, stream).await?;
    if length > *left {
        return Err(FetchError::TooLong { most: client.limits.bytes });
    }
    *left -= length;
    // It grows with what comes, not with what was announced.
    let mut message = Vec::new();
    let mut announced = stream.take(length as u64);
    while message.len() < length {
        let read = client.in_motion(announced.read_buf(&mut message)).await?;
        if read.map_err(FetchError::broken)? == 0 {
            return Err(FetchError::broken("it ends within a message"));
        }
    }
    Ok(message)
}

/// Identifier and length of an LDAPMessage (RFC 4511 5.1: definite lengths only).
async fn read_length(client: &Client, stream: &mut dyn Stream) -> Result<usize, FetchError> {
    let mut head = [0; 2];
    client.in_motion(stream.read_exact(&mut head)).await?.map_err(FetchError::broken)?;
    let [tag, first] = head;
    if tag != ber::SEQUENCE {
        return Err(FetchError::broken("it is no LDAP message"));
    }
    let octets = usize::from(first & 0x7f);
    if first & 0x80 == 0 {
        return Ok(octets);
    }
    let mut length = [0; 4];
    let fits = length.len().checked_sub(octets).filter(|_| octets > 0);
    let start = fits.ok_or_else(|| FetchError::broken("it has an unreadable length"))?;
    let rest = &mut length[start..];
    client.in_motion(stream.read_exact(rest)).await?.map_err(FetchError::broken)?;
    // 32 bits fit where the gateway runs; elsewhere nothing is longer than this.
    Ok(usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX))
}

/// What one message says.
enum Part {
    Lists(Vec<Vec<u8>>),
    Nothing,
    End,
}

fn read_answer(message: &[u8]) -> Result<Part, FetchError> {
    let unreadable = || FetchError::broken("a message of it cannot be read");
    let mut message = Ber::new(message);
    let id = message.take(ber::INTEGER).ok_or_else(unreadable)?;
    if id != [MESSAGE_ID] {
        return Err(FetchError::broken("it answers another question"));
    }
    let (tag, content) = message.next().ok_or_else(unreadable)?;
    match tag {
        SEARCH_ENTRY => values(content).map(Part::Lists).ok_or_else(unreadable),
        // Where else to ask is for the policy to say, not for the directory.
        SEARCH_REFERENCE => Ok(Part::Nothing),
        SEARCH_RESULT => end(content).ok_or_else(unreadable)?,
        _ => Err(FetchError::broken("it is no answer to a search")),
    }
}

/// Every value of every attribute: only lists were asked for.
fn values(entry: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut entry = Ber::new(entry);
    entry.take(ber::OCTET_STRING)?;
    let mut attributes = Ber::new(entry.take(ber::SEQUENCE)?);
    let mut found = Vec::new();
    while !attributes.is_empty() {
        let mut attribute = Ber::new(attributes.take(ber::SEQUENCE)?);
        attribute.take(ber::OCTET_STRING)?;
        let mut values = Ber::new(attribute.take(ber::SET)?);
        while !values.is_empty() {
            found.push(values.take(ber::OCTET_STRING)?.to_vec());
        }
    }
    Some(found)
}

fn end(result: &[u8]) -> Option<Result<Part, FetchError>> {
    let mut result = Ber::new(result);
    let [code] = *result.take(ber::ENUMERATED)? else { return None };
    if code == SUCCESS {
        return Some(Ok(Part::End));
    }
    result.take(ber::OCTET_STRING)?;
    let told = result.take(ber::OCTET_STRING)?;
    let told: String = String::from_utf8_lossy(told)
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(200)
        .collect();
    Some(Err(FetchError::Directory { code, told }))
}
