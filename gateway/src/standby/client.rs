//! The end that asks: one connection to the other gateway's replica listener.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::HOST;
use axum::http::request::Builder;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tongxing_trust_store::{KeyFiles, PersonKey, ReplicaHello};

use super::fingerprint::Fingerprint;
use super::tls::{Identity, SERVER_NAME};
use super::wire::{self, Fence, Fenced, Join, Refusal, Welcome};

/// From the first packet to the end of the handshake.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// From a question to the beginning of its answer, and from one piece of that to the
/// next: a large blob takes its time over a slow line.
const SILENCE: Duration = Duration::from_secs(30);

/// Why the other gateway gave no answer to go on with.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PeerError {
    /// It cannot be reached, or the connection broke.
    #[error("{address} cannot be reached: {problem}")]
    Unreachable {
        /// Where it should be.
        address: String,
        /// What happened.
        problem: String,
    },
    /// It answered no.
    #[error("the other gateway refuses: {message}")]
    Refused {
        /// Whether the two records have diverged.
        diverged: bool,
        /// What it says.
        message: String,
    },
    /// It could not do what it was asked.
    #[error("the other gateway failed: {0}")]
    Failed(String),
    /// It answered something else.
    #[error("the other gateway's answer is not understood: {0}")]
    Answer(String),
}

/// An open connection.
#[derive(Debug)]
pub(super) struct PeerConnection {
    address: String,
    sender: SendRequest<Full<Bytes>>,
    driver: JoinHandle<Result<(), hyper::Error>>,
}

/// An answer with frames.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) frames: Vec<u8>,
    /// The primary's last record.
    pub(super) last: u64,
    /// Changes whenever a key file does.
    pub(super) keys_mark: String,
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl PeerConnection {
    /// Connects to exactly the gateway with that key.
    pub(super) async fn open(
        address: &str,
        own: &Identity,
        expected: Fingerprint,
    ) -> Result<Self, PeerError> {
        let opening = tokio::time::timeout(CONNECT_TIMEOUT, connect(address, own, expected));
        let problem = match opening.await {
            Ok(Ok((sender, driver))) => {
                return Ok(Self { address: address.to_owned(), sender, driver });
            }
            Ok(Err(problem)) => problem,
            Err(_) => format!("no connection within {} s", CONNECT_TIMEOUT.as_secs()),
        };
        Err(PeerError::Unreachable { address: address.to_owned(), problem })
    }

    /// `at` is where we stand, if we have a record already.
    pub(super) async fn join(
        &mut self,
        secret: &str,
        at: Option<ReplicaHello>,
    ) -> Result<Welcome, PeerError> {
        self.post(wire::JOIN, &Join { secret: secret.to_owned(), at }).await
    }

    pub(super) async fn hello(&mut self, own: &ReplicaHello) -> Result<ReplicaHello, PeerError> {
        self.post(wire::HELLO, own).await
    }

    pub(super) async fn fence(&mut self, term: u64) -> Result<Fenced, PeerError> {
        self.post(wire::FENCE, &Fence { term }).await
    }

    pub(super) async fn keys(&mut self) -> Result<KeyFiles, PeerError> {
        let (_, _, content) = self.ask(Request::get(wire::KEYS), Bytes::new()).await?;
        parse(&content)
    }

    pub(super) async fn persons(&mut self, names: &[String]) -> Result<Vec<PersonKey>, PeerError> {
        self.post(wire::PERSONS, &names).await
    }

    /// A blob; `None` if the primary does not have it either.
    pub(super) async fn blob(&mut self, blob: &str) -> Result<Option<Bytes>, PeerError> {
        let request = Request::get(format!("{}{blob}", wire::BLOBS));
        let (status, _, content) = self.ask(request, Bytes::new()).await?;
        Ok((status == StatusCode::OK).then_some(content))
    }

    /// Confirms everything up to `after`, and asks for what comes next.
    pub(super) async fn frames(&mut self, after: u64) -> Result<Batch, PeerError> {
        let request = Request::get(format!("{}{after}", wire::FRAMES));
        let (_, headers, frames) = self.ask(request, Bytes::new()).await?;
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let missing = || PeerError::Answer("frames without their headers".to_owned());
        let last = text(wire::LAST).and_then(|last| last.parse().ok()).ok_or_else(missing)?;
        let keys_mark = text(wire::KEYS_MARK).ok_or_else(missing)?.to_owned();
        Ok(Batch { frames: frames.to_vec(), last, keys_mark })
    }

    async fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        question: &impl Serialize,
    ) -> Result<T, PeerError> {
        let question = serde_json::to_vec(question).map_err(not_understood)?;
        let (_, _, content) = self.ask(Request::post(path), question.into()).await?;
        parse(&content)
    }

    /// One exchange; 404 is an answer, every other failure an error.
    async fn ask(
        &mut self,
        request: Builder,
        question: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), PeerError> {
        let request = request.header(HOST, SERVER_NAME).body(Full::new(question));
        let request = request.map_err(not_understood)?;
        let broken = |problem| PeerError::Unreachable { address: self.address.clone(), problem };
        let asking = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        let response = unless_silent(asking, SILENCE).await.map_err(broken)?;
        let (parts, body) = response.into_parts();
        let (status, headers) = (parts.status, parts.headers);
        let content = whole(body, SILENCE).await.map_err(broken)?;
        if status.is_success() || status == StatusCode::NOT_FOUND {
            return Ok((status, headers, content));
        }
        let Refusal { diverged, message } = parse(&content)?;
        Err(match status {
            StatusCode::SERVICE_UNAVAILABLE => PeerError::Failed(message),
            _ => PeerError::Refused { diverged, message },
        })
    }
}

