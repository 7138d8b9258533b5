//! Reading a policy file: strict, complete, with every mistake shown in place.
//!
//! 1. The text is parsed as TOML, with the position of every key and value.
//!    Syntax errors are reported, all of them, and end the reading.
//! 2. Each [`Section`] is asked for the keys it may have; what was never asked
//!    for is an unknown key. Reading goes on after a mistake, so that one run
//!    shows them all.
//! 3. Only a file without a mistake becomes a policy.
//!
//! A tree with positions is read here, and not serde, because serde stops at the
//! first mistake.

mod error;
mod excerpt;
mod section;
mod suggest;

use std::cell::RefCell;
use std::ops::Range;

use toml::de::DeTable;

pub use error::{PolicyError, PolicyErrors};
pub(super) use section::{Item, Section};

/// What comes out of reading a part of a file.
pub(super) type Parsed<T> = Result<T, Reported>;

/// The part cannot be read, and the reason is among the file's mistakes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reported(());

/// The longest policy file; the largest shipped one has 8 KiB.
const MAX_BYTES: usize = 256 * 1024;

/// A mistake, before it is given its place in the text.
struct Mistake {
    span: Range<usize>,
    message: String,
    label: String,
    help: Option<String>,
}

/// Where the mistakes of one file are collected.
#[derive(Default)]
pub(super) struct Mistakes(RefCell<Vec<Mistake>>);

impl Mistakes {
    fn add(
        &self,
        span: Range<usize>,
        message: String,
        label: String,
        help: Option<String>,
    ) -> Reported {
        self.0.borrow_mut().push(Mistake { span, message, label, help });
        Reported(())
    }

    fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

/// Reads `source` with `reader`; a policy comes out only if nothing was wrong.
pub(super) fn read<T>(
    file: &str,
    source: &str,
    reader: impl FnOnce(&Section<'_>) -> Parsed<T>,
) -> Result<T, PolicyErrors> {
    let mistakes = Mistakes::default();
    let value = read_with(source, &mistakes, reader);
    match value {
        Ok(value) if mistakes.is_empty() => Ok(value),
        _ => Err(PolicyErrors::new(file, source, mistakes.0.into_inner())),
    }
}

fn read_with<T>(
    source: &str,
    mistakes: &Mistakes,
    reader: impl FnOnce(&Section<'_>) -> Parsed<T>,
) -> Parsed<T> {
    if source.len() > MAX_BYTES {
        let label = format!("at most {MAX_BYTES} bytes, this has {}", source.len());
        return Err(mistakes.add(0..0, "policy file too long".to_owned(), label, None));
    }
    let (root, syntax) = DeTable::parse_recoverable(source);
    let report = |error: &toml::de::Error| {
        let span = error.span().unwrap_or(0..0);
        mistakes.add(span, "not TOML".to_owned(), error.message().to_owned(), None)
    };
    if let Some(reported) = syntax.iter().map(report).last() {
        return Err(reported);
    }
    let section = Section::root(root.get_ref(), mistakes);
    let value = reader(&section);
    section.finish();
    value
}
