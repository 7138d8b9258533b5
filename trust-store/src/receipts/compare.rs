//! An answer, and the one that comes out anew: what decides must be the same.

use serde_json::Value;
use tongxing_pki::{Finding, Report, Verdict};

use super::codes;
use super::statement::{QuestionModel, Statement};

/// Differences that are named. Origin: ours.
const NAMED: usize = 64;

/// Compares what a statement says with the answer that was derived.
pub(super) fn compare(statement: &Statement, derived: &Value, report: &mut Report) {
    let stated = &statement.report;
    let mut differences = Vec::new();
    // Both are stated beside the report, too.
    let verdict = Value::String(statement.verdict.to_string());
    let of_report = stated.get("verdict").cloned().unwrap_or_default();
    differ("/verdict", &verdict, &of_report, &mut differences);
    let provisional = Value::Bool(statement.provisional);
    let of_report = Value::Bool(is_provisional(statement));
    differ("/provisional", &provisional, &of_report, &mut differences);
    differ("", &decisive(stated), &decisive(derived), &mut differences);
    for difference in &differences {
        report.push(difference.finding(Finding::failed(&codes::DERIVED_DIFFERS)));
    }
    if differences.is_empty() {
        report.push(Finding::passed(&codes::DERIVED).seen(statement.verdict));
        differ("", &without_texts(stated), &without_texts(derived), &mut differences);
        for difference in &differences {
            report.push(difference.finding(Finding::warning(&codes::CHECKS_DIFFER)));
        }
    }
}

/// Whether a stated answer says that a later list may overturn it: of a certificate only
/// where it passed at a moment in the past.
fn is_provisional(statement: &Statement) -> bool {
    let said = |place: &str| statement.report.pointer(place) == Some(&Value::Bool(true));
    match &statement.question {
        QuestionModel::Document(_) => said("/provisional"),
        QuestionModel::Certificate(model) => {
            let passed = statement.verdict == Verdict::Passed;
            model.past && passed && said("/revocation/provisional")
        }
    }
}

/// Where two answers differ.
struct Difference {
    /// A JSON pointer (RFC 6901) into the report.
    place: String,
    stated: String,
    derived: String,
}

impl Difference {
    fn finding(&self, finding: Finding) -> Finding {
        finding.about(&self.place).expected(&self.stated).seen(&self.derived)
    }
}

fn differ(place: &str, stated: &Value, derived: &Value, found: &mut Vec<Difference>) {
    if stated == derived || found.len() >= NAMED {
        return;
    }
    match (stated, derived) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            for key in keys {
                let (one, other) = (one.get(key), other.get(key));
                let none = Value::Null;
                let place = format!("{place}/{key}");
                differ(&place, one.unwrap_or(&none), other.unwrap_or(&none), found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (stated, derived)) in one.iter().zip(other).enumerate() {
                differ(&format!("{place}/{index}"), stated, derived, found);
            }
        }
        (Value::String(one), Value::String(other)) if differ_by_masks(one, other) => {}
        _ => found.push(Difference {
            place: place.to_owned(),
            stated: stated.to_string(),
            derived: derived.to_string(),
        }),
    }
}

/// What one version masks another may show: in place of each character there is an asterisk.
fn differ_by_masks(one: &str, other: &str) -> bool {
    let same = |(a, b): (char, char)| a == b || a == '*' || b == '*';
    one.chars().count() == other.chars().count() && one.chars().zip(other.chars()).all(same)
}

/// The words of a finding that say the same in every version and language.
fn without_texts(report: &Value) -> Value {
    each_finding(report, &|_| true)
}

/// What decides: everything but the checks that passed.
fn decisive(report: &Value) -> Value {
    let decides = |level: &str| matches!(level, "failed" | "indeterminate");
    each_finding(report, &decides)
}

fn each_finding(value: &Value, takes: &dyn Fn(&str) -> bool) -> Value {
    let level = |value: &Value| value.get("level").and_then(Value::as_str).map(str::to_owned);
    match value {
        Value::Array(items) => {
            let items = items.iter().filter(|item| level(item).is_none_or(|level| takes(&level)));
            Value::Array(items.map(|item| each_finding(item, takes)).collect())
        }
        Value::Object(fields) => {
            const TEXTS: [&str; 5] = ["text", "whose", "next", "responsible", "clause"];
            let is_finding = fields.contains_key("code") && fields.contains_key("level");
            let named =
                fields.iter().filter(|(key, _)| !is_finding || !TEXTS.contains(&key.as_str()));
            Value::Object(
                named.map(|(key, value)| (key.clone(), each_finding(value, takes))).collect(),
            )
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mask_is_no_difference_and_all_else_is() {
        let between = |one: Value, other: Value| {
            let mut found = Vec::new();
            differ("", &one, &other, &mut found);
            found.len()
        };
        let shown = json!({ "seen": "serial 0A1B2C of CN=x" });
        assert_eq!(between(shown.clone(), json!({ "seen": "serial ****** of CN=x" })), 0);
        assert_eq!(between(json!({ "seen": "serial ****** of CN=x" }), shown.clone()), 0);
        assert_eq!(between(shown.clone(), json!({ "seen": "serial ***** of CN=x" })), 1);
        assert_eq!(between(shown.clone(), json!({ "seen": "serial ****** of CN=y" })), 1);
        assert_eq!(between(shown, json!({ "seen": "serial 0A1B2D of CN=x" })), 1);
        assert_eq!(between(json!(["*"]), json!([1])), 1);
    }
}
