//! Records protected by AEAD_SM4_GCM and AEAD_SM4_CCM (RFC 8998 section 3.5), as
//! TLS 1.3 has it (RFC 8446 section 5.2): the nonce is the IV and the sequence
//! number, the associated data the record's header.

use std::marker::PhantomData;

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce as AeadNonce, Tag};
use ccm::Ccm;
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter,
    Nonce, OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, Tls13AeadAlgorithm,
    UnsupportedOperationError, make_tls13_aad,
};
use rustls::{ConnectionTrafficSecrets, ContentType, Error, ProtocolVersion};
use sm4::Sm4;

/// AEAD_SM4_GCM: key and tag of 16 octets, nonce of 12. The implementation is
/// generic over ciphers with blocks of 128 bits, for which GCM is defined
/// (NIST SP 800-38D section 5.1).
pub(crate) type Sm4Gcm = AesGcm<Sm4, U12>;

/// AEAD_SM4_CCM: key and tag of 16 octets, nonce of 12.
pub(crate) type Sm4Ccm = Ccm<Sm4, U16, U12>;

const KEY_OCTETS: usize = 16;
const TAG_OCTETS: usize = 16;

/// The octet that says what a record holds (RFC 8446 section 5.2).
const TYPE_OCTETS: usize = 1;

/// What the two AEADs have in common.
pub(crate) trait Sm4Aead:
    AeadInOut<NonceSize = U12, TagSize = U16> + KeyInit + Send + Sync + 'static
{
}

impl Sm4Aead for Sm4Gcm {}
impl Sm4Aead for Sm4Ccm {}

/// One of the AEADs as rustls asks for it.
pub(crate) struct RecordProtection<A>(PhantomData<fn() -> A>);

impl<A> RecordProtection<A> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<A: Sm4Aead> Tls13AeadAlgorithm for RecordProtection<A> {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Protected::<A>::new(&key, iv))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(Protected::<A>::new(&key, iv))
    }

    fn key_len(&self) -> usize {
        KEY_OCTETS
    }

    fn extract_keys(
        &self,
        _key: AeadKey,
        _iv: Iv,
    ) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        // rustls 0.23 has no variant for SM4: no kernel takes the records over.
        Err(UnsupportedOperationError)
    }
}

/// One direction of a connection. The expanded key is wiped when dropped.
struct Protected<A> {
    aead: A,
    iv: Iv,
}

impl<A: Sm4Aead> Protected<A> {
    fn new(key: &AeadKey, iv: Iv) -> Self {
        // rustls hands over keys of `key_len` octets.
        let aead = A::new_from_slice(key.as_ref()).expect("a key of the length asked for");
        Self { aead, iv }
    }

    fn nonce(&self, seq: u64) -> AeadNonce<A> {
        Nonce::new(&self.iv, seq).0.into()
    }
}

impl<A: Sm4Aead> MessageEncrypter for Protected<A> {
    fn encrypt(
        &mut self,
        msg: OutboundPlainMessage<'_>,
        seq: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let total = self.encrypted_payload_len(msg.payload.len());
        let mut payload = PrefixedPayload::with_capacity(total);
        payload.extend_from_chunks(&msg.payload);
        payload.extend_from_slice(&msg.typ.to_array());
        let tag = self
            .aead
            .encrypt_inout_detached(
                &self.nonce(seq),
                &make_tls13_aad(total),
                payload.as_mut().into(),
            )
            .map_err(|_| Error::EncryptError)?;
        payload.extend_from_slice(&tag);
        // RFC 8446 section 5.2: opaque_type and legacy_record_version never change.
        Ok(OutboundOpaqueMessage::new(
            ContentType::ApplicationData,
            ProtocolVersion::TLSv1_2,
            payload,
        ))
    }

    fn encrypted_payload_len(&self, payload_len: usize) -> usize {
        payload_len + TYPE_OCTETS + TAG_OCTETS
    }
}

impl<A: Sm4Aead> MessageDecrypter for Protected<A> {
    fn decrypt<'a>(
        &mut self,
        mut msg: InboundOpaqueMessage<'a>,
        seq: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let payload = &mut msg.payload;
        let aad = make_tls13_aad(payload.len());
        let (sealed, tag) =
            payload.split_last_chunk_mut::<TAG_OCTETS>().ok_or(Error::DecryptError)?;
        let (length, tag) = (sealed.len(), Tag::<A>::from(*tag));
        self.aead
            .decrypt_inout_detached(&self.nonce(seq), &aad, sealed.into(), &tag)
            .map_err(|_| Error::DecryptError)?;
        payload.truncate(length);
        // Takes the padding off, and holds the record to its longest (section 5.4).
        msg.into_tls13_unpadded_message()
    }
}

#[cfg(test)]
mod tests;
