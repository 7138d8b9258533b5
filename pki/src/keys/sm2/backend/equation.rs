//! The numbers of one verification, and its last step.

use sm2::elliptic_curve::PrimeField as _;
use sm2::elliptic_curve::group::Group as _;
use sm2::elliptic_curve::ops::Reduce as _;
use sm2::elliptic_curve::point::{AffineCoordinates as _, DecompressPoint as _};
use sm2::elliptic_curve::subtle::Choice;
use sm2::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};

use super::{Digest, Scalars, scalar};

/// What GB/T 32918.2 7.1 computes with, all modulo n.
pub(super) struct Equation {
    /// What the sum's x coordinate has to be: r - e.
    pub(super) x: Scalar,
    pub(super) s: Scalar,
    /// r + s, which is not zero.
    pub(super) t: Scalar,
}

impl Equation {
    /// Steps B1, B2, B4 and B5; `None` where a number is out of its range, or the
    /// digest is not SM3's.
    pub(super) fn of(e: &Digest, scalars: &Scalars) -> Option<Self> {
        let nonzero = |number| scalar(number).filter(|scalar| !bool::from(scalar.is_zero()));
        let e = Scalar::reduce(&FieldBytes::from(<[u8; 32]>::try_from(&**e).ok()?));
        let (r, s) = (nonzero(scalars.r)?, nonzero(scalars.s)?);
        let t = r + s;
        (!bool::from(t.is_zero())).then_some(Self { x: r - e, s, t })
    }

    /// Step B7: whether the x coordinate of `sum`, [s]G + [t]P, is r - e modulo n.
    pub(super) fn holds(&self, sum: ProjectivePoint) -> bool {
        if bool::from(sum.is_identity()) {
            return false;
        }
        // The one or two points with this x coordinate are found sooner than that of the
        // sum, which takes an inversion. What has another x coordinate may still have one
        // that is n more.
        self.is_one_of_two(&sum) || Scalar::reduce(&sum.to_affine().x()) == self.x
    }

    fn is_one_of_two(&self, sum: &ProjectivePoint) -> bool {
        let point = AffinePoint::decompress(&self.x.to_repr(), Choice::from(0));
        let point = Option::<AffinePoint>::from(point).map(ProjectivePoint::from);
        point.is_some_and(|point| point == *sum || -point == *sum)
    }
}
