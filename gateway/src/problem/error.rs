//! Everything that a request can fail of.

use tongxing_pki::{Certificate, Finding, Language, Timestamp, Verdict};
use tongxing_trust_store::{
    AuthorityId, CHALLENGE_EXPIRED, CHALLENGE_REPLAYED, CHALLENGE_VOIDED, JournalError, StoreError,
};

use super::kinds::{self, ProblemKind};
use super::unfit::Unfit;
use crate::challenge::{ChallengeFault, SignatureProblem};
use crate::party::PartyFault;
use crate::token::SignerFault;

/// Why the store does not let a challenge be used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChallengeRefusal {
    /// It was used before.
    Replayed,
    /// It expired by log time.
    Expired,
    /// The clock was reset since it was made.
    Voided,
}

impl ChallengeRefusal {
    /// What the store's findings say of the challenge, if anything.
    pub(crate) fn among(findings: &[Finding]) -> Option<Self> {
        let refusals = [
            (&CHALLENGE_REPLAYED, Self::Replayed),
            (&CHALLENGE_EXPIRED, Self::Expired),
            (&CHALLENGE_VOIDED, Self::Voided),
        ];
        let code = |finding: &Finding| refusals.iter().find(|(code, _)| *code == finding.code());
        findings.iter().find_map(code).map(|(_, why)| *why)
    }
}

/// Why a request was not answered with what it asked for.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// No route has this path on this listener.
    NotFound,
    /// No subject is registered under this id.
    UnknownSubject,
    /// The path is known, the method is not.
    Method {
        /// The methods it takes, as the Allow header lists them.
        allow: String,
    },
    /// Host is not what the connection was made for.
    Misdirected,
    /// The page that asks is another site's.
    ForeignOrigin,
    /// The content is not declared as JSON.
    ContentType,
    /// The content is longer than the route allows.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A signed document with its content is longer than is held in memory.
    DocumentTooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A part came before those that say what to do with it, or after the last.
    PartOrder,
    /// The content did not arrive in time.
    Timeout,
    /// The content is not what the route asks for.
    Unfit(Unfit),
    /// More requests than one client may make.
    RateLimited {
        /// When to come back, in seconds.
        retry_after: u64,
    },
    /// The audience is not registered.
    UnknownRelyingParty,
    /// No relying party showed that it is itself.
    PartyUnauthenticated {
        /// Why.
        fault: PartyFault,
    },
    /// An operator suspended the relying party.
    PartySuspended,
    /// More verifications than the relying party may ask for.
    Quota {
        /// When to come back, in seconds.
        retry_after: u64,
        /// How many it may ask for in a minute.
        rate: u32,
    },
    /// More at once than is ever done at once.
    TooMany {
        /// Of what: the name of a member.
        of: &'static str,
        /// How many were asked for.
        count: u32,
        /// How many may be.
        limit: u32,
    },
    /// The client showed no certificate.
    CertificateMissing,
    /// Possession was proven too long ago.
    HandshakeOld {
        /// When it was.
        shown_at: Timestamp,
    },
    /// The challenge is not one for this request.
    Challenge(ChallengeFault),
    /// The signature does not prove possession.
    Signature(SignatureProblem),
    /// The record that would use the challenge up was refused.
    ChallengeRefused {
        /// Why.
        why: ChallengeRefusal,
        /// The store's finding.
        findings: Vec<Finding>,
    },
    /// Recognition or registration says no.
    Refused {
        /// Every check that ran.
        findings: Vec<Finding>,
        /// Whose certificate it is, where a path led to an enrolled key.
        authority: Option<AuthorityId>,
        /// The path to that key, the certificate first.
        path: Vec<Certificate>,
    },
    /// Recognition cannot say.
    Indeterminate {
        /// Every check that ran.
        findings: Vec<Finding>,
        /// Whose certificate it is, where a path led to an enrolled key.
        authority: Option<AuthorityId>,
        /// The path to that key, the certificate first.
        path: Vec<Certificate>,
    },
    /// Another authority registered the entity under another name.
    NameConflict {
        /// The finding.
        findings: Vec<Finding>,
        /// Whose certificate it is.
        authority: AuthorityId,
    },
    /// There is nothing to confirm.
    NothingPending,
    /// The certificate that confirms has not signed in.
    NotBound,
    /// Trust changed under the sign-in again and again.
    Busy,
    /// The disk has too little room for sign-ins.
    DiskFull(StoreError),
    /// Another gateway of the province takes sign-ins.
    Standby(StoreError),
    /// The journal takes no records.
    Unavailable(StoreError),
    /// A fault of ours; the reason is for the log only.
    Internal(String),
}

/// How long a client that met a full or busy gateway should wait.
const RETRY_SECONDS: u64 = 5;

/// How long one that met a full disk should: somebody has to make room.
const DISK_RETRY_SECONDS: u64 = 60;

