//! One check as a branch of a tree.

use tongxing_pki::{Code, Language, Level};

use super::flow::{Flow, Ink};
use super::words::{Words, level_mark};
use super::{Style, safe};

/// A check, whether it comes from a judgement here or from a province's answer.
pub(super) struct Check<'a> {
    pub(super) code: &'static Code,
    pub(super) level: Level,
    pub(super) expected: Option<&'a str>,
    pub(super) seen: Option<&'a str>,
}

/// Which branch of its tree it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Branch {
    Inner,
    Last,
}

impl Branch {
    /// For a place in a list.
    pub(super) fn of(index: usize, count: usize) -> Self {
        if index + 1 == count { Self::Last } else { Self::Inner }
    }

    /// What a branch begins with, and what stands before its further lines.
    pub(super) fn lines(self) -> (&'static str, &'static str) {
        match self {
            Self::Inner => ("├─ ", "│  "),
            Self::Last => ("└─ ", "   "),
        }
    }
}

/// Cells before a check's code: its branch, its mark, a space.
const HEAD: usize = 5;

/// The check; what asks something of somebody is followed by what bidders read of it,
/// in their language.
pub(super) fn check(
    check: &Check<'_>,
    branch: Branch,
    bidders: Option<Language>,
    style: Style,
) -> String {
    let language = bidders.unwrap_or(Language::En);
    let words = Words(language);
    let (first, next) = branch.lines();
    let below = format!("{next}  ");
    let head = format!("{first}{} ", level_mark(check.level, style));
    let mut line = Flow::new(style, &head, HEAD, &below);
    line.push(Ink::Bold, check.code.id);
    line.push(Ink::Plain, &format!("  {} ", check.code.title.in_language(language)));
    line.push(Ink::Dim, &format!("[{}]", check.code.clause));
    let mut text = line.end();
    for (label, side) in [(words.expected(), check.expected), (words.seen(), check.seen)] {
        if let Some(side) = side {
            text += &labelled(label, side, &below, style);
        }
    }
    let asked = !matches!(check.level, Level::Passed | Level::Info);
    if let Some(language) = bidders.filter(|_| asked) {
        for sentence in check.code.sentences(language) {
            let mut line = Flow::new(style, &below, HEAD, &below);
            line.push(Ink::Plain, sentence);
            text += &line.end();
        }
    }
    text
}

/// `label: text`, its further lines under its beginning.
pub(super) fn labelled(label: &str, text: &str, before: &str, style: Style) -> String {
    let further = format!("{before}  ");
    let mut line = Flow::new(style, before, super::width(before), &further);
    line.push(Ink::Dim, &format!("{label}: "));
    line.push(Ink::Plain, &safe(text));
    line.end()
}
