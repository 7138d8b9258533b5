//! SM2 with SM3 (GB/T 32918.2, GM/T 0003.2; encodings by GM/T 0009).
//!
//! 1. A key is read once, with its certificate: the point must be on the curve,
//!    and which mistake it makes otherwise is told ([`Sm2PointFault`]). The digest
//!    Z of the standard's user id and the key is computed then, too.
//! 2. A signature is read into r and s, and each way in which they cannot be any
//!    signature's is told ([`Sm2Fault`]) before any point is multiplied.
//! 3. e = SM3(Z ‖ message), for each user id accepted, is verified with the
//!    library's own equation. Whoever has e already, from a stream, starts at 3.
//!
//! Verification handles no secrets, so nothing here depends on one. What signs with SM2
//! (token keys, checkpoints, TLS handshakes, synthetic authorities) goes through the signing
//! of RustCrypto's `sm2::dsa::SigningKey`, and curveSM2's key exchange through its
//! `EphemeralSecret`: both are constant-time. No arithmetic is done here.

mod backend;
mod fault;
mod signature;
#[cfg(test)]
mod tests;
mod user_id;

pub use fault::{Sm2Fault, Sm2PointFault};
pub use signature::{Sm2Encoding, Sm2Encodings};
pub use user_id::{MAX_SM2_USER_ID_OCTETS, Sm2UserId, Sm2UserIdTooLong, Sm2UserIds};

use backend::Point;
use signature::Scalars;

use super::hash::{Digest, Hash, Hasher};
use super::public_key::{KeyAlgorithm, PublicKey};
use super::scheme::{SignatureFault, SignatureForm, SignatureRules, check_key, mismatch};

/// An SM2 public key, ready to verify with.
pub(super) struct Sm2Key {
    point: Point,
    octets: PointOctets,
    /// Z of the standard's user id.
    standard: Digest,
}

/// An uncompressed point: 04, x, y.
type PointOctets = [u8; 65];

/// a, b, and x and y of the generator, as they go into Z (GB/T 32918.5, 2).
const CURVE: [u8; 128] = *b"\
\xFF\xFF\xFF\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\
\xFF\xFF\xFF\xFF\x00\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFC\
\x28\xE9\xFA\x9E\x9D\x9F\x5E\x34\x4D\x5A\x9E\x4B\xCF\x65\x09\xA7\
\xF3\x97\x89\xF5\x15\xAB\x8F\x92\xDD\xBC\xBD\x41\x4D\x94\x0E\x93\
\x32\xC4\xAE\x2C\x1F\x19\x81\x19\x5F\x99\x04\x46\x6A\x39\xC9\x94\
\x8F\xE3\x0B\xBF\xF2\x66\x0B\xE1\x71\x5A\x45\x89\x33\x4C\x74\xC7\
\xBC\x37\x36\xA2\xF4\xF6\x77\x9C\x59\xBD\xCE\xE3\x6B\x69\x21\x53\
\xD0\xA9\x87\x7C\xC6\x2A\x47\x40\x02\xDF\x32\xE5\x21\x39\xF0\xA0";

impl Sm2Key {
    /// Reads subjectPublicKey (GM/T 0009 7.1): 04, x, y. (Of the compressed form,
    /// which GM/T 0009 does not have, no certificate has been seen.)
    pub(super) fn read(octets: &[u8]) -> Result<Self, Sm2PointFault> {
        // SEC 1 2.3.3 writes the point at infinity as one zero octet; written at
        // full length it can only be zeros.
        if octets == [0] || octets.strip_prefix(&[4]).is_some_and(is_zero_point) {
            return Err(Sm2PointFault::Infinity);
        }
        let octets: PointOctets = octets.try_into().map_err(|_| Sm2PointFault::Encoding)?;
        if octets[0] != 4 {
            return Err(Sm2PointFault::Encoding);
        }
        let Some(point) = Point::read(&octets) else {
            let is_p256 = p256::PublicKey::from_sec1_bytes(&octets).is_ok();
            return Err(if is_p256 { Sm2PointFault::P256 } else { Sm2PointFault::NotOnCurve });
        };
        let standard = z(&Sm2UserId::standard(), &octets).finish();
        Ok(Self { point, octets, standard })
    }

