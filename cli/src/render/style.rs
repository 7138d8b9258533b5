//! Colours and marks, where a terminal wants them.

use std::env;
use std::io::{self, IsTerminal};

use terminal_size::terminal_size_of;

/// Whether to paint: only on a terminal, and never against <https://no-color.org>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    /// With colours.
    Colours,
    /// Plain text.
    Plain,
}

/// How text for people is painted, and how wide its lines may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    paint: Paint,
    columns: Option<usize>,
}

impl Style {
    /// For standard output.
    pub(crate) fn of_stdout() -> Self {
        let columns = terminal_size_of(io::stdout()).map(|(columns, _)| usize::from(columns.0));
        Self { columns, ..Self::for_terminal(io::stdout().is_terminal()) }
    }

    /// For standard error.
    pub(crate) fn of_stderr() -> Self {
        Self::for_terminal(io::stderr().is_terminal())
    }

    /// Painted as told.
    pub(crate) const fn new(paint: Paint) -> Self {
        Self { paint, columns: None }
    }

    /// The same for lines of this many cells.
    #[cfg(test)]
    pub(crate) fn with_columns(self, columns: usize) -> Self {
        Self { columns: Some(columns), ..self }
    }

    /// How many cells a line has; `None` where nobody breaks it.
    pub(super) fn columns(self) -> Option<usize> {
        self.columns
    }

    fn for_terminal(terminal: bool) -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self::new(if terminal && !refused && !dumb { Paint::Colours } else { Paint::Plain })
    }

    /// Something as it should be.
    pub(crate) fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// Something to look at.
    pub(crate) fn warn(self, text: &str) -> String {
        self.paint("33", text)
    }

    /// Something wrong.
    pub(crate) fn bad(self, text: &str) -> String {
        self.paint("31", text)
    }

    /// Something that stands out.
    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// Something beside the point.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self.paint {
            Paint::Colours => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Paint::Plain => text.to_owned(),
        }
    }
}
