//! Tokens: the one thing the gateway hands out.
//!
//! 1. [`mint`] takes an [`Admitted`] by value: only the durable outcome of a
//!    registration makes one, so neither the conflict rules nor the record can be
//!    skipped, and one registration mints one token. A power cut before minting
//!    leaves a record of a token that nobody has; the client signs in again.
//! 2. The claims say who signed in, by the register, and on what that rests. They
//!    never hold a personal id or a person's name.
//! 3. The claims become a compact JWS (RFC 7515 7.1) with the key that signs now.

mod claims;
mod jws;
mod signer;
mod sm2;

use tongxing_trust_store::Admitted;

pub(crate) use signer::signer_from_pkcs8;
pub use signer::{SignerFault, TokenAlgorithm, TokenSigner};

use claims::Claims;

/// Mints the token that `admitted` permits: signed by `signer`, issued by
/// `issuer`.
#[expect(clippy::needless_pass_by_value, reason = "a permission is used up by its use")]
pub(crate) fn mint(
    admitted: Admitted,
    issuer: &str,
    signer: &dyn TokenSigner,
) -> Result<String, SignerFault> {
    let claims = Claims::of(&admitted, issuer);
    jws::sign_compact(&claims, signer)
}
