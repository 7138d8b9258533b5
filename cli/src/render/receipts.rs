//! What checking a receipt came to, as text.

use std::fmt::Write;

use serde_json::Value;
use tongxing_pki::{Language, Verdict};
use tongxing_trust_store::ReceiptVerification;

use super::findings::{Branch, Check, check};
use super::words::{Words, verdict_mark};
use super::{Style, safe};

/// The verdict on the receipt, what it states, and every check.
pub(crate) fn receipt(
    verification: &ReceiptVerification,
    bidders: Option<Language>,
    style: Style,
) -> String {
    let language = bidders.unwrap_or(Language::En);
    let stated = &verification.stated;
    let head = match (language, verification.verdict) {
        (Language::En, Verdict::Passed) => "The receipt holds.",
        (Language::En, Verdict::Failed) => "The receipt does NOT hold.",
        (Language::En, Verdict::Indeterminate) => {
            "The receipt cannot be relied upon as it is here."
        }
        (Language::Zh, Verdict::Passed) => "回执成立。",
        (Language::Zh, Verdict::Failed) => "回执不成立。",
        (Language::Zh, Verdict::Indeterminate) => "仅凭现有材料，不能采信该回执。",
    };
    let mark = verdict_mark(verification.verdict, style);
    let mut text = format!("{mark} {}\n\n", style.bold(head));
    let verdict = Words(language).verdict(stated.verdict, style);
    let provisional = match (stated.provisional, language) {
        (false, _) => "",
        (true, Language::En) => " (provisional)",
        (true, Language::Zh) => "（暂定）",
    };
    let rows = [
        (language.pick("所载结论", "it states"), format!("{verdict}{provisional}")),
        (language.pick("时间", "time"), stated.time.to_string()),
        (language.pick("出具", "given by"), safe(&stated.issuer)),
        (language.pick("收执平台", "given to"), safe(&stated.relying_party)),
        (language.pick("记录号", "record"), stated.record.to_string()),
        (language.pick("信任快照", "trust"), safe(&stated.trust_sha256)),
        (language.pick("签名主体", "entities"), entities(&stated.report)),
    ];
    for (label, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a string does not fail.
        _ = writeln!(text, "{}  {value}", style.dim(label));
    }
    text.push('\n');
    let findings = verification.findings.findings();
    for (index, finding) in findings.iter().enumerate() {
        let about = finding.subject().map(|about| format!("{about}: "));
        let seen = finding.observation().unwrap_or_default();
        let seen = format!("{}{seen}", about.unwrap_or_default());
        let one = Check {
            code: finding.code(),
            level: finding.level(),
            expected: finding.expectation(),
            seen: (!seen.is_empty()).then_some(seen.as_str()),
        };
        text += &check(&one, Branch::of(index, findings.len()), bidders, style);
    }
    text
}

/// For whom the signatures speak, by the answer.
fn entities(report: &Value) -> String {
    let signatures = report.get("signatures").and_then(Value::as_array).into_iter().flatten();
    let entities = signatures.chain([report]).filter_map(|one| {
        let entity = one.get("identity")?.get("entity")?;
        let value = entity.get("value").and_then(Value::as_str)?;
        let name = entity.get("name").and_then(Value::as_str).unwrap_or_default();
        Some(safe(format!("{value} {name}").trim_end()))
    });
    entities.collect::<Vec<_>>().join(", ")
}
