//! Signatures whose content is large: `multipart/form-data` (RFC 7578), read as it comes.
//!
//! 1. The parts `request`, `signature`, `certificate` and `certificates` come first: which hash is to be
//!    made of the content is theirs to say, and SM2's Z needs the key. They are held in
//!    memory, each up to a limit.
//! 2. The part `content` comes last. Each piece goes to a thread that hashes it, a few
//!    pieces ahead at most; none is kept.

mod offline;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::response::Response;
use multer::{Field, Multipart};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tongxing_pki::{
    Certificate, ContentDigester, ContentDigests, Fault, Hash, PemLabel, SignedDocument,
    decode_pem_or_der,
};
use tongxing_trust_store::{BesideCertificate, Reader, SIGN_IN_LINE};

pub use offline::{PartsRead, read_parts};

use super::super::bodies::read;
use super::super::certificates::{certificate, unread};
use super::reading::Reading;
use super::{Brought, Job, PartsBody, admitted, judged};
use crate::http::routes::json;
use crate::party::AuthenticatedParty;
use crate::problem::{Misfit, RequestError, Unfit};
use crate::site::Site;

/// What the part `request` may take: names, numbers and moments.
const MAX_REQUEST: usize = 64 << 10;

/// What the part `certificate` may take: one certificate in PEM.
const MAX_CERTIFICATE: usize = 96 << 10;

/// What one part `certificates` may take: a file of some hundred in PEM.
const MAX_CERTIFICATES: usize = 1 << 20;

/// Pieces that wait for the thread that hashes them.
const AHEAD: usize = 4;

/// What came before the content.
#[derive(Default)]
struct Head {
    request: Option<PartsBody>,
    signature: Option<Bytes>,
    certificate: Option<Certificate>,
    /// Those beside it, of every part of that name.
    certificates: Vec<Certificate>,
}

/// `POST /v1/signatures/verify` in parts.
pub(in crate::http) async fn verify(
    site: &Arc<Site>,
    reader: Reader,
    asking: &AuthenticatedParty,
    mut parts: Multipart<'static>,
) -> Result<Response, RequestError> {
    let permit = admitted(site).await?;
    let patience = site.timeouts.request;
    let (head, content) = Head::read(&mut parts, site.attached_document, patience).await?;
    let job = match content {
        None => head.into_job(site, reader, None).await?,
        Some(content) => {
            let job = head.into_job(site, reader, Some((content, patience))).await?;
            at_the_end(&mut parts, patience).await?;
            job
        }
    };
    json(&judged(site, asking.id(), job, Some(permit)).await?)
}

async fn next(
    parts: &mut Multipart<'static>,
    patience: Duration,
) -> Result<Option<Field<'static>>, RequestError> {
    let next = timeout(patience, parts.next_field()).await.map_err(|_| RequestError::Timeout)?;
    next.map_err(|error| broken(&error))
}

/// The content is the last part.
async fn at_the_end(
    parts: &mut Multipart<'static>,
    patience: Duration,
) -> Result<(), RequestError> {
    match next(parts, patience).await? {
        Some(_) => Err(RequestError::PartOrder),
        None => Ok(()),
    }
}

/// What multer says may quote what it read.
fn broken(error: &multer::Error) -> RequestError {
    if let multer::Error::StreamSizeExceeded { limit } = error {
        return RequestError::TooLarge { limit: usize::try_from(*limit).unwrap_or(usize::MAX) };
    }
    let zh = "multipart/form-data 不完整或有误";
    Unfit::new(Misfit::Form, zh, "no multipart/form-data to its end").into()
}

impl Head {
    /// Step 1: everything before the content, and where that begins. `limit` is that of a
    /// signed document.
    async fn read(
        parts: &mut Multipart<'static>,
        limit: usize,
        patience: Duration,
    ) -> Result<(Self, Option<Field<'static>>), RequestError> {
        let mut head = Self::default();
        while let Some(field) = next(parts, patience).await? {
            if field.name() == Some("content") {
                return Ok((head, Some(field)));
            }
            head.take(limit, field, patience).await?;
        }
        Ok((head, None))
    }

    async fn take(
        &mut self,
        limit: usize,
        field: Field<'static>,
        patience: Duration,
    ) -> Result<(), RequestError> {
        let name = field.name().unwrap_or_default().to_owned();
        let twice = || RequestError::from(twice(&name));
        match name.as_str() {
            "request" => {
                let content = whole(field, MAX_REQUEST, patience, too_large).await?;
                let body: PartsBody = read(&content)?;
                body.options.check()?;
                self.request.replace(body).map_or(Ok(()), |_| Err(twice()))
            }
            "signature" => {
                let too_large = |limit| RequestError::DocumentTooLarge { limit };
                let content = whole(field, limit, patience, too_large).await?;
                self.signature.replace(content).map_or(Ok(()), |_| Err(twice()))
            }
            "certificate" => {
                let content = whole(field, MAX_CERTIFICATE, patience, too_large).await?;
                let own = of_file(&content)?;
                self.certificate.replace(own).map_or(Ok(()), |_| Err(twice()))
            }
            "certificates" => {
                let content = whole(field, MAX_CERTIFICATES, patience, too_large).await?;
                self.certificates.extend(all_of_file(&content)?);
                super::bodies::check_count(self.certificates.len())
            }
            _ => {
                let names = "request, signature, certificate, certificates, content";
                let zh = format!("各部分的名称只能是：{names}");
                Err(Unfit::new(Misfit::Part, zh, format!("the parts are: {names}")).into())
            }
        }
    }

