//! Receipts of verifications: asked for with them, and looked at afterwards.

use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use tongxing_trust_store::{
    EvidenceKeySet, ReceiptDraft, ReceiptFile, ReceiptForm, ReceiptRequest, ReceiptStatus,
    RelyingPartyId, StoreError,
};
use utoipa::ToSchema;

use crate::config::ReceiptsGiven;
use crate::evidence;
use crate::http::routes::{Call, PartyCall, json, set_type};
use crate::problem::{Misfit, RequestError, Unfit};
use crate::site::Site;

/// Whether a verification is to have a receipt, and in which form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReceiptName {
    /// None, unless the gateway gives one of every verification.
    #[default]
    None,
    /// Statement and proof.
    Signed,
    /// All evidence with them.
    Bundle,
}

impl ReceiptName {
    pub(super) fn is_bundle(self) -> bool {
        matches!(self, Self::Bundle)
    }

    /// The form that is given, if one is.
    pub(super) fn form(self, site: &Site) -> Option<ReceiptForm> {
        match (self, site.receipts.given) {
            (Self::None, ReceiptsGiven::Asked) => None,
            (Self::None, ReceiptsGiven::Always) | (Self::Signed, _) => Some(ReceiptForm::Signed),
            (Self::Bundle, _) => Some(ReceiptForm::Bundle),
        }
    }
}

/// An answer with its receipt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Answered<R> {
    #[serde(flatten)]
    pub(super) report: R,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) receipt: Option<ReceiptFile>,
}

/// Records a verification and gives its receipt.
pub(super) async fn give(
    site: &Site,
    to: &RelyingPartyId,
    form: ReceiptForm,
    draft: ReceiptDraft,
) -> Result<ReceiptFile, RequestError> {
    let request = ReceiptRequest { issuer: site.issuer.clone(), relying_party: to.clone(), form };
    let receipt = site.province.give_receipt(draft, &request).await?;
    Ok(evidence::stamp(site, receipt).await)
}

/// `GET /.well-known/evidence-keys.json`: the keys of all times that sign receipts, as a
/// key set (RFC 7517).
pub(super) fn key_set(call: &Call) -> Result<Response, RequestError> {
    let keys = call.site.province.evidence_keys()?;
    let mut response = json(&EvidenceKeySet::of(&keys))?;
    set_type(response.headers_mut(), "application/jwk-set+json");
    Ok(response)
}

/// `GET /v1/evidence/{sha256}`: what a receipt rests on. Nothing else that the gateway
/// keeps is read by this.
pub(super) async fn evidence(call: PartyCall) -> Result<Response, RequestError> {
    let sha256 = call.call.parameter.clone();
    let site = Arc::clone(&call.call.site);
    let octets = blocking(move || site.province.evidence(&sha256)).await?;
    let mut response = Response::new(Body::from(octets.ok_or(RequestError::NotFound)?));
    let headers = response.headers_mut();
    set_type(headers, "application/octet-stream");
    // It is what its address says, for ever.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    Ok(response)
}

/// `GET /v1/receipts?since=RECORD`: how the platform's provisional receipts were decided.
pub(super) fn decisions(call: &PartyCall) -> Result<Response, RequestError> {
    let malformed =
        || Unfit::new(Misfit::Form, "since 须为记录的编号", "since is the number of a record");
    let since = since(call.target.query()).ok_or_else(malformed)?;
    json(&call.call.site.province.notice(call.party.id(), since)?)
}

/// The number in a query of `since=RECORD`; 0 where there is none.
pub(in crate::http) fn since(query: Option<&str>) -> Option<u64> {
    match query {
        None | Some("") => Some(0),
        Some(query) => query.strip_prefix("since=")?.parse().ok(),
    }
}

/// How a receipt stands, and the proof of it anew.
#[derive(Serialize, ToSchema)]
pub(super) struct Standing {
    record: u64,
    /// Hex SHA-256 of what the receipt states (the payload of its JWS).
    statement: String,
    #[serde(flatten)]
    status: ReceiptStatus,
    /// Against the newest checkpoint (C2SP tlog-proof).
    proof: String,
}

/// `GET /v1/receipts/{record}`: one receipt of the platform's own.
pub(super) async fn one(call: PartyCall) -> Result<Response, RequestError> {
    let record = call.call.parameter.parse::<u64>().map_err(|_| RequestError::NotFound)?;
    let (site, to) = (Arc::clone(&call.call.site), call.party.id().clone());
    let of_thread = Arc::clone(&site);
    let status = blocking(move || of_thread.province.receipt_status(&to, record)).await?;
    let (statement, status) = status.ok_or(RequestError::NotFound)?;
    let proof = site.province.receipt_proof(record).await?;
    json(&Standing { record, statement, status, proof })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, RequestError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.map_err(|cut| RequestError::Internal(format!("reading was cut off: {cut}")))??)
}
