//! What seals, by the record's profile: AES-256-GCM by ring, SM4-GCM by RustCrypto.
//!
//! A person's key has 32 random bytes; SM4's key is the first 16 of them. Both take a
//! nonce of 12 bytes and make a tag of 16.

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::{AesGcm, KeyInit};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sm4::Sm4;

use super::SealError;
use super::key_file::Key;
use crate::profile::RecordProfile;

pub(super) const NONCE: usize = 12;
pub(super) const TAG: usize = 16;

/// The construction is not tied to AES (NIST SP 800-38D asks for a block of 128 bits),
/// and neither is the library's.
type Sm4Gcm = AesGcm<Sm4, U12>;

/// SM4's key.
const SM4_KEY: usize = 16;

/// A key, ready to seal and open.
pub(super) enum Cipher {
    Aes256Gcm(Box<LessSafeKey>),
    Sm4Gcm(Box<Sm4Gcm>),
}

impl Cipher {
    pub(super) fn new(profile: RecordProfile, key: &Key) -> Result<Self, SealError> {
        Ok(match profile {
            RecordProfile::Standard => {
                let key = UnboundKey::new(&AES_256_GCM, &**key)?;
                Self::Aes256Gcm(Box::new(LessSafeKey::new(key)))
            }
            RecordProfile::Gm => {
                let cipher = Sm4Gcm::new_from_slice(&key[..SM4_KEY]);
                Self::Sm4Gcm(Box::new(cipher.map_err(|_| SealError::Crypto)?))
            }
        })
    }

    /// Encrypts `data` where it lies; returns the tag.
    pub(super) fn seal(
        &self,
        nonce: [u8; NONCE],
        associated: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG], SealError> {
        let mut tag = [0; TAG];
        match self {
            Self::Aes256Gcm(key) => {
                let nonce = Nonce::assume_unique_for_key(nonce);
                let made = key.seal_in_place_separate_tag(nonce, Aad::from(associated), data)?;
                tag.copy_from_slice(made.as_ref());
            }
            Self::Sm4Gcm(cipher) => {
                let made = cipher.encrypt_inout_detached(&nonce.into(), associated, data.into());
                tag.copy_from_slice(&made.map_err(|_| SealError::Crypto)?);
            }
        }
        Ok(tag)
    }

    /// Decrypts `data` where it lies. What it holds after an error is for nobody.
    pub(super) fn open(
        &self,
        nonce: [u8; NONCE],
        associated: &[u8],
        data: &mut [u8],
        tag: [u8; TAG],
    ) -> Result<(), SealError> {
        match self {
            Self::Aes256Gcm(key) => {
                let nonce = Nonce::assume_unique_for_key(nonce);
                let opened = key.open_in_place_separate_tag(
                    nonce,
                    Aad::from(associated),
                    tag.into(),
                    data,
                    0..,
                );
                opened.map(drop).map_err(|_| SealError::Altered)
            }
            Self::Sm4Gcm(cipher) => cipher
                .decrypt_inout_detached(&nonce.into(), associated, data.into(), &tag.into())
                .map_err(|_| SealError::Altered),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8998 appendix A.1.
    #[test]
    fn sm4_gcm_is_that_of_rfc_8998() {
        let mut key = Key::default();
        key[..SM4_KEY].copy_from_slice(&hex("0123456789abcdeffedcba9876543210"));
        let nonce: [u8; NONCE] = hex("00001234567800000000abcd").try_into().unwrap();
        let associated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let text = hex("aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd\
             eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa");
        let cipher = Cipher::new(RecordProfile::Gm, &key).unwrap();
        let mut data = text.clone();
        let tag = cipher.seal(nonce, &associated, &mut data).unwrap();
        assert_eq!(
            data,
            hex("17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735\
                 d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d")
        );
        assert_eq!(tag.to_vec(), hex("83de3541e4c2b58177e065a9bf7b62ec"));
        cipher.open(nonce, &associated, &mut data, tag).unwrap();
        assert_eq!(data, text);
        let other = Cipher::new(RecordProfile::Standard, &key).unwrap();
        assert!(other.open(nonce, &associated, &mut data, tag).is_err());
    }

    fn hex(text: &str) -> Vec<u8> {
        let pairs = text.as_bytes().chunks(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }
}
