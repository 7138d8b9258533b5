//! What is told of a document: one model for the HTTP API, receipts and commands.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tongxing_pki::{
    DocumentFormat, DocumentJudgement, Fault, Finding, Indication, Moments, OcspResponse,
    PathMember, Report, SignatureJudgement, SignedDocument, SigningTime, TimeBasis, Timestamp,
    TimestampJudgement, Verdict, unreadable_document,
};

use super::DocumentQuestion;
use super::requirements::RequirementReport;
use crate::recognise::JudgedChain;
use crate::report::{Judged, Reader, explained, member};
use crate::snapshot::Snapshot;

/// How much of a report is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Every check, passed or not.
    #[default]
    Full,
    /// Of the checks only those that did not pass.
    Summary,
}

impl Detail {
    /// What is told of some findings.
    pub(crate) fn of(self, findings: &[Finding]) -> Vec<Finding> {
        let told = |finding: &&Finding| match self {
            Self::Full => true,
            Self::Summary => finding.asks_something(),
        };
        findings.iter().filter(told).cloned().collect()
    }
}

/// The report of a document.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentReport {
    verdict: Verdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<DocumentFormat>,
    /// When this was judged.
    now: Timestamp,
    /// Whether a later revocation list may still overturn it.
    provisional: bool,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<tongxing_pki::ExplainedFinding<'static>>))]
    findings: Vec<Value>,
    signatures: Vec<SignatureReport>,
    timestamps: Vec<TimestampReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirements: Option<RequirementReport>,
    /// The revision of the snapshot that judged: the last record that it knew.
    snapshot: u64,
    /// The version of the province's policy.
    province_policy: String,
    /// What responders said that it rests on; each is in the report by its hash.
    #[serde(skip)]
    responses: Vec<OcspResponse>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct SignatureReport {
    verdict: Verdict,
    #[serde(flatten)]
    indication: Indication,
    time: SigningTime,
    /// Whether it was valid at the best signature time: the verdict again.
    valid_at_signing: Verdict,
    /// Whether its certificate could still sign at present; decides nothing. Absent where
    /// the present is what was judged (`time.basis`), and where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_now: Option<Verdict>,
    provisional: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<PathMember>,
    #[serde(flatten)]
    judged: Option<Judged>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<tongxing_pki::ExplainedFinding<'static>>))]
    findings: Vec<Value>,
    timestamps: Vec<TimestampReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(no_recursion))]
    counter_signatures: Vec<SignatureReport>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct TimestampReport {
    verdict: Verdict,
    #[serde(flatten)]
    indication: Indication,
    time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<PathMember>,
    #[serde(flatten)]
    judged: Option<Judged>,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<tongxing_pki::ExplainedFinding<'static>>))]
    findings: Vec<Value>,
}

/// What every part of a report needs.
#[derive(Clone, Copy)]
struct Writer<'w> {
    question: &'w DocumentQuestion<'w>,
    snapshot: &'w Snapshot,
    reader: Reader,
}

impl DocumentReport {
    pub(super) fn new(
        question: &DocumentQuestion<'_>,
        judgement: &DocumentJudgement<JudgedChain>,
        challenge: Option<Finding>,
        snapshot: &Snapshot,
        moments: Moments,
    ) -> Self {
        let writer = Writer { question, snapshot, reader: question.reader };
        let signatures = judgement.signatures.iter().enumerate();
        let signatures: Vec<_> = signatures
            .map(|(place, one)| SignatureReport {
                provisional: rests_on_what_may_change(question.document, judgement, place),
                ..writer.signature(one)
            })
            .collect();
        let timestamps = judgement.timestamps.iter().any(may_change);
        let mut report = judgement.report.clone();
        report.extend(challenge);
        let identities = judgement
            .signatures
            .iter()
            .map(|one| one.outcome.as_ref().and_then(|judged| judged.identity.as_ref()));
        let signed: Vec<_> =
            identities.zip(&signatures).map(|(identity, told)| (identity, told.verdict)).collect();
        let compared = question.requirements.compare(&signed);
        let (requirements, finding) = compared.unzip();
        report.extend(finding);
        let of_report = (!report.findings().is_empty()).then(|| report.verdict());
        let verdicts = signatures.iter().map(|told| told.verdict);
        Self {
            verdict: worst(verdicts.chain(of_report).chain([judgement.verdict])),
            format: Some(question.document.format()),
            now: moments.now,
            provisional: timestamps || signatures.iter().any(|told| told.provisional),
            findings: writer.findings(&report),
            timestamps: judgement.timestamps.iter().map(|one| writer.timestamp(one)).collect(),
            signatures,
            requirements,
            snapshot: snapshot.revision(),
            province_policy: snapshot.province_version_at(moments.now),
            responses: judgement.signatures.iter().flat_map(responses_of).collect(),
        }
    }

