//! Keys and signature algorithms by name, some only until a date.

use std::fmt;

use tongxing_pki::{Hash, KeyAlgorithm, PublicKey, SignatureAlgorithm, Timestamp};

use super::super::file::{Item, Parsed, Section};

/// A public key that is accepted.
#[derive(Debug, Clone)]
pub(super) struct KeyRule {
    pub(super) kind: KeyKind,
    /// Least length of an RSA modulus.
    pub(super) minimum_bits: Option<u32>,
    pub(super) until: Option<Timestamp>,
}

/// The kinds of public key by their names in policy files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum KeyKind {
    Rsa,
    P256,
    P384,
    P521,
    Ed25519,
    Sm2,
}

/// A signature algorithm that is accepted on certificates.
#[derive(Debug, Clone)]
pub(super) struct SignatureRule {
    pub(super) algorithm: SignatureName,
    pub(super) until: Option<Timestamp>,
}

/// A signature algorithm by its name in policy files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignatureName(&'static str);

/// Shorter keys are refused wherever a signature is verified, so that a policy that
/// accepted them would promise what does not hold (NIST SP 800-131A rev. 2 and the State
/// Cryptography Administration ended them).
const RSA_BITS: (i64, i64) = (2048, 8192);
/// SHA-1 needs an end date: the same ended it, and certificates with it still circulate.
const SHA1: &str = "rsa-sha1";

impl KeyKind {
    pub(in super::super) const NAMES: [(&'static str, Self); 6] = [
        ("rsa", Self::Rsa),
        ("p-256", Self::P256),
        ("p-384", Self::P384),
        ("p-521", Self::P521),
        ("ed25519", Self::Ed25519),
        ("sm2", Self::Sm2),
    ];
}

/// The keys by which signatures are verified. One that is only known by its name could
/// be accepted, and never prove anything.
const VERIFIED_KEYS: [(&str, KeyKind); 5] = [
    ("rsa", KeyKind::Rsa),
    ("p-256", KeyKind::P256),
    ("p-384", KeyKind::P384),
    ("ed25519", KeyKind::Ed25519),
    ("sm2", KeyKind::Sm2),
];

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::NAMES.iter().find(|(_, kind)| kind == self);
        f.write_str(named.map_or("", |(name, _)| name))
    }
}

impl KeyRule {
    /// `"p-256"`, or a table with `type`, and for RSA `minimum-bits`.
    pub(super) fn parse(item: &Item<'_>) -> Parsed<Self> {
        if item.is_text() {
            let kind = item.choice(&VERIFIED_KEYS)?;
            if kind == KeyKind::Rsa {
                let label = "expected { type = \"rsa\", minimum-bits = 2048 }";
                return Err(item.fail("RSA needs a least length", label));
            }
            return Ok(Self { kind, minimum_bits: None, until: None });
        }
        let section = item.section()?;
        let kind = section
            .required("type", "the kind of key")
            .and_then(|item| item.choice(&VERIFIED_KEYS));
        let bits = section.optional("minimum-bits");
        let until = until(&section);
        section.finish();
        let (kind, until) = (kind?, until?);
        let minimum_bits = minimum_bits(&section, kind, bits)?;
        Ok(Self { kind, minimum_bits, until })
    }
}

fn minimum_bits(
    section: &Section<'_>,
    kind: KeyKind,
    bits: Option<Item<'_>>,
) -> Parsed<Option<u32>> {
    match (kind, bits) {
        (KeyKind::Rsa, None) => {
            Err(section.fail("RSA needs a least length", "expected `minimum-bits = 2048` or more"))
        }
        (KeyKind::Rsa, Some(item)) => {
            let bits = item.integer(RSA_BITS.0, RSA_BITS.1)?;
            Ok(u32::try_from(bits).ok())
        }
        (_, Some(item)) => {
            Err(item.fail("`minimum-bits` cannot apply here", "keys of this type have one size"))
        }
        (_, None) => Ok(None),
    }
}

/// Those that are verified.
const SIGNATURES: [&str; 11] = [
    SHA1,
    "rsa-sha256",
    "rsa-sha384",
    "rsa-sha512",
    "rsa-pss-sha256",
    "rsa-pss-sha384",
    "rsa-pss-sha512",
    "ecdsa-sha256",
    "ecdsa-sha384",
    "ed25519",
    "sm2-sm3",
];

impl SignatureRule {
    /// Whether it has SHA-1 accepted at a moment.
    pub(super) fn allows_weak(&self, at: Timestamp) -> bool {
        self.algorithm.is_weak() && self.until.is_some_and(|end| at < end)
    }

