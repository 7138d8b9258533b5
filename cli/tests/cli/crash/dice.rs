//! Chance that can be repeated.

use std::env;

/// Where the seed comes from; each test run is the same without it, but for what
/// the machine's scheduler adds.
const SEED: &str = "TONGXING_TEST_SEED";

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// From the environment's seed, which a failing test shows.
    pub(super) fn seeded() -> Self {
        let given = env::var(SEED).ok().map(|seed| seed.parse().expect("a seed is a number"));
        let seed = given.unwrap_or(1);
        eprintln!("{SEED}={seed}");
        Self(seed)
    }

    /// Dice of one's own, for another task.
    pub(super) fn split(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `limit`, or 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
