//! What the writer thread shares with everybody else: the appends that wait,
//! and the end of what is durable.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::append::{Answer, Appended, Awaited};
use super::merkle::{MerkleTree, TreeHash};
use super::recovery::Recovered;
use super::{Append, JournalError, MAX_PAYLOAD, Position};

/// After so long without an append the hint is synced.
const QUIET: Duration = Duration::from_secs(1);

/// Whether a record may use the room that is kept for a full disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Ordinary,
    Reserved,
}

/// What waits for the writer.
#[derive(Debug)]
pub(super) enum Waiting {
    /// A payload to make a record of.
    Record { payload: Vec<u8>, flags: u32, need: Need, answer: Answer<Appended> },
    /// Records as another journal has them.
    Frames { bytes: Vec<u8>, answer: Answer<Appended> },
    /// The open segment is to be closed.
    Seal { answer: Answer<()> },
}

impl Waiting {
    /// How many bytes it keeps in memory.
    fn bytes(&self) -> usize {
        match self {
            Self::Record { payload: bytes, .. } | Self::Frames { bytes, .. } => bytes.len(),
            Self::Seal { .. } => 0,
        }
    }

    /// Tells who asked that it will not be done.
    pub(super) fn refuse(self, error: JournalError) {
        // Whoever asked may have stopped waiting.
        let _ = match self {
            Self::Record { answer, .. } | Self::Frames { answer, .. } => {
                answer.send(Err(error)).is_ok()
            }
            Self::Seal { answer } => answer.send(Err(error)).is_ok(),
        };
    }
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
    /// The writer is done with what it took.
    idle: Condvar,
    budget: usize,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    bytes: usize,
    /// Why nothing is queued any more.
    refusal: Option<JournalError>,
    /// The writer is to end after what waits.
    closing: bool,
    /// The writer is at what it took last.
    writing: bool,
}

#[derive(Debug)]
struct Progress {
    tail: Tail,
    /// The last ordinary record found no room.
    full: bool,
    /// The tree over all durable records.
    tree: MerkleTree,
    /// How many leaves the sealed segments hold.
    sealed: u64,
    /// The leaves after those.
    leaves: Vec<TreeHash>,
    over: Option<Over>,
}

#[derive(Debug, Clone)]
enum Over {
    Closed,
    Failed(JournalError),
}

impl Shared {
    /// Where opening left off; `budget` bytes of payloads may wait.
    pub(super) fn starting(recovered: &mut Recovered, budget: usize) -> Self {
        let (tail, tree) = (recovered.open.tail, recovered.open.growth.tree().clone());
        let leaves = std::mem::take(&mut recovered.leaves);
        let sealed = tree.size() - leaves.len() as u64;
        Self {
            queue: Mutex::new(Queue::default()),
            work: Condvar::new(),
            progress: Mutex::new(Progress { tail, full: false, tree, sealed, leaves, over: None }),
            moved: Condvar::new(),
            idle: Condvar::new(),
            budget,
        }
    }

    /// Queues a payload, or refuses it at once.
    pub(super) fn append(&self, payload: Vec<u8>, flags: u32, need: Need) -> Append {
        if payload.is_empty() || payload.len() > MAX_PAYLOAD {
            return Append::refused(JournalError::PayloadSize { len: payload.len() });
        }
        let (answer, append) = Append::waiting();
        self.push(Waiting::Record { payload, flags, need, answer });
        append
    }

    /// Queues frames of another journal, or refuses them at once.
    pub(super) fn append_frames(&self, bytes: Vec<u8>) -> Append {
        let (answer, append) = Append::waiting();
        self.push(Waiting::Frames { bytes, answer });
        append
    }

    /// Asks for the open segment to be closed.
    pub(super) fn seal(&self) -> Awaited<()> {
        let (answer, sealed) = Awaited::new();
        self.push(Waiting::Seal { answer });
        sealed
    }

    fn push(&self, waiting: Waiting) {
        let mut queue = held(&self.queue);
        let bytes = queue.bytes + waiting.bytes();
        let refusal = match &queue.refusal {
            Some(refusal) => Some(refusal.clone()),
            None if bytes > self.budget => Some(JournalError::Overloaded),
            None => None,
        };
        if let Some(refusal) = refusal {
            drop(queue);
            return waiting.refuse(refusal);
        }
        queue.bytes = bytes;
        queue.waiting.push(waiting);
        drop(queue);
        self.work.notify_one();
    }

