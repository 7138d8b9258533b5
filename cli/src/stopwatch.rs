//! How long something took, to be shown. Nothing is decided by it.

use std::time::{Duration, Instant};

/// Runs from the moment it is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts.
    #[expect(clippy::disallowed_methods, reason = "shown to people; decides nothing")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// How long it has been running.
    #[expect(clippy::disallowed_methods, reason = "shown to people; decides nothing")]
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
