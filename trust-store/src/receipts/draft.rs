//! Steps 1 and 3: judging with what is looked at, and the statement of it.

use std::collections::{BTreeMap, BTreeSet};

use tongxing_pki::{
    Certificate, Content, DocumentBudget, Moment, RawSignature, SignedContent, SignedDocument,
    Timestamp, Verdict, decode_document, parse_signed_document,
};

use super::looked::{Looked, Noted};
use super::statement::{
    AuthorityModel, CertificateModel, ContentModel, DocumentModel, EvidenceKind, EvidenceModel,
    FORMAT, Opening, QuestionModel, RawModel, Statement, TrustModel,
};
use crate::authority::Role;
use crate::blobs::BlobId;
use crate::change::AwaitedModel;
use crate::demands::Demands;
use crate::documents::{
    BesideCertificate, Detail, DocumentQuestion, DocumentReport, Handed, SIGN_IN_LINE, judge,
};
use crate::error::StoreError;
use crate::hex;
use crate::ids::RelyingPartyId;
use crate::province::Province;
use crate::recognise::{Purpose, Recognition, SuppliedEvidence};
use crate::report::{CertificateReport, Reader};
use crate::snapshot::{EditionDocument, Snapshot, models};

/// What a document was read from.
#[derive(Debug, Clone, Copy)]
pub struct DocumentSource<'s> {
    /// The signed document, or a raw signature's value.
    pub octets: &'s [u8],
    /// How the caller said that it is to be read.
    pub format: Option<tongxing_pki::DocumentFormat>,
    /// Of a raw signature, whose and how it was made.
    pub raw: Option<&'s RawSignature>,
    /// The longest document that is read, in octets.
    pub limit: usize,
    /// Certificates that it left out, from wherever they are: they help to find, and nothing
    /// is trusted for them.
    pub beside: &'s [BesideCertificate],
}

/// What a certificate's recognition was asked with.
#[derive(Debug, Clone, Copy)]
pub struct CertificateSource<'s> {
    /// The certificates given, the one asked about first.
    pub chain: &'s [Certificate],
    /// For what.
    pub purpose: Purpose,
    /// The moment judged.
    pub at: Timestamp,
    /// Whether that is the present.
    pub moment: Moment,
    /// What was brought beside the snapshot.
    pub supplied: &'s SuppliedEvidence,
    /// What was demanded.
    pub demands: &'s Demands,
    /// How much was told.
    pub detail: Detail,
}

/// A receipt before it is recorded: everything that it will state.
#[derive(Debug)]
pub struct ReceiptDraft {
    pub(super) stated: Stated,
    pub(super) evidence: BTreeMap<String, Piece>,
    pub(super) awaits: Vec<AwaitedModel>,
}

/// The statement but for what giving it adds.
#[derive(Debug)]
pub(super) struct Stated {
    verdict: Verdict,
    provisional: bool,
    question: QuestionModel,
    report: serde_json::Value,
    trust: TrustModel,
    looked: Looked,
}

/// A piece of evidence, and where its octets are.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) kind: EvidenceKind,
    pub(super) octets: Octets,
}

#[derive(Debug)]
pub(super) enum Octets {
    Here(Vec<u8>),
    /// A blob of the province.
    Blob,
}

impl DocumentSource<'_> {
    /// Reads the document.
    ///
    /// # Errors
    /// The [`tongxing_pki::Fault`] that says where and why it does not read.
    pub fn read(&self) -> Result<SignedDocument, tongxing_pki::Fault> {
        let mut document = if let Some(raw) = self.raw {
            raw.clone().document(self.octets)
        } else {
            let mut budget = DocumentBudget::default();
            budget.octets = budget.octets.min(self.limit);
            parse_signed_document(&decode_document(self.octets)?, self.format, &budget)?
        };
        self.beside.iter().for_each(|beside| document.bring(beside.certificate().clone()));
        Ok(document)
    }
}

impl Province {
    /// Verifies a document as [`Province::verify_document`] does, and gathers what a
    /// receipt of it needs. Blocks.
    ///
    /// # Errors
    /// As [`Province::verify_document`].
    pub fn verify_document_for_receipt(
        &self,
        question: &DocumentQuestion<'_>,
        source: &DocumentSource<'_>,
    ) -> Result<(DocumentReport, ReceiptDraft), StoreError> {
        let (now, snapshot) = (self.clock().now(), self.snapshot());
        let mut looked = Looked::default();
        let report = judge(question, &snapshot, now, self, Some(&mut looked))?;
        let mut pieces = BTreeMap::new();
        let stated = DocumentModel::new(question, source, now, &mut pieces);
        let model = QuestionModel::Document(Box::new(stated));
        let told = (report.verdict(), report.is_provisional(), encoded(&report)?);
        let draft = ReceiptDraft::new(&snapshot, told, model, looked, pieces);
        Ok((report, draft))
    }

