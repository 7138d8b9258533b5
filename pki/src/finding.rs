//! What a judgement says: single findings, the report they make up, and the
//! verdict that follows from them.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::bounded::bounded;
use crate::certificate::Certificate;
use crate::code::{Code, Party};
use crate::path::hex;

/// How one check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The check passed.
    Passed,
    /// A fact worth telling that decides nothing.
    Info,
    /// A breach that does not decide the verdict.
    Warning,
    /// The check could not be made or not be decided; not a refusal, and
    /// never a pass.
    Indeterminate,
    /// The check failed.
    Failed,
}

/// The outcome of a judgement (ETSI EN 319 102-1 knows the same three).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every check that decides passed.
    Passed,
    /// At least one check failed.
    Failed,
    /// No check failed, but at least one could not be decided.
    Indeterminate,
}

/// One check: which one, about what, and how it came out.
///
/// Serialises as `{"code","level","clause","subject","certificate","expected","seen"}`, where
/// `certificate` is the SHA-256 of the one that it is about; what is `None` is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    code: &'static Code,
    level: Level,
    subject: Option<Subject>,
    expected: Option<String>,
    seen: Option<String>,
}

/// What a finding is about. A certificate's label is written when somebody reads
/// it: of most judgements nobody reads the findings that passed, and to write
/// them all costs a tenth of verifying an RSA signature.
#[derive(Clone, Debug)]
enum Subject {
    Certificate(Certificate),
    Named(String),
}

impl Subject {
    fn text(&self) -> &str {
        match self {
            Self::Certificate(certificate) => certificate.label(),
            Self::Named(name) => name,
        }
    }
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Subject {}

impl Finding {
    /// A finding with nothing but its code and level.
    #[must_use]
    pub const fn new(code: &'static Code, level: Level) -> Self {
        debug_assert!(
            matches!(level, Level::Passed | Level::Info | Level::Warning)
                || !matches!(code.responsible, Party::Nobody),
            "a check can only fail under a code that says whose problem that is"
        );
        Self { code, level, subject: None, expected: None, seen: None }
    }

    /// A check that passed.
    #[must_use]
    pub const fn passed(code: &'static Code) -> Self {
        Self::new(code, Level::Passed)
    }

    /// A fact that decides nothing.
    #[must_use]
    pub const fn info(code: &'static Code) -> Self {
        Self::new(code, Level::Info)
    }

    /// A breach that decides nothing.
    #[must_use]
    pub const fn warning(code: &'static Code) -> Self {
        Self::new(code, Level::Warning)
    }

    /// A check that could not be decided.
    #[must_use]
    pub const fn indeterminate(code: &'static Code) -> Self {
        Self::new(code, Level::Indeterminate)
    }

    /// A check that failed.
    #[must_use]
    pub const fn failed(code: &'static Code) -> Self {
        Self::new(code, Level::Failed)
    }

    /// The same finding where its failure does not settle the matter: failed
    /// becomes indeterminate.
    #[must_use]
    pub(crate) fn undecided(mut self) -> Self {
        if self.level == Level::Failed {
            self.level = Level::Indeterminate;
        }
        self
    }

    /// Says what the finding is about: a list, an authority, an input.
    #[must_use]
    pub fn about(mut self, subject: impl fmt::Display) -> Self {
        self.subject = Some(Subject::Named(bounded(subject)));
        self
    }

    /// Says which certificate the finding is about, by its label.
    #[must_use]
    pub fn about_certificate(mut self, subject: &Certificate) -> Self {
        self.subject = Some(Subject::Certificate(subject.clone()));
        self
    }

    /// Says what would have passed.
    #[must_use]
    pub fn expected(mut self, expected: impl fmt::Display) -> Self {
        self.expected = Some(bounded(expected));
        self
    }

    /// Says what was there.
    #[must_use]
    pub fn seen(mut self, seen: impl fmt::Display) -> Self {
        self.seen = Some(bounded(seen));
        self
    }

    /// The check.
    #[must_use]
    pub const fn code(&self) -> &'static Code {
        self.code
    }

