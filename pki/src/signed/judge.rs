//! From an examined document to verdicts.
//!
//! 1. Each timestamp's certificate is judged at the timestamp's own time.
//! 2. The best signature time is the earliest that a valid timestamp proves, or the
//!    moment asked, whichever is earlier (ETSI EN 319 102-1 5.5.4, 5.6.3.4).
//! 3. The signer's certificate is judged at that time, and once more at present, so that
//!    *valid when it signed* and *valid now* are told apart. Only the first decides.
//! 4. Every finding makes the verdict, and the [`Indication`] beside it.

use std::borrow::Cow;

use serde::Serialize;

use crate::{
    Certificate, CertificatePool, Code, Finding, Moment, Purpose, Report, RevocationLists,
    RevocationResponses, Timestamp, Verdict,
};

use super::codes;
use super::document::SignedDocument;
use super::examine::{Examination, Examined, TimestampExamination};
use super::indication::{Indication, Meaning};
use super::timestamp::TimestampToken;

/// Certificates of the document that one timestamp's path is offered. Origin: ours; a
/// timestamp authority has one or two above it, and a document may have thousands of
/// timestamps.
const MAX_ABOVE: usize = 16;

/// Whoever says whether a certificate may be relied upon: path, revocation, and whatever
/// else the caller has rules for.
pub trait CertificateJudge {
    /// What the caller keeps of a judgement beside the findings.
    type Outcome;

    /// Judges one certificate. The report's verdict decides.
    fn judge(&self, question: &CertificateQuestion<'_>) -> JudgedCertificate<Self::Outcome>;

    /// What a code of the caller's own means in the words of EN 319 102-1; those of this
    /// crate are known.
    fn meaning(&self, _code: &'static Code) -> Option<Meaning> {
        None
    }
}

/// What is asked about one certificate.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CertificateQuestion<'q> {
    /// The certificate.
    pub certificate: &'q Certificate,
    /// [`Purpose::Signing`] for a signer's, [`Purpose::TimeStamping`] for a timestamp's.
    pub purpose: Purpose,
    /// The moment judged.
    pub at: Timestamp,
    /// Whether that is now or in the past.
    pub moment: Moment,
    /// Certificates that came along, for the path.
    pub pool: &'q CertificatePool,
    /// Revocation lists that came along.
    pub lists: &'q RevocationLists,
    /// OCSP responses that came along.
    pub responses: &'q RevocationResponses,
}

/// What was found about one certificate.
#[derive(Clone, Debug)]
pub struct JudgedCertificate<O> {
    /// Every check that ran.
    pub report: Report,
    /// What the caller keeps.
    pub outcome: O,
}

/// The moments of a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moments {
    /// The present.
    pub now: Timestamp,
    /// The moment for which a verdict is asked, if not for now: one by which the caller
    /// holds the signature to have existed.
    pub at: Option<Timestamp>,
}

/// What the best signature time rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimeBasis {
    /// A valid timestamp proves it.
    Timestamp,
    /// The caller asked for that moment.
    Asked,
    /// Nothing: it is the present.
    Present,
}

/// When a signature was made, as far as anybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SigningTime {
    /// What the signer claims; nothing proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Timestamp>,
    /// The moment judged: the signature existed then.
    pub best: Timestamp,
    /// What that rests on.
    pub basis: TimeBasis,
}

impl SigningTime {
    /// Whether something beside the present says that the signature existed then.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.basis == TimeBasis::Timestamp
    }
}

/// What one timestamp came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TimestampJudgement<O> {
    /// The timestamp.
    pub token: TimestampToken,
    /// The certificate of the authority that made it.
    pub certificate: Option<Certificate>,
    /// Every check, those of the certificate at the timestamp's own time among them.
    pub report: Report,
    /// The worst of them.
    pub verdict: Verdict,
    /// The same in the words of EN 319 102-1.
    pub indication: Indication,
    /// What the caller keeps of judging the certificate.
    pub outcome: Option<O>,
}

