//! One structured event for each request: what happened, never to whom by name.
//! No certificate subject, no personal id, no token and no secret is logged.

use axum::http::StatusCode;
use tongxing_pki::{SignatureForm, Sm2Encoding};
use tongxing_trust_store::{AuthorityId, RelyingPartyId, SubjectId};

use super::visit::Visit;
use crate::party::{AuthenticatedParty, PartyMethod};
use crate::problem::{RequestError, deciding_codes};
use crate::sign_in::Granted;

/// What an endpoint adds to the event of its request.
#[derive(Debug, Clone, Default)]
pub(super) struct Event {
    pub(super) route: &'static str,
    outcome: Outcome,
    /// The problem's code.
    code: Option<&'static str>,
    /// The codes of the findings that decided.
    findings: Vec<String>,
    authority: Option<AuthorityId>,
    subject: Option<SubjectId>,
    /// How the signature that proved possession was made, where there is a choice.
    proof: SignatureForm,
    /// The relying party that asked, and how it showed that it is itself.
    party: Option<(RelyingPartyId, PartyMethod)>,
    /// Why the gateway itself failed.
    reason: Option<String>,
}

/// How a request came out.
#[derive(Debug, Clone, Copy, Default)]
enum Outcome {
    #[default]
    Answered,
    SignedIn,
    Problem,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::SignedIn => "signed_in",
            Self::Problem => "problem",
        }
    }
}

impl Event {
    pub(super) fn of_error(error: &RequestError) -> Self {
        Self {
            outcome: Outcome::Problem,
            code: Some(error.kind().code.id),
            findings: deciding_codes(error.findings()),
            authority: error.authority().cloned(),
            reason: error.internal_reason(),
            ..Self::default()
        }
    }

    pub(super) fn of_sign_in(granted: &Granted) -> Self {
        Self {
            outcome: Outcome::SignedIn,
            authority: Some(granted.authority.clone()),
            subject: Some(granted.subject.clone()),
            proof: granted.proof.clone(),
            ..Self::default()
        }
    }

    /// Adds who asked.
    pub(super) fn tell_party(&mut self, party: &AuthenticatedParty) {
        self.party = Some((party.id().clone(), party.method()));
    }

    pub(super) fn log(&self, visit: &Visit, status: StatusCode) {
        let duration = u64::try_from(visit.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::info!(
            request_id = visit.id,
            listener = visit.connection.listener().as_str(),
            method = visit.method.as_str(),
            route = self.route,
            status = status.as_u16(),
            outcome = self.outcome.as_str(),
            code = self.code,
            findings = (!self.findings.is_empty()).then(|| self.findings.join(" ")),
            authority = self.authority.as_ref().map(AuthorityId::as_str),
            subject = self.subject.as_ref().map(SubjectId::as_str),
            party = self.party.as_ref().map(|(party, _)| party.as_str()),
            authenticated_by = self.party.as_ref().map(|(_, method)| method.as_str()),
            signature_encoding = self.proof.sm2_encoding().map(Sm2Encoding::as_str),
            sm2_user_id = self.proof.sm2_user_id().map(display),
            duration_us = duration,
            "request"
        );
        if let Some(reason) = &self.reason {
            tracing::error!(request_id = visit.id, reason, "request failed inside the gateway");
        }
    }
}
