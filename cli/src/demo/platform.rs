//! Verifying a token as a trading platform does: from the published keys alone,
//! with nothing of the gateway's own code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What a platform knows before it sees a token.
#[derive(Debug)]
pub(super) struct Expected<'a> {
    /// The gateway's address.
    pub(super) issuer: &'a str,
    /// The platform's own id.
    pub(super) audience: &'a str,
    /// The platform's time, Unix seconds.
    pub(super) now: i64,
}

/// A published key set (RFC 7517).
#[derive(Debug, Deserialize)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kid: String,
    alg: String,
    x: String,
    #[serde(default)]
    y: String,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// The claims that a platform reads.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    aud: String,
    iat: i64,
    exp: i64,
    /// Who it is.
    pub(super) sub: String,
}

/// Clocks of two machines differ by so much at most, in seconds.
const LEEWAY: i64 = 60;

/// Checks signature, type, issuer, audience and times.
pub(super) fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<Claims, String> {
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("the token is no compact JWS".to_owned());
    };
    let header: Header = json(head)?;
    let typed = header.typ == "at+jwt";
    let key = keys.keys.iter().find(|key| key.kid == header.kid && key.alg == header.alg);
    let key = key.filter(|_| typed).ok_or("the token is of another type or an unknown key")?;
    let signed = token.get(..head.len() + 1 + body.len()).unwrap_or_default();
    key.verify(signed.as_bytes(), &decode(signature)?)?;
    let claims: Claims = json(body)?;
    let current = claims.iat <= expected.now + LEEWAY && expected.now < claims.exp;
    match (claims.iss == expected.issuer, claims.aud == expected.audience, current) {
        (true, true, true) => Ok(claims),
        (false, ..) => Err(format!("issued by {}", claims.iss)),
        (_, false, _) => Err(format!("meant for {}", claims.aud)),
        (.., false) => Err(format!("valid from {} to {}", claims.iat, claims.exp)),
    }
}

impl Key {
    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), String> {
        let x = decode(&self.x)?;
        let verified = match self.alg.as_str() {
            "ES256" => {
                // SEC 1 2.3.3: an uncompressed point starts with 4.
                let point = [&[4], x.as_slice(), decode(&self.y)?.as_slice()].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            "EdDSA" => UnparsedPublicKey::new(&ED25519, x).verify(message, signature),
            other => return Err(format!("the algorithm {other} is unknown here")),
        };
        verified.map_err(|_| "the signature is wrong".to_owned())
    }
}

fn json<T: DeserializeOwned>(part: &str) -> Result<T, String> {
    serde_json::from_slice(&decode(part)?).map_err(|error| error.to_string())
}

fn decode(part: &str) -> Result<Vec<u8>, String> {
    URL_SAFE_NO_PAD.decode(part).map_err(|error| error.to_string())
}
