//! The two pages: what this is and what was seen, and what each problem means.
//!
//! Plain HTML made on the server: no script, and one style sheet that the content
//! security policy names by its hash.

mod html;

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, VARY};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use tongxing_pki::{Code, Finding, Language, Level, Verdict};
use tongxing_trust_store::{Authority, Purpose, Recognition, masked_ids};

use super::routes::{Call, set_type};
use crate::problem::{self, RequestError};
use crate::server::ListenerKind;
use crate::tls::Shown;
pub(super) use html::Html;

const STYLE: &str = ":root{color-scheme:light}\
    body{font:16px/1.6 system-ui,'Noto Sans CJK SC','Microsoft YaHei',sans-serif;\
    max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2733;background:#fff}\
    h1{font-size:1.5rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}\
    table{border-collapse:collapse;width:100%}\
    td,th{border-bottom:1px solid #d8dee6;padding:.4rem .6rem;text-align:left;\
    vertical-align:top;overflow-wrap:anywhere}\
    th{width:9rem;font-weight:600;color:#4a5868}\
    code{font:.85em ui-monospace,monospace;color:#4a5868;overflow-wrap:anywhere}\
    .verdict{border-left:.4rem solid;padding:.6rem 1rem;font-size:1.15rem;font-weight:600}\
    .passed{border-color:#1a7f37;background:#e8f5ec}\
    .failed{border-color:#b42318;background:#fdecea}\
    .indeterminate,.warning{border-color:#b7791f;background:#fdf4e3}\
    ul{list-style:none;padding:0}\
    .reasons li{border-left-style:solid;border-left-width:.25rem;padding:.5rem 1rem;\
    margin:.6rem 0}\
    .next{font-weight:600}\
    details{margin:1.6rem 0}summary{cursor:pointer}\
    h3{font-size:1rem;margin:2rem 0 .4rem}h2+h3{margin-top:.8rem}\
    small{color:#4a5868}nav ul ul{padding-left:1.2rem}nav>ul>li{margin:.5rem 0}\
    a{color:#0b5394}a:focus-visible,summary:focus-visible{outline:3px solid #b7791f;outline-offset:2px}\
    @media(max-width:36rem){body{margin:1rem auto}tr{display:block;border-bottom:1px solid #d8dee6;\
    padding:.3rem 0}td,th{display:block;width:auto;border:0;padding:.1rem 0}}\
    @media print{details{display:block}}";

/// `GET /`.
pub(super) fn home(call: &Call) -> Result<Response, RequestError> {
    let language = call.visit.language;
    let mut body = String::new();
    let introduction = language.pick(
        "这是本省公共资源交易的数字证书互认网关：用任何一家已接入 CA 的证书登录，各交易平台得到同一个身份。",
        "This is the province's gateway for digital certificates in public-resource trading: sign in \
         with a certificate of any enrolled CA, and every trading platform gets the same identity.",
    );
    paragraph(&mut body, introduction);
    match call.visit.connection.listener() {
        ListenerKind::Public => describe_public(&mut body, call),
        ListenerKind::Certificate => describe_certificate(&mut body, call)?,
    }
    Ok(page(language, language.pick("通行", "Tongxing"), &body))
}

/// `GET /problems`: where the `type` of every problem document leads, and what each
/// finding means.
pub(super) fn problems(call: &Call) -> Response {
    let language = call.visit.language;
    let mut body = String::from("<table>");
    for kind in problem::ALL {
        explain(&mut body, language, kind.code, kind.status.as_str());
    }
    let is_problem = |code: &Code| problem::ALL.iter().any(|kind| kind.code == code);
    for code in problem::catalogue().into_iter().filter(|code| !is_problem(code)) {
        explain(&mut body, language, code, "");
    }
    body.push_str("</table>");
    page(language, language.pick("问题代码", "Problem codes"), &body)
}

