//! A finding with what bidders read about it.

use serde::Serialize;

use crate::code::{Language, Party};
use crate::finding::{Finding, Level};

/// A finding in one language.
///
/// Serialises as the finding, with `text` for the cause and, where something is to be
/// done, `responsible` (the [`Party`]), `whose` (the same as a sentence) and `next`.
#[derive(Debug, Serialize)]
pub struct ExplainedFinding<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    text: &'static str,
    #[serde(flatten)]
    advice: Option<Advice>,
}

/// What somebody has to do about it.
#[derive(Debug, Serialize)]
struct Advice {
    responsible: Party,
    whose: &'static str,
    next: &'static str,
}

impl Finding {
    /// The finding with its code's texts.
    #[must_use]
    pub fn explained(&self, language: Language) -> ExplainedFinding<'_> {
        let code = self.code();
        let [text, whose, next] = code.sentences(language);
        let advice =
            self.asks_something().then_some(Advice { responsible: code.responsible, whose, next });
        ExplainedFinding { finding: self, text, advice }
    }

    /// Whether anybody has to do anything about it: what passed, and mere facts, ask
    /// nothing.
    #[must_use]
    pub fn asks_something(&self) -> bool {
        match self.level() {
            Level::Passed | Level::Info => false,
            Level::Warning | Level::Indeterminate | Level::Failed => {
                self.code().responsible != Party::Nobody
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    #[test]
    fn a_refusal_says_why_whose_problem_it_is_and_what_to_do() {
        let finding = Finding::failed(&codes::REVOKED).about("CN=A");
        let json = serde_json::to_value(finding.explained(Language::Zh)).expect("serialises");
        assert_eq!(
            json,
            serde_json::json!({
                "code": "revocation.revoked",
                "level": "failed",
                "clause": codes::REVOKED.clause,
                "subject": "CN=A",
                "text": "证书已被签发机构吊销。",
                "responsible": "bidder",
                "whose": "此问题需要您自己处理。",
                "next": "请向签发机构申请更换证书。",
            })
        );
    }

    #[test]
    fn what_passed_asks_nothing() {
        let finding = Finding::passed(&codes::NOT_REVOKED);
        let json = serde_json::to_value(finding.explained(Language::En)).expect("serialises");
        assert_eq!(json["text"], "The certificate is not revoked.");
        assert!(json.get("next").is_none() && json.get("responsible").is_none());
    }
}
