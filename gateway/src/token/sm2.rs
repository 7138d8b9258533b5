//! Tokens signed with SM2 and SM3, for platforms that have to verify the national
//! algorithms.
//!
//! No JOSE algorithm is registered for it. The header's `alg` is `SM2SM3`, the
//! signature r and s in 64 octets (as ES256 has it, RFC 7518 3.4), the signer's user id
//! `1234567812345678` (GM/T 0009 10); the published key has `kty` EC and `crv` SM2.
//!
//! The secret key is used by the library's signing alone, which is constant-time and
//! derives its nonces from key and message (RFC 6979), so that no randomness can fail it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sm2::SecretKey;
use sm2::dsa::signature::Signer as _;
use sm2::dsa::{Signature, SigningKey};
use sm2::elliptic_curve::Generate as _;
use sm2::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};

use super::signer::{PublicHalf, SignerFault, TokenAlgorithm, TokenSigner};

const USER_ID: &str = "1234567812345678";

/// Makes a private key in PKCS #8.
pub(super) fn generate_pkcs8() -> Result<Vec<u8>, SignerFault> {
    let key = SecretKey::try_generate().map_err(|_| SignerFault)?;
    Ok(key.to_pkcs8_der().map_err(|_| SignerFault)?.as_bytes().to_vec())
}

/// A key that signs tokens. `Debug` of the library's key shows its public half alone.
#[derive(Debug)]
pub(super) struct Sm2Sm3 {
    signing: SigningKey,
    public: PublicHalf,
}

impl Sm2Sm3 {
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SignerFault> {
        let key = SecretKey::from_pkcs8_der(pkcs8).map_err(|_| SignerFault)?;
        let signing = SigningKey::new(USER_ID, &key).map_err(|_| SignerFault)?;
        let point = signing.verifying_key().to_sec1_bytes();
        // SEC 1 2.3.3: 04, x, y.
        let (x, y) = match &point[..] {
            [4, point @ ..] if point.len() == 64 => point.split_at(32),
            _ => return Err(SignerFault),
        };
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        // RFC 7638 3.2: required members only, in lexicographic order.
        let thumbprint = format!(r#"{{"crv":"SM2","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let key = json!({ "kty": "EC", "crv": "SM2", "x": x, "y": y });
        let public = PublicHalf::new(key, &thumbprint, TokenAlgorithm::Sm2Sm3);
        Ok(Self { signing, public })
    }
}

impl TokenSigner for Sm2Sm3 {
    fn algorithm(&self) -> TokenAlgorithm {
        TokenAlgorithm::Sm2Sm3
    }

    fn kid(&self) -> &str {
        &self.public.kid
    }

    fn public_jwk(&self) -> &Value {
        &self.public.jwk
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault> {
        let signature: Signature = self.signing.try_sign(message).map_err(|_| SignerFault)?;
        Ok(signature.to_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::signer_from_pkcs8;

    #[test]
    fn a_key_is_kept_and_shows_no_secret() {
        let pkcs8 = generate_pkcs8().unwrap();
        let [first, again] = [(); 2].map(|()| Sm2Sm3::from_pkcs8(&pkcs8).unwrap());
        assert_eq!(first.public_jwk(), again.public_jwk());
        assert_eq!(
            (&first.public.jwk["crv"], &first.public.jwk["alg"]),
            (&json!("SM2"), &json!("SM2SM3"))
        );
        let shown = format!("{first:?}").to_lowercase();
        let secret = SecretKey::from_pkcs8_der(&pkcs8).unwrap().to_bytes();
        let number = format!("{:x}", sm2::U256::from_be_slice(&secret));
        assert!(!shown.contains(&number), "{shown}");
        assert!(signer_from_pkcs8(TokenAlgorithm::Es256, &pkcs8).is_err());
        let p256 = TokenAlgorithm::Es256.generate_pkcs8().unwrap();
        assert!(signer_from_pkcs8(TokenAlgorithm::Sm2Sm3, &p256).is_err());
    }
}
