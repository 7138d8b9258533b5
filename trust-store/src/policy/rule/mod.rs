//! The rules by which a policy reads an identity: data, compiled once.
//!
//! A rule is tried so: do its conditions hold; what stands at its source; does
//! the decoder read it; do the steps apply; is the result of its kind. Whatever
//! says no ends that rule, and the explanation says which.

mod condition;
mod decoder;
mod source;
mod step;

pub(super) use condition::{Condition, Facts};
pub(super) use decoder::Decoder;
pub(super) use source::{Reading, Source, oid};
pub(super) use step::Step;

use super::file::{Item, Parsed, Section};
use super::identity::{Assurance, Capacity};
use super::kind::Kind;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// How many rules one field may have, and how many conditions or steps a rule:
/// ten times what the most irregular real authority needs.
const MAX_RULES: usize = 64;
const MAX_PARTS: usize = 16;

/// What one reading rule needs to know: where, and in which encoding.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) source: Source,
    /// How octets are read: the first that can decides. Only extensions carry
    /// octets; attributes and alternative names come as text.
    pub(super) decoders: Vec<Decoder>,
}

/// A rule that yields a text.
#[derive(Debug, Clone)]
pub(super) struct ValueRule {
    pub(super) name: String,
    pub(super) when: Vec<Condition>,
    pub(super) read: Read,
    pub(super) steps: Vec<Step>,
    /// What the text must be; names have none.
    pub(super) kind: Option<Kind>,
    pub(super) need: Need,
}

/// Whether an identity can do without a rule's yield.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Optional,
    Required,
}

/// A rule that classifies the certificate.
#[derive(Debug, Clone)]
pub(super) struct ClassRule<T> {
    pub(super) name: String,
    pub(super) when: Vec<Condition>,
    pub(super) class: T,
}

/// What the rules of one field yield.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Yields {
    /// An identifier of one of these kinds.
    Identifier(&'static [Kind]),
    Name,
}

/// The names of a file's rules: each may be given once.
#[derive(Default)]
pub(super) struct RuleNames(RefCell<BTreeSet<String>>);

impl RuleNames {
    fn read(&self, section: &Section<'_>) -> Parsed<String> {
        let item = section.required("rule", "a name for the rule, for reports")?;
        let name = item.nonempty()?;
        if !self.0.borrow_mut().insert(name.to_owned()) {
            let message = format!("duplicate rule name {name:?}");
            return Err(item.fail(&message, "another rule has this name"));
        }
        Ok(name.to_owned())
    }
}

/// The value rules under `key`, if any are given.
pub(super) fn value_rules(
    section: &Section<'_>,
    key: &'static str,
    yields: Yields,
    names: &RuleNames,
) -> Parsed<Vec<ValueRule>> {
    rules(section, key, |section| value_rule(section, yields, names))
}

/// The capacity rules.
pub(super) fn capacity_rules(
    section: &Section<'_>,
    names: &RuleNames,
) -> Parsed<Vec<ClassRule<Capacity>>> {
    rules(section, "capacity", |section| {
        class_rule(section, names, |section| {
            capacity(&section.required("capacity", "what the certificate's holder acts as")?)
        })
    })
}

/// The assurance rules.
pub(super) fn assurance_rules(
    section: &Section<'_>,
    names: &RuleNames,
) -> Parsed<Vec<ClassRule<Assurance>>> {
    rules(section, "assurance", |section| {
        class_rule(section, names, |section| {
            assurance(&section.required("level", "an assurance level")?)
        })
    })
}

/// A capacity by its name.
pub(super) fn capacity(item: &Item<'_>) -> Parsed<Capacity> {
    item.choice(&Capacity::ALL.map(|capacity| (capacity.as_str(), capacity)))
}

/// An assurance level by its name.
pub(super) fn assurance(item: &Item<'_>) -> Parsed<Assurance> {
    item.choice(&Assurance::ALL.map(|level| (level.as_str(), level)))
}

fn rules<T>(
    section: &Section<'_>,
    key: &'static str,
    read: impl Fn(&Section<'_>) -> Parsed<T>,
) -> Parsed<Vec<T>> {
    let Some(item) = section.optional(key) else { return Ok(Vec::new()) };
    item.list_of((1, MAX_RULES), |item| {
        let section = item.section()?;
        let rule = read(&section);
        section.finish();
        rule
    })
}

fn value_rule(section: &Section<'_>, yields: Yields, names: &RuleNames) -> Parsed<ValueRule> {
    let name = names.read(section);
    let when = conditions(section, condition::Stage::Values);
    let read = section
        .required("from", "where to read, such as { subject = \"CN\" }")
        .and_then(|item| Read::parse(section, &item));
    let steps = section
        .optional("steps")
        .map_or(Ok(Vec::new()), |item| item.list_of((0, MAX_PARTS), Step::parse));
    let kind = match yields {
        Yields::Identifier(kinds) => section
            .required("kind", "the kind of identifier")
            .and_then(|item| item.choice(&named(kinds)))
            .map(Some),
        Yields::Name => Ok(None),
    };
    let required = section.optional("required").map_or(Ok(false), |item| item.boolean());
    let need = if required? { Need::Required } else { Need::Optional };
    Ok(ValueRule { name: name?, when: when?, read: read?, steps: steps?, kind: kind?, need })
}

fn named(kinds: &'static [Kind]) -> Vec<(&'static str, Kind)> {
    kinds.iter().map(|kind| (kind.as_str(), *kind)).collect()
}

fn class_rule<T>(
    section: &Section<'_>,
    names: &RuleNames,
    class: impl Fn(&Section<'_>) -> Parsed<T>,
) -> Parsed<ClassRule<T>> {
    let name = names.read(section);
    let class = class(section);
    let when = conditions(section, condition::Stage::Classes);
    if when.as_ref().is_ok_and(Vec::is_empty) {
        return Err(section.fail(
            "a rule without a condition always holds",
            "expected `when`; what holds otherwise is `default-capacity` or `default-assurance`",
        ));
    }
    Ok(ClassRule { name: name?, when: when?, class: class? })
}

fn conditions(section: &Section<'_>, stage: condition::Stage) -> Parsed<Vec<Condition>> {
    let Some(item) = section.optional("when") else { return Ok(Vec::new()) };
    item.list_of((1, MAX_PARTS), |item| Condition::parse(item, stage))
}

impl Read {
    /// `from = { … }` with `decode` beside it in `section`.
    fn parse(section: &Section<'_>, from: &Item<'_>) -> Parsed<Self> {
        let table = from.section()?;
        let source = Source::parse(&table);
        table.finish();
        Self::with_decoders(section, source?)
    }

    fn with_decoders(section: &Section<'_>, source: Source) -> Parsed<Self> {
        if let Source::Extension(_) = source {
            let decode = section.required("decode", Decoder::EXPECTED)?;
            return Ok(Self { source, decoders: Decoder::parse_all(&decode)? });
        }
        match section.optional("decode") {
            None => Ok(Self { source, decoders: Vec::new() }),
            Some(item) => Err(item.fail(
                "`decode` cannot apply here",
                "only extensions carry bytes; this source is text already",
            )),
        }
    }
}
