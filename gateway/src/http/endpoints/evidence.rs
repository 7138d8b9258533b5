//! What witnesses the record: anybody may keep it, and ask later for the proof.

use axum::body::Body;
use axum::response::Response;

use crate::http::routes::{Call, set_type};
use crate::problem::RequestError;

/// Notes are UTF-8: a signature line begins with a dash that ASCII lacks.
const TEXT: &str = "text/plain; charset=utf-8";

/// `GET /v1/checkpoint`: the newest checkpoint (C2SP tlog-checkpoint); not found
/// before the first.
pub(super) fn checkpoint(call: &Call) -> Result<Response, RequestError> {
    let newest = call.site.province.newest_checkpoint().ok_or(RequestError::NotFound)?;
    Ok(text(newest.note().to_owned()))
}

/// `GET /v1/evidence-keys`: the public keys of all times, one a line, oldest first.
pub(super) fn keys(call: &Call) -> Result<Response, RequestError> {
    let keys = call.site.province.evidence_keys()?;
    let lines: Vec<String> = keys.iter().map(ToString::to_string).collect();
    Ok(text(lines.join("\n") + "\n"))
}

fn text(content: String) -> Response {
    let mut response = Response::new(Body::from(content));
    set_type(response.headers_mut(), TEXT);
    response
}
