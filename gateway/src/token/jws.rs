//! Compact JWS serialisation (RFC 7515 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::{SignerFault, TokenSigner};

/// RFC 9068 2.1: an access token, so that no other JWT passes for one.
const TYPE: &str = "at+jwt";

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    kid: &'a str,
}

/// Signs claims: header, payload and signature in base64url, joined by dots.
pub(super) fn sign_compact(
    claims: &impl Serialize,
    signer: &dyn TokenSigner,
) -> Result<String, SignerFault> {
    let header = Header { alg: signer.algorithm().as_str(), typ: TYPE, kid: signer.kid() };
    let mut token = String::with_capacity(1024);
    append(&mut token, &to_json(&header)?);
    token.push('.');
    append(&mut token, &to_json(claims)?);
    let signature = signer.sign(token.as_bytes())?;
    token.push('.');
    append(&mut token, &signature);
    Ok(token)
}

fn append(token: &mut String, bytes: &[u8]) {
    URL_SAFE_NO_PAD.encode_string(bytes, token);
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, SignerFault> {
    serde_json::to_vec(value).map_err(|_| SignerFault)
}

#[cfg(test)]
mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
    use serde_json::{Value, json};

    use super::*;
    use crate::token::{TokenAlgorithm, signer_from_pkcs8};

    fn decode(part: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(part).unwrap()
    }

    fn signed(algorithm: TokenAlgorithm) -> (String, Value) {
        let pkcs8 = algorithm.generate_pkcs8().unwrap();
        let signer = signer_from_pkcs8(algorithm, &pkcs8).unwrap();
        let token = sign_compact(&json!({ "sub": "a" }), signer.as_ref()).unwrap();
        (token, signer.public_jwk().clone())
    }

    #[test]
    fn es256_verifies_with_the_published_key() {
        let (token, jwk) = signed(TokenAlgorithm::Es256);
        let (message, signature) = token.rsplit_once('.').unwrap();
        let mut point = vec![4];
        point.extend(decode(jwk["x"].as_str().unwrap()));
        point.extend(decode(jwk["y"].as_str().unwrap()));
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        key.verify(message.as_bytes(), &decode(signature)).unwrap();

        let (header, payload) = message.split_once('.').unwrap();
        let header: Value = serde_json::from_slice(&decode(header)).unwrap();
        assert_eq!(header, json!({ "alg": "ES256", "typ": "at+jwt", "kid": jwk["kid"] }));
        assert_eq!(decode(payload), br#"{"sub":"a"}"#);
    }

    #[test]
    fn eddsa_verifies_with_the_published_key() {
        let (token, jwk) = signed(TokenAlgorithm::EdDsa);
        let (message, signature) = token.rsplit_once('.').unwrap();
        let key = UnparsedPublicKey::new(&ED25519, decode(jwk["x"].as_str().unwrap()));
        key.verify(message.as_bytes(), &decode(signature)).unwrap();
        assert_eq!(jwk["alg"], "EdDSA");
    }
}
