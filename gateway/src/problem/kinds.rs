//! Every kind of problem that the gateway answers with: its code and its status. The
//! documentation's table is checked against this one.
//!
//! How the statuses were chosen:
//! - 400: the request cannot be understood; sending it again changes nothing.
//! - 401: possession of a key was not proven, or not in time; proving it may help.
//! - 403: possession is proven, and the answer is no.
//! - 409: the register holds something that must be settled first.
//! - 421, 429, 503: another connection, or a later moment, may help.
//!
//! A verdict of *indeterminate* is a 403: nothing is let in on hope, and a 503
//! would tell proxies and monitors that the gateway is down when one authority's
//! list is stale.

use axum::http::StatusCode;
use tongxing_pki::Code;
use tongxing_trust_store as store;

use super::codes;

/// One kind of problem.
#[derive(Debug)]
pub(crate) struct ProblemKind {
    /// Its stable code, with its title and what bidders read about it.
    pub(crate) code: &'static Code,
    /// The status it is answered with.
    pub(crate) status: StatusCode,
}

macro_rules! kinds {
    ($($name:ident = $status:ident, $code:path;)+) => {
        $(pub(crate) static $name: ProblemKind = ProblemKind {
            code: &$code,
            status: StatusCode::$status,
        };)+

        /// All of them.
        pub(crate) static ALL: &[&ProblemKind] = &[$(&$name),+];
    };
}

/// Every code that an answer can carry: the gateway's own, the store's and those of
/// the judgement over bytes.
pub fn catalogue() -> Vec<&'static Code> {
    [tongxing_pki::catalogue(), &store::catalogue(), codes::OWN].concat()
}

kinds! {
    NOT_FOUND = NOT_FOUND, codes::NOT_FOUND;
    METHOD = METHOD_NOT_ALLOWED, codes::METHOD;
    MISDIRECTED = MISDIRECTED_REQUEST, codes::MISDIRECTED;
    ORIGIN = FORBIDDEN, codes::ORIGIN;
    CONTENT_TYPE = UNSUPPORTED_MEDIA_TYPE, codes::CONTENT_TYPE;
    TOO_LARGE = PAYLOAD_TOO_LARGE, codes::TOO_LARGE;
    DOCUMENT_TOO_LARGE = PAYLOAD_TOO_LARGE, codes::DOCUMENT_TOO_LARGE;
    PART_ORDER = BAD_REQUEST, codes::PART_ORDER;
    TIMEOUT = REQUEST_TIMEOUT, codes::TIMEOUT;
    MALFORMED = BAD_REQUEST, codes::MALFORMED;
    CERTIFICATE_UNREAD = BAD_REQUEST, codes::CERTIFICATE_UNREAD;
    FUTURE = BAD_REQUEST, codes::FUTURE;
    HASH = BAD_REQUEST, codes::HASH;
    CONTENT_BESIDE = BAD_REQUEST, codes::CONTENT_BESIDE;
    COMBINATION = BAD_REQUEST, codes::COMBINATION;
    PART = BAD_REQUEST, codes::PART;
    RATE_LIMITED = TOO_MANY_REQUESTS, codes::RATE_LIMITED;
    SUBJECT_UNKNOWN = NOT_FOUND, codes::SUBJECT_UNKNOWN;
    RELYING_PARTY = BAD_REQUEST, codes::RELYING_PARTY;
    PARTY_UNAUTHENTICATED = UNAUTHORIZED, codes::PARTY_UNAUTHENTICATED;
    PARTY_SUSPENDED = FORBIDDEN, codes::PARTY_SUSPENDED;
    QUOTA = TOO_MANY_REQUESTS, codes::QUOTA;
    TOO_MANY = PAYLOAD_TOO_LARGE, codes::TOO_MANY;
    CERTIFICATE_MISSING = UNAUTHORIZED, codes::CERTIFICATE_MISSING;
    HANDSHAKE_OLD = UNAUTHORIZED, codes::HANDSHAKE_OLD;
    CHALLENGE_MALFORMED = BAD_REQUEST, codes::CHALLENGE_MALFORMED;
    CHALLENGE_MISMATCH = UNAUTHORIZED, codes::CHALLENGE_MISMATCH;
    CHALLENGE_EXPIRED = UNAUTHORIZED, store::CHALLENGE_EXPIRED;
    CHALLENGE_REPLAYED = UNAUTHORIZED, store::CHALLENGE_REPLAYED;
    CHALLENGE_VOIDED = UNAUTHORIZED, store::CHALLENGE_VOIDED;
    SIGNATURE_ALGORITHM = BAD_REQUEST, codes::SIGNATURE_ALGORITHM;
    SIGNATURE_INVALID = UNAUTHORIZED, codes::SIGNATURE_INVALID;
    CERTIFICATE_MALFORMED = BAD_REQUEST, codes::CERTIFICATE_MALFORMED;
    REFUSED = FORBIDDEN, codes::REFUSED;
    INDETERMINATE = FORBIDDEN, codes::INDETERMINATE;
    NAME_CONFLICT = CONFLICT, codes::NAME_CONFLICT;
    NOTHING_PENDING = CONFLICT, codes::NOTHING_PENDING;
    NOT_BOUND = CONFLICT, codes::NOT_BOUND;
    BUSY = SERVICE_UNAVAILABLE, codes::BUSY;
    DISK_RESERVE = SERVICE_UNAVAILABLE, codes::DISK_RESERVE;
    STANDBY = SERVICE_UNAVAILABLE, codes::STANDBY;
    UNAVAILABLE = SERVICE_UNAVAILABLE, codes::UNAVAILABLE;
    INTERNAL = INTERNAL_SERVER_ERROR, codes::INTERNAL;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tongxing_pki::{Party, Text, steps};

    use super::*;

    /// What nobody at a service desk should have to say.
    const JARGON: &[&str] =
        &["CRL", "OCSP", "OID", "DER", "RFC", "anchor", "extension", "锚", "扩展", "策略"];

    fn sentences(text: Text, code: &Code) {
        assert!(text.zh.ends_with('。') && !text.zh.contains(','), "{code}: {}", text.zh);
        assert!(text.en.is_ascii() && text.en.ends_with('.'), "{code}: {}", text.en);
    }

    #[test]
    fn a_code_is_one_codes_and_says_everything_in_both_languages() {
        let mut ids = BTreeSet::new();
        for code in catalogue() {
            assert!(ids.insert(code.id), "{code} twice");
            assert!(code.id.contains('.') && !code.clause.is_empty(), "{code}");
            for text in [code.title, code.cause, code.next] {
                sentences(text, code);
            }
            let nobody = code.responsible == Party::Nobody;
            assert!(!nobody || code.next == steps::NOTHING, "{code} has nobody to take its step");
        }
    }

    #[test]
    fn bidders_read_no_jargon() {
        for code in catalogue() {
            for text in [code.cause, code.next] {
                let word = JARGON.iter().find(|w| text.zh.contains(*w) || text.en.contains(*w));
                assert_eq!(word, None, "{code}");
            }
        }
    }
}
