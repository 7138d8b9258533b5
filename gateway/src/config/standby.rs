//! `[standby]` and `[metrics]`: the second gateway, and the figures about it.

use std::net::SocketAddr;
use std::time::Duration;

use super::ConfigError;
use super::raw::{RawAcknowledge, RawMetrics, RawStandby};
use super::validate::Source;
use crate::standby::check_address;

/// The longest that a standby may be waited for before the primary goes on alone.
const DEGRADE_MAX: u64 = 24 * 3600;

/// The second gateway.
#[derive(Debug, Clone, Default)]
pub(crate) struct StandbyConfig {
    /// Where the other gateway is listened for; without it there is no second one.
    pub(crate) listen: Option<SocketAddr>,
    /// What the other gateway is told to connect to.
    pub(crate) address: Option<String>,
    /// When a record is acknowledged.
    pub(crate) acknowledge: AcknowledgeConfig,
    /// When the primary goes on without a standby that is away; never without it.
    pub(crate) degrade_after: Option<Duration>,
}

/// When a record is acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AcknowledgeConfig {
    /// When it is durable here.
    #[default]
    Local,
    /// When the standby has confirmed it too.
    Standby,
}

impl Source<'_> {
    pub(super) fn standby(&self, raw: &RawStandby) -> Result<StandbyConfig, ConfigError> {
        let listen = raw.listen.as_ref();
        let listen = listen.map(|raw| self.text_as("standby.listen", raw)).transpose()?;
        if let Some(address) = &raw.address {
            check_address(address.get_ref())
                .map_err(|problem| self.fault("standby.address", address, problem))?;
        }
        let degrade = raw.degrade_after_seconds.as_ref();
        let seconds = self.number("standby.degrade_after_seconds", degrade, 0, 5..=DEGRADE_MAX)?;
        Ok(StandbyConfig {
            listen,
            address: raw.address.as_ref().map(|address| address.get_ref().clone()),
            acknowledge: match raw.acknowledge {
                None | Some(RawAcknowledge::Local) => AcknowledgeConfig::Local,
                Some(RawAcknowledge::Standby) => AcknowledgeConfig::Standby,
            },
            degrade_after: degrade.map(|_| Duration::from_secs(u64::from(seconds))),
        })
    }

    pub(super) fn metrics(&self, raw: &RawMetrics) -> Result<Option<SocketAddr>, ConfigError> {
        raw.listen.as_ref().map(|raw| self.text_as("metrics.listen", raw)).transpose()
    }
}
