//! LDAP.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::evil::Server;
use super::{FetchError, Fetched, fetch};

/// An element with a length of four octets, whatever it is.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x84][..], &length, content].concat()
}

fn message(operation: &[u8]) -> Vec<u8> {
    element(0x30, &[&[2, 1, 1], operation].concat())
}

/// An entry with these lists.
fn entry(lists: &[&[u8]]) -> Vec<u8> {
    let values: Vec<u8> = lists.iter().flat_map(|list| element(4, list)).collect();
    let attribute =
        [element(4, b"certificateRevocationList;binary"), element(0x31, &values)].concat();
    let attributes = element(0x30, &element(0x30, &attribute));
    message(&element(0x64, &[element(4, b"CN=CRL1,O=Test"), attributes].concat()))
}

fn result(code: u8, told: &str) -> Vec<u8> {
    let parts = [vec![10, 1, code], element(4, b""), element(4, told.as_bytes())];
    message(&element(0x65, &parts.concat()))
}

/// A directory that answers each question with these bytes, and waits.
async fn directory(answer: Vec<u8>) -> Server {
    let answer: Arc<[u8]> = answer.into();
    Server::start(move |mut stream| {
        let answer = Arc::clone(&answer);
        async move {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    })
    .await
}

async fn answer(answer: Vec<u8>) -> Result<Fetched, FetchError> {
    fetch(&directory(answer).await.ldap()).await
}

#[tokio::test]
async fn lists_are_read_from_a_directory() {
    let long = vec![0x30; 70_000];
    let reference = message(&element(0x73, &element(4, b"ldap://evil.example/")));
    let told = [entry(&[&long, b"\x30\x02"]), reference, result(0, "")].concat();
    let Fetched::Content { mut documents, .. } = answer(told).await.unwrap() else { panic!() };
    // They are a set.
    documents.sort_by_key(Vec::len);
    assert_eq!(documents, [b"\x30\x02".to_vec(), long]);
}

#[tokio::test]
async fn a_directory_without_the_list_says_so() {
    let error = answer(result(32, "no such object\r\nforged line")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the directory answered with result 32: no such object  forged line"
    );
    let error = answer(result(0, "")).await.unwrap_err();
    assert!(matches!(error, FetchError::NothingThere), "{error}");
}

#[tokio::test]
async fn a_huge_answer_is_refused_before_it_is_read() {
    let announced = [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..], &[2, 1, 1]].concat();
    let error = answer(announced).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLong { .. }), "{error}");
}

#[tokio::test]
async fn many_messages_share_one_limit() {
    let error = answer(entry(&[&vec![7; 30_000]]).repeat(10)).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLong { .. }), "{error}");
    let error = answer(entry(&[]).repeat(1000)).await.unwrap_err();
    assert!(error.to_string().contains("more than 64 messages"), "{error}");
    let error = answer(entry(&[&b"x"[..]; 100])).await.unwrap_err();
    assert!(error.to_string().contains("more than 64 lists"), "{error}");
}

#[tokio::test]
async fn an_answer_nested_without_end_costs_nothing() {
    let mut nested = Vec::new();
    for _ in 0..30_000 {
        nested.extend_from_slice(&[0x30, 0x80]);
    }
    let error = answer(message(&element(0x64, &nested))).await.unwrap_err();
    assert!(matches!(error, FetchError::Broken(_)), "{error}");
    // A question has filters in filters, and strings have strings: neither may be nested
    // here, and neither costs a stack.
    for (tag, operation) in [(0xa2, 0x63), (0x24, 0x64), (0x30, 0x73)] {
        let mut nested = Vec::new();
        for _ in 0..10_000 {
            let length = u16::try_from(nested.len()).unwrap().to_be_bytes();
            nested = [&[tag, 0x82][..], &length, &nested].concat();
        }
        let error = answer(message(&element(operation, &nested))).await.unwrap_err();
        assert!(matches!(error, FetchError::Broken(_)), "{tag:x}: {error}");
    }
}

#[tokio::test]
async fn a_length_that_has_no_end_is_refused_at_once() {
    // It may go on for as long as it likes: three octets of it are looked at.
    let mut endless = vec![0x30, 0x80];
    endless.extend([4, 1, 0].repeat(20_000));
    let error = answer(endless).await.unwrap_err();
    assert!(matches!(error, FetchError::Broken(_)), "{error}");
}

#[tokio::test]
async fn a_directory_that_says_nothing_is_given_up() {
    let long: &[u8] = &[0x30, 0x85, 0, 0, 0, 0, 1];
    for begun in [&b""[..], &[0x30], &[0x30, 0x84, 0, 0], long, &[0x30, 20, 2, 1, 1, 0x64]] {
        let error = answer(begun.to_vec()).await.unwrap_err();
        assert!(matches!(error, FetchError::Idle { .. }), "{begun:?}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_refused() {
    for bytes in [
        b"HTTP/1.1 200 OK\r\n\r\n".to_vec(),
        vec![0x30, 0x80, 0, 0],
        [&[0x30, 0x89][..], &[0xff; 9]].concat(),
        vec![0x30, 0],
        element(0x30, &[2, 1, 9, 0x65, 0]),
        message(&element(0x78, &[])),
        message(&[0x64]),
        message(&element(0x64, &element(4, b"x"))),
        message(&element(0x65, &[10, 2, 0, 0])),
    ] {
        let error = answer(bytes.clone()).await.unwrap_err();
        assert!(matches!(error, FetchError::Broken(_)), "{bytes:x?}: {error}");
    }
}

#[tokio::test]
async fn a_directory_that_hangs_up_is_refused() {
    let server = Server::start(|mut stream| async move {
        let _ = stream.read(&mut [0; 1024]).await;
        let cut = entry(&[b"list"]);
        let _ = stream.write_all(&cut[..cut.len() - 2]).await;
    })
    .await;
    let error = fetch(&server.ldap()).await.unwrap_err();
    assert!(matches!(error, FetchError::Broken(_)), "{error}");
}
