//! The same judgement, from the evidence of a receipt alone.
//!
//! 1. A snapshot is compiled from the documents of what was trusted and from the lists
//!    that were the newest then: by the code that compiles the province's own.
//! 2. Archived lists, and responses, are brought to each certificate as they were then.
//! 3. The same question is judged at the same present by the code that judged it.
//!
//! What a receipt does not state about a certificate it is not given: a judgement that
//! looks elsewhere comes out otherwise, and that is told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tongxing_pki::{
    Certificate, Content, ContentDigests, Crl, Moment, NonceRule, OcspRefusal, OcspReply,
    RawSignature, RevocationResponse, RevocationResponses, Timestamp, VerifiedCrl,
};

use super::draft::DocumentSource;
use super::statement::{
    CertificateModel, ContentModel, DocumentModel, JudgementModel, ListModel, Opening,
    QuestionModel, ResponseModel, Statement, oids,
};
use crate::archive_budget::{ArchiveBudget, ArchiveReading};
use crate::authority::Role;
use crate::blobs::{BlobError, BlobId};
use crate::change::PolicyText;
use crate::demands::Demands;
use crate::documents::{
    Archive, BesideCertificate, DocumentQuestion, DocumentReport, Requirements, SIGN_IN_LINE, judge,
};
use crate::error::StoreError;
use crate::hex;
use crate::ids::AuthorityId;
use crate::past::ArchivedLists;
use crate::recognise::{Recognition, SuppliedEvidence};
use crate::report::CertificateReport;
use crate::seal::Base64Bytes;
use crate::snapshot::{
    AuthorityDocument, BlobSource, Compiler, EditionModel, Snapshot, TrustDocument,
};
use crate::state::{ListPlace, ListRow, Restored};

/// Evidence by its hash, each piece with the hash that it is under.
#[derive(Debug, Default)]
pub(super) struct Pieces(BTreeMap<String, Vec<u8>>);

impl Pieces {
    /// Takes a piece in, under its own hash.
    pub(super) fn insert(&mut self, octets: Vec<u8>) {
        self.0.insert(hex::sha256(&octets), octets);
    }

    pub(super) fn get(&self, sha256: &str) -> Option<&[u8]> {
        self.0.get(sha256).map(Vec::as_slice)
    }

    fn need(&self, sha256: &str) -> Result<&[u8], String> {
        self.get(sha256).ok_or_else(|| format!("{sha256} is not here"))
    }

    fn certificate(&self, sha256: &str) -> Result<Certificate, String> {
        Certificate::parse(self.need(sha256)?).map_err(|fault| format!("{sha256}: {fault}"))
    }
}

impl BlobSource for Pieces {
    fn blob(&self, id: &BlobId) -> Result<Option<Vec<u8>>, BlobError> {
        Ok(self.get(&id.to_string()).map(<[u8]>::to_vec))
    }
}

/// What was trusted, read and found to be what the statement names.
#[derive(Debug)]
pub(super) struct Trusted {
    whole: TrustDocument,
    authorities: Vec<AuthorityDocument>,
    /// By the records that set them.
    texts: Vec<(u64, PolicyText)>,
}

