//! Flow 1: from a certificate chain, a purpose and a moment to a [`Recognition`].
//!
//! 1. The chain is counted (its certificates were parsed by the caller, once).
//! 2. A path is built to the nearest enrolled anchor, under a budget.
//! 3. The path is validated (RFC 5280 section 6.1).
//! 4. Every enrolled key on it must be active at the moment judged, and its
//!    authority enrolled for the purpose.
//! 5. The authority's policy accepts the certificates, or not.
//! 6. Revocation is asked of the lists the authority publishes, and of responses
//!    that were gathered beforehand, with the freshness and grace its policy sets.
//! 7. The identity is read by the policy's rules.
//! 8. The findings make the verdict: every check that can run has run.
//!
//! It takes no lock and reads nothing but the snapshot and what it is given. A moment
//! in the past is judged by the lists of that time and by those that came later:
//! [`Province::recognise_past`](crate::Province::recognise_past) brings them.

mod basis;
mod encryption;
mod judgement;
mod recognition;
mod revocation;
mod standing;

use serde::{Deserialize, Serialize};
use tongxing_pki::{
    Certificate, Moment, Report, RevocationLists, RevocationResponses, Timestamp, ValidatedPath,
};

pub use basis::RevocationBasis;
pub(crate) use encryption::KeyUse;
pub use encryption::{EncryptionRecognition, RecognisedEncryption};
pub(crate) use judgement::JudgedChain;
pub use recognition::{Recognised, Recognition, Refusal};

use crate::archive_budget::ArchiveReading;
use crate::authority::Role;
use crate::demands::Demands;
use crate::snapshot::{Authority, Snapshot};
use judgement::Judgement;

/// The longest chain looked at: the longest seen in practice has five
/// certificates, RFC 5246 and RFC 8446 set no limit of their own.
pub const MAX_CHAIN: usize = 10;

/// What a certificate is to be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Signing in to a trading platform.
    SignIn,
    /// Having signed a document.
    DocumentSigning,
}

impl Purpose {
    pub(crate) fn role(self) -> Role {
        match self {
            Self::SignIn => Role::SignIn,
            Self::DocumentSigning => Role::DocumentSigning,
        }
    }
}

impl Snapshot {
    /// The valid path of a chain (leaf first), and whose it is: what recognition comes to
    /// before it looks at anything but the path.
    pub(crate) fn path_of(
        &self,
        chain: &[Certificate],
        role: Role,
        at: Timestamp,
        demands: &Demands,
    ) -> Option<(ValidatedPath, &Authority)> {
        let (leaf, rest) = chain.split_first().filter(|_| chain.len() <= MAX_CHAIN)?;
        let supplied = &SuppliedEvidence::default();
        let (moment, report) = (Moment::Present, Report::new());
        let key_use = KeyUse::Signs;
        let judgement =
            Judgement { snapshot: self, role, key_use, at, moment, supplied, demands, report };
        let (outcome, owner) = judgement.find_path(leaf, &rest.iter().cloned().collect());
        let owner = self.authority(owner?.id())?;
        Some((outcome.path?, owner))
    }

    /// Judges a chain (leaf first) for a purpose at a moment.
    pub fn recognise(&self, chain: &[Certificate], purpose: Purpose, at: Timestamp) -> Recognition {
        self.recognise_with(chain, purpose, at, &SuppliedEvidence::default())
    }

    /// The same, with evidence that was gathered for it beside what the snapshot has.
    pub fn recognise_with(
        &self,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        supplied: &SuppliedEvidence,
    ) -> Recognition {
        self.recognise_demanding(chain, purpose, at, supplied, &Demands::default())
    }

    /// The same, with what the caller demands beyond the authority's policy.
    pub fn recognise_demanding(
        &self,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        supplied: &SuppliedEvidence,
        demands: &Demands,
    ) -> Recognition {
        let moment = (at, Moment::Present);
        Recognition::of(self.judge_for(purpose.role(), chain, moment, supplied, demands))
    }

    /// Judges a chain at a moment in the past, by the status, policies and keys of
    /// then. Of revocation, lists and responses of then decide unless later ones
    /// override them; a verdict that none of those confirms yet is marked as
    /// provisional ([`RevocationBasis::finality`]).
    ///
    /// The snapshot has only the newest lists: `supplied` brings the others.
    /// [`Province::recognise_past`](crate::Province::recognise_past) does all that.
    pub fn recognise_past(
        &self,
        chain: &[Certificate],
        purpose: Purpose,
        at: Timestamp,
        supplied: &SuppliedEvidence,
        demands: &Demands,
    ) -> Recognition {
        let moment = (at, Moment::Past);
        Recognition::of(self.judge_for(purpose.role(), chain, moment, supplied, demands))
    }

    /// Judges a chain for a role, which need not be one that certificates are recognised
    /// for.
    pub(crate) fn judge_for(
        &self,
        role: Role,
        chain: &[Certificate],
        (at, moment): (Timestamp, Moment),
        supplied: &SuppliedEvidence,
        demands: &Demands,
    ) -> JudgedChain {
        let (report, key_use) = (Report::new(), KeyUse::Signs);
        Judgement { snapshot: self, role, key_use, at, moment, supplied, demands, report }
            .run(chain)
    }
}

/// What a judgement may rest on beside the snapshot. None of it is trusted: whoever
/// signed it must have been entitled to.
#[derive(Debug, Default)]
pub struct SuppliedEvidence {
    /// Revocation lists: archived ones for moments in the past.
    pub lists: RevocationLists,
    /// OCSP responses.
    pub responses: RevocationResponses,
    /// Of moments in the past: whether the lists are all that the archive has.
    pub archive: ArchiveReading,
}
