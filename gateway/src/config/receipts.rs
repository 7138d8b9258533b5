//! `[receipts]`: what becomes of verifications.

use std::path::PathBuf;

use super::ConfigError;
use super::raw::{RawGiven, RawReceipts};
use super::validate::Source;

/// When receipts are given, and what goes out about them.
#[derive(Debug, Clone)]
pub(crate) struct ReceiptConfig {
    pub(crate) given: ReceiptsGiven,
    /// Whether the timestamp service of `[record]` vouches for each before it is given.
    pub(crate) timestamped: Timestamped,
    /// PEM file of further CAs that webhooks' servers may have their certificates of.
    pub(crate) webhook_roots: Option<PathBuf>,
}

/// For which verifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiptsGiven {
    /// Those of which the platform asks for one.
    Asked,
    /// Every one: one that does not ask gets the signed form.
    Always,
}

/// Whether receipts wait for a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timestamped {
    No,
    /// For a few seconds at most: without an answer they go without.
    WhereAnswered,
}

impl Source<'_> {
    pub(super) fn receipts(
        &self,
        raw: &RawReceipts,
        has_service: bool,
    ) -> Result<ReceiptConfig, ConfigError> {
        let wanted = raw.timestamp.as_ref().filter(|wanted| *wanted.get_ref());
        let timestamped = match wanted {
            None => Timestamped::No,
            Some(_) if has_service => Timestamped::WhereAnswered,
            Some(raw) => {
                let problem = "record.timestamp_url says which service is asked".to_owned();
                return Err(self.fault("receipts.timestamp", raw, problem));
            }
        };
        let roots = raw.webhook_roots.as_ref();
        Ok(ReceiptConfig {
            given: match raw.given {
                None | Some(RawGiven::Asked) => ReceiptsGiven::Asked,
                Some(RawGiven::Always) => ReceiptsGiven::Always,
            },
            timestamped,
            webhook_roots: roots.map(|roots| self.path(Some(roots), "")),
        })
    }
}
