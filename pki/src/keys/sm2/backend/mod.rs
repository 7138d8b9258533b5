//! The arithmetic, all of it from libraries.
//!
//! 1. RustCrypto's `sm2` reads points and numbers, whatever verifies: what is wrong
//!    with a key or a signature is told in the same words by every build.
//! 2. The equation is verified by a [`Backend`]: RustCrypto, or Botan with the feature
//!    `fast-sm`.
//! 3. A key that goes on verifying (an enrolled CA's, a platform's) gets a [`Table`],
//!    which halves what each further signature costs, in every build.

#[cfg(feature = "fast-sm")]
mod botan;
mod equation;
mod rustcrypto;
mod table;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sm2::elliptic_curve::PrimeField as _;
use sm2::{FieldBytes, PublicKey, Scalar};

use super::PointOctets;
use super::signature::Scalars;
use crate::keys::hash::Digest;

use equation::Equation;
use table::Table;

#[cfg(feature = "fast-sm")]
use botan::Botan as Chosen;
#[cfg(not(feature = "fast-sm"))]
use rustcrypto::RustCrypto as Chosen;

/// A library that verifies signatures.
trait Backend {
    /// The equation of GB/T 32918.2 7.1, steps B5 to B7.
    fn verify(key: &PublicKey, e: &Digest, scalars: &Scalars) -> bool;
}

/// After so many signatures a key gets a table. Origin: ours; making one costs about what
/// two signatures save with it, and the keys of most leaves verify one or two.
const UNTIL_TABLE: u32 = 3;

/// A point of the curve, not the one at infinity.
pub(super) struct Point {
    key: PublicKey,
    /// How many signatures it has verified; of no consequence once there is a table.
    uses: AtomicU32,
    table: OnceLock<Box<Table>>,
}

impl Point {
    /// Reads a point; `None` where it is not on the curve.
    pub(super) fn read(octets: &PointOctets) -> Option<Self> {
        let key = PublicKey::from_sec1_bytes(octets).ok()?;
        Some(Self { key, uses: AtomicU32::new(0), table: OnceLock::new() })
    }

    /// The equation of GB/T 32918.2 7.1, steps B5 to B7.
    pub(super) fn verify(&self, e: &Digest, scalars: &Scalars) -> bool {
        match self.table() {
            Some(table) => Equation::of(e, scalars)
                .is_some_and(|equation| equation.holds(table.sum(&equation.s, &equation.t))),
            None => Chosen::verify(&self.key, e, scalars),
        }
    }

    /// The key's table, once it is worth one. Threads that meet while it is made wait
    /// for it, about as long as for one signature.
    fn table(&self) -> Option<&Table> {
        if let Some(table) = self.table.get() {
            return Some(table);
        }
        let worth_it = self.uses.fetch_add(1, Ordering::Relaxed) >= UNTIL_TABLE;
        worth_it.then(|| &**self.table.get_or_init(|| Box::new(Table::of(&self.key))))
    }
}

/// Whether a number is below n, the order of the curve.
pub(super) fn is_below_order(number: [u8; 32]) -> bool {
    scalar(number).is_some()
}

/// Whether r + s = n, for r and s below n.
pub(super) fn sum_is_order(r: [u8; 32], s: [u8; 32]) -> bool {
    scalar(r).zip(scalar(s)).is_some_and(|(r, s)| bool::from((r + s).is_zero()))
}

fn scalar(number: [u8; 32]) -> Option<Scalar> {
    Scalar::from_repr(FieldBytes::from(number)).into()
}
