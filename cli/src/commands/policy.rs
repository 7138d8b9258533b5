//! `tongxing policy`: checked without a province, set and explained with one.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tongxing_trust_store::{AuthorityPolicy, Command, PolicyErrors, ProvincePolicy};

use super::ask;
use super::authority::{bytes, policy_file};
use crate::args::{PolicyCommand, SetArgs};
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, Style};

pub(super) async fn run(command: PolicyCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        PolicyCommand::Check { files } => check(&files, output),
        PolicyCommand::Explain { ca: authority, certificate, reveal, data } => {
            let certificate = bytes(&certificate)?;
            ask(&data, Command::PolicyExplain { authority, certificate, reveal }, output).await
        }
        PolicyCommand::Set(SetArgs { ca: authority, province: _, file, data }) => {
            let policy = policy_file(&file)?;
            ask(&data, Command::PolicySet { authority, policy }, output).await
        }
    }
}

/// What one file turned out to be.
#[derive(Debug, Serialize)]
struct Checked {
    file: PathBuf,
    /// Whose policy it is; `province` for the province's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    errors: Vec<Mistake>,
    #[serde(skip)]
    text: String,
}

/// One mistake, with its place.
#[derive(Debug, Serialize)]
struct Mistake {
    line: usize,
    column: usize,
    message: String,
    expected: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// Reads every file, whatever is wrong with the others.
fn check(paths: &[PathBuf], output: &Output) -> Result<Outcome, Failure> {
    let checked: Vec<Checked> = paths.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
    output.value(&checked, |style| checked.iter().map(|file| told(file, style)).collect());
    let good = checked.iter().all(|file| file.errors.is_empty());
    Ok(if good { Outcome::Yes } else { Outcome::No })
}

fn read(path: &Path) -> Result<Checked, Failure> {
    let policy = policy_file(path)?;
    let parsed = if is_province(&policy.source) {
        ProvincePolicy::parse(&policy.name, &policy.source)
            .map(|policy| ("province".to_owned(), policy.version().to_owned()))
    } else {
        AuthorityPolicy::parse(&policy.name, &policy.source)
            .map(|policy| (policy.authority().to_string(), policy.version().to_owned()))
    };
    let file = path.to_owned();
    Ok(match parsed {
        Ok((whose, version)) => Checked {
            file,
            policy_of: Some(whose),
            version: Some(version),
            errors: Vec::new(),
            text: String::new(),
        },
        Err(errors) => Checked {
            file,
            policy_of: None,
            version: None,
            errors: mistakes(&errors),
            text: errors.to_string(),
        },
    })
}

/// A province's file has the table `[province]`, an authority's `[policy]`; a
/// file with neither is read as an authority's, whose reader names what is missing.
fn is_province(source: &str) -> bool {
    source.lines().any(|line| line.trim_start().starts_with("[province]"))
}

fn mistakes(errors: &PolicyErrors) -> Vec<Mistake> {
    let mistakes = errors.errors().iter().map(|error| Mistake {
        line: error.line(),
        column: error.column(),
        message: error.message().to_owned(),
        expected: error.expected().to_owned(),
        help: error.help().map(str::to_owned),
    });
    mistakes.collect()
}

fn told(file: &Checked, style: Style) -> String {
    let mut text = String::new();
    let name = file.file.display();
    _ = match (&file.policy_of, &file.version) {
        (Some(whose), Some(version)) => {
            writeln!(text, "{} {name}: policy of {whose}, version {version}", style.good("✓"))
        }
        _ => writeln!(text, "{} {name}\n{}", style.bad("✗"), file.text),
    };
    text
}
