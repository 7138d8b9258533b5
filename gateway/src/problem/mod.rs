//! Problem documents (RFC 9457): how the gateway says no.
//!
//! 1. Every failure of a request is a [`RequestError`].
//! 2. One exhaustive match turns it into a kind, with its stable code and status.
//! 3. The document carries the kind's texts in the client's language, what is
//!    particular to this request, the findings with theirs, and the request's id. Nothing of
//!    an internal fault leaves the process; the log has it under that id.

mod codes;
mod error;
pub(crate) mod kinds;
mod language;
mod unfit;

use axum::http::header::{
    ALLOW, CONNECTION, CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tongxing_pki::{
    Certificate, ExplainedFinding, Finding, Language, Level, Party, PathMember, Report, Verdict,
};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

pub(crate) use codes::ENCRYPTION_NOT_RECORDED;
pub(crate) use error::{ChallengeRefusal, RequestError};
pub(crate) use kinds::ALL;
pub(crate) use kinds::ProblemKind;
pub use kinds::catalogue;
pub(crate) use language::preferred;
pub(crate) use unfit::{Misfit, Unfit};

/// RFC 9457 6.1.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The scheme of our 401s. RFC 9110 15.5.2 asks for one, and none is registered
/// for certificates shown in TLS or for signed challenges.
const CHALLENGE: HeaderValue = HeaderValue::from_static("TongxingCertificate");

/// The schemes by which relying parties show that they are themselves.
const PARTY_CHALLENGE: HeaderValue = HeaderValue::from_static(
    "Basic realm=\"tongxing\", charset=\"UTF-8\", Bearer realm=\"tongxing\"",
);

/// What a document says beside its kind.
pub(crate) struct Context<'a> {
    pub(crate) language: Language,
    pub(crate) request_id: &'a str,
    /// The public URL, under which the kinds are explained.
    pub(crate) issuer: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    #[schema(schema_with = known_codes)]
    code: &'a str,
    text: &'a str,
    responsible: Party,
    whose: &'a str,
    next: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<ExplainedFinding<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    path: Vec<PathMember>,
}

/// The code of a document is one of the catalogue's.
fn known_codes() -> Object {
    let ids = ALL.iter().map(|kind| kind.code.id);
    let code = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(ids));
    code.description(Some("Stable; docs/codes.md says what each means.")).build()
}

/// The findings with what the reader's language says of them.
fn explain(findings: &[Finding], language: Language) -> Vec<ExplainedFinding<'_>> {
    findings.iter().map(|finding| finding.explained(language)).collect()
}

/// Each certificate of the path that was judged, with the worst of the findings about
/// it. Whoever has an end certificate reads its name there; a document that may be kept
/// or passed on names it by its serial number and issuer.
fn members(error: &RequestError) -> Vec<PathMember> {
    let mut report = Report::new();
    report.extend(error.findings().iter().cloned());
    let member = |certificate: &Certificate| {
        let member = PathMember::of(certificate, &report);
        PathMember { subject: certificate.label().to_owned(), ..member }
    };
    error.path().iter().map(member).collect()
}

/// The codes of the findings that decided: those worth a log line or a record.
pub(crate) fn deciding_codes(findings: &[Finding]) -> Vec<String> {
    let decides = |finding: &&Finding| match finding.level() {
        Level::Failed | Level::Indeterminate => true,
        Level::Passed | Level::Info | Level::Warning => false,
    };
    findings.iter().filter(decides).map(|finding| finding.code().id.to_owned()).collect()
}

/// The document that tells of `error`.
pub(crate) fn document<'d>(error: &'d RequestError, context: &Context<'d>) -> ProblemDocument<'d> {
    let kind = error.kind();
    let [text, whose, next] = kind.code.sentences(context.language);
    ProblemDocument {
        r#type: format!("{}/problems#{}", context.issuer, kind.code.id),
        title: kind.code.title.in_language(context.language),
        status: kind.status.as_u16(),
        code: kind.code.id,
        text,
        responsible: kind.code.responsible,
        whose,
        next,
        detail: error.detail(context.language),
        request_id: context.request_id,
        verdict: error.verdict(),
        findings: explain(error.findings(), context.language),
        path: members(error),
    }
}

/// The response that tells a client of `error`.
pub(crate) fn respond(error: &RequestError, context: &Context<'_>) -> Response {
    let kind = error.kind();
    let document = document(error, context);
    // Strings, numbers and findings always serialise; an empty body would say less.
    let body = serde_json::to_vec(&document).unwrap_or_default();
    let mut response = (kind.status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, MEDIA_TYPE);
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(context.language.tag()));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    add_advice(headers, error);
    response
}

/// Headers that say what may help.
fn add_advice(headers: &mut HeaderMap, error: &RequestError) {
    if error.kind().status == StatusCode::UNAUTHORIZED {
        let of_party = matches!(error, RequestError::PartyUnauthenticated { .. });
        headers.insert(WWW_AUTHENTICATE, if of_party { PARTY_CHALLENGE } else { CHALLENGE });
    }
    if let Some(seconds) = error.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let RequestError::Method { allow } = error
        && let Ok(allow) = HeaderValue::from_str(allow)
    {
        headers.insert(ALLOW, allow);
    }
    if error.needs_new_connection() {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

#[cfg(test)]
mod tests;
