//! What is said of rules that were tried.

use std::fmt;

use tongxing_pki::Finding;

use super::super::codes;
use super::super::identity::{Assurance, Capacity, ClaimText, Privacy};
use super::super::kind::{Kind, KindFault, Validity};
use super::super::rule::Need;
use super::trial::{AttemptResult, ClassTrial, Trial, Value, agreed};

/// The capacity that rules or the default give.
pub(super) fn capacity(
    trials: &[ClassTrial<'_, Capacity>],
    default: Option<Capacity>,
    findings: &mut Vec<Finding>,
) -> Option<Capacity> {
    let found = class(trials, findings).ok()?.or(default);
    findings.push(match found {
        Some(capacity) => Finding::passed(&codes::CAPACITY_FOUND).seen(capacity),
        None => Finding::failed(&codes::NO_CAPACITY),
    });
    found
}

/// The assurance that rules or the default give.
pub(super) fn assurance(
    trials: &[ClassTrial<'_, Assurance>],
    default: Assurance,
    findings: &mut Vec<Finding>,
) -> Option<Assurance> {
    let found = class(trials, findings).ok()?.unwrap_or(default);
    findings.push(Finding::passed(&codes::ASSURANCE_FOUND).seen(found));
    Some(found)
}

/// Rules contradict each other; the finding that says so is made.
pub(super) struct Contradiction;

/// The class that the rules that hold agree on.
fn class<T: Copy + PartialEq + fmt::Display>(
    trials: &[ClassTrial<'_, T>],
    findings: &mut Vec<Finding>,
) -> Result<Option<T>, Contradiction> {
    agreed(trials).map_err(|(one, other)| {
        let said = |index: usize| {
            let rule = trials[index].rule;
            format!("{} (rule {:?})", rule.class, rule.name)
        };
        findings.push(conflict(said(one), said(other)));
        Contradiction
    })
}

/// Two things that contradict each other.
pub(super) fn conflict(one: impl fmt::Display, other: impl fmt::Display) -> Finding {
    Finding::failed(&codes::CONFLICTING_RULES).expected(one).seen(other)
}

/// The values that trials yield, with a finding for each that needs one.
pub(super) fn values<'r>(trials: &[Trial<'r>], findings: &mut Vec<Finding>) -> Vec<Value<'r>> {
    let mut values = Vec::new();
    for trial in trials {
        let before = values.len();
        values.extend(trial.values());
        findings.extend(trial.attempts.iter().filter_map(|a| remark(trial, &a.result)));
        let required = trial.rule.need == Need::Required && trial.unmet.is_none();
        if required && values.len() == before {
            let rule = format!("rule {:?}", trial.rule.name);
            findings.push(Finding::failed(&codes::REQUIRED_RULE).expected(rule));
        }
    }
    values
}

fn remark(trial: &Trial<'_>, result: &AttemptResult) -> Option<Finding> {
    let AttemptResult::Judged { text, validity } = result else { return None };
    let about = |finding: Finding, fault: &KindFault, text: &dyn fmt::Display| {
        let seen = format!("{text} (rule {:?})", trial.rule.name);
        Some(finding.expected(expected(fault)).seen(seen))
    };
    match validity {
        Validity::Valid => None,
        Validity::Exception => Some(Finding::info(&codes::USCC_EXCEPTION).seen(text)),
        Validity::Doubtful(fault) => about(Finding::warning(&codes::USCC_CHECK_DIGIT), fault, text),
        Validity::Invalid(fault @ KindFault::CheckDigit { .. })
            if trial.rule.kind == Some(Kind::Uscc) =>
        {
            about(Finding::failed(&codes::USCC_CHECK_DIGIT), fault, text)
        }
        // What is not of its kind may be anybody's: it is shown masked.
        Validity::Invalid(fault) => {
            let code = match fault {
                KindFault::PersonalId => &codes::PERSONAL_ID_REFUSED,
                _ => &codes::INVALID_VALUE,
            };
            let masked = ClaimText::new(text.reveal(), Privacy::Personal);
            about(Finding::info(code), fault, &masked)
        }
    }
}

fn expected(fault: &KindFault) -> String {
    match fault {
        KindFault::Shape { expected } => (*expected).to_owned(),
        KindFault::CheckDigit { expected, .. } => format!("check character {expected}"),
        KindFault::Birthday => "a birthday in characters 7 to 14".to_owned(),
        KindFault::PersonalId => "no resident id".to_owned(),
    }
}
