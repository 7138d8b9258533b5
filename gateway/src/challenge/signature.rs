//! The signature over a challenge, as the client sends it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tongxing_pki::{
    Certificate, Fault, Finding, SignatureFault, SignatureForm, SignatureRules, SignatureScheme,
    Sm2Encodings, Timestamp, verify_raw_signature_with,
};
use tongxing_trust_store::{MAX_CHAIN, Snapshot};
use utoipa::ToSchema;

use crate::raw_signature;

/// A raw signature with the certificate that verifies it; base64 of DER
/// throughout.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "format", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum ChallengeSignature {
    /// The bytes that the key's driver returned, and nothing around them.
    Raw(RawSignature),
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSignature {
    algorithm: Algorithm,
    #[schema(value_type = String)]
    value: Base64,
    #[schema(value_type = String)]
    certificate: Base64,
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    chain: Vec<Base64>,
}

/// The algorithms that drivers sign challenges with.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
enum Algorithm {
    #[serde(rename = "rsa-pkcs1-sha256")]
    RsaPkcs1Sha256,
    #[serde(rename = "rsa-pss-sha256")]
    RsaPssSha256,
    /// With P-256 and P-384 keys; the signature in DER.
    #[serde(rename = "ecdsa-sha256")]
    EcdsaSha256,
    #[serde(rename = "ed25519")]
    Ed25519,
    /// SM2 with SM3; the signature in DER, or r and s in 64 octets.
    #[serde(rename = "sm2-sm3")]
    Sm2Sm3,
}

/// Bytes in padded base64 (RFC 4648 4).
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Base64(Vec<u8>);

impl TryFrom<String> for Base64 {
    type Error = base64::DecodeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(Self)
    }
}

/// Why a signature does not prove possession.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignatureProblem {
    /// The certificate cannot be read.
    Certificate {
        /// What is wrong with it.
        fault: Fault,
    },
    /// No key of this kind makes signatures of this algorithm.
    Algorithm {
        /// What does not go together.
        problem: String,
    },
    /// The octets cannot be a signature of this kind, and which way.
    Impossible {
        /// What is wrong with them.
        finding: Box<Finding>,
    },
    /// The signature does not verify.
    Invalid,
}

/// A signature that verified.
pub(super) struct Verified {
    /// Leaf first.
    pub(super) chain: Vec<Certificate>,
    /// How it was made.
    pub(super) form: SignatureForm,
}

impl ChallengeSignature {
    /// The chain, leaf first, if the signature over `message` verifies with the
    /// leaf's key. Others of the chain that are malformed or too many are left
    /// out, as in a handshake.
    ///
    /// SM2 signers may have used the user ids that the policy of the certificate's
    /// authority names.
    pub(super) fn verify(
        &self,
        message: &[u8],
        (snapshot, now): (&Snapshot, Timestamp),
    ) -> Result<Verified, SignatureProblem> {
        let Self::Raw(raw) = self;
        let leaf = Certificate::parse(&raw.certificate.0)
            .map_err(|fault| SignatureProblem::Certificate { fault })?;
        let scheme = match raw.algorithm {
            Algorithm::RsaPkcs1Sha256 => SignatureScheme::RsaPkcs1Sha256,
            Algorithm::RsaPssSha256 => SignatureScheme::RsaPssSha256,
            Algorithm::EcdsaSha256 => raw_signature::ecdsa_sha256(&leaf),
            Algorithm::Ed25519 => SignatureScheme::Ed25519,
            Algorithm::Sm2Sm3 => SignatureScheme::Sm2Sm3,
        };
        let mut chain = vec![leaf];
        let others = raw.chain.iter().take(MAX_CHAIN - 1);
        chain.extend(others.filter_map(|der| Certificate::parse(&der.0).ok()));
        let rules = SignatureRules::default()
            .with_sm2_encodings(Sm2Encodings::DerOrRaw)
            .with_sm2_user_ids(snapshot.sm2_user_ids(&chain, now));
        let verified =
            verify_raw_signature_with(chain[0].public_key(), scheme, &rules, message, &raw.value.0);
        let form = verified.map_err(SignatureProblem::from)?;
        Ok(Verified { chain, form })
    }
}

impl From<SignatureFault> for SignatureProblem {
    fn from(fault: SignatureFault) -> Self {
        match fault {
            SignatureFault::Invalid => Self::Invalid,
            SignatureFault::Sm2(_) => Self::Impossible { finding: Box::new(fault.finding()) },
            other => Self::Algorithm { problem: other.to_string() },
        }
    }
}
