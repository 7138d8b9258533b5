//! AlgorithmIdentifiers of signatures, with their parameters judged.

use std::fmt;

use crate::der::primitive::read_unsigned;
use crate::der::reader::{Element, read_single, tag};
use crate::der::{grammar, schema};
use crate::fault::Path;
use crate::oid::Oid;

use super::hash::Hash;

/// The algorithm that a certificate, list or response says it is signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS with MGF1 over the same hash and a salt of the hash's
    /// length, as RFC 8446 4.2.3 has it.
    RsaPss(Hash),
    /// RSASSA-PSS with MGF1 over the same hash and a salt of another length, or
    /// with SHA-1 (RFC 4055 3.1).
    RsaPssSalted {
        /// The hash.
        hash: Hash,
        /// The length of the salt in octets.
        salt: u32,
    },
    /// ECDSA (RFC 5758 3.2).
    Ecdsa(Hash),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// SM2 with SM3 (GM/T 0009; the identifier is GM/T 0006's).
    Sm2Sm3,
    /// A known algorithm with parameters other than prescribed, or with PSS
    /// parameters outside the ones supported.
    BadParameters {
        /// The algorithm.
        algorithm: Oid,
    },
    /// An algorithm that this crate does not know.
    Unsupported {
        /// The algorithm.
        algorithm: Oid,
    },
}

/// An AlgorithmIdentifier as read: nothing judged yet.
pub(crate) struct AlgorithmIdentifier<'a> {
    pub(crate) algorithm: Oid,
    pub(crate) parameters: Option<Element<'a>>,
}

impl<'a> AlgorithmIdentifier<'a> {
    /// Takes apart a structure that has passed the walk.
    pub(crate) fn from_walked(identifier: Element<'a>) -> Self {
        let mut fields = identifier.children();
        let algorithm = fields.next().map_or(&[][..], |oid| oid.content);
        Self { algorithm: Oid::from_checked_octets(algorithm), parameters: fields.next() }
    }

    pub(crate) fn parameters_are_null(&self) -> bool {
        self.parameters.is_some_and(|parameters| parameters.tag == tag::NULL)
    }

    /// NULL or nothing: RFC 4055 section 2.1 has readers accept both.
    pub(crate) fn parameters_are_empty(&self) -> bool {
        self.parameters.is_none() || self.parameters_are_null()
    }

    /// The named curve, where the parameters are one (RFC 5480 2.1.1).
    pub(crate) fn curve(&self) -> Option<Oid> {
        self.parameters
            .filter(|parameters| parameters.tag == tag::OID)
            .map(|parameters| Oid::from_checked_octets(parameters.content))
    }
}

impl SignatureAlgorithm {
    /// Judges a walked AlgorithmIdentifier:
    /// - RSA PKCS#1: NULL, or nothing: RFC 4055 section 5 prescribes NULL, but
    ///   has been read the other way by enough card tools that OpenSSL and
    ///   browsers accept both;
    /// - SM2: NULL, or nothing: no standard says, and of 86 certificates of
    ///   Chinese authorities 85 have NULL;
    /// - PSS: present, MGF1 over the same hash, trailer 1;
    /// - ECDSA and Ed25519: nothing. ECDSA with NULL, which RFC 5758 forbids,
    ///   is refused.
    pub(crate) fn from_walked(identifier: Element<'_>) -> Self {
        let identifier = AlgorithmIdentifier::from_walked(identifier);
        let found = SIMPLE
            .iter()
            .find(|(oid, _)| *oid == identifier.algorithm)
            .map(|(_, algorithm)| algorithm.clone());
        let prescribed = match &found {
            Some(Self::RsaPkcs1(_) | Self::Sm2Sm3) => identifier.parameters_are_empty(),
            _ => identifier.parameters.is_none(),
        };
        match found {
            Some(algorithm) if prescribed => algorithm,
            None if identifier.algorithm == Oid::RSASSA_PSS => identifier
                .parameters
                .and_then(PssParameters::read)
                .map_or_else(|| Self::bad(&identifier), Self::from),
            Some(_) => Self::bad(&identifier),
            None => Self::Unsupported { algorithm: identifier.algorithm },
        }
    }

    /// The algorithm that a signer states, for which NULL is as good as no parameters: its
    /// identifier is not signed, and NULL says nothing. iText and Java tools of cards write
    /// it behind every algorithm; RFC 5754 3.3 and RFC 8419 2.1 have none for ECDSA and
    /// Ed25519. The second value is whether that leniency was needed.
    pub(crate) fn of_signer(identifier: Element<'_>) -> (Self, bool) {
        let stated = Self::from_walked(identifier);
        let identifier = AlgorithmIdentifier::from_walked(identifier);
        let simple = SIMPLE.into_iter().find(|(oid, _)| *oid == identifier.algorithm);
        match (&stated, simple) {
            (Self::BadParameters { .. }, Some((_, algorithm)))
                if identifier.parameters_are_null() =>
            {
                (algorithm, true)
            }
            _ => (stated, false),
        }
    }

