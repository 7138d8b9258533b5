//! Any JSON value as an indented outline.

use serde_json::Value;

use super::{Style, safe};

/// The outline, each line indented by `depth` steps and ended by a newline.
pub(crate) fn outline(value: &Value, depth: usize, style: Style) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            let shown = fields.iter().filter(|(_, value)| !value.is_null());
            shown.map(|(key, value)| field(key, value, depth, style)).collect()
        }
        Value::Array(items) => items.iter().map(|item| entry(item, depth, style)).collect(),
        scalar => format!("{indent}{}\n", plain(scalar)),
    }
}

fn field(key: &str, value: &Value, depth: usize, style: Style) -> String {
    let indent = "  ".repeat(depth);
    let label = style.dim(&format!("{}:", key.replace('_', " ")));
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            format!("{indent}{label}\n{}", outline(value, depth + 1, style))
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            format!("{indent}{label}\n{}", outline(value, depth + 1, style))
        }
        _ => format!("{indent}{label} {}\n", plain(value)),
    }
}

/// An item of a list: its first line marked, the others below it.
fn entry(item: &Value, depth: usize, style: Style) -> String {
    let text = outline(item, depth + 1, style);
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
        });
        let expected = "policy: ca-a\nrules:\n  - read: 91X\n    source: subject\n  - source: ext\n\
                        tags: a, b\n";
        assert_eq!(outline(&value, 0, Style::new(Paint::Plain)), expected);
    }
}
