//! What comes out: text for people, or one JSON document.
//!
//! Text from certificates is shown with its control characters made visible: a
//! certificate does not get to move the operator's cursor.

mod codes;
mod doctor;
mod documents;
mod evidence;
mod explanation;
mod findings;
mod flow;
mod judgement;
mod receipts;
mod records;
mod segments;
mod standby;
mod stated;
mod statistics;
mod style;
mod table;
mod tree;
mod views;
mod words;

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};
use tongxing_trust_store::Reply;

use crate::outcome::Failure;
pub(crate) use codes::{codes_explained, codes_listed, codes_page};
pub(crate) use doctor::checks;
pub(crate) use documents::stored_judgement;
pub(crate) use explanation::explained;
pub(crate) use judgement::{document_judgement, judgement};
pub(crate) use receipts::receipt;
pub(crate) use style::Style;
pub(crate) use table::{Table, width};
pub(crate) use tree::outline;

/// Where answers go.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    style: Style,
}

impl Output {
    /// Text in colours if standard output is a terminal that wants them, or JSON.
    pub(crate) fn new(json: bool) -> Self {
        Self { json, style: Style::of_stdout() }
    }

    /// How text is painted.
    pub(crate) fn style(&self) -> Style {
        self.style
    }

    /// Shows a province's answer.
    pub(crate) fn reply(&self, reply: &Reply) {
        if self.json {
            document(&untagged(reply));
        } else {
            print(&views::reply(reply, self.style));
        }
    }

    /// Shows a value as JSON, or the text made for people.
    pub(crate) fn value(&self, value: &impl Serialize, text: impl FnOnce(Style) -> String) {
        if self.json {
            document(value);
        } else {
            print(&text(self.style));
        }
    }

    #[expect(clippy::unused_self, reason = "every answer goes through here")]
    /// Shows a text that has its own form, such as a document to be kept.
    pub(crate) fn text(&self, text: &str) {
        print(text);
    }

    /// Shows a line for people; nothing when JSON was asked for.
    pub(crate) fn note(&self, line: &str) {
        if !self.json {
            print(&format!("{line}\n"));
        }
    }

    /// Says on standard error what went wrong.
    pub(crate) fn failure(&self, failure: &Failure) {
        let mut stderr = io::stderr().lock();
        // Nobody is left to be told when standard error is gone.
        let _ = if self.json {
            let error = json!({
                "kind": failure.kind(),
                "message": failure.message(),
                "help": failure.advice(),
            });
            writeln!(stderr, "{}", json!({ "error": error }))
        } else {
            let style = Style::of_stderr();
            let advice = failure.advice().map(|help| format!("\n{} {help}", style.dim("help:")));
            let message = failure.message().trim_end();
            writeln!(stderr, "{} {message}{}", style.bad("error:"), advice.unwrap_or_default())
        };
    }
}

fn document(value: &impl Serialize) {
    // Our own types serialise: maps have string keys and nothing fails midway.
    let text = serde_json::to_string_pretty(value).unwrap_or_else(|error| error.to_string());
    print(&format!("{text}\n"));
}

/// Writes to standard output. A reader that went away (`tongxing … | head`) ends
/// nothing: what was asked has been done, and the exit code says so.
fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// A reply without the tag that tells the kinds of replies apart: whoever asked
/// knows what was asked.
fn untagged(reply: &Reply) -> Value {
    match serde_json::to_value(reply) {
        Ok(Value::Object(tagged)) if tagged.len() == 1 => {
            tagged.into_iter().next().map_or(Value::Null, |(_, value)| value)
        }
        Ok(value) => value,
        Err(error) => Value::String(error.to_string()),
    }
}

/// Text from outside with its control characters made visible.
pub(crate) fn safe(text: &str) -> String {
    let visible = |c: char| {
        let hidden =
            c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if hidden { '\u{fffd}' } else { c }
    };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_does_not_move_the_cursor() {
        assert_eq!(safe("a\u{1b}[2Jb\u{202e}c甲"), "a\u{fffd}[2Jb\u{fffd}c甲");
    }

    #[test]
    fn replies_lose_their_tag() {
        let reply = Reply::Done { sequence: 7, cancelled: Vec::new() };
        assert_eq!(untagged(&reply), json!({ "sequence": 7 }));
        assert_eq!(untagged(&Reply::Authorities(Vec::new())), json!([]));
    }
}
