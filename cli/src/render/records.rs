//! Journal records, one line each.

use serde_json::{Map, Value};
use tongxing_pki::Timestamp;
use tongxing_trust_store::RecordView;

use super::{Style, Table, tree};

/// How much of a record's contents a line shows.
const DETAIL_MAX: usize = 90;

/// A longer word is a hash; its beginning tells it apart.
const WORD_MAX: usize = 40;
const SHORT_WORD: usize = 12;

/// A table of records.
pub(super) fn records(records: &[RecordView], style: Style) -> String {
    let mut table = Table::new(&["NO", "TIME (UTC)", "BY", "CHANGE", "OF"]);
    for record in records {
        let (kind, detail) = change(&record.entry["change"]);
        table.row(&[
            record.sequence.to_string(),
            Timestamp::from_unix(record.time.div_euclid(1000)).to_string(),
            actor(&record.entry["by"]),
            kind,
            detail,
        ]);
    }
    table.render(style, "No records.")
}

/// `gateway`, `root`, or a subject's id.
fn actor(by: &Value) -> String {
    match by {
        Value::String(plain) => plain.clone(),
        Value::Object(_) => {
            let operator = &by["operator"];
            match (&operator["name"], &operator["uid"], &by["subject"]) {
                (Value::String(name), ..) => name.clone(),
                (_, Value::Number(uid), _) => format!("uid {uid}"),
                (_, _, Value::String(subject)) => subject.clone(),
                _ => by.to_string(),
            }
        }
        other => other.to_string(),
    }
}

/// The change's stored name, and its short fields.
fn change(change: &Value) -> (String, String) {
    match change {
        Value::Object(tagged) => match tagged.iter().next() {
            Some((kind, Value::Object(fields))) => (kind.clone(), detail(fields)),
            Some((kind, other)) => (kind.clone(), tree::plain(other)),
            None => (String::new(), String::new()),
        },
        other => (tree::plain(other), String::new()),
    }
}

fn detail(fields: &Map<String, Value>) -> String {
    let shown = fields.iter().filter(|(_, value)| is_short(value));
    let text = shown.map(|(key, value)| format!("{key}={}", word(value)));
    let text = text.collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(DETAIL_MAX) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// A scalar, or a list of them.
fn is_short(value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        Value::Null | Value::Object(_) => false,
    }
}

fn word(value: &Value) -> String {
    let text = tree::plain(value);
    match text.get(..SHORT_WORD) {
        Some(short) if text.len() > WORD_MAX && !text.contains(' ') => format!("{short}…"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_and_actors_are_named() {
        let stored = json!({ "status_set.v1": { "authority": "ca-a", "status": "active" } });
        let expected = ("status_set.v1".to_owned(), "authority=ca-a status=active".to_owned());
        assert_eq!(change(&stored), expected);
        assert_eq!(actor(&json!("gateway")), "gateway");
        assert_eq!(actor(&json!({ "operator": { "uid": 7, "name": "li" } })), "li");
        assert_eq!(actor(&json!({ "operator": { "uid": 7, "name": null } })), "uid 7");
        assert_eq!(actor(&json!({ "subject": "abc" })), "abc");
    }
}
