//! Asking a timestamp service (RFC 3161 section 3.4).
//!
//! Over plain HTTP, as most services offer it: the question is a hash and a random
//! number, the answer is signed. Who alters it on the way breaks the signature, and
//! who drops it shows as degraded.

use std::time::Duration;

use tongxing_trust_store::{HostRules, PointUrl, TIMESTAMP_MAX_BYTES, TIMESTAMP_QUERY};

use crate::fetch::{Client, Limits};

const LIMITS: Limits = Limits {
    bytes: TIMESTAMP_MAX_BYTES,
    total: Duration::from_secs(30),
    idle: Duration::from_secs(30),
    redirects: 0,
};

/// How long a receipt waits for its turn, and again for an answer.
pub(super) const PATIENCE: Limits =
    Limits { total: Duration::from_secs(5), idle: Duration::from_secs(5), ..LIMITS };

/// The service's answer, for who waits for it.
pub(super) async fn ask_in_time(
    client: &Client,
    url: &PointUrl,
    query: &[u8],
) -> Result<Vec<u8>, String> {
    ask_within(client, PATIENCE, url, query).await
}

/// The service's answer to a question. Where the service is, is the operator's own
/// setting: it may be on a private line.
pub(super) async fn ask(client: &Client, url: &PointUrl, query: &[u8]) -> Result<Vec<u8>, String> {
    ask_within(client, LIMITS, url, query).await
}

async fn ask_within(
    client: &Client,
    limits: Limits,
    url: &PointUrl,
    query: &[u8],
) -> Result<Vec<u8>, String> {
    let rules = HostRules::trusting(url);
    let answer = client.within(limits).post(url, &rules, TIMESTAMP_QUERY, query.to_vec()).await;
    answer.map_err(|error| error.to_string())
}
