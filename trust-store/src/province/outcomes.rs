//! Outcomes by sequence number, from the applier to whoever waits.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::state::Outcome;

/// How many outcomes are kept for those who have not asked yet. A submitter
/// asks microseconds after its append; more than the journal's queue holds
/// cannot be outstanding.
const KEPT: usize = 1 << 16;

#[derive(Debug, Default)]
pub(super) struct Outcomes(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Sequence of the first outcome kept.
    first: u64,
    kept: VecDeque<Outcome>,
    waiting: HashMap<u64, oneshot::Sender<Outcome>>,
    stopped: Option<String>,
    /// Why the next outcome is late.
    late: Option<String>,
}

impl Outcomes {
    /// The next outcome will be that of `next`.
    pub(super) fn starting_at(next: u64) -> Self {
        Self(Mutex::new(Inner { first: next, ..Inner::default() }))
    }

    /// The outcome of the next record.
    pub(super) fn publish(&self, outcome: Outcome) {
        let mut inner = self.lock();
        let sequence = inner.first + inner.kept.len() as u64;
        if let Some(waiting) = inner.waiting.remove(&sequence) {
            // Who stopped waiting does not want it.
            let _ = waiting.send(outcome.clone());
        }
        inner.kept.push_back(outcome);
        if inner.kept.len() > KEPT {
            inner.kept.pop_front();
            inner.first += 1;
        }
    }

    /// The applier ended; whoever waits gets no answer.
    pub(super) fn stop(&self, why: String) {
        let mut inner = self.lock();
        inner.waiting.clear();
        inner.stopped.get_or_insert(why);
    }

    /// The next outcome is late, and why. Whether that is new.
    pub(super) fn are_late(&self, why: String) -> bool {
        let mut inner = self.lock();
        let is_new = inner.late.as_ref() != Some(&why);
        inner.late = Some(why);
        is_new
    }

    /// They come in time again.
    pub(super) fn come_in_time(&self) {
        self.lock().late = None;
    }

    /// Whether the outcome of a record made now would be told, and soon.
    pub(super) fn are_told(&self) -> Result<(), StoreError> {
        let inner = self.lock();
        match inner.stopped.as_ref().or(inner.late.as_ref()) {
            Some(why) => Err(StoreError::ApplierStopped { why: why.clone() }),
            None => Ok(()),
        }
    }

    /// Whether the outcome of a record made now would be told at all.
    pub(super) fn are_not_over(&self) -> Result<(), StoreError> {
        match self.stopped() {
            Some(why) => Err(StoreError::ApplierStopped { why }),
            None => Ok(()),
        }
    }

    pub(super) fn stopped(&self) -> Option<String> {
        self.lock().stopped.clone()
    }

    /// The outcome of a record that is durable.
    pub(super) async fn wait(&self, sequence: u64) -> Result<Outcome, StoreError> {
        let receiver = {
            let mut inner = self.lock();
            let place = sequence.checked_sub(inner.first);
            let place = place.and_then(|place| usize::try_from(place).ok());
            let Some(place) = place else {
                return Err(StoreError::OutcomeGone { sequence });
            };
            if let Some(outcome) = inner.kept.get(place) {
                return Ok(outcome.clone());
            }
            if let Some(why) = &inner.stopped {
                return Err(StoreError::ApplierStopped { why: why.clone() });
            }
            let (sender, receiver) = oneshot::channel();
            inner.waiting.insert(sequence, sender);
            receiver
        };
        receiver.await.map_err(|_| {
            let why = self.stopped().unwrap_or_else(|| "closed".to_owned());
            StoreError::ApplierStopped { why }
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every critical section leaves it consistent, so a poisoned lock is usable.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn early_and_late_askers_get_the_same_outcome() {
        let outcomes = Outcomes::starting_at(5);
        outcomes.publish(Outcome::Done);
        assert_eq!(outcomes.wait(5).await.unwrap(), Outcome::Done);
        let waiting = outcomes.wait(6);
        tokio::pin!(waiting);
        let pending = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(waiting.as_mut().poll(cx).is_pending())
        });
        assert!(pending.await);
        outcomes.publish(Outcome::Stale);
        assert_eq!(waiting.await.unwrap(), Outcome::Stale);
    }

    #[tokio::test]
    async fn a_stopped_applier_answers_nobody() {
        let outcomes = Outcomes::starting_at(1);
        outcomes.stop("index".to_owned());
        let error = outcomes.wait(1).await.unwrap_err();
        assert!(error.to_string().contains("index"), "{error}");
        assert!(outcomes.wait(0).await.is_err());
    }
}
