//! SubjectPublicKeyInfo, read once.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use ring::digest;

use crate::der::primitive::read_bit_string;
use crate::der::reader::{Element, read_single};
use crate::der::{grammar, schema};
use crate::fault::{Fault, Path};
use crate::oid::Oid;

use super::algorithm::{AlgorithmIdentifier, PssParameters};
use super::hash::Hash;
use super::sm2::{Sm2Key, Sm2PointFault};

/// A public key as certificates carry it. Cloning is cheap; two are equal
/// when their encodings are.
#[derive(Clone)]
pub struct PublicKey(Arc<Parts>);

struct Parts {
    spki: Box<[u8]>,
    sha256: [u8; 32],
    algorithm: KeyAlgorithm,
    /// Where the BIT STRING's octets lie within `spki`.
    key: Range<usize>,
    /// The parameters have their prescribed form.
    parameters_as_prescribed: bool,
    /// The key itself, where it is an SM2 key that verifies.
    sm2: Option<Sm2Key>,
}

/// What kind of key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA for any padding (RFC 3279 2.3.1).
    Rsa {
        /// Length of the modulus in bits.
        bits: usize,
    },
    /// RSA for RSASSA-PSS alone (RFC 4055 1.2).
    RsaPss {
        /// Length of the modulus in bits.
        bits: usize,
        /// The one hash that the key is limited to, if it is.
        hash: Option<Hash>,
        /// The shortest salt that it may be used with, in octets (RFC 4055 1.2).
        least_salt: u32,
    },
    /// ECDSA on P-256 (RFC 5480).
    EcP256,
    /// ECDSA on P-384 (RFC 5480).
    EcP384,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// SM2 (GM/T 0006, GM/T 0009): a point of its curve, for signatures.
    Sm2,
    /// SM2 by its identifier for encryption alone (1.2.156.10197.1.301.3).
    Sm2Encryption,
    /// Labelled SM2, but no point of its curve.
    Sm2Invalid {
        /// What it is instead.
        fault: Sm2PointFault,
    },
    /// A kind that this crate cannot verify with.
    Unsupported {
        /// The key's algorithm.
        algorithm: Oid,
        /// The named curve, where the parameters are one.
        curve: Option<Oid>,
    },
    /// A known algorithm whose key does not have that algorithm's form.
    Malformed {
        /// The key's algorithm.
        algorithm: Oid,
    },
}

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo.
    ///
    /// An unknown or malformed key inside a well-formed structure is no fault
    /// here: it is a kind ([`KeyAlgorithm`]), and verifying with it says so.
    ///
    /// # Errors
    /// A [`Fault`] when the octets are not exactly one such structure.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, Fault> {
        let path = Path::root("subjectPublicKeyInfo");
        let shape = &grammar::SUBJECT_PUBLIC_KEY_INFO;
        schema::walk(der, shape, &path, &mut Vec::new())?;
        read_single(der).map(Self::from_walked).map_err(|problem| path.fault(problem))
    }

    /// Takes apart a structure that has passed the walk.
    pub(crate) fn from_walked(spki: Element<'_>) -> Self {
        let mut fields = spki.children();
        let identifier = fields.next().map(AlgorithmIdentifier::from_walked);
        let key = fields
            .next()
            .and_then(|bits| read_bit_string(bits.content).ok())
            // Every kind of key is a whole number of octets.
            .filter(|(_, unused)| *unused == 0)
            .map_or(&[][..], |(octets, _)| octets);
        let (algorithm, parameters_as_prescribed, sm2) = match &identifier {
            Some(identifier) => match Sm2Label::of(identifier) {
                Some(label) => classify_sm2(label, key),
                None => with_no_sm2(classify(identifier, key)),
            },
            None => (KeyAlgorithm::malformed(&Oid::RSA_ENCRYPTION), false, None),
        };
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(digest::digest(&digest::SHA256, spki.raw).as_ref());
        Self(Arc::new(Parts {
            spki: spki.raw.into(),
            sha256,
            algorithm,
            // The key is the last field, so it ends where the structure ends.
            key: spki.raw.len() - key.len()..spki.raw.len(),
            parameters_as_prescribed,
            sm2,
        }))
    }

    /// What kind of key it is.
    #[must_use]
    pub fn algorithm(&self) -> &KeyAlgorithm {
        &self.0.algorithm
    }

    /// The whole SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// SHA-256 of the SubjectPublicKeyInfo: the identity of a trust anchor.
    #[must_use]
    pub fn spki_sha256(&self) -> &[u8; 32] {
        &self.0.sha256
    }

    /// The octets of subjectPublicKey, without the count of unused bits; the
    /// input of key identifiers (RFC 5280 4.2.1.2, method 1).
    #[must_use]
    pub fn key_octets(&self) -> &[u8] {
        &self.0.spki[self.0.key.clone()]
    }

    /// The key itself, where it is an SM2 key that verifies.
    pub(super) fn sm2(&self) -> Option<&Sm2Key> {
        self.0.sm2.as_ref()
    }

    /// Whether the algorithm's parameters are as prescribed. RSA keys without
    /// the NULL are read nevertheless: smart-card tools leave it out.
    pub(crate) fn parameters_as_prescribed(&self) -> bool {
        self.0.parameters_as_prescribed
    }
}

