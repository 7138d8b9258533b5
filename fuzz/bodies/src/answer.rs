//! What hosts answer that the gateway asks for lists and statuses, and the addresses that
//! they are asked at.

use std::str::from_utf8;

use tongxing_gateway::{HttpAnswer, read_http_answer, read_ldap_answer, reread_ldap_question};
use tongxing_trust_store::{AllowedHost, HostRules, PointUrl, PrivateAddresses};

use crate::runtime::block_on;

/// What an answer may have here.
const MOST: usize = 4 << 10;

/// Lists of one answer, as the gateway has them.
const LISTS: usize = 64;

/// A directory's answer to a search, however it arrives.
pub fn ldap_answer(bytes: &[u8]) {
    let read = |piece, most| block_on(read_ldap_answer(bytes, piece, most));
    let whole = read(bytes.len(), MOST);
    for piece in [1, 7] {
        assert_eq!(read(piece, MOST), whole, "in pieces of {piece}");
    }
    match whole {
        Ok(lists) => {
            let octets = lists.iter().map(Vec::len).sum::<usize>();
            assert!(octets <= MOST.min(bytes.len()), "more than came");
            assert!((1..=LISTS).contains(&lists.len()), "{}", lists.len());
            assert!(read(bytes.len(), octets).is_err(), "messages have heads too");
        }
        Err(told) => is_one_line(&told),
    }
}

/// A server's answer to a GET, however it arrives.
pub fn http_answer(bytes: &[u8]) {
    let url: PointUrl = "http://crl.example.cn/lists/1.crl".parse().expect("an address");
    let read = |piece, most| block_on(read_http_answer(&url, bytes, piece, most));
    let whole = read(bytes.len(), MOST);
    let pieces = read(7, MOST);
    assert_eq!(whole.as_ref().ok(), pieces.as_ref().ok(), "{whole:?}, and in pieces {pieces:?}");
    match whole {
        Ok(HttpAnswer::Content(content)) => {
            assert!(content.len() <= MOST.min(bytes.len()), "more than came");
            if let Some(less) = content.len().checked_sub(1) {
                assert!(read(bytes.len(), less).is_err(), "over its limit");
            }
        }
        Ok(HttpAnswer::Elsewhere(url)) => {
            assert!(url.scheme().is_http(), "{url}");
            reads_back(&url);
        }
        Err(told) => is_one_line(&told),
    }
}

/// An address as a certificate has it, and in a second line one that it redirects to.
///
/// It reads as it is written, names one host, and what it asks a directory is a question.
pub fn point_url(bytes: &[u8]) {
    let Ok(text) = from_utf8(bytes) else { return };
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    let url = match first.parse::<PointUrl>() {
        Ok(url) => url,
        Err(error) => return is_one_line(&error.to_string()),
    };
    reads_back(&url);
    if !url.scheme().is_http() {
        match reread_ldap_question(&url) {
            Ok(same) => assert!(same, "two questions at {url}"),
            Err(told) => is_one_line(&told),
        }
    }
    match url.join(second) {
        Ok(next) => reads_back(&next),
        Err(error) => is_one_line(&error.to_string()),
    }
}

fn reads_back(url: &PointUrl) {
    let text = url.to_string();
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
    // Escapes are longer than what they stand for.
    let again = text.parse::<PointUrl>();
    assert!(again.as_ref() == Ok(url) || text.len() > 2048, "{again:?} of {url:?}");
    let rest = text.split_once("://").map(|(_, rest)| rest).expect("a scheme");
    let authority = rest.split(['/', '?', '#']).next().expect("an authority");
    assert_eq!(authority, url.authority());
    assert!(!authority.contains('@') && url.path_and_query().starts_with('/'));
    assert!(HostRules::trusting(url).name(url), "{text}");
    let host: AllowedHost = authority.parse().expect("a host that may be named");
    assert_eq!(host.to_string().parse::<AllowedHost>(), Ok(host.clone()));
    assert!(HostRules::new(vec![host], PrivateAddresses::default()).name(url), "{text}");
}

fn is_one_line(told: &str) {
    assert!(!told.is_empty() && !told.contains(char::is_control), "{told:?}");
}
