//! Checkpoints while the gateway runs: at an interval, and at shutdown.
//!
//! 1. When something was recorded since the last one, a checkpoint is signed and
//!    kept; the store copies it to the second place by itself.
//! 2. Where a timestamp service is set, it is asked about the newest checkpoint,
//!    as often as set, and its answer is kept.
//!
//! Whatever fails here is logged, shows as degraded and is tried again at the next
//! interval. No sign-in waits for any of it.

mod timestamp;

use std::sync::Arc;

use tokio::time::MissedTickBehavior;
use tongxing_pki::Timestamp;
use tongxing_trust_store::{ReceiptFile, ReplicaRole};

use crate::config::Timestamped;
use crate::site::Site;

/// Does both steps for as long as the gateway runs.
pub(crate) async fn keep(site: Arc<Site>) {
    let mut intervals = tokio::time::interval(site.record.checkpoint_interval);
    intervals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stamped = None;
    loop {
        intervals.tick().await;
        checkpoint(&site).await;
        stamped = timestamp(&site, stamped).await;
    }
}

/// Step 1.
pub(crate) async fn checkpoint(site: &Site) {
    if site.province.role() != ReplicaRole::Primary || !site.province.has_unsigned_records() {
        return;
    }
    match site.province.checkpoint().await {
        Ok(signed) => tracing::info!(records = signed.checkpoint().size, "checkpoint signed"),
        Err(error) => tracing::error!(%error, "no checkpoint could be kept"),
    }
}

/// Step 2; returns when the service last answered.
async fn timestamp(site: &Site, stamped: Option<Timestamp>) -> Option<Timestamp> {
    let Some(service) = &site.record.timestamp else { return None };
    let now = site.now();
    let next = stamped.map(|stamped| stamped.plus_seconds(service.interval_seconds));
    // A clock that was put back does not keep the service waiting.
    if next.is_some_and(|next| now < next) && stamped.is_some_and(|stamped| stamped <= now) {
        return stamped;
    }
    let query = match site.province.timestamp_query() {
        Ok(Some(query)) => query,
        Ok(None) => return stamped,
        Err(error) => {
            tracing::error!(%error, "no timestamp could be asked for");
            return stamped;
        }
    };
    let answer = timestamp::ask(&site.client, &service.url, query.der()).await;
    match site.province.keep_timestamp(query, answer).await {
        Ok(()) => Some(now),
        Err(error) => {
            tracing::warn!(%error, service = %service.url, "no timestamp of the checkpoint");
            stamped
        }
    }
}

/// Has the timestamp service vouch for a receipt, where the settings say so. Receipts
/// whose proofs lead to one checkpoint share its timestamp; without an answer in time a
/// receipt goes without, and that shows as degraded.
pub(crate) async fn stamp(site: &Site, receipt: ReceiptFile) -> ReceiptFile {
    let (Some(service), Timestamped::WhereAnswered) =
        (&site.record.timestamp, site.receipts.timestamped)
    else {
        return receipt;
    };
    // Behind a service that does not answer, only so many wait for their turn.
    let Ok(_turn) = tokio::time::timeout(timestamp::PATIENCE.total, site.stamping.lock()).await
    else {
        return receipt;
    };
    match site.province.receipt_timestamp(&receipt) {
        Ok(Some(answer)) => return receipt.with_timestamp(answer),
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "a kept timestamp could not be read"),
    }
    let query = match site.province.receipt_timestamp_query(&receipt) {
        Ok(query) => query,
        Err(error) => {
            tracing::error!(%error, "no timestamp could be asked for");
            return receipt;
        }
    };
    let answer = timestamp::ask_in_time(&site.client, &service.url, query.der()).await;
    match site.province.keep_timestamp(query, answer.clone()).await {
        // Kept, it is an answer to this very question.
        Ok(()) => answer.map(|answer| receipt.clone().with_timestamp(answer)).unwrap_or(receipt),
        Err(error) => {
            tracing::warn!(%error, service = %service.url, "no timestamp of a receipt");
            receipt
        }
    }
}
