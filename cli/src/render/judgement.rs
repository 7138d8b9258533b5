//! A verdict with its path and every check.

use std::fmt::Write;

use tongxing_pki::{
    Certificate, DocumentFormat, DocumentVerification, Finding, Language, PathMember, Report,
    SignatureJudgement, TimeBasis, TimestampJudgement, Verdict, Verification,
};

use super::findings::{self, Branch, Check};
use super::flow::{Flow, Ink};
use super::words::{Words, verdict_mark};
use super::{Style, safe, width};

/// A tree for a terminal: the verdict, the path, and the checks under the
/// certificate or list that they are about. With a language it is in that language,
/// and what asks something of somebody is followed by what bidders read of it.
pub(crate) fn judgement(
    verification: &Verification,
    language: Option<Language>,
    style: Style,
) -> String {
    let teller = Teller::new(language, style);
    let head = format!("{}\n", teller.verdict(verification.verdict()));
    head + &teller.tree(verification.path()) + &teller.checks(verification.report())
}

/// The same of a signed document: each signature with its time, its path, its timestamps
/// and its checks.
pub(crate) fn document_judgement(
    verification: &DocumentVerification,
    language: Option<Language>,
    style: Style,
) -> String {
    let teller = Teller::new(language, style);
    let judgement = verification.judgement();
    let format = verification.format().map_or("unreadable", DocumentFormat::as_str);
    let mut text = format!("{}  {}\n", teller.verdict(judgement.verdict), style.dim(format));
    text += &teller.checks(&judgement.report);
    for (place, signature) in judgement.signatures.iter().enumerate() {
        let title = format!("{} {}", teller.words.signature(), place + 1);
        text += &teller.of_signature(&title, signature);
    }
    for (place, timestamp) in judgement.timestamps.iter().enumerate() {
        let title = format!("{} {}", teller.words.timestamp(), place + 1);
        text += &teller.of_timestamp(&title, timestamp);
    }
    text
}

/// In which language, and how it is painted.
struct Teller {
    /// What bidders read is added in this language.
    bidders: Option<Language>,
    words: Words,
    style: Style,
}

impl Teller {
    fn new(bidders: Option<Language>, style: Style) -> Self {
        Self { bidders, words: Words(bidders.unwrap_or(Language::En)), style }
    }

    fn of_signature(&self, title: &str, judged: &SignatureJudgement<Vec<Certificate>>) -> String {
        let words = self.words;
        let mut text = self.heading(title, judged.verdict, &judged.indication.to_string());
        let basis = match judged.time.basis {
            TimeBasis::Timestamp => words.by_timestamp(),
            TimeBasis::Asked => words.as_asked(),
            TimeBasis::Present => words.at_present(),
        };
        _ = writeln!(text, "  {} {}{basis}", words.judged_at(), judged.time.best);
        if let Some(claimed) = judged.time.claimed {
            _ = writeln!(text, "  {} {claimed}", words.claimed());
        }
        text += &self.path(judged.outcome.as_deref(), &judged.report);
        if let Some(present) = &judged.at_present {
            let verdict = self.verdict(present.report.verdict());
            _ = writeln!(text, "  {} {verdict}", words.now());
        }
        text += &self.checks(&judged.report);
        for (place, timestamp) in judged.timestamps.iter().enumerate() {
            let title = format!("{title}, {} {}", words.timestamp(), place + 1);
            text += &self.of_timestamp(&title, timestamp);
        }
        for (place, counter) in judged.counter_signatures.iter().enumerate() {
            let title = format!("{title}, {} {}", words.counter_signature(), place + 1);
            text += &self.of_signature(&title, counter);
        }
        text
    }

    fn of_timestamp(&self, title: &str, judged: &TimestampJudgement<Vec<Certificate>>) -> String {
        let mut text = self.heading(title, judged.verdict, &judged.indication.to_string());
        _ = writeln!(text, "  {} {}", self.words.made_at(), judged.token.info().time);
        text += &self.path(judged.outcome.as_deref(), &judged.report);
        text + &self.checks(&judged.report)
    }

    fn heading(&self, title: &str, found: Verdict, indication: &str) -> String {
        let indication = self.style.dim(indication);
        format!("\n{}  {}  {indication}\n", self.style.bold(title), self.verdict(found))
    }

    fn verdict(&self, verdict: Verdict) -> String {
        self.words.verdict(verdict, self.style)
    }

    fn path(&self, certificates: Option<&[Certificate]>, report: &Report) -> String {
        let members = certificates.unwrap_or_default().iter();
        let members: Vec<_> = members.map(|member| PathMember::of(member, report)).collect();
        self.tree(&members)
    }

    /// The end certificate first, each under the one that it signed.
    fn tree(&self, members: &[PathMember]) -> String {
        let style = self.style;
        let mut text = String::new();
        for (depth, member) in members.iter().enumerate() {
            let branch = match depth.checked_sub(1) {
                None => "  ".to_owned(),
                Some(above) => format!("  {}└─ ", "   ".repeat(above)),
            };
            let below = " ".repeat(width(&branch) + 2);
            let mark = member.verdict.map_or_else(|| style.dim("·"), |it| verdict_mark(it, style));
            let mut line = Flow::new(style, &format!("{branch}{mark} "), width(&below), &below);
            line.push(Ink::Plain, &safe(&member.subject));
            line.push(Ink::Dim, &format!("  {} {}", self.words.serial(), member.serial));
            text += &line.end();
        }
        text
    }

    fn checks(&self, report: &Report) -> String {
        let mut text = String::new();
        for (subject, found) in by_subject(report.findings(), self.words) {
            _ = writeln!(text, "\n{}", self.style.bold(&safe(subject)));
            for (index, finding) in found.iter().enumerate() {
                let branch = Branch::of(index, found.len());
                let check = Check {
                    code: finding.code(),
                    level: finding.level(),
                    expected: finding.expectation(),
                    seen: finding.observation(),
                };
                text += &findings::check(&check, branch, self.bidders, self.style);
            }
        }
        text
    }
}

/// Findings under what they are about, in the order of first mention.
fn by_subject(findings: &[Finding], words: Words) -> Vec<(&str, Vec<&Finding>)> {
    let mut groups: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let subject = finding.subject().unwrap_or(words.in_general());
        match groups.iter_mut().find(|(known, _)| *known == subject) {
            Some((_, group)) => group.push(finding),
            None => groups.push((subject, vec![finding])),
        }
    }
    groups
}