/// What the identifiers of an SM2 key say that it is for.
#[derive(Clone, Copy)]
enum Sm2Label {
    /// Nothing, or signatures.
    Signature,
    Encryption,
}

impl Sm2Label {
    /// Reads both forms: id-ecPublicKey with the curve (GM/T 0009, RFC 8998), and
    /// the curve by itself (GM/T 0015-2023), then with no parameters, NULL or the
    /// curve once more.
    fn of(identifier: &AlgorithmIdentifier<'_>) -> Option<Self> {
        let curve = identifier.curve();
        if identifier.algorithm == Oid::EC_PUBLIC_KEY {
            return Self::of_oid(&curve?);
        }
        let label = Self::of_oid(&identifier.algorithm)?;
        let fits = identifier.parameters_are_empty()
            || curve.is_some_and(|curve| Self::of_oid(&curve).is_some());
        fits.then_some(label)
    }

    fn of_oid(oid: &Oid) -> Option<Self> {
        if *oid == Oid::SM2 || *oid == Oid::SM2_SIGNATURE {
            Some(Self::Signature)
        } else if *oid == Oid::SM2_ENCRYPTION {
            Some(Self::Encryption)
        } else {
            None
        }
    }
}

type Classified = (KeyAlgorithm, bool, Option<Sm2Key>);

fn classify_sm2(label: Sm2Label, key: &[u8]) -> Classified {
    match (Sm2Key::read(key), label) {
        (Ok(key), Sm2Label::Signature) => (KeyAlgorithm::Sm2, true, Some(key)),
        (Ok(_), Sm2Label::Encryption) => (KeyAlgorithm::Sm2Encryption, true, None),
        (Err(fault), _) => (KeyAlgorithm::Sm2Invalid { fault }, true, None),
    }
}

fn with_no_sm2((algorithm, prescribed): (KeyAlgorithm, bool)) -> Classified {
    (algorithm, prescribed, None)
}

fn classify(identifier: &AlgorithmIdentifier<'_>, key: &[u8]) -> (KeyAlgorithm, bool) {
    let algorithm = &identifier.algorithm;
    if *algorithm == Oid::RSA_ENCRYPTION {
        let kind = rsa_bits(key).map(|bits| KeyAlgorithm::Rsa { bits });
        let prescribed = identifier.parameters_are_null();
        return (KeyAlgorithm::or_malformed(kind, algorithm), prescribed);
    }
    if *algorithm == Oid::RSASSA_PSS {
        return (classify_pss(identifier, key), true);
    }
    if *algorithm == Oid::EC_PUBLIC_KEY {
        return (classify_ec(identifier, key), true);
    }
    if *algorithm == Oid::ED25519 {
        let well_formed = key.len() == 32 && identifier.parameters.is_none();
        let kind = well_formed.then_some(KeyAlgorithm::Ed25519);
        return (KeyAlgorithm::or_malformed(kind, algorithm), true);
    }
    (KeyAlgorithm::unsupported(algorithm, identifier.curve()), true)
}

