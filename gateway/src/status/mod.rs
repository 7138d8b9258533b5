//! Asks responders (OCSP, RFC 6960) about certificates that sign in, or signed.
//!
//! 1. The snapshot says whom to ask about which certificates of a chain: only those
//!    of a valid path to an enrolled key, and only hosts that the policy names.
//! 2. What was answered is remembered until it is due for another; a certificate is
//!    asked about once, however many sign-ins wait for the answer.
//! 3. Judging takes the answers as evidence: who signed one is verified there. Only
//!    one that judging rested on is remembered for long; anything else might be
//!    anybody's, and is asked for again soon.
//!
//! No answer is none: whether that refuses is the policy's to say. Nothing here
//! survives a restart.

mod answers;

use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use tongxing_pki::{
    Certificate, Hash, MAX_OCSP_OCTETS, OcspRefusal, OcspReply, OcspRequest, OcspResponse,
    RevocationResponses, SignedDocument, Timestamp, Verdict,
};
use tongxing_trust_store::{
    AskWhen, Demands, EncryptionRecognition, HostRules, PointUrl, Purpose, Recognition, Snapshot,
    StatusQuestion, StatusQuestions, SuppliedEvidence,
};

pub(crate) use answers::Answers;

use answers::Answer;

use crate::fetch::{FetchError, Fetched, Limits, Validators};
use crate::problem::RequestError;
use crate::site::Site;

const CONTENT_TYPE: &str = "application/ocsp-request";

/// A request that is not longer goes as GET, which caches on the way may answer
/// (RFC 5019 5: 255 octets with the responder's address).
const GET_OCTETS: usize = 255;

/// A sign-in waits so long for a responder.
const LIMITS: Limits = Limits {
    bytes: MAX_OCSP_OCTETS,
    total: std::time::Duration::from_secs(3),
    idle: std::time::Duration::from_secs(3),
    redirects: 1,
};

/// Judges a chain for signing in, with what responders say where the policy asks them.
pub(crate) async fn recognise(site: &Site, chain: &[Certificate]) -> Recognition {
    let demands = Demands::default();
    let purpose = Purpose::SignIn;
    recognise_for(site, chain, purpose, &demands).await.recognition
}

/// A recognition, and what it was made by.
pub(crate) struct Judged {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) recognition: Recognition,
    /// The moment judged.
    pub(crate) at: Timestamp,
    /// What was brought beside the snapshot.
    pub(crate) supplied: SuppliedEvidence,
}

/// Judges a chain for a purpose at a moment in the past, with the archived lists.
/// Responders are asked about the present alone: what they say now settles no moment
/// in the past.
pub(crate) async fn recognise_past(
    site: &Arc<Site>,
    chain: Vec<Certificate>,
    purpose: Purpose,
    at: Timestamp,
    demands: Demands,
) -> Result<Judged, RequestError> {
    let site = Arc::clone(site);
    let judge = move || {
        let snapshot = site.province.snapshot();
        let supplied = site.province.past_evidence(&snapshot, &chain, purpose, at, &demands)?;
        let recognition = snapshot.recognise_past(&chain, purpose, at, &supplied, &demands);
        Ok(Judged { snapshot, recognition, at, supplied })
    };
    // It may read lists.
    let judged = tokio::task::spawn_blocking(judge).await;
    judged.map_err(|error| RequestError::Internal(error.to_string()))?
}

/// Judges a chain for a purpose now.
pub(crate) async fn recognise_for(
    site: &Site,
    chain: &[Certificate],
    purpose: Purpose,
    demands: &Demands,
) -> Judged {
    let snapshot = site.province.snapshot();
    let at = site.now();
    let alone = |snapshot: &Snapshot| {
        let none = SuppliedEvidence::default();
        site.province.recognise(snapshot, chain, purpose, at, &none, demands)
    };
    let Some(asked) = snapshot.status_questions(chain, purpose, at) else {
        let recognition = alone(&snapshot);
        return Judged { snapshot, recognition, at, supplied: SuppliedEvidence::default() };
    };
    if asked.when == AskWhen::Undecided {
        let recognition = alone(&snapshot);
        if recognition.verdict() != Verdict::Indeterminate {
            return Judged { snapshot, recognition, at, supplied: SuppliedEvidence::default() };
        }
    }
    let supplied = ask_all(site, &asked).await;
    let recognition = site.province.recognise(&snapshot, chain, purpose, at, &supplied, demands);
    if let Recognition::Recognised(recognised) = &recognition {
        site.answers.rested_on(&asked.questions, &recognised.revocation().responses);
    }
    Judged { snapshot, recognition, at, supplied }
}

/// So many responders are asked about one document at most. Origin: ours; each may take
/// its three seconds, and a consortium has a dozen members.
const MOST_QUESTIONS: usize = 16;

/// What to ask about the signers of a document.
#[derive(Debug, Default)]
pub(crate) struct SignerQuestions(Vec<StatusQuestions>);

