//! Certificates that are encrypted to: judged as those that sign in, but for what their
//! keys do.

use tongxing_pki::{Certificate, Finding, Moment, Report, Timestamp, Verdict};

use super::SuppliedEvidence;
use super::judgement::Judgement;
use super::recognition::{Recognised, Recognition, Refusal};
use crate::authority::Role;
use crate::demands::Demands;
use crate::snapshot::Snapshot;

/// What the key of the certificate judged is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyUse {
    /// It signs.
    Signs,
    /// Others encrypt to it.
    Encrypts,
}

/// A certificate whose key may be encrypted to. Only
/// [`Snapshot::recognise_encryption`] makes one; nobody signs in with it.
#[derive(Debug)]
pub struct RecognisedEncryption(Recognised);

impl RecognisedEncryption {
    /// What was recognised.
    pub fn recognised(&self) -> &Recognised {
        &self.0
    }
}

/// Whether a certificate's key may be encrypted to.
#[derive(Debug)]
pub enum EncryptionRecognition {
    /// It may.
    Recognised(Box<RecognisedEncryption>),
    /// A check failed.
    Refused(Box<Refusal>),
    /// No check failed, but one could not be decided.
    Indeterminate(Box<Refusal>),
}

impl EncryptionRecognition {
    /// Every check that ran.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Recognised(recognised) => recognised.0.findings(),
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

impl Snapshot {
    /// Judges a chain (leaf first) whose leaf is to be encrypted to: everything that
    /// signing in asks for, but that its key encrypts.
    pub fn recognise_encryption(
        &self,
        chain: &[Certificate],
        at: Timestamp,
        supplied: &SuppliedEvidence,
    ) -> EncryptionRecognition {
        let judgement = Judgement {
            snapshot: self,
            role: Role::SignIn,
            key_use: KeyUse::Encrypts,
            at,
            moment: Moment::Present,
            supplied,
            demands: &Demands::default(),
            report: Report::new(),
        };
        match Recognition::of(judgement.run(chain)) {
            Recognition::Recognised(recognised) => {
                EncryptionRecognition::Recognised(Box::new(RecognisedEncryption(*recognised)))
            }
            Recognition::Refused(refusal) => EncryptionRecognition::Refused(refusal),
            Recognition::Indeterminate(refusal) => EncryptionRecognition::Indeterminate(refusal),
        }
    }
}
