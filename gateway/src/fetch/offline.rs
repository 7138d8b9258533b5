//! Answers that are there already, read as if a host had sent them: for fuzzing.

use std::io;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use axum::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::rustls::RootCertStore;
use tongxing_trust_store::PointUrl;

use super::http::{Answer, Question, ask_over};
use super::{Client, Fetched, Limits, Validators, ldap};

/// What a host answered over HTTP.
#[derive(Debug, PartialEq, Eq)]
pub enum HttpAnswer {
    /// The content.
    Content(Vec<u8>),
    /// Where to ask instead.
    Elsewhere(PointUrl),
}

/// The lists in a directory's answer, which arrives in pieces of this many octets; of
/// `most` octets at most.
///
/// # Errors
/// What operators are told of an answer that has none.
pub async fn read_ldap_answer(
    answer: &[u8],
    piece: usize,
    most: usize,
) -> Result<Vec<Vec<u8>>, String> {
    let mut host = Host::new(answer, piece);
    ldap::gather(&client(most), &mut host).await.map_err(|error| error.to_string())
}

/// Whether what an LDAP address asks for says the same when it is read again.
///
/// # Errors
/// Why it is not asked.
pub fn reread_ldap_question(url: &PointUrl) -> Result<bool, String> {
    ldap::reread_question(url).map_err(|error| error.to_string())
}

/// What a server's answer to a GET of `url` comes to; it arrives in pieces of this many
/// octets, with a content of `most` octets at most.
///
/// # Errors
/// What operators are told of an answer that is none.
pub async fn read_http_answer(
    url: &PointUrl,
    answer: &[u8],
    piece: usize,
    most: usize,
) -> Result<HttpAnswer, String> {
    let host = Box::new(Host::new(answer, piece));
    let known = Validators::default();
    let answered = ask_over(&client(most), host, url, &Question::Get { known: &known }).await;
    match answered.map_err(|error| error.to_string())? {
        Answer::IsAt(elsewhere) => Ok(HttpAnswer::Elsewhere(elsewhere)),
        Answer::Is(Fetched::Content { documents, .. }) => {
            Ok(HttpAnswer::Content(documents.concat()))
        }
        Answer::Is(Fetched::Unchanged) => Err("unchanged since it was never asked".to_owned()),
    }
}

fn client(most: usize) -> Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| Client::trusting(RootCertStore::empty()));
    CLIENT.within(Limits { bytes: most, ..Limits::LIST })
}

/// A host that takes whatever it is asked, and has its answer ready.
struct Host {
    answer: Bytes,
    piece: usize,
}

impl Host {
    fn new(answer: &[u8], piece: usize) -> Self {
        Self { answer: Bytes::copy_from_slice(answer), piece: piece.max(1) }
    }
}

impl AsyncRead for Host {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let length = self.piece.min(self.answer.len()).min(buffer.remaining());
        buffer.put_slice(&self.answer.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Host {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
