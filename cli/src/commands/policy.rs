//! `tongxing policy`: checked without a province, set and explained with one.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tongxing_pki::{Certificate, Fault, PemLabel, decode_pem_or_der};
use tongxing_trust_store::{
    AuthorityPolicy, Clock, Command, Disclosure, PolicyErrors, ProvincePolicy, SystemClock,
};

use super::authority::{bytes, policy_file};
use super::{ask, built_in_policy};
use crate::args::{ExplainArgs, PolicyCommand, PolicyFileKind, SetArgs};
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, Style, explained};

pub(super) async fn run(command: PolicyCommand, output: &Output) -> Result<Outcome, Failure> {
    match command {
        PolicyCommand::Check { files } => check(&files, output),
        PolicyCommand::Explain(args) => explain(args, output).await,
        PolicyCommand::Schema { of } => {
            print_schema(of, output);
            Ok(Outcome::Yes)
        }
        PolicyCommand::Set(SetArgs { ca: authority, province: _, file, effective, data }) => {
            let policy = policy_file(&file)?;
            ask(&data, Command::PolicySet { authority, policy, effective }, output).await
        }
    }
}

/// By an enrolled authority's policy, or by a file alone.
async fn explain(args: ExplainArgs, output: &Output) -> Result<Outcome, Failure> {
    let certificate = bytes(&args.certificate)?;
    let Some(file) = &args.policy else {
        // One of the two is given: clap's group.
        let authority = args.ca.ok_or_else(|| Failure::bad_input("whose policy?"))?;
        let reveal = args.reveal;
        return ask(&args.data, Command::PolicyExplain { authority, certificate, reveal }, output)
            .await;
    };
    let policy = policy_file(file)?;
    let policy =
        AuthorityPolicy::parse(&policy.name, &policy.source).map_err(|errors| unloaded(&errors))?;
    let rules = args.province.as_deref().map_or_else(|| Ok(built_in_policy()), policy_file)?;
    let rules =
        ProvincePolicy::parse(&rules.name, &rules.source).map_err(|errors| unloaded(&errors))?;
    let certificate = first_certificate(certificate.as_slice())
        .map_err(|failure| failure.about(args.certificate.display()))?;
    let disclosure = if args.clear { Disclosure::Revealed } else { Disclosure::Veiled };
    let explanation = policy.explain(&rules, &certificate, SystemClock.now(), disclosure);
    // Strings, lists and findings: nothing in it fails to serialise.
    let shown = serde_json::to_value(&explanation).unwrap_or_default();
    output.value(&shown, |style| explained(&shown, style));
    Ok(if explanation.is_identified() { Outcome::Yes } else { Outcome::No })
}

fn first_certificate(file: &[u8]) -> Result<Certificate, Failure> {
    let unread = |fault: Fault| Failure::bad_input(format!("no certificate: {fault}"));
    let ders = decode_pem_or_der(file, PemLabel::Certificate).map_err(unread)?;
    let first = ders.first().ok_or_else(|| Failure::bad_input("no certificate"))?;
    Certificate::parse(first).map_err(unread)
}

fn unloaded(errors: &PolicyErrors) -> Failure {
    Failure::bad_input(errors.to_string())
}

/// The schema itself is a JSON document, whatever the form of answers.
fn print_schema(of: PolicyFileKind, output: &Output) {
    output.text(match of {
        PolicyFileKind::Authority => AuthorityPolicy::SCHEMA,
        PolicyFileKind::Province => ProvincePolicy::SCHEMA,
    });
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
