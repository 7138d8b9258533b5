//! The endpoints: what each route does.

mod bodies;
mod certificates;
mod confirmations;
mod encryption;
mod evidence;
mod health;
pub(super) mod models;
mod receipts;
mod signatures;
mod svs;
mod tokens;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;

pub use bodies::{check_json_bodies, check_json_contents};
pub(super) use receipts::since;
pub(super) use signatures::verify_parts;
pub use signatures::{PartsRead, read_parts};
pub(super) use svs::Operation;

use super::openapi;
use super::page;
use super::routes::{self, Call, PartyCall};
use crate::keys::JWKS_MAX_AGE_SECONDS;
use crate::problem::RequestError;

/// What a route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    Home,
    Problems,
    Alive,
    Ready,
    OpenApi,
    Docs,
    Keys,
    Checkpoint,
    EvidenceKeys,
    EvidenceKeySet,
    Challenge,
    TokenByChallenge,
    TokenByTls,
    Pending,
    Confirm,
}

/// Asks the endpoint.
pub(super) async fn answer(endpoint: Endpoint, call: Call) -> Result<Response, RequestError> {
    match endpoint {
        Endpoint::Home => page::home(&call),
        Endpoint::Problems => Ok(page::problems(&call)),
        Endpoint::Alive => health::alive(),
        Endpoint::Ready => health::ready(&call),
        Endpoint::OpenApi => Ok(document()),
        Endpoint::Docs => Ok(openapi::docs(&call)),
        Endpoint::Keys => Ok(key_set(&call)),
        Endpoint::Checkpoint => evidence::checkpoint(&call),
        Endpoint::EvidenceKeys => evidence::keys(&call),
        Endpoint::EvidenceKeySet => receipts::key_set(&call),
        Endpoint::Challenge => tokens::challenge(&call),
        Endpoint::TokenByChallenge => tokens::by_challenge(&call).await,
        Endpoint::TokenByTls => tokens::by_tls(&call).await,
        Endpoint::Pending => confirmations::pending(&call),
        Endpoint::Confirm => confirmations::confirm(&call).await,
    }
}

/// What a route for relying parties leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartyEndpoint {
    Certificate,
    Signature,
    Hash,
    Batch,
    EncryptionCertificates,
    Svs(Operation),
    Evidence,
    Receipts,
    Receipt,
}

impl PartyEndpoint {
    /// Whether it takes its content in parts too (RFC 7578).
    pub(super) fn takes_parts(self) -> bool {
        self == Self::Signature
    }
}

/// Asks an endpoint for relying parties.
pub(super) async fn answer_party(
    endpoint: PartyEndpoint,
    call: PartyCall,
) -> Result<Response, RequestError> {
    match endpoint {
        PartyEndpoint::Certificate => certificates::verify(call).await,
        PartyEndpoint::Signature => signatures::verify(call, false).await,
        PartyEndpoint::Hash => signatures::verify(call, true).await,
        PartyEndpoint::Batch => signatures::verify_batch(call).await,
        PartyEndpoint::Svs(operation) => svs::answer(operation, call).await,
        PartyEndpoint::EncryptionCertificates => encryption::certificates(call).await,
        PartyEndpoint::Evidence => receipts::evidence(call).await,
        PartyEndpoint::Receipts => receipts::decisions(&call),
        PartyEndpoint::Receipt => receipts::one(call).await,
    }
}

/// What the API is, for programs.
fn document() -> Response {
    let mut response = Response::new(Body::from(openapi::text()));
    routes::set_type(response.headers_mut(), openapi::MEDIA_TYPE);
    response
}

/// The keys that verify tokens (RFC 7517). They may be cached for less time than
/// a key is published before it signs.
fn key_set(call: &Call) -> Response {
    let mut response = Response::new(Body::from(call.site.keys.signers().key_set()));
    let headers = response.headers_mut();
    routes::set_type(headers, "application/jwk-set+json");
    let cache = format!("public, max-age={JWKS_MAX_AGE_SECONDS}");
    if let Ok(cache) = HeaderValue::from_str(&cache) {
        headers.insert(CACHE_CONTROL, cache);
    }
    response
}
