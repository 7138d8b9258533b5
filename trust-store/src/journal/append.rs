//! The answer to an append: awaited, or waited for by a thread.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use tokio::sync::oneshot;

use super::{JournalError, RecordHash};

/// A record that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its sequence.
    pub sequence: u64,
    /// The writer's clock that it was stamped with, in Unix milliseconds.
    pub time_millis: i64,
    /// The hash of its frame.
    pub hash: RecordHash,
}

pub(super) type Answer<T> = oneshot::Sender<Result<T, JournalError>>;

/// Resolves when the record is durable, or will never be acknowledged.
///
/// After an error other than a refusal ([`JournalError::is_refusal`]) the record
/// may yet be found when the journal is opened again: it is then a record like any
/// other.
#[derive(Debug)]
#[must_use = "an append is acknowledged only when it resolves"]
pub struct Append(pub(super) Awaited<Appended>);

impl Append {
    pub(super) fn waiting() -> (Answer<Appended>, Self) {
        let (answer, waiting) = Awaited::new();
        (answer, Self(waiting))
    }

    pub(super) fn refused(error: JournalError) -> Self {
        let (answer, waiting) = Self::waiting();
        // The receiver is in `waiting`, so it cannot have been dropped.
        let _ = answer.send(Err(error));
        waiting
    }

    /// Blocks this thread until the answer is there. Inside an async task await
    /// instead, so that the thread stays free for others.
    pub fn wait(self) -> Result<Appended, JournalError> {
        self.0.wait()
    }
}

impl Future for Append {
    type Output = Result<Appended, JournalError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

/// An answer of the writer's.
#[derive(Debug)]
pub(super) struct Awaited<T>(oneshot::Receiver<Result<T, JournalError>>);

impl<T> Awaited<T> {
    pub(super) fn new() -> (Answer<T>, Self) {
        let (answer, waiting) = oneshot::channel();
        (answer, Self(waiting))
    }

    pub(super) fn wait(mut self) -> Result<T, JournalError> {
        let waker = Arc::new(Unpark(thread::current())).into();
        let mut context = Context::from_waker(&waker);
        loop {
            match Pin::new(&mut self).poll(&mut context) {
                Poll::Ready(answer) => return answer,
                // Woken for nothing, it looks again.
                Poll::Pending => thread::park(),
            }
        }
    }
}

impl<T> Future for Awaited<T> {
    type Output = Result<T, JournalError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(context)
            .map(|answer| answer.unwrap_or(Err(JournalError::Closed)))
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
