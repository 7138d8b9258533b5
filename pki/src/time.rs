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
        let (month, day) = (u8::from(moment.month()), moment.day());
        let (hour, minute, second) = moment.to_hms();
        let Some((century, year)) = two_digits(moment.year()) else {
            let year = moment.year();
            return write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        };
        // Every row of the state has some of these: formatting one number at a time
        // takes five times as long.
        let mut text = *b"0000-00-00T00:00:00Z";
        let places = [0, 2, 5, 8, 11, 14, 17];
        for (at, number) in
            places.into_iter().zip([century, year, month, day, hour, minute, second])
        {
            text[at] += number / 10;
            text[at + 1] += number % 10;
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// Century and year within it, of a year that is written with four digits.
fn two_digits(year: i32) -> Option<(u8, u8)> {
    let year = u16::try_from(year).ok()?;
    Some((u8::try_from(year / 100).ok()?, u8::try_from(year % 100).ok()?))
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
    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;

    use super::*;

    proptest! {
        /// Seconds from the year 0 to the end of 9999.
        #[test]
        fn every_moment_is_written_as_the_calendar_has_it(
            seconds in -62_167_219_200_i64..=253_402_300_799,
        ) {
            let moment = OffsetDateTime::from_unix_timestamp(seconds).expect("valid");
            let written = Timestamp::from_unix(seconds).to_string();
            prop_assert_eq!(written, moment.format(&Rfc3339).expect("formats"));
        }
    }

    #[test]
    fn years_before_the_first_are_written_with_a_sign() {
        let moment = Timestamp::from_unix(-62_167_219_201);
        assert_eq!(moment.to_string(), "-001-12-31T23:59:59Z");
    }

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