    async fn into_job(
        self,
        site: &Arc<Site>,
        reader: Reader,
        content: Option<(Field<'static>, Duration)>,
    ) -> Result<Job, RequestError> {
        let octets = self.signature.ok_or(RequestError::PartOrder)?;
        let PartsBody { format, algorithm, options } = self.request.unwrap_or_default();
        options.check_entities(site)?;
        let raw = super::bodies::raw(format, self.certificate, algorithm)?;
        let format = format.and_then(super::bodies::FormatName::document_format);
        let limit = site.attached_document;
        let beside = self.certificates.into_iter().map(BesideCertificate::brought).collect();
        let reading = Reading { format, raw, limit, beside };
        let (read, _) = reading.read(site, octets.into(), None, reader.personal_data).await?;
        let brought = match (content, &read.document) {
            (Some((field, patience)), Ok(document)) => {
                super::bodies::refuse_whole(document)?;
                let mut digester = digester(site, document);
                if options.receipt.form(site).is_some() {
                    // What a receipt can be compared with by everybody.
                    digester.also(Hash::Sha256);
                }
                let (digests, opening) = hashed(digester, field, patience).await?;
                Brought::Digests { digests, opening }
            }
            (_, _) => Brought::Nothing,
        };
        Ok(Job { read, brought, options, reader })
    }
}

fn twice(name: &str) -> Unfit {
    let zh = format!("{name} 部分出现了两次");
    Unfit::new(Misfit::Part, zh, format!("the part {name} comes twice"))
}

fn too_large(limit: usize) -> RequestError {
    RequestError::TooLarge { limit }
}

/// A certificate as a file has it, DER too.
fn of_file(content: &[u8]) -> Result<Certificate, RequestError> {
    match Certificate::parse(content) {
        Ok(own) => Ok(own),
        Err(_) => certificate("certificate", &String::from_utf8_lossy(content)),
    }
}

/// Every certificate of a file: PEM with any number of them, or DER of one.
fn all_of_file(content: &[u8]) -> Result<Vec<Certificate>, RequestError> {
    let unread = |fault: Fault| RequestError::from(unread("certificates", &fault));
    let ders = decode_pem_or_der(content, PemLabel::Certificate).map_err(unread)?;
    super::bodies::check_count(ders.len())?;
    ders.iter().map(|der| Certificate::parse(der).map_err(unread)).collect()
}

fn digester(site: &Site, document: &SignedDocument) -> ContentDigester {
    let snapshot = site.province.snapshot();
    let rules = snapshot.digest_rules(document, site.now());
    document.digester(0, &[snapshot.known_certificates()], &rules)
}

/// A part held in memory.
async fn whole(
    mut field: Field<'static>,
    limit: usize,
    patience: Duration,
    too_large: impl FnOnce(usize) -> RequestError,
) -> Result<Bytes, RequestError> {
    let mut content = Vec::new();
    while let Some(piece) = piece(&mut field, patience).await? {
        if piece.len() > limit - content.len() {
            return Err(too_large(limit));
        }
        content.extend_from_slice(&piece);
    }
    Ok(content.into())
}

async fn piece(
    field: &mut Field<'static>,
    patience: Duration,
) -> Result<Option<Bytes>, RequestError> {
    let piece = timeout(patience, field.chunk()).await.map_err(|_| RequestError::Timeout)?;
    piece.map_err(|error| broken(&error))
}

/// Step 2.
async fn hashed(
    mut digester: ContentDigester,
    mut field: Field<'static>,
    patience: Duration,
) -> Result<(ContentDigests, Vec<u8>), RequestError> {
    let (sender, mut receiver) = mpsc::channel::<Bytes>(AHEAD);
    let hashing = tokio::task::spawn_blocking(move || {
        let mut opening = Vec::with_capacity(SIGN_IN_LINE.len());
        while let Some(piece) = receiver.blocking_recv() {
            let room = SIGN_IN_LINE.len() - opening.len();
            opening.extend_from_slice(&piece[..piece.len().min(room)]);
            digester.update(&piece);
        }
        (digester.finish(), opening)
    });
    while let Some(piece) = piece(&mut field, patience).await? {
        if sender.send(piece).await.is_err() {
            break;
        }
    }
    drop(sender);
    hashing.await.map_err(|cut| RequestError::Internal(format!("hashing was cut off: {cut}")))
}
