//! What a judgement tells whoever asked for it: one model, serialised as JSON.
//!
//! Personal data is masked unless the reader is entitled to it: what the identity has
//! by itself, and what certificates carry in their names, by [`masked_ids`].

use serde::Serialize;
use serde_json::Value;
use tongxing_pki::{
    Certificate, Evidence, Finding, Language, Oid, PathMember, Report, RevocationStatus, Timestamp,
    ValidatedPath, Verdict,
};

use crate::documents::Detail;
use crate::hex;
use crate::mask::masked_ids;
use crate::policy::{ClaimText, EntityClaim, Identity, Privacy};
use crate::recognise::{JudgedChain, Purpose, Recognition, RevocationBasis};
use crate::relying_party::PersonalData;
use crate::snapshot::{Authority, Snapshot};

/// The report of one certificate's judgement.
///
/// Its first four fields are those of `verify certificate --json`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CertificateReport {
    verdict: Verdict,
    /// Every check that ran, with the reader's texts; in a summary those that did not pass.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<tongxing_pki::ExplainedFinding<'static>>))]
    findings: Vec<Value>,
    /// The end certificate first, the anchor last.
    path: Vec<PathMember>,
    /// The user-constrained policy set, when the path is valid.
    policies: Vec<Oid>,
    at: Timestamp,
    purpose: Purpose,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<AuthorityReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<IdentityReport>,
    revocation: RevocationReport,
    /// The revision of the snapshot that judged: the last record that it knew.
    snapshot: u64,
    policy_versions: PolicyVersions,
}

/// What is told of a certificate that was judged for a document.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct Judged {
    path: Vec<PathMember>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<AuthorityReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_version: Option<String>,
    /// Of the province's own rules, at the moment judged too.
    province_policy: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<IdentityReport>,
    revocation: RevocationReport,
}

impl Judged {
    pub(crate) fn new(
        snapshot: &Snapshot,
        judged: &JudgedChain,
        report: &Report,
        reader: Reader,
    ) -> Self {
        let authority = judged.authority.as_ref().and_then(|id| snapshot.authority(id));
        let path = judged.tried.iter();
        Self {
            path: path.map(|certificate| member(certificate, report, reader)).collect(),
            authority: authority.map(AuthorityReport::new),
            policy_version: judged.policy_version.clone(),
            province_policy: judged.province_policy.clone(),
            identity: judged.identity.as_ref().map(|id| IdentityReport::new(id, reader)),
            revocation: RevocationReport::new(&judged.revocation),
        }
    }
}

/// Whose certificate it is.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct AuthorityReport {
    id: String,
    name_zh: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name_en: Option<String>,
}

/// For whom a certificate speaks.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityReport {
    entity: EntityReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<HolderReport>,
    capacity: &'static str,
    assurance: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct EntityReport {
    kind: &'static str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_code: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct HolderReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct RevocationReport {
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    age_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    freshness: Option<&'static str>,
    /// Whether later lists can still change what is said of a moment in the past.
    provisional: bool,
    /// One for each certificate below the anchor, the end certificate first.
    certificates: Vec<StatusReport>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "status", rename_all = "snake_case")]
enum StatusReport {
    Good {
        evidence: EvidenceReport,
    },
    Revoked {
        date: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        invalidity_date: Option<Timestamp>,
        evidence: EvidenceReport,
    },
    Unknown {
        code: &'static str,
    },
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct EvidenceReport {
    method: &'static str,
    sha256: String,
    this_update: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_update: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct PolicyVersions {
    province: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    authority: Option<String>,
}

/// Who reads a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// In which language.
    pub language: Language,
    /// Whether they are entitled to personal ids.
    pub personal_data: PersonalData,
}

impl CertificateReport {
    /// What is told of a recognition by `snapshot`, for a purpose and a moment, to whom and
    /// how much of it.
    pub fn new(
        snapshot: &Snapshot,
        recognition: &Recognition,
        (purpose, at): (Purpose, Timestamp),
        (reader, detail): (Reader, Detail),
    ) -> Self {
        let facts = Facts::of(recognition);
        let authority = facts.authority.and_then(|id| snapshot.authority(id));
        Self {
            verdict: recognition.verdict(),
            findings: explained(&detail.of(recognition.findings()), reader),
            path: members(&facts.path, recognition.findings(), reader),
            policies: facts.policies.to_vec(),
            at,
            purpose,
            authority: authority.map(AuthorityReport::new),
            identity: facts.identity.map(|identity| IdentityReport::new(identity, reader)),
            revocation: RevocationReport::new(facts.revocation),
            snapshot: snapshot.revision(),
            policy_versions: PolicyVersions {
                province: snapshot.province_version_at(at),
                authority: facts.policy_version.map(str::to_owned),
            },
        }
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }
}

/// What both ways in which a recognition comes out have in common.
struct Facts<'r> {
    path: Vec<Certificate>,
    policies: &'r [Oid],
    authority: Option<&'r crate::ids::AuthorityId>,
    policy_version: Option<&'r str>,
    identity: Option<&'r Identity>,
    revocation: &'r RevocationBasis,
}

