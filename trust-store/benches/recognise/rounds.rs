//! Sides that take turns.

#![expect(clippy::disallowed_methods, reason = "a bench measures real time")]

use std::time::{Duration, Instant};

use tongxing_pki::Certificate;

use crate::case::parse_all;

/// How many calls are timed together.
const BATCH: u32 = 32;
/// How long a side's turn lasts at least.
const TURN: Duration = Duration::from_millis(25);
const ROUNDS: usize = 40;

/// Something that is timed: how long a batch of it takes.
pub(crate) struct Side<'s>(Box<dyn FnMut() -> Duration + 's>);

impl<'s> Side<'s> {
    /// Work on a chain that is parsed afresh, outside what is timed.
    pub(crate) fn parsed(chain: &'s [Vec<u8>], work: impl Fn(&[Certificate]) + 's) -> Self {
        Self(Box::new(move || {
            let chains: Vec<_> = (0..BATCH).map(|_| parse_all(chain)).collect();
            let start = Instant::now();
            for chain in &chains {
                work(chain);
            }
            start.elapsed()
        }))
    }

    /// Work on the encoding of a chain.
    pub(crate) fn encoded(chain: &'s [Vec<u8>], work: impl Fn(&[Vec<u8>]) + 's) -> Self {
        Self(Box::new(move || {
            let start = Instant::now();
            (0..BATCH).for_each(|_| work(chain));
            start.elapsed()
        }))
    }

    /// Seconds for one call, in one turn.
    fn turn(&mut self) -> f64 {
        let (mut taken, mut calls) = (Duration::ZERO, 0);
        while taken < TURN {
            taken += (self.0)();
            calls += BATCH;
        }
        taken.as_secs_f64() / f64::from(calls)
    }
}

/// Seconds for one call of each side: its best turn.
pub(crate) fn best<const N: usize>(mut sides: [Side<'_>; N]) -> [f64; N] {
    let mut seconds = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (side, best) in sides.iter_mut().zip(&mut seconds) {
            *best = best.min(side.turn());
        }
    }
    seconds
}

pub(crate) fn micros(seconds: f64) -> String {
    format!("{:.1} µs", seconds * 1e6)
}
