//! Signatures as a service: whether they hold, and for whom they speak.
//!
//! 1. The document is read under its budget, by the format that it has or that the
//!    caller names.
//! 2. Its content comes as octets, as a hash, or flows by (`parts`): then it is hashed
//!    on a thread of its own and never held.
//! 3. The store judges (flow 4), on a thread that may take its time. So many documents
//!    are judged at once and no more.
//!
//! 4. Where a receipt is asked for, what was judged is recorded before it is answered.
//!
//! Whatever is wrong with a document is in its report; only what is wrong with the
//! request is a problem.

mod bodies;
mod parts;
mod reading;

use std::sync::Arc;

use axum::response::Response;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tongxing_pki::{
    Content, ContentDigests, DigestNeed, DocumentFormat, RawSignature, RevocationResponses,
    SignedContent, SignedDocument, Sm2UserId, Verdict,
};
use tongxing_trust_store::{
    Detail, DocumentQuestion, DocumentReport, Reader, ReceiptDraft, ReceiptForm, RelyingPartyId,
};
use utoipa::ToSchema;

pub(super) use bodies::{BatchBody, PartsBody, SignatureBody};
pub(in crate::http) use parts::verify as verify_parts;
pub use parts::{PartsRead, read_parts};

use bodies::OptionsBody;
use reading::{ReadDocument, Reading};

use super::bodies::read;
use super::certificates::at_most;
use super::receipts::{self, Answered, ReceiptName};
use crate::http::routes::{PartyCall, json};
use crate::problem::{Misfit, ProblemDocument, RequestError, Unfit};
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
    read: ReadDocument,
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
    pub(super) receipt: ReceiptName,
}

/// Its report, without the checks that passed.
pub(super) async fn report_of(
    call: &PartyCall,
    asked: Asked,
    reader: Reader,
) -> Result<Answered<DocumentReport>, RequestError> {
    let Asked { octets, raw, format, content, receipt } = asked;
    let site = &call.call.site;
    held(site, &octets)?;
    let mut options = OptionsBody::default();
    (options.detail, options.receipt) = (Detail::Summary, receipt);
    let permit = admitted(site).await?;
    let reading = Reading { format, raw, limit: usize::MAX, beside: Vec::new() };
    let (read, content) = reading.read(site, octets, content, reader.personal_data).await?;
    let brought = content.map_or(Brought::Nothing, Brought::Octets);
    let job = Job { read, brought, options, reader };
    judged(site, call.party.id(), job, Some(permit)).await
}

/// A signed document is held in memory: no longer one than is set.
fn held(site: &Site, octets: &[u8]) -> Result<(), RequestError> {
    let limit = site.attached_document;
    if octets.len() > limit { Err(RequestError::DocumentTooLarge { limit }) } else { Ok(()) }
}

/// `POST /v1/signatures/verify` with JSON, and `POST /v1/signatures/verify-hash`.
pub(super) async fn verify(call: PartyCall, by_hash: bool) -> Result<Response, RequestError> {
    let body: SignatureBody = read(&call.call.content)?;
    body.check(by_hash)?;
    let permit = admitted(&call.call.site).await?;
    let job = body.into_job(&call.call.site, reader(&call)).await?;
    json(&judged(&call.call.site, call.party.id(), job, Some(permit)).await?)
}

#[derive(Serialize, ToSchema)]
pub(super) struct BatchAnswer {
    /// In the order of the request.
    #[schema(inline)]
    results: Vec<BatchResult>,
}

/// What became of one item.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum BatchResult {
    Answered(#[schema(inline)] Box<Answered<DocumentReport>>),
    /// What is wrong with this one; the others are answered.
    Refused {
        #[schema(value_type = ProblemDocument<'static>)]
        problem: Value,
    },
}

/// `POST /v1/signatures/verify-batch`: each counts as one verification, and is answered
/// whatever becomes of the others.
pub(super) async fn verify_batch(call: PartyCall) -> Result<Response, RequestError> {
    let body: BatchBody = read(&call.call.content)?;
    let count = body.items.len();
    at_most("items", count, MAX_BATCH)?;
    let more = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
    call.party.count(&call.call.site, more)?;
    // One after another, in one place.
    let _permit = admitted(&call.call.site).await?;
    let mut results = Vec::with_capacity(count);
    for item in body.items {
        results.push(match one_of_batch(&call, item).await {
            Ok(answered) => BatchResult::Answered(Box::new(answered)),
            Err(error) => BatchResult::Refused {
                problem: call.call.visit.problem_of_part(&call.call.site, &error),
            },
        });
    }
    json(&BatchAnswer { results })
}