impl SignerQuestions {
    /// By each signer's authority. Nothing about a moment in the past.
    pub(crate) fn of(site: &Site, document: &SignedDocument) -> Self {
        let (snapshot, at) = (site.province.snapshot(), site.now());
        let chains = snapshot.signer_chains(document);
        let asked = chains
            .iter()
            .filter_map(|chain| snapshot.status_questions(chain, Purpose::DocumentSigning, at));
        Self(asked.take(MOST_QUESTIONS).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether some are to be asked before anything is judged.
    pub(crate) fn come_first(&self) -> bool {
        self.0.iter().any(|asked| asked.when == AskWhen::Always)
    }

    /// Asks.
    pub(crate) async fn ask(&self, site: &Site) -> RevocationResponses {
        let mut supplied = SuppliedEvidence::default();
        let mut left = MOST_QUESTIONS;
        for asked in &self.0 {
            let part = asked.questions.get(..asked.questions.len().min(left)).unwrap_or_default();
            left -= part.len();
            ask_into(site, part, &asked.hosts, &mut supplied).await;
        }
        supplied.responses
    }

    /// Judging rested on these responses.
    pub(crate) fn rested_on(&self, site: &Site, responses: &[OcspResponse]) {
        for asked in &self.0 {
            site.answers.rested_on(&asked.questions, responses);
        }
    }
}

/// Judges a chain whose leaf is to be encrypted to, now.
pub(crate) async fn recognise_encryption(
    site: &Site,
    chain: &[Certificate],
) -> EncryptionRecognition {
    let (snapshot, at) = (site.province.snapshot(), site.now());
    let judge = |supplied: &SuppliedEvidence| snapshot.recognise_encryption(chain, at, supplied);
    let Some(asked) = snapshot.status_questions(chain, Purpose::SignIn, at) else {
        return judge(&SuppliedEvidence::default());
    };
    if asked.when == AskWhen::Undecided {
        let alone = judge(&SuppliedEvidence::default());
        if alone.verdict() != Verdict::Indeterminate {
            return alone;
        }
    }
    let recognition = judge(&ask_all(site, &asked).await);
    if let EncryptionRecognition::Recognised(recognised) = &recognition {
        let responses = &recognised.recognised().revocation().responses;
        site.answers.rested_on(&asked.questions, responses);
    }
    recognition
}

async fn ask_all(site: &Site, asked: &StatusQuestions) -> SuppliedEvidence {
    let mut supplied = SuppliedEvidence::default();
    ask_into(site, &asked.questions, &asked.hosts, &mut supplied).await;
    supplied
}

async fn ask_into(
    site: &Site,
    questions: &[StatusQuestion],
    hosts: &HostRules,
    supplied: &mut SuppliedEvidence,
) {
    for question in questions {
        match site.answers.ask(site, question, hosts).await {
            Answer::Told(response) => supplied.responses.insert(response),
            Answer::Refused(refusal) => supplied.responses.refused(refusal),
            Answer::None => {}
        }
    }
}

/// Asks a responder, by GET where the question is short, and by POST where it is not
/// or the responder takes no GET.
async fn ask(
    site: &Site,
    question: &StatusQuestion,
    hosts: &HostRules,
) -> Result<(OcspRequest, OcspReply), String> {
    let client = site.client.within(LIMITS);
    let StatusQuestion { certificate, issuer, responder, .. } = question;
    let nonce = question.nonce.map(|_| nonce()).transpose()?;
    let request = OcspRequest::new(certificate, issuer, Hash::Sha1, nonce);
    let get = request.get_address(&responder.to_string()).parse::<PointUrl>();
    // No cache has what was never asked before.
    let short = |url: &PointUrl| nonce.is_none() && url.to_string().len() <= GET_OCTETS;
    let get = get.ok().filter(short);
    let by_get = match get {
        Some(url) => Some(client.fetch(&url, hosts, &Validators::default()).await),
        None => None,
    };
    match by_get {
        Some(Ok(Fetched::Content { documents, .. })) => {
            let reply = documents.first().and_then(|answer| OcspReply::parse(answer).ok());
            if let Some(reply) = reply.filter(understood) {
                return Ok((request, reply));
            }
        }
        None | Some(Err(FetchError::Status(_)) | Ok(Fetched::Unchanged)) => {}
        Some(Err(error)) => return Err(error.to_string()),
    }
    let document = request.der().to_vec();
    let posted = client.post(responder, hosts, CONTENT_TYPE, document).await;
    let answer = posted.map_err(|error| error.to_string())?;
    let reply = OcspReply::parse(&answer).map_err(|fault| fault.to_string())?;
    Ok((request, reply))
}

/// Whether a responder knew that it was asked: one that takes no GET may answer it with a
/// page, or as if there was no request in it.
fn understood(reply: &OcspReply) -> bool {
    !matches!(reply, OcspReply::Refused(OcspRefusal::MalformedRequest))
}

/// RFC 9654 2.1: 32 octets, random.
fn nonce() -> Result<[u8; 32], String> {
    let mut nonce = [0; 32];
    let filled = SystemRandom::new().fill(&mut nonce);
    filled.map(|()| nonce).map_err(|_| "the system has no randomness".to_owned())
}

/// Until when an answer needs not be asked for again.
fn due(response: &OcspResponse, question: &StatusQuestion, now: Timestamp) -> Timestamp {
    let singles = response.responses().iter();
    let soonest = singles
        .map(|single| {
            let next = single.next_update().unwrap_or(now);
            let oldest = question.max_age_seconds;
            oldest.map_or(next, |age| next.min(single.this_update().plus_seconds(age)))
        })
        .min();
    soonest.unwrap_or(now)
}
