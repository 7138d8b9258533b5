//! Botan (feature `fast-sm`), by its safe interface.
//!
//! It checks r, s and r + s by itself once more. Where it cannot be asked at all, for want
//! of memory or of a part that its build left out, RustCrypto verifies: what a signature is
//! worth does not depend on the build.

use botan::{Pubkey, Verifier};
use der::Encode as _;
use der::asn1::BitStringRef;
use sm2::elliptic_curve::sec1::ToSec1Point as _;
use sm2::pkcs8::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use sm2::pkcs8::{AssociatedOid as _, ObjectIdentifier};
use sm2::{PublicKey, Sm2};

use super::rustcrypto::RustCrypto;
use super::{Backend, Digest, Scalars};

/// No user id, as what is verified has Z in it, and no hash, as it is a digest.
const NO_ID_NO_HASH: &str = ",Raw";

/// SM2 for signatures (GM/T 0006).
const SM2_SIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301.1");

/// The library of builds with `fast-sm`.
pub(super) struct Botan;

impl Backend for Botan {
    fn verify(key: &PublicKey, e: &Digest, scalars: &Scalars) -> bool {
        ask(key, e, scalars).unwrap_or_else(|| RustCrypto::verify(key, e, scalars))
    }
}

/// Botan's verdict; `None` where it came to none.
fn ask(key: &PublicKey, e: &Digest, scalars: &Scalars) -> Option<bool> {
    let key = Pubkey::load_der(&spki(key)?).ok()?;
    let mut verifier = Verifier::new(&key, NO_ID_NO_HASH).ok()?;
    verifier.update(e).ok()?;
    verifier.finish(&[scalars.r, scalars.s].concat()).ok()
}

/// The key under the identifier of SM2 signature keys: labelled id-ecPublicKey, as in most
/// certificates, it would be one of ECDSA to Botan.
fn spki(key: &PublicKey) -> Option<Vec<u8>> {
    let point = key.to_sec1_point(false);
    let algorithm = AlgorithmIdentifier { oid: SM2_SIGNATURE, parameters: Some(Sm2::OID) };
    let subject_public_key = BitStringRef::from_bytes(point.as_bytes()).ok()?;
    SubjectPublicKeyInfo { algorithm, subject_public_key }.to_der().ok()
}
