//! Parts that are there already, read without a gateway: for fuzzing.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::Frame;

use super::{Head, at_the_end, too_large, whole};
use crate::http::intake;
use crate::problem::RequestError;

/// What came in parts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PartsRead {
    /// Whether the part `request` came.
    pub request: bool,
    /// The part `signature`.
    pub signature: Option<Vec<u8>>,
    /// The DER of the part `certificate`.
    pub certificate: Option<Vec<u8>>,
    /// The DER of those in the parts `certificates`.
    pub certificates: Vec<Vec<u8>>,
    /// The part `content`.
    pub content: Option<Vec<u8>>,
}

/// Reads a content that is declared as `declared` and arrives in pieces of this many octets;
/// for fuzzing. `limit` is that of a signed document, `whole` that of everything together.
///
/// # Errors
/// What a client is told of what does not read.
pub async fn read_parts(
    declared: &str,
    content: &[u8],
    piece: usize,
    (limit, whole_limit): (usize, u64),
) -> Result<PartsRead, String> {
    let patience = Duration::from_mins(1);
    let reading = async {
        let body = Body::new(Pieces { rest: Bytes::copy_from_slice(content), piece: piece.max(1) });
        let mut parts = intake::form(Some(declared), body, whole_limit)?;
        let (head, last) = Head::read(&mut parts, limit, patience).await?;
        let mut read = PartsRead {
            request: head.request.is_some(),
            signature: head.signature.map(Vec::from),
            certificate: head.certificate.map(|certificate| certificate.der().to_vec()),
            certificates: head.certificates.iter().map(|one| one.der().to_vec()).collect(),
            content: None,
        };
        if let Some(last) = last {
            read.content = Some(whole(last, usize::MAX, patience, too_large).await?.into());
            at_the_end(&mut parts, patience).await?;
        }
        Ok(read)
    };
    reading.await.map_err(|error: RequestError| error.told())
}

/// A content that is there already, in pieces.
struct Pieces {
    rest: Bytes,
    piece: usize,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let length = self.piece.min(self.rest.len());
        let piece = self.rest.split_to(length);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(piece))))
    }
}
