//! When a place is asked next.

use ring::rand::{SecureRandom, SystemRandom};
use tongxing_pki::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// After the first failure; it doubles with each further one.
const FIRST_PAUSE: i64 = 30;

/// When a list was made, and by when there will be another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) made: Timestamp,
    pub(super) due: Timestamp,
}

/// A number from 0 to 1, so that gateways that started together do not ask together.
pub(super) fn chance() -> f64 {
    let mut drawn = [0; 4];
    // Without randomness they may ask together.
    let _ = SystemRandom::new().fill(&mut drawn);
    f64::from(u32::from_be_bytes(drawn)) / f64::from(u32::MAX)
}

/// After a list was there: at half to nine tenths of its time; when that has passed
/// and there is still no other, some times until it is due. Once a day at least: a
/// list that is due in a year may be replaced tomorrow.
pub(super) fn after_success(now: Timestamp, span: Span, chance: f64) -> Timestamp {
    let (made, due) = (span.made.unix(), span.due.unix());
    let planned = made.saturating_add(share(due.saturating_sub(made), 0.5 + 0.4 * chance));
    let left = due.saturating_sub(now.unix());
    let wait = match planned.saturating_sub(now.unix()) {
        wait if wait >= MINUTE => wait,
        _ => share(left, 0.25 + 0.25 * chance).clamp(MINUTE, HOUR),
    };
    now.plus_seconds(wait.min(share(DAY, 0.9 + 0.1 * chance)))
}

/// After a failure: from half a minute, twice as long each time, up to an hour.
pub(super) fn after_failure(now: Timestamp, failures: u32, chance: f64) -> Timestamp {
    let doubled = FIRST_PAUSE << failures.saturating_sub(1).min(7);
    let wait = share(doubled, 1.0 + 0.5 * chance);
    now.plus_seconds(wait.min(HOUR))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a second more or less does not matter; a cast from a float saturates"
)]
fn share(seconds: i64, of_it: f64) -> i64 {
    (seconds as f64 * of_it).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    const HALF_DAY: Span =
        Span { made: Timestamp::from_unix(0), due: Timestamp::from_unix(12 * HOUR) };

    #[test]
    fn the_next_time_lies_between_half_and_nine_tenths() {
        for (chance, next) in [(0.0, 6 * HOUR), (0.5, 30_240), (1.0, 38_880)] {
            assert_eq!(after_success(at(MINUTE), HALF_DAY, chance), at(next));
        }
    }

    #[test]
    fn a_list_that_is_not_replaced_is_asked_for_until_it_is_due() {
        let mut now = at(6 * HOUR);
        let mut times = 0;
        while now < HALF_DAY.due {
            let next = after_success(now, HALF_DAY, 0.0);
            assert!(next.unix() - now.unix() >= MINUTE);
            now = next;
            times += 1;
        }
        assert!((5..50).contains(&times), "asked {times} times");
    }

    #[test]
    fn a_list_of_a_year_is_asked_for_each_day() {
        let year = Span { made: at(0), due: at(365 * DAY) };
        for chance in [0.0, 1.0] {
            assert!(after_success(at(0), year, chance) <= at(DAY));
        }
    }

    #[test]
    fn spans_that_make_no_sense_neither_hurry_nor_overflow() {
        let (least, most) = (at(i64::MIN), at(i64::MAX));
        for (made, due) in [(most, least), (least, most), (most, most), (at(5), at(0))] {
            let next = after_success(at(0), Span { made, due }, 1.0);
            assert!((MINUTE..=DAY).contains(&next.unix()), "{next}");
        }
    }

    #[test]
    fn failures_make_the_pauses_longer_up_to_an_hour() {
        let pauses: Vec<i64> =
            (1..=9).map(|failures| after_failure(at(0), failures, 0.0).unix()).collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(after_failure(at(0), u32::MAX, 1.0), at(HOUR));
        assert_eq!(after_failure(at(0), 1, 1.0), at(45));
    }

    #[test]
    fn chance_lies_between_nothing_and_all() {
        for _ in 0..100 {
            assert!((0.0..=1.0).contains(&chance()));
        }
    }
}
