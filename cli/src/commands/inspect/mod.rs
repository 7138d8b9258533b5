//! `tongxing inspect`: what a file says of itself. Nothing is verified.
//!
//! Kinds are tried in the order of the table below; the first that reads the file shows
//! it. Where none does, the fault of the likeliest is told.

mod certificate;
mod labels;
mod receipt;
mod revocation;
mod signed;

use serde_json::{Value, json};
use tongxing_pki::{Fault, PemLabel, Problem, decode_document, decode_pem_or_der};

use crate::args::{InspectArgs, LanguageArg};
use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, outline};

pub(super) fn run(args: &InspectArgs, output: &Output) -> Result<Outcome, Failure> {
    let octets = files::read(&args.file)?;
    let found = found(&octets)
        .map_err(|told| Failure::bad_input(format!("{}: {told}", args.file.display())))?;
    output.value(&found, |style| match args.lang {
        LanguageArg::En => outline(&found, 0, labels::english, style),
        LanguageArg::Zh => outline(&found, 0, labels::chinese, style),
    });
    Ok(Outcome::Yes)
}

type Reader = fn(&[u8]) -> Result<Vec<Value>, Fault>;

/// In the order in which they are tried.
const ALL: [Reader; 4] = [certificates, lists, response, document];

/// One thing for each structure in the file, each with its `kind`.
fn found(octets: &[u8]) -> Result<Value, String> {
    if octets.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if let Some(shown) = receipt::show(octets) {
        return shown.map(|shown| json!([shown]));
    }
    let mut nearest = None;
    // A PDF file may have certificates in PEM in its text.
    let readers = if octets.starts_with(b"%PDF-") { &ALL[3..] } else { &ALL[..] };
    for read in readers {
        match read(octets) {
            Ok(things) => return Ok(Value::Array(things)),
            Err(fault) => nearest = Some(nearer(nearest, fault)),
        }
    }
    // Every reader was asked, so that there is one.
    nearest.map_or_else(|| Ok(Value::Null), |fault| Err(told(&fault)))
}

/// A fault at the outset says nothing of what the file was meant to be.
fn told(fault: &Fault) -> String {
    if depth(fault) > 1 {
        return fault.to_string();
    }
    let problem = fault.problem();
    format!(
        "neither certificate, revocation list, OCSP response, CMS, timestamp, PDF nor receipt: {problem}"
    )
}

/// How deep in its structure a fault lies.
fn depth(fault: &Fault) -> usize {
    match fault.problem() {
        Problem::UnknownFormat | Problem::Missing | Problem::UnknownArmour => 0,
        _ => 1 + fault.field().matches('.').count(),
    }
}

/// The fault that lies deeper: that kind was the likelier.
fn nearer(known: Option<Fault>, next: Fault) -> Fault {
    match known {
        Some(known) if depth(&known) >= depth(&next) => known,
        _ => next,
    }
}

fn certificates(octets: &[u8]) -> Result<Vec<Value>, Fault> {
    let ders = decode_pem_or_der(octets, PemLabel::Certificate)?;
    ders.iter().map(|der| certificate::show(der)).collect()
}

fn lists(octets: &[u8]) -> Result<Vec<Value>, Fault> {
    decode_pem_or_der(octets, PemLabel::Crl)?.iter().map(|der| revocation::list(der)).collect()
}

fn response(octets: &[u8]) -> Result<Vec<Value>, Fault> {
    let ders = decode_pem_or_der(octets, PemLabel::OcspResponse)?;
    ders.iter().map(|der| revocation::response(der)).collect()
}

fn document(octets: &[u8]) -> Result<Vec<Value>, Fault> {
    signed::show(&decode_document(octets)?).map(|shown| vec![shown])
}

/// Octets as lower-case hexadecimal.
fn hex(octets: &[u8]) -> Value {
    let digits = octets.iter().map(|octet| format!("{octet:02x}"));
    json!(digits.collect::<String>())
}
