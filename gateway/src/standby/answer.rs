//! The answers of the replica listener: JSON, or why not.

use axum::http::StatusCode;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Response;
use hyper::body::{Bytes, Incoming};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tongxing_trust_store::StoreError;

use super::wire::{self, Refusal};

/// One answer.
pub(super) type Answer = Response<Full<Bytes>>;

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
        Ok(done) => done.map_err(|error| No::unavailable(&error)),
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
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer
}
