//! What a gateway does by itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tongxing_trust_store::{Actor, ImageView, ReplicaRole, StoreError};

use crate::site::Site;
use crate::standby;
use crate::tls::{CertificateTls, Hints};
use crate::{evidence, refresh, webhooks};

/// How often keys are looked at, given-up ones destroyed and refusals summarised.
const MINUTE: Duration = Duration::from_mins(1);

/// How often blobs are swept: what a sweep removes is a day old at least.
const DAY: Duration = Duration::from_hours(24);

/// Starts the timers; they end when the set is shut down.
pub(super) fn start(site: &Arc<Site>, tls: &Arc<CertificateTls>) -> JoinSet<()> {
    let mut timers = JoinSet::new();
    timers.spawn(follow_trust(Arc::clone(site), Arc::clone(tls)));
    timers.spawn(every_minute(Arc::clone(site)));
    timers.spawn(every_day(Arc::clone(site)));
    timers.spawn(take_images(Arc::clone(site)));
    timers.spawn(evidence::keep(Arc::clone(site)));
    timers.spawn(standby::keep(Arc::clone(site)));
    timers.spawn(refresh::keep(Arc::clone(site)));
    timers.spawn(refresh::watch(Arc::clone(site)));
    timers.spawn(webhooks::keep(Arc::clone(site)));
    timers
}

/// Hints follow enrolment: each published snapshot's go out with the next
/// handshake.
async fn follow_trust(site: Arc<Site>, tls: Arc<CertificateTls>) {
    let mut revisions = site.province.revisions();
    // What was published between start and here counts too.
    revisions.mark_changed();
    while revisions.changed().await.is_ok() {
        tls.set_hints(Hints::of(site.province.snapshot().hints()));
    }
}

async fn every_minute(site: Arc<Site>) {
    let mut minutes = tokio::time::interval(MINUTE);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        site.flush_refusals().await;
        site.rates.forget_idle();
        maintain_keys(&site).await;
        tidy(&site).await;
    }
}

/// Makes and drops keys, on a thread that may wait for the disk. Where another
/// gateway does that, the one whose time has come is published.
async fn maintain_keys(site: &Arc<Site>) {
    let now = site.now();
    let of_thread = Arc::clone(site);
    let maintaining = move || match of_thread.province.role() {
        ReplicaRole::Primary => of_thread.keys.maintain(now),
        ReplicaRole::Standby | ReplicaRole::Fenced => of_thread.keys.reload(now),
    };
    match tokio::task::spawn_blocking(maintaining).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "token signing keys could not be maintained"),
        Err(error) => tracing::error!(%error, "maintaining token signing keys was cut off"),
    }
}

/// Takes an image of the state whenever enough records have come, on a thread that
/// may wait for the disk.
async fn take_images(site: Arc<Site>) {
    let mut minutes = tokio::time::interval(MINUTE);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        minutes.tick().await;
        let of_thread = Arc::clone(&site);
        let runtime = Handle::current();
        let taking = move || runtime.block_on(take_due_image(&of_thread));
        match tokio::task::spawn_blocking(taking).await {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(image))) => {
                tracing::info!(sequence = image.sequence, rows = image.rows, "an image was taken");
            }
            Ok(Err(error)) => tracing::error!(%error, "no image of the state could be taken"),
            Err(error) => tracing::error!(%error, "taking an image was cut off"),
        }
    }
}

async fn take_due_image(site: &Site) -> Result<Option<ImageView>, StoreError> {
    if site.province.role() != ReplicaRole::Primary {
        return Ok(None);
    }
    let is_due = site.province.records_since_image()? >= site.record.image_every;
    // An image is a convenience: it takes nothing from the disk's reserve.
    if !is_due || site.province.disk().is_short() {
        return Ok(None);
    }
    site.province.take_image(&Actor::Gateway).await.map(Some)
}

/// Destroys the keys of persons whose sign-in was not admitted, and sees to the
/// disk's reserve.
async fn tidy(site: &Arc<Site>) {
    let of_thread = Arc::clone(site);
    let tidying = move || {
        of_thread.province.tend_reserve();
        of_thread.province.destroy_given_up_keys()
    };
    match tokio::task::spawn_blocking(tidying).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "keys that were given up are still there"),
        Err(error) => tracing::error!(%error, "destroying keys was cut off"),
    }
}

async fn every_day(site: Arc<Site>) {
    let mut days = tokio::time::interval(DAY);
    days.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        days.tick().await;
        let of_thread = Arc::clone(&site);
        match tokio::task::spawn_blocking(move || of_thread.province.sweep_blobs()).await {
            Ok(Ok(0)) => {}
            Ok(Ok(removed)) => tracing::info!(removed, "blobs that no record names were removed"),
            Ok(Err(error)) => tracing::error!(%error, "blobs could not be swept"),
            Err(error) => tracing::error!(%error, "sweeping blobs was cut off"),
        }
    }
}
