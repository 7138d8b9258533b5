//! A province that is opened without a gateway.

use std::sync::Arc;

use tongxing_trust_store::{Acknowledgement, Confirmed, Province, StoreError};

use super::pairing;
use crate::config::{AcknowledgeConfig, Config};
use crate::keys::KeyError;

/// Lets nothing be recorded in a province that acknowledges by its standby: no gateway
/// runs that could ask it, and what is acknowledged without it is gone with this disk.
/// A province whose standby has not had everything once yet acknowledges alone, as its
/// gateway would.
///
/// # Errors
/// [`KeyError`] when who the standby is cannot be read.
pub fn wait_for_gateway(province: &Province, config: &Config) -> Result<(), KeyError> {
    let waits = config.standby.acknowledge == AcknowledgeConfig::Standby;
    if waits && pairing::has_standby(province.folder())? {
        province.acknowledge_with(Arc::new(Nobody));
    }
    Ok(())
}

/// Whoever would confirm.
#[derive(Debug)]
struct Nobody;

impl Acknowledgement for Nobody {
    fn ready(&self) -> Result<(), StoreError> {
        Err(StoreError::NoGateway)
    }

    fn exists(&self) -> Result<(), StoreError> {
        Err(StoreError::NoGateway)
    }

    fn confirmed(&self, sequence: u64) -> Confirmed<'_> {
        Box::pin(async move { Err(StoreError::NotConfirmed { sequence }) })
    }
}
