//! One certificate or one signed document, judged from files alone, for callers without
//! a store.
//!
//! 1. The files are read: PEM, DER or base64, one or more certificates or
//!    lists each. What cannot be read is a finding; only the end certificate
//!    is indispensable.
//! 2. A path to one of the anchors is built and validated.
//! 3. With any revocation list or OCSP response given, every certificate below the anchor must
//!    have its status known; without, revocation is not asked, and the report
//!    says so.

mod inputs;
mod signature;

use serde::Serialize;

use crate::revocation::{Moment, RevocationLists, RevocationResponses};
use crate::{
    Certificate, CertificatePool, ExplainedFinding, Language, Oid, PathOptions, Report, Verdict,
    validate_path,
};

use inputs::{Along, Files, Inputs};
pub use signature::{
    DocumentVerification, DocumentVerificationRequest, ExplainedDocumentVerification,
    read_document, unreadable_document, verify_signature,
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    let (leaf, others) = inputs::read_leaf(request.leaf, &mut report);
    let files = Files {
        anchors: &request.anchors,
        intermediates: &request.intermediates,
        lists: &request.lists,
        responses: &request.responses,
    };
    let inputs = Inputs::read(files, &mut report);
    let Some(leaf) = &leaf else {
        return Verification {
            verdict: report.verdict(),
            findings: report,
            path: Vec::new(),
            policies: Vec::new(),
        };
    };
    let others = CertificatePool::from_iter(others);
    let pools = [&others, &inputs.intermediates];
    let outcome = validate_path(leaf, &inputs.anchors, &pools, &request.options);
    let policies = outcome.path.as_ref().map(|path| path.policies().to_vec()).unwrap_or_default();
    let (lists, responses) = (RevocationLists::new(), RevocationResponses::new());
    let along = Along { pool: &others, lists: &lists, responses: &responses };
    let path = outcome.path.as_ref();
    let revocation = inputs.check_revocation(path, &request.options, request.moment, along);
    report.append(outcome.report);
    report.append(revocation);
    let path = outcome.built.iter().map(|member| PathMember::of(member, &report)).collect();
    Verification { verdict: report.verdict(), findings: report, path, policies }
}