async fn one_of_batch(
    call: &PartyCall,
    item: SignatureBody,
) -> Result<Answered<DocumentReport>, RequestError> {
    item.check(item.has_hash())?;
    // Many bundles at once would be many times the lists of all authorities.
    if item.wants_bundle() {
        let zh = "批量验证的回执不附证据（可按哈希值取得），请改用 \"signed\"";
        let en = "receipts in a batch come without their evidence, which is fetched by its \
                  hash: ask for \"signed\"";
        return Err(Unfit::new(Misfit::Combination, zh, en).into());
    }
    let site = &call.call.site;
    let job = item.into_job(site, reader(call)).await?;
    judged(site, call.party.id(), job, None).await
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

/// Steps 3 and 4. The permit is held while the document is in memory; without one, the
/// caller holds it.
async fn judged(
    site: &Arc<Site>,
    to: &RelyingPartyId,
    job: Job,
    permit: Option<OwnedSemaphorePermit>,
) -> Result<Answered<DocumentReport>, RequestError> {
    let form = job.options.receipt.form(site);
    let (report, draft) = asked_and_judged(site, job, form).await?;
    // A bundle is memory too; whatever else is waited for, others need not wait with us.
    let permit = permit.filter(|_| form == Some(ReceiptForm::Bundle));
    let receipt = match form.zip(draft) {
        Some((form, draft)) => Some(receipts::give(site, to, form, draft).await?),
        None => None,
    };
    drop(permit);
    Ok(Answered { report, receipt })
}

/// A report, and what a receipt of it needs where one is wanted.
type JudgedDocument = (DocumentReport, Option<ReceiptDraft>);

/// Step 3, with what responders say of the signers where their authorities' policies ask
/// them: beforehand, or only where lists leave the verdict open.
async fn asked_and_judged(
    site: &Arc<Site>,
    job: Job,
    form: Option<ReceiptForm>,
) -> Result<JudgedDocument, RequestError> {
    let questions = job.questions(site)?;
    let (job, first) = (Arc::new(job), questions.come_first());
    let asked = if first { questions.ask(site).await } else { RevocationResponses::new() };
    let mut judged = judged_with(site, &job, asked, form).await?;
    if !first && !questions.is_empty() && judged.0.verdict() == Verdict::Indeterminate {
        judged = judged_with(site, &job, questions.ask(site).await, form).await?;
    }
    questions.rested_on(site, judged.0.responses());
    Ok(judged)
}

async fn judged_with(
    site: &Arc<Site>,
    job: &Arc<Job>,
    asked: RevocationResponses,
    form: Option<ReceiptForm>,
) -> Result<JudgedDocument, RequestError> {
    let (site, job) = (Arc::clone(site), Arc::clone(job));
    match tokio::task::spawn_blocking(move || job.judge(&site, &asked, form.is_some())).await {
        Ok(judged) => judged,
        Err(cut) => Err(RequestError::Internal(format!("a verification was cut off: {cut}"))),
    }
}

impl Job {
    /// What to ask responders about its signers: of the present alone, as what they say now
    /// settles no moment in the past.
    fn questions(&self, site: &Site) -> Result<SignerQuestions, RequestError> {
        let past = self.options.past(site.now())?.is_some();
        let document = self.read.document.as_ref().ok().filter(|_| !past);
        Ok(document.map(|document| SignerQuestions::of(site, document)).unwrap_or_default())
    }

    fn judge(
        &self,
        site: &Site,
        responses: &RevocationResponses,
        for_receipt: bool,
    ) -> Result<JudgedDocument, RequestError> {
        let detail = self.options.detail;
        let ReadDocument { document, octets, reading } = &self.read;
        let source = reading.source(octets);
        let document = match document {
            Ok(document) => document,
            Err(fault) if for_receipt => {
                let (report, draft) =
                    site.province.receipt_of_unread(fault, &source, self.reader)?;
                return Ok((report, Some(draft)));
            }
            Err(fault) => {
                let snapshot = site.province.snapshot();
                let now = site.now();
                return Ok((DocumentReport::unread(fault, &snapshot, now, self.reader), None));
            }
        };
        let in_parts = |content: &SignedContent| matches!(content, SignedContent::Ranges(_));
        let (content, opening) = match &self.brought {
            Brought::Nothing if document.contents().iter().any(in_parts) => {
                (Content::Octets(octets), None)
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
        if for_receipt {
            let (report, draft) = site.province.verify_document_for_receipt(&question, &source)?;
            return Ok((report, Some(draft)));
        }
        Ok((site.province.verify_document(&question)?, None))
    }
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
