//! The index of an open province, which a fault may have it open again.
//!
//! sled takes no writes any more once one failed, on a full disk too. Then it is closed,
//! and opened again when that can be done; meanwhile nothing can be read from it.

use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use crate::error::StoreError;
use crate::index::{Index, IndexError, IndexOptions, Opened};
use crate::state::StateError;

/// An index that may be closed for a while.
#[derive(Debug)]
pub(super) struct SharedIndex {
    folder: PathBuf,
    open: RwLock<Option<Index>>,
}

impl SharedIndex {
    pub(super) fn new(folder: PathBuf, index: Index) -> Self {
        Self { folder, open: RwLock::new(Some(index)) }
    }

    /// Does some work with it, and keeps it open until that is done.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Index) -> T) -> Result<T, IndexError> {
        // The index is whole or not there, whoever panicked.
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        match &*open {
            Some(index) => Ok(work(index)),
            None => Err(IndexError::Storage("it is being opened again".to_owned())),
        }
    }

    /// Closes it and opens it again, as far as it is whole; `settle` brings it to where it
    /// was before others read it. Waits for those who do.
    pub(super) fn reopen(
        &self,
        settle: impl FnOnce(&Index) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        // Its lock must be free before another one is opened.
        drop(open.take());
        let opened = Index::open(&self.folder, &IndexOptions::sized_to_folder(&self.folder));
        match opened.map_err(StateError::from)? {
            Opened::Clean(index) => {
                settle(&index)?;
                *open = Some(index);
                Ok(())
            }
            Opened::Damaged { why } => Err(StoreError::State(why)),
        }
    }
}
