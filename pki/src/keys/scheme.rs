//! Signature schemes, and what can be wrong with a signature.

use serde::Serialize;

use crate::code::Code;
use crate::codes;
use crate::finding::{Finding, Level};

use super::algorithm::SignatureAlgorithm;
use super::hash::Hash;
use super::primitive;
use super::public_key::{KeyAlgorithm, PublicKey};
use super::sm2::{Sm2Encoding, Sm2Encodings, Sm2Fault, Sm2UserId, Sm2UserIds};

/// A complete way of signing: padding or curve, and hash. Named by those who
/// sign outside certificates: TLS handshakes and sign-in challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignatureScheme {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256 throughout and a salt of 32 octets.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384 throughout and a salt of 48 octets.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512 throughout and a salt of 64 octets.
    RsaPssSha512,
    /// ECDSA on P-256 with SHA-256; the signature is DER.
    EcdsaP256Sha256,
    /// ECDSA on P-256 with SHA-384; the signature is DER.
    EcdsaP256Sha384,
    /// ECDSA on P-384 with SHA-256; the signature is DER.
    EcdsaP384Sha256,
    /// ECDSA on P-384 with SHA-384; the signature is DER.
    EcdsaP384Sha384,
    /// Ed25519.
    Ed25519,
    /// SM2 with SM3, by the user id and in the encoding that the rules allow.
    Sm2Sm3,
}

/// Whether signatures with weak algorithms are verified at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WeakAlgorithms {
    /// They are refused by name ([`SignatureFault::Weak`]).
    #[default]
    Refused,
    /// RSA with SHA-1 is verified, by PKCS#1 v1.5 or PSS. For authorities whose
    /// policy names an end date for it; collisions with SHA-1 are practical.
    DangerAllowSha1,
}

/// What is allowed of a signature beyond what the standards prescribe. The default
/// allows nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureRules {
    /// Whether weak algorithms are verified at all.
    pub weak: WeakAlgorithms,
    /// The user ids that SM2 signers may have used.
    pub sm2_user_ids: Sm2UserIds,
    /// The encodings that SM2 signatures outside certificates, lists and responses
    /// may have; in those they are DER whatever stands here.
    pub sm2_encodings: Sm2Encodings,
}

impl SignatureRules {
    /// The rules with this said about weak algorithms.
    #[must_use]
    pub fn with_weak(mut self, weak: WeakAlgorithms) -> Self {
        self.weak = weak;
        self
    }

    /// The rules with these user ids of SM2 signers.
    #[must_use]
    pub fn with_sm2_user_ids(mut self, user_ids: Sm2UserIds) -> Self {
        self.sm2_user_ids = user_ids;
        self
    }

    /// The rules with these encodings of SM2 signatures.
    #[must_use]
    pub fn with_sm2_encodings(mut self, encodings: Sm2Encodings) -> Self {
        self.sm2_encodings = encodings;
        self
    }

    /// How many verifications a signature of this key may cost.
    pub(crate) fn trials(&self, key: &PublicKey) -> usize {
        match key.algorithm() {
            KeyAlgorithm::Sm2 => self.sm2_user_ids.iter().len(),
            _ => 1,
        }
    }
}

/// How a signature that verifies was made, where there is a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureForm(Option<(Sm2Encoding, Sm2UserId)>);

impl SignatureForm {
    pub(super) fn sm2(encoding: Sm2Encoding, user_id: Sm2UserId) -> Self {
        Self(Some((encoding, user_id)))
    }

    /// How an SM2 signature was encoded.
    #[must_use]
    pub fn sm2_encoding(&self) -> Option<Sm2Encoding> {
        self.0.as_ref().map(|(encoding, _)| *encoding)
    }

    /// The user id that an SM2 signature was made with.
    #[must_use]
    pub fn sm2_user_id(&self) -> Option<&Sm2UserId> {
        self.0.as_ref().map(|(_, user_id)| user_id)
    }

    /// What a report says of the encoding of an SM2 signature that had the choice.
    #[must_use]
    pub fn encoding_finding(&self) -> Option<Finding> {
        let encoding = self.sm2_encoding()?;
        Some(Finding::info(&codes::SM2_ENCODING).seen(encoding.as_str()))
    }

    /// What a report says of a signature by another user id than the standard's.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let user_id = self.sm2_user_id().filter(|user_id| !user_id.is_standard())?;
        Some(Finding::info(&codes::SM2_USER_ID).expected(Sm2UserId::standard()).seen(user_id))
    }
}

