//! A signed document, judged from files alone.

use serde::Serialize;

use crate::keys::{SignatureRules, Sm2Encodings};
use crate::pem::{PemLabel, decode_document, decode_pem_or_der};
use crate::signed::codes as document_codes;
use crate::{
    Certificate, CertificateJudge, CertificatePool, CertificateQuestion, Content, DocumentBudget,
    DocumentFormat, DocumentJudgement, ExplainedFinding, Fault, Finding, Indication,
    JudgedCertificate, Language, Moments, PathOptions, Problem, Report, SignatureJudgement,
    SignedDocument, Signer, SigningTime, Timestamp, TimestampJudgement, Verdict, judge_document,
    parse_signed_document, validate_path,
};

use super::PathMember;
use super::inputs::{Along, Files, Inputs};

/// Which signed document is to be verified, and with what. Each file of certificates,
/// lists and responses is PEM, DER or base64.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DocumentVerificationRequest {
    /// Files of enrolled anchors, those of timestamp authorities among them.
    pub anchors: Vec<Vec<u8>>,
    /// Files of other certificates: a path may go through them, and a signer be found
    /// among them.
    pub intermediates: Vec<Vec<u8>>,
    /// Files of revocation lists.
    pub lists: Vec<Vec<u8>>,
    /// Files of OCSP responses.
    pub responses: Vec<Vec<u8>>,
    /// What is asked of paths; moment and purpose are set for each.
    pub options: PathOptions,
    /// The moments.
    pub moments: Moments,
}

impl DocumentVerificationRequest {
    /// A request without anchors, which nothing passes.
    #[must_use]
    pub fn new(moments: Moments) -> Self {
        Self {
            anchors: Vec::new(),
            intermediates: Vec::new(),
            lists: Vec::new(),
            responses: Vec::new(),
            options: PathOptions::new(moments.now),
            moments,
        }
    }

    /// The certificates that a signer may be found among.
    #[must_use]
    pub fn known(&self) -> CertificatePool {
        let ders = |file: &Vec<u8>| decode_pem_or_der(file, PemLabel::Certificate);
        let files =
            self.intermediates.iter().chain(&self.anchors).filter_map(|file| ders(file).ok());
        files.flatten().filter_map(|der| Certificate::parse(&der).ok()).collect()
    }

    /// The rules of the document's signatures: those of the options, and SM2 signatures
    /// in both encodings that are seen (GM/T 0009 7.3, and r and s bare).
    #[must_use]
    pub fn rules(&self) -> SignatureRules {
        self.options.signatures.clone().with_sm2_encodings(Sm2Encodings::DerOrRaw)
    }
}

/// The outcome of [`verify_signature`].
#[derive(Clone, Debug)]
pub struct DocumentVerification {
    format: Option<DocumentFormat>,
    judgement: DocumentJudgement<Vec<Certificate>>,
}

/// Verifies a signed document with nothing but what is passed in. A document that cannot
/// be read fails with a finding that says why.
#[must_use]
pub fn verify_signature(
    document: Result<&SignedDocument, &Fault>,
    content: Content<'_>,
    request: &DocumentVerificationRequest,
) -> DocumentVerification {
    let mut report = Report::new();
    let files = Files {
        anchors: &request.anchors,
        intermediates: &request.intermediates,
        lists: &request.lists,
        responses: &request.responses,
    };
    let inputs = Inputs::read(files, &mut report);
    let document = match document {
        Ok(document) => document,
        Err(fault) => {
            report.push(unreadable_document(fault));
            return DocumentVerification {
                format: None,
                judgement: DocumentJudgement::unread(report),
            };
        }
    };
    let known: CertificatePool =
        inputs.intermediates.iter().chain(inputs.anchors.iter()).cloned().collect();
    let examined = document.examine(content, &[&known], &request.rules());
    let judge = FileJudge { inputs: &inputs, options: &request.options, share: share(document) };
    let mut judgement = judge_document(document, examined, &judge, request.moments);
    report.append(judgement.report);
    judgement.report = report;
    DocumentVerification { format: Some(document.format()), judgement }
}

/// Why a document cannot be judged at all: what a limit of ours ended is not called damaged.
#[must_use]
pub fn unreadable_document(fault: &Fault) -> Finding {
    let code = match fault.problem() {
        Problem::TooDeep { .. } | Problem::TooLarge { .. } | Problem::TooMany { .. } => {
            &document_codes::DOCUMENT_LIMIT
        }
        Problem::Pdf(fault) if fault.problem().is_limit() => &document_codes::DOCUMENT_LIMIT,
        Problem::UnknownFormat => &document_codes::DOCUMENT_FORMAT_UNKNOWN,
        _ => &document_codes::DOCUMENT_MALFORMED,
    };
    Finding::failed(code).seen(fault)
}

/// Reads a document of the format named, or of the one that is recognised, bare, in PEM or
/// in base64, under the default budget.
///
/// # Errors
/// The [`Fault`]; [`verify_signature`] takes it as it is.
pub fn read_document(
    octets: &[u8],
    format: Option<DocumentFormat>,
) -> Result<SignedDocument, Fault> {
    parse_signed_document(&decode_document(octets)?, format, &DocumentBudget::default())
}

/// Judges certificates by the files.
struct FileJudge<'j> {
    inputs: &'j Inputs,
    options: &'j PathOptions,
    /// Signatures that may be verified for each certificate.
    share: usize,
}

/// Signatures that are verified while the paths of one document are tried. Origin: ours, ten
/// times what one path may take.
const SIGNATURES: usize = 1_000;

