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

    /// Whether there is anybody at all who could confirm: asked before anything that is
    /// acknowledged is recorded. What an operator does about a lost standby is recorded
    /// without it, so a standby that is away is no reason.
    ///
    /// # Errors
    /// [`StoreError::NoGateway`].
    fn exists(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Waits until a record that is durable here is confirmed.
    ///
    /// # Errors
    /// [`StoreError::NotConfirmed`]; the record holds nevertheless.
    fn confirmed(&self, sequence: u64) -> Confirmed<'_>;
}
