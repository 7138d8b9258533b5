//! `GET /v1/subjects/{id}/encryption-certificates`: to whom a bid may be encrypted.

use std::sync::Arc;

use axum::response::Response;
use tongxing_trust_store::{EncryptionReport, Reader, SubjectId};

use crate::http::routes::{PartyCall, json};
use crate::problem::RequestError;
use crate::status;

/// Judges each pair of the subject's anew: whether it may be encrypted to is of now.
pub(super) async fn certificates(call: PartyCall) -> Result<Response, RequestError> {
    let PartyCall { call, party, .. } = call;
    let subject: SubjectId = call.parameter.parse().map_err(|_| RequestError::UnknownSubject)?;
    let (site, asked) = (Arc::clone(&call.site), subject.clone());
    // It reads certificates.
    let reading = tokio::task::spawn_blocking(move || site.province.encryption_pairs(&asked)).await;
    let pairs = reading.map_err(|cut| RequestError::Internal(cut.to_string()))??;
    let mut judged = Vec::new();
    for pair in pairs.ok_or(RequestError::UnknownSubject)? {
        let outcome = match &pair.certificate {
            Some(own) => {
                Some(status::recognise_encryption(&call.site, std::slice::from_ref(own)).await)
            }
            None => None,
        };
        judged.push((pair, outcome));
    }
    let reader = Reader { language: call.visit.language, personal_data: party.personal_data() };
    json(&EncryptionReport::new(subject, &judged, call.site.now(), reader))
}