    /// How it came out.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The certificate, list or other thing it is about.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_ref().map(Subject::text)
    }

    /// The certificate that it is about, if it is about one.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        match &self.subject {
            Some(Subject::Certificate(certificate)) => Some(certificate),
            Some(Subject::Named(_)) | None => None,
        }
    }

    /// What would have passed.
    #[must_use]
    pub fn expectation(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// What was there.
    #[must_use]
    pub fn observation(&self) -> Option<&str> {
        self.seen.as_deref()
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let certificate = self.certificate().map(|about| hex(about.sha256()));
        let optional = [
            ("subject", self.subject()),
            ("certificate", certificate.as_deref()),
            ("expected", self.expectation()),
            ("seen", self.observation()),
        ];
        let present = optional.iter().filter(|(_, value)| value.is_some()).count();
        let mut object = serializer.serialize_struct("Finding", 3 + present)?;
        object.serialize_field("code", self.code.id)?;
        object.serialize_field("level", &self.level)?;
        object.serialize_field("clause", self.code.clause)?;
        for (name, value) in optional {
            match value {
                Some(text) => object.serialize_field(name, text)?,
                None => object.skip_field(name)?,
            }
        }
        object.end()
    }
}

/// Every check of one judgement, in the order in which they ran.
///
/// Serialises as the list of its findings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// A report without findings. Its verdict is *indeterminate*: nothing was
    /// checked.
    #[must_use]
    pub const fn new() -> Self {
        Self { findings: Vec::new() }
    }

    /// The same, with room for this many.
    pub(crate) fn with_room(findings: usize) -> Self {
        Self { findings: Vec::with_capacity(findings) }
    }

    /// Adds one finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds all findings of another report behind this one's.
    pub fn append(&mut self, other: Self) {
        if self.findings.is_empty() {
            *self = other;
        } else {
            self.findings.extend(other.findings);
        }
    }

    /// All findings in order.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether a finding with this code and level is there.
    #[must_use]
    pub fn contains(&self, code: &'static Code, level: Level) -> bool {
        self.findings.iter().any(|finding| finding.code == code && finding.level == level)
    }

    /// The worst of the findings: failed before indeterminate before passed.
    /// Without any, nothing has passed: indeterminate.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        worst(&self.findings).unwrap_or(Verdict::Indeterminate)
    }

    /// The worst of the findings about one certificate; `None` without any.
    #[must_use]
    pub fn verdict_about(&self, certificate: &Certificate) -> Option<Verdict> {
        worst(self.findings.iter().filter(|finding| {
            let about = finding.certificate();
            about.is_some_and(|about| about.sha256() == certificate.sha256())
        }))
    }
}

/// Failed before indeterminate before passed.
fn worst<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Option<Verdict> {
    let verdicts = findings.into_iter().map(|finding| match finding.level {
        Level::Failed => Verdict::Failed,
        Level::Indeterminate => Verdict::Indeterminate,
        Level::Passed | Level::Info | Level::Warning => Verdict::Passed,
    });
    verdicts.max_by_key(|verdict| match verdict {
        Verdict::Passed => 0,
        Verdict::Indeterminate => 1,
        Verdict::Failed => 2,
    })
}

impl Extend<Finding> for Report {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        self.findings.extend(findings);
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Indeterminate => "indeterminate",
            Self::Failed => "failed",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Indeterminate => "indeterminate",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    #[test]
    fn the_worst_finding_decides() {
        let mut report = Report::new();
        assert_eq!(report.verdict(), Verdict::Indeterminate, "nothing was checked");
        report.push(Finding::warning(&codes::PROFILE_SERIAL));
        assert_eq!(report.verdict(), Verdict::Passed);
        report.push(Finding::indeterminate(&codes::SIGNATURE_UNSUPPORTED));
        assert_eq!(report.verdict(), Verdict::Indeterminate);
        report.push(Finding::failed(&codes::SIGNATURE_INVALID));
        assert_eq!(report.verdict(), Verdict::Failed);
        assert!(report.contains(&codes::SIGNATURE_INVALID, Level::Failed));
    }

    #[test]
    fn a_finding_leaves_out_what_it_does_not_have() {
        let finding = Finding::failed(&codes::SIGNATURE_INVALID).about("CN=A");
        let json = serde_json::to_value(&finding).expect("serialises");
        assert_eq!(
            json,
            serde_json::json!({
                "code": "signature.invalid",
                "level": "failed",
                "clause": codes::SIGNATURE_INVALID.clause,
                "subject": "CN=A",
            })
        );
    }
}
