//! Moments and periods. The caller says when "now" is: nothing here reads a clock.

use time::OffsetDateTime;

use crate::error::TestdataError;

const DAY: i64 = 86_400;

/// From when until when a certificate is valid, both moments included; Unix seconds, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// notBefore.
    pub not_before: i64,
    /// notAfter.
    pub not_after: i64,
}

impl Validity {
    /// From `before` days before `now` until `after` days after it; negative numbers
    /// reach to the other side.
    pub fn days_around(now: i64, before: i64, after: i64) -> Self {
        Self { not_before: now - before * DAY, not_after: now + after * DAY }
    }

    /// A leaf's usual period: from a day ago, for a year.
    pub fn year_from(now: i64) -> Self {
        Self::days_around(now, 1, 365)
    }

    /// An authority's usual period: from a year ago, for ten years.
    pub fn decade_around(now: i64) -> Self {
        Self::days_around(now, 365, 3_650)
    }

    /// Over since yesterday.
    pub fn expired_at(now: i64) -> Self {
        Self::days_around(now, 366, -1)
    }

    /// Begins tomorrow.
    pub fn not_yet_at(now: i64) -> Self {
        Self::days_around(now, -1, 366)
    }
}

impl From<(OffsetDateTime, OffsetDateTime)> for Validity {
    fn from((not_before, not_after): (OffsetDateTime, OffsetDateTime)) -> Self {
        Self { not_before: not_before.unix_timestamp(), not_after: not_after.unix_timestamp() }
    }
}

/// The moment as the certificate generator wants it.
pub(crate) fn date_time(unix: i64) -> Result<OffsetDateTime, TestdataError> {
    OffsetDateTime::from_unix_timestamp(unix).map_err(|_| TestdataError::Moment(unix))
}
