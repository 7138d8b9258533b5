//! Flow 4: whether signatures hold, whose they are, and for whom they speak.
//!
//! 1. The caller read the document and has its content, whole or as the digests that
//!    [`Province::signature_rules`] and the certificates here ask for.
//! 2. A content that opens as a sign-in challenge is no document: whoever signed it
//!    agreed to nothing.
//! 3. The cryptography of each signer is done by the rules of the authority that its
//!    certificate seems to be of: one authority's leniency is not another's.
//! 4. Each certificate goes through recognition: a timestamp's at its own time for the
//!    role *timestamps*, a signer's at the best signature time for *document signing*,
//!    with the archived lists that tell of that moment, and once more at present.
//! 5. What the caller requires beside that (entities, capacities, policies) is compared
//!    with what came out.
//!
//! Nothing is recorded here, and nothing is registered. Where a receipt is wanted, what
//! was looked at is gathered on the way; reading a receipt judges by the same code, with
//! the lists that came with it in place of the archive.

mod bound;
mod numbers;
mod report;
mod requirements;

use std::cell::RefCell;

use tongxing_pki::{
    Certificate, CertificateJudge, CertificatePool, CertificateQuestion, Code, Content, Examined,
    Finding, JudgedCertificate, Meaning, Moment, Moments, Purpose, RevocationResponses,
    SignatureRules, SignedContent, SignedDocument, Sm2Encodings, SubIndication, Timestamp,
    ValidatedPath, judge_document,
};

pub use bound::BesideCertificate;
pub(crate) use bound::Handed;
pub(crate) use numbers::Numbers;
pub use report::{Detail, DocumentReport};
pub use requirements::{Requirements, WhoSigns};

use crate::archive_budget::ArchiveBudget;
use crate::authority::Role;
use crate::codes;
use crate::demands::Demands;
use crate::error::StoreError;
use crate::past::ArchivedLists;
use crate::province::Province;
use crate::receipts::{Looked, Noted};
use crate::recognise::{JudgedChain, MAX_CHAIN, SuppliedEvidence};
use crate::report::Reader;
use crate::snapshot::{Authority, Snapshot};

/// The line that every sign-in text opens with. Content that opens with it is refused as
/// a document: such a signature proves who signs in, and nobody agreed to anything.
pub const SIGN_IN_LINE: &str = "Tongxing sign-in challenge v1";

/// A document to be verified.
#[derive(Debug, Clone, Copy)]
pub struct DocumentQuestion<'q> {
    /// The document, as it was read.
    pub document: &'q SignedDocument,
    /// Its content, where that is elsewhere.
    pub content: Content<'q>,
    /// How that content begins, where only its digests are at hand and it is known.
    pub opening: Option<&'q [u8]>,
    /// A moment by which the caller holds the signatures to have existed; now without
    /// it.
    pub at: Option<Timestamp>,
    /// What responders say of its signers, where they were asked ([`Snapshot::signer_chains`]).
    pub responses: &'q RevocationResponses,
    /// What is required beside.
    pub requirements: &'q Requirements,
    /// Who reads the report.
    pub reader: Reader,
    /// How much they read.
    pub detail: Detail,
}

impl Snapshot {
    /// The certificates that signers may be found among beside those that came along.
    pub fn known_certificates(&self) -> &CertificatePool {
        self.intermediates()
    }

    /// The chains of a document's signers, each leaf first with what came along for the
    /// path: whoever asks responders about them before they are judged asks about these.
    pub fn signer_chains(&self, document: &SignedDocument) -> Vec<Vec<Certificate>> {
        let known = [self.intermediates()];
        let pool = document.certificates();
        let own = document.signers().iter().filter_map(|signer| signer.certificate(pool, &known));
        let mut chains: Vec<Vec<Certificate>> = Vec::new();
        for certificate in own {
            if chains.iter().all(|chain| chain.first() != Some(&certificate)) {
                chains.push(chain_of(&certificate, pool));
            }
        }
        chains
    }

    /// The rules for the signatures of a document by certificates that came along, each
    /// by the policy of the authority that it seems to be of; one for each signer, those
    /// of nobody's strict.
    fn rules_of(&self, document: &SignedDocument, at: Timestamp) -> Vec<SignatureRules> {
        let known = [self.intermediates()];
        let pool = document.certificates();
        let rules = |signer: &tongxing_pki::Signer| {
            let certificate = signer.certificate(pool, &known);
            certificate.map(|certificate| self.rules_for(&certificate, pool, at))
        };
        let signers = document.signers().iter();
        signers.map(|signer| rules(signer).unwrap_or_else(strict)).collect()
    }

    fn rules_for(
        &self,
        certificate: &Certificate,
        pool: &CertificatePool,
        at: Timestamp,
    ) -> SignatureRules {
        let authority = self.authority_of(certificate, pool, at);
        let policy = authority.and_then(|authority| authority.policy_at(at));
        policy.map_or_else(strict, |policy| both_encodings(policy.signature_rules(at)))
    }

