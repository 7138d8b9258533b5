//! RustCrypto's `sm2`: no unsafe code.
//!
//! Its own verification takes as long for a public key as signing must for a secret one.
//! Nothing is secret here, so that its variable-time multiplication serves, with the
//! generator's table made once.

use sm2::{ProjectivePoint, PublicKey};

use super::table::Table;
use super::{Backend, Digest, Equation, Scalars};

/// The library of the default build.
pub(super) struct RustCrypto;

impl Backend for RustCrypto {
    fn verify(key: &PublicKey, e: &Digest, scalars: &Scalars) -> bool {
        Equation::of(e, scalars).is_some_and(|equation| {
            let point = ProjectivePoint::from(key);
            equation.holds(Table::sum_without(&point, &equation.s, &equation.t))
        })
    }
}