/// What one signature came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignatureJudgement<O> {
    /// The signer's certificate.
    pub certificate: Option<Certificate>,
    /// When it was made.
    pub time: SigningTime,
    /// Every check, those of the certificate at that time among them.
    pub report: Report,
    /// The worst of them.
    pub verdict: Verdict,
    /// The same in the words of EN 319 102-1.
    pub indication: Indication,
    /// What the caller keeps of judging the certificate at that time.
    pub outcome: Option<O>,
    /// The certificate at present; decides nothing.
    pub at_present: Option<JudgedCertificate<O>>,
    /// The timestamps about the signature.
    pub timestamps: Vec<TimestampJudgement<O>>,
    /// Those who signed the signature; theirs decide nothing about it.
    pub counter_signatures: Vec<SignatureJudgement<O>>,
}

/// What a document came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DocumentJudgement<O> {
    /// Failed if a signature or a timestamp that stands alone failed, else indeterminate
    /// if one is, else passed.
    pub verdict: Verdict,
    /// What concerns the document as a whole.
    pub report: Report,
    /// Each signature, in the order of the document.
    pub signatures: Vec<SignatureJudgement<O>>,
    /// Each timestamp about a content.
    pub timestamps: Vec<TimestampJudgement<O>>,
}

/// Judges a document that was examined. The judge is asked once about each timestamp and
/// once or twice about each signer.
pub fn judge_document<J: CertificateJudge>(
    document: &SignedDocument,
    examined: Examined,
    judge: &J,
    moments: Moments,
) -> DocumentJudgement<J::Outcome> {
    let work = Work { document, judge, moments };
    let timestamps = examined.timestamps.into_iter();
    let timestamps: Vec<_> = timestamps.map(|stamp| work.timestamp(stamp)).collect();
    let signatures: Vec<_> = examined
        .signers
        .into_iter()
        .enumerate()
        .map(|(place, signer)| {
            let covering = document.timestamps().iter().zip(&timestamps);
            let covering = covering.filter(|(stamp, _)| stamp.covers.contains(&place));
            let proven = covering.filter_map(|(_, judged)| judged.proves()).min();
            work.signature(signer, proven)
        })
        .collect();
    let mut report = document.report().clone();
    if signatures.is_empty() && timestamps.is_empty() {
        report.push(Finding::failed(&codes::DOCUMENT_NO_SIGNER));
    }
    let verdicts = signatures.iter().map(|signature| signature.verdict);
    // A timestamp that covers signatures only helps them; one that stands alone is judged
    // for its own sake.
    let alone = document.timestamps().iter().zip(&timestamps);
    let alone =
        alone.filter(|(stamp, _)| stamp.covers.is_empty()).map(|(_, judged)| judged.verdict);
    let of_report = (!report.findings().is_empty()).then(|| report.verdict());
    let verdict = worst(verdicts.chain(alone).chain(of_report));
    DocumentJudgement { verdict, report, signatures, timestamps }
}

/// Failed before indeterminate before passed; nothing at all has not passed.
fn worst(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Passed => 0,
        Verdict::Indeterminate => 1,
        Verdict::Failed => 2,
    };
    verdicts.max_by_key(rank).unwrap_or(Verdict::Indeterminate)
}

impl<O> DocumentJudgement<O> {
    /// Of a document that could not be read: the report says why.
    pub(crate) fn unread(report: Report) -> Self {
        let (signatures, timestamps) = (Vec::new(), Vec::new());
        Self { verdict: report.verdict(), report, signatures, timestamps }
    }
}

impl<O> TimestampJudgement<O> {
    /// The moment at which it proves that something existed.
    fn proves(&self) -> Option<Timestamp> {
        (self.verdict == Verdict::Passed).then(|| self.token.info().time)
    }
}

struct Work<'w, J> {
    document: &'w SignedDocument,
    judge: &'w J,
    moments: Moments,
}

