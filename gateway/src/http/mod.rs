//! HTTP: from a request on a secured connection to its answer.
//!
//! 1. The request gets a random id, which its answer, its problem document and
//!    its log event carry.
//! 2. Its Host must be what the connection was made for ([`host`]), else 421.
//! 3. The [table of routes](routes) finds who answers; there is no other list.
//! 4. A POST must come from our own pages or from no page, and carry JSON of
//!    bounded size, in time ([`intake`]): the certificate is shown without asking.
//! 5. The endpoint answers, or fails with an error that becomes a problem.
//! 6. Security headers are added, and one event is logged.

mod endpoints;
mod event;
mod head;
mod headers;
mod host;
mod intake;
mod openapi;
mod page;
mod routes;
mod visit;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use tower::ServiceExt as _;

pub use endpoints::{PartsRead, check_json_bodies, check_json_contents, read_parts};
pub use head::{RequestHead, read_request_head};
pub use openapi::openapi_document;

use crate::problem::{self, RequestError};
use crate::server::{Connection, ListenerKind};
use crate::site::Site;
use event::Event;
use visit::Visit;

/// Both listeners' routes; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Sites {
    site: Arc<Site>,
    public: Router,
    certificate: Router,
}

impl Sites {
    pub(crate) fn new(site: &Arc<Site>) -> Self {
        Self {
            site: Arc::clone(site),
            public: routes::router(site, ListenerKind::Public),
            certificate: routes::router(site, ListenerKind::Certificate),
        }
    }

    /// Answers one request; there is always an answer.
    pub(crate) async fn answer(
        &self,
        connection: Arc<Connection>,
        request: Request<Incoming>,
    ) -> Response {
        let visit = Arc::new(Visit::begin(connection, &request));
        let routed = match host::check(&self.site, &visit, &request) {
            Ok(()) => self.route(&visit, request.map(Body::new)).await,
            Err(error) => visit.problem(&self.site, &error),
        };
        headers::finish(&visit, routed)
    }

    async fn route(&self, visit: &Arc<Visit>, mut request: Request<Body>) -> Response {
        request.extensions_mut().insert(Arc::clone(visit));
        let router = match visit.connection.listener() {
            ListenerKind::Public => &self.public,
            ListenerKind::Certificate => &self.certificate,
        };
        match router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

impl Visit {
    /// The answer that tells of an error, with the event that logs it.
    fn problem(&self, site: &Site, error: &RequestError) -> Response {
        let mut response = problem::respond(error, &self.context(site));
        response.extensions_mut().insert(Event::of_error(error));
        response
    }

    /// The document that tells of an error in a part of a request whose other parts are
    /// answered. A fault of ours is logged here: the request's own event knows nothing of it.
    fn problem_of_part(&self, site: &Site, error: &RequestError) -> serde_json::Value {
        if let Some(reason) = error.internal_reason() {
            tracing::error!(request_id = self.id, reason, "a part failed inside the gateway");
        }
        // Strings, numbers and findings always serialise.
        serde_json::to_value(problem::document(error, &self.context(site))).unwrap_or_default()
    }

    fn context<'c>(&'c self, site: &'c Site) -> problem::Context<'c> {
        problem::Context { language: self.language, request_id: &self.id, issuer: &site.issuer }
    }
}
