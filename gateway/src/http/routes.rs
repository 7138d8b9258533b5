//! The one table of routes: which listener answers what, how much it reads, and
//! who may call.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, Uri};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use tongxing_trust_store::Reader;

use super::endpoints::{self, Endpoint, Operation, PartyEndpoint};
use super::event::Event;
use super::intake;
use super::visit::Visit;
use crate::party::{self, AuthenticatedParty};
use crate::problem::RequestError;
use crate::server::ListenerKind;
use crate::site::Site;

/// One row of the table.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    /// The listeners that answer.
    pub(super) on: &'static [ListenerKind],
    /// The longest content taken, in bytes.
    pub(super) body: usize,
    /// Who may call, in words: the documentation's column.
    pub(super) callers: &'static str,
    pub(super) target: Target,
}

/// Where a route leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// To whom whoever may call is the endpoint's own to find out.
    Open(Endpoint),
    /// To what only an authenticated relying party gets.
    Party(PartyEndpoint),
}

const BOTH: &[ListenerKind] = &[ListenerKind::Public, ListenerKind::Certificate];
const PUBLIC: &[ListenerKind] = &[ListenerKind::Public];
const CERTIFICATE: &[ListenerKind] = &[ListenerKind::Certificate];

/// `{"audience":…}`, `{"authority":…}` and the like.
const SMALL: usize = 1024;

/// A signed challenge with ten certificates of 4 KiB in base64, and some room.
const SIGNED: usize = 64 * 1024;

/// Who shows that it is itself with every request.
const PARTY: &str = "an authenticated relying party";

/// A signed document with its content in base64; larger ones come in parts.
const LARGE: usize = 4 << 20;

/// All routes.
#[rustfmt::skip]
pub(super) static ROUTES: &[Route] = &[
    Route { method: Method::GET,  path: "/",                      on: BOTH,        body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::Home) },
    Route { method: Method::GET,  path: "/problems",              on: BOTH,        body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::Problems) },
    Route { method: Method::GET,  path: "/healthz",               on: BOTH,        body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::Alive) },
    Route { method: Method::GET,  path: "/readyz",                on: BOTH,        body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::Ready) },
    Route { method: Method::GET,  path: "/.well-known/jwks.json", on: PUBLIC,      body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::Keys) },
    Route { method: Method::GET,  path: "/openapi.json",          on: PUBLIC,      body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::OpenApi) },
    Route { method: Method::GET,  path: "/docs",                  on: PUBLIC,      body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::Docs) },
    Route { method: Method::GET,  path: "/v1/checkpoint",         on: PUBLIC,      body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::Checkpoint) },
    Route { method: Method::GET,  path: "/v1/evidence-keys",      on: PUBLIC,      body: 0,      callers: "anybody",                        target: Target::Open(Endpoint::EvidenceKeys) },
    Route { method: Method::GET,  path: "/.well-known/evidence-keys.json", on: PUBLIC, body: 0,  callers: "anybody",                        target: Target::Open(Endpoint::EvidenceKeySet) },
    Route { method: Method::POST, path: "/v1/challenges",         on: PUBLIC,      body: SMALL,  callers: "anybody, rate-limited",          target: Target::Open(Endpoint::Challenge) },
    Route { method: Method::POST, path: "/v1/tokens",             on: PUBLIC,      body: SIGNED, callers: "who signed a challenge",         target: Target::Open(Endpoint::TokenByChallenge) },
    Route { method: Method::POST, path: "/v1/tokens",             on: CERTIFICATE, body: SIGNED, callers: "who showed a certificate in TLS", target: Target::Open(Endpoint::TokenByTls) },
    Route { method: Method::GET,  path: "/v1/confirmations",      on: CERTIFICATE, body: 0,      callers: "who showed a certificate in TLS", target: Target::Open(Endpoint::Pending) },
    Route { method: Method::POST, path: "/v1/certificates/verify", on: BOTH,       body: SIGNED, callers: PARTY,                              target: Target::Party(PartyEndpoint::Certificate) },
    Route { method: Method::POST, path: "/v1/signatures/verify", on: BOTH,        body: LARGE,  callers: PARTY,                            target: Target::Party(PartyEndpoint::Signature) },
    Route { method: Method::POST, path: "/v1/signatures/verify-hash", on: BOTH,   body: LARGE,  callers: PARTY,                            target: Target::Party(PartyEndpoint::Hash) },
    Route { method: Method::POST, path: "/v1/signatures/verify-batch", on: BOTH,  body: LARGE,  callers: PARTY,                            target: Target::Party(PartyEndpoint::Batch) },
    Route { method: Method::GET, path: "/v1/subjects/{id}/encryption-certificates", on: BOTH, body: 0, callers: PARTY,                             target: Target::Party(PartyEndpoint::EncryptionCertificates) },
    Route { method: Method::POST, path: "/v1/gmt-0029/parseCert", on: BOTH, body: SIGNED, callers: PARTY,                             target: Target::Party(PartyEndpoint::Svs(Operation::ParseCert)) },
    Route { method: Method::POST, path: "/v1/gmt-0029/validateCert", on: BOTH, body: SIGNED, callers: PARTY,                             target: Target::Party(PartyEndpoint::Svs(Operation::ValidateCert)) },
    Route { method: Method::POST, path: "/v1/gmt-0029/verifySignedData", on: BOTH, body: LARGE, callers: PARTY,                             target: Target::Party(PartyEndpoint::Svs(Operation::VerifySignedData)) },
    Route { method: Method::POST, path: "/v1/gmt-0029/verifySignedMessage", on: BOTH, body: LARGE, callers: PARTY,                             target: Target::Party(PartyEndpoint::Svs(Operation::VerifySignedMessage)) },
    Route { method: Method::GET,  path: "/v1/evidence/{sha256}",  on: BOTH,        body: 0,      callers: PARTY,                            target: Target::Party(PartyEndpoint::Evidence) },
    Route { method: Method::GET,  path: "/v1/receipts",           on: BOTH,        body: 0,      callers: PARTY,                            target: Target::Party(PartyEndpoint::Receipts) },
    Route { method: Method::GET,  path: "/v1/receipts/{record}",  on: BOTH,        body: 0,      callers: PARTY,                            target: Target::Party(PartyEndpoint::Receipt) },
    Route { method: Method::POST, path: "/v1/confirmations",      on: CERTIFICATE, body: SMALL,  callers: "who showed a bound certificate in TLS", target: Target::Open(Endpoint::Confirm) },
];

