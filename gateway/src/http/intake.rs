//! What a POST must be before an endpoint sees it.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use multer::{Constraints, Multipart, SizeLimit};

use crate::config::{ListenerConfig, SiteUrl};
use crate::problem::{Misfit, RequestError, Unfit};

/// The content of a POST: from a page of the listener's own or from none, JSON, at
/// most `limit` bytes, within `patience`.
pub(super) async fn take(
    request: Request<Body>,
    own: &ListenerConfig,
    limit: usize,
    patience: Duration,
) -> Result<Bytes, RequestError> {
    let (parts, body) = request.into_parts();
    check_origin(&parts.headers, own)?;
    check_content_type(&parts.headers)?;
    let read = Limited::new(body, limit).collect();
    match tokio::time::timeout(patience, read).await {
        Ok(Ok(content)) => Ok(content.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(RequestError::TooLarge { limit }),
        Ok(Err(_)) => {
            Err(Unfit::new(Misfit::Form, "请求内容提前结束", "the content ended early").into())
        }
        Err(_) => Err(RequestError::Timeout),
    }
}

/// Whether the content is declared to come in parts.
pub(super) fn is_in_parts(headers: &HeaderMap) -> bool {
    essence(headers).is_some_and(|essence| essence.eq_ignore_ascii_case("multipart/form-data"))
}

/// The parts of a POST's content: from a page of the listener's own or from none, at
/// most `limit` bytes together. Whoever reads them sees to the time it takes.
pub(super) fn parts(
    request: Request<Body>,
    own: &ListenerConfig,
    limit: u64,
) -> Result<Multipart<'static>, RequestError> {
    let (parts, body) = request.into_parts();
    check_origin(&parts.headers, own)?;
    form(parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()), body, limit)
}

/// The parts of a content that is declared as `declared`.
pub(super) fn form(
    declared: Option<&str>,
    body: Body,
    limit: u64,
) -> Result<Multipart<'static>, RequestError> {
    let boundary = declared.and_then(|declared| multer::parse_boundary(declared).ok());
    let boundary = boundary.ok_or(RequestError::ContentType)?;
    let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(limit));
    Ok(Multipart::with_constraints(body.into_data_stream(), boundary, limits))
}

/// A browser names the page that asks; programs name none. A page is ours when it
/// came from a configured name and is the one that the request goes to: a name
/// that merely leads here, under a certificate for a whole domain, is not.
pub(super) fn check_origin(headers: &HeaderMap, own: &ListenerConfig) -> Result<(), RequestError> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_ours = |origin: &HeaderValue| {
        let Ok(origin) = origin.to_str() else { return false };
        let of_host = origin.strip_prefix("https://").is_some_and(|site| site == host)
            && origin.parse().is_ok_and(|site: SiteUrl| own.answers_for(site.host()));
        of_host || origin == own.url.to_string()
    };
    // Nobody sends two; whoever does is a page of both.
    if headers.get_all(ORIGIN).iter().all(is_ours) {
        Ok(())
    } else {
        Err(RequestError::ForeignOrigin)
    }
}

/// `application/json`, with any parameters (RFC 9110 8.3.1): no form of another
/// site can send it without asking first.
pub(super) fn check_content_type(headers: &HeaderMap) -> Result<(), RequestError> {
    match essence(headers) {
        Some(essence) if essence.eq_ignore_ascii_case("application/json") => Ok(()),
        _ => Err(RequestError::ContentType),
    }
}

fn essence(headers: &HeaderMap) -> Option<&str> {
    let declared = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    declared.split(';').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn taken(
        request: axum::http::request::Builder,
        body: &str,
    ) -> Result<Bytes, RequestError> {
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let own = ListenerConfig::unbound("https://g.example:9443", &["h.example"]).unwrap();
        take(request, &own, 8, Duration::from_secs(1)).await
    }

    fn json() -> axum::http::request::Builder {
        Request::builder().header(CONTENT_TYPE, "application/json; charset=utf-8")
    }

    #[tokio::test]
    async fn json_from_our_own_page_or_none_is_taken() {
        assert_eq!(taken(json(), "{}").await.unwrap(), "{}");
        let own = json().header(ORIGIN, "https://g.example:9443");
        assert!(taken(own, "{}").await.is_ok());
        let other_name = json().header(HOST, "h.example").header(ORIGIN, "https://h.example");
        assert!(taken(other_name, "{}").await.is_ok());
    }

    #[tokio::test]
    async fn others_are_refused_by_name() {
        for origin in ["https://evil.example", "null", "http://g.example:9443", "https://"] {
            let foreign = json().header(HOST, "g.example:9443").header(ORIGIN, origin);
            let refused = taken(foreign, "{}").await.unwrap_err();
            assert!(matches!(refused, RequestError::ForeignOrigin), "{origin}");
        }
        let own_and_other = json().header(HOST, "g.example:9443");
        let own_and_other = own_and_other.header(ORIGIN, "https://g.example:9443");
        let refused = taken(own_and_other.header(ORIGIN, "https://evil.example"), "{}").await;
        assert!(matches!(refused, Err(RequestError::ForeignOrigin)));
        let leads_here = json().header(HOST, "x.example").header(ORIGIN, "https://x.example");
        assert!(matches!(taken(leads_here, "{}").await, Err(RequestError::ForeignOrigin)));
        for declared in ["text/plain", "application/x-www-form-urlencoded", ""] {
            let other = Request::builder().header(CONTENT_TYPE, declared);
            let refused = taken(other, "{}").await.unwrap_err();
            assert!(matches!(refused, RequestError::ContentType), "{declared}");
        }
        let large = taken(json(), "{        }").await.unwrap_err();
        assert!(matches!(large, RequestError::TooLarge { limit: 8 }));
    }
}
