//! The document security store (ISO 32000-2 12.8.4.3; ETSI EN 319 142-1 5.4): the
//! certificates, lists and responses that came along. Nothing signs them.

use std::cell::Cell;

use crate::signed::codes as document_codes;
use crate::{Certificate, Code, Crl, DocumentBudget, Fault, Finding, OcspReply, SignedDocument};

use super::budget::MAX_STORED;
use super::fault::PdfFault;
use super::file::View;
use super::filter;
use super::syntax::{Dictionary, Object};

/// Adds what the last revision's store holds.
pub(super) fn read(
    view: &View<'_, '_>,
    budget: &DocumentBudget,
    document: &mut SignedDocument,
) -> Result<(), PdfFault> {
    let (_, catalogue) = view.catalogue()?;
    let store = view.get(&catalogue, "DSS")?;
    let Some(store) = store.as_dictionary() else { return Ok(()) };
    let store = Store { view, entries: store, left: Cell::new(MAX_STORED) };
    let unreadable = &document_codes::DOCUMENT_CERTIFICATE_UNREADABLE;
    store.each("Certs", budget.certificates, unreadable, document, |document, octets| {
        document.certificates.insert(Certificate::parse(octets)?);
        Ok(())
    })?;
    let unreadable = &document_codes::DOCUMENT_REVOCATION_UNREADABLE;
    store.each("CRLs", budget.revocations, unreadable, document, |document, octets| {
        document.lists.insert(Crl::parse(octets)?);
        Ok(())
    })?;
    store.each("OCSPs", budget.revocations, unreadable, document, |document, octets| {
        match OcspReply::parse(octets)? {
            OcspReply::Answered(response) => document.responses.insert(response),
            OcspReply::Refused(refusal) => document.responses.refused(refusal),
        }
        Ok(())
    })
}

struct Store<'s, 'p, 'f> {
    view: &'s View<'p, 'f>,
    entries: &'s Dictionary,
    /// Octets that may still be read.
    left: Cell<usize>,
}

impl Store<'_, '_, '_> {
    fn each(
        &self,
        key: &str,
        limit: usize,
        unreadable: &'static Code,
        document: &mut SignedDocument,
        mut one: impl FnMut(&mut SignedDocument, &[u8]) -> Result<(), Fault>,
    ) -> Result<(), PdfFault> {
        let items = self.view.get(self.entries, key)?;
        let items = items.as_array().unwrap_or_default();
        for item in items.iter().take(limit) {
            match self.octets(item) {
                Ok(Some(octets)) if octets.len() > self.left.get() => {
                    let seen = format!("{key}: more than {MAX_STORED} octets in all");
                    document.report.push(Finding::warning(unreadable).seen(seen));
                    return Ok(());
                }
                Ok(Some(octets)) => {
                    self.left.set(self.left.get() - octets.len());
                    if let Err(fault) = one(document, &octets) {
                        document.report.push(Finding::warning(unreadable).seen(fault));
                    }
                }
                Ok(None) => document.report.push(Finding::warning(unreadable).seen(key)),
                Err(fault) if fault.problem().is_limit() => return Err(fault),
                Err(fault) => document.report.push(Finding::warning(unreadable).seen(fault)),
            }
        }
        if items.len() > limit {
            let seen = format!("{} of {} {key} left out", items.len() - limit, items.len());
            document.report.push(Finding::warning(unreadable).seen(seen));
        }
        Ok(())
    }

    fn octets(&self, item: &Object) -> Result<Option<Vec<u8>>, PdfFault> {
        let Some(id) = item.as_reference() else { return Ok(None) };
        let Some(object) = self.view.load(id)? else { return Ok(None) };
        let (Some(dictionary), Some(encoded)) = (object.value.as_dictionary(), object.stream)
        else {
            return Ok(None);
        };
        let bytes = self.view.bytes();
        filter::decode(dictionary, &bytes[encoded], object.span.start, &self.view.file.work)
            .map(Some)
    }
}
