//! Proof that a client holds a certificate's key.

use tongxing_pki::{Certificate, SignatureForm, Timestamp};
use tongxing_trust_store::{ChallengeModel, Method};

use crate::problem::RequestError;
use crate::server::Connection;

/// How long after its handshake a connection may sign in: `auth_time` is the
/// handshake's, and a proof grows old.
const HANDSHAKE_VALID_SECONDS: i64 = 300;

/// A proof of possession; a sign-in consumes it.
#[derive(Debug)]
pub(crate) struct Possession {
    /// Leaf first; never empty.
    chain: Vec<Certificate>,
    leaf: Certificate,
    method: Method,
    proven_at: Timestamp,
    challenge: Option<ChallengeModel>,
    form: SignatureForm,
}

impl Possession {
    /// What the handshake of a connection proved, if it is fresh at `now`.
    pub(crate) fn of_connection(
        connection: &Connection,
        now: Timestamp,
    ) -> Result<Self, RequestError> {
        let shown = connection.shown().ok_or(RequestError::CertificateMissing)?;
        let proven_at = connection.secured_at();
        if now.unix() - proven_at.unix() > HANDSHAKE_VALID_SECONDS {
            return Err(RequestError::HandshakeOld { shown_at: proven_at });
        }
        let proven = Self::proven(shown.chain.clone(), Method::Tls, proven_at, None);
        proven.ok_or(RequestError::CertificateMissing)
    }

    /// Possession of the key of a chain's first certificate. To be called only
    /// where a signature was just verified with it; `None` for an empty chain.
    pub(crate) fn proven(
        chain: Vec<Certificate>,
        method: Method,
        proven_at: Timestamp,
        challenge: Option<ChallengeModel>,
    ) -> Option<Self> {
        let leaf = chain.first()?.clone();
        Some(Self { chain, leaf, method, proven_at, challenge, form: SignatureForm::default() })
    }

    /// The same, with how the signature was made that proved it.
    pub(crate) fn signed(mut self, form: SignatureForm) -> Self {
        self.form = form;
        self
    }

    /// How the signature was made, where there is a choice.
    pub(crate) fn form(&self) -> &SignatureForm {
        &self.form
    }

    pub(crate) fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    pub(crate) fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    pub(crate) fn method(&self) -> Method {
        self.method
    }

    pub(crate) fn proven_at(&self) -> Timestamp {
        self.proven_at
    }

    pub(crate) fn challenge(&self) -> Option<&ChallengeModel> {
        self.challenge.as_ref()
    }
}
