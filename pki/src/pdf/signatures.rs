//! All signatures of a file, those of earlier revisions too.

use std::collections::HashMap;

use crate::{Finding, Report};

use super::budget::{self, MAX_SIGNATURES};
use super::codes;
use super::fault::PdfFault;
use super::field::{SignatureAt, fields};
use super::file::PdfFile;
use super::signature::Signature;
use super::xref::Place;

/// A signature and the revisions that it is in.
pub(super) struct Found {
    pub(super) signature: Signature,
    /// The last revision whose form has it.
    pub(super) last: usize,
}

/// Finds every signature; one that is in several revisions once, in the order in which
/// they came.
pub(super) fn find(file: &PdfFile<'_>, report: &mut Report) -> Result<Vec<Found>, PdfFault> {
    let mut found: Vec<Found> = Vec::new();
    let mut known: HashMap<(SignatureAt, Option<Place>), usize> = HashMap::new();
    let last = file.revisions().len() - 1;
    for revision in 0..=last {
        let view = file.view(revision);
        let fields = match fields(&view) {
            Ok(fields) => fields,
            Err(fault) if revision == last || fault.problem().is_limit() => return Err(fault),
            Err(fault) => {
                let finding = Finding::warning(&codes::PDF_OBJECT_UNREADABLE).seen(fault);
                report.push(finding.about(format_args!("revision {}", revision + 1)));
                continue;
            }
        };
        for field in fields.iter().filter(|field| field.is_signature()) {
            let Some(at) = field.signature else { continue };
            let (SignatureAt::Object(id) | SignatureAt::InField(id)) = at;
            let key = (at, view.place(id.number));
            if let Some(place) = known.get(&key) {
                found[*place].last = revision;
                continue;
            }
            let count = found.len() as u64 + 1;
            budget::within(count, MAX_SIGNATURES, "signatures", view.newest().start)?;
            if let Some(signature) = Signature::read(&view, field)? {
                known.insert(key, found.len());
                found.push(Found { signature, last: revision });
            }
        }
    }
    Ok(found)
}
