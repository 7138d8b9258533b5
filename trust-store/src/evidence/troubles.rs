//! What does not work at the moment, for the health view.

use std::sync::{Mutex, PoisonError};

/// The troubles of those who keep evidence, each until its next success.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    pub(super) signing: Trouble,
    pub(super) copying: Trouble,
    pub(super) timestamping: Trouble,
}

/// One thing that works, or does not.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<Option<String>>);

impl Troubles {
    /// All of them in words.
    pub(super) fn all(&self) -> Vec<String> {
        let all = [&self.signing, &self.copying, &self.timestamping];
        all.into_iter().filter_map(Trouble::get).collect()
    }
}

impl Trouble {
    /// It works, or why it does not; what is new is logged.
    pub(super) fn set(&self, trouble: Option<String>) {
        // A text is whole or not there: a poisoned lock is usable.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trouble) = &trouble
            && known.as_ref() != Some(trouble)
        {
            tracing::warn!(trouble, "evidence is not kept as it should be");
        }
        *known = trouble;
    }

    fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
