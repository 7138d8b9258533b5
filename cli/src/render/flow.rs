//! Lines that go on under their own beginning where the terminal's line ends: a tree
//! keeps its branches.

use unicode_width::UnicodeWidthChar;

use super::{Style, width};

/// How a piece of a line is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// As it is.
    Plain,
    /// Beside the point.
    Dim,
    /// Standing out.
    Bold,
}

/// A line that is being written.
pub(super) struct Flow<'a> {
    style: Style,
    /// What following lines begin with.
    next: &'a str,
    text: String,
    /// Cells taken on the line so far.
    taken: usize,
}

/// A narrower terminal is written over its edge: breaking every word helps nobody.
const LEAST_ROOM: usize = 20;

/// Punctuation that does not begin a line.
const CLOSING: &str = "。,，、;；:：?？!！)）]」』】》”’…";
/// Punctuation that does not end one.
const OPENING: &str = "(（[「『【《“‘";

impl<'a> Flow<'a> {
    /// A line that begins with `first`, painted or not and `cells` wide; what does not
    /// fit goes on behind `next`.
    pub(super) fn new(style: Style, first: &str, cells: usize, next: &'a str) -> Self {
        Self { style, next, text: first.to_owned(), taken: cells }
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, ink: Ink, piece: &str) {
        for word in words(piece) {
            let cells = width(word.trim_end());
            let begun = self.taken > width(self.next);
            let room = self
                .style
                .columns()
                .filter(|columns| columns.saturating_sub(width(self.next)) >= LEAST_ROOM);
            let mut word = word;
            if begun && room.is_some_and(|columns| self.taken + cells > columns) {
                let kept = self.text.trim_end().len();
                self.text.truncate(kept);
                self.text.push('\n');
                self.text.push_str(self.next);
                self.taken = width(self.next);
                word = word.trim_start();
            }
            self.text.push_str(&self.painted(ink, word));
            self.taken += width(word);
        }
    }

    /// The lines, ended.
    pub(super) fn end(mut self) -> String {
        let kept = self.text.trim_end().len();
        self.text.truncate(kept);
        self.text.push('\n');
        self.text
    }

    /// The spaces behind a word stay as they are: a line's end drops them.
    fn painted(&self, ink: Ink, text: &str) -> String {
        let word = text.trim_end();
        let spaces = &text[word.len()..];
        match ink {
            Ink::Dim if !word.is_empty() => self.style.dim(word) + spaces,
            Ink::Bold if !word.is_empty() => self.style.bold(word) + spaces,
            _ => text.to_owned(),
        }
    }
}

/// The parts of a text that stay together, each with the spaces behind it: Latin
/// breaks at spaces, Chinese between any two characters but before and behind some
/// punctuation (GB/T 15834-2011 5.1).
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, c)) {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

fn may_break(before: char, after: char) -> bool {
    if before == ' ' {
        return after != ' ';
    }
    let wide = |c: char| c.width() == Some(2);
    after != ' '
        && (wide(before) || wide(after))
        && !CLOSING.contains(after)
        && !OPENING.contains(before)
}

#[cfg(test)]
mod tests {
    use super::super::style::Paint;
    use super::*;

    fn flowed(columns: usize, pieces: &[&str]) -> String {
        let style = Style::new(Paint::Plain).with_columns(columns);
        let mut flow = Flow::new(style, "├─ ", 3, "│  ");
        for piece in pieces {
            flow.push(Ink::Plain, piece);
        }
        flow.end()
    }

    #[test]
    fn a_long_line_goes_on_under_itself() {
        let text = "The signature was verified with the issuer's key.";
        assert_eq!(
            flowed(30, &[text, " [RFC 5280]"]),
            "├─ The signature was verified\n│  with the issuer's key. [RFC\n│  5280]\n"
        );
    }

    #[test]
    fn chinese_breaks_by_cells_and_not_before_a_full_stop() {
        // Ten characters are twenty cells; the full stop may not begin a line.
        let text = "一二三四五六七八九十。";
        assert_eq!(flowed(23, &[text]), "├─ 一二三四五六七八九\n│  十。\n");
        assert_eq!(flowed(25, &[text]), "├─ 一二三四五六七八九十。\n");
    }

    #[test]
    fn paint_takes_no_room_and_leaves_no_space_at_the_end() {
        let style = Style::new(Paint::Colours).with_columns(24);
        let mut flow = Flow::new(style, "├─ ", 3, "│  ");
        flow.push(Ink::Dim, "exactly as wide here, then more");
        let lines = flow.end();
        assert!(lines.lines().all(|line| !line.ends_with(' ')), "{lines:?}");
        let (first, _) = lines.split_once('\n').unwrap();
        assert!(first.ends_with("here,\u{1b}[0m"), "{lines:?}");
    }

    #[test]
    fn a_word_that_fits_nowhere_stays_whole() {
        let hash = "0123456789abcdef0123456789abcdef";
        assert_eq!(flowed(24, &["of ", hash, " it"]), format!("├─ of\n│  {hash}\n│  it\n"));
        // Too narrow to be worth breaking.
        assert_eq!(flowed(10, &["a bc def ghij klmno"]), "├─ a bc def ghij klmno\n");
    }
}
