//! Which token key signs, which is to be made, which are done: a pure function of
//! the keys' times and the moment.

use tongxing_pki::Timestamp;

/// How long relying parties may cache the key set (RFC 9111 `max-age`).
pub(crate) const JWKS_MAX_AGE_SECONDS: i64 = 300;

/// How long a key is published before it signs: three times as long as the set
/// may be cached, for clients that look late and clocks that differ.
const LEAD_SECONDS: i64 = 3 * JWKS_MAX_AGE_SECONDS;

/// How long a key stays published after it signed last: the longest life of a
/// token, and a minute for clocks that differ.
const KEEP_SECONDS: i64 = 900 + 60;

/// What the plan needs to know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyTimes {
    pub(super) kid: String,
    pub(super) signs_from: Timestamp,
}

/// How often keys change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rotation {
    period_seconds: i64,
}

impl Rotation {
    pub(super) fn every(period_seconds: i64) -> Self {
        Self { period_seconds }
    }
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Steps {
    /// Make keys that sign from these moments on.
    pub(super) create: Vec<Timestamp>,
    /// The ids of keys that are no longer to be published.
    pub(super) done: Vec<String>,
}

/// The index of the key that signs at `now`, in keys sorted by their start.
pub(super) fn current(keys: &[KeyTimes], now: Timestamp) -> Option<usize> {
    keys.iter().rposition(|key| key.signs_from <= now)
}

/// What is to be done at `now` with keys sorted by their start.
pub(super) fn plan(keys: &[KeyTimes], now: Timestamp, rotation: Rotation) -> Steps {
    let mut steps = Steps { create: Vec::new(), done: Vec::new() };
    let started = current(keys, now).map(|index| keys[index].signs_from);
    // Without a key that has begun (a new folder, a clock set back) one begins now.
    let began = started.unwrap_or(now);
    if started.is_none() {
        steps.create.push(now);
    }
    let takes_over =
        began.plus_seconds(rotation.period_seconds).max(now.plus_seconds(LEAD_SECONDS));
    let has_next = keys.iter().any(|key| key.signs_from > began && key.signs_from <= takes_over);
    let due = began.plus_seconds(rotation.period_seconds - LEAD_SECONDS) <= now;
    if due && !has_next {
        steps.create.push(takes_over);
    }
    steps.done = done(keys, now);
    steps
}

/// Keys whose successor has signed for so long that their last token expired. One
/// that begins far in the future stays: if the clock is wrong and not the key, its
/// tokens are still about (a machine may start long before its time is set).
fn done(keys: &[KeyTimes], now: Timestamp) -> Vec<String> {
    let replaced = keys.windows(2).filter_map(|pair| match pair {
        [old, new] if new.signs_from.plus_seconds(KEEP_SECONDS) <= now => Some(old),
        _ => None,
    });
    replaced.map(|key| key.kid.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn at(unix: i64) -> Timestamp {
        Timestamp::from_unix(unix)
    }

    fn keys(starts: &[i64]) -> Vec<KeyTimes> {
        let key = |start: &i64| KeyTimes { kid: start.to_string(), signs_from: at(*start) };
        starts.iter().map(key).collect()
    }

    fn steps(starts: &[i64], now: i64) -> (Vec<i64>, Vec<String>) {
        let steps = plan(&keys(starts), at(now), Rotation::every(DAY));
        (steps.create.iter().map(|t| t.unix()).collect(), steps.done)
    }

    #[test]
    fn the_first_key_signs_at_once() {
        assert_eq!(steps(&[], 5), (vec![5], vec![]));
    }

    #[test]
    fn the_next_key_is_made_a_lead_before_it_signs() {
        assert_eq!(steps(&[0], DAY - LEAD_SECONDS - 1), (vec![], vec![]));
        assert_eq!(steps(&[0], DAY - LEAD_SECONDS), (vec![DAY], vec![]));
        assert_eq!(steps(&[0, DAY], DAY - LEAD_SECONDS), (vec![], vec![]));
    }

    #[test]
    fn after_a_pause_the_next_key_still_gets_its_lead() {
        assert_eq!(steps(&[0], 10 * DAY), (vec![10 * DAY + LEAD_SECONDS], vec![]));
        assert_eq!(current(&keys(&[0]), at(10 * DAY)), Some(0));
    }

    #[test]
    fn the_previous_key_stays_until_its_last_token_expired() {
        assert_eq!(steps(&[0, DAY], DAY + KEEP_SECONDS - 1).1, Vec::<String>::new());
        assert_eq!(steps(&[0, DAY], DAY + KEEP_SECONDS).1, vec!["0"]);
        assert_eq!(current(&keys(&[0, DAY]), at(DAY - 1)), Some(0));
        assert_eq!(current(&keys(&[0, DAY]), at(DAY)), Some(1));
    }

    #[test]
    fn a_clock_set_back_gets_a_key_and_destroys_none() {
        let year = 365 * DAY;
        assert_eq!(steps(&[year], 100), (vec![100], vec![]));
        // Set right again, the key that signed before signs on.
        assert_eq!(current(&keys(&[100, year]), at(year + 60)), Some(1));
        assert_eq!(steps(&[100, year], year + KEEP_SECONDS), (vec![], vec!["100".to_owned()]));
    }

    #[test]
    fn every_key_is_published_a_lead_before_and_as_long_as_its_tokens_live() {
        let mut held: Vec<i64> = Vec::new();
        let mut published_since = std::collections::BTreeMap::new();
        let mut signed_last = std::collections::BTreeMap::new();
        for now in (0..10 * DAY).step_by(60) {
            let (create, done) = steps(&held, now);
            held.retain(|start| !done.contains(&start.to_string()));
            held.extend(create);
            held.sort_unstable();
            for start in &held {
                published_since.entry(*start).or_insert(now);
            }
            let signs = held[current(&keys(&held), at(now)).unwrap()];
            assert!(now < 60 || now - published_since[&signs] >= LEAD_SECONDS || signs == 0);
            signed_last.insert(signs, now);
            for (start, last) in &signed_last {
                assert!(now - last >= KEEP_SECONDS - 60 || held.contains(start));
            }
            assert!(held.len() <= 3);
        }
        assert!(signed_last.len() >= 10);
    }
}