/// One row of the table of codes.
fn explain(body: &mut String, language: Language, code: &Code, status: &str) {
    let (id, title) = (code.id, Html(code.title.in_language(language)));
    let [cause, whose, next] = code.sentences(language).map(Html);
    let space = language.pick("", " ");
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        body,
        "<tr id=\"{id}\"><td><code>{id}</code> {status}</td><td>{title}</td>\
         <td>{cause}{space}{whose}{space}{next}</td></tr>"
    );
}

fn describe_public(body: &mut String, call: &Call) {
    let language = call.visit.language;
    let url = call.site.listener(ListenerKind::Certificate).url.to_string();
    let text =
        language.pick("查看您的证书是否可用：", "See whether your certificate can be used: ");
    let _ = write!(body, "<p>{}<a href=\"{url}/\">{url}</a></p>", Html(text), url = Html(&url));
    let text = language.pick("供各平台开发人员：", "For those who connect a platform: ");
    let name = language.pick("接口说明", "the API");
    let _ = write!(body, "<p>{}<a href=\"/docs\">{name}</a></p>", Html(text));
}

/// What was seen of the client's certificate, and the verdict with its reasons.
fn describe_certificate(body: &mut String, call: &Call) -> Result<(), RequestError> {
    let language = call.visit.language;
    let Some(shown) = call.visit.connection.shown() else {
        let [cause, _, next] = RequestError::CertificateMissing.kind().code.sentences(language);
        let cause = Html(cause);
        let _ = write!(body, "<p class=\"verdict warning\">{cause}</p>");
        paragraph(body, next);
        return Ok(());
    };
    // Judging costs signatures: a page does not get it for nothing.
    call.site.rates.check_address(call.visit.connection.address())?;
    let snapshot = call.site.province.snapshot();
    let recognition = snapshot.recognise(&shown.chain, Purpose::SignIn, call.site.now());
    let authority = match &recognition {
        Recognition::Recognised(recognised) => Some(recognised.authority()),
        Recognition::Refused(refusal) | Recognition::Indeterminate(refusal) => refusal.authority(),
    };
    let authority = authority.and_then(|id| snapshot.authority(id));
    let verdict = recognition.verdict();
    let told = Html(verdict_text(language, verdict));
    let _ = write!(body, "<p class=\"verdict {verdict}\">{told}</p>");
    let findings = recognition.findings();
    list_reasons(body, language, findings, Weight::Decides);
    list_reasons(body, language, findings, Weight::Warns);
    let _ = write!(body, "<h2>{}</h2><table>", language.pick("您出示的证书", "Your certificate"));
    describe_shown(body, language, shown);
    if let Some(authority) = authority {
        describe_authority(body, language, authority);
    }
    body.push_str("</table>");
    list_checks(body, language, findings);
    Ok(())
}

fn describe_shown(body: &mut String, language: Language, shown: &Shown) {
    let Some(leaf) = shown.chain.first() else { return };
    row(body, language.pick("证书主题", "Subject"), &masked_ids(&leaf.subject().to_string()));
    row(body, language.pick("签发者", "Issuer"), &leaf.issuer().to_string());
    row(
        body,
        language.pick("有效期", "Valid"),
        &format!("{} – {}", leaf.not_before(), leaf.not_after()),
    );
    if shown.ignored > 0 {
        let text = language.pick("未采用的证书数", "Certificates ignored");
        row(body, text, &shown.ignored.to_string());
    }
}

fn describe_authority(body: &mut String, language: Language, authority: &Authority) {
    let name =
        language.pick(authority.name_zh(), authority.name_en().unwrap_or(authority.name_zh()));
    row(body, language.pick("CA 机构", "Authority"), &format!("{name} ({})", authority.id()));
    if let Some(hotline) = authority.hotline() {
        row(body, language.pick("服务热线", "Hotline"), hotline);
    }
}

fn verdict_text(language: Language, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => language.pick("该证书可以登录。", "This certificate can sign in."),
        Verdict::Failed => language.pick("该证书不能登录。", "This certificate cannot sign in."),
        Verdict::Indeterminate => language.pick(
            "目前无法判断该证书，暂不能登录。",
            "This certificate cannot be judged now, and cannot sign in.",
        ),
    }
}

