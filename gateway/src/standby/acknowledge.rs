//! What the standby has confirmed, and who waits for it.
//!
//! With `acknowledge = "standby"`, once a standby has had everything:
//! - while it is heard of, a record is acknowledged when it has confirmed it;
//! - when it was not heard of for a few seconds, sign-ins are refused before anything
//!   is recorded, and what waits is given up after [`CONFIRM_TIMEOUT`];
//! - after `degrade_after_seconds`, where that is set, the gateway goes on alone and
//!   says so, until the standby has everything again.
//!
//! Before a standby has had everything once, and after a promotion until the next one
//! has, there is nobody to wait for: the gateway goes on alone and says so too.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tongxing_trust_store::{Acknowledgement, Clock, Confirmed, StoreError};

use super::pairing::{Pairing, PeerIs};
use super::wire::POLL;
use crate::config::{AcknowledgeConfig, StandbyConfig};

/// For so long a record waits for its confirmation.
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(10);

/// A standby that was not heard of for so long is away: it asks every [`POLL`], and
/// may take a while over what it was given.
const AWAY: Duration = Duration::from_secs(5);

const _: () =
    assert!(POLL.as_secs() < AWAY.as_secs() && AWAY.as_secs() < CONFIRM_TIMEOUT.as_secs());

/// What the primary knows of its standby. Times are the clock's, in milliseconds, and
/// decide nothing but how long somebody is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Progress {
    /// The last record that it has for good, once it said so to this process.
    pub(super) confirmed: Option<u64>,
    /// When it was last heard of; the start of this process before.
    heard: i64,
    /// When it last had everything.
    level: Option<i64>,
    /// Whether we go on without it.
    pub(super) alone: bool,
}

impl Progress {
    fn has(&self, sequence: u64) -> bool {
        self.confirmed.is_some_and(|confirmed| confirmed >= sequence)
    }
}

/// Confirmations, and those who wait for them.
#[derive(Debug)]
pub(super) struct Acknowledgements {
    waits: bool,
    degrade_after: Option<Duration>,
    /// How long a record waits.
    patience: Duration,
    clock: Arc<dyn Clock>,
    pairing: Arc<Pairing>,
    progress: watch::Sender<Progress>,
}

impl Acknowledgements {
    pub(super) fn new(
        config: &StandbyConfig,
        pairing: &Arc<Pairing>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let now = clock.now_millis();
        let progress = Progress { confirmed: None, heard: now, level: None, alone: false };
        Self {
            waits: config.acknowledge == AcknowledgeConfig::Standby,
            degrade_after: config.degrade_after,
            patience: CONFIRM_TIMEOUT,
            clock: Arc::clone(clock),
            pairing: Arc::clone(pairing),
            progress: watch::Sender::new(progress),
        }
    }

    /// The standby has everything up to `confirmed`; `last` is what there is. Returns
    /// whether it has everything.
    pub(super) fn confirm(&self, confirmed: u64, last: u64) -> bool {
        let level = confirmed >= last;
        self.progress.send_modify(|progress| {
            let now = self.clock.now_millis();
            (progress.confirmed, progress.heard) = (Some(confirmed), now);
            if level {
                progress.level = Some(now);
                if std::mem::take(&mut progress.alone) {
                    tracing::info!("the standby has everything again: it is waited for");
                }
            }
        });
        level
    }

    /// It said something, whatever it was.
    pub(super) fn hear(&self) {
        self.progress.send_modify(|progress| progress.heard = self.clock.now_millis());
    }

    pub(super) fn progress(&self) -> Progress {
        *self.progress.borrow()
    }

    /// Goes on alone, if it is set so and the standby has been away for long enough.
    /// Called often; says so once.
    pub(super) fn look(&self) {
        let Some(after) = self.degrade_after.filter(|_| self.waits) else { return };
        let due = |progress: &Progress| {
            !progress.alone && self.has_standby() && self.silent_for(progress) >= after
        };
        self.progress.send_if_modified(|progress| {
            let goes = due(progress);
            if goes {
                let seconds = after.as_secs();
                tracing::warn!(seconds, "the standby is away: going on without it");
                progress.alone = true;
            }
            goes
        });
    }

    /// Waits until the standby has everything up to `last`; at once where none is there.
    /// Whether it has, if there is one.
    pub(super) async fn is_level(&self, last: u64) -> bool {
        let mut progress = self.progress.subscribe();
        let is_done = |progress: &Progress| progress.has(last) || !self.is_present(progress);
        tokio::time::timeout(self.patience, progress.wait_for(is_done)).await.is_ok()
    }

    /// Why records are acknowledged without the standby though it is set otherwise.
    pub(super) fn degraded(&self) -> Option<&'static str> {
        if !self.waits {
            None
        } else if !self.has_standby() {
            Some("records are acknowledged without a standby: there is none yet")
        } else if self.progress().alone {
            Some("records are acknowledged without the standby: it is away")
        } else {
            None
        }
    }

    /// Whether the standby is there.
    pub(super) fn is_present(&self, progress: &Progress) -> bool {
        progress.confirmed.is_some() && self.silent_for(progress) < AWAY
    }

    /// Seconds since it last had everything.
    pub(super) fn behind_for(&self, progress: &Progress) -> Option<u64> {
        progress.level.map(|level| self.since(level).as_secs())
    }

    fn silent_for(&self, progress: &Progress) -> Duration {
        self.since(progress.heard)
    }

    /// Nothing, where the clock was put back meanwhile.
    fn since(&self, moment: i64) -> Duration {
        let millis = self.clock.now_millis().saturating_sub(moment);
        Duration::from_millis(millis.try_into().unwrap_or_default())
    }

    fn has_standby(&self) -> bool {
        self.pairing.peer_is(PeerIs::Standby)
    }

    fn is_waited_for(&self, progress: &Progress) -> bool {
        self.waits && !progress.alone && self.has_standby()
    }
}

