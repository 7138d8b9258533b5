//! A bound certificate confirms that another authority's certificate, which gives
//! another name, is the same subject's (flow 2, step 3).

use axum::response::Response;
use serde::Serialize;
use tongxing_pki::Timestamp;
use tongxing_trust_store::{AuthorityId, Confirmation, Purpose, Recognised, Recognition};
use utoipa::ToSchema;

use super::bodies::{ConfirmBody, read};
use crate::http::routes::{Call, json};
use crate::problem::RequestError;
use crate::sign_in::Possession;

#[derive(Serialize, ToSchema)]
pub(super) struct PendingAnswer {
    pending: Vec<PendingEntry>,
}

#[derive(Serialize, ToSchema)]
struct PendingEntry {
    #[schema(value_type = String)]
    authority: AuthorityId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    seen: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ConfirmAnswer {
    #[schema(value_type = String)]
    confirmed: AuthorityId,
}

/// `GET /v1/confirmations`.
pub(super) fn pending(call: &Call) -> Result<Response, RequestError> {
    let recognised = recognised(call)?;
    let pending = call.site.province.pending_for(&recognised)?;
    let entry = |view: tongxing_trust_store::PendingView| PendingEntry {
        authority: view.authority,
        name: view.name,
        seen: view.seen,
    };
    json(&PendingAnswer { pending: pending.into_iter().map(entry).collect() })
}

/// `POST /v1/confirmations`.
pub(super) async fn confirm(call: &Call) -> Result<Response, RequestError> {
    let body: ConfirmBody = read(&call.content)?;
    let recognised = recognised(call)?;
    match call.site.province.confirm_own(&recognised, &body.authority).await? {
        Confirmation::Confirmed => json(&ConfirmAnswer { confirmed: body.authority }),
        Confirmation::NothingToConfirm => Err(RequestError::NothingPending),
        Confirmation::NotBound => Err(RequestError::NotBound),
    }
}

/// The certificate of this connection, recognised now.
fn recognised(call: &Call) -> Result<Recognised, RequestError> {
    let site = &call.site;
    let possession = Possession::of_connection(&call.visit.connection, site.now())?;
    site.rates.check_address(call.visit.connection.address())?;
    let snapshot = site.province.snapshot();
    match snapshot.recognise(possession.chain(), Purpose::SignIn, site.now()) {
        Recognition::Recognised(recognised) => Ok(*recognised),
        Recognition::Refused(refusal) => Err(RequestError::Refused {
            findings: refusal.findings().to_vec(),
            authority: refusal.authority().cloned(),
            path: refusal.tried().to_vec(),
        }),
        Recognition::Indeterminate(refusal) => Err(RequestError::Indeterminate {
            findings: refusal.findings().to_vec(),
            authority: refusal.authority().cloned(),
            path: refusal.tried().to_vec(),
        }),
    }
}
