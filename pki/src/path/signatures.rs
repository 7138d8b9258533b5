//! Signatures verified during one search, each at most once.
//!
//! One that was verified before, with this very key, is not verified again and spends
//! nothing: an enrolled intermediate's, from its enrolment on. Only the rules are asked
//! anew. That it was verified is known to the certificate alone, under private fields
//! that nothing but verifying sets; other octets, or the same ones parsed again, are
//! another certificate.

use crate::{Certificate, SignatureFault, SignatureForm, SignatureRules};

use super::budget::{BudgetExceeded, Spending};

/// Which key has been found to have signed which certificate, and which not.
pub(super) struct Signatures<'o> {
    rules: &'o SignatureRules,
    verified: Vec<Link>,
}

struct Link {
    certificate: [u8; 32],
    key: [u8; 32],
    outcome: Result<SignatureForm, SignatureFault>,
}

impl<'o> Signatures<'o> {
    pub(super) fn new(rules: &'o SignatureRules) -> Self {
        Self { rules, verified: Vec::new() }
    }

    /// Verifies the signature of a certificate with its issuer's key, unless
    /// that has been done before.
    pub(super) fn verify(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        spending: &mut Spending,
    ) -> Result<Result<SignatureForm, SignatureFault>, BudgetExceeded> {
        if let Some(link) = self.known(certificate, issuer) {
            return Ok(link.outcome.clone());
        }
        if let Some(outcome) = certificate.recall_signature(issuer.public_key(), self.rules) {
            return Ok(outcome);
        }
        for _ in 0..self.rules.trials(issuer.public_key()) {
            spending.signature()?;
        }
        let outcome = certificate.verify_signature_with(issuer.public_key(), self.rules);
        self.verified.push(Link {
            certificate: *certificate.sha256(),
            key: *issuer.spki_sha256(),
            outcome: outcome.clone(),
        });
        Ok(outcome)
    }

    /// Whether this link has been tried and does not hold.
    pub(super) fn is_broken(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.known(certificate, issuer).is_some_and(|link| link.outcome.is_err())
    }

    fn known(&self, certificate: &Certificate, issuer: &Certificate) -> Option<&Link> {
        self.verified.iter().find(|link| {
            link.certificate == *certificate.sha256() && link.key == *issuer.spki_sha256()
        })
    }
}
