//! What a province made of a signed document: whose signatures, and each check.

use std::fmt::Write;

use serde::Deserialize;
use serde_json::Value;
use tongxing_pki::{Language, Verdict};

use super::explanation::{Found, checks};
use super::words::{Words, verdict_mark};
use super::{Style, safe};

/// The text for people. It reads the answer as it was given, which may come from a gateway
/// of another version: what does not read is shown as it is.
pub(crate) fn stored_judgement(answer: &Value, bidders: Option<Language>, style: Style) -> String {
    match View::deserialize(answer) {
        Ok(view) => view.text(bidders, style),
        Err(_) => format!("{answer:#}\n"),
    }
}

#[derive(Deserialize)]
struct View {
    verdict: Verdict,
    provisional: bool,
    findings: Vec<Found>,
    signatures: Vec<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    verdict: Verdict,
    indication: String,
    sub_indication: Option<String>,
    time: Time,
    certificate: Option<Certificate>,
    authority: Option<Authority>,
    identity: Option<Identity>,
    findings: Vec<Found>,
}

#[derive(Deserialize)]
struct Time {
    best: String,
    basis: String,
}

#[derive(Deserialize)]
struct Certificate {
    subject: String,
}

#[derive(Deserialize)]
struct Authority {
    id: String,
    name_zh: String,
}

#[derive(Deserialize)]
struct Identity {
    entity: Option<Entity>,
    capacity: String,
}

#[derive(Deserialize)]
struct Entity {
    value: Option<String>,
    name: Option<String>,
}

impl View {
    fn text(&self, bidders: Option<Language>, style: Style) -> String {
        let language = bidders.unwrap_or(Language::En);
        let provisional = match (self.provisional, language) {
            (false, _) => "",
            (true, Language::En) => " (provisional: a later list may overturn it)",
            (true, Language::Zh) => "（暂定：以后的吊销列表可能推翻）",
        };
        let mut text = format!("{}{provisional}\n", Words(language).verdict(self.verdict, style));
        if !self.findings.is_empty() {
            _ = writeln!(text, "\n{}", style.bold(Words(language).in_general()));
            text += &checks(&self.findings.iter().collect::<Vec<_>>(), bidders, style);
        }
        for (index, signature) in self.signatures.iter().enumerate() {
            text += &signature.text(index + 1, bidders, style);
        }
        text
    }
}

impl Signature {
    fn text(&self, number: usize, bidders: Option<Language>, style: Style) -> String {
        let words = Words(bidders.unwrap_or(Language::En));
        let sub = self.sub_indication.as_deref().map(|sub| format!(" {sub}")).unwrap_or_default();
        let mark = verdict_mark(self.verdict, style);
        let title = format!("{} {number}", words.signature());
        let mut text =
            format!("\n{mark} {} {}{}\n", style.bold(&title), safe(&self.indication), safe(&sub));
        let basis = match self.time.basis.as_str() {
            "timestamp" => words.by_timestamp(),
            "asked" => words.as_asked(),
            _ => words.at_present(),
        };
        let mut lines = vec![format!("{} {}{basis}", words.judged_at(), safe(&self.time.best))];
        lines.extend(self.certificate.as_ref().map(|certificate| safe(&certificate.subject)));
        if let Some(Authority { id, name_zh }) = &self.authority {
            lines.push(safe(&format!("{id} {name_zh}")));
        }
        if let Some(Identity { entity: Some(entity), capacity }) = &self.identity {
            let Entity { value, name } = entity;
            let [value, name] = [value, name].map(|text| text.as_deref().unwrap_or_default());
            lines.push(safe(format!("{value} {name} ({capacity})").trim()));
        }
        for line in lines {
            _ = writeln!(text, "  {line}");
        }
        text + &checks(&self.findings.iter().collect::<Vec<_>>(), bidders, style)
    }
}