/// What an endpoint gets.
pub(super) struct Call {
    pub(super) site: Arc<Site>,
    pub(super) visit: Arc<Visit>,
    /// A POST's content; empty otherwise.
    pub(super) content: Bytes,
    /// What the address has in the place that the route leaves open; empty otherwise.
    pub(super) parameter: String,
}

/// What an endpoint for relying parties gets.
pub(super) struct PartyCall {
    pub(super) call: Call,
    pub(super) party: AuthenticatedParty,
    /// What was asked for: path and query.
    pub(super) target: Uri,
}

/// The routes of one listener.
pub(super) fn router(site: &Arc<Site>, listener: ListenerKind) -> Router {
    let mut router = Router::new();
    for route in ROUTES.iter().filter(|route| route.on.contains(&listener)) {
        router = router.route(route.path, method_router(site, route));
    }
    let (missing, wrong) = (Arc::clone(site), Arc::clone(site));
    router
        .fallback(move |request: Request<Body>| {
            std::future::ready(problem(&missing, &request, &RequestError::NotFound))
        })
        .method_not_allowed_fallback(move |request: Request<Body>| {
            let allow = allowed(listener, request.uri().path());
            std::future::ready(problem(&wrong, &request, &RequestError::Method { allow }))
        })
}

fn method_router(site: &Arc<Site>, route: &'static Route) -> MethodRouter {
    let site = Arc::clone(site);
    let filter = if route.method == Method::POST { MethodFilter::POST } else { MethodFilter::GET };
    on(filter, move |request: Request<Body>| {
        let site = Arc::clone(&site);
        async move { serve(site, route, request).await }
    })
}

/// Steps 4 and 5 of the module above: takes the content and asks the endpoint.
async fn serve(site: Arc<Site>, route: &'static Route, request: Request<Body>) -> Response {
    let Some(visit) = visit_of(&request) else {
        // The caller of the router puts it there; without it there is no id to
        // tell the client.
        return Response::new(Body::empty());
    };
    let answered = match route.target {
        Target::Open(endpoint) => open(&site, &visit, route, endpoint, request).await,
        Target::Party(endpoint) => of_party(&site, &visit, route, endpoint, request).await,
    };
    let mut response = answered.unwrap_or_else(|error| visit.problem(&site, &error));
    let event = response.extensions_mut().get_or_insert_default::<Event>();
    event.route = route.path;
    response
}

async fn open(
    site: &Arc<Site>,
    visit: &Arc<Visit>,
    route: &Route,
    endpoint: Endpoint,
    request: Request<Body>,
) -> Result<Response, RequestError> {
    let call = call(site, visit, route, request).await?;
    endpoints::answer(endpoint, call).await
}

