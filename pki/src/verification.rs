//! One certificate, judged from files alone, for callers without a store.
//!
//! 1. The files are read: PEM, DER or base64, one or more certificates or
//!    lists each. What cannot be read is a finding; only the end certificate
//!    is indispensable.
//! 2. A path to one of the anchors is built and validated.
//! 3. With any revocation list or OCSP response given, every certificate below the anchor must
//!    have its status known; without, revocation is not asked, and the report
//!    says so.

use serde::Serialize;

use crate::path::codes;
use crate::pem::{PemLabel, decode_pem_or_der};
use crate::revocation::{
    self, Moment, RevocationLists, RevocationOptions, RevocationResponses, RevocationSources,
};
use crate::{
    Anchors, Certificate, CertificatePool, Code, Crl, ExplainedFinding, Fault, Finding, Language,
    OcspReply, Oid, PathOptions, PathOutcome, Report, Verdict, validate_path,
};

/// What is to be verified, and with what. Each file is PEM, DER or base64.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VerificationRequest<'r> {
    /// The file of the end certificate. Certificates after the first are taken
    /// as intermediates.
    pub leaf: &'r [u8],
    /// Files of enrolled anchors.
    pub anchors: Vec<Vec<u8>>,
    /// Files of other certificates that a path may go through, in any order.
    pub intermediates: Vec<Vec<u8>>,
    /// Files of revocation lists.
    pub lists: Vec<Vec<u8>>,
    /// Files of OCSP responses.
    pub responses: Vec<Vec<u8>>,
    /// What is asked.
    pub options: PathOptions,
    /// Whether the moment judged is now or in the past.
    pub moment: Moment,
}

impl<'r> VerificationRequest<'r> {
    /// A request without anchors, which nothing passes.
    #[must_use]
    pub fn new(leaf: &'r [u8], options: PathOptions) -> Self {
        Self {
            leaf,
            anchors: Vec::new(),
            intermediates: Vec::new(),
            lists: Vec::new(),
            responses: Vec::new(),
            options,
            moment: Moment::default(),
        }
    }
}

/// The outcome of [`verify_certificate`].
///
/// Serialises as `{"verdict", "findings", "path", "policies"}`.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    verdict: Verdict,
    findings: Report,
    path: Vec<PathMember>,
    policies: Vec<Oid>,
}

/// A [`Verification`] whose findings say what bidders read about them.
#[derive(Debug, Serialize)]
pub struct ExplainedVerification<'a> {
    verdict: Verdict,
    findings: Vec<ExplainedFinding<'a>>,
    path: &'a [PathMember],
    policies: &'a [Oid],
}

/// One certificate of the path reported on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathMember {
    /// The subject, by RFC 4514.
    pub subject: String,
    /// The serial number in upper-case hexadecimal.
    pub serial: String,
    /// SHA-256 of the whole certificate in lower-case hexadecimal.
    pub sha256: String,
    /// The worst of the findings about it; nothing of an anchor, which is not judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

impl PathMember {
    /// What a report says of a certificate.
    #[must_use]
    pub fn of(certificate: &Certificate, report: &Report) -> Self {
        Self {
            subject: certificate.subject().to_string(),
            serial: certificate.serial().to_string(),
            sha256: crate::path::hex(certificate.sha256()),
            verdict: report.verdict_about(certificate),
        }
    }
}

impl Verification {
    /// The worst of the findings.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Every check that ran.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.findings
    }

    /// The path reported on, the end certificate first and the anchor, where
    /// one was reached, last.
    #[must_use]
    pub fn path(&self) -> &[PathMember] {
        &self.path
    }

    /// The same in a bidder's language: serialises with each finding's texts.
    #[must_use]
    pub fn explained(&self, language: Language) -> ExplainedVerification<'_> {
        let findings = self.findings.findings().iter();
        ExplainedVerification {
            verdict: self.verdict,
            findings: findings.map(|finding| finding.explained(language)).collect(),
            path: &self.path,
            policies: &self.policies,
        }
    }

    /// The user-constrained policy set, when the path is valid.
    #[must_use]
    pub fn policies(&self) -> &[Oid] {
        &self.policies
    }
}

/// Verifies one certificate with nothing but what is passed in.
#[must_use]
pub fn verify_certificate(request: &VerificationRequest<'_>) -> Verification {
    let mut report = Report::new();
    let inputs = Inputs::read(request, &mut report);
    let Some(leaf) = &inputs.leaf else {
        return Verification {
            verdict: report.verdict(),
            findings: report,
            path: Vec::new(),
            policies: Vec::new(),
        };
    };
    let pools = [&inputs.intermediates];
    let outcome = validate_path(leaf, &inputs.anchors, &pools, &request.options);
    let policies = outcome.path.as_ref().map(|path| path.policies().to_vec()).unwrap_or_default();
    let built = outcome.built.clone();
    inputs.judge_with_revocation(request, outcome, &mut report);
    let path = built.iter().map(|member| PathMember::of(member, &report)).collect();
    Verification { verdict: report.verdict(), findings: report, path, policies }
}

