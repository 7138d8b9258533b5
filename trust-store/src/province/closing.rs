//! Whether a province is being closed, for those who wait for something else.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

#[derive(Debug, Default)]
pub(super) struct Closing {
    began: Mutex<bool>,
    told: Condvar,
}

impl Closing {
    /// It is being closed: nobody waits for anything any more.
    pub(super) fn begin(&self) {
        *self.held() = true;
        self.told.notify_all();
    }

    pub(super) fn has_begun(&self) -> bool {
        *self.held()
    }

    /// Waits for so long, and no longer than the province is open.
    pub(super) fn wait(&self, at_most: Duration) {
        let waited = self.told.wait_timeout_while(self.held(), at_most, |began| !*began);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn held(&self) -> MutexGuard<'_, bool> {
        // One word is whole, whoever panicked.
        self.began.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
