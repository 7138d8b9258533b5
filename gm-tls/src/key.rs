//! SM2 private keys: loaded from files, and what rustls signs handshakes with.

use std::sync::Arc;

use getrandom::SysRng;
use rustls::crypto::KeyProvider;
use rustls::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use rustls::sign::{Signer, SigningKey, public_key_to_spki};
use rustls::{Error, OtherError, SignatureAlgorithm, SignatureScheme};
use sec1::{EcParameters, EcPrivateKey};
use sm2::SecretKey;
use sm2::dsa::signature::{RandomizedSigner, Verifier};
use sm2::dsa::{self, Signature};
use sm2::elliptic_curve::ALGORITHM_OID;
use sm2::elliptic_curve::pkcs8::{AssociatedOid, PrivateKeyInfoRef};

use crate::code_points::{SM2_KEY, SM2SIG_SM3};
use crate::{point, verify};

/// Why a private key cannot be used for SM2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Neither PKCS#8 (RFC 5958) nor SEC 1 (RFC 5915) with an SM2 key in it.
    #[error("no SM2 private key: PKCS#8 or SEC 1 with the curve 1.2.156.10197.1.301 is expected")]
    NotSm2,
    /// The private key is out of range, or not that of the public key beside it.
    #[error("the SM2 private key is out of range or does not belong to its public key")]
    Invalid,
}

impl From<KeyError> for Error {
    fn from(error: KeyError) -> Self {
        Self::Other(OtherError(Arc::new(error)))
    }
}

/// An SM2 private key that signs TLS 1.3 handshakes.
///
/// The key is wiped when dropped. It was tried on loading: it signed a text, and its
/// public key verified that.
///
/// # Errors
/// [`KeyError`] if the DER holds no SM2 key, or one that cannot sign.
pub fn load_sm2_key(der: &PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, KeyError> {
    let secret = match der {
        PrivateKeyDer::Pkcs8(der) => from_pkcs8(der.secret_pkcs8_der())?,
        PrivateKeyDer::Sec1(der) => from_sec1(der.secret_sec1_der())?,
        _ => return Err(KeyError::NotSm2),
    };
    Ok(Arc::new(Sm2SigningKey::new(&secret)?))
}

fn from_pkcs8(der: &[u8]) -> Result<SecretKey, KeyError> {
    let key = PrivateKeyInfoRef::try_from(der).map_err(|_| KeyError::NotSm2)?;
    let algorithm = key.algorithm.assert_oids(ALGORITHM_OID, sm2::Sm2::OID);
    algorithm.map_err(|_| KeyError::NotSm2)?;
    SecretKey::try_from(key).map_err(|_| KeyError::Invalid)
}

/// SEC 1 keys may leave out their curve, and are then a guess: refused.
fn from_sec1(der: &[u8]) -> Result<SecretKey, KeyError> {
    let key = EcPrivateKey::try_from(der).map_err(|_| KeyError::NotSm2)?;
    match key.parameters {
        Some(EcParameters::NamedCurve(curve)) if curve == sm2::Sm2::OID => {
            SecretKey::try_from(key).map_err(|_| KeyError::Invalid)
        }
        _ => Err(KeyError::NotSm2),
    }
}

/// What [`load_sm2_key`] makes.
struct Sm2SigningKey {
    key: Arc<dsa::SigningKey>,
    public_key: SubjectPublicKeyInfoDer<'static>,
}

impl Sm2SigningKey {
    fn new(secret: &SecretKey) -> Result<Self, KeyError> {
        let public = secret.public_key();
        let key =
            dsa::SigningKey::new(verify::HANDSHAKE_ID, secret).map_err(|_| KeyError::Invalid)?;
        // GB/T 32918.2 wants 1 <= d <= n - 2; the library takes n - 1 too, which
        // cannot sign.
        let text = b"a key signs and verifies before it is used";
        let signature = key.try_sign_with_rng(&mut SysRng, text).map_err(|_| KeyError::Invalid)?;
        key.verifying_key().verify(text, &signature).map_err(|_| KeyError::Invalid)?;
        let public_key = public_key_to_spki(&verify::SM2_KEY, point::encode(&public));
        Ok(Self { key: Arc::new(key), public_key })
    }
}

impl std::fmt::Debug for Sm2SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sm2SigningKey").finish_non_exhaustive()
    }
}

impl SigningKey for Sm2SigningKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered
            .contains(&SM2SIG_SM3)
            .then(|| Box::new(Sm2Signer(Arc::clone(&self.key))) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(self.public_key.clone())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SM2_KEY
    }
}

struct Sm2Signer(Arc<dsa::SigningKey>);

impl std::fmt::Debug for Sm2Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sm2Signer").finish_non_exhaustive()
    }
}

impl Signer for Sm2Signer {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        // The nonce comes from the key, the message and fresh randomness together
        // (RFC 6979 section 3.6): a weak random source cannot betray the key, and
        // a fault cannot be repeated on the same nonce.
        let signature: Signature = self
            .0
            .try_sign_with_rng(&mut SysRng, message)
            .map_err(|_| Error::General("the SM2 key could not sign".to_owned()))?;
        Ok(signature.to_der().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SM2SIG_SM3
    }
}

/// Loads SM2 keys, and leaves every other kind to another provider.
#[derive(Debug)]
pub(crate) struct KeyLoader {
    pub(crate) others: Option<&'static dyn KeyProvider>,
}

impl KeyProvider for KeyLoader {
    fn load_private_key(
        &self,
        key_der: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, Error> {
        match (load_sm2_key(&key_der), self.others) {
            (Ok(key), _) => Ok(key),
            (Err(KeyError::NotSm2), Some(others)) => others.load_private_key(key_der),
            (Err(error), _) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests;