/// What a finding does to the verdict.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    Decides,
    Warns,
}

impl Weight {
    fn of(level: Level) -> Option<Self> {
        match level {
            Level::Failed | Level::Indeterminate => Some(Self::Decides),
            Level::Warning => Some(Self::Warns),
            Level::Passed | Level::Info => None,
        }
    }
}

/// What asks something of somebody, as sentences, each once. What was seen stays out:
/// it may hold what the policy read, a personal id included.
fn list_reasons(body: &mut String, language: Language, findings: &[Finding], weight: Weight) {
    let asks = |finding: &&Finding| {
        Weight::of(finding.level()) == Some(weight) && finding.asks_something()
    };
    let mut told: Vec<&Code> = Vec::new();
    for finding in findings.iter().filter(asks) {
        let (code, level) = (finding.code(), finding.level());
        if told.contains(&code) {
            continue;
        }
        if told.is_empty() {
            let title = match weight {
                Weight::Decides => language.pick("原因和下一步", "Why, and what to do"),
                Weight::Warns => language.pick("请注意", "Please note"),
            };
            let _ = write!(body, "<h2>{title}</h2><ul class=\"reasons\">");
        }
        told.push(code);
        let [cause, whose, next] = code.sentences(language).map(Html);
        let (id, space) = (code.id, language.pick("", " "));
        let _ = write!(body, "<li class=\"{level}\">{cause}{space}{whose}<br>");
        if let Some(said) = said_by_operators(finding) {
            let _ = write!(body, "{}<br>", Html(said));
        }
        let _ = write!(body, "<span class=\"next\">{next}</span> <code>{id}</code></li>");
    }
    if !told.is_empty() {
        body.push_str("</ul>");
    }
}

/// What an operator wrote for bidders about an authority, such as why it is suspended.
fn said_by_operators(finding: &Finding) -> Option<&str> {
    finding.observation().filter(|_| finding.code().id.starts_with("authority."))
}

/// Every check that ran, under what it is about, folded away: for the service desk.
fn list_checks(body: &mut String, language: Language, findings: &[Finding]) {
    let summary = language.pick("全部检查", "Every check");
    let count = findings.len();
    let _ = write!(body, "<details><summary>{summary} ({count})</summary><table>");
    let mut about = None;
    for finding in findings {
        if finding.subject() != about {
            about = finding.subject();
            let subject = about.unwrap_or(language.pick("总体", "In general"));
            let _ = write!(body, "<tr><th colspan=\"3\">{}</th></tr>", Html(subject));
        }
        check_row(body, language, finding);
    }
    body.push_str("</table></details>");
}

fn check_row(body: &mut String, language: Language, finding: &Finding) {
    let mark = match finding.level() {
        Level::Passed => "✓",
        Level::Info => "i",
        Level::Warning => "!",
        Level::Indeterminate => "?",
        Level::Failed => "✗",
    };
    let (id, title) = (finding.code().id, Html(finding.code().title.in_language(language)));
    let _ = write!(body, "<tr><td>{mark}</td><td>{title}</td><td><code>{id}</code></td></tr>");
}

fn paragraph(body: &mut String, text: &str) {
    let _ = write!(body, "<p>{}</p>", Html(text));
}

fn row(body: &mut String, name: &str, value: &str) {
    let _ = write!(body, "<tr><th>{}</th><td>{}</td></tr>", Html(name), Html(value));
}

/// A whole document around a body that is HTML already.
pub(super) fn page(language: Language, title: &str, body: &str) -> Response {
    let (tag, title) = (language.tag(), Html(title));
    let document = format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{body}</body></html>"
    );
    let mut response = Response::new(Body::from(document));
    let headers = response.headers_mut();
    set_type(headers, "text/html; charset=utf-8");
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(tag));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    if let Ok(policy) = HeaderValue::from_str(&content_policy()) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Nothing may be loaded or run; our one style sheet is named by its hash (CSP
/// level 3, 6.7.3.3).
fn content_policy() -> String {
    let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}
