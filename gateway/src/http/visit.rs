//! One request, as everything that handles it sees it.

use std::sync::Arc;

use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::time::Instant;
use tongxing_pki::Language;

use crate::problem::preferred;
use crate::server::Connection;

/// 96 bits: unique enough to find one request in years of logs.
const ID_LENGTH: usize = 12;

/// The parts of a request that do not depend on its route.
#[derive(Debug)]
pub(super) struct Visit {
    /// Random; in the answer, the problem document and the log.
    pub(super) id: String,
    pub(super) connection: Arc<Connection>,
    pub(super) language: Language,
    pub(super) method: Method,
    pub(super) began: Instant,
}

impl Visit {
    pub(super) fn begin<B>(connection: Arc<Connection>, request: &Request<B>) -> Self {
        let mut id = [0_u8; ID_LENGTH];
        // Without randomness ids repeat, and nothing but the log suffers.
        let _ = SystemRandom::new().fill(&mut id);
        Self {
            id: URL_SAFE_NO_PAD.encode(id),
            connection,
            language: preferred(request.headers()),
            method: request.method().clone(),
            began: Instant::now(),
        }
    }
}