    /// Waits for work. Only when `restless` does a quiet second end the waiting.
    pub(super) fn take(&self, restless: bool) -> Work {
        let mut queue = held(&self.queue);
        queue.writing = false;
        self.idle.notify_all();
        loop {
            if !queue.waiting.is_empty() {
                queue.bytes = 0;
                queue.writing = true;
                return Work::Write(std::mem::take(&mut queue.waiting));
            }
            if queue.closing {
                return Work::Close;
            }
            if restless {
                let (back, timeout) =
                    self.work.wait_timeout(queue, QUIET).unwrap_or_else(PoisonError::into_inner);
                queue = back;
                if timeout.timed_out() && queue.waiting.is_empty() && !queue.closing {
                    return Work::Quiet;
                }
            } else {
                queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Refuses further appends; the writer ends after those that wait.
    pub(super) fn close(&self) {
        let mut queue = held(&self.queue);
        queue.closing = true;
        queue.refusal.get_or_insert(JournalError::Closed);
        drop(queue);
        self.work.notify_one();
    }

    /// Refuses further appends and those that wait. When this returns, nothing is
    /// being written, and nothing will be acknowledged any more.
    pub(super) fn fence(&self, term: u64) {
        let fenced = JournalError::Fenced { term };
        let mut queue = held(&self.queue);
        queue.refusal.get_or_insert(fenced.clone());
        let stranded = std::mem::take(&mut queue.waiting);
        queue.bytes = 0;
        while queue.writing {
            queue = self.idle.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        drop(queue);
        for waiting in stranded {
            waiting.refuse(fenced.clone());
        }
    }

    /// Tells followers of a new durable end, with the leaves of its last records.
    pub(super) fn advance(&self, tail: Tail, tree: &MerkleTree, leaves: &mut Vec<TreeHash>) {
        let mut progress = held(&self.progress);
        progress.tail = tail;
        progress.tree.clone_from(tree);
        progress.leaves.append(leaves);
        drop(progress);
        self.moved.notify_all();
    }

    /// Lets go of the leaves up to `last`, which the sealed segments now hold.
    pub(super) fn sealed_up_to(&self, last: u64) {
        let mut progress = held(&self.progress);
        let count = usize::try_from(last - progress.sealed).unwrap_or(usize::MAX);
        progress.leaves.drain(..count);
        progress.leaves.shrink_to_fit();
        progress.sealed = last;
    }

    /// Leaves from index `from` on that no sealed segment holds yet, and the index
    /// that the first of them has: `from`, or a later one.
    pub(super) fn unsealed(&self, from: u64) -> (u64, Vec<TreeHash>) {
        let progress = held(&self.progress);
        let skipped = usize::try_from(from.saturating_sub(progress.sealed)).unwrap_or(usize::MAX);
        let leaves = progress.leaves.get(skipped..).unwrap_or_default();
        (from.max(progress.sealed), leaves.to_vec())
    }

    /// How many leaves the sealed segments hold.
    pub(super) fn sealed(&self) -> u64 {
        held(&self.progress).sealed
    }

    /// Whether the last ordinary record found no room.
    pub(super) fn is_full(&self) -> bool {
        held(&self.progress).full
    }

    pub(super) fn set_full(&self, full: bool) {
        held(&self.progress).full = full;
    }

    /// The last durable record, and the tree that ends with it.
    pub(super) fn tree(&self) -> (Position, MerkleTree) {
        let progress = held(&self.progress);
        (progress.tail.position, progress.tree.clone())
    }

    /// The writer has ended: nothing will become durable any more.
    pub(super) fn end(&self, failure: Option<JournalError>) {
        let over = failure.clone().map_or(Over::Closed, Over::Failed);
        let refusal = failure.unwrap_or(JournalError::Closed);
        let stranded = {
            let mut queue = held(&self.queue);
            if matches!(over, Over::Failed(_)) {
                queue.refusal = Some(refusal.clone());
            }
            queue.refusal.get_or_insert(JournalError::Closed);
            queue.writing = false;
            self.idle.notify_all();
            std::mem::take(&mut queue.waiting)
        };
        for waiting in stranded {
            waiting.refuse(refusal.clone());
        }
        held(&self.progress).over.get_or_insert(over);
        self.moved.notify_all();
    }

    pub(super) fn tail(&self) -> Tail {
        held(&self.progress).tail
    }

    pub(super) fn failure(&self) -> Option<JournalError> {
        if let Some(Over::Failed(error)) = &held(&self.progress).over {
            return Some(error.clone());
        }
        let refusal = held(&self.queue).refusal.clone();
        let refusal = refusal.filter(|refusal| !matches!(refusal, JournalError::Closed));
        refusal.or_else(|| self.is_full().then_some(JournalError::DiskFull))
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