impl Acknowledgement for Acknowledgements {
    fn ready(&self) -> Result<(), StoreError> {
        self.look();
        let progress = self.progress();
        if self.is_waited_for(&progress) && !self.is_present(&progress) {
            return Err(StoreError::NoStandby);
        }
        Ok(())
    }

    fn confirmed(&self, sequence: u64) -> Confirmed<'_> {
        Box::pin(async move {
            let mut progress = self.progress.subscribe();
            let has = |progress: &Progress| progress.has(sequence) || !self.is_waited_for(progress);
            match tokio::time::timeout(self.patience, progress.wait_for(has)).await {
                // The sender is this value's own.
                Ok(_) => Ok(()),
                Err(_) => Err(StoreError::NotConfirmed { sequence }),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use tongxing_trust_store::ManualClock;

    use super::*;
    use crate::standby::answer::Content;
    use crate::standby::fingerprint::Fingerprint;
    use crate::standby::pairing::Peer;

    struct World {
        _folder: tempfile::TempDir,
        clock: Arc<ManualClock>,
        waiting: Arc<Acknowledgements>,
    }

    fn world(degrade_after: Option<Duration>) -> World {
        let folder = tempfile::tempdir().unwrap();
        let pairing = Arc::new(Pairing::open(folder.path()).unwrap());
        let key = Fingerprint::of(b"standby");
        pairing.set_peer(Peer { key, address: None, is: PeerIs::Standby }).unwrap();
        let acknowledge = AcknowledgeConfig::Standby;
        let config = StandbyConfig { acknowledge, degrade_after, ..StandbyConfig::default() };
        let clock = Arc::new(ManualClock::at_millis(1_000_000));
        let as_dyn: Arc<dyn Clock> = clock.clone();
        let mut waiting = Acknowledgements::new(&config, &pairing, &as_dyn);
        waiting.patience = Duration::from_millis(20);
        World { _folder: folder, clock, waiting: Arc::new(waiting) }
    }

    #[tokio::test]
    async fn a_record_waits_for_its_confirmation_and_not_for_ever() {
        let World { clock, waiting, .. } = &world(None);
        assert!(matches!(waiting.ready(), Err(StoreError::NoStandby)), "not met yet");
        waiting.confirm(10, 12);
        waiting.ready().unwrap();
        let (confirmed, ()) = tokio::join!(waiting.confirmed(12), async {
            waiting.confirm(11, 12);
            tokio::task::yield_now().await;
            assert!(waiting.confirm(12, 12));
        });
        confirmed.unwrap();
        let late = waiting.confirmed(13).await;
        assert!(matches!(late, Err(StoreError::NotConfirmed { sequence: 13 })));
        clock.advance_millis(4_999);
        waiting.ready().unwrap();
        clock.advance_millis(1);
        assert!(matches!(waiting.ready(), Err(StoreError::NoStandby)), "it went silent");
    }

    #[tokio::test]
    async fn where_it_is_set_so_the_primary_goes_on_alone_until_the_standby_has_everything() {
        let World { clock, waiting, .. } = &world(Some(Duration::from_secs(30)));
        waiting.confirm(10, 10);
        clock.advance_millis(29_999);
        assert!(waiting.ready().is_err());
        assert!(waiting.degraded().is_none());
        clock.advance_millis(1);
        waiting.ready().unwrap();
        assert!(waiting.degraded().is_some());
        waiting.confirmed(11).await.unwrap();
        waiting.confirm(10, 11);
        assert!(waiting.degraded().is_some(), "it is still behind");
        waiting.confirm(11, 11);
        assert!(waiting.degraded().is_none());
    }

    /// A large list over a slow line: each piece that it takes is a sign of life.
    #[tokio::test]
    async fn a_standby_that_takes_a_long_answer_is_there() {
        let World { clock, waiting, .. } = &world(None);
        waiting.confirm(10, 10);
        let mut content = Content::taken_by(vec![7; 1 << 20], waiting);
        let mut pieces = 0;
        while let Some(piece) = content.frame().await {
            assert!(piece.unwrap().data_ref().unwrap().len() <= 64 << 10);
            clock.advance_millis(4_000);
            waiting.ready().unwrap();
            pieces += 1;
        }
        assert_eq!(pieces, 16);
    }

    #[tokio::test]
    async fn who_ends_waits_for_a_standby_that_is_there_and_for_no_other() {
        let World { clock, waiting, .. } = &world(None);
        assert!(waiting.is_level(11).await, "it was never heard of");
        waiting.confirm(10, 11);
        assert!(!waiting.is_level(11).await, "it is there, and has not everything");
        let (level, ()) = tokio::join!(waiting.is_level(11), async {
            waiting.confirm(11, 11);
        });
        assert!(level);
        clock.advance_millis(5_000);
        assert!(waiting.is_level(12).await, "it went away");
    }

    #[tokio::test]
    async fn nobody_waits_for_a_standby_that_is_still_copying() {
        let World { waiting, .. } = &world(None);
        waiting.pairing.set_peer_is(PeerIs::Joining).unwrap();
        waiting.ready().unwrap();
        waiting.confirmed(99).await.unwrap();
        assert!(waiting.degraded().is_some());
    }
}
