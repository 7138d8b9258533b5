//! From a PDF file to a [`SignedDocument`].

use crate::bounded::MAX_ALIKE;
use crate::fault::{Fault, Problem};
use crate::keys::Hash;
use crate::signed::codes as document_codes;
use crate::signed::{DocumentTimestamp, cms};
use crate::{
    DocumentBudget, DocumentFormat, Finding, Report, SignatureFormat, SignedContent,
    SignedDocument, TimestampToken,
};

use super::census::{self, Census};
use super::changes::{self, Changes, Rules};
use super::codes;
use super::dss;
use super::fault::PdfFault;
use super::file::PdfFile;
use super::signature::{Covered, Kind, Level, Signature};
use super::signatures::{self, Found};

/// How far the header is looked for.
const HEAD: usize = 1_024;

/// The format itself.
pub(crate) struct Pdf;

impl SignatureFormat for Pdf {
    fn format(&self) -> DocumentFormat {
        DocumentFormat::Pdf
    }

    fn recognises(&self, octets: &[u8]) -> bool {
        // White space before the header is a fault of a PDF file, not another format.
        let head = &octets[..octets.len().min(HEAD)];
        head.trim_ascii_start().starts_with(b"%PDF-")
    }

    fn limit(&self, budget: &DocumentBudget) -> usize {
        budget.pdf_octets
    }

    fn parse(&self, octets: &[u8], budget: &DocumentBudget) -> Result<SignedDocument, Fault> {
        read(octets, budget).map_err(|fault| Fault::new("pdf", Problem::Pdf(fault)))
    }
}

fn read(octets: &[u8], budget: &DocumentBudget) -> Result<SignedDocument, PdfFault> {
    let file = PdfFile::read(octets)?;
    let mut document = SignedDocument::new(DocumentFormat::Pdf);
    document.file = Some(Hash::Sha256.digest(octets));
    let censuses: Result<Vec<Census>, PdfFault> =
        (0..file.revisions().len()).map(|revision| census::take(&file, revision)).collect();
    let censuses = censuses?;
    irregularities(&censuses, &mut document.report);
    let found = signatures::find(&file, &mut document.report)?;
    if let (true, Some(damage)) = (found.is_empty(), &file.damage) {
        // Nothing was signed before the damage: it is all that there is to say.
        return Err(damage.clone());
    }
    let assembler = Assembler { file: &file, found: &found, censuses: &censuses, budget };
    for one in &found {
        assembler.add(one, &mut document)?;
    }
    covering(&mut document);
    dss::read(&file.last_view(), budget, &mut document)?;
    Ok(document)
}

/// What is odd, wherever it is: worth a warning, as nobody may have meant anything by it.
fn irregularities(censuses: &[Census], report: &mut Report) {
    for (revision, census) in censuses.iter().enumerate() {
        let about = |finding: Finding| finding.about(format_args!("revision {}", revision + 1));
        report.extend(census.hidden.iter().map(|(at, id)| {
            let finding = about(Finding::warning(&codes::PDF_HIDDEN_OBJECT));
            match id {
                Some(id) => finding.seen(format_args!("{id} at octet {at}")),
                None => finding.seen(format_args!("octet {at}")),
            }
        }));
        report.extend(census.unreadable.iter().map(|(number, fault)| {
            about(Finding::warning(&codes::PDF_OBJECT_UNREADABLE))
                .seen(format_args!("{number}: {fault}"))
        }));
        report.extend(
            census
                .repeated
                .iter()
                .map(|number| about(Finding::warning(&codes::PDF_XREF_REPEATED)).seen(number)),
        );
        report.extend(census.duplicates.iter().map(|(id, key)| {
            let key = String::from_utf8_lossy(key);
            about(Finding::warning(&codes::PDF_DUPLICATE_KEY)).seen(format_args!("{id}: /{key}"))
        }));
    }
}

struct Assembler<'a, 'f> {
    file: &'a PdfFile<'f>,
    found: &'a [Found],
    censuses: &'a [Census],
    budget: &'a DocumentBudget,
}

impl Assembler<'_, '_> {
    fn add(&self, found: &Found, document: &mut SignedDocument) -> Result<(), PdfFault> {
        let signature = &found.signature;
        let mut report = Report::new();
        report.extend(signature.findings.iter().cloned());
        self.describe(found, &mut report);
        let last = self.file.revisions().len() - 1;
        if found.last < last {
            let finding = Finding::failed(&codes::PDF_SIGNATURE_REMOVED).seen(&signature.field);
            report.push(finding.expected(format_args!("in revision {}", last + 1)));
        }
        if let Some(covered) = &signature.covered {
            self.coverage(covered, &mut report);
            self.changes(signature, covered, &mut report)?;
        }
        self.attach(signature, report, document);
        Ok(())
    }