impl RequestError {
    /// The kind of problem it is: the one place where errors become statuses.
    pub(crate) fn kind(&self) -> &'static ProblemKind {
        match self {
            Self::NotFound => &kinds::NOT_FOUND,
            Self::UnknownSubject => &kinds::SUBJECT_UNKNOWN,
            Self::Method { .. } => &kinds::METHOD,
            Self::Misdirected => &kinds::MISDIRECTED,
            Self::ForeignOrigin => &kinds::ORIGIN,
            Self::ContentType => &kinds::CONTENT_TYPE,
            Self::TooLarge { .. } => &kinds::TOO_LARGE,
            Self::DocumentTooLarge { .. } => &kinds::DOCUMENT_TOO_LARGE,
            Self::PartOrder => &kinds::PART_ORDER,
            Self::Timeout => &kinds::TIMEOUT,
            Self::Unfit(unfit) => unfit.kind(),
            Self::RateLimited { .. } => &kinds::RATE_LIMITED,
            Self::UnknownRelyingParty => &kinds::RELYING_PARTY,
            Self::PartyUnauthenticated { .. } => &kinds::PARTY_UNAUTHENTICATED,
            Self::PartySuspended => &kinds::PARTY_SUSPENDED,
            Self::Quota { .. } => &kinds::QUOTA,
            Self::TooMany { .. } => &kinds::TOO_MANY,
            Self::CertificateMissing => &kinds::CERTIFICATE_MISSING,
            Self::HandshakeOld { .. } => &kinds::HANDSHAKE_OLD,
            Self::Challenge(ChallengeFault::Malformed) => &kinds::CHALLENGE_MALFORMED,
            Self::Challenge(ChallengeFault::Expired { .. }) => &kinds::CHALLENGE_EXPIRED,
            Self::Challenge(ChallengeFault::OtherAudience { .. }) => &kinds::CHALLENGE_MISMATCH,
            Self::Signature(SignatureProblem::Certificate { .. }) => &kinds::CERTIFICATE_MALFORMED,
            Self::Signature(SignatureProblem::Algorithm { .. }) => &kinds::SIGNATURE_ALGORITHM,
            Self::Signature(SignatureProblem::Invalid | SignatureProblem::Impossible { .. }) => {
                &kinds::SIGNATURE_INVALID
            }
            Self::ChallengeRefused { why: ChallengeRefusal::Replayed, .. } => {
                &kinds::CHALLENGE_REPLAYED
            }
            Self::ChallengeRefused { why: ChallengeRefusal::Expired, .. } => {
                &kinds::CHALLENGE_EXPIRED
            }
            Self::ChallengeRefused { why: ChallengeRefusal::Voided, .. } => {
                &kinds::CHALLENGE_VOIDED
            }
            Self::Refused { .. } => &kinds::REFUSED,
            Self::Indeterminate { .. } => &kinds::INDETERMINATE,
            Self::NameConflict { .. } => &kinds::NAME_CONFLICT,
            Self::NothingPending => &kinds::NOTHING_PENDING,
            Self::NotBound => &kinds::NOT_BOUND,
            Self::Busy => &kinds::BUSY,
            Self::DiskFull(_) => &kinds::DISK_RESERVE,
            Self::Standby(_) => &kinds::STANDBY,
            Self::Unavailable(_) => &kinds::UNAVAILABLE,
            Self::Internal(_) => &kinds::INTERNAL,
        }
    }

    /// What is particular to this request, where the kind does not say it all.
    pub(crate) fn detail(&self, language: Language) -> Option<String> {
        let (zh, en) = match self {
            Self::Unfit(unfit) => return Some(unfit.detail(language).to_owned()),
            Self::Signature(SignatureProblem::Algorithm { problem }) => {
                return Some(problem.clone());
            }
            Self::Signature(SignatureProblem::Certificate { fault }) => {
                return Some(fault.to_string());
            }
            Self::TooLarge { limit } | Self::DocumentTooLarge { limit } => {
                (format!("上限为 {limit} 字节。"), format!("The limit is {limit} bytes."))
            }
            Self::PartyUnauthenticated {
                fault: PartyFault::Malformed(why) | PartyFault::Assertion(why),
            } => return Some((*why).to_owned()),
            Self::Quota { rate, .. } => {
                (format!("配额为每分钟 {rate} 次。"), format!("The quota is {rate} a minute."))
            }
            Self::TooMany { of, count, limit } => (
                format!("{of} 共 {count} 项，上限为 {limit} 项。"),
                format!("There are {count} {of}; the limit is {limit}."),
            ),
            Self::HandshakeOld { shown_at } => {
                (format!("出示时间：{shown_at}。"), format!("It was shown at {shown_at}."))
            }
            Self::Challenge(ChallengeFault::Expired { at }) => {
                (format!("过期时间：{at}。"), format!("It expired at {at}."))
            }
            Self::Challenge(ChallengeFault::OtherAudience { made_for }) => {
                (format!("该挑战用于 {made_for}。"), format!("It was made for {made_for}."))
            }
            _ => return None,
        };
        Some(language.pick(zh, en))
    }

    /// What a client is told, in one line of English.
    pub(crate) fn told(&self) -> String {
        self.detail(Language::En).unwrap_or_else(|| self.kind().code.id.to_owned())
    }

    /// The checks that led to it.
    pub(crate) fn findings(&self) -> &[Finding] {
        match self {
            Self::ChallengeRefused { findings, .. }
            | Self::Refused { findings, .. }
            | Self::Indeterminate { findings, .. }
            | Self::NameConflict { findings, .. } => findings,
            Self::Signature(SignatureProblem::Impossible { finding }) => {
                std::slice::from_ref(finding)
            }
            _ => &[],
        }
    }

    /// The path that was judged, the certificate first, where it led to an enrolled key.
    pub(super) fn path(&self) -> &[Certificate] {
        match self {
            Self::Refused { path, .. } | Self::Indeterminate { path, .. } => path,
            _ => &[],
        }
    }

    /// What the judgement came to, where there was one.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Refused { .. } => Some(Verdict::Failed),
            Self::Indeterminate { .. } | Self::NameConflict { .. } => Some(Verdict::Indeterminate),
            _ => None,
        }
    }

    /// When to come back, in seconds.
    pub(super) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } | Self::Quota { retry_after, .. } => {
                Some(*retry_after)
            }
            Self::Busy | Self::Standby(_) | Self::Unavailable(_) => Some(RETRY_SECONDS),
            Self::DiskFull(_) => Some(DISK_RETRY_SECONDS),
            _ => None,
        }
    }

    /// Whether only a new connection can help, or this one cannot go on.
    pub(super) fn needs_new_connection(&self) -> bool {
        matches!(
            self,
            Self::Misdirected
                | Self::CertificateMissing
                | Self::HandshakeOld { .. }
                | Self::TooLarge { .. }
                | Self::DocumentTooLarge { .. }
                | Self::PartOrder
                | Self::Timeout
        )
    }

    /// Whose certificate it was about, where that is known.
    pub(crate) fn authority(&self) -> Option<&AuthorityId> {
        match self {
            Self::Refused { authority, .. } | Self::Indeterminate { authority, .. } => {
                authority.as_ref()
            }
            Self::NameConflict { authority, .. } => Some(authority),
            _ => None,
        }
    }

    /// What the operator needs to know, for the log.
    pub(crate) fn internal_reason(&self) -> Option<String> {
        match self {
            Self::Unavailable(error) | Self::DiskFull(error) | Self::Standby(error) => {
                Some(error.to_string())
            }
            Self::Internal(reason) => Some(reason.clone()),
            _ => None,
        }
    }
}

