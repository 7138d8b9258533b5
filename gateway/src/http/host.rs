//! Whether a request is for the host that its connection was made for.
//!
//! A browser that re-uses a connection for another name would show the
//! certificate to a site that the holder did not choose (RFC 9110 7.4).

use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Request};

use super::visit::Visit;
use crate::config::is_host;
use crate::problem::RequestError;
use crate::site::Site;

/// Host, without port and in lower case, must be the TLS server name or, without
/// one, a configured name or address. A request without Host, or with two, is
/// for nobody (RFC 9112 3.2).
pub(super) fn check<B>(
    site: &Site,
    visit: &Visit,
    request: &Request<B>,
) -> Result<(), RequestError> {
    let host = host_of(request.headers()).ok_or(RequestError::Misdirected)?;
    let meant = match visit.connection.server_name() {
        Some(name) => host == name,
        None => site.listener(visit.connection.listener()).answers_for(&host),
    };
    let absolute = request.uri().authority().is_some();
    if meant && !absolute { Ok(()) } else { Err(RequestError::Misdirected) }
}

/// The one Host of a request, without port and in lower case.
pub(super) fn host_of(headers: &HeaderMap) -> Option<String> {
    let mut hosts = headers.get_all(HOST).iter();
    let (host, None) = (hosts.next()?, hosts.next()) else { return None };
    let authority: Authority = host.to_str().ok()?.parse().ok()?;
    let plain = !authority.as_str().contains('@');
    (plain && is_host(authority.host())).then(|| authority.host().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(values: &[&str]) -> Option<String> {
        let mut request = Request::builder();
        for value in values {
            request = request.header(HOST, *value);
        }
        host_of(request.body(()).unwrap().headers())
    }

    #[test]
    fn ports_and_case_do_not_matter() {
        assert_eq!(host(&["Gateway.Example:9443"]).as_deref(), Some("gateway.example"));
        assert_eq!(host(&["[::1]:9443"]).as_deref(), Some("[::1]"));
        assert_eq!(host(&["127.0.0.1"]).as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn none_or_two_hosts_are_nobody() {
        assert_eq!(host(&[]), None);
        assert_eq!(host(&["a", "a"]), None);
        assert_eq!(host(&["user@a"]), None);
        assert_eq!(host(&["a b"]), None);
        assert_eq!(host(&["a[::1]:9443"]), None);
    }
}
