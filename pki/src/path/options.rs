//! What a validation is asked.

use std::collections::BTreeSet;

use crate::{Certificate, Oid, SignatureRules, Timestamp};

use super::budget::Budget;
use super::reference::ReferenceName;

/// What the end certificate is to be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// Nothing in particular: key usages are not looked at.
    #[default]
    Any,
    /// Signing in, by TLS or by a challenge.
    ClientAuth,
    /// A TLS server.
    ServerAuth,
    /// Signing documents and messages.
    Signing,
    /// Signing RFC 3161 timestamps.
    TimeStamping,
    /// Signing OCSP responses for the authority that issued the certificate.
    OcspSigning,
    /// Signing revocation lists.
    CrlSigning,
    /// Signing code.
    CodeSigning,
}

/// What a breach of the certificate profile (RFC 5280 section 4) does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strictness {
    /// It warns: real authorities commit such breaches, and their holders
    /// cannot mend them.
    #[default]
    Standard,
    /// It fails.
    Strict,
}

/// How much work an attack takes at least, as the binary logarithm of its steps (NIST SP
/// 800-57 part 1, 5.6.1). Below 112 nothing is accepted that the rules for signatures do
/// not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SecurityLevel {
    /// RSA with 2048 bits.
    #[default]
    Bits112,
    /// RSA with 3072 bits, P-256, Ed25519, SM2; SHA-256, SM3.
    Bits128,
    /// RSA with 7680 bits, P-384; SHA-384.
    Bits192,
}

impl SecurityLevel {
    /// The number.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Bits112 => 112,
            Self::Bits128 => 128,
            Self::Bits192 => 192,
        }
    }
}

/// Everything that is asked of one validation but the certificates.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PathOptions {
    /// The moment judged.
    pub at: Timestamp,
    /// What the end certificate is to be used for.
    pub purpose: Purpose,
    /// Extended key usages of which the end certificate must have one, the same as
    /// every authority above it, as far as they have the extension. `None` stands for
    /// those of the purpose.
    pub key_purposes: Option<Vec<Oid>>,
    /// Extended key usages of which the authorities on the path must have one in common,
    /// as far as they have the extension: for callers that judge the end certificate's
    /// own. `None` stands for those that are asked of the end certificate, which must have
    /// it too.
    pub authority_purposes: Option<Vec<Oid>>,
    /// The keys of the anchors at which a path may end, each by the SHA-256 of its
    /// SubjectPublicKeyInfo; `None`: any of them. The others remain anchors, past which no
    /// path goes.
    pub anchor_keys: Option<BTreeSet<[u8; 32]>>,
    /// The most intermediates between the end certificate and the anchor,
    /// self-issued ones not counted (as in RFC 5280 6.1.4 (l)). `None` leaves
    /// it to the authorities' own constraints and [`Budget::path_length`].
    pub max_depth: Option<usize>,
    /// What a breach of the profile does.
    pub strictness: Strictness,
    /// The least security that keys and signatures on the path must have.
    pub least_security: SecurityLevel,
    /// What is allowed of signatures beyond the standards: weak algorithms, and
    /// the user ids of SM2 signers.
    pub signatures: SignatureRules,
    /// Limits on the work.
    pub budget: Budget,
    /// Names that the end certificate must have, every one.
    pub names: Vec<ReferenceName>,
    /// The inputs of policy processing.
    pub policies: PolicyOptions,
}

impl PathOptions {
    /// Any purpose, standard strictness and every certificate policy.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self {
            at,
            purpose: Purpose::default(),
            key_purposes: None,
            authority_purposes: None,
            anchor_keys: None,
            max_depth: None,
            strictness: Strictness::default(),
            least_security: SecurityLevel::default(),
            signatures: SignatureRules::default(),
            budget: Budget::default(),
            names: Vec::new(),
            policies: PolicyOptions::default(),
        }
    }

    /// Whether a path may end at this anchor.
    pub(super) fn may_end_at(&self, anchor: &Certificate) -> bool {
        self.anchor_keys.as_ref().is_none_or(|keys| keys.contains(anchor.spki_sha256()))
    }

    /// The same for another purpose.
    #[must_use]
    pub fn for_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// The same with another strictness.
    #[must_use]
    pub fn with_strictness(mut self, strictness: Strictness) -> Self {
        self.strictness = strictness;
        self
    }
}

/// The inputs of certificate policy processing (RFC 5280 6.1.1 (c)-(g)).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyOptions {
    /// The `user-initial-policy-set`: which policies the caller accepts. With
    /// [`Oid::ANY_POLICY`] in it, every one.
    pub acceptable: BTreeSet<Oid>,
    /// `initial-explicit-policy`.
    pub explicit: ExplicitPolicy,
    /// `initial-policy-mapping-inhibit`.
    pub mapping: PolicyMapping,
    /// `initial-any-policy-inhibit`.
    pub any_policy: AnyPolicy,
}

impl Default for PolicyOptions {
    fn default() -> Self {
        Self {
            acceptable: BTreeSet::from([Oid::ANY_POLICY]),
            explicit: ExplicitPolicy::default(),
            mapping: PolicyMapping::default(),
            any_policy: AnyPolicy::default(),
        }
    }
}

/// Whether the path must be valid for an acceptable policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ExplicitPolicy {
    /// Only where a certificate on the path requires it.
    #[default]
    NotRequired,
    /// Always.
    Required,
}

impl ExplicitPolicy {
    /// Required, if that was asked for.
    #[must_use]
    pub const fn required_if(asked: bool) -> Self {
        if asked { Self::Required } else { Self::NotRequired }
    }
}

/// Whether authorities may map policies of others to their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PolicyMapping {
    /// They may.
    #[default]
    Accepted,
    /// Mappings are not processed.
    Inhibited,
}

impl PolicyMapping {
    /// Inhibited, if that was asked for.
    #[must_use]
    pub const fn inhibited_if(asked: bool) -> Self {
        if asked { Self::Inhibited } else { Self::Accepted }
    }
}

/// Whether anyPolicy in a certificate stands for every policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AnyPolicy {
    /// It does.
    #[default]
    Accepted,
    /// It counts for nothing.
    Inhibited,
}

impl AnyPolicy {
    /// Inhibited, if that was asked for.
    #[must_use]
    pub const fn inhibited_if(asked: bool) -> Self {
        if asked { Self::Inhibited } else { Self::Accepted }
    }
}
