//! Transforms: from the text that stands in a certificate to the value in it.
//!
//! A step either applies or ends its rule; none of them guesses.

use std::fmt;

use regex::{Regex, RegexBuilder};

use super::super::file::{Item, Parsed, Section};

/// One transform.
#[derive(Debug, Clone)]
pub(in super::super) enum Step {
    Split { separator: String, take: Place, parts: Option<i64> },
    SplitLast { separator: String, side: Side },
    StripPrefix(Vec<String>),
    StripSuffix(Vec<String>),
    Capture { pattern: Regex, group: usize },
    Remove(Vec<char>),
    Trim,
    UpperCase,
}

/// A place in a list: 1 is the first, -1 the last; never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Place(i64);

/// Which side of the last separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Side {
    Before,
    After,
}

/// Compiled size of one pattern; regex runs in time linear in the text.
const PATTERN_SIZE: usize = 256 * 1024;
const MAX_PLACE: i64 = 64;
const MAX_CHOICES: usize = 16;

const EXPECTED: &str = "expected \"trim\", \"upper-case\" or a table with `split`, \
     `split-last`, `strip-prefix`, `strip-suffix`, `capture` or `remove`";

impl Step {
    /// Applies it; the error says why it does not apply.
    pub(in super::super) fn apply(&self, text: &str) -> Result<String, &'static str> {
        let result = match self {
            Self::Split { separator, take, parts } => split(text, separator, *take, *parts)?,
            Self::SplitLast { separator, side } => {
                let (before, after) =
                    text.rsplit_once(separator.as_str()).ok_or("the separator does not occur")?;
                if *side == Side::Before { before } else { after }
            }
            Self::StripPrefix(prefixes) => prefixes
                .iter()
                .find_map(|prefix| text.strip_prefix(prefix.as_str()))
                .ok_or("the text begins otherwise")?,
            Self::StripSuffix(suffixes) => suffixes
                .iter()
                .find_map(|suffix| text.strip_suffix(suffix.as_str()))
                .ok_or("the text ends otherwise")?,
            Self::Capture { pattern, group } => pattern
                .captures(text)
                .and_then(|captures| captures.get(*group))
                .ok_or("the pattern does not match")?
                .as_str(),
            Self::Remove(characters) => {
                return Ok(text.chars().filter(|c| !characters.contains(c)).collect());
            }
            Self::Trim => text.trim(),
            Self::UpperCase => return Ok(text.to_uppercase()),
        };
        Ok(result.to_owned())
    }

    /// Reads a step from a policy file.
    pub(super) fn parse(item: &Item<'_>) -> Parsed<Self> {
        if item.is_text() {
            return item.choice(&[("trim", Simple::Trim), ("upper-case", Simple::UpperCase)]).map(
                |simple| match simple {
                    Simple::Trim => Self::Trim,
                    Simple::UpperCase => Self::UpperCase,
                },
            );
        }
        let section = item.section()?;
        let step = Self::parse_table(&section);
        section.finish();
        step
    }

    fn parse_table(section: &Section<'_>) -> Parsed<Self> {
        let keys = ["split", "split-last", "strip-prefix", "strip-suffix", "capture", "remove"];
        let (key, item) = match section.present(&keys).as_slice() {
            [] => return Err(section.fail("this is no step", EXPECTED)),
            _ => section.one_of(&keys)?,
        };
        match key {
            "split" => parse_split(section, &item),
            "split-last" => parse_split_last(section, &item),
            "strip-prefix" => Ok(Self::StripPrefix(one_or_more(&item)?)),
            "strip-suffix" => Ok(Self::StripSuffix(one_or_more(&item)?)),
            "capture" => parse_capture(section, &item),
            _ => Ok(Self::Remove(item.nonempty()?.chars().collect())),
        }
    }
}

#[derive(Clone, Copy)]
enum Simple {
    Trim,
    UpperCase,
}

fn split<'t>(
    text: &'t str,
    separator: &str,
    take: Place,
    parts: Option<i64>,
) -> Result<&'t str, &'static str> {
    let pieces: Vec<&str> = text.split(separator).collect();
    if parts.is_some_and(|parts| usize::try_from(parts) != Ok(pieces.len())) {
        return Err("it has another number of parts");
    }
    take.pick(&pieces).copied().ok_or("it has too few parts")
}

