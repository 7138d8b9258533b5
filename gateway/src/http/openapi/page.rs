//! `GET /docs`: the same document for people, without a script.

use std::fmt::Write as _;

use axum::response::Response;

use super::super::page::{self, Html};
use super::super::routes::Call;
use super::operations::Answer;
use super::{operations, rows};

/// Every operation, under its tag.
pub(in crate::http) fn docs(call: &Call) -> Response {
    let language = call.visit.language;
    let mut body = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        body,
        "<p>{} <a href=\"/openapi.json\">openapi.json</a></p>",
        language.pick("供程序读取：", "For programs:")
    );
    let rows = rows();
    for (tag, text) in operations::TAGS {
        let _ = write!(body, "<h2>{}</h2><p>{}</p><table>", Html(tag), Html(text));
        for row in rows.iter().filter(|row| row.iter().any(|(_, told)| told.tag == tag)) {
            for (route, told) in row {
                let name = language.pick(told.zh, told.en);
                let listeners: Vec<&str> = route.on.iter().map(|on| on.as_str()).collect();
                let answer = match &told.answer {
                    Answer::Json(model) => model.name.as_str(),
                    Answer::Text(media_type) => media_type,
                };
                let _ = write!(
                    body,
                    "<tr><th>{}</th><td><code>{} {}</code><br>{}; {}<br><code>{}</code></td></tr>",
                    Html(name),
                    route.method,
                    Html(route.path),
                    Html(&listeners.join(", ")),
                    Html(route.callers),
                    Html(answer)
                );
            }
        }
        body.push_str("</table>");
    }
    page::page(language, language.pick("接口说明", "The API"), &body)
}
