//! Records under SM4-GCM and SM4-CCM.

use std::io::{Read, Write};
use std::sync::Arc;

use rustls::{ClientConnection, ConnectionCommon, Error, ServerConnection, SideData};

use super::ends::{QUICK, localhost};

/// The octets before a record's content: type, version, length (RFC 8446 section 5.1).
const HEADER_OCTETS: usize = 5;

/// More than this shows nothing new, and takes long. It fits into one record.
const MAX_CONTENT: usize = 2_000;

/// The first octet says which suite, and how the second record is spoilt; the next two
/// where; the rest is what is sent.
pub fn tls_record(data: &[u8]) {
    let Some((&[how, high, low], content)) = data.split_first_chunk() else { return };
    let content = &content[..content.len().min(MAX_CONTENT)];
    let place = usize::from(u16::from_be_bytes([high, low]));
    let (mut client, mut server) = shaken(usize::from(how & 1));
    let first = sealed(&mut client, content);
    deliver(&mut server, &first).expect("a record as it was sealed");
    assert_eq!(received(&mut server), content);
    let spoilt = match how >> 1 & 3 {
        0 => flipped(sealed(&mut client, content), place),
        1 => first,
        2 => as_record(content),
        _ => shortened(&sealed(&mut client, content), place),
    };
    if spoilt.len() > HEADER_OCTETS {
        let refused = deliver(&mut server, &spoilt);
        assert_eq!(refused, Err(Error::DecryptError), "a record that nobody sealed");
    }
    assert!(received(&mut server).is_empty());
}

/// One bit behind the header is another.
fn flipped(mut record: Vec<u8>, place: usize) -> Vec<u8> {
    if record.len() > HEADER_OCTETS {
        let place = HEADER_OCTETS + place % (record.len() - HEADER_OCTETS);
        record[place] ^= 1 << (place % 8);
    }
    record
}

/// Octets of one's choice under the header of a protected record.
fn as_record(content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap_or_default().to_be_bytes();
    [&[23, 3, 3, high, low], content].concat()
}

/// The record up to a place, with a length that agrees.
fn shortened(record: &[u8], place: usize) -> Vec<u8> {
    let body = record.get(HEADER_OCTETS..).unwrap_or_default();
    as_record(&body[..place % body.len().max(1)])
}

/// Both ends after their handshake.
fn shaken(suite: usize) -> (ClientConnection, ServerConnection) {
    let (client, server) = &QUICK[suite];
    let client = ClientConnection::new(Arc::clone(client), localhost());
    let mut client = client.expect("a client");
    let mut server = ServerConnection::new(Arc::clone(server)).expect("a server");
    while client.is_handshaking() || server.is_handshaking() || server.wants_write() {
        let said = written(&mut client);
        deliver(&mut server, &said).expect("a handshake");
        let answered = written(&mut server);
        deliver(&mut client, &answered).expect("a handshake");
    }
    (client, server)
}

fn sealed(from: &mut ClientConnection, content: &[u8]) -> Vec<u8> {
    from.writer().write_all(content).expect("room for it");
    written(from)
}

fn written<S: SideData>(from: &mut ConnectionCommon<S>) -> Vec<u8> {
    let mut wire = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut wire).expect("memory takes everything");
    }
    wire
}

fn deliver<S: SideData>(to: &mut ConnectionCommon<S>, mut wire: &[u8]) -> Result<(), Error> {
    while !wire.is_empty() {
        to.read_tls(&mut wire).expect("memory gives everything");
        to.process_new_packets()?;
    }
    Ok(())
}

fn received<S: SideData>(from: &mut ConnectionCommon<S>) -> Vec<u8> {
    let mut content = Vec::new();
    // It ends in an error: more may come, or nothing any more.
    let _ = from.reader().read_to_end(&mut content);
    content
}
