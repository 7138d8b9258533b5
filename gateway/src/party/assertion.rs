//! Client assertions: JWTs that a platform signs about itself (RFC 7523 section 3).
//!
//! The algorithm is among the few below and must go with the registered key, whatever
//! the header says; `none` and shared keys are not among them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use der::Encode as _;
use der::asn1::UintRef;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use tongxing_pki::{PublicKey, SignatureScheme, Timestamp, verify_raw_signature};
use tongxing_trust_store::RelyingPartyId;

use super::PartyFault;

/// RSA-8192 and long claims fit.
const MAX_TEXT: usize = 8 * 1024;

/// An assertion may be good for so long: it is made for one request.
const MAX_LIFE_SECONDS: i64 = 300;

/// How far clocks may be apart.
const LEEWAY_SECONDS: i64 = 60;

/// The longest `jti`: a UUID has 36 characters.
const MAX_ID: usize = 128;

/// RFC 7518 3.1 and RFC 8037 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Algorithm {
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "ES384")]
    Es384,
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "PS256")]
    Ps256,
}

#[derive(Deserialize)]
struct Header {
    alg: Algorithm,
    /// RFC 7515 4.1.11: extensions that must be understood. None are, `null` included.
    #[serde(default, deserialize_with = "present")]
    crit: Option<IgnoredAny>,
}

fn present<'de, D: Deserializer<'de>>(member: D) -> Result<Option<IgnoredAny>, D::Error> {
    IgnoredAny::deserialize(member).map(Some)
}

#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(default)]
    iat: Option<i64>,
    jti: String,
}

/// RFC 7519 4.1.3: one, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// An assertion that reads. It says nothing before its signature and its claims are
/// checked.
#[derive(Debug)]
pub(super) struct Assertion {
    algorithm: Algorithm,
    message: String,
    signature: Vec<u8>,
    claims: Claims,
}

impl Assertion {
    pub(super) fn parse(text: &str) -> Result<Self, PartyFault> {
        let malformed = PartyFault::Malformed("the bearer token is no JWT of the form asked for");
        if text.len() > MAX_TEXT {
            return Err(malformed);
        }
        let parse = || {
            let (message, signature) = text.rsplit_once('.')?;
            let (header, claims) = message.split_once('.')?;
            let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
            let claims: Claims = serde_json::from_slice(&decode(claims)?).ok()?;
            let known = header.crit.is_none();
            let id = (1..=MAX_ID).contains(&claims.jti.len());
            let (algorithm, signature) = (header.alg, decode(signature)?);
            let message = message.to_owned();
            (known && id).then_some(Self { algorithm, message, signature, claims })
        };
        parse().ok_or(malformed)
    }

    /// Who it says it is from.
    pub(super) fn issuer(&self) -> Option<RelyingPartyId> {
        self.claims.iss.parse().ok()
    }

    /// Its `jti`.
    pub(super) fn id(&self) -> &str {
        &self.claims.jti
    }

    /// When no clock within the leeway takes it any more.
    pub(super) fn good_until(&self) -> Timestamp {
        Timestamp::from_unix(self.claims.exp).plus_seconds(LEEWAY_SECONDS)
    }

    /// Whether one of these keys signed it.
    pub(super) fn is_signed_by(&self, keys: &[PublicKey]) -> bool {
        let Some((scheme, signature)) = self.algorithm.scheme(&self.signature) else {
            return false;
        };
        let verifies = |key: &PublicKey| {
            verify_raw_signature(key, scheme, self.message.as_bytes(), &signature).is_ok()
        };
        keys.iter().any(verifies)
    }

    /// RFC 7523 3, items 1 to 6: about itself, for us, now, and not for long.
    pub(super) fn check(&self, audiences: &[String], now: Timestamp) -> Result<(), PartyFault> {
        let claims = &self.claims;
        let for_us = |audience: &String| audiences.contains(audience);
        let meant = match &claims.aud {
            Audience::One(audience) => for_us(audience),
            Audience::Several(several) => several.iter().any(for_us),
        };
        let now = now.unix();
        let begun = |at: i64| at <= now.saturating_add(LEEWAY_SECONDS);
        let latest = now.saturating_add(MAX_LIFE_SECONDS + LEEWAY_SECONDS);
        let checks = [
            (claims.sub == claims.iss, "its sub is not its iss"),
            (meant, "its aud is not this gateway"),
            (now <= claims.exp.saturating_add(LEEWAY_SECONDS), "it has expired"),
            (claims.exp <= latest, "its exp is more than five minutes ahead"),
            (claims.nbf.is_none_or(begun), "its nbf is in the future"),
            (claims.iat.is_none_or(begun), "its iat is in the future"),
        ];
        match checks.iter().find(|(holds, _)| !holds) {
            Some((_, why)) => Err(PartyFault::Assertion(why)),
            None => Ok(()),
        }
    }
}

