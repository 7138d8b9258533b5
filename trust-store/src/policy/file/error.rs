//! What an operator is told about a policy file that does not load.

use std::fmt;

use super::Mistake;
use super::excerpt::Excerpt;

/// Every mistake found in a policy file. Nothing of the file was loaded.
///
/// `Display` shows each with its place, the line, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyErrors {
    file: String,
    errors: Vec<PolicyError>,
}

/// One mistake in a policy file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    excerpt: Excerpt,
    message: String,
    label: String,
    help: Option<String>,
}

/// More are counted and not shown.
const MAX_SHOWN: usize = 50;

impl PolicyErrors {
    pub(super) fn new(file: &str, source: &str, mistakes: Vec<Mistake>) -> Self {
        let mut mistakes = mistakes;
        mistakes.sort_by_key(|mistake| mistake.span.start);
        let place = |mistake: Mistake| PolicyError {
            excerpt: Excerpt::new(source, &mistake.span),
            message: mistake.message,
            label: mistake.label,
            help: mistake.help,
        };
        Self { file: file.to_owned(), errors: mistakes.into_iter().map(place).collect() }
    }

    /// The file's name, as it was given.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The mistakes, in the order of their places.
    pub fn errors(&self) -> &[PolicyError] {
        &self.errors
    }
}

impl PolicyError {
    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.excerpt.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.excerpt.column
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What was expected in its place.
    pub fn expected(&self) -> &str {
        &self.label
    }

    /// What was probably meant.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for PolicyErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for error in self.errors.iter().take(MAX_SHOWN) {
            let gutter = " ".repeat(error.line().to_string().len());
            writeln!(f, "error: {}", error.message)?;
            writeln!(f, "{gutter}--> {}:{}:{}", self.file, error.line(), error.column())?;
            error.excerpt.write(f, &error.label)?;
            if let Some(help) = &error.help {
                writeln!(f, "{gutter} = help: {help}")?;
            }
            writeln!(f)?;
        }
        let errors = if self.errors.len() == 1 { "1 error" } else { "errors" };
        match self.errors.len() {
            1 => write!(f, "{errors} in {}; nothing was loaded", self.file),
            count => write!(f, "{count} {errors} in {}; nothing was loaded", self.file),
        }
    }
}

impl std::error::Error for PolicyErrors {}
