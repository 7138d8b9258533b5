//! Verification of SM2-with-SM3 signatures, in handshakes and in certificates.
//!
//! Both are the same algorithm with different identifiers (RFC 8998 section
//! 3.2.1), so that neither can stand in for the other.

use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use sm2::dsa::signature::Verifier;
use sm2::dsa::{Signature, VerifyingKey};

use crate::code_points::SM2SIG_SM3;
use crate::point;

/// The SM2 identifier of every signature in a TLS 1.3 handshake (RFC 8998 section
/// 3.2.1).
pub const HANDSHAKE_ID: &str = "TLSv1.3+GM+Cipher+Suite";

/// The SM2 identifier of signatures in certificates (RFC 8998 section 3.2.1,
/// GM/T 0009 section 10).
pub const CERTIFICATE_ID: &str = "1234567812345678";

/// The content octets of an SM2 key's AlgorithmIdentifier: id-ecPublicKey
/// (1.2.840.10045.2.1) with the curve 1.2.156.10197.1.301 (GM/T 0015).
pub(crate) const SM2_KEY: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, // id-ecPublicKey
    0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, // the curve
]);

/// SM2-with-SM3 (1.2.156.10197.1.501) without parameters.
const SM2_WITH_SM3: AlgorithmIdentifier =
    AlgorithmIdentifier::from_slice(&[0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75]);

/// The same with an explicit NULL: most Chinese CAs write it so.
const SM2_WITH_SM3_NULL: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75, 0x05, 0x00,
]);

/// SM2 with SM3, under one identifier.
#[derive(Debug)]
struct Sm2WithSm3 {
    id: &'static str,
    signature: AlgorithmIdentifier,
}

static HANDSHAKE: Sm2WithSm3 = Sm2WithSm3 { id: HANDSHAKE_ID, signature: SM2_WITH_SM3 };
static CERTIFICATE: Sm2WithSm3 = Sm2WithSm3 { id: CERTIFICATE_ID, signature: SM2_WITH_SM3 };
static CERTIFICATE_NULL: Sm2WithSm3 =
    Sm2WithSm3 { id: CERTIFICATE_ID, signature: SM2_WITH_SM3_NULL };

/// For certificates.
pub(crate) static CERTIFICATE_ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] =
    &[&CERTIFICATE, &CERTIFICATE_NULL];

/// For handshakes.
pub(crate) static HANDSHAKE_ALGORITHMS: &[(
    SignatureScheme,
    &[&dyn SignatureVerificationAlgorithm],
)] = &[(SM2SIG_SM3, &[&HANDSHAKE])];

/// SM2 and nothing else.
pub(crate) const SUPPORTED: WebPkiSupportedAlgorithms =
    WebPkiSupportedAlgorithms { all: CERTIFICATE_ALGORITHMS, mapping: HANDSHAKE_ALGORITHMS };

impl SignatureVerificationAlgorithm for Sm2WithSm3 {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let key = point::decode(public_key).ok_or(InvalidSignature)?;
        let key = VerifyingKey::new(self.id, key).map_err(|_| InvalidSignature)?;
        // DER alone: SEQUENCE { r, s } (GM/T 0009 section 7.3), 0 < r, s < n.
        let signature = Signature::from_der(signature).map_err(|_| InvalidSignature)?;
        key.verify(message, &signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        SM2_KEY
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

#[cfg(test)]
mod tests;
