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

mod algorithm;
mod primitive;
mod public_key;
mod scheme;
#[cfg(test)]
mod tests;

pub(crate) use algorithm::AlgorithmIdentifier;
pub use algorithm::{Hash, SignatureAlgorithm};
pub use public_key::{KeyAlgorithm, PublicKey};
pub use scheme::{SignatureFault, SignatureScheme, WeakAlgorithms, verify_raw_signature};
pub(crate) use scheme::{check_algorithm, verify_signed};