/// What of these is each certificate's: signers are asked about twice. Eight suffice for a path
/// of five that is not found at once.
fn share(document: &SignedDocument) -> usize {
    fn questions(signer: &Signer) -> usize {
        let counters = signer.counter_signers().iter().map(questions);
        2 + signer.timestamps().len() + counters.sum::<usize>()
    }
    let signers = document.signers().iter().map(questions).sum::<usize>();
    (SIGNATURES / (signers + document.timestamps().len()).max(1)).max(8)
}

impl CertificateJudge for FileJudge<'_> {
    /// The certificates of the path.
    type Outcome = Vec<Certificate>;

    fn judge(&self, question: &CertificateQuestion<'_>) -> JudgedCertificate<Vec<Certificate>> {
        let mut options = self.options.clone();
        options.budget.signatures = options.budget.signatures.min(self.share);
        options.at = question.at;
        options.purpose = question.purpose;
        let pools = [question.pool, &self.inputs.intermediates];
        let outcome = validate_path(question.certificate, &self.inputs.anchors, &pools, &options);
        let along =
            Along { pool: question.pool, lists: question.lists, responses: question.responses };
        let path = outcome.path.as_ref();
        let revocation = self.inputs.check_revocation(path, &options, question.moment, along);
        let mut report = outcome.report;
        report.append(revocation);
        JudgedCertificate { report, outcome: outcome.built }
    }
}

impl DocumentVerification {
    /// The worst of all signatures.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.judgement.verdict
    }

    /// The format, where the document could be read.
    #[must_use]
    pub fn format(&self) -> Option<DocumentFormat> {
        self.format
    }

    /// The judgement of each signature and timestamp; what is kept of each certificate is
    /// its path.
    #[must_use]
    pub fn judgement(&self) -> &DocumentJudgement<Vec<Certificate>> {
        &self.judgement
    }

    /// The same for reading: serialises with each finding's texts where a language is
    /// given.
    #[must_use]
    pub fn explained(&self, language: Option<Language>) -> ExplainedDocumentVerification<'_> {
        let judgement = &self.judgement;
        ExplainedDocumentVerification {
            format: self.format,
            verdict: judgement.verdict,
            findings: findings(&judgement.report, language),
            signatures: judgement.signatures.iter().map(|one| signature(one, language)).collect(),
            timestamps: judgement.timestamps.iter().map(|one| timestamp(one, language)).collect(),
        }
    }
}

/// A [`DocumentVerification`] for reading.
#[derive(Debug, Serialize)]
pub struct ExplainedDocumentVerification<'a> {
    format: Option<DocumentFormat>,
    verdict: Verdict,
    findings: Vec<Shown<'a>>,
    signatures: Vec<ShownSignature<'a>>,
    timestamps: Vec<ShownTimestamp<'a>>,
}

/// A finding with or without its texts.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Shown<'a> {
    Bare(&'a Finding),
    Explained(ExplainedFinding<'a>),
}

#[derive(Debug, Serialize)]
struct ShownSignature<'a> {
    verdict: Verdict,
    #[serde(flatten)]
    indication: Indication,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<PathMember>,
    time: SigningTime,
    findings: Vec<Shown<'a>>,
    path: Vec<PathMember>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_present: Option<ShownPresent<'a>>,
    timestamps: Vec<ShownTimestamp<'a>>,
    counter_signatures: Vec<ShownSignature<'a>>,
}

#[derive(Debug, Serialize)]
struct ShownPresent<'a> {
    verdict: Verdict,
    findings: Vec<Shown<'a>>,
}

#[derive(Debug, Serialize)]
struct ShownTimestamp<'a> {
    verdict: Verdict,
    #[serde(flatten)]
    indication: Indication,
    time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<PathMember>,
    findings: Vec<Shown<'a>>,
    path: Vec<PathMember>,
}

fn findings(report: &Report, language: Option<Language>) -> Vec<Shown<'_>> {
    let all = report.findings().iter();
    match language {
        None => all.map(Shown::Bare).collect(),
        Some(language) => all.map(|one| Shown::Explained(one.explained(language))).collect(),
    }
}

fn members(path: Option<&Vec<Certificate>>, report: &Report) -> Vec<PathMember> {
    path.into_iter().flatten().map(|member| PathMember::of(member, report)).collect()
}

fn signature(
    judged: &SignatureJudgement<Vec<Certificate>>,
    language: Option<Language>,
) -> ShownSignature<'_> {
    let counter = judged.counter_signatures.iter();
    ShownSignature {
        verdict: judged.verdict,
        indication: judged.indication,
        certificate: judged.certificate.as_ref().map(|own| PathMember::of(own, &judged.report)),
        time: judged.time,
        findings: findings(&judged.report, language),
        path: members(judged.outcome.as_ref(), &judged.report),
        at_present: judged.at_present.as_ref().map(|present| ShownPresent {
            verdict: present.report.verdict(),
            findings: findings(&present.report, language),
        }),
        timestamps: judged.timestamps.iter().map(|one| timestamp(one, language)).collect(),
        counter_signatures: counter.map(|one| signature(one, language)).collect(),
    }
}

fn timestamp(
    judged: &TimestampJudgement<Vec<Certificate>>,
    language: Option<Language>,
) -> ShownTimestamp<'_> {
    ShownTimestamp {
        verdict: judged.verdict,
        indication: judged.indication,
        time: judged.token.info().time,
        certificate: judged.certificate.as_ref().map(|own| PathMember::of(own, &judged.report)),
        findings: findings(&judged.report, language),
        path: members(judged.outcome.as_ref(), &judged.report),
    }
}