    /// SM3, having taken Z of this key and a user id.
    fn hasher(&self, user_id: &Sm2UserId) -> Hasher {
        let mut hasher = Hash::Sm3.hasher();
        if user_id.is_standard() {
            hasher.update(&self.standard);
        } else {
            hasher.update(&z(user_id, &self.octets).finish());
        }
        hasher
    }

    /// Verifies e = SM3(Z ‖ message).
    fn verify(&self, e: &Digest, scalars: &Scalars) -> Result<(), SignatureFault> {
        if self.point.verify(e, scalars) { Ok(()) } else { Err(SignatureFault::Invalid) }
    }
}

fn is_zero_point(coordinates: &[u8]) -> bool {
    coordinates.len() == 64 && coordinates.iter().all(|octet| *octet == 0)
}

/// SM3 over what Z is the digest of (GB/T 32918.2 5.5): the length of the user id
/// in bits, the user id, the curve and the key.
fn z(user_id: &Sm2UserId, point: &PointOctets) -> Hasher {
    let mut hasher = Hash::Sm3.hasher();
    hasher.update(&user_id.bits().to_be_bytes());
    hasher.update(user_id.as_bytes());
    hasher.update(&CURVE);
    hasher.update(&point[1..]);
    hasher
}

/// Verifies a signature over a message, with each user id accepted in turn, and tells where
/// it is another one that signers are known to use.
pub(super) fn verify(
    key: &PublicKey,
    rules: &SignatureRules,
    message: &[u8],
    signature: &[u8],
) -> Result<SignatureForm, SignatureFault> {
    let key = ready(key)?;
    let (scalars, encoding) = Scalars::read(signature, rules.sm2_encodings)?;
    let verifies = |user_id: &&Sm2UserId| {
        let mut hasher = key.hasher(user_id);
        hasher.update(message);
        key.verify(&hasher.finish(), &scalars).is_ok()
    };
    let allowed = &rules.sm2_user_ids;
    if let Some(user_id) = allowed.iter().find(verifies) {
        return Ok(SignatureForm::sm2(encoding, user_id.clone()));
    }
    // What an operator has to be told to help; whoever sends a wrong signature has two
    // verifications more done for it.
    let mut others = Sm2UserId::mistaken().iter().filter(|other| !allowed.contains(other));
    Err(others.find(verifies).map_or(SignatureFault::Invalid, not_allowed))
}

/// What is said of a signature by a user id that is not allowed: the same whether it was
/// found out now, or when another rule allowed it.
pub(super) fn not_allowed(user_id: &Sm2UserId) -> SignatureFault {
    if Sm2UserId::mistaken().contains(user_id) {
        Sm2Fault::UserId { user_id: user_id.clone() }.into()
    } else {
        SignatureFault::Invalid
    }
}

/// The length of what SM3 comes to (GB/T 32905 5.1).
const DIGEST_OCTETS: usize = 32;

/// SM3 over Z of a key and a user id: feed it the message, and its digest is what
/// [`verify_sm2_digest`] takes.
///
/// # Errors
/// The [`SignatureFault`] that says why the key verifies no SM2 signatures.
pub fn sm2_hasher(key: &PublicKey, user_id: &Sm2UserId) -> Result<Hasher, SignatureFault> {
    ready(key).map(|key| key.hasher(user_id))
}

/// Verifies a signature over the digest that [`sm2_hasher`] came to, and tells how
/// the signature was encoded. A digest of another length is another function's, and fits
/// none.
///
/// # Errors
/// The [`SignatureFault`] that says why not.
pub fn verify_sm2_digest(
    key: &PublicKey,
    encodings: Sm2Encodings,
    digest: &Digest,
    signature: &[u8],
) -> Result<Sm2Encoding, SignatureFault> {
    let key = ready(key)?;
    // Here, so that no backend reads anything into another length.
    if digest.len() != DIGEST_OCTETS {
        return Err(SignatureFault::Invalid);
    }
    let (scalars, encoding) = Scalars::read(signature, encodings)?;
    key.verify(digest, &scalars).map(|()| encoding)
}

fn ready(key: &PublicKey) -> Result<&Sm2Key, SignatureFault> {
    check_key(key)?;
    match key.algorithm() {
        KeyAlgorithm::Sm2 => key.sm2().ok_or_else(|| mismatch("SM2 with SM3", key)),
        _ => Err(mismatch("SM2 with SM3", key)),
    }
}
