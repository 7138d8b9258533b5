//! The arithmetic: RustCrypto's `sm2`.

use sm2::dsa::signature::hazmat::PrehashVerifier as _;
use sm2::dsa::{Signature, VerifyingKey};
use sm2::elliptic_curve::PrimeField as _;
use sm2::{FieldBytes, Scalar};

use super::PointOctets;
use super::signature::Scalars;
use crate::keys::hash::Digest;

/// A point of the curve, not the one at infinity.
pub(super) struct Point(VerifyingKey);

impl Point {
    /// Reads a point; `None` where it is not on the curve.
    pub(super) fn read(octets: &PointOctets) -> Option<Self> {
        // The user id given here does not matter: only digests are verified, which
        // have Z in them.
        VerifyingKey::from_sec1_bytes("", octets).ok().map(Self)
    }

    /// The equation of GB/T 32918.2 7.1, steps B5 to B7.
    pub(super) fn verify(&self, e: &Digest, scalars: &Scalars) -> bool {
        Signature::from_slice(&scalars.raw())
            .is_ok_and(|signature| self.0.verify_prehash(e, &signature).is_ok())
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
