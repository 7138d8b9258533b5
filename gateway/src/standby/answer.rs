//! The answers of the replica listener: octets, JSON, or why not.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::StatusCode;
use http_body_util::{BodyExt, Limited};
use hyper::Response;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tongxing_trust_store::StoreError;

use super::acknowledge::Acknowledgements;
use super::wire::{self, Refusal};

/// How much of a content is given to the connection at a time.
const PIECE: usize = 64 << 10;

/// One answer.
pub(super) type Answer = Response<Content>;

/// What an answer holds. A large one takes its time over a slow line, and whoever takes
/// a piece of it is there.
#[derive(Debug)]
pub(super) struct Content {
    left: Bytes,
    taker: Option<Arc<Acknowledgements>>,
}

impl Content {
    fn of(bytes: impl Into<Bytes>) -> Self {
        Self { left: bytes.into(), taker: None }
    }

    /// For the standby, which is heard of with each piece.
    pub(super) fn taken_by(bytes: impl Into<Bytes>, standby: &Arc<Acknowledgements>) -> Self {
        Self { left: bytes.into(), taker: Some(Arc::clone(standby)) }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left.is_empty() {
            return Poll::Ready(None);
        }
        if let Some(standby) = &self.taker {
            standby.hear();
        }
        let len = self.left.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(len)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}

/// Why there is no other answer, with its status.
pub(super) struct No {
    pub(super) status: StatusCode,
    pub(super) refusal: Refusal,
}

impl No {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, refusal: Refusal { diverged: false, message: message.into() } }
    }

    pub(super) fn malformed(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    pub(super) fn unavailable(error: &impl std::fmt::Display) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }

    pub(super) fn diverged(theirs: u64, ours: u64) -> Self {
        let message = format!(
            "the standby's record {theirs} is not this gateway's, which has {ours}: the two have \
             diverged, and nothing is copied"
        );
        let refusal = Refusal { diverged: true, message };
        Self { status: StatusCode::CONFLICT, refusal }
    }
}

/// Runs what waits for the disk on a thread that may.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, No> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| match error {
            StoreError::TermNotNewer { .. } => No::conflict(&error.to_string()),
            error => No::unavailable(&error),
        }),
        Err(cut) => Err(No::unavailable(&cut)),
    }
}

/// The question, as JSON.
pub(super) async fn read<T: DeserializeOwned>(body: Incoming) -> Result<T, No> {
    let content = Limited::new(body, wire::QUESTION_MAX).collect().await;
    let content = content.map_err(|_| No::malformed("the question did not arrive"))?.to_bytes();
    serde_json::from_slice(&content).map_err(|error| No::malformed(&error.to_string()))
}

/// 200, with JSON.
pub(super) fn json(value: &impl Serialize) -> Answer {
    with_status(StatusCode::OK, value)
}

/// Any status, with JSON.
pub(super) fn with_status(status: StatusCode, value: &impl Serialize) -> Answer {
    // Our own types serialise; what does not is an answer that the other reports.
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut answer = Response::new(Content::of(body));
    *answer.status_mut() = status;
    answer
}
