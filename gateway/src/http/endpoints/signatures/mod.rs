//! Signatures as a service: whether they hold, and for whom they speak.
//!
//! 1. The document is read under its budget, by the format that it has or that the
//!    caller names.
//! 2. Its content comes as octets, as a hash, or flows by (`parts`): then it is hashed
//!    on a thread of its own and never held.
//! 3. The store judges (flow 4), on a thread that may take its time. So many documents
//!    are judged at once and no more.
//!
//! Whatever is wrong with a document is in its report; only what is wrong with the
//! request is a problem.

mod bodies;
mod parts;

use std::sync::Arc;

use axum::response::Response;
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tongxing_pki::{
    Content, ContentDigests, DigestNeed, DocumentBudget, DocumentFormat, Fault, RawSignature,
    RevocationResponses, SignedContent, SignedDocument, Sm2UserId, Verdict, parse_signed_document,
};
use tongxing_trust_store::{Detail, DocumentQuestion, DocumentReport, Reader};
use utoipa::ToSchema;

pub(super) use bodies::{BatchBody, PartsBody, SignatureBody};
pub(in crate::http) use parts::verify as verify_parts;

use bodies::OptionsBody;

use super::bodies::read;
use crate::http::routes::{PartyCall, json};
use crate::problem::RequestError;
use crate::site::Site;
use crate::status::SignerQuestions;

/// Items of one batch. Origin: ours; each may be as large as a whole request.
const MAX_BATCH: usize = 64;

/// What a request brings of the content.
enum Brought {
    Nothing,
    Octets(Vec<u8>),
    Digests {
        digests: ContentDigests,
        /// How the content begins, where it was seen.
        opening: Vec<u8>,
    },
}

/// One document with everything that is asked about it.
struct Job {
    document: Result<SignedDocument, Fault>,
    /// The document's own octets: the content of one that is signed in parts.
    octets: Vec<u8>,
    brought: Brought,
    options: OptionsBody,
    reader: Reader,
}

/// A document that is asked about in another form than this module's own.
pub(super) struct Asked {
    pub(super) octets: Vec<u8>,
    pub(super) raw: Option<RawSignature>,
    pub(super) format: Option<DocumentFormat>,
    pub(super) content: Option<Vec<u8>>,
}

/// Its report, without the checks that passed.
pub(super) async fn report_of(
    site: &Arc<Site>,
    asked: Asked,
    reader: Reader,
) -> Result<DocumentReport, RequestError> {
    let document = read_document(&asked.octets, asked.raw, asked.format, usize::MAX);
    let brought = asked.content.map_or(Brought::Nothing, Brought::Octets);
    let mut options = OptionsBody::default();
    options.detail = Detail::Summary;
    let job = Job { document, octets: asked.octets, brought, options, reader };
    let permit = admitted(site).await?;
    judged(site, job, permit).await
}

/// `POST /v1/signatures/verify` with JSON, and `POST /v1/signatures/verify-hash`.
pub(super) async fn verify(call: PartyCall, by_hash: bool) -> Result<Response, RequestError> {
    let body: SignatureBody = read(&call.call.content)?;
    body.check(by_hash)?;
    let job = body.into_job(reader(&call))?;
    let permit = admitted(&call.call.site).await?;
    json(&judged(&call.call.site, job, permit).await?)
}

#[derive(Serialize, ToSchema)]
pub(super) struct BatchAnswer {
    /// In the order of the request.
    results: Vec<DocumentReport>,
}

/// `POST /v1/signatures/verify-batch`: each counts as one verification.
pub(super) async fn verify_batch(call: PartyCall) -> Result<Response, RequestError> {
    let body: BatchBody = read(&call.call.content)?;
    let count = body.items.len();
    if count > MAX_BATCH {
        let [count, limit] = [count, MAX_BATCH].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        return Err(RequestError::TooMany { count, limit });
    }
    let more = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
    call.party.count(&call.call.site, more)?;
    let mut jobs = Vec::with_capacity(count);
    for item in body.items {
        item.check(item.has_hash())?;
        jobs.push(item.into_job(reader(&call))?);
    }
    let mut results = Vec::with_capacity(count);
    for job in jobs {
        let permit = admitted(&call.call.site).await?;
        results.push(judged(&call.call.site, job, permit).await?);
    }
    json(&BatchAnswer { results })
}

fn reader(call: &PartyCall) -> Reader {
    Reader { language: call.call.visit.language, personal_data: call.party.personal_data() }
}