/// Why a signature does not verify.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// The signature is wrong for this key and message.
    #[error("the signature does not verify")]
    Invalid,
    /// The algorithm, or its combination with this kind of key, is unknown.
    #[error("unsupported signature algorithm: {algorithm}")]
    UnsupportedAlgorithm {
        /// The algorithm as named by the signed structure.
        algorithm: String,
    },
    /// The algorithm is known to be weak and was not allowed.
    #[error("weak signature algorithm: {algorithm}")]
    Weak {
        /// The algorithm.
        algorithm: String,
    },
    /// The algorithm's parameters are not as prescribed.
    #[error("parameters of the signature algorithm {algorithm} are not as prescribed")]
    Parameters {
        /// The algorithm.
        algorithm: String,
    },
    /// The algorithm is for another kind of key.
    #[error("{algorithm} does not go with a key of kind {key}")]
    KeyMismatch {
        /// The algorithm.
        algorithm: String,
        /// The kind of key.
        key: String,
    },
    /// The kind of key is unknown.
    #[error("unsupported key: {key}")]
    UnsupportedKey {
        /// The kind of key.
        key: String,
    },
    /// The key does not have the form of its kind.
    #[error("{key}")]
    MalformedKey {
        /// What kind it claims to be.
        key: String,
    },
    /// An RSA key outside 2048 to 8192 bits.
    #[error("an RSA key of {bits} bits")]
    KeySize {
        /// The length of the modulus.
        bits: usize,
    },
    /// What the octets of an SM2 key or signature cannot be.
    #[error(transparent)]
    Sm2(#[from] Sm2Fault),
    /// The algorithm signs whole messages: a digest cannot be verified.
    #[error("{algorithm} signs whole messages, never digests")]
    WholeMessage {
        /// The algorithm.
        algorithm: String,
    },
    /// The BIT STRING is not a whole number of octets.
    #[error("the signature is not a whole number of octets")]
    UnusedBits,
    /// What was signed is not kept any more ([`crate::VerifiedCrl`]).
    #[error("what was signed was released after it had been verified")]
    Released,
}

/// Verifies a signature made outside a certificate: a challenge, a handshake.
///
/// # Errors
/// The [`SignatureFault`] that says why not.
pub fn verify_raw_signature(
    key: &PublicKey,
    scheme: SignatureScheme,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureFault> {
    let rules = SignatureRules::default();
    verify_raw_signature_with(key, scheme, &rules, message, signature).map(drop)
}

/// The same by a caller's rules, telling how the signature was made.
///
/// # Errors
/// The [`SignatureFault`] that says why not.
pub fn verify_raw_signature_with(
    key: &PublicKey,
    scheme: SignatureScheme,
    rules: &SignatureRules,
    message: &[u8],
    signature: &[u8],
) -> Result<SignatureForm, SignatureFault> {
    check_key(key)?;
    if !scheme.fits(key.algorithm()) {
        return Err(mismatch(&format!("{scheme:?}"), key));
    }
    primitive::verify(scheme.into(), key, rules, message, signature)
}

/// Verifies the signature of a signed structure. `signature` is the BIT
/// STRING's octets with the count of unused bits, which must be zero.
pub(crate) fn verify_signed(
    key: &PublicKey,
    algorithm: &SignatureAlgorithm,
    rules: &SignatureRules,
    message: &[u8],
    (signature, unused_bits): (&[u8], u8),
) -> Result<SignatureForm, SignatureFault> {
    let scheme = resolve(algorithm, key, rules.weak)?;
    if unused_bits != 0 {
        return Err(SignatureFault::UnusedBits);
    }
    if rules.sm2_encodings == Sm2Encodings::Der {
        return primitive::verify(scheme, key, rules, message, signature);
    }
    let rules = rules.clone().with_sm2_encodings(Sm2Encodings::Der);
    primitive::verify(scheme, key, &rules, message, signature)
}

/// What would come of verifying once more what was verified before with this key:
/// the rules may have changed, the signature has not.
pub(crate) fn check_again(
    key: &PublicKey,
    algorithm: &SignatureAlgorithm,
    rules: &SignatureRules,
    form: &SignatureForm,
) -> Result<SignatureForm, SignatureFault> {
    check_algorithm(key, algorithm, rules.weak)?;
    match form.sm2_user_id() {
        Some(user_id) if !rules.sm2_user_ids.contains(user_id) => {
            Err(super::sm2::not_allowed(user_id))
        }
        _ => Ok(form.clone()),
    }
}

/// Whether the signature of a signed structure could be verified at all with this
/// key: everything but the signature itself.
pub(crate) fn check_algorithm(
    key: &PublicKey,
    algorithm: &SignatureAlgorithm,
    weak: WeakAlgorithms,
) -> Result<(), SignatureFault> {
    resolve(algorithm, key, weak).map(drop)
}

/// A scheme, or a way of signing that none names: weak ones that can be allowed, and
/// PSS with a salt of any length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    Scheme(SignatureScheme),
    DangerRsaPkcs1Sha1,
    RsaPssSalted { hash: Hash, salt: u32 },
}