impl Trusted {
    /// Reads the documents.
    ///
    /// # Errors
    /// Each thing that the documents say otherwise than the statement.
    pub(super) fn read(statement: &Statement, pieces: &Pieces) -> Result<Self, Vec<String>> {
        let stated = &statement.trust;
        let whole = pieces.get(&stated.sha256).and_then(TrustDocument::read);
        let whole =
            whole.ok_or_else(|| vec![format!("{}: no document of trust", stated.sha256)])?;
        let (mut authorities, mut faults) = (Vec::new(), Vec::new());
        if whole.editions != stated.policies {
            faults.push("the province's policy is another".to_owned());
        }
        let mut editions = whole.editions.clone();
        for one in &stated.authorities {
            let document = pieces.get(&one.sha256).and_then(AuthorityDocument::read);
            let Some(document) = document.filter(|document| document.id == one.id) else {
                faults.push(format!("{}: no document of authority {}", one.sha256, one.id));
                continue;
            };
            if whole.authorities.get(&one.id) != Some(&one.sha256) {
                faults.push(format!("authority {} is another in what was trusted", one.id));
            }
            if document.editions != one.policies {
                faults.push(format!("the policy of authority {} is another", one.id));
            }
            editions.extend(document.editions.iter().cloned());
            authorities.push(document);
        }
        let mut texts = Vec::with_capacity(editions.len());
        for edition in editions {
            match text(edition, pieces) {
                Ok(text) => texts.push(text),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(Self { whole, authorities, texts }) } else { Err(faults) }
    }
}

/// A statement with what it takes to judge again.
#[derive(Debug)]
pub(super) struct Replay<'r> {
    statement: &'r Statement,
    pieces: Arc<Pieces>,
    pub(super) snapshot: Snapshot,
    /// Archived lists by their hashes: those that hold, and those that do not.
    verified: Mutex<HashMap<String, Option<VerifiedCrl>>>,
}

impl<'r> Replay<'r> {
    /// Step 1.
    pub(super) fn new(
        statement: &'r Statement,
        trusted: Trusted,
        pieces: Arc<Pieces>,
    ) -> Result<Self, String> {
        let Trusted { whole, authorities, texts } = trusted;
        let authorities: Vec<_> =
            authorities.into_iter().map(|document| (document.id, document.authority)).collect();
        let newest = statement.lists.iter().filter(|list| list.newest);
        let lists = newest.map(|list| row(list, &pieces)).collect::<Result<Vec<_>, _>>()?;
        let restored = Restored {
            policies: whole.policies,
            authorities: &authorities,
            texts: &texts,
            lists: &lists,
            time: statement.trust.compiled,
        };
        let rows = restored.rows().map_err(|error| error.to_string())?;
        let mut compiler = Compiler::new(Arc::clone(&pieces) as Arc<dyn BlobSource>);
        let snapshot = compiler.compile(&rows, statement.trust.revision);
        let snapshot = snapshot.map_err(|error| error.to_string())?;
        Ok(Self { statement, pieces, snapshot, verified: Mutex::default() })
    }

    /// Steps 2 and 3: the answer that comes out.
    pub(super) fn derive(&self) -> Result<Value, String> {
        match &self.statement.question {
            QuestionModel::Document(model) => self.document(model),
            QuestionModel::Certificate(model) => self.certificate(model),
        }
    }

    fn document(&self, model: &DocumentModel) -> Result<Value, String> {
        let unreadable = |what: &str| format!("its {what} is of a kind that is not known here");
        let reader = model.reader.reader().ok_or_else(|| unreadable("reader"))?;
        let raw = match &model.raw {
            None => None,
            Some(raw) => {
                let scheme = raw.scheme().ok_or_else(|| unreadable("scheme"))?;
                Some(RawSignature::new(self.pieces.certificate(&raw.certificate)?, scheme))
            }
        };
        let octets = self.pieces.need(&model.signature)?;
        let format = model.document_format().map_err(|()| unreadable("format"))?;
        let limit = usize::try_from(model.limit).unwrap_or(usize::MAX);
        let beside = model.beside.iter().map(|sha256| self.pieces.certificate(sha256));
        let beside = beside.map(|certificate| certificate.map(BesideCertificate::brought));
        let beside = beside.collect::<Result<Vec<_>, _>>()?;
        let source = DocumentSource { octets, format, raw: raw.as_ref(), limit, beside: &beside };
        let document = source.read();
        let document = match document {
            Ok(document) => document,
            Err(fault) => {
                let report = DocumentReport::unread(&fault, &self.snapshot, model.now, reader);
                return encoded(&report);
            }
        };
        let requirements = Requirements {
            entities: model.entities.clone(),
            who: model.who,
            capacities: model.capacities.clone(),
            policies: oids(&model.policies).ok_or_else(|| unreadable("certificate policy"))?,
        };
        let digests = self.digests(&model.content)?;
        let in_parts = |content: &_| matches!(content, tongxing_pki::SignedContent::Ranges(_));
        let content = match (&model.content, &digests) {
            (_, Some(digests)) => Content::Digests(digests),
            (ContentModel::Octets { sha256, .. }, _) => Content::Octets(self.pieces.need(sha256)?),
            _ if document.contents().iter().any(in_parts) => Content::Octets(octets),
            _ => Content::None,
        };
        let opening = match model.opening {
            Opening::Unknown => None,
            Opening::Challenge => Some(SIGN_IN_LINE.as_bytes()),
            Opening::Other => Some(&b""[..]),
        };
        // They were asked for once, and brought to every judgement.
        let responses = match self.statement.judgements.first() {
            Some(stated) => self.responses(stated)?,
            None => RevocationResponses::new(),
        };
        let question = DocumentQuestion {
            document: &document,
            content,
            opening,
            at: model.at,
            responses: &responses,
            requirements: &requirements,
            reader,
            detail: model.detail,
        };
        let report = judge(&question, &self.snapshot, model.now, self, None);
        encoded(&report.map_err(|error| error.to_string())?)
    }

