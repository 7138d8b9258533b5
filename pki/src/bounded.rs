//! How much a report may hold of what strangers send.

use std::fmt::{self, Write as _};

/// How many findings of one kind are made about one certificate or list: a
/// stranger's could earn thousands, and nobody reads more. Origin: ours.
pub(crate) const MAX_ALIKE: usize = 8;

/// The longest text in a finding, in octets: names have no limit of their own.
/// Origin: ours, several times the longest name of a real authority.
const MAX_TEXT: usize = 1_024;

/// The length that most texts stay under, in octets: they are written in many
/// pieces, and room made once costs less than growing with each.
const USUAL_TEXT: usize = 64;

/// The text, as far as [`MAX_TEXT`] goes.
pub(crate) fn bounded(text: impl fmt::Display) -> String {
    let mut bounded = Bounded(String::with_capacity(USUAL_TEXT));
    // The only error is that the limit was reached.
    let _ = write!(bounded, "{text}");
    bounded.0
}

/// Stops whoever writes into it at [`MAX_TEXT`].
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let room = MAX_TEXT.saturating_sub(self.0.len());
        if piece.len() <= room {
            self.0.push_str(piece);
            return Ok(());
        }
        self.0.push_str(&piece[..piece.floor_char_boundary(room)]);
        self.0.push('…');
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(bounded("short"), "short");
        let cut = bounded("公".repeat(MAX_TEXT));
        assert!(cut.len() <= MAX_TEXT + '…'.len_utf8() && cut.ends_with("公…"));
        let many = bounded(format_args!("{}{}", "a".repeat(MAX_TEXT), "b"));
        assert_eq!(many.len(), MAX_TEXT + '…'.len_utf8());
    }
}
