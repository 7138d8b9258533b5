//! Waiting for more than our own disk.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::error::StoreError;

/// Resolves when a record is confirmed, or will not be in time.
pub type Confirmed<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;

/// Who must confirm a record before it is acknowledged, beside our own disk.
pub trait Acknowledgement: fmt::Debug + Send + Sync {
    /// Whether a record appended now could be confirmed: asked before a sign-in is
    /// recorded, so that the record does not fill with what nobody is told of.
    ///
    /// # Errors
    /// [`StoreError::NoStandby`].
    fn ready(&self) -> Result<(), StoreError>;

    /// Waits until a record that is durable here is confirmed.
    ///
    /// # Errors
    /// [`StoreError::NotConfirmed`]; the record holds nevertheless.
    fn confirmed(&self, sequence: u64) -> Confirmed<'_>;
}
