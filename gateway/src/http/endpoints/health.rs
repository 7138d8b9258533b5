//! Whether the gateway lives, and whether it can do its work.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::routes::{Call, json};
use crate::problem::RequestError;

#[derive(Serialize, ToSchema)]
pub(super) struct Life {
    status: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Readiness {
    ready: bool,
    journal_writable: bool,
    judgeable_authorities: usize,
    disk_reserve: &'static str,
    role: &'static str,
}

/// `GET /healthz`: the process answers.
pub(super) fn alive() -> Result<Response, RequestError> {
    json(&Life { status: "alive" })
}

/// `GET /readyz`: this gateway is the primary and takes sign-ins (the journal takes
/// records, no write failed, the disk has room, a standby confirms where one must), and
/// at least one active authority can be judged. One authority's
/// stale data is no reason to take the gateway out of service; operators see it in
/// `tongxing ca list`.
pub(super) fn ready(call: &Call) -> Result<Response, RequestError> {
    let health = call.site.province.health();
    let short = health.disk.is_some_and(|disk| disk.is_short());
    let role = call.site.province.role();
    let serves = health.journal_writable && call.site.province.takes_sign_ins().is_ok();
    let ready = serves && health.judgeable_authorities > 0;
    let mut response = json(&Readiness {
        ready,
        journal_writable: health.journal_writable,
        judgeable_authorities: health.judgeable_authorities,
        disk_reserve: if short { "touched" } else { "kept" },
        role: role.as_str(),
    })?;
    if !ready {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}
