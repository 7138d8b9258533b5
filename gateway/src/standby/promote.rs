//! Taking the primary's place.
//!
//! 1. It is asked whether this gateway could: it is a standby, and its clock is not
//!    behind the record.
//! 2. The primary is told that the next term begins. It writes that it is fenced,
//!    finishes what is being written, and answers with its last record. When it cannot
//!    be reached an operator must say that it is off: two gateways that both sign for
//!    one province contradict each other, and nobody here can tell a gateway that is
//!    off from a line that is cut.
//! 3. What is left is copied. Interrupted here, nobody takes sign-ins; promoting again
//!    goes on.
//! 4. The term is journaled; from here on this gateway is the primary, also after a
//!    power cut. Records confirmed to the old one are all here. By force: checkpoints
//!    that the old one signed over more than is here are accepted as lost first, and the
//!    record says so.
//! 5. Token keys rotate here now, checkpoints are copied to the second place, and the
//!    old one, where it was not reached, is told as soon as it is.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tongxing_trust_store::{Actor, CommandError, Reply, StoreError};

use super::client::PeerError;
use super::follow::{blocking, connect};
use super::pairing::PeerIs;
use super::wire::Fenced;
use crate::site::Site;

/// For so long the rest of the record may take.
const CATCH_UP_TIMEOUT: Duration = Duration::from_mins(2);

/// Lets this gateway take the primary's place.
pub(crate) async fn promote(
    site: &Arc<Site>,
    by: &Actor,
    force: bool,
) -> Result<Reply, CommandError> {
    let _one = site.replication.promoting.lock().await;
    site.province.check_promotable()?;
    let term = site.province.term()? + 1;
    let told = fence_primary(site, term).await;
    let now_is = match told {
        Ok(end) => {
            catch_up(site, end).await?;
            PeerIs::Fenced
        }
        Err(error @ (PeerError::Unreachable { .. } | PeerError::Failed(_))) if force => {
            tracing::warn!(%error, "promoted by force: the primary did not stop for good");
            PeerIs::Superseded
        }
        Err(error @ (PeerError::Unreachable { .. } | PeerError::Failed(_))) => {
            return Err(unasked(&error));
        }
        Err(error) => return Err(CommandError::refused(error.to_string())),
    };
    // Nothing is being taken over any more, and nothing will be.
    let round = site.replication.round.lock().await;
    let sequence = match now_is {
        PeerIs::Superseded => {
            let copy = site.record.checkpoint_copy.as_deref();
            site.province.danger_promote_by_force(term, copy, by).await?
        }
        _ => site.province.promote(term, by).await?,
    };
    drop(round);
    take_over(site, now_is).await;
    tracing::info!(term, sequence, "this gateway is the primary now");
    Ok(Reply::Done { sequence, cancelled: Vec::new() })
}

fn unasked(error: &PeerError) -> CommandError {
    CommandError::refused(format!(
        "the primary did not stop for good: {error}. If it still serves, two gateways would \
         record different things under one name. See that it is off and cannot start by itself; \
         then promote with --force. What it acknowledged without this standby's confirmation \
         would be lost: with `acknowledge = \"standby\"`, nothing"
    ))
}

/// Step 2.
async fn fence_primary(site: &Arc<Site>, term: u64) -> Result<Fenced, PeerError> {
    let peer = site.replication.pairing.peer().ok_or_else(|| PeerError::Unreachable {
        address: "the primary".to_owned(),
        problem: "this standby is not paired with one".to_owned(),
    })?;
    connect(site, &peer).await?.fence(term).await
}

/// Step 3: the follower copies, this waits.
async fn catch_up(site: &Arc<Site>, end: Fenced) -> Result<(), CommandError> {
    site.replication.changed.notify_one();
    let mut last = site.replication.tail.last();
    let reached = last.wait_for(|last| *last >= end.sequence);
    match tokio::time::timeout(CATCH_UP_TIMEOUT, reached).await {
        Ok(Ok(_)) => {}
        Ok(Err(_)) | Err(_) => {
            return Err(CommandError::unavailable(format!(
                "the primary is fenced, and its last record {} is not here yet: see `tongxing \
                 standby status`, and promote again",
                end.sequence
            )));
        }
    }
    let of_thread = Arc::clone(site);
    let own = blocking(move || of_thread.province.record_hash(end.sequence)).await?;
    if own == end.hash {
        return Ok(());
    }
    let why = "the primary's last record is another".to_owned();
    Err(StoreError::Diverged { sequence: end.sequence, why }.into())
}

/// Step 5. What fails here is logged: the gateway is the primary, and goes on trying.
async fn take_over(site: &Arc<Site>, old_is: PeerIs) {
    if let Err(error) = site.replication.pairing.set_peer_is(old_is) {
        tracing::error!(%error, "what the old primary is could not be written down");
    }
    site.replication.changed.notify_one();
    let (of_thread, now) = (Arc::clone(site), site.now());
    let keys = move || of_thread.keys.reload(now).and_then(|()| of_thread.keys.maintain(now));
    match tokio::task::spawn_blocking(keys).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "token signing keys could not be maintained"),
        Err(error) => tracing::error!(%error, "maintaining token signing keys was cut off"),
    }
    let Some(place) = site.record.checkpoint_copy.as_deref().map(Path::to_owned) else { return };
    let of_thread = Arc::clone(site);
    if let Err(error) = blocking(move || of_thread.province.copy_checkpoints_to(&place)).await {
        tracing::error!(%error, "checkpoints are not copied to their second place");
    }
}
