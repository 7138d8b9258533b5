//! `tongxing inspect`: what a file says of itself. Nothing is verified.
//!
//! Kinds are tried in the order of the table below; the first that reads the file shows
//! it. Where none does, the fault of the likeliest is told.

mod certificate;
mod labels;
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
        .map_err(|fault| Failure::bad_input(format!("{}: {fault}", args.file.display())))?;
    output.value(&found, |style| match args.lang {
        LanguageArg::En => outline(&found, 0, style),
        LanguageArg::Zh => outline(&labels::chinese(&found), 0, style),
    });
    Ok(Outcome::Yes)
}

/// One thing for each structure in the file, each with its `kind`.
fn found(octets: &[u8]) -> Result<Value, Fault> {
    type Reader = fn(&[u8]) -> Result<Vec<Value>, Fault>;
    const ALL: [Reader; 4] = [certificates, lists, response, document];
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
    nearest.map_or_else(|| Ok(Value::Null), Err)
}

/// The fault that lies deeper in its structure: that kind was the likelier.
fn nearer(known: Option<Fault>, next: Fault) -> Fault {
    let depth = |fault: &Fault| match fault.problem() {
        Problem::UnknownFormat | Problem::Missing | Problem::UnknownArmour => 0,
        _ => 1 + fault.field().matches('.').count(),
    };
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