fn parse_split(section: &Section<'_>, item: &Item<'_>) -> Parsed<Step> {
    let take = section
        .required("take", "which part: 1 is the first, -1 the last")
        .and_then(|item| Ok((Place::parse(&item)?, item)));
    let parts = section.optional("parts").map(|item| item.integer(1, MAX_PLACE)).transpose();
    let separator = item.nonempty()?.to_owned();
    let ((take, taken), parts) = (take?, parts?);
    if parts.is_some_and(|parts| take.0.abs() > parts) {
        return Err(taken.fail("this step can never apply", "`take` lies beyond `parts`"));
    }
    Ok(Step::Split { separator, take, parts })
}

fn parse_split_last(section: &Section<'_>, item: &Item<'_>) -> Parsed<Step> {
    let side = section
        .required("take", "\"before\" or \"after\"")
        .and_then(|item| item.choice(&[("before", Side::Before), ("after", Side::After)]));
    Ok(Step::SplitLast { separator: item.nonempty()?.to_owned(), side: side? })
}

fn parse_capture(section: &Section<'_>, item: &Item<'_>) -> Parsed<Step> {
    let group = section.optional("group").map_or(Ok(1), |item| item.integer(0, 20));
    let pattern = pattern(item)?;
    let group = usize::try_from(group?).unwrap_or(usize::MAX);
    if group >= pattern.captures_len() {
        let label = format!("the pattern has {} capture groups", pattern.captures_len() - 1);
        return Err(item.fail(&format!("there is no capture group {group}"), &label));
    }
    Ok(Step::Capture { pattern, group })
}

/// A regular expression.
pub(super) fn pattern(item: &Item<'_>) -> Parsed<Regex> {
    let pattern = RegexBuilder::new(item.nonempty()?).size_limit(PATTERN_SIZE).build();
    pattern
        .map_err(|error| item.fail("this regular expression does not compile", &last_line(&error)))
}

/// regex draws its own picture of the pattern above its last line, which says
/// what is wrong.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default().trim();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// One text, or a list of them.
pub(super) fn one_or_more(item: &Item<'_>) -> Parsed<Vec<String>> {
    if item.is_text() {
        return Ok(vec![item.nonempty()?.to_owned()]);
    }
    item.list_of((1, MAX_CHOICES), |item| item.nonempty().map(str::to_owned))
}

impl Place {
    /// Reads a place; zero is refused.
    pub(super) fn parse(item: &Item<'_>) -> Parsed<Self> {
        let number = item.integer(-MAX_PLACE, MAX_PLACE)?;
        if number == 0 {
            return Err(item.fail("places count from 1", "1 is the first, -1 the last"));
        }
        Ok(Self(number))
    }

    /// What stands there.
    pub(super) fn pick<T>(self, list: &[T]) -> Option<&T> {
        let distance = usize::try_from(self.0.unsigned_abs()).ok()?;
        let index =
            if self.0 > 0 { distance.checked_sub(1)? } else { list.len().checked_sub(distance)? };
        list.get(index)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Split { separator, take, parts: None } => {
                write!(f, "split {separator:?} take {take}")
            }
            Self::Split { separator, take, parts: Some(parts) } => {
                write!(f, "split {separator:?} take {take} of {parts}")
            }
            Self::SplitLast { separator, side: Side::Before } => {
                write!(f, "split-last {separator:?} take before")
            }
            Self::SplitLast { separator, side: Side::After } => {
                write!(f, "split-last {separator:?} take after")
            }
            Self::StripPrefix(prefixes) => write!(f, "strip-prefix {prefixes:?}"),
            Self::StripSuffix(suffixes) => write!(f, "strip-suffix {suffixes:?}"),
            Self::Capture { pattern, group } => {
                write!(f, "capture {:?} group {group}", pattern.as_str())
            }
            Self::Remove(characters) => {
                write!(f, "remove {:?}", characters.iter().collect::<String>())
            }
            Self::Trim => f.write_str("trim"),
            Self::UpperCase => f.write_str("upper-case"),
        }
    }
}
