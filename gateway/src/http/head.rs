//! What the head of a request says, read without a gateway: for fuzzing.

use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::Uri;
use tongxing_pki::Language;

use super::endpoints::since;
use super::routes::{ROUTES, Route, parameter};
use super::{host, intake};
use crate::config::ListenerConfig;
use crate::problem::preferred;

/// What a request's target and headers come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHead {
    /// The one host that it is for.
    pub host: Option<String>,
    /// In which language it is answered.
    pub language: Language,
    /// Whether a page of the listener's own asks, or none.
    pub own_page: bool,
    /// Whether the content is declared as JSON.
    pub json: bool,
    /// Whether the content is declared to come in parts.
    pub parts: bool,
    /// The routes that it can lead to, each with what stands in the place that is left open.
    pub routes: Vec<(&'static str, String)>,
    /// The record that a query names.
    pub since: Option<u64>,
}

/// Reads a request's head as a listener would that is `url` and answers for `hosts` too;
/// `None` where the HTTP below it would not have let it through.
pub fn read_request_head(
    (url, hosts): (&str, &[&str]),
    target: &[u8],
    headers: &[(&[u8], &[u8])],
) -> Option<RequestHead> {
    let own = ListenerConfig::unbound(url, hosts).ok()?;
    let target = Uri::try_from(target).ok()?;
    let mut read = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name).ok()?;
        read.append(name, HeaderValue::from_bytes(value).ok()?);
    }
    let open = |route: &Route| Some((route.path, parameter(route.path, target.path())?.to_owned()));
    Some(RequestHead {
        host: host::host_of(&read),
        language: preferred(&read),
        own_page: intake::check_origin(&read, &own).is_ok(),
        json: intake::check_content_type(&read).is_ok(),
        parts: intake::is_in_parts(&read),
        routes: ROUTES.iter().filter_map(open).collect(),
        since: since(target.query()),
    })
}
