//! What checking a receipt came to, as text.

use std::fmt::Write;

use tongxing_pki::{Finding, Language, Verdict};
use tongxing_trust_store::ReceiptVerification;

use super::Style;
use super::findings::{Branch, Check, check};
use super::stated::{self, Facts};
use super::words::{Words, verdict_mark};

/// The verdict on the receipt, what it states, and every check.
pub(crate) fn receipt(
    verification: &ReceiptVerification,
    bidders: Option<Language>,
    style: Style,
) -> String {
    let language = bidders.unwrap_or(Language::En);
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
    let mut text = format!("{mark} {}\n", style.bold(head));
    if verification.verdict != Verdict::Passed {
        let told = language.pick(
            "! 以下是文件所载内容，未经证明",
            "! what follows is what the file says; it is not proven",
        );
        // Writing to a string does not fail.
        _ = writeln!(text, "{}", style.warn(told));
    }
    text.push('\n');
    text += &facts(verification, language, style).text("", style);
    text += &stated::stated(&verification.stated, bidders, style);
    let heading = language.pick("对回执的核对", "checks of the receipt");
    _ = writeln!(text, "\n{}", style.bold(heading));
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

/// Who gave it to whom, about which verdict, and what proves when.
fn facts(verification: &ReceiptVerification, language: Language, style: Style) -> Facts {
    let stated = &verification.stated;
    let verdict = Words(language).verdict(stated.verdict, style);
    let provisional = match (stated.provisional, language) {
        (false, _) => "",
        (true, Language::En) => " (provisional)",
        (true, Language::Zh) => "（暂定）",
    };
    let mut facts = Facts::default();
    facts.add_own(language.pick("所载结论", "it states"), format!("{verdict}{provisional}"));
    facts.add(language.pick("出具时间", "stated at"), stated.time.to_string());
    let findings = verification.findings.findings().iter();
    let stamped = findings.filter(|one| one.code().id == "receipt.timestamp");
    let stamped: String = stamped.filter_map(Finding::observation).collect();
    facts.add(language.pick("时间戳证明不晚于", "not later than"), stamped);
    facts.add(language.pick("出具方", "given by"), stated.issuer.clone());
    let key = verification.signed_by.clone();
    facts.add(language.pick("签名密钥", "signed by"), key.unwrap_or_default());
    facts.add(language.pick("收执平台", "given to"), stated.relying_party.clone());
    facts.add(language.pick("记录号", "record"), stated.record.to_string());
    facts.add(language.pick("信任快照", "trust"), stated.trust_sha256.clone());
    facts
}
