//! Multiples of a point, kept for the signatures still to come.
//!
//! [k]P is the sum of four products, one for each 64 bits of k, with P and its
//! 2^64, 2^128 and 2^192 fold: a quarter of the doublings. The multiplication itself is
//! `wnaf`'s, RustCrypto's own (width-6 non-adjacent forms, interleaved); public keys and
//! signatures are no secrets, so that it may take as long as they make it.

use std::array;
use std::sync::LazyLock;

use sm2::elliptic_curve::PrimeField as _;
use sm2::elliptic_curve::group::Group as _;
use sm2::{ProjectivePoint, PublicKey, Scalar};
use wnaf::array::typenum::U6;

type Base = wnaf::WnafBase<ProjectivePoint, U6>;
type Digits = wnaf::WnafScalar<Scalar, U6>;

const PARTS: usize = 4;
const PART_OCTETS: usize = 32 / PARTS;

/// Odd multiples of a point and of its folds: 6 KiB.
pub(super) struct Table([Base; PARTS]);

static GENERATOR: LazyLock<Table> = LazyLock::new(|| Table::of_point(ProjectivePoint::GENERATOR));

impl Table {
    /// The table of a public key.
    pub(super) fn of(key: &PublicKey) -> Self {
        Self::of_point(ProjectivePoint::from(key))
    }

    fn of_point(point: ProjectivePoint) -> Self {
        let mut fold = point;
        Self(array::from_fn(|part| {
            if part > 0 {
                (0..8 * PART_OCTETS).for_each(|_| fold = fold.double());
            }
            Base::new(&fold)
        }))
    }

    /// [s]G + [t]P, for the point P of this table.
    pub(super) fn sum(&self, s: &Scalar, t: &Scalar) -> ProjectivePoint {
        let (s, t) = (parts(s), parts(t));
        let generator = GENERATOR.0.iter().zip(&s);
        Base::multiscalar_mul(generator.chain(self.0.iter().zip(&t)))
    }

    /// The same for a point that has no table.
    pub(super) fn sum_without(point: &ProjectivePoint, s: &Scalar, t: &Scalar) -> ProjectivePoint {
        let (base, s, t) = (Base::new(point), Digits::new(s), Digits::new(t));
        Base::multiscalar_mul([(&GENERATOR.0[0], &s), (&base, &t)].into_iter())
    }
}

/// The least significant part first.
fn parts(number: &Scalar) -> [Digits; PARTS] {
    let mut octets: [u8; 32] = number.to_repr().into();
    octets.reverse();
    array::from_fn(|part| Digits::from_le_bytes(&octets[part * PART_OCTETS..][..PART_OCTETS]))
}