impl From<SignatureScheme> for Resolved {
    fn from(scheme: SignatureScheme) -> Self {
        Self::Scheme(scheme)
    }
}

/// Brings the algorithm and the key together.
pub(super) fn resolve(
    algorithm: &SignatureAlgorithm,
    key: &PublicKey,
    weak: WeakAlgorithms,
) -> Result<Resolved, SignatureFault> {
    use SignatureAlgorithm as A;
    let name = || algorithm.to_string();
    match algorithm {
        A::Unsupported { .. } => {
            return Err(SignatureFault::UnsupportedAlgorithm { algorithm: name() });
        }
        A::BadParameters { .. } => return Err(SignatureFault::Parameters { algorithm: name() }),
        A::RsaPkcs1(Hash::Sha1)
        | A::RsaPss(Hash::Sha1)
        | A::RsaPssSalted { hash: Hash::Sha1, .. }
        | A::Ecdsa(Hash::Sha1)
            if weak == WeakAlgorithms::Refused =>
        {
            return Err(SignatureFault::Weak { algorithm: name() });
        }
        _ => {}
    }
    check_key(key)?;
    if matches!(algorithm, A::RsaPkcs1(Hash::Sha1))
        && matches!(key.algorithm(), KeyAlgorithm::Rsa { .. })
    {
        return Ok(Resolved::DangerRsaPkcs1Sha1);
    }
    if let A::RsaPssSalted { hash, salt } = algorithm {
        return if allows_pss(key.algorithm(), *hash, *salt) {
            Ok(Resolved::RsaPssSalted { hash: *hash, salt: *salt })
        } else {
            Err(mismatch(&name(), key))
        };
    }
    match scheme_of(algorithm, key.algorithm()) {
        Some(scheme) if scheme.fits(key.algorithm()) => Ok(scheme.into()),
        Some(_) => Err(mismatch(&name(), key)),
        None => Err(SignatureFault::UnsupportedAlgorithm { algorithm: name() }),
    }
}

/// RFC 4055 1.2: a key may name the one hash it is for, and the shortest salt.
fn allows_pss(key: &KeyAlgorithm, hash: Hash, salt: u32) -> bool {
    match key {
        KeyAlgorithm::Rsa { .. } => true,
        KeyAlgorithm::RsaPss { hash: own, least_salt, .. } => {
            own.is_none_or(|own| own == hash) && *least_salt <= salt
        }
        _ => false,
    }
}

pub(super) fn mismatch(algorithm: &str, key: &PublicKey) -> SignatureFault {
    SignatureFault::KeyMismatch {
        algorithm: algorithm.to_owned(),
        key: key.algorithm().to_string(),
    }
}

/// ring verifies RSA from 2048 to 8192 bits: below is too weak (NIST SP
/// 800-131A), above too slow to let strangers ask for.
pub(super) fn check_key(key: &PublicKey) -> Result<(), SignatureFault> {
    let kind = key.algorithm();
    match kind {
        KeyAlgorithm::Unsupported { .. } => {
            Err(SignatureFault::UnsupportedKey { key: kind.to_string() })
        }
        KeyAlgorithm::Malformed { .. } => {
            Err(SignatureFault::MalformedKey { key: kind.to_string() })
        }
        KeyAlgorithm::Sm2Invalid { fault } => Err(Sm2Fault::Point(*fault).into()),
        KeyAlgorithm::Sm2Encryption => Err(Sm2Fault::EncryptionKey.into()),
        KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits, .. }
            if !(2048..=8192).contains(bits) =>
        {
            Err(SignatureFault::KeySize { bits: *bits })
        }
        _ => Ok(()),
    }
}

/// The scheme an algorithm stands for. ECDSA names no curve: the key does.
fn scheme_of(algorithm: &SignatureAlgorithm, key: &KeyAlgorithm) -> Option<SignatureScheme> {
    use SignatureAlgorithm as A;
    use SignatureScheme as S;
    let on_p384 = *key == KeyAlgorithm::EcP384;
    Some(match algorithm {
        A::RsaPkcs1(Hash::Sha256) => S::RsaPkcs1Sha256,
        A::RsaPkcs1(Hash::Sha384) => S::RsaPkcs1Sha384,
        A::RsaPkcs1(Hash::Sha512) => S::RsaPkcs1Sha512,
        A::RsaPss(Hash::Sha256) => S::RsaPssSha256,
        A::RsaPss(Hash::Sha384) => S::RsaPssSha384,
        A::RsaPss(Hash::Sha512) => S::RsaPssSha512,
        A::Ecdsa(Hash::Sha256) if on_p384 => S::EcdsaP384Sha256,
        A::Ecdsa(Hash::Sha384) if on_p384 => S::EcdsaP384Sha384,
        A::Ecdsa(Hash::Sha256) => S::EcdsaP256Sha256,
        A::Ecdsa(Hash::Sha384) => S::EcdsaP256Sha384,
        A::Ed25519 => S::Ed25519,
        A::Sm2Sm3 => S::Sm2Sm3,
        _ => return None,
    })
}