    /// The same of a document that could not be read.
    ///
    /// # Errors
    /// As [`Province::verify_document`].
    pub fn receipt_of_unread(
        &self,
        fault: &tongxing_pki::Fault,
        source: &DocumentSource<'_>,
        reader: Reader,
    ) -> Result<(DocumentReport, ReceiptDraft), StoreError> {
        let (now, snapshot) = (self.clock().now(), self.snapshot());
        let report = DocumentReport::unread(fault, &snapshot, now, reader);
        let mut pieces = BTreeMap::new();
        let model = DocumentModel::unread(source, now, reader, &mut pieces);
        let model = QuestionModel::Document(Box::new(model));
        let told = (report.verdict(), false, encoded(&report)?);
        let draft = ReceiptDraft::new(&snapshot, told, model, Looked::default(), pieces);
        Ok((report, draft))
    }
}

impl ReceiptDraft {
    /// The draft of a certificate's recognition by a snapshot.
    ///
    /// # Errors
    /// [`StoreError::Encoding`] when the report does not serialise.
    pub fn of_certificate(
        snapshot: &Snapshot,
        source: &CertificateSource<'_>,
        (recognition, report): (&Recognition, &CertificateReport),
        reader: Reader,
    ) -> Result<Self, StoreError> {
        let CertificateSource { chain, purpose, at, moment, supplied, demands, detail } = *source;
        let mut looked = Looked::default();
        let role = purpose.role();
        // Whatever became of it, what was asked about revocation was asked of this path.
        let found = snapshot.path_of(chain, role, at, demands);
        let path = found.as_ref().map_or(&[][..], |(path, _)| path.certificates());
        let noted = Noted { snapshot, chain, path, role, at, moment, supplied };
        looked.note(noted);
        let mut provisional = false;
        if let Recognition::Recognised(recognised) = recognition
            && moment == Moment::Past
        {
            provisional = recognised.revocation().is_provisional();
            looked.note_statuses(noted, &recognised.revocation().statuses);
        }
        let mut pieces = BTreeMap::new();
        for certificate in chain {
            pieces.insert(
                hex::encode(certificate.sha256()),
                Piece::here(EvidenceKind::Certificate, certificate.der()),
            );
        }
        let model = CertificateModel {
            chain: chain.iter().map(|one| hex::encode(one.sha256())).collect(),
            purpose,
            at,
            past: moment == Moment::Past,
            names: Vec::new(),
            policies: Vec::new(),
            require_explicit_policy: false,
            inhibit_policy_mapping: false,
            inhibit_any_policy: false,
            detail,
            reader: reader.into(),
        };
        let model = QuestionModel::Certificate(Box::new(model.with_demands(demands)));
        let told = (report.verdict(), provisional, encoded(report)?);
        Ok(Self::new(snapshot, told, model, looked, pieces))
    }

    fn new(
        snapshot: &Snapshot,
        (verdict, provisional, report): (Verdict, bool, serde_json::Value),
        question: QuestionModel,
        mut looked: Looked,
        mut evidence: BTreeMap<String, Piece>,
    ) -> Self {
        let awaits = std::mem::take(&mut looked.awaits);
        let trust = trust(snapshot, &looked, &mut evidence);
        for list in looked.lists.keys() {
            evidence.insert(list.clone(), Piece::blob(EvidenceKind::Crl));
        }
        for (sha256, response) in std::mem::take(&mut looked.responses) {
            evidence.insert(sha256, Piece::here(EvidenceKind::Ocsp, &response));
        }
        // What did not pass no list can overturn.
        let waits = provisional && verdict != Verdict::Failed;
        Self {
            stated: Stated { verdict, provisional, question, report, trust, looked },
            awaits: if waits { awaits } else { Vec::new() },
            evidence,
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        self.stated.verdict
    }

    pub(super) fn provisional(&self) -> bool {
        self.stated.provisional
    }

    pub(super) fn revision(&self) -> u64 {
        self.stated.trust.revision
    }

    /// Step 3.
    pub(super) fn statement(
        &self,
        iss: &str,
        relying_party: &RelyingPartyId,
        (jti, iat): (String, Timestamp),
    ) -> Statement {
        let Stated { verdict, provisional, question, report, trust, looked } = &self.stated;
        let evidence = self.evidence.iter();
        let evidence = evidence
            .map(|(sha256, piece)| EvidenceModel { sha256: sha256.clone(), kind: piece.kind });
        Statement {
            format: FORMAT.to_owned(),
            iss: iss.to_owned(),
            jti,
            iat: iat.unix(),
            relying_party: relying_party.clone(),
            verdict: *verdict,
            provisional: *provisional,
            question: question.clone(),
            report: report.clone(),
            trust: trust.clone(),
            judgements: looked.judgements.clone(),
            lists: looked.lists.values().cloned().collect(),
            evidence: evidence.collect(),
        }
    }
}

/// What was trusted, and the documents of it.
fn trust(
    snapshot: &Snapshot,
    looked: &Looked,
    evidence: &mut BTreeMap<String, Piece>,
) -> TrustModel {
    let documents = snapshot.trust();
    let whole = documents.whole();
    evidence.insert(whole.sha256.clone(), Piece::here(EvidenceKind::Trust, &whole.octets));
    add_texts(documents.editions(), evidence);
    let mut authorities = Vec::new();
    let stampers = snapshot.authorities().filter(|one| one.roles().contains(&Role::Timestamps));
    let stampers = stampers.map(|one| one.id().clone());
    // Whoever timestamps the record may be asked to vouch for this receipt.
    let mattering: BTreeSet<_> = looked.authorities.iter().cloned().chain(stampers).collect();
    for id in &mattering {
        let Some(trust) = documents.authority(id) else { continue };
        let piece = Piece::here(EvidenceKind::Authority, &trust.document.octets);
        evidence.insert(trust.document.sha256.clone(), piece);
        add_texts(&trust.editions, evidence);
        for certificate in trust.read.certificates() {
            // What is no address was never kept, and is missed by whoever judges again as
            // it was here.
            if certificate.parse::<BlobId>().is_ok() {
                let enrolled = Piece::blob(EvidenceKind::Enrolled);
                evidence.entry(certificate.clone()).or_insert(enrolled);
            }
        }
        authorities.push(AuthorityModel {
            id: id.clone(),
            sha256: trust.document.sha256.clone(),
            policies: models(&trust.editions),
        });
    }
    TrustModel {
        revision: snapshot.revision(),
        compiled: documents.compiled(),
        sha256: whole.sha256.clone(),
        policies: models(documents.editions()),
        authorities,
    }
}

/// Each edition that may be in force at a moment: which ones are asked is the judgement's
/// to say, and they are few.
fn add_texts(editions: &[EditionDocument], evidence: &mut BTreeMap<String, Piece>) {
    for edition in editions {
        let text = Piece::here(EvidenceKind::Policy, edition.text.source.as_bytes());
        evidence.insert(edition.model.sha256.clone(), text);
    }
}

impl Piece {
    fn here(kind: EvidenceKind, octets: &[u8]) -> Self {
        Self { kind, octets: Octets::Here(octets.to_vec()) }
    }

