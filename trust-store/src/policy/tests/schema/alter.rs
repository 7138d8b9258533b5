//! Files altered in one place.

use std::fmt;

use toml::{Table, Value};

/// A key and a text that nobody knows.
const NONSENSE: &str = "zzz";

/// One alteration and the file with it.
pub(super) struct Alteration {
    pub(super) file: Table,
    /// Where, without the places in lists: `identity.entity.id.from`.
    pub(super) place: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The table there gets a key that nobody knows.
    Added,
    /// The key there is gone.
    Removed,
    /// The text there is one that nobody knows.
    Nonsense,
    /// The value there has another type.
    Number,
    Text,
    Flag,
    Nothing,
    Tables,
}

impl Alteration {
    pub(super) fn adds_a_key(&self) -> bool {
        self.kind == Kind::Added
    }

    pub(super) fn writes_nonsense(&self) -> bool {
        self.kind == Kind::Nonsense
    }

    /// What the reader says that it would have known in this very place.
    pub(super) fn told(&self, message: &str, expected: &str) -> Option<Vec<String>> {
        let starts: &[&str] = match self.kind {
            Kind::Added => &["unknown key `zzz`", "unknown section `zzz`"],
            _ => &[
                "unknown value \"zzz\"",
                "unknown attribute \"zzz\"",
                "unknown key purpose \"zzz\"",
            ],
        };
        if !starts.iter().any(|start| message.starts_with(start)) {
            return None;
        }
        let (before, listed) = expected.split_once("one of ")?;
        let words = listed.split(", ").map(|word| word.trim_matches(['`', '"']).to_owned());
        let quoted = before.split('"').skip(1).step_by(2).map(str::to_owned);
        Some(words.chain(quoted).collect())
    }
}

impl fmt::Display for Alteration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}", self.kind, self.place)
    }
}

/// A way through a file: keys, and places in lists.
#[derive(Clone)]
enum Turn {
    Key(String),
    Index(usize),
}

/// Every alteration of a file.
pub(super) fn alterations(file: &Table) -> impl Iterator<Item = Alteration> {
    let mut ways = vec![Vec::new()];
    walk(&Value::Table(file.clone()), &mut Vec::new(), &mut ways);
    let file = file.clone();
    ways.into_iter().flat_map(move |way| at(&file, &way))
}

fn walk(value: &Value, way: &mut Vec<Turn>, ways: &mut Vec<Vec<Turn>>) {
    let mut enter = |turn: Turn, value: &Value| {
        way.push(turn);
        ways.push(way.clone());
        walk(value, way, ways);
        way.pop();
    };
    match value {
        Value::Table(table) => {
            table.iter().for_each(|(key, value)| enter(Turn::Key(key.clone()), value));
        }
        Value::Array(array) => {
            array.iter().enumerate().for_each(|(index, value)| enter(Turn::Index(index), value));
        }
        _ => {}
    }
}

/// The alterations of what lies at the end of a way.
fn at(file: &Table, way: &[Turn]) -> Vec<Alteration> {
    let keys = way.iter().filter_map(|turn| match turn {
        Turn::Key(key) => Some(key.as_str()),
        Turn::Index(_) => None,
    });
    let place = keys.collect::<Vec<_>>().join(".");
    let altered = |kind, change: &dyn Fn(&mut Value)| {
        let mut root = Value::Table(file.clone());
        change(way.iter().fold(&mut root, step));
        let Value::Table(file) = root else { panic!("the root stays a table") };
        Alteration { file, place: place.clone(), kind }
    };
    let mut all = Vec::new();
    let mut root = Value::Table(file.clone());
    let here = way.iter().fold(&mut root, step).clone();
    if here.is_table() {
        all.push(altered(Kind::Added, &|value| {
            value.as_table_mut().unwrap().insert(NONSENSE.to_owned(), Value::Boolean(true));
        }));
    }
    if way.is_empty() {
        return all;
    }
    if here.is_str() {
        all.push(altered(Kind::Nonsense, &|value| *value = Value::String(NONSENSE.to_owned())));
    }
    for (kind, other) in [
        (Kind::Number, Value::Integer(7)),
        (Kind::Text, Value::String(String::new())),
        (Kind::Flag, Value::Boolean(true)),
        (Kind::Nothing, Value::Array(Vec::new())),
        (Kind::Tables, Value::Array(vec![Value::Table(Table::new())])),
    ] {
        all.push(altered(kind, &|value| *value = other.clone()));
    }
    if let Some((Turn::Key(key), above)) = way.split_last() {
        let mut root = Value::Table(file.clone());
        above.iter().fold(&mut root, step).as_table_mut().unwrap().remove(key);
        let Value::Table(file) = root else { panic!("the root stays a table") };
        all.push(Alteration { file, place, kind: Kind::Removed });
    }
    all
}

fn step<'v>(value: &'v mut Value, turn: &Turn) -> &'v mut Value {
    match turn {
        Turn::Key(key) => &mut value[key.as_str()],
        Turn::Index(index) => &mut value[*index],
    }
}

/// A file as a schema sees it: moments are texts.
pub(super) fn json(file: &Table) -> serde_json::Value {
    let field = |(key, value): (&String, &Value)| (key.clone(), json_value(value));
    serde_json::Value::Object(file.iter().map(field).collect())
}

fn json_value(value: &Value) -> serde_json::Value {
    match value {
        Value::String(text) => text.as_str().into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::Datetime(moment) => moment.to_string().into(),
        Value::Array(array) => array.iter().map(json_value).collect(),
        Value::Table(table) => json(table),
    }
}
