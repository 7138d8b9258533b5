//! SM2 keys, which rcgen does not know.
//!
//! 1. rcgen writes a body with a stand-in algorithm, as it does for every key
//!    ([`crate::body`]); key identifiers come from the true key.
//! 2. What names the algorithm or the key is replaced by what stands here.
//! 3. RustCrypto's `sm2` signs, in its constant-time way.

use der::Tag;
use sm2::SecretKey;
use sm2::dsa::signature::Signer as _;
use sm2::dsa::{Signature, SigningKey};
use sm2::elliptic_curve::Generate as _;
use sm2::pkcs8::EncodePrivateKey as _;

use crate::error::TestdataError;
use crate::oid;
use crate::value::{Value, tagged};

/// An SM2 key pair that signs under one user id.
pub(crate) struct Sm2Pair {
    signing: SigningKey,
    secret: SecretKey,
    point: Vec<u8>,
    pkcs8: Vec<u8>,
}

impl Sm2Pair {
    pub(crate) fn generate(user_id: &str) -> Result<Self, TestdataError> {
        let secret = SecretKey::try_generate().map_err(|_| TestdataError::Randomness)?;
        let signing = SigningKey::new(user_id, &secret).map_err(|_| TestdataError::Sm2)?;
        let point = signing.verifying_key().to_sec1_bytes().into_vec();
        let pkcs8 = secret.to_pkcs8_der()?.as_bytes().to_vec();
        Ok(Self { signing, secret, point, pkcs8 })
    }

    /// PKCS#8, DER.
    pub(crate) fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The point, uncompressed.
    pub(crate) fn point(&self) -> &[u8] {
        &self.point
    }

    /// SubjectPublicKeyInfo: id-ecPublicKey with the curve (GM/T 0009).
    pub(crate) fn public_key_der(&self) -> Result<Vec<u8>, TestdataError> {
        let algorithm = Value::Sequence(vec![
            Value::ObjectIdentifier(oid::EC_PUBLIC_KEY.to_owned()),
            Value::ObjectIdentifier(oid::SM2.to_owned()),
        ]);
        let bits = [&[0], &self.point[..]].concat();
        tagged(Tag::Sequence, &[algorithm.to_der()?, tagged(Tag::BitString, &bits)?].concat())
    }

    /// The signature in DER.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.signing.sign(message);
        signature.to_der().as_bytes().to_vec()
    }

    /// r and s under another user id.
    pub(crate) fn sign_raw(
        &self,
        user_id: &str,
        message: &[u8],
    ) -> Result<[u8; 64], TestdataError> {
        let signing = SigningKey::new(user_id, &self.secret).map_err(|_| TestdataError::Sm2)?;
        let signature: Signature = signing.sign(message);
        Ok(signature.to_bytes().into())
    }
}

/// SM2 with SM3 and NULL, as nearly every Chinese authority writes it.
pub(crate) fn signature_algorithm() -> Result<Vec<u8>, TestdataError> {
    let fields = vec![
        Value::ObjectIdentifier(oid::SM2_WITH_SM3.to_owned()),
        Value::Raw(tagged(Tag::Null, &[])?),
    ];
    Value::Sequence(fields).to_der()
}