    fn blob(kind: EvidenceKind) -> Self {
        Self { kind, octets: Octets::Blob }
    }
}

/// Adds a piece that the question brought, and says where it is found.
fn own(pieces: &mut BTreeMap<String, Piece>, kind: EvidenceKind, octets: &[u8]) -> String {
    let sha256 = hex::sha256(octets);
    pieces.entry(sha256.clone()).or_insert_with(|| Piece::here(kind, octets));
    sha256
}

impl DocumentModel {
    fn new(
        question: &DocumentQuestion<'_>,
        source: &DocumentSource<'_>,
        now: Timestamp,
        pieces: &mut BTreeMap<String, Piece>,
    ) -> Self {
        let requirements = question.requirements;
        let in_parts = |content: &SignedContent| matches!(content, SignedContent::Ranges(_));
        let content = match question.content {
            Content::Octets(_) if question.document.contents().iter().any(in_parts) => {
                ContentModel::None
            }
            Content::None => ContentModel::None,
            Content::Octets(octets) => ContentModel::Octets {
                sha256: own(pieces, EvidenceKind::Content, octets),
                length: octets.len() as u64,
            },
            Content::Digests(digests) => {
                if let Some(short) = digests.short_content() {
                    own(pieces, EvidenceKind::Content, short);
                }
                ContentModel::digests(digests)
            }
        };
        let opening = match question.opening {
            None => Opening::Unknown,
            Some(opening) if opening.starts_with(SIGN_IN_LINE.as_bytes()) => Opening::Challenge,
            Some(_) => Opening::Other,
        };
        Self {
            content,
            opening,
            at: question.at,
            entities: requirements.entities.clone(),
            who: requirements.who,
            capacities: requirements.capacities.clone(),
            policies: requirements.policies.iter().map(ToString::to_string).collect(),
            detail: question.detail,
            ..Self::unread(source, now, question.reader, pieces)
        }
    }

    fn unread(
        source: &DocumentSource<'_>,
        now: Timestamp,
        reader: Reader,
        pieces: &mut BTreeMap<String, Piece>,
    ) -> Self {
        let raw = source.raw.and_then(|raw| {
            let certificate = raw.certificate();
            own(pieces, EvidenceKind::Certificate, certificate.der());
            RawModel::new(certificate.sha256(), raw.scheme())
        });
        let mut beside = Vec::with_capacity(source.beside.len());
        for one in source.beside {
            let kind = match one.handed() {
                Handed::Out => EvidenceKind::Beside,
                Handed::Withheld => EvidenceKind::Withheld,
            };
            beside.push(own(pieces, kind, one.certificate().der()));
        }
        Self {
            signature: own(pieces, EvidenceKind::Signature, source.octets),
            format: source.format.map(|format| format.as_str().to_owned()),
            raw,
            beside,
            limit: source.limit as u64,
            content: ContentModel::None,
            opening: Opening::Unknown,
            at: None,
            now,
            entities: Vec::new(),
            who: crate::documents::WhoSigns::All,
            capacities: Vec::new(),
            policies: Vec::new(),
            detail: Detail::Full,
            reader: reader.into(),
        }
    }
}

fn encoded(report: &impl serde::Serialize) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(report).map_err(StoreError::encoding)
}
