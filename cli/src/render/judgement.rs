//! A verdict with its path and every check.

use std::fmt::Write;

use tongxing_pki::{Finding, Language, Level, Verdict, Verification};

use super::{Style, safe};

/// A tree for a terminal: the verdict, the path, and the checks under the
/// certificate or list that they are about. With a language, what asks something of
/// somebody is followed by what bidders read of it.
pub(crate) fn judgement(
    verification: &Verification,
    language: Option<Language>,
    style: Style,
) -> String {
    let mut text = format!("{}\n", verdict(verification.verdict(), style));
    for (depth, member) in verification.path().iter().enumerate() {
        let branch = if depth == 0 { String::new() } else { "   ".repeat(depth - 1) + "└─ " };
        let serial = style.dim(&format!("serial {}", member.serial));
        let mark = member.verdict.map_or_else(|| style.dim("·"), |found| mark_of(found, style));
        _ = writeln!(text, "  {branch}{mark} {}  {serial}", safe(&member.subject));
    }
    for (subject, findings) in by_subject(verification.report().findings()) {
        _ = writeln!(text, "\n{}", style.bold(&safe(subject)));
        for (index, finding) in findings.iter().enumerate() {
            let last = index + 1 == findings.len();
            text += &check(finding, last, language, style);
        }
    }
    text
}

fn verdict(verdict: Verdict, style: Style) -> String {
    match verdict {
        Verdict::Passed => style.good("✓ passed"),
        Verdict::Failed => style.bad("✗ failed"),
        Verdict::Indeterminate => style.warn("? indeterminate"),
    }
}

fn mark_of(verdict: Verdict, style: Style) -> String {
    match verdict {
        Verdict::Passed => style.good("✓"),
        Verdict::Failed => style.bad("✗"),
        Verdict::Indeterminate => style.warn("?"),
    }
}

/// Findings under what they are about, in the order of first mention.
fn by_subject(findings: &[Finding]) -> Vec<(&str, Vec<&Finding>)> {
    let mut groups: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let subject = finding.subject().unwrap_or("in general");
        match groups.iter_mut().find(|(known, _)| *known == subject) {
            Some((_, group)) => group.push(finding),
            None => groups.push((subject, vec![finding])),
        }
    }
    groups
}

fn check(finding: &Finding, last: bool, language: Option<Language>, style: Style) -> String {
    let (branch, below) = if last { ("└─", "  ") } else { ("├─", "│ ") };
    let mark = match finding.level() {
        Level::Passed => style.good("✓"),
        Level::Info => style.dim("i"),
        Level::Warning => style.warn("!"),
        Level::Indeterminate => style.warn("?"),
        Level::Failed => style.bad("✗"),
    };
    let code = finding.code();
    let clause = style.dim(&format!("[{}]", code.clause));
    let mut text = format!("{branch} {mark} {}  {} {clause}\n", code.id, code.title.en);
    let sides = [("expected", finding.expectation()), ("seen", finding.observation())];
    for (label, side) in sides {
        if let Some(side) = side {
            _ = writeln!(text, "{below}     {} {}", style.dim(&format!("{label}:")), safe(side));
        }
    }
    if let Some(language) = language.filter(|_| finding.asks_something()) {
        for sentence in code.sentences(language) {
            _ = writeln!(text, "{below}     {sentence}");
        }
    }
    text
}
