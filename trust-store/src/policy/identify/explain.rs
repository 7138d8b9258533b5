//! `tongxing policy explain`: each rule, what it read, each step, what came out.
//!
//! Texts of the certificate are veiled, since they may be a person's, unless the
//! caller asks for them in the clear, which it puts on the record first.

use std::fmt;

use serde::Serialize;
use tongxing_pki::{Finding, Verdict};

use super::super::identity::{ClaimText, Identity};
use super::super::kind::Validity;
use super::super::rule::ValueRule;
use super::trial::{Attempt, AttemptResult, ClassTrial, Trial};
use super::veil::{Disclosure, Veil};
use super::{Identification, Trials};

/// Everything that a policy did with a certificate.
///
/// `Debug` does not show what was read, whatever the disclosure.
#[derive(Clone, Serialize)]
pub struct Explanation {
    policy: PolicyTrace,
    rules: Vec<RuleTrace>,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<IdentityTrace>,
    acceptance: Vec<RoleTrace>,
}

/// Which policy it was.
#[derive(Clone, Serialize)]
pub(in super::super) struct PolicyTrace {
    pub(in super::super) authority: String,
    pub(in super::super) label: String,
    pub(in super::super) version: String,
    /// Nobody has tried it on a real certificate yet.
    pub(in super::super) unverified: bool,
}

/// What the policy says of the certificate by itself in one role.
#[derive(Clone, Serialize)]
pub(in super::super) struct RoleTrace {
    pub(in super::super) role: &'static str,
    pub(in super::super) verdict: Verdict,
    pub(in super::super) findings: Vec<Finding>,
}

/// What one rule did.
#[derive(Clone, Serialize)]
pub struct RuleTrace {
    field: &'static str,
    rule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decode: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    readings: Vec<ReadingTrace>,
    outcome: String,
}

#[derive(Clone, Serialize)]
struct ReadingTrace {
    /// Hex of the octets; veiled, the tags and lengths of DER, or their number.
    octets: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    steps: Vec<StepTrace>,
    outcome: String,
}

#[derive(Clone, Serialize)]
struct StepTrace {
    step: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
}

#[derive(Clone, Serialize)]
struct IdentityTrace {
    capacity: &'static str,
    assurance: &'static str,
    entity: ClaimTrace,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<ClaimTrace>,
}

#[derive(Clone, Serialize)]
struct ClaimTrace {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl Explanation {
    pub(in super::super) fn new(
        policy: PolicyTrace,
        identification: Identification,
        trials: &Trials<'_>,
        acceptance: Vec<RoleTrace>,
        disclosure: Disclosure,
    ) -> Self {
        let identity = identification.identity.as_ref();
        let veil = Veil::over(disclosure, identity);
        Self {
            policy,
            rules: trials.traces(&veil),
            identity: identity.map(|identity| IdentityTrace::new(identity, &veil)),
            findings: identification.findings,
            acceptance,
        }
    }

    /// What each rule did, in the order in which they were tried.
    pub fn rules(&self) -> &[RuleTrace] {
        &self.rules
    }

    /// Every check, as identification reports it.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether an identity came out.
    pub fn is_identified(&self) -> bool {
        self.identity.is_some()
    }
}

impl RuleTrace {
    /// The field that the rule is for, such as `entity.id`.
    pub fn field(&self) -> &str {
        self.field
    }

    /// The rule's name.
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// How it ended.
    pub fn outcome(&self) -> &str {
        &self.outcome
    }
}

impl Trials<'_> {
    fn traces(&self, veil: &Veil) -> Vec<RuleTrace> {
        let capacity = self.capacity.iter().map(|trial| class_trace("capacity", trial));
        let assurance = self.assurance.iter().map(|trial| class_trace("assurance", trial));
        let fields = [
            ("entity.id", &self.entity_id),
            ("entity.name", &self.entity_name),
            ("holder.id", &self.holder_id),
            ("holder.name", &self.holder_name),
        ];
        let values = fields.into_iter().flat_map(|(field, trials)| {
            trials.iter().map(move |trial| value_trace(field, trial, veil))
        });
        capacity.chain(assurance).chain(values).collect()
    }
}

