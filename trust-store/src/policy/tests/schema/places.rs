//! What a schema says, place by place.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The keys and choices of a schema by [`grammar`], its descriptions by place. Places
/// are named as in [`super::alter`].
#[derive(Default)]
pub(super) struct Places {
    pub(super) keys: BTreeMap<String, BTreeSet<String>>,
    pub(super) choices: BTreeMap<String, BTreeSet<String>>,
    pub(super) descriptions: BTreeMap<String, String>,
}

/// A place by the part of the language that it belongs to: sources, conditions and the
/// like are the same wherever they stand, and no corpus has each everywhere.
pub(super) fn grammar(place: &str) -> String {
    let parts: Vec<&str> = place.split('.').collect();
    let shared = |part: &&str| ["when", "from", "decode", "steps"].contains(part);
    if let Some(from) = parts.iter().rposition(shared) {
        return parts[from..].join(".");
    }
    match parts.as_slice() {
        ["acceptance", "keys", "type"] => "acceptance.keys".to_owned(),
        ["acceptance", "signatures", "algorithm"] => "acceptance.signatures".to_owned(),
        ["acceptance", role, rest @ ..] if ROLES.contains(role) => {
            [&["acceptance", "ROLE"], rest].concat().join(".")
        }
        _ => place.to_owned(),
    }
}

const ROLES: [&str; 5] =
    ["sign-in", "document-signing", "timestamps", "operators", "relying-parties"];

/// Keywords that hold further schemas of the same value, or of its elements.
const SAME: [&str; 6] = ["anyOf", "oneOf", "allOf", "then", "else", "items"];

impl Places {
    pub(super) fn of(schema: &Value) -> Self {
        let mut places = Self::default();
        places.read(schema, schema, "");
        places
    }

    fn read(&mut self, root: &Value, schema: &Value, place: &str) {
        if let Some(target) = schema["$ref"].as_str() {
            let target = root.pointer(target.trim_start_matches('#'));
            self.read(root, target.expect("a definition"), place);
        }
        if let Some(description) = schema["description"].as_str() {
            let known = self.descriptions.entry(place.to_owned()).or_default();
            if known.is_empty() {
                description.clone_into(known);
            }
        }
        let choices = schema["enum"].as_array().into_iter().flatten();
        let choices = choices.chain(schema.get("const")).filter_map(Value::as_str);
        for choice in choices {
            self.choices.entry(grammar(place)).or_default().insert(choice.to_owned());
        }
        for (key, below) in schema["properties"].as_object().into_iter().flatten() {
            self.keys.entry(grammar(place)).or_default().insert(key.clone());
            let inner = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
            self.descriptions.entry(inner.clone()).or_default();
            // Whoever refers to a definition and describes it says what it is here.
            self.read_described(root, below, &inner);
        }
        for keyword in SAME {
            match &schema[keyword] {
                Value::Array(several) => several.iter().for_each(|one| self.read(root, one, place)),
                Value::Object(_) => self.read(root, &schema[keyword], place),
                _ => {}
            }
        }
    }

    fn read_described(&mut self, root: &Value, schema: &Value, place: &str) {
        if let Some(description) = schema["description"].as_str() {
            self.descriptions.insert(place.to_owned(), description.to_owned());
        }
        self.read(root, schema, place);
    }
}