    /// How much work forging a signature by its hash takes, as a binary logarithm (NIST SP
    /// 800-57 part 1, table 3: half of what the hash has; RFC 6194 for SHA-1). `None`
    /// where it is not known.
    pub(crate) fn security_bits(&self) -> Option<u32> {
        match self {
            Self::RsaPkcs1(hash)
            | Self::RsaPss(hash)
            | Self::RsaPssSalted { hash, .. }
            | Self::Ecdsa(hash) => Some(match hash {
                Hash::Sha1 => 63,
                hash => hash.octets() * 4,
            }),
            Self::Ed25519 | Self::Sm2Sm3 => Some(128),
            Self::BadParameters { .. } | Self::Unsupported { .. } => None,
        }
    }

    fn bad(identifier: &AlgorithmIdentifier<'_>) -> Self {
        Self::BadParameters { algorithm: identifier.algorithm.clone() }
    }
}

const SIMPLE: [(Oid, SignatureAlgorithm); 10] = [
    (Oid::SHA256_WITH_RSA, SignatureAlgorithm::RsaPkcs1(Hash::Sha256)),
    (Oid::SHA384_WITH_RSA, SignatureAlgorithm::RsaPkcs1(Hash::Sha384)),
    (Oid::SHA512_WITH_RSA, SignatureAlgorithm::RsaPkcs1(Hash::Sha512)),
    (Oid::SHA1_WITH_RSA, SignatureAlgorithm::RsaPkcs1(Hash::Sha1)),
    (Oid::SHA1_WITH_RSA_OIW, SignatureAlgorithm::RsaPkcs1(Hash::Sha1)),
    (Oid::ECDSA_SHA256, SignatureAlgorithm::Ecdsa(Hash::Sha256)),
    (Oid::ECDSA_SHA384, SignatureAlgorithm::Ecdsa(Hash::Sha384)),
    (Oid::ECDSA_SHA1, SignatureAlgorithm::Ecdsa(Hash::Sha1)),
    (Oid::ED25519, SignatureAlgorithm::Ed25519),
    (Oid::SM2_WITH_SM3, SignatureAlgorithm::Sm2Sm3),
];

/// RSASSA-PSS-params (RFC 4055 3.1) of the form that there are primitives for: MGF1 over
/// the same hash, which section 3.1 recommends, and trailer 1, the only one there is.
#[derive(Clone, Copy)]
pub(super) struct PssParameters {
    pub(super) hash: Hash,
    /// Octets: of the salt, or in a key's parameters the fewest that it may have.
    pub(super) salt: u32,
}

/// saltLength where it is left out.
const DEFAULT_SALT: u32 = 20;

impl PssParameters {
    /// What is left out stands for SHA-1, MGF1 over SHA-1, 20 octets and trailer 1.
    pub(super) fn read(parameters: Element<'_>) -> Option<Self> {
        let path = Path::root("parameters");
        schema::walk(parameters.raw, &grammar::PSS_PARAMETERS, &path, &mut Vec::new()).ok()?;
        let mut fields = parameters.children();
        let number =
            |field: Element<'_>| read_unsigned(read_single(field.content).ok()?.content).ok();
        let hash = match fields.take_context(0) {
            Some(field) => hash_of(read_single(field.content).ok()?)?,
            None => Hash::Sha1,
        };
        let mask_hash = match fields.take_context(1) {
            Some(field) => mask_hash(field)?,
            None => Hash::Sha1,
        };
        let salt = fields.take_context(2).map_or(Some(DEFAULT_SALT), number)?;
        let trailer = fields.take_context(3).map_or(Some(1), number)?;
        (mask_hash == hash && trailer == 1).then_some(Self { hash, salt })
    }
}

impl From<PssParameters> for SignatureAlgorithm {
    fn from(PssParameters { hash, salt }: PssParameters) -> Self {
        if hash != Hash::Sha1 && hash.octets() == salt {
            Self::RsaPss(hash)
        } else {
            Self::RsaPssSalted { hash, salt }
        }
    }
}

/// The hash of a mask generation function, which is MGF1.
fn mask_hash(field: Element<'_>) -> Option<Hash> {
    let mask = AlgorithmIdentifier::from_walked(read_single(field.content).ok()?);
    if mask.algorithm == Oid::MGF1 { hash_of(mask.parameters?) } else { None }
}

fn hash_of(identifier: Element<'_>) -> Option<Hash> {
    let identifier = AlgorithmIdentifier::from_walked(identifier);
    if !identifier.parameters_are_empty() {
        return None;
    }
    Hash::from_oid(&identifier.algorithm).filter(|hash| *hash != Hash::Sm3)
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(hash) => write!(f, "RSA PKCS#1 v1.5 with {hash}"),
            Self::RsaPss(hash) => write!(f, "RSASSA-PSS with {hash}"),
            Self::RsaPssSalted { hash, salt } => {
                write!(f, "RSASSA-PSS with {hash} and a salt of {salt} octets")
            }
            Self::Ecdsa(hash) => write!(f, "ECDSA with {hash}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Sm2Sm3 => f.write_str("SM2 with SM3"),
            Self::BadParameters { algorithm } => write!(f, "{algorithm} with bad parameters"),
            Self::Unsupported { algorithm } => algorithm.fmt(f),
        }
    }
}
