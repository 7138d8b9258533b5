//! Revocation lists and OCSP responses.

use serde_json::{Value, json};
use tongxing_pki::{
    Certificate, Crl, CrlEntry, Fault, OcspCertificateStatus, OcspReply, OcspResponse,
    OcspSingleResponse,
};

use super::{certificate, hex};

/// How many entries of a list are shown; the largest have a million.
const MAX_ENTRIES: usize = 100;

pub(super) fn list(der: &[u8]) -> Result<Value, Fault> {
    let list = Crl::parse(der)?;
    Ok(json!({
        "kind": "revocation_list",
        "issuer": list.issuer().to_string(),
        "this_update": list.this_update(),
        "next_update": list.next_update(),
        "number": list.number().map(ToString::to_string),
        "delta_of": list.base_number().map(ToString::to_string),
        "signature_algorithm": list.signature_algorithm().to_string(),
        "sha256": hex(list.sha256()),
        "entries": list.len(),
        "first_entries": list.entries().take(MAX_ENTRIES).map(|one| entry(&one)).collect::<Vec<_>>(),
    }))
}

fn entry(entry: &CrlEntry<'_>) -> Value {
    json!({
        "serial": entry.serial().map(|serial| serial.to_string()),
        "revoked_at": entry.revocation_date(),
        "reason": entry.reason().map(|reason| reason.to_string()),
        "invalid_since": entry.invalidity_date(),
    })
}

pub(super) fn response(der: &[u8]) -> Result<Value, Fault> {
    Ok(match OcspReply::parse(der)? {
        OcspReply::Answered(response) => answered(&response),
        OcspReply::Refused(refusal) => {
            json!({ "kind": "ocsp_response", "refused": refusal.to_string() })
        }
    })
}

fn answered(response: &OcspResponse) -> Value {
    let certificates = response.certificates().iter();
    json!({
        "kind": "ocsp_response",
        "responder": response.responder().to_string(),
        "produced_at": response.produced_at(),
        "nonce": response.nonce().map(hex),
        "signature_algorithm": response.signature_algorithm().to_string(),
        "sha256": hex(response.sha256()),
        "answers": response.responses().iter().map(answer).collect::<Vec<_>>(),
        "certificates": certificates.map(brief).collect::<Vec<_>>(),
    })
}

fn brief(certificate: &Certificate) -> Value {
    certificate::brief(certificate)
}

fn answer(answer: &OcspSingleResponse) -> Value {
    let (status, revoked_at, reason) = match answer.status() {
        OcspCertificateStatus::Good => ("good", None, None),
        OcspCertificateStatus::Unknown => ("unknown", None, None),
        OcspCertificateStatus::Revoked { date, reason } => {
            ("revoked", Some(date), reason.map(|reason| reason.to_string()))
        }
    };
    json!({
        "serial": answer.certificate_id().serial().to_string(),
        "status": status,
        "revoked_at": revoked_at,
        "reason": reason,
        "this_update": answer.this_update(),
        "next_update": answer.next_update(),
    })
}
