//! Challenges and tokens: flows 2 and 3 as clients see them.

use axum::response::Response;
use serde::Serialize;
use tongxing_pki::{Certificate, ExplainedFinding, Timestamp, Verdict};
use tongxing_trust_store::{Access, RelyingPartyId, ReplicaRole};
use utoipa::ToSchema;

use super::bodies::{AudienceBody, EncryptionBody, SignedBody, TokenBody, read};
use crate::challenge::Challenge;
use crate::http::event::Event;
use crate::http::routes::{Call, json};
use crate::problem::RequestError;
use crate::sign_in::{Granted, Possession, sign_in};

/// RFC 6749 5.1, as far as it applies.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenAnswer<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<EncryptionAnswer<'a>>,
}

/// What became of an encryption certificate that came along.
#[derive(Serialize, ToSchema)]
struct EncryptionAnswer<'a> {
    verdict: Verdict,
    /// What speaks against it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<ExplainedFinding<'a>>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ChallengeAnswer {
    challenge_id: String,
    text: String,
    expires_at: Timestamp,
}

/// `POST /v1/challenges`.
pub(super) fn challenge(call: &Call) -> Result<Response, RequestError> {
    let site = &call.site;
    let body: AudienceBody = read(&call.content)?;
    site.rates.check_address(call.visit.connection.address())?;
    if site.province.role() != ReplicaRole::Primary {
        // Nobody shall type a PIN for nothing.
        site.province.takes_sign_ins()?;
    }
    let snapshot = site.province.snapshot();
    let audience = registered(call, &body.audience)?;
    let challenge = Challenge::new(audience, snapshot.clock_epoch(), site.now());
    let challenge = challenge
        .ok_or_else(|| RequestError::Internal("the system gives no randomness".to_owned()))?;
    json(&ChallengeAnswer {
        challenge_id: challenge.id(&site.challenge_key),
        text: challenge.text(&site.issuer),
        expires_at: challenge.expires_at(),
    })
}

/// `POST /v1/tokens` on the certificate listener. The certificate's own rate comes
/// first: its key is proven.
pub(super) async fn by_tls(call: &Call) -> Result<Response, RequestError> {
    let site = &call.site;
    let connection = &call.visit.connection;
    let body: TokenBody = read(&call.content)?;
    let encryption = offered(body.encryption.as_ref())?;
    let audience = registered(call, &body.audience)?;
    let possession = counted(call, Possession::of_connection(connection, site.now()))?;
    site.rates.check_certificate(*possession.leaf().sha256(), &audience)?;
    site.rates.check_address(connection.address())?;
    let granted = sign_in(site, possession, &audience, encryption).await?;
    answer(call, &granted)
}

/// `POST /v1/tokens` on the public listener. The address's rate comes first:
/// until the signature is verified, the certificate is anybody's to send.
pub(super) async fn by_challenge(call: &Call) -> Result<Response, RequestError> {
    let site = &call.site;
    let body: SignedBody = read(&call.content)?;
    site.rates.check_address(call.visit.connection.address())?;
    let encryption = offered(body.encryption.as_ref())?;
    let audience = registered(call, &body.audience)?;
    let now = site.now();
    let challenge = Challenge::open(&body.challenge_id, &audience, &site.challenge_key, now)?;
    let snapshot = site.province.snapshot();
    let proven = challenge.prove(&body.signature, (&site.issuer, &snapshot), now);
    let possession = counted(call, proven.map_err(RequestError::from))?;
    site.rates.check_certificate(*possession.leaf().sha256(), &audience)?;
    let granted = sign_in(site, possession, &audience, encryption).await?;
    answer(call, &granted)
}

/// The encryption certificate that came along, with what a path to it may go through.
fn offered(body: Option<&EncryptionBody>) -> Result<Option<Vec<Certificate>>, RequestError> {
    body.map(EncryptionBody::certificates).transpose()
}

/// The relying party, if it is registered.
fn registered(call: &Call, audience: &str) -> Result<RelyingPartyId, RequestError> {
    let id: RelyingPartyId = audience.parse().map_err(|_| RequestError::UnknownRelyingParty)?;
    let snapshot = call.site.province.snapshot();
    let party = snapshot.relying_party(&id).ok_or(RequestError::UnknownRelyingParty)?;
    match party.access() {
        Access::Open => Ok(id),
        Access::Suspended => Err(RequestError::PartySuspended),
    }
}

/// Counts a refusal without proven possession: it gets no record of its own.
fn counted<T>(call: &Call, proven: Result<T, RequestError>) -> Result<T, RequestError> {
    proven.inspect_err(|error| {
        call.site.refusals.count(error.kind().code.id, call.site.clock().now_millis());
    })
}

fn answer(call: &Call, granted: &Granted) -> Result<Response, RequestError> {
    let language = call.visit.language;
    let encryption = granted.encryption.as_ref().map(|outcome| EncryptionAnswer {
        verdict: outcome.verdict,
        findings: outcome.findings.iter().map(|one| one.explained(language)).collect(),
    });
    let mut response = json(&TokenAnswer {
        access_token: &granted.access_token,
        token_type: "Bearer",
        expires_in: granted.expires_in,
        encryption,
    })?;
    response.extensions_mut().insert(Event::of_sign_in(granted));
    Ok(response)
}