/// The relying party is known before a byte of the content is read.
async fn of_party(
    site: &Arc<Site>,
    visit: &Arc<Visit>,
    route: &Route,
    endpoint: PartyEndpoint,
    request: Request<Body>,
) -> Result<Response, RequestError> {
    let target = request.uri().clone();
    let party = party::authenticate(site, &visit.connection, request.headers(), target.path())?;
    let told = party.clone();
    let mut answered = if endpoint.takes_parts() && intake::is_in_parts(request.headers()) {
        let own = site.listener(visit.connection.listener());
        let form = intake::parts(request, own, site.content_limit)?;
        let personal_data = party.personal_data();
        let reader = Reader { language: visit.language, personal_data };
        endpoints::verify_parts(site, reader, &party, form).await
    } else {
        let call = call(site, visit, route, request).await?;
        endpoints::answer_party(endpoint, PartyCall { call, party, target }).await
    };
    if let Ok(response) = &mut answered {
        response.extensions_mut().get_or_insert_default::<Event>().tell_party(&told);
    }
    answered
}

async fn call(
    site: &Arc<Site>,
    visit: &Arc<Visit>,
    route: &Route,
    request: Request<Body>,
) -> Result<Call, RequestError> {
    let parameter = parameter(route.path, request.uri().path()).unwrap_or_default().to_owned();
    let content = if route.method == Method::POST {
        let own = site.listener(visit.connection.listener());
        intake::take(request, own, route.body, site.timeouts.request).await?
    } else {
        Bytes::new()
    };
    Ok(Call { site: Arc::clone(site), visit: Arc::clone(visit), content, parameter })
}

/// What an address has where the route's path has a name in braces, as it stands there;
/// `None` where the address is none of the route's.
pub(super) fn parameter<'p>(route: &str, path: &'p str) -> Option<&'p str> {
    let mut found = "";
    let (mut wanted, mut given) = (route.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(wanted), Some(given)) if wanted.starts_with('{') => found = given,
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

fn problem(site: &Site, request: &Request<Body>, error: &RequestError) -> Response {
    match visit_of(request) {
        Some(visit) => visit.problem(site, error),
        None => Response::new(Body::empty()),
    }
}

fn visit_of(request: &Request<Body>) -> Option<Arc<Visit>> {
    request.extensions().get::<Arc<Visit>>().cloned()
}

/// The methods that a path takes on a listener, as the Allow header lists them.
fn allowed(listener: ListenerKind, path: &str) -> String {
    let here =
        |route: &&Route| parameter(route.path, path).is_some() && route.on.contains(&listener);
    let methods = ROUTES.iter().filter(here).map(|route| match route.method {
        Method::GET => "GET, HEAD",
        _ => "POST",
    });
    methods.collect::<Vec<_>>().join(", ")
}

/// A response of JSON.
pub(super) fn json(value: &impl serde::Serialize) -> Result<Response, RequestError> {
    let body = serde_json::to_vec(value).map_err(|error| {
        RequestError::Internal(format!("an answer does not serialise: {error}"))
    })?;
    let mut response = Response::new(Body::from(body));
    set_type(response.headers_mut(), "application/json");
    Ok(response)
}

pub(super) fn set_type(headers: &mut HeaderMap, media_type: &'static str) {
    let value = axum::http::HeaderValue::from_static(media_type);
    headers.insert(axum::http::header::CONTENT_TYPE, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../docs/http-api.md");

    #[test]
    fn the_documentation_has_every_route() {
        for route in ROUTES {
            let listeners: Vec<_> = route.on.iter().map(|listener| listener.as_str()).collect();
            let (listeners, callers) = (listeners.join(", "), route.callers);
            let row = format!(
                "| `{} {}` | {listeners} | {} | {callers} |",
                route.method, route.path, route.body
            );
            assert!(DOCUMENT.contains(&row), "missing in docs/http-api.md:\n{row}");
        }
    }

    #[test]
    fn the_documentation_has_every_problem() {
        for kind in crate::problem::ALL {
            let (id, status, title) = (kind.code.id, kind.status.as_u16(), kind.code.title.en);
            let row = format!("| `{id}` | {status} | {title} |");
            assert!(DOCUMENT.contains(&row), "missing in docs/http-api.md:\n{row}");
        }
    }

    #[test]
    fn a_route_may_leave_one_place_open() {
        let route = "/v1/subjects/{id}/encryption-certificates";
        assert_eq!(parameter(route, "/v1/subjects/x/encryption-certificates"), Some("x"));
        assert_eq!(parameter(route, "/v1/subjects/x"), None);
        assert_eq!(parameter("/healthz", "/healthz"), Some(""));
        assert_eq!(allowed(ListenerKind::Public, &route.replace("{id}", "x")), "GET, HEAD");
    }

    #[test]
    fn allowed_methods_come_from_the_table() {
        assert_eq!(allowed(ListenerKind::Certificate, "/v1/confirmations"), "GET, HEAD, POST");
        assert_eq!(allowed(ListenerKind::Public, "/v1/tokens"), "POST");
        assert_eq!(allowed(ListenerKind::Public, "/v1/evidence/ab"), "GET, HEAD");
    }
}