/// A place among the documents that are judged at once; waits for one as long as a
/// request may.
async fn admitted(site: &Site) -> Result<OwnedSemaphorePermit, RequestError> {
    let place = Arc::clone(&site.verifications).acquire_owned();
    match tokio::time::timeout(site.timeouts.request, place).await {
        Ok(Ok(permit)) => Ok(permit),
        // The semaphore is never closed.
        Ok(Err(_)) | Err(_) => Err(RequestError::Busy),
    }
}

/// Step 3, with what responders say of the signers where their authorities' policies ask
/// them: beforehand, or only where lists leave the verdict open. The permit is held
/// throughout: the document is in memory.
async fn judged(
    site: &Arc<Site>,
    job: Job,
    permit: OwnedSemaphorePermit,
) -> Result<DocumentReport, RequestError> {
    let questions = job.questions(site)?;
    let (job, first) = (Arc::new(job), questions.come_first());
    let asked = if first { questions.ask(site).await } else { RevocationResponses::new() };
    let mut report = judged_with(site, &job, asked).await?;
    if !first && !questions.is_empty() && report.verdict() == Verdict::Indeterminate {
        report = judged_with(site, &job, questions.ask(site).await).await?;
    }
    questions.rested_on(site, report.responses());
    drop(permit);
    Ok(report)
}

async fn judged_with(
    site: &Arc<Site>,
    job: &Arc<Job>,
    asked: RevocationResponses,
) -> Result<DocumentReport, RequestError> {
    let (site, job) = (Arc::clone(site), Arc::clone(job));
    match tokio::task::spawn_blocking(move || job.judge(&site, &asked)).await {
        Ok(report) => report,
        Err(cut) => Err(RequestError::Internal(format!("a verification was cut off: {cut}"))),
    }
}

impl Job {
    /// What to ask responders about its signers: of the present alone, as what they say now
    /// settles no moment in the past.
    fn questions(&self, site: &Site) -> Result<SignerQuestions, RequestError> {
        let past = self.options.past(site.now())?.is_some();
        let document = self.document.as_ref().ok().filter(|_| !past);
        Ok(document.map(|document| SignerQuestions::of(site, document)).unwrap_or_default())
    }

    fn judge(
        &self,
        site: &Site,
        responses: &RevocationResponses,
    ) -> Result<DocumentReport, RequestError> {
        let detail = self.options.detail;
        let document = match &self.document {
            Ok(document) => document,
            Err(fault) => {
                let snapshot = site.province.snapshot();
                return Ok(DocumentReport::unread(fault, &snapshot, site.now(), self.reader));
            }
        };
        let in_parts = |content: &SignedContent| matches!(content, SignedContent::Ranges(_));
        let (content, opening) = match &self.brought {
            Brought::Nothing if document.contents().iter().any(in_parts) => {
                (Content::Octets(&self.octets), None)
            }
            Brought::Nothing => (Content::None, None),
            Brought::Octets(octets) => (Content::Octets(octets), None),
            Brought::Digests { digests, opening } => {
                (Content::Digests(digests), Some(opening.as_slice()))
            }
        };
        let requirements = self.options.requirements();
        let at = self.options.past(site.now())?;
        let question = DocumentQuestion {
            document,
            content,
            opening,
            at,
            responses,
            requirements: &requirements,
            reader: self.reader,
            detail,
        };
        Ok(site.province.verify_document(&question)?)
    }
}

/// Step 1.
fn read_document(
    octets: &[u8],
    raw: Option<RawSignature>,
    format: Option<DocumentFormat>,
    limit: usize,
) -> Result<SignedDocument, Fault> {
    if let Some(raw) = raw {
        return Ok(raw.document(octets));
    }
    let mut budget = DocumentBudget::default();
    budget.octets = budget.octets.min(limit);
    parse_signed_document(octets, format, &budget)
}

/// The digests that a hash brought by the caller makes. For SM2 over Z the only signer's
/// certificate must be known.
fn digests_of(
    document: &SignedDocument,
    algorithm: bodies::HashName,
    hash: &[u8],
) -> Option<ContentDigests> {
    let need = if let Some(hash) = algorithm.hash() {
        DigestNeed::Plain(hash)
    } else {
        let [signer] = document.signers() else { return None };
        let certificate = signer.certificate(document.certificates(), &[])?;
        DigestNeed::sm2(certificate.public_key(), Sm2UserId::standard())
    };
    ContentDigests::of(need, hash)
}
