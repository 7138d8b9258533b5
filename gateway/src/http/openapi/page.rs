//! `GET /docs`: the same document for people, without a script: contents, every operation
//! under its tag, and the schemas that they lead to.

mod schema;

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::response::Response;
use serde_json::Value;
use tongxing_pki::Language;

use super::super::page::{self, Html};
use super::super::routes::{Call, Route};
use super::operations::{self, Answer, Described, Request};
use super::parts::problems_of;
use super::rows;
use crate::server::ListenerKind;

/// Operations of one address, as the table of routes has them.
type Row = Vec<(&'static Route, Described)>;

static ZH: LazyLock<String> = LazyLock::new(|| body(Language::Zh));
static EN: LazyLock<String> = LazyLock::new(|| body(Language::En));

pub(in crate::http) fn docs(call: &Call) -> Response {
    let language = call.visit.language;
    let body: &str = language.pick(&ZH, &EN);
    page::page(language, language.pick("接口说明", "The API"), body)
}

// Writing to a String cannot fail, here and below.

fn body(language: Language) -> String {
    let rows = rows();
    let mut body = String::new();
    introduce(&mut body, language);
    contents(&mut body, &rows, language);
    for (tag, text) in operations::TAGS {
        let _ = write!(body, "<h2 id=\"{tag}\">{}</h2>", Html(half(text, language)));
        for row in of_tag(&rows, tag) {
            operation(&mut body, row, language);
        }
    }
    let _ = write!(body, "<h2 id=\"schemas\">{}</h2>", language.pick("数据结构", "Schemas"));
    let document = serde_json::from_str::<Value>(super::text()).unwrap_or_default();
    schema::all(&mut body, &document["components"]["schemas"], language);
    body
}

fn introduce(body: &mut String, language: Language) {
    let text = language.pick(
        "每个请求都须证明平台身份：以标识和密钥（HTTP Basic）、自签名的 JWT（Bearer），或者在证书监听端口出示已登记\
         的证书。出错时返回 RFC 9457 问题文档，其中的代码是稳定的；429 与 503 以 Retry-After 说明何时重试。",
        "With every request a platform shows that it is itself: by id and secret (HTTP Basic), a JWT that it signs \
         (Bearer), or a registered certificate on the certificate listener. What goes wrong is a problem document \
         (RFC 9457) with a stable code; 429 and 503 say by Retry-After when to come back.",
    );
    let _ = write!(
        body,
        "<p>{}</p><p>{} <a href=\"/openapi.json\">openapi.json</a> (OpenAPI 3.1) · <a href=\"/problems\">{}</a></p>",
        Html(text),
        language.pick("供程序读取：", "For programs:"),
        language.pick("全部代码", "All codes")
    );
}

/// The half of a text in two languages that this reader reads: a Chinese sentence, a space,
/// an English one.
fn half(text: &str, language: Language) -> &str {
    let (zh, en) = text.split_once("。 ").unwrap_or((text, text));
    language.pick(zh, en)
}

fn of_tag<'r>(rows: &'r [Row], tag: &str) -> impl Iterator<Item = &'r Row> {
    rows.iter().filter(move |row| row.iter().any(|(_, told)| told.tag == tag))
}

fn contents(body: &mut String, rows: &[Row], language: Language) {
    body.push_str("<nav><ul>");
    for (tag, text) in operations::TAGS {
        let _ = write!(body, "<li><a href=\"#{tag}\">{}</a><ul>", Html(half(text, language)));
        for (_, told) in of_tag(rows, tag).filter_map(|row| row.first()) {
            let name = Html(language.pick(told.zh, told.en));
            let _ = write!(body, "<li><a href=\"#{}\">{name}</a></li>", told.id);
        }
        body.push_str("</ul></li>");
    }
    let name = language.pick("数据结构", "Schemas");
    let _ = write!(body, "<li><a href=\"#schemas\">{name}</a></li></ul></nav>");
}

