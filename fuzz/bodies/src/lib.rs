//! What the fuzz targets do, as plain functions: each takes any bytes, and panics
//! only where the project is wrong.
//!
//! They ask for more than "does not panic": what is read says the same when it is
//! read again, a judgement of it comes out the same way twice, and what is refused
//! is refused with a place and a reason. `tests/replay.rs` runs them on stable
//! Rust, over the corpus and over mutations of it.

mod evidence;
mod journal;
mod pdf;
mod pki;
mod policy;
mod request;
mod signed;
mod sm2;
mod tls;

pub use evidence::{checkpoint, export, receipt, record_proof, timestamp_answer};
pub use journal::journal_segment;
pub use pdf::pdf;
pub use pki::{certificate, crl, ocsp};
pub use policy::{authority_policy, config, province_policy};
pub use request::{challenge_id, token_request};
pub use signed::signed_document;
pub use sm2::{sm2_key, sm2_signature};
pub use tls::{sm2_handshake, tls_certificate, tls_hello, tls_record};

/// A target: its name, which is also that of its folder in the corpus, and its
/// body.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("authority_policy", authority_policy),
    ("certificate", certificate),
    ("challenge_id", challenge_id),
    ("checkpoint", checkpoint),
    ("config", config),
    ("crl", crl),
    ("export", export),
    ("journal_segment", journal_segment),
    ("ocsp", ocsp),
    ("pdf", pdf),
    ("province_policy", province_policy),
    ("record_proof", record_proof),
    ("receipt", receipt),
    ("sm2_handshake", sm2_handshake),
    ("sm2_key", sm2_key),
    ("sm2_signature", sm2_signature),
    ("signed_document", signed_document),
    ("timestamp_answer", timestamp_answer),
    ("tls_certificate", tls_certificate),
    ("tls_hello", tls_hello),
    ("tls_record", tls_record),
    ("token_request", token_request),
];