    fn digests(&self, content: &ContentModel) -> Result<Option<ContentDigests>, String> {
        let ContentModel::Digests { digests, length, short } = content else { return Ok(None) };
        let malformed = || "its digests do not read".to_owned();
        let read = digests.iter().map(super::statement::DigestModel::restored);
        let read = read.collect::<Option<Vec<_>>>().ok_or_else(malformed)?;
        let short = short.as_ref().map(|sha256| self.pieces.need(sha256).map(<[u8]>::to_vec));
        let short = short.transpose()?;
        ContentDigests::restored(read, *length, short).map(Some).ok_or_else(malformed)
    }

    fn certificate(&self, model: &CertificateModel) -> Result<Value, String> {
        let unreadable = || "its question is of a kind that is not known here".to_owned();
        let reader = model.reader.reader().ok_or_else(unreadable)?;
        let demands = model.demands().ok_or_else(unreadable)?;
        let chain = model.chain.iter().map(|sha256| self.pieces.certificate(sha256));
        let chain = chain.collect::<Result<Vec<_>, _>>()?;
        let CertificateModel { purpose, at, .. } = *model;
        let moment = if model.past { Moment::Past } else { Moment::Present };
        let supplied = self.supplied(&chain, purpose.role(), at)?;
        let snapshot = &self.snapshot;
        let judged = snapshot.judge_for(purpose.role(), &chain, (at, moment), &supplied, &demands);
        let recognition = Recognition::of(judged);
        let (told, detail) = ((purpose, at), model.detail);
        encoded(&CertificateReport::new(snapshot, &recognition, told, (reader, detail)))
    }

    /// Step 2, for a certificate that is asked about by itself.
    fn supplied(
        &self,
        chain: &[Certificate],
        role: Role,
        at: Timestamp,
    ) -> Result<SuppliedEvidence, String> {
        let archived = self.stated_lists(chain, role, at).map_err(|error| error.to_string())?;
        let (lists, archive) = (archived.lists, archived.reading);
        let mut supplied = SuppliedEvidence { lists, archive, ..SuppliedEvidence::default() };
        if let Some(stated) = self.judgement(chain, role, at) {
            supplied.responses = self.responses(stated)?;
        }
        Ok(supplied)
    }

    /// The responses that were brought to a judgement.
    fn responses(&self, stated: &JudgementModel) -> Result<RevocationResponses, String> {
        let mut responses = RevocationResponses::new();
        for ResponseModel { sha256, nonce, nonce_required } in &stated.responses {
            let Ok(OcspReply::Answered(response)) = OcspReply::parse(self.pieces.need(sha256)?)
            else {
                return Err(format!("{sha256} is no OCSP response"));
            };
            let nonce = nonce.as_ref().map(Base64Bytes::as_slice);
            let repeated =
                if *nonce_required { NonceRule::Required } else { NonceRule::MayBeLeftOut };
            responses.insert(RevocationResponse::with_nonce(response, nonce, repeated));
        }
        for number in &stated.refusals {
            responses.refused(OcspRefusal::from_number(*number));
        }
        Ok(responses)
    }

