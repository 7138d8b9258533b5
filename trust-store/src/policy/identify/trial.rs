//! Trying rules: what each read, each step it took, what came out.

use super::super::identity::ClaimText;
use super::super::kind::{Kind, UsccRules, Validity};
use super::super::rule::{ClassRule, Condition, Facts, Reading, ValueRule};
use super::Either;

/// A value rule that was tried.
pub(super) struct Trial<'r> {
    pub(super) rule: &'r ValueRule,
    /// The first condition that does not hold.
    pub(super) unmet: Option<&'r Condition>,
    pub(super) attempts: Vec<Attempt<'r>>,
}

/// One text at a rule's source.
pub(super) struct Attempt<'r> {
    pub(super) reading: Reading<'r>,
    /// The text after each step that applied.
    pub(super) steps: Vec<String>,
    pub(super) result: AttemptResult,
}

/// How far a text came.
pub(super) enum AttemptResult {
    /// The decoder does not read it.
    Unreadable(&'static str),
    /// The step after the last one that applied does not.
    StepFailed(&'static str),
    /// It is what its kind's validator says.
    Judged { text: ClaimText, validity: Validity },
    /// It is no name.
    NoName(&'static str),
}

/// A value that a rule yields.
#[derive(Clone)]
pub(super) struct Value<'r> {
    pub(super) rule: &'r str,
    pub(super) kind: Option<Kind>,
    pub(super) text: ClaimText,
}

/// A classifying rule that was tried.
pub(super) struct ClassTrial<'r, T> {
    pub(super) rule: &'r ClassRule<T>,
    pub(super) unmet: Option<&'r Condition>,
}

/// The longest name: RFC 5280 appendix A, ub-organization-name, four times.
const MAX_NAME: usize = 256;

impl<'r> Trial<'r> {
    pub(super) fn all(
        rules: &'r [ValueRule],
        facts: Facts<'r>,
        uscc: &UsccRules,
        privacy: Either,
    ) -> Vec<Self> {
        rules.iter().map(|rule| Self::new(rule, facts, uscc, privacy)).collect()
    }

    fn new(rule: &'r ValueRule, facts: Facts<'r>, uscc: &UsccRules, privacy: Either) -> Self {
        let unmet = rule.when.iter().find(|condition| !condition.holds(facts));
        if unmet.is_some() {
            return Self { rule, unmet, attempts: Vec::new() };
        }
        let readings = rule.read.readings(facts.certificate).into_iter();
        let attempts = readings.map(|reading| attempt(rule, reading, uscc, privacy)).collect();
        Self { rule, unmet, attempts }
    }

    /// What the rule yields.
    pub(super) fn values(&self) -> impl Iterator<Item = Value<'r>> {
        self.attempts.iter().filter_map(|attempt| match &attempt.result {
            AttemptResult::Judged { validity: Validity::Invalid(_), .. } => None,
            AttemptResult::Judged { text, .. } => {
                Some(Value { rule: &self.rule.name, kind: self.rule.kind, text: text.clone() })
            }
            _ => None,
        })
    }
}

fn attempt<'r>(
    rule: &ValueRule,
    reading: Reading<'r>,
    uscc: &UsccRules,
    privacy: Either,
) -> Attempt<'r> {
    let mut steps: Vec<String> = Vec::new();
    let text = match &reading.text {
        Ok(text) => text.as_ref(),
        Err(fault) => {
            let result = AttemptResult::Unreadable(fault);
            return Attempt { reading, steps, result };
        }
    };
    for step in &rule.steps {
        match step.apply(steps.last().map_or(text, String::as_str)) {
            Ok(result) => steps.push(result),
            Err(fault) => {
                let result = AttemptResult::StepFailed(fault);
                return Attempt { reading, steps, result };
            }
        }
    }
    let result = judge(rule, steps.last().map_or(text, String::as_str), uscc, privacy);
    Attempt { reading, steps, result }
}

fn judge(rule: &ValueRule, text: &str, uscc: &UsccRules, privacy: Either) -> AttemptResult {
    let privacy = privacy.of(rule.kind);
    let Some(kind) = rule.kind else {
        return match name_fault(text.trim()) {
            Some(fault) => AttemptResult::NoName(fault),
            None => AttemptResult::Judged {
                text: ClaimText::new(text.trim(), privacy),
                validity: Validity::Valid,
            },
        };
    };
    let validity = kind.check(text, privacy, uscc);
    AttemptResult::Judged { text: ClaimText::new(text, privacy), validity }
}

fn name_fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        Some("it is empty")
    } else if text.chars().count() > MAX_NAME {
        Some("it is longer than 256 characters")
    } else if text.chars().any(char::is_control) {
        Some("it has control characters")
    } else {
        None
    }
}

impl<'r, T> ClassTrial<'r, T> {
    pub(super) fn all(rules: &'r [ClassRule<T>], facts: Facts<'_>) -> Vec<Self> {
        let unmet = |rule: &'r ClassRule<T>| rule.when.iter().find(|c| !c.holds(facts));
        rules.iter().map(|rule| Self { rule, unmet: unmet(rule) }).collect()
    }
}

/// The class that all rules that hold agree on, or two rules that do not.
pub(super) fn agreed<T: Copy + PartialEq>(
    trials: &[ClassTrial<'_, T>],
) -> Result<Option<T>, (usize, usize)> {
    let mut first: Option<(usize, T)> = None;
    for (index, trial) in trials.iter().enumerate().filter(|(_, trial)| trial.unmet.is_none()) {
        match first {
            None => first = Some((index, trial.rule.class)),
            Some((_, class)) if class == trial.rule.class => {}
            Some((other, _)) => return Err((other, index)),
        }
    }
    Ok(first.map(|(_, class)| class))
}
