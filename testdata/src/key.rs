//! Keys: generated here, never committed.
//!
//! `ring` signs with RSA but does not generate RSA keys; the `rsa` crate generates
//! them and signs nothing. Generating takes long enough to matter in tests, so a
//! test may take its RSA keys from a pool that lives as long as the process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rcgen::{KeyPair, PublicKeyData, SigningKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rsa::pkcs8::EncodePrivateKey;
use rsa::rand_core::{TryCryptoRng, TryRng};

use crate::error::TestdataError;
use crate::pem;
use crate::sm2::Sm2Pair;

const RSA_BITS: usize = 2048;

/// The algorithms of test keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// RSA with 2048 bits; certificates are signed with PKCS#1 v1.5 and SHA-256.
    Rsa2048,
    /// ECDSA on P-256 with SHA-256.
    EcdsaP256,
    /// ECDSA on P-384 with SHA-384.
    EcdsaP384,
    /// Ed25519.
    Ed25519,
    /// SM2 with SM3, by the standard's user id.
    Sm2,
    /// SM2 with SM3 as some old tools sign: with an empty user id.
    Sm2EmptyUserId,
}

/// The user id of whoever has no other (GM/T 0009, 10).
const SM2_USER_ID: &str = "1234567812345678";

/// Where an authority takes its RSA keys from. Keys of other algorithms are always fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySource {
    /// A new key each time.
    Fresh,
    /// A key kept under a label for the life of the process: the same label gives the
    /// same key, so that many tests in one binary share a few.
    Pooled,
}

/// A key pair.
pub struct Key {
    algorithm: KeyAlgorithm,
    pair: Pair,
}

enum Pair {
    Rcgen(KeyPair),
    Sm2(Sm2Pair),
}

impl Key {
    /// Generates a key from the system's randomness.
    ///
    /// # Errors
    /// When the system's randomness or a library fails.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, TestdataError> {
        let pair = match algorithm {
            KeyAlgorithm::Sm2 => return Self::sm2(algorithm, SM2_USER_ID),
            KeyAlgorithm::Sm2EmptyUserId => return Self::sm2(algorithm, ""),
            KeyAlgorithm::Rsa2048 => generate_rsa()?,
            KeyAlgorithm::EcdsaP256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?,
            KeyAlgorithm::EcdsaP384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384)?,
            KeyAlgorithm::Ed25519 => KeyPair::generate_for(&rcgen::PKCS_ED25519)?,
        };
        Ok(Self { algorithm, pair: Pair::Rcgen(pair) })
    }

    fn sm2(algorithm: KeyAlgorithm, user_id: &str) -> Result<Self, TestdataError> {
        Ok(Self { algorithm, pair: Pair::Sm2(Sm2Pair::generate(user_id)?) })
    }

    /// Takes a key from `source`; `label` names it in the pool.
    ///
    /// # Errors
    /// What [`Key::generate`] reports.
    pub fn from_source(
        algorithm: KeyAlgorithm,
        source: KeySource,
        label: &str,
    ) -> Result<Arc<Self>, TestdataError> {
        match (algorithm, source) {
            (KeyAlgorithm::Rsa2048, KeySource::Pooled) => pooled(label),
            _ => Self::generate(algorithm).map(Arc::new),
        }
    }

    /// The key's algorithm.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The private key: PKCS#8, DER.
    pub fn pkcs8_der(&self) -> &[u8] {
        match &self.pair {
            Pair::Rcgen(pair) => pair.serialized_der(),
            Pair::Sm2(pair) => pair.pkcs8_der(),
        }
    }

    /// The private key: PKCS#8, PEM.
    ///
    /// # Errors
    /// When PEM cannot be written.
    pub fn pkcs8_pem(&self) -> Result<String, TestdataError> {
        pem::private_key(self.pkcs8_der())
    }

    /// The public key: SubjectPublicKeyInfo, DER.
    ///
    /// # Errors
    /// When DER cannot be written.
    pub fn public_key_der(&self) -> Result<Vec<u8>, TestdataError> {
        match &self.pair {
            Pair::Rcgen(pair) => Ok(pair.subject_public_key_info()),
            Pair::Sm2(pair) => pair.public_key_der(),
        }
    }

    /// Signs in the algorithm's own way: RSA PKCS#1 v1.5 with SHA-256, ECDSA (DER) with
    /// the curve's hash, Ed25519, SM2 (DER) with SM3.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, TestdataError> {
        match &self.pair {
            Pair::Rcgen(pair) => Ok(pair.sign(message)?),
            Pair::Sm2(pair) => Ok(pair.sign(message)),
        }
    }

    /// Signs with SM2 under a user id: r and s, 64 octets.
    ///
    /// # Errors
    /// [`TestdataError::SignatureKind`] when the key is not an SM2 key.
    pub fn sign_sm2_raw(&self, user_id: &str, message: &[u8]) -> Result<[u8; 64], TestdataError> {
        match &self.pair {
            Pair::Rcgen(_) => Err(TestdataError::SignatureKind(self.algorithm)),
            Pair::Sm2(pair) => pair.sign_raw(user_id, message),
        }
    }

    /// Signs with RSA-PSS and SHA-256.
    ///
    /// # Errors
    /// [`TestdataError::SignatureKind`] when the key is not an RSA key.
    pub fn sign_rsa_pss(&self, message: &[u8]) -> Result<Vec<u8>, TestdataError> {
        if self.algorithm != KeyAlgorithm::Rsa2048 {
            return Err(TestdataError::SignatureKind(self.algorithm));
        }
        let pair = RsaKeyPair::from_pkcs8(self.pkcs8_der())?;
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)?;
        Ok(signature)
    }

    /// The octets of the public key that identifiers are made of.
    pub(crate) fn public_octets(&self) -> &[u8] {
        match &self.pair {
            Pair::Rcgen(pair) => pair.der_bytes(),
            Pair::Sm2(pair) => pair.point(),
        }
    }

    /// What rcgen is told of the algorithm: for SM2 a stand-in with keys of the same form.
    pub(crate) fn rcgen_algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match &self.pair {
            Pair::Rcgen(pair) => pair.algorithm(),
            Pair::Sm2(_) => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }

    /// Whether what rcgen writes of the key and its signatures has to be replaced.
    pub(crate) fn is_sm2(&self) -> bool {
        matches!(self.pair, Pair::Sm2(_))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({:?})", self.algorithm)
    }
}

