//! Schemas as tables: each member with its type and what is said of it.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use tongxing_pki::Language;

use super::super::super::page::Html;

/// How deep members within members are shown in one table.
const DEPTH: usize = 4;

/// Every schema, by its name.
pub(super) fn all(body: &mut String, schemas: &Value, language: Language) {
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        let _ =
            write!(body, "<h3 id=\"schema-{name}\"><code>{name}</code></h3>", name = Html(name));
        if let Some(text) = schema["description"].as_str() {
            let _ = write!(body, "<p>{}</p>", Html(text));
        }
        let mut rows = Vec::new();
        members(schema, "", DEPTH, &mut rows);
        if rows.is_empty() {
            let _ = write!(body, "<p>{}</p>", kind(schema));
            continue;
        }
        body.push_str("<table>");
        for row in &rows {
            let optional = if row.required { "" } else { language.pick("可省略", "optional") };
            let _ = write!(
                body,
                "<tr><td><code>{}</code> <small>{optional}</small></td><td>{}</td><td>{}</td></tr>",
                Html(&row.name),
                row.kind,
                Html(row.text)
            );
        }
        body.push_str("</table>");
    }
}

/// A name that leads to its schema.
pub(super) fn link(name: &str) -> String {
    format!("<a href=\"#schema-{name}\"><code>{name}</code></a>", name = Html(name))
}

/// A member of an object, or of one within.
struct Row<'s> {
    name: String,
    required: bool,
    /// HTML.
    kind: String,
    text: &'s str,
}

/// The members of a schema, those of its alternatives and of what it is composed of.
fn members<'s>(schema: &'s Value, above: &str, depth: usize, rows: &mut Vec<Row<'s>>) {
    for part in ["allOf", "oneOf", "anyOf"] {
        for one in schema[part].as_array().into_iter().flatten() {
            match (one["$ref"].as_str(), part) {
                (Some(_), "allOf") => rows.push(Row {
                    name: format!("{above}…"),
                    required: true,
                    kind: kind(one),
                    text: one["description"].as_str().unwrap_or_default(),
                }),
                _ => members(one, above, depth, rows),
            }
        }
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().map(Map::iter);
    for (name, member) in properties.into_iter().flatten() {
        let name_here = format!("{above}{name}");
        if rows.iter().any(|row| row.name == name_here) {
            continue;
        }
        rows.push(Row {
            required: required.contains(&name.as_str()),
            kind: kind(member),
            text: member["description"].as_str().unwrap_or_default(),
            name: name_here.clone(),
        });
        if depth > 0 {
            let (inner, mark) = match member.get("items") {
                Some(items) => (items, "[]."),
                None => (member, "."),
            };
            members(inner, &format!("{name_here}{mark}"), depth - 1, rows);
        }
    }
}

/// What may stand there, in HTML.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return link(reference.rsplit('/').next().unwrap_or_default());
    }
    if let Some(values) = schema["enum"].as_array() {
        let values =
            values.iter().map(|value| format!("<code>{}</code>", Html(&value.to_string())));
        return values.collect::<Vec<_>>().join(" | ");
    }
    for part in ["oneOf", "anyOf", "allOf"] {
        if let Some(all) = schema[part].as_array() {
            let mut kinds: Vec<String> =
                all.iter().map(kind).filter(|kind| kind != "null" && !kind.is_empty()).collect();
            kinds.dedup();
            return kinds.join(" | ");
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let types: Vec<&str> = types.into_iter().filter(|one| *one != "null").collect();
    match types.as_slice() {
        ["array"] => format!("{}[]", kind(&schema["items"])),
        [] => String::new(),
        _ => match schema["format"].as_str() {
            Some(format) => format!("{} ({})", types.join(" | "), Html(format)),
            None => types.join(" | "),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_within_are_shown_and_references_are_links() {
        let schema = json!({
            "allOf": [
                { "$ref": "#/components/schemas/Other" },
                { "required": ["a"], "properties": {
                    "a": { "type": ["string", "null"], "description": "<what>" },
                    "b": { "type": "array", "items": { "properties": { "c": { "type": "integer" } } } },
                } },
            ],
        });
        let mut body = String::new();
        all(&mut body, &json!({ "One": schema }), Language::En);
        assert!(body.contains("href=\"#schema-Other\""), "{body}");
        assert!(
            body.contains("<code>a</code> <small></small></td><td>string</td><td>&lt;what&gt;")
        );
        assert!(body.contains("<code>b[].c</code> <small>optional</small></td><td>integer"));
    }
}
