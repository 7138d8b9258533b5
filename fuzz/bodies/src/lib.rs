//! What the fuzz targets do, as plain functions: each takes any bytes, and panics
//! only where the project is wrong.
//!
//! They ask for more than "does not panic": what is read says the same when it is
//! read again, a judgement of it comes out the same way twice, and what is refused
//! is refused with a place and a reason. `tests/replay.rs` runs them on stable
//! Rust, over the corpus and over mutations of it.

mod answer;
mod evidence;
mod identity;
mod journal;
mod pdf;
mod pki;
mod policy;
mod receipt;
mod request;
mod runtime;
mod signed;
mod sm2;
mod standby;
mod text;
mod tls;

use std::fmt::Write as _;

pub use answer::{http_answer, ldap_answer, point_url};
pub use evidence::{checkpoint, export, record_proof, timestamp_answer};
pub use identity::identity;
pub use journal::journal_segment;
pub use pdf::pdf;
pub use pki::{certificate, crl, ocsp};
pub use policy::{authority_policy, config, province_policy};
pub use receipt::{receipt, receipt_evidence};
pub use request::{authorization, challenge_id, request_head, request_parts, token_request};
pub use signed::signed_document;
pub use sm2::{sm2_key, sm2_signature};
pub use standby::standby_message;
pub use text::text;
pub use tls::{sm2_handshake, tls_certificate, tls_hello, tls_record};

/// A target: its name, which is also that of its folder in the corpus, and its
/// body.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("authority_policy", authority_policy),
    ("authorization", authorization),
    ("certificate", certificate),
    ("challenge_id", challenge_id),
    ("checkpoint", checkpoint),
    ("config", config),
    ("crl", crl),
    ("export", export),
    ("http_answer", http_answer),
    ("identity", identity),
    ("journal_segment", journal_segment),
    ("ldap_answer", ldap_answer),
    ("ocsp", ocsp),
    ("pdf", pdf),
    ("point_url", point_url),
    ("province_policy", province_policy),
    ("record_proof", record_proof),
    ("receipt", receipt),
    ("receipt_evidence", receipt_evidence),
    ("request_head", request_head),
    ("request_parts", request_parts),
    ("sm2_handshake", sm2_handshake),
    ("sm2_key", sm2_key),
    ("sm2_signature", sm2_signature),
    ("signed_document", signed_document),
    ("standby_message", standby_message),
    ("text", text),
    ("timestamp_answer", timestamp_answer),
    ("tls_certificate", tls_certificate),
    ("tls_hello", tls_hello),
    ("tls_record", tls_record),
    ("token_request", token_request),
];

/// Lower-case hexadecimal, each octet behind `before`.
fn hex(octets: &[u8], before: &str) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a String does not fail.
        let _ = write!(text, "{before}{octet:02x}");
        text
    })
}
