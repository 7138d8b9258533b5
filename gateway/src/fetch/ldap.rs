//! One anonymous search in a directory (RFC 4511), for the lists of one entry.
//!
//! The messages are `rasn-ldap`'s; the conversation is our own, since it is this one
//! question: references to other directories are not followed, and a message is read
//! only where the limit of octets has room for what it announces. A client such as
//! `ldap3` gathers a message however long it says that it is. `rasn` decodes values
//! in values no deeper than its own limit, so that whoever answers cannot overflow the
//! stack of the gateway.
//!
//! 1. The address says which entry, and may name attributes, scope and a filter
//!    (RFC 4516); without, the entry itself is read.
//! 2. `certificateRevocationList;binary` and `authorityRevocationList;binary` are
//!    asked for (RFC 4523 2.2), or the one that the address names.
//! 3. Messages are read until the result: every value of every entry is a list.

mod address;
mod message;

use rasn_ldap::{LdapMessage, LdapResult, MessageId, ProtocolOp, ResultCode, SearchResultEntry};
use tokio::io::AsyncWriteExt;
use tongxing_trust_store::{HostRules, PointUrl};

use super::dial::{Stream, dial};
use super::{Client, FetchError};
use address::Search;

/// The number of the one question of a connection.
const MESSAGE_ID: MessageId = 1;

/// Messages before the result: an address means one entry, some a few.
const MESSAGES: usize = 64;

/// Lists of one answer.
const LISTS: usize = 64;

/// The lists at an address.
pub(super) async fn search(
    client: &Client,
    url: &PointUrl,
    rules: &HostRules,
) -> Result<Vec<Vec<u8>>, FetchError> {
    let question = Search::of(url)?.message(MESSAGE_ID)?;
    let mut stream = dial(client, url, rules).await?;
    client.in_motion(stream.write_all(&question)).await?.map_err(FetchError::broken)?;
    client.in_motion(stream.flush()).await?.map_err(FetchError::broken)?;
    gather(client, &mut *stream).await
}

/// Step 3.
pub(super) async fn gather(
    client: &Client,
    stream: &mut dyn Stream,
) -> Result<Vec<Vec<u8>>, FetchError> {
    let mut left = client.limits.bytes;
    let mut lists = Vec::new();
    for _ in 0..MESSAGES {
        let message = message::read(client, stream, &mut left).await?;
        match read_answer(message)? {
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

/// What one message says.
enum Part {
    Lists(Vec<Vec<u8>>),
    Nothing,
    End,
}

fn read_answer(message: LdapMessage) -> Result<Part, FetchError> {
    if message.message_id != MESSAGE_ID {
        return Err(FetchError::broken("it answers another question"));
    }
    match message.protocol_op {
        ProtocolOp::SearchResEntry(entry) => Ok(Part::Lists(values(entry))),
        // Where else to ask is for the policy to say, not for the directory.
        ProtocolOp::SearchResRef(_) => Ok(Part::Nothing),
        ProtocolOp::SearchResDone(done) => end(&done.0),
        _ => Err(FetchError::broken("it is no answer to a search")),
    }
}

/// Every value of every attribute: only lists were asked for.
fn values(entry: SearchResultEntry) -> Vec<Vec<u8>> {
    let values = entry.attributes.into_iter().flat_map(|attribute| attribute.vals.into_vec());
    values.map(|value| value.to_vec()).collect()
}

/// Whether the question that an address comes to says the same when it is read again. For
/// fuzzing.
pub(super) fn reread_question(url: &PointUrl) -> Result<bool, FetchError> {
    let question = Search::of(url)?.message(MESSAGE_ID)?;
    let again = rasn::ber::decode::<LdapMessage>(&question)
        .map_err(|_| FetchError::broken("a question that cannot be read"))?;
    let search = matches!(again.protocol_op, ProtocolOp::SearchRequest(_));
    Ok(search && rasn::ber::encode(&again).is_ok_and(|encoded| encoded == question))
}

fn end(result: &LdapResult) -> Result<Part, FetchError> {
    if result.result_code == ResultCode::Success {
        return Ok(Part::End);
    }
    let told = result.diagnostic_message.chars();
    let told = told.map(|character| if character.is_control() { ' ' } else { character });
    Err(FetchError::Directory { code: result.result_code as u8, told: told.take(200).collect() })
}