fn classify_pss(identifier: &AlgorithmIdentifier<'_>, key: &[u8]) -> KeyAlgorithm {
    let limit = match identifier.parameters {
        None => Some((None, 0)),
        Some(parameters) => PssParameters::read(parameters).map(|own| (Some(own.hash), own.salt)),
    };
    let kind = rsa_bits(key).zip(limit).map(|(bits, (hash, least_salt))| KeyAlgorithm::RsaPss {
        bits,
        hash,
        least_salt,
    });
    KeyAlgorithm::or_malformed(kind, &identifier.algorithm)
}

/// RFC 5480 2.1.1 and 2.2: a named curve and an uncompressed point. (Of the
/// compressed form, which is optional there, no certificate has been seen.)
fn classify_ec(identifier: &AlgorithmIdentifier<'_>, key: &[u8]) -> KeyAlgorithm {
    let (kind, field_octets) = match identifier.curve() {
        Some(curve) if curve == Oid::CURVE_P256 => (KeyAlgorithm::EcP256, 32),
        Some(curve) if curve == Oid::CURVE_P384 => (KeyAlgorithm::EcP384, 48),
        other => return KeyAlgorithm::unsupported(&identifier.algorithm, other),
    };
    let well_formed = key.len() == 1 + 2 * field_octets && key.first() == Some(&0x04);
    KeyAlgorithm::or_malformed(well_formed.then_some(kind), &identifier.algorithm)
}

/// The length of the modulus, if the key is an RSAPublicKey with positive
/// numbers (RFC 3279 2.3.1).
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let path = Path::root("subjectPublicKey");
    schema::walk(key, &grammar::RSA_PUBLIC_KEY, &path, &mut Vec::new()).ok()?;
    let mut numbers = read_single(key).ok()?.children();
    let modulus = magnitude(numbers.next()?)?;
    magnitude(numbers.next()?)?;
    let leading = modulus.first()?.leading_zeros();
    Some(modulus.len() * 8 - usize::try_from(leading).ok()?)
}

/// The octets of a positive INTEGER without its sign octet.
fn magnitude(number: Element<'_>) -> Option<&[u8]> {
    match number.content {
        [0x00] => None,
        [first, ..] if first & 0x80 != 0 => None,
        [0x00, rest @ ..] => Some(rest),
        other => Some(other),
    }
}

impl KeyAlgorithm {
    /// How much work finding the private key takes, as a binary logarithm (NIST SP 800-57
    /// part 1, table 2; of RSA keys between its rows what the lower one has). `None` where
    /// it is not known.
    pub(crate) fn security_bits(&self) -> Option<u32> {
        match self {
            Self::Rsa { bits } | Self::RsaPss { bits, .. } => Some(match bits {
                0..1024 => 0,
                1024..2048 => 80,
                2048..3072 => 112,
                3072..7680 => 128,
                7680..15360 => 192,
                _ => 256,
            }),
            Self::EcP256 | Self::Ed25519 | Self::Sm2 | Self::Sm2Encryption => Some(128),
            Self::EcP384 => Some(192),
            Self::Sm2Invalid { .. } | Self::Unsupported { .. } | Self::Malformed { .. } => None,
        }
    }

    fn malformed(algorithm: &Oid) -> Self {
        Self::Malformed { algorithm: algorithm.clone() }
    }

    fn or_malformed(kind: Option<Self>, algorithm: &Oid) -> Self {
        kind.unwrap_or_else(|| Self::malformed(algorithm))
    }

    fn unsupported(algorithm: &Oid, curve: Option<Oid>) -> Self {
        Self::Unsupported { algorithm: algorithm.clone(), curve }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA {bits}"),
            Self::RsaPss { bits, .. } => write!(f, "RSASSA-PSS {bits}"),
            Self::EcP256 => f.write_str("EC P-256"),
            Self::EcP384 => f.write_str("EC P-384"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Sm2 => f.write_str("SM2"),
            Self::Sm2Encryption => f.write_str("SM2 for encryption"),
            Self::Sm2Invalid { fault } => write!(f, "malformed SM2 key: {fault}"),
            Self::Unsupported { algorithm, curve: Some(curve) } => {
                write!(f, "{algorithm} with curve {curve}")
            }
            Self::Unsupported { algorithm, .. } => algorithm.fmt(f),
            Self::Malformed { algorithm } => write!(f, "malformed key of {algorithm}"),
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.spki == other.0.spki
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.0.algorithm)
    }
}