    /// `"rsa-sha256"`, or a table with `algorithm` and `until`.
    pub(super) fn parse(item: &Item<'_>) -> Parsed<Self> {
        let choices = SIGNATURES.map(|name| (name, SignatureName(name)));
        let (named, until) = if item.is_text() {
            (item.clone(), Ok(None))
        } else {
            let section = item.section()?;
            let named = section.required("algorithm", "a signature algorithm");
            let until = until(&section);
            section.finish();
            (named?, until)
        };
        let algorithm = named.choice(&choices);
        let (algorithm, until) = (algorithm?, until?);
        if algorithm.is_weak() && until.is_none() {
            let label = "expected { algorithm = \"rsa-sha1\", until = 2027-01-01T00:00:00+08:00 }";
            return Err(named.fail("SHA-1 is accepted only until a date", label));
        }
        Ok(Self { algorithm, until })
    }
}

/// secp521r1, RFC 5480 2.1.1.1.
const P521_CURVE: &str = "1.3.132.0.35";

impl SignatureName {
    fn is_weak(self) -> bool {
        self.0 == SHA1
    }

    /// What policy files call an algorithm, if they know it.
    pub(super) fn of(algorithm: &SignatureAlgorithm) -> Option<Self> {
        use SignatureAlgorithm as A;
        Some(Self(match algorithm {
            A::RsaPkcs1(Hash::Sha1) => SHA1,
            A::RsaPkcs1(Hash::Sha256) => "rsa-sha256",
            A::RsaPkcs1(Hash::Sha384) => "rsa-sha384",
            A::RsaPkcs1(Hash::Sha512) => "rsa-sha512",
            A::RsaPss(hash) | A::RsaPssSalted { hash, .. } => match hash {
                Hash::Sha256 => "rsa-pss-sha256",
                Hash::Sha384 => "rsa-pss-sha384",
                Hash::Sha512 => "rsa-pss-sha512",
                _ => return None,
            },
            A::Ecdsa(Hash::Sha256) => "ecdsa-sha256",
            A::Ecdsa(Hash::Sha384) => "ecdsa-sha384",
            A::Ecdsa(Hash::Sha512) => "ecdsa-sha512",
            A::Ed25519 => "ed25519",
            A::Sm2Sm3 => "sm2-sm3",
            _ => return None,
        }))
    }
}

impl KeyKind {
    /// What policy files call a key, if they know its kind.
    fn of(key: &PublicKey) -> Option<Self> {
        Some(match key.algorithm() {
            KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. } => Self::Rsa,
            KeyAlgorithm::EcP256 => Self::P256,
            KeyAlgorithm::EcP384 => Self::P384,
            KeyAlgorithm::Ed25519 => Self::Ed25519,
            // That an encryption key signs nothing is another finding's to say.
            KeyAlgorithm::Sm2 | KeyAlgorithm::Sm2Encryption => Self::Sm2,
            KeyAlgorithm::Unsupported { curve: Some(curve), .. }
                if curve.to_string() == P521_CURVE =>
            {
                Self::P521
            }
            _ => return None,
        })
    }

    pub(in super::super) fn is_of(self, key: &PublicKey) -> bool {
        Self::of(key) == Some(self)
    }
}

/// What policy files call a key's kind, if they know it.
pub(crate) fn key_kind(key: &PublicKey) -> Option<&'static str> {
    let kind = KeyKind::of(key)?;
    KeyKind::NAMES.iter().find(|(_, named)| *named == kind).map(|(name, _)| *name)
}

impl KeyRule {
    /// Whether the rule is about this key.
    pub(super) fn fits(&self, key: &PublicKey) -> bool {
        let long_enough = self.minimum_bits.is_none_or(|least| {
            rsa_bits(key).is_some_and(|bits| bits >= usize::try_from(least).unwrap_or(usize::MAX))
        });
        self.kind.is_of(key) && long_enough
    }
}

fn rsa_bits(key: &PublicKey) -> Option<usize> {
    match key.algorithm() {
        KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits, .. } => Some(*bits),
        _ => None,
    }
}

/// A key in the words of policy files.
pub(super) fn describe(key: &PublicKey) -> String {
    match (KeyKind::of(key), rsa_bits(key)) {
        (Some(kind), Some(bits)) => format!("{kind} of {bits} bits"),
        (Some(kind), None) => kind.to_string(),
        (None, _) => "a key of an unknown or malformed kind".to_owned(),
    }
}

impl fmt::Display for SignatureName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

fn until(section: &Section<'_>) -> Parsed<Option<Timestamp>> {
    let Some(item) = section.optional("until") else { return Ok(None) };
    let moment = Timestamp::parse_rfc3339(&item.moment()?);
    moment.map(Some).map_err(|_| {
        item.fail(
            "this is not yet a moment",
            "expected date, time and offset, such as 2026-12-31T23:59:59+08:00",
        )
    })
}
