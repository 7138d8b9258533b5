//! Statements signed by the evidence key: compact JWS (RFC 7515 7.1), and the keys that
//! verify them as a key set (RFC 7517).
//!
//! `alg` is `EdDSA` (RFC 8037), and in records of the profile `gm` `SM2SM3`, for which
//! nothing is registered: r and s in 64 octets, the user id `1234567812345678`
//! (GM/T 0009), as tokens have it. `kid` is the RFC 7638 thumbprint of the key. The `typ`
//! says what is signed, so that a notice never passes for a receipt; and what is signed
//! here is no checkpoint, whose text has lines.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::evidence::{EvidenceKey, EvidenceSigner, NoteError};
use crate::hex;
use crate::profile::RecordProfile;

/// The type of receipts.
pub(crate) const RECEIPT: &str = "tongxing-receipt+jws";

/// The type of notices about receipts.
pub(crate) const NOTICE: &str = "tongxing-notice+jws";

/// Why something was not accepted as a signed statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsFault {
    /// Not the compact form, or a header that says something else.
    #[error("no compact JWS of this type: {0}")]
    Form(&'static str),
    /// None of the keys that are trusted is the one that it names.
    #[error("signed by key {kid}, which is none of those that are trusted")]
    UnknownKey {
        /// The key's thumbprint.
        kid: String,
    },
    /// The signature does not verify.
    #[error("the signature of key {kid} does not verify: what it states was altered")]
    Altered {
        /// The key's thumbprint.
        kid: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// Signs a payload as it is.
pub(crate) fn sign(
    signer: &EvidenceSigner,
    typ: &str,
    payload: &[u8],
) -> Result<String, NoteError> {
    let key = signer.key();
    let header = json!({ "alg": algorithm(key), "typ": typ, "kid": thumbprint(key) });
    let mut text = String::with_capacity(payload.len() * 4 / 3 + 256);
    URL_SAFE_NO_PAD.encode_string(header.to_string(), &mut text);
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut text);
    let signature = signer.sign(text.as_bytes())?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Ok(text)
}

/// What a JWS says, before anybody believes it.
#[derive(Debug)]
pub(crate) struct Jws {
    header: Header,
    pub(crate) payload: Vec<u8>,
    message: String,
    signature: Vec<u8>,
}

impl Jws {
    pub(crate) fn parse(text: &str, typ: &str) -> Result<Self, JwsFault> {
        let mut parts = text.split('.');
        let (Some(head), Some(body), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(JwsFault::Form("it does not have three parts"));
        };
        let decode = |part: &str| {
            let decoded = URL_SAFE_NO_PAD.decode(part);
            decoded.map_err(|_| JwsFault::Form("a part of it is no base64url"))
        };
        let header: Header = serde_json::from_slice(&decode(head)?)
            .map_err(|_| JwsFault::Form("its header is another"))?;
        if header.typ != typ {
            return Err(JwsFault::Form("its type is another"));
        }
        let (payload, signature) = (decode(body)?, decode(signature)?);
        Ok(Self { header, payload, message: format!("{head}.{body}"), signature })
    }

    /// Which of `keys` signed it.
    pub(crate) fn verify<'k>(&self, keys: &'k [EvidenceKey]) -> Result<&'k EvidenceKey, JwsFault> {
        let kid = || self.header.kid.clone();
        let named = |key: &&EvidenceKey| {
            thumbprint(key) == self.header.kid && algorithm(key) == self.header.alg
        };
        let key = keys.iter().find(named).ok_or_else(|| JwsFault::UnknownKey { kid: kid() })?;
        if key.verifies(self.message.as_bytes(), &self.signature) {
            Ok(key)
        } else {
            Err(JwsFault::Altered { kid: kid() })
        }
    }
}

/// The evidence keys of all times as a key set (RFC 7517), oldest first.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceKeySet {
    keys: Vec<Value>,
}

impl EvidenceKeySet {
    /// These keys.
    pub fn of(keys: &[EvidenceKey]) -> Self {
        Self { keys: keys.iter().map(jwk).collect() }
    }
}

fn jwk(key: &EvidenceKey) -> Value {
    let mut jwk = public(key);
    jwk["kid"] = json!(thumbprint(key));
    jwk["alg"] = json!(algorithm(key));
    jwk["use"] = json!("sig");
    jwk
}

/// The members that RFC 7638 3.2 takes. `serde_json` writes them in their order.
fn public(key: &EvidenceKey) -> Value {
    let octets = key.public_octets();
    match key.profile() {
        RecordProfile::Standard => {
            json!({ "crv": "Ed25519", "kty": "OKP", "x": URL_SAFE_NO_PAD.encode(octets) })
        }
        RecordProfile::Gm => {
            // SEC 1 2.3.3: 04, x, y.
            let (x, y) = octets.get(1..).unwrap_or_default().split_at(32.min(octets.len() - 1));
            let [x, y] = [x, y].map(|half| URL_SAFE_NO_PAD.encode(half));
            json!({ "crv": "SM2", "kty": "EC", "x": x, "y": y })
        }
    }
}

fn thumbprint(key: &EvidenceKey) -> String {
    let sha256 = hex::decode(&hex::sha256(public(key).to_string().as_bytes()));
    URL_SAFE_NO_PAD.encode(sha256.unwrap_or_default())
}

fn algorithm(key: &EvidenceKey) -> &'static str {
    match key.profile() {
        RecordProfile::Standard => "EdDSA",
        RecordProfile::Gm => "SM2SM3",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(profile: RecordProfile) -> EvidenceSigner {
        EvidenceSigner::from_seed(profile, "tongxing.test", &[5; 32]).unwrap()
    }

    #[test]
    fn what_was_signed_verifies_with_its_key_and_as_its_type_alone() {
        for profile in RecordProfile::ALL {
            let signer = signer(profile);
            let other = EvidenceSigner::from_seed(profile, "tongxing.test", &[6; 32]).unwrap();
            let keys = [other.key().clone(), signer.key().clone()];
            let text = sign(&signer, RECEIPT, b"{\"a\":1}").unwrap();
            let jws = Jws::parse(&text, RECEIPT).unwrap();
            assert_eq!(jws.verify(&keys).unwrap(), signer.key());
            assert_eq!(jws.payload, b"{\"a\":1}");
            assert!(matches!(jws.verify(&keys[..1]), Err(JwsFault::UnknownKey { .. })));
            assert!(matches!(Jws::parse(&text, NOTICE), Err(JwsFault::Form(_))));
            for place in 0..text.len() {
                let mut altered = text.clone().into_bytes();
                altered[place] = if altered[place] == b'A' { b'B' } else { b'A' };
                let altered = String::from_utf8(altered).unwrap();
                let refused =
                    Jws::parse(&altered, RECEIPT).is_ok_and(|jws| jws.verify(&keys).is_ok());
                assert!(!refused, "{profile} at {place}");
            }
        }
    }

    /// RFC 8037 appendix A.3.
    #[test]
    fn a_thumbprint_is_that_of_the_standard() {
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let key = EvidenceKey::new("a", x.try_into().unwrap()).unwrap();
        assert_eq!(thumbprint(&key), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
