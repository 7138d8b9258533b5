//! Public keys and signatures.
//!
//! There is one way to verify a signature, whatever asks for it:
//! 1. A certificate, list or response names an AlgorithmIdentifier, read into
//!    a [`SignatureAlgorithm`]; a handshake or a challenge names a
//!    [`SignatureScheme`].
//! 2. [`scheme::resolve`] brings the algorithm and the kind of key together
//!    into a scheme, or names why they do not go together.
//! 3. [`primitive::verify`] looks up the scheme's primitive and runs it. New
//!    algorithms are added there and nowhere else.
//! 4. What a caller allows beyond the standards ([`SignatureRules`]) travels with
//!    the question, never in a global; what was used of it comes back
//!    ([`SignatureForm`]).

mod algorithm;
mod hash;
mod prehash;
mod primitive;
mod public_key;
mod scheme;
mod sm2;
#[cfg(test)]
mod tests;

pub(crate) use algorithm::AlgorithmIdentifier;
pub use algorithm::SignatureAlgorithm;
pub use hash::{Digest, Hash, Hasher};
pub use prehash::verify_prehashed_signature;
pub(crate) use prehash::{verify_digest, verify_message};
pub use public_key::{KeyAlgorithm, PublicKey};
pub use scheme::{
    SignatureFault, SignatureForm, SignatureRules, SignatureScheme, WeakAlgorithms,
    verify_raw_signature, verify_raw_signature_with,
};
pub(crate) use scheme::{check_again, verify_signed};
pub use sm2::{
    MAX_SM2_USER_ID_OCTETS, Sm2Encoding, Sm2Encodings, Sm2Fault, Sm2PointFault, Sm2UserId,
    Sm2UserIdTooLong, Sm2UserIds, sm2_hasher, verify_sm2_digest,
};
