//! Flow 3: sign in with a signed challenge.
//!
//! 1. A challenge binds a nonce, the relying party, the expiry and the clock
//!    epoch under a code that only this province can make (RFC 2104). Nothing is
//!    stored: a power cut loses nothing.
//! 2. The client signs the challenge's text, which opens with [`SIGN_IN_LINE`](tongxing_trust_store::SIGN_IN_LINE) so
//!    that no such signature passes for one under a document.
//! 3. [`Challenge::open`] rebuilds the challenge from its id: made here, for this
//!    audience, not expired.
//! 4. [`Challenge::prove`] consumes it together with a signature over its text and
//!    yields the [`Possession`](crate::sign_in::Possession) that a sign-in starts
//!    from.
//! 5. Single use is an expectation of the journal record that uses it up: of two
//!    sign-ins with one challenge the store admits one.

mod id;
mod signature;
mod text;

use ring::rand::{SecureRandom, SystemRandom};
use tongxing_pki::Timestamp;
use tongxing_trust_store::{ChallengeModel, Method, RelyingPartyId, Snapshot};

pub use id::reread_challenge_id;
pub(crate) use signature::{ChallengeSignature, SignatureProblem};

use crate::keys::ChallengeKey;
use crate::sign_in::Possession;

/// How long a challenge may be answered: time to find the key and type its PIN.
pub(crate) const LIFETIME_SECONDS: i64 = 120;

/// 128 bits never repeat by chance.
const NONCE_LENGTH: usize = 16;

/// Why a challenge id is not accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChallengeFault {
    /// It was not made here, or was altered.
    Malformed,
    /// Its two minutes are over.
    Expired {
        /// When it expired.
        at: Timestamp,
    },
    /// It was made for another relying party.
    OtherAudience {
        /// For whom it was made.
        made_for: RelyingPartyId,
    },
}

/// A sign-in challenge; proving possession consumes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    audience: RelyingPartyId,
    nonce: [u8; NONCE_LENGTH],
    expires_at: Timestamp,
    /// The clock epoch it was made in; a clock reset voids it.
    epoch: u64,
}

impl Challenge {
    /// Makes a challenge; `None` when the system gives no randomness.
    pub(crate) fn new(audience: RelyingPartyId, epoch: u64, now: Timestamp) -> Option<Self> {
        let mut nonce = [0; NONCE_LENGTH];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let expires_at = now.plus_seconds(LIFETIME_SECONDS);
        Some(Self { audience, nonce, expires_at, epoch })
    }

    /// Its id: all of it, under a code.
    pub(crate) fn id(&self, key: &ChallengeKey) -> String {
        id::encode(self, key)
    }

    /// The text to be signed: ASCII, lines separated by LF, none after the last.
    pub(crate) fn text(&self, issuer: &str) -> String {
        text::render(self, issuer)
    }

    /// When it expires.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Rebuilds a challenge from its id, for this audience, unexpired at `now`.
    pub(crate) fn open(
        id: &str,
        audience: &RelyingPartyId,
        key: &ChallengeKey,
        now: Timestamp,
    ) -> Result<Self, ChallengeFault> {
        let challenge = id::decode(id, key).ok_or(ChallengeFault::Malformed)?;
        if challenge.audience != *audience {
            return Err(ChallengeFault::OtherAudience { made_for: challenge.audience });
        }
        if challenge.expires_at <= now {
            return Err(ChallengeFault::Expired { at: challenge.expires_at });
        }
        Ok(challenge)
    }

    /// Possession of the certificate's key, if `signature` is one over this
    /// challenge's text.
    pub(crate) fn prove(
        self,
        signature: &ChallengeSignature,
        (issuer, snapshot): (&str, &Snapshot),
        now: Timestamp,
    ) -> Result<Possession, SignatureProblem> {
        let verified = signature.verify(self.text(issuer).as_bytes(), (snapshot, now))?;
        let used_up = ChallengeModel {
            nonce: text::hex(&self.nonce),
            expires_at: self.expires_at.unix().saturating_mul(1000),
            epoch: self.epoch,
        };
        let proven = Possession::proven(verified.chain, Method::Challenge, now, Some(used_up));
        // The verified chain starts with the leaf.
        let proven = proven.ok_or(SignatureProblem::Invalid)?;
        Ok(proven.signed(verified.form))
    }
}

#[cfg(test)]
mod tests;