    /// Whose a signer's certificate is: by its names where only one authority has them,
    /// by the path where several do.
    fn authority_of(
        &self,
        certificate: &Certificate,
        pool: &CertificatePool,
        at: Timestamp,
    ) -> Option<&Authority> {
        let mut authorities = self.issuing_authorities(certificate, pool);
        if authorities.len() > 1 {
            let chain = chain_of(certificate, pool);
            let (_, owner) =
                self.path_of(&chain, Role::DocumentSigning, at, &Demands::default())?;
            return Some(owner);
        }
        authorities.pop()
    }

    /// The rules by which digests of a content are to be made, so that they serve
    /// whichever rules its signers are examined by.
    pub fn digest_rules(&self, document: &SignedDocument, at: Timestamp) -> SignatureRules {
        let mut rules = self.rules_of(document, at).into_iter();
        let mut widest = rules.next().unwrap_or_default();
        for more in rules {
            let ids = widest.sm2_user_ids.iter().chain(more.sm2_user_ids.iter()).cloned();
            widest.sm2_user_ids = tongxing_pki::Sm2UserIds::standard_and(ids.collect::<Vec<_>>());
            if more.weak != tongxing_pki::WeakAlgorithms::Refused {
                widest.weak = more.weak;
            }
        }
        widest
    }
}

/// Those of nobody's certificates.
fn strict() -> SignatureRules {
    both_encodings(SignatureRules::default())
}

/// SM2 signatures come in DER and bare (GM/T 0009 7.3, and many tools).
fn both_encodings(rules: SignatureRules) -> SignatureRules {
    rules.with_sm2_encodings(Sm2Encodings::DerOrRaw)
}

impl Province {
    /// Verifies a document against the snapshot of this moment. Blocks: it may read
    /// archived lists, and it computes.
    ///
    /// # Errors
    /// [`StoreError`] when an archived list cannot be read: without it a revocation
    /// could be missed.
    pub fn verify_document(
        &self,
        question: &DocumentQuestion<'_>,
    ) -> Result<DocumentReport, StoreError> {
        let (now, snapshot) = (self.clock().now(), self.snapshot());
        judge(question, &snapshot, now, self, None)
    }
}

/// The lists of other times, where a judgement of the past finds them.
pub(crate) trait Archive {
    /// Those that tell of a chain (the certificate judged first) at a moment, for a role and
    /// under demands; `budget` is one for all certificates of a document.
    fn lists(
        &self,
        snapshot: &Snapshot,
        chain: &[Certificate],
        asked: (Role, Timestamp, &Demands),
        budget: &mut ArchiveBudget,
    ) -> Result<ArchivedLists, StoreError>;
}

impl Archive for Province {
    fn lists(
        &self,
        snapshot: &Snapshot,
        chain: &[Certificate],
        asked: (Role, Timestamp, &Demands),
        budget: &mut ArchiveBudget,
    ) -> Result<ArchivedLists, StoreError> {
        self.archived_lists(snapshot, chain, asked, budget)
    }
}

/// Steps 2 to 5 at a present; `looked` gathers what they look at.
pub(crate) fn judge(
    question: &DocumentQuestion<'_>,
    snapshot: &Snapshot,
    now: Timestamp,
    archive: &dyn Archive,
    looked: Option<&mut Looked>,
) -> Result<DocumentReport, StoreError> {
    let DocumentQuestion { document, content, at, requirements, .. } = *question;
    let moments = Moments { now, at: at.filter(|at| *at < now) };
    let examined = examine(snapshot, document, content, moments.at.unwrap_or(now));
    let demands = requirements.demands();
    let (budget, fault, looked) = (RefCell::default(), RefCell::default(), RefCell::new(looked));
    let asked = question.responses;
    let judge = StoreJudge { archive, snapshot, demands, asked, budget, fault, looked };
    judge.note_signers(document);
    let judgement = judge_document(document, examined, &judge, moments);
    if let Some(fault) = judge.fault.into_inner() {
        return Err(fault);
    }
    let challenge = is_challenge(question);
    let challenge = challenge.then(|| Finding::failed(&codes::DOCUMENT_IS_CHALLENGE));
    Ok(DocumentReport::new(question, &judgement, challenge, snapshot, moments))
}

/// Step 2. A digest says nothing of what it was made over.
fn is_challenge(question: &DocumentQuestion<'_>) -> bool {
    let opens = |octets: &[u8]| octets.starts_with(SIGN_IN_LINE.as_bytes());
    let embedded = question.document.contents().iter().any(|content| match content {
        SignedContent::Embedded(octets) => opens(octets),
        _ => false,
    });
    let given = match question.content {
        Content::Octets(octets) => opens(octets),
        Content::None | Content::Digests(_) => question.opening.is_some_and(opens),
    };
    embedded || given
}

/// Step 3.
fn examine(
    snapshot: &Snapshot,
    document: &SignedDocument,
    content: Content<'_>,
    at: Timestamp,
) -> Examined {
    let known = [snapshot.intermediates()];
    let rules = snapshot.rules_of(document, at);
    let first = rules.first().cloned().unwrap_or_default();
    let mut examined = document.examine(content, &known, &first);
    let mut done = vec![first];
    for other in &rules {
        if done.contains(other) {
            continue;
        }
        let by_other = document.examine(content, &known, other);
        let places = rules.iter().enumerate().filter(|(_, rules)| *rules == other);
        for (place, _) in places {
            if let (Some(into), Some(from)) =
                (examined.signers.get_mut(place), by_other.signers.get(place))
            {
                into.clone_from(from);
            }
        }
        done.push(other.clone());
    }
    examined
}