    /// Revision, permissions and what the signature says of itself.
    fn describe(&self, found: &Found, report: &mut Report) {
        let signature = &found.signature;
        let count = self.file.revisions().len();
        let revision = signature.covered.as_ref().map_or_else(
            || format!("no revision of {count}"),
            |covered| format!("revision {} of {count}", covered.revision + 1),
        );
        let finding = Finding::info(&codes::PDF_REVISION).about(&signature.field);
        report.push(finding.seen(revision));
        if let Some(level) = signature.permissions.certification {
            let finding = Finding::info(&codes::PDF_CERTIFIED);
            report.push(finding.seen(format_args!("P {}", level.number())));
            let before = |other: &Found| {
                revision_of(&other.signature) < revision_of(signature)
                    && other.signature.kind != Kind::Timestamp
            };
            if self.found.iter().any(before) {
                report.push(Finding::warning(&codes::PDF_CERTIFICATION_LATE));
            }
        }
        for key in ["Name", "Reason", "Location", "ContactInfo"] {
            if let Some(text) = signature.claim(key) {
                report.push(Finding::info(&codes::PDF_CLAIM).about(key).seen(text));
            }
        }
    }

    fn coverage(&self, covered: &Covered, report: &mut Report) {
        let last = self.file.revisions().len() - 1;
        let ends = format!("octets 0 to {}", covered.ranges[1].end);
        report.push(if covered.revision == last && self.file.appended.is_none() {
            Finding::passed(&codes::PDF_COVERS_FILE).seen(ends)
        } else {
            Finding::info(&codes::PDF_COVERS_REVISION).seen(ends)
        });
    }

    /// What came behind the revision that was signed.
    fn changes(
        &self,
        signature: &Signature,
        covered: &Covered,
        report: &mut Report,
    ) -> Result<(), PdfFault> {
        let before = report.findings().len();
        if let Some(appended) = &self.file.appended {
            let finding = Finding::failed(&codes::PDF_INCREMENTAL_SAVING);
            let range = format!("octets {} to {}", appended.start, appended.end);
            report.push(match &self.file.damage {
                Some(damage) => finding.seen(format_args!("{range}: {damage}")),
                None => finding.seen(range),
            });
        }
        for census in &self.censuses[covered.revision + 1..] {
            improper(census, report);
        }
        let last = self.file.revisions().len() - 1;
        let changes = if covered.revision == last {
            Changes::default()
        } else {
            let rules = self.rules(signature, covered);
            match changes::compare(self.file.view(covered.revision), self.file.last_view(), &rules)
            {
                Ok(changes) => changes,
                Err(fault) if fault.problem().is_limit() => return Err(fault),
                Err(fault) => {
                    report.push(Finding::failed(&codes::PDF_CONTENT_UNREADABLE).seen(fault));
                    return Ok(());
                }
            }
        };
        report.extend(changes.findings);
        if report.findings()[before..].is_empty() {
            let kinds: Vec<String> = changes.permitted.iter().map(ToString::to_string).collect();
            report.push(if kinds.is_empty() {
                Finding::passed(&codes::PDF_UNCHANGED)
            } else {
                Finding::passed(&codes::PDF_CHANGES_PERMITTED).seen(kinds.join(", "))
            });
        }
        Ok(())
    }

    /// What this signature and those before it permit; the strictest holds. Without any
    /// word of it, approvals are followed by what P 3 permits.
    fn rules(&self, signature: &Signature, covered: &Covered) -> Rules {
        let known = self.found.iter().map(|found| &found.signature).filter(|other| {
            other.covered.as_ref().is_some_and(|other| other.revision <= covered.revision)
        });
        let permissions = known.map(|other| &other.permissions);
        let levels = permissions.clone().flat_map(|one| [one.certification, one.lock]).flatten();
        Rules {
            level: levels.min().unwrap_or(Level::Annotations),
            certified: permissions.clone().any(|one| one.certification.is_some()),
            locked: signature.permissions.locked.clone(),
        }
    }

    /// Adds the message in a signature, with what was found about it. Where there is
    /// none to judge, what was found is the document's.
    fn attach(&self, signature: &Signature, report: Report, document: &mut SignedDocument) {
        let about = |finding: Finding| finding.about(&signature.field);
        if let Kind::Other(name) = &signature.kind {
            document.report.extend(named(&report, signature));
            document.report.push(about(Finding::failed(&codes::PDF_SUBFILTER)).seen(name));
            return;
        }
        let Some(covered) = &signature.covered else {
            document.report.extend(named(&report, signature));
            return;
        };
        let place = document.contents.len();
        let read = match signature.kind {
            Kind::Timestamp => self.timestamp(signature, report, place, document),
            _ => self.message(signature, report, place, document),
        };
        match read {
            Ok(()) => document.contents.push(SignedContent::Ranges(covered.ranges.to_vec())),
            Err((fault, report)) => {
                document.report.extend(named(&report, signature));
                let finding = about(Finding::failed(&document_codes::DOCUMENT_MALFORMED));
                document.report.push(finding.seen(fault));
            }
        }
    }

