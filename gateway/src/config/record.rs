//! `[record]`: how the record is kept and shown to be whole.

use std::path::PathBuf;
use std::time::Duration;

use toml::Spanned;
use tongxing_trust_store::PointUrl;

use super::ConfigError;
use super::raw::{RawBytes, RawRecord};
use super::validate::Source;

const MIB: u64 = 1 << 20;
const DAY: u64 = 86_400;

/// What is kept free of the disk: sign-ins of hundreds of thousands fit into it.
pub(crate) const DISK_RESERVE: u64 = 512 * MIB;

/// How the record is kept and shown to be whole.
#[derive(Debug, Clone)]
pub(crate) struct RecordConfig {
    /// How often a checkpoint is signed, when something was recorded.
    pub(crate) checkpoint_interval: Duration,
    /// The second place of the checkpoints: an existing folder.
    pub(crate) checkpoint_copy: Option<PathBuf>,
    /// Below so many free bytes sign-ins pause.
    pub(crate) disk_reserve: u64,
    /// After so many records an image of the state is taken.
    pub(crate) image_every: u64,
    /// Who is asked for timestamps of the checkpoints.
    pub(crate) timestamp: Option<TimestampConfig>,
}

/// A timestamp service.
#[derive(Debug, Clone)]
pub(crate) struct TimestampConfig {
    pub(crate) url: PointUrl,
    /// How often it is asked at most.
    pub(crate) interval_seconds: i64,
}

impl Source<'_> {
    pub(super) fn record(&self, raw: &RawRecord) -> Result<RecordConfig, ConfigError> {
        let interval = raw.checkpoint_interval_seconds.as_ref();
        let interval = self.number("record.checkpoint_interval_seconds", interval, 600, 1..=DAY)?;
        let copy = raw.checkpoint_copy.as_ref();
        let reserve = raw.disk_reserve.as_ref();
        let reserve = reserve.map(|raw| self.bytes("record.disk_reserve", raw)).transpose()?;
        let every = raw.image_every.as_ref();
        let every = self.number("record.image_every", every, 1_000_000, 1_000..=1_000_000_000)?;
        Ok(RecordConfig {
            checkpoint_interval: Duration::from_secs(u64::from(interval)),
            checkpoint_copy: copy.map(|copy| self.path(Some(copy), "")),
            disk_reserve: reserve.unwrap_or(DISK_RESERVE),
            image_every: u64::from(every),
            timestamp: self.timestamp(raw)?,
        })
    }

    fn timestamp(&self, raw: &RawRecord) -> Result<Option<TimestampConfig>, ConfigError> {
        let interval = raw.timestamp_interval_seconds.as_ref();
        let interval =
            self.number("record.timestamp_interval_seconds", interval, 3600, 1..=30 * DAY)?;
        let url = raw.timestamp_url.as_ref();
        let url = url.map(|url| self.web_address("record.timestamp_url", url)).transpose()?;
        Ok(url.map(|url| TimestampConfig { url, interval_seconds: i64::from(interval) }))
    }

    fn web_address(
        &self,
        key: &'static str,
        raw: &Spanned<String>,
    ) -> Result<PointUrl, ConfigError> {
        let url: PointUrl = self.text_as(key, raw)?;
        if url.scheme().is_http() {
            return Ok(url);
        }
        Err(self.fault(key, raw, format!("\"{url}\" is no http or https address")))
    }

    pub(super) fn bytes(
        &self,
        key: &'static str,
        raw: &Spanned<RawBytes>,
    ) -> Result<u64, ConfigError> {
        match raw.get_ref() {
            RawBytes::Number(bytes) => Ok(*bytes),
            RawBytes::Text(text) => in_bytes(text).ok_or_else(|| {
                let problem = format!("\"{text}\" is no amount such as \"512MiB\" or \"2GiB\"");
                self.fault(key, raw, problem)
            }),
        }
    }
}

/// The number of bytes that a text says.
fn in_bytes(text: &str) -> Option<u64> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let unit = match unit.trim_start() {
        "KiB" => MIB >> 10,
        "MiB" => MIB,
        "GiB" => MIB << 10,
        "TiB" => MIB << 20,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_with_their_unit() {
        assert_eq!(in_bytes("512MiB"), Some(512 * MIB));
        assert_eq!(in_bytes("2 GiB"), Some(2048 * MIB));
        assert_eq!(in_bytes("0KiB"), Some(0));
        for bad in ["", "512", "MiB", "-1MiB", "1MB", "1.5GiB", "99999999999999TiB"] {
            assert_eq!(in_bytes(bad), None, "{bad}");
        }
    }
}
