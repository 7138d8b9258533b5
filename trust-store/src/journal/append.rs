//! The answer to an append: awaited, or waited for by a thread.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

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

pub(super) type Answer = oneshot::Sender<Result<Appended, JournalError>>;

/// Resolves when the record is durable, or will never be acknowledged.
///
/// After an error other than a refusal ([`JournalError::ClockBehind`],
/// [`JournalError::PayloadSize`], [`JournalError::Overloaded`],
/// [`JournalError::Closed`]) the record may yet be found when the journal is
/// opened again: it is then a record like any other.
#[derive(Debug)]
#[must_use = "an append is acknowledged only when it resolves"]
pub struct Append(oneshot::Receiver<Result<Appended, JournalError>>);

impl Append {
    pub(super) fn waiting() -> (Answer, Self) {
        let (answer, waiting) = oneshot::channel();
        (answer, Self(waiting))
    }

    pub(super) fn refused(error: JournalError) -> Self {
        let (answer, waiting) = Self::waiting();
        // The receiver is in `waiting`, so it cannot have been dropped.
        let _ = answer.send(Err(error));
        waiting
    }

    /// Blocks this thread until the answer is there. For threads only: inside an
    /// async task, await instead.
    ///
    /// # Panics
    /// When called from within an async task.
    pub fn wait(self) -> Result<Appended, JournalError> {
        self.0.blocking_recv().unwrap_or(Err(JournalError::Closed))
    }
}

impl Future for Append {
    type Output = Result<Appended, JournalError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(context)
            .map(|answer| answer.unwrap_or(Err(JournalError::Closed)))
    }
}