impl<J: CertificateJudge> Work<'_, J> {
    fn signature(
        &self,
        examined: Examination,
        covered: Option<Timestamp>,
    ) -> SignatureJudgement<J::Outcome> {
        let mut report = examined.report;
        let timestamps = examined.timestamps.into_iter();
        let timestamps: Vec<_> = timestamps.map(|stamp| self.timestamp(stamp)).collect();
        let own = timestamps.iter().filter_map(TimestampJudgement::proves).min();
        let time = self.best_time(examined.claimed_time, own.into_iter().chain(covered).min());
        report.extend(about_timestamps(&timestamps, &time));
        let (pool, at) = (self.document.certificates(), time.best);
        let purpose = Purpose::Signing;
        let ask = |certificate, at| self.ask(certificate, purpose, at, pool);
        let judged = examined.certificate.as_ref().map(|certificate| ask(certificate, at));
        let at_present = examined.certificate.as_ref().and_then(|certificate| {
            (at < self.moments.now).then(|| ask(certificate, self.moments.now))
        });
        let outcome = judged.map(|judged| {
            report.append(judged.report);
            judged.outcome
        });
        let counter_signatures = examined.counter_signatures.into_iter();
        SignatureJudgement {
            verdict: report.verdict(),
            indication: self.indication(&report, examined.certificate.as_ref(), time.is_proven()),
            certificate: examined.certificate,
            time,
            report,
            outcome,
            at_present,
            timestamps,
            counter_signatures: counter_signatures.map(|one| self.signature(one, None)).collect(),
        }
    }

    fn timestamp(&self, examined: TimestampExamination) -> TimestampJudgement<J::Outcome> {
        let mut report = examined.report;
        let at = examined.token.info().time;
        let judged = examined.certificate.as_ref().map(|certificate| {
            let pool = self.pool_of(&examined.token, certificate);
            self.ask(certificate, Purpose::TimeStamping, at, &pool)
        });
        let outcome = judged.map(|judged| {
            report.append(judged.report);
            judged.outcome
        });
        TimestampJudgement {
            verdict: report.verdict(),
            indication: self.indication(&report, examined.certificate.as_ref(), true),
            token: examined.token,
            certificate: examined.certificate,
            report,
            outcome,
        }
    }

    /// The certificates for the path of a timestamp's: those of its own message, and of the
    /// document around it those that may stand above.
    fn pool_of<'t>(
        &self,
        token: &'t TimestampToken,
        certificate: &Certificate,
    ) -> Cow<'t, CertificatePool> {
        let own = token.message().certificates();
        let mut above = self.document.certificates().above(certificate, MAX_ABOVE);
        above.retain(|issuer| !own.contains(issuer));
        if above.is_empty() {
            return Cow::Borrowed(own);
        }
        let mut pool = own.clone();
        for issuer in above {
            pool.insert(issuer.clone());
        }
        Cow::Owned(pool)
    }

    fn ask(
        &self,
        certificate: &Certificate,
        purpose: Purpose,
        at: Timestamp,
        pool: &CertificatePool,
    ) -> JudgedCertificate<J::Outcome> {
        let past = at < self.moments.now;
        self.judge.judge(&CertificateQuestion {
            certificate,
            purpose,
            at,
            moment: if past { Moment::Past } else { Moment::Present },
            pool,
            lists: self.document.lists(),
            responses: self.document.responses(),
        })
    }

    fn best_time(&self, claimed: Option<Timestamp>, proven: Option<Timestamp>) -> SigningTime {
        let Moments { now, at } = self.moments;
        let asked = at.map(|at| (at, TimeBasis::Asked));
        let proven = proven.map(|time| (time, TimeBasis::Timestamp));
        let known = asked.into_iter().chain(proven).min_by_key(|(time, _)| *time);
        let (best, basis) = known.unwrap_or((now, TimeBasis::Present));
        SigningTime { claimed, best, basis }
    }

    fn indication(
        &self,
        report: &Report,
        certificate: Option<&Certificate>,
        proven: bool,
    ) -> Indication {
        Indication::of(report, certificate, proven, |code| self.judge.meaning(code))
    }
}

/// What a signature's report says of its timestamps: the findings about each are its own.
fn about_timestamps<O>(timestamps: &[TimestampJudgement<O>], time: &SigningTime) -> Vec<Finding> {
    let mut findings: Vec<_> = timestamps
        .iter()
        .map(|judged| match judged.proves() {
            Some(moment) => Finding::passed(&codes::TIMESTAMP_PROVES).seen(moment),
            None => Finding::warning(&codes::TIMESTAMP_UNUSABLE).seen(judged.token.info().time),
        })
        .collect();
    let earliest = timestamps.iter().filter_map(TimestampJudgement::proves).min();
    if let (Some(claimed), Some(proven)) = (time.claimed, earliest)
        && claimed > proven
    {
        findings.push(Finding::warning(&codes::TIMESTAMP_ORDER).expected(proven).seen(claimed));
    }
    findings
}
