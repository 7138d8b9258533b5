//! The line of a file that a mistake is on, underlined.

use std::fmt;
use std::ops::Range;

/// A place in a text, and the text there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// 1-based.
    pub(super) line: usize,
    /// 1-based, in characters.
    pub(super) column: usize,
    text: String,
    underlined: usize,
}

/// Longer lines are cut: a mistake must not flood a terminal.
const MAX_SHOWN: usize = 160;

impl Excerpt {
    /// The line in which `span` (byte offsets) begins.
    pub(super) fn new(source: &str, span: &Range<usize>) -> Self {
        let start = floor_boundary(source, span.start);
        let end = floor_boundary(source, span.end).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let rest = &source[line_start..];
        let text = rest.split(['\n', '\r']).next().unwrap_or(rest);
        let line_end = line_start + text.len();
        let underlined = &source[start.min(line_end)..end.clamp(start.min(line_end), line_end)];
        Self {
            line: source[..line_start].matches('\n').count() + 1,
            column: source[line_start..start].chars().count() + 1,
            text: text.chars().take(MAX_SHOWN).collect(),
            underlined: underlined.chars().count().clamp(1, MAX_SHOWN),
        }
    }

    /// Writes the line, carets under the place, and `label` behind them.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, label: &str) -> fmt::Result {
        let gutter = " ".repeat(self.line.to_string().len());
        let before: String = self.text.chars().take(self.column - 1).map(blank).collect();
        let marked = self.text.chars().skip(self.column - 1).take(self.underlined);
        let carets: String = marked.map(|c| if is_wide(c) { "^^" } else { "^" }).collect();
        let carets = if carets.is_empty() { "^" } else { &carets };
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{} | {}", self.line, self.text)?;
        writeln!(f, "{gutter} | {before}{carets} {label}")
    }
}

fn floor_boundary(source: &str, at: usize) -> usize {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// White space as wide as the character above it.
fn blank(above: char) -> &'static str {
    match above {
        '\t' => "\t",
        c if is_wide(c) => "  ",
        _ => " ",
    }
}

/// Whether terminals give a character two columns: the blocks of Unicode
/// Standard Annex 11 that names and comments in Chinese are written in.
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
        | 0xFE30..=0xFE4F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_span_of_any_text_has_an_excerpt() {
        for source in ["", "a", "甲乙\n丙", "\n\n", "a\r\nb", "x\u{1F600}"] {
            for start in 0..source.len() + 2 {
                for end in 0..source.len() + 2 {
                    let excerpt = Excerpt::new(source, &(start..end));
                    assert!(excerpt.line >= 1 && excerpt.column >= 1);
                }
            }
        }
    }

    #[test]
    fn columns_count_characters() {
        let source = "a = 1\n\"名\" = x\n";
        let at = source.find('x').unwrap();
        let excerpt = Excerpt::new(source, &(at..at + 1));
        assert_eq!((excerpt.line, excerpt.column), (2, 7));
    }
}
