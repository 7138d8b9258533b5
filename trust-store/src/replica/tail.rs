//! The newest records, in memory, for the standby that keeps up.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::watch;

use crate::error::StoreError;
use crate::journal::Records;
use crate::province::Province;

/// How many bytes of frames are kept: some thousand records.
const KEPT_BYTES: usize = 16 << 20;

/// The frames of the newest durable records, and word of each new one.
#[derive(Debug, Clone)]
pub struct ReplicaTail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kept: Mutex<Kept>,
    last: watch::Sender<u64>,
}

#[derive(Debug)]
struct Kept {
    /// The sequence of the first frame kept, or of the next one.
    first: u64,
    frames: VecDeque<Vec<u8>>,
    bytes: usize,
}

impl Province {
    /// Follows the journal from now on, on a thread that ends with it.
    ///
    /// # Errors
    /// [`StoreError`] when the thread cannot be started.
    pub fn replica_tail(&self) -> Result<ReplicaTail, StoreError> {
        let last = self.journal().position().sequence;
        let kept = Kept { first: last + 1, frames: VecDeque::new(), bytes: 0 };
        let last_told = watch::Sender::new(last);
        let tail = ReplicaTail(Arc::new(Inner { kept: Mutex::new(kept), last: last_told }));
        let records = self.journal().follow(last + 1)?;
        let follower = tail.clone();
        let thread = thread::Builder::new().name("replica-tail".to_owned());
        // It ends when the journal is closed, which the province waits for.
        drop(thread.spawn(move || follower.run(records)).map_err(StoreError::thread)?);
        Ok(tail)
    }
}

impl ReplicaTail {
    /// Tells of each new last durable record.
    pub fn last(&self) -> watch::Receiver<u64> {
        self.0.last.subscribe()
    }

    /// The frames after `sequence`, as many as fit into `limit` bytes and at least
    /// one if there is one; `None` when the next one is no longer kept here.
    pub fn frames_after(&self, sequence: u64, limit: usize) -> Option<Vec<u8>> {
        let kept = self.kept();
        let skip = usize::try_from((sequence + 1).checked_sub(kept.first)?).ok()?;
        let mut frames = Vec::new();
        for frame in kept.frames.iter().skip(skip) {
            if !frames.is_empty() && frames.len() + frame.len() > limit {
                break;
            }
            frames.extend_from_slice(frame);
        }
        Some(frames)
    }

    fn run(&self, records: Records) {
        // An error of the journal is told to its writers; here it is the end.
        for record in records.map_while(Result::ok) {
            let sequence = record.sequence();
            self.kept().push(record.frame().to_vec());
            self.0.last.send_replace(sequence);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Every critical section leaves it whole.
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn push(&mut self, frame: Vec<u8>) {
        self.bytes += frame.len();
        self.frames.push_back(frame);
        while self.bytes > KEPT_BYTES {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.bytes -= oldest.len();
            self.first += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_dropped_is_not_here_and_the_rest_is_in_order() {
        let kept = Kept { first: 5, frames: VecDeque::new(), bytes: 0 };
        let tail =
            ReplicaTail(Arc::new(Inner { kept: Mutex::new(kept), last: watch::Sender::new(4) }));
        assert_eq!(tail.frames_after(4, 100), Some(Vec::new()));
        assert_eq!(tail.frames_after(3, 100), None);
        for byte in [5, 6, 7] {
            tail.kept().push(vec![byte; 10]);
        }
        assert_eq!(tail.frames_after(4, 20), Some([[5; 10], [6; 10]].concat()));
        assert_eq!(tail.frames_after(6, 1), Some(vec![7; 10]));
        tail.kept().push(vec![8; KEPT_BYTES]);
        assert_eq!(tail.frames_after(6, 1), None);
        assert_eq!(tail.frames_after(7, 1).unwrap().len(), KEPT_BYTES);
    }
}