fn operation(body: &mut String, row: &Row, language: Language) {
    let Some((route, first)) = row.first() else { return };
    let _ = write!(
        body,
        "<h3 id=\"{}\">{}</h3><p><code>{} {}</code></p><table>",
        first.id,
        Html(language.pick(first.zh, first.en)),
        route.method,
        Html(route.path)
    );
    for (route, _) in row {
        let on: Vec<&str> = route.on.iter().map(|on| listener(*on, language)).collect();
        let [comma, stop] = language.pick(["、", "；"], [", ", "; "]);
        let mut told = format!("{}{stop}{}", on.join(comma), callers(route.callers, language));
        if route.body > 0 {
            let bytes = language.pick("字节以内", "bytes at most");
            let _ = write!(told, "{stop}{} {bytes}", route.body);
        }
        line(body, language.pick("监听端口与调用者", "Where, and who may"), &Html(&told));
    }
    let requests = row.iter().filter_map(|(_, told)| match &told.request {
        Request::None => None,
        Request::Json(model) => Some(schema::link(&model.name)),
        Request::JsonOrParts(model) => {
            let parts = "multipart/form-data: <code>request</code>, <code>signature</code>, \
                         <code>certificate</code>, <code>certificates</code>, <code>content</code>";
            Some(format!("{}<br>{parts}", schema::link(&model.name)))
        }
    });
    let requests = requests.collect::<Vec<_>>().join("<br>");
    if !requests.is_empty() {
        line(body, language.pick("请求", "Request"), &requests);
    }
    if let Some((name, text)) = first.query {
        let text = format!("<code>?{name}=</code> {}", Html(half(text, language)));
        line(body, language.pick("查询参数", "Query"), &text);
    }
    let answer = match &first.answer {
        Answer::Json(model) => schema::link(&model.name),
        Answer::Text(media_type) => format!("<code>{media_type}</code>"),
    };
    line(body, language.pick("答复", "Answer"), &answer);
    body.push_str("</table>");
    problems(body, row, language);
}

fn listener(kind: ListenerKind, language: Language) -> &'static str {
    match kind {
        ListenerKind::Public => language.pick("公共端口", "public"),
        ListenerKind::Certificate => language.pick("证书端口", "certificate"),
    }
}

/// Who may call, in the words of the table of routes or in Chinese.
fn callers(words: &'static str, language: Language) -> &'static str {
    let zh = match words {
        "anybody" => "任何人",
        "anybody, rate-limited" => "任何人，限制频率",
        "an authenticated relying party" => "证明了身份的平台",
        "who signed a challenge" => "签署了挑战的用户",
        "who showed a certificate in TLS" => "在 TLS 中出示证书的用户",
        "who showed a bound certificate in TLS" => "在 TLS 中出示已绑定证书的用户",
        other => other,
    };
    language.pick(zh, words)
}

fn line(body: &mut String, name: &str, html: &dyn std::fmt::Display) {
    let _ = write!(body, "<tr><th>{name}</th><td>{html}</td></tr>");
}

/// What it may be answered with instead, folded away.
fn problems(body: &mut String, row: &Row, language: Language) {
    let name = language.pick("可能的问题", "What may be answered instead");
    let _ = write!(body, "<details><summary>{name}</summary><table>");
    for (status, kinds) in problems_of(row) {
        for kind in kinds {
            let (id, title) = (kind.code.id, Html(kind.code.title.in_language(language)));
            let _ = write!(
                body,
                "<tr><td>{status}</td><td><a href=\"/problems#{id}\"><code>{id}</code></a></td>\
                 <td>{title}</td></tr>"
            );
        }
    }
    body.push_str("</table></details>");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_and_schema_is_there_and_every_link_leads_somewhere() {
        for language in [Language::Zh, Language::En] {
            let body = body(language);
            let parts = |mark: &str| -> Vec<String> {
                let after = body.split(mark).skip(1);
                after.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
            };
            let ids = parts(" id=\"");
            let known: BTreeSet<_> = ids.iter().cloned().collect();
            assert_eq!(ids.len(), known.len(), "an id twice");
            for target in parts("href=\"#") {
                assert!(known.contains(&target), "{target} leads nowhere");
            }
            for (_, told) in rows().iter().flatten() {
                assert!(known.contains(told.id), "{}", told.id);
            }
            let document: Value = serde_json::from_str(super::super::text()).unwrap();
            for name in document["components"]["schemas"].as_object().unwrap().keys() {
                assert!(known.contains(&format!("schema-{name}")), "{name}");
            }
        }
    }

    #[test]
    fn each_language_has_its_half() {
        let (zh, en) = (body(Language::Zh), body(Language::En));
        assert!(zh.contains("签名与证书的验证<") && !zh.contains("Verification of signatures and"));
        assert!(en.contains("Verification of signatures and certificates."));
        assert!(!en.contains("签名与证书的验证"));
        assert!(zh.contains("（GM/T 0029）<") && en.contains("The shape of GM/T 0029."));
        for (route, _) in rows().iter().flatten() {
            assert_ne!(callers(route.callers, Language::Zh), route.callers, "not in Chinese");
        }
        // Nothing that the content security policy would stop.
        for word in ["style=", "<script", "onclick", "<img"] {
            assert!(!zh.contains(word), "{word}");
        }
    }
}
