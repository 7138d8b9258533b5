//! Tables and values of a policy file, asked for what they should hold.

use std::cell::RefCell;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{Mistakes, Parsed, Reported, suggest};

/// A table whose keys are asked for one by one.
pub(in super::super) struct Section<'f> {
    mistakes: &'f Mistakes,
    /// As an operator would write it: `identity.entity.id`; empty at the top.
    path: String,
    span: Range<usize>,
    table: &'f DeTable<'f>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'f> Section<'f> {
    pub(super) fn root(table: &'f DeTable<'f>, mistakes: &'f Mistakes) -> Self {
        Self { mistakes, path: String::new(), span: 0..0, table, asked: RefCell::default() }
    }

    /// The value of a key that may be left out.
    pub(in super::super) fn optional(&self, key: &'static str) -> Option<Item<'f>> {
        self.asked.borrow_mut().push(key);
        let value = self.table.get(key)?;
        Some(Item {
            mistakes: self.mistakes,
            path: self.path_of(key),
            span: value.span(),
            value: value.get_ref(),
        })
    }

    /// The value of a key that must be there; `what` says what belongs in it.
    pub(in super::super) fn required(&self, key: &'static str, what: &str) -> Parsed<Item<'f>> {
        self.optional(key).ok_or_else(|| {
            self.fail(&format!("missing {}", self.describe(key)), &format!("expected {what}"))
        })
    }

    /// A sub-table that must be there.
    pub(in super::super) fn section(&self, key: &'static str) -> Parsed<Section<'f>> {
        self.required(key, "a table")?.section()
    }

    /// Which of `keys` are present.
    pub(in super::super) fn present(&self, keys: &[&'static str]) -> Vec<&'static str> {
        self.asked.borrow_mut().extend(keys);
        keys.iter().copied().filter(|key| self.table.contains_key(*key)).collect()
    }

    /// Exactly one of `keys`, with its value.
    pub(in super::super) fn one_of(
        &self,
        keys: &[&'static str],
    ) -> Parsed<(&'static str, Item<'f>)> {
        match self.present(keys).as_slice() {
            [key] => Ok((key, self.required(key, "a value")?)),
            [] => Err(self.fail("one key is missing", &format!("expected one of {}", list(keys)))),
            [_, second, ..] => {
                let expected = format!("expected only one of {}", list(keys));
                let item = self.required(second, "a value")?;
                Err(item.fail(&format!("`{second}` is one too many"), &expected))
            }
        }
    }

    /// Reports a mistake of the table as a whole.
    pub(in super::super) fn fail(&self, message: &str, label: &str) -> Reported {
        self.mistakes.add(self.span.clone(), message.to_owned(), label.to_owned(), None)
    }

    /// Reports every key that nobody asked for.
    pub(in super::super) fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if asked.contains(&name) {
                continue;
            }
            let mut known = asked.clone();
            known.dedup();
            let help = suggest::nearest(name, &known);
            let message = format!("unknown {}", self.describe(name));
            let label = format!("expected one of {}", list(&known));
            self.mistakes.add(key.span(), message, label, help);
        }
    }

    fn describe(&self, key: &str) -> String {
        if self.path.is_empty() {
            return format!("section `{key}`");
        }
        format!("key `{key}` in `{}`", self.path)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

/// One value with its place in the file.
#[derive(Clone)]
pub(in super::super) struct Item<'f> {
    mistakes: &'f Mistakes,
    path: String,
    span: Range<usize>,
    value: &'f DeValue<'f>,
}

impl<'f> Item<'f> {
    /// Reports what is wrong with the value.
    pub(in super::super) fn fail(&self, message: &str, label: &str) -> Reported {
        self.fail_with_help(message, label, None)
    }

    fn fail_with_help(&self, message: &str, label: &str, help: Option<String>) -> Reported {
        self.mistakes.add(self.span.clone(), message.to_owned(), label.to_owned(), help)
    }

    pub(in super::super) fn text(&self) -> Parsed<&'f str> {
        match self.value {
            DeValue::String(text) => Ok(text.as_ref()),
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// A string that says something.
    pub(in super::super) fn nonempty(&self) -> Parsed<&'f str> {
        let text = self.text()?;
        if text.is_empty() {
            return Err(self.fail(&format!("`{}` is empty", self.path), "expected some text"));
        }
        Ok(text)
    }

    pub(in super::super) fn boolean(&self) -> Parsed<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong_type("true or false"))
    }

    /// A whole number within bounds, both included.
    pub(in super::super) fn integer(&self, least: i64, most: i64) -> Parsed<i64> {
        let DeValue::Integer(number) = self.value else {
            return Err(self.wrong_type("a whole number"));
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        let within = number.filter(|number| (least..=most).contains(number));
        within
            .ok_or_else(|| self.fail("number out of range", &format!("expected {least} to {most}")))
    }

    /// A TOML date-time, as text for a stricter reader.
    pub(in super::super) fn moment(&self) -> Parsed<String> {
        match self.value {
            DeValue::Datetime(moment) => Ok(moment.to_string()),
            _ => Err(self.wrong_type("a date and time such as 2026-12-31T23:59:59+08:00")),
        }
    }

    /// A length of time such as `"90s"`, `"36h"` or `"7d"`, in seconds.
    pub(in super::super) fn duration(&self, least: i64, most: i64) -> Parsed<i64> {
        let text = self.text()?;
        let Some(seconds) = seconds(text) else {
            let label = "expected a whole number and one of s, m, h, d, y, such as \"36h\"";
            return Err(self.fail(&format!("{text:?} is no length of time"), label));
        };
        if !(least..=most).contains(&seconds) {
            let label = format!("expected {least} to {most} seconds");
            return Err(self.fail(&format!("`{}` is out of range", self.path), &label));
        }
        Ok(seconds)
    }

    pub(in super::super) fn section(&self) -> Parsed<Section<'f>> {
        let DeValue::Table(table) = self.value else { return Err(self.wrong_type("a table")) };
        Ok(Section {
            mistakes: self.mistakes,
            path: self.path.clone(),
            span: self.span.clone(),
            table,
            asked: RefCell::default(),
        })
    }

    /// The elements of a list of at least `least` and at most `most`.
    fn list(&self, least: usize, most: usize) -> Parsed<Vec<Item<'f>>> {
        let DeValue::Array(array) = self.value else { return Err(self.wrong_type("a list")) };
        if !(least..=most).contains(&array.len()) {
            let message = format!("`{}` has {} elements", self.path, array.len());
            return Err(self.fail(&message, &format!("expected {least} to {most}")));
        }
        let element = |value: &'f toml::Spanned<DeValue<'f>>| Item {
            mistakes: self.mistakes,
            path: self.path.clone(),
            span: value.span(),
            value: value.get_ref(),
        };
        Ok(array.iter().map(element).collect())
    }

    /// A list whose every element `read` understands.
    pub(in super::super) fn list_of<T>(
        &self,
        (least, most): (usize, usize),
        read: impl Fn(&Item<'f>) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let elements = self.list(least, most)?;
        // Every element is read before any failure counts: all mistakes show.
        let read: Vec<Parsed<T>> = elements.iter().map(read).collect();
        read.into_iter().collect()
    }

    /// One of the named choices.
    pub(in super::super) fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Parsed<T> {
        let text = self.text()?;
        let chosen = choices.iter().find(|(name, _)| *name == text);
        chosen.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let message = format!("unknown value {text:?} for `{}`", self.path);
            let label = format!("expected one of {}", quoted(&names));
            self.fail_with_help(&message, &label, suggest::nearest(text, &names))
        })
    }

    pub(in super::super) fn is_text(&self) -> bool {
        self.value.is_str()
    }

    pub(in super::super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    fn wrong_type(&self, expected: &str) -> Reported {
        let seen = match self.value {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a decimal number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let message = format!("wrong type for `{}`", self.path);
        self.fail(&message, &format!("expected {expected}, found {seen}"))
    }
}

fn seconds(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let plain = number.bytes().all(|digit| digit.is_ascii_digit());
    let number: i64 = number.parse().ok().filter(|_| plain)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        // What is to be kept for a year is kept for a leap year.
        "y" => 366 * 86_400,
        _ => return None,
    };
    number.checked_mul(unit)
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    names.join(", ")
}