    fn judgement(
        &self,
        chain: &[Certificate],
        role: Role,
        at: Timestamp,
    ) -> Option<&JudgementModel> {
        let certificate = hex::encode(chain.first()?.sha256());
        self.statement.judgements.iter().find(|judgement| {
            judgement.certificate == certificate && judgement.role == role && judgement.at == at
        })
    }

    /// An archived list, verified under the key of the authority whose it is: once,
    /// however many judgements name it.
    fn archived(&self, sha256: &str) -> Option<VerifiedCrl> {
        let mut known = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(sha256) {
            return known.clone();
        }
        let verified = self.verify_archived(sha256);
        known.insert(sha256.to_owned(), verified.clone());
        verified
    }

    fn verify_archived(&self, sha256: &str) -> Option<VerifiedCrl> {
        let list = self.statement.lists.iter().find(|list| list.sha256 == sha256)?;
        let authority = self.snapshot.authority(&list.authority)?;
        let signer = authority.key(&hex::decode(&list.signer)?)?;
        let crl = Crl::parse(self.pieces.get(sha256)?).ok()?;
        VerifiedCrl::verify_with(&crl, signer.public_key(), &authority.list_rules_ever()).ok()
    }

    /// The archived lists that were brought to a judgement.
    fn stated_lists(
        &self,
        chain: &[Certificate],
        role: Role,
        at: Timestamp,
    ) -> Result<ArchivedLists, StoreError> {
        let mut found = ArchivedLists::default();
        let Some(stated) = self.judgement(chain, role, at) else { return Ok(found) };
        if stated.archive_in_part {
            found.reading = ArchiveReading::Part;
        }
        for sha256 in stated.archived.iter().collect::<BTreeSet<_>>() {
            let missing = || StoreError::ArchivedList { blob: sha256.clone() };
            found.lists.insert(self.archived(sha256).ok_or_else(missing)?);
        }
        Ok(found)
    }
}

impl Archive for Replay<'_> {
    /// Which lists those are was settled when it was judged, under a budget that the
    /// statement tells of; whatever is here was bounded when the receipt was read.
    fn lists(
        &self,
        _snapshot: &Snapshot,
        chain: &[Certificate],
        (role, at, _): (Role, Timestamp, &Demands),
        _budget: &mut ArchiveBudget,
    ) -> Result<ArchivedLists, StoreError> {
        self.stated_lists(chain, role, at)
    }
}

/// The text of an edition.
fn text(edition: EditionModel, pieces: &Pieces) -> Result<(u64, PolicyText), String> {
    let EditionModel { sequence, file, sha256, .. } = edition;
    let octets = pieces.get(&sha256).map(<[u8]>::to_vec);
    let source = octets.and_then(|octets| String::from_utf8(octets).ok());
    let source = source.ok_or_else(|| format!("{sha256}: no text of a policy"))?;
    Ok((sequence, PolicyText { file, source }))
}

/// The row of a list, as it was when it was the newest.
fn row(list: &ListModel, pieces: &Pieces) -> Result<(AuthorityId, ListPlace, ListRow), String> {
    let crl = Crl::parse(pieces.need(&list.sha256)?);
    let crl = crl.map_err(|fault| format!("{}: {fault}", list.sha256))?;
    let place = ListPlace { signer: list.signer.clone(), scope: list.scope.clone() };
    let row = ListRow {
        blob: list.sha256.clone(),
        number: crl.number().map(ToString::to_string),
        this_update: crl.this_update(),
        next_update: crl.next_update(),
        entries: crl.len() as u64,
        // When it was learned decides nothing.
        known: crl.this_update(),
    };
    Ok((list.authority.clone(), place, row))
}

fn encoded(report: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(report).map_err(|error| error.to_string())
}