/// Judges certificates by the snapshot.
struct StoreJudge<'j> {
    archive: &'j dyn Archive,
    snapshot: &'j Snapshot,
    demands: Demands,
    /// What responders were asked for.
    asked: &'j RevocationResponses,
    /// One for all certificates.
    budget: RefCell<ArchiveBudget>,
    /// The first archived list that could not be read.
    fault: RefCell<Option<StoreError>>,
    looked: RefCell<Option<&'j mut Looked>>,
}

impl StoreJudge<'_> {
    /// What the archive has of a moment in the past.
    fn archived(
        &self,
        question: &CertificateQuestion<'_>,
        chain: &[Certificate],
        (role, demands): (Role, &Demands),
    ) -> ArchivedLists {
        if question.moment != Moment::Past {
            return ArchivedLists::default();
        }
        let (asked, budget) = ((role, question.at, demands), &mut self.budget.borrow_mut());
        self.archive.lists(self.snapshot, chain, asked, budget).unwrap_or_else(|fault| {
            self.fault.borrow_mut().get_or_insert(fault);
            ArchivedLists::default()
        })
    }

    /// What came along with the document, what responders were asked for, and what the
    /// archive has of the past.
    fn supplied(
        &self,
        question: &CertificateQuestion<'_>,
        archived: &ArchivedLists,
    ) -> SuppliedEvidence {
        let (mut lists, mut responses) = (question.lists.clone(), question.responses.clone());
        lists.extend(archived.lists.iter().cloned());
        self.asked.iter().for_each(|response| responses.insert(response.clone()));
        self.asked.refusals().iter().for_each(|refusal| responses.refused(*refusal));
        SuppliedEvidence { lists, responses, archive: archived.reading }
    }

    /// Whose rules the cryptography goes by, whether or not a certificate is judged.
    fn note_signers(&self, document: &SignedDocument) {
        if let Some(looked) = self.looked.borrow_mut().as_mut() {
            let known = [self.snapshot.intermediates()];
            for signer in document.signers() {
                if let Some(own) = signer.certificate(document.certificates(), &known) {
                    looked.note_rules(self.snapshot, &own, document.certificates());
                }
            }
        }
    }
}

impl CertificateJudge for StoreJudge<'_> {
    type Outcome = JudgedChain;

    fn judge(&self, question: &CertificateQuestion<'_>) -> JudgedCertificate<JudgedChain> {
        let (role, demands) = match question.purpose {
            Purpose::TimeStamping => (Role::Timestamps, &Demands::default()),
            _ => (Role::DocumentSigning, &self.demands),
        };
        let chain = chain_of(question.certificate, question.pool);
        let (snapshot, at, moment) = (self.snapshot, question.at, question.moment);
        let archived = self.archived(question, &chain, (role, demands));
        let supplied = self.supplied(question, &archived);
        let mut judged = snapshot.judge_for(role, &chain, (at, moment), &supplied, demands);
        if let Some(looked) = self.looked.borrow_mut().as_mut() {
            // What came along with the document is found there again.
            let (lists, archive) = (archived.lists, archived.reading);
            let supplied = &SuppliedEvidence { lists, responses: self.asked.clone(), archive };
            let path = judged.path.as_ref().map_or(&[][..], ValidatedPath::certificates);
            let noted = Noted { snapshot, chain: &chain, path, role, at, moment, supplied };
            looked.note(noted);
            looked.note_statuses(noted, &judged.revocation.statuses);
        }
        let report = std::mem::take(&mut judged.report);
        JudgedCertificate { report, outcome: judged }
    }

    fn meaning(&self, code: &'static Code) -> Option<Meaning> {
        use SubIndication as S;
        let group = code.id.split('.').next().unwrap_or_default();
        Some(match code.id {
            "authority.not_active" | "authority.role_missing" => {
                Meaning::Indeterminate(S::NoCertificateChainFound)
            }
            "authority.compromised" => Meaning::Indeterminate(S::RevokedCaNoPoe),
            "authority.unavailable" | "revocation.stale" | "revocation.archive_part" => {
                Meaning::Indeterminate(S::TryLater)
            }
            "chain.empty" => Meaning::Indeterminate(S::NoSigningCertificateFound),
            _ if group == "authority" => Meaning::Indeterminate(S::ChainConstraintsFailure),
            _ if group == "identity" => Meaning::Indeterminate(S::SigConstraintsFailure),
            _ => return None,
        })
    }
}

/// A certificate, and those of the document that may stand above it: the pool of a document
/// with many signers is larger than any path.
fn chain_of(certificate: &Certificate, pool: &CertificatePool) -> Vec<Certificate> {
    let above = pool.above(certificate, MAX_CHAIN - 1);
    std::iter::once(certificate).chain(above).cloned().collect()
}
