//! What the writer thread shares with everybody else: the appends that wait,
//! and the end of what is durable.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::append::Answer;
use super::{Append, JournalError, MAX_PAYLOAD, Position};

/// After so long without an append the hint is synced.
const QUIET: Duration = Duration::from_secs(1);

/// An append that waits for the writer.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) payload: Vec<u8>,
    pub(super) flags: u32,
    pub(super) answer: Answer,
}

/// The end of what is durable.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    pub(super) position: Position,
    /// The segment that ends there, by its first sequence.
    pub(super) segment: u64,
    /// The byte in it where the next frame will begin.
    pub(super) offset: u64,
}

/// What the writer is to do.
#[derive(Debug)]
pub(super) enum Work {
    Write(Vec<Waiting>),
    Quiet,
    Close,
}

#[derive(Debug)]
pub(super) struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
    progress: Mutex<Progress>,
    moved: Condvar,
    budget: usize,
}

#[derive(Debug)]
struct Queue {
    waiting: Vec<Waiting>,
    bytes: usize,
    refusal: Option<JournalError>,
}

#[derive(Debug)]
struct Progress {
    tail: Tail,
    over: Option<Over>,
}

#[derive(Debug, Clone)]
enum Over {
    Closed,
    Failed(JournalError),
}

impl Shared {
    /// `budget` bytes of payloads may wait.
    pub(super) fn new(tail: Tail, budget: usize) -> Self {
        Self {
            queue: Mutex::new(Queue { waiting: Vec::new(), bytes: 0, refusal: None }),
            work: Condvar::new(),
            progress: Mutex::new(Progress { tail, over: None }),
            moved: Condvar::new(),
            budget,
        }
    }

    /// Queues an append, or refuses it at once.
    pub(super) fn push(&self, payload: Vec<u8>, flags: u32) -> Append {
        if payload.is_empty() || payload.len() > MAX_PAYLOAD {
            return Append::refused(JournalError::PayloadSize { len: payload.len() });
        }
        let mut queue = held(&self.queue);
        if let Some(refusal) = &queue.refusal {
            return Append::refused(refusal.clone());
        }
        if queue.bytes + payload.len() > self.budget {
            return Append::refused(JournalError::Overloaded);
        }
        queue.bytes += payload.len();
        let (answer, append) = Append::waiting();
        queue.waiting.push(Waiting { payload, flags, answer });
        drop(queue);
        self.work.notify_one();
        append
    }

    /// Waits for work. Only when `restless` does a quiet second end the waiting.
    pub(super) fn take(&self, restless: bool) -> Work {
        let mut queue = held(&self.queue);
        loop {
            if !queue.waiting.is_empty() {
                queue.bytes = 0;
                return Work::Write(std::mem::take(&mut queue.waiting));
            }
            if queue.refusal.is_some() {
                return Work::Close;
            }
            if restless {
                let (back, timeout) =
                    self.work.wait_timeout(queue, QUIET).unwrap_or_else(PoisonError::into_inner);
                queue = back;
                if timeout.timed_out() && queue.waiting.is_empty() && queue.refusal.is_none() {
                    return Work::Quiet;
                }
            } else {
                queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Refuses further appends; the writer ends after those that wait.
    pub(super) fn close(&self) {
        held(&self.queue).refusal.get_or_insert(JournalError::Closed);
        self.work.notify_one();
    }

    /// Tells followers of a new durable end.
    pub(super) fn advance(&self, tail: Tail) {
        held(&self.progress).tail = tail;
        self.moved.notify_all();
    }

    /// The writer has ended: nothing will become durable any more.
    pub(super) fn end(&self, failure: Option<JournalError>) {
        let over = failure.clone().map_or(Over::Closed, Over::Failed);
        let refusal = failure.unwrap_or(JournalError::Closed);
        let stranded = {
            let mut queue = held(&self.queue);
            queue.refusal = Some(refusal.clone());
            std::mem::take(&mut queue.waiting)
        };
        for waiting in stranded {
            // Whoever asked may have stopped waiting.
            let _ = waiting.answer.send(Err(refusal.clone()));
        }
        held(&self.progress).over.get_or_insert(over);
        self.moved.notify_all();
    }

    pub(super) fn tail(&self) -> Tail {
        held(&self.progress).tail
    }

    pub(super) fn failure(&self) -> Option<JournalError> {
        match &held(&self.progress).over {
            Some(Over::Failed(error)) => Some(error.clone()),
            Some(Over::Closed) | None => None,
        }
    }

    /// Blocks until a record after `sequence` is durable; `None` when there will
    /// be none because the journal was closed.
    pub(super) fn wait_beyond(&self, sequence: u64) -> Result<Option<Tail>, JournalError> {
        let mut progress = held(&self.progress);
        loop {
            if progress.tail.position.sequence > sequence {
                return Ok(Some(progress.tail));
            }
            match &progress.over {
                Some(Over::Closed) => return Ok(None),
                Some(Over::Failed(error)) => return Err(error.clone()),
                None => {}
            }
            progress = self.moved.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Every critical section here leaves its data whole at each step, so a panic in
/// another thread while it held the lock does not matter.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