    /// Of a document that could not be read.
    pub fn unread(fault: &Fault, snapshot: &Snapshot, now: Timestamp, reader: Reader) -> Self {
        Self {
            verdict: Verdict::Failed,
            format: None,
            now,
            provisional: false,
            findings: explained(&[unreadable_document(fault)], reader),
            signatures: Vec::new(),
            timestamps: Vec::new(),
            requirements: None,
            snapshot: snapshot.revision(),
            province_policy: snapshot.province_version_at(now),
            responses: Vec::new(),
        }
    }

    /// What responders said that the verdicts on its signers rest on.
    pub fn responses(&self) -> &[OcspResponse] {
        &self.responses
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Whether a later revocation list may still overturn it.
    pub fn is_provisional(&self) -> bool {
        self.provisional
    }
}

/// Whether a later list may overturn a verdict on a signature: by its own certificate, or
/// by that of a timestamp that its time follows from.
fn rests_on_what_may_change(
    document: &SignedDocument,
    judgement: &DocumentJudgement<JudgedChain>,
    place: usize,
) -> bool {
    let one = &judgement.signatures[place];
    let around = document.timestamps().iter().zip(&judgement.timestamps);
    let mut around = around.filter(|(stamp, _)| stamp.covers.contains(&place));
    let timed = one.time.basis == TimeBasis::Timestamp
        && (one.timestamps.iter().any(may_change) || around.any(|(_, judged)| may_change(judged)));
    timed || is_provisional(one.outcome.as_ref())
}

/// What does not pass proves no time: nothing rests on it.
fn may_change(timestamp: &TimestampJudgement<JudgedChain>) -> bool {
    timestamp.verdict == Verdict::Passed && is_provisional(timestamp.outcome.as_ref())
}

fn is_provisional(judged: Option<&JudgedChain>) -> bool {
    judged.is_some_and(|judged| judged.revocation.is_provisional())
}

/// What a signature's verdicts rest on, that of the present too.
fn responses_of(one: &SignatureJudgement<JudgedChain>) -> Vec<OcspResponse> {
    let present = one.at_present.as_ref().map(|present| &present.outcome);
    let judged = one.outcome.iter().chain(present);
    judged.flat_map(|judged| judged.revocation.responses.iter().cloned()).collect()
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Passed => 0,
        Verdict::Indeterminate => 1,
        Verdict::Failed => 2,
    };
    verdicts.max_by_key(rank).unwrap_or(Verdict::Indeterminate)
}

impl Writer<'_> {
    fn signature(self, one: &SignatureJudgement<JudgedChain>) -> SignatureReport {
        let identity = one.outcome.as_ref().and_then(|judged| judged.identity.as_ref());
        let mut report = one.report.clone();
        report.extend(identity.and_then(|id| self.question.requirements.check_capacity(id)));
        let verdict = report.verdict();
        let judged = one.outcome.as_ref().map(|judged| self.judged(judged, &report));
        let certificate = one.certificate.as_ref();
        let present = one.at_present.as_ref().map(|present| present.report.verdict());
        let counter_signatures = one.counter_signatures.iter();
        SignatureReport {
            verdict,
            // What this caller requires the standard knows nothing of.
            indication: one.indication,
            time: one.time,
            valid_at_signing: verdict,
            valid_now: present,
            provisional: is_provisional(one.outcome.as_ref()),
            certificate: certificate.map(|own| member(own, &report, self.reader)),
            judged,
            findings: self.findings(&report),
            timestamps: one.timestamps.iter().map(|one| self.timestamp(one)).collect(),
            counter_signatures: counter_signatures.map(|one| self.signature(one)).collect(),
        }
    }

    fn timestamp(self, one: &TimestampJudgement<JudgedChain>) -> TimestampReport {
        let certificate = one.certificate.as_ref();
        TimestampReport {
            verdict: one.verdict,
            indication: one.indication,
            time: one.token.info().time,
            certificate: certificate.map(|own| member(own, &one.report, self.reader)),
            judged: one.outcome.as_ref().map(|judged| self.judged(judged, &one.report)),
            findings: self.findings(&one.report),
        }
    }

    fn judged(self, judged: &JudgedChain, report: &Report) -> Judged {
        Judged::new(self.snapshot, judged, report, self.reader)
    }

    fn findings(self, report: &Report) -> Vec<Value> {
        explained(&self.question.detail.of(report.findings()), self.reader)
    }
}
