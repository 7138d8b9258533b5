//! A verdict with its path and every check.

use std::fmt::Write;

use tongxing_pki::{
    Certificate, DocumentFormat, DocumentVerification, Finding, Language, Level, PathMember,
    Report, SignatureJudgement, TimeBasis, TimestampJudgement, Verdict, Verification,
};

use super::{Style, safe};

/// A tree for a terminal: the verdict, the path, and the checks under the
/// certificate or list that they are about. With a language, what asks something of
/// somebody is followed by what bidders read of it.
pub(crate) fn judgement(
    verification: &Verification,
    language: Option<Language>,
    style: Style,
) -> String {
    let head = format!("{}\n", verdict(verification.verdict(), style));
    let path = tree(verification.path(), style);
    head + &path + &checks(verification.report(), language, style)
}

/// The same of a signed document: each signature with its time, its path, its timestamps
/// and its checks.
pub(crate) fn document_judgement(
    verification: &DocumentVerification,
    language: Option<Language>,
    style: Style,
) -> String {
    let judgement = verification.judgement();
    let format = verification.format().map_or("unreadable", DocumentFormat::as_str);
    let mut text = format!("{}  {}\n", verdict(judgement.verdict, style), style.dim(format));
    text += &checks(&judgement.report, language, style);
    for (place, signature) in judgement.signatures.iter().enumerate() {
        let title = format!("signature {}", place + 1);
        text += &of_signature(&title, signature, language, style);
    }
    for (place, timestamp) in judgement.timestamps.iter().enumerate() {
        text += &of_timestamp(&format!("timestamp {}", place + 1), timestamp, language, style);
    }
    text
}

fn of_signature(
    title: &str,
    judged: &SignatureJudgement<Vec<Certificate>>,
    language: Option<Language>,
    style: Style,
) -> String {
    let mut text = heading(title, judged.verdict, &judged.indication.to_string(), style);
    let basis = match judged.time.basis {
        TimeBasis::Timestamp => "proven by a timestamp",
        TimeBasis::Asked => "as asked",
        TimeBasis::Present => "now: nothing says when it was made",
    };
    _ = writeln!(text, "  judged at {}, {basis}", judged.time.best);
    if let Some(claimed) = judged.time.claimed {
        _ = writeln!(text, "  the signer claims {claimed}");
    }
    text += &path(judged.outcome.as_deref(), &judged.report, style);
    if let Some(present) = &judged.at_present {
        _ = writeln!(text, "  at present: {}", verdict(present.report.verdict(), style));
    }
    text += &checks(&judged.report, language, style);
    for (place, timestamp) in judged.timestamps.iter().enumerate() {
        let title = format!("{title}, timestamp {}", place + 1);
        text += &of_timestamp(&title, timestamp, language, style);
    }
    for (place, counter) in judged.counter_signatures.iter().enumerate() {
        let title = format!("{title}, counter-signature {}", place + 1);
        text += &of_signature(&title, counter, language, style);
    }
    text
}

fn of_timestamp(
    title: &str,
    judged: &TimestampJudgement<Vec<Certificate>>,
    language: Option<Language>,
    style: Style,
) -> String {
    let mut text = heading(title, judged.verdict, &judged.indication.to_string(), style);
    _ = writeln!(text, "  made at {}", judged.token.info().time);
    text += &path(judged.outcome.as_deref(), &judged.report, style);
    text + &checks(&judged.report, language, style)
}

fn heading(title: &str, found: Verdict, indication: &str, style: Style) -> String {
    let indication = style.dim(indication);
    format!("\n{}  {}  {indication}\n", style.bold(title), verdict(found, style))
}

fn path(certificates: Option<&[Certificate]>, report: &Report, style: Style) -> String {
    let members = certificates.unwrap_or_default().iter();
    let members: Vec<_> = members.map(|member| PathMember::of(member, report)).collect();
    tree(&members, style)
}

fn tree(members: &[PathMember], style: Style) -> String {
    let mut text = String::new();
    for (depth, member) in members.iter().enumerate() {
        let branch = if depth == 0 { String::new() } else { "   ".repeat(depth - 1) + "└─ " };
        let serial = style.dim(&format!("serial {}", member.serial));
        let mark = member.verdict.map_or_else(|| style.dim("·"), |found| mark_of(found, style));
        _ = writeln!(text, "  {branch}{mark} {}  {serial}", safe(&member.subject));
    }
    text
}

fn checks(report: &Report, language: Option<Language>, style: Style) -> String {
    let mut text = String::new();
    for (subject, findings) in by_subject(report.findings()) {
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