struct Inputs {
    leaf: Option<Certificate>,
    anchors: Anchors,
    intermediates: CertificatePool,
    lists: RevocationLists,
    responses: RevocationResponses,
}

impl Inputs {
    fn read(request: &VerificationRequest<'_>, report: &mut Report) -> Self {
        let (leaf, others) = read_leaf(request.leaf, report);
        let mut intermediates = CertificatePool::from_iter(others);
        let malformed = &codes::INPUT_INTERMEDIATE_MALFORMED;
        let role = Role("intermediate", malformed);
        intermediates.extend(read_certificates(&request.intermediates, &role, report));
        let role = Role("anchor", &codes::INPUT_ANCHOR_MALFORMED);
        let anchors = read_certificates(&request.anchors, &role, report);
        let lists = read_lists(&request.lists, report);
        Self {
            leaf,
            anchors: anchors.into_iter().collect(),
            intermediates,
            lists: lists.into_iter().collect(),
            responses: read_responses(&request.responses, report),
        }
    }

    fn judge_with_revocation(
        &self,
        request: &VerificationRequest<'_>,
        outcome: PathOutcome,
        report: &mut Report,
    ) {
        report.append(outcome.report);
        if request.lists.is_empty() && request.responses.is_empty() {
            report.push(Finding::info(&revocation::codes::NOT_ASKED));
            return;
        }
        let Some(path) = outcome.path else {
            report.push(Finding::info(&revocation::codes::NO_PATH));
            return;
        };
        let sources = RevocationSources {
            lists: &[&self.lists],
            responses: &[&self.responses],
            anchors: &self.anchors,
            pools: &[&self.intermediates],
        };
        let mut options = RevocationOptions::of(&request.options);
        options.moment = request.moment;
        let checked = revocation::check_revocation(&path, &sources, &options);
        report.append(checked.report);
    }
}

/// How a file is named in findings, and what a malformed one is.
struct Role(&'static str, &'static Code);

fn read_leaf(file: &[u8], report: &mut Report) -> (Option<Certificate>, Vec<Certificate>) {
    let (mut leaf, mut others) = (None, Vec::new());
    let ders = decode_pem_or_der(file, PemLabel::Certificate).unwrap_or_else(|fault| {
        report.push(Finding::failed(&codes::INPUT_LEAF_MALFORMED).seen(fault));
        Vec::new()
    });
    for (index, der) in ders.iter().enumerate() {
        match (Certificate::parse(der), index) {
            (Ok(certificate), 0) => leaf = Some(certificate),
            (Ok(certificate), _) => others.push(certificate),
            (Err(fault), 0) => {
                report.push(Finding::failed(&codes::INPUT_LEAF_MALFORMED).seen(fault));
            }
            (Err(fault), _) => {
                let finding = Finding::warning(&codes::INPUT_INTERMEDIATE_MALFORMED).seen(fault);
                report.push(finding.about(format_args!("certificate {}", index + 1)));
            }
        }
    }
    (leaf, others)
}

fn read_certificates(files: &[Vec<u8>], role: &Role, report: &mut Report) -> Vec<Certificate> {
    read_all(files, PemLabel::Certificate, role, Certificate::parse, report)
}

fn read_lists(files: &[Vec<u8>], report: &mut Report) -> Vec<Crl> {
    let role = Role("list", &codes::INPUT_LIST_MALFORMED);
    read_all(files, PemLabel::Crl, &role, Crl::parse, report)
}

fn read_responses(files: &[Vec<u8>], report: &mut Report) -> RevocationResponses {
    let role = Role("response", &codes::INPUT_RESPONSE_MALFORMED);
    let mut responses = RevocationResponses::new();
    for reply in read_all(files, PemLabel::OcspResponse, &role, OcspReply::parse, report) {
        match reply {
            OcspReply::Answered(response) => responses.insert(response),
            OcspReply::Refused(refusal) => responses.refused(refusal),
        }
    }
    responses
}

fn read_all<T>(
    files: &[Vec<u8>],
    label: PemLabel,
    role: &Role,
    parse: fn(&[u8]) -> Result<T, Fault>,
    report: &mut Report,
) -> Vec<T> {
    let mut items = Vec::new();
    for (index, file) in files.iter().enumerate() {
        let number = index + 1;
        let name = role.0;
        let malformed = |fault: Fault| {
            let finding = Finding::warning(role.1).seen(fault);
            finding.about(format_args!("{name} {number}"))
        };
        match decode_pem_or_der(file, label) {
            Ok(ders) => ders.iter().for_each(|der| match parse(der) {
                Ok(item) => items.push(item),
                Err(fault) => report.push(malformed(fault)),
            }),
            Err(fault) => report.push(malformed(fault)),
        }
    }
    items
}