fn generate_rsa() -> Result<KeyPair, TestdataError> {
    let private = rsa::PrivateKey::new(&mut RingRandom(SystemRandom::new()), RSA_BITS)?;
    let document = private.to_pkcs8_der()?;
    Ok(KeyPair::try_from(document.as_bytes())?)
}

/// The pool. A label's cell is taken out under the lock and filled outside it, so
/// that two labels' keys are generated at the same time.
fn pooled(label: &str) -> Result<Arc<Key>, TestdataError> {
    type Cell = Arc<Mutex<Option<Arc<Key>>>>;
    static POOL: OnceLock<Mutex<HashMap<String, Cell>>> = OnceLock::new();

    // A panic elsewhere cannot leave a half-made entry behind: a poisoned lock is still good.
    let cell = {
        let mut pool =
            POOL.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(pool.entry(label.to_owned()).or_default())
    };
    let mut slot = cell.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = &*slot {
        return Ok(Arc::clone(key));
    }
    let key = Arc::new(Key::generate(KeyAlgorithm::Rsa2048)?);
    *slot = Some(Arc::clone(&key));
    Ok(key)
}

/// The system's randomness, as `rsa` wants to be given it.
struct RingRandom(SystemRandom);

impl TryRng for RingRandom {
    type Error = RandomnessUnavailable;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.fill(bytes).map_err(|_| RandomnessUnavailable)
    }
}

impl TryCryptoRng for RingRandom {}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system's source of randomness failed")]
struct RandomnessUnavailable;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_keeps_its_key_and_shares_it_with_no_other() -> Result<(), TestdataError> {
        let key = |source, label| Key::from_source(KeyAlgorithm::Rsa2048, source, label);
        let first = key(KeySource::Pooled, "one")?;
        assert!(Arc::ptr_eq(&first, &key(KeySource::Pooled, "one")?));
        let others = [key(KeySource::Pooled, "two")?, key(KeySource::Fresh, "one")?];
        assert!(others.iter().all(|other| other.pkcs8_der() != first.pkcs8_der()));
        Ok(())
    }

    #[test]
    fn only_rsa_keys_sign_with_pss() -> Result<(), TestdataError> {
        let rsa = Key::from_source(KeyAlgorithm::Rsa2048, KeySource::Pooled, "one")?;
        assert_eq!(rsa.sign_rsa_pss(b"message")?.len(), RSA_BITS / 8);
        let other = Key::generate(KeyAlgorithm::Ed25519)?;
        let refused = other.sign_rsa_pss(b"message");
        assert!(matches!(refused, Err(TestdataError::SignatureKind(KeyAlgorithm::Ed25519))));
        Ok(())
    }

    #[test]
    fn debug_shows_no_secret() -> Result<(), TestdataError> {
        let key = Key::generate(KeyAlgorithm::Ed25519)?;
        assert_eq!(format!("{key:?}"), "Key(Ed25519)");
        Ok(())
    }
}