impl From<ChallengeFault> for RequestError {
    fn from(fault: ChallengeFault) -> Self {
        Self::Challenge(fault)
    }
}

impl From<SignatureProblem> for RequestError {
    fn from(problem: SignatureProblem) -> Self {
        Self::Signature(problem)
    }
}

impl From<SignerFault> for RequestError {
    fn from(fault: SignerFault) -> Self {
        Self::Internal(fault.to_string())
    }
}

impl From<StoreError> for RequestError {
    fn from(error: StoreError) -> Self {
        match error {
            _ if error.is_disk_full() => Self::DiskFull(error),
            StoreError::Standby | StoreError::Journal(JournalError::Fenced { .. }) => {
                Self::Standby(error)
            }
            // The disk, or what is kept on it: an operator can mend it.
            StoreError::Journal(_)
            | StoreError::DiskReserve { .. }
            | StoreError::State(_)
            | StoreError::Image(_)
            | StoreError::Archived { .. }
            | StoreError::Blob(_)
            | StoreError::ArchivedList { .. }
            | StoreError::EvidenceGone { .. }
            | StoreError::Seal(_)
            | StoreError::Evidence(_)
            | StoreError::Io { .. }
            | StoreError::NoStandby
            | StoreError::NoGateway
            | StoreError::FenceNotKept { .. }
            | StoreError::NotConfirmed { .. }
            | StoreError::ApplierStopped { .. } => Self::Unavailable(error),
            StoreError::NotFound { .. }
            | StoreError::RecordsLost { .. }
            | StoreError::RepairUnfinished { .. }
            | StoreError::NotEmpty { .. }
            | StoreError::UnknownRecord { .. }
            | StoreError::OtherProfile { .. }
            | StoreError::OutcomeGone { .. }
            | StoreError::UnexpectedOutcome { .. }
            | StoreError::ProvincePolicy(_)
            | StoreError::NoRandomness
            | StoreError::NotAStandby
            | StoreError::NotFencedBy { .. }
            | StoreError::TermNotNewer { .. }
            | StoreError::Diverged { .. }
            | StoreError::PeerFault { .. }
            | StoreError::KeyFileName { .. }
            | StoreError::Encoding(_)
            | StoreError::Task(_)
            | StoreError::Thread(_) => Self::Internal(error.to_string()),
        }
    }
}
