//! Keys that sign tokens, behind one small trait: others (PKCS #11) join by
//! implementing it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::sm2;

/// A JWS signature algorithm (RFC 7518 3.1, RFC 8037 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenAlgorithm {
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// SM2 with SM3, under a name of our own (`SM2SM3`; docs/http-api.md).
    #[serde(rename = "SM2SM3")]
    Sm2Sm3,
}

/// A token could not be signed: the key is unusable or the system gave no
/// randomness. It says nothing more, for it may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token could not be signed")]
pub struct SignerFault;

/// A key that signs tokens.
pub trait TokenSigner: std::fmt::Debug + Send + Sync {
    /// Its algorithm: the header's `alg`.
    fn algorithm(&self) -> TokenAlgorithm;

    /// Its id: the header's `kid`, an RFC 7638 thumbprint.
    fn kid(&self) -> &str;

    /// Its public half as published (RFC 7517).
    fn public_jwk(&self) -> &Value;

    /// The signature over `message`, in the form that JWS asks for.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault>;
}

impl TokenAlgorithm {
    /// Its name in a JOSE header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Sm2Sm3 => "SM2SM3",
        }
    }

    /// Makes a private key in PKCS #8.
    pub(crate) fn generate_pkcs8(self) -> Result<Vec<u8>, SignerFault> {
        let random = SystemRandom::new();
        let document = match self {
            Self::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random),
            Self::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
            Self::Sm2Sm3 => return sm2::generate_pkcs8(),
        };
        Ok(document.map_err(|_| SignerFault)?.as_ref().to_vec())
    }
}

/// The signer of a private key in PKCS #8.
pub(crate) fn signer_from_pkcs8(
    algorithm: TokenAlgorithm,
    pkcs8: &[u8],
) -> Result<Box<dyn TokenSigner>, SignerFault> {
    let random = SystemRandom::new();
    Ok(match algorithm {
        TokenAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random);
            Box::new(Es256::new(pair.map_err(|_| SignerFault)?, random)?)
        }
        TokenAlgorithm::EdDsa => {
            let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| SignerFault)?;
            Box::new(EdDsa::new(pair))
        }
        TokenAlgorithm::Sm2Sm3 => Box::new(sm2::Sm2Sm3::from_pkcs8(pkcs8)?),
    })
}

#[derive(Debug)]
struct Es256 {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    public: PublicHalf,
}

impl Es256 {
    fn new(pair: EcdsaKeyPair, random: SystemRandom) -> Result<Self, SignerFault> {
        // SEC 1 2.3.3: 04, x, y.
        let (x, y) = match pair.public_key().as_ref() {
            [4, point @ ..] if point.len() == 64 => point.split_at(32),
            _ => return Err(SignerFault),
        };
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        // RFC 7638 3.2: required members only, in lexicographic order.
        let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let key = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
        let public = PublicHalf::new(key, &thumbprint, TokenAlgorithm::Es256);
        Ok(Self { pair, random, public })
    }
}

impl TokenSigner for Es256 {
    fn algorithm(&self) -> TokenAlgorithm {
        TokenAlgorithm::Es256
    }

    fn kid(&self) -> &str {
        &self.public.kid
    }

    fn public_jwk(&self) -> &Value {
        &self.public.jwk
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault> {
        let signature = self.pair.sign(&self.random, message).map_err(|_| SignerFault)?;
        Ok(signature.as_ref().to_vec())
    }
}

#[derive(Debug)]
struct EdDsa {
    pair: Ed25519KeyPair,
    public: PublicHalf,
}

impl EdDsa {
    fn new(pair: Ed25519KeyPair) -> Self {
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        // RFC 8037 2: the same for octet key pairs.
        let thumbprint = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": x });
        let public = PublicHalf::new(key, &thumbprint, TokenAlgorithm::EdDsa);
        Self { pair, public }
    }
}

impl TokenSigner for EdDsa {
    fn algorithm(&self) -> TokenAlgorithm {
        TokenAlgorithm::EdDsa
    }

    fn kid(&self) -> &str {
        &self.public.kid
    }

    fn public_jwk(&self) -> &Value {
        &self.public.jwk
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerFault> {
        Ok(self.pair.sign(message).as_ref().to_vec())
    }
}

#[derive(Debug)]
pub(super) struct PublicHalf {
    pub(super) kid: String,
    pub(super) jwk: Value,
}

impl PublicHalf {
    pub(super) fn new(mut jwk: Value, thumbprint: &str, algorithm: TokenAlgorithm) -> Self {
        let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, thumbprint.as_bytes()));
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(algorithm.as_str());
        jwk["kid"] = json!(kid);
        Self { kid, jwk }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kid_is_the_thumbprint_of_rfc_8037_a_3() {
        // RFC 8037 A.1 (private key) in PKCS #8 version 1, A.3 (thumbprint).
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        assert_eq!(EdDsa::new(pair).kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_of_another_algorithm_is_refused() {
        let pkcs8 = TokenAlgorithm::EdDsa.generate_pkcs8().unwrap();
        assert!(signer_from_pkcs8(TokenAlgorithm::Es256, &pkcs8).is_err());
    }
}
