//! Moments in time, to the second.
//!
//! Certificates and lists carry times without fractions (RFC 5280 section
//! 4.1.2.5), and this crate never reads a clock: every moment comes in as an
//! argument.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// A moment in UTC, counted in whole seconds since 1970-01-01T00:00:00Z.
///
/// Its text form is RFC 3339 with `Z`, for example `2026-11-23T08:00:00Z`, in
/// `Display`, in `FromStr` and in serde alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Why a text is not a [`Timestamp`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time such as 2026-11-23T08:00:00Z: {text:?}")]
pub struct TimestampError {
    text: String,
}

impl Timestamp {
    /// The moment `seconds` after (or, negative, before) the Unix epoch.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 with any offset; fractions of a second are dropped.
    ///
    /// # Errors
    /// [`TimestampError`] when the text is not a complete RFC 3339 date and time.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimestampError> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(|moment| Self(moment.unix_timestamp()))
            .map_err(|_| TimestampError { text: text.to_owned() })
    }

    /// This moment moved by `seconds`, stopping at the ends of the range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Whole seconds from `earlier` to this moment; negative when it lies after.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The moment of a calendar date and time of day in UTC, if there is one.
    pub(crate) fn from_civil(year: u16, month: u8, day: u8, hms: (u8, u8, u8)) -> Option<Self> {
        let month = Month::try_from(month).ok()?;
        let date = Date::from_calendar_date(i32::from(year), month, day).ok()?;
        let time = Time::from_hms(hms.0, hms.1, hms.2).ok()?;
        let moment = PrimitiveDateTime::new(date, time).assume_utc();
        Some(Self(moment.unix_timestamp()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = OffsetDateTime::from_unix_timestamp(self.0) else {
            // Beyond the calendar (years -9999 to 9999): the count is all there is.
            return write!(f, "@{}", self.0);
        };
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
            moment.year(),
            u8::from(moment.month()),
            moment.day(),
            moment.hour(),
            moment.minute(),
            moment.second()
        )
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_rfc3339(text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_seconds_agree() {
        let moment = Timestamp::parse_rfc3339("2026-11-23T16:00:00+08:00").expect("valid");
        assert_eq!(moment.unix(), 1_795_420_800);
        assert_eq!(moment.to_string(), "2026-11-23T08:00:00Z");
        assert_eq!(moment.to_string().parse(), Ok(moment));
    }

    #[test]
    fn a_date_alone_is_refused() {
        assert!(Timestamp::parse_rfc3339("2026-11-23").is_err());
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        let last = Timestamp::from_unix(i64::MAX);
        assert_eq!(last.plus_seconds(1), last);
        assert_eq!(last.to_string(), format!("@{}", i64::MAX));
    }

    #[test]
    fn serde_uses_the_text_form() {
        let moment = Timestamp::from_unix(0);
        let json = serde_json::to_string(&moment).expect("serialises");
        assert_eq!(json, "\"1970-01-01T00:00:00Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("parses"), moment);
    }

    #[test]
    fn impossible_dates_have_no_moment() {
        assert_eq!(Timestamp::from_civil(2026, 2, 29, (0, 0, 0)), None);
        assert!(Timestamp::from_civil(1950, 1, 1, (0, 0, 0)).is_some());
    }
}
