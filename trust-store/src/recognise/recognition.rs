//! How a recognition comes out: only judging makes one.

use tongxing_pki::{Certificate, Finding, Report, Timestamp, ValidatedPath, Verdict};

use super::basis::{RevocationBasis, age};
use super::judgement::JudgedChain;
use crate::ids::AuthorityId;
use crate::policy::Identity;

/// The answer: always with every check that ran.
#[derive(Debug)]
pub enum Recognition {
    /// The certificate speaks for an identity.
    Recognised(Box<Recognised>),
    /// A check failed.
    Refused(Box<Refusal>),
    /// No check failed, but one could not be decided.
    Indeterminate(Box<Refusal>),
}

impl Recognition {
    /// Every check that ran.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Recognised(recognised) => recognised.findings(),
            Self::Refused(refusal) | Self::Indeterminate(refusal) => refusal.findings(),
        }
    }

    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Recognised(_) => Verdict::Passed,
            Self::Refused(_) => Verdict::Failed,
            Self::Indeterminate(_) => Verdict::Indeterminate,
        }
    }
}

/// A certificate that was recognised. Only [`Snapshot::recognise`](crate::Snapshot::recognise)
/// makes one, and registration consumes it.
#[derive(Debug)]
pub struct Recognised {
    path: ValidatedPath,
    authority: AuthorityId,
    policy_version: String,
    identity: Identity,
    revocation: RevocationBasis,
    report: Report,
    revision: u64,
}

impl Recognised {
    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        self.path.leaf()
    }

    /// The validated path from it to the anchor.
    pub fn path(&self) -> &ValidatedPath {
        &self.path
    }

    /// Whose certificate it is.
    pub fn authority(&self) -> &AuthorityId {
        &self.authority
    }

    /// The version of the policy that judged.
    pub fn policy_version(&self) -> &str {
        &self.policy_version
    }

    /// For whom it speaks.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the revocation answer rests on.
    pub fn revocation(&self) -> &RevocationBasis {
        &self.revocation
    }

    /// Every check that ran.
    pub fn findings(&self) -> &[Finding] {
        self.report.findings()
    }

    /// The revision of the snapshot that judged.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The same for a later moment at which it still holds: only memory, which knows
    /// how long that is, asks for it.
    pub(crate) fn danger_as_of(&self, at: Timestamp) -> Self {
        let mut revocation = self.revocation.clone();
        revocation.age_seconds = revocation.made.map(|made| age(made, at));
        Self {
            path: self.path.clone(),
            authority: self.authority.clone(),
            policy_version: self.policy_version.clone(),
            identity: self.identity.clone(),
            revocation,
            report: self.report.clone(),
            revision: self.revision,
        }
    }
}

/// A certificate that was not recognised, and why.
#[derive(Debug)]
pub struct Refusal {
    report: Report,
    authority: Option<AuthorityId>,
    policy_version: Option<String>,
    tried: Vec<Certificate>,
    identity: Option<Identity>,
    revocation: RevocationBasis,
    revision: u64,
}

impl Refusal {
    /// For whom the certificate would speak, where its authority's policy reads that.
    /// It grants nothing: something else is not as it must be.
    pub fn claimed_identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The version of the policy that judged, where a path led to an enrolled key.
    pub fn policy_version(&self) -> Option<&str> {
        self.policy_version.as_deref()
    }

    /// What is known of revocation.
    pub fn revocation(&self) -> &RevocationBasis {
        &self.revocation
    }

    /// Every check that ran.
    pub fn findings(&self) -> &[Finding] {
        self.report.findings()
    }

    /// Whose certificate it is, where a path led to an enrolled key.
    pub fn authority(&self) -> Option<&AuthorityId> {
        self.authority.as_ref()
    }

    /// Whether a path led to an enrolled key: such refusals are recorded one by
    /// one, all others only counted.
    pub fn anchored(&self) -> bool {
        self.authority.is_some()
    }

    /// The certificates that lead to the enrolled key, leaf first, every signature
    /// among them verified; empty where none does.
    pub fn tried(&self) -> &[Certificate] {
        &self.tried
    }

    /// The revision of the snapshot that judged.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

impl Recognition {
    /// Whatever is not recognised is refused: failed if a check failed, else
    /// indeterminate.
    pub(crate) fn of(judged: JudgedChain) -> Self {
        let JudgedChain {
            report,
            path,
            tried,
            authority,
            policy_version,
            identity,
            revocation,
            revision,
            ..
        } = judged;
        match (report.verdict(), path, identity, authority, policy_version) {
            (
                Verdict::Passed,
                Some(path),
                Some(identity),
                Some(authority),
                Some(policy_version),
            ) => Recognition::Recognised(Box::new(Recognised {
                path,
                authority,
                policy_version,
                identity,
                revocation,
                report,
                revision,
            })),
            (verdict, _, identity, authority, policy_version) => {
                let refusal = Box::new(Refusal {
                    report,
                    authority,
                    policy_version,
                    tried,
                    identity,
                    revocation,
                    revision,
                });
                match verdict {
                    Verdict::Indeterminate => Recognition::Indeterminate(refusal),
                    Verdict::Failed | Verdict::Passed => Recognition::Refused(refusal),
                }
            }
        }
    }
}