/// What comes, unless nothing does.
async fn unless_silent<T, E: std::fmt::Display>(
    coming: impl Future<Output = Result<T, E>>,
    silence: Duration,
) -> Result<T, String> {
    match tokio::time::timeout(silence, coming).await {
        Ok(came) => came.map_err(|error| error.to_string()),
        Err(_) => Err(format!("nothing came for {} s", silence.as_secs())),
    }
}

/// The whole of an answer, however long it takes, as long as something comes.
async fn whole(
    body: impl Body<Data = Bytes, Error: std::fmt::Display>,
    silence: Duration,
) -> Result<Bytes, String> {
    let mut body = pin!(body);
    let mut content = Vec::new();
    loop {
        let next = async { body.as_mut().frame().await.transpose() };
        let Some(frame) = unless_silent(next, silence).await? else { return Ok(content.into()) };
        let Ok(piece) = frame.into_data() else { continue };
        if content.len() + piece.len() > wire::ANSWER_MAX {
            return Err(format!("an answer of more than {} bytes", wire::ANSWER_MAX));
        }
        content.extend_from_slice(&piece);
    }
}

type Connected = (SendRequest<Full<Bytes>>, JoinHandle<Result<(), hyper::Error>>);

async fn connect(
    address: &str,
    own: &Identity,
    expected: Fingerprint,
) -> Result<Connected, String> {
    let told = |error: std::io::Error| error.to_string();
    let stream = TcpStream::connect(address).await.map_err(told)?;
    // An answer waits for nothing; a failure only makes it slower.
    let _ = stream.set_nodelay(true);
    let config = own.client(expected).map_err(|error| error.to_string())?;
    let name = ServerName::try_from(SERVER_NAME).map_err(|error| error.to_string())?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(told)?;
    let made = http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = made.map_err(|error| error.to_string())?;
    Ok((sender, tokio::spawn(connection)))
}

fn parse<T: DeserializeOwned>(content: &[u8]) -> Result<T, PeerError> {
    serde_json::from_slice(content).map_err(not_understood)
}

fn not_understood(error: impl std::fmt::Display) -> PeerError {
    PeerError::Answer(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::Frame;

    use super::*;

    /// So many pieces, and then nothing, or the end.
    struct Pieces {
        left: u32,
        ends: bool,
    }

    impl Body for Pieces {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            match (self.left, self.ends) {
                (0, true) => Poll::Ready(None),
                (0, false) => Poll::Pending,
                _ => {
                    self.left -= 1;
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"piece")))))
                }
            }
        }
    }

    #[tokio::test]
    async fn an_answer_is_taken_as_long_as_something_comes() {
        let limit = Duration::from_millis(10);
        let taken = whole(Pieces { left: 1_000, ends: true }, limit).await.unwrap();
        assert_eq!(taken.len(), 5_000);
        let silent = whole(Pieces { left: 1_000, ends: false }, limit).await.unwrap_err();
        assert!(silent.contains("nothing came"), "{silent}");
    }
}