    fn message(
        &self,
        signature: &Signature,
        report: Report,
        place: usize,
        document: &mut SignedDocument,
    ) -> Result<(), (Fault, Report)> {
        let message = match cms::parse(signature.contents(), self.budget) {
            Ok(message) => message,
            Err(fault) => return Err((fault, report)),
        };
        // ISO 32000-2 12.8.3.3.1: one signer, and no content inside.
        let problem = match (message.signers.len(), &message.contents[..]) {
            (1, [SignedContent::Detached]) => None,
            (0, _) => Some(Fault::new("signerInfos", Problem::Missing)),
            (1, _) => Some(Fault::new("encapContentInfo.eContent", Problem::TrailingOctets)),
            _ => Some(Fault::new("signerInfos", Problem::MoreThanOne)),
        };
        if let Some(fault) = problem {
            return Err((fault, report));
        }
        let mut report = report;
        report.append(message.report);
        for mut signer in message.signers {
            signer.content = place;
            signer.claimed_time = signature.claimed_time();
            let named = signer
                .attributes
                .as_ref()
                .is_some_and(|attributes| !attributes.signing_certificates().is_empty());
            if signature.kind == Kind::Cades && !named {
                // ETSI EN 319 142-1 6.2.1 and EN 319 122-1 5.2.2: it must be there.
                report.push(
                    Finding::failed(&document_codes::ATTRIBUTE_MISSING).seen("signingCertificate"),
                );
            }
            report.append(std::mem::take(&mut signer.report));
            signer.report = std::mem::take(&mut report);
            document.signers.push(signer);
        }
        for certificate in message.certificates.iter() {
            document.certificates.insert(certificate.clone());
        }
        document.lists.absorb(message.lists);
        document.responses.absorb(message.responses);
        Ok(())
    }

    fn timestamp(
        &self,
        signature: &Signature,
        report: Report,
        place: usize,
        document: &mut SignedDocument,
    ) -> Result<(), (Fault, Report)> {
        let token = match TimestampToken::parse(signature.contents(), self.budget) {
            Ok(token) => token,
            Err(fault) => return Err((fault, report)),
        };
        document.report.extend(named(&report, signature));
        document.timestamps.push(DocumentTimestamp { content: place, token, covers: Vec::new() });
        Ok(())
    }
}

/// Findings that go to the document say which signature they are about.
fn named(report: &Report, signature: &Signature) -> Vec<Finding> {
    let findings = report.findings().iter();
    let named = findings.map(|finding| match finding.subject() {
        None => finding.clone().about(&signature.field),
        Some(_) => finding.clone(),
    });
    named.collect()
}

/// An update that is not what updates are, behind what was signed.
fn improper(census: &Census, report: &mut Report) {
    let hidden = census.hidden.iter().take(MAX_ALIKE).map(|(at, _)| {
        Finding::failed(&codes::PDF_INCREMENTAL_SAVING).seen(format_args!("hidden at octet {at}"))
    });
    let redirected = census.redirected.iter().take(MAX_ALIKE).map(|number| {
        Finding::failed(&codes::PDF_SHADOW_HIDE_AND_REPLACE).seen(format_args!("object {number}"))
    });
    let repeated = census.repeated.iter().take(MAX_ALIKE).map(|number| {
        Finding::failed(&codes::PDF_XREF_REPEATED).seen(format_args!("object {number}"))
    });
    report.extend(hidden.chain(redirected).chain(repeated));
}

fn revision_of(signature: &Signature) -> Option<usize> {
    signature.covered.as_ref().map(|covered| covered.revision)
}

/// Which signatures each timestamp includes: those that its octets end behind.
fn covering(document: &mut SignedDocument) {
    let ends: Vec<usize> = document.contents.iter().map(end).collect();
    for stamp in &mut document.timestamps {
        let signers = document.signers.iter().enumerate();
        let included = signers.filter(|(_, signer)| ends[signer.content] < ends[stamp.content]);
        stamp.covers = included.map(|(place, _)| place).collect();
    }
}

fn end(content: &SignedContent) -> usize {
    match content {
        SignedContent::Ranges(ranges) => ranges.last().map_or(0, |last| last.end),
        SignedContent::Embedded(_) | SignedContent::Detached => 0,
    }
}