impl Algorithm {
    /// What verifies it, and the signature in that form. ECDSA is r and s side by
    /// side in a JWS (RFC 7518 3.4), and DER everywhere else.
    fn scheme(self, signature: &[u8]) -> Option<(SignatureScheme, Vec<u8>)> {
        Some(match self {
            Self::Es256 => (SignatureScheme::EcdsaP256Sha256, ecdsa_der(signature, 32)?),
            Self::Es384 => (SignatureScheme::EcdsaP384Sha384, ecdsa_der(signature, 48)?),
            Self::EdDsa => (SignatureScheme::Ed25519, signature.to_vec()),
            Self::Rs256 => (SignatureScheme::RsaPkcs1Sha256, signature.to_vec()),
            Self::Ps256 => (SignatureScheme::RsaPssSha256, signature.to_vec()),
        })
    }
}

/// `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 2.2.3).
fn ecdsa_der(signature: &[u8], half: usize) -> Option<Vec<u8>> {
    let (r, s) = signature.split_at_checked(half).filter(|(_, s)| s.len() == half)?;
    let integer = |octets| UintRef::new(octets).and_then(|integer| integer.to_der()).ok();
    let content = [integer(r)?, integer(s)?].concat();
    der::asn1::AnyRef::new(der::Tag::Sequence, &content).ok()?.to_der().ok()
}

fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_780_000_000;
    const US: &str = "https://g.example";

    struct Platform {
        pair: EcdsaKeyPair,
        key: PublicKey,
    }

    impl Platform {
        fn new() -> Self {
            let random = SystemRandom::new();
            let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
            // RFC 5480: SEQUENCE { SEQUENCE { ecPublicKey, prime256v1 }, BIT STRING }.
            let prefix = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
                \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
            let spki = [&prefix[..], pair.public_key().as_ref()].concat();
            Self { pair, key: PublicKey::from_spki_der(&spki).unwrap() }
        }

        fn sign(&self, header: &Value, claims: &Value) -> String {
            let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            let message = format!("{}.{}", encode(header), encode(claims));
            let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
            format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
        }
    }

    fn claims() -> Value {
        json!({ "iss": "a", "sub": "a", "aud": US, "exp": NOW + 60, "jti": "1" })
    }

    fn checked(claims: &Value) -> Result<(), PartyFault> {
        let text = Platform::new().sign(&json!({ "alg": "ES256" }), claims);
        Assertion::parse(&text)?.check(&[US.to_owned()], Timestamp::from_unix(NOW))
    }

    #[test]
    fn a_registered_key_verifies_and_no_other() {
        let platform = Platform::new();
        let text = platform.sign(&json!({ "alg": "ES256", "kid": "any" }), &claims());
        let assertion = Assertion::parse(&text).unwrap();
        let other = Platform::new().key;
        assert!(assertion.is_signed_by(&[other.clone(), platform.key.clone()]));
        assert!(!assertion.is_signed_by(&[other]) && !assertion.is_signed_by(&[]));
        for at in [0, text.len() / 2, text.len() - 2] {
            let mut altered = text.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            let accepted = Assertion::parse(&altered)
                .is_ok_and(|assertion| assertion.is_signed_by(std::slice::from_ref(&platform.key)));
            assert!(!accepted, "byte {at}");
        }
    }

    #[test]
    fn the_header_chooses_no_algorithm_that_the_key_is_not_for() {
        let platform = Platform::new();
        for alg in ["none", "HS256", "es256", "RS1"] {
            let text = platform.sign(&json!({ "alg": alg }), &claims());
            assert!(Assertion::parse(&text).is_err(), "{alg}");
        }
        for alg in ["RS256", "PS256", "EdDSA", "ES384"] {
            let text = platform.sign(&json!({ "alg": alg }), &claims());
            let assertion = Assertion::parse(&text).unwrap();
            assert!(!assertion.is_signed_by(std::slice::from_ref(&platform.key)), "{alg}");
        }
        for crit in [json!(["b64"]), json!(null)] {
            let critical = json!({ "alg": "ES256", "crit": crit, "b64": false });
            assert!(Assertion::parse(&platform.sign(&critical, &claims())).is_err());
        }
    }

    #[test]
    fn claims_are_about_itself_for_us_and_for_now() {
        checked(&claims()).unwrap();
        let several = json!({ "aud": ["https://x.example", US] });
        let with = |change: &Value| {
            let mut claims = claims();
            for (name, value) in change.as_object().unwrap() {
                claims[name] = value.clone();
            }
            checked(&claims)
        };
        with(&several).unwrap();
        with(&json!({ "nbf": NOW + 30, "iat": NOW - 10 })).unwrap();
        for wrong in [
            json!({ "sub": "b" }),
            json!({ "aud": "https://x.example" }),
            json!({ "aud": [] }),
            json!({ "exp": NOW - 61 }),
            json!({ "exp": NOW + 361 }),
            json!({ "exp": i64::MAX }),
            json!({ "nbf": NOW + 61 }),
            json!({ "iat": NOW + 61 }),
        ] {
            assert!(matches!(with(&wrong), Err(PartyFault::Assertion(_))), "{wrong}");
        }
        for wrong in [json!({ "jti": "" }), json!({ "exp": "soon" }), json!({ "jti": null })] {
            assert!(matches!(with(&wrong), Err(PartyFault::Malformed(_))), "{wrong}");
        }
    }
}