impl<'r> Facts<'r> {
    fn of(recognition: &'r Recognition) -> Self {
        match recognition {
            Recognition::Recognised(recognised) => Self {
                path: whole(recognised.path()),
                policies: recognised.path().policies(),
                authority: Some(recognised.authority()),
                policy_version: Some(recognised.policy_version()),
                identity: Some(recognised.identity()),
                revocation: recognised.revocation(),
            },
            Recognition::Refused(refusal) | Recognition::Indeterminate(refusal) => Self {
                path: refusal.tried().to_vec(),
                policies: &[],
                authority: refusal.authority(),
                policy_version: refusal.policy_version(),
                identity: refusal.claimed_identity(),
                revocation: refusal.revocation(),
            },
        }
    }
}

/// From the end certificate to the anchor, which may be the same.
fn whole(path: &ValidatedPath) -> Vec<Certificate> {
    let mut certificates = path.certificates().to_vec();
    if !path.is_anchor_itself() {
        certificates.push(path.anchor().clone());
    }
    certificates
}

/// Findings with the reader's texts. What certificates and policies read is masked.
pub(crate) fn explained(findings: &[Finding], reader: Reader) -> Vec<Value> {
    let explain = |finding: &Finding| {
        // Findings are made of strings and numbers, which always serialise.
        let mut value = serde_json::to_value(finding.explained(reader.language)).ok()?;
        for field in ["subject", "expected", "seen"] {
            if let Some(Value::String(text)) = value.get_mut(field) {
                *text = shown(text, reader);
            }
        }
        Some(value)
    };
    findings.iter().filter_map(explain).collect()
}

fn members(path: &[Certificate], findings: &[Finding], reader: Reader) -> Vec<PathMember> {
    let mut report = Report::new();
    report.extend(findings.iter().cloned());
    path.iter().map(|certificate| member(certificate, &report, reader)).collect()
}

/// What is told of one certificate.
pub(crate) fn member(certificate: &Certificate, report: &Report, reader: Reader) -> PathMember {
    let mut member = PathMember::of(certificate, report);
    member.subject = shown(&member.subject, reader);
    member
}

impl AuthorityReport {
    fn new(authority: &Authority) -> Self {
        Self {
            id: authority.id().to_string(),
            name_zh: authority.name_zh().to_owned(),
            name_en: authority.name_en().map(str::to_owned),
        }
    }
}

/// Text from a certificate, as this reader may see it.
fn shown(text: &str, reader: Reader) -> String {
    match reader.personal_data {
        PersonalData::Disclosed => text.to_owned(),
        PersonalData::Withheld => masked_ids(text),
    }
}

impl IdentityReport {
    /// An identity as this reader may see it.
    pub fn new(identity: &Identity, reader: Reader) -> Self {
        let told = |text: &ClaimText| match (text.privacy(), reader.personal_data) {
            (Privacy::Personal, PersonalData::Withheld) => text.to_string(),
            (Privacy::Public, _) | (Privacy::Personal, PersonalData::Disclosed) => {
                text.reveal().to_owned()
            }
        };
        let EntityClaim { kind, value, name, organization_code } = &identity.entity;
        let holder = identity.holder.as_ref().map(|holder| HolderReport {
            kind: holder.id.as_ref().map(|id| id.kind.as_str()),
            value: holder.id.as_ref().map(|id| told(&id.value)),
            name: holder.name.as_ref().map(told),
        });
        Self {
            entity: EntityReport {
                kind: kind.as_str(),
                value: told(value),
                name: name.as_ref().map(told),
                organization_code: organization_code.clone(),
            },
            holder,
            capacity: identity.capacity.as_str(),
            assurance: identity.assurance.as_str(),
        }
    }
}

impl RevocationReport {
    fn new(basis: &RevocationBasis) -> Self {
        Self {
            method: basis.method,
            age_seconds: basis.age_seconds,
            freshness: basis.freshness.map(crate::snapshot::Freshness::as_str),
            provisional: basis.is_provisional(),
            certificates: basis.statuses.iter().filter_map(StatusReport::new).collect(),
        }
    }
}

impl StatusReport {
    fn new(status: &RevocationStatus) -> Option<Self> {
        Some(match status {
            RevocationStatus::Good { evidence, .. } => {
                Self::Good { evidence: EvidenceReport::new(evidence) }
            }
            RevocationStatus::Revoked(revocation) => Self::Revoked {
                date: revocation.date,
                reason: revocation.reason.map(|reason| reason.to_string()),
                invalidity_date: revocation.invalidity_date,
                evidence: EvidenceReport::new(&revocation.evidence),
            },
            RevocationStatus::Unknown { why } => Self::Unknown { code: why.id },
            _ => return None,
        })
    }
}

impl EvidenceReport {
    fn new(evidence: &Evidence) -> Self {
        Self {
            method: evidence.method(),
            sha256: hex::encode(evidence.sha256()),
            this_update: evidence.this_update(),
            next_update: evidence.next_update(),
        }
    }
}