fn class_trace<T: fmt::Display>(field: &'static str, trial: &ClassTrial<'_, T>) -> RuleTrace {
    RuleTrace {
        field,
        rule: trial.rule.name.clone(),
        from: None,
        decode: Vec::new(),
        kind: None,
        readings: Vec::new(),
        outcome: match trial.unmet {
            None => format!("holds: {}", trial.rule.class),
            Some(condition) => format!("does not hold: {condition}"),
        },
    }
}

fn value_trace(field: &'static str, trial: &Trial<'_>, veil: &Veil) -> RuleTrace {
    let rule = trial.rule;
    let yielded = trial.values().count();
    RuleTrace {
        field,
        rule: rule.name.clone(),
        from: Some(rule.read.source.to_string()),
        decode: rule.read.decoders.iter().map(ToString::to_string).collect(),
        kind: rule.kind.map(super::Kind::as_str),
        readings: trial.attempts.iter().map(|one| reading_trace(rule, one, veil)).collect(),
        outcome: match (trial.unmet, trial.attempts.len(), yielded) {
            (Some(condition), ..) => format!("not tried: it does not hold that {condition}"),
            (None, 0, _) => "nothing stands there".to_owned(),
            (None, _, 0) => "yields nothing".to_owned(),
            (None, ..) => "yields a value".to_owned(),
        },
    }
}

fn reading_trace(rule: &ValueRule, attempt: &Attempt<'_>, veil: &Veil) -> ReadingTrace {
    let mut results = attempt.steps.iter().map(|text| veil.text(text));
    let failed = matches!(attempt.result, AttemptResult::StepFailed(_));
    let tried = attempt.steps.len() + usize::from(failed);
    let steps = rule.steps.iter().take(tried);
    let steps = steps.map(|step| StepTrace { step: step.to_string(), result: results.next() });
    ReadingTrace {
        octets: veil.octets(attempt.reading.octets),
        text: attempt.reading.text.as_ref().ok().map(|text| veil.text(text)),
        steps: steps.collect(),
        outcome: outcome(&attempt.result, veil),
    }
}

fn outcome(result: &AttemptResult, veil: &Veil) -> String {
    match result {
        AttemptResult::Unreadable(fault) => format!("does not decode: {fault}"),
        AttemptResult::StepFailed(fault) => format!("the last step does not apply: {fault}"),
        AttemptResult::NoName(fault) => format!("is no name: {fault}"),
        AttemptResult::Judged { text, validity } => match validity {
            Validity::Valid => format!("yields {}", veil.claim(text)),
            Validity::Exception => format!("yields {}, by exception", veil.claim(text)),
            Validity::Doubtful(fault) => format!("yields {}, though {fault}", veil.claim(text)),
            Validity::Invalid(fault) => format!("is not of its kind: {fault}"),
        },
    }
}

impl IdentityTrace {
    fn new(identity: &Identity, veil: &Veil) -> Self {
        let entity = &identity.entity;
        let shown = |text: &ClaimText| veil.claim(text);
        Self {
            capacity: identity.capacity.as_str(),
            assurance: identity.assurance.as_str(),
            entity: ClaimTrace {
                kind: Some(entity.kind.as_str()),
                value: Some(shown(&entity.value)),
                name: entity.name.as_ref().map(shown),
            },
            organization_code: entity.organization_code.clone(),
            holder: identity.holder.as_ref().map(|holder| ClaimTrace {
                kind: holder.id.as_ref().map(|id| id.kind.as_str()),
                value: holder.id.as_ref().map(|id| shown(&id.value)),
                name: holder.name.as_ref().map(shown),
            }),
        }
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl fmt::Debug for RuleTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RuleTrace");
        shown.field("field", &self.field).field("rule", &self.rule).finish_non_exhaustive()
    }
}
