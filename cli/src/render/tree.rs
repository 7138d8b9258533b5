//! Any JSON value as an indented outline.

use serde_json::Value;

use super::{Style, safe};

/// What a field is called, and its place among others; fields of one place stand in the
/// order of their names.
pub(crate) type Label = fn(&str) -> (usize, &str);

/// The outline, each line indented by `depth` steps and ended by a newline. What is null or
/// an empty list is left out, unless nothing else would be said.
pub(crate) fn outline(value: &Value, depth: usize, label: Label, style: Style) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            let mut shown: Vec<(&String, &Value)> =
                fields.iter().filter(|(_, value)| says_something(value)).collect();
            shown.sort_by_key(|(key, _)| label(key).0);
            let lines = shown.iter().map(|(key, value)| field(key, value, depth, label, style));
            lines.collect()
        }
        Value::Array(items) => items.iter().map(|item| entry(item, depth, label, style)).collect(),
        scalar => format!("{indent}{}\n", plain(scalar)),
    }
}

fn says_something(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty())
}

fn field(key: &str, value: &Value, depth: usize, label: Label, style: Style) -> String {
    let indent = "  ".repeat(depth);
    let name = style.dim(&format!("{}:", label(key).1.replace('_', " ")));
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            format!("{indent}{name}\n{}", outline(value, depth + 1, label, style))
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            format!("{indent}{name}\n{}", outline(value, depth + 1, label, style))
        }
        _ => format!("{indent}{name} {}\n", plain(value)),
    }
}

/// An item of a list: its first line marked, the others below it.
fn entry(item: &Value, depth: usize, label: Label, style: Style) -> String {
    let text = outline(item, depth + 1, label, style);
    let marker = format!("{}- ", "  ".repeat(depth));
    format!("{marker}{}", text.get(marker.len()..).unwrap_or_default())
}

/// A scalar, or a list of scalars, on one line.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => safe(text),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::style::Paint;
    use super::*;

    #[test]
    fn an_outline_reads_like_one() {
        let value = json!({
            "policy": "ca-a",
            "rules": [{ "read": "91X", "source": "subject" }, { "read": null, "source": "ext" }],
            "tags": ["a", "b"],
            "more": [],
        });
        let expected = "tags: a, b\nPOLICY: ca-a\nrules:\n  - read: 91X\n    source: subject\n  \
                        - source: ext\n";
        let label: Label = |key| match key {
            "tags" => (0, key),
            "policy" => (1, "POLICY"),
            _ => (2, key),
        };
        assert_eq!(outline(&value, 0, label, Style::new(Paint::Plain)), expected);
    }
}
