//! OCSP responses, found by serial number and verified once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::keys;
use crate::{
    OcspRefusal, OcspRequest, OcspResponse, PublicKey, SerialNumber, SignatureFault, SignatureForm,
    SignatureRules,
};

/// An OCSP response that remembers which key it was verified with. Cloning is
/// cheap and shares that memory.
#[derive(Clone)]
pub struct RevocationResponse(Arc<Inner>);

struct Inner {
    response: OcspResponse,
    /// The nonce of the request that it must answer.
    asked: Option<Box<[u8]>>,
    /// Whether it must repeat it.
    rule: NonceRule,
    /// SHA-256 of the SubjectPublicKeyInfo that verified the signature, and how it
    /// was made.
    verified_by: OnceLock<([u8; 32], SignatureForm)>,
}

/// What becomes of a response that does not repeat the nonce it was asked with. One
/// with another nonce is never used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum NonceRule {
    /// Its dates tell how fresh it is: responders that sign ahead know no nonce (RFC 5019 4).
    #[default]
    MayBeLeftOut,
    /// It is not used: whoever has kept it may send it again until it is due.
    Required,
}

/// Whether a response answers the request it was asked with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NonceMatch {
    /// It repeats the nonce.
    Fits,
    /// It was asked for without one, or by others.
    Unasked,
    /// It has none.
    Missing(NonceRule),
    /// It has another.
    Differs,
}

impl RevocationResponse {
    /// What was said about one that does not repeat the nonce.
    #[must_use]
    pub fn nonce_rule(&self) -> NonceRule {
        self.0.rule
    }

    /// A response to nobody's request in particular, not verified yet.
    #[must_use]
    pub fn new(response: OcspResponse) -> Self {
        Self::with_nonce(response, None, NonceRule::default())
    }

    /// A response to this request: if it has a nonce, it must be the request's
    /// (RFC 6960 4.4.1).
    #[must_use]
    pub fn to(request: &OcspRequest, response: OcspResponse) -> Self {
        Self::to_with(request, response, NonceRule::default())
    }

    /// The same, with this said about one that does not repeat the nonce.
    #[must_use]
    pub fn to_with(request: &OcspRequest, response: OcspResponse, rule: NonceRule) -> Self {
        Self::with_nonce(response, request.nonce(), rule)
    }

    /// The same of a request of which the nonce alone is known any more.
    #[must_use]
    pub fn with_nonce(response: OcspResponse, nonce: Option<&[u8]>, rule: NonceRule) -> Self {
        let asked = nonce.map(Into::into);
        Self(Arc::new(Inner { response, asked, rule, verified_by: OnceLock::new() }))
    }

    /// The response itself.
    #[must_use]
    pub fn response(&self) -> &OcspResponse {
        &self.0.response
    }

    /// The nonce of the request that it must answer, if that had one.
    #[must_use]
    pub fn asked_nonce(&self) -> Option<&[u8]> {
        self.0.asked.as_deref()
    }

    pub(super) fn nonce(&self) -> NonceMatch {
        match (&self.0.asked, self.response().nonce()) {
            (None, _) => NonceMatch::Unasked,
            (Some(_), None) => NonceMatch::Missing(self.0.rule),
            (Some(asked), Some(told)) if **asked == *told => NonceMatch::Fits,
            (Some(_), Some(_)) => NonceMatch::Differs,
        }
    }

    /// Verifies the signature with a key that nobody has vouched for yet, and
    /// forgets it; or remembers that the key has been vouched for. Whether the
    /// rules allow it is asked anew.
    pub(super) fn check(
        &self,
        key: &PublicKey,
        rules: &SignatureRules,
    ) -> Result<SignatureForm, SignatureFault> {
        let response = self.response();
        if let Some((known, form)) = self.0.verified_by.get()
            && known == key.spki_sha256()
        {
            return keys::check_again(key, response.signature_algorithm(), rules, form);
        }
        response.verify_signature_with(key, rules)
    }

    /// Remembers a key that has been checked and is vouched for.
    pub(super) fn remember(&self, key: &PublicKey, form: &SignatureForm) {
        // Another thread may have been quicker.
        let _ = self.0.verified_by.set((*key.spki_sha256(), form.clone()));
    }
}

impl From<OcspResponse> for RevocationResponse {
    fn from(response: OcspResponse) -> Self {
        Self::new(response)
    }
}

impl fmt::Debug for RevocationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RevocationResponse").field(self.response()).finish()
    }
}

/// OCSP responses by the serial numbers that they tell about.
#[derive(Clone, Debug, Default)]
pub struct RevocationResponses {
    by_serial: HashMap<SerialNumber, Vec<RevocationResponse>>,
    refusals: Vec<OcspRefusal>,
}

impl RevocationResponses {
    /// No responses.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a response.
    pub fn insert(&mut self, response: impl Into<RevocationResponse>) {
        let response = response.into();
        let serials =
            response.response().responses().iter().map(|single| single.certificate_id().serial());
        let mut serials: Vec<_> = serials.cloned().collect();
        serials.sort_unstable();
        serials.dedup();
        for serial in serials {
            self.by_serial.entry(serial).or_default().push(response.clone());
        }
    }

    /// Adds that a responder did not answer, so that reports say it.
    pub fn refused(&mut self, refusal: OcspRefusal) {
        self.refusals.push(refusal);
    }

    /// Takes in all responses of others.
    pub(crate) fn absorb(&mut self, others: Self) {
        for (serial, responses) in others.by_serial {
            self.by_serial.entry(serial).or_default().extend(responses);
        }
        self.refusals.extend(others.refusals);
    }

    /// Whether there is nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_serial.is_empty() && self.refusals.is_empty()
    }

    /// Every status that a responder sent instead of an answer.
    #[must_use]
    pub fn refusals(&self) -> &[OcspRefusal] {
        &self.refusals
    }

    /// All responses, one that tells of several serial numbers several times, in no
    /// particular order.
    pub fn iter(&self) -> impl Iterator<Item = &RevocationResponse> {
        self.by_serial.values().flatten()
    }

    /// The responses about certificates with this serial number, whoever
    /// issued them.
    pub fn by_serial(&self, serial: &SerialNumber) -> impl Iterator<Item = &RevocationResponse> {
        self.by_serial.get(serial).into_iter().flatten()
    }
}

impl<R: Into<RevocationResponse>> Extend<R> for RevocationResponses {
    fn extend<I: IntoIterator<Item = R>>(&mut self, responses: I) {
        for response in responses {
            self.insert(response);
        }
    }
}

impl<R: Into<RevocationResponse>> FromIterator<R> for RevocationResponses {
    fn from_iter<I: IntoIterator<Item = R>>(responses: I) -> Self {
        let mut all = Self::new();
        all.extend(responses);
        all
    }
}
