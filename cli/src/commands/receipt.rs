//! `tongxing receipt`: a verification that was given a receipt, derived anew.

use std::fs::File;
use std::path::Path;

use tongxing_pki::{Certificate, Fault, Language, PemLabel, Verdict, decode_pem_or_der};
use tongxing_trust_store::{ReceiptCheck, ReceiptFault, ReceiptFile};

use super::verify::language;
use crate::args::ReceiptVerifyArgs;
use crate::files;
use crate::outcome::{Failure, Outcome};
use crate::render::{Output, receipt};

/// Checks a receipt by files alone.
pub(super) fn verify(args: &ReceiptVerifyArgs, output: &Output) -> Result<Outcome, Failure> {
    let keys = files::evidence_keys(&args.key)?;
    let fault =
        |fault: ReceiptFault| Failure::bad_input(fault.to_string()).about(args.file.display());
    let mut file = ReceiptFile::read(&files::read_receipt(&args.file)?).map_err(fault)?;
    for evidence in &args.evidence {
        file.add_evidence(files::read(evidence)?);
    }
    let mut check = ReceiptCheck::new(file).map_err(fault)?;
    for path in &args.tsa_anchors {
        certificates(path)?.into_iter().for_each(|anchor| check.trust_timestamps(anchor));
    }
    for document in &args.documents {
        give(&mut check, document)?;
    }
    let verification = check.run(&keys);
    let language = language(args.lang);
    output.value(&verification, |style| receipt(&verification, language, style));
    if keys.is_empty() {
        output.note(language.unwrap_or(Language::En).pick(
            "\n未指定任何公钥：请用 --key 给出 `tongxing audit keys` 或 GET /v1/evidence-keys 的内容。",
            "\nNo key was given: --key takes what `tongxing audit keys` or GET /v1/evidence-keys \
             prints.",
        ));
    }
    Ok(match verification.verdict {
        Verdict::Passed => Outcome::Yes,
        Verdict::Failed | Verdict::Indeterminate => Outcome::No,
    })
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let read = decode_pem_or_der(files::read(path)?, PemLabel::Certificate);
    let parsed = read.and_then(|all| all.iter().map(|der| Certificate::parse(der)).collect());
    parsed.map_err(|fault: Fault| Failure::bad_input(fault.to_string()).about(path.display()))
}

fn give(check: &mut ReceiptCheck, path: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::bad_input(format!("{}: {error}", path.display()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    check.give(&name, File::open(path).map_err(failed)?).map_err(failed)
}