impl SignatureScheme {
    /// Whether a key of this kind signs this way.
    #[must_use]
    pub fn fits(self, key: &KeyAlgorithm) -> bool {
        match key {
            KeyAlgorithm::Rsa { .. } => self.is_pkcs1() || self.pss_hash().is_some(),
            KeyAlgorithm::RsaPss { .. } => {
                self.pss_hash().is_some_and(|hash| allows_pss(key, hash, hash.octets()))
            }
            KeyAlgorithm::EcP256 => matches!(self, Self::EcdsaP256Sha256 | Self::EcdsaP256Sha384),
            KeyAlgorithm::EcP384 => matches!(self, Self::EcdsaP384Sha256 | Self::EcdsaP384Sha384),
            KeyAlgorithm::Ed25519 => self == Self::Ed25519,
            KeyAlgorithm::Sm2 => self == Self::Sm2Sm3,
            KeyAlgorithm::Sm2Encryption
            | KeyAlgorithm::Sm2Invalid { .. }
            | KeyAlgorithm::Unsupported { .. }
            | KeyAlgorithm::Malformed { .. } => false,
        }
    }

    fn is_pkcs1(self) -> bool {
        matches!(self, Self::RsaPkcs1Sha256 | Self::RsaPkcs1Sha384 | Self::RsaPkcs1Sha512)
    }

    /// RSASSA-PSS with one of its hash functions; with SHA-256 where none is asked for.
    pub(crate) fn pss(hash: Option<Hash>) -> Option<Self> {
        match hash {
            None | Some(Hash::Sha256) => Some(Self::RsaPssSha256),
            Some(Hash::Sha384) => Some(Self::RsaPssSha384),
            Some(Hash::Sha512) => Some(Self::RsaPssSha512),
            Some(Hash::Sha1 | Hash::Sm3) => None,
        }
    }

    fn pss_hash(self) -> Option<Hash> {
        match self {
            Self::RsaPssSha256 => Some(Hash::Sha256),
            Self::RsaPssSha384 => Some(Hash::Sha384),
            Self::RsaPssSha512 => Some(Hash::Sha512),
            _ => None,
        }
    }
}

/// The algorithm that documents name for it.
impl From<SignatureScheme> for SignatureAlgorithm {
    fn from(scheme: SignatureScheme) -> Self {
        use SignatureScheme as S;
        match scheme {
            S::RsaPkcs1Sha256 => Self::RsaPkcs1(Hash::Sha256),
            S::RsaPkcs1Sha384 => Self::RsaPkcs1(Hash::Sha384),
            S::RsaPkcs1Sha512 => Self::RsaPkcs1(Hash::Sha512),
            S::RsaPssSha256 => Self::RsaPss(Hash::Sha256),
            S::RsaPssSha384 => Self::RsaPss(Hash::Sha384),
            S::RsaPssSha512 => Self::RsaPss(Hash::Sha512),
            S::EcdsaP256Sha256 | S::EcdsaP384Sha256 => Self::Ecdsa(Hash::Sha256),
            S::EcdsaP256Sha384 | S::EcdsaP384Sha384 => Self::Ecdsa(Hash::Sha384),
            S::Ed25519 => Self::Ed25519,
            S::Sm2Sm3 => Self::Sm2Sm3,
        }
    }
}

impl SignatureFault {
    /// The catalogue's code for this fault.
    #[must_use]
    pub const fn code(&self) -> &'static Code {
        match self {
            Self::Invalid => &codes::SIGNATURE_INVALID,
            Self::UnsupportedAlgorithm { .. } => &codes::SIGNATURE_UNSUPPORTED,
            Self::Weak { .. } => &codes::SIGNATURE_WEAK,
            Self::Parameters { .. } => &codes::SIGNATURE_PARAMETERS,
            Self::KeyMismatch { .. } => &codes::SIGNATURE_KEY_MISMATCH,
            Self::UnsupportedKey { .. } => &codes::KEY_UNSUPPORTED,
            Self::MalformedKey { .. } => &codes::KEY_MALFORMED,
            Self::KeySize { .. } => &codes::KEY_SIZE,
            Self::Sm2(fault) => fault.code(),
            Self::WholeMessage { .. } => &codes::CONTENT_WHOLE_NEEDED,
            Self::UnusedBits => &codes::SIGNATURE_ENCODING,
            Self::Released => &codes::SIGNATURE_RELEASED,
        }
    }

    /// The failed finding for this fault.
    #[must_use]
    pub fn finding(&self) -> Finding {
        Finding::new(self.code(), Level::Failed).seen(self)
    }
}
